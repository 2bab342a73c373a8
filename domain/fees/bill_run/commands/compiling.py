"""A month's bills are compiled 计费 (§7.2a): household after household, each part confirmed by whoever looks after the homes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from domain.fees.attaching import Attachment
from domain.fees.bill.events import BillLine
from domain.fees.bill_run.case import BillRun, before_the_end
from domain.fees.bill_run.events import (
    Anomaly,
    BillDraft,
    BillRunCompiled,
    BillRunOpened,
    BillsDrafted,
    CompilationBegun,
    CompilationMissed,
    HouseholdLeftOut,
    PartConfirmed,
)
from domain.fees.charged_months import lines_of_month
from domain.fees.correcting import BilledLine, affordable, corrections, not_billed, rests_on, unbilled
from domain.fees.fee_standard import FeeStandard
from domain.kernel.calendar import end_of_day
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.people import Actor, Role
from domain.kernel.periods import Month
from domain.kernel.rules import blank, broken, day_beyond_cap, forbid
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
    bills, where what they rest on may have changed; ``months_before`` (first days) and ``standards_before``: for these too, the months of
    earlier runs that may still be charged, and where its homes stood in them; ``months_settled`` (first days): those of which somebody has
    decided what is charged, the run's own among them when it is ``billed``. ``looked_after_by``: in whose care its home is on the
    month's last day; ``is_uncared``: it is in nobody's, others are; ``has_left``: a standard charges it after it moved out;
    ``is_unread``: a meter of its was not read.
    """

    household: str
    home: str | None = None
    building: str | None = None
    standards: tuple[AttachedStandard, ...] = ()
    charges: tuple[BillLine, ...] = ()
    before_fen: int | None = None
    billed: bool = False
    billed_before: tuple[BilledLine, ...] = ()
    months_before: tuple[date, ...] = ()
    standards_before: tuple[AttachedStandard, ...] = ()
    months_settled: tuple[date, ...] = ()
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
        places = (each for asked in self.households for each in (*asked.standards, *asked.standards_before))
        named = {each.standard for each in places}
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
    spared = _spared(asked, at)
    if asked.billed:
        asked = replace(asked, standards=(), charges=(), standards_before=(), billed_before=())
    missed = tuple(_missed(asked, at))
    lines = (*_of_standards(asked, month, at), *asked.charges, *missed)
    wrong = tuple(corrections(asked.billed_before, asked.household, at.related))
    corrected = tuple(affordable(lines, wrong))
    uncredited = sum(line.amount_fen for line in corrected) - sum(line.amount_fen for line in wrong)
    draft = BillDraft(
        household=asked.household,
        home=asked.home,
        building=asked.building,
        lines=(*lines, *corrected),
        before_fen=asked.before_fen,
        looked_after_by=asked.looked_after_by,
        uncredited_fen=uncredited or None,
        unbilled_fen=spared or None,
    )
    return replace(draft, anomaly=_anomaly(asked, draft, share, missed=bool(missed)))


def _of_standards(asked: HouseholdToBill, month: Month, at: Moment) -> Iterator[BillLine]:
    """The days of the month on which a home is attached and its standard has a price."""
    for standard, attached in _places(asked.standards, at):
        yield from lines_of_month(standard, attached, month)


def _missed(asked: HouseholdToBill, at: Moment) -> Iterator[BillLine]:
    """What earlier runs should have charged and did not: who was left out is billed with the next run (§7.2a)."""
    months = [Month.of(day) for day in asked.months_before]
    return not_billed(_places(asked.standards_before, at), months, asked.billed_before)


def _spared(asked: HouseholdToBill, at: Moment) -> int:
    """What its standards come to that somebody has decided not to bill: a bill by hand settles a month, be it of one fen (fen)."""
    if not asked.months_settled:
        return 0
    places = _places((*asked.standards, *asked.standards_before), at)
    standards = {standard.id: standard for standard, _ in places}
    months = [Month.of(day) for day in asked.months_settled]
    return unbilled(standards.values(), asked.household, months, asked.billed_before)


def _places(named: Sequence[AttachedStandard], at: Moment) -> Iterator[tuple[FeeStandard, Attachment]]:
    """The places on standards that charge days of a month."""
    for each in named:
        standard = at.related.get(each.standard)
        if isinstance(standard, FeeStandard) and standard.kind.monthly and standard.set_aside is None:
            yield standard, standard.attachments[each.attachment]


def _anomaly(asked: HouseholdToBill, draft: BillDraft, share: Fraction, *, missed: bool) -> Anomaly | None:
    """What a reviewer looks at first."""
    if asked.billed:
        return Anomaly.BILLED
    if not draft.lines and draft.uncredited_fen is not None:
        return Anomaly.OWED
    if not draft.lines and draft.unbilled_fen is not None:
        return Anomaly.SPARED
    if not draft.lines:
        return Anomaly.UNREAD if asked.is_unread else Anomaly.NOTHING
    if draft.amount_fen < 0:
        return Anomaly.NEGATIVE
    if asked.has_left or asked.is_uncared or asked.is_unread:
        return Anomaly.LEFT if asked.has_left else Anomaly.UNCARED if asked.is_uncared else Anomaly.UNREAD
    if draft.unbilled_fen is not None:
        return Anomaly.SPARED
    if draft.corrected_fen is not None:
        return Anomaly.CORRECTS
    if missed:
        return Anomaly.MISSED
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
class MissCompilation(Command):
    """未按期计费 · Note that the run was not compiled in time."""

    def decide(self, run: BillRun, at: Moment) -> Iterator[Event]:
        """At the month's end (§7.2a)."""
        yield CompilationMissed(due_at=run.compile_by or at.now)
