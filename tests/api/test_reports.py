"""Reports and ledgers over HTTP (§7): as JSON, as CSV and as a workbook, as of a day and of a page."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.api.test_mistakes import get, post

CLERK, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY
AT = "/offices/SIM/reports"


@pytest.fixture
def told(api: ApiClient) -> Iterator[tuple[ApiClient, str]]:
    """Two households with January's bill; one pays part of it late, and its late fee is waived; the other's is given up."""
    api.simulated("SIM", "2025-01-31 16:00")
    bills = []
    for n, building in ((1, "7"), (2, "8")):
        lives = {"home": f"{building}-10{n}", "building": building, "name": "王"}
        household = str(post(api, "households", lives, status=201)["id"])
        bill = {"household": household, "period": "2025-01", "amount_fen": 30_000, "item": "物业服务费"}
        bills.append(str(post(api, "bills", bill, status=201)["id"]))
        if n == 1:
            payer = household
    api.until("SIM", "2025-02-20 09:00")
    post(api, f"bills/{bills[0]}/assess-late-fee", {})
    post(api, f"bills/{bills[0]}/waive-late-fee", {"amount_fen": 75, "reason": "困难"}, MANAGER)
    paid = {"household": payer, "amount_fen": 10_000, "method": "wechat", "value_date": "2025-02-18"}
    post(api, "payments", paid, status=201)
    api.until("SIM", "2025-03-31 09:00")
    post(api, f"bills/{bills[1]}/write-off-bill", {"reason": "无法收回"}, COMPANY)
    yield api, payer


def test_what_is_owed_is_shown_by_its_age_and_adds_up(told: tuple[ApiClient, str]) -> None:
    api, payer = told
    [row] = get(api, f"{AT}/ageing", CLERK)["rows"]
    assert (row["household"], row["home"], row["to_90_fen"], row["total_fen"]) == (payer, "7-101", 20_000, 20_000)
    early = get(api, f"{AT}/ageing", CLERK, on="2025-02-15", by="office")
    assert (early["totals"]["not_due_fen"], early["totals"]["total_fen"]) == (60_000, 60_000)
    assert early["by"] == "office"
    later = get(api, f"{AT}/ageing", CLERK, on="2025-03-18", by="office")["totals"]
    assert (later["to_30_fen"], later["to_90_fen"]) == (0, 50_000), "31 days after the due day"
    by_building = get(api, f"{AT}/ageing", CLERK, on="2025-02-18", by="building")["rows"]
    assert [(r["building"], r["to_30_fen"], r["household"]) for r in by_building] == [
        ("7", 20_000, None),
        ("8", 30_000, None),
    ]


def test_collection_tells_principal_and_late_fee_apart_by_whatever_the_book_knows(told: tuple[ApiClient, str]) -> None:
    api, payer = told
    for by, keys in (
        ("period", ["2025-01"]),
        ("due-month", ["2025-02"]),
        ("standard", [None]),
        ("building", ["7", "8"]),
        ("office", [None]),
    ):
        rows = get(api, f"{AT}/collection", CLERK, by=by)["rows"]
        assert [row["group_key"] for row in rows] == keys, by
        assert sum(row["collected_fen"] for row in rows) == 10_000, by
    of_household = get(api, f"{AT}/collection", CLERK, by="household", period="2025-01")["rows"]
    [row] = [each for each in of_household if each["group_key"] == payer]
    assert (row["by_amount"], row["by_household"], row["late_fee_fen"]) == ("1/3", "0", 0)
    assert get(api, f"{AT}/collection", CLERK, period="2024-12")["rows"] == []


@pytest.mark.long
def test_an_administrator_answers_for_what_fell_due_in_his_care(told: tuple[ApiClient, str]) -> None:
    api, _ = told
    post(api, "portfolios", {"person": "li", "buildings": ["７", "9"], "first": "2025-01-01"}, MANAGER, status=201)
    taken = {"person": "chen", "single_homes": ["9-909"], "buildings": ["9"], "first": "2025-01-01"}
    refused = post(api, "portfolios", taken, MANAGER, status=409)
    assert refused["code"] == "already-held"
    rows = get(api, f"{AT}/collection", CLERK, by="administrator")["rows"]
    assert [(r["group_key"], r["charged_fen"], r["collected_fen"]) for r in rows] == [
        (None, 30_000, 0),
        ("li", 30_000, 10_000),
    ]
    post(api, "portfolios", {"person": "chen", "single_homes": ["8-102"], "first": "2025-01-01"}, MANAGER, status=201)
    rows = get(api, f"{AT}/collection", CLERK, by="administrator")["rows"]
    assert [r["group_key"] for r in rows] == ["chen", "li"], "a home named singly"


@pytest.mark.long
def test_the_journal_is_handed_out_as_json_csv_and_workbook(told: tuple[ApiClient, str]) -> None:
    api, _ = told
    march = get(api, f"{AT}/journal", CLERK, since="2025-03-01")["rows"]
    assert [(r["account_zh"], r["debit_fen"], r["credit_fen"], r["summary_zh"]) for r in march] == [
        ("信用减值损失—坏账核销", 30_000, 0, "坏账核销"),
        ("应收账款—物业管理费", 0, 30_000, "坏账核销"),
    ]
    whole: dict[str, Any] = get(api, f"{AT}/journal", CLERK, since="2025-01-01", until="2025-03-31")
    assert whole["totals"]["debit_fen"] == whole["totals"]["credit_fen"] > 0
    query = {"since": "2025-01-01", "until": "2025-03-31"}
    text = api.get(f"{AT}/journal.csv", CLERK, office="SIM", params=query)
    lines = list(csv.DictReader(io.StringIO(text.content.decode("utf-8-sig"))))
    assert len(lines) == len(whole["rows"])
    assert {line["debit_yuan"] for line in lines} >= {"300.00", "100.00", "0.75"}
    book = api.get(f"{AT}/journal.xlsx", CLERK, office="SIM", params=query)
    assert "xl/worksheets/sheet1.xml" in zipfile.ZipFile(io.BytesIO(book.content)).namelist()


@pytest.mark.long
def test_who_gave_what_up_and_what_came_in_are_registers(told: tuple[ApiClient, str]) -> None:
    api, payer = told
    reliefs = get(api, "/offices/SIM/registers/reliefs", CLERK)["rows"]
    manager, company = api.users["SIM", MANAGER], api.users["SIM", COMPANY]
    assert {(r["kind"], r["amount_fen"], r["given_by"]) for r in reliefs} == {
        ("late-fee-waiver", 75, manager),
        ("write-off", 30_000, company),
    }
    [money] = get(api, "/offices/SIM/registers/money-movements", CLERK)["rows"]
    assert (money["household"], money["day"], money["method"], money["amount_fen"]) == (
        payer,
        "2025-02-18",
        "wechat",
        10_000,
    )


def test_debtors_are_counted_by_stage_and_category(told: tuple[ApiClient, str]) -> None:
    api, _ = told
    [row] = get(api, f"{AT}/debtors", CLERK)["rows"]
    assert row == {
        "stage": 0,
        "category": "ordinary",
        "debtors": 1,
        "bills": 1,
        "outstanding_fen": 20_000,
        "disputed": 0,
        "in_instalments": 0,
    }
    assert get(api, f"{AT}/debtors", CLERK, as_of="0")["rows"] == []


def test_what_no_report_knows_is_refused_with_what_it_knows(told: tuple[ApiClient, str]) -> None:
    api, _ = told
    assert api.get(f"{AT}/weather", CLERK, office="SIM").status_code == 404
    wrong = api.get(f"{AT}/ageing", CLERK, office="SIM", params={"by": "colour"}).json()
    assert (wrong["code"], wrong["field"]) == ("group-unknown", "by")
    assert "building" in wrong["detail"]
    backwards = api.get(f"{AT}/journal", CLERK, office="SIM", params={"since": "2025-03-01", "until": "2025-02-01"})
    assert backwards.json()["code"] == "backwards"
    assert api.get(f"{AT}/ageing", CLERK, office="SIM", params={"as_of": "999999"}).status_code == 422
