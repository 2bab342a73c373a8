"""Every clause of the handbook is in the program, or is listed with the reason why no program can carry it."""

from __future__ import annotations

import pytest

from api.routes.actions import slug_of
from api.routes.clause_index import clause_index
from domain.cases import CASES
from domain.handbook.clauses import CLAUSES
from domain.handbook.reach import BY_PEOPLE, CARRIED_BY, REFERS
from projections.registers.index import REGISTERS
from projections.standards.index import STANDARDS
from workflows.policies.index import POLICIES

RESTS = clause_index(REGISTERS, POLICIES, [(each.clause, each.slug) for each in STANDARDS])
OURS = [clause for clause in CLAUSES.values() if not clause.is_law and "group" not in clause.kinds]
MONEY_COMES_LATER = {"7.2a", "7.2b", "7.2c"}
"""Bill runs and notices have an issue of their own: of these the settings and bills exist, not yet the duties."""


@pytest.mark.parametrize("clause", [clause.id for clause in OURS])
def test_no_clause_is_empty(clause: str) -> None:
    if clause in BY_PEOPLE:
        assert all(BY_PEOPLE[clause])
        assert clause not in RESTS
    else:
        assert set(RESTS[clause]) - {"settings"} or clause in MONEY_COMES_LATER, RESTS[clause]


@pytest.mark.parametrize(
    "clause", [c.id for c in OURS if "rate" in c.kinds and not c.id.startswith(("2.", "7", "1.10"))]
)
def test_every_rate_is_measured(clause: str) -> None:
    assert RESTS[clause]["standards"]


def test_what_carries_a_clause_exists() -> None:
    commands = {slug_of(row.command) for lifecycle in CASES for row in lifecycle.steps}
    assert {name for names in CARRIED_BY.values() for name in names} <= commands
    assert {*REFERS, *CARRIED_BY, *BY_PEOPLE, *(other for others in REFERS.values() for other in others)} <= set(
        CLAUSES
    )
