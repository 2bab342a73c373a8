"""Withdrawn steps 撤销步骤: the last step of a case, entered by mistake, is taken back in the open, and the case stands as before it.

A case that should not be there is withdrawn as a whole (:mod:`domain.kernel.mending`); here the case is right and one entry in
it is not: keys handed over in the wrong home, an inspection of another. What the step brought about in its own case goes
with it, and what the clock has written stays: a written breach is no step. Steps are taken back one by one, the last one
first, so that nothing is left that rested on what is gone. Imported histories are other books and have no steps here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.declare import SAME, Step, step
from domain.kernel.names import doers_of
from domain.kernel.people import Actor, Role
from domain.kernel.rules import blank, broken, forbid, second_person, told_origin
from domain.kernel.standing import WithdrawnStep

__all__ = ["StepWithdrawn", "WithdrawStep", "gone", "last_step", "note_withdrawn", "steps_of", "undone_by"]

_CLAUSE: Final = "1"
GivenBy = Mapping[type[Event], frozenset[type[Command]]]
"""Event → the commands of its table that bring it about."""
_NONE: Final[frozenset[type[Command]]] = frozenset()
_BESIDE: Final = frozenset(
    {
        *("LateEntryConfirmed", "LateEntryRejected", "PaperFiled", "StepWithdrawn"),
        *("EntryCorrected", "PersonalEntryCorrected", "DuplicateMerged"),
    }
)
"""What is said about a case beside its steps, by name: the mechanisms that say it rest on this one."""
_ABOVE: Final = (Role.DEPARTMENT_HEAD, Role.MANAGER, Role.COMPANY)


@event()
class StepWithdrawn(Event):
    """步骤已撤销 · A step was withdrawn as mistaken.

    ``taken_back`` are the places in the case of the step and of what it brought about there, ``withdrawn`` is what it was,
    ``speaks_of`` the instant of which it spoke: from then on it counts in no figure. ``origin`` is the case whose step
    was withdrawn, where this one followed from it.
    """

    taken_back: tuple[int, ...]
    withdrawn: str
    written_by: str
    speaks_of: datetime
    reason: str
    origin: str | None = None


@command
class WithdrawStep(Command):
    """撤销上一步 · Withdraw the last step.

    ``entry`` is its place in the case: who has seen another last step withdraws nothing.
    """

    reason: str
    entry: int | None = None
    origin: str | None = None

    @staticmethod
    def ready(case: Case, who: Actor) -> Refusal | None:
        """By a second person above; the opening of a case is no step, nor is what the program did or has gone on from."""
        return _not_withdrawn_by(case, who)

    def decide(self, case: Case, at: Moment) -> Iterator[Event]:
        """What was entered by mistake is said to be so, with the reason; the case stands as it stood before."""
        forbid(told_origin(at.who, _CLAUSE, origin=self.origin))
        forbid(blank(self.reason, "reason", _CLAUSE, "请说明理由", "say why"))
        last = last_step(case)
        if last is None or self.entry not in (None, last.version):
            raise _followed(case, self.entry or 0)
        yield StepWithdrawn(
            taken_back=case.undoes,
            withdrawn=last.name,
            written_by=last.user_id,
            speaks_of=last.occurred_at,
            reason=self.reason,
            origin=self.origin,
        )


def _followed(case: Case, entry: int) -> Refusal:
    """Why a step in the middle is not taken back yet: what has to be withdrawn before it, the last first."""
    out = gone(case.earlier)
    later = [
        fact
        for fact in reversed(case.earlier)
        if fact.version > entry and fact.version not in out and fact.role is not Role.CLOCK and fact.name not in _BESIDE
    ]
    zh = "、".join(f"第{fact.version}号「{fact.event.ZH}」" for fact in later)
    en = ", ".join(f"no. {fact.version} “{fact.event.EN}”" for fact in later)
    return broken(
        "step-followed",
        _CLAUSE,
        f"其后已有别的记录，请依次先撤销：{zh}" if later else "其后已有别的记录，请先撤销后来的",
        f"something followed it: withdraw first, in this order: {en}" if later else "something followed it",
        "entry",
    )


def steps_of(of: type[Case], states: Sequence[str], clause: str) -> tuple[Step, ...]:
    """The row that a table has besides its own."""
    if not of.CORRECTS:
        return ()
    return (step(WithdrawStep, StepWithdrawn, states, SAME, (*_ABOVE, Role.POLICY), clause),)


def last_step(case: Case | None) -> Fact | None:
    """The fact of the last step, if it can be taken back."""
    if case is None or not case.undoes:
        return None
    return next(fact for fact in case.earlier if fact.version == case.undoes[0])


def undone_by(case: Case, fact: Fact, gives: GivenBy, *, opens: bool, keeps_state: bool) -> tuple[int, ...]:
    """The places that go together when the last step is taken back, as a further fact leaves them.

    A step is what one command of a person said, or a policy in another case's name, with what policies added in the same
    writing. What the clock wrote without moving the case stays where it is; anything else has gone on from the step.
    """
    if opens or fact.imported or fact.event.destroys():
        return ()
    if fact.role is Role.CLOCK:
        return case.undoes if keeps_state else ()
    before = case.earlier[-1] if case.earlier else None
    if before is not None and before.occurred_at == fact.occurred_at and before.recorded_at == fact.recorded_at:
        added = fact.role is Role.POLICY and bool(case.undoes)
        if added or _of_one_command(before, fact, gives):
            return (*case.undoes, fact.version) if case.undoes else ()
    return (fact.version,)


def _of_one_command(before: Fact, fact: Fact, gives: GivenBy) -> bool:
    one, other = type(before.event), type(fact.event)
    same = (before.user_id, before.role) == (fact.user_id, fact.role)
    return same and one is not other and not gives.get(one, _NONE).isdisjoint(gives.get(other, _NONE))


def gone(facts: Iterable[Fact]) -> frozenset[int]:
    """The places in a case that were taken back."""
    return frozenset(each for fact in facts if isinstance(fact.event, StepWithdrawn) for each in fact.event.taken_back)


def note_withdrawn(case: Case, fact: Fact) -> None:
    """Remember in its case that a step was taken back."""
    said = fact.event
    assert isinstance(said, StepWithdrawn)
    taken_back = WithdrawnStep(
        version=fact.version,
        step=said.withdrawn,
        written_by=said.written_by,
        speaks_of=said.speaks_of,
        reason=said.reason,
        by=fact.user_id,
        role=fact.role,
        at=fact.occurred_at,
        other=said.origin,
    )
    case.steps_withdrawn = (*case.steps_withdrawn, taken_back)


def _not_withdrawn_by(case: Case, who: Actor) -> Refusal | None:
    last = last_step(case)
    if last is None:
        return broken(
            "no-step",
            _CLAUSE,
            "没有可撤销的步骤：立案请按误登撤销，由程序或他事项引起的请撤销其来源",
            "there is no step to withdraw: a whole case is withdrawn as mistaken, what the program did with what it came from",
        )
    if who.role is Role.POLICY:
        return None
    if not last.role.is_person:
        zh, en = (
            "上一步由其他事项引起，请撤销其来源",
            "the last step followed from another case: withdraw what it came from",
        )
        return broken("follows-from-another", _CLAUSE, zh, en)
    return second_person(who, {last.user_id, *doers_of(last.event)}, _CLAUSE) or case.why_the_step_stands(last.event)
