"""Month end on its page: compiled, looked at, reviewed, approved, issued, delivered by building and singly, and closed."""

from __future__ import annotations

from typing import Any

from domain.kernel.people import Role
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.seen import Seen, codes_in, latin_in

MARCH = f"/console/{OFFICE}/months/2025-03"
Estate = tuple[ConsoleClient, dict[str, str]]


def act(console: ConsoleClient, word: str, role: Role = Role.ADMINISTRATOR, **said: Any) -> Any:
    return console.send(MARCH, {"do": word} | said, role)


def month(console: ConsoleClient, role: Role = Role.MANAGER, show: str = "") -> Seen:
    page = console.seen(f"{MARCH}?show={show}" if show else MARCH, role)
    assert page.forbidden == []
    assert codes_in(page) + latin_in(page) == []
    return page


def test_a_month_goes_from_its_opening_to_its_closing_on_one_page(estate: Estate) -> None:
    console, homes = estate
    to = console.page(f"/console/{OFFICE}/months").headers["location"]
    assert to.endswith("/months/2025-03")
    assert "立项计费" in month(console).text
    assert act(console, "open").status_code == 303
    assert act(console, "compile").status_code == 303
    assert "计费中" in month(console).text
    assert "程序逐户计费" in console.page(f"{MARCH}/steps").text
    console.until(OFFICE, "2025-03-31 09:01")
    page = month(console)
    assert "4 户，合计 ¥1,000.00，4 户要先看" in page.text
    assert "上月无账单" in page.text, "the anomalies stand first"
    one = console.seen(f"{MARCH}?household={homes['1-101']}", Role.MANAGER)
    assert "100.00 × 2.50" in one.text
    assert act(console, "leave-out", household=homes["2-102"], reason="产权未交接").status_code == 303
    assert "产权未交接" in month(console, show="left-out").text
    silent = act(console, "review", Role.MANAGER)
    assert silent.status_code == 409
    assert "有异常的须说明" in silent.text
    assert act(console, "review", Role.MANAGER, remark="新盘首月").status_code == 303
    assert "待批准" in month(console).text
    assert act(console, "approve", Role.COMPANY).status_code == 303
    assert "已出账 0 户，共 3 户" in console.page(f"{MARCH}/steps").text
    console.until(OFFICE, "2025-04-01 09:00")
    assert "还有 2 户" in month(console).text
    on = {"delivered_on": "2025-04-01", "means": "信箱"}
    assert act(console, "deliver", households=[homes["1-101"]], **on).status_code == 303
    assert "还有 1 户" in month(console).text
    assert act(console, "deliver", building="1", **on).status_code == 303
    page = month(console)
    assert "1 栋 2 2 全部送达" in page.text
    assert "尚有1户通知单未送达" in page.text, "why the month cannot be closed yet"
    assert act(console, "deliver", building="", **on).status_code == 303, "those of no building"
    assert act(console, "close", Role.MANAGER).status_code == 303
    page = month(console)
    assert "已关账" in page.text
    assert console.page(f"/console/{OFFICE}/months").headers["location"].endswith("/months/2025-04")


def test_what_is_no_month_and_what_is_no_act_is_not_found(estate: Estate) -> None:
    console, _ = estate
    for path in ("2025-13", "now", "2025-3"):
        assert console.page(f"/console/{OFFICE}/months/{path}").status_code == 404
    assert console.page(f"/console/{OFFICE}/months/2031-01/steps").status_code == 404
    assert console.send(f"/console/{OFFICE}/months/2031-01", {"do": "dance"}).status_code == 404


def test_each_administrator_finds_his_part_and_with_all_of_them_it_is_reviewed(estate: Estate) -> None:
    console, _ = estate
    console.page(f"/console/{OFFICE}/months")
    mine = console.users[OFFICE, Role.ADMINISTRATOR]
    portfolios = f"/offices/{OFFICE}/portfolios"
    for said in ({"person": mine, "buildings": ["1"]}, {"person": "外部：陈师傅", "single_homes": ["2-101"]}):
        answer = console.post(portfolios, said | {"first": "2025-04-01"}, Role.MANAGER, office=OFFICE)
        assert answer.status_code == 201, answer.text
    april = f"/console/{OFFICE}/months/2025-04"
    console.until(OFFICE, "2025-04-30 09:00")
    assert console.send(april, {"do": "compile"}).status_code == 303
    console.until(OFFICE, "2025-04-30 09:01")

    def shown(role: Role = Role.ADMINISTRATOR) -> str:
        page = console.seen(april, role)
        assert page.forbidden == []
        assert codes_in(page) + latin_in(page) == []
        return page.text

    for words in ("分管部分", "我这部分已算好", "代为确认", "无人分管", "列为异常，由经理审核"):
        assert words in shown(), words
    assert "我这部分已算好" not in shown(Role.MANAGER)
    assert "尚有2位管理员未确认分管部分" in shown(Role.MANAGER), "why it cannot be reviewed yet"
    assert "2-102" not in console.seen(f"{april}?show=all&part={mine}").text
    assert console.send(april, {"do": "confirm-part", "looked_after_by": mine}).status_code == 303
    silent = console.send(april, {"do": "confirm-part", "looked_after_by": "外部：陈师傅"})
    assert silent.status_code == 409
    assert "代为确认的须说明理由" in silent.text
    said = {"do": "confirm-part", "looked_after_by": "外部：陈师傅", "reason": "休假"}
    assert console.send(april, said).status_code == 303
    assert "已算好" in shown()
    assert console.send(april, {"do": "review", "remark": "已核对"}, Role.MANAGER).status_code == 303


def test_what_an_earlier_month_missed_or_took_too_much_of_is_seen_before_it_is_reviewed(estate: Estate) -> None:
    console, homes = estate
    april, may = (f"/console/{OFFICE}/months/2025-0{number}" for number in (4, 5))
    one = console.seen(f"{april}?household={homes['2-102']}", Role.MANAGER)
    assert "补计2025-03物业服务费" in one.text, "who was left out in March"
    assert console.send(april, {"do": "approve"}, Role.COMPANY).status_code == 303
    console.until(OFFICE, "2025-05-10 09:00")
    [standard] = console.ask("GET", f"/offices/{OFFICE}/registers/fee-standards", Role.MANAGER, OFFICE).json()["rows"]
    path = f"/offices/{OFFICE}/fee-standards/{standard['case_id']}/end-attachment"
    assert console.post(path, {"number": 1, "last": "2025-03-15"}, office=OFFICE).status_code == 200
    one_fen = {"household": homes["1-102"], "period": "2025-05", "item": "物业服务费", "amount_fen": 1}
    assert console.post(f"/offices/{OFFICE}/bills", one_fen, office=OFFICE).status_code == 201
    console.page(f"/console/{OFFICE}/months")
    console.until(OFFICE, "2025-05-31 09:00")
    console.send(may, {"do": "compile"})
    console.until(OFFICE, "2025-05-31 09:01")
    page = console.seen(may, Role.MANAGER)
    assert codes_in(page) + latin_in(page) == []
    assert "应减无可抵，待抵减¥379.03" in page.text
    assert "本月已有账单，标准未计¥250.00" in page.text, "one fen by hand is no month's fee"
    english = console.seen(may, Role.MANAGER, lang="en").text
    assert "¥379.03 still to be credited" in english
    assert "¥250.00 of the standards not billed" in english
