"""Dunning 催款 (§8.A): the case is opened, notices are issued and arrive, reminders and visits are made.

Commands of the arrears case up to the fruitless visit; what may follow it, and the table, stand in ``debt_case.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from domain.calendar import Month, add_months, add_years
from domain.debt_events import (
    OPENED,
    SETTLED,
    STAGE1,
    STAGE2,
    ArrearsReasonFound,
    BillJoinedDebtCase,
    DebtCase,
    DebtCaseOpened,
    DebtCaseReopened,
    DebtorClassified,
    DunningNoticeIssued,
    HomeVisited,
    NoticeDelivered,
    NoticeLate,
    ReminderGiven,
    SecondNoticeIssued,
    SecondStageBegun,
)
from domain.debt_terms import (
    ArrearsReason,
    Claim,
    DebtorCategory,
    NoticeMeans,
    ReminderKind,
    VisitOutcome,
)
from domain.errors import Refusal, RuleBroken
from domain.fact import Command, Event, Moment, Personal, command
from domain.people import Role
from domain.rules import missing


@command
class OpenDebtCase(Command):
    """立案追讨 · Open an arrears case, or bring another bill to it."""

    bill: str
    household: str | None = None
    outstanding_fen: int = 0
    due_on: date | None = None

    def decide(self, debt: DebtCase | None, at: Moment) -> Iterator[Event]:
        """Notice 1 in the month after the fee's, notice 2 in the next (§8.A): dates are fixed here."""
        due = self.due_on or at.today
        lapses = add_years(due, at.numbers.integer("arrears.limitation_years"))
        if debt is not None and debt.state != SETTLED:
            yield self.said(BillJoinedDebtCase, lapses_on=lapses)
            return
        fee_month = add_months(due, -1)
        dates = {
            "notice1_by": _month_end(fee_month, at.numbers.integer("arrears.stage1_after_months")),
            "notice2_by": _month_end(fee_month, at.numbers.integer("arrears.stage2_after_months")),
            "lapses_on": lapses,
            "due_on": due,
        }
        yield self.said(DebtCaseOpened if debt is None else DebtCaseReopened, **dates)


@command
class ClassifyDebtor(Command):
    """欠费户分类 · Classify the debtor."""

    category: DebtorCategory
    note: Personal | None = None

    def decide(self, _debt: DebtCase, _at: Moment) -> Iterator[Event]:
        """Different debtors, different measures (§8.B(1))."""
        yield self.said(DebtorClassified)


@command
class RecordArrearsReason(Command):
    """查明欠费原因 · Record the real reason."""

    reason: ArrearsReason
    verified_by: str
    note: Personal | None = None

    def decide(self, _debt: DebtCase, _at: Moment) -> Iterator[Event]:
        """At once, and acted upon (§8.B(5))."""
        yield self.said(ArrearsReasonFound)


@command
class IssueDunningNotice(Command):
    """发出催款通知 · Issue a dunning notice."""

    stage: int = 1
    claims: tuple[Claim, ...] = ()
    current_fen: int = 0
    means: NoticeMeans | None = None
    addressee: Personal | None = None

    @staticmethod
    def ready(debt: DebtCase) -> Refusal | None:
        """A disputed debt is not dunned."""
        return if_disputed(debt)

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """One letter per household and stage, with exactly what it claims (§8.A(1), §8.A(2))."""
        if not self.claims:
            at.lacks(missing("claims", "8.A(1)", "请列明催款明细", "say exactly what is claimed"))
        if self.stage not in (1, 2):
            raise RuleBroken("stage-unknown", "8.A", zh="催款只有两次", en="there are two notices", field="stage")
        if (self.stage == 1 and debt.notice1_at is not None) or (self.stage == 2 and debt.notice2_at is not None):
            at.lacks(
                RuleBroken("one-letter", "8.A", zh="本阶段通知已发出", en="this stage has its letter", field="stage")
            )
        if (self.stage == 2) is not (debt.state != OPENED and debt.stage2_at is not None):
            at.lacks(RuleBroken("stage-skipped", "8.A", zh="不得跳过阶段", en="no stage is skipped", field="stage"))
        made = SecondNoticeIssued if self.stage == 2 and debt.state == STAGE2 else DunningNoticeIssued
        if made is DunningNoticeIssued and debt.state not in (OPENED, STAGE1):
            raise RuleBroken("stage-skipped", "8.A", zh="不得跳过阶段", en="no stage is skipped", field="stage")
        yield self.said(made)


@command
class RecordNoticeDelivery(Command):
    """登记催款通知送达 · Record that a notice arrived."""

    stage: int = 1
    means: NoticeMeans | None = None
    signer: Personal | None = None
    relation: str | None = None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Only a demand that provably arrived interrupts the limitation (民法典195)."""
        if debt.notice1_at is None:
            at.lacks(RuleBroken("no-notice", "8.A(1)", zh="尚未发出催款通知", en="no notice was issued"))
        if self.means is None:
            at.lacks(missing("means", "民法典195", "请写明送达方式", "say how it arrived"))
        years = at.numbers.integer("arrears.limitation_years")
        yield self.said(NoticeDelivered, lapses_on=add_years(at.today, years))


@command
class MissNotice(Command):
    """催款通知逾期 · Note that a notice was not issued in time."""

    def decide(self, debt: DebtCase, _at: Moment) -> Iterator[Event]:
        """A breach of the office, at its true instant (§8.A). The next stage does not come any earlier for it."""
        stage = 1 if debt.notice_late == 0 and debt.notice1_at is None else 2
        due = debt.notice1_by if stage == 1 else debt.notice2_by
        if due is not None:
            yield NoticeLate(stage=stage, due_on=due)


@command
class RemindDebtor(Command):
    """催缴 · Remind the debtor."""

    kind: ReminderKind
    answer: Personal | None = None

    @staticmethod
    def ready(debt: DebtCase) -> Refusal | None:
        """A disputed debt is not dunned."""
        return if_disputed(debt)

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Often, politely, and never at night or too often (§8.A(1), 民法典1033)."""
        _check_quiet(debt, at)
        yield self.said(ReminderGiven)


@command
class BeginSecondStage(Command):
    """进入第二阶段 · Begin the second stage."""

    @staticmethod
    def ready(debt: DebtCase) -> Refusal | None:
        """After the first notice, with the real reason known, and not while disputed (§8.A(2), §8.B(5))."""
        if debt.stage2_at is not None:
            return RuleBroken("second-stage-already", "8.A(2)", zh="已在第二阶段", en="it is in the second stage")
        if debt.notice1_at is None:
            return RuleBroken("stage-skipped", "8.A", zh="不得跳过阶段", en="no stage is skipped")
        if debt.reason is None:
            return RuleBroken(
                "reason-missing", "8.B(5)", zh="须先查明欠费原因", en="the real reason must be known first"
            )
        return if_disputed(debt)

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """In the third month at the earliest (§8.A(2))."""
        if debt.notice1_by is not None and at.today <= debt.notice1_by:
            at.lacks(RuleBroken("too-early", "8.A(2)", zh="第三个月方可进入第二阶段", en="not before the third month"))
        yield SecondStageBegun()


@command
class VisitDebtor(Command):
    """上门催缴 · Visit the debtor at home."""

    outcome: VisitOutcome
    note: Personal | None = None

    @staticmethod
    def ready(debt: DebtCase) -> Refusal | None:
        """A disputed debt is not dunned."""
        return if_disputed(debt)

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """A fruitless visit starts the three days (§8.A(2)); large debtors are visited by the manager (§8.B(2))."""
        _check_quiet(debt, at)
        days = at.numbers.integer("arrears.fruitless_visit_days")
        act_by = at.today + timedelta(days=days) if self.outcome.fruitless and debt.state == STAGE2 else None
        yield self.said(HomeVisited, by_manager=at.role is Role.MANAGER, act_by=act_by)


def _month_end(day: date, months: int) -> date:
    return Month.of(add_months(day, months)).last


def if_disputed(debt: DebtCase) -> Refusal | None:
    """Why a disputed debt may not be pursued."""
    if debt.disputed:
        return RuleBroken("disputed", "8.B(5)", zh="有异议的欠费暂停催缴", en="a disputed debt is not pursued")
    return None


def manager_visit(debt: DebtCase) -> Refusal | None:
    """Why a large debtor must be visited by the manager first (§8.B(2))."""
    if debt.category is DebtorCategory.LARGE and not debt.manager_visited:
        return RuleBroken("manager-visit", "8.B(2)", zh="费用大户须经理亲自登门", en="the manager visits large debtors")
    return None


def _check_quiet(debt: DebtCase, at: Moment) -> None:
    local = at.local_time
    quiet_from, quiet_until = (
        at.numbers.time_of_day("contact.quiet_from"),
        at.numbers.time_of_day("contact.quiet_until"),
    )
    if local >= quiet_from or local < quiet_until:
        at.lacks(RuleBroken("quiet-hours", "民法典1033", zh="夜间不得催缴", en="no dunning at night"))
    week = sum(1 for day in debt.reminders if timedelta(0) <= at.today - day < timedelta(days=7))
    if week >= at.numbers.integer("contact.per_week"):
        at.lacks(RuleBroken("contact-cap", "民法典1033", zh="本周催缴次数已达上限", en="enough reminders this week"))
