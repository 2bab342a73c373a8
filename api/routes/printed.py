"""Printed papers 打印件 (§7, §8) over HTTP: notices and receipts as PDF. Whoever may read what stands on them may print them."""

from __future__ import annotations

from datetime import date
from typing import Final

from fastapi import APIRouter, Request, Response

from api.http.context import ApiContext
from api.http.documents import answered
from api.http.text import Day, Short
from api.papers.bill_notice import bill_notice
from api.papers.court_file import court_file
from api.papers.dunning_notice import dunning_notice
from api.papers.handing_out import handed_out
from api.papers.receipt import receipt
from api.papers.statement import statement
from api.papers.typesetting import KIND
from api.routes.actions import checked_id
from domain.arrears.debt_case.lifecycle import LIFECYCLE as DEBT_CASE
from domain.fees.bill.lifecycle import LIFECYCLE as BILL
from domain.fees.payment import LIFECYCLE as PAYMENT
from domain.kernel.calendar import add_months, local_date
from domain.kernel.errors import NotFound
from domain.residents.household.lifecycle import LIFECYCLE as HOUSEHOLD

__all__ = ["FILES", "office_name", "router", "since_of"]

FILES: Final = {KIND: {"type": "string", "format": "binary"}}
_MONTHS: Final = 12
"""A statement goes so far back unless it is asked otherwise."""


def router(context: ApiContext) -> APIRouter:
    """One paper each."""
    made = APIRouter()

    @made.get(
        "/offices/{office}/bills/{case_id}/notice.pdf",
        operation_id="print_bill_notice",
        tags=[BILL.path],
        summary="缴费通知单（PDF） / a bill's payment notice",
        responses=answered(None, files=FILES),
        response_model=None,
    )
    def notice(request: Request, office: str, case_id: str) -> Response:
        reader = context.reader(request, office)
        checked_id(BILL, case_id)
        return handed_out(reader, request, [bill_notice(context, office, case_id, office_name(context, office))])

    @made.get(
        "/offices/{office}/debt-cases/{case_id}/notices/{stage}.pdf",
        operation_id="print_dunning_notice",
        tags=[DEBT_CASE.path],
        summary="催款通知单（PDF） / a dunning notice that went out",
        responses=answered(None, files=FILES),
        response_model=None,
    )
    def dunning(request: Request, office: str, case_id: str, stage: Short) -> Response:
        reader = context.reader(request, office)
        checked_id(DEBT_CASE, case_id)
        if stage not in ("1", "2"):
            raise NotFound(
                "notice-unknown", "8.A", zh="只有第一次、第二次通知", en="there are a first and a second notice"
            )
        return handed_out(reader, request, [dunning_notice(reader, case_id, int(stage), office_name(context, office))])

    @made.get(
        "/offices/{office}/payments/{case_id}/receipt.pdf",
        operation_id="print_receipt",
        tags=[PAYMENT.path],
        summary="收款收据（PDF） / a payment's receipt",
        responses=answered(None, files=FILES),
        response_model=None,
    )
    def of_payment(request: Request, office: str, case_id: str) -> Response:
        reader = context.reader(request, office)
        checked_id(PAYMENT, case_id)
        return handed_out(reader, request, [receipt(reader, case_id, office_name(context, office))])

    @made.get(
        "/offices/{office}/households/{case_id}/statement.pdf",
        operation_id="print_statement",
        tags=[HOUSEHOLD.path],
        summary="对账单（PDF） / a household's statement of account on any day",
        responses=answered(None, files=FILES),
        response_model=None,
    )
    def of_household(
        request: Request, office: str, case_id: str, on: Day | None = None, since: Day | None = None
    ) -> Response:
        reader = context.reader(request, office)
        checked_id(HOUSEHOLD, case_id)
        today = local_date(context.time_in(office))
        until = min(on or today, today)
        first = since or since_of(until)
        return handed_out(reader, request, [statement(reader, case_id, until, first, office_name(context, office))])

    @made.get(
        "/offices/{office}/debt-cases/{case_id}/court-file.pdf",
        operation_id="print_court_file",
        tags=[DEBT_CASE.path],
        summary="起诉材料（PDF） / the court file: everything in one bundle, each page tied to its facts",
        responses=answered(None, files=FILES),
        response_model=None,
    )
    def for_court(request: Request, office: str, case_id: str, on: Day | None = None) -> Response:
        reader = context.reader(request, office)
        checked_id(DEBT_CASE, case_id)
        today = local_date(context.time_in(office))
        paper = court_file(reader, case_id, min(on or today, today), office_name(context, office))
        return handed_out(reader, request, [paper])

    return made


def since_of(on: date) -> date:
    """From when a statement of this day is, unless it is asked otherwise."""
    return add_months(on.replace(day=1), -_MONTHS)


def office_name(context: ApiContext, office: str) -> str:
    """What an office is called."""
    name: str = context.handler.case(office, f"office-{office}").name
    return name
