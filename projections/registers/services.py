"""Registers of the service catalogue, orders, contracts, and what they charge to each month's bill (§6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel.calendar import local_date
from domain.services.service_contract import RUNNING, ServiceContract
from domain.services.service_item import OFFERED, ServiceItem
from domain.services.service_order import ACCEPTED, CANCELLED, ServiceOrder
from projections.engine.register import Register, one_row, row_from

__all__ = ["SERVICE_CHARGES", "SERVICE_CONTRACTS", "SERVICE_ITEMS", "SERVICE_ORDERS", "SERVICE_PRICES"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceItemRow:
    """One item of the catalogue; its prices stand in their own register."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    code: str
    name: str
    kind: str
    unit: str
    prices: int
    open: bool


def _items(case: ServiceItem) -> Iterator[tuple[str, ServiceItemRow]]:
    yield "", row_from(ServiceItemRow, case, prices=len(case.prices), open=case.state == OFFERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePriceRow:
    """One price of an item in fen, from a date on."""

    source_id: str | None
    state: str
    code: str
    name: str
    valid_from: date
    price_fen: int
    standard: str


def _prices(case: ServiceItem) -> Iterator[tuple[str, ServicePriceRow]]:
    for number, price in enumerate(case.prices, 1):
        yield (
            str(number),
            ServicePriceRow(
                source_id=case.source_id,
                state=case.state,
                code=case.code,
                name=case.name,
                valid_from=price.valid_from,
                price_fen=price.price_fen,
                standard=price.standard,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOrderRow:
    """One order; amounts in fen."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    ordered_on: date
    item: str
    code: str
    name: str
    unit_price_fen: int
    quantity: int
    amount_fen: int
    household: str
    home: str | None
    wanted_on: date | None
    schedule_by: datetime | None
    not_scheduled_at: datetime | None
    worker: str | None
    scheduled_at: datetime | None
    appointments: int
    missed_at: datetime | None
    first_missed_at: datetime | None
    performed_at: datetime | None
    first_performed_at: datetime | None
    returned: int
    accepted_at: datetime | None
    charge_month: date | None
    open: bool


def _orders(case: ServiceOrder) -> ServiceOrderRow:
    assert case.opened_at is not None
    unfinished = case.state not in (ACCEPTED, CANCELLED)
    return row_from(ServiceOrderRow, case, ordered_on=local_date(case.opened_at), open=unfinished)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceContractRow:
    """One contract; ``price_fen`` is fen a month."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    item: str
    code: str
    name: str
    price_fen: int
    household: str
    home: str | None
    provider: str | None
    starts_on: date
    ends_on: date
    rendered: int
    last_rendered_at: datetime | None
    months_charged: int
    ended_on: date | None
    early: bool
    open: bool


def _contracts(case: ServiceContract) -> Iterator[tuple[str, ServiceContractRow]]:
    yield "", row_from(ServiceContractRow, case, months_charged=len(case.charged), open=case.state == RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChargeRow:
    """One line for the bill of a month: ``amount_fen`` in fen."""

    source_id: str | None
    state: str
    month: date
    household: str
    home: str | None
    code: str
    name: str
    amount_fen: int


def _charges(case: ServiceOrder | ServiceContract) -> Iterator[tuple[str, ServiceChargeRow]]:
    charged = case.charged if isinstance(case, ServiceContract) else {}
    if isinstance(case, ServiceOrder) and case.charge_month is not None:
        charged = {case.charge_month: case.amount_fen}
    for month, amount in sorted(charged.items()):
        yield (
            f"{month:%Y-%m}",
            ServiceChargeRow(
                source_id=case.source_id,
                state=case.state,
                month=month,
                household=case.household,
                home=case.home,
                code=case.code,
                name=case.name,
                amount_fen=amount,
            ),
        )


SERVICE_ITEMS = Register(
    name="service-items",
    zh="便民服务目录",
    en="service catalogue",
    clause="6",
    row=ServiceItemRow,
    kinds=(ServiceItem,),
    rows=_items,
    indexed=("code",),
)
SERVICE_PRICES = Register(
    name="service-prices",
    zh="服务价格",
    en="service prices",
    clause="6",
    row=ServicePriceRow,
    kinds=(ServiceItem,),
    rows=_prices,
    indexed=("code",),
)
SERVICE_ORDERS = Register(
    name="service-orders",
    zh="便民服务登记",
    en="convenience services",
    clause="6",
    row=ServiceOrderRow,
    kinds=(ServiceOrder,),
    values=one_row(ServiceOrderRow, _orders),
    indexed=("household", "state", "ordered_on"),
)
SERVICE_CONTRACTS = Register(
    name="service-contracts",
    zh="特约服务登记",
    en="special services",
    clause="6",
    row=ServiceContractRow,
    kinds=(ServiceContract,),
    rows=_contracts,
    indexed=("household", "state"),
)
SERVICE_CHARGES = Register(
    name="service-charges",
    zh="服务计费清单",
    en="service charges by month",
    clause="7.2a",
    row=ServiceChargeRow,
    kinds=(ServiceOrder, ServiceContract),
    rows=_charges,
    indexed=("month", "household"),
)
