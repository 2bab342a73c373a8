"""A compiled run is reviewed, returned or approved 审核、批准 (§7.2b), each by another person."""

from __future__ import annotations

from collections.abc import Iterator

from domain.fees.bill_run.case import COMPILED, BillRun, before_the_end
from domain.fees.bill_run.events import (
    BillRunApproved,
    BillRunReviewed,
    ReviewMissed,
)
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.people import Actor
from domain.kernel.rules import blank, broken, forbid, second_person


@command
class ReviewBillRun(Command):
    """审核计费 · Review the bill run."""

    remark: str | None = None

    @staticmethod
    def ready(run: BillRun, who: Actor) -> Refusal | None:
        """By another than who compiled it or a part of it (but for absent administrators), and when every part is."""
        if run.open_parts:
            waiting = len(run.open_parts)
            zh, en = f"尚有{waiting}位管理员未确认分管部分", f"the parts of {waiting} administrators are not compiled"
            return broken("parts-open", "7.2a", zh, en)
        return second_person(who, {run.compiled_by or "", *run.confirmed_by}, "7.2b")

    def decide(self, run: BillRun, at: Moment) -> Iterator[Event]:
        """Totalled and reviewed on the month's last day; what is unlike the month before is explained (§7.2b)."""
        first = before_the_end(run.month, "bills.reviewed_days_before_month_end", at.numbers)
        if at.today < first:
            raise broken("review-too-early", "7.2b", f"审核不早于{first}", f"not reviewed before {first}")
        if run.anomalies:
            forbid(blank(self.remark, "remark", "7.2b", "有异常的须说明", "say what the anomalies are"))
        yield self.to_event(BillRunReviewed, amount_fen=run.amount_fen)


@command
class ReturnBillRun(Command):
    """退回计费 · Return the bill run.

    With the reason; it is compiled again.
    """

    reason: str

    @staticmethod
    def ready(run: BillRun, who: Actor) -> Refusal | None:
        """By another than who compiled it, and who reviewed it."""
        by = {run.compiled_by or ""} if run.state == COMPILED else {run.compiled_by or "", run.reviewed_by or ""}
        return second_person(who, by, "7.2b")


@command
class ApproveBillRun(Command):
    """批准出账 · Approve the bill run."""

    @staticmethod
    def ready(run: BillRun, who: Actor) -> Refusal | None:
        """By the company, and by nobody who had a hand in it."""
        return second_person(who, {run.compiled_by or "", run.reviewed_by or ""}, "7.2b")

    def decide(self, run: BillRun, _at: Moment) -> Iterator[Event]:
        """Then the program issues one bill after another (§7.2b)."""
        yield BillRunApproved(amount_fen=run.amount_fen)


@command
class MissReview(Command):
    """未按期审核 · Note that the run was not reviewed in time."""

    def decide(self, run: BillRun, at: Moment) -> Iterator[Event]:
        """At the end of the month's last day (§7.2b)."""
        yield ReviewMissed(due_at=run.review_by or at.now)
