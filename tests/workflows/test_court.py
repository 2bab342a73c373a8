"""What a court decides and what only one bill's dispute holds, on a real book: both come back to the bills (§8.B(3), §8.B(5))."""

from __future__ import annotations

from datetime import date

import pytest

from domain.arrears.debt_case.commands.dunning import (
    BeginSecondStage,
    ClassifyDebtor,
    IssueDunningNotice,
    RecordArrearsReason,
)
from domain.arrears.debt_case.commands.lawsuit import RecordLegalOutcome, StartLegalAction
from domain.arrears.debt_case.commands.measures import RaiseDispute, ReleaseDispute
from domain.arrears.terms import ArrearsReason, DebtorCategory, LegalOutcome, Reduction
from domain.fees.bill.commands.issuing import CorrectBill, WriteOffBill
from domain.fees.payment import ReverseReceipt, TakePayment
from domain.fees.terms import PaymentMethod
from domain.kernel.errors import RuleBroken
from tests.office_rig import OfficeRig
from tests.workflows.test_money import CLERK, COMPANY, DEBT, LETTER, MANAGER, billed, notice, overdue, rig

__all__ = ["rig"]


def test_a_judgment_lowers_the_bills_and_its_costs_join_the_oldest(rig: OfficeRig) -> None:
    bill = overdue(rig)
    sued(rig, bill)
    lowered = judged(Reduction(bill=bill, principal_fen=1_000, late_fee_fen=50), costs_fen=5_000)
    rig.do(lowered, as_=MANAGER, by="manager", on=DEBT, at="2025-06-02 09:00")
    found = rig.case(bill)
    assert (found.principal_fen, found.charges_fen, found.waived_fen) == (29_000, 5_000, 50)
    assert rig.case(DEBT).outstanding_fen == 29_000 + 5_000 + 75 - 50
    paid = TakePayment(household="household-1", amount_fen=34_025, method=PaymentMethod.TRANSFER)
    rig.do(paid, as_=CLERK)
    assert (rig.case(bill).state, rig.case(DEBT).state) == ("paid", "settled")
    [row] = rig.rows("debt-cases")
    assert (row["legal_outcome"], row["legal_outcome_on"]) == ("judgment", date(2025, 6, 1))


def sued(rig: OfficeRig, bill: str) -> None:
    """A holdout is sued on 10 March for the bill of January."""
    notice(rig, 1, bill, "2025-02-20 09:00")
    rig.do(ClassifyDebtor(category=DebtorCategory.HOLDOUT), as_=CLERK, on=DEBT)
    rig.do(RecordArrearsReason(reason=ArrearsReason.REFUSAL, verified_by="li"), as_=CLERK, on=DEBT)
    rig.do(BeginSecondStage(), as_=CLERK, on=DEBT, at="2025-03-05 09:00")
    rig.do(StartLegalAction(evidence="通知"), as_=MANAGER, on=DEBT, at="2025-03-10 09:00")


def judged(*reductions: Reduction, costs_fen: int = 0) -> RecordLegalOutcome:
    """A judgment of 1 June."""
    outcome, on = LegalOutcome.JUDGMENT, date(2025, 6, 1)
    return RecordLegalOutcome(
        outcome=outcome, on=on, document="判决书", costs_fen=costs_fen, reductions=tuple(reductions)
    )


def test_what_a_court_found_never_owed_though_it_was_paid_is_the_households_again(rig: OfficeRig) -> None:
    """25,000 of 30,000 are paid before the judgment, which grants 10,000 and its costs of 500 and no late fee."""
    bill = overdue(rig)
    sued(rig, bill)
    paid = TakePayment(household="household-1", amount_fen=25_000, method=PaymentMethod.TRANSFER)
    rig.do(paid, as_=CLERK, at="2025-04-01 09:00")
    assert rig.case(DEBT).outstanding_fen == 5_075
    too_much = judged(Reduction(bill=bill, principal_fen=30_001))
    with pytest.raises(RuleBroken, match="至多减"):
        rig.do(too_much, as_=MANAGER, by="manager", on=DEBT, at="2025-06-02 09:00")
    lowered = judged(Reduction(bill=bill, principal_fen=20_000, late_fee_fen=75), costs_fen=500)
    rig.do(lowered, as_=MANAGER, by="manager", on=DEBT)
    found = rig.case(bill)
    assert (found.principal_fen, found.charges_fen, found.state) == (10_000, 500, "paid")
    assert rig.rows("accounts")[0]["prepaid_fen"] == 25_000 - 10_000 - 500
    assert rig.case(DEBT).state == "settled"


def test_a_dispute_of_one_bill_holds_its_late_fee_alone(rig: OfficeRig) -> None:
    bill = overdue(rig)
    second = billed(rig, month="2025-02")
    rig.until("2025-03-20 09:00")
    rig.do(RaiseDispute(reason="面积有误", bills=(second,)), as_=CLERK, on=DEBT)
    assert (rig.case(bill).holds, rig.case(second).holds) == ([], [(date(2025, 3, 20), None)])
    rows = {row["bill"]: row["disputed"] for row in rig.rows("debt-bills")}
    assert rows == {bill: False, second: True}
    notice(rig, 1, bill, "2025-03-21 09:00")
    rig.do(ReleaseDispute(outcome="维持", bills=(second,)), as_=CLERK, on=DEBT, at="2025-03-25 09:00")
    assert rig.case(second).holds == [(date(2025, 3, 20), date(2025, 3, 25))]


def test_what_was_written_off_is_corrected_and_recovered_and_pursued_no_more(rig: OfficeRig) -> None:
    bill = overdue(rig)
    second = billed(rig, month="2025-02")
    rig.until("2025-03-20 09:00")
    rig.do(WriteOffBill(reason="无法收回"), as_=COMPANY, by="company", on=bill)
    lowered = CorrectBill(item="更正", amount_fen=-10_000, reason="面积有误", from_start=True)
    rig.do(lowered, as_=MANAGER, by="manager", on=bill)
    paid = TakePayment(household="household-1", amount_fen=15_000, method=PaymentMethod.TRANSFER, bills=(bill,))
    rig.do(paid, as_=CLERK, at="2025-03-21 09:00")
    found = rig.case(bill)
    assert (found.state, found.given_up["principal"]) == ("written-off", 20_000)
    assert sum(move.principal_fen for move in found.moves) == 15_000
    assert rig.case(DEBT).bills == {bill: 0, second: 30_000}


def test_a_payment_that_bounces_after_the_ladder_began_anew_leaves_its_bill_where_it_was(rig: OfficeRig) -> None:
    bill = overdue(rig)
    later = billed(rig, month="2025-02")
    notice(rig, 1, bill, "2025-02-20 09:00")
    rig.do(RecordArrearsReason(reason=ArrearsReason.REFUSAL, verified_by="li"), as_=CLERK, on=DEBT)
    rig.do(BeginSecondStage(), as_=CLERK, on=DEBT, at="2025-03-05 09:00")
    rig.until("2025-03-20 09:00")
    owed = rig.case(bill).outstanding_fen
    paid = TakePayment(household="household-1", amount_fen=owed, method=PaymentMethod.CHEQUE, bills=(bill,))
    cheque = rig.do(paid, as_=CLERK).case_id
    assert (rig.case(DEBT).state, rig.case(DEBT).unpaid) == ("opened", (later,))
    lapsed = rig.case(DEBT).lapses[bill]
    rig.do(ReverseReceipt(reason="退票"), as_=MANAGER, by="wang", on=cheque, at="2025-03-28 09:00")
    found = rig.case(DEBT)
    assert (found.state, found.ladder, found.stage) == ("stage-2", 1, 2)
    assert found.notice1_at is not None
    assert set(found.unpaid) == {bill, later}
    assert found.lapses[bill] < lapsed, "what bounced is no part payment"
    [row] = rig.rows("debt-cases")
    assert (row["stage"], row["notice1_on"]) == (2, date(2025, 2, 20))
    rig.do(IssueDunningNotice(stage=2, **LETTER), as_=CLERK, on=DEBT)
    assert rig.case(DEBT).dunned == {bill, later}
