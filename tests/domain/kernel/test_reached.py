"""What the tables of all kinds of case say can be reached is reached, kind by kind."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from domain.cases import GENERIC
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import NOT_YET
from domain.kernel.mending import SET_ASIDE
from tests.domain.kinds import every_kind
from tests.domain.walking import walk, walk_until_given


@every_kind
def test_a_walk_comes_to_every_state(lifecycle: Lifecycle[Any]) -> None:
    """No state stands in a table that nobody comes to."""
    missing = set(lifecycle.states) - set(SET_ASIDE) - set(walk(lifecycle.kind).standing)
    assert not missing, missing


NOT_WALKED = {
    "account": {"kept ReckonAccount"},
    "bank_line": {"open LinkBankLine"},
    "payment": {"- BookTransfer"},
    "repair_order": {"raised MissRepairDeadline"},
    "key_loan": {"lost MarkKeysOverdue", "lost ReportKeysLost", "lost ReturnSomeKeys"},
    "patrol": {f"missed {name}" for name in ("SeePatrolPoint", "EndPatrol", "RecordPatrolFinding")},
    "household": {"left ErasePerson", "resident ErasePerson"},
    "weekly_sample": {"drawn SubstituteSample"},
    "debt_case": {
        *(f"suspended {name}" for name in ("ProposeConcession", "DecideConcession", "ReleaseDispute")),
        *(f"suspension-due {name}" for name in ("ProposeConcession", "DecideConcession", "ReleaseDispute")),
        *(f"{state} NoteCommitteeSilence" for state in ("stage-2", "concession", "suspension-due", "suspended")),
    },
}
"""Where nobody comes by chance: it wants several cases that know each other, or a long way in the right order."""


@pytest.mark.long
@every_kind
def test_every_command_that_a_state_permits_was_given_in_it(lifecycle: Lifecycle[Any]) -> None:
    """Each kind by itself: nothing hides behind the luck of another."""
    named = {
        f"{state} {command.__name__}": (state, command)
        for state, command in product((NOT_YET, *lifecycle.states), lifecycle.commands)
        if lifecycle.open_to(state, command) and state not in SET_ASIDE and command not in GENERIC
    }
    excused = NOT_WALKED.get(lifecycle.kind, set())
    assert excused <= set(named)
    walked = walk_until_given(lifecycle.kind, {named[name] for name in set(named) - excused})
    given = {(state, command) for state, command in walked.accepted if command not in GENERIC}
    assert given <= set(named.values())
    assert sorted(name for name in set(named) - excused if named[name] not in given) == []
