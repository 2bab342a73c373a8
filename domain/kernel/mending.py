"""Mistakes 差错 of every kind of case, and how they are mended in the open: by facts that say so, never by false ones.

A case may be *withdrawn as mistaken* 误登撤销 by a second person, be marked *duplicate of* another 重复并件, and what
somebody wrote down wrongly is *corrected* 更正: the old and the new value, the reason and the person are a fact. A kind
of case has all of it by naming, in one line, which of its fields may be corrected (:attr:`~domain.kernel.fact.Case.CORRECTS`).
What is withdrawn or a duplicate leaves every figure and stands beside it; what followed from it ends with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from domain.kernel.corrections import SECOND, not_corrected_by, personal_fields, read, said
from domain.kernel.errors import NotPermitted, Refusal
from domain.kernel.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.kernel.late_entries import effective_from as of_late_entries
from domain.kernel.lifecycle.declare import SAME, Step, step
from domain.kernel.people import HANDBOOK_ROLES, Actor, Role
from domain.kernel.rules import blank, broken, forbid, second_person, told_origin
from domain.kernel.whose import HOUSEHOLD, set_right
from domain.kernel.withdrawn_steps import StepWithdrawn, WithdrawStep

__all__ = [
    "DUPLICATE",
    "GENERIC",
    "MENDING",
    "MISTAKEN",
    "SET_ASIDE",
    "TAKEN_OUT",
    "CorrectEntry",
    "DuplicateMerged",
    "EntryCorrected",
    "MarkDuplicate",
    "MarkedDuplicate",
    "MergeDuplicate",
    "PersonalEntryCorrected",
    "WithdrawAsMistaken",
    "WithdrawnAsMistaken",
    "effective_from",
    "states_of",
    "steps_of",
]

_CLAUSE: Final = "1"
_ABOVE: Final = (Role.DEPARTMENT_HEAD, Role.MANAGER, Role.COMPANY)
"""Who takes a case out of the figures, as the second person."""
MISTAKEN, DUPLICATE = "mistaken", "duplicate"
SET_ASIDE: Final[Mapping[str, tuple[str, str]]] = {
    MISTAKEN: ("误登已撤", "withdrawn as mistaken"),
    DUPLICATE: ("重复已并", "merged as a duplicate"),
}
"""The states in which a case is out of the figures, and beside them."""


@event()
class WithdrawnAsMistaken(Event):
    """误登已撤销 · Withdrawn as mistaken.

    It should not have been entered: ``speaks_of`` is when the case began, and from then on it counts in no figure.
    ``origin`` is the case that it came from, where that was withdrawn.
    """

    reason: str
    speaks_of: datetime
    origin: str | None = None


@event()
class MarkedDuplicate(Event):
    """已并入原件 · Marked as a duplicate.

    The same matter stands in the case that is named, which goes on with it.
    """

    original: str
    reason: str
    speaks_of: datetime


@event()
class DuplicateMerged(Event):
    """重复件已并入 · A duplicate was merged.

    Whoever came with it is kept: the case that is named says who that is.
    """

    duplicate: str
    household: str | None = None
    home: str | None = None


@event()
class EntryCorrected(Event):
    """登记已更正 · An entry was corrected.

    ``entry`` is the place in the case of the fact that said it, ``written_by`` who had entered that.
    """

    field: str
    before: str | None
    after: str | None
    reason: str
    entry: int | None = None
    written_by: str | None = None


@event()
class PersonalEntryCorrected(Event):
    """个人信息登记已更正 · An entry of personal data was corrected.

    Both values stay sealed: ``before`` is the sealed value as it stands in the fact that said it. ``person`` is whose name
    the new one is, where it is one of the office's people.
    """

    field: str
    before: str | None
    after: Personal | None
    reason: str
    entry: int | None = None
    written_by: str | None = None
    person: str | None = None


@command
class WithdrawAsMistaken(Command):
    """误登撤销 · Withdraw as mistaken."""

    reason: str
    origin: str | None = None

    @staticmethod
    def ready(case: Case, who: Actor) -> Refusal | None:
        """By a second person above, who has done nothing about it; and nothing that has come true is made undone."""
        return _not_withdrawn_by(case, who)

    def decide(self, case: Case, at: Moment) -> Iterator[Event]:
        """What should never have been entered is said to be so, with the reason; it counts in no figure.

        Not while matters that people asked for or owe are written down under it: nobody could go on with them.
        """
        forbid(told_origin(at.who, _CLAUSE, origin=self.origin))
        forbid(blank(self.reason, "reason", _CLAUSE, "请说明理由", "say why"))
        if at.related and at.role is not Role.POLICY:
            named = "、".join(each.id for each in at.related.values())
            zh = f"尚有事项记在其名下，请先更正所属住户或撤销：{named}"
            en = f"matters are written down under it: correct whose they are first, or withdraw them: {named}"
            raise broken("matters-stand", _CLAUSE, zh, en)
        yield self.to_event(WithdrawnAsMistaken, speaks_of=_began(case))


@command
class MarkDuplicate(Command):
    """并入原件 · Mark as a duplicate."""

    original: str
    reason: str

    @staticmethod
    def ready(case: Case, who: Actor) -> Refusal | None:
        """As strictly as a withdrawal: it leaves the figures."""
        return _not_withdrawn_by(case, who)

    def related(self) -> dict[str, str]:
        """The case that goes on with the matter."""
        return {"original": self.original}

    def decide(self, case: Case, at: Moment) -> Iterator[Event]:
        """The later of the two is the duplicate: nobody gets rid of a missed promise by entering the matter again."""
        other: Case = at.related["original"]
        forbid(blank(self.reason, "reason", _CLAUSE, "请说明理由", "say why"))
        if type(other) is not type(case) or other.id == case.id:
            raise broken("not-an-original", _CLAUSE, "原件须为同类的另一件", "another of the same kind", "original")
        if other.set_aside is not None:
            raise broken(
                "original-set-aside",
                _CLAUSE,
                "原件已撤销或已并入他件",
                "that one is out of the book itself",
                "original",
            )
        if other.state in type(other).FINISHED:
            zh, en = (
                "原件已办结，不再有人办理：请单独办理本件，或先重开原件",
                "that one is finished: nobody goes on with it",
            )
            raise broken("original-finished", _CLAUSE, zh, en, "original")
        if _began(other) > _began(case):
            raise broken(
                "duplicate-is-earlier",
                _CLAUSE,
                "后登记者并入先登记者",
                "the later is merged into the earlier",
                "original",
            )
        yield self.to_event(MarkedDuplicate, speaks_of=_began(case))


@command
class MergeDuplicate(Command):
    """并入重复件 · Take over a duplicate."""

    duplicate: str
    household: str | None = None
    home: str | None = None


@command
class CorrectEntry(Command):
    """更正登记 · Correct an entry.

    ``person``: whose name the value is, where it is one of the office's people; the program fills it in.
    """

    field: str
    value: Personal | None
    reason: str
    person: str | None = None

    @staticmethod
    def ready(case: Case, who: Actor) -> Refusal | None:
        """Whoever wrote something of it, or a second person who may stand in for him."""
        if who.role in (*SECOND, Role.POLICY) or any(entry.by == who.user_id for entry in case.written.values()):
            return None
        names = "、".join(role.zh for role in SECOND)
        return NotPermitted(
            "role",
            _CLAUSE,
            zh=f"更正由登记人或{names}办理",
            en=f"who wrote it corrects it, or: {', '.join(SECOND)}",
        )

    def related(self) -> dict[str, str]:
        """The household whose it is, where that is what was written down wrongly."""
        return {HOUSEHOLD: self.value} if self.field == HOUSEHOLD and self.value and self.value.strip() else {}

    def decide(self, case: Case, at: Moment) -> Iterator[Event]:
        """Who wrote it corrects it alone within the setting's time; afterwards somebody else does.

        The program sets right what came from a corrected case, and seals its personal values anew for whose it is.
        """
        forbid(blank(self.reason, "reason", _CLAUSE, "请说明理由", "say why"))
        if self.field not in case.CORRECTS:
            named = "、".join(case.CORRECTS)
            raise broken("not-correctable", _CLAUSE, f"可更正的有：{named}", f"these may be: {named}", "field")
        entry, by_program = case.written.get(self.field), at.role is Role.POLICY
        if not by_program:
            forbid(not_corrected_by(entry, at))
        personal = self.field in personal_fields(type(case))
        if by_program and personal and self.value is None:
            return  # it was erased: there is nothing to seal anew
        before, value = getattr(case, self.field), read(type(case), self.field, self.value)
        if not personal and value == (None if before == "" else before):
            if by_program:
                return
            raise broken("nothing-to-correct", _CLAUSE, "与原登记相同", "it says so already", "value")
        forbid(case.why_not_corrected(self.field, self.person))
        if self.field == HOUSEHOLD:
            for field, was, now in set_right(case, value, at.related.get(HOUSEHOLD)):
                yield EntryCorrected(**self._told(case, field, was, now))
            return
        told = self._told(case, self.field, said(before), said(value))
        yield PersonalEntryCorrected(**told, person=self.person) if personal else EntryCorrected(**told)

    def _told(self, case: Case, field: str, before: str | None, after: str | None) -> dict[str, Any]:
        entry = case.written.get(field)
        return {
            "field": field,
            "before": before,
            "after": after,
            "reason": self.reason,
            "entry": entry.version if entry is not None else None,
            "written_by": entry.by if entry is not None else None,
        }


GENERIC: Final[frozenset[type[Command]]] = frozenset(
    {WithdrawAsMistaken, WithdrawStep, MarkDuplicate, MergeDuplicate, CorrectEntry}
)
"""Commands that belong to every kind of case that names its correctable fields: the case's id says which it is."""

MENDING: Final[frozenset[type[Event]]] = frozenset(
    {WithdrawnAsMistaken, MarkedDuplicate, DuplicateMerged, EntryCorrected, PersonalEntryCorrected}
)


def states_of(of: type[Case]) -> dict[str, tuple[str, str]]:
    """The states that a kind has besides its own."""
    names = [MISTAKEN, DUPLICATE] if of.DUPLICATES else [MISTAKEN] if of.CORRECTS else []
    return {name: SET_ASIDE[name] for name in names}


def steps_of(of: type[Case], states: Sequence[str], clause: str) -> tuple[Step, ...]:
    """The rows that a table has besides its own."""
    if not of.CORRECTS:
        return ()
    own = tuple(state for state in states if state not in SET_ASIDE)
    by = (*_ABOVE, Role.POLICY)
    correct = (*HANDBOOK_ROLES, Role.POLICY) if HOUSEHOLD in of.CORRECTS else HANDBOOK_ROLES
    made = [
        step(CorrectEntry, EntryCorrected, own, SAME, correct, clause),
        *(
            [step(CorrectEntry, PersonalEntryCorrected, own, SAME, correct, clause)]
            if personal_fields(of) & set(of.CORRECTS)
            else []
        ),
        step(WithdrawAsMistaken, WithdrawnAsMistaken, own, MISTAKEN, by, clause),
    ]
    if of.DUPLICATES:
        made.append(step(MarkDuplicate, MarkedDuplicate, own, DUPLICATE, _ABOVE, clause))
        made.append(step(MergeDuplicate, DuplicateMerged, own, SAME, [Role.POLICY], clause))
    return tuple(made)


# -- from when on ------------------------------------------------------------------------------------------------------


def effective_from(fact: Fact) -> datetime:
    """From when on a fact changes what is known: what was withdrawn or is a duplicate never counted."""
    said = fact.event
    if type(said) in TAKEN_OUT:
        return said.speaks_of  # type: ignore[attr-defined, no-any-return]
    return of_late_entries(fact)


TAKEN_OUT: Final = (WithdrawnAsMistaken, MarkedDuplicate, StepWithdrawn)
"""What takes a case, or a step of it, out of the book from its beginning."""


# -- the rules ---------------------------------------------------------------------------------------------------------


def _not_withdrawn_by(case: Case, who: Actor) -> Refusal | None:
    if who.role is Role.POLICY:
        return None
    if case.opened_by is None:
        return broken(
            "follows-from-another",
            _CLAUSE,
            "本件由程序依其他事项立项，请撤销其来源，或按本件流程办理",
            "it was opened by the program: withdraw what it came from, or go by its own table",
        )
    return second_person(who, case.acted, _CLAUSE) or case.why_it_stands()


def _began(case: Case) -> datetime:
    assert case.opened_at is not None, "a case that is there has been opened"
    return case.opened_at
