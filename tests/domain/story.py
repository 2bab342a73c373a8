"""Sentences of the domain: ``given(LIFECYCLE, …).when(command, as_=…, at=…).then(Event, …)``. No database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from domain.handbook.settings import Settings
from domain.kernel.calendar import SHANGHAI
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command, Event, Fact, Moment
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.people import Role

DAY = "2025-03-03 10:00"


def instant(text: str | datetime) -> datetime:
    """«2025-03-03 10:00» as it is said in Shanghai."""
    if isinstance(text, datetime):
        return text
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


class Story:
    """A case after what has been given, and what the next command does to it."""

    def __init__(self, lifecycle: Lifecycle[Any], settings: Settings | None = None, case_id: str | None = None) -> None:
        self.lifecycle = lifecycle
        self.settings = settings or Settings()
        self.case: Any = None
        self.id = case_id or f"{lifecycle.kind}-{uuid4()}"
        self.facts: list[Fact] = []
        self.outcome: list[Event] = []
        self.refusal: Refusal | None = None
        self.waived: list[str] = []
        self._borrowed = False

    def branch(self) -> Story:
        """The same case, free to go another way; a case that is not opened yet gets an id of its own."""
        other = Story(self.lifecycle, self.settings, self.id if self.case is not None else None)
        other.facts, other.case, other._borrowed = list(self.facts), self.case, self.case is not None
        return other

    def given(self, *happened: Event | tuple[Event, str], at: str | datetime = DAY) -> Story:
        """These events have happened, each at its own time or at ``at``."""
        for each in happened:
            event, when = each if isinstance(each, tuple) else (each, at)
            self._fold(event, instant(when), Role.ADMINISTRATOR, "someone")
        return self

    def when(
        self,
        command: Command,
        *,
        as_: Role,
        at: str | datetime = DAY,
        by: str = "someone",
        related: Mapping[str, Any] | None = None,
        imported: bool = False,
    ) -> Story:
        """This command is given; then ask ``then`` or ``refused``. Its events are folded, so that stories go on."""
        now = instant(at)
        moment = Moment(
            now=now,
            recorded=now,
            numbers=self.settings.at(now.astimezone(SHANGHAI).date()),
            user_id=by,
            role=as_,
            office="XH",
            settings=self.settings,
            related=related or {},
            waived=imported,
        )
        self.outcome, self.refusal = [], None
        try:
            decided = self.lifecycle.decide(self.case, command, moment)
        except Refusal as refusal:
            self.refusal = refusal
            return self
        self.waived = list(moment.waivers)
        for event in decided:
            state = self.case.state if self.case is not None else ""
            assert self.lifecycle.allows(state, type(command), type(event)), f"{event} is not in the table"
            until = self.lifecycle.waits_until(self.case, event, moment)
            self._fold(event, now, as_, by, imported=imported, wait_until=until)
        self.outcome = decided
        return self

    def then(self, event: type[Event], /, **fields: Any) -> Story:
        """The last command brought about this event, with these fields among others."""
        assert self.refusal is None, f"refused: {self.refusal}"
        found = [e for e in self.outcome if type(e) is event]
        assert found, f"no {event.__name__} in {self.outcome}"
        for name, value in fields.items():
            assert getattr(found[0], name) == value, f"{name}: {getattr(found[0], name)!r} is not {value!r}"
        return self

    def then_nothing(self) -> Story:
        """The last command was accepted and changed nothing."""
        assert self.refusal is None
        assert not self.outcome
        return self

    def refused(self, kind: type[Refusal], *, clause: str | None = None, code: str | None = None) -> Story:
        """The last command was refused so."""
        assert self.refusal is not None, f"not refused: {self.outcome}"
        assert isinstance(self.refusal, kind), repr(self.refusal)
        if clause is not None:
            assert self.refusal.clause == clause
        if code is not None:
            assert self.refusal.code == code
        assert self.refusal.zh
        assert self.refusal.en
        return self

    def is_in(self, state: str) -> Story:
        """The case has come to this state."""
        assert self.case.state == state
        return self

    def owes(self, kind: str, at: str | datetime | None) -> Story:
        """The case owes this deadline at this time, or (None) does not."""
        owed = {due.kind: due.due_at for due in self.lifecycle.due(self.case)}
        if at is None:
            assert kind not in owed, owed
        else:
            assert owed.get(kind) == instant(at), owed
        return self

    def _fold(
        self,
        event: Event,
        now: datetime,
        role: Role,
        by: str,
        *,
        imported: bool = False,
        wait_until: datetime | None = None,
    ) -> None:
        fact = Fact(
            office="XH",
            number=len(self.facts) + 1,
            case_id=self.id,
            version=len(self.facts) + 1,
            event_id=uuid4(),
            event=event,
            user_id=by,
            role=role,
            occurred_at=now,
            recorded_at=now,
            correlation_id=uuid4(),
            imported=imported,
            wait_until=wait_until,
        )
        if self._borrowed:  # most of what is tried is refused: only what happens makes it another case
            self.case, self._borrowed = self.lifecycle.fold(self.facts), False
        self.facts.append(fact)
        self.case = self.lifecycle.apply(self.case, fact)


def given(lifecycle: Lifecycle[Any], *happened: Event | tuple[Event, str], at: str | datetime = DAY) -> Story:
    """Begin a story with what has happened."""
    return Story(lifecycle).given(*happened, at=at)


def raises(kind: type[Refusal]) -> Any:
    """``with raises(RuleBroken):`` for rules that are not commands."""
    return pytest.raises(kind)
