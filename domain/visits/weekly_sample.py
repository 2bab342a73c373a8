"""Weekly sample 每周回访抽样 (§5.2.B): of the repairs completed in a week at least a fifth is followed up.

Drawn when the week is over, from a listed population, by a seed that nobody can foresee or steer and anyone can repeat:
when the sample is opened, with the draw of the week before, the SHA-256 of its secret is published; the draw reveals
the secret, and the seed is the SHA-256 of the secret and the population's list (``docs/redraw_sample.py``).
⌈rate × n⌉, at least one; who cannot be reached is replaced by the next in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from hashlib import sha256
from math import ceil

from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, deadline, step
from domain.kernel.people import Role
from domain.kernel.periods import IsoWeek
from domain.kernel.rules import broken
from domain.visits.follow_up.case import EXITED, FollowUp
from domain.visits.follow_up.case import WAITING as UNVISITED
from domain.visits.follow_up.commands.ending import never_tried, tried_in_vain

WAITING, DRAWN = "waiting", "drawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedRepair:
    """One repair of the population 总体: ``late`` when it was entered after the draw of its own week."""

    case: str
    completed_on: date
    worker: str | None = None
    household: str | None = None
    home: str | None = None
    late: bool = False


@event()
class WeeklySampleOpened(Event):
    """每周抽样已立项 · Weekly sample opened."""

    week: str
    draw_at: datetime
    commitment: str | None = None


@event()
class WeeklySampleDrawn(Event):
    """每周抽样已抽取 · Weekly sample drawn."""

    week: str
    population: tuple[CompletedRepair, ...]
    chosen: tuple[str, ...]
    seed: str
    rate: str
    page: int
    minimum: int | None = None
    secret: str | None = None
    as_committed: bool | None = None


@event()
class SampleSubstituted(Event):
    """抽样已替换 · A chosen repair was replaced."""

    unreachable: str
    replacement: str
    reason: str
    follow_up: str | None = None


@dataclass(slots=True, kw_only=True)
class WeeklySample(Case):
    """One week's sample of one office.

    ``commitment`` is the SHA-256 that was published of the ``secret`` before there was anything to draw from;
    ``as_committed`` whether the revealed one is that; None for samples that were opened before there were commitments.
    """

    week: str = ""
    draw_at: datetime | None = None
    population: tuple[CompletedRepair, ...] = ()
    chosen: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    seed: str = ""
    rate: str = ""
    page: int = 0
    commitment: str | None = None
    secret: str | None = None
    as_committed: bool | None = None
    drawn_at: datetime | None = None

    def repair(self, case: str) -> CompletedRepair:
        """The entry of the population."""
        return next(entry for entry in self.population if entry.case == case)


def evolve(sample: WeeklySample, fact: Fact) -> None:
    """Fold one fact into the sample."""
    match fact.event:
        case WeeklySampleOpened() as e:
            sample.week, sample.draw_at, sample.commitment = e.week, e.draw_at, e.commitment
        case WeeklySampleDrawn() as e:
            sample.population, sample.chosen, sample.seed = e.population, e.chosen, e.seed
            sample.rate, sample.page, sample.drawn_at, sample.draw_at = e.rate, e.page, fact.occurred_at, None
            sample.secret, sample.as_committed = e.secret, e.as_committed
        case SampleSubstituted() as e:
            sample.chosen = (*(c for c in sample.chosen if c != e.unreachable), e.replacement)
            sample.replaced = (*sample.replaced, e.unreachable)


def commitment_of(secret: str) -> str:
    """What is published of a secret before it is revealed: its SHA-256."""
    return sha256(secret.encode()).hexdigest()


def seed_of(secret: str, population: tuple[CompletedRepair, ...]) -> str:
    """SHA-256 of the secret and the cases of the population in their own order, one a line: neither alone decides."""
    lines = (secret, *sorted(entry.case for entry in population))
    return sha256("\n".join(lines).encode()).hexdigest()


def in_order(population: tuple[CompletedRepair, ...], seed: str) -> list[str]:
    """The whole population in the seed's order: by SHA-256 of «seed|case». Whoever has both can repeat it."""
    return sorted((entry.case for entry in population), key=lambda case: sha256(f"{seed}|{case}".encode()).hexdigest())


def draw(population: tuple[CompletedRepair, ...], seed: str, rate: Fraction, minimum: int) -> tuple[str, ...]:
    """The chosen ones: ⌈rate × n⌉ and at least ``minimum`` of a population that is not empty."""
    wanted = max(ceil(rate * len(population)), minimum)
    return tuple(in_order(population, seed)[:wanted])


@command
class OpenWeeklySample(Command):
    """立项每周抽样 · Open the sample of a week."""

    week: str
    commitment: str | None = None

    def decide(self, _sample: None, _at: Moment) -> Iterator[Event]:
        """Drawn on the Monday after, at 0:00, by a secret that is committed to before the week's repairs are known (§5.2.B)."""
        try:
            week = IsoWeek.parse(self.week)
        except ValueError:
            raise RuleBroken(
                "week-unknown", "5.2.B", zh="周写作 2025-W07", en="a week is written 2025-W07", field="week"
            ) from None
        yield WeeklySampleOpened(week=str(week), draw_at=week.ends_at, commitment=self.commitment)


@command
class DrawWeeklySample(Command):
    """抽取每周样本 · Draw the week's sample."""

    population: tuple[CompletedRepair, ...]
    page: int
    secret: str

    def decide(self, sample: WeeklySample, at: Moment) -> Iterator[Event]:
        """Population, page and secret stand in the fact; the seed follows from them (§5.2.B).

        The week is drawn also when the secret is not the one that was committed to, as after a change of the master key;
        then the fact says so.
        """
        seed = seed_of(self.secret, self.population)
        rate, minimum = at.numbers.fraction("repairs.follow_up_rate"), at.numbers.integer("repairs.follow_up_minimum")
        committed = sample.commitment
        yield WeeklySampleDrawn(
            week=sample.week,
            population=self.population,
            chosen=draw(self.population, seed, rate, minimum),
            seed=seed,
            rate=str(rate),
            page=self.page,
            minimum=minimum,
            secret=self.secret,
            as_committed=None if committed is None else commitment_of(self.secret) == committed,
        )


@command
class SubstituteSample(Command):
    """替换抽样 · Replace a chosen repair whose resident cannot be reached."""

    follow_up: str
    reason: str

    def related(self) -> dict[str, str]:
        """The follow-up that could not be made."""
        return {"visit": self.follow_up}

    def decide(self, sample: WeeklySample, at: Moment) -> Iterator[Event]:
        """By the next in the same order, and both are on record; only after it was tried in earnest (§5.2.B)."""
        visit = at.related["visit"]
        chosen = visit.origin_id if isinstance(visit, FollowUp) else None
        if chosen not in sample.chosen:
            listed = "、".join(sample.chosen) or "—"
            zh, en = f"该回访不属本周抽样，抽中的有：{listed}", f"it is of none of those that were chosen: {listed}"
            raise broken("not-chosen", "5.2.B", zh, en, "follow_up")
        unreachable = visit.state in UNVISITED and tried_in_vain(visit, at.numbers)
        if not unreachable and not (visit.state == EXITED and visit.conducted_at is None):
            raise never_tried(at.numbers, "not-unreachable", "5.2.B")
        taken = {*sample.chosen, *sample.replaced}
        following = next((case for case in in_order(sample.population, sample.seed) if case not in taken), None)
        if following is None:
            raise broken("nobody-left", "5.2.B", "总体中已无可替换者", "nobody is left in the population")
        yield SampleSubstituted(unreachable=chosen, replacement=following, reason=self.reason, follow_up=self.follow_up)


# fmt: off
LIFECYCLE = Lifecycle(
    of=WeeklySample, kind="weekly_sample", path="weekly-samples", zh="每周回访抽样", en="weekly sample", clauses="5.2.B",
    evolve=evolve, identity=lambda command, office: f"weekly_sample-{office}-{command.week}",
    states={WAITING: ("待抽取", "waiting"), DRAWN: ("已抽取", "drawn")},
    final=[DRAWN],
    steps=[  # command         event               from     to       who               clause
        step(OpenWeeklySample, WeeklySampleOpened, None,    WAITING, [Role.POLICY],    "5.2.B"),
        step(DrawWeeklySample, WeeklySampleDrawn,  WAITING, DRAWN,   [Role.CLOCK],     "5.2.B"),
        step(SubstituteSample, SampleSubstituted,  DRAWN,   SAME,    [Role.ASSISTANT, Role.MANAGER], "5.2.B"),
    ],
    deadlines=[
        deadline("draw", WAITING, due=lambda sample: sample.draw_at, gives=DrawWeeklySample, clause="5.2.B",
                 zh="每周一抽取上周维修单", en="draw last week's repairs every Monday"),
    ],
)
# fmt: on
