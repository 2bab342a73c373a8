"""The court file (§8): one bundle in which a judge finds the basis, the demands with their proof, and the claim at two rates."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from api.papers import typesetting
from api.papers.court_claim import claimed
from api.papers.court_file import court_file
from api.papers.court_sources import read_sources
from api.papers.paper import Paper
from domain.kernel.money import rounded, yuan
from domain.kernel.people import Role
from tests.papers.conftest import CLERK, NAME, Dunned
from tests.papers.test_typesetting import where

ON = date(2025, 3, 20)


def words(paper: Paper) -> str:
    return "\n".join(paper.texts)


@pytest.mark.long
def test_everything_that_the_handbook_names_stands_in_it(dunned: Dunned) -> None:
    file = court_file(dunned.reader(CLERK), dunned.debt, ON, "云锦花园")
    for said in (
        "物业服务合同第六条；云锦合同2024-17号",
        "89.37 × 2.35 = 210.02",
        "第一次催款通知已发",
        f"签收人：{NAME}；签收人关系：本人；送达凭证：回执已签",
        "签收人关系：同住成年家属",
        "种类：电话；答复：月底前缴",
        "结果：拒缴",
        "优惠未批准",
        "二单元电梯夜间异响",
        "滞纳金 1.37、本金 98.63（先到期）",
        "2025-02-28 部分清偿",
        "2028-03-16",
    ):
        assert said in words(file), said
    headings = [block["text"] for block in file.blocks if block["block"] == "heading"]
    assert (len(headings), headings[0], headings[-1]) == (9, "一、合同与收费依据", "九、事实清单")


@pytest.mark.long
def test_the_claim_is_what_a_pencil_gives_at_either_rate(dunned: Dunned) -> None:
    january = Fraction(21_002 * 13 + 11_139 * 20)
    february = Fraction(21_002 * 5)
    agreed = [rounded(days * Fraction("0.0005")) for days in (january, february)]
    reference = [rounded(days * Fraction(3, 100) / 365) for days in (january, february)]
    paid = 137
    found = claimed(read_sources(dunned.reader(CLERK), dunned.debt, ON))
    assert found == (
        11_139 + 21_002,
        agreed[0] - paid + agreed[1],
        max(reference[0] - paid, 0) + reference[1],
    )
    file = words(court_file(dunned.reader(CLERK), dunned.debt, ON, "云锦花园"))
    assert f"¥{yuan(sum(found[:2]))}" in file
    assert "5 天 × 本金 210.02 × 3%/365 ≈ 0.0863" in file


@pytest.mark.long
def test_every_page_of_the_book_that_a_row_rests_on_is_cited(dunned: Dunned) -> None:
    file = court_file(dunned.reader(CLERK), dunned.debt, ON, "云锦花园")
    rows = {number for block in file.blocks for each in block.get("facts", ()) for number in _several(each)}
    assert rows <= set(file.facts)
    pursued = {fact["number"] for fact in dunned.facts(f"debt-cases/{dunned.debt}")}
    assert pursued <= rows, "no fact of the arrears is left out"
    assert {dunned.facts(f"bills/{bill}")[0]["number"] for bill in dunned.bills.values()} <= rows


def _several(each: object) -> list[int]:
    return list(each) if isinstance(each, list) else [each]  # type: ignore[list-item]


@pytest.mark.long
def test_who_may_not_read_names_finds_none_in_it(dunned: Dunned) -> None:
    file = words(court_file(dunned.reader(Role.COMPANY), dunned.debt, ON, "云锦花园"))
    assert (NAME in file, "月底前缴" in file, "〔保密〕" in file) == (False, False, True)


@pytest.mark.long
def test_it_is_printed_and_its_contents_lead_to_its_pages(dunned: Dunned) -> None:
    pdf = dunned.pdf(f"debt-cases/{dunned.debt}/court-file.pdf")
    assert pdf.startswith(b"%PDF-")
    assert dunned.pdf(f"debt-cases/{dunned.debt}/court-file.pdf") == pdf, "the same day, the same file"
    [row] = dunned.prints(paper_kind="court-file")
    assert row["printed_case"] == dunned.debt
    assert "debt-cases/court-file" in {reading["what"] for reading in dunned.readings()}
    file = court_file(dunned.reader(CLERK), dunned.debt, ON, "SIM小区")
    assert len(typesetting.pictures([file], where, 30)) >= 3
    answer = dunned.api.page(f"/console/SIM/pdf/court-file/{dunned.debt}", CLERK, office="SIM")
    assert (answer.status_code, answer.content) == (200, pdf)
