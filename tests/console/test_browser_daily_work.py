"""A month's end, money over the counter, accounts, an import, saved views, practice and a patrol, in a real browser.

One office, one story after another. Screenshots are left in the test's folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.test_feed import served
from tests.console.browsing import IN_BROWSER, NARROW, WIDE, Sight, log_in, people, seat
from tests.console.browsing import browser as browser  # noqa: PLC0414 -- the fixture
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.test_case_papers import PICTURE
from tests.console.test_imports import BAD, GOOD, HEAD
from tests.console.test_survey_links import QUESTIONS

pytestmark = IN_BROWSER
BASE = f"/console/{OFFICE}"
Estate = tuple[ConsoleClient, dict[str, str]]


@pytest.fixture(scope="module")
def base(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    console, _ = estate
    console.context.settings.home = tmp_path_factory.mktemp("home")
    people(
        console,
        ("guan", "许佳欣", Role.ADMINISTRATOR),
        ("jing", "沈雪梅", Role.MANAGER),
        ("zong", "罗总", Role.COMPANY),
        ("ban", "杜当班", Role.DUTY_OFFICER),
        ("xi", "管账号", Role.SYSTEM_ADMINISTRATOR),
    )
    yield from served.__wrapped__(console)


def seen(sight: Sight, folder: Path, name: str) -> None:
    """Nothing is wider than the window, at two sizes; and a picture of each."""
    for size in (WIDE, NARROW):
        sight.page.set_viewport_size(size)
        assert sight.overflow() <= 0, (name, size["width"])
        sight.page.screenshot(path=str(folder / f"{name}-{size['width']}.png"), full_page=True)
    sight.page.set_viewport_size(WIDE)
    assert sight.complaints == [], name


def pressed(sight: Sight, words: str) -> None:
    """The button that says so, and the page that comes of it."""
    with sight.page.expect_navigation():
        sight.page.locator("button", has_text=re.compile(f"^{words}")).first.click()


def test_a_managers_month_end(browser: Any, base: str, estate: Estate, tmp_path: Path) -> None:
    console, _ = estate
    with seat(browser, base, "guan") as clerk:
        clerk.follow("nav >> text=月末")
        pressed(clerk, "立项计费")
        pressed(clerk, "计费")
        assert "计费中" in clerk.words
    console.until(OFFICE, "2025-03-31 09:01")
    with seat(browser, base, "jing") as manager:
        manager.go(f"{BASE}/months")
        seen(manager, tmp_path, "review")
        manager.follow("tr:has-text('2-102') a.main")
        assert "100.00 × 2.50" in manager.words
        manager.page.fill("#why", "产权未交接")
        pressed(manager, "该户本次不出账")
        pressed(manager, "审核计费")
        assert "有异常的须说明" in manager.words
        manager.page.fill("#remark", "新盘首月，逐户核过")
        pressed(manager, "审核计费")
        assert "待批准" in manager.words
    with seat(browser, base, "zong") as company:
        company.go(f"{BASE}/months")
        pressed(company, "批准出账")
    console.until(OFFICE, "2025-04-01 09:00")
    with seat(browser, base, "guan") as clerk:
        clerk.go(f"{BASE}/months")
        seen(clerk, tmp_path, "delivery")
        pressed(clerk, "登记整栋送达")
        clerk.go(f"{BASE}/months/2025-03?show=undelivered")
        clerk.page.check("input[aria-label='2-101']")
        pressed(clerk, "登记所选送达")
        assert "3 / 3" in clerk.words
    with seat(browser, base, "jing") as manager:
        manager.go(f"{BASE}/months/2025-03")
        pressed(manager, "关账")
        assert "已关账" in manager.words
        seen(manager, tmp_path, "closed")


def test_money_over_the_counter_takes_two_clicks_and_two_numbers(
    browser: Any, base: str, estate: Estate, tmp_path: Path
) -> None:
    with seat(browser, base, "guan") as clerk:
        page = clerk.page
        clerk.go(f"{BASE}/counter")
        page.wait_for_selector("#s:focus")
        page.keyboard.type("1-101")
        page.keyboard.press("Enter")
        page.wait_for_selector("#amount")
        assert page.input_value("#amount") == "250.00"
        seen(clerk, tmp_path, "counter")
        page.fill("#tendered", "200")
        assert page.locator("[data-change]").inner_text() == "-¥50.00"
        page.fill("#tendered", "300")
        assert page.locator("[data-change]").inner_text() == "¥50.00"
        page.dblclick("button:has-text('收款并出收据')")  # as people do
        page.wait_for_url(re.compile("/receipt/"))
        for words in ("20250401-0001", "贰佰伍拾元整", "找零 ¥50.00"):
            assert words in clerk.words
        pdf = page.pdf(path=str(tmp_path / "receipt.pdf"), format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1
        seen(clerk, tmp_path, "receipt")
        clerk.follow("text=下一户")
        assert "20250401-0001" in clerk.words
        page.fill("#s", "1-102")
        page.press("#s", "Enter")
        page.uncheck("input[name=bill]")
        assert page.input_value("#amount") == "0.00", "the amount follows what is ticked"
        clerk.follow("text=对账单，逐分说明")
        seen(clerk, tmp_path, "statement")
        clerk.go(f"{BASE}/cash")
        page.fill("#counted", "249")
        assert page.locator("[data-over]").inner_text() == "-¥1.00"
        seen(clerk, tmp_path, "cash")
        page.fill("#counted", "250")
        pressed(clerk, "日结")
        assert "已日结" in clerk.words
    console, homes = estate
    paid = console.get(f"/offices/{OFFICE}/payments", office=OFFICE).json()["rows"]
    assert [row["household"] for row in paid] == [homes["1-101"]], "two clicks are one payment"


def test_a_system_administrator_opens_an_account_and_gives_it_a_role(browser: Any, base: str, tmp_path: Path) -> None:
    with seat(browser, base, "xi") as system:
        system.page.fill("#name", "林晓燕")
        system.page.fill("input#login", "lin")
        pressed(system, "开立")
        password = system.page.locator(".wy-once code").inner_text()
        seen(system, tmp_path, "account")
        system.page.select_option("#office", OFFICE)
        system.page.select_option("#role", "administrator")
        pressed(system, "授予角色")
        assert "已办好" in system.words
        assert password not in system.words
        seen(system, tmp_path, "roles")
    with seat(browser, base) as new:
        new.go("/console/login")
        new.page.fill("#login", "lin")
        new.page.fill("#password", password)
        new.page.click("button[type=submit]")
        new.page.wait_for_url(re.compile("/today$"))


def test_an_import_shows_its_problem_rows_before_anything_is_written(browser: Any, base: str, tmp_path: Path) -> None:
    with seat(browser, base, "jing") as manager:
        manager.go(f"{BASE}/import")
        file = {"name": "名册.csv", "mimeType": "text/csv", "buffer": f"{HEAD}\n{GOOD}\n{BAD}\n".encode()}
        manager.page.set_input_files("#file", file)
        pressed(manager, "试算")
        assert "去年" in manager.words
        seen(manager, tmp_path, "import")
        with manager.page.expect_download() as download:
            manager.page.click("text=下载不取的行")
        assert "7-2-1404" in Path(download.value.path()).read_text("utf-8")
        pressed(manager, "取用 1 行")
        assert "已导入：1 件" in manager.words


def test_a_view_is_kept_by_its_name_and_forgotten(browser: Any, base: str, tmp_path: Path) -> None:
    with seat(browser, base, "guan") as clerk:
        clerk.go(f"{BASE}/registers/bills?view=all&sort=home")
        clerk.page.click("summary:has-text('常用')")
        clerk.page.fill("input[form=keep]", "按房号")
        pressed(clerk, "存为常用")
        assert clerk.page.locator(".wy-views a.saved[aria-current]").inner_text() == "按房号"
        seen(clerk, tmp_path, "view")
        clerk.page.click("summary:has-text('常用')")
        with clerk.page.expect_navigation():
            clerk.page.click("button[aria-label='去掉 按房号']")
        assert clerk.page.locator(".wy-views a.saved").count() == 0


def test_who_practises_turns_the_clock_and_sees_what_is_late(browser: Any, base: str, tmp_path: Path) -> None:
    with seat(browser, base, "jing") as manager:
        manager.go(f"{BASE}/practice")
        seen(manager, tmp_path, "practice")
        pressed(manager, "拨到明早八点")
        assert "当日完成巡视" in manager.words
        seen(manager, tmp_path, "late")


def test_a_patrol_is_walked_on_a_telephone(browser: Any, base: str, tmp_path: Path) -> None:
    with seat(browser, base, "ban", NARROW) as walker:
        walker.go(f"{BASE}/walk")
        pressed(walker, "开始巡视")
        walker.page.screenshot(path=str(tmp_path / "walk.png"), full_page=True)
        walker.page.click("summary:has-text('发现问题')")
        walker.page.click("label:has-text('安全')")
        walker.page.fill("#place", "3 栋一层")
        walker.page.fill("#matter", "灭火器过期")
        walker.page.set_input_files("#photo", {"name": "a.png", "mimeType": "image/png", "buffer": PICTURE})
        walker.page.click("label:has-text('整改')")
        pressed(walker, "记下")
        assert "灭火器过期" in walker.words
        for yes in walker.page.locator("#end .wy-yn").all():
            yes.locator("label.x" if yes.get_attribute("aria-label").startswith("安全") else "label.y").click()
        assert walker.overflow() <= 0
        pressed(walker, "结束巡视")
        assert "已经结束" in walker.words
        assert walker.complaints == []


def test_todays_counters_follow_by_themselves_with_a_stream_or_without(browser: Any, base: str, estate: Estate) -> None:
    console, _ = estate
    path = f"/offices/{OFFICE}/complaints"
    complaint = {"channel": "in-person", "category": "噪音", "matter": "楼上噪音", "content": "每晚", "home": "1-101"}
    open_ = "#counts a[href$='/registers/complaints'] b"
    with seat(browser, base) as clerk:
        with clerk.page.expect_response("**/today/stream"):
            log_in(clerk, "guan")
        before = int(clerk.page.locator(open_).inner_text().split()[0].rstrip("件"))
        assert console.post(path, complaint, office=OFFICE).status_code == 201
        clerk.page.wait_for_selector(f"{open_}:has-text('{before + 1}')")
        assert clerk.complaints == []
    with seat(browser, base) as clerk:
        clerk.page.route("**/today/stream", lambda route: route.fulfill(status=503))
        clerk.page.clock.install()
        log_in(clerk, "guan")
        assert console.post(path, complaint, office=OFFICE).status_code == 201
        clerk.page.clock.run_for(61_000)
        clerk.page.wait_for_selector(f"{open_}:has-text('{before + 2}')")


def test_a_resident_fills_in_the_survey_on_a_telephone(browser: Any, base: str, estate: Estate, tmp_path: Path) -> None:
    console, homes = estate
    survey = f"survey-{OFFICE}-2025-1"
    for word, body in (
        ("draft-survey", {"title": "2025年上半年征求意见表", "questions": QUESTIONS}),
        ("issue-survey", {"households": list(homes.values()), "closes_on": "2025-06-20"}),
    ):
        answer = console.post(f"/offices/{OFFICE}/surveys/{survey}/{word}", body, Role.MANAGER, office=OFFICE)
        assert answer.status_code == 200, answer.text
    with seat(browser, base, "guan") as clerk:
        clerk.go(f"{BASE}/case/{survey}")
        clerk.follow("text=征询表与二维码")
        pdf = clerk.page.pdf(path=str(tmp_path / "sheets.pdf"), format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == len(homes), "a sheet for each"
        seen(clerk, tmp_path, "sheets")
        link = clerk.page.locator("a[data-copy]").first.get_attribute("href")
    with seat(browser, base, size=NARROW) as resident:
        resident.go(link)
        resident.page.screenshot(path=str(tmp_path / "blank.png"), full_page=True)
        resident.page.click("fieldset >> nth=0 >> label:has-text('4')")
        resident.page.click("label:has-text('不要')")
        resident.page.fill("textarea >> nth=0", "多谢")
        pressed(resident, "提交")
        assert "答卷已收到" in resident.words
        assert resident.overflow() <= 0
        assert resident.complaints == []
