"""Who carries out a command: greenlet tasks on the event loop, threads where tasks would keep others waiting."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator
from threading import current_thread
from time import thread_time
from typing import Any

import httpx
import psycopg
import pytest
from psycopg_pool import ConnectionPool

from api.http.executor import CommandExecutor
from journal.greenlet_task import GreenletConnection, current_task
from journal.hash_chain import verify
from journal.prepared_statements import Statement
from tests.api.conftest import ApiClient
from tests.conftest import Database

_LOCK = 4711
_LENGTH = Statement("test_length", "select octet_length($1::bytea)", 1)


@pytest.fixture
def pool(database: Database) -> Iterator[ConnectionPool[GreenletConnection]]:
    with ConnectionPool(
        database.app,
        min_size=2,
        max_size=2,
        kwargs={"autocommit": True},
        connection_class=GreenletConnection,
        open=False,
    ) as pool:
        pool.wait()
        yield pool


@pytest.fixture
def executor(pool: ConnectionPool[GreenletConnection], monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandExecutor]:
    """An executor for which nothing is long, and that sees a free connection: on a busy machine a fifth of a millisecond is over before it looks."""
    monkeypatch.setattr("api.http.executor._LONG", math.inf)
    monkeypatch.setattr("api.http.executor._AT_ONCE", 1.0)
    executor = CommandExecutor(2, pool)
    yield executor
    executor.shutdown()


def where() -> str:
    return "task" if current_task() is not None else current_thread().name.partition("_")[0]


def held(lend: Callable[[], Any]) -> str:
    """Wait for the lock."""
    with lend() as connection:
        connection.execute("select pg_advisory_lock_shared(%s)", [_LOCK])
        connection.execute("select pg_advisory_unlock_shared(%s)", [_LOCK])
    return where()


async def until_somebody_waits(owner: psycopg.Connection[Any]) -> list[int]:
    """The server's processes that wait for a lock, as soon as there is one."""
    while True:
        found = owner.execute("select pid from pg_stat_activity where wait_event_type = 'Lock'").fetchall()
        if found:
            return [pid for (pid,) in found]
        await asyncio.sleep(0)


def with_lock(database: Database, story: Callable[[psycopg.Connection[Any]], Awaitable[None]]) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("select pg_advisory_lock(%s)", [_LOCK])
        asyncio.run(story(owner))  # type: ignore[arg-type]


def test_a_command_is_a_greenlet_task_while_a_connection_is_free(
    executor: CommandExecutor, pool: ConnectionPool[GreenletConnection]
) -> None:
    async def story() -> None:
        assert await executor.carry_out("XH", str, where) == "task"
        with pool.connection(), pool.connection():
            assert await executor.carry_out("XH", str, where) == "commands"
        assert await executor.carry_out("XH", str, where) == "task"

    asyncio.run(story())


def test_a_greenlet_task_has_one_connection_for_all_it_asks(executor: CommandExecutor) -> None:
    def work() -> bool:
        with executor.lend() as one, executor.lend() as other:
            return one is other and one.execute("select 1").fetchone() == (1,)

    assert asyncio.run(executor.carry_out("XH", str, work))


def test_what_a_greenlet_task_raises_is_raised(executor: CommandExecutor) -> None:
    def work() -> None:
        with executor.lend() as connection:
            connection.execute("select 1 / 0")

    async def story() -> None:
        for _ in range(5):
            with pytest.raises(psycopg.errors.DivisionByZero):
                await executor.carry_out("XH", str, work)
        assert await executor.carry_out("XH", str, where) == "task"

    asyncio.run(story())


def long() -> str:
    began = thread_time()
    while thread_time() - began < 0.02:
        pass
    return where()


def test_long_decisions_go_to_the_threads_from_the_second_on(
    executor: CommandExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.executor._LONG", 0.01)

    async def story() -> None:
        assert [await executor.carry_out("XH", int, long) for _ in range(4)] == ["task", "task", "commands", "commands"]
        assert await executor.carry_out("XH", str, where) == "task", "another kind is not long"
        for _ in range(498):
            assert await executor.carry_out("XH", int, where) == "commands"
        assert [await executor.carry_out("XH", int, long) for _ in range(2)] == ["task", "commands"], (
            "tried again, once"
        )

    asyncio.run(story())


def test_a_long_one_among_many_sends_none_to_the_threads(
    executor: CommandExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As every look of the collector is."""
    monkeypatch.setattr("api.http.executor._LONG", 0.01)

    async def story() -> None:
        for _ in range(3):
            assert await executor.carry_out("XH", int, long) == "task"
            monkeypatch.setattr("api.http.executor._LONG", math.inf)  # these are quick on a busy machine as well
            for _ in range(100):
                assert await executor.carry_out("XH", int, where) == "task"
            monkeypatch.setattr("api.http.executor._LONG", 0.01)

    asyncio.run(story())


def test_while_one_task_waits_for_a_lock_others_are_done(database: Database, executor: CommandExecutor) -> None:
    async def story(owner: psycopg.Connection[Any]) -> None:
        waiting = asyncio.create_task(executor.carry_out("XH", str, held, executor.lend))
        await until_somebody_waits(owner)
        for _ in range(3):
            assert await executor.carry_out("YH", str, where) == "task"
        assert not waiting.done()
        owner.execute("select pg_advisory_unlock(%s)", [_LOCK])
        assert await waiting == "task"

    with_lock(database, story)


def test_a_cancelled_task_leaves_no_connection_in_the_middle_of_something(
    database: Database, executor: CommandExecutor, pool: ConnectionPool[GreenletConnection]
) -> None:
    async def story(owner: psycopg.Connection[Any]) -> None:
        waiting = asyncio.create_task(executor.carry_out("XH", str, held, executor.lend))
        await until_somebody_waits(owner)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    with_lock(database, story)
    pool.wait()
    with pool.connection() as one, pool.connection() as other:
        assert {each.execute("select 1").fetchone() for each in (one, other)} == {(1,)}


def test_a_greenlet_task_whose_connection_breaks_says_so(database: Database, executor: CommandExecutor) -> None:
    async def story(owner: psycopg.Connection[Any]) -> None:
        waiting = asyncio.create_task(executor.carry_out("XH", str, held, executor.lend))
        for pid in await until_somebody_waits(owner):
            owner.execute("select pg_terminate_backend(%s)", [pid])
        with pytest.raises(psycopg.OperationalError):
            await waiting

    with_lock(database, story)


def test_tasks_send_and_receive_what_does_not_fit_into_the_line_at_once(executor: CommandExecutor) -> None:
    large = b"x" * 20_000_000

    def work() -> tuple[Any, Any]:
        with executor.lend() as connection:
            sent = _LENGTH.run(connection, [large]).get_value(0, 0)
            received = connection.execute("select repeat('x', 20000000)").fetchone()
        return sent, received

    sent, received = asyncio.run(executor.carry_out("XH", str, work))
    assert int.from_bytes(sent, "big") == len(large)
    assert received == (large.decode(),)


def test_an_office_that_waits_keeps_no_other_from_its_connections(
    executor: CommandExecutor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many of its commands wait for the same: they leave half of what there is."""
    monkeypatch.setattr("api.http.executor._LONG", math.inf)  # a busy machine's are as quick as any here

    async def story(owner: psycopg.Connection[Any]) -> None:
        waiting = [asyncio.create_task(executor.carry_out("XH", str, held, executor.lend)) for _ in range(10)]
        await until_somebody_waits(owner)
        assert [await executor.carry_out("YH", str, where) for _ in range(5)] == ["task"] * 5
        owner.execute("select pg_advisory_unlock(%s)", [_LOCK])
        assert await asyncio.gather(*waiting) == ["task"] * 10
        assert executor.offices == 0

    with_lock(database, story)


def test_many_commands_at_once_over_tasks_leave_whole_books(api: ApiClient, database: Database) -> None:
    """More than there are connections, to two offices, while a third party holds one of them for a while."""
    body = {
        "channel": "in-person",
        "category": "noise",
        "matter": "楼上噪音",
        "content": "每晚十点后",
        "complainant": "王某",
    }
    known = {code: api.headers(office=code) for code in ("XH", "YH")}

    async def story() -> list[httpx.Response]:
        transport = httpx.ASGITransport(api.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            with psycopg.connect(database.owner) as owner:
                owner.execute("select from wuye.offices where office = 'XH' for update")
                asked = [
                    asyncio.create_task(client.post(f"/offices/{code}/complaints", json=body, headers=known[code]))
                    for code in ("XH", "YH") * 20
                ]
                await asked[1]  # the other office's is done meanwhile
            return list(await asyncio.gather(*asked))

    answers = asyncio.run(story())
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 40
    with psycopg.connect(database.owner, autocommit=True) as owner:
        for code in ("XH", "YH"):
            pages = [n for (n,) in owner.execute("select number from wuye.facts where office = %s order by 1", [code])]
            assert pages == list(range(1, len(pages) + 1))
            assert verify(owner, code).intact
