"""From the socket to SQL: how many of our files a command passes, counted on its stack while its statement is sent."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from greenlet import getcurrent

from api.http.pipeline import Pipeline
from journal.greenlet_task import current_task
from journal.prepared_statements import Statement
from tests.api.conftest import ApiClient

ROOT = Path(__file__).parents[2]
OURS = ("api", "domain", "journal", "projections", "workflows")
MOST = 12
"""So many may a reader have to open who follows a command from the socket to the statement that writes it."""
AT_THE_SOCKET = "api/http/protocol"
"""What reads the socket has handed the request over as a task, and stands on no stack; it is one of the twelve."""


def ours(frame: FrameType | None) -> Iterator[str]:
    """Our files on a stack, the innermost first."""
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in OURS:
            yield str(path.relative_to(ROOT).with_suffix(""))
        frame = frame.f_back


def coroutines(task: asyncio.Task[Any]) -> list[FrameType]:
    """Those of a task, the outermost first: each awaits the next."""
    frames, inner = [], task.get_coro()
    while inner is not None:
        if getattr(inner, "cr_frame", None) is not None:
            frames.append(inner.cr_frame)
        inner = getattr(inner, "cr_await", None)
    return frames


def files_to_here() -> list[str]:
    """Our files between the socket and the running greenlet task: what awaits it, what resumed it, and what it has called."""
    work, parent = current_task(), getcurrent().parent
    assert work is not None
    assert parent is not None
    waiting = [frames for task in asyncio.all_tasks() for frames in [coroutines(task)]]
    passed = [AT_THE_SOCKET]
    for frames in waiting:
        if any(frame.f_locals.get("self") is work for frame in frames):
            passed += [file for frame in frames for file in ours(frame)]
    passed += ours(parent.gr_frame)
    passed += reversed([*ours(sys._getframe())])
    return list(dict.fromkeys(passed))


def way_of_a_complaint(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that POST …/complaints has passed at the moment at which its statement is sent."""
    api.complaint()  # what is done once for all is done
    passed: list[str] = []
    send = Statement._send

    def sending(statement: Statement, *rest: Any) -> Any:
        if statement._name.startswith(b"wuye.record"):
            passed.extend(files_to_here())
        return send(statement, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(Statement, "_send", sending)
        api.complaint()
    return passed


def test_a_command_passes_twelve_files_at_most_from_the_socket_to_sql(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = way_of_a_complaint(api, monkeypatch)
    known = {"api/http/pipeline", "api/routes/command_route", "workflows/engine/handler", "journal/prepared_statements"}
    assert known <= set(passed), passed
    assert len(passed) <= MOST, passed


def test_a_file_that_stands_around_the_routes_is_noticed(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """As middlewares did, which call what is behind them and wait for it."""
    before = way_of_a_complaint(api, monkeypatch)
    around = "async def around(*request):\n    await behind(*request)\n"
    one_more = {"behind": Pipeline.__call__}
    exec(compile(around, str(ROOT / "api" / "http" / "one_more.py"), "exec"), one_more)
    monkeypatch.setattr(Pipeline, "__call__", one_more["around"])
    assert set(way_of_a_complaint(api, monkeypatch)) - set(before) == {"api/http/one_more"}
