"""Patrol route 巡视路线 (§2): the points that a patrol walks, in order, each with the latest time at which it is seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, hold, step
from domain.kernel.names import numbered
from domain.kernel.people import Role
from domain.kernel.rules import broken, missing
from domain.kernel.words import choice_names

IN_USE, RETIRED = "in-use", "retired"


class Subject(StrEnum):
    """What a patrol looks at 巡视内容 (§2.1–2.4)."""

    CLEANING_AND_GREENING = "cleaning-and-greening"
    VIOLATIONS = "violations"
    SAFETY = "safety"
    STAFF = "staff"

    @property
    def zh(self) -> str:
        """The Chinese name that people read."""
        return choice_names(self)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePoint:
    """One point 巡视点: its code is unique on the route; ``by`` is the latest local time at which it is to be seen."""

    code: str
    place: str
    by: time | None = None


@event()
class PatrolRouteLaidOut(Event):
    """巡视路线已制定 · Patrol route laid out."""

    name: str
    points: tuple[RoutePoint, ...]


@event()
class PatrolRouteChanged(Event):
    """巡视路线已变更 · Patrol route changed."""

    points: tuple[RoutePoint, ...]
    reason: str


@event()
class PatrolRouteRetired(Event):
    """巡视路线已停用 · Patrol route retired."""


@dataclass(slots=True, kw_only=True)
class PatrolRoute(Case):
    """One route as it is walked now; patrols keep the points with which they set out."""

    CORRECTS = ("name",)

    name: str = ""
    points: tuple[RoutePoint, ...] = ()


def evolve(route: PatrolRoute, fact: Fact) -> None:
    """Fold one fact into the route."""
    match fact.event:
        case PatrolRouteLaidOut() as e:
            route.name, route.points = e.name, e.points
        case PatrolRouteChanged() as e:
            route.points = e.points


@command
class LayOutPatrolRoute(Command):
    """制定巡视路线 · Lay out a patrol route."""

    name: str
    points: tuple[RoutePoint, ...]

    def decide(self, _route: None, _at: Moment) -> Iterator[Event]:
        """At least one point, each with a code of its own (§2)."""
        _numbered(self.points)
        yield self.to_event(PatrolRouteLaidOut)


@command
class ChangePatrolRoute(Command):
    """变更巡视路线 · Change the patrol route."""

    points: tuple[RoutePoint, ...]
    reason: str

    def decide(self, _route: PatrolRoute, _at: Moment) -> Iterator[Event]:
        """For patrols that set out from now on (§2)."""
        _numbered(self.points)
        yield self.to_event(PatrolRouteChanged)


@command
class RetirePatrolRoute(Command):
    """停用巡视路线 · Retire the patrol route.

    Nobody sets out on it any more (§2).
    """


def _numbered(points: tuple[RoutePoint, ...]) -> None:
    if not points:
        raise missing("points", "2", "路线须有巡视点", "a route has points")
    if len({point.code for point in points}) != len(points):
        raise broken("point-twice", "2", "巡视点编号不得重复", "each point has a code of its own", "points")


_HEADS = (Role.DEPARTMENT_HEAD, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=PatrolRoute, kind="patrol_route", path="patrol-routes", zh="巡视路线", en="patrol route", clauses="2", evolve=evolve,
    states={IN_USE: ("在用", "in use"), RETIRED: ("已停用", "retired")},
    final=[RETIRED],
    steps=[
        step(LayOutPatrolRoute, PatrolRouteLaidOut, None,   IN_USE,  _HEADS, "2"),
        step(ChangePatrolRoute, PatrolRouteChanged, IN_USE, SAME,    _HEADS, "2"),
        step(RetirePatrolRoute, PatrolRouteRetired, IN_USE, RETIRED, _HEADS, "2"),
    ],
    holds=[
        hold(IN_USE, lambda route: () if route.imported else numbered("patrol-route", route.name),
             zh="巡视路线名称不得重复", en="a route's name is of one route"),
    ],
)
# fmt: on
