"""Finding one's way: the search offers while one types, the menu stays as it was left, and rows are ticked by the keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.test_feed import served
from tests.console.browsing import IN_BROWSER, NARROW, Sight, looking
from tests.console.browsing import browser as browser  # noqa: PLC0414 -- the fixture
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.test_pages import BASE

pytestmark = IN_BROWSER
FIELD, OFFERS, LANDED = "[data-offers]", "#offered li", "load"


@pytest.fixture(scope="module")
def base(estate: tuple[ConsoleClient, dict[str, str]]) -> Iterator[str]:
    console, _ = estate
    for fault in ("门禁失灵", "大堂灯不亮", "信箱锁坏"):
        body = {"channel": "telephone", "fault_kind": fault, "common_area": "大堂"}
        assert console.post(f"/offices/{OFFICE}/repair-orders", body, office=OFFICE).status_code == 201
    yield from served.__wrapped__(console)


def offered(sight: Sight) -> list[str]:
    sight.page.wait_for_selector(OFFERS)
    return [str(each).split("\n")[0] for each in sight.page.locator(OFFERS).all_inner_texts()]


def open_parts(sight: Sight) -> set[str]:
    script = "() => [...document.querySelectorAll('.wy-nav .part[open]')].map((each) => each.dataset.part)"
    return set(sight.page.evaluate(script))


def test_the_search_offers_pages_homes_and_matters(
    browser: Any, base: str, estate: tuple[ConsoleClient, dict[str, str]], tmp_path: Path
) -> None:
    console, homes = estate
    with looking(browser, base, console.headers(Role.MANAGER)) as sight:
        sight.go(f"{BASE}/today")
        sight.page.keyboard.press("/")
        sight.page.keyboard.type("1-10")
        assert offered(sight)[:2] == ["1-101", "1-102"]
        sight.page.keyboard.press("ArrowDown")
        sight.page.keyboard.press("ArrowDown")
        active = sight.page.get_attribute(FIELD, "aria-activedescendant")
        assert sight.page.get_attribute(f"#{active}", "aria-selected") == "true"
        sight.page.screenshot(path=str(tmp_path / "offers.png"))
        assert not sight.faults() + sight.axe()
        with sight.page.expect_navigation():
            sight.page.keyboard.press("Enter")
        assert homes["1-102"] in sight.page.url

        sight.page.fill(FIELD, "门禁")
        assert any("门禁失灵" in each for each in offered(sight))
        sight.page.keyboard.press("Escape")
        assert sight.page.locator(OFFERS).first.is_hidden()
        with sight.page.expect_navigation():
            sight.page.keyboard.press("Enter")
        assert "/find" in sight.page.url, "Enter alone searches"
        sight.page.fill(FIELD, "维修单登")
        assert offered(sight) == ["维修单登记"]


def test_looking_while_one_types_is_no_reading(
    browser: Any, base: str, estate: tuple[ConsoleClient, dict[str, str]]
) -> None:
    console, _ = estate
    before = console.context.last_page(OFFICE)
    with looking(browser, base, console.headers(Role.MANAGER), size=NARROW) as sight:
        sight.go(f"{BASE}/today")
        sight.page.locator(FIELD).press_sequentially("101", delay=20)
        assert "1-101" in offered(sight)
        assert not sight.faults() + sight.axe()
    assert console.context.last_page(OFFICE) == before


def test_the_menu_stays_as_it_was_left(browser: Any, base: str, estate: tuple[ConsoleClient, dict[str, str]]) -> None:
    console, _ = estate
    with looking(browser, base, console.headers(Role.ADMINISTRATOR)) as sight:
        sight.go(f"{BASE}/today")
        assert open_parts(sight) == {"rounds", "money", "registers"}, (
            "management is shut for whoever does the daily work"
        )
        sight.page.click(".part[data-part='money'] > summary")
        sight.page.click(".part[data-part='management'] > summary")
        sight.go(f"{BASE}/notices")
        assert open_parts(sight) == {"rounds", "registers", "management"}
        sight.go(f"{BASE}/arrears")
        assert "money" in open_parts(sight), "where one is stands open"
    with looking(browser, base, console.headers(Role.AUDITOR)) as sight:
        sight.go(f"{BASE}/today")
        menu = sight.page.locator("#nav").inner_text()
        assert "management" in open_parts(sight)
        assert not re.search(r"^(接待|收款|银行对账|巡视)$", menu.partition("登记簿")[0], re.MULTILINE), menu
        assert "接待登记" not in sight.words


def test_rows_are_ticked_by_the_keyboard_and_dispatched_together(
    browser: Any, base: str, estate: tuple[ConsoleClient, dict[str, str]], tmp_path: Path
) -> None:
    console, _ = estate
    with looking(browser, base, console.headers(Role.MANAGER)) as sight:
        sight.go(f"{BASE}/registers/repair-orders")
        assert sight.page.locator("#together").is_hidden(), "nothing is ticked yet"
        for _ in range(2):
            sight.page.keyboard.press("j")
            sight.page.keyboard.press("x")
        assert sight.page.locator("[data-ticked]").inner_text() == "选中 2 行"
        sight.page.screenshot(path=str(tmp_path / "ticked.png"))
        assert not sight.faults() + sight.axe()
        sight.page.click("[data-tick-all]")
        assert sight.page.locator("[data-ticked]").inner_text() == "选中 3 行"
        sight.page.select_option("#together select", label="派工")
        sight.follow("#together button.btn-primary")
        sight.page.fill("#f-to", "外:许浩然")
        sight.page.click("[data-set='f-due_by']:has-text('明天')")
        assert not sight.faults() + sight.axe()
        sight.follow("main form button.btn-primary")
        assert "3 件已记入，0 件没有办成" in sight.words
        sight.page.screenshot(path=str(tmp_path / "together.png"))
        assert not sight.faults() + sight.axe()
