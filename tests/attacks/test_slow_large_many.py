"""Requests that never come to an end, heads that never fit, connections without number, listeners without number."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.config import ApiSettings
from api.http import log_in, protocol
from api.http.application import assemble
from domain.kernel.people import Role
from tests.api.conftest import MASTER, ApiClient, new_application
from tests.attacks.sockets import head, opened, served, slurp
from tests.waiting import PATIENCE

pytestmark = pytest.mark.long
"""Servers of their own, and time-outs."""


@pytest.fixture
def application() -> FastAPI:
    """Listeners wait on the event loop on which they are served: each test has an application of its own."""
    return new_application()


LOG_IN = head("POST", "/login", Content_Type="application/json", Content_Length="40")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody has half a second."""
    for name in ("HEAD_SECONDS", "BODY_PAUSE", "ANSWER_PAUSE"):
        monkeypatch.setattr(protocol, name, 0.5)
    monkeypatch.setattr(protocol, "BODY_SECONDS", 1.5)


def reads(api: ApiClient, port: int) -> int:
    """The status that an ordinary reader is answered with."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as reader:
        return reader.get("/offices/XH/complaints", headers=api.headers()).status_code


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", b""),
        (b"GET /health HT", b"408"),
        (b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A", b"408"),
        (LOG_IN, b"408"),
        (LOG_IN + b'{"login": "wa', b"408"),
        (LOG_IN.replace(b"Content-Length: 40", b"Transfer-Encoding: chunked") + b'5\r\n{"log\r\n', b"408"),
    ],
)
def test_half_a_request_is_given_its_time_and_no_more(
    api: ApiClient, hurried: None, sent: bytes, status: bytes
) -> None:
    with served(api) as port:
        silent = [opened(port, sent) for _ in range(30)]
        assert reads(api, port) == 200
        for each in silent:
            answer = slurp(each)
            assert answer[9:12] == status
            assert not status or b"nosniff" in answer
        assert reads(api, port) == 200


def trickled(connection: socket.socket, pieces: Iterator[bytes]) -> int:
    """How many pieces were taken until the other side had enough; each waits a moment for it."""
    for n, piece in enumerate(pieces):
        try:
            connection.sendall(piece)
        except OSError:
            return n
        if select.select([connection], [], [], 0.1)[0]:
            return n
    raise AssertionError("everything was taken")


@pytest.mark.parametrize("begin", [b"GET /health HTTP/1.1\r\n", LOG_IN.replace(b"40", b"4000")], ids=["head", "body"])
def test_a_request_that_trickles_is_ended_too(api: ApiClient, hurried: None, begin: bytes) -> None:
    with served(api) as port:
        slow = opened(port, begin)
        trickled(slow, (b"X" for _ in range(1_000)))
        assert slurp(slow)[9:12] in (b"408", b"")


@pytest.mark.parametrize(
    "pieces",
    [
        lambda: (b"X-A: " + b"a" * 65_000 + b"\r\n" for _ in range(640)),
        lambda: (b"X-%d: a\r\n" % n * 500 for n in range(8_000)),
        lambda: (b"a" * 65_000 for _ in range(640)),
    ],
    ids=["long", "many", "one"],
)
def test_a_head_of_forty_megabytes_is_not_read(api: ApiClient, pieces: Callable[[], Iterator[bytes]]) -> None:
    with served(api) as port:
        large = opened(port, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        taken = 0
        with suppress(OSError):
            for piece in pieces():
                large.sendall(piece)
                taken += len(piece)
        assert taken < 20_000_000, "what lies in the sockets' buffers, and no more"
        assert slurp(large)[9:12] in (b"431", b"")
        assert slurp(opened(port, head("GET", "/health?" + "a" * 40_000)))[9:12] == b"431"
        assert reads(api, port) == 200


def test_trailers_behind_a_body_are_bounded_as_a_head_is(api: ApiClient) -> None:
    """They come after the head was counted and beside the body, which is: each was kept for as long as the sender liked."""
    body = head("POST", "/login", Content_Type="application/json", Transfer_Encoding="chunked") + b"2\r\n{}\r\n0\r\n"
    with served(api) as port:
        with opened(port, body + b"X-A: b\r\n" * 100 + b"\r\n") as few:
            assert until(few, b"\r\n\r\n")[9:12] == b"422"
        many = opened(port, body)
        trickled(many, (b"X-A: b\r\n" * 1_000 for _ in range(1_000)))
        assert slurp(many)[9:12] in (b"431", b"422", b"")
        assert reads(api, port) == 200


def test_a_thousand_silent_connections_make_room_for_whoever_asks(api: ApiClient) -> None:
    api.headers()
    with served(api, connections=40) as port, ExitStack() as open_ones:
        made = []
        for n in range(300):
            made.append(opened(port, b"GET /he" if n % 2 else LOG_IN))
            open_ones.callback(made[-1].close)
            if n % 50 == 49:
                assert reads(api, port) == 200
        gone = [each for each in made if select.select([each], [], [], 0)[0]]
        assert len(gone) >= 250


def test_a_crowd_that_was_answered_makes_room_for_itself_before_whoever_has_just_begun_to_ask(api: ApiClient) -> None:
    """A reader whose request was on its way was cut off by 512 connections that had asked something and asked no more."""
    whole = head("GET", "/health")
    with served(api, connections=10) as port, ExitStack() as open_ones:

        def answered() -> None:
            each = open_ones.enter_context(opened(port, whole))
            assert until(each, b"}")[9:12] == b"200"

        for _ in range(9):
            answered()
        begun = open_ones.enter_context(opened(port, whole[:20]))
        for _ in range(8):
            answered()
        begun.sendall(whole[20:])
        assert until(begun, b"}")[9:12] == b"200"


def test_strangers_that_were_refused_make_room_before_anybody_else(api: ApiClient) -> None:
    """They rest for a second, each on a connection of its own, whether they are still there or not."""
    body = b'{"login": "nobody", "password": "wrong"}'
    whole, limits = head("GET", "/health"), api.context.log_ins.limits
    log_in = head("POST", "/login", Content_Type="application/json", Content_Length=str(len(body))) + body
    with suppress(Exception):
        while True:
            limits.take("nobody", "127.0.0.1", None)
    with served(api, connections=10) as port, ExitStack() as open_ones:
        readers = [open_ones.enter_context(opened(port, whole)) for _ in range(6)]
        for each in readers:
            assert until(each, b"}")[9:12] == b"200"
        for _ in range(40):
            assert until(open_ones.enter_context(opened(port, log_in)), b"}")[9:12] == b"429"
        for each in readers:
            each.sendall(whole)
            assert until(each, b"}")[9:12] == b"200"


def test_who_takes_nothing_of_his_answer_is_left(api: ApiClient, hurried: None) -> None:
    with served(api) as port:
        greedy = socket.socket()
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.connect(("127.0.0.1", port))
        greedy.sendall(head("GET", "/openapi.json") * 20)
        poll = select.poll()
        poll.register(greedy, select.POLLHUP | select.POLLERR)
        assert poll.poll(20_000), "the other side has given up"
        greedy.close()


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://127.0.0.1/health", b"200"),
        ("HTTP://127.0.0.1/health", b"200"),
        ("http://evil.example/health", b"400"),
        ("https://127.0.0.1@evil.example/health", b"400"),
        ("http://127.0.0.1:81/health", b"400"),
    ],
)
def test_whom_a_target_names_is_asked_as_whom_the_host_header_names(api: ApiClient, target: str, status: bytes) -> None:
    with served(api) as port, opened(port, head("GET", target)) as each:
        answer = until(each, b"}")
        assert answer[9:12] == status
        assert status == b"200" or b'"foreign-host"' in answer


def test_what_cannot_be_read_is_answered_like_everything_else(api: ApiClient) -> None:
    with served(api) as port:
        answer = slurp(opened(port, b"NONSENSE\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"content-security-policy: " in answer
    assert b'"code":"unreadable"' in answer


def test_a_refused_stranger_is_not_heard_again_at_once_on_the_same_connection(api: ApiClient) -> None:
    body = b'{"login": "nobody", "password": "wrong"}'
    ask = head("POST", "/login", Content_Type="application/json", Content_Length=str(len(body))) + body
    limits = api.context.log_ins.limits
    with served(api) as port:
        with suppress(Exception):
            while True:
                limits.take("nobody", "127.0.0.1", None)
        with opened(port, ask) as pressing:
            assert until(pressing, b"}")[9:12] == b"429"
            pressing.sendall(ask)
            assert not select.select([pressing], [], [], 0.5)[0]
            assert until(pressing, b"}")[9:12] == b"429"


def test_behind_a_proxy_nobody_waits_for_a_stranger_who_was_refused_on_the_same_connection(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nginx keeps its connections to the program and sends whoever comes next over the one that was used last."""
    monkeypatch.setattr(log_in, "REST", 10 * PATIENCE)
    settings = ApiSettings(home=Path(), allowed_hosts="127.0.0.1", proxies="127.0.0.1", logins_per_address=1)
    app = assemble(settings, connect=api.context.connect, master=MASTER, executor=api.context.executor)
    monkeypatch.setattr(api, "app", app)
    body = b'{"login": "nobody", "password": "wrong"}'
    said = {"Content_Type": "application/json", "Content_Length": str(len(body)), "X_Forwarded_For": "198.51.100.7"}
    with served(api) as port, opened(port) as upstream:
        for status in (b"401", b"429"):
            upstream.sendall(head("POST", "/login", **said) + body)
            assert until(upstream, b"}")[9:12] == status
        upstream.sendall(head("GET", "/health", X_Forwarded_For="198.51.100.8"))
        for _ in range(200):
            if select.select([upstream], [], [], 0)[0]:
                break
            with opened(port, head("GET", "/health")) as other:
                until(other, b"}")
        else:
            raise AssertionError("two hundred others were answered meanwhile")
        assert until(upstream, b"}")[9:12] == b"200"
    app.state.context.log_ins.shutdown()


# -- the feed --------------------------------------------------------------------------------------------------------


def stream(api: ApiClient, role: Role = Role.ADMINISTRATOR, after: int = 0) -> bytes:
    """The request of one who follows the book."""
    return head("GET", f"/offices/XH/facts?after={after}", Accept="text/event-stream", **api.headers(role))


def until(connection: socket.socket, word: bytes) -> bytes:
    """What is said until a word comes."""
    said = b""
    while word not in said:
        piece = connection.recv(65536)
        assert piece, said[-200:]
        said += piece
    return said


def test_three_hundred_streams_of_one_token_are_eight(api: ApiClient) -> None:
    with served(api) as port, ExitStack() as listening:
        statuses = []
        for _ in range(300):
            each = listening.enter_context(opened(port, stream(api)))
            statuses.append(until(each, b"\r\n\r\n")[9:12])
        assert (statuses.count(b"200"), statuses.count(b"429")) == (8, 292)
        assert reads(api, port) == 200
        other = listening.enter_context(opened(port, stream(api, Role.MANAGER)))
        assert until(other, b"\r\n\r\n")[9:12] == b"200", "somebody else is not concerned"


def test_a_stream_that_has_ended_leaves_its_place(api: ApiClient) -> None:
    api.context.settings.streams_per_caller = 1
    with served(api) as port:
        for _ in range(5):
            for _ in range(100):
                with opened(port, stream(api)) as each:
                    if until(each, b"\r\n\r\n")[9:12] == b"200":
                        break
            else:
                raise AssertionError("the place was never free again")


def test_no_more_streams_than_a_process_can_send(api: ApiClient) -> None:
    api.context.settings.streams = 2
    with served(api) as port, ExitStack() as listening:
        asks = [stream(api), stream(api), stream(api, Role.MANAGER)]
        statuses = [until(listening.enter_context(opened(port, ask)), b"\r\n\r\n")[9:12] for ask in asks]
    assert statuses == [b"200", b"200", b"503"]


def test_a_page_is_read_once_however_many_listen(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.routes import audit

    api.context.settings.streams_per_caller = 60
    read: list[int] = []
    page = audit._page

    def counted(counter: Any, office: str, after: int, limit: int) -> Any:
        read.append(after)
        return page(counter, office, after, limit)

    monkeypatch.setattr(audit, "_page", counted)
    last = api.get("/offices/XH/complaints").json()["as_of"]
    with served(api) as port, ExitStack() as listening:
        listeners = [listening.enter_context(opened(port, stream(api))) for _ in range(50)]
        for each in listeners:
            until(each, b"id: %d\n" % last)
        assert len(read) <= 10, "the beginning was read once or twice, not fifty times"
        read.clear()
        for n in range(1, 6):
            api.complaint()
            for each in listeners:
                until(each, b"id: %d\n" % (last + n))
        assert len(read) <= 20
