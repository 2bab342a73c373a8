"""Reports and ledgers over HTTP (§7): as JSON, as CSV and as a workbook, as of a day and of a page."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.conftest import Window
from tests.api.test_mistakes import get, post

CLERK, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY
AT = "/offices/SIM/reports"


@pytest.fixture
def told(window: Window) -> Iterator[tuple[Window, str]]:
    """Two households with January's bill; one pays part of it late, and its late fee is waived; the other's is given up."""
    window.simulated("SIM", "2025-01-31 16:00")
    bills = []
    for n, building in ((1, "7"), (2, "8")):
        lives = {"home": f"{building}-10{n}", "building": building, "name": "王"}
        household = str(post(window, "households", lives, status=201)["id"])
        bill = {"household": household, "period": "2025-01", "amount_fen": 30_000, "item": "物业服务费"}
        bills.append(str(post(window, "bills", bill, status=201)["id"]))
        if n == 1:
            payer = household
    window.until("SIM", "2025-02-20 09:00")
    post(window, f"bills/{bills[0]}/assess-late-fee", {})
    post(window, f"bills/{bills[0]}/waive-late-fee", {"amount_fen": 75, "reason": "困难"}, MANAGER)
    paid = {"household": payer, "amount_fen": 10_000, "method": "wechat", "value_date": "2025-02-18"}
    post(window, "payments", paid, status=201)
    window.until("SIM", "2025-03-31 09:00")
    post(window, f"bills/{bills[1]}/write-off-bill", {"reason": "无法收回"}, COMPANY)
    yield window, payer


def test_what_is_owed_is_shown_by_its_age_and_adds_up(told: tuple[Window, str]) -> None:
    window, payer = told
    [row] = get(window, f"{AT}/ageing", CLERK)["rows"]
    assert (row["household"], row["home"], row["to_90_fen"], row["total_fen"]) == (payer, "7-101", 20_000, 20_000)
    early = get(window, f"{AT}/ageing", CLERK, on="2025-02-15", by="office")
    assert (early["totals"]["not_due_fen"], early["totals"]["total_fen"]) == (60_000, 60_000)
    assert early["by"] == "office"
    later = get(window, f"{AT}/ageing", CLERK, on="2025-03-18", by="office")["totals"]
    assert (later["to_30_fen"], later["to_90_fen"]) == (0, 50_000), "31 days after the due day"
    by_building = get(window, f"{AT}/ageing", CLERK, on="2025-02-18", by="building")["rows"]
    assert [(r["building"], r["to_30_fen"], r["household"]) for r in by_building] == [
        ("7", 20_000, None),
        ("8", 30_000, None),
    ]


def test_collection_tells_principal_and_late_fee_apart_by_whatever_the_book_knows(told: tuple[Window, str]) -> None:
    window, payer = told
    for by, keys in (
        ("period", ["2025-01"]),
        ("due-month", ["2025-02"]),
        ("standard", [None]),
        ("building", ["7", "8"]),
        ("office", [None]),
    ):
        rows = get(window, f"{AT}/collection", CLERK, by=by)["rows"]
        assert [row["group_key"] for row in rows] == keys, by
        assert sum(row["collected_fen"] for row in rows) == 10_000, by
    of_household = get(window, f"{AT}/collection", CLERK, by="household", period="2025-01")["rows"]
    [row] = [each for each in of_household if each["group_key"] == payer]
    assert (row["by_amount"], row["by_household"], row["late_fee_fen"]) == ("1/3", "0", 0)
    assert get(window, f"{AT}/collection", CLERK, period="2024-12")["rows"] == []


@pytest.mark.long
def test_an_administrator_answers_for_what_fell_due_in_his_care(told: tuple[Window, str]) -> None:
    window, _ = told
    post(window, "portfolios", {"person": "li", "buildings": ["７", "9"], "first": "2025-01-01"}, MANAGER, status=201)
    taken = {"person": "chen", "single_homes": ["9-909"], "buildings": ["9"], "first": "2025-01-01"}
    refused = post(window, "portfolios", taken, MANAGER, status=409)
    assert refused["code"] == "already-held"
    rows = get(window, f"{AT}/collection", CLERK, by="administrator")["rows"]
    assert [(r["group_key"], r["charged_fen"], r["collected_fen"]) for r in rows] == [
        (None, 30_000, 0),
        ("li", 30_000, 10_000),
    ]
    post(
        window, "portfolios", {"person": "chen", "single_homes": ["8-102"], "first": "2025-01-01"}, MANAGER, status=201
    )
    rows = get(window, f"{AT}/collection", CLERK, by="administrator")["rows"]
    assert [r["group_key"] for r in rows] == ["chen", "li"], "a home named singly"


@pytest.mark.long
def test_the_journal_is_handed_out_as_json_csv_and_workbook(told: tuple[Window, str]) -> None:
    window, _ = told
    march = get(window, f"{AT}/journal", CLERK, since="2025-03-01")["rows"]
    assert [(r["account_zh"], r["debit_fen"], r["credit_fen"], r["summary_zh"]) for r in march] == [
        ("信用减值损失—坏账核销", 30_000, 0, "坏账核销"),
        ("应收账款—物业管理费", 0, 30_000, "坏账核销"),
    ]
    whole: dict[str, Any] = get(window, f"{AT}/journal", CLERK, since="2025-01-01", until="2025-03-31")
    assert whole["totals"]["debit_fen"] == whole["totals"]["credit_fen"] > 0
    query = {"since": "2025-01-01", "until": "2025-03-31"}
    text = window.get(f"{AT}/journal.csv", CLERK, office="SIM", params=query)
    lines = list(csv.DictReader(io.StringIO(text.content.decode("utf-8-sig"))))
    assert len(lines) == len(whole["rows"])
    assert {line["debit_yuan"] for line in lines} >= {"300.00", "100.00", "0.75"}
    book = window.get(f"{AT}/journal.xlsx", CLERK, office="SIM", params=query)
    assert "xl/worksheets/sheet1.xml" in zipfile.ZipFile(io.BytesIO(book.content)).namelist()


@pytest.mark.long
def test_who_gave_what_up_and_what_came_in_are_registers(told: tuple[Window, str]) -> None:
    window, payer = told
    reliefs = get(window, "/offices/SIM/registers/reliefs", CLERK)["rows"]
    manager, company = window.users["SIM", MANAGER], window.users["SIM", COMPANY]
    assert {(r["kind"], r["amount_fen"], r["given_by"]) for r in reliefs} == {
        ("late-fee-waiver", 75, manager),
        ("write-off", 30_000, company),
    }
    [money] = get(window, "/offices/SIM/registers/money-movements", CLERK)["rows"]
    assert (money["household"], money["day"], money["method"], money["amount_fen"]) == (
        payer,
        "2025-02-18",
        "wechat",
        10_000,
    )


def test_debtors_are_counted_by_stage_and_category(told: tuple[Window, str]) -> None:
    window, _ = told
    [row] = get(window, f"{AT}/debtors", CLERK)["rows"]
    assert row == {
        "stage": 0,
        "category": "ordinary",
        "debtors": 1,
        "bills": 1,
        "outstanding_fen": 20_000,
        "disputed": 0,
        "in_instalments": 0,
    }
    assert get(window, f"{AT}/debtors", CLERK, as_of="0")["rows"] == []


def test_what_no_report_knows_is_refused_with_what_it_knows(told: tuple[Window, str]) -> None:
    window, _ = told
    assert window.get(f"{AT}/weather", CLERK, office="SIM").status_code == 404
    wrong = window.get(f"{AT}/ageing", CLERK, office="SIM", params={"by": "colour"}).json()
    assert (wrong["code"], wrong["field"]) == ("group-unknown", "by")
    assert "building" in wrong["detail"]
    backwards = window.get(f"{AT}/journal", CLERK, office="SIM", params={"since": "2025-03-01", "until": "2025-02-01"})
    assert backwards.json()["code"] == "backwards"
    assert window.get(f"{AT}/ageing", CLERK, office="SIM", params={"as_of": "999999"}).status_code == 422
