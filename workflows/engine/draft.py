"""A draft 草稿: everything that one append will write, decided in memory before anything is locked.

One or many commands are decided against cases read before; policies add their consequences; registers, claims and
deadlines are the difference between each case before and after. The book then takes all of it or nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.cases import lifecycle_for, lifecycle_of
from domain.handbook.settings import Settings
from domain.kernel.calendar import local_date
from domain.kernel.errors import AlreadyHeld, NotFound, Stale, WrongState
from domain.kernel.fact import Case, Event, Fact, Moment
from domain.kernel.late_entries import effective_from, just_entered_late
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.people import Actor, Role
from domain.office.office import SettingChanged
from domain.residents.household.events import HouseholdErased
from journal.append import Append, RowVersion
from journal.confidential import seal
from journal.ids import derived_id, uuid7
from workflows.engine.occurrence import begun, check_order, check_still_due, check_times, stamped
from workflows.engine.order import Lines, Order, Projector, SealingKeys
from workflows.engine.policy import Consequence, Policies

__all__ = ["Draft", "Mark"]

_MOST_CONSEQUENCES = 2_000
_NOT_RECORDED = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Open:
    """A case as the draft sees it."""

    lifecycle: Lifecycle[Any]
    case: Any
    lines: Lines
    held: set[str]
    touched: bool = False
    found_at: int = 0
    marks: set[tuple[str, str]] = field(default_factory=set)
    """The rows that late entries have touched."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a draft stood."""

    facts: int
    rows: Mapping[str, int]
    claims: Mapping[str, str]
    keys: set[str]
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
        load: Callable[[Sequence[str]], Mapping[str, list[Fact]]],
        new_id: Callable[[], UUID] = uuid7,
    ) -> None:
        """Begin a draft; ``load`` reads the facts of cases that are not at hand yet."""
        self._new_id = new_id
        self.append = Append(office)
        self._settings = settings
        self._policies = policies
        self._projector = projector
        self.keys = keys
        self.since: datetime | None = None
        """When the office was opened: nothing that it writes down itself lies before."""
        self.claimed: frozenset[str] = frozenset()
        """Claims that are known to be held by cases outside this draft."""
        self._load = load
        self._cases: dict[str, _Open] = {}
        self._open_rows: dict[tuple[str, str, str], RowVersion] = {}

    # -- commands ---------------------------------------------------------------------------------------------------

    def give(self, order: Order) -> tuple[str, list[Fact]]:
        """Decide one order and everything that follows from it; returns the case id and the facts of the order itself.

        Raises a :class:`~domain.kernel.errors.Refusal`; the draft must then be thrown away.
        """
        occurred = order.occurred_at or order.now
        check_times(order, occurred, self._settings, self.since)
        if order.imported:
            # What followed from it in the other system is in that system's history: no policy adds to it here.
            return self._carry_out(order, occurred, None, opens=order.source_id is not None)
        case_id, facts = self._carry_out(order, occurred, None)
        queue: deque[tuple[Fact, Consequence, str, int]] = deque()
        self._react(facts, queue)
        count = 0
        while queue:
            count += 1
            if count > _MOST_CONSEQUENCES:
                msg = "规程没有尽头 / the policies do not come to an end"
                raise RuntimeError(msg)
            cause, consequence, policy, position = queue.popleft()
            self._react(self._follow(order, cause, consequence, policy, position), queue)
        return case_id, facts

    def state(self, case_id: str) -> str:
        """The state of a case of this draft, without looking into the book; empty when the draft does not have it."""
        opened = self._cases.get(case_id)
        return opened.case.state if opened is not None and opened.case is not None else ""

    # -- imports ----------------------------------------------------------------------------------------------------

    def mark(self) -> Mark:
        """Where the draft stands, so that cases that are opened after it can be taken out again."""
        append = self.append
        rows = {register: len(versions) for register, versions in append.rows.items()}
        return Mark(len(append.facts), rows, dict(append.claims), set(append.new_keys), set(append.subjects))

    def back_to(self, mark: Mark, case_ids: Iterable[str]) -> None:
        """Take out everything since the mark. Only these cases were given orders since, and they were new to it."""
        append = self.append
        del append.facts[mark.facts :]
        for register, versions in append.rows.items():
            begin = mark.rows.get(register, 0)
            for version in versions[begin:]:
                self._open_rows.pop((register, version.case_id, version.line), None)
            del versions[begin:]
        append.claims = dict(mark.claims)
        append.new_keys = {subject: key for subject, key in append.new_keys.items() if subject in mark.keys}
        append.subjects = set(mark.subjects)
        for case_id in case_ids:
            self._cases.pop(case_id, None)

    def case(self, case_id: str) -> Any:
        """The case as it stands in this draft, or None."""
        return self._opened(case_id).case

    def _react(self, facts: list[Fact], queue: deque[tuple[Fact, Consequence, str, int]]) -> None:
        for fact in facts:
            for policy in self._policies.woken_by(fact.event):
                case = self._cases[fact.case_id].case
                numbers = self._settings.at(local_date(fact.occurred_at))
                for position, consequence in enumerate(policy.then(case, fact, numbers)):
                    queue.append((fact, consequence, policy.name, position))

    def _follow(self, order: Order, cause: Fact, consequence: Consequence, policy: str, position: int) -> list[Fact]:
        case_id = consequence.to or consequence.opens
        if consequence.to is not None and not consequence.must and self.case(consequence.to) is None:
            return []
        lifecycle = lifecycle_for(type(consequence.command), case_id)
        if case_id is None and lifecycle.identity is None:
            case_id = derived_id(lifecycle.kind, cause.event_id, policy, position)
        follow = replace(
            order, command=consequence.command, case_id=case_id, actor=Actor(f"policy:{policy}", Role.POLICY),
            expected=None, source_id=None, key=None, deadline=None, entered_by=order.entered_by or order.actor.user_id,
        )  # fmt: skip
        try:
            return self._carry_out(follow, effective_from(cause), cause, opens=consequence.to is None)[1]
        except WrongState:
            if consequence.must:
                raise
            return []

    def _carry_out(
        self, order: Order, occurred: datetime, cause: Fact | None, *, opens: bool = False
    ) -> tuple[str, list[Fact]]:
        command = order.command
        lifecycle = lifecycle_for(type(command), order.case_id)
        case_id = order.case_id
        # Who imports has looked up which source cases are in the book: an id that opens one is new to it.
        brand_new = order.imported and opens and case_id is not None and case_id not in self._cases
        if case_id is None:
            if lifecycle.identity is not None:
                case_id = lifecycle.identity(command, order.office)
            else:
                case_id, brand_new = f"{lifecycle.kind}-{self._new_id()}", True
        related = command.related_to(case_id, order.office)
        if related or not (brand_new or case_id in self._cases):
            self._fetch([i for i in (case_id, *related.values()) if not (brand_new and i == case_id)])
        opened = self._opened(case_id, brand_new=brand_new)
        if opened.case is not None and (cause is not None or order.deadline is not None):
            occurred = max(occurred, begun(opened.case))  # what follows from a late entry, or was due before it
        _check(order, lifecycle, opened, occurred, opens=opens or brand_new)
        if order.deadline is not None and cause is None:
            check_still_due(lifecycle, opened.case, order.deadline)
        at = Moment(
            now=occurred,
            recorded=order.now,
            numbers=self._settings.at(local_date(occurred)),
            user_id=order.actor.user_id,
            role=order.actor.role,
            office=order.office,
            related={name: self._related(other, lacks=name in command.MAY_LACK) for name, other in related.items()},
            waived=order.imported,
        )
        if order.imported and opened.case is not None and occurred < opened.case.opened_at:
            at.waivers.append("before-opening")
        return case_id, [
            self._write(order, lifecycle, case_id, event, occurred, at, cause)
            for event in lifecycle.decide(opened.case, command, at)
        ]

    # -- cases ------------------------------------------------------------------------------------------------------

    def _fetch(self, case_ids: Sequence[str]) -> None:
        missing = [case_id for case_id in dict.fromkeys(case_ids) if case_id not in self._cases]
        if not missing:
            return
        for case_id, facts in self._load(missing).items():
            self.adopt(case_id, facts)

    def adopt(self, case_id: str, facts: Sequence[Fact]) -> None:
        """Take a case as read: its facts so far."""
        lifecycle = lifecycle_of(case_id)
        case = lifecycle.fold(facts)
        self._cases[case_id] = (
            _Open(lifecycle, None, {}, set())
            if case is None
            else _Open(
                lifecycle,
                case,
                self._projector.lines(lifecycle, case),
                lifecycle.held(case),
                found_at=case.version,
                marks=self._projector.marks(lifecycle, facts) if case.late_entries else set(),
            )
        )

    def _opened(self, case_id: str, *, brand_new: bool = False) -> _Open:
        found = self._cases.get(case_id)
        if found is None:
            if brand_new:
                found = self._cases[case_id] = _Open(lifecycle_of(case_id), None, {}, set())
            else:
                self._fetch([case_id])
                found = self._cases[case_id]
        return found

    def _related(self, case_id: str, *, lacks: bool) -> Any:
        opened = self._opened(case_id)
        if opened.case is None and not lacks:
            raise NotFound("related-unknown", None, zh="所引用的事项不存在", en="the case referred to does not exist")
        if not opened.touched:
            self.append.guards[case_id] = opened.case.version if opened.case is not None else 0
        return opened.case

    # -- facts ------------------------------------------------------------------------------------------------------

    def _write(
        self,
        order: Order,
        lifecycle: Lifecycle[Any],
        case_id: str,
        event: Event,
        occurred: datetime,
        at: Moment,
        cause: Fact | None,
    ) -> Fact:
        opened = self._cases[case_id]
        case = opened.case
        state = case.state if case is not None else ""
        if not lifecycle.allows(state, type(order.command), event.__class__):
            msg = f"{type(order.command).__name__} yields {type(event).__name__} in {state!r}: not in the table"
            raise TypeError(msg)
        event_id = self._new_id()
        fact = Fact(
            office=order.office,
            number=0,
            case_id=case_id,
            version=case.version + 1 if case is not None else 1,
            event_id=event_id,
            event=event,
            user_id=order.actor.user_id,
            role=order.actor.role,
            occurred_at=occurred,
            recorded_at=_NOT_RECORDED,
            correlation_id=_correlation(case, cause, event_id),
            causation_id=cause.event_id if cause else None,
            source_id=order.source_id if case is None else None,
            imported=order.imported,
            waived=tuple(at.waivers),
            term=order.term,
            line=order.line,
        )
        fact = stamped(fact, order, lifecycle, case, self._settings)
        at.waivers.clear()
        if event.PERSONAL:
            fact = self._sealed(fact, lifecycle, case)
        opened.case = lifecycle.apply(case, fact)
        opened.touched = True
        self.append.guards.pop(case_id, None)
        if isinstance(event, SettingChanged):
            self.append.settings_changed += 1
        elif isinstance(event, HouseholdErased):
            self.append.destroyed.update(event.subjects)
        self._take_rows(case_id, opened, effective_from(fact))
        self._take_claims(case_id, opened)
        self.append.facts.append(fact)
        return fact

    def _sealed(self, fact: Fact, lifecycle: Lifecycle[Any], case: Case | None) -> Fact:
        if all(getattr(fact.event, name) in (None, ()) for name in fact.event.PERSONAL):
            return fact
        known = case if case is not None else lifecycle.apply(None, fact)
        subject = fact.event.whose() or (lifecycle.subject(known) if lifecycle.subject else None) or fact.case_id
        # A case that was not in the book when the draft began has no key there yet.
        brand_new = subject == fact.case_id and self._cases[fact.case_id].found_at == 0
        key, wrapped = self.keys.for_sealing(fact.office, subject, brand_new=brand_new)
        if wrapped is not None:
            self.append.new_keys[subject] = wrapped
        elif subject not in self.append.new_keys:
            self.append.subjects.add(subject)
        return replace(fact, event=seal(fact.event, subject, fact.case_id, fact.version, key))

    def _take_rows(self, case_id: str, opened: _Open, effective: datetime) -> None:
        """Row versions are what this fact changed: the rows before against the rows after."""
        index = len(self.append.facts)
        after = self._projector.lines(opened.lifecycle, opened.case)
        before, late = opened.lines, just_entered_late(opened.case)
        for at, row in after.items():
            if before.get(at) != row:
                if late:
                    opened.marks.add(at)
                stamped_row = (*row, at in opened.marks, effective)
                self._replace_row(case_id, at, index, stamped_row, fresh=at not in before)
        for at in before:
            if at not in after:
                opened.marks.discard(at)
                self._replace_row(case_id, at, index, None, fresh=False)
        opened.lines = after

    def _replace_row(
        self, case_id: str, at: tuple[str, str], index: int, values: tuple[Any, ...] | None, *, fresh: bool
    ) -> None:
        register, line = at
        slot = (register, case_id, line)
        earlier = self._open_rows.get(slot)
        if earlier is not None:
            earlier.till = index
        # Only the first version within an append closes a row that stands in the register already.
        made = RowVersion(index, case_id, line, fresh or earlier is not None, values)
        self.append.rows.setdefault(register, []).append(made)
        self._open_rows[slot] = made

    def _take_claims(self, case_id: str, opened: _Open) -> None:
        held = opened.lifecycle.held(opened.case)
        if held == opened.held:
            return
        for claim in opened.held - held:
            if self.append.claims.get(claim) == case_id:
                del self.append.claims[claim]
            else:
                self.append.dropped.add(claim)
        for claim in held - opened.held:
            # The database knows only what is stored: two cases of one draft are told apart here.
            if claim in self.claimed or self.append.claims.setdefault(claim, case_id) != case_id:
                raise AlreadyHeld(
                    "already-held", None, zh=f"已被另一件占用：{claim}", en=f"another case holds this already: {claim}"
                )
        opened.held = held


def _check(order: Order, lifecycle: Lifecycle[Any], opened: _Open, occurred: datetime, *, opens: bool) -> None:
    case = opened.case
    if lifecycle is not opened.lifecycle:
        raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case of this kind")
    if case is None:
        if order.case_id is not None and not opens and lifecycle.identity is None:
            raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")
        return
    if order.expected is not None and order.expected != case.version:
        raise Stale(
            "version", None, zh=f"该事项已更新到第{case.version}版，您看到的是第{order.expected}版",
            en=f"the case is at version {case.version}, you saw {order.expected}",
        )  # fmt: skip
    if not order.imported:
        check_order(case, occurred)


def _correlation(case: Case | None, cause: Fact | None, event_id: UUID) -> UUID:
    """Everything that follows from one beginning bears its mark."""
    if case is not None and case.correlation_id is not None:
        return case.correlation_id
    return cause.correlation_id if cause is not None else event_id
