"""The law of every register: *as of n = fold of facts ≤ n*, for any n, after any history; and a rebuild changes nothing."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cases import CASES
from domain.complaint import Channel, RegisterComplaint
from domain.errors import Refusal
from domain.people import HANDBOOK_ROLES, Actor, Role
from projections.rebuild import Folded, fold, rebuild
from projections.register import Column, Register
from projections.registers import REGISTERS
from tests.conftest import Database
from tests.desk import Desk, at_desk
from tests.filler import fill
from workflows.draft import Order


def wander(desk: Desk, random: Random, steps: int) -> int:
    """Give random commands to random cases; returns how many were accepted."""
    known: dict[str, list[str]] = {}
    accepted = 0
    for _ in range(steps):
        desk.now += timedelta(hours=random.choice((1, 5, 30, 200)))
        desk.clock.catch_up(desk.now, office=desk.code)
        lifecycle = random.choice(CASES[1:])
        case_id = random.choice(known[lifecycle.kind]) if known.get(lifecycle.kind) and random.random() < 0.75 else None
        case = desk.case(case_id) if case_id else None
        choices = [(command, role) for role in HANDBOOK_ROLES for command in lifecycle.permitted(case, [role])]
        if not choices:
            continue
        command, role = random.choice(choices)
        try:
            answer = desk.office.handle(
                Order(
                    office=desk.code,
                    command=fill(command, random, desk.now, known),
                    actor=Actor(f"clerk-{random.randint(1, 3)}", role),
                    now=desk.now,
                    case_id=case_id,
                )
            )
        except Refusal:
            continue
        accepted += 1
        known.setdefault(lifecycle.kind, []).append(answer.case_id)
    return accepted


def folded_columns(register: Register) -> list[Column]:
    """The columns that are part of the fold; the clock's own notes come last and are none."""
    return [column for column in register.columns if column.name not in register.working]


def as_of(database: Database, register: Any, number: int) -> set[tuple[Any, ...]]:
    columns = ", ".join(["case_id", "line", "from_number", *(c.name for c in folded_columns(register))])
    with psycopg.connect(database.app, autocommit=True) as connection:
        connection.execute("set timezone to 'UTC'")
        return set(
            connection.execute(
                f"select {columns} from wuye.{register.table} where office = 'XH'"
                " and from_number <= %s and (to_number is null or to_number > %s)",
                [number, number],
            ).fetchall()
        )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_register_as_of_n_is_the_fold_of_the_facts_up_to_n(database: Database, seed: int) -> None:
    random = Random(seed)
    with at_desk(database.app) as desk:
        assert wander(desk, random, 150) > 20
        facts = desk.facts()
        numbers = {1, len(facts), *(random.randint(1, len(facts)) for _ in range(12))}
        for number in sorted(numbers):
            folded = fold(REGISTERS, "XH", facts[:number])
            for register in REGISTERS.all:
                width = len(folded_columns(register))
                standing = {
                    (row[1], row[2], row[3], *row[7 : 7 + width]) for row in folded[register.name] if row[4] is None
                }
                assert as_of(database, register, number) == standing, (register.name, number)


def test_a_rebuild_finds_the_registers_as_they_are(database: Database) -> None:
    with at_desk(database.app) as desk:
        wander(desk, Random(7), 120)
        with psycopg.connect(database.owner, autocommit=True) as owner:
            done = rebuild(owner, REGISTERS)
            assert done.differences == {}
            assert done.facts == owner.execute("select sum(number) from wuye.offices").fetchone()[0]
            assert rebuild(owner, REGISTERS).differences == {}


def test_a_rebuild_finds_and_mends_what_was_altered(database: Database) -> None:
    """A planted violation: the check can fail."""
    with at_desk(database.app) as desk, psycopg.connect(database.owner, autocommit=True) as owner:
        wander(desk, Random(8), 80)
        # Whatever the walk came to: there is a row to be altered.
        complaint = RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="x", content="y")
        desk.do(complaint, as_=Role.ADMINISTRATOR)
        owner.execute("update wuye.r_complaints set category = 'altered'")
        assert rebuild(owner, REGISTERS).differences["complaints"] > 0
        assert rebuild(owner, REGISTERS).differences == {}


@given(st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_folding_is_the_same_in_any_batches(seed: int) -> None:
    """Folding page by page or all at once gives the same versions."""
    random = Random(seed)
    facts = _HISTORY
    if not facts:
        return
    once = fold(REGISTERS, "XH", facts)
    folded = Folded(REGISTERS, "XH")
    together: dict[str, list[Any]] = {}
    for fact in facts:
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


_HISTORY: list[Any] = []


@pytest.fixture(autouse=True)
def _history(database: Database) -> None:
    if not _HISTORY:
        with at_desk(database.app, code="HX") as desk:
            wander(desk, Random(3), 60)
            _HISTORY.extend(desk.facts())
