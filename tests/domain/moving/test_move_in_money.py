"""Sentences about the money of a move-in (§1.3, §7): what is a deposit is held and goes back, what was taken for nothing too."""

from __future__ import annotations

from datetime import date

from domain.fees.terms import PaymentMethod
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.moving.move_in.commands import (
    CheckMoveInDocuments,
    CompleteMoveIn,
    HandOverMoveInKeys,
    HoldMoveInDepositOn,
    InspectForMoveIn,
    LetMoveInDepositFallDue,
    LinkMoveInHousehold,
    RefundMoveInDeposit,
    SettleMoveInFees,
    WithdrawMoveIn,
)
from domain.moving.move_in.events import (
    MoveInDepositFellDue,
    MoveInDepositRefunded,
    MoveInDepositStillHeld,
    MoveInFeesSettled,
    MoveInWithdrawn,
)
from tests.domain.moving.test_moving import PAPERS, applied, inspected, with_keys

CASH, CLERK = PaymentMethod.CASH, Role.ADMINISTRATOR


def test_a_deposit_of_a_move_in_goes_back_once_by_another_person_than_took_it() -> None:
    story = with_keys()
    assert (story.case.held_fen, story.case.taken_fen) == (20_000, 50_000)
    assert story.case.why_it_stands() is not None
    back = RefundMoveInDeposit(method=CASH, receipt="R2")
    story.when(back, as_=CLERK).refused(RuleBroken, clause="1.3", code="own-work")
    for fields, code in (
        ({"deducted_fen": 20_001}, "deduction-out-of-range"),
        ({"deducted_fen": 500}, "reason-missing"),
        ({"receipt": "R1"}, "receipt-twice"),
        ({"method": None}, "method-missing"),
    ):
        said = RefundMoveInDeposit(**({"method": CASH} | fields))
        story.when(said, as_=CLERK, by="other").refused(RuleBroken, clause="1.3", code=code)
    kept = RefundMoveInDeposit(method=CASH, deducted_fen=500, reason="门卡遗失", receipt="R2")
    story.when(kept, as_=CLERK, by="other").then(MoveInDepositRefunded, refunded_fen=19_500, deducted_fen=500)
    assert story.lifecycle.held(story.case) >= {"receipt:r1", "receipt:r2"}
    story.when(back, as_=CLERK, by="other").refused(RuleBroken, code="no-deposit")
    lost = with_keys().when(RefundMoveInDeposit(deducted_fen=20_000, reason="门卡遗失"), as_=CLERK, by="other")
    lost.then(MoveInDepositRefunded, refunded_fen=0, method=None)
    assert not lost.case.refund_receipts


def test_what_was_taken_goes_back_whole_when_nobody_moves_in() -> None:
    story = inspected()
    assert story.case.why_it_stands() is not None
    story.when(WithdrawMoveIn(reason="不住了"), as_=CLERK).refused(RuleBroken, code="own-work")
    story.when(WithdrawMoveIn(reason="不住了"), as_=CLERK, by="other").refused(RuleBroken, code="method-missing")
    gone = WithdrawMoveIn(reason="不住了", method=CASH)
    story.when(gone, as_=CLERK, by="other").then(MoveInWithdrawn, refunded_fen=50_000).is_in("withdrawn")
    assert (story.case.held_fen, story.case.why_it_stands()) == (0, None)
    applied().when(gone, as_=CLERK).then(MoveInWithdrawn, refunded_fen=0, method=None)


def test_fees_paid_in_advance_are_named_apart_from_deposit_and_fees() -> None:
    checked = applied().when(CheckMoveInDocuments(documents=PAPERS), as_=CLERK)
    for fields in ({"advance_fen": -1}, {"advance_fen": 30_001}):
        said = SettleMoveInFees(amount_fen=50_000, deposit_fen=20_000, receipt="R1", method=CASH, **fields)
        checked.when(said, as_=CLERK).refused(RuleBroken, clause="1.3", code="advance-beyond-fees")
    said = SettleMoveInFees(amount_fen=50_000, deposit_fen=20_000, advance_fen=30_000, receipt="R1", method=CASH)
    story = checked.when(said, as_=CLERK).then(MoveInFeesSettled, advance_fen=30_000)
    assert (story.case.advance_fen, story.case.advance_source) == (30_000, None), "nobody has keys, there is no file"


def test_fees_in_advance_are_on_the_account_from_the_keys_on_once_there_is_a_file() -> None:
    checked = applied().when(CheckMoveInDocuments(documents=PAPERS), as_=CLERK)
    said = SettleMoveInFees(amount_fen=30_000, advance_fen=30_000, receipt="R1", method=CASH)
    story = checked.when(said, as_=CLERK).when(InspectForMoveIn(signature="王"), as_=CLERK)
    story.when(HandOverMoveInKeys(keys=("1",), signature="王"), as_=CLERK)
    assert story.case.advance_source is None
    story.when(CompleteMoveIn(), as_=CLERK)
    story.when(LinkMoveInHousehold(household="household-1"), as_=Role.POLICY)
    assert story.case.advance_source == f"{story.case.id}#{story.case.version}"


def test_the_deposit_goes_back_within_days_after_the_household_has_left() -> None:
    story = with_keys()
    assert story.case.deposit_due_on is None
    falls = LetMoveInDepositFallDue(left_on=date(2025, 3, 10))
    story.when(falls, as_=Role.POLICY, at="2025-03-12 10:00").then(MoveInDepositFellDue)
    assert story.case.deposit_due_on == date(2025, 3, 19), "seven days from when the book was told"
    story.when(HoldMoveInDepositOn(), as_=Role.POLICY, at="2025-03-13 10:00").then(MoveInDepositStillHeld)
    assert story.case.deposit_due_on is None
    story.when(HoldMoveInDepositOn(), as_=Role.POLICY, at="2025-03-13 11:00").then_nothing()
    story.when(falls, as_=Role.POLICY, at="2025-03-14 10:00").then(MoveInDepositFellDue)
    story.when(RefundMoveInDeposit(method=CASH), as_=CLERK, by="other", at="2025-03-15 10:00")
    assert (story.case.deposit_due_on, story.case.held_fen) == (None, 0)
    story.when(falls, as_=Role.POLICY, at="2025-03-16 10:00").then_nothing()
