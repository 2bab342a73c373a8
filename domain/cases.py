"""CASES: every kind of case, in the handbook's order. Adding a kind is one module and one line here."""

from __future__ import annotations

from typing import Any

from domain import (
    activity,
    assignment,
    bill,
    complaint,
    corrective_action,
    debt_case,
    emergency_aid,
    follow_up,
    household,
    key_loan,
    move_in,
    move_out,
    notice_board,
    office,
    patrol,
    patrol_route,
    quarterly_review,
    reading,
    rectification,
    register_export,
    renovation,
    repair_order,
    service_contract,
    service_item,
    service_order,
    staff,
    survey,
    takeover,
    vacant_home,
    weekly_sample,
    work_order,
)
from domain.errors import NotFound
from domain.lifecycle import Lifecycle

CASES: tuple[Lifecycle[Any], ...] = (
    office.LIFECYCLE,
    rectification.LIFECYCLE,
    move_in.LIFECYCLE,
    move_out.LIFECYCLE,
    renovation.LIFECYCLE,
    notice_board.LIFECYCLE,
    activity.LIFECYCLE,
    work_order.LIFECYCLE,
    repair_order.LIFECYCLE,
    patrol_route.LIFECYCLE,
    patrol.LIFECYCLE,
    vacant_home.LIFECYCLE,
    key_loan.LIFECYCLE,
    complaint.LIFECYCLE,
    survey.LIFECYCLE,
    follow_up.LIFECYCLE,
    weekly_sample.LIFECYCLE,
    takeover.LIFECYCLE,
    emergency_aid.LIFECYCLE,
    quarterly_review.LIFECYCLE,
    corrective_action.LIFECYCLE,
    service_item.LIFECYCLE,
    service_order.LIFECYCLE,
    service_contract.LIFECYCLE,
    bill.LIFECYCLE,
    debt_case.LIFECYCLE,
    household.LIFECYCLE,
    staff.LIFECYCLE,
    assignment.LIFECYCLE,
    reading.LIFECYCLE,
    register_export.LIFECYCLE,
)

BY_KIND = {lifecycle.kind: lifecycle for lifecycle in CASES}
BY_PATH = {lifecycle.path: lifecycle for lifecycle in CASES}


def lifecycle_of(case_id: str) -> Lifecycle[Any]:
    """The kind of a case id, which begins with it: ``complaint-0192…``. Raises :class:`~domain.errors.NotFound`."""
    found = BY_KIND.get(case_id.partition("-")[0])
    if found is None:
        raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")
    return found
