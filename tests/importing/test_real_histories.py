"""Five real histories of other systems: after the import our registers give the reference figures, to the digit.

The files are not part of the repository; without them these tests are skipped.
"""

import csv
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Database
from tests.importing import figures
from tests.importing.collection_rates import fines_collected_otherwise, pursued
from tests.office_rig import OfficeRig, office_rig
from workflows.importing.run import Report, import_history

pytestmark = pytest.mark.long
MAPPINGS = Path(__file__).parents[2] / "mappings"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def brought_in(rig: OfficeRig, shared: Path, name: str, folder: Path) -> Report:
    report = import_history(
        rig.handler,
        rig.pool.connection,
        shared / f"{name}.csv.gz",
        MAPPINGS / f"{name}.toml",
        rig.code,
        now=NOW,
        problems=folder / "problems.csv",
    )
    assert report.rows == report.taken + report.understood + report.refused
    return report


def words(rig: OfficeRig) -> list[list[str]]:
    """Each source case's rows as the other system's words, in the order of the book."""
    source: dict[str, str] = {}
    cases: dict[str, dict[int, str]] = defaultdict(dict)
    with rig.pool.connection() as connection:
        found = connection.execute(
            "select case_id, metadata from wuye.facts where office = %s order by number", [rig.code]
        )
        for case_id, metadata in found:
            about = json.loads(metadata)
            if "term" in about:
                source_id = source.setdefault(case_id, about.get("source_id"))
                cases[source_id].setdefault(about["line"], about["term"])
    return [list(case.values()) for case in cases.values()]


def refusals(report: Report) -> list[dict[str, str]]:
    assert report.problem_file
    with Path(report.problem_file).open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row["effect"] == "refused"]


def test_incidents(database: Database, shared_data: Path, tmp_path: Path) -> None:
    answers = shared_data / "answers"
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "servicenow_incidents", tmp_path)
        rows = rig.rows("complaints")
        state_paths = figures.paths(words(rig), ">", repeats=False)

    assert report.refused == 0
    states = report.values["state"]
    ours = {
        **figures.incidents(rows),
        "events": report.rows,
        "states": states,
        "rows_state_minus100": states["-100"],
    }
    found = figures.differences(answers, "servicenow.dev", ours)
    for table, column in (("category", "category"), ("channel", "stated_channel"), ("priority", "priority")):
        found += figures.table_differences(
            answers, f"servicenow.dev.by_{table}", figures.by(rows, lambda row, c=column: row[c])
        )
    found += figures.table_differences(answers, "servicenow.dev.by_month", figures.by(rows, figures.month))
    found += figures.table_differences(
        answers, "servicenow.dev.state_paths", {path: {"incidents": n} for path, n in state_paths.items()}, whole=False
    )
    assert found == []


def test_housing_requests(database: Database, shared_data: Path, tmp_path: Path) -> None:
    answers = shared_data / "answers"
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "boston311_housing_2015", tmp_path)
        rows = rig.rows("complaints")

    assert report.refused == 0
    found = figures.differences(answers, "boston_housing.dev", figures.requests(rows))
    for table, column in (("channel", "stated_channel"), ("reason", "category"), ("type", "matter")):
        found += figures.table_differences(
            answers, f"boston_housing.dev.by_{table}", figures.by(rows, lambda row, c=column: row[c])
        )
    found += figures.table_differences(answers, "boston_housing.dev.by_month", figures.by(rows, figures.month))
    assert found == []


def test_repairs(database: Database, shared_data: Path, tmp_path: Path) -> None:
    answers = shared_data / "answers"
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "housing_repair_clean", tmp_path)
        rows = rig.rows("repair-orders")

    assert report.refused == 0
    found = figures.differences(answers, "repair.dev", {**figures.repairs(rows), "events": report.rows})
    found += figures.table_differences(
        answers, "repair.dev.by_channel", figures.by(rows, lambda row: row["stated_channel"])
    )
    found += figures.table_differences(
        answers, "repair.dev.by_repair_type", figures.by(rows, lambda row: row["fault_kind"])
    )
    assert found == []


def test_damaged_repairs(database: Database, shared_data: Path, tmp_path: Path) -> None:
    """What can be trusted comes in, what cannot is listed; and what came in says what the sound copy says."""
    answers = shared_data / "answers"
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "housing_repair_damaged", tmp_path)
        refused = refusals(report)
        damaged = {row["source_id"]: row for row in rig.rows("repair-orders")}
        rig.open("OK")
        rig.code = "OK"
        brought_in(rig, shared_data, "housing_repair_clean", tmp_path)
        sound = {row["source_id"]: row for row in rig.rows("repair-orders")}

    lacking = Counter(problem["column"] for problem in refused if problem["code"] == "value-missing")
    years = [problem["value"][:4] for problem in refused if problem["code"] == "time-outside-period"]
    wanted = {
        "rows": report.rows,
        "missing_task": lacking["taskID"],
        "missing_originator": lacking["originator"],
        "missing_eventtype": lacking["eventtype"],
        "missing_date": lacking["date"],
        "missing_time": lacking["time"],
        "date_not_1970": len(years),
        "date_1905": years.count("1905"),
        "rows_exactly_as_in_clean": report.taken,
        "rows_differing": report.refused,
    }
    assert figures.differences(answers, "repair_damaged.dev", wanted) == []
    assert len({problem["line"] for problem in refused}) == report.refused
    for source_id, row in damaged.items():
        if row["opening_known"]:
            assert row["opened_at"] == sound[source_id]["opened_at"]
            assert row["stated_channel"] == sound[source_id]["stated_channel"]


def test_fines(database: Database, shared_data: Path, tmp_path: Path) -> None:
    answers = shared_data / "answers"
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "rtfm_events", tmp_path)
        bills = rig.rows("bills")
        debts: dict[str, Any] = {row["source_id"]: row for row in rig.rows("debt-cases")}
        variants = figures.paths(words(rig), " > ", repeats=True)
        debtors = pursued(rig)
        collected_otherwise = fines_collected_otherwise(rig, shared_data / "rtfm_events.csv.gz")

    assert report.refused == 0
    assert collected_otherwise == []
    left = [bill["outstanding_fen"] for bill in bills if bill["source_id"] in debts and bill["outstanding_fen"] > 0]
    assert debtors == (len(left), sum(left)), "whoever has paid is pursued no more"
    ours = {**figures.fines(bills, debts), "events": report.rows, "variants": len(variants)}
    found = figures.differences(answers, "rtfm.dev", ours)
    found += figures.table_differences(answers, "rtfm.dev.by_year", figures.years(bills, debts))
    found += figures.table_differences(
        answers, "rtfm.dev.variants", {name: {"cases": number} for name, number in variants.items()}, whole=False
    )
    stages = defaultdict(int)
    for bill in bills:
        stages[figures.stage(bill, debts.get(bill["source_id"], {}))] += 1
    found += figures.table_differences(
        answers, "rtfm.dev.by_final_stage", {name: {"cases": number} for name, number in stages.items()}
    )
    by_source = {bill["source_id"]: bill for bill in bills}
    with (answers / "rtfm.dev.balances_sample.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            bill = by_source[row["case_id"]]
            mine = (bill["owed_fen"], bill["paid_fen"], bill["outstanding_fen"])
            theirs = tuple(round(float(row[name]) * 100) for name in ("owed", "paid", "balance"))
            if mine != theirs or figures.stage(bill, debts.get(row["case_id"], {})) != row["stage"]:
                found.append(f"{row['case_id']}: {mine} not {theirs}")
    assert found == []


def test_messages_to_a_city(database: Database, shared_data: Path, tmp_path: Path) -> None:
    answers = shared_data / "answers"
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "cn_changsha_replied", tmp_path)
        rows = rig.rows("complaints")

    assert report.refused == 0
    found = figures.differences(answers, "changsha.dev", figures.durations(rows))
    for table, key in (
        ("month", figures.month),
        ("property", lambda row: row["category"]),
        ("year", lambda row: figures.month(row)[:4]),
    ):
        found += figures.table_differences(answers, f"changsha.dev.by_{table}", figures.by(rows, key))
    assert found == []


def test_hotline_requests(database: Database, shared_data: Path, tmp_path: Path) -> None:
    answers = shared_data / "answers"
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "cn_fuzhou_12345", tmp_path)
        rows = rig.rows("complaints")

    assert report.refused == 0
    whole = {**figures.durations(rows), **figures.transfers(rows)}
    found = figures.differences(answers, "fuzhou.dev", whole)
    for table, column in (("channel", "stated_channel"), ("nature", "category")):
        groups = figures.by(rows, lambda row, c=column: row[c])
        short = {name: {"n": each["registered"], "median_days": each["median_days"]} for name, each in groups.items()}
        found += figures.table_differences(answers, f"fuzhou.dev.by_{table}", short)
    assert found == []


@pytest.mark.parametrize(
    ("name", "answer"),
    [("helpdesk_events", "helpdesk.dev"), ("bpic2013_closed_problems", "bpic2013_closed_problems.dev")],
)
def test_a_log_of_steps(database: Database, shared_data: Path, tmp_path: Path, name: str, answer: str) -> None:
    answers = shared_data / "answers"
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, name, tmp_path)
        rows = rig.rows("complaints")
        variants = figures.paths(words(rig), " > ", repeats=True)

    assert (report.refused, report.understood) == (0, 0)
    whole = {**figures.durations(rows), **figures.steps(rows), "variants": len(variants)}
    found = figures.differences(answers, answer, whole)
    activities = {name: {"events": count} for name, count in report.values["activity"].items()}
    found += figures.table_differences(answers, f"{answer}.activities", activities)
    months = figures.by(rows, lambda row: row["opened_at"].astimezone(UTC).strftime("%Y-%m"))
    found += figures.table_differences(answers, f"{answer}.by_month", months)
    assert found == []
