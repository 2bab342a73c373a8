"""Shared cost 公摊费用 (§7.1): one cost over several homes by area, exact to the fen, each share charged once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import step
from domain.kernel.money import shares
from domain.kernel.people import Role
from domain.kernel.rules import blank, broken, forbid, missing, negative

APPORTIONED, WITHDRAWN = "apportioned", "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """A home with its weight, such as its area in hundredths of a m²; and who pays for it."""

    home: str
    weight: int
    household: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostShare:
    """A home's share of the cost (fen)."""

    home: str
    amount_fen: int
    household: str | None = None


@event()
class CostApportioned(Event):
    """公摊费用已分摊 · Shared cost apportioned."""

    item: str
    month: date
    cost_fen: int
    weights: tuple[Weight, ...]
    shares: tuple[CostShare, ...]
    document: str | None = None


@event()
class ApportionmentWithdrawn(Event):
    """公摊已撤回 · Apportionment withdrawn."""

    reason: str


@dataclass(slots=True, kw_only=True)
class SharedCost(Case):
    """One cost of one month (its first day) with each home's share."""

    CORRECTS = ("item", "document")

    item: str = ""
    month: date | None = None
    cost_fen: int = 0
    weights: tuple[Weight, ...] = ()
    shares: tuple[CostShare, ...] = ()
    document: str | None = None


def evolve(cost: SharedCost, fact: Fact) -> None:
    """Fold one fact into the shared cost."""
    match fact.event:
        case CostApportioned() as e:
            cost.item, cost.month, cost.cost_fen, cost.document = e.item, e.month, e.cost_fen, e.document
            cost.weights, cost.shares = e.weights, e.shares


@command
class ApportionCost(Command):
    """分摊公摊费用 · Apportion a shared cost."""

    item: str
    month: date
    cost_fen: int
    weights: tuple[Weight, ...]
    document: str | None = None

    def decide(self, _cost: None, _at: Moment) -> Iterator[Event]:
        """By weight, odd fen to the largest remainders, ties to the smaller home; their sum is the cost (§7.1)."""
        forbid(blank(self.item, "item", "7.1", "请写明公摊项目", "say which cost"))
        forbid(negative(self.cost_fen, "7.1", "cost_fen"))
        if not self.weights:
            raise missing("weights", "7.1", "请列明分摊房屋", "list the homes")
        homes = {weight.home: weight.weight for weight in self.weights}
        if len(homes) < len(self.weights) or min(homes.values()) < 0 or not any(homes.values()):
            zh, en = "房屋重复，或分摊权重有误", "a home twice, or weights that are none"
            raise broken("weights-wrong", "7.1", zh, en, "weights")
        parts = shares(self.cost_fen, homes)
        told = tuple(CostShare(home=w.home, amount_fen=parts[w.home], household=w.household) for w in self.weights)
        yield self.to_event(CostApportioned, month=self.month.replace(day=1), shares=told)


@command
class WithdrawApportionment(Command):
    """撤回公摊 · Withdraw an apportionment."""

    reason: str

    def decide(self, _cost: SharedCost, _at: Moment) -> Iterator[Event]:
        """With a reason; what was billed of it is corrected by lines (§7.1)."""
        forbid(blank(self.reason, "reason", "7.1", "请写明撤回理由", "say why"))
        yield self.to_event(ApportionmentWithdrawn)


_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=SharedCost, kind="shared_cost", path="shared-costs", zh="公摊费用", en="shared cost", clauses="7.1", evolve=evolve,
    states={APPORTIONED: ("已分摊", "apportioned"), WITHDRAWN: ("已撤回", "withdrawn")},
    final=[APPORTIONED, WITHDRAWN],
    steps=[  # command             event                   from         to           who             clause
        step(ApportionCost,         CostApportioned,        None,        APPORTIONED, _CLERKS,        "7.1"),
        step(WithdrawApportionment, ApportionmentWithdrawn, APPORTIONED, WITHDRAWN,   [Role.MANAGER], "7.1"),
    ],
)
# fmt: on
