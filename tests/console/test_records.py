"""What a fact says in lists: tables in people's words below its sentence, never a run of field names."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.console.records import record_of
from domain.arrears.debt_case.events import DunningNoticeIssued
from domain.fees.bill.events import BillIssued, BillLine
from domain.kernel.people import Role
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.furnished import Furnished, furnish
from tests.console.seen import Seen, codes_in, latin_in

BASE = f"/console/{OFFICE}"


@pytest.fixture(scope="module")
def furnished(played: ConsoleClient, tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    return furnish(played, tmp_path_factory.mktemp("home"))


def records_in(data: Any) -> int:
    """The lists of more than one record that a fact's data hold."""
    return sum(isinstance(each, list) and len(each) > 1 and isinstance(each[0], dict) for each in data.values())


@pytest.mark.usefixtures("furnished")
def test_every_list_of_every_fact_is_a_table_in_words(played: ConsoleClient) -> None:
    tables = 0
    for case_id in played.ids().values():
        answer = played.page(f"{BASE}/case/{case_id}", Role.MANAGER)
        page = Seen(answer.text)
        path = re.search(rf'href="{BASE}/registers/([a-z-]+)"[^>]*>', answer.text.partition("wy-crumb")[2])
        assert path is not None
        facts = played.get(f"/offices/{OFFICE}/{path[1]}/{case_id}/facts", Role.MANAGER, office=OFFICE).json()
        wanted = sum(records_in(fact["data"]) for fact in facts["facts"])
        assert len(re.findall('<(?:table|p) class="wy-listed">', answer.text)) >= wanted, case_id
        assert codes_in(page) + latin_in(page) == [], case_id
        tables += wanted
    assert tables > 8, "the office has facts with lists"


@pytest.mark.usefixtures("furnished")
def test_a_question_is_called_by_what_it_asks(played: ConsoleClient) -> None:
    survey = played.ids()["survey"]
    page = played.page(f"{BASE}/case/{survey}", Role.MANAGER)
    answered = page.text.rpartition("已收到答卷")[2].partition("</li>")[0]
    assert "保洁怎么样" in answered
    assert "要不要加灯" in answered


def test_amounts_stand_in_yuan_with_their_sum(played: ConsoleClient) -> None:
    rows = played.get(f"/offices/{OFFICE}/bill-runs?limit=9", Role.MANAGER, office=OFFICE).json()["rows"]
    run = next(row["case_id"] for row in rows if row["bills"])
    page = Seen(played.page(f"{BASE}/case/{run}", Role.MANAGER).text).text
    drafted = page.partition("计费")[2]
    assert re.search(r"\d 项，¥[\d,.]+", drafted), "lines within a line: how many, and what they come to"
    assert "fen" not in drafted


def test_a_bill_says_how_each_amount_comes_about(played: ConsoleClient) -> None:
    rows = played.get(f"/offices/{OFFICE}/bills?limit=9&period=2025-02", Role.MANAGER, office=OFFICE).json()["rows"]
    page = played.page(f"{BASE}/case/{rows[0]['case_id']}", Role.MANAGER)
    table = page.text.partition('<table class="wy-listed">')[2].partition("</table>")[0]
    assert re.search(r"\d+\.\d\d × 2\.50", table), table
    assert re.search(r"合计.*¥[\d,.]+", table)


def test_a_checklist_is_told_by_its_judgement(played: ConsoleClient) -> None:
    page = Seen(played.page(f"{BASE}/case/{played.ids()['vacant_home']}", Role.MANAGER).text).text
    assert re.search("合格：门窗、[^；]*卫生", page), page


def test_the_record_of_a_field_is_known_by_its_type() -> None:
    assert record_of(BillIssued, "lines") is BillLine
    assert record_of(BillIssued, "household") is None
    assert record_of(DunningNoticeIssued, "claims") is not None
