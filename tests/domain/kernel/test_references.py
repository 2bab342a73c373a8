"""What may be referred to, said without a book."""

from __future__ import annotations

from datetime import date

from domain.arrears.debt_case.commands.lawsuit import RecordLegalOutcome
from domain.arrears.terms import LegalOutcome, Reduction
from domain.complaints.complaint.commands.handling import LinkComplaint
from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint
from domain.complaints.complaint.events import LinkKind
from domain.fees.payment import TakePayment
from domain.fees.terms import PaymentMethod
from domain.kernel.names import bears_names
from domain.kernel.references import REFERENCES, named_in, not_there, refers, related_set_aside, unknown


def test_what_was_withdrawn_is_refused_where_it_was_named_and_with_the_clause() -> None:
    refusal = related_set_aside("household", "4.2")
    assert (refusal.code, refusal.field, refusal.clause) == ("related-set-aside", "household", "4.2")


def test_what_is_nowhere_is_named_by_its_kind() -> None:
    refusal = unknown("household", REFERENCES["household"], "4.2")
    assert (refusal.code, refusal.field) == ("related-unknown", "household")
    assert "household" in refusal.en


def test_what_a_decision_reads_and_nobody_has_is_refused_in_the_field_that_names_it() -> None:
    refusal = not_there(LinkComplaint(kind=LinkKind.REPAIR_ORDER, case="repair_order-nope"), "repair_order-nope")
    assert (refusal.code, refusal.field) == ("related-unknown", "case")


def test_a_line_of_a_list_names_it_as_well_and_what_only_leads_to_it_has_no_field() -> None:
    lowered = (Reduction(bill="bill-1", principal_fen=1), Reduction(bill="bill-2", principal_fen=1))
    judged = RecordLegalOutcome(
        outcome=LegalOutcome.JUDGMENT, on=date(2025, 5, 6), document="判决书", reductions=lowered
    )
    assert named_in(judged, "bill-2") == "reductions"
    assert named_in(judged, "household-1") is None


def test_a_complaint_names_a_home_and_refers_to_whose_it_is_and_its_assessment_does_neither() -> None:
    assert (bears_names(RegisterComplaint), refers(RegisterComplaint)) == (True, True)
    assert (bears_names(AssessComplaint), refers(AssessComplaint)) == (False, False)


def test_a_household_may_pay_before_it_has_an_account_and_nothing_else_may_lack() -> None:
    paid = TakePayment(household="household-1", amount_fen=100, method=PaymentMethod.CASH)
    assert (paid.may_lack("account"), paid.may_lack("household")) == (True, False)
