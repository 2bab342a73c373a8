"""Money over HTTP, from the month's bills to what comes of them (§7, §8): closing and opening again, delivery, who has left, the bank's workbook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import ApiClient
from tests.api.teller import CLERK, COMPANY, MANAGER, OFFICE, Teller, telling
from tests.importing.test_sheets import book

PRICE = {"code": "G-1", "name": "物业服务费", "kind": "management", "price": "2.50", "reason": "协议"}


@pytest.fixture
def teller(api: ApiClient) -> Iterator[Teller]:
    """An office on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with telling(api) as teller:
        yield teller


def estate(teller: Teller) -> dict[str, str]:
    """Three homes of 100 m², two of them in building 1, one of no building, on a standard from January on."""
    standard = teller.opened(MANAGER, "fee-standards", valid_from="2025-01-01", **PRICE)
    lives: dict[str, str] = {}
    for home, building in (("1-101", "1"), ("1-102", "1"), ("别墅", None)):
        where = {"building": building} if building else {}
        lives[home] = teller.opened(CLERK, "households", home=home, name="王小明", **where)
        attached = {"home": home, "household": lives[home], "quantity": 10_000, "first": "2025-01-01"}
        teller.say(CLERK, f"fee-standards/{standard}/attach-home", 200, **attached)
    return lives


def issued(teller: Teller, run: str, day: date) -> None:
    """A month is compiled, reviewed on its last day, approved and issued."""
    teller.until(f"{day} 09:00")
    teller.say(CLERK, f"bill-runs/{run}/compile-bill-run")
    teller.until(f"{day} 09:10")
    teller.say(MANAGER, f"bill-runs/{run}/review-bill-run", remark="首月")
    teller.say(COMPANY, f"bill-runs/{run}/approve-bill-run")
    teller.until(f"{day} 09:20")
    assert [row["state"] for row in teller.rows("bill-runs") if row["case_id"] == run] == ["issued"]


def test_a_month_is_delivered_singly_and_by_building_closed_and_opened_again_by_the_company_alone(
    teller: Teller,
) -> None:
    lives = estate(teller)
    run = teller.opened(CLERK, "bill-runs", month="2025-01-01")
    issued(teller, run, date(2025, 1, 31))
    path = f"bill-runs/{run}"
    bills = {row["household"]: row for row in teller.rows("bills")}
    assert [bills[lives[home]]["original_fen"] for home in lives] == [25_000] * 3
    teller.refused(MANAGER, f"{path}/close-month", "notices-undelivered")
    teller.refused(CLERK, f"{path}/record-bill-delivery", "day-ahead", building="1", delivered_on="2025-02-01")
    teller.say(CLERK, f"{path}/record-bill-delivery", households=[lives["别墅"]], delivered_on="2025-01-31")
    teller.refused(CLERK, f"{path}/record-bill-delivery", "nothing-to-deliver", households=[lives["别墅"]])
    teller.until("2025-02-02 09:00")
    teller.say(CLERK, f"{path}/record-bill-delivery", building="1", delivered_on="2025-02-01", means="信箱")
    assert teller.figure("notices-delivered-in-time", "2025-01-01", "2025-02-28") == (1, 3), (
        "what is entered after the 1st waits for a second person"
    )
    [settled] = [row for row in teller.rows("bill-runs") if row["case_id"] == run]
    assert settled["state"] == "delivered"
    teller.say(MANAGER, f"{path}/close-month")
    late = {"household": lives["1-101"], "amount_fen": 1_000, "item": "补收"}
    teller.refused(CLERK, "bills", "month-closed", period="2025-01", **late)
    for role, code in ((MANAGER, "role"), (CLERK, "role")):
        teller.refused(role, f"{path}/reopen-month", code, reason="补收")
    teller.say(COMPANY, f"{path}/reopen-month", reason="漏收一户")
    newcomer = teller.household("1-103")
    bill = teller.opened(CLERK, "bills", household=newcomer, period="2025-01", amount_fen=12_500, item="物业服务费")
    teller.say(MANAGER, f"{path}/close-month")
    teller.refused(CLERK, "bills", "month-closed", period="2025-01", **late)
    paid = {"household": newcomer, "amount_fen": 12_500, "method": "cash"}
    teller.opened(CLERK, "payments", **paid)
    [row] = [row for row in teller.rows("bills") if row["case_id"] == bill]
    assert (row["state"], row["outstanding_fen"]) == ("paid", 0), "a closed month takes money"
    reopened = teller.api.ask("GET", f"/offices/{OFFICE}/{path}/facts", MANAGER, OFFICE).json()["facts"]
    assert [each["data"].get("reason") for each in reopened if each["name"] == "MonthReopened"] == ["漏收一户"]


def test_who_has_left_pays_and_is_paid_back_as_before(teller: Teller) -> None:
    lives = estate(teller)
    gone = lives["1-101"]
    bill = teller.opened(CLERK, "bills", household=gone, period="2025-01", amount_fen=30_000, item="物业服务费")
    teller.until("2025-01-20 09:00")
    teller.say(CLERK, f"households/{gone}/move-household-out")

    teller.until("2025-02-20 09:00")
    [debt] = teller.rows("debt-cases")
    assert (debt["household"], debt["state"]) == (gone, "opened")
    paid = teller.opened(
        CLERK, "payments", household=gone, amount_fen=35_000, method="transfer", value_date="2025-02-18"
    )
    [row] = [row for row in teller.rows("bills") if row["case_id"] == bill]
    assert (row["state"], row["outstanding_fen"]) == ("paid", 0)
    [account] = [row for row in teller.rows("accounts") if row["household"] == gone]
    assert account["prepaid_fen"] == 5_000
    assert teller.rows("debt-cases")[0]["state"] == "settled"
    teller.say(MANAGER, f"payments/{paid}/reverse-receipt", reason="退票")
    assert teller.rows("debt-cases")[0]["state"] == "opened"


HEAD = ["交易日期", "借方发生额（元）", "贷方发生额（元）", "对方户名", "对方账号", "摘要", "交易流水号"]


def test_a_banks_workbook_proposes_and_books_nothing_without_a_persons_yes(teller: Teller, tmp_path: Path) -> None:
    lives = estate(teller)
    teller.opened(CLERK, "bills", household=lives["1-101"], period="2025-01", amount_fen=30_000, item="物业服务费")
    teller.until("2025-02-05 09:00")
    rows: list[list[Any]] = [
        ["账户明细"],
        ["账号：", "3300161678100012345"],
        HEAD,
        ["20250203", None, 300.00, "王小明", "62220001", "物业费 1-101", "T001"],
        ["20250203", None, "三百", "王小明", "62220001", "物业费", "T002"],
        ["20250299", None, 10.00, "某", "62220002", "转账", "T003"],
        ["20250204", 99.00, None, "自来水公司", "33009", "水费", "T004"],
    ]
    data = book(tmp_path, rows).read_bytes()

    def bring() -> dict[str, Any]:
        answer = teller.api.ask("POST", f"/offices/{OFFICE}/bank-files", CLERK, OFFICE, content=data)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    taken = bring()
    assert (taken["rows_taken"], taken["rows_refused"]) == (2, 2)
    assert [(each["row"], each["code"]) for each in taken["rows"]] == [(5, "amount-unreadable"), (6, "day-unreadable")]
    assert all(each["zh"] and each["en"] for each in taken["rows"])
    assert teller.rows("payments") == []
    again = bring()
    assert (again["rows_taken"], again["rows_known"]) == (0, 2)
    line = next(row for row in teller.rows("bank-lines") if row["amount_fen"] == 30_000)
    teller.until("2025-02-06 09:00")
    assert teller.rows("payments") == [], "time books nothing either"
    teller.say(CLERK, f"bank-lines/{line['case_id']}/confirm-bank-line", household=lives["1-101"])
    [payment] = teller.rows("payments")
    assert (payment["value_date"], payment["amount_fen"]) == ("2025-02-03", 30_000)
    assert [row["state"] for row in teller.rows("bills")] == ["paid"]
