"""Counters on Today: told as they change, counted once however many listen, and asked for where streams are refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.console import counters
from api.console.counters import Counters
from api.http.problems import Problem
from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.api.test_feed import PATIENCE, served

STREAM = "/console/XH/today/stream"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "PAUSE", 0.05)
    monkeypatch.setattr(counters, "ANEW", 3600.0)


def told(answer: httpx.Response) -> Iterator[Any]:
    for line in answer.iter_lines():
        assert line != ": still here", "nothing was told in a quarter of a minute"
        if line.startswith("data: "):
            yield json.loads(line[6:])


def test_who_has_today_open_is_told_when_a_figure_changes(api: ApiClient) -> None:
    with (
        served(api) as base,
        httpx.stream("GET", base + STREAM, headers=api.headers(), timeout=PATIENCE) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        said = told(answer)
        first = next(said)
        assert first[3] == ["", "0", "件"], "open complaints"
        api.complaint()
        assert next(each for each in said if each != first)[3] == ["", "1", "件"]
    page = api.get("/console/XH/today").text
    assert f'data-stream="{STREAM}"' in page
    assert api.client.get(STREAM, follow_redirects=False).status_code in (303, 401), "nobody without a log-in"
    assert api.get(STREAM, Role.SYSTEM_ADMINISTRATOR).status_code == 403


def test_however_many_listen_they_are_counted_once(api: ApiClient) -> None:
    counted = []

    def count(office: str, language: str) -> bytes:
        counted.append((office, language))
        return str(len(counted)).encode()

    async def listen() -> list[tuple[int, bytes] | None]:
        mine = Counters(api.context, count)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(api.context.settings, "streams_per_caller", 50)
            patch.setattr(api.context.settings, "streams", 41)
            places = [("XH", "zh")] * 40
            stack = [mine.joined(place, "somebody") for place in places]  # type: ignore[arg-type]
            for each in stack:
                each.__enter__()
            found = await asyncio.gather(*(mine.after(place, 0, PATIENCE) for place in places))  # type: ignore[arg-type]
            with mine.joined(("YH", "en"), "other"), pytest.raises(Problem) as full, mine.joined(("YH", "en"), "more"):
                raise AssertionError
            assert full.value.status == 503
            patch.setattr(api.context.settings, "streams_per_caller", 40)
            with pytest.raises(Problem) as many, mine.joined(("YH", "en"), "somebody"):
                raise AssertionError
            assert many.value.status == 429
            for each in stack:
                each.__exit__(None, None, None)
        return list(found)

    assert asyncio.run(listen()) == [(1, b"1")] * 40
    assert counted[0] == ("XH", "zh")
    assert counted.count(("XH", "zh")) == 1
