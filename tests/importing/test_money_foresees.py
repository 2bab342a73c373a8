"""The mappings of accounts and invoices over what their files did not have: other headers, spellings, what is still open."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.importing.test_mappings_foresee import bring, codes
from tests.office_rig import OfficeRig, office_rig

pytestmark = pytest.mark.long
MONTHS = range(1, 7)


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    with office_rig(database.app) as rig:
        yield rig


def test_accounts_whose_latest_month_is_called_pay_1_without_default_and_with_figures_as_spreadsheets_write_them(
    rig: OfficeRig, tmp_path: Path
) -> None:
    header = [f"pay {n}" for n in MONTHS] + [f"Bill_Amt{n}" for n in MONTHS] + [f"PAY_AMT{n}" for n in MONTHS]
    late, billed, paid = ["3.0", "2", "0", "-1", "-2", "0"], ["1.00E+05", "-165.80", "0", "1,200", "7", "8"], ["0"] * 6
    report = bring(
        rig,
        tmp_path,
        "uci_credit_card",
        ",".join(["ID", "SEX", *header]),
        ",".join(["9", "2", *late, *(f'"{fen}"' for fen in billed), *paid]),
    )
    assert (report.taken, report.refused) == (1, 0)
    bills = {row["period"]: row for row in rig.rows("bills")}
    assert (bills["2005-09"]["original_fen"], bills["2005-09"]["months_late"]) == (10_000_000, 3)
    assert (bills["2005-08"]["prepaid_fen"], bills["2005-08"]["months_late"]) == (16_580, 2)
    assert (bills["2005-07"]["original_fen"], bills["2005-06"]["original_fen"]) == (0, 120_000)
    assert rig.rows("debt-cases") == [], "whether it is in default is not known"


def test_an_account_with_a_month_that_cannot_be_read_is_refused_whole(rig: OfficeRig, tmp_path: Path) -> None:
    header = [f"PAY_{n}" for n in MONTHS] + [f"BILL_AMT{n}" for n in MONTHS] + [f"PAY_AMT{n}" for n in MONTHS]
    report = bring(
        rig,
        tmp_path,
        "uci_credit_card",
        ",".join(["ID", *header]),
        ",".join(["9", *["0"] * 6, "1", "", "1", "1", "0.001", "1", *["0"] * 6]),
    )
    assert (report.taken, report.refused) == (0, 1)
    assert [code for _, code, _ in codes(tmp_path)] == ["amount-finer-than-fen", "value-missing"]
    assert rig.rows("bills") == []


def test_invoices_that_are_not_settled_and_days_in_another_style(rig: OfficeRig, tmp_path: Path) -> None:
    report = bring(
        rig,
        tmp_path,
        "ibm_invoices",
        "invoice number,customer id,invoice date,due date,invoice amount,disputed,settled date",
        "7,C,2013-01-02,2013-02-01,55.94,No,",
        "8,C,1/2/2013,2/1/2013,61.74,Yes,",
        "9,C,1/2/2013,2/1/2013,61.74,Yes,3/3/2013",
    )
    assert (report.taken, report.refused) == (3, 0)
    bills = {row["source_id"]: row for row in rig.rows("bills")}
    assert [(bills[n]["state"], bills[n]["disputed"], bills[n]["days_late"]) for n in "789"] == [
        ("issued", False, None),
        ("issued", True, None),
        ("paid", True, 30),
    ]
    [debt] = rig.rows("debt-cases")
    assert (debt["source_id"], debt["disputed"]) == ("8", True)
