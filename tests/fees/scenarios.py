"""``python -m tests.fees.scenarios FILE``: plays every money story of a file through the running program, over HTTP.

A line for each story; the last line says «N of M equal», and the exit code is 1 unless all are. The program is started
with a database of its own (or on ``DATABASE_URL``), each story in simulated offices whose clocks it moves.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from api.config import ApiSettings
from api.identity import Accounts, Grant
from api.runtime import open_runtime
from domain.kernel.people import Actor, Role
from domain.office.office import OpenOffice
from journal.embedded import EmbeddedPostgres
from tests.fees.played_office import Refused, RunningProgram
from tests.fees.stories import KINDS
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest

__all__ = ["differences", "main", "play", "program_of"]


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application behind a socket of this machine; returns its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


def program_of(client: httpx.Client, handler: CommandHandler, accounts: Accounts) -> RunningProgram:
    """A running program; simulated offices and log-ins are made beside it, as the command line makes them."""

    def opens(code: str, at: datetime) -> None:
        command = OpenOffice(code=code, name=f"{code}小区", simulated=True)
        actor = Actor("root", Role.SYSTEM_ADMINISTRATOR)
        handler.handle(CommandRequest(office=code, command=command, actor=actor, now=at))

    def token(office: str, role: Role) -> str:
        user = accounts.create(f"{role}-{office}-story", f"{role} of {office}", None)
        accounts.grant(user, [Grant(office, role)], by="stories")
        return accounts.make_token(user, "stories", None, for_program=True)[1]

    return RunningProgram(client, opens, token)


def differences(program: RunningProgram, story: dict[str, Any]) -> list[str]:
    """What of a story the program makes otherwise; nothing when all is equal."""
    play = KINDS.get(story["kind"])
    if play is None:
        return [f"no such kind of story: {story['kind']}"]
    try:
        return [f"{name}: {found} is not {right}" for name, found, right in play(program, story) if found != right]
    except (Refused, AssertionError, KeyError, ValueError, IndexError) as failed:
        return [f"{type(failed).__name__}: {failed}"]


def play(program: RunningProgram, stories: list[dict[str, Any]]) -> Iterator[str]:
    """A line for each story, and one that says how many were equal."""
    equal = 0
    for story in stories:
        found = differences(program, story)
        equal += not found
        yield f"{story['id']} {story['kind']}: {'equal' if not found else ' | '.join(found)}"
    yield f"{equal} of {len(stories)} equal"


@contextmanager
def database(home: Path) -> Iterator[None]:
    """A server of its own that need not survive a power cut, unless ``DATABASE_URL`` names one."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    postgres = EmbeddedPostgres(home / "stories", durable=False)
    os.environ |= {"DATABASE_URL": postgres.start(), "WUYE_ALLOW_UNSAFE_SERVER": "1"}
    try:
        yield
    finally:
        del os.environ["DATABASE_URL"]
        postgres.remove()


def main(arguments: list[str]) -> int:
    """Play a file's stories."""
    if len(arguments) != 1:
        print("python -m tests.fees.scenarios FILE", file=sys.stderr)  # noqa: T201 -- a program for a terminal
        return 2
    stories = json.loads(Path(arguments[0]).read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="wuye-stories-") as home:
        os.environ["WUYE_HOME"] = home
        with database(Path(home)), open_runtime() as runtime:
            from api.http.application import create

            app = create(ApiSettings(database_url=runtime.app, home=runtime.home), runtime.master)
            with served(app) as base, httpx.Client(base_url=base, timeout=300) as client:
                last = ""
                for last in play(
                    program_of(client, runtime.handler, Accounts(runtime.pool.connection, runtime.master)), stories
                ):
                    print(last, flush=True)  # noqa: T201 -- a program for a terminal
    return 0 if last == f"{len(stories)} of {len(stories)} equal" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
