"""Money over the counter: what is owed to the day, the receipt, the statement that says why, and the drawer at night."""

from __future__ import annotations

import re
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.seen import Seen, codes_in, latin_in

BASE = f"/console/{OFFICE}"
COUNTER = f"{BASE}/counter"
MARCH = f"{BASE}/months/2025-03"
Estate = tuple[ConsoleClient, dict[str, str]]


@pytest.fixture(scope="module")
def billed(estate: Estate) -> Estate:
    """March was billed at 250.00 a home and fell due on 15 April; it is 20 May."""
    console, _ = estate
    for minute, (word, role, more) in enumerate(
        (
            ("open", Role.ADMINISTRATOR, {}),
            ("compile", Role.ADMINISTRATOR, {}),
            ("review", Role.MANAGER, {"remark": "首月"}),
            ("approve", Role.COMPANY, {}),
        ),
        1,
    ):
        assert console.send(MARCH, {"do": word} | more, role).status_code == 303, word
        console.until(OFFICE, f"2025-03-31 09:{minute:02}")
    console.until(OFFICE, "2025-05-20 10:00")
    return estate


def words(console: ConsoleClient, path: str, role: Role = Role.ADMINISTRATOR) -> str:
    page = console.seen(f"{BASE}/{path}", role)
    assert page.forbidden == []
    assert codes_in(page) + latin_in(page) == []
    return page.text


def take(console: ConsoleClient, household: str, **said: Any) -> Any:
    return console.send(COUNTER, {"do": "take", "household": household, "method": "cash"} | said)


def bill_of(console: ConsoleClient, household: str) -> str:
    return re.findall(r'name="bill" value="([^"]+)"', console.page(f"{COUNTER}?household={household}").text)[0]


def test_a_household_pays_with_its_late_fee_and_has_its_receipt(billed: Estate) -> None:
    console, homes = billed
    household = homes["1-101"]
    assert "合计 ¥250.00" in words(console, "counter?q=1-101")
    assert "到今天另有滞纳金 ¥4.38，尚未核定" in words(console, f"counter?household={household}"), "35 days at 0.05 %"
    assert (
        console.send(COUNTER, {"do": "assess", "household": household, "idempotency_key": "k" * 8}).status_code == 303
    )
    assert "合计 ¥254.38" in words(console, f"counter?household={household}")
    bill = bill_of(console, household)
    less = take(console, household, amount_fen="254.38", tendered_fen="200", bill=bill, payer="刘小姐")
    assert less.status_code == 409
    assert "所收现金少于收款金额" in less.text
    assert Seen(less.text).fields["tendered_fen"] == "200"
    said = {
        "amount_fen": "254.38",
        "of": bill,
        "tendered_fen": "300",
        "bill": bill,
        "payer": "刘小姐",
        "idempotency_key": "once-and-once",
    }
    paid = take(console, household, **said)
    assert paid.status_code == 303, Seen(paid.text).text[-400:]
    assert take(console, household, **said).headers["location"] == paid.headers["location"], (
        "a double click is one payment"
    )
    path = paid.headers["location"].removeprefix(f"{BASE}/")
    receipt = words(console, path)
    for each in ("20250520-0001", "刘小姐", "贰佰伍拾肆元叁角捌分", "2025年3月 滞纳金 ¥4.38", "找零 ¥45.62", "何晓管"):
        assert each in receipt, each
    assert "没有欠费" in words(console, f"counter?household={household}")
    assert "20250520-0001" in words(console, "counter")
    assert "刘小姐" not in console.page(f"{BASE}/{path}", Role.COMPANY).text


def test_the_statement_says_why_each_fen_and_its_balance_adds_up(billed: Estate) -> None:
    console, homes = billed
    household = homes["1-102"]
    done = take(console, household, amount_fen="100", method="wechat", reference="WX-1", tendered_fen="7")
    assert done.status_code == 303, Seen(done.text).text
    statement = words(console, f"statement/{household}")
    for each in ("物业服务费", "100.00 × 2.50", "4月16日 – 5月20日 35 ¥250.00 0.05% ¥4.375"):
        assert each in statement, each
    assert "账单 2025年3月 ¥250.00 ¥250.00" in statement
    assert "本期合计，期末结余 ¥250.00 ¥100.00 ¥150.00" in statement
    assert "欠 ¥250.00" in words(console, f"statement/{household}?on=2025-05-19"), "as it stood on any day"
    taken = done.headers["location"].partition("/receipt/")[2].partition("?")[0]
    path = f"/offices/{OFFICE}/payments/{taken}/reverse-receipt"
    assert console.post(path, {"reason": "退票"}, Role.MANAGER, office=OFFICE).status_code == 200
    again = words(console, f"statement/{household}")
    assert "100.00 已冲正" in again
    assert "本期合计，期末结余 ¥250.00 0 ¥250.00" in again
    assert "冲正作废：退票" in words(console, f"receipt/{taken}")
    assert "预缴 ¥20.00" in words(console, _receipt(take(console, homes["2-101"], amount_fen="270"))), (
        "what is over is prepaid"
    )
    assert "不欠，预缴 ¥20.00" in words(console, f"statement/{homes['2-101']}")


def _receipt(answer: Any) -> str:
    return str(answer.headers["location"].removeprefix(f"{BASE}/"))


def test_the_drawer_is_counted_and_what_is_short_is_explained(billed: Estate) -> None:
    console, homes = billed
    assert take(console, homes["2-102"], amount_fen="50").status_code == 303
    page = words(console, "cash")
    assert "1-101" in page
    assert "抽屉里应有现金" in page
    path = f"{BASE}/cash"
    cash = re.findall(r'data-counted="(\d+)"', console.page(path).text)[0]
    short = console.send(path, {"do": "close", "counted_fen": "1"})
    assert short.status_code == 409
    assert "长款、短款须说明" in short.text
    whole = f"{int(cash) // 100}.{int(cash) % 100:02}"
    assert console.send(path, {"do": "close", "counted_fen": whole}).status_code == 303
    assert "已日结" in words(console, "cash")
    assert "这一天没有收款" in words(console, "cash?day=2025-05-01")
    assert "这一天没有收款" in words(console, "cash?day=2025-04-01", Role.AUDITOR)


def test_who_may_not_see_names_sees_none_and_a_reading_is_a_fact(billed: Estate) -> None:
    console, homes = billed
    household = homes["2-102"]

    def readings() -> int:
        return console.get(f"/offices/{OFFICE}/registers/readings?limit=500", Role.AUDITOR, office=OFFICE).text.count(
            household
        )

    for path in (f"statement/{household}", f"counter?household={household}"):
        assert "王小明" not in console.page(f"{BASE}/{path}", Role.COMPANY).text
        before = readings()
        assert "王小明" in console.page(f"{BASE}/{path}", Role.MANAGER).text
        assert readings() > before, path
    assert console.page(f"{COUNTER}?household={household}", Role.AUDITOR).text.count('name="amount_fen"') == 0
    assert console.send(COUNTER, {"do": "take", "household": "nobody"}).status_code == 404
    assert console.page(f"{BASE}/statement/household-none").status_code == 404


def test_the_counter_offers_how_the_household_paid_here_last_and_else_cash(billed: Estate) -> None:
    console, homes = billed
    household = homes["1-102"]

    def offered() -> list[str]:
        page = console.page(f"{COUNTER}?household={household}").text
        return re.findall(r'name="method" value="([a-z]+)" checked', page)

    for method, then in (("wechat", "wechat"), ("cheque", "cash"), ("pos", "pos"), ("transfer", "cash")):
        said = {"method": method, "reference": f"R-{method}", "amount_fen": "1"}
        done = take(console, household, **said)
        assert done.status_code == 303, Seen(done.text).text
        assert offered() == [then]
