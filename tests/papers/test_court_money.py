"""From the bills as they were issued to the claim of a court file (§8): each change, each payment and where it went is a row that cites its page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI

from api.papers.court_file import court_file
from domain.kernel.people import Role
from tests.api.test_mistakes import get, post
from tests.papers.conftest import CLERK, MANAGER, Dunned, console_over, database_and_pool, played

ON = date(2025, 4, 20)


@pytest.fixture
def moved(application: FastAPI, server: str) -> Iterator[Dunned]:
    """After the letters the first bill was corrected, its fee waived; money came on the bill itself, bounced, came again and too much."""
    with database_and_pool(server) as (_, pool):
        story = played(Dunned(console_over(application, pool)))
        api, january = story.api, story.bills["2025-01"]
        lower = {"item": "面积更正", "amount_fen": -1_002, "reason": "面积有误", "from_start": True}
        post(api, f"bills/{january}/correct-bill", lower, MANAGER)
        post(api, f"bills/{january}/add-bill-charge", {"item": "邮费", "amount_fen": 600})
        post(api, f"bills/{january}/waive-late-fee", {"amount_fen": 50, "reason": "协商减免"}, MANAGER)
        held = {"since": "2025-03-18", "until": "2025-03-19", "ground": "hardship", "reason": "住院"}
        post(api, f"bills/{january}/hold-late-fee", held, MANAGER)
        [row] = get(api, "/offices/SIM/registers/complaints", CLERK)["rows"]
        path = f"complaints/{row['case_id']}"
        said = {"measure": "检修", "promised_by": "2025-03-24T18:00:00+08:00", "told_at": "2025-03-20T11:00:00+08:00"}
        post(api, f"{path}/assess-complaint", said)
        post(api, f"{path}/investigate-complaint", {"findings": "曳引机", "root_cause": "老化"})
        post(api, f"{path}/resolve-complaint", {"result": "曳引机已换", "done_by": "li"})
        story.at("2025-03-25")
        post(api, f"bills/{january}/receive-payment", {"amount_fen": 5_000, "method": "cash", "receipt": "手-1"})
        number = next(f["version"] for f in story.facts(f"bills/{january}") if f["name"] == "PaymentReceived")
        post(api, f"bills/{january}/reverse-payment", {"payment": number, "reason": "假币"}, MANAGER)
        story.at("2025-04-01")
        again = {"amount_fen": 40_000, "method": "cash", "receipt": "手-2"}
        post(api, f"bills/{january}/receive-payment", again)
        [account] = get(api, "/offices/SIM/registers/accounts", CLERK)["rows"]
        path = f"accounts/{account['case_id']}"
        post(api, f"{path}/request-refund", {"amount_fen": 500, "reason": "多缴"})
        post(api, f"{path}/pay-refund", {"number": 1, "method": "cash"}, MANAGER)
        yield story


def rows_of(story: Dunned, head: str) -> list[tuple[list[str], list[int]]]:
    """The rows of the tables that have a column of this name, with the pages that they cite."""
    file = court_file(story.reader(CLERK), story.debt, ON, "云锦花园")
    tables = [block for block in file.blocks if block["block"] == "table" and head in block["heads"]]
    return [(row, cited) for block in tables for row, cited in zip(block["rows"], block["facts"], strict=True)]


@pytest.mark.long
def test_what_changed_a_bill_is_told_row_by_row(moved: Dunned) -> None:
    told = {(row[0], row[2], row[3]): cited for row, cited in rows_of(moved, "生效日期")}
    for said in (
        ("2025-01-31", "已加更正行", "-10.02"),
        ("2025-03-20", "已加收费用", "6.00"),
        ("2025-02-28", "滞纳金已核定", "1.37"),
        ("2025-03-20", "滞纳金已减免", "-0.50"),
        ("2025-03-18", "滞纳金已停计", ""),
    ):
        assert said in told, (said, list(told))
    facts: dict[str, Any] = {fact["name"]: fact["number"] for fact in moved.facts(f"bills/{moved.bills['2025-01']}")}
    assert told["2025-03-20", "滞纳金已减免", "-0.50"] == [facts["LateFeeWaived"]]


@pytest.mark.long
def test_all_money_is_there_and_adds_up(moved: Dunned) -> None:
    rows = rows_of(moved, "冲抵")
    said = [(row[0], row[1], row[3]) for row, _ in rows]
    assert ("2025-03-25", "手-1", "50.00") in said
    assert ("2025-04-01", "手-2", "400.00") in said
    assert any(row[2] == "退款" and row[3] == "-5.00" for row, _ in rows)
    [bounced] = [(row, cited) for row, cited in rows if row[1] == "手-1"]
    assert bounced[0][4] == "已冲正，不计"
    assert len(bounced[1]) >= 2, "with the page that took it back"
    assert all(cited for _, cited in rows), "no row without a page"
    [account] = get(moved.api, "/offices/SIM/registers/accounts", CLERK)["rows"]
    refund = next(
        f["number"] for f in moved.facts(f"accounts/{account['case_id']}") if f["name"] == "PrepaymentRefunded"
    )
    assert [cited for row, cited in rows if row[2] == "退款"] == [[refund]]


@pytest.mark.long
def test_what_became_of_a_complaint_is_told_to_whoever_may_read_it_and_nothing_is_printed_sealed(moved: Dunned) -> None:
    for role, read in ((CLERK, True), (Role.COMPANY, False)):
        texts = "\n".join(court_file(moved.reader(role), moved.debt, ON, "云锦花园").texts)
        assert ("曳引机已换" in texts, "wuye:sealed" in texts) == (read, False)


@pytest.mark.long
def test_a_claim_cites_all_that_it_rests_on_and_so_does_its_limitation(moved: Dunned) -> None:
    pursued = {fact["number"]: fact["name"] for fact in moved.facts(f"debt-cases/{moved.debt}")}
    limits = {row[0]: {pursued[n] for n in cited if n in pursued} for row, cited in rows_of(moved, "中断事由与日期")}
    assert limits["2025年1月账单"] >= {"NoticeDelivered"}
    assert limits["2025年2月账单"] >= {"NoticeDelivered"}


@pytest.mark.long
def test_the_steps_of_a_late_fee_are_rows_that_cite_its_bill(moved: Dunned) -> None:
    file = court_file(moved.reader(Role.MANAGER), moved.debt, date(2025, 3, 24), "云锦花园")
    [steps] = [block for block in file.blocks if block["block"] == "table" and "违约金逐段计算" in block["heads"]]
    [claims] = [block for block in file.blocks if block["block"] == "table" and "违约金（约定）" in block["heads"]]
    assert len(steps["rows"]) == len(steps["facts"])
    correction = next(f for f in moved.facts(f"bills/{moved.bills['2025-01']}") if f["name"] == "BillCorrected")
    assert any(correction["number"] in cited for cited in claims["facts"])
    assert any(correction["number"] in cited for cited in steps["facts"])
