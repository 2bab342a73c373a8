"""A month's bills are compiled, reviewed, approved, issued and delivered 计费、审核、批准、出账、送达 (§7.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from domain.fees.bill.events import BillLine
from domain.fees.bill_run.case import AT_ONCE, COMPILED, BillRun, before_the_end, bill_of_run
from domain.fees.bill_run.events import (
    Anomaly,
    BillDraft,
    BillRunApproved,
    BillRunCompiled,
    BillRunDelivered,
    BillRunIssued,
    BillRunOpened,
    BillRunReviewed,
    BillsDrafted,
    BillsIssued,
    CompilationBegun,
    CompilationMissed,
    DeliveryMissed,
    DraftIssued,
    HouseholdLeftOut,
    MonthReopened,
    NoticesDelivered,
    PartConfirmed,
    ReviewMissed,
)
from domain.fees.correcting import BilledLine, affordable, corrections, days_charged, rests_on
from domain.fees.fee_standard import FeeStandard
from domain.kernel.calendar import Month, end_of_day, local_date
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.people import Actor, Role
from domain.kernel.rules import blank, broken, day_ahead, day_beyond_cap, forbid, missing, second_person
from domain.kernel.spelling import same


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedStandard:
    """A home's place on a fee standard 适用标准: the standard and the number of its attachment."""

    standard: str
    attachment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdToBill:
    """What the registers know of a household for the month: its standards, what else it is charged, its last bill.

    ``billed``: it has a bill of the month already; ``before_fen``: its bill of the month before; ``billed_before``: the lines of its earlier
    bills, where what they rest on may have changed. ``looked_after_by``: in whose care its home is on the month's last day; ``is_uncared``: it
    is in nobody's, others are; ``has_left``: a standard charges it after it moved out; ``is_unread``: a meter of its was not read.
    """

    household: str
    home: str | None = None
    building: str | None = None
    standards: tuple[AttachedStandard, ...] = ()
    charges: tuple[BillLine, ...] = ()
    before_fen: int | None = None
    billed: bool = False
    billed_before: tuple[BilledLine, ...] = ()
    looked_after_by: str | None = None
    is_uncared: bool = False
    has_left: bool = False
    is_unread: bool = False


@command
class OpenBillRun(Command):
    """立项计费 · Open a month's bill run."""

    month: date

    def decide(self, _run: None, at: Moment) -> Iterator[Event]:
        """Compiled before the month ends, reviewed on its last day, delivered by the 1st: each as the settings say (§7.2)."""
        month = Month.of(self.month)
        at.require_evidence(day_beyond_cap(month.first, "7.2a", at, "month"))
        numbers = at.settings.at(month.last)
        yield BillRunOpened(
            month=month.first,
            compile_by=end_of_day(before_the_end(month.first, "bills.compiled_days_before_month_end", numbers)),
            review_by=end_of_day(before_the_end(month.first, "bills.reviewed_days_before_month_end", numbers)),
            deliver_by=end_of_day(month.next().first.replace(day=numbers.integer("notices.delivered_by_day"))),
        )


@command
class CompileBillRun(Command):
    """计费 · Compile the bill run."""

    def decide(self, run: BillRun, at: Moment) -> Iterator[Event]:
        """The program takes household after household from the registers; again after a return (§7.2a)."""
        assert run.month is not None
        if at.today < run.month:
            raise broken("month-not-begun", "7.2a", "该账期尚未开始", "that month has not begun")
        yield CompilationBegun()


@command
class TakeNextHouseholds(Command):
    """生成账单草稿 · Take the next households into the run."""

    households: tuple[HouseholdToBill, ...] = ()
    page: int = 0
    last: bool = True

    def related(self) -> dict[str, str]:
        """Their fee standards; those by which they were billed before, and the meters."""
        named = {each.standard for household in self.households for each in household.standards}
        named |= {each for household in self.households for each in rests_on(household.billed_before)}
        return {each: each for each in sorted(named) if each}

    def may_lack(self, name: str) -> bool:
        """What was billed once may have been a mistake: it is there to be set right, and stops nobody's month (§7.2)."""
        return all(name != on.standard for household in self.households for on in household.standards)

    def decide(self, run: BillRun, at: Moment) -> Iterator[Event]:
        """Area × standard by the days of the month, and what else is charged, each once (§7.2a)."""
        assert run.month is not None
        month, share = Month.of(run.month), at.numbers.fraction("bills.differs_by")
        drafts = tuple(_draft(household, month, share, at) for household in self.households)
        if drafts:
            yield BillsDrafted(drafts=drafts, page=self.page)
        if self.last:
            done = replace(run, drafts={**run.drafts, **{draft.household: draft for draft in drafts}})
            yield BillRunCompiled(drafts=len(done.drafts), amount_fen=done.amount_fen, anomalies=done.anomalies)


def _draft(asked: HouseholdToBill, month: Month, share: Fraction, at: Moment) -> BillDraft:
    """One household's draft; who has a bill of the month has no other."""
    lines = () if asked.billed else (*_of_standards(asked, month, at), *asked.charges)
    if not asked.billed:
        lines = (*lines, *affordable(lines, corrections(asked.billed_before, asked.household, at.related)))
    draft = BillDraft(
        household=asked.household,
        home=asked.home,
        building=asked.building,
        lines=lines,
        before_fen=asked.before_fen,
        looked_after_by=asked.looked_after_by,
    )
    return replace(draft, anomaly=_anomaly(asked, draft, share))


def _of_standards(asked: HouseholdToBill, month: Month, at: Moment) -> Iterator[BillLine]:
    """The days of the month on which a home is attached and its standard has a price."""
    for each in asked.standards:
        standard = at.related.get(each.standard)
        if not isinstance(standard, FeeStandard) or not standard.kind.monthly or standard.set_aside is not None:
            continue
        attached = standard.attachments[each.attachment]
        days = days_charged(standard, attached, month)
        if days is not None:
            yield from standard.lines(attached, *days, f"{each.standard}/{each.attachment}/{month}")


def _anomaly(asked: HouseholdToBill, draft: BillDraft, share: Fraction) -> Anomaly | None:
    """What a reviewer looks at first."""
    if asked.billed:
        return Anomaly.BILLED
    if not draft.lines:
        return Anomaly.UNREAD if asked.is_unread else Anomaly.NOTHING
    if draft.amount_fen < 0:
        return Anomaly.NEGATIVE
    if asked.has_left or asked.is_uncared or asked.is_unread:
        return Anomaly.LEFT if asked.has_left else Anomaly.UNCARED if asked.is_uncared else Anomaly.UNREAD
    if draft.corrected_fen is not None:
        return Anomaly.CORRECTS
    if draft.before_fen is None:
        return Anomaly.FIRST
    return Anomaly.DIFFERS if abs(draft.amount_fen - draft.before_fen) > share * draft.before_fen else None


@command
class ConfirmPart(Command):
    """确认分管部分 · Compile one's part of the run.

    By the administrator in whose care the homes are; another one says why it is he, the manager on the last day alone.
    """

    looked_after_by: str
    reason: str | None = None

    @staticmethod
    def ready(run: BillRun, _who: Actor) -> Refusal | None:
        """While the part of anybody is open (§7.2a)."""
        if not run.open_parts:
            return broken("parts-confirmed", "7.2a", "没有待确认的分管部分", "no part of it waits to be compiled")
        return None

    def decide(self, run: BillRun, at: Moment) -> Iterator[Event]:
        """Each part once; with all of them the run is compiled (§7.2a)."""
        part = next((name for name in run.open_parts if same(name, self.looked_after_by)), None)
        if part is None:
            zh, en = "该管理员没有待确认的分管部分", "no part of that administrator waits"
            raise broken("no-such-part", "7.2a", zh, en, "looked_after_by")
        if not at.who.is_any({part}):
            forbid(blank(self.reason, "reason", "7.2a", "代为确认的须说明理由", "say why another one does it"))
            day = before_the_end(run.month, "bills.compiled_days_before_month_end", at.numbers)
            if at.role is Role.MANAGER and at.today < day:
                raise broken("stand-in-too-early", "7.2a", f"不早于{day}", f"not by the manager before {day}")
        drafts = [draft for draft in run.parts[part] if draft.household not in run.left_out]
        yield PartConfirmed(
            looked_after_by=part,
            households=len(drafts),
            amount_fen=sum(draft.amount_fen for draft in drafts),
            anomalies=sum(draft.anomaly is not None for draft in drafts),
            reason=self.reason,
        )


@command
class LeaveHouseholdOut(Command):
    """该户本次不出账 · Leave a household out of the run."""

    household: str
    reason: str

    def decide(self, run: BillRun, _at: Moment) -> Iterator[Event]:
        """With the reason; it is billed singly, or with the next run (§7.2a)."""
        forbid(blank(self.reason, "reason", "7.2a", "请写明不出账的理由", "say why"))
        if self.household not in run.drafts or self.household in run.left_out:
            raise broken("not-in-the-run", "7.2a", "本次计费没有该户", "the run does not have it", "household")
        yield self.to_event(HouseholdLeftOut)


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
class MissCompilation(Command):
    """未按期计费 · Note that the run was not compiled in time."""

    def decide(self, run: BillRun, at: Moment) -> Iterator[Event]:
        """At the month's end (§7.2a)."""
        yield CompilationMissed(due_at=run.compile_by or at.now)


@command
class MissReview(Command):
    """未按期审核 · Note that the run was not reviewed in time."""

    def decide(self, run: BillRun, at: Moment) -> Iterator[Event]:
        """At the end of the month's last day (§7.2b)."""
        yield ReviewMissed(due_at=run.review_by or at.now)


@command
class MissDelivery(Command):
    """通知单未按期送达 · Note that notices were not delivered in time."""

    def decide(self, run: BillRun, at: Moment) -> Iterator[Event]:
        """At the end of the 1st (§7.2c)."""
        undelivered = len(run.undelivered) + len(run.to_issue)
        yield DeliveryMissed(due_at=run.deliver_by or at.now, undelivered=undelivered)
