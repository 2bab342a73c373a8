"""A lantern 灯: the smallest matter that shows everything. Its words stay out of the program's allow-lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Case, Command, Event, Fact, Moment
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, deadline, hold, step
from domain.kernel.people import Actor, Role
from tests.domain.story import Story, given

CLERK, MANAGER, CLOCK = Role.ADMINISTRATOR, Role.MANAGER, Role.CLOCK
OPEN, RESTING, OVER = "open", "resting", "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lit(Event):
    """灯已点亮 · Lantern lit."""

    hooks: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed(Event):
    """灯已修剪 · Lantern trimmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BurntDown(Event):
    """灯已燃尽 · Lantern burnt down."""


class Dimmed(Event):
    """灯已调暗 · Lantern dimmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOut(Event):
    """灯已熄灭 · Lantern put out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Light(Command):
    """点灯 · Light."""

    hooks: tuple[str, ...] = ()
    until: datetime | None = None

    ZH, EN = "点灯", "Light"

    def decide(self, _lantern: None, _at: Moment) -> Iterator[Event]:
        yield Lit(hooks=self.hooks, until=self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trim(Command):
    ZH, EN = "修灯", "Trim"

    @staticmethod
    def ready(lantern: Lantern, _who: Actor) -> Refusal | None:
        if lantern.trimmed:
            return RuleBroken("trimmed-already", "2.1", zh="已修剪", en="it is trimmed already")
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnDown(Command):
    ZH, EN = "燃尽", "Burn down"


class Dim(Command):
    ZH, EN = "调暗", "Dim"

    def decide(self, lantern: Lantern, _at: Moment) -> Iterator[Event]:
        if lantern.state == OPEN:
            yield Dimmed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Douse(Command):
    ZH, EN = "熄灯", "Put out"

    @staticmethod
    def ready(lantern: Lantern, who: Actor) -> Refusal | None:
        return (
            RuleBroken("own-work", "2.4", zh="须由另一人办理", en="not by who lit it")
            if who.user_id == lantern.lit_by
            else None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted(Command):
    ZH, EN = "不在表中", "Unlisted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint(Command):
    colour: str = "red"

    ZH, EN = "上色", "Paint"


@dataclass(slots=True, kw_only=True)
class Lantern(Case):
    """What is known of one lantern."""

    hooks: tuple[str, ...] = ()
    until: datetime | None = None
    trimmed: int = 0
    lit_by: str = ""


def evolve(lantern: Lantern, fact: Fact) -> None:
    match fact.event:
        case Lit() as e:
            lantern.hooks, lantern.until, lantern.lit_by = e.hooks, e.until, fact.user_id
        case Trimmed():
            lantern.trimmed += 1
        case BurntDown():
            lantern.until = None


LIGHTS = step(Light, Lit, None, OPEN, [CLERK], "2")
TRIMS = step(Trim, Trimmed, (OPEN, RESTING), SAME, [CLERK, MANAGER], "2.1")
BURNS = step(BurnDown, BurntDown, OPEN, SAME, [CLOCK], "2.3")
DIMS = step(Dim, Dimmed, OPEN, RESTING, [CLERK], "2")
DOUSES = step(Douse, PutOut, (OPEN, RESTING), OVER, [MANAGER], "2.4")
RUNS_OUT: dict[str, Any] = {"due": lambda lantern: lantern.until, "gives": BurnDown, "zh": "灯油", "en": "the oil"}
RIGHT: dict[str, Any] = {
    "of": Lantern,
    "kind": "lantern",
    "path": "lanterns",
    "zh": "灯",
    "en": "lantern",
    "clauses": "2",
    "evolve": evolve,
    "states": {OPEN: ("点亮", "lit"), RESTING: ("调暗", "dimmed"), OVER: ("熄灭", "out")},
    "final": [OVER],
    "steps": [LIGHTS, TRIMS, BURNS, DIMS, DOUSES],
    "deadlines": [deadline("oil", OPEN, clause="2.3", **RUNS_OUT)],
    "holds": [
        hold(OPEN, lambda lantern: tuple(f"hook:{each}" for each in lantern.hooks), zh="挂钩", en="hook"),
        hold((OPEN, RESTING), lambda lantern: f"lamp:{lantern.id}", zh="灯", en="lamp"),
        hold(OPEN, lambda _lantern: None, zh="无", en="nothing"),
    ],
}


def table(**changes: Any) -> Lifecycle[Lantern]:
    return Lifecycle(**{**RIGHT, **changes})


LANTERN = table()


def acting(role: Role, user_id: str = "somebody else") -> Actor:
    return Actor(user_id, role)


def lit(**fields: Any) -> Story:
    return given(LANTERN).when(Light(**fields), as_=CLERK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted(Event):
    """灯已上色 · Lantern painted."""

    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted(Event):
    """灯已漂走 · Lantern drifted away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranded(Event):
    """灯已搁浅 · Lantern stranded."""
