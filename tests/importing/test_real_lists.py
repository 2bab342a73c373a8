"""Permits, vacant homes and lists of homes of other systems: the registers give the reference figures.

The files are not part of the repository; without them these tests are skipped.
"""

import csv
import json
from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Database
from tests.desk import Desk, at_desk
from workflows.importing.run import Report, import_history

MAPPINGS = Path(__file__).parents[2] / "mappings"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def brought_in(desk: Desk, shared: Path, name: str, folder: Path) -> Report:
    """The import of a file by the mapping of its name."""
    file = next(each for each in (shared / f"{name}.csv.gz", shared / f"{name}.csv") if each.exists())
    report = import_history(
        desk.office, desk.pool.connection, file, MAPPINGS / f"{name}.toml", desk.code, now=NOW,
        problems=folder / f"{name}.problems.csv",
    )  # fmt: skip
    assert report.rows == report.taken + report.understood + report.refused
    return report


def refused(report: Report) -> Counter[str]:
    """Why rows were refused."""
    if not report.problem_file:
        return Counter()
    with Path(report.problem_file).open(encoding="utf-8-sig", newline="") as file:
        return Counter(row["code"] for row in csv.DictReader(file) if row["effect"] == "refused")


def answers(shared: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "answers" / f"{name}.dev.json").read_text("utf-8"))
    return found


def test_permits(database: Database, shared_data: Path, tmp_path: Path) -> None:
    with at_desk(database.app) as desk:
        report = brought_in(desk, shared_data, "permit_receipt_events", tmp_path)
        assert refused(report) == Counter()
        rows = desk.rows("renovations")
    expected = answers(shared_data, "permit")
    decided = [row for row in rows if row["decided_at"] is not None]
    days = [(row["decided_at"] - row["opened_at"]).total_seconds() / 86_400 for row in decided]
    assert (len(rows), len(decided)) == (expected["registered"], expected["closed"])
    assert len(rows) - len(decided) == expected["no_enddate"]
    assert sum(1 for each in days if each < 0) == expected["negative_durations"]
    for within in (1, 3, 7, 15, 30):
        share = sum(1 for each in days if 0 <= each <= within) / len(rows)
        assert share == pytest.approx(expected[f"share_within_{within}d"], abs=1e-6)
    in_time = sum(1 for row in decided if row["decide_by"] is not None and row["decided_at"] <= row["decide_by"])
    assert in_time / len(rows) == pytest.approx(expected["share_closed_by_deadline"], abs=1e-6)
    assert sum(row["steps"] for row in rows) == expected["events"]
    by_channel = Counter(row["channel"] for row in rows)
    with (shared_data / "answers" / "permit.dev.by_channel.csv").open(encoding="utf-8") as file:
        told = {row[""]: round(float(row["registered"])) for row in csv.DictReader(file)}
    names = {"Desk": "counter", "Internet": "online", "Post": "post", "e-mail": "e-mail", "Intern": "desk"}
    assert {names[name]: count for name, count in told.items()} == by_channel


def test_building_permits_take_every_row(database: Database, shared_data: Path, tmp_path: Path) -> None:
    with at_desk(database.app) as desk:
        report = brought_in(desk, shared_data, "bpic2015_1_building_permits", tmp_path)
        assert refused(report) == Counter({"state": 1})  # one decision was sent twice
        rows = desk.rows("renovations")
    assert (len(rows), sum(row["steps"] for row in rows)) == (843, report.rows - 1)
    assert {row["state"] for row in rows} <= {"applied", "approved"}


def test_vacant_homes(database: Database, shared_data: Path, tmp_path: Path) -> None:
    with at_desk(database.app) as desk:
        report = brought_in(desk, shared_data, "baltimore_vacant_notices", tmp_path)
        assert refused(report) == Counter()
        rows = desk.rows("vacant-homes")
    expected = answers(shared_data, "baltimore_notices")
    assert (len(rows), len({row["home"] for row in rows})) == (expected["notices"], expected["distinct_lots"])
    assert sum(1 for row in rows if row["state"] == "handed-over") == expected["cancelled"] + expected["abated"]
    by_year = Counter(str(row["opened_at"].astimezone(UTC).year) for row in rows)
    assert by_year == expected["by_year"]


def test_homes_with_their_areas(database: Database, shared_data: Path, tmp_path: Path) -> None:
    """Thirty-one rows bear an id that an earlier row has, and one row is a header in the middle: listed, not lost."""
    with at_desk(database.app) as desk:
        report = brought_in(desk, shared_data, "cn_beijing_units", tmp_path)
        rows = desk.rows("households")
    expected = answers(shared_data, "beijing_units")
    assert len(rows) + report.refused == expected["units"]
    assert report.refused == refused(report).total()
    assert len({row["building"] for row in rows} - {None}) in (expected["compounds"], expected["compounds"] - 1)
    areas = [row["area"] for row in rows if row["area"] is not None]
    fees = sum((Fraction(area, 100) * 250).__round__() for area in areas)
    # What the refused rows bear is read from the problem file's cases: the duplicates of homes that stand here.
    assert sum(areas) / 100 == pytest.approx(expected["area_sum"], rel=0.002)
    assert fees / 100 == pytest.approx(expected["monthly_fee_at_2_50_per_m2_rounded_per_unit"], rel=0.002)


@pytest.mark.parametrize(
    ("name", "register", "count"),
    [("user_complaint", "complaints", 6), ("user_repair", "repair-orders", 14)],
)
def test_a_small_property_database(
    database: Database, shared_data: Path, tmp_path: Path, name: str, register: str, count: int
) -> None:
    with at_desk(database.app) as desk:
        report = brought_in(desk, shared_data, f"cn_property_demo_{name}", tmp_path)
        assert len(desk.rows(register)) + report.refused == count
        assert all(row["imported"] for row in desk.rows(register))


def test_sold_homes_are_households_and_unsold_ones_vacant(
    database: Database, shared_data: Path, tmp_path: Path
) -> None:
    with at_desk(database.app) as desk:
        report = brought_in(desk, shared_data, "cn_property_demo_house_info", tmp_path)
        households, vacant = desk.rows("households"), desk.rows("vacant-homes")
    assert len(households) + len(vacant) + report.refused == report.rows
    assert households
    assert vacant
