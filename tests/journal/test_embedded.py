"""The embedded PostgreSQL: both sets of binaries, root and ordinary users, murder, stale files, unsafe settings."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import psycopg
import pytest

from tests.waiting import wait_until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

from api.config import ApiSettings
from api.http.application import create
from api.runtime import open_runtime
from domain.kernel.people import Actor, Role
from domain.office.office import OpenOffice
from journal.confidential import MasterKey
from journal.embedded import EmbeddedPostgres, NoPostgres, find_binaries
from journal.server_check import UnsafeServer, make_app_role, refuse_unsafe
from workflows.engine.request import CommandRequest

BINARIES: tuple[Literal["system", "wheel"], ...] = ("system", "wheel")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="the tests do not run as root")

MASTER = MasterKey(b"k" * 32)


def binaries(which: Literal["system", "wheel"]) -> Path:
    try:
        return find_binaries(which)
    except NoPostgres:
        pytest.skip(f"no PostgreSQL binaries of the {which} here")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every account may enter: pytest's own folders are for their owner alone."""
    with TemporaryDirectory(prefix="wuye-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def written(conninfo: str) -> int:
    """Write one row more and say how many there are."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("create table if not exists told (at timestamptz default now())")
        connection.execute("insert into told default values")
        row = connection.execute("select count(*) from told").fetchone()
    assert row is not None
    return int(row[0])


def pid_of(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split("\n", 1)[0])


def gone(pid: int) -> None:
    """Wait until this process is no more."""
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), f"process {pid} ends")


@pytest.mark.parametrize("which", BINARIES)
def test_it_starts_stops_and_keeps_what_was_written(place: Path, which: Literal["system", "wheel"]) -> None:
    for count in (1, 2):
        server = EmbeddedPostgres(place / "pg", binaries=binaries(which))
        with server:
            assert written(server.dsn()) == count
            with psycopg.connect(server.dsn()) as connection:
                refuse_unsafe(connection)
                row = connection.execute("show listen_addresses").fetchone()
                soon = connection.execute("show wal_writer_delay").fetchone()
            assert row == ("",)  # no TCP
            assert soon == ("10ms",), "what the role itself has let be written later is on disk within three of these"
        assert not (server.data / "postmaster.pid").exists()


@pytest.mark.long
@pytest.mark.parametrize("which", BINARIES)
def test_a_killed_server_comes_back_with_everything(place: Path, which: Literal["system", "wheel"]) -> None:
    server = EmbeddedPostgres(place / "pg", binaries=binaries(which))
    assert written(server.start()) == 1
    pid = pid_of(server)
    os.kill(pid, signal.SIGKILL)
    gone(pid)
    assert (server.data / "postmaster.pid").exists()  # the dead leave it behind
    with EmbeddedPostgres(place / "pg", binaries=binaries(which)) as again:
        assert written(again.dsn()) == 2


@pytest.mark.long
def test_a_server_that_recovers_from_a_crash_is_waited_for(place: Path) -> None:
    server = EmbeddedPostgres(place / "pg")
    assert written(server.start()) == 1
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("create table much as select repeat('x', 1000) from generate_series(1, 100000)")
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    # Until the postmaster has noticed, it goes on to accept connections, and throws them out a moment later.
    log = server.data / "server.log"
    wait_until(lambda: "terminated by signal 9" in log.read_text(errors="replace"), "the postmaster notices")
    with EmbeddedPostgres(place / "pg") as same:
        assert written(same.dsn()) == 2
    server.stop()


@pytest.mark.long
def test_a_stale_pid_file_that_names_somebody_elses_process_is_forgotten(place: Path) -> None:
    server = EmbeddedPostgres(place / "pg")
    assert written(server.start()) == 1
    lines = (server.data / "postmaster.pid").read_text().split("\n")
    server.stop()
    stale = server.data / "postmaster.pid"
    owner = server.data.stat()
    # PostgreSQL itself sees through a process that it may send no signal; so one of its own account.
    somebody = subprocess.Popen(["sleep", "infinity"], user=owner.st_uid, group=owner.st_gid)
    try:
        stale.write_text("\n".join([str(somebody.pid), *lines[1:]]))
        with EmbeddedPostgres(place / "pg") as again:
            assert written(again.dsn()) == 2
    finally:
        somebody.kill()
        somebody.wait()
    (server.data / "postmaster.pid").write_text("")
    with EmbeddedPostgres(place / "pg") as again:
        assert written(again.dsn()) == 3


@pytest.mark.long
def test_an_initialisation_that_was_killed_half_way_is_begun_anew(place: Path) -> None:
    """initdb writes PG_VERSION first: what it leaves behind looks like a cluster and never starts."""
    server = EmbeddedPostgres(place / "pg")
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("15\n")
    (server.data / "base").mkdir()
    server.data.with_name(f"{server.data.name}.making").touch()
    with server:
        assert written(server.dsn()) == 1
    with EmbeddedPostgres(place / "pg") as again:
        assert written(again.dsn()) == 2


def test_a_folder_with_something_else_in_it_is_left_alone(place: Path) -> None:
    server = EmbeddedPostgres(place / "pg")
    server.data.mkdir(parents=True)
    (server.data / "letter.txt").write_text("dear")
    for _ in range(2):
        with pytest.raises(NoPostgres, match="not empty"):
            server.start()
    assert (server.data / "letter.txt").read_text() == "dear"


@pytest.mark.long
def test_two_that_start_it_share_it_and_only_its_starter_stops_it(place: Path) -> None:
    with EmbeddedPostgres(place / "pg") as first:
        with EmbeddedPostgres(place / "pg") as second:
            assert written(second.dsn()) == 1
        assert written(first.dsn()) == 2


@pytest.mark.long
@as_root
def test_root_lets_it_run_as_somebody_else_in_folders_he_can_reach(place: Path) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)
    server = EmbeddedPostgres(private / "pg")
    assert Path("/var/lib/wuye") in server.data.parents  # nobody else may enter the folder that was asked for
    assert private.stat().st_mode & 0o777 == 0o700
    with server:
        assert written(server.dsn()) == 1
        status = Path(f"/proc/{pid_of(server)}").stat()
        assert pwd.getpwuid(status.st_uid).pw_name in ("postgres", "nobody")


def as_nobody(does: Callable[[], None]) -> int:
    """Do it in a child process of an ordinary user; returns its exit code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the test runner has threads; the child needs none
        child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException):
            try:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
                does()
                code = 0
            except BaseException:
                traceback.print_exc()
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.long
@as_root
@pytest.mark.parametrize("which", BINARIES)
def test_an_ordinary_user_runs_it_as_himself(place: Path, which: Literal["system", "wheel"]) -> None:
    found = binaries(which)
    reachable = all(folder.stat().st_mode & 0o001 for folder in (found, *found.parents))
    if not reachable:
        pytest.skip(f"{which}: ordinary users cannot reach the binaries of this installation")
    place.chmod(0o777)

    def does() -> None:
        with EmbeddedPostgres(place / "mine" / "pg", binaries=found) as server:
            assert written(server.dsn()) == 1
            assert server.data == place / "mine" / "pg"

    assert as_nobody(does) == 0
    assert (place / "mine" / "pg").stat().st_uid == 65534


def test_a_folder_that_belongs_to_somebody_else_is_not_taken(place: Path) -> None:
    server = EmbeddedPostgres(place / "pg")
    server._socket.symlink_to(place)
    try:
        with pytest.raises(NoPostgres, match="属于他人"):
            server.start()
    finally:
        server._socket.unlink()


# -- unsafe settings -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def safe() -> Iterator[EmbeddedPostgres]:
    """A server with its settings as they should be; the tests change them for one database each."""
    with TemporaryDirectory(prefix="wuye-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder) / "pg") as server:
            yield server


@pytest.mark.long
def test_the_program_does_not_start_on_a_server_that_forgets(
    safe: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with psycopg.connect(safe.dsn(), autocommit=True) as owner:
        owner.execute("create database forgetful")
        owner.execute("alter database forgetful set synchronous_commit = off")
    monkeypatch.setenv("DATABASE_URL", safe.dsn(dbname="forgetful"))
    monkeypatch.setenv("WUYE_HOME", str(tmp_path))
    monkeypatch.delenv("WUYE_ALLOW_UNSAFE_SERVER", raising=False)
    with pytest.raises(UnsafeServer) as refused, open_runtime():
        pass
    assert refused.value.name == "synchronous_commit"
    assert "拒绝启动" in refused.value.zh
    monkeypatch.setenv("WUYE_ALLOW_UNSAFE_SERVER", "1")
    with open_runtime() as runtime:
        assert runtime.home == tmp_path


@pytest.fixture
def prepared(safe: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A database that the program has run on; the owner's connection string."""
    with psycopg.connect(safe.dsn(), autocommit=True) as owner:
        owner.execute("create database prepared")
    monkeypatch.setenv("DATABASE_URL", safe.dsn(dbname="prepared"))
    monkeypatch.setenv("WUYE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("WUYE_ALLOW_UNSAFE_SERVER", raising=False)
    with open_runtime():
        pass
    yield safe.dsn(dbname="prepared")
    with psycopg.connect(safe.dsn(), autocommit=True) as owner:
        owner.execute("drop database prepared with (force)")


@pytest.mark.long
def test_the_role_that_writes_may_not_forget_either(safe: EmbeddedPostgres, prepared: str, tmp_path: Path) -> None:
    app = safe.dsn("wuye_app", "prepared")
    with TestClient(
        create(ApiSettings(home=tmp_path / "home", database_url=app), MASTER), base_url="http://localhost"
    ) as client:
        assert client.get("/health").status_code == 200
    with psycopg.connect(prepared, autocommit=True) as owner:
        owner.execute("alter role wuye_app set synchronous_commit = off")
        try:
            refuse_unsafe(owner)  # the owner's own connection is safe
            application = create(ApiSettings(home=tmp_path / "home", database_url=app), MASTER)
            with pytest.raises(UnsafeServer) as refused, TestClient(application):
                pass
            assert refused.value.name == "synchronous_commit"
        finally:
            owner.execute("alter role wuye_app reset synchronous_commit")


@pytest.mark.long
def test_nor_may_it_on_the_embedded_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WUYE_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("WUYE_ALLOW_UNSAFE_SERVER", raising=False)
    with open_runtime() as runtime, psycopg.connect(runtime.owner, autocommit=True) as owner:
        owner.execute("alter role wuye_app set synchronous_commit = off")
        with pytest.raises(UnsafeServer) as refused, open_runtime():
            pass
        assert refused.value.name == "synchronous_commit"


@pytest.mark.long
def test_an_ordinary_owner_makes_the_role_or_says_who_must(
    safe: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The database need not belong to a superuser."""
    with psycopg.connect(safe.dsn(), autocommit=True) as admin:
        make_app_role(admin)
        admin.execute("create role ordinary login")
        admin.execute("create database ordinary owner ordinary")
        with admin.transaction(force_rollback=True):
            admin.execute("alter role wuye_app rename to another")
            admin.execute("alter role ordinary createrole")
            admin.execute("set local session authorization ordinary")
            make_app_role(admin)
            admin.execute("set local role wuye_app")
        monkeypatch.setenv("DATABASE_URL", safe.dsn("ordinary", "ordinary"))
        monkeypatch.setenv("WUYE_HOME", str(tmp_path))
        with pytest.raises(UnsafeServer) as refused, open_runtime():
            pass
        todo = 'grant wuye_app to "ordinary";'
        assert todo in refused.value.zh
        assert todo in refused.value.en
        admin.execute(todo)
        with open_runtime() as runtime:
            opening = OpenOffice(code="XH", name="香湖")
            actor = Actor("root", Role.SYSTEM_ADMINISTRATOR)
            runtime.handler.handle(CommandRequest(office="XH", command=opening, actor=actor, now=datetime.now(UTC)))
            with runtime.pool.connection() as connection:
                assert connection.execute("select current_user, session_user").fetchone() == ("wuye_app", "ordinary")
        admin.execute("drop database ordinary with (force)")
        admin.execute("drop role ordinary")


def test_a_database_that_cannot_hold_the_words_is_refused(safe: EmbeddedPostgres) -> None:
    with psycopg.connect(safe.dsn(), autocommit=True) as owner:
        owner.execute("create database latin encoding 'LATIN1' template template0")
    with (
        psycopg.connect(safe.dsn(dbname="latin"), autocommit=True) as connection,
        pytest.raises(UnsafeServer) as refused,
    ):
        refuse_unsafe(connection, allow=True)
    assert refused.value.name == "server_encoding"


def test_a_server_that_only_reads_is_refused(safe: EmbeddedPostgres) -> None:
    with psycopg.connect(safe.dsn(), autocommit=True, options="-c default_transaction_read_only=on") as connection:
        with pytest.raises(UnsafeServer) as refused:
            refuse_unsafe(connection, allow=True)
        assert refused.value.name == "transaction_read_only"


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_each_unsafe_setting_is_named(safe: EmbeddedPostgres, setting: str) -> None:
    with psycopg.connect(safe.dsn(), autocommit=True) as owner:
        refuse_unsafe(owner)
        owner.execute(f"alter system set {setting} = off")
        owner.execute("select pg_reload_conf()")
        try:
            # The reload takes a moment.
            wait_until(lambda: owner.execute(f"show {setting}").fetchone() == ("off",), "the setting is read")
            with pytest.raises(UnsafeServer) as refused:
                refuse_unsafe(owner)
            assert refused.value.name == setting
            refuse_unsafe(owner, allow=True)
        finally:
            owner.execute(f"alter system reset {setting}")
            owner.execute("select pg_reload_conf()")
            wait_until(lambda: owner.execute(f"show {setting}").fetchone() == ("on",), "the setting is read")
