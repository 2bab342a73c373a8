"""Debian's Chromium driven by Playwright's package; where one of the two is absent its tests are skipped and say so."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.identity import Grant
from domain.kernel.people import Role
from tests.api.conftest import PASSWORD
from tests.console.conftest import OFFICE, ConsoleClient

playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
IN_BROWSER = [
    pytest.mark.long,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine: apt install chromium"),
]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).with_name("vendor") / "axe.min.js"
_SOURCE = AXE.read_text("utf-8")
_UNREADABLE = (Path(__file__).parent / "unreadable.js").read_text("utf-8")
WIDE, NARROW = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


class Sight:
    """A browser's window, and what it complained of."""

    def __init__(self, page: Any, base: str) -> None:
        self.page, self.base = page, base
        self.complaints: list[str] = []
        page.set_default_timeout(30_000)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")

    def go(self, path: str) -> Any:
        answer = self.page.goto(self.base + path)
        self.page.wait_for_load_state("load")
        return answer

    def follow(self, link: str) -> None:
        """A link pressed, and the page it leads to (a click alone may come back before the next page has begun)."""
        with self.page.expect_navigation():
            self.page.click(link)

    def speak(self, lang: str) -> None:
        self.page.context.add_cookies([{"name": "wuye_language", "value": lang, "url": f"{self.base}/console"}])

    @property
    def words(self) -> str:
        return str(self.page.locator("body").inner_text())

    def faults(self) -> list[str]:
        """What is wrong with the page as it is seen: what the browser complained of, and text that cannot be read."""
        found = list(self.complaints)
        self.complaints.clear()
        if self.overflow() > 0:
            found.append(f"wider than the window by {self.overflow()}")
        return found + list(self.page.evaluate(_UNREADABLE))

    def axe(self) -> list[str]:
        """What axe-core calls serious or critical."""
        self.page.evaluate(_SOURCE)
        result = self.page.evaluate("() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'best-practice'] })")
        return [
            f"{each['id']}: {each['nodes'][0]['html'][:160]}"
            for each in result["violations"]
            if each["impact"] in ("serious", "critical")
        ]

    def overflow(self) -> int:
        script = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(script))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@contextmanager
def looking(
    browser: Any,
    base: str,
    headers: dict[str, str],
    lang: str = "zh",
    size: dict[str, int] = WIDE,
    *,
    dark: bool = False,
) -> Iterator[Sight]:
    """A window of whoever bears these headers: no log-in, so that anybody may look at once."""
    context = browser.new_context(
        viewport=size, locale="zh-CN", color_scheme="dark" if dark else "light", extra_http_headers=headers
    )
    sight = Sight(context.new_page(), base)
    sight.speak(lang)
    yield sight
    context.close()


@contextmanager
def seat(browser: Any, base: str, login: str = "", size: dict[str, int] = WIDE) -> Iterator[Sight]:
    """A window of somebody's own, logged in."""
    context = browser.new_context(viewport=size, locale="zh-CN")
    sight = Sight(context.new_page(), base)
    if login:
        log_in(sight, login)
    yield sight
    context.close()


def log_in(sight: Sight, login: str) -> None:
    """By name and password, to where that person begins."""
    sight.go("/console/login")
    sight.page.fill("#login", login)
    sight.page.fill("#password", PASSWORD)
    sight.page.click("button[type=submit]")
    sight.page.wait_for_url(re.compile("/(today|accounts)$"))


def people(console: ConsoleClient, *known: tuple[str, str, Role]) -> None:
    """Accounts that can log in: login, name and role."""
    for login, name, role in known:
        user = console.context.accounts.create(login, name, PASSWORD)
        console.context.accounts.grant(user, [Grant(OFFICE, role)], by="test")
