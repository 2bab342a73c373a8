"""A kind of case that only the tests have: a drill 演练 shows every part of the kernel without leaning on a real kind.

It holds a thing alone, ends at a promised instant, has a duty that renews itself every day, keeps a personal note,
reads another drill, and its end opens the next one. It is known to the program only inside ``known()``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.cases import BY_KIND, COMMAND_OF
from domain.handbook.settings import Numbers
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import COMMANDS, EVENTS, Case, Command, Event, Fact, Moment, Personal, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, deadline, hold, step
from domain.kernel.people import Actor, Role
from workflows.engine.policy import Consequence, Policies, whenever

RUNNING, ENDED = "running", "ended"

_MINE = (set(EVENTS), set(COMMANDS))


@event()
class DrillOpened(Event):
    """演练已开始 · Drill opened."""

    thing: str
    ends_at: datetime | None = None
    round_at: datetime | None = None
    poisoned: bool = False
    repeats: int = 0
    note: Personal | None = None
    household: str | None = None


@event()
class DrillExtended(Event):
    """演练已延长 · Drill extended."""

    ends_at: datetime | None


@event()
class DrillCounted(Event):
    """演练已计数 · Drill counted."""

    surveys_per_year: int
    of: int = 0


@event()
class DrillRanOut(Event):
    """演练已到期 · Drill ran out."""

    due_at: datetime


@event()
class RoundMade(Event):
    """已巡一轮 · Round made."""

    due_at: datetime
    next_at: datetime


@event()
class DrillEnded(Event):
    """演练已结束 · Drill ended."""


@dataclass(slots=True, kw_only=True)
class Drill(Case):
    """What is known of one drill."""

    thing: str = ""
    ends_at: datetime | None = None
    round_at: datetime | None = None
    poisoned: bool = False
    repeats: int = 0
    note: str | None = None
    household: str | None = None
    counts: list[int] = field(default_factory=list)


def evolve(drill: Drill, fact: Fact) -> None:
    """Fold one fact into the drill."""
    match fact.event:
        case DrillOpened() as e:
            drill.thing, drill.ends_at, drill.round_at = e.thing, e.ends_at, e.round_at
            drill.poisoned, drill.repeats, drill.note, drill.household = e.poisoned, e.repeats, e.note, e.household
        case DrillExtended() as e:
            drill.ends_at = e.ends_at
        case DrillCounted() as e:
            drill.counts.append(e.surveys_per_year)
        case DrillRanOut():
            drill.ends_at = None
        case RoundMade() as e:
            drill.round_at = e.next_at


@command
class OpenDrill(Command):
    """开始演练 · Open a drill."""

    thing: str
    ends_at: datetime | None = None
    round_at: datetime | None = None
    poisoned: bool = False
    repeats: int = 0
    note: Personal | None = None
    household: str | None = None

    def decide(self, _drill: None, _at: Moment) -> Iterator[Event]:
        """As it is filled in."""
        yield DrillOpened(
            thing=self.thing,
            ends_at=self.ends_at,
            round_at=self.round_at,
            poisoned=self.poisoned,
            repeats=self.repeats,
            note=self.note,
            household=self.household,
        )


@command
class ExtendDrill(Command):
    """延长演练 · Extend a drill."""

    ends_at: datetime | None

    def decide(self, drill: Drill, _at: Moment) -> Iterator[Event]:
        """Nothing happens when it changes nothing."""
        if self.ends_at != drill.ends_at:
            yield DrillExtended(ends_at=self.ends_at)


@command
class CountDrill(Command):
    """计数 · Count what the settings and another drill say."""

    other: str | None = None

    def related(self) -> Mapping[str, str]:
        """The other drill, when there is one."""
        return {} if self.other is None else {"other": self.other}

    def decide(self, _drill: Drill, at: Moment) -> Iterator[Event]:
        """A number of the handbook, frozen into the event."""
        of = len(at.related["other"].counts) if self.other is not None else 0
        yield DrillCounted(surveys_per_year=at.numbers.integer("surveys.per_year"), of=of)


@command
class NoteDrillRanOut(Command):
    """演练到期 · Note that the drill ran out."""

    def decide(self, drill: Drill, at: Moment) -> Iterator[Event]:
        """A poisoned drill fails in a way that nobody foresaw."""
        if drill.poisoned:
            drill.no_such_attribute  # type: ignore[attr-defined]  # noqa: B018 -- the poison
        yield DrillRanOut(due_at=drill.ends_at or at.now)


@command
class MakeRound(Command):
    """巡一轮 · Make the daily round."""

    def decide(self, drill: Drill, _at: Moment) -> Iterator[Event]:
        """The duty renews itself."""
        assert drill.round_at is not None
        yield RoundMade(due_at=drill.round_at, next_at=drill.round_at + timedelta(days=1))


@command
class EndDrill(Command):
    """结束演练 · End a drill."""

    forbidden: bool = False

    def decide(self, _drill: Drill, _at: Moment) -> Iterator[Event]:
        """Refused by a rule when it is forbidden."""
        if self.forbidden:
            raise RuleBroken("forbidden", "1", zh="不许结束", en="it must not end")
        yield DrillEnded()

    @staticmethod
    def ready(_drill: Drill, _who: Actor) -> Refusal | None:
        """Always."""
        return None


LIFECYCLE = Lifecycle(
    of=Drill,
    kind="drill",
    path="drills",
    zh="演练",
    en="drill",
    clauses="1",
    evolve=evolve,
    subject=lambda drill: drill.household,
    states={RUNNING: ("进行中", "running"), ENDED: ("已结束", "ended")},
    final=[ENDED],
    steps=[
        step(OpenDrill, DrillOpened, None, RUNNING, [Role.ADMINISTRATOR, Role.POLICY], "1"),
        step(ExtendDrill, DrillExtended, RUNNING, SAME, [Role.ADMINISTRATOR], "1"),
        step(CountDrill, DrillCounted, RUNNING, SAME, [Role.ADMINISTRATOR], "1"),
        step(NoteDrillRanOut, DrillRanOut, RUNNING, SAME, [Role.CLOCK], "1"),
        step(MakeRound, RoundMade, RUNNING, SAME, [Role.CLOCK], "1"),
        step(EndDrill, DrillEnded, RUNNING, ENDED, [Role.ADMINISTRATOR], "1"),
    ],
    deadlines=[
        deadline("end", RUNNING, due=lambda d: d.ends_at, gives=NoteDrillRanOut, clause="1", zh="到期", en="the end"),
        deadline("round", RUNNING, due=lambda d: d.round_at, gives=MakeRound, clause="1", zh="巡视", en="the round"),
    ],
    holds=[hold(RUNNING, lambda d: f"thing:{d.thing}" if d.thing else None, zh="物品", en="thing")],
)


def repeat_every_drill(drill: Drill, _fact: Fact, _numbers: Numbers) -> Iterable[Consequence]:
    """演练结束后再来一次 · A drill that has ended is repeated."""
    if drill.repeats > 0:
        yield Consequence(OpenDrill(thing=drill.thing, repeats=drill.repeats - 1))


def shadow_every_drill(drill: Drill, _fact: Fact, _numbers: Numbers) -> Iterable[Consequence]:
    """每次演练另有一次影子演练 · A drill that repeats casts a shadow."""
    if drill.repeats > 0 and drill.thing:
        yield Consequence(OpenDrill(thing=f"shadow of {drill.thing}"))


POLICIES = Policies(
    [
        whenever(DrillEnded, then=repeat_every_drill, clause="1"),
        whenever(DrillOpened, then=shadow_every_drill, clause="1"),
    ]
)

# Declared events and commands enter the program's allow-lists; these leave them again until a test lets them in.
_EVENTS = {name: EVENTS.pop(name) for name in set(EVENTS) - _MINE[0]}
_COMMANDS = {name: COMMANDS.pop(name) for name in set(COMMANDS) - _MINE[1]}


@contextmanager
def known() -> Iterator[None]:
    """Let the program know drills for a while."""
    with pytest.MonkeyPatch.context() as patch:
        for name, event_type in _EVENTS.items():
            patch.setitem(EVENTS, name, event_type)
        for name, command_type in _COMMANDS.items():
            patch.setitem(COMMANDS, name, command_type)
        patch.setitem(BY_KIND, "drill", LIFECYCLE)
        lives: dict[type[Command], Lifecycle[Any]] = COMMAND_OF  # type: ignore[assignment]
        for command_type in LIFECYCLE.commands:
            patch.setitem(lives, command_type, LIFECYCLE)
        yield


def full_drill(now: datetime, **fields: Any) -> OpenDrill:
    """A drill that writes to every table there is: facts, consequences, claims, keys, deadlines."""
    given: dict[str, Any] = {"thing": "hose", "ends_at": now + timedelta(days=1), "repeats": 1, "note": "别忘水带"}
    return OpenDrill(**{**given, **fields})
