"""Every planted bug is found by the tests that are meant to find it: the suite's own proof that it can fail.

A few of them are planted whenever the tests run; ``make mutants`` plants them all.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants.planted_bank import BANK
from tests.mutants.planted_book import BOOK
from tests.mutants.planted_bulk import BULK
from tests.mutants.planted_console import CONSOLE
from tests.mutants.planted_corrections import CORRECTIONS
from tests.mutants.planted_daily_work import CLERKS
from tests.mutants.planted_document import DOCUMENT
from tests.mutants.planted_domain import DOMAIN
from tests.mutants.planted_dunning import DUNNING
from tests.mutants.planted_edge import EDGE
from tests.mutants.planted_engine import ENGINE, REGISTERS
from tests.mutants.planted_fence import FENCE
from tests.mutants.planted_happened import HAPPENED
from tests.mutants.planted_hundred import HUNDRED
from tests.mutants.planted_identity import IDENTITY
from tests.mutants.planted_imports import IMPORTS
from tests.mutants.planted_kernel import KERNEL
from tests.mutants.planted_metered import METERED
from tests.mutants.planted_mistakes import DESK, MISTAKES
from tests.mutants.planted_money import MONEY
from tests.mutants.planted_outsiders import OUTSIDERS
from tests.mutants.planted_papers import PAPERS
from tests.mutants.planted_past import PAST
from tests.mutants.planted_plans import PLANS
from tests.mutants.planted_pursuit import PURSUIT
from tests.mutants.planted_restore import RESTORE
from tests.mutants.planted_seals import SEALS
from tests.mutants.planted_time import TIME
from tests.mutants.planted_waiting import WAITING
from tests.mutants.planted_whose import WHOSE
from tests.mutants.planting import ROOT, Bug, Copy

EVERY = (
    *KERNEL,
    *DOMAIN,
    *HUNDRED,
    *PAST,
    *IMPORTS,
    *MONEY,
    *METERED,
    *BANK,
    *DUNNING,
    *PURSUIT,
    *HAPPENED,
    *PAPERS,
    *MISTAKES,
    *DESK,
    *WHOSE,
    *OUTSIDERS,
    *WAITING,
    *IDENTITY,
    *DOCUMENT,
    *BOOK,
    *ENGINE,
    *REGISTERS,
    *BULK,
    *PLANS,
    *EDGE,
    *TIME,
    *FENCE,
    *RESTORE,
    *SEALS,
    *CONSOLE,
    *CORRECTIONS,
    *CLERKS,
)
ALWAYS = {
    "whoever is named for nothing may do everything",
    "a day ends at its beginning",
    "half a fen is dropped",
    "a bill that a correction brings to nothing stays open",
    "a schema of the future is read as if it were today's",
    "a command that is overtaken once gives up",
    "a key on loan is shown nowhere",
}
"""Of each sort, those that are found in a moment."""
AT_ONCE = {"whoever is named for nothing may do everything", "a key on loan is shown nowhere"}
"""The two of them, one of the domain and one of the database, that `make test` plants."""
ALL = bool(os.environ.get("WUYE_MUTANTS"))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, server: str) -> Iterator[Copy]:
    """A copy of the program for this process."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    yield Copy(tmp_path_factory.mktemp("planted"), server)


@pytest.mark.parametrize(
    "bug",
    [
        pytest.param(bug, id=bug.what, marks=() if bug.what in AT_ONCE else pytest.mark.long)
        for bug in EVERY
        if ALL or bug.what in ALWAYS
    ],
)
def test_the_planted_bug_is_found(copy: Copy, bug: Bug) -> None:
    with copy.with_bug(bug):
        outcome = copy.finds(bug)
    assert outcome.found(bug), f"«{bug.what}» was not found (pytest: {outcome.code})\n{outcome.said}"


@pytest.mark.parametrize("tests", sorted({bug.tests for bug in (EVERY if ALL else KERNEL[:1])}), ids=" ".join)
def test_without_the_bug_the_same_tests_pass(copy: Copy, tests: tuple[str, ...]) -> None:
    """Otherwise everything would be found."""
    outcome = copy.run(tests)
    assert outcome.code == 0, outcome.said


def test_the_copy_tests_itself(copy: Copy) -> None:
    assert copy.imports_itself()


def test_there_are_enough_of_them_and_each_stands_once_where_it_says() -> None:
    assert len(EVERY) >= 40
    assert len({bug.what for bug in EVERY}) == len(EVERY)
    assert {bug.what for bug in EVERY} > ALWAYS > AT_ONCE
    for bug in EVERY:
        text = (ROOT / bug.file).read_text("utf-8")
        assert text.count(bug.right) == 1, (
            f"{bug.what}: «{bug.right}» stands {text.count(bug.right)} times in {bug.file}"
        )
        assert bug.wrong not in text or bug.wrong in bug.right, bug.what
        assert bug.tests
        assert all(Path(ROOT / test.partition("::")[0]).exists() for test in bug.tests if test.startswith("tests/"))


def test_no_bug_is_planted_in_a_function_that_a_later_migration_replaces() -> None:
    """It would change nothing: the later file puts the right one in its place."""
    schema = {str(f.relative_to(ROOT)): f.read_text("utf-8") for f in sorted((ROOT / "journal/schema").glob("*.sql"))}
    made = re.compile(r"^create (?:or replace )?function (wuye\.\w+)\(.*?^(?:end )?\$\$", re.MULTILINE | re.DOTALL)
    for bug in EVERY:
        if bug.file in schema:
            at = schema[bug.file].index(bug.right)
            within = [each[1] for each in made.finditer(schema[bug.file]) if each.start() <= at < each.end()]
            for file in (later for later in schema if later > bug.file):
                again = {each[1] for each in made.finditer(schema[file])}
                assert not again.intersection(within), f"«{bug.what}» stands in {bug.file}, {file} has {within[0]} anew"


def test_what_is_planted_names_only_what_there_is(tmp_path: Path) -> None:
    """Else it would be found whatever the tests ask: every one of them ends at a name that is not there."""
    for number, bug in enumerate(EVERY):
        if bug.file.endswith(".py") and not bug.at_import:
            text = (ROOT / bug.file).read_text("utf-8")
            (tmp_path / f"planted_{number}.py").write_text(text.replace(bug.right, bug.wrong), "utf-8")
    words = ["-m", "ruff", "check", "--isolated", "--target-version", "py311", "--select", "E9,F821"]
    done = subprocess.run(
        [sys.executable, *words, "--output-format", "concise", tmp_path], capture_output=True, text=True, check=False
    )
    wrong = {EVERY[int(n)].what for n in re.findall(r"planted_([0-9]+)[.]py:", done.stdout)}
    assert (wrong, done.returncode) == (set(), 0), done.stdout + done.stderr
