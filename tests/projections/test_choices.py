"""The values that a register can be asked for are those that it can hold: whatever a case gives lies among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from domain.cases import CASES
from domain.kernel.lifecycle.ask import Lifecycle
from projections.engine.choices import choices_of
from projections.registers.index import REGISTERS
from tests.domain.walking import walk

EVERY = {register.name: choices_of(register) for register in REGISTERS.all}


def strangers(lifecycle: Lifecycle[Any], choices: Mapping[str, Mapping[str, Mapping[str, str]]]) -> set[str]:
    """Values in the registers of the cases of a walk that nobody could ask for."""
    found = set()
    for _, story, _ in walk(lifecycle.kind):
        if story.case is None:
            continue
        for (register, _), values in REGISTERS.lines(lifecycle, story.case).items():
            for column, value in zip(REGISTERS.columns(register), values, strict=True):
                known = choices[register].get(column)
                if known is not None and value is not None and value not in known:
                    found.add(f"{register}.{column}: {value}")
    return found


@pytest.mark.long
@pytest.mark.parametrize("lifecycle", CASES, ids=lambda lifecycle: lifecycle.kind)
def test_whatever_a_case_gives_lies_among_the_choices(lifecycle: Lifecycle[Any]) -> None:
    assert not strangers(lifecycle, EVERY)


def test_states_and_the_choices_of_forms_are_known_and_free_text_is_free() -> None:
    complaints = EVERY["complaints"]
    assert complaints["state"]["archived"] == "已归档"
    assert complaints["channel"] == {"in-person": "来访", "telephone": "来电", "letter": "来函", "online": "网络"}
    assert "category" not in complaints
    assert set(EVERY["service-charges"]["state"]) > {"running", "ended", "ordered"}  # of orders and of contracts
    assert EVERY["deadlines"] == {}  # every kind of case gives them


def test_a_value_that_nobody_could_ask_for_is_found() -> None:
    complaint = next(lifecycle for lifecycle in CASES if lifecycle.kind == "complaint")
    poorer = {**EVERY, "complaints": {"state": {"registered": "已登记"}}}
    assert "complaints.state: archived" in strangers(complaint, poorer)
