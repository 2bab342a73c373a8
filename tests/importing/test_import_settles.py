"""Another system's pursuit is over once its bills are paid: in its own history, in a later export of it, or here (§8.A(2))."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.fees.bill.commands.issuing import VoidBill
from domain.fees.bill.commands.payment import ReceivePayment, ReversePayment
from domain.kernel.people import Role
from tests.conftest import Database
from tests.importing.test_mappings_foresee import bring
from tests.office_rig import OfficeRig, office_rig
from tests.workflows.checked_office import checked_office

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER
INVOICES = "invoiceNumber,customerID,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate"
FINES = "case_id,event_no,activity,timestamp,amount,expense,paymentAmount"
OPEN = "3,B,2/2/2013,3/4/2013,30.00,Yes,"


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """Afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def debt(rig: OfficeRig, source: str = "3") -> Any:
    [row] = rig.rows("debt-cases", source_id=source)
    return rig.case(row["case_id"])


def bill(rig: OfficeRig, source: str = "3") -> str:
    [row] = rig.rows("bills", source_id=source)
    found: str = row["case_id"]
    return found


def test_paid_here_it_is_settled_and_goes_on_where_it_was_when_the_payment_is_taken_back(
    rig: OfficeRig, tmp_path: Path
) -> None:
    bring(rig, tmp_path, "ibm_invoices", INVOICES, OPEN)
    assert (debt(rig).state, debt(rig).bills) == ("opened", {bill(rig): 3_000})
    rig.do(ReceivePayment(amount_fen=1_000, method="cash"), as_=CLERK, by="li", on=bill(rig))
    assert (debt(rig).state, debt(rig).outstanding_fen) == ("opened", 2_000)
    rig.do(ReceivePayment(amount_fen=2_000, method="cash"), as_=CLERK, by="li", on=bill(rig))
    assert (debt(rig).state, debt(rig).outstanding_fen) == ("settled", 0)
    last = rig.case(bill(rig)).standing[-1].number
    rig.do(ReversePayment(payment=last, reason="退票"), as_=MANAGER, by="wang", on=bill(rig))
    assert (debt(rig).state, debt(rig).outstanding_fen, debt(rig).ladder) == ("opened", 2_000, 1)


def test_a_bill_that_is_void_is_pursued_no_more(rig: OfficeRig, tmp_path: Path) -> None:
    bring(rig, tmp_path, "ibm_invoices", INVOICES, OPEN)
    rig.do(VoidBill(reason="重复"), as_=MANAGER, by="wang", on=bill(rig))
    assert debt(rig).state == "settled"


SENT = (
    "A1,1,Create Fine,2010-01-01T00:00:00+01:00,35.0,,",
    "A1,2,Send Fine,2010-03-01T00:00:00+01:00,,11.0,",
)
PAID = "A1,3,Payment,2010-04-01T00:00:00+02:00,,,46.0"


def test_paid_in_a_later_export_it_is_settled_on_the_day_of_the_payment(rig: OfficeRig, tmp_path: Path) -> None:
    bring(rig, tmp_path, "rtfm_events", FINES, *SENT)
    assert (debt(rig, "A1").state, debt(rig, "A1").outstanding_fen) == ("stage-1", 4_600)
    report = bring(rig, tmp_path, "rtfm_events", FINES, *SENT, PAID)
    assert (report.refused, debt(rig, "A1").state) == (0, "settled")
    settled = [fact for fact in rig.facts() if fact.name == "DebtSettled"]
    assert [(fact.imported, str(fact.occurred_at.date())) for fact in settled] == [(True, "2010-03-31")]
    again = bring(rig, tmp_path, "rtfm_events", FINES, *SENT, PAID)
    assert (again.facts, debt(rig, "A1").state) == (0, "settled")


def test_paid_in_its_own_history_it_is_over_and_what_is_left_of_another_is_pursued(
    database: Database, tmp_path: Path
) -> None:
    with office_rig(database.app) as rig:
        report = bring(
            rig,
            tmp_path,
            "rtfm_events",
            FINES,
            *SENT,
            PAID,
            "A2,1,Create Fine,2010-01-01T00:00:00+01:00,35.0,,",
            "A2,2,Send Fine,2010-03-01T00:00:00+01:00,,11.0,",
            "A2,3,Payment,2010-04-01T00:00:00+02:00,,,40.0",
            "A2,4,Add penalty,2010-06-01T00:00:00+02:00,70.0,,",
            "A2,5,Send for Credit Collection,2012-04-01T00:00:00+02:00,,,",
            "A3,1,Create Fine,2010-01-01T00:00:00+01:00,35.0,,",
            "A3,2,Send Fine,2010-03-01T00:00:00+01:00,,11.0,",
            "A3,3,Payment,2010-04-01T00:00:00+02:00,,,46.0",
            "A3,4,Add penalty,2010-06-01T00:00:00+02:00,70.0,,",
        )
        assert (report.refused, report.noted) == (0, 0)
        states = {source: (debt(rig, source).state, debt(rig, source).outstanding_fen) for source in ("A1", "A2", "A3")}
        assert states == {"A1": ("settled", 0), "A2": ("legal", 4_100), "A3": ("stage-2", 3_500)}
        rig.do(ReceivePayment(amount_fen=4_100, method="cash"), as_=CLERK, on=bill(rig, "A2"))
        assert debt(rig, "A2").state == "settled"
