"""What the household's account makes of a bill, holds that a manager lays down, days that move (§7, §8.B)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from domain.fees.bill.commands.issuing import CorrectBill, IssueBill, VoidBill, WriteOffBill
from domain.fees.bill.commands.late_fee import AssessLateFee, EndLateFeeHold, HoldLateFee
from domain.fees.bill.commands.payment import ReceivePayment
from domain.fees.bill.commands.reckoning import TakeReckoning
from domain.fees.bill.events import (
    BillCorrected,
    BillIssued,
    BillLine,
    BillPartPaid,
    BillReckoned,
    BillReopened,
    BillSettled,
    LateFeeAdjusted,
    LateFeeAssessed,
    LateFeeHeld,
    LateFeeHoldEnded,
)
from domain.fees.bill.lifecycle import LIFECYCLE
from domain.fees.terms import AllocationRule, AssessedFee, BillReckoning, HoldGround, Move
from domain.handbook.holidays import announced, holidays_of
from domain.handbook.settings import Change, Settings
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from tests.domain.story import Story, given

CLERK, MANAGER, COMPANY, POLICY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY, Role.POLICY
DUE = date(2025, 3, 15)
LATE = "2025-04-04 10:00"


def issued(fen: int = 20_000) -> Story:
    lines = (BillLine(item="物业服务费", amount_fen=fen),)
    return given(LIFECYCLE, BillIssued(lines=lines, household="h-1", due_on=DUE), at="2025-03-01 09:00")


def told(story: Story, *moves: Move, resumes: bool = False, waived: int = 0, assessed: int | None = None) -> Story:
    fees = () if assessed is None else (AssessedFee(source=f"{story.id}#2", amount_fen=assessed),)
    figures = BillReckoning(bill=story.id, moves=moves, waived_fen=waived, assessed=fees)
    return story.when(TakeReckoning(figures=figures, resumes=resumes), as_=POLICY, at=LATE)


def money(fen: int, *, penalty: int = 0, rule: AllocationRule = AllocationRule.DUE_FIRST) -> Move:
    return Move(day=date(2025, 3, 10), source="payment-1", rule=rule, principal_fen=fen, penalty_fen=penalty)


def test_a_bill_takes_over_what_met_it_and_changes_its_state_with_it() -> None:
    story = told(issued(), money(5_000)).then(BillReckoned).then(BillPartPaid).is_in("part-paid")
    assert (story.case.paid_fen, story.case.principal_paid_fen) == (5_000, 5_000)
    told(story, money(20_000)).then(BillSettled, overpaid_fen=0).is_in("paid")
    told(story, money(20_000)).then_nothing()
    told(story, resumes=True).then(BillReopened, resumes=True).is_in("part-paid")


def test_a_bill_of_nothing_that_nothing_met_is_left_alone() -> None:
    told(issued(0)).then_nothing().is_in("issued")


def test_an_assessment_that_comes_to_something_else_keeps_its_figure_and_gets_an_adjusting_fact() -> None:
    story = issued().when(AssessLateFee(), as_=CLERK, at=LATE).then(LateFeeAssessed, amount_fen=200, limited=False)
    told(story, money(10_000), assessed=150).then(LateFeeAdjusted, assessment=2, assessed_fen=200, amount_fen=-50)
    assert (story.case.late_fee_fen, story.case.assessed) == (150, {2: 150})
    told(story, money(10_000), assessed=150).then_nothing()
    odd = BillReckoning(bill=story.id, moves=(money(10_000),), assessed=(AssessedFee(source="?", amount_fen=1),))
    story.when(TakeReckoning(figures=odd), as_=POLICY, at=LATE).then_nothing()


def test_a_waiver_that_holds_less_is_told_too() -> None:
    story = issued().when(AssessLateFee(), as_=CLERK, at=LATE)
    told(story, money(20_000, penalty=150), waived=50, assessed=200).then(BillSettled)
    assert (story.case.waived_fen, story.case.left) == (50, {"costs": 0, "penalty": 0, "principal": 0})


def test_a_written_off_bill_takes_a_recovery_and_accrues_nothing() -> None:
    story = issued().when(WriteOffBill(reason="无人"), as_=COMPANY, by="c", at="2025-03-20 10:00")
    back = told(story, money(6_000, rule=AllocationRule.RECOVERED)).then(BillReckoned).is_in("written-off")
    assert back.case.given_up == {"costs": 0, "penalty": 0, "principal": 20_000}
    assert back.case.still == ((date(2025, 3, 21), None),)
    assert len(back.case.movements) == 1


def test_a_bill_that_a_prepayment_met_may_be_void_and_one_that_was_paid_itself_not() -> None:
    met = told(issued(), money(5_000))
    met.when(VoidBill(reason="重复"), as_=MANAGER, by="m").is_in("void")
    paid = issued().when(ReceivePayment(amount_fen=5_000, method="cash"), as_=CLERK, at=LATE)
    paid.when(VoidBill(reason="重复"), as_=MANAGER, by="m", at=LATE).refused(RuleBroken, code="paid-already")


# -- corrections with a day ------------------------------------------------------------------------------------------


def test_a_correction_acts_from_the_day_that_it_names() -> None:
    def correct(**fields: object) -> Story:
        command = CorrectBill(item="更正", amount_fen=-8_000, reason="面积有误", **fields)  # type: ignore[arg-type]
        return issued().when(command, as_=MANAGER, by="m", at=LATE)

    assert correct(from_start=True).then(BillCorrected).case.corrections[0].day == date(2025, 3, 1)
    assert correct(effective_on=date(2025, 3, 20)).case.corrections[0].day == date(2025, 3, 20)
    assert correct().case.corrections[0].day == date(2025, 4, 4)
    correct(effective_on=date(2025, 2, 28)).refused(RuleBroken, code="before-the-bill")
    correct(effective_on=date(2025, 4, 5)).refused(RuleBroken, code="day-ahead")


def test_what_was_left_out_of_a_bill_is_a_line_of_a_later_one_which_is_due_by_itself() -> None:
    """So nobody owes a late fee on what he was never asked for; what was taken off by mistake may come back."""
    left_out = CorrectBill(item="补收", amount_fen=300, reason="漏计", from_start=True)
    issued().when(left_out, as_=MANAGER, at=LATE).refused(RuleBroken, code="raised-beyond-the-bill", clause="7.2")
    off = CorrectBill(item="减免", amount_fen=-299, reason="误")
    lowered = issued().when(off, as_=MANAGER, by="m", at=LATE)
    lowered.when(left_out, as_=MANAGER, at=LATE).refused(RuleBroken, code="raised-beyond-the-bill")
    billed = lowered.case.original_fen
    back = CorrectBill(item="恢复", amount_fen=299, reason="误")
    assert lowered.when(back, as_=MANAGER, at=LATE).case.principal_fen == billed


# -- holds -----------------------------------------------------------------------------------------------------------


def hold(story: Story, **fields: object) -> Story:
    said = {"ground": HoldGround.HARDSHIP, "reason": "重病"} | fields
    return story.when(HoldLateFee(**said), as_=MANAGER, at=LATE)  # type: ignore[arg-type]


def test_a_manager_lets_the_late_fee_stand_still_from_a_day_with_a_ground_and_a_reason() -> None:
    hold(issued(), ground=None).refused(RuleBroken, code="ground-missing")
    hold(issued(), reason=" ").refused(RuleBroken, code="reason-missing")
    hold(issued(), since=date(2025, 4, 5)).refused(RuleBroken, code="day-ahead")
    hold(issued(), since=date(2025, 4, 1), until=date(2025, 3, 1)).refused(RuleBroken, code="term-backwards")
    story = hold(issued(), since=date(2025, 3, 20)).then(
        LateFeeHeld, since=date(2025, 3, 20), ground=HoldGround.HARDSHIP
    )
    assert story.case.held
    hold(story).refused(RuleBroken, code="held-already")
    hold(story, ground=HoldGround.DISPUTE, since=date(2025, 3, 18), until=date(2025, 3, 25)).then(LateFeeHeld)
    story.when(AssessLateFee(), as_=CLERK, at=LATE).then(LateFeeAssessed, amount_fen=20)
    story.when(HoldLateFee(), as_=POLICY, at=LATE).then(LateFeeHeld, ground=None)
    story.when(HoldLateFee(), as_=POLICY, at=LATE).then_nothing()


def test_a_hold_ends_by_its_ground_on_a_day_that_has_come() -> None:
    story = hold(issued(), since=date(2025, 3, 20))

    def end(**fields: object) -> Story:
        said = {"ground": HoldGround.HARDSHIP} | fields
        return story.when(EndLateFeeHold(**said), as_=MANAGER, at=LATE)  # type: ignore[arg-type]

    end(ground=HoldGround.DISPUTE).refused(RuleBroken, code="not-held")
    end(until=date(2025, 4, 5)).refused(RuleBroken, code="day-ahead")
    end(until=date(2025, 3, 19)).refused(RuleBroken, code="term-backwards")
    end(until=date(2025, 3, 29)).then(LateFeeHoldEnded, until=date(2025, 3, 29))
    assert story.case.holds == [(date(2025, 3, 20), date(2025, 3, 29))]
    story.when(EndLateFeeHold(), as_=POLICY, at=LATE).then_nothing()


def test_what_is_owed_again_is_overdue_from_then_and_not_from_its_due_day() -> None:
    """A figure of the month in which it was due does not change months later (issue 11 §1)."""
    issued().given(BillReopened(resumes=True), at="2025-05-01 10:00").owes("due", "2025-05-01 10:00")
    issued().given(BillReopened(resumes=True), at="2025-03-10 10:00").owes("due", "2025-03-16 00:00")


# -- days that never come ---------------------------------------------------------------------------------------------


def test_a_bill_that_is_due_years_ahead_is_never_pursued_and_nobody_issues_it() -> None:
    """Nor one of a month that lies so far ahead (§8.A(1)); what another system billed is due when it says."""
    far = IssueBill(household="h", due_on=date(2049, 1, 1), amount_fen=500)
    given(LIFECYCLE).when(far, as_=CLERK).refused(RuleBroken, code="beyond-cap", clause="8.A(1)")
    monthly = IssueBill(household="h", period="2048-12", amount_fen=500)
    given(LIFECYCLE).when(monthly, as_=CLERK).refused(RuleBroken, code="beyond-cap")
    last = replace(far, due_on=date(2025, 6, 1))
    given(LIFECYCLE).when(last, as_=CLERK).then(BillIssued, due_on=date(2025, 6, 1))
    given(LIFECYCLE).when(replace(far, due_on=date(2025, 6, 2)), as_=CLERK).refused(RuleBroken, code="beyond-cap")
    story = given(LIFECYCLE).when(far, as_=CLERK, imported=True).then(BillIssued)
    assert story.waived == ["beyond-cap"]


# -- days that are not worked ----------------------------------------------------------------------------------------


def due_on(day: date, *changes: Change, imported: bool = False) -> date | None:
    story = Story(LIFECYCLE, Settings(changes))
    command = IssueBill(household="h-1", due_on=day, amount_fen=100, item="费")
    story.when(command, as_=CLERK, at=f"{day - timedelta(days=40)} 10:00", imported=imported).then(BillIssued)
    return story.case.due_on


MOVES = Change("bills.due_on_holiday", "moves", date(2025, 1, 1))


def test_a_due_day_on_a_holiday_moves_only_where_the_setting_says_so() -> None:
    assert due_on(date(2025, 10, 1)) == date(2025, 10, 1)
    assert due_on(date(2025, 10, 1), MOVES) == date(2025, 10, 9)
    assert due_on(date(2025, 9, 28), MOVES) == date(2025, 9, 28)  # a Sunday that is worked
    assert due_on(date(2025, 10, 1), MOVES, imported=True) == date(2025, 10, 1)


def test_a_year_that_is_not_announced_has_the_days_off_that_the_regulation_fixes() -> None:
    numbers = Settings().at(date(2027, 1, 1))
    assert not announced(2027, numbers)
    assert announced(2026, numbers)
    assert due_on(date(2027, 10, 1), MOVES) == date(2027, 10, 4)
    assert due_on(date(2027, 1, 1), MOVES) == date(2027, 1, 4)
    assert holidays_of(2027, numbers).is_working_day(date(2027, 2, 8))


def test_an_office_enters_what_is_announced_before_the_program_knows_it() -> None:
    off = Change("calendar.off_days", "2027-02-08 2027-02-09", date(2027, 1, 1))
    worked = Change("calendar.worked_days", "2027-02-06", date(2027, 1, 1))
    assert due_on(date(2027, 2, 8), MOVES, off, worked) == date(2027, 2, 10)
    assert due_on(date(2027, 2, 6), MOVES, off, worked) == date(2027, 2, 6)
    assert announced(2027, Settings((off,)).at(date(2027, 2, 1)))
