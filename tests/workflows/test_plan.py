"""What a class of commands can ask of the engine is found once, and never too little (ADR 0051)."""

from __future__ import annotations

from dataclasses import fields

import pytest

from domain.cases import CASES, COMMAND_OF
from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint
from domain.fees.bill.commands.issuing import IssueBill
from domain.kernel.fact import COMMANDS, Command
from domain.kernel.late_entries import ConfirmLateEntry
from domain.kernel.mending import CorrectEntry
from domain.kernel.names import FIELDS
from domain.kernel.references import REFERENCES
from workflows.engine.corrected_names import NAMING
from workflows.engine.found import FOUND
from workflows.engine.people import _ALSO
from workflows.engine.plan import PLANS

_EVERY = [pytest.param(command, id=name) for name, command in COMMANDS.items()]


@pytest.mark.parametrize("command", _EVERY)
def test_whatever_a_command_names_or_refers_to_is_looked_up(command: type[Command]) -> None:
    plan, open_fields = PLANS[command], {each.name for each in fields(command)} - set(command.PERSONAL)  # type: ignore[arg-type]
    assert plan.names or open_fields.isdisjoint(FIELDS)
    assert plan.refers or {each.name for each in fields(command)}.isdisjoint({*REFERENCES, "home"})  # type: ignore[arg-type]


@pytest.mark.parametrize("command", _EVERY)
def test_whatever_a_decision_reads_is_read(command: type[Command]) -> None:
    plan = PLANS[command]
    assert plan.reads or (command.related is Command.related and command.related_to is Command.related_to)
    assert plan.led or (command.led_to is Command.led_to and command not in FOUND)


def test_a_correction_names_and_refers_in_its_value() -> None:
    assert NAMING, "there are fields whose correction names something"
    assert (PLANS[CorrectEntry].names, PLANS[CorrectEntry].refers) == (True, True)


def test_strangers_who_may_be_ours_are_noted_for_what_says_their_names() -> None:
    assert all(PLANS[COMMANDS[name]].names for name in _ALSO)


def test_a_complaint_is_named_and_its_assessment_is_not() -> None:
    assert (PLANS[RegisterComplaint].names, PLANS[RegisterComplaint].refers) == (True, True)
    assert (PLANS[AssessComplaint].names, PLANS[AssessComplaint].refers) == (False, False)
    assert (PLANS[AssessComplaint].reads, PLANS[IssueBill].reads) == (False, True)


def test_it_rests_on_the_clause_of_its_table_and_a_generic_one_on_that_of_every_kind() -> None:
    assert all(PLANS[command].clause == kind.clause_of(command) for command, kind in COMMAND_OF.items())
    assert PLANS[ConfirmLateEntry].clause == "1"


@pytest.mark.parametrize("lifecycle", [each for each in CASES if each.subject is not None], ids=lambda each: each.kind)
def test_what_opens_a_case_says_whose_it_is(lifecycle: object) -> None:
    """So that nothing has to be folded to know whose key seals the opening."""
    for opening in lifecycle._begins:  # type: ignore[attr-defined]
        says = {each.name for each in fields(opening)}
        assert "household" in says or lifecycle.kind == "household", opening  # type: ignore[attr-defined]
