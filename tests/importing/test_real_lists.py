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
from tests.importing import figures
from tests.office_rig import OfficeRig, office_rig
from workflows.importing.run import Report, import_history

pytestmark = pytest.mark.long
MAPPINGS = Path(__file__).parents[2] / "mappings"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def brought_in(rig: OfficeRig, shared: Path, name: str, folder: Path) -> Report:
    """The import of a file by the mapping of its name."""
    file = next(each for each in (shared / f"{name}.csv.gz", shared / f"{name}.csv") if each.exists())
    report = import_history(
        rig.handler,
        rig.pool.connection,
        file,
        MAPPINGS / f"{name}.toml",
        rig.code,
        now=NOW,
        problems=folder / f"{name}.problems.csv",
    )
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
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "permit_receipt_events", tmp_path)
        assert refused(report) == Counter()
        rows = rig.rows("renovations")
    applications = [{**row, "closed_at": row["decided_at"]} for row in rows]
    ended = [row for row in rows if row["decided_at"] is not None]
    ours = {
        **figures.durations(applications),
        "events": sum(row["steps"] for row in rows),
        "no_enddate": len(rows) - len(ended),
        "share_closed_by_deadline": sum(row["decided_in_time"] for row in rows) / len(rows),
        "share_ended_by_planned": sum(row["decided_at"] <= row["decision_planned_at"] for row in ended) / len(rows),
    }
    found = figures.differences(shared_data / "answers", "permit.dev", ours)
    found += figures.table_differences(
        shared_data / "answers", "permit.dev.by_channel", figures.by(applications, lambda row: row["stated_channel"])
    )
    assert found == []


def test_building_permits_take_every_row(database: Database, shared_data: Path, tmp_path: Path) -> None:
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "bpic2015_1_building_permits", tmp_path)
        assert refused(report) == Counter()
        rows = rig.rows("renovations")
    assert sum(row["steps"] for row in rows) == report.rows
    assert {row["state"] for row in rows} <= {"applied", "approved"}


def test_evaluations(database: Database, shared_data: Path, tmp_path: Path) -> None:
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "toronto_evaluations_pre2023", tmp_path)
        assert refused(report) == Counter()
        reports, items = rig.rows("inspection-reports"), rig.rows("inspection-items")
    found = figures.differences(shared_data / "answers", "toronto.dev", figures.evaluations(reports, items))
    areas = {area: figures.area(marks) for area, marks in figures.marks(items).items()}
    found += figures.table_differences(shared_data / "answers", "toronto.dev.by_item", areas)
    assert found == []


def test_a_survey_in_two_waves(database: Database, shared_data: Path, tmp_path: Path) -> None:
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "somerville_survey", tmp_path)
        assert refused(report) == Counter()
        surveys, results = rig.rows("surveys", imported=True), rig.rows("survey-results")
    expected = answers(shared_data, "somerville")
    assert sum(row["answered"] for row in surveys) == expected["responses"]
    assert {str(row["year"]): row["answered"] for row in surveys} == expected["by_year"]
    ours = {(row["question"], str(row["year"])): (row["marks"], row["marks_hundredths"]) for row in results}
    with (shared_data / "answers" / "somerville.dev.by_question_year.csv").open(encoding="utf-8") as file:
        _, _, *years = next(csv.reader(file))
        for question, what, *cells in csv.reader(file):
            for year, cell in zip(years, cells, strict=True):
                # «How long have you lived here» asks for no mark, and is not in our questionnaire.
                marks, total = ours.get((question, year), (0, 0))
                if what == "count":
                    assert marks == float(cell)
                elif cell:
                    assert total / 100 / marks == pytest.approx(float(cell), abs=6e-7)
                else:
                    assert marks == 0


def test_vacant_homes(database: Database, shared_data: Path, tmp_path: Path) -> None:
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "baltimore_vacant_notices", tmp_path)
        assert refused(report) == Counter()
        rows = rig.rows("vacant-homes")
    expected = answers(shared_data, "baltimore_notices")
    assert (len(rows), len({row["home"] for row in rows})) == (expected["notices"], expected["distinct_lots"])
    assert sum(1 for row in rows if row["state"] == "handed-over") == expected["cancelled"] + expected["abated"]
    by_year = Counter(str(row["taken_over_on"].year) for row in rows)
    assert by_year == expected["by_year"]


def test_homes_with_their_areas(database: Database, shared_data: Path, tmp_path: Path) -> None:
    """Thirty-one rows bear an id that an earlier row has, and one row is a header in the middle: listed, not lost."""
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "cn_beijing_units", tmp_path)
        rows = rig.rows("households")
    expected = answers(shared_data, "beijing_units")
    assert len(rows) + report.refused == expected["units"]
    assert refused(report) == Counter({"case-opened-twice": 31, "header-repeated": 1})
    assert len({row["building"] for row in rows} - {None}) in (expected["compounds"], expected["compounds"] - 1)
    areas = [row["area"] for row in rows if row["area"] is not None]
    fees = sum((Fraction(area, 100) * 250).__round__() for area in areas)
    # What the refused rows bear is read from the problem file's cases: the duplicates of homes that stand here.
    assert sum(areas) / 100 == pytest.approx(expected["area_sum"], rel=0.002)
    assert fees / 100 == pytest.approx(expected["monthly_fee_at_2_50_per_m2_rounded_per_unit"], rel=0.002)


@pytest.mark.parametrize(
    ("name", "register", "count"),
    [("user_complaint", "complaints", 6), ("user_repair", "repair-orders", 14), ("property_charge_visit", "bills", 10)],
)
def test_a_small_property_database(
    database: Database, shared_data: Path, tmp_path: Path, name: str, register: str, count: int
) -> None:
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, f"cn_property_demo_{name}", tmp_path)
        assert len(rig.rows(register)) + report.refused == count
        assert all(row["imported"] for row in rig.rows(register))


def test_sold_homes_are_households_and_unsold_ones_vacant(
    database: Database, shared_data: Path, tmp_path: Path
) -> None:
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "cn_property_demo_house_info", tmp_path)
        households, vacant = rig.rows("households"), rig.rows("vacant-homes")
    assert len(households) + len(vacant) + report.refused == report.rows
    assert households
    assert vacant
