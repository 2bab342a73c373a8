"""The stream of facts over a real socket: nothing missed, nothing twice, also for those who come back."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from api.routes import audit
from domain.kernel.people import Actor, Role
from domain.office.office import NoteRestore
from tests.api.conftest import ApiClient, new_application
from tests.waiting import PATIENCE
from workflows.engine.request import CommandRequest


@pytest.fixture
def application() -> FastAPI:
    """Listeners wait on the event loop on which they are served: each test has an application of its own."""
    return new_application()


@contextmanager
def served(api: ApiClient) -> Iterator[str]:
    """The application behind a socket."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(api.app, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
    assert not thread.is_alive()


def numbers(
    base: str,
    headers: dict[str, str],
    count: int,
    last: int | None = None,
    when_listening: Callable[[], object] = lambda: None,
) -> list[int]:
    """The page numbers of so many events."""
    more = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(last)} if last is not None else {})
    seen: list[int] = []
    with httpx.stream("GET", f"{base}/offices/XH/facts", headers=headers | more, timeout=PATIENCE) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        ids = ""
        for line in answer.iter_lines():
            if line == ": wuye":
                when_listening()
            if line.startswith("id: "):
                ids = line[4:]
            if line.startswith("data: "):
                event = json.loads(line[6:])
                assert ids == str(event["number"])
                assert event["specversion"] == "1.0"
                seen.append(event["number"])
                if len(seen) == count:
                    return seen
    return seen


@pytest.mark.long
def test_whoever_listens_reads_the_names_of_whoever_acted(api: ApiClient) -> None:
    case_id = api.complaint()
    clerk = api.users["XH", Role.ADMINISTRATOR]
    api.post(f"/offices/XH/complaints/{case_id}/take-up-complaint", {"done_by": clerk})
    events = [json.loads(line) for line in api.get("/offices/XH/facts").text.splitlines()]
    last = events[0]["events"][-1]["number"]
    headers = api.headers() | {"Accept": "text/event-stream", "Last-Event-ID": str(last - 1)}
    with (
        served(api) as base,
        httpx.stream("GET", f"{base}/offices/XH/facts", headers=headers, timeout=PATIENCE) as answer,
    ):
        event = next(json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: "))
    with api.context.connect() as connection:
        found = connection.execute("select name from wuye.users where user_id = %s", [clerk]).fetchone()
    assert found is not None
    assert (event["userid"], event["username"], event["data"]["done_by"]) == (clerk, found[0], clerk)
    assert json.loads(event["names"]) == {clerk: found[0]}, "an attribute of a CloudEvent is a text"


def restored(api: ApiClient, epoch: int) -> int:
    """The book is said to have been restored; returns the page to which."""
    with api.context.connect() as connection:
        head = connection.execute("select number from wuye.offices where office = 'XH'").fetchone()
    assert head is not None
    said = NoteRestore(epoch=epoch, page=head[0], link="00")
    by = Actor("restore", Role.POLICY)
    request = CommandRequest(office="XH", command=said, actor=by, now=datetime.now(UTC), case_id="office-XH")
    api.context.handler.handle(request)
    return int(head[0])


@pytest.mark.long
def test_whoever_has_seen_what_a_restored_book_lost_is_told_where_to_go_on(api: ApiClient) -> None:
    api.complaint()
    assert api.get("/offices/XH/facts").json()["epoch"] == 0
    page = restored(api, 1_795_775_700)
    api.complaint()
    for told in ({"after": str(page + 1)}, {"after": str(page + 1), "epoch": "77"}, {"epoch": "77", "after": "1"}):
        gone = api.get("/offices/XH/facts", params=told)
        common = page if "epoch" not in told else 0
        assert (gone.status_code, gone.json()["code"]) == (410, "book-restored"), told
        href = f"/offices/XH/facts?epoch=1795775700&after={common}"
        assert gone.json()["go_on"] == {"epoch": 1_795_775_700, "after": common, "href": href}
    rest = api.get(href.replace("after=0", f"after={page}")).json()
    assert (rest["events"][0]["number"], rest["events"][0]["type"]) == (page + 1, "wuye.BookRestored")
    on = {"epoch": str(rest["epoch"]), "after": str(rest["next"])}
    assert api.get("/offices/XH/facts", params=on).json()["events"] == []
    assert api.get("/offices/XH/facts", params={"after": str(page)}).status_code == 200, "what he saw still stands"


@pytest.mark.long
def test_a_listener_takes_the_epoch_along_and_one_of_before_the_restore_is_turned_away(api: ApiClient) -> None:
    api.complaint()
    page, epoch = restored(api, 1_795_775_700), 1_795_775_700
    headers = api.headers() | {"Accept": "text/event-stream"}
    with served(api) as base:
        address = f"{base}/offices/XH/facts"
        for last, status in ((f"{page + 1}", 410), (f"0-{page + 1}", 410), (f"{page}", 200), (f"{epoch}-{page}", 200)):
            with httpx.stream("GET", address, headers=headers | {"Last-Event-ID": last}, timeout=PATIENCE) as answer:
                assert answer.status_code == status, last
                if status == 200:
                    assert (
                        next(line for line in answer.iter_lines() if line.startswith("id: "))
                        == f"id: {epoch}-{page + 1}"
                    )


def test_a_stream_brings_what_was_and_what_comes_and_goes_on_after_a_break(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = api.headers()
    for _ in range(3):
        api.complaint()
    with api.context.connect() as connection:
        head = connection.execute("select number from wuye.offices where office = 'XH'").fetchone()
    assert head is not None
    with served(api) as base:
        before = numbers(base, headers, head[0])
        assert before == list(range(1, head[0] + 1))
        # Nothing is there yet when the listener comes; without the push it would hear of it only after the keep-alive.
        monkeypatch.setattr(audit, "KEEP_ALIVE", 10 * PATIENCE)
        assert numbers(base, headers, 1, last=head[0], when_listening=api.complaint) == [head[0] + 1]


@pytest.mark.long
def test_a_stream_ends_with_the_token_that_opened_it(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "KEEP_ALIVE", 0.3)
    monkeypatch.setattr(audit, "CHECKED_EVERY", 0.3)
    made = api.post("/me/tokens", {"name": "feed"}).json()
    with served(api) as base:
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {made['token']}"}
        with httpx.stream("GET", f"{base}/offices/XH/facts", headers=headers, timeout=PATIENCE) as answer:
            lines = answer.iter_lines()
            assert next(lines) == ": wuye"
            assert api.ask("DELETE", f"/me/tokens/{made['token_id']}").status_code == 204
            assert sum(line == ": still here" for line in lines) < 100, "the stream comes to its end"


@pytest.mark.long
def test_a_stream_brings_nothing_that_comes_after_its_token_has_ended(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It went on for half a minute: whoever had taken a token went on reading after the password had been changed for that."""
    monkeypatch.setattr(audit, "CHECKED_EVERY", 0.0)
    made = api.post("/me/tokens", {"name": "feed"}).json()
    head = api.get("/offices/XH/complaints").json()["as_of"]
    with served(api) as base:
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {made['token']}"}
        ask = httpx.stream("GET", f"{base}/offices/XH/facts?after={head}", headers=headers, timeout=PATIENCE)
        with ask as answer:
            lines = answer.iter_lines()
            assert next(lines) == ": wuye"
            assert api.ask("DELETE", f"/me/tokens/{made['token_id']}").status_code == 204
            api.complaint()
            assert [line for line in lines if line.startswith(("id:", "data:"))] == []


@pytest.mark.long
def test_a_stream_does_not_keep_the_program_from_stopping(api: ApiClient) -> None:
    headers = api.headers() | {"Accept": "text/event-stream"}
    with (
        served(api) as base,
        httpx.stream("GET", f"{base}/offices/XH/facts", headers=headers, timeout=PATIENCE) as answer,
    ):
        lines = answer.iter_lines()
        assert next(lines) == ": wuye"
        api.context.closing.set()
        for _ in lines:
            pass


@pytest.mark.long
def test_many_listeners_each_see_every_page_once(api: ApiClient) -> None:
    headers = api.headers()
    with served(api) as base:
        results: list[list[int]] = []
        threads = [threading.Thread(target=lambda: results.append(numbers(base, headers, 21))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            api.complaint()
        for thread in threads:
            thread.join(PATIENCE)
    assert results == [list(range(1, 22))] * 8
