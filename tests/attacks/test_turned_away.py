"""An address from which one refused log-in follows another: it is answered without being read, and nobody else notices."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from fastapi import FastAPI

from api.http.early_refusals import TurnedAway
from tests.api.conftest import ApiClient, new_application
from tests.attacks.sockets import head, opened, served, slurp

pytestmark = pytest.mark.long
"""A server of their own."""
BODY = b'{"login": "nobody", "password": "wrong"}'


@pytest.fixture
def application() -> FastAPI:
    """Served on an event loop of its own: each test has an application of its own."""
    return new_application()


def ask(*, body: bytes = BODY, **more: str) -> bytes:
    """A log-in; with these headers too."""
    said = {"Content_Type": "application/json", "Content_Length": str(len(BODY)), "Connection": "close", **more}
    return head("POST", "/login", **said) + body


def pressed(api: ApiClient, port: int, times: int) -> list[bytes]:
    """So many log-ins, each refused, each on a connection of its own."""
    limits = api.context.log_ins.limits
    with suppress(Exception):
        while True:
            limits.take("nobody", "127.0.0.1", None)
    return [slurp(opened(port, ask())) for _ in range(times)]


def unread(port: int, **more: str) -> bytes:
    """What is answered to a log-in that never says whose; nothing where somebody waits for it."""
    with opened(port, ask(body=b"", **more)) as waiting:
        waiting.settimeout(0.3)
        try:
            return waiting.recv(65536)
        except TimeoutError:
            return b""


def test_after_many_refusals_a_strangers_log_in_is_answered_at_its_head(api: ApiClient) -> None:
    with served(api) as port:
        first = pressed(api, port, 30)
        refused = api.context.log_ins.turned_away
        assert {each[9:12] for each in first} == {b"429"}
        api.context.log_ins.limits._strangers._entries.clear()
        api.context.log_ins.limits._strangers._counts.clear()
        answer = unread(port)
        assert answer.startswith(b"HTTP/1.1 429 \r\n"), "by the connection itself"
        headers, _, body = answer.partition(b"\r\n\r\n")
        assert b"retry-after: 10" in headers
        assert b"no-store" in headers
        assert json.loads(body)["code"] == "too-many-attempts"
        assert unread(port, Cookie="wuye_device_1=x")[9:12] == b"429", (
            "a device that is none is asked no further either"
        )
        with opened(port, head("GET", "/health", Connection="close")) as other:
            assert slurp(other)[9:12] == b"200", "of the same address, and not a log-in"
        refused._of.clear()
        assert slurp(opened(port, ask()))[9:12] == b"401", "ten seconds later"


def test_a_person_with_a_known_device_and_whoever_comes_by_a_proxy_or_wants_a_page_are_heard(api: ApiClient) -> None:
    accounts, log_ins = api.context.accounts, api.context.log_ins
    accounts.create("wang", "王", "correct horse battery")
    name, value = log_ins.devices.make("wang", log_ins.now())
    right = b'{"login": "wang", "password": "correct horse battery"}'
    with served(api) as port:
        pressed(api, port, 31)
        said = {"Content_Type": "application/json", "Content_Length": str(len(right)), "Connection": "close"}
        known = head("POST", "/login", Cookie=f"{name}={value}", **said) + right
        assert slurp(opened(port, known))[9:12] == b"200"
        for more in ({"Accept": "text/html"}, {"X_Forwarded_For": "198.51.100.7"}):
            assert slurp(opened(port, ask(**more))).startswith(b"HTTP/1.1 429 Too Many Requests"), "by the gate itself"


def test_an_address_is_turned_away_after_thirty_refusals_in_a_row_and_for_ten_seconds() -> None:
    now = 0.0
    away = TurnedAway(lambda: now)
    for _ in range(29):
        away.refused("a")
        now += 9
    assert away.of("a") is None
    away.refused("a")
    assert away.of("a") is not None
    assert away.of("b") is None
    now += 10.1
    assert away.of("a") is None
    for _ in range(60):
        away.refused("a")
        now += 10.1
    assert away.of("a") is None, "a person who tries now and then"


def test_of_however_many_addresses_no_more_is_kept_than_some_thousands() -> None:
    away = TurnedAway(lambda: 0.0)
    for number in range(10_000):
        away.refused(str(number))
    assert len(away._of) <= 4096
