"""Waiting 候办 of every kind of case: what stands still has a date by which the next step is taken, and an owner.

A late entry that counts only once somebody above has confirmed it waits too, in every kind that has breaches.

A kind says in one line of its table in which states, or from which request on, something waits for the next step, and
which setting says how long (:func:`~domain.kernel.lifecycle.declare.wait`). The date is made when the waiting begins and
stands in the fact that began it (:attr:`~domain.kernel.fact.Fact.wait_until`), so that a changed setting moves no date
that was made. Going to and fro among the states of one waiting begins nothing anew. When the date passes the clock says
so, once; the work stays on the desk of whoever owes it until it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.handbook.settings import SETTINGS, Numbers
from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.declare import NOT_YET, SAME, Breach, Deadline, Step, Wait, breach, deadline, step
from domain.kernel.people import Actor, Role
from domain.kernel.rules import broken
from domain.kernel.standing import Waiting

__all__ = [
    "GENERIC",
    "LATE_ENTRY",
    "LeftWaiting",
    "MissWaiting",
    "breaches_of",
    "deadlines_of",
    "judge_by",
    "left_since",
    "note_judging",
    "note_waiting",
    "steps_of",
    "verify_waits",
    "wait_until",
]

_CLAUSE: Final = "1"


@event()
class LeftWaiting(Event):
    """搁置超期 · Left waiting beyond its date.

    ``task`` is what was not done, ``item`` which of several that were asked for.
    """

    task: str
    due_at: datetime
    item: str | None = None


@command
class MissWaiting(Command):
    """记下搁置超期 · Note that the next step was not taken in time."""

    @staticmethod
    def ready(case: Case, _who: Actor) -> Refusal | None:
        """Something must wait with a date that was not missed yet."""
        if any(_running(case)):
            return None
        return broken("nothing-waits", _CLAUSE, "没有到期的候办事项", "nothing waits here with a date")

    def decide(self, case: Case, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which it passed: of several, of the one that passes now, else the earliest (§1)."""
        passing = [(until, key) for key, until in _running(case)]
        until, key = min([each for each in passing if each[0] == at.now] or passing)
        task, _, item = key.partition(_OF)
        yield LeftWaiting(task=task, due_at=until, item=item or None)


GENERIC: Final[frozenset[type[Command]]] = frozenset({MissWaiting})
"""The command belongs to every kind of case in which something waits: the case's id says which it is."""


LATE_ENTRY: Final = "late-entry"
"""The task of whoever stands above: to say whether an entry is so that would unmake a breach."""
_OF: Final = "/"
"""Between what waits and which of several it is."""


def _running(case: Case) -> Iterator[tuple[str, datetime]]:
    """What waits and was not missed yet, with its date."""
    for at, waiting in case.waits.items():
        if waiting.until is not None and waiting.missed_at is None:
            yield at, waiting.until


@dataclass(frozen=True, slots=True)
class _NextOf:
    """The earliest date of one waiting that is still to be kept or missed."""

    kind: str

    def __call__(self, case: Case) -> datetime | None:
        return min((until for at, until in _running(case) if _kind(at) == self.kind), default=None)


def left_since(kind: str) -> Callable[[Case], datetime | None]:
    """Since when something of this kind should have gone on, while it still waits.

    What an older program gave no date is on the desk since it began: a task that waits, and no breach that anybody wrote.
    """

    def missed(case: Case) -> datetime | None:
        passed = (each.left_since for of, each in case.waits.items() if _kind(of) == kind)
        return min((at for at in passed if at is not None), default=None)

    return missed


def deadlines_of(waits: Sequence[Wait], judged: Sequence[str] = ()) -> tuple[Deadline, ...]:
    """The deadlines that a table has besides its own: one of each waiting, and of late entries in the states ``judged``."""
    zh, en = "核实补录或不予认可", "confirm the late entry or reject it"
    word = deadline(LATE_ENTRY, judged, due=_NextOf(LATE_ENTRY), gives=MissWaiting, clause=_CLAUSE, zh=zh, en=en)
    lines = tuple(
        deadline(
            each.kind,
            each.states,
            due=_NextOf(each.kind),
            gives=MissWaiting,
            clause=each.clause,
            zh=each.zh,
            en=each.en,
        )
        for each in waits
    )
    return (*lines, word) if judged else lines


def breaches_of(waits: Sequence[Wait], steps: Sequence[Step]) -> tuple[Breach, ...]:
    """The breach that a table has besides its own where a state waits: whatever leaves it is what it waited for.

    What was asked for, and a late entry, is ended by an answer, which mends nothing by saying that it came before: that nobody
    gave it is on somebody's desk, and is not the matter's own breach.
    """
    own = [each for each in waits if each.begun_by is None]
    ends, kinds = dict.fromkeys(event for each in own for event in _leaving(each, steps)), {each.kind for each in own}
    return (breach(LeftWaiting, *ends, recurs=True, counts=lambda said: said.task in kinds),) if ends else ()


def _leaving(wait: Wait, steps: Sequence[Step]) -> Iterator[type[Event]]:
    for row in steps:
        if set(row.sources) & set(wait.states) and row.target not in (SAME, *wait.states):
            yield row.event


def steps_of(waits: Sequence[Wait], judged: Sequence[str] = ()) -> tuple[Step, ...]:
    """The row that a table has besides its own where something waits, or late entries may in the states ``judged``."""
    states = tuple(dict.fromkeys((*(state for each in waits for state in each.states), *judged)))
    return (step(MissWaiting, LeftWaiting, states, SAME, [Role.CLOCK], _CLAUSE),) if states else ()


def verify_waits(waits: Sequence[Wait], states: Mapping[str, object]) -> str | None:
    """What is wrong with the waits of a table, if anything is."""
    taken: set[str] = set()
    for each in waits:
        if each.within not in SETTINGS or SETTINGS[each.within].kind not in ("days", "hours"):
            return f"{each.kind} waits by no setting of days or hours: {each.within}"
        if not each.states or set(each.states) - set(states):
            return f"{each.kind} waits in unknown states"
        if each.begun_by is None:
            if taken & set(each.states):
                return f"{each.kind}: something else waits in the same state"
            taken |= set(each.states)
        elif not each.ended_by:
            return f"{each.kind} waits without an end"
    return None


def wait_until(
    waits: Sequence[Wait], case: Case | None, target: str, said: Event, now: datetime, numbers: Numbers
) -> datetime | None:
    """By when the next step is taken after this event, where something begins to wait with it.

    ``now`` is when the book is told: nobody is late with what nobody knew of.
    """
    before = case.state if case is not None else NOT_YET
    for each in waits:
        if _begins(each, before, target, said) and not (case is not None and _key(each, said) in case.waits):
            since = each.since(case, said) if each.since is not None else None
            day = local_date(now) if since is None else max(local_date(now), since)
            number = numbers.integer(each.within)
            if SETTINGS[each.within].kind == "hours":
                return now + timedelta(hours=number)
            return end_of_day(day + timedelta(days=number))
    return None


def _begins(wait: Wait, before: str, target: str, said: Event) -> bool:
    if wait.begun_by is not None:
        return type(said) is wait.begun_by
    return target in wait.states and before not in wait.states


def _key(wait: Wait, said: Event) -> str:
    return _joined(wait.kind, None if wait.item is None else str(wait.item(said)))


def _joined(kind: str, item: str | None) -> str:
    return kind if item is None else f"{kind}{_OF}{item}"


def _kind(key: str) -> str:
    return key.partition(_OF)[0]


def note_waiting(waits: Sequence[Wait], case: Case, fact: Fact, before: str) -> None:
    """Fold into its case what begins to wait, goes on or was left waiting with a fact; ``before``: the state before it."""
    said, now = fact.event, dict(case.waits)
    for each in waits:
        if case.state not in each.states or not each.asked(case):
            for at in [at for at in now if _kind(at) == each.kind]:
                del now[at]
        elif type(said) in each.ended_by:
            now.pop(_key(each, said), None)
        elif _begins(each, before, case.state, said) and _key(each, said) not in now:
            now[_key(each, said)] = Waiting(until=fact.wait_until, since=fact.occurred_at)
    _note_left(now, said)
    if now != case.waits:
        case.waits = now


def _note_left(now: dict[str, Waiting], said: Event) -> None:
    """What was left waiting still waits, and its date has passed."""
    if isinstance(said, LeftWaiting) and (at := _joined(said.task, said.item)) in now:
        now[at] = replace(now[at], missed_at=said.due_at)


def judge_by(now: datetime, numbers: Numbers) -> datetime:
    """By when somebody above says whether a late entry is so, counted from when it was entered (ours)."""
    return end_of_day(local_date(now) + timedelta(days=numbers.integer("waiting.confirmed_within_days")))


def note_judging(case: Case, fact: Fact) -> None:
    """Fold into its case which late entries wait for somebody's word, each with its date, and which were left waiting."""
    said, others = fact.event, {at: each for at, each in case.waits.items() if _kind(at) != LATE_ENTRY}
    waiting = {_joined(LATE_ENTRY, str(each.version)): each for each in case.late_entries if each.open}
    now = {
        at: case.waits.get(at) or Waiting(until=each.judge_by, since=each.entered_at) for at, each in waiting.items()
    }
    _note_left(now, said)
    if len(others) + len(now) != len(case.waits) or now:
        case.waits = others | now
