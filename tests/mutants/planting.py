"""Plants one bug in a copy of the program and runs the narrow tests that ought to find it: those of `make test` first.

A bug is a text that stands once in a file and what stands there instead; it is *found* when those tests fail, and a
test suite that stays green over a planted bug is a hole. The copy is the repository's tracked files, so that neither
the environment nor another run is touched; bytecode is told apart by file times that never repeat.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.waiting import PATIENCE

__all__ = ["ROOT", "Bug", "Copy", "Outcome"]

ROOT = Path(__file__).parents[2]
_FAILED, _BROKEN, _NONE = 1, 2, 5
"""pytest's exit codes: tests failed; the tests could not even be collected; none was chosen."""
_times = itertools.count(1_000_000_000, 10)


@dataclass(frozen=True, slots=True)
class Bug:
    """One planted bug: ``what`` in words, where it stands, and the tests (pytest's words) that must go red.

    ``at_import``: the program does not even import with it, as with a lifecycle table that contradicts itself.
    """

    what: str
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...]
    at_import: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of tests came to."""

    code: int
    said: str

    def found(self, bug: Bug) -> bool:
        """Whether the bug was noticed, and by what was meant to notice it."""
        return self.code == (_BROKEN if bug.at_import else _FAILED)


def _named(tests: tuple[str, ...]) -> bool:
    """Whether they are named one by one: then these are run, long or not."""
    return any("::" in word or word == "-k" for word in tests)


class Copy:
    """A copy of the program in which bugs are planted one after another."""

    def __init__(self, folder: Path, server: str) -> None:
        """``server`` is the owner's connection string of a PostgreSQL whose databases are the tests' own."""
        self.folder = folder
        self._server = server
        self._template = f"wuye_planted_{os.getpid()}"
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for line in listed.stdout.splitlines():
            if (ROOT / line).is_file():
                (folder / line).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / line, folder / line)

    @contextmanager
    def with_bug(self, bug: Bug) -> Iterator[None]:
        """The program with this bug in it."""
        file = self.folder / bug.file
        text = file.read_text("utf-8")
        assert text.count(bug.right) == 1, f"{bug.file}: «{bug.right}» stands there {text.count(bug.right)} times"
        self._write(file, text.replace(bug.right, bug.wrong))
        try:
            yield
        finally:
            self._write(file, text)

    def finds(self, bug: Bug) -> Outcome:
        """What these tests say to a bug that stands in the copy: first those that `make test` runs, then the long ones."""
        outcome = self.run(bug.tests)
        return outcome if outcome.found(bug) or _named(bug.tests) else self._run(bug.tests, "-m", "long")

    def run(self, tests: tuple[str, ...]) -> Outcome:
        """Run these tests over the copy as it stands, on databases of their own: as far as `make test` runs them, if it runs any."""
        if _named(tests):
            return self._run(tests)
        outcome = self._run(tests, "-m", "not long")
        return self._run(tests, "-m", "long") if outcome.code == _NONE else outcome

    def _run(self, tests: tuple[str, ...], *selection: str) -> Outcome:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
        environment |= {"DATABASE_URL": self._server, "WUYE_TEST_TEMPLATE": self._template, "PYTHONPATH": ""}
        words = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "--no-header",
            "--tb=line",
            "-p",
            "no:xdist",
            *selection,
            *tests,
        ]
        try:
            done = subprocess.run(
                words,
                cwd=self.folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=10 * PATIENCE,
            )
        finally:
            self._forget_template()
        return Outcome(done.returncode, done.stdout[-2000:] + done.stderr[-2000:])

    def imports_itself(self) -> bool:
        """Whether the tests of the copy test the copy and not what is installed."""
        done = subprocess.run(
            [sys.executable, "-c", "import domain, tests; print(domain.__file__, tests.__file__)"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return all(Path(word).is_relative_to(self.folder) for word in done.stdout.split())

    def _forget_template(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(self._template)))

    @staticmethod
    def _write(file: Path, text: str) -> None:
        file.write_text(text, "utf-8")
        when = next(_times)
        os.utime(file, (when, when))
