"""A month's transfers in a real browser: the file from the bank, one click for what is sure, a choice for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.test_feed import served
from tests.console.browsing import IN_BROWSER, NARROW, people, seat
from tests.console.browsing import browser as browser  # noqa: PLC0414 -- the fixture
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.test_bank import billed as billed  # noqa: PLC0414 -- the fixture
from tests.console.test_bank import file_of
from tests.console.test_browser_daily_work import pressed, seen

pytestmark = IN_BROWSER
BANK = f"/console/{OFFICE}/bank"
Estate = tuple[ConsoleClient, dict[str, str]]


@pytest.fixture(scope="module")
def base(billed: Estate) -> Iterator[str]:
    console, _ = billed
    people(console, ("guan", "许佳欣", Role.ADMINISTRATOR), ("jing", "沈雪梅", Role.MANAGER))
    yield from served.__wrapped__(console)


def test_transfers_of_a_month(browser: Any, base: str, tmp_path: Path) -> None:
    file = tmp_path / "流水.csv"
    file.write_bytes(
        file_of(
            "20250401,,200.00,王小明,6222020200001111,物业费 1栋101室,T001",
            "20250402,,220.00,王小明,6222020200003333,2-101 三月物业费,T002",
            "20250402,,210.00,杭州某某贸易有限公司,33001616781059000123,代员工付物业费，请开收据，谢谢,T003",
            "20250403,88.00,,市自来水有限公司,33009001,水费,T004",
            "20250404,,1234.56,财付通支付科技有限公司,243300133,结算款,T005",
            "去年,,1.00,某,,,T006",
            said=",贷方发生额合计：1,865.56",
        )
    )
    with seat(browser, base, "guan") as clerk:
        clerk.page.click("nav >> text=银行对账")
        clerk.page.set_input_files("#file", str(file))
        seen(clerk, tmp_path, "bank")
        pressed(clerk, "读入")
        assert "有把握的 2 笔一并入账" in clerk.words
        seen(clerk, tmp_path, "statement-read")
        pressed(clerk, "有把握的 2 笔一并入账")
        assert "已入账 2 笔" in clerk.words
        company = clerk.page.locator("li", has_text="贸易有限公司")
        company.locator("summary", has_text="住户").click()
        seen(clerk, tmp_path, "choosing")
        field = company.locator("input[name=household]:visible")
        field.fill("1-102")
        with clerk.page.expect_navigation():
            field.locator("xpath=ancestor::form").locator("button").click()
        for words in ("自来水", "财付通"):
            line = clerk.page.locator("li", has_text=words)
            line.locator("summary", has_text="不入账").click()
            if words == "财付通":
                line.locator("input[name=reason]").fill("微信结算，已逐笔登记")
            with clerk.page.expect_navigation():
                line.locator("button", has_text="不入账").click()
        seen(clerk, tmp_path, "all-dealt-with")
        clerk.page.fill("#why", "末行为去年，银行已另附说明")
        pressed(clerk, "完成对账")
        assert "已对完" in clerk.words
        clerk.page.click("nav[aria-label='看哪些'] >> text=全部")
        seen(clerk, tmp_path, "closed")
        assert clerk.complaints == []
    with seat(browser, base, "jing", NARROW) as manager:
        manager.speak("en")
        manager.go(BANK)
        seen(manager, tmp_path, "english")
        assert "Bank statements" in manager.words
