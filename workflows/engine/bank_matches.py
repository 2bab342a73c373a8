"""Bank matches 银行流水确认 (§7): what a person has said of several lines, each carried out in its own transaction.

What was interrupted is gone on with by asking again: a line that is booked is not booked twice. Which line was left, and
why, is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.fees.bank_line import ConfirmBankLine
from domain.fees.matching import Ground
from domain.kernel.errors import Refusal
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest

__all__ = ["LineGiven", "LineMatch", "confirmed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMatch:
    """A line and the household whose payment somebody says it is; ``bills`` are those that the payer named, ``grounds`` what spoke for
    it as he was shown.
    """

    line: str
    household: str
    bills: tuple[str, ...] = ()
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True)
class LineGiven:
    """What became of it: its payment and the page of the book, or why it was left."""

    match: LineMatch
    payment: str = ""
    number: int = 0
    refusal: Refusal | None = None


def confirmed(handler: CommandHandler, order: CommandRequest, matches: Sequence[LineMatch]) -> Iterator[LineGiven]:
    """Book these lines one after the other; ``order`` says by whom, where and when.

    Raises :class:`~workflows.engine.handler.Busy` when others kept changing a case; what was booked before stays.
    """
    for match in matches:
        key = f"{order.key}:{match.line}" if order.key is not None else None
        command = ConfirmBankLine(household=match.household, bills=match.bills, match_grounds=match.grounds)
        try:
            answer = handler.handle(replace(order, command=command, case_id=match.line, key=key))
            line = answer.case if answer.case is not None else handler.case(order.office, match.line)
            yield LineGiven(match, line.payment or "", answer.number)
        except Refusal as refusal:
            yield LineGiven(match, refusal=refusal)
