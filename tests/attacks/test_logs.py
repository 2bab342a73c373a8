"""What the logs say when things go wrong: kinds and places, never what somebody wrote."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable

import psycopg
import pytest
import structlog
from psycopg import errors as sql

from api.http.wall_clock import WallClock
from tests.api.conftest import ApiClient

NAME = "王小明 13800000000"


def failing() -> None:
    secret = NAME
    raise sql.UniqueViolation(f"Key (login)=({secret}) already exists")


def caught() -> Exception:
    try:
        failing()
    except psycopg.Error as error:
        return error
    raise AssertionError


def by_structlog() -> None:
    try:
        failing()
    except psycopg.Error:
        structlog.get_logger().exception("it failed")


def by_structlog_with_the_error() -> None:
    structlog.get_logger().error("it failed", error=caught(), stack_info=True)


def by_the_standard_library() -> None:
    try:
        failing()
    except psycopg.Error:
        logging.getLogger("uvicorn.error").exception("it failed\n%s", NAME)


def by_asyncio() -> None:
    logging.getLogger("asyncio").error("it failed\nfuture: <Task exception=%r>", caught(), exc_info=caught())


def by_a_thread() -> None:
    thread = threading.Thread(target=failing)
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    "way", [by_structlog, by_structlog_with_the_error, by_the_standard_library, by_asyncio, by_a_thread]
)
def test_an_exception_is_logged_by_its_kind_and_place_alone(
    logged: None, capsys: pytest.CaptureFixture[str], way: Callable[[], None]
) -> None:
    way()
    said = capsys.readouterr().err
    [line] = said.splitlines()
    told = json.loads(line)
    assert told["error"] == "UniqueViolation"
    assert told["at"].startswith("test_logs.py:")
    assert told["level"] == "error"
    assert NAME not in said
    assert "Key" not in said
    assert "Traceback" not in said


def test_a_fault_of_the_program_is_500_and_tells_nothing(
    api: ApiClient, logged: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(api.owner, autocommit=True) as owner:
        owner.execute("alter table wuye.facts add constraint broken check (name <> 'ComplaintRegistered') not valid")
        body = {"channel": "in-person", "category": "noise", "matter": "楼上", "content": NAME, "home": "1-101"}
        answer = api.post("/offices/XH/complaints", body)
    assert (answer.status_code, answer.json()["code"]) == (500, "fault")
    assert set(answer.headers) >= {"cache-control", "content-security-policy"}
    said = capsys.readouterr().err
    assert json.loads(said.splitlines()[-1])["error"] == "CheckViolation"
    assert "broken" not in said + answer.text


# -- the clock on the wall -------------------------------------------------------------------------------------------


def test_a_clock_that_is_set_back_is_said_aloud(logged: None, capsys: pytest.CaptureFixture[str]) -> None:
    wall, counted = 1_000_000.0, 50.0
    clock = WallClock(lambda: wall, lambda: counted)
    for _ in range(3):
        wall, counted = wall + 1, counted + 1
        clock.look()
    wall, counted = wall + 3600, counted + 1
    clock.look()
    assert (clock.jumps, capsys.readouterr().err) == (0, ""), "forward is no harm"
    wall, counted = wall - 3 * 3600, counted + 1
    clock.look()
    assert (clock.jumps, round(clock.seconds_back)) == (1, 3 * 3600 + 1)
    told = json.loads(capsys.readouterr().err)
    assert (told["event"], told["seconds"], told["level"]) == ("the clock was set back", 10801, "error")
    wall, counted = wall + 1, counted + 1
    clock.look()
    assert clock.jumps == 1


def test_health_says_that_the_book_is_ahead_of_the_clock(api: ApiClient) -> None:
    right = api.client.get("/health").json()["clock"]
    assert (right["status"], right["book_ahead_seconds"]) == ("ok", 0)
    with psycopg.connect(api.owner, autocommit=True) as owner:
        owner.execute(
            "update wuye.offices set recorded_at = clock_timestamp() + interval '3 hours' where office = 'YH'"
        )
    wrong = api.client.get("/health").json()
    assert (wrong["status"], wrong["clock"]["status"]) == ("ok", "set-back")
    assert 10_700 < wrong["clock"]["book_ahead_seconds"] <= 10_800
    api.context.wall.jumps, api.context.wall.seconds_back = 1, 3600.4
    assert api.client.get("/health").json()["clock"]["times_set_back"] == 1
