"""Service catalogue 便民服务项目 (§6): each item with its standard and its price, valid from dates, never overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, hold, step
from domain.kernel.people import Role
from domain.kernel.rules import broken, day_passed, forbid, negative

OFFERED, WITHDRAWN = "offered", "withdrawn"


class ServiceKind(StrEnum):
    """What kind of service 服务类别."""

    CONVENIENCE = "convenience"  # 便民服务
    SPECIAL = "special"  # 特约服务（有期限）


class PriceUnit(StrEnum):
    """For what the price is 计价单位."""

    ORDER = "order"  # 次
    HOUR = "hour"  # 小时
    MONTH = "month"  # 月
    PIECE = "piece"  # 件


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price in fen from a local date on, with the standard of the work."""

    valid_from: date
    price_fen: int
    standard: str


@event()
class ServiceOffered(Event):
    """服务项目已列入目录 · Service listed."""

    code: str
    name: str
    kind: ServiceKind
    unit: PriceUnit
    price_fen: int
    standard: str
    valid_from: date


@event()
class ServicePriceChanged(Event):
    """服务标准、价格已调整 · Price or standard of a service changed."""

    price_fen: int
    standard: str
    valid_from: date
    reason: str


@event()
class ServiceWithdrawn(Event):
    """服务项目已停办 · Service withdrawn."""

    reason: str


@dataclass(slots=True, kw_only=True)
class ServiceItem(Case):
    """One item with all its prices, by the day from which each is valid."""

    CORRECTS = ("name",)

    code: str = ""
    name: str = ""
    kind: ServiceKind = ServiceKind.CONVENIENCE
    unit: PriceUnit = PriceUnit.ORDER
    prices: tuple[Price, ...] = ()

    def price_on(self, day: date) -> Price | None:
        """The price in force on a day; of two from the same day the later entry."""
        return next((price for price in reversed(self.prices) if price.valid_from <= day), None)


def evolve(item: ServiceItem, fact: Fact) -> None:
    """Fold one fact into the item."""
    match fact.event:
        case ServiceOffered() as e:
            item.code, item.name, item.kind, item.unit = e.code, e.name, e.kind, e.unit
            item.prices = (Price(valid_from=e.valid_from, price_fen=e.price_fen, standard=e.standard),)
        case ServicePriceChanged() as e:
            added = Price(valid_from=e.valid_from, price_fen=e.price_fen, standard=e.standard)
            item.prices = tuple(sorted((*item.prices, added), key=lambda price: price.valid_from))


@command
class OfferService(Command):
    """列入服务目录 · List a service."""

    code: str
    name: str
    kind: ServiceKind
    unit: PriceUnit
    price_fen: int
    standard: str
    valid_from: date | None = None

    def decide(self, _item: None, at: Moment) -> Iterator[Event]:
        """With its standard and price (§6); a special service, which has a term, is priced by the month."""
        forbid(negative(self.price_fen, "6", "price_fen"))
        if self.kind is ServiceKind.SPECIAL and self.unit is not PriceUnit.MONTH:
            raise broken("unit-not-month", "6", "特约服务按月计价", "a special service is priced by the month", "unit")
        yield self.to_event(ServiceOffered, valid_from=self.valid_from or at.today)


@command
class ChangeServicePrice(Command):
    """调整服务标准、价格 · Change the price or the standard."""

    price_fen: int
    standard: str
    valid_from: date
    reason: str

    def decide(self, _item: ServiceItem, at: Moment) -> Iterator[Event]:
        """From today or later; what was ordered before keeps its price (§6)."""
        forbid(negative(self.price_fen, "6", "price_fen"))
        forbid(day_passed(self.valid_from, "6", at, "valid_from"))
        yield self.to_event(ServicePriceChanged)


@command
class WithdrawService(Command):
    """停办服务项目 · Withdraw a service.

    What was ordered before is still performed (§6).
    """

    reason: str


# fmt: off
LIFECYCLE = Lifecycle(
    of=ServiceItem, kind="service_item", path="service-items", zh="服务项目", en="service item", clauses="6", evolve=evolve,
    states={OFFERED: ("提供中", "offered"), WITHDRAWN: ("已停办", "withdrawn")},
    final=[WITHDRAWN],
    steps=[
        step(OfferService,       ServiceOffered,      None,    OFFERED,   [Role.MANAGER, Role.COMPANY], "6"),
        step(ChangeServicePrice, ServicePriceChanged, OFFERED, SAME,      [Role.MANAGER, Role.COMPANY], "6"),
        step(WithdrawService,    ServiceWithdrawn,    OFFERED, WITHDRAWN, [Role.MANAGER, Role.COMPANY], "6"),
    ],
    holds=[hold(OFFERED, lambda item: f"service:{item.code}", zh="该项目编号已在目录中", en="the code is in the catalogue")],
)
# fmt: on
