"""Bank statements on their pages: a file is read, what is sure is booked in one act, the rest by choosing, and the statement closed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.seen import Seen, codes_in, latin_in

BASE = f"/console/{OFFICE}"
BANK = f"{BASE}/bank"
ACCOUNT = "3300161678100012345"
HEAD = "交易日期,借方发生额（元）,贷方发生额（元）,对方户名,对方账号,摘要,交易流水号"
Estate = tuple[ConsoleClient, dict[str, str]]


@pytest.fixture(scope="module")
def billed(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """Every home owes a bill of its own amount; it is 5 April."""
    console, homes = estate
    console.context.settings.home = tmp_path_factory.mktemp("home")
    for number, household in enumerate(homes.values()):
        bill = {
            "household": household,
            "amount_fen": 20_000 + 1_000 * number,
            "item": "物业服务费",
            "period": "2025-03",
        }
        assert console.post(f"/offices/{OFFICE}/bills", bill, office=OFFICE).status_code == 201
    console.until(OFFICE, "2025-04-05 09:00")
    yield estate


def file_of(*rows: str, said: str = "") -> bytes:
    return f"账号：{ACCOUNT}{said}\n{HEAD}\n{chr(10).join(rows)}\n".encode("gb18030")


def bring(console: ConsoleClient, data: bytes, role: Role = Role.ADMINISTRATOR, **said: str) -> Any:
    sent = {"file": ("流水.csv", data, "text/csv")}
    return console.ask("POST", BANK, role, OFFICE, files=sent, data={"bank_account": ""} | said, follow_redirects=False)


def looked(console: ConsoleClient, path: str, role: Role = Role.ADMINISTRATOR) -> Seen:
    page = console.seen(path, role)
    assert page.forbidden == []
    assert (
        codes_in(page) + [word for word in latin_in(page) if not re.fullmatch(r"T\d+|Excel|xlsx|CSV|UTF", word)] == []
    )
    return page


def line_of(console: ConsoleClient, path: str, words: str) -> str:
    """The line whose part of the page has these words."""
    parts = console.page(path).text.split("<li ")
    return next(re.findall(r'name="line" value="([^"]+)"', part)[0] for part in parts if words in part)


def test_a_statement_from_the_file_to_its_closing(billed: Estate) -> None:
    console, homes = billed
    assert "还没有读入过对账单" in looked(console, BANK).text
    answer = bring(
        console,
        file_of(
            "20250402,,200.00,王小明,6222020200001111,物业费 1栋101室,T001",
            "20250402,,210.00,周先生,6222020200002222,转账,T002",
            "20250403,88.00,,自来水公司,33009,水费,T003",
            "20250404,,5.00,某,,,T004",
            "去年,,1.00,某,,,T005",
            said=",贷方发生额合计：416.00",
        ),
    )
    assert answer.status_code == 303, Seen(answer.text).text
    place = answer.headers["location"]
    page = looked(console, place)
    for words in (
        "新读入 4 行",
        "1 行未读入",
        "去年",
        "不是日期",
        "尾号 2345",
        "有把握的 1 笔一并入账",
        "写有该户房号",
        "等于该户全部欠费",
        "对账单所载收入 ¥416.00，读入 ¥415.00",
        "看不出是谁的",
    ):
        assert words in page.text, (words, page.text)
    place = place.partition("?")[0]
    assert "新读入" not in looked(console, place).text, "it is said once"
    sure = re.findall(r'name="sure" value="([^"]+)"', console.page(place).text)
    assert [each.split(" ")[1:] for each in sure] == [[homes["1-101"], "home-named,payer-lives-there,all-owed"]]
    done = console.send(place, {"do": "confirm-sure", "sure": sure, "idempotency_key": "k" * 20})
    assert done.status_code == 303
    assert "已入账 1 笔" in looked(console, done.headers["location"]).text
    again = console.send(place, {"do": "confirm-sure", "sure": sure, "idempotency_key": "k" * 20})
    assert again.status_code == 303, "a double click"
    late = console.send(place, {"do": "confirm-sure", "sure": sure, "idempotency_key": "l" * 20})
    assert late.status_code == 409
    assert "已入账 0 笔" in Seen(late.text).text

    other = line_of(console, place, "周先生")
    nobody = console.send(place, {"do": "confirm", "line": other, "household": "9-999", "idempotency_key": "m" * 20})
    assert nobody.status_code == 409
    assert "没有找到「9-999」" in Seen(nobody.text).text
    assert console.send(place, {"do": "confirm", "line": other, "household": "1-102"}).status_code == 303
    silent = console.send(place, {"do": "leave-out", "line": line_of(console, place, "自来水公司"), "reason": " "})
    assert silent.status_code == 409
    for words, reason in (("自来水公司", "支出"), ("T004", "非住户款项")):
        said = {"do": "leave-out", "line": line_of(console, place, words), "reason": reason}
        assert console.send(place, said).status_code == 303
    page = looked(console, f"{place}?show=booked")
    assert "已入账" in page.text
    assert "20250405-0001" in page.text, "the receipt of the first"
    assert "非住户款项" in looked(console, f"{place}?show=left-out").text
    assert console.send(place, {"do": "close", "reason": ""}).status_code == 409
    assert console.send(place, {"do": "close", "reason": "银行合计含在途一元"}).status_code == 303
    assert "已对完" in looked(console, place).text
    assert "已对完" in looked(console, BANK).text
    reopened = {"do": "reopen", "line": line_of(console, f"{place}?show=left-out", "T004"), "reason": "看漏了"}
    assert console.send(place, reopened).status_code == 303
    assert "还有 1 笔待处理" in looked(console, BANK).text


def test_the_same_file_again_is_told_and_a_wrong_one_refused(billed: Estate) -> None:
    console, homes = billed
    data = file_of("20250404,,230.00,租客,6222020200007777,转账,T101")
    place = bring(console, data).headers["location"].partition("?")[0]
    again = bring(console, data).headers["location"]
    assert again.startswith(f"{BANK}?told=")
    assert "新读入 0 行，此前已读入 1 行，不重复" in looked(console, again).text
    wrong = bring(console, "姓名,电话\n王,1\n".encode())
    assert wrong.status_code == 409
    assert "找不到表头" in Seen(wrong.text).text
    assert bring(console, b"").status_code == 409
    assert bring(console, data, Role.AUDITOR).status_code == 409
    paid = {"household": homes["2-102"], "amount_fen": 23_000, "method": "transfer", "value_date": "2025-04-04"}
    made = console.post(f"/offices/{OFFICE}/payments", paid, office=OFFICE)
    assert made.status_code == 201
    line = line_of(console, place, "租客")
    chosen = {"do": "link", "line": line, "found_payment": made.json()["id"], "match_grounds": ["same-money"]}
    assert console.send(place, chosen).status_code == 303
    page = looked(console, f"{place}?show=booked")
    assert "对上已登记的收款" in page.text
    assert "重新处理" in page.text


def test_who_may_not_sees_no_form_and_no_names(billed: Estate) -> None:
    console, _ = billed
    place = bring(console, file_of("20250404,,9.00,机密户名,6222999900001111,附言机密,T201")).headers["location"]
    place = place.partition("?")[0]
    for role in (Role.DUTY_OFFICER, Role.COMPANY):
        page = console.page(place, role)
        assert page.status_code == 200
        assert "机密" not in page.text
        assert "62229999" not in page.text
        assert 'name="do"' not in page.text
    assert "由" in looked(console, BANK, Role.AUDITOR).text
    assert "机密户名" in looked(console, place, Role.AUDITOR).text
    assert console.send(place, {"do": "nothing", "line": "x"}).status_code == 404
