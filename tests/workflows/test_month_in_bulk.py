"""A month that is written in bulk is, to the byte, the month that is written one thing at a time (ADR 29, 33)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from benchmarks.month_office import IN_ARREARS, PHASES, Player
from journal import append
from journal.confidential import MasterKey
from journal.hash_chain import verify
from projections.engine import tables
from projections.registers.index import REGISTERS
from tests.conftest import new_database
from workflows.engine import clock
from workflows.engine.clock import Clock
from workflows.engine.gather import GATHER
from workflows.engine.handler import CommandHandler
from workflows.policies.index import POLICIES

OFFICE, HOUSEHOLDS = "MB", 110
"""More than a run takes at once, so that it comes round twice."""
_FACTS = (
    "select number, case_id, version, event_id, name, schema, metadata, state, occurred_at, recorded_at from wuye.facts"
    " where office = %s and name <> 'HouseholdOpened' order by number"
)


def numbered_ids() -> Callable[[], UUID]:
    """Ids of which everyone who draws as many gets the same."""
    numbers = count(1)
    return lambda: UUID(int=next(numbers) << 80 | 0x7 << 76 | 0b10 << 62)


def played(server: str, folder: Path) -> tuple[list[Any], dict[str, list[Any]], int]:
    """The month of one office in a database of its own: its facts, every version of its register rows, its appends."""
    with new_database(server) as database:
        with psycopg.connect(database.owner, autocommit=True) as connection:
            tables.install_functions(connection, REGISTERS.all)
        player = Player(database.owner, folder)
        master = MasterKey.load(folder)
        player.handler = CommandHandler(
            player.pool.connection, policies=POLICIES, projector=REGISTERS, master=master, new_id=numbered_ids()
        )
        player.clock = Clock(player.handler, player.pool.connection, GATHER)
        households = player.furnish(OFFICE, HOUSEHOLDS)
        for phase in PHASES:
            player.before(phase, OFFICE, households)
            player.go_on(phase, OFFICE)
        player.close()
        with psycopg.connect(database.owner, autocommit=True) as connection:
            assert verify(connection, OFFICE).intact
            facts = connection.execute(_FACTS, [OFFICE]).fetchall()
            rows = {
                register.name: sorted(connection.execute(f"select * from wuye.{register.table}").fetchall(), key=repr)
                for register in REGISTERS.all
                if register.name != "households"  # its names are sealed, each time otherwise; a month does not touch it
            }
            [appends] = connection.execute("select count(chain) from wuye.facts").fetchone() or [0]
    return facts, rows, int(appends)


@pytest.mark.long
def test_in_bulk_or_one_by_one_the_facts_and_every_version_of_every_row_are_the_same(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    MasterKey.begin(tmp_path)
    facts, rows, appends = played(server, tmp_path)
    monkeypatch.setattr(clock, "_AT_ONCE", 1)
    monkeypatch.setattr(append, "MANY_FROM", 10**6)
    singly, their_rows, their_appends = played(server, tmp_path)
    assert appends < their_appends
    assert facts == singly
    assert sum(name == "BillIssued" for _, _, _, _, name, *_ in facts) == HOUSEHOLDS
    assert len({case_id for _, case_id, *_ in facts if case_id.startswith("debt_case-")}) == len(
        range(0, HOUSEHOLDS, IN_ARREARS)
    )
    for name, its in rows.items():
        assert its == their_rows[name], name
