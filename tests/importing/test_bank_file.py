"""Files of banks: found headers, both ways of writing amounts, what the file says of itself, and the rows that are handed back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.importing.test_sheets import book
from workflows.importing import bank_file
from workflows.importing.bank_file import BankFile, read_bank_file
from workflows.importing.reader import SourceUnreadable


def read(text: str, encoding: str = "gb18030") -> BankFile:
    return read_bank_file(text.encode(encoding))


CCB = """中国建设银行对公账户交易明细
账号：,3300 1616 7810 0001 2345,户名：,某物业
查询日期：20250301-20250331,,总笔数：4,贷方发生额合计：1,234.50
交易日期,记账日期,借方发生额（元）,贷方发生额（元）,余额,对方户名,对方账号,摘要,交易流水号
20250302,20250303,0.00,"300.00",1300.00,张三,6222000011112222,物业费 7栋2单元1403,TX001
20250304,20250304,0.00,"1,500.00","2,800.00",李四,="6222000011113333",,TX002
20250305,20250305,100.00,,2700.00,电力公司,'330000,电费,TX003
20250306,20250306,,434.50,3134.50,王五,,转账,00000
合计,,100.00,"2,234.50",,,,,
本明细仅供参考,,,,,,,,
"""


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-8"])
def test_a_file_with_titles_above_and_sums_below(encoding: str) -> None:
    found = read(CCB, encoding)
    assert found.account == "33001616781000012345"
    assert (found.stated_rows, found.stated_debits_fen) == (4, 10_000)
    assert [(row.row, row.booked_on.day, row.amount_fen) for row in found.rows] == [
        (5, 3, 30_000),
        (6, 4, 150_000),
        (7, 5, -10_000),
        (8, 6, 43_450),
    ]
    first, second, third, fourth = found.rows
    assert (first.payer, first.narration, first.reference) == ("张三", "物业费 7栋2单元1403", "TX001")
    assert (second.payer_account, third.payer_account) == ("6222000011113333", "330000")
    assert fourth.reference is None, "noughts number nothing"
    assert found.problems == []


def test_what_it_comes_to_may_stand_in_the_first_cell_figures_included() -> None:
    rows = "日期,收入金额,支出金额,摘要\n2025-03-03,300.00,,物业费\n2025-03-04,,15.00,手续费\n"
    found = read(f"{rows}收入合计：300.00，支出合计：15.00，总笔数：2,,,\n")
    assert (found.stated_rows, found.stated_credits_fen, found.stated_debits_fen) == (2, 30_000, 1_500)
    assert (len(found.rows), found.problems) == (2, [])
    odd = read(f"{rows}合计3月,12.00,,不是合计\n")
    assert [(each.line, each.code) for each in odd.problems] == [(4, "day-unreadable")], "a row with an amount is told"


def test_one_column_of_amounts_with_a_direction_or_a_sign() -> None:
    head = "交易时间\t交易金额\t借贷标志\t付款人名称\t用途\t附言\n"
    found = read(f"{head}2025-03-03 10:11:12\t300\t贷\t张三\t物业费\t7-2-1403\n2025/3/4\t20.5\t借\t电力\t电费\t电费\n")
    assert [(row.amount_fen, row.narration) for row in found.rows] == [(30_000, "物业费；7-2-1403"), (-2_050, "电费")]
    signed = read("日期,金额\n2025年3月3日,+300.00\n2025.3.4,-20\n")
    assert [(row.booked_on, row.amount_fen) for row in signed.rows] == [
        (date(2025, 3, 3), 30_000),
        (date(2025, 3, 4), -2_000),
    ]


def test_rows_that_cannot_be_read_are_handed_back_with_their_place() -> None:
    found = read(
        "交易日期,收入金额,支出金额,交易金额,收/支,对方户名\n"
        "2025-02-30,1.00,,,,甲\n"
        "2025-03-03,1.005,,,,乙\n"
        "2025-03-03,1.00,2.00,,,丙\n"
        "2025-03-03,,,,,丁\n"
        "2025-03-03,,,5.00,待定,戊\n"
        "2025-03-03,一元,,,,己\n"
        "2025-03-03,7.00,,,,庚\n"
    )
    assert [(each.line, each.code) for each in found.problems] == [
        (2, "day-unreadable"),
        (3, "amount-finer-than-fen"),
        (4, "amount-twice"),
        (5, "amount-nothing"),
        (6, "direction-unknown"),
        (7, "amount-unreadable"),
    ]
    assert all(each.zh and each.en and not each.taken for each in found.problems)
    assert [row.payer for row in found.rows] == ["庚"]


def test_two_that_say_the_same_are_two_and_a_number_of_several_is_none_of_theirs() -> None:
    found = read("日期,贷方金额,对方户名,凭证号\n" + "2025-03-03,5.00,甲,\n" * 2 + "2025-03-03,6.00,乙,B1\n" * 2)
    assert [row.occurrence for row in found.rows] == [1, 2, 1, 2]
    assert [(row.reference, row.narration) for row in found.rows[2:]] == [(None, "B1")] * 2


@pytest.mark.parametrize(("order", "line"), [(1, 4), (-1, 2)])
def test_a_balance_that_does_not_follow_is_noted_whichever_way_the_file_runs(order: int, line: int) -> None:
    rows = ["2025-03-03,5.00,105.00", "2025-03-03,6.00,111.00", "2025-03-04,1.00,120.00"]
    found = read("日期,贷方金额,余额\n" + "\n".join(rows[::order]) + "\n")
    [noted] = found.problems
    assert (noted.code, noted.taken, noted.line) == ("balance-broken", True, line)
    assert len(found.rows) == 3


def test_what_a_bank_says_in_words_of_both_sides() -> None:
    found = read(
        "收入笔数：2 支出笔数：1\n收入总金额：11.00元 支出总金额：3.00元\n日期,收入,支出,摘要\n2025-03-03,5,,合计数说明\n"
        "2025-03-03,6,,\n2025-03-03,,3,\n"
    )
    assert (found.stated_rows, found.stated_credits_fen, found.stated_debits_fen) == (3, 1_100, 300)
    assert len(found.rows) == 3
    assert read("日期,收入\n2025-03-03,5\n总计,五元\n").stated_credits_fen is None


def test_a_workbook_is_read_as_well(tmp_path: Path) -> None:
    sheet: list[list[Any]] = [
        ["账号：6222 0000 1111 2222"],
        ["交易日期", "贷方金额", "对方户名"],
        ["2025-03-03", 300.5, "张三"],
    ]
    found = read_bank_file(book(tmp_path, sheet).read_bytes())
    assert (found.account, found.rows[0].amount_fen, found.rows[0].row) == ("6222000011112222", 30_050, 3)


def test_what_is_no_statement_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, words in (
        ("姓名,电话\n王,1\n", "表头"),
        ("交易日期,摘要\n2025-03-03,x\n", "表头"),
        ("", "为空"),
        ("日期,金额,本方账号\n2025-03-03,1,62220001\n2025-03-03,1,62220002\n", "几个本方账号"),
    ):
        with pytest.raises(SourceUnreadable) as refused:
            read(text)
        assert words in refused.value.zh
    assert read("日期,金额,本方账号\n2025-03-03,1,6222 0001\n").account == "62220001"
    monkeypatch.setattr(bank_file, "MOST_ROWS", 1)
    with pytest.raises(SourceUnreadable):
        read("日期,金额\n2025-03-03,1\n2025-03-03,1\n")
