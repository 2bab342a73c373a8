"""Papers over HTTP (§7, §8): what was frozen is printed, its hash is a fact, and who may not read what stands there prints nothing."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import pytest

from api.papers.bill_notice import bill_notice
from api.papers.dunning_notice import dunning_notice
from api.papers.paper import Paper
from api.papers.receipt import receipt
from api.papers.statement import statement
from domain.kernel.people import Role
from tests.papers.conftest import AUDITOR, CLERK, MANAGER, NAME, PAY_TO, Dunned


def words(paper: Paper) -> str:
    return "\n".join(paper.texts)


def test_a_payment_notice_says_what_was_billed_and_what_was_owed_before(dunned: Dunned) -> None:
    paper = bill_notice(dunned.api.context, "SIM", dunned.bills["2025-02"], "云锦花园")
    for said in ("3-2-501", "2025年2月", "89.37 × 2.35 = 210.02", "2025-02-01 至 2025-02-28", "2025年3月15日"):
        assert said in words(paper)
    assert "111.39" in words(paper), "January less what was paid, the late fee first"
    assert ("叁佰贰拾壹元肆角壹分" in words(paper), "¥321.41" in words(paper)) == (True, True)
    assert NAME not in words(paper), "it lies in a mailbox"
    january = bill_notice(dunned.api.context, "SIM", dunned.bills["2025-01"], "云锦花园")
    assert "以前欠缴" in words(january)
    assert "¥210.02" in words(january), "as it was issued, whatever was paid since"


def test_dunning_notices_say_what_they_claimed_and_how_the_late_fee_comes_about(dunned: Dunned) -> None:
    reader = dunned.reader(CLERK)
    first, second = (dunning_notice(reader, dunned.debt, stage, "云锦花园") for stage in (1, 2))
    assert f"3-2-501　户主 {NAME}" in words(first)
    assert "13 天 × 本金 210.02 × 0.05% = 1.36513" in words(first)
    assert "2025年2月账单　2025-03-16 至 2025-03-16　1 天 × 本金 210.02 × 0.05% = 0.10501" in words(second)
    assert "累计 2.26，已缴或已减免 1.37，尚欠 0.89" in words(second)
    assert "¥532.43" in words(second), "with this month's fee, which is not billed yet"
    assert "供水、供电、供气、供热和通行不受影响" in words(second)
    assert {first.fingerprint, second.fingerprint} == {
        dunning_notice(reader, dunned.debt, stage, "云锦花园").fingerprint for stage in (1, 2)
    }


def test_a_notice_says_where_to_pay_as_it_was_set_on_its_day(dunned: Dunned) -> None:
    """§7.2c: changed by two from 1 February on; a notice of January says what it said then."""
    january, february = (
        words(bill_notice(dunned.api.context, "SIM", dunned.bills[month], "云锦花园"))
        for month in ("2025-01", "2025-02")
    )
    assert "银行转账至" not in january
    assert "账户请向前台索取" in january
    assert f"银行转账至 {PAY_TO}，注明房号和本单编号" in february
    first = words(dunning_notice(dunned.reader(CLERK), dunned.debt, 1, "云锦花园"))
    assert f"银行转账至 {PAY_TO}，注明房号和本通知编号" in first


def test_a_receipt_says_what_the_money_met_and_the_change(dunned: Dunned) -> None:
    paper = receipt(dunned.reader(CLERK), dunned.payment, "云锦花园")
    for said in (NAME, "壹佰元整", "先到期", "2025年1月账单", "50.00 元", "现金"):
        assert said in words(paper)
    assert paper.number.startswith("20250228-")
    unseen = receipt(dunned.reader(Role.COMPANY), dunned.payment, "云锦花园")
    assert (NAME in words(unseen), "〔保密〕" in words(unseen)) == (False, True)


@pytest.mark.long
def test_a_print_is_one_fact_however_often_it_is_made(dunned: Dunned) -> None:
    path = f"bills/{dunned.bills['2025-01']}/notice.pdf"
    pdf = dunned.pdf(path)
    digest = sha256(pdf).hexdigest()
    assert dunned.pdf(path, AUDITOR) == pdf
    [row] = dunned.prints(sha256=digest)
    assert (row["printed_case"], row["paper_kind"]) == (dunned.bills["2025-01"], "bill-notice")
    issued = dunned.facts(f"bills/{dunned.bills['2025-01']}")[0]["number"]
    assert str(issued) in row["book_pages"].split()
    state = dunned.facts(f"bills/{dunned.bills['2025-01']}")
    assert state[-1]["name"] != "PaperPrinted", "the bill's own course is what it was"


@pytest.mark.long
def test_each_paper_is_a_pdf_and_its_personal_data_are_read_on_record(dunned: Dunned) -> None:
    for path in (
        f"debt-cases/{dunned.debt}/notices/1.pdf",
        f"debt-cases/{dunned.debt}/notices/2.pdf",
        f"payments/{dunned.payment}/receipt.pdf",
    ):
        assert dunned.pdf(path, MANAGER).startswith(b"%PDF-")
    assert {"debt-cases/notice", "payments"} <= {row["what"] for row in dunned.readings()}


def test_what_does_not_exist_is_not_printed(dunned: Dunned) -> None:
    dunned.pdf(f"bills/{dunned.debt}/notice.pdf", status=404)
    dunned.pdf("bills/bill-00000000-0000-0000-0000-000000000000/notice.pdf", status=404)
    dunned.pdf(f"debt-cases/{dunned.debt}/notices/3.pdf", status=404)
    assert dunned.api.ask("GET", f"/offices/YH/payments/{dunned.payment}/receipt.pdf", CLERK, "SIM").status_code == 404


def test_a_statement_says_where_each_fen_comes_from(dunned: Dunned) -> None:
    said = statement(dunned.reader(CLERK), dunned.household, date(2025, 3, 20), date(2025, 1, 1), "云锦花园")
    for each in (NAME, "20 天 × 本金 111.39 × 0.05% = 1.1139", "滞纳金 1.37、本金 98.63", "¥322.41", "尚未核定"):
        assert each in words(said)
    before = statement(dunned.reader(CLERK), dunned.household, date(2025, 1, 31), date(2025, 1, 1), "云锦花园")
    assert ("¥210.02" in words(before), "2025年2月账单" in words(before)) == (True, False)


def test_pages_lead_to_their_papers_in_both_languages(dunned: Dunned) -> None:
    console = dunned.api
    for path, at, names in (
        (f"case/{dunned.debt}", ("pdf/first/", "pdf/second/"), ("催款通知单（PDF）", "dunning notice (PDF)")),
        (f"case/{dunned.bills['2025-01']}", ("pdf/notice/",), ("缴费通知单（PDF）", "payment notice (PDF)")),
        (f"case/{dunned.household}", ("pdf/statement/",), ("对账单（PDF）", "statement (PDF)")),
        (f"statement/{dunned.household}", ("pdf/statement/",), ("打印（PDF）", "Print (PDF)")),
        (f"receipt/{dunned.payment}", ("pdf/receipt/",), ("PDF", "PDF")),
        ("arrears/letters", ("arrears/letters/2025-03-16",), ("打印已发出的", "Print what went out")),
    ):
        for lang, name in zip(("zh", "en"), names, strict=True):
            text = console.page(f"/console/SIM/{path}", CLERK, lang, "SIM").text
            assert name in text, path
            assert all(f"/console/SIM/{each}" in text for each in at), path


@pytest.mark.long
def test_papers_are_printed_from_the_console_and_by_the_day(dunned: Dunned) -> None:
    for path in (
        f"pdf/statement/{dunned.household}",
        f"pdf/first/{dunned.debt}",
        f"pdf/receipt/{dunned.payment}",
        f"pdf/notice/{dunned.bills['2025-02']}",
        "arrears/letters/2025-03-16",
    ):
        answer = dunned.api.page(f"/console/SIM/{path}", CLERK, office="SIM")
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-"), path
    assert dunned.pdf(f"households/{dunned.household}/statement.pdf", on="2025-03-01").startswith(b"%PDF-")
    assert dunned.pdf("issued-notices/2025-03-16.pdf", stage="2").startswith(b"%PDF-")
    dunned.pdf("issued-notices/2025-03-16.pdf", stage="1", status=404)
    dunned.pdf("issued-notices/2025-03-17.pdf", status=404)
    for wrong in (
        "pdf/nothing/x",
        f"pdf/first/{dunned.household}",
        "arrears/letters/today",
        "arrears/letters/2025-01-01",
    ):
        assert dunned.api.page(f"/console/SIM/{wrong}", CLERK, office="SIM").status_code == 404
