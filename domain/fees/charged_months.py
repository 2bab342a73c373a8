"""What a fee standard charges for a month, as it stands now (§7.2a): which days, and what they come to. Amounts are fen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.fees.attaching import Attachment
from domain.fees.bill.events import BillLine
from domain.fees.fee_standard import FeeStandard
from domain.kernel.periods import Month

__all__ = ["charged_by_now", "days_charged", "lines_of_month"]


def days_charged(standard: FeeStandard, attached: Attachment, month: Month) -> tuple[date, date] | None:
    """The days of a month on which a home is on a standard that is valid; None if there is none."""
    first = max(month.first, attached.first, standard.versions[0].valid_from)
    last = min(month.last, attached.last or date.max, standard.ended_on or date.max)
    return (first, last) if first <= last else None


def lines_of_month(standard: FeeStandard, attached: Attachment, month: Month) -> Iterator[BillLine]:
    """What a home's place on a standard comes to in a month, with the charge that is billed once; nothing on no day."""
    days = days_charged(standard, attached, month)
    if days is not None:
        yield from standard.lines(attached, *days, f"{standard.id}/{attached.number}/{month}")


def charged_by_now(standard: FeeStandard, household: str, month: Month) -> int:
    """What the standard charges a household for a month, as it stands now; one that was a mistake charges nothing."""
    if standard.set_aside is not None:
        return 0
    theirs = [attached for attached in standard.attachments.values() if attached.household == household]
    return sum(line.amount_fen for attached in theirs for line in lines_of_month(standard, attached, month))
