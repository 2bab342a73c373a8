"""Two installations, with the command line in each: what one of them backs up the other brings back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.runtime import open_runtime
from domain.kernel.people import Actor, Role
from domain.residents.household.commands.erasure import EraseHousehold, RequestErasure
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from journal.confidential import open_token
from journal.files import Files
from journal.key_store import KeyStore
from tests.conftest import Database, new_database
from workflows.engine.request import CommandRequest

__all__ = ["Wuye", "carried", "do", "erase", "gone_and_staying", "homes", "name_of", "wuye"]

Wuye = Callable[..., str]


@pytest.fixture
def homes(
    tmp_path: Path, database: Database, server: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Path]]:
    """Two installations, «first» and «second», each with a home and a database; calling goes to one of them."""
    monkeypatch.delenv("WUYE_MASTER_KEY", raising=False)
    monkeypatch.setenv("WUYE_ALLOW_UNSAFE_SERVER", "1")
    with new_database(server) as other:
        owners = {"first": database.owner, "second": other.owner}

        def go(name: str) -> Path:
            home = tmp_path / name
            home.mkdir(exist_ok=True)
            monkeypatch.setenv("WUYE_HOME", str(home))
            monkeypatch.setenv("DATABASE_URL", owners[name])
            return home

        go("first")
        yield go


@pytest.fixture
def wuye(homes: Callable[[str], Path]) -> Wuye:
    """The command line in the installation that was gone to last."""

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, words)
        assert done.exit_code == code, done.output + done.stderr
        return done.stdout + done.stderr

    run("office", "open", "XH")
    return run


def do(command: Any, *, at: datetime | None = None, on: str | None = None, who: Role = Role.ADMINISTRATOR) -> str:
    """Give a command in this installation."""
    with open_runtime() as runtime:
        now = at or datetime.now(UTC)
        request = CommandRequest(office="XH", command=command, actor=Actor(str(who), who), now=now, case_id=on)
        return runtime.handler.handle(request).case_id


def name_of(file: str) -> str:
    """The name in a household's file, as somebody with every right reads it."""
    with open_runtime() as runtime, runtime.pool.connection() as connection:
        case = runtime.handler.case("XH", file)
        key_of = runtime.handler.keys.opening(KeyStore(connection, "XH"))
        return open_token(case.name, file, key_of)


def gone_and_staying() -> tuple[str, str]:
    """A household that has left, and one that lives there with a document in its file."""
    gone, stays = do(OpenHousehold(home="1-101", name="张大山")), do(OpenHousehold(home="1-102", name="李四"))
    do(MoveHouseholdOut(), on=gone)
    with open_runtime() as runtime, runtime.pool.connection() as connection:
        key = runtime.handler.keys.opening(KeyStore(connection, "XH"))(stays)
        assert key is not None
        Files(runtime.home).put("XH", stays, key, b"lease")
    return gone, stays


def erase(file: str) -> None:
    """Years later two people have it erased."""
    later = datetime.now(UTC) + timedelta(days=4_000)
    do(RequestErasure(reason="保管期满"), on=file, at=later)
    do(EraseHousehold(), on=file, at=later, who=Role.MANAGER)


def carried(homes: Callable[[str], Path], *names: str) -> None:
    """An operator brings these files from the first home to the second, which he goes to."""
    first, second = homes("first"), homes("second")
    for name in names:
        shutil.copy(first / name, second / name)
