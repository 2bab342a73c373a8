"""Bills, payments and arrears of other systems: what our registers say is what the reference answers say, to the digit.

The files are not part of the repository; without them these tests are skipped.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from tests.conftest import Database
from tests.importing import figures
from tests.importing.collection_rates import collected
from tests.importing.test_real_histories import brought_in, words
from tests.office_rig import office_rig

pytestmark = pytest.mark.long
Row = Mapping[str, Any]


# -- accounts ----------------------------------------------------------------------------------------------------------


def months(bills: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Of each month: who was so many months late, what was billed and what was paid (yuan of the file's dollars)."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for bill in bills:
        groups[bill["period"]].append(bill)
    return {
        period: {
            **{f"share_{n}m_late": sum((b["months_late"] or 0) >= n for b in group) / len(group) for n in (1, 2, 3)},
            "billed": sum(bill["original_fen"] for bill in group) / 100,
            "paid": sum(bill["paid_fen"] for bill in group) / 100,
        }
        for period, group in groups.items()
    }


def test_accounts_with_a_month_to_a_group_of_columns(database: Database, shared_data: Path, tmp_path: Path) -> None:
    answers = shared_data / "answers"
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "uci_credit_card", tmp_path)
        bills, debts = rig.rows("bills"), rig.rows("debt-cases")

    assert (report.refused, report.noted) == (0, 0)
    clients = {bill["home"] for bill in bills}
    assert len(bills) == 6 * len(clients)
    late: dict[str, dict[str, int]] = defaultdict(dict)
    for bill in bills:
        late[bill["home"]][bill["period"]] = bill["months_late"] or 0
    two_months = {client for client in clients if late[client]["2005-09"] >= 2}
    defaulted = {debt["source_id"] for debt in debts}
    ours = {
        "clients": len(clients),
        "default_share": len(defaulted) / len(clients),
        "default_share_if_2m_late_in_sep": len(defaulted & two_months) / len(two_months),
        "share_ever_2m_late": sum(max(each.values()) >= 2 for each in late.values()) / len(clients),
        "negative_bills": sum(bill["original_fen"] < 0 for bill in bills),
    }
    found = figures.differences(answers, "uci.dev", ours)
    found += figures.table_differences(answers, "uci.dev.by_month", months(bills))
    assert found == []
    credits = [bill for bill in bills if bill["original_fen"] < 0]
    assert all(bill["prepaid_fen"] >= -bill["original_fen"] for bill in credits), "a negative statement is a credit"
    assert all(bill["state"] == "paid" for bill in credits)


# -- invoices ----------------------------------------------------------------------------------------------------------


def test_invoices_with_due_days_and_disputes(database: Database, shared_data: Path, tmp_path: Path) -> None:
    answers = shared_data / "answers"
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "ibm_invoices", tmp_path)
        bills = rig.rows("bills")
        rate = collected(rig, "office")[None]

    assert (report.refused, report.noted) == (0, 0)
    disputed = [bill for bill in bills if bill["disputed"]]
    ours = {
        "invoices": len(bills),
        "customers": len({bill["home"] for bill in bills}),
        "share_late": sum(bill["days_late"] > 0 for bill in bills) / len(bills),
        "mean_days_late": fmean(bill["days_late"] for bill in bills),
        "share_late_over_30": sum(bill["days_late"] > 30 for bill in bills) / len(bills),
        "disputed_share": len(disputed) / len(bills),
        "late_if_disputed": sum(bill["days_late"] > 0 for bill in disputed) / len(disputed),
        "amount": sum(bill["original_fen"] for bill in bills) / 100,
        "days_late_column_agrees": sum(bill["days_late"] == bill["stated_days_late"] for bill in bills) / len(bills),
    }
    assert figures.differences(answers, "ibm_invoices.dev", ours) == []
    assert rate == (len(bills), ours["amount"] * 100, ours["amount"] * 100), "all of it was paid in the end"


# -- steps of billing --------------------------------------------------------------------------------------------------


def test_billing_with_cancelling_and_reopening(database: Database, shared_data: Path, tmp_path: Path) -> None:
    """There is no reference answer: the file itself says how many cases it has, and which of them were cancelled."""
    with gzip.open(shared_data / "hospital_billing_events.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        steps: dict[str, list[str]] = defaultdict(list)
        for row in csv.DictReader(lines):
            steps[row["case_id"]].append(row["activity"])
    nameless = steps.pop("", [])
    with office_rig(database.app) as rig:
        report = brought_in(rig, shared_data, "hospital_billing_events", tmp_path)
        bills = rig.rows("bills")
        variants = figures.paths(words(rig), " > ", repeats=True)

    assert (report.refused, report.understood) == (len(nameless), 0)
    assert {bill["source_id"] for bill in bills} == set(steps)
    void = {bill["source_id"] for bill in bills if bill["state"] == "void"}
    assert void == {case for case, said in steps.items() if "DELETE" in said}
    assert variants == figures.paths(steps.values(), " > ", repeats=True)
