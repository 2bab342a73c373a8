"""CASES: every kind of case, in the handbook's order. Adding a kind is one module and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.arrears.debt_case.lifecycle import LIFECYCLE as DEBT_CASE
from domain.complaints.complaint.lifecycle import LIFECYCLE as COMPLAINT
from domain.fees.account import LIFECYCLE as ACCOUNT
from domain.fees.bank_line import LIFECYCLE as BANK_LINE
from domain.fees.bank_statement import LIFECYCLE as BANK_STATEMENT
from domain.fees.bill.lifecycle import LIFECYCLE as BILL
from domain.fees.bill_run.lifecycle import LIFECYCLE as BILL_RUN
from domain.fees.cash_day import LIFECYCLE as CASH_DAY
from domain.fees.fee_standard import LIFECYCLE as FEE_STANDARD
from domain.fees.meter.lifecycle import LIFECYCLE as METER
from domain.fees.payment import LIFECYCLE as PAYMENT
from domain.fees.shared_cost import LIFECYCLE as SHARED_COST
from domain.homes.key_loan.lifecycle import LIFECYCLE as KEY_LOAN
from domain.homes.vacant_home.lifecycle import LIFECYCLE as VACANT_HOME
from domain.kernel.errors import NotFound
from domain.kernel.fact import Command
from domain.kernel.late_entries import GENERIC as OF_LATE_ENTRIES
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.mending import GENERIC as OF_MISTAKES
from domain.kernel.papers import GENERIC as OF_PAPERS
from domain.kernel.waiting import GENERIC as OF_WAITING
from domain.moving.move_in.lifecycle import LIFECYCLE as MOVE_IN
from domain.moving.move_out import LIFECYCLE as MOVE_OUT
from domain.moving.renovation.lifecycle import LIFECYCLE as RENOVATION
from domain.moving.takeover import LIFECYCLE as TAKEOVER
from domain.office.assignment import LIFECYCLE as ASSIGNMENT
from domain.office.office import LIFECYCLE as OFFICE
from domain.office.portfolio import LIFECYCLE as PORTFOLIO
from domain.office.staff import LIFECYCLE as STAFF
from domain.residents.household.lifecycle import LIFECYCLE as HOUSEHOLD
from domain.residents.printed_paper import LIFECYCLE as PRINTED_PAPER
from domain.residents.reading import LIFECYCLE as READING
from domain.residents.register_export import LIFECYCLE as REGISTER_EXPORT
from domain.rounds.activity import LIFECYCLE as ACTIVITY
from domain.rounds.emergency_aid import LIFECYCLE as EMERGENCY_AID
from domain.rounds.notice_board import LIFECYCLE as NOTICE_BOARD
from domain.rounds.patrol.lifecycle import LIFECYCLE as PATROL
from domain.rounds.patrol_route import LIFECYCLE as PATROL_ROUTE
from domain.rounds.rectification.lifecycle import LIFECYCLE as RECTIFICATION
from domain.rounds.repair_order.lifecycle import LIFECYCLE as REPAIR_ORDER
from domain.rounds.work_order import LIFECYCLE as WORK_ORDER
from domain.services.service_contract import LIFECYCLE as SERVICE_CONTRACT
from domain.services.service_item import LIFECYCLE as SERVICE_ITEM
from domain.services.service_order import LIFECYCLE as SERVICE_ORDER
from domain.visits.corrective_action.lifecycle import LIFECYCLE as CORRECTIVE_ACTION
from domain.visits.follow_up.lifecycle import LIFECYCLE as FOLLOW_UP
from domain.visits.quarterly_review import LIFECYCLE as QUARTERLY_REVIEW
from domain.visits.resident_word import LIFECYCLE as RESIDENT_WORD
from domain.visits.survey.lifecycle import LIFECYCLE as SURVEY
from domain.visits.weekly_sample import LIFECYCLE as WEEKLY_SAMPLE

CASES: tuple[Lifecycle[Any], ...] = (
    OFFICE,
    STAFF,
    ASSIGNMENT,
    PORTFOLIO,
    RECTIFICATION,
    MOVE_IN,
    MOVE_OUT,
    RENOVATION,
    NOTICE_BOARD,
    ACTIVITY,
    WORK_ORDER,
    REPAIR_ORDER,
    PATROL_ROUTE,
    PATROL,
    VACANT_HOME,
    KEY_LOAN,
    COMPLAINT,
    SURVEY,
    FOLLOW_UP,
    RESIDENT_WORD,
    WEEKLY_SAMPLE,
    TAKEOVER,
    EMERGENCY_AID,
    QUARTERLY_REVIEW,
    CORRECTIVE_ACTION,
    SERVICE_ITEM,
    SERVICE_ORDER,
    SERVICE_CONTRACT,
    FEE_STANDARD,
    METER,
    SHARED_COST,
    BILL_RUN,
    BILL,
    PAYMENT,
    ACCOUNT,
    CASH_DAY,
    BANK_STATEMENT,
    BANK_LINE,
    DEBT_CASE,
    HOUSEHOLD,
    READING,
    REGISTER_EXPORT,
    PRINTED_PAPER,
)

GENERIC = OF_LATE_ENTRIES | OF_MISTAKES | OF_PAPERS | OF_WAITING
"""Commands that belong to several kinds of case: the case's id says which it is."""
BY_KIND = {lifecycle.kind: lifecycle for lifecycle in CASES}
COMMAND_OF: Mapping[type[Command], Lifecycle[Any]] = {
    command: lifecycle for lifecycle in CASES for command in lifecycle.commands if command not in GENERIC
}
"""The kind of case that each command belongs to; the generic ones belong to several."""
BY_PATH = {lifecycle.path: lifecycle for lifecycle in CASES}


def lifecycle_of(case_id: str) -> Lifecycle[Any]:
    """The kind of a case id, which begins with it: ``complaint-0192…``. Raises :class:`~domain.kernel.errors.NotFound`."""
    found = BY_KIND.get(case_id.partition("-")[0])
    if found is None:
        raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")
    return found


def lifecycle_for(command: type[Command], case_id: str | None) -> Lifecycle[Any]:
    """The kind of case that a command is given to; a generic one goes to whichever case is named.

    Raises :class:`~domain.kernel.errors.NotFound`.
    """
    if command in GENERIC:
        return lifecycle_of(case_id or "")
    return COMMAND_OF[command]
