"""The network drops: a patrol goes on, and an inspection is written down; all of it arrives once, in order, when it is back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.test_feed import served
from tests.console.browsing import IN_BROWSER, NARROW, Sight, people, seat
from tests.console.browsing import browser as browser  # noqa: PLC0414 -- the fixture
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.test_browser_daily_work import pressed
from tests.console.test_case_papers import PICTURE

pytestmark = IN_BROWSER
BASE = f"/console/{OFFICE}"
Estate = tuple[ConsoleClient, dict[str, str]]
HOUSE = {
    "home": "9-901",
    "kind": "unsold",
    "area": 8_000,
    "keys": [{"number": "901", "count": 1, "key_class": "entrance", "condition": "good"}],
}


@pytest.fixture(scope="module")
def base(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    console, _ = estate
    console.context.settings.home = tmp_path_factory.mktemp("home")
    people(console, ("ban", "杜当班", Role.DUTY_OFFICER), ("guan", "许佳欣", Role.ADMINISTRATOR))
    points = [{"code": "P1", "place": "东门"}, {"code": "P2", "place": "泵房"}]
    route = {"name": "日巡", "points": points}
    assert console.post(f"/offices/{OFFICE}/patrol-routes", route, Role.MANAGER, office=OFFICE).status_code == 201
    yield from served.__wrapped__(console)


# What the browser itself says of an address it could not reach, the worker's script it looks for again among them.
UNREACHED = ("DISCONNECTED", "error occurred when fetching the script")


def offline(sight: Sight, away: bool) -> None:  # noqa: FBT001 -- as the browser says it
    sight.page.context.set_offline(away)


def of_our_own(complaints: list[str]) -> list[str]:
    return [each for each in complaints if not any(words in each for words in UNREACHED)]


def test_a_patrol_goes_on_without_a_network(browser: Any, base: str, estate: Estate, tmp_path: Path) -> None:
    console, _ = estate
    with seat(browser, base, "ban", NARROW) as walker:
        page = walker.page
        walker.go(f"{BASE}/walk")
        pressed(walker, "开始巡视")
        case_id = page.url.partition("/walk/")[2].partition("#")[0]
        with page.expect_navigation():
            page.click("button[aria-label='到了 东门']")
        assert "已到" in walker.words
        offline(walker, away=True)
        page.click("button[aria-label='到了 泵房']")
        page.wait_for_selector("text=已存，待发")
        for place in ("3 栋一层", "地下车库"):
            page.click("summary:has-text('发现问题')")
            page.click("label:has-text('安全')")
            page.fill("#place", place)
            page.fill("#matter", "灭火器过期")
            page.set_input_files("#photo", {"name": "a.png", "mimeType": "image/png", "buffer": PICTURE})
            page.click("label:has-text('整改')")
            page.click("button:has-text('记下')")
            page.wait_for_function("place => !document.querySelector('#finding').open", arg=place)
        page.wait_for_selector("text=3 份存在本机")
        assert walker.overflow() <= 0
        page.evaluate("() => window.scrollTo(0, 0)")
        page.screenshot(path=str(tmp_path / "offline.png"))
        before = console.get(f"/offices/{OFFICE}/patrols/{case_id}", office=OFFICE).json()
        with page.expect_navigation():
            offline(walker, away=False)
        page.wait_for_selector("text=地下车库")
        assert "份存在本机" not in walker.words
        after = console.get(f"/offices/{OFFICE}/patrols/{case_id}", office=OFFICE).json()["data"]
        assert before["data"]["findings"] == []
        assert [each["place"] for each in after["findings"]] == ["3 栋一层", "地下车库"]
        assert set(after["seen"]) == {"P1", "P2"}
        assert len(after["papers"]) == 1, "the same picture twice is one paper"
        for yes in page.locator("#end .wy-yn").all():
            yes.locator("label.x" if yes.get_attribute("aria-label").startswith("安全") else "label.y").click()
        offline(walker, away=True)
        page.click("button:has-text('结束巡视')")
        page.wait_for_selector("text=1 份存在本机")
        with page.expect_navigation():
            offline(walker, away=False)
        assert "已经结束" in walker.words


def test_one_sets_out_without_a_network(browser: Any, base: str, estate: Estate, tmp_path: Path) -> None:
    console, _ = estate
    console.until(OFFICE, "2025-04-01 09:00")
    with seat(browser, base, "ban", NARROW) as walker:
        page = walker.page
        walker.go(f"{BASE}/walk")
        case_id = page.url.partition("/walk/")[2].partition("#")[0]
        offline(walker, away=True)
        page.click("button:has-text('开始巡视')")
        page.wait_for_selector("text=1 份存在本机")
        page.wait_for_selector("#begin", state="hidden")
        page.locator("button[aria-label='到了 东门']").locator("visible=true").click()
        page.wait_for_selector("text=2 份存在本机")
        page.locator("button[aria-label='到了 泵房']").locator("visible=true").click()
        page.wait_for_selector("text=3 份存在本机")
        assert walker.overflow() <= 0
        page.screenshot(path=str(tmp_path / "set-out-offline.png"))
        for yes in page.locator("#end .wy-yn").all():
            yes.locator("label.y").click()
        page.click("button:has-text('结束巡视')")
        page.wait_for_selector("text=4 份存在本机")
        assert console.get(f"/offices/{OFFICE}/patrols/{case_id}", office=OFFICE).json()["state"] == "owed"
        with page.expect_navigation():
            offline(walker, away=False)
        assert "已经结束" in walker.words
        after = console.get(f"/offices/{OFFICE}/patrols/{case_id}", office=OFFICE).json()
        assert after["state"] == "completed"
        assert set(after["data"]["seen"]) == {"P1", "P2"}
        names = [
            f["name"] for f in console.get(f"/offices/{OFFICE}/patrols/{case_id}/facts", office=OFFICE).json()["facts"]
        ]
        assert names.count("PatrolBegun") == 1


def test_what_is_refused_when_it_arrives_is_kept_with_its_reason(browser: Any, base: str, estate: Estate) -> None:
    console, _ = estate
    console.until(OFFICE, "2025-04-02 09:00")
    with seat(browser, base, "ban", NARROW) as walker:
        page = walker.page
        walker.go(f"{BASE}/walk")
        pressed(walker, "开始巡视")
        case_id = page.url.partition("/walk/")[2].partition("#")[0]
        offline(walker, away=True)
        page.click("button[aria-label='到了 东门']")
        page.wait_for_selector("text=1 份存在本机")
        ends = [{"subject": each, "good": True} for each in ("cleaning-and-greening", "violations", "safety", "staff")]
        path = f"/offices/{OFFICE}/patrols/{case_id}/end-patrol"
        assert console.post(path, {"subjects": ends}, Role.DUTY_OFFICER, office=OFFICE).status_code == 200
        offline(walker, away=False)
        page.wait_for_selector("text=未被接受：P1")
        page.click("button:has-text('知道了')")
        assert "未被接受" not in walker.words


def test_an_inspection_is_written_down_without_a_network(browser: Any, base: str, estate: Estate) -> None:
    console, _ = estate
    taken = console.post(f"/offices/{OFFICE}/vacant-homes", HOUSE, Role.MANAGER, office=OFFICE)
    assert taken.status_code == 201, taken.text
    with seat(browser, base, "guan", NARROW) as clerk:
        page = clerk.page
        clerk.go(f"{BASE}/inspect/{taken.json()['id']}")
        offline(clerk, away=True)
        page.click("button:has-text('其余完好')")
        page.click("button:has-text('记入，去下一套')")
        page.wait_for_selector("text=1 份存在本机")
        with page.expect_navigation():
            offline(clerk, away=False)
        assert re.search("/(homes|inspect)", page.url)
        facts = console.get(f"/offices/{OFFICE}/vacant-homes/{taken.json()['id']}/facts", office=OFFICE).json()["facts"]
        assert [each["name"] for each in facts].count("HomeInspected") == 1


def test_what_is_wrong_in_a_home_is_photographed_without_a_network_and_lies_with_its_rectification(
    browser: Any, base: str, estate: Estate, tmp_path: Path
) -> None:
    console, _ = estate
    house = HOUSE | {
        "home": "9-905",
        "keys": [{"number": "905", "count": 1, "key_class": "entrance", "condition": "good"}],
    }
    taken = console.post(f"/offices/{OFFICE}/vacant-homes", house, Role.MANAGER, office=OFFICE).json()
    with seat(browser, base, "guan", NARROW) as clerk:
        page = clerk.page
        clerk.go(f"{BASE}/inspect/{taken['id']}")
        offline(clerk, away=True)
        page.locator(".wy-check li:has-text('墙面') .x").click()
        page.click("button:has-text('其余完好')")
        page.click("button:has-text('记入，去下一套')")
        assert page.locator(".net, .wy-net").count() == 0, "what is wrong is said before anything is kept"
        page.fill(".wy-check li:has-text('墙面') [name^='matter.']", "墙角渗水")
        photo = {"name": "a.png", "mimeType": "image/png", "buffer": PICTURE}
        page.set_input_files(".wy-check li:has-text('墙面') input[type=file]", photo)
        assert page.locator(".wy-check li:has-text('墙面') [data-chosen]").inner_text() == "a.png"
        page.screenshot(path=str(tmp_path / "defect.png"), full_page=True)
        assert of_our_own(clerk.faults()) == []
        page.click("button:has-text('记入，去下一套')")
        page.wait_for_selector("text=1 份存在本机")
        with page.expect_navigation():
            offline(clerk, away=False)
        assert "未被接受" not in clerk.words
    rows = console.get(f"/offices/{OFFICE}/registers/rectifications?limit=50", office=OFFICE).json()["rows"]
    work = next(row["case_id"] for row in rows if row["origin_id"] == taken["id"])
    shown = console.seen(f"{BASE}/case/{work}")
    assert "墙面：墙角渗水" in shown.text
    assert [link for link in shown.links if "/paper/" in link and work in link], "the photo lies with the rectification"


def kept(sight: Sight, path: str) -> None:
    """Until the worker has kept a page."""
    sight.page.wait_for_function(
        "async path => Boolean(await caches.match(path, { cacheName: 'wuye-round', ignoreVary: true }))", arg=path
    )


def test_checklists_are_taken_along_and_open_where_no_network_is(
    browser: Any, base: str, estate: Estate, tmp_path: Path
) -> None:
    console, _ = estate
    console.until(OFFICE, "2025-05-02 09:00")
    ids = []
    for home in ("9-911", "9-912"):
        key = {"number": home, "count": 1, "key_class": "entrance", "condition": "good"}
        taken = console.post(
            f"/offices/{OFFICE}/vacant-homes", HOUSE | {"home": home, "keys": [key]}, Role.MANAGER, office=OFFICE
        )
        assert taken.status_code == 201, taken.text
        ids.append(taken.json()["id"])
    console.until(OFFICE, "2025-06-02 09:00")
    with seat(browser, base, "guan", NARROW) as clerk:
        page = clerk.page
        clerk.go(f"{BASE}/homes")
        due = page.locator("a.wy-cell-due").count()
        assert due >= len(ids)
        page.click("button:has-text('带上检查表')")
        page.wait_for_selector(f"text=已带上 {due} 张")
        kept(clerk, "/console/without-network")
        page.wait_for_function("() => navigator.serviceWorker.controller")
        offline(clerk, away=True)
        clerk.go(f"{BASE}/today")
        assert "没有网络" in clerk.words
        page.wait_for_selector("text=检查 9-911")
        page.screenshot(path=str(tmp_path / "without-network.png"))
        clerk.follow("a:has-text('检查 9-911')")
        page.wait_for_selector("text=照常填写")
        page.click("button:has-text('其余完好')")
        with page.expect_navigation():
            page.click("button:has-text('记入，去下一套')")
        page.wait_for_selector("text=1 份存在本机")
        assert page.locator("h1").inner_text() != "9-911", "on to the next that was taken along"
        clerk.go(f"{BASE}/inspect/{ids[0]}")
        page.wait_for_selector("text=已存，待发")
        page.screenshot(path=str(tmp_path / "kept.png"))
        offline(clerk, away=False)
        with page.expect_navigation():
            page.click("button:has-text('现在送')")
        facts = console.get(f"/offices/{OFFICE}/vacant-homes/{ids[0]}/facts", office=OFFICE).json()["facts"]
        assert [each["name"] for each in facts].count("HomeInspected") == 1
        assert of_our_own(clerk.complaints) == []


def test_what_waits_is_sent_from_any_page_and_is_not_lost_by_logging_out(
    browser: Any, base: str, estate: Estate
) -> None:
    console, _ = estate
    console.until(OFFICE, "2025-07-01 09:00")
    case_id = console.ids()["vacant_home"]
    with seat(browser, base, "guan") as clerk:
        page = clerk.page
        clerk.go(f"{BASE}/inspect/{case_id}")
        offline(clerk, away=True)
        page.click("button:has-text('其余完好')")
        page.click("button:has-text('记入，去下一套')")
        page.wait_for_selector("text=1 份存在本机")
        offline(clerk, away=False)
        page.wait_for_selector("text=1 份存在本机", state="detached")
    with seat(browser, base, "guan") as clerk:
        page = clerk.page
        clerk.go(f"{BASE}/today")
        who = page.locator("[data-outbox-of]").get_attribute("data-outbox-of")
        entry = {"key": "k" * 24, "who": who, "action": f"{BASE}/walk/none", "said": [["do", "point"]], "at": 0}
        page.route("**/walk/none", lambda route: route.abort())
        page.evaluate("entry => localStorage.setItem('wuye-outbox', JSON.stringify([entry]))", entry)
        clerk.go(f"{BASE}/today")
        page.wait_for_selector("text=1 份存在本机")
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        page.click(".wy-me details:last-of-type summary")
        page.click(".wy-me button:has-text('退出')")
        assert "还没有送出" in asked[0]
        assert page.url.endswith("/today")
