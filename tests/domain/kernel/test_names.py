"""Every kind of case has its names: words in ids and addresses, and two names for everything that people read."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from domain.cases import BY_KIND, BY_PATH, CASES, GENERIC, lifecycle_of
from domain.complaints.complaint.commands.handling import ResolveComplaint
from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.kernel.errors import NotFound
from domain.kernel.fact import COMMANDS, EVENTS
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.names import as_called_now, former
from domain.rounds.repair_order.commands import StartRepair
from tests.domain.kinds import every_kind


def test_kinds_and_paths_are_unique_and_well_formed() -> None:
    assert len(BY_KIND) == len(BY_PATH) == len(CASES)
    assert len({lifecycle.of for lifecycle in CASES}) == len(CASES)
    for lifecycle in CASES:
        assert lifecycle.kind.replace("_", "").isalpha()
        assert lifecycle.path.replace("-", "").isalpha()
        assert lifecycle.kind == lifecycle.kind.lower()
        assert lifecycle.zh
        assert lifecycle.en
        assert lifecycle_of(f"{lifecycle.kind}-01890000-0000-7000-8000-000000000000") is lifecycle
    with pytest.raises(NotFound):
        lifecycle_of("nothing-1")


def test_every_command_and_event_belongs_to_one_kind_of_case() -> None:
    """But for those that every kind with breaches has."""
    for name in ("command", "event"):
        owners: dict[type, str] = {}
        for lifecycle in CASES:
            for row in (row for row in lifecycle.steps if row.command not in GENERIC):
                each = getattr(row, name)
                assert owners.setdefault(each, lifecycle.kind) == lifecycle.kind, each


@every_kind
def test_everything_has_its_two_names(lifecycle: Lifecycle[Any]) -> None:
    named: Any
    for named in (*lifecycle.commands, *lifecycle.targets):
        for title in (named.ZH, named.EN):
            assert title.strip() == title
            assert title
        assert any("\u4e00" <= character <= "\u9fff" for character in named.ZH), named
        assert named.EN.isascii() or "“" in named.EN or "’" in named.EN, named
        assert (named.__doc__ or "").splitlines()[0].endswith("."), named
    for zh, en in lifecycle.states.values():
        assert zh
        assert en
    assert len({zh for zh, _ in lifecycle.states.values()}) == len(lifecycle.states)


@every_kind
def test_personal_fields_stand_only_at_the_top_of_events(lifecycle: Lifecycle[Any]) -> None:
    """A command's personal field is sealed only if the event that bears it says so too."""
    for row in lifecycle.steps:
        shared = set(row.command.PERSONAL) & {f.name for f in fields(row.event)}  # type: ignore[arg-type]
        assert shared <= set(row.event.PERSONAL), (row.event, shared)


def test_whoever_did_the_work_has_one_name_in_everything_that_is_said() -> None:
    """``done_by``, whatever the work was; a time by which something is due is no person."""
    people = {"by", "resolved_by", "performed_by", "completed_by"}
    of = [*COMMANDS.values(), *EVENTS.values(), *(lifecycle.of for lifecycle in CASES)]
    wrong = [f"{each.__name__}.{f.name}" for each in of for f in fields(each) if f.name in people]  # type: ignore[arg-type]
    assert wrong == ["PatrolPointSeenLate.by"]


def test_what_a_field_was_called_is_understood_once() -> None:
    assert as_called_now(ResolveComplaint, {"resolved_by": "li", "result": "x"}) == {"done_by": "li", "result": "x"}
    assert as_called_now(StartRepair, {"by": "li"}) == {"done_by": "li"}
    assert as_called_now(ResolveComplaint, {"result": "x"}) == {"result": "x"}
    twice = {"resolved_by": "li", "done_by": "wang"}
    assert as_called_now(ResolveComplaint, twice) == twice, "the edge refuses a field that there is not"
    assert set(as_called_now(ResolveComplaint, {"by": "li", "resolved_by": "wang"})) == {"done_by", "resolved_by"}
    assert former(RegisterComplaint) == {}
