"""A lifecycle table that contradicts itself is not made."""

from __future__ import annotations

from typing import Any

import pytest

from domain.handbook.clauses import UnknownClause
from domain.kernel.lifecycle.declare import SAME, deadline, step
from tests.domain.kernel.lantern import (
    BURNS,
    CLERK,
    CLOCK,
    DIMS,
    DOUSES,
    LIGHTS,
    MANAGER,
    OPEN,
    OVER,
    RESTING,
    RIGHT,
    RUNS_OUT,
    TRIMS,
    BurnDown,
    BurntDown,
    Douse,
    Drifted,
    Light,
    Lit,
    Paint,
    Painted,
    PutOut,
    Stranded,
    Trim,
    Trimmed,
    Unlisted,
    table,
)

# -- a wrong table is not made ---------------------------------------------------------------------------------------

ISLAND = {**RIGHT["states"], "island": ("孤岛", "island")}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an event that leads to two states": (
        {"steps": [LIGHTS, TRIMS, BURNS, DIMS, DOUSES, step(Douse, PutOut, RESTING, OPEN, [MANAGER], "2")]},
        "event PutOut has two targets: over and open",
    ),
    "a step from a state that does not exist": (
        {"steps": [LIGHTS, BURNS, DIMS, DOUSES, step(Trim, Trimmed, (OPEN, "gone"), SAME, [CLERK], "2")]},
        r"Trim names unknown states \['gone'\]",
    ),
    "a step to a state that does not exist": (
        {"steps": [LIGHTS, BURNS, DIMS, DOUSES, step(Trim, Trimmed, OPEN, "gone", [CLERK], "2")]},
        r"Trim names unknown states \['gone'\]",
    ),
    "a command that nobody may give": (
        {"steps": [LIGHTS, BURNS, DIMS, DOUSES, step(Trim, Trimmed, OPEN, SAME, [], "2")]},
        "nobody may give Trim",
    ),
    "a case opened without a state": (
        {"steps": [step(Light, Lit, None, SAME, [CLERK], "2"), TRIMS, BURNS, DIMS, DOUSES]},
        "Light opens a case without a state",
    ),
    "a deadline whose command the clock may not give": (
        {
            "steps": [
                *(LIGHTS, DIMS, DOUSES),
                step(BurnDown, BurntDown, OPEN, SAME, [CLERK], "2"),
                step(Trim, Trimmed, OPEN, SAME, [CLOCK], "2"),
            ]
        },
        r"deadline oil: the clock may not give BurnDown in \['open'\]",
    ),
    "a deadline in a state in which the clock may not speak": (
        {"deadlines": [deadline("oil", (OPEN, RESTING), clause="2.3", **RUNS_OUT)]},
        r"deadline oil: the clock may not give BurnDown in \['resting'\]",
    ),
    "a state that nobody can reach": (
        {"states": ISLAND, "final": [OVER, "island"]},
        r"states nobody can reach: \['island'\]",
    ),
    "states that reach only each other": (
        {
            "states": {**ISLAND, "reef": ("暗礁", "reef")},
            "steps": [
                *RIGHT["steps"],
                step(Unlisted, Drifted, "island", "reef", [CLERK], "2"),
                step(Unlisted, Stranded, "reef", "island", [CLERK], "2"),
            ],
        },
        r"states nobody can reach: \['island', 'reef'\]",
    ),
    "a command that does not decide between two events": (
        {"steps": [*RIGHT["steps"], step(Trim, Drifted, OPEN, SAME, [CLERK], "2")]},
        r"Trim does not decide between \['Drifted', 'Trimmed'\] in 'open'",
    ),
    "an event that forgets what its command says": (
        {"steps": [*RIGHT["steps"], step(Paint, Drifted, OPEN, SAME, [CLERK], "2")]},
        r"Drifted forgets what Paint says: \['colour'\]",
    ),
    "an event that wants what its command does not say": (
        {"steps": [*RIGHT["steps"], step(Unlisted, Painted, OPEN, SAME, [CLERK], "2")]},
        r"Unlisted does not say what Painted wants: \['colour'\]",
    ),
    "a state without an exit that is not final": ({"final": []}, "state over has no exit and is not final"),
    "a state that is left only into itself": (
        {
            "steps": [LIGHTS, TRIMS, BURNS, DIMS, step(Douse, PutOut, (OPEN, RESTING, OVER), OVER, [MANAGER], "2.4")],
            "final": [],
        },
        "state over has no exit and is not final",
    ),
}


def test_the_table_that_the_wrong_ones_are_made_of_is_right() -> None:
    assert table().states == RIGHT["states"]


@pytest.mark.parametrize("what", WRONG)
def test_a_table_that_contradicts_itself_is_not_made(what: str) -> None:
    changes, words = WRONG[what]
    with pytest.raises(TypeError, match=f"Lantern: .*({words})"):
        table(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"clauses": "99.9"},
        {"steps": [LIGHTS, TRIMS, BURNS, DIMS, step(Douse, PutOut, OPEN, OVER, [MANAGER], "99.9")]},
        {"deadlines": [deadline("oil", OPEN, clause="99.9", **RUNS_OUT)]},
    ],
    ids=["the kind's", "a step's", "a deadline's"],
)
def test_a_table_that_cites_a_clause_which_does_not_exist_is_not_made(changes: dict[str, Any]) -> None:
    with pytest.raises(UnknownClause, match=r"99\.9"):
        table(**changes)
