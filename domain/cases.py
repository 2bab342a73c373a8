"""CASES: every kind of case, in the handbook's order. Adding a kind is one module and one line here."""

from __future__ import annotations

from typing import Any

from domain import (
    bill,
    complaint,
    debt_case,
    follow_up,
    household,
    key_loan,
    office,
    reading,
    rectification,
    repair_order,
    vacant_home,
    weekly_sample,
)
from domain.errors import NotFound
from domain.lifecycle import Lifecycle

CASES: tuple[Lifecycle[Any], ...] = (
    office.LIFECYCLE,
    rectification.LIFECYCLE,
    repair_order.LIFECYCLE,
    vacant_home.LIFECYCLE,
    key_loan.LIFECYCLE,
    complaint.LIFECYCLE,
    follow_up.LIFECYCLE,
    weekly_sample.LIFECYCLE,
    bill.LIFECYCLE,
    debt_case.LIFECYCLE,
    household.LIFECYCLE,
    reading.LIFECYCLE,
)

BY_KIND = {lifecycle.kind: lifecycle for lifecycle in CASES}
BY_PATH = {lifecycle.path: lifecycle for lifecycle in CASES}


def lifecycle_of(case_id: str) -> Lifecycle[Any]:
    """The kind of a case id, which begins with it: ``complaint-0192…``. Raises :class:`~domain.errors.NotFound`."""
    found = BY_KIND.get(case_id.partition("-")[0])
    if found is None:
        raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")
    return found
