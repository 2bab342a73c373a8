"""Dunning 催款 (§8.A): notices are issued and arrive, reminders and visits are made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from domain.arrears.composing import ACCOUNT, MONTH, composed
from domain.arrears.debt_case.case import OPENED, STAGE1, STAGE2, DebtCase
from domain.arrears.debt_case.events import (
    ContactPlanned,
    DunningNoticeIssued,
    HomeVisited,
    NoticeDelivered,
    NoticeLate,
    ReminderGiven,
    SecondNoticeIssued,
    SecondStageBegun,
)
from domain.arrears.terms import (
    ArrearsReason,
    Claim,
    ContactLimit,
    DebtorCategory,
    NoticeMeans,
    ReminderKind,
    Signer,
    VisitOutcome,
)
from domain.fees.account import account_id
from domain.handbook.settings import Numbers
from domain.kernel.calendar import SHANGHAI, add_years, local_date, window
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor, Role
from domain.kernel.periods import Month
from domain.kernel.rules import beyond_cap, broken, deadline_passed, forbid, missing, negative

_WEEK: Final = timedelta(days=7)


@command
class ClassifyDebtor(Command):
    """欠费户分类 · Classify the debtor.

    Different debtors, different measures (§8.B(1)).
    """

    category: DebtorCategory
    note: Personal | None = None


@command
class RecordArrearsReason(Command):
    """查明欠费原因 · Record the real reason.

    At once, and acted upon (§8.B(5)).
    """

    reason: ArrearsReason
    verified_by: str
    note: Personal | None = None


@command
class IssueDunningNotice(Command):
    """发出催款通知 · Issue a dunning notice."""

    stage: int = 1
    claims: tuple[Claim, ...] = ()
    current_fen: int = 0
    means: NoticeMeans | None = None
    addressee: Personal | None = None

    @staticmethod
    def ready(debt: DebtCase, _who: Actor) -> Refusal | None:
        """A disputed debt is not dunned."""
        return if_disputed(debt)

    MAY_LACK = frozenset({ACCOUNT, MONTH})

    def led_to(self, debt: DebtCase, office: str) -> dict[str, str]:
        """The bills of the case, and the account of its household, if it has one."""
        account = {} if debt.household is None else {ACCOUNT: account_id(office, debt.household)}
        return {**account, **{bill: bill for bill in debt.unpaid}}

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """One letter per household and stage (§8.A(1), §8.A(2)). What it claims is reckoned by the program.

        Every overdue bill with its late fee to the day, and this month's fee, though it is not due yet. Nobody types
        amounts; another system's letter says what it said.
        """
        if self.means is None:
            at.require_evidence(missing("means", "8.A(1)", "请写明送交方式", "say how it is sent"))
        if self.addressee is None:
            at.require_evidence(missing("addressee", "8.A(1)", "请写明收件人", "say to whom"))
        _check_stage(self.stage)
        if (self.stage == 1 and debt.notice1_at is not None) or (self.stage == 2 and debt.notice2_at is not None):
            at.require_evidence(
                RuleBroken("one-letter", "8.A", zh="本阶段通知已发出", en="this stage has its letter", field="stage")
            )
        if (self.stage == 2) is not (debt.state != OPENED and debt.stage2_at is not None):
            at.require_evidence(
                RuleBroken("stage-skipped", "8.A", zh="不得跳过阶段", en="no stage is skipped", field="stage")
            )
        made = SecondNoticeIssued if self.stage == 2 and debt.state == STAGE2 else DunningNoticeIssued
        if made is DunningNoticeIssued and debt.state not in (OPENED, STAGE1):
            raise RuleBroken("stage-skipped", "8.A", zh="不得跳过阶段", en="no stage is skipped", field="stage")
        told = self._as_told(at) if at.waived else self._reckoned(debt, at)
        next_by = {"next_by": next_step(at)} if made is SecondNoticeIssued else {}
        yield self.to_event(made, in_transit_fen=debt.in_transit_fen, **told, **next_by)

    def _as_told(self, at: Moment) -> dict[str, Any]:
        """Another system's letter, with the amounts that it had."""
        if not self.claims:
            at.require_evidence(missing("claims", "8.A(1)", "请列明催款明细", "say exactly what is claimed"))
        forbid(negative(self.current_fen, "8.A(1)", "current_fen"))
        return {}

    def _reckoned(self, debt: DebtCase, at: Moment) -> dict[str, Any]:
        for field, typed in (("claims", bool(self.claims)), ("current_fen", self.current_fen != 0)):
            if typed:
                zh, en = "催款金额由程序计算，不得手填", "the program reckons what is claimed: nobody types it"
                raise broken("amounts-typed", "8.A(1)", zh, en, field)
        found = composed(debt, at)
        if not found.claims:
            raise broken("nothing-owed", "8.A(1)", "没有逾期未缴的账单", "no overdue bill is unpaid")
        return {
            "claims": found.claims,
            "current": found.current,
            "current_fen": found.current_fen,
            "total_fen": found.total_fen,
            "late_fee_until": at.today,
        }


@command
class RecordNoticeDelivery(Command):
    """登记催款通知送达 · Record that a notice arrived."""

    stage: int = 1
    means: NoticeMeans | None = None
    signer: Personal | None = None
    relation: Signer | None = None
    proof: str | None = None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Only a demand that provably arrived interrupts the limitation (民法典195).

        Proof is the signature of the debtor, of adult family living there or of somebody authorised, what shows that a
        message arrived, or the court's own service; what lies in a mailbox proves nothing. A letter of an earlier ascent
        arrived though the ladder has begun anew meanwhile.
        """
        _check_stage(self.stage)
        earlier = debt.is_of_earlier_ascent(self.stage)
        if (debt.notice2_at if self.stage == 2 else debt.notice1_at) is None and not earlier:
            at.require_evidence(RuleBroken("no-notice", "8.A(1)", zh="尚未发出催款通知", en="no notice was issued"))
        if self.means is None:
            at.require_evidence(missing("means", "民法典195", "请写明送达方式", "say how it arrived"))
        if self.signer is not None and self.relation is None:
            at.require_evidence(missing("relation", "民法典195", "请写明签收人身份", "say who signed"))
        signed = self.signer is not None and self.relation is not None and self.relation.proves
        arrived = self.means is NoticeMeans.MESSAGE and self.proof is not None
        proven = signed or arrived or self.means is NoticeMeans.COURT
        yield self.to_event(NoticeDelivered, lapses_on=_limitation(at) if proven else None, earlier=earlier)


@command
class MissNotice(Command):
    """催款通知逾期 · Note that a notice was not issued in time."""

    def decide(self, debt: DebtCase, _at: Moment) -> Iterator[Event]:
        """A breach of the office, at its true instant (§8.A). The next stage does not come any earlier for it."""
        stage = 1 if debt.state == OPENED else 2
        due = debt.notice1_by if stage == 1 else debt.notice2_by
        if due is not None:
            yield NoticeLate(stage=stage, due_on=due)


@command
class PlanContact(Command):
    """约定联系时间 · Plan a call or a visit."""

    appointed_at: datetime

    @staticmethod
    def ready(debt: DebtCase, _who: Actor) -> Refusal | None:
        """A disputed debt is not dunned."""
        return if_disputed(debt)

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Not in the quiet hours, and in no seven days more often than is decent (民法典1033)."""
        forbid(deadline_passed(self.appointed_at, "民法典1033", at, "appointed_at"))
        forbid(beyond_cap(self.appointed_at, "民法典1033", at, "appointed_at"))
        day = local_date(self.appointed_at)
        numbers = at.settings.at(day)
        if _quiet(self.appointed_at, numbers):
            begins, ends = numbers.time_of_day("contact.quiet_from"), numbers.time_of_day("contact.quiet_until")
            span = f"{begins:%H:%M}–{ends:%H:%M}"
            zh, en = f"免打扰时段（{span}）不得催缴", f"no dunning in the quiet hours, {span}"
            raise broken("quiet-hours", "民法典1033", zh, en, "appointed_at")
        most = numbers.integer("contact.per_week")
        days = [*debt.reminders, *map(local_date, debt.contacts_planned), day]
        weeks = (sum(day + timedelta(n) - _WEEK < each <= day + timedelta(n) for each in days) for n in range(7))
        if max(weeks) > most:
            zh, en = f"七日内催缴已达上限{most}次", f"enough reminders within seven days: {most} at most"
            raise broken("contact-cap", "民法典1033", zh, en, "appointed_at")
        yield self.to_event(ContactPlanned)


@command
class RemindDebtor(Command):
    """催缴 · Remind the debtor."""

    kind: ReminderKind
    answer: Personal | None = None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """Often and politely (§8.A(1)).

        What happened is never refused: if at night, too often, during a dispute, while a plan was kept or when nothing was
        owed, it says so (§8.B, 民法典1033).
        """
        yield self.to_event(ReminderGiven, beyond=_beyond(debt, at))


@command
class BeginSecondStage(Command):
    """进入第二阶段 · Begin the second stage."""

    @staticmethod
    def ready(debt: DebtCase, _who: Actor) -> Refusal | None:
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
        """In the third month at the earliest; after a first notice that was late, in the month after it (§8.A(2))."""
        noticed = Month.of(at.today if debt.notice1_at is None else at.day_of(debt.notice1_at)).last
        after = max(noticed, debt.notice1_by or noticed)
        if at.today <= after:
            zh, en = f"第三个月（{after}之后）方可进入第二阶段", f"in the third month, after {after}"
            at.require_evidence(broken("too-early", "8.A(2)", zh, en, "occurred_at"))
        yield SecondStageBegun()


@command
class VisitDebtor(Command):
    """上门催缴 · Visit the debtor at home."""

    outcome: VisitOutcome
    note: Personal | None = None
    signature: Personal | None = None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """A fruitless visit after the second notice starts the three days (§8.A(2)).

        What was made during a dispute, while a plan was kept or when nothing was owed happened all the same: it is taken,
        says so, and starts nothing (§8.B).

        On a later day than the notice's, unless that is known to have arrived: no ladder is climbed in a minute.
        Large debtors are visited by the manager (§8.B(2)): before he has been there, nobody's visit ends the stage. A promise
        that the debtor signs is an admission (民法典195).
        """
        act_by, beyond = None, _beyond(debt, at)
        if (
            self.outcome.fruitless
            and debt.state == STAGE2
            and not (beyond is not None and beyond.rests)
            and _second_letter_came_before(debt, at)
            and _by_whom(debt, at)
        ):
            days = at.numbers.integer("arrears.fruitless_visit_days")
            working = at.numbers.choice("arrears.fruitless_visit_counting") == "working"
            act_by = window(at.today, (0, "days"), (days, "days"), working=working).closes
        admitted = self.outcome is VisitOutcome.PROMISED and self.signature is not None
        yield self.to_event(
            HomeVisited,
            by_manager=at.role is Role.MANAGER,
            act_by=act_by,
            lapses_on=_limitation(at) if admitted else None,
            beyond=beyond,
            next_by=None if act_by is not None or debt.notice2_at is None else next_step(at),
        )


def _by_whom(debt: DebtCase, at: Moment) -> bool:
    """Whether a visit may start the three days: to a large debtor the manager has gone himself."""
    return at.waived or at.role is Role.MANAGER or manager_visit(debt) is None


def _second_letter_came_before(debt: DebtCase, at: Moment) -> bool:
    if debt.notice2_at is None:
        return False
    return at.waived or debt.delivered2_at is not None or at.day_of(debt.notice2_at) < at.today


def next_step(at: Moment) -> date | None:
    """Until when the next step is taken where no other clock runs (ours); another system's history has no such date."""
    return None if at.waived else at.today + timedelta(days=at.numbers.integer("arrears.next_step_within_days"))


def _check_stage(stage: int) -> None:
    if stage not in (1, 2):
        raise RuleBroken("stage-unknown", "8.A", zh="催款只有两次", en="there are two notices", field="stage")


def _limitation(at: Moment) -> date:
    return add_years(at.today, at.numbers.integer("arrears.limitation_years"))


def if_disputed(debt: DebtCase) -> Refusal | None:
    """Why a disputed debt may not be pursued."""
    if debt.stands_still:
        return RuleBroken("disputed", "8.B(5)", zh="有异议的欠费暂停催缴", en="a disputed debt is not pursued")
    return None


def manager_visit(debt: DebtCase) -> Refusal | None:
    """Why a large debtor must be visited by the manager first (§8.B(2))."""
    if debt.category is DebtorCategory.LARGE and not debt.manager_visited:
        return RuleBroken("manager-visit", "8.B(2)", zh="费用大户须经理亲自登门", en="the manager visits large debtors")
    return None


def _beyond(debt: DebtCase, at: Moment) -> ContactLimit | None:
    """The limit that a contact of this moment passes; another system's histories have none."""
    if at.waived:
        return None
    peace = debt.left_in_peace(at.now)
    if peace is not None:
        return peace
    if _quiet(at.now, at.numbers):
        return ContactLimit.QUIET_HOURS
    week = sum(timedelta(0) <= at.today - day < _WEEK for day in debt.reminders)
    return ContactLimit.WEEKLY_CAP if week >= at.numbers.integer("contact.per_week") else None


def _quiet(instant: datetime, numbers: Numbers) -> bool:
    begins, ends = numbers.time_of_day("contact.quiet_from"), numbers.time_of_day("contact.quiet_until")
    local = instant.astimezone(SHANGHAI).time()
    return begins <= local < ends if begins <= ends else local >= begins or local < ends
