"""A list with a month to a group of columns, exported again every month: what is new of each row comes in (§7)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.importing.small import NOW
from tests.office_rig import OfficeRig, office_rig
from workflows.importing.run import Report, import_history

MAPPING = """
[mapping]
name = "wide"
zh = "按月收费表"
en = "fees by month"

[columns]
home = { from = "房号", required = true }
month = { unfold = true, type = "time", formats = ["%Y-%m"] }
period = { unfold = true }
asked = { unfold = "^(.+)应收$", type = "money" }
paid = { unfold = "^(.+)实收$", type = "money", optional = true }

[cases]
key = "home"
at = "month"

[target.bill]
kind = "bills"
id = "{home}/{period}"

[[step]]
when = { asked = { positive = true } }
facts = [{ of = "bill", do = "IssueBill", opens = true, with = { home = "home", period = "period", due_on = { after = "month", days = 14 }, amount_fen = "asked", item = { is = "物业费" } } }]

[[step]]
when = { paid = { positive = true } }
facts = [{ of = "bill", do = "ReceivePayment", with = { amount_fen = "paid" } }]
"""


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    with office_rig(database.app) as rig:
        yield rig


def bring(rig: OfficeRig, folder: Path, text: str) -> Report:
    (folder / "wide.csv").write_text(text, encoding="utf-8")
    (folder / "wide.toml").write_text(MAPPING, encoding="utf-8")
    return import_history(
        rig.handler, rig.pool.connection, folder / "wide.csv", folder / "wide.toml", rig.code, now=NOW
    )


def bills(rig: OfficeRig) -> dict[str, tuple[str, int, int, str]]:
    return {
        row["source_id"]: (row["state"], row["original_fen"], row["paid_fen"], str(row["due_on"]))
        for row in rig.rows("bills")
    }


def test_each_month_of_each_home_becomes_a_bill_and_a_later_export_adds_to_them(rig: OfficeRig, tmp_path: Path) -> None:
    first = bring(rig, tmp_path, "房号,2025-01应收,2025-01实收\n1-101,100,100\n1-102,90,\n")
    assert (first.taken, first.facts, first.cases) == (2, 4, 2)
    later = "房号,2025-01应收,2025-01实收,2025-02应收,2025-02实收\n1-101,100,100,100,\n1-102,90,90,90,45\n"
    again = bring(rig, tmp_path, later)
    assert (again.taken, again.grown, again.changed, again.facts) == (2, 2, 0, 5)
    assert bills(rig) == {
        "1-101/2025-01": ("paid", 10_000, 10_000, "2025-01-15"),
        "1-101/2025-02": ("issued", 10_000, 0, "2025-02-15"),
        "1-102/2025-01": ("paid", 9_000, 9_000, "2025-01-15"),
        "1-102/2025-02": ("part-paid", 9_000, 4_500, "2025-02-15"),
    }
    assert bring(rig, tmp_path, later).facts == 0


def test_a_row_that_contradicts_what_was_taken_of_it_is_left_alone_whole(rig: OfficeRig, tmp_path: Path) -> None:
    bring(rig, tmp_path, "房号,2025-01应收,2025-01实收\n1-101,100,\n1-102,90,\n")
    before = bills(rig)
    changed = bring(rig, tmp_path, "房号,2025-01应收,2025-02应收\n1-101,110,100\n1-102,90,90\n")
    assert (changed.changed, changed.grown, changed.refused, changed.taken) == (1, 1, 1, 1)
    assert {key: value for key, value in bills(rig).items() if key in before} == before
    assert "1-101/2025-02" not in bills(rig)
