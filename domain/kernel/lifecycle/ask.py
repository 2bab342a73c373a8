"""The lifecycle table 流程表: one kind of case, one table, and everything that derives from it.

Routes, permitted actions and why an action is not permitted, the state on replay, deadlines, claims, diagrams and
the documentation are all asked here. ``transitions`` is the engine under the table: one machine without a model
per kind, asked and never driven, so that a replay can not run a guard again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from transitions import Machine

from domain.kernel.corrections import written_by
from domain.kernel.errors import NotPermitted, Refusal, RuleBroken, WrongState
from domain.kernel.fact import EVENTS, Case, Command, Event, Fact, Moment
from domain.kernel.late_entries import LateEntryConfirmed, LateEntryRejected, note, steps_of
from domain.kernel.lifecycle.declare import NOT_YET, SAME, Breach, Deadline, Due, Hold, Round, Step, Wait
from domain.kernel.lifecycle.verify import said_by_table, targets_of, verify_reach, verify_rows
from domain.kernel.mended import note_mending, note_writing
from domain.kernel.mending import MENDING, SET_ASIDE, states_of
from domain.kernel.mending import steps_of as mending_steps_of
from domain.kernel.names import doers_of
from domain.kernel.papers import PaperFiled, note_paper
from domain.kernel.papers import steps_of as paper_steps_of
from domain.kernel.people import Actor, Role
from domain.kernel.rules import forbid, from_outside, wordless
from domain.kernel.waiting import (
    LeftWaiting,
    MissWaiting,
    breaches_of,
    deadlines_of,
    note_judging,
    note_waiting,
    verify_waits,
    wait_until,
)
from domain.kernel.waiting import steps_of as waiting_steps_of
from domain.kernel.withdrawn_steps import StepWithdrawn, gone, note_withdrawn, undone_by
from domain.kernel.withdrawn_steps import steps_of as withdrawn_steps_of

K = TypeVar("K", bound=Case)
_ASIDE = MENDING | {LateEntryConfirmed, LateEntryRejected, PaperFiled, StepWithdrawn}
"""What is said about a case beside its steps."""


@dataclass(frozen=True)
class Lifecycle(Generic[K]):
    """One kind of case. Checked when it is made: a table that contradicts itself does not import.

    ``states`` gives each state its Chinese and English name; ``final`` are those a case may rest in for ever;
    ``identity`` derives the case id from the opening command where the matter has only one (an office, a household's
    month), otherwise ids are drawn by the engine.
    """

    of: type[K]
    kind: str
    path: str
    zh: str
    en: str
    clauses: str
    states: Mapping[str, tuple[str, str]]
    evolve: Callable[[K, Fact], None]
    steps: Sequence[Step]
    final: Sequence[str] = ()
    deadlines: Sequence[Deadline] = ()
    holds: Sequence[Hold] = ()
    breaches: Sequence[Breach] = ()
    """What the clock may write against it; a table that has any has the commands for late entries too."""
    waits: Sequence[Wait] = ()
    """What waits in its states for the next step, by a setting of days: each is a deadline and a breach of the table."""
    rounds: Sequence[Round] = ()
    """What opens another round, such as a reopening: nothing of it occurs before."""
    identity: Callable[[Any, str], str] | None = None
    subject: Callable[[K], str | None] | None = None
    """Whose data the case's personal fields are: a household id, else the case itself."""
    machine: Machine = field(init=False, repr=False)
    targets: Mapping[type[Event], str] = field(init=False, repr=False)
    commands: tuple[type[Command], ...] = field(init=False, repr=False)
    _table: Mapping[tuple[str, type[Command]], tuple[Step, ...]] = field(init=False, repr=False)
    _roles: Mapping[tuple[str, type[Command]], frozenset[Role]] = field(init=False, repr=False)
    _events: Mapping[tuple[str, type[Command]], frozenset[type[Event]]] = field(init=False, repr=False)
    _watched: frozenset[type[Event]] = field(init=False, repr=False)
    _said: Mapping[tuple[str, type[Command]], type[Event]] = field(init=False, repr=False)
    _writes: Mapping[type[Event], tuple[str, ...]] = field(init=False, repr=False)
    _anew: frozenset[type[Event]] = field(init=False, repr=False)
    _begins: frozenset[type[Event]] = field(init=False, repr=False)
    _gives: Mapping[type[Event], frozenset[type[Command]]] = field(init=False, repr=False)
    _clauses: Mapping[type[Command], str] = field(init=False, repr=False)
    _rounds: Mapping[type[Event], tuple[Callable[[Any], bool], ...]] = field(init=False, repr=False)
    _waiting: frozenset[str] = field(init=False, repr=False)
    """The states in which something may wait."""

    def __post_init__(self) -> None:
        """Check the table and derive the decision table from the machine."""
        own = tuple(state for state in self.states if state not in SET_ASIDE)
        object.__setattr__(self, "_writes", written_by(self.of, [row.event for row in self.steps]))
        if (wrong := verify_waits(self.waits, self.states)) is not None:
            raise TypeError(f"{self.of.__name__}: {wrong}")
        kept = [row for row in self.breaches if row.event is not LeftWaiting]  # a table made from another has its own
        object.__setattr__(self, "breaches", (*kept, *breaches_of(self.waits, self.steps)))
        judged = own if self.breaches else ()
        lines = [row for row in self.deadlines if row.gives is not MissWaiting]
        object.__setattr__(self, "deadlines", (*lines, *deadlines_of(self.waits, judged)))
        more = [
            *waiting_steps_of(self.waits, judged),
            *steps_of(self.breaches, own, self.clauses),
            *mending_steps_of(self.of, own, self.clauses),
            *withdrawn_steps_of(self.of, own, self.clauses),
            *paper_steps_of(self.of, own, self.clauses),
        ]
        object.__setattr__(self, "steps", (*self.steps, *(row for row in more if row not in self.steps)))
        object.__setattr__(self, "states", {**self.states, **states_of(self.of)})
        object.__setattr__(self, "final", tuple(dict.fromkeys((*self.final, *states_of(self.of)))))
        verify_rows(self)
        targets = targets_of(self)
        machine = Machine(
            model=None, states=[NOT_YET, *self.states], initial=NOT_YET, auto_transitions=False, send_event=False
        )
        for row in self.steps:
            for source in row.sources:
                machine.add_transition(
                    row.command.__name__, source, source if row.target == SAME else row.target, conditions=None
                )
        object.__setattr__(self, "machine", machine)
        object.__setattr__(self, "targets", targets)
        object.__setattr__(self, "commands", tuple(dict.fromkeys(row.command for row in self.steps)))
        table = _decision_table(self, machine)
        object.__setattr__(self, "_table", table)
        object.__setattr__(
            self, "_roles", {at: frozenset(r for row in rows for r in row.who) for at, rows in table.items()}
        )
        object.__setattr__(self, "_events", {at: frozenset(row.event for row in rows) for at, rows in table.items()})
        said = (each for row in self.breaches for each in (row.event, *row.mended_by, *row.ended_by))
        object.__setattr__(self, "_watched", frozenset({LateEntryConfirmed, LateEntryRejected, *said}))
        object.__setattr__(self, "_said", said_by_table(self, table))
        begins = frozenset(row.event for row in self.steps if NOT_YET in row.sources)
        object.__setattr__(self, "_begins", begins)
        gives: dict[type[Event], frozenset[type[Command]]] = {}
        for row in self.steps:
            gives[row.event] = gives.get(row.event, frozenset()) | {row.command}
        object.__setattr__(self, "_gives", gives)
        object.__setattr__(self, "_clauses", {row.command: row.clause for row in reversed(self.steps)})
        object.__setattr__(self, "_anew", frozenset({*begins, *(row.event for row in self.rounds)}))
        rounds = {row.event: tuple(each.when for each in self.rounds if each.event is row.event) for row in self.rounds}
        object.__setattr__(self, "_rounds", rounds)
        object.__setattr__(self, "_waiting", frozenset(state for each in self.waits for state in each.states))
        verify_reach(self)

    # -- what may be done -------------------------------------------------------------------------------------------

    def open_to(self, state: str, command: type[Command]) -> tuple[Step, ...]:
        """The rows that this command has in this state; empty when the state refuses it."""
        return self._table.get((state or NOT_YET, command), ())

    def why_not(self, command: type[Command], case: K | None, who: Actor) -> Refusal | None:
        """Why they may not give this command now in this role, or None when only its fields remain to be checked."""
        state = case.state if case is not None else NOT_YET
        roles = self._roles.get((state, command))
        if roles is None:
            return self._wrong_state(command, state)
        if who.role in roles:
            return command.ready(case, who) if case is not None else None
        rows = self.open_to(state, command)
        named = list(dict.fromkeys(r for row in rows for r in row.who))
        return NotPermitted(
            "role",
            rows[0].clause,
            zh=f"「{command.ZH}」须由{'、'.join(r.zh for r in named)}办理",
            en=f"“{command.EN}” is for: {', '.join(named)}",
        )

    def clause_of(self, command: type[Command]) -> str:
        """The clause on which a command rests, as its first row says."""
        return self._clauses.get(command, self.clauses)

    def permitted(self, case: K | None, acting: Iterable[Actor]) -> list[type[Command]]:
        """The commands that may be given now by one of these, such as one person in several roles, in the table's order."""
        those = tuple(acting)
        return [command for command in self.commands if any(self._may(command, case, who) for who in those)]

    def _may(self, command: type[Command], case: K | None, who: Actor) -> bool:
        """Whether :meth:`why_not` has nothing to say: asked for every command of a page, most of which it would explain."""
        if who.role not in self._roles.get((NOT_YET if case is None else case.state, command), ()):
            return False
        return case is None or command.ready(case, who) is None

    def decide(self, case: K | None, command: Command, at: Moment) -> list[Event]:
        """The events of a command, each of them a row of the table; otherwise the refusal is raised."""
        given = type(command)
        refusal = self.why_not(given, case, at.who)
        if isinstance(refusal, RuleBroken):
            at.require_evidence(refusal)
        elif refusal is not None:
            raise refusal
        said = self._said.get((case.state if case is not None else NOT_YET, given))
        events = [command.to_event(said)] if said is not None else list(command.decide(case, at))
        if not at.waived and at.role.is_person:
            clause = self.clause_of(given)
            forbid(wordless(command, clause))
            forbid(from_outside(command, clause))
        return events

    def _wrong_state(self, command: type[Command], state: str) -> WrongState:
        rows = [row for row in self.steps if row.command is command]
        allowed = list(dict.fromkeys(source for row in rows for source in row.sources))
        named = {NOT_YET: ("尚未立案", "not opened yet"), **self.states}
        return WrongState(
            "state",
            self.clause_of(command),
            zh=f"当前状态为「{named[state][0]}」，「{command.ZH}」只能在「{'、'.join(named[s][0] for s in allowed)}」时办理",
            en=f"the state is “{named[state][1]}”; “{command.EN}” needs: {', '.join(named[s][1] for s in allowed)}",
        )

    def allows(self, state: str, command: type[Command], event: type[Event]) -> bool:
        """Whether the table has this event for this command in this state: what ``decide`` yields is held to it."""
        return event in self._events.get((state or NOT_YET, command), ())

    def waits_until(self, case: K | None, said: Event, at: Moment) -> datetime | None:
        """By when the next step is taken after this event, where something begins to wait with it and it is no history."""
        if not self.waits or at.waived:
            return None
        target, before = self.targets[type(said)], case.state if case is not None else NOT_YET
        state = before if target == SAME else target
        return wait_until(self.waits, case, state, said, max(at.now, at.recorded), at.numbers)

    # -- replay -----------------------------------------------------------------------------------------------------

    def apply(self, case: K | None, fact: Fact) -> K:
        """Fold one fact into the case. The state comes from the table, the data from ``evolve``.

        Where a step was taken back, the case is folded anew without it.
        """
        if type(fact.event) is not StepWithdrawn or case is None:
            return self._go_on(case, fact)
        facts, again, acted = (*case.earlier, fact), None, case.acted
        taken_back = gone(facts)
        for each in facts:
            if each.version not in taken_back:
                again = self._go_on(again, each)
        assert again is not None, "the opening of a case is no step"
        again.folded_from(facts, again.undoes)
        again.acted |= acted
        return again

    def _go_on(self, case: K | None, fact: Fact) -> K:
        if case is None:
            case = self.of(id=fact.case_id, office=fact.office)
            case.opened_at = fact.occurred_at
            case.source_id = fact.source_id
            case.imported = fact.imported
            case.correlation_id = fact.correlation_id
            case.opened_by = fact.user_id if fact.role.is_person or fact.imported else None
        said = type(fact.event)
        target, before = self.targets[said], case.state
        another = said in self._rounds and any(when(case) for when in self._rounds[said])
        belated = fact.late is not None and not fact.imported and case.tells_belatedly(fact) is not None
        self.evolve(case, fact)
        if target != SAME:
            case.state = target
            if case.set_aside is not None and said in self._anew:
                case.set_aside = None  # what was withdrawn may be opened again, rightly
        if self.waits and (case.waits or case.state in self._waiting):
            note_waiting(self.waits, case, fact, before)
        case.version = fact.version
        case.changed_at = fact.occurred_at
        if said in self._watched or fact.late is not None:
            note(self.breaches, case, fact, belated=belated)
        if case.late_entries:
            note_judging(case, fact)
        if another:
            case.round_began_at = fact.occurred_at
        if (names := self._writes.get(said)) is not None:
            note_writing(case, fact, names)
        if said is not StepWithdrawn:
            did = doers_of(fact.event) | {fact.user_id} if fact.role.is_person else doers_of(fact.event)
            if not did <= case.acted:
                case.acted = case.acted | did
        if said in MENDING:
            note_mending(case, fact)
        elif said is PaperFiled:
            note_paper(case, fact)
        elif said is StepWithdrawn:
            note_withdrawn(case, fact)
        self._tell(case, fact)
        return case

    def _tell(self, case: K, fact: Fact) -> None:
        """Remember of which facts a case was folded, and which of them go when the last step is taken back."""
        if not case.imported:
            undoes = case.undoes
            if type(fact.event) not in _ASIDE:
                opens, stays = type(fact.event) in self._begins, self.targets[type(fact.event)] == SAME
                undoes = undone_by(case, fact, self._gives, opens=opens, keeps_state=stays)
            case.folded_from((*case.earlier, fact), undoes)

    def told_anew(self, case: K, facts: Sequence[Fact], undoes: tuple[int, ...]) -> None:
        """These facts, its last ones, have their pages now; ``undoes`` is what could be taken back before them."""
        if not case.imported:
            case.folded_from(case.earlier[: len(case.earlier) - len(facts)], undoes)
        for fact in facts:
            self._tell(case, fact)

    def standing(self, case_id: str, office: str, moves: Sequence[str], version: int) -> K | None:
        """A case of which only its state is known, from the names of the facts that moved it (:attr:`still` does not); or None.

        None: what was withdrawn or mended is known from its matter alone.
        """
        by_name = {event.__name__: target for event, target in self.targets.items()}
        if any(EVENTS[name] in _ASIDE for name in moves):
            return None
        return self.of(id=case_id, office=office, state=by_name[moves[-1]], version=version)

    @property
    def still(self) -> list[str]:
        """The names of the facts that leave a case in its state and say nothing against an earlier one."""
        return [event.__name__ for event, target in self.targets.items() if target == SAME and event not in _ASIDE]

    def fold(self, facts: Iterable[Fact]) -> K | None:
        """The case after these facts, or None when there are none."""
        case: K | None = None
        for fact in facts:
            case = self.apply(case, fact)
        return case

    def judges(self, case: K, fact: Fact) -> bool:
        """Whether the case's last fact may have changed how it stands with its breaches and late entries."""
        if fact.late is not None:
            return True
        return type(fact.event) in self._watched and bool(case.breaches or case.late_entries)

    # -- what is owed and held --------------------------------------------------------------------------------------

    def due(self, case: K) -> list[Due]:
        """What this case owes a date, in the table's order."""
        owed = []
        for row in self.deadlines:
            if case.state in row.states:
                due_at = row.due(case)
                if due_at is not None:
                    owed.append(Due(row.kind, due_at, row.gives.__name__, row.clause, row.zh, row.en))
        return owed

    def held(self, case: K) -> set[str]:
        """What this case holds alone."""
        if not self.holds or case.set_aside is not None:
            return set()
        held = set[str]()
        for row in self.holds:
            claim = row.claim(case) if not row.states or case.state in row.states else None
            if claim:
                held.update((claim,) if isinstance(claim, str) else claim)
        return held


def _decision_table(lifecycle: Lifecycle[Any], machine: Machine) -> dict[tuple[str, type[Command]], tuple[Step, ...]]:
    table: dict[tuple[str, type[Command]], tuple[Step, ...]] = {}
    for state in (NOT_YET, *lifecycle.states):
        for command in dict.fromkeys(row.command for row in lifecycle.steps):
            if machine.get_transitions(trigger=command.__name__, source=state):
                table[state, command] = tuple(
                    row for row in lifecycle.steps if row.command is command and state in row.sources
                )
    return table
