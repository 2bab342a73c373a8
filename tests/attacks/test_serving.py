"""``wuye serve`` as an operator meets it: several processes, one of them killed, the database killed, stopped in order."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.waiting import PATIENCE, free_port, wait_until

ASKED = ("/me", "/ready", "/offices", "/health")
ADDRESS = re.compile(r"(http://\S+:\d+)$")


@dataclass
class Program:
    """A running ``wuye serve`` with an embedded database of its own."""

    process: subprocess.Popen[str]
    home: Path
    base: str
    said: list[str] = field(default_factory=list)

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/ready", timeout=10) as answer:
                return bool(json.load(answer)["ready"])
        except OSError:
            return False

    def told(self, path: str, **headers: str) -> tuple[int, bool]:
        """The status that is answered, and whether it is said when to come again."""
        asked = urllib.request.Request(f"{self.base}{path}", headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                return answer.status, "Retry-After" in answer.headers
        except urllib.error.HTTPError as refused:
            return refused.code, "Retry-After" in refused.headers

    def workers(self) -> set[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(child) for child in children if "spawn_main" in command_line(child)}

    def listening(self) -> int:
        """How many of them take connections: each has a socket of its own, once it is ready."""
        port = f":{int(self.base.rpartition(':')[2]):04X}"
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(line[1].endswith(port) and line[3] == "0A" for line in lines)

    def postmaster(self) -> int:
        return int((next(self.home.rglob("postmaster.pid"))).read_text().split("\n", 1)[0])


def command_line(pid: str | int) -> str:
    """What a process was started with; nothing once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


@contextmanager
def serving(*words: str, port: int | None = None, home: Path | None = None, **said: str) -> Iterator[Program]:
    """The program in a home of its own or this one; ``said`` are further variables of its environment."""
    with TemporaryDirectory(prefix="wuye-serving-", ignore_cleanup_errors=True) as made:
        folder = str(home or made)
        Path(folder).chmod(0o755)
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | said
        environment["WUYE_HOME"] = f"{folder}/home"
        arguments = ["-m", "wuye", "serve", "--port", str(port or free_port()), *words]
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=environment,
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        base = next((found[1] for line in process.stdout if (found := ADDRESS.search(line.strip()))), "")
        program = Program(process, Path(folder), base)
        listening = threading.Thread(target=program.said.extend, args=(process.stderr,))
        listening.start()
        try:
            wait_until(program.ready, "it is ready")
            yield program
        finally:
            process.terminate()
            process.wait(PATIENCE)
            listening.join()
            process.stdout.close()
            process.stderr.close()


pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks at processes by /proc"),
]


def test_a_killed_worker_is_replaced_a_killed_database_started_again_and_all_stopped_in_order() -> None:
    with serving("--workers", "2") as program:
        wait_until(lambda: len(program.workers()) == 2, "two workers")
        victim = min(program.workers())
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(program.workers() - {victim}) == 2, "another takes its place")
        wait_until(program.ready, "it is ready again")
        before = program.postmaster()
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: not command_line(before), "it is dead")
        wait_until(program.ready, "the database is back")
        assert program.postmaster() != before
        with urllib.request.urlopen(f"{program.base}/metrics", timeout=60) as figures:
            assert b"wuye_deadlines_open" in figures.read()
        workers, last = program.workers(), program.postmaster()
        program.process.send_signal(signal.SIGTERM)
        assert program.process.wait(PATIENCE) in (0, 128 + signal.SIGTERM)
        assert not any(map(command_line, workers))
        wait_until(lambda: not command_line(last), "the database is stopped with whoever comes last out")
    lines = [json.loads(line) for line in program.said]
    assert {"the embedded database is gone", "the embedded database is back"} <= {line["event"] for line in lines}
    assert not [line for line in lines if line["level"] not in ("info", "warning", "error")]


def test_until_a_killed_database_is_back_everybody_is_told_to_come_again_and_nobody_anything_else() -> None:
    """Gone, told, back, answered, in this order: what starts it again waits here until everybody has been told.

    A worker that is killed meanwhile is replaced by one that cannot start yet: it takes nobody's connection.
    """
    with serving("--workers", "2") as program:
        wait_until(lambda: program.listening() == 2, "two workers are ready")
        before, workers = program.postmaster(), program.workers()
        data = next(program.home.rglob("postmaster.pid")).parent
        stranger = {"Authorization": "Bearer nobody"}
        assert program.told("/me", **stranger)[0] == 401
        with (data.parent / f"{data.name}.lock").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            os.kill(before, signal.SIGKILL)
            wait_until(lambda: not command_line(before), "it is dead")
            told = everybody(program, stranger)
            assert {status for status, _ in told} <= {401, 503}, "401 by a server process that has not heard of it yet"
            os.kill(max(workers), signal.SIGKILL)
            wait_until(lambda: len(program.workers() - {max(workers)}) == 2, "another takes its place")
            assert everybody(program, stranger) == {(503, True)}
            assert program.process.poll() is None
        wait_until(lambda: program.told("/me", **stranger)[0] == 401, "whoever asks again is answered")
        assert program.postmaster() != before
        assert min(workers) in program.workers(), "nobody else had to be started again"
    events = [json.loads(line)["event"] for line in program.said]
    assert events.index("the embedded database is gone") < events.index("the embedded database is back")


def everybody(program: Program, headers: dict[str, str]) -> set[tuple[int, bool]]:
    """What twelve who ask at the same time are told."""
    with ThreadPoolExecutor(12) as people:
        return set(people.map(lambda path: program.told(path, **headers), ASKED * 3))


def test_a_database_that_is_gone_for_good_ends_the_program_with_the_reason() -> None:
    with serving("--no-work") as program:
        data = next(program.home.rglob("PG_VERSION"))
        data.write_text("9\n")
        os.kill(program.postmaster(), signal.SIGKILL)
        assert program.process.wait(PATIENCE) == 2
    assert "PostgreSQL" in "".join(program.said)
    assert "Traceback" not in "".join(program.said)


@pytest.mark.parametrize(
    ("host", "proxies"), [("0.0.0.0", ""), ("127.0.0.1", "127.0.0.1")], ids=["elsewhere", "behind a proxy"]
)
def test_where_a_proxy_would_not_find_it_a_port_that_is_taken_is_refused(host: str, proxies: str) -> None:
    with serving() as program:
        port = program.base.rpartition(":")[2]
        environment = os.environ | {"WUYE_HOME": str(program.home / "home"), "WUYE_PROXIES": proxies}
        environment.pop("DATABASE_URL", None)
        words = ["-m", "wuye", "serve", "--host", host, "--port", port]
        done = subprocess.run(
            [sys.executable, *words],
            env=environment,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 2
        assert "Address already in use" in done.stderr
        assert program.ready()
