"""Portfolio 分管户 (§1.10, §7.2a): the buildings and homes that an administrator looks after, bills and duns, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, hold, step
from domain.kernel.people import Role
from domain.kernel.rules import blank, broken, forbid, missing
from domain.kernel.spelling import canonical, same

IN_CARE, CLOSED = "in-care", "closed"


@event()
class PortfolioAssigned(Event):
    """分管户已分派 · Portfolio assigned."""

    person: str
    first: date
    buildings: tuple[str, ...] = ()
    single_homes: tuple[str, ...] = ()
    note: str | None = None


@event()
class PortfolioChanged(Event):
    """分管范围已调整 · Portfolio changed: what it holds from a day on."""

    first: date
    reason: str
    buildings: tuple[str, ...] = ()
    single_homes: tuple[str, ...] = ()


@event()
class PortfolioPassedOn(Event):
    """分管户已移交 · Portfolio passed on to another administrator."""

    person: str
    first: date
    reason: str


@event()
class PortfolioClosed(Event):
    """分管已终止 · Portfolio closed."""

    last: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InCare:
    """A building, or a home, in somebody's care 分管 from ``first`` to ``last``, both included; None: until further notice."""

    person: str
    first: date
    building: str | None = None
    home: str | None = None
    last: date | None = None

    @property
    def place(self) -> str:
        """Which building or home, however it is typed."""
        return f"home:{canonical(self.home)}" if self.home is not None else f"building:{canonical(self.building or '')}"

    def on(self, day: date) -> bool:
        """Whether it is in their care on that day."""
        return self.first <= day and (self.last is None or day <= self.last)


def by_place(care: Iterable[InCare]) -> dict[str, list[InCare]]:
    """What is in whose care, by the building or home."""
    found: dict[str, list[InCare]] = {}
    for each in care:
        found.setdefault(each.place, []).append(each)
    return found


def who_looks_after(
    care: Mapping[str, Sequence[InCare]], home: str | None, building: str | None, day: date
) -> str | None:
    """In whose care a home was on a day: one that is named singly goes before its building (§7.2a); None: in nobody's."""
    for kind, name in (("home", home), ("building", building)):
        if name is not None:
            for each in care.get(f"{kind}:{canonical(name)}", ()):
                if each.on(day):
                    return each.person
    return None


@dataclass(slots=True, kw_only=True)
class Portfolio(Case):
    """What an administrator looks after; ``care`` also has what was in somebody's care before."""

    CORRECTS = ("note",)

    person: str = ""
    first: date | None = None
    buildings: tuple[str, ...] = ()
    single_homes: tuple[str, ...] = ()
    last: date | None = None
    note: str | None = None
    care: list[InCare] = field(default_factory=list)

    @property
    def places(self) -> tuple[str, ...]:
        """What nobody else looks after meanwhile."""
        return tuple(each.place for each in self.care if each.last is None)


def evolve(portfolio: Portfolio, fact: Fact) -> None:
    """Fold one fact into the portfolio."""
    match fact.event:
        case PortfolioAssigned() as e:
            portfolio.person, portfolio.note = e.person, e.note
            _holds(portfolio, e.first, e.buildings, e.single_homes)
        case PortfolioChanged() as e:
            _holds(portfolio, e.first, e.buildings, e.single_homes)
        case PortfolioPassedOn() as e:
            portfolio.person = e.person
            _ends(portfolio, e.first - timedelta(days=1), set(portfolio.places))
            _holds(portfolio, e.first, portfolio.buildings, portfolio.single_homes)
        case PortfolioClosed() as e:
            portfolio.last = e.last
            _ends(portfolio, e.last, set(portfolio.places))


def _holds(portfolio: Portfolio, first: date, buildings: tuple[str, ...], homes: tuple[str, ...]) -> None:
    """From a day on it has these; what it had and has no more ends the day before."""
    asked = [InCare(person=portfolio.person, first=first, building=each) for each in buildings]
    asked += [InCare(person=portfolio.person, first=first, home=each) for each in homes]
    had, kept = set(portfolio.places), {each.place for each in asked}
    _ends(portfolio, first - timedelta(days=1), had - kept)
    portfolio.care += [each for each in asked if each.place not in had]
    portfolio.first, portfolio.buildings, portfolio.single_homes = first, buildings, homes


def _ends(portfolio: Portfolio, last: date, places: set[str]) -> None:
    portfolio.care = [
        replace(each, last=last) if each.last is None and each.place in places else each for each in portfolio.care
    ]


def _twice(names: tuple[str, ...]) -> bool:
    return len({canonical(each) for each in names}) < len(names)


def _require_places(buildings: tuple[str, ...], homes: tuple[str, ...]) -> None:
    """Something is looked after, and each of it is named once."""
    if not buildings and not homes:
        raise missing("buildings", "7.2a", "请写明分管的楼栋或房号", "say which buildings or homes")
    for name, named in (("buildings", buildings), ("single_homes", homes)):
        for each in named:
            forbid(blank(each, name, "7.2a", "楼栋、房号不能为空", "a building or home has a name"))
        if _twice(named):
            raise broken("named-twice", "7.2a", "同一楼栋或房号写了两次", "one of them is named twice", name)


def _require_later(portfolio: Portfolio, first: date) -> None:
    """What was in whose care stays as it was: a change is of a day after the last one."""
    assert portfolio.first is not None
    if first <= portfolio.first:
        zh, en = f"须晚于现分管起日{portfolio.first}", f"it is after {portfolio.first}, when the present care began"
        raise broken("care-began-later", "7.2a", zh, en, "first")


@command
class AssignPortfolio(Command):
    """分派分管户 · Assign a portfolio."""

    person: str
    buildings: tuple[str, ...] = ()
    single_homes: tuple[str, ...] = ()
    first: date | None = None
    note: str | None = None

    def decide(self, _portfolio: None, at: Moment) -> Iterator[Event]:
        """Buildings, or single homes, that nobody else looks after (§7.2a)."""
        forbid(blank(self.person, "person", "7.2a", "请填写分管的管理员", "say who looks after them"))
        _require_places(self.buildings, self.single_homes)
        yield self.to_event(PortfolioAssigned, first=self.first or at.today)


@command
class ChangePortfolio(Command):
    """调整分管范围 · Change a portfolio.

    The whole of what it holds from then on.
    """

    reason: str
    buildings: tuple[str, ...] = ()
    single_homes: tuple[str, ...] = ()
    first: date | None = None

    def decide(self, portfolio: Portfolio, at: Moment) -> Iterator[Event]:
        """With the reason; who looked after what before stays as it was (§7.2a)."""
        first = self.first or at.today
        forbid(blank(self.reason, "reason", "7.2a", "请写明调整理由", "say why"))
        _require_places(self.buildings, self.single_homes)
        _require_later(portfolio, first)
        yield self.to_event(PortfolioChanged, first=first)


@command
class PassPortfolioOn(Command):
    """移交分管户 · Pass a portfolio on."""

    person: str
    reason: str
    first: date | None = None

    def decide(self, portfolio: Portfolio, at: Moment) -> Iterator[Event]:
        """To another administrator, as a whole, with the reason (§7.2a)."""
        first = self.first or at.today
        forbid(blank(self.person, "person", "7.2a", "请填写接管的管理员", "say who takes it over"))
        forbid(blank(self.reason, "reason", "7.2a", "请写明移交理由", "say why"))
        if same(self.person, portfolio.person):
            raise broken("same-person", "7.2a", "分管人未变", "they have it already", "person")
        _require_later(portfolio, first)
        yield self.to_event(PortfolioPassedOn, first=first)


@command
class ClosePortfolio(Command):
    """终止分管 · Close a portfolio."""

    reason: str
    last: date | None = None

    def decide(self, portfolio: Portfolio, at: Moment) -> Iterator[Event]:
        """With its last day; whoever takes the homes over has a portfolio of his own (§7.2a)."""
        last = self.last or at.today
        forbid(blank(self.reason, "reason", "7.2a", "请写明终止理由", "say why"))
        assert portfolio.first is not None
        if last < portfolio.first:
            zh, en = "最后一日不早于分管起日", "the last day is not before the first"
            raise broken("backwards", "7.2a", zh, en, "last")
        yield self.to_event(PortfolioClosed, last=last)


_HEADS: Final = (Role.DEPARTMENT_HEAD, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=Portfolio, kind="portfolio", path="portfolios", zh="分管户", en="portfolio", clauses="7.2a", evolve=evolve,
    states={IN_CARE: ("分管中", "in care"), CLOSED: ("已终止", "closed")},
    final=[CLOSED],
    steps=[
        step(AssignPortfolio, PortfolioAssigned, None,    IN_CARE, _HEADS, "7.2a"),
        step(ChangePortfolio, PortfolioChanged,  IN_CARE, SAME,    _HEADS, "7.2a"),
        step(PassPortfolioOn, PortfolioPassedOn, IN_CARE, SAME,    _HEADS, "7.2a"),
        step(ClosePortfolio,  PortfolioClosed,   IN_CARE, CLOSED,  _HEADS, "7.2a"),
    ],
    holds=[
        hold(IN_CARE, lambda portfolio: tuple(f"care:{place}" for place in portfolio.places),
             zh="该楼栋或房屋已有人分管", en="somebody looks after that building or home already"),
    ],
)
# fmt: on
