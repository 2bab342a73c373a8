"""The law of every register: *as of n = fold of facts ≤ n*, for any n, after any history; and a rebuild changes nothing."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases import CASES, lifecycle_of
from domain.complaints.complaint.events import Channel
from domain.kernel.fact import Fact
from domain.kernel.people import Role
from domain.rounds.repair_order.commands import RaiseRepairOrder, ReportRepairReady
from projections.engine.rebuild import rebuild
from projections.engine.replay import Folded, fold
from projections.registers.index import REGISTERS
from tests.conftest import Database, new_database
from tests.database_dump import dump
from tests.office_rig import office_rig
from tests.random_walk import FEW, random_walk
from tests.register_oracle import breaches, rows_as_of


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3))])
def test_a_register_as_of_n_is_the_fold_of_the_facts_up_to_n(database: Database, seed: int) -> None:
    random = Random(seed)
    with office_rig(database.app) as rig:
        walker = random_walk(rig, random, 250, every_kind=True)
        kinds = {lifecycle_of(fact.case_id).kind for fact in walker.facts}
        assert len(kinds) >= len(CASES) - FEW, "what was done is of nearly every kind"
        last = walker.facts[-1].number
        numbers = {1, last, *(random.randint(1, last) for _ in range(8))}
        with rig.pool.connection() as connection:
            assert list(breaches(connection, REGISTERS, "XH", numbers)) == []
            held = sum(bool(rows_as_of(connection, register, "XH", last)) for register in REGISTERS.all)
        assert held >= len(REGISTERS.all) * 7 // 10, "most registers hold something"


_PLANTED = {
    "a row that stands for too long": "to_number = to_number + 1 where to_number is not null",
    "a row that is closed too early": "to_number = from_number + 1 where to_number is null",
    "another value": "state = 'another' where to_number is null",
    "another instant": "recorded_to = recorded_from where to_number is not null",
}


def test_a_breach_of_the_law_is_seen(database: Database) -> None:
    """Planted violations: the check can fail."""
    with office_rig(database.app) as rig, psycopg.connect(database.owner, autocommit=True) as owner:
        raised = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="drain", home="A-0501", description="堵")
        mended = rig.do(raised, as_=Role.ADMINISTRATOR).case_id
        rig.do(
            ReportRepairReady(done_by="外:plumber", result="好"),
            as_=Role.ADMINISTRATOR,
            on=mended,
            at="2025-01-01 10:00",
        )
        last = rig.do(raised, as_=Role.ADMINISTRATOR, at="2025-01-01 11:00").number
        pages = range(last - 2, last + 1)
        assert list(breaches(owner, REGISTERS, "XH", pages)) == []
        for what, planted in _PLANTED.items():
            with owner.transaction(force_rollback=True):
                owner.execute(f"update wuye.r_repair_orders set {planted}")
                assert list(breaches(owner, REGISTERS, "XH", pages)), what
        with owner.transaction(force_rollback=True):
            owner.execute("delete from wuye.r_repair_orders where to_number is null")
            assert list(breaches(owner, REGISTERS, "XH", pages))


@pytest.mark.long
def test_a_rebuild_finds_the_registers_as_they_are(database: Database) -> None:
    with office_rig(database.app) as rig:
        random_walk(rig, Random(7), 120)
        with psycopg.connect(database.owner, autocommit=True) as owner:
            done = rebuild(owner, REGISTERS)
            assert done.differences == {}
            assert done.facts == owner.execute("select sum(number) from wuye.offices").fetchone()[0]
            assert rebuild(owner, REGISTERS).differences == {}


def test_a_rebuild_finds_and_mends_what_was_altered(database: Database) -> None:
    """A planted violation: the check can fail."""
    with office_rig(database.app) as rig, psycopg.connect(database.owner, autocommit=True) as owner:
        random_walk(rig, Random(8), 80)
        # Whatever the walk came to: there is a row to be altered.
        raised = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="drain", home="A-0501", description="堵")
        rig.do(raised, as_=Role.ADMINISTRATOR)
        owner.execute("update wuye.r_repair_orders set fault_kind = 'altered'")
        assert rebuild(owner, REGISTERS, mend="test").differences["repair-orders"] > 0
        assert rebuild(owner, REGISTERS).differences == {}


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Helpers are there even where there is one processor."""
    monkeypatch.setattr("os.cpu_count", lambda: 3)


@pytest.mark.long
@pytest.mark.usefixtures("two_processors")
def test_a_rebuild_by_several_processes_finds_the_registers_as_they_are(database: Database) -> None:
    shown: list[tuple[int, int]] = []
    with office_rig(database.app) as rig, psycopg.connect(database.owner, autocommit=True) as owner:
        random_walk(rig, Random(7), 120)
        alone = rebuild(owner, REGISTERS)
        together = rebuild(owner, REGISTERS, lambda done, of: shown.append((done, of)), parallel_from=1)
        assert together == alone
        assert shown[-1] == (alone.facts, alone.facts)
        owner.execute("update wuye.r_deadlines set clause = 'altered'")
        assert rebuild(owner, REGISTERS, mend="test", parallel_from=1).differences["deadlines"] > 0
        assert rebuild(owner, REGISTERS).differences == {}


@pytest.mark.usefixtures("two_processors")
@pytest.mark.parametrize("parallel_from", [1, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_what_is_written_during_a_rebuild_stands_in_its_registers(database: Database, parallel_from: int) -> None:
    raised = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="drain", home="A-0501", description="堵")
    written: list[str] = []

    with office_rig(database.app) as rig, psycopg.connect(database.owner, autocommit=True) as owner:
        random_walk(rig, Random(9), 60)

        def meanwhile(_done: int, _of: int) -> None:
            if not written:
                written.append(rig.do(raised, as_=Role.ADMINISTRATOR).case_id)
                rig.do(ReportRepairReady(done_by="外:plumber", result="好"), as_=Role.ADMINISTRATOR, on=written[0])

        done = rebuild(owner, REGISTERS, meanwhile, parallel_from=parallel_from)
        assert done.differences == {}
        assert done.facts == owner.execute("select sum(number) from wuye.offices").fetchone()[0]
        [row] = rig.rows("repair-orders", case_id=written[0])
        assert row["state"] == "completed"


@pytest.mark.usefixtures("two_processors")
@pytest.mark.long
def test_a_rebuild_that_is_given_up_ends_its_helpers(database: Database) -> None:
    def given_up(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with office_rig(database.app) as rig, psycopg.connect(database.owner, autocommit=True) as owner:
        random_walk(rig, Random(9), 60)
        before = dump(database.owner)
        with pytest.raises(KeyboardInterrupt):
            rebuild(owner, REGISTERS, given_up, parallel_from=1)
        assert dump(database.owner) == before
        assert not [each for each in Path("/proc").glob("[0-9]*") if _is_helper(each)]


@pytest.mark.long
@pytest.mark.usefixtures("two_processors")
def test_a_rebuild_whose_helper_is_killed_leaves_everything_as_it_was(database: Database) -> None:
    def kill(_done: int, _of: int) -> None:
        for each in Path("/proc").glob("[0-9]*"):
            if _is_helper(each):
                os.kill(int(each.name), signal.SIGKILL)

    with office_rig(database.app) as rig, psycopg.connect(database.owner, autocommit=True) as owner:
        random_walk(rig, Random(9), 60)
        before = dump(database.owner)
        with pytest.raises(RuntimeError, match="process of the rebuild has ended"):
            rebuild(owner, REGISTERS, kill, parallel_from=1)
        assert dump(database.owner) == before, "also no table of the rebuild's is left"
        assert rebuild(owner, REGISTERS, parallel_from=1).differences == {}


def _is_helper(process: Path) -> bool:
    with suppress(OSError):
        parent = process.joinpath("stat").read_text().rpartition(")")[2].split()[1]
        return (
            parent == str(os.getpid())
            and b"projections.engine.replay_workers" in process.joinpath("cmdline").read_bytes()
        )
    return False


@pytest.fixture(scope="module")
def history(server: str) -> list[Fact]:
    """What became of an office."""
    with new_database(server) as database, office_rig(database.app, code="HX") as rig:
        random_walk(rig, Random(3), 60)
        return rig.facts()


@given(seed=st.integers(0, 2**32))
def test_folding_is_the_same_in_any_batches(history: list[Fact], seed: int) -> None:
    """Folding page by page or all at once gives the same versions."""
    random = Random(seed)
    once = fold(REGISTERS, "HX", history)
    folded = Folded(REGISTERS, "HX")
    together: dict[str, list[Any]] = {}
    for fact in history:
        folded.take(fact)
        if random.random() < 0.2:
            for name, rows in folded.drain():
                together.setdefault(name, []).extend(rows)
    folded.close()
    for name, rows in folded.drain():
        together.setdefault(name, []).extend(rows)
    assert {n: sorted(map(repr, r)) for n, r in once.items() if r} == {
        n: sorted(map(repr, r)) for n, r in together.items()
    }
