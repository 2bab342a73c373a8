"""Walks through every kind of case: each state that can be reached by filling in commands, with cases that stand in it.

What is refused is tried again as whoever fills in the form would: the field that the refusal names gets another value,
one that stands in the case or in a case that it refers to; or it is done on another day, or by somebody else.
"""

from __future__ import annotations

import dataclasses
import enum
import types
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Union, get_args, get_origin

from domain.cases import CASES, GENERIC
from domain.kernel.calendar import local_date, start_of_day
from domain.kernel.fact import COMMANDS, Case, Command
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import NOT_YET, Due
from domain.kernel.mending import SET_ASIDE
from domain.kernel.people import HANDBOOK_ROLES, Actor, Role
from domain.kernel.references import REFERENCES
from tests.domain.forms import FORMS
from tests.domain.roads import BESIDE, ROADS
from tests.domain.story import Story, instant
from tests.filler import fill, hints_of, one_of_each

__all__ = [
    "CLERKS",
    "Walk",
    "another_day",
    "branch",
    "form",
    "known_ids",
    "pointing_at_what_is_there",
    "related_to",
    "touched",
    "walk",
    "walk_here",
    "walk_until_given",
    "with_another",
    "world",
]

_BEGIN = "2025-03-03 10:00"
_ROLES = (*HANDBOOK_ROLES, Role.SYSTEM_ADMINISTRATOR, Role.POLICY, Role.IMPORTER, Role.RESIDENT)
CLERKS = ("a", "b", "c")
"""Some rules want a second person."""
_KEPT = 6
"""So many cases are kept of each state."""
_LONG = 25
"""Of so many facts a case may consist before it is not gone on with."""
_TRIES, _HOPE = 5, 20
"""So often a command is tried anew in a state in which it was never accepted, and so many times that is hoped for."""


_WORDS = tuple(dict.fromkeys(row.kind for lifecycle in CASES for row in lifecycle.deadlines))
"""Names of tasks, which some commands ask for."""


class Walk:
    """What a walk through one kind of case has found."""

    def __init__(self, lifecycle: Lifecycle[Any], *, histories: bool = True) -> None:
        self.lifecycle = lifecycle
        self.histories = histories
        self.keeps = _KEPT
        self.standing: dict[str, list[tuple[Story, datetime]]] = {NOT_YET: [(Story(lifecycle), instant(_BEGIN))]}
        self.led: dict[str, list[tuple[Story, datetime]]] = {}
        """Cases that a story led there: they are gone on from, and never given up for others."""
        self.given = 0
        self.tried: Counter[tuple[str, type[Command]]] = Counter()
        self.accepted: set[tuple[str, type[Command]]] = set()

    def take(self, story: Story, now: datetime, random: Random) -> None:
        """Keep this case as one of its state; for it goes, by turns, the one that has seen least or any of the older ones."""
        kept = self.standing.setdefault(story.case.state, [])
        if kept and len(story.facts) > _LONG:
            return
        kept.append((story, now))
        if len(kept) > self.keeps:
            least = min(range(self.keeps), key=lambda n: len({fact.name for fact in kept[n][0].facts}))
            kept.pop(random.choice((least, random.randrange(self.keeps // 2 + 1))))

    def __iter__(self) -> Iterator[tuple[str, Story, datetime]]:
        """Each kept case with its state and the time there."""
        for state, kept in self.standing.items():
            for story, now in kept:
                yield state, story, now


def branch(story: Story) -> Story:
    """The same case, free to go another way."""
    return story.branch()


@cache
def world() -> dict[str, Any]:
    """Cases of every kind by id, for commands that read other cases: filled kind by kind in the handbook's order."""
    cases: dict[str, Any] = {}
    for seed in (1, 2):  # some read cases of kinds that come after their own
        for lifecycle in CASES:
            for number, (state, story, _) in enumerate(_walk(Walk(lifecycle), cases, steps=30, seed=seed)):
                if story.case is not None:
                    case_id = f"{lifecycle.kind}-{state}-{seed}-{number}"
                    cases[case_id] = lifecycle.fold(replace(fact, case_id=case_id) for fact in story.facts)
    return cases


@cache
def walk(kind: str) -> Walk:
    """A bounded walk through one kind of case, the longer while a state is still to be reached."""
    lifecycle = next(each for each in CASES if each.kind == kind)
    found = Walk(lifecycle)
    for seed in range(2, 22):
        _walk(found, world(), steps=120, seed=seed)
        if set(lifecycle.states) - set(SET_ASIDE) <= set(found.standing):
            break
    return found


@cache
def walk_here(kind: str) -> Walk:
    """A walk through one kind of case without other systems' histories: everything is entered here, by the rules."""
    lifecycle = next(each for each in CASES if each.kind == kind)
    found = Walk(lifecycle, histories=False)
    for seed in range(2, 42):
        _walk(found, world(), steps=120, seed=seed)
        waiting = {due.kind for _, story, _ in found if story.case is not None for due in lifecycle.due(story.case)}
        if {*lifecycle.states} - {*lifecycle.final} <= {*found.standing} and {
            w.kind for w in lifecycle.waits
        } <= waiting:
            break
    return found


def walk_until_given(kind: str, wanted: set[tuple[str, type[Command]]]) -> Walk:
    """A walk through one kind of case that goes on until these commands were given in these states; at last it gives up."""
    found = Walk(next(each for each in CASES if each.kind == kind))
    for story, now in ROADS.get(kind, tuple)():
        found.led.setdefault(story.case.state, []).append((story, now))
    for seed in range(2, 402):
        found.keeps = _KEPT + min(seed, 120) // 2  # what came a rare way is not given up before it was gone on with
        found.tried.clear()  # by now there are other cases to try it on
        _walk(found, world() | BESIDE, steps=120, seed=seed)
        if wanted <= found.accepted:
            break
    return found


def _walk(found: Walk, cases: dict[str, Any], *, steps: int, seed: int) -> Walk:
    random, lifecycle = Random(seed), found.lifecycle
    known = known_ids(cases)
    for turn in range(steps):
        # Round the states, so that rare ones are gone on from as often as common ones.
        states = list(dict.fromkeys((*found.standing, *found.led)))
        at = states[turn % len(states)]
        led = found.led.get(at, [])
        story, now = random.choice(led if led and random.random() < 0.3 else found.standing.get(at) or led)
        now = _by_day(now + timedelta(hours=random.choice((1, 1, 12, 100))))
        state = story.case.state if story.case is not None else NOT_YET
        for command in (each for each in lifecycle.commands if each not in GENERIC):
            for attempt in _attempts(found, state, command, story, now, random, cases, known):
                next_story, at = attempt
                found.given += 1
                if next_story.refusal is None and next_story.outcome:
                    found.accepted.add((state, command))
                    found.take(next_story, at, random)
                    _let_lapse(found, next_story, at, random, news=True)
                    break
        _let_lapse(found, story, now, random)
    return found


def _let_lapse(found: Walk, story: Story, now: datetime, random: Random, *, news: bool = False) -> None:
    """What the case owes is not done in time; ``news``: only what has not been missed in this state yet."""
    if story.case is None:
        return
    for due in found.lifecycle.due(story.case):
        at = (story.case.state, COMMANDS[due.gives])
        if news and at in found.accepted:
            continue
        fired = fire(story, due, random)
        if fired.refusal is None and fired.outcome:
            found.accepted.add(at)
            found.take(fired, max(now, due.due_at), random)


def _attempts(
    found: Walk,
    state: str,
    command: type[Command],
    story: Story,
    now: datetime,
    random: Random,
    cases: Mapping[str, Any],
    known: Mapping[str, list[str]],
) -> Iterator[tuple[Story, datetime]]:
    """The command given again and again, each time otherwise, until whoever asks is content; at last as a history has it."""
    may = [role for row in found.lifecycle.open_to(state, command) for role in _ROLES if role in row.who]
    if not may:
        return
    never = (state, command) not in found.accepted
    ready = found.lifecycle.why_not(command, story.case, Actor("someone", may[0])) is None
    filled = form(command, story.case, random, now, cases, known, suggested=never or random.random() < 0.5)
    waived = story.case is not None and story.case.imported
    hoped = found.tried[state, command]
    for turn in range(_TRIES if never and (ready or waived) and hoped < _HOPE else 1):
        if related_to(filled, cases, story.case) is None:
            filled = pointing_at_what_is_there(filled, cases, known, random)
        related = related_to(filled, cases, story.case)
        if related is None:
            continue
        if ready or waived:  # where it could not have been taken, no hope is spent
            found.tried[state, command] = hoped + 1
        # A history is another system's from its beginning; it may go on here.
        history = random.random() < 0.4 if story.case is None else story.case.imported and random.random() < 0.75
        imported = found.histories and (history or (story.case is None and turn == _TRIES - 1))
        tried = branch(story).when(
            filled, as_=random.choice(may), at=now, by=random.choice(CLERKS), related=related, imported=imported
        )
        yield tried, now
        wrong, seen = tried.refusal, [story.case, *related.values()]
        if wrong is None or (turn == 0 and random.random() < 0.2):
            filled = touched(fill(command, random, now, known), seen, random, now)
        elif wrong.field in REFERENCES and (ids := known.get(_kind_meant(wrong.field))) and random.random() < 0.5:
            filled = replace(filled, **{wrong.field: random.choice(ids)})  # type: ignore[type-var]
        elif wrong.field in REFERENCES:  # what it refers to may be right on another day
            now = another_day(story.case, random, now)
        elif wrong.field in hints_of(command):
            filled = with_another(filled, wrong.field, seen, random, now)
        else:
            now = another_day(story.case, random, now)


def form(
    command: type[Command],
    case: Any,
    random: Random,
    now: datetime,
    cases: Mapping[str, Any],
    known: dict[str, list[str]],
    *,
    suggested: bool = True,
) -> Command:
    """The form of a command filled in for a case, where wanted as somebody would who knows the matter."""
    if command in FORMS and suggested:
        return fill(command, random, now, known, **FORMS[command](case, now, cases))
    return touched(fill(command, random, now, known), [case], random, now)


def related_to(command: Command, cases: Mapping[str, Any], case: Any = None) -> dict[str, Any] | None:
    """The cases that the command refers to, and those that its case leads to; None when one of them does not exist."""
    led_to = command.led_to(case, "XH") if case is not None else {}
    wanted = {**command.related(), **{name: each for name, each in led_to.items() if name not in command.MAY_LACK}}
    if any(case_id not in cases for case_id in wanted.values()):
        return None
    return {name: cases[case_id] for name, case_id in wanted.items()}


def known_ids(cases: Mapping[str, Any]) -> dict[str, list[str]]:
    """The ids of these cases by kind."""
    known: dict[str, list[str]] = {}
    for case_id in cases:
        known.setdefault(case_id.partition("-")[0], []).append(case_id)
    return known


def touched(command: Command, seen: list[Any], random: Random, now: datetime) -> Command:
    """The same command, as often as not with a field filled in from the case."""
    names = [field.name for field in fields(command)]  # type: ignore[arg-type]
    return (
        with_another(command, random.choice(names), seen, random, now) if names and random.random() < 0.5 else command
    )


def pointing_at_what_is_there(
    command: Command, cases: Mapping[str, Any], known: Mapping[str, list[str]], random: Random
) -> Command:
    """The same command with ids of cases that exist where it refers to others."""
    gone = {case_id for case_id in command.related().values() if case_id not in cases}
    if not gone:
        return command
    ids = [case_id for each in known.values() for case_id in each]
    named = {field.name: known.get(_kind_meant(field.name), ids) for field in fields(command)}  # type: ignore[arg-type]
    wrong = [name for name in named if type(getattr(command, name)) is str and getattr(command, name) in gone]
    return replace(command, **{name: random.choice(named[name]) for name in wrong if named[name]})  # type: ignore[type-var]


def _kind_meant(field: str) -> str:
    """Of which kind a field's case is, as far as its word says."""
    reference = REFERENCES.get(field)
    return (reference.kind if reference is not None else None) or field.removesuffix("_id")


def with_another(command: Command, name: str, seen: list[Any], random: Random, now: datetime) -> Command:
    """The same command with another value in this field."""
    atoms = [atom for case in seen for atom in _held(case)]
    values = list(_values(hints_of(type(command))[name], atoms, random, now))
    return replace(command, **{name: random.choice(values)}) if values else command  # type: ignore[type-var]


def _values(hint: Any, atoms: list[Any], random: Random, now: datetime) -> Iterator[Any]:
    """What may stand in a field of this type: what the cases hold of it, and what is at hand anyway."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        for part in get_args(hint):
            if part is not type(None):
                yield from _values(part, atoms, random, now)
    elif origin is not None and origin.__name__ == "Annotated":
        yield from _values(get_args(hint)[0], atoms, random, now)
    elif origin is tuple:
        inner = list(_values(get_args(hint)[0], atoms, random, now))
        wanted = get_args(hint)[0]
        yield from (a for a in atoms if isinstance(a, tuple) and a and all(type(each) is wanted for each in a))
        yield tuple(dict.fromkeys(inner))
        yield from ((each,) for each in inner)
        if dataclasses.is_dataclass(record := get_args(hint)[0]) and isinstance(record, type):
            yield one_of_each(record, random, now)
    elif hint is datetime:
        yield from (now + timedelta(days=days) for days in (1, 30))
    elif hint is date:
        yield from (local_date(now) + timedelta(days=days) for days in (-1, 0, 1, 30))
    elif isinstance(hint, type) and issubclass(hint, enum.Enum):
        yield from hint
    elif hint is str:
        yield from ("a", "b", "f" * 64, *_WORDS)
    elif hint is int:
        yield from (1, 2, 100, 200_000)
    if isinstance(hint, type):
        yield from (atom for atom in atoms if type(atom) is hint)


_HELD: dict[int, tuple[Any, list[Any]]] = {}


def _held(case: Any) -> list[Any]:
    """All atoms of a case: the cases that are kept do not change, and are asked again and again."""
    known = _HELD.get(id(case))
    if known is None or known[0] is not case:
        if len(_HELD) > 2_000:
            _HELD.clear()
        known = _HELD[id(case)] = case, list(_atoms(case))
    return known[1]


def _atoms(value: Any, depth: int = 0) -> Iterator[Any]:
    """Everything that a case holds, down to its words and numbers."""
    if value is None or depth > 4:
        return
    yield value
    if isinstance(value, Mapping):
        yield tuple(value)
        for each in (*value, *value.values()):
            yield from _atoms(each, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        listed = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        if not isinstance(value, tuple):
            yield tuple(listed)
        for each in listed:
            yield from _atoms(each, depth + 1)
    elif dataclasses.is_dataclass(value):
        for field in fields(value):
            if not isinstance(value, Case) or field.name not in {"id", "office", "correlation_id"}:
                yield from _atoms(getattr(value, field.name), depth + 1)
        for name, each in vars(type(value)).items():
            if isinstance(each, property):  # such as what is left on a bill
                yield getattr(value, name)


def _by_day(now: datetime) -> datetime:
    """Then, or the next morning: at night nobody is at work."""
    morning = start_of_day(local_date(now)) + timedelta(hours=8)
    return (
        now
        if morning <= now < morning + timedelta(hours=10)
        else morning + timedelta(days=int(now >= morning), hours=1)
    )


def another_day(case: Any, random: Random, now: datetime) -> datetime:
    """The morning of a day that the case speaks of, or one some time on."""
    days = {atom for atom in _held(case) if type(atom) is date}
    days |= {local_date(atom) for atom in _held(case) if isinstance(atom, datetime)}
    mornings = [start_of_day(day) + timedelta(hours=10) for day in sorted(days)]
    later = [morning for morning in mornings if case is None or morning >= case.opened_at]
    return random.choice([*later, now + timedelta(days=1), now + timedelta(days=31)])


def fire(story: Story, due: Due, random: Random) -> Story:
    """The same case after the clock has given the command of this deadline at its instant."""
    kind = COMMANDS[due.gives]
    command = fill(kind, random, due.due_at) if fields(kind) else kind()  # type: ignore[arg-type]
    return branch(story).when(command, as_=Role.CLOCK, at=due.due_at)
