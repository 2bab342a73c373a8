"""A line that breaks between the program and the database: settled by the key, never by trying again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.people import Actor, Role
from journal.confidential import MasterKey
from projections.registers.index import REGISTERS
from tests import drill_kind
from tests.conftest import Database
from tests.database_dump import dump
from tests.drill_kind import full_drill
from tests.office_rig import OfficeRig
from tests.workflows.breaking_proxy import BreakingProxy
from workflows.engine.clock import Clock, Ticked
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest

CLERK = Role.ADMINISTRATOR
NOISE = RegisterComplaint(
    channel=Channel.ONLINE, category="noise", matter="楼上噪音", content="每晚十点后", home="1-101"
)


@pytest.fixture
def line(rig: OfficeRig, database: Database) -> Iterator[tuple[BreakingProxy, CommandHandler]]:
    """The office's program behind a line that can break."""
    line = BreakingProxy(database.app)
    yield (
        line,
        CommandHandler(line.connect, policies=drill_kind.POLICIES, projector=REGISTERS, master=MasterKey(b"k" * 32)),
    )
    line.close()


def order(rig: OfficeRig, **rest: Any) -> CommandRequest:
    """One order to open a drill that writes to every table."""
    return CommandRequest(office="XH", command=full_drill(rig.now), actor=Actor("clerk", CLERK), now=rig.now, **rest)


def test_a_lost_acknowledgement_is_settled_by_the_key(
    rig: OfficeRig, line: tuple[BreakingProxy, CommandHandler], intact: None
) -> None:
    """It was written, and the line broke before that was heard: the answer is read, the command is not given again."""
    breaking, handler = line
    breaking.lose = "answer"
    answer = handler.handle(order(rig, key="k1"))
    assert breaking.lost == 1
    assert answer.facts == ("DrillOpened", "DrillOpened")
    assert len(rig.facts()) == 3
    assert handler.handle(order(rig, key="k1")).repeated
    assert len(rig.facts()) == 3


def test_without_a_key_a_lost_acknowledgement_is_said_to_be_one(
    rig: OfficeRig, line: tuple[BreakingProxy, CommandHandler]
) -> None:
    breaking, handler = line
    breaking.lose = "answer"
    with pytest.raises(psycopg.OperationalError):
        handler.handle(order(rig))
    assert len(rig.facts()) == 3


def test_a_lost_request_is_not_repeated_by_the_program_and_can_be_by_the_caller(
    rig: OfficeRig, database: Database, line: tuple[BreakingProxy, CommandHandler], intact: None
) -> None:
    breaking, handler = line
    before = dump(database.owner)
    breaking.lose = "request"
    with pytest.raises(psycopg.OperationalError):
        handler.handle(order(rig, key="k1"))
    assert dump(database.owner) == before
    assert not handler.handle(order(rig, key="k1")).repeated
    assert len(rig.facts()) == 3


def test_a_server_that_ends_the_session_in_the_middle_writes_nothing(
    rig: OfficeRig, database: Database, intact: None
) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(
            "create function wuye.die() returns trigger language plpgsql security definer as"
            " $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$"
        )
        owner.execute("create trigger die after insert on wuye.answers for each statement execute function wuye.die()")
        before = dump(database.owner)
        with ConnectionPool(database.app, min_size=1, kwargs={"autocommit": True}) as pool:
            handler = CommandHandler(
                pool.connection, policies=drill_kind.POLICIES, projector=REGISTERS, master=MasterKey(b"k" * 32)
            )
            with pytest.raises(psycopg.OperationalError):
                handler.handle(order(rig, key="k1"))
            assert dump(database.owner) == before
            owner.execute("drop trigger die on wuye.answers")
            assert not handler.handle(order(rig, key="k1")).repeated


def test_a_clock_whose_acknowledgement_is_lost_has_fired_once(
    rig: OfficeRig, line: tuple[BreakingProxy, CommandHandler], intact: None
) -> None:
    breaking, handler = line
    rig.do(full_drill(rig.now, repeats=0), as_=CLERK)
    rig.now += timedelta(days=2)
    clock = Clock(handler, breaking.connect, {})
    breaking.lose = "answer"
    assert clock.tick(rig.now, office=rig.code) == Ticked(stale=1)
    assert rig.rows("deadlines") == []
    assert clock.catch_up(rig.now + timedelta(days=1), office=rig.code) == Ticked()
    assert [fact.name for fact in rig.facts()][2:] == ["DrillRanOut"]


def test_a_clock_whose_request_is_lost_fires_later(
    rig: OfficeRig, line: tuple[BreakingProxy, CommandHandler], intact: None
) -> None:
    breaking, handler = line
    rig.do(full_drill(rig.now, repeats=0), as_=CLERK)
    rig.now += timedelta(days=2)
    clock = Clock(handler, breaking.connect, {})
    breaking.lose = "request"
    assert clock.tick(rig.now, office=rig.code) == Ticked(failed=1)
    assert rig.clock_work()[0]["last_error"].startswith("OperationalError")
    assert clock.catch_up(rig.now + timedelta(days=1), office=rig.code) == Ticked(fired=1)
