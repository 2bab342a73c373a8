"""A household is picked as one types, a wrong one is corrected, and notices are read: in a real browser, at two sizes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.test_feed import served
from tests.console.browsing import IN_BROWSER, people, seat
from tests.console.browsing import browser as browser  # noqa: PLC0414 -- the fixture
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.test_browser_daily_work import seen

pytestmark = IN_BROWSER
BASE = f"/console/{OFFICE}"
Estate = tuple[ConsoleClient, dict[str, str]]


@pytest.fixture(scope="module")
def base(estate: Estate) -> Iterator[str]:
    console, _ = estate
    people(console, ("guan", "许佳欣", Role.ADMINISTRATOR), ("ban", "杜当班", Role.DUTY_OFFICER))
    yield from served.__wrapped__(console)


def test_a_wrong_household_is_corrected_by_picking_the_right_one(
    browser: Any, base: str, estate: Estate, tmp_path: Path
) -> None:
    console, homes = estate
    said = {
        "channel": "telephone",
        "category": "noise",
        "matter": "水泵",
        "content": "夜间",
        "household": homes["1-101"],
    }
    made = console.ask("POST", f"/offices/{OFFICE}/complaints", Role.ADMINISTRATOR, OFFICE, json=said)
    case_id = made.json()["id"]
    with seat(browser, base, "guan") as clerk:
        clerk.go(f"{BASE}/case/{case_id}?do=correct-entry")
        clerk.follow("nav.wy-pick >> text=住户")
        clerk.page.fill("[name=value]", "2-10")
        option = clerk.page.locator("datalist option").first
        option.wait_for(state="attached")
        assert clerk.page.locator("datalist option").count() == 2
        seen(clerk, tmp_path, "correction")
        clerk.page.fill("[name=value]", option.get_attribute("value"))
        clerk.page.fill("[name=reason]", "记错了户")
        with clerk.page.expect_navigation():
            clerk.page.click("#do-correct-entry button[type=submit]")
        assert clerk.complaints == []
    data = console.ask("GET", f"/offices/{OFFICE}/complaints/{case_id}", Role.ADMINISTRATOR, OFFICE).json()["data"]
    assert (data["household"], data["home"]) == (homes["2-101"], "2-101")


def test_what_one_was_told_is_one_line_and_is_read_by_a_click(
    browser: Any, base: str, estate: Estate, tmp_path: Path
) -> None:
    """Nobody has walked in March."""
    with seat(browser, base, "ban") as guard:
        guard.go(f"{BASE}/notices")
        line = guard.page.locator("tr", has_text="已逾期").first
        line.locator("summary").click()
        seen(guard, tmp_path, "notices")
        assert line.locator("li").count() > 5
        with guard.page.expect_navigation():
            line.locator("button").click()
        assert "已逾期" not in guard.words
