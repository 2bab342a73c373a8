"""A date that lies years ahead is never missed: nobody fixes one for what the office owes beyond the setting's days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final, get_args

import pytest

from domain.cases import BY_KIND, GENERIC
from domain.kernel.fact import Command
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.people import Role
from domain.office.responsibility import DUTIES
from tests.domain.kinds import every_kind
from tests.domain.story import Story
from tests.domain.walking import branch, form, known_ids, related_to, walk, world
from tests.filler import hints_of

_FAR: Final = {datetime: datetime(2049, 1, 1, 2, tzinfo=UTC), date: date(2049, 1, 1)}
_CAP: Final = timedelta(days=366)
_THEIRS: Final = {
    ("PlanActivity", "planned_on"),
    ("TakeOverHome", "entrusted_until"),
    ("RenewEntrustment", "entrusted_until"),
    ("GiveMoveOutNotice", "leaving_on"),
    ("PlanTakeover", "planned_on"),
}
"""What nobody has been promised yet is planned for any day (putting it off is not); how long an owner entrusts his home, and
when a household leaves, is theirs."""


def far_fields(command: type[Command]) -> Iterator[tuple[str, date]]:
    """The fields of a command that say a day or a time, with one that lies far ahead."""
    hints = hints_of(command)
    for each in fields(command):  # type: ignore[arg-type]
        said = {hints[each.name], *get_args(hints[each.name])}
        yield from ((each.name, far) for kind, far in _FAR.items() if kind in said)


@pytest.mark.long
@every_kind
def test_no_duty_of_people_is_put_off_for_years(lifecycle: Lifecycle[Any]) -> None:
    found = set()
    for command, name, story, now in put_off(lifecycle):
        dues = [due for due in lifecycle.due(story.case) if DUTIES[lifecycle.kind, due.kind].role is not Role.CLOCK]
        if any(due.due_at > now + _CAP for due in dues) and (command.__name__, name) not in _THEIRS:
            found.add((command.__name__, name))
    assert sorted(found) == []


def put_off(lifecycle: Lifecycle[Any]) -> Iterator[tuple[type[Command], str, Story, datetime]]:
    """Every command that says a time, given with a far one wherever it is taken: what, which field, and where that led."""
    cases, random = world(), Random(3)
    known = known_ids(cases)
    for state, story, now in walk(lifecycle.kind):
        for command in (each for each in lifecycle.commands if each not in GENERIC):
            may = [role for row in lifecycle.open_to(state, command) for role in row.who if role.is_person]
            for name, far in far_fields(command) if may else ():
                for _ in range(6):
                    said = replace(form(command, story.case, random, now, cases, known), **{name: far})  # type: ignore[type-var]
                    related = related_to(said, cases, story.case)
                    if related is not None:
                        told = branch(story).when(said, as_=random.choice(may), at=now, by="z", related=related)
                        if told.refusal is None and told.case is not None:
                            yield command, name, told, now


def test_an_appointment_lies_no_years_ahead() -> None:
    """It is no deadline of its case, which has its window; but until it comes nobody can say that it was not kept."""
    taken = {command for command, name, *_ in put_off(BY_KIND["follow_up"]) if name == "appointed_at"}
    assert taken == set()
