"""The ten daily tasks walked in a browser from Today, every click and every written field counted: docs/console.md says so.

A click is what a hand presses: a link, a button, a choice. A field is what it types. The table is read and compared, so that it
cannot say less than it takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.test_feed import served
from tests.console.browsing import IN_BROWSER, Sight, people, seat
from tests.console.browsing import browser as browser  # noqa: PLC0414 -- the fixture
from tests.console.conftest import OFFICE, ConsoleClient

pytestmark = IN_BROWSER
TABLE = Path(__file__).parents[2] / "docs" / "console.md"


class Hand:
    """Somebody's hand: what it presses and what it types is counted."""

    def __init__(self, sight: Sight) -> None:
        self.page = sight.page
        self.clicks = self.fields = 0

    def press(self, what: str) -> None:
        """A choice or a button that stays on the page."""
        self.page.locator(what).locator("visible=true").first.click()
        self.clicks += 1

    def follow(self, what: str) -> None:
        """What leads to another page."""
        with self.page.expect_navigation():
            self.press(what)

    def write(self, field: str, words: str, then: str = "") -> None:
        """A field, and perhaps the key that ends it."""
        self.page.fill(field, words)
        self.fields += 1
        if then:
            with self.page.expect_navigation():
                self.page.press(field, then)


@pytest.fixture(scope="module")
def base(played: ConsoleClient) -> Iterator[str]:
    played.until(OFFICE, "2025-03-03 09:00")
    people(played, ("chen", "陈雨晨", Role.ADMINISTRATOR), ("shen", "沈雪梅", Role.MANAGER))
    yield from served.__wrapped__(played)


@pytest.fixture(scope="module")
def home(played: ConsoleClient) -> str:
    """Of a household that owes something."""
    rows = played.get(f"/offices/{OFFICE}/bills?limit=50&state=issued", office=OFFICE).json()["rows"]
    return str(next(row["home"] for row in rows if row["outstanding_fen"] > 0 and row["home"]))


def task(words: str, title: str = "") -> str:
    """The button of a task on Today."""
    return f"tr:has-text('{title}') .act a:has-text('{words}')"


def complaint(hand: Hand, _desk: ConsoleClient, home: str) -> None:
    hand.follow("a:has-text('接待登记')")
    hand.write("#s", home, "Enter")
    hand.write("#f-matter", "厨房下水堵塞")
    hand.write("#f-category", "给排水")
    hand.write("#f-content", "又堵了，请来看看")
    hand.follow("button:has-text('登记投诉')")


def repair(hand: Hand, _desk: ConsoleClient, home: str) -> None:
    hand.follow("a:has-text('接待登记')")
    hand.write("#s", home, "Enter")
    hand.follow(".wy-seg a:has-text('报修')")
    hand.write("#f-fault_kind", "水龙头")
    hand.write("#f-description", "厨房水龙头滴水")
    hand.follow("button.btn-primary:has-text('报修')")


def raised(console: ConsoleClient, fault: str) -> str:
    """A repair order, of this fault."""
    body = {"channel": "telephone", "fault_kind": fault, "common_area": "大堂"}
    answer = console.post(f"/offices/{OFFICE}/repair-orders", body, office=OFFICE)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def given(
    console: ConsoleClient, path: str, case_id: str, command: str, body: dict[str, Any], role: Role = Role.MANAGER
) -> None:
    answer = console.post(f"/offices/{OFFICE}/{path}/{case_id}/{command}", body, role, office=OFFICE)
    assert answer.status_code == 200, (command, answer.text)


def dispatch(hand: Hand, console: ConsoleClient, _home: str) -> None:
    raised(console, "吊顶渗水")
    hand.page.reload()
    hand.follow(task("派工", "吊顶渗水"))
    hand.write("#f-to", "许浩然")
    hand.press("[data-set='f-due_by']:has-text('明天')")
    hand.follow("button.btn-primary:has-text('派工')")


def result(hand: Hand, console: ConsoleClient, _home: str) -> None:
    order = raised(console, "门禁失灵")
    due = (console.context.time_in(OFFICE) + timedelta(days=1)).isoformat()
    given(console, "repair-orders", order, "dispatch-repair-order", {"to": "外:许浩然", "due_by": due})
    hand.page.reload()
    hand.follow(task("报告维修完成", "门禁失灵"))
    hand.write("#f-result", "换了读卡头")
    hand.follow("button.btn-primary:has-text('报告维修完成')")


def follow_up(hand: Hand, console: ConsoleClient, home: str) -> None:
    complaint_ = {"channel": "in-person", "category": "噪音", "matter": "水泵异响", "content": "每晚", "home": home}
    answer = console.post(f"/offices/{OFFICE}/complaints", complaint_, Role.MANAGER, office=OFFICE)
    assert answer.status_code == 201, answer.text
    now = console.context.time_in(OFFICE)
    case_id, due = answer.json()["id"], (now + timedelta(days=1)).isoformat()
    for command, body in (
        ("assess-complaint", {"measure": "查", "promised_by": due, "told_at": now.isoformat()}),
        ("investigate-complaint", {"findings": "轴承磨损", "root_cause": "设施老化"}),
        ("resolve-complaint", {"result": "换了轴承", "done_by": "外:许浩然"}),
    ):
        given(console, "complaints", case_id, command, body)
    rows = console.get(f"/offices/{OFFICE}/follow-ups?limit=200&origin_id={case_id}", office=OFFICE).json()["rows"]
    chen = hand.page.locator("[data-outbox-of]").get_attribute("data-outbox-of")
    given(console, "follow-ups", rows[0]["case_id"], "assign-follow-up", {"visitor": chen})
    hand.page.reload()
    hand.follow(f"tr:has-text('投诉回访'):has-text('{home}') .act a:has-text('填写回访记录')")
    for choice in ("电话", "交谈", "是"):
        hand.press(f"#do label:text-is('{choice}')")
    for field, words in (("quality", "好"), ("effect", "好"), ("satisfaction", "5")):
        hand.write(f"#f-{field}", words)
    hand.follow("button.btn-primary:has-text('填写回访记录')")


def inspect(hand: Hand, _desk: ConsoleClient, _home: str) -> None:
    hand.follow("#counts a:has-text('空房')")
    hand.follow(".wy-acts a:has-text('检查')")
    hand.press("button:has-text('其余完好')")
    hand.follow("button:has-text('记入，去下一套')")


def lend(hand: Hand, _desk: ConsoleClient, _home: str) -> None:
    hand.follow("#nav a:has-text('钥匙柜')")
    hand.follow(".wy-hooks a:has-text('借出')")
    hand.press(".wy-pick label >> nth=0")
    hand.press("[data-set='f-expected_return']:has-text('明天')")
    hand.write("#f-borrower", "王师傅")
    hand.write("#f-identity_document", "工牌 17")
    hand.follow("button.btn-primary")


def take_back(hand: Hand, console: ConsoleClient, _home: str) -> None:
    keys = console.get(f"/offices/{OFFICE}/registers/keys?limit=50&custody=kept", office=OFFICE).json()["rows"]
    body = {
        "vacant_home": keys[-1]["case_id"],
        "keys": [keys[-1]["number"]],
        "purpose": "viewing",
        "expected_return": (console.context.time_in(OFFICE) + timedelta(days=1)).isoformat(),
        "borrower": "李看房",
        "identity_document": "证 12",
        "consent": "业主电话同意",
    }
    loan = console.post(f"/offices/{OFFICE}/key-loans", body, office=OFFICE)
    assert loan.status_code == 201, loan.text
    given(console, "key-loans", loan.json()["id"], "issue-keys", {"officer_signature": "杜当班"}, Role.DUTY_OFFICER)
    hand.follow("#nav a:has-text('钥匙柜')")
    hand.follow("tr:has-text('李看房') a:has-text('登记归还')")
    hand.write("#f-returner_signature", "李看房")
    hand.follow("#do button.btn-primary")


def who_owes(hand: Hand, _desk: ConsoleClient, _home: str) -> None:
    hand.follow("#nav a:has-text('欠费')")
    assert "欠费追讨" in hand.page.locator("h1").inner_text()


def payment(hand: Hand, _desk: ConsoleClient, home: str) -> None:
    hand.follow("#nav a:has-text('收款')")
    hand.write("#s", home, "Enter")
    hand.follow("button:has-text('收款并出收据')")
    assert "/receipt/" in hand.page.url


def figure(hand: Hand, _desk: ConsoleClient, _home: str) -> None:
    hand.follow("aside a:has-text('日常巡视完成率')")
    hand.follow("section:has(h2:text('点开看事项')) a:has-text('达到')")
    assert hand.page.locator(".wy-list a.main").count() > 0


WALKS: dict[str, Callable[[Hand, ConsoleClient, str], None]] = {
    "register a complaint": complaint,
    "register a repair": repair,
    "dispatch a repair": dispatch,
    "report the result": result,
    "follow-up record": follow_up,
    "inspect a home": inspect,
    "lend a key": lend,
    "take a key back": take_back,
    "who owes what": who_owes,
    "take a payment, with its receipt": payment,
    "one figure to its cases": figure,
}
"""Task of the table → the walk."""


def said() -> dict[str, str]:
    """Task → clicks/fields, as the table has them."""
    rows = re.findall(r"^\| ([a-z][^|]+) \| [^|]+ \| (\d+/\d+)", TABLE.read_text("utf-8"), re.MULTILINE)
    return dict(rows)


@pytest.mark.parametrize("name", WALKS)
def test_a_daily_task_takes_what_the_table_says(
    browser: Any, base: str, played: ConsoleClient, home: str, name: str
) -> None:
    with seat(browser, base, "chen") as clerk:
        hand = Hand(clerk)
        WALKS[name](hand, played, home)
        assert "/today" not in hand.page.url
        assert hand.page.locator("[role=alert]").all_inner_texts() == [], "what is refused is not done"
        assert f"{hand.clicks}/{hand.fields}" == said()[name]
        assert clerk.complaints == []


def test_every_line_of_the_table_is_walked() -> None:
    assert set(said()) == set(WALKS)
