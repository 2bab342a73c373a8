"""Special service with a term 特约服务 (§6, §5.2.3(5)): visited in the middle of its term and after its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.arrears.debt_case.lifecycle import debt_case_id
from domain.arrears.terms import OptionalService
from domain.kernel.calendar import end_of_day
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, deadline, step
from domain.kernel.money import prorate, rounded
from domain.kernel.people import Actor, Role
from domain.kernel.periods import Month
from domain.kernel.rules import backwards, broken, day_passed, forbid, missing, unsigned
from domain.services.service_item import OFFERED, ServiceItem, ServiceKind
from domain.services.service_order import check_not_suspended

RUNNING, ENDED = "running", "ended"


@event()
class ServiceContractSigned(Event):
    """特约服务合同已签订 · Special service contracted."""

    item: str
    code: str
    name: str
    standard: str
    price_fen: int
    household: str
    starts_on: date
    ends_on: date
    home: str | None = None
    provider: str | None = None
    signature: Personal | None = None


@event(schema=2)
class ContractServiceRendered(Event):
    """特约服务已提供 · Service under the contract rendered."""

    done_by: str
    note: Personal | None = None


@event()
class ContractCharged(Event):
    """特约服务已计费 · A month of the contract charged."""

    month: date
    amount_fen: int
    days: int | None = None
    of_days: int | None = None


@event()
class ContractChargeCorrected(Event):
    """特约服务计费已更正 · A charged month of the contract corrected."""

    month: date
    amount_fen: int
    was_fen: int
    days: int
    of_days: int
    bill: str | None = None


@event()
class ContractChargeBilled(Event):
    """特约服务费用已入账单 · A month of the contract stands on a bill."""

    month: date
    bill: str


@event()
class ServiceContractEnded(Event):
    """特约服务合同已终止 · Special service ended."""

    ended_on: date
    early: bool = False
    reason: str | None = None


@dataclass(slots=True, kw_only=True)
class ServiceContract(Case):
    """One contract; both ends of its term are local dates and included. ``price_fen`` is fen a month."""

    CORRECTS = ("home",)

    item: str = ""
    code: str = ""
    name: str = ""
    standard: str = ""
    price_fen: int = 0
    household: str = ""
    home: str | None = None
    provider: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    rendered: int = 0
    last_rendered_at: datetime | None = None
    charged: dict[date, int] = field(default_factory=dict)
    billed: dict[date, str] = field(default_factory=dict)
    """Month → the bill that charges it."""
    ended_on: date | None = None
    early: bool = False

    @property
    def next_charge(self) -> Month | None:
        """The next month of the term that was not charged."""
        if self.starts_on is None or self.ends_on is None:
            return None
        month = Month.of(max(self.charged)).next() if self.charged else Month.of(self.starts_on)
        return month if month.first <= self.ends_on else None

    @property
    def charge_at(self) -> datetime | None:
        """When that month is charged: at its end, or with the end of the term."""
        month = self.next_charge
        return min(month.ends_at, end_of_day(self.ends_on)) if month is not None and self.ends_on is not None else None

    @property
    def ends_at(self) -> datetime | None:
        """24:00 of the last day, once its last month is charged."""
        return end_of_day(self.ends_on) if self.ends_on is not None and self.next_charge is None else None


def evolve(contract: ServiceContract, fact: Fact) -> None:
    """Fold one fact into the contract."""
    match fact.event:
        case ServiceContractSigned() as e:
            contract.item, contract.code, contract.name, contract.standard = e.item, e.code, e.name, e.standard
            contract.price_fen, contract.household, contract.home = e.price_fen, e.household, e.home
            contract.starts_on, contract.ends_on, contract.provider = e.starts_on, e.ends_on, e.provider
        case ContractServiceRendered():
            contract.rendered, contract.last_rendered_at = contract.rendered + 1, fact.occurred_at
        case ContractCharged() as e:
            contract.charged[e.month] = e.amount_fen
        case ContractChargeCorrected() as e:
            contract.charged[e.month] = e.amount_fen
        case ContractChargeBilled() as e:
            contract.billed[e.month] = e.bill
        case ServiceContractEnded() as e:
            contract.ended_on, contract.early = e.ended_on, e.early


@command
class SignServiceContract(Command):
    """签订特约服务合同 · Contract a special service."""

    service_item: str
    household: str
    starts_on: date
    ends_on: date
    home: str | None = None
    provider: str | None = None
    signature: Personal | None = None

    MAY_LACK = frozenset({"debt"})

    def related(self) -> dict[str, str]:
        """The item of the catalogue."""
        return {"item": self.service_item}

    def related_to(self, _case_id: str, office: str) -> dict[str, str]:
        """And the household's arrears, if it has any."""
        return {**self.related(), "debt": debt_case_id(office, self.household)}

    def decide(self, _contract: None, at: Moment) -> Iterator[Event]:
        """At the catalogue's monthly price of its first day (§6); a term has a beginning and an end (§5.2.3(5))."""
        item = at.related["item"]
        if not isinstance(item, ServiceItem) or item.state != OFFERED or item.kind is not ServiceKind.SPECIAL:
            raise broken(
                "not-offered", "6", "目录中没有此特约服务", "the catalogue has no such service", "service_item"
            )
        forbid(backwards(self.starts_on, self.ends_on, "5.2.3(5)", "ends_on"))
        at.require_evidence(day_passed(self.starts_on, "6", at, "starts_on"))
        check_not_suspended(at.related.get("debt"), OptionalService.SPECIAL)
        price = item.price_on(self.starts_on)
        if price is None:
            raise broken("no-price", "6", "该服务当日尚无价格", "it has no price on that day", "service_item")
        at.require_evidence(unsigned(self.signature, "6", "住户须签字", "the resident signs"))
        yield ServiceContractSigned(
            item=self.service_item,
            code=item.code,
            name=item.name,
            standard=price.standard,
            price_fen=price.price_fen,
            household=self.household,
            home=self.home,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            provider=self.provider,
            signature=self.signature,
        )


@command
class RenderContractService(Command):
    """记录特约服务 · Record service under the contract."""

    done_by: str | None = None
    note: Personal | None = None

    def decide(self, _contract: ServiceContract, at: Moment) -> Iterator[Event]:
        """Each time it was rendered (§6)."""
        yield ContractServiceRendered(done_by=self.done_by or at.user_id, note=self.note)


@command
class ChargeContractMonth(Command):
    """特约服务按月计费 · Charge a month of the contract."""

    @staticmethod
    def ready(contract: ServiceContract, _who: Actor) -> RuleBroken | None:
        """A month of the term must be left."""
        if contract.next_charge is None:
            return broken("all-charged", "7.2a", "合同期内各月均已计费", "every month of the term is charged")
        return None

    def decide(self, contract: ServiceContract, _at: Moment) -> Iterator[Event]:
        """At the month's end, or with the term (§7.2a)."""
        month = contract.next_charge
        assert month is not None
        yield _charge(contract, month, contract.ends_on)


def _charge(contract: ServiceContract, month: Month, ends_on: date | None) -> ContractCharged:
    """A month's price; of a month that the term touches in part, its days' share, both ends included, rounded once."""
    assert contract.starts_on is not None
    assert ends_on is not None
    first, last = max(contract.starts_on, month.first), min(ends_on, month.last)
    days = (last - first).days + 1
    amount = rounded(prorate(contract.price_fen, days, month.days))
    return ContractCharged(month=month.first, amount_fen=amount, days=days, of_days=month.days)


def _share_of(contract: ServiceContract, month: Month, ended_on: date) -> ContractCharged:
    """What a month comes to when the term ends on this day: nothing, when that lies before it."""
    if ended_on < max(month.first, contract.starts_on or month.first):
        return ContractCharged(month=month.first, amount_fen=0, days=0, of_days=month.days)
    return _charge(contract, month, ended_on)


@command
class NoteChargeBilled(Command):
    """特约服务费用入账单 · Note which bill charges a month."""

    month: date
    bill: str

    def decide(self, contract: ServiceContract, _at: Moment) -> Iterator[Event]:
        """So that a correction finds it (§7.2a)."""
        if self.month in contract.charged:
            yield self.to_event(ContractChargeBilled)


@command
class EndServiceContract(Command):
    """终止特约服务合同 · End the special service."""

    reason: str | None = None

    def decide(self, contract: ServiceContract, at: Moment) -> Iterator[Event]:
        """With its term, or earlier with a reason; the last visit follows (§5.2.3(5)).

        Whatever of the term was not charged yet is charged with it: nothing after its end, nothing before its start. A
        month that was charged before the end was entered is corrected to its days.
        """
        assert contract.starts_on is not None
        assert contract.ends_on is not None
        early = at.role is not Role.CLOCK and at.today < contract.ends_on
        if early and self.reason is None:
            at.require_evidence(missing("reason", "6", "提前终止须说明理由", "say why it ends early"))
        ended_on = at.today if early else contract.ends_on
        month = contract.next_charge
        while month is not None and max(month.first, contract.starts_on) <= ended_on:
            yield _charge(contract, month, ended_on)
            month = month.next()
        for charged in sorted(contract.charged):
            right = _share_of(contract, Month.of(charged), ended_on)
            if right.amount_fen != contract.charged[charged]:
                yield ContractChargeCorrected(
                    month=charged,
                    amount_fen=right.amount_fen,
                    was_fen=contract.charged[charged],
                    days=right.days or 0,
                    of_days=right.of_days or 0,
                    bill=contract.billed.get(charged),
                )
        yield ServiceContractEnded(ended_on=ended_on, early=early, reason=self.reason)


_STAFF = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER)
_ENDING = (Role.ADMINISTRATOR, Role.MANAGER, Role.CLOCK)

# fmt: off
LIFECYCLE = Lifecycle(
    of=ServiceContract, kind="service_contract", path="service-contracts", zh="特约服务", en="special service", clauses="6",
    evolve=evolve, subject=lambda contract: contract.household or None,
    states={RUNNING: ("履行中", "running"), ENDED: ("已终止", "ended")},
    final=[ENDED],
    steps=[  # command             event                    from     to       who                        clause
        step(SignServiceContract,  ServiceContractSigned,   None,    RUNNING, [Role.ADMINISTRATOR, Role.MANAGER], "6"),
        step(RenderContractService, ContractServiceRendered, RUNNING, SAME,   _STAFF,                    "6"),
        step(ChargeContractMonth,  ContractCharged,         RUNNING, SAME,    [Role.CLOCK],              "7.2a"),
        step(NoteChargeBilled,     ContractChargeBilled,    (RUNNING, ENDED), SAME, [Role.POLICY],       "7.2a"),
        step(EndServiceContract,   ContractCharged,         RUNNING, SAME,    _ENDING,                   "7.2a"),
        step(EndServiceContract,   ContractChargeCorrected, RUNNING, SAME,    _ENDING,                   "7.2a"),
        step(EndServiceContract,   ServiceContractEnded,    RUNNING, ENDED,   _ENDING,                   "5.2.3(5)"),
    ],
    deadlines=[
        deadline("charge", RUNNING, due=lambda contract: contract.charge_at, gives=ChargeContractMonth, clause="7.2a",
                 zh="按月计入账单", en="charge the month"),
        deadline("end", RUNNING, due=lambda contract: contract.ends_at, gives=EndServiceContract, clause="5.2.3(5)",
                 zh="合同到期", en="the term ends"),
    ],
)
# fmt: on
