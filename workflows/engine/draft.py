"""A draft 草稿: everything that one append will write, decided in memory before anything is locked.

One or many commands are decided against cases read before; policies add their consequences; registers, claims and
deadlines are the difference between each case before and after. The book then takes all of it or nothing. The parts are put
in order here, each in :mod:`~workflows.engine.open_cases`, ``decision``, ``sealing`` or ``differences``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import psycopg

from domain.cases import lifecycle_for
from domain.handbook.settings import Settings
from domain.kernel.calendar import local_date
from domain.kernel.errors import WrongState
from domain.kernel.fact import Case, Command, Event, Fact, Moment
from domain.kernel.late_entries import effective_from
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.names import NameKind
from domain.office.office import SettingChanged
from journal.append import Append, Recorded
from journal.ids import derived_id, uuid7
from workflows.engine.claim_holders import addressed
from workflows.engine.decision import check_applies, check_still_due, moment_of
from workflows.engine.differences import Differences
from workflows.engine.kept_cases import settled
from workflows.engine.mended import MENDS, after_mending
from workflows.engine.naming import KnownNames, LookUp, Names, mentioned_by
from workflows.engine.occurrence import begun, check_times, stamped
from workflows.engine.open_cases import Books, OpenCase, OpenCases
from workflows.engine.people import People
from workflows.engine.plan import PLANS
from workflows.engine.policy import Consequence, Policies, acts_for
from workflows.engine.ports import Projector, SealingKeys
from workflows.engine.references import KnownCases, LookUpCases, LookUpHome, LookUpMended, References
from workflows.engine.related import RelatedCases, read_whole
from workflows.engine.request import CommandRequest
from workflows.engine.sealing import Sealer
from workflows.engine.supply import SUPPLIES

__all__ = ["Draft", "Mark"]

_MOST_CONSEQUENCES = 2_000
_NOT_RECORDED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a draft stood: what has come in since is behind what had come in then."""

    facts: int
    rows: Mapping[str, int]
    names: int
    keys: int
    subjects: set[str]


class Draft:
    """What will be appended to one office's book."""

    def __init__(
        self,
        office: str,
        *,
        settings: Settings,
        policies: Policies,
        projector: Projector,
        keys: SealingKeys,
        books: Books,
        since: datetime | None = None,
        known_names: KnownNames,
        look_up_names: LookUp,
        known_cases: KnownCases,
        look_up_cases: LookUpCases,
        look_up_mended: LookUpMended,
        look_up_home: LookUpHome,
        people: People,
        connection: psycopg.Connection[Any],
        new_id: Callable[[], UUID] = uuid7,
    ) -> None:
        """Begin a draft; ``books`` reads the cases that are not at hand yet.

        ``since`` is when the office was opened: nothing that it writes down itself lies before.
        """
        self.append = Append(office)
        self.erases = False
        """Whether a fact of it destroys keys."""
        self._new_id = new_id
        self._settings = settings
        self._since = since
        self._policies = policies
        self._people = people
        self._connection = connection
        self._names = Names(office, known_names, look_up_names, self.append.names)
        self._cases = OpenCases(books, projector)
        self.keys = keys
        self._references = References(office, self._cases, known_cases, look_up_cases, look_up_mended, look_up_home)
        self._related = RelatedCases(self.append, self._cases, connection)
        self._sealer = Sealer(self.append, keys)
        self._differences = Differences(self.append, projector, self._sealer.found_by)

    # -- requests ---------------------------------------------------------------------------------------------------

    def give(self, request: CommandRequest) -> tuple[str, list[Fact]]:
        """Decide one request and everything that follows from it; returns the case id and the request's own facts.

        Raises a :class:`~domain.kernel.errors.Refusal`; the draft must then be thrown away.
        """
        occurred = check_times(request, self._settings, self._since)
        if request.imported:
            # What followed from it in the other system is in that system's history: no policy adds to it here.
            return self._carry_out(request, occurred, None, opens=request.source_id is not None)
        case_id, facts = self._carry_out(request, occurred, None)
        following, count = list(self._consequences(facts)), 0
        while following:
            count += len(following)
            if count > _MOST_CONSEQUENCES:
                msg = "规程没有尽头 / the policies do not come to an end"
                raise RuntimeError(msg)
            self._expect([consequence for _, consequence, _, _ in following])
            next_ones: list[tuple[Fact, Consequence, str, int]] = []
            for each in following:
                next_ones.extend(self._consequences(self._follow(request, *each)))
            following = next_ones
        return case_id, facts

    def _expect(self, consequences: Sequence[Consequence]) -> None:
        """The cases that these will need are loaded at once, and the names that they will speak of."""
        office, wanted = self.append.office, set[str]()
        for each in consequences:
            case_id, command = each.to or each.opens, each.command
            lifecycle = lifecycle_for(type(command), case_id)
            if case_id is None and lifecycle.identity is not None:
                case_id = lifecycle.identity(command, office)
            wanted |= read_whole(command, command.related_to(case_id or "", office))
            if case_id is not None:
                wanted.add(case_id)
        self._cases.expect(wanted)
        self._names.expect(mentioned_by(each.command for each in consequences))

    def expect(self, case_ids: Iterable[str]) -> None:
        """The cases of the requests to come: loaded at once, not one by one."""
        self._cases.expect(case_ids)

    def expect_names(self, names: Iterable[tuple[NameKind, str]]) -> None:
        """What the requests to come will call homes, people and keys: looked up at once, not one by one."""
        self._names.expect(names)

    def case(self, case_id: str) -> Any:
        """The case as it stands in this draft, or None."""
        return self._cases.get(case_id).case

    def state(self, case_id: str) -> str:
        """The state of a case of this draft, without looking into the book; empty when the draft does not have it."""
        return self._cases.state(case_id)

    def settle(self, recorded: Recorded) -> None:
        """It was recorded: the long cases that it wrote to stand as the book has them, where that can be said."""
        for opened in self._cases.long():
            if opened.touched:
                settled(opened, self.append.facts, recorded)

    def at_hand(self) -> list[OpenCase]:
        """The long cases that stand in this draft as they stand in the book."""
        return [opened for opened in self._cases.long() if not opened.touched]

    def made_keys(self) -> list[tuple[str, bytes]]:
        """The keys that this draft made: they count once the draft is recorded, not before."""
        return self.keys.made()

    def sealed_since(self) -> tuple[str, ...]:
        """Whose keys sealed what this draft has taken since this was last asked, in order."""
        stored = self.append.subjects | self.append.new_keys.keys()
        used, self._sealer.used = self._sealer.used & stored, set()
        return tuple(sorted(used))

    # -- imports ----------------------------------------------------------------------------------------------------

    def beware_of(self, claims: Mapping[str, str]) -> None:
        """Refuse what would hold one of these claims: claim → the case outside this draft that is known to hold it."""
        self._differences.claimed = claims

    def mark(self) -> Mark:
        """Where the draft stands, so that cases that are opened after it can be taken out again."""
        append = self.append
        rows = {register: len(versions) for register, versions in append.rows.items()}
        return Mark(len(append.facts), rows, len(append.names), len(append.new_keys), set(append.subjects))

    def back_to(self, mark: Mark, case_ids: Iterable[str]) -> None:
        """Take out everything since the mark. Only these cases were given requests since, and they were new to it."""
        append = self.append
        del append.facts[mark.facts :]
        for register in append.rows:
            self._differences.drop_rows(register, mark.rows.get(register, 0))
        gone = set(case_ids)
        append.claims = {claim: holder for claim, holder in append.claims.items() if holder not in gone}
        append.names = self._names.new = dict(islice(append.names.items(), mark.names))
        append.found_by = {at: entry for at, entry in append.found_by.items() if at[1] not in gone}
        append.new_keys = dict(islice(append.new_keys.items(), mark.keys))
        append.subjects = set(mark.subjects)
        self._cases.drop(gone)

    # -- consequences -----------------------------------------------------------------------------------------------

    def _consequences(self, facts: list[Fact]) -> Iterator[tuple[Fact, Consequence, str, int]]:
        """What the policies say follows from these facts: cause, consequence, policy and its place."""
        for fact in facts:
            if type(fact.event) in MENDS:
                mended = after_mending(
                    fact, self._connection, self.case, self._facts, policies=self._policies, settings=self._settings
                )
                for position, (name, consequence) in enumerate(mended):
                    yield fact, consequence, name, position
            woken = self._policies.woken_by(fact.event)
            if not woken:
                continue
            case, numbers = self._cases[fact.case_id].case, self._settings.at(local_date(fact.occurred_at))
            for policy in woken:
                said = addressed(policy.then(case, fact, numbers), self.append, self._connection)
                yield from ((fact, consequence, policy.name, position) for position, consequence in enumerate(said))

    def _facts(self, case_id: str) -> list[Fact]:
        return self._cases.facts(case_id, self.append.facts)

    def _follow(
        self, request: CommandRequest, cause: Fact, consequence: Consequence, policy: str, position: int
    ) -> list[Fact]:
        case_id = consequence.to or consequence.opens
        if consequence.to is not None and not consequence.must and self.case(consequence.to) is None:
            return []
        lifecycle = lifecycle_for(type(consequence.command), case_id)
        if case_id is None and lifecycle.identity is None:
            case_id = derived_id(lifecycle.kind, cause.event_id, policy, position)
        follow = CommandRequest(
            office=request.office,
            now=request.now,
            occurred_at=request.occurred_at,
            late_reason=request.late_reason,
            command=self._sealer.handed_on(consequence.command, cause.case_id),
            case_id=case_id,
            actor=acts_for(policy),
            entered_by=request.entered_by or request.actor.user_id,
        )
        try:
            return self._carry_out(follow, effective_from(cause), cause, opens=consequence.to is None)[1]
        except WrongState:
            if consequence.must:
                raise
            return []

    # -- one command ------------------------------------------------------------------------------------------------

    def _carry_out(
        self, request: CommandRequest, occurred: datetime, cause: Fact | None, *, opens: bool = False
    ) -> tuple[str, list[Fact]]:
        command, actor = request.command, request.actor
        given = type(command)
        lifecycle, plan = lifecycle_for(given, request.case_id), PLANS[given]
        clause = lifecycle.clause_of(given)
        said_by_person = actor.role.is_person and not request.imported
        marks: list[str] = []
        if said_by_person:
            if plan.names:
                command, marks = self._people.named(self._connection, request.office, command, clause)
            actor = self._people.actor(self._connection, request.office, actor)
        if plan.names:
            command = self._names.named(command, clause)
        case_id, brand_new = self._identified(request, command, lifecycle, opens=opens)
        opened = self._cases.get(case_id, brand_new=brand_new)
        if opened.case is not None and (cause is not None or request.deadline is not None):
            occurred = max(occurred, begun(opened.case))  # what follows from a late entry, or was due before it
        check_applies(request, lifecycle, opened, occurred, opens=opens or brand_new)
        if request.deadline is not None and cause is None:
            check_still_due(lifecycle, opened.case, request.deadline)
        if said_by_person and plan.refers:
            command = self._references.checked(command, self._settings.at(local_date(occurred)), clause)
        if given in SUPPLIES:
            office = self.case(f"office-{request.office}")
            command = SUPPLIES[given](command, opened.case, office, self.keys)
        cases = self._related.read(plan, command, opened.case, case_id, occurred, history=request.imported)
        at = moment_of(request, actor, opened.case, occurred, self._settings, cases)
        if not request.imported:
            at.waivers.extend(marks)
        elif plan.refers:
            at.waivers.extend(self._references.waived(command))
        events = lifecycle.decide(opened.case, command, at)
        if said_by_person and plan.refers:
            self._references.fitting(command, opened.case, clause)
        facts = [self._write(request, given, opened, case_id, event, at, cause) for event in events]
        if facts and plan.names:
            self._names.took(command)
        return case_id, facts

    def _identified(
        self, request: CommandRequest, command: Command, lifecycle: Lifecycle[Any], *, opens: bool
    ) -> tuple[str, bool]:
        """The id of the request's case, and whether it is known to be new to the book."""
        case_id = request.case_id
        if case_id is not None:
            # Who imports has looked up which source cases are in the book: an id that opens one is new to it.
            return case_id, request.imported and opens and case_id not in self._cases
        if lifecycle.identity is not None:
            return lifecycle.identity(command, request.office), False
        return f"{lifecycle.kind}-{self._new_id()}", True

    def _write(
        self,
        request: CommandRequest,
        given: type[Command],
        opened: OpenCase,
        case_id: str,
        event: Event,
        at: Moment,
        cause: Fact | None,
    ) -> Fact:
        case, lifecycle = opened.case, opened.lifecycle
        state = case.state if case is not None else ""
        if not lifecycle.allows(state, given, event.__class__):
            msg = f"{given.__name__} yields {type(event).__name__} in {state!r}: not in the table"
            raise TypeError(msg)
        self._cases.know_rows(opened)
        event_id, version = self._new_id(), case.version + 1 if case is not None else 1
        fact = Fact(
            office=request.office,
            number=0,
            case_id=case_id,
            version=version,
            event_id=event_id,
            event=self._sealer.sealed(event, case_id, version, opened),
            user_id=at.user_id,
            role=at.role,
            occurred_at=at.now,
            recorded_at=_NOT_RECORDED,
            correlation_id=_correlation(case, cause, event_id),
            causation_id=cause.event_id if cause else None,
            source_id=request.source_id if case is None else None,
            imported=request.imported,
            waived=tuple(at.waivers),
            term=request.term,
            line=request.line,
            wait_until=lifecycle.waits_until(case, event, at),
        )
        fact = stamped(fact, request, lifecycle, case, self._settings)
        at.waivers.clear()
        opened.touched = True
        opened.case = lifecycle.apply(case, fact)
        self.append.guards.pop(case_id, None)
        if isinstance(event, SettingChanged):
            self.append.settings_changed += 1
        elif event.destroys():
            self.erases = True
        self._differences.take(fact, opened)
        self.append.facts.append(fact)
        return fact


def _correlation(case: Case | None, cause: Fact | None, event_id: UUID) -> UUID:
    """Everything that follows from one beginning bears its mark."""
    if case is not None and case.correlation_id is not None:
        return case.correlation_id
    return cause.correlation_id if cause is not None else event_id
