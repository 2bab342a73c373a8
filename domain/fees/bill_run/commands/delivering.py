"""An approved run is issued and its notices delivered 出账、送达 (§7.2b, §7.2c); then its month is closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.fees.bill_run.case import AT_ONCE, BillRun, bill_of_run
from domain.fees.bill_run.events import (
    BillRunDelivered,
    BillRunIssued,
    BillsIssued,
    DeliveryMissed,
    DraftIssued,
    MonthReopened,
    NoticesDelivered,
)
from domain.kernel.calendar import local_date
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.people import Actor
from domain.kernel.rules import blank, broken, day_ahead, forbid, missing


@command
class IssueNextBills(Command):
    """出具账单 · Issue the next bills of the run."""

    passed: tuple[str, ...] = ()

    def decide(self, run: BillRun, _at: Moment) -> Iterator[Event]:
        """Some households at a time; who was billed otherwise meanwhile, or would be owed something, is passed over."""
        now = (waiting := run.to_issue)[:AT_ONCE]
        passed = tuple(d.household for d in now if d.household in self.passed or d.amount_fen < 0)
        issued = tuple(
            DraftIssued(household=draft.household, bill=bill_of_run(run.id, draft.household))
            for draft in now
            if draft.household not in passed
        )
        if now:
            yield BillsIssued(issued=issued, passed=passed)
        if len(waiting) > AT_ONCE:
            return
        bills = {**run.bills, **{each.household: each.bill for each in issued}}
        yield BillRunIssued(bills=len(bills), amount_fen=sum(run.drafts[each].amount_fen for each in bills))


@command
class RecordBillDelivery(Command):
    """登记账单送达 · Record that bills are delivered."""

    households: tuple[str, ...] = ()
    building: str | None = None
    means: str = "信箱"
    delivered_on: date | None = None

    def decide(self, run: BillRun, at: Moment) -> Iterator[Event]:
        """A building at a time, or singly; a notice is delivered once (§7.2c)."""
        on = self.delivered_on or at.today
        forbid(day_ahead(on, "7.2c", at, "delivered_on"))
        assert run.approved_at is not None
        if on < local_date(run.approved_at):
            raise broken("before-the-bill", "7.2c", "送达不早于出账", "not before the bills", "delivered_on")
        forbid(blank(self.means, "means", "7.2c", "请写明送达方式", "say how"))
        if not self.households and self.building is None:
            raise missing("households", "7.2c", "请指明楼栋或住户", "say which building or households")
        waiting, named = set(run.undelivered), set(self.households)
        if not named <= waiting:
            zh, en = "有住户没有本期通知单，或已送达", "one has no notice of the run, or has it already"
            raise broken("nothing-to-deliver", "7.2c", zh, en, "households")
        of_building = {each for each in waiting if self.building and run.drafts[each].building == self.building}
        now = tuple(sorted(named | of_building))
        if not now:
            raise broken("nothing-to-deliver", "7.2c", "该楼栋没有待送达的通知单", "none waits there", "building")
        yield NoticesDelivered(households=now, delivered_on=on, means=self.means)
        if len(now) == len(waiting):
            yield BillRunDelivered(notices=len(run.bills))


@command
class CloseMonth(Command):
    """关账 · Close the month.

    No bill of the month is issued any more; what was wrong is corrected by a line.
    """

    @staticmethod
    def ready(run: BillRun, _who: Actor) -> Refusal | None:
        """Every notice is delivered (§7.2c)."""
        if run.undelivered:
            zh, en = f"尚有{len(run.undelivered)}户通知单未送达", f"{len(run.undelivered)} notices are not delivered"
            return broken("notices-undelivered", "7.2c", zh, en)
        return None


@command
class ReopenMonth(Command):
    """重开账期 · Open the month again."""

    reason: str

    def decide(self, _run: BillRun, _at: Moment) -> Iterator[Event]:
        """Only by the company, with the reason (§7.2b)."""
        forbid(blank(self.reason, "reason", "7.2b", "请写明重开理由", "say why"))
        yield self.to_event(MonthReopened)


@command
class MissDelivery(Command):
    """通知单未按期送达 · Note that notices were not delivered in time."""

    def decide(self, run: BillRun, at: Moment) -> Iterator[Event]:
        """At the end of the 1st (§7.2c)."""
        undelivered = len(run.undelivered) + len(run.to_issue)
        yield DeliveryMissed(due_at=run.deliver_by or at.now, undelivered=undelivered)
