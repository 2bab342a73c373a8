"""One year of one office with every kind of case, seeded, equal to the stored account of what must have happened.

The account is written by ``python -m tests.api.test_year`` when the play is changed on purpose; read the difference.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.cli.commands import read_standards
from api.demo.play import play_year
from api.runtime import open_runtime
from domain.cases import CASES
from journal.book import Book
from projections.registers.index import REGISTERS
from projections.standards.index import STANDARDS
from tests.api.test_demo import program
from tests.conftest import Database
from tests.register_oracle import breaches

ACCOUNT = Path(__file__).with_name("year.json")
HOUSEHOLDS = 90
NOT_PLAYED = {"staff", "assignment", "register_export", "resident_word"}
"""Words come from residents by links of their own; the people are all there, without assignments; nothing is exported."""


def account(runtime: Any) -> dict[str, Any]:
    """How often each thing happened, and what the standards came to."""
    play_year(runtime, "YEAR", households=HOUSEHOLDS)
    with runtime.pool.connection() as connection:
        facts = list(Book(connection, "YEAR").stream())
    read = read_standards(runtime, "YEAR", date(2025, 1, 1), date(2025, 12, 31), None, list(STANDARDS))
    return {
        "facts": dict(sorted(Counter(fact.name for fact in facts).items())),
        "kinds": sorted({fact.case_id.partition("-")[0] for fact in facts}),
        "standards": {each.standard.slug: [each.met, each.counted, each.not_yet_due] for each in read},
    }


@pytest.mark.long
def test_the_year_is_what_the_account_says(database: Database, tmp_path: Path) -> None:
    with program(database, tmp_path) as runtime:
        found = account(runtime)
        with runtime.pool.connection() as connection:
            last = Book(connection, "YEAR").head()[0]  # type: ignore[index]
            pages = {1, last, *(last * part // 6 for part in range(1, 6))}
            assert list(breaches(connection, REGISTERS, "YEAR", pages)) == [], "the law of the registers"
    told = json.loads(ACCOUNT.read_text("utf-8"))
    assert found["facts"] == told["facts"]
    assert found["standards"] == told["standards"]
    assert set(found["kinds"]) == {lifecycle.kind for lifecycle in CASES} - NOT_PLAYED


def main() -> None:
    """Write the account anew, with an embedded server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"WUYE_HOME": folder}
        with open_runtime() as runtime:
            ACCOUNT.write_text(json.dumps(account(runtime), ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
