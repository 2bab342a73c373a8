"""Sentences about the money of a move-in (§1.3, §7): what is a deposit is held and goes back, what was taken for nothing too."""

from __future__ import annotations

from domain.fees.terms import PaymentMethod
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.moving.move_in.commands import RefundMoveInDeposit, WithdrawMoveIn
from domain.moving.move_in.events import MoveInDepositRefunded, MoveInWithdrawn
from tests.domain.moving.test_moving import applied, inspected, with_keys

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
