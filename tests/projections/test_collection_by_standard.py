"""The collection rate by standard: what each charged is known line by line, and what met a bill is divided among its lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from domain.fees.bill.commands.issuing import IssueBill, StandardCharge
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import AttachHome, SetFeeStandard
from domain.fees.payment import TakePayment
from domain.fees.terms import PaymentMethod
from domain.kernel.people import Role
from projections.reports.collection import COLLECTION
from projections.reports.report import Asked
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER
MONTH = {"first": date(2025, 3, 1), "last": date(2025, 3, 31)}


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    with office_rig(database.app, at="2025-03-31 09:00") as rig:
        yield rig


def standard(rig: OfficeRig, code: str, kind: FeeKind, price: str, household: str) -> StandardCharge:
    made = SetFeeStandard(
        code=code, name=f"费{code}", kind=kind, price=price, valid_from=date(2025, 1, 1), reason="年度", document="1"
    )
    case = rig.do(made, as_=MANAGER).case_id
    rig.do(AttachHome(home="1-101", household=household, quantity=10_000, first=date(2025, 1, 1)), as_=CLERK, on=case)
    return StandardCharge(standard=case, attachment=1, **MONTH)


def rates(rig: OfficeRig) -> dict[str | None, dict[str, Any]]:
    page, day = rig.facts()[-1].number, date(2025, 4, 30)
    asked = Asked(office=rig.code, page=page, on=day, by="standard", since=day, until=day)
    with rig.pool.connection() as connection:
        rows = [dict(zip(COLLECTION.columns, row, strict=True)) for row in COLLECTION.rows(connection, asked)]
    return {row["group_name"]: row for row in rows}


def test_a_bill_of_two_standards_stands_under_both_and_no_fen_is_lost(rig: OfficeRig) -> None:
    household = "household-1"
    charges = (
        standard(rig, "A", FeeKind.MANAGEMENT, "2.00", household),
        standard(rig, "B", FeeKind.MANAGEMENT, "1.00", household),
    )
    bill = IssueBill(household=household, due_on=date(2025, 4, 15), charges=charges, item="门禁卡", amount_fen=1)
    rig.do(bill, as_=CLERK)
    rig.do(TakePayment(household=household, amount_fen=10_001, method=PaymentMethod.CASH), as_=CLERK)

    found = rates(rig)
    assert {name: (row["charged_fen"], row["collected_fen"]) for name, row in found.items()} == {
        None: (1, 0),
        "A 费A": (20_000, 6_667),
        "B 费B": (10_000, 3_334),
    }
    assert all(row["households_paid"] == 0 for row in found.values())
    rig.do(TakePayment(household=household, amount_fen=20_000, method=PaymentMethod.CASH), as_=CLERK)
    assert all((row["by_amount"], row["by_household"]) == ("1", "1") for row in rates(rig).values())
