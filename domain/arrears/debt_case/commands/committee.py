"""The owners' committee 业主委员会 (§8.A(2)): where the office's setting asks for it, it is told or asked before the last measures.

It has no veto: the debt is the company's to pursue (民法典944). But who is to be suspended or sued was named to it beforehand,
with a document, and what it answered is on the file. It cannot keep a claim waiting until it lapses.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from domain.arrears.debt_case.case import CONCESSION, SETTLED, SUSPENSION_DUE, DebtCase
from domain.arrears.debt_case.commands.dunning import next_step
from domain.arrears.debt_case.events import CommitteeAnswered, CommitteeConsulted, CommitteeSilent
from domain.arrears.terms import CommitteeAnswer, LastMeasure
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.people import Actor
from domain.kernel.rules import blank, broken, day_ahead, forbid, missing

_CLAUSE: Final = "8.A(2)"
_ASKED: Final = "asked"


@command
class ConsultCommittee(Command):
    """告知、征询业主委员会 · Tell or ask the owners' committee."""

    measures: tuple[LastMeasure, ...]
    document: str
    on: date | None = None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """It counts once for each measure of an ascent: asking again and again would put it off for ever.

        What it is asked has days to be answered in (``arrears.committee_answer_days``); the manager's own days are counted
        from their end, so that waiting makes nothing late. Nor does it count before the second stage, in which it first
        comes into question. A letter that went out is on the file in any case.
        """
        if not self.measures:
            raise missing("measures", _CLAUSE, "请选择拟采取的措施", "say which measures are meant")
        forbid(blank(self.document, "document", _CLAUSE, "请注明告知、征询文书", "name the letter"))
        on = self.on or at.today
        forbid(day_ahead(on, _CLAUSE, at, "on"))
        in_question = debt.stage2_at is not None and debt.state != SETTLED and at.day_of(debt.stage2_at) <= on
        told = [each for each in self.measures if in_question and each not in debt.committee]
        beside = tuple(each for each in self.measures if each not in told)
        if beside:
            yield self.to_event(CommitteeConsulted, measures=beside, on=on, counts=False)
        if not told:
            return
        answer_by, act_until, next_by = None, None, next_step(at) if debt.state != CONCESSION else None
        if at.numbers.choice("arrears.committee") == _ASKED:
            answer_by = _answer_by(on, at)
            then = answer_by + timedelta(days=at.numbers.integer("arrears.act_within_days"))
            next_by = max(next_by, then) if next_by is not None else None
            if debt.state == SUSPENSION_DUE and debt.act_until is not None:
                act_until = max(debt.act_until, then)
        yield self.to_event(
            CommitteeConsulted, measures=tuple(told), on=on, answer_by=answer_by, act_until=act_until, next_by=next_by
        )


@command
class RecordCommitteeAnswer(Command):
    """登记业主委员会答复 · Record what the owners' committee answered."""

    answer: CommitteeAnswer
    on: date
    document: str
    measures: tuple[LastMeasure, ...] = ()

    @staticmethod
    def ready(debt: DebtCase, _who: Actor) -> Refusal | None:
        """It was told or asked of something."""
        return None if debt.committee else _not_asked()

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """On its own day, with its document; also when it comes late, or is another than before.

        Of these ``measures``, or of all that are not answered, or, where all are, of all of them.
        """
        measures = self.measures or debt.unanswered or tuple(debt.committee)
        if not set(measures) <= debt.committee.keys():
            raise _not_asked("measures")
        forbid(blank(self.document, "document", _CLAUSE, "请注明答复文书", "name the letter"))
        forbid(day_ahead(self.on, _CLAUSE, at, "on"))
        if any(self.on < debt.committee[each].on for each in measures):
            raise broken("before-it-was-asked", _CLAUSE, "答复不早于征询", "not before it was asked", "on")
        yield self.to_event(CommitteeAnswered, measures=tuple(measures))


def _not_asked(field: str | None = None) -> RuleBroken:
    zh, en = "尚未就此告知、征询", "it was not told or asked of this"
    return broken("committee-not-asked", _CLAUSE, zh, en, field)


@command
class NoteCommitteeSilence(Command):
    """业主委员会未答复 · Note that the owners' committee did not answer in its days."""

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """What it was asked no longer waits; an answer that comes later is recorded all the same."""
        for day in sorted({each.answer_by for each in debt.committee.values() if each.waits and each.answer_by}):
            if day < at.today:
                yield CommitteeSilent(answer_by=day)


def committee_first(debt: DebtCase, measure: LastMeasure, despite: str | None, at: Moment) -> Refusal | None:
    """Why a measure waits for the owners' committee, if the setting of the day asks for it.

    A claim that would lapse before an answer is sued for at once. What the committee objects to is done only with the
    manager's reason.
    """
    step = at.numbers.choice("arrears.committee")
    lapses_on = debt.lapses_on
    pressing = lapses_on is not None and lapses_on <= _answer_by(at.today, at)
    if step == "none" or (measure is LastMeasure.LEGAL_ACTION and pressing):
        return None
    asked = debt.committee.get(measure)
    if asked is None:
        return broken("committee-first", _CLAUSE, "须先告知业主委员会", "the owners' committee is told first")
    until = asked.answer_by or _answer_by(asked.on, at)
    if step == _ASKED and asked.answer is None and at.today <= until:
        zh, en = f"等候业主委员会答复，至{until}", f"the owners' committee may answer until {until}"
        return broken("committee-waits", _CLAUSE, zh, en)
    if asked.answer is CommitteeAnswer.OBJECTS:
        zh, en = "业主委员会有异议，须说明仍采取措施的理由", "the committee objects: say why it is done all the same"
        return blank(despite, "despite", _CLAUSE, zh, en)
    return None


def _answer_by(on: date, at: Moment) -> date:
    return on + timedelta(days=at.numbers.integer("arrears.committee_answer_days"))
