"""Where the embedded server's files lie 内嵌数据库的位置, and the end of those whose home is gone.

PostgreSQL refuses to run as root. For root it runs as another account, and where that account may not pass to the home,
its files lie in a folder of their own under ``/var/lib/wuye``, whose file ``home`` says to which home they belong.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = [
    "ELSEWHERE",
    "account",
    "home_of",
    "note_home",
    "reachable",
    "remove_left_behind",
    "server_runs",
    "socket_of",
    "temporary_and_gone",
]

ELSEWHERE: Final = Path("/var/lib/wuye")


def account(names: tuple[str, ...] = ("postgres", "nobody")) -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root; None: as ourselves. Raises ``LookupError``: there is nobody."""
    if os.geteuid() != 0:
        return None
    for name in names:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise LookupError(names)


def reachable(folder: Path, by: pwd.struct_passwd) -> bool:
    """Whether this account may pass through all folders down to ``folder`` (those not made yet will be made open)."""
    for each in (folder, *folder.parents):
        if not each.exists():
            continue
        status = each.stat()
        allowed = 0o100 if status.st_uid == by.pw_uid else 0o010 if status.st_gid == by.pw_gid else 0o001
        if not status.st_mode & allowed:
            return False
    return True


def socket_of(mark: str) -> Path:
    """The folder of the server's Unix socket."""
    return Path(tempfile.gettempdir()) / f"wuye-{os.geteuid()}-{mark}"


def note_home(place: Path, asked: Path) -> None:
    """Write down for whom a folder under :data:`ELSEWHERE` was made; ``asked`` is where the data were wanted."""
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    (place / "home").write_text(f"{asked}\n", "utf-8")


def home_of(place: Path) -> Path | None:
    """The data folder that was asked for; None when nobody wrote it down: an earlier program made the folder."""
    try:
        return Path((place / "home").read_text("utf-8").rstrip("\n"))
    except (FileNotFoundError, NotADirectoryError):
        return None


def temporary_and_gone(asked: Path) -> bool:
    """Whether the home was a temporary one and is no more. Any other home may come back: a disk that is not mounted now."""
    return Path(tempfile.gettempdir()).resolve() in asked.resolve().parents and not asked.parent.exists()


def remove_left_behind(gone: Callable[[Path], bool] = temporary_and_gone) -> int:
    """Remove the files of servers that do not run and whose home is ``gone``; returns how many there were.

    Nothing is touched whose home nobody wrote down, that runs, or that somebody is about to start.
    """
    removed = 0
    if os.geteuid() != 0 or not ELSEWHERE.is_dir():
        return removed
    for place in ELSEWHERE.iterdir():
        asked = home_of(place)
        if asked is None or not gone(asked):
            continue
        data = place / "data"
        with suppress(BlockingIOError, FileNotFoundError), (place / "data.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not server_runs(data):
                shutil.rmtree(place, ignore_errors=True)
                shutil.rmtree(socket_of(place.name), ignore_errors=True)
                removed += 1
    return removed


def server_runs(data: Path) -> bool:
    """Whether a server's process is there for this data folder; it may be starting, stopping or recovering."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):  # the machine may have gone down while it was written
        return False
    return _is_server(pid, data)


def _is_server(pid: int, data: Path) -> bool:
    """Whether this process is a PostgreSQL server of this data folder."""
    if Path("/proc/self/cmdline").exists():  # a small machine has no ps
        try:
            output = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return False
    else:
        output = subprocess.run(
            ["ps", "-p", str(pid), "-o", "args="], capture_output=True, text=True, check=False
        ).stdout
    return "postgres" in output and str(data) in output
