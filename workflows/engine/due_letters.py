"""Due letters 应发催款通知 (§8.A): every dunning notice of the office that is due, composed and issued in one act.

Household by household, each in its own transaction: what was interrupted is gone on with by asking again, since a letter
that went out is not due any more. Nobody is passed over in silence: who has no letter stands in the list with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from domain.arrears.debt_case.commands.dunning import BeginSecondStage, IssueDunningNotice
from domain.arrears.debt_case.lifecycle import LIFECYCLE
from domain.arrears.shared_events import Notice
from domain.kernel.errors import Refusal
from domain.kernel.fact import Event
from domain.kernel.periods import Month
from domain.kernel.rules import broken
from journal.book import Book
from journal.connections import Connect
from journal.office_transaction import office_transaction
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest

__all__ = ["DueLetter", "LetterGiven", "due_letters", "how_many_due", "issued", "previewed"]

_OWED: Final = """
  from wuye.r_dunning_notices n
 where n.office = %(office)s and n.to_number is null and n.set_aside is null and n.issued_on is null
   and n.state <> 'settled' and n.due_on <= %(until)s and n.case_id > %(after)s
   and (%(stage)s::integer is null or n.stage = %(stage)s)
   and (%(building)s::text is null or exists (
     select from wuye.r_households h where h.office = n.office and h.case_id = n.household and h.to_number is null
        and h.building = %(building)s))
"""
_DUE: Final = (
    f"select n.case_id, n.household, n.ladder, n.stage, n.due_on, n.state {_OWED} order by n.case_id limit %(limit)s"
)
_HOW_MANY: Final = f"select count(*) {_OWED}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLetter:
    """A letter that is owed to a household: until when, and the ascent of the ladder and the stage that it is of."""

    case_id: str
    household: str | None
    ladder: int
    stage: int
    due_on: date
    state: str


@dataclass(frozen=True, slots=True)
class LetterGiven:
    """What became of a letter that was due: what it says, or why it did not go out."""

    letter: DueLetter
    notice: Notice | None
    refusal: Refusal | None = None


def due_letters(
    connect: Connect,
    office: str,
    today: date,
    *,
    stage: int | None = None,
    building: str | None = None,
    after: str = "",
    limit: int = 500,
) -> list[DueLetter]:
    """The letters that are due by the end of this month, in the order of their cases: one of a case, the first it lacks."""
    asked = {"office": office, "until": Month.of(today).last, "after": after, "stage": stage, "building": building}
    with office_transaction(connect, office) as connection:
        rows = connection.execute(_DUE, {**asked, "limit": limit}).fetchall()
    return [
        DueLetter(case_id=row[0], household=row[1], ladder=row[2], stage=row[3], due_on=row[4], state=row[5])
        for row in rows
    ]


def how_many_due(connect: Connect, office: str, today: date, *, stage: int | None = None, after: str = "") -> int:
    """How many letters :func:`due_letters` would give without a limit."""
    asked = {"office": office, "until": Month.of(today).last, "after": after, "stage": stage, "building": None}
    with office_transaction(connect, office) as connection:
        row = connection.execute(_HOW_MANY, asked).fetchone()
    return int(row[0]) if row is not None else 0


def issued(handler: CommandHandler, order: CommandRequest, letters: list[DueLetter]) -> Iterator[LetterGiven]:
    """Issue these letters one after the other; the order's command says by which means and to whom.

    Raises :class:`~workflows.engine.handler.Busy` when others kept changing a case; what went out before stays.
    """
    for letter in letters:
        key = f"{order.key}:{letter.case_id}:{letter.ladder}-{letter.stage}" if order.key is not None else None
        request = replace(_of(order, letter), key=key)
        try:
            handler.handle(request)
            notice: Notice | None = _said(handler, request, letter)
            yield LetterGiven(letter, notice)
        except Refusal as refusal:
            yield LetterGiven(letter, None, _why(handler, request, letter, refusal))


def previewed(
    handler: CommandHandler, connect: Connect, order: CommandRequest, letters: list[DueLetter]
) -> Iterator[LetterGiven]:
    """What each of them would say if it went out now; nothing is written."""
    for letter in letters:
        request = _of(order, letter)
        try:
            with connect() as connection:
                facts = handler.draft(Book(connection, order.office)).give(request)[1]
            yield LetterGiven(letter, _notice([fact.event for fact in facts]))
        except Refusal as refusal:
            yield LetterGiven(letter, None, _why(handler, request, letter, refusal))


def _of(order: CommandRequest, letter: DueLetter) -> CommandRequest:
    assert isinstance(order.command, IssueDunningNotice)
    return replace(order, case_id=letter.case_id, command=replace(order.command, stage=letter.stage))


def _notice(events: list[Event]) -> Notice | None:
    return next((each for each in reversed(events) if isinstance(each, Notice)), None)


def _said(handler: CommandHandler, request: CommandRequest, letter: DueLetter) -> Notice | None:
    _, facts = handler.history(request.office, letter.case_id)
    return _notice([fact.event for fact in facts])


def _why(handler: CommandHandler, request: CommandRequest, letter: DueLetter, refusal: Refusal) -> Refusal:
    """Of a second letter before the second stage: what keeps the stage from beginning, or that nobody has begun it."""
    if letter.stage == 1 or refusal.code != "stage-skipped":
        return refusal
    debt: Any = handler.case(request.office, letter.case_id)
    why = LIFECYCLE.why_not(BeginSecondStage, debt, request.actor)
    if why is not None:
        return why
    zh, en = "尚未进入第二阶段", "the second stage has not begun"
    return broken("second-stage-not-begun", "8.A(2)", zh, en)
