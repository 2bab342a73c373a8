"""Bills that were taken over from another system count by their due days; their money is booked in its own books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.bill.commands.payment import ReceivePayment
from domain.kernel.people import Actor, Role
from projections.engine.standard import read
from projections.registers.index import REGISTERS
from projections.reports.index import REPORTS
from projections.reports.report import Asked
from projections.standards.index import STANDARDS
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig
from workflows.engine.request import CommandRequest
from workflows.importing.run import import_history

MAPPINGS = Path(__file__).parents[2] / "mappings"
HEADER = "invoiceNumber,customerID,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,DaysLate"
ROWS = (
    "1,A,1/2/2013,2/1/2013,100.00,No,1/15/2013,0",
    "2,A,1/2/2013,2/11/2013,50.00,Yes,2/21/2013,10",
    "3,B,2/2/2013,3/4/2013,30.00,Yes,,",
)


@pytest.fixture
def rig(database: Database, tmp_path: Path) -> Iterator[OfficeRig]:
    (tmp_path / "rows.csv").write_text("\n".join([HEADER, *ROWS, ""]), encoding="utf-8")
    with office_rig(database.app) as rig:
        report = import_history(
            rig.handler,
            rig.pool.connection,
            tmp_path / "rows.csv",
            MAPPINGS / "ibm_invoices.toml",
            rig.code,
            now=datetime(2025, 1, 1, tzinfo=UTC),
        )
        assert (report.taken, report.refused, report.noted) == (3, 0, 0)
        yield rig


def report(rig: OfficeRig, name: str, by: str | None = None, on: date = date(2025, 1, 1)) -> list[dict[str, Any]]:
    found, first = REPORTS[name], date(2000, 1, 1)
    page = rig.facts()[-1].number
    asked = Asked(office=rig.code, page=page, on=on, by=by or found.groups[0], since=first, until=date(2100, 1, 1))
    with rig.pool.connection() as connection:
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows(connection, asked)]


def test_they_count_in_the_collection_rate_by_their_due_days(rig: OfficeRig) -> None:
    rows = {row["group_key"]: row for row in report(rig, "collection", "due-month")}
    assert {key: (row["bills"], row["charged_fen"], row["collected_fen"]) for key, row in rows.items()} == {
        "2013-02": (2, 15_000, 15_000),
        "2013-03": (1, 3_000, 0),
    }
    [whole] = report(rig, "collection", "office")
    assert (whole["households_billed"], whole["households_paid"]) == (2, 1), "a home stands for its household"
    [before] = report(rig, "collection", "office", date(2013, 2, 20))
    assert (before["charged_fen"], before["collected_fen"]) == (18_000, 10_000), "by value date"


def test_and_in_the_measured_duties(rig: OfficeRig) -> None:
    standards = {standard.slug: standard for standard in STANDARDS}
    year = {"since": date(2013, 1, 1), "until": date(2013, 12, 31), "now": datetime(2025, 1, 1, tzinfo=UTC)}
    for slug, right in (("collection-rate-by-amount", (15_000, 18_000)), ("collection-rate-by-household", (2, 3))):
        with rig.pool.connection() as connection:
            found = read(connection, REGISTERS, standards[slug], office=rig.code, **year)  # type: ignore[arg-type]
        assert (found.met, found.counted) == right


def test_what_is_owed_on_them_has_an_age(rig: OfficeRig) -> None:
    [aged] = report(rig, "ageing", "office", date(2013, 3, 10))
    assert (aged["to_30_fen"], aged["total_fen"]) == (3_000, 3_000)


def test_their_money_is_neither_in_the_journal_nor_prepaid_here(rig: OfficeRig) -> None:
    """Nor where they name a household that is known here."""
    told = CommandRequest(
        office=rig.code,
        command=IssueBill(household="household-9", due_on=date(2013, 3, 1), amount_fen=5_000, item="fee"),
        actor=Actor("import:another", Role.ADMINISTRATOR),
        now=rig.now,
        imported=True,
        source_id="9",
    )
    bill = rig.handler.handle(told).case_id
    rig.handler.handle(replace(told, command=ReceivePayment(amount_fen=5_000), case_id=bill, source_id=None))
    assert {row["entry"] for row in rig.rows("bill-entries", case_id=bill)} == {"bill", "payment"}
    assert report(rig, "journal") == []
    assert report(rig, "prepayments") == []


def test_whoever_owes_nothing_any_more_is_no_debtor(rig: OfficeRig) -> None:
    """Another system's arrears case tells of no payment: whether something is left stands on its bill."""
    [debtor] = report(rig, "debtors")
    assert (debtor["debtors"], debtor["bills"], debtor["outstanding_fen"], debtor["disputed"]) == (1, 1, 3_000, 1)
    [bill] = [row["case_id"] for row in rig.rows("bills") if row["source_id"] == "3"]
    rig.do(ReceivePayment(amount_fen=1_000, method="cash"), as_=Role.ADMINISTRATOR, on=bill)
    assert report(rig, "debtors")[0]["outstanding_fen"] == 2_000
    rig.do(ReceivePayment(amount_fen=2_000, method="cash"), as_=Role.ADMINISTRATOR, on=bill)
    assert report(rig, "debtors") == []


def test_whoever_paid_in_a_history_that_nobody_has_settled_is_no_debtor(rig: OfficeRig) -> None:
    """An older program imported the payment and left the pursuit open: what is left stands on the bill."""
    [bill] = [row["case_id"] for row in rig.rows("bills") if row["source_id"] == "3"]
    told = CommandRequest(
        office=rig.code,
        command=ReceivePayment(amount_fen=3_000),
        actor=Actor("import:another", Role.ADMINISTRATOR),
        now=rig.now,
        case_id=bill,
        imported=True,
    )
    rig.handler.handle(told)
    assert [row["open"] for row in rig.rows("debt-cases")] == [True]
    assert report(rig, "debtors") == []


def test_whoever_disputed_and_has_not_paid_is_not_dunned(rig: OfficeRig) -> None:
    [debt] = rig.rows("debt-cases")
    assert (debt["source_id"], debt["disputed"]) == ("3", True)
    bills = {bill["source_id"]: bill for bill in rig.rows("bills")}
    assert [bills[n]["disputed"] for n in "123"] == [False, True, True]
    assert [(bills[n]["days_late"], bills[n]["stated_days_late"]) for n in "123"] == [(0, 0), (10, 10), (None, None)]
