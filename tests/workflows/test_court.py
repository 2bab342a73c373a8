"""What a court decides and what only one bill's dispute holds, on a real book: both come back to the bills (§8.B(3), §8.B(5))."""

from __future__ import annotations

from datetime import date

from domain.arrears.debt_case.commands.dunning import BeginSecondStage, ClassifyDebtor, RecordArrearsReason
from domain.arrears.debt_case.commands.lawsuit import RecordLegalOutcome, StartLegalAction
from domain.arrears.debt_case.commands.measures import RaiseDispute, ReleaseDispute
from domain.arrears.terms import ArrearsReason, DebtorCategory, LegalOutcome, Reduction
from domain.fees.bill.commands.issuing import CorrectBill, WriteOffBill
from domain.fees.payment import TakePayment
from domain.fees.terms import PaymentMethod
from tests.office_rig import OfficeRig
from tests.workflows.test_money import CLERK, COMPANY, DEBT, MANAGER, billed, notice, overdue, rig

__all__ = ["rig"]


def test_a_judgment_lowers_the_bills_and_its_costs_join_the_oldest(rig: OfficeRig) -> None:
    bill = overdue(rig)
    notice(rig, 1, bill, "2025-02-20 09:00")
    rig.do(ClassifyDebtor(category=DebtorCategory.HOLDOUT), as_=CLERK, on=DEBT)
    rig.do(RecordArrearsReason(reason=ArrearsReason.REFUSAL, verified_by="li"), as_=CLERK, on=DEBT)
    rig.do(BeginSecondStage(), as_=CLERK, on=DEBT, at="2025-03-05 09:00")
    rig.do(StartLegalAction(evidence="通知"), as_=MANAGER, on=DEBT, at="2025-03-10 09:00")
    lowered = (Reduction(bill=bill, principal_fen=1_000, late_fee_fen=50),)
    judged = RecordLegalOutcome(
        outcome=LegalOutcome.JUDGMENT, on=date(2025, 6, 1), document="判决书", costs_fen=5_000, reductions=lowered
    )
    rig.do(judged, as_=MANAGER, by="manager", on=DEBT, at="2025-06-02 09:00")
    found = rig.case(bill)
    assert (found.principal_fen, found.charges_fen, found.waived_fen) == (29_000, 5_000, 50)
    assert rig.case(DEBT).outstanding_fen == 29_000 + 5_000 + 75 - 50
    paid = TakePayment(household="household-1", amount_fen=34_025, method=PaymentMethod.TRANSFER)
    rig.do(paid, as_=CLERK)
    assert (rig.case(bill).state, rig.case(DEBT).state) == ("paid", "settled")
    [row] = rig.rows("debt-cases")
    assert (row["legal_outcome"], row["legal_outcome_on"]) == ("judgment", date(2025, 6, 1))


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
