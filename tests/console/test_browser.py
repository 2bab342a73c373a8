"""The console in a real browser: a clerk's day told as a story, every page without an error, paper that fits its sheet.

Screenshots of every page at two sizes are left in the test's folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.conftest import PASSWORD
from tests.api.test_feed import served
from tests.console.browsing import AXE, IN_BROWSER, NARROW, WIDE, Sight, log_in, people, seat
from tests.console.browsing import browser as browser  # noqa: PLC0414 -- the fixture
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.test_pages import BASE, OWN

pytestmark = IN_BROWSER
PATHS = (
    *(f"{BASE}/{path}" for path in OWN),
    f"{BASE}/registers/complaints?view=all",
    f"{BASE}/registers/households?view=all",
    f"{BASE}/registers/bills?view=all",
    f"{BASE}/open/complaints/register-complaint",
    f"{BASE}/open/vacant-homes/take-over-home",
)


@pytest.fixture(scope="module")
def base(played: ConsoleClient) -> Iterator[str]:
    people(
        played,
        ("chen", "陈雨晨", Role.ADMINISTRATOR),
        ("shen", "沈雪梅", Role.MANAGER),
        ("shenji", "方审计", Role.AUDITOR),
    )
    yield from served.__wrapped__(played)


@pytest.fixture
def sight(browser: Any, base: str) -> Iterator[Sight]:
    with seat(browser, base) as opened:
        yield opened


def test_a_clerks_morning_from_the_telephone_to_the_result(sight: Sight, played: ConsoleClient) -> None:
    log_in(sight, "chen")
    page = sight.page
    assert "应办事项" in sight.words
    # The telephone rings: 1403, or what the resident says of it.
    home = played.get(f"/offices/{OFFICE}/households?limit=1&state=resident", office=OFFICE).json()["rows"][0]["home"]
    sight.follow("text=接待登记")
    page.fill("#s", home)
    page.press("#s", "Enter")
    page.wait_for_selector("text=未了的事")
    page.wait_for_selector("#f-matter:focus")
    page.fill("#f-matter", "厨房下水堵塞")
    page.fill("#f-category", "给排水")
    page.fill("#f-content", "今年第三次，希望查清根源。")
    page.dblclick("button:has-text('登记投诉')")  # as people do
    page.wait_for_url(re.compile(r"/case/complaint-.*do=assess-complaint"))
    assert "已登记" in sight.words
    case_id = re.findall(r"/case/([^?#]+)", page.url)[0]
    # The promise, with a time that is often promised.
    page.click("[data-set='f-promised_by']:has-text('明天 18:00')")
    page.fill("#f-measure", "请水工上门疏通")
    page.click("[data-set='f-told_at']:has-text('现在')")
    page.click("button.btn-primary:has-text('定办法')")
    page.wait_for_selector("text=明天 18:00 前按时限处理投诉")
    # The cause, then the result.
    sight.follow(".wy-do a:has-text('记录调查结果')")
    page.fill("#f-root_cause", "设施老化")
    page.fill("#f-findings", "主立管接口塌陷")
    page.click("button.btn-primary:has-text('记录调查结果')")
    page.wait_for_selector("text=已调查原因")
    # What is owed next stands open already.
    page.fill("#f-done_by", "许浩然")
    page.fill("#f-result", "换了塌陷管段")
    page.click("button.btn-primary:has-text('报告处理结果')")
    page.wait_for_selector(".wy-stand >> text=已处理")
    assert "回访" in page.locator("section:has(h2:text('相关'))").inner_text()
    facts = played.get(f"/offices/{OFFICE}/complaints/{case_id}/facts", office=OFFICE).json()["facts"]
    assert [fact["name"] for fact in facts] == [
        "ComplaintRegistered",
        "ComplaintAssessed",
        "ComplaintInvestigated",
        "ComplaintResolved",
    ]
    assert sight.complaints == []


def test_an_auditor_moves_through_time_and_verifies_the_book(sight: Sight, played: ConsoleClient) -> None:
    log_in(sight, "shenji")
    case_id = played.ids()["complaint"]
    sight.go(f"{BASE}/case/{case_id}")
    slider = sight.page.locator("input[type=range]")
    slider.focus()
    sight.page.keyboard.press("Home")
    sight.page.wait_for_url(re.compile("as_of="))
    assert "看过去" in sight.words
    assert sight.page.locator("form.wy-form").count() == 0
    sight.follow("text=回到现在")
    sight.go(f"{BASE}/facts")
    sight.page.click("text=核验台账")
    sight.page.wait_for_selector("text=台账完好")
    assert sight.complaints == []


def test_a_draft_outlives_a_log_in_that_has_ended(sight: Sight) -> None:
    log_in(sight, "chen")
    sight.go(f"{BASE}/open/complaints/register-complaint")
    sight.page.fill("#f-matter", "电梯异响")
    sight.page.fill("#f-category", "电梯")
    sight.page.context.clear_cookies(name="wuye_session")
    sight.page.click("button.btn-primary")
    sight.page.wait_for_selector("#password")
    sight.page.fill("#login", "chen")
    sight.page.fill("#password", PASSWORD)
    sight.page.click("button[type=submit]")
    sight.page.wait_for_selector("#f-matter")
    assert sight.page.input_value("#f-matter") == "电梯异响"


def test_every_page_opens_without_an_error_and_within_its_width(
    sight: Sight, tmp_path: Path, played: ConsoleClient
) -> None:
    log_in(sight, "shen")
    cases = [f"{BASE}/case/{case_id}" for case_id in played.ids().values()]
    for lang in ("zh", "en"):
        sight.speak(lang)
        for size in (WIDE, NARROW):
            sight.page.set_viewport_size(size)
            for number, path in enumerate((*PATHS, *cases)):
                assert sight.go(path).status == 200, path
                assert sight.complaints == [], (path, lang)
                assert sight.overflow() <= 0, (path, lang, size["width"])
                sight.page.screenshot(path=str(tmp_path / f"{number:02}-{lang}-{size['width']}.png"))


def test_a_resident_answers_on_a_telephone_and_a_borrower_signs_with_a_finger(
    sight: Sight, browser: Any, played: ConsoleClient
) -> None:
    log_in(sight, "shen")
    case_id = next(
        row["case_id"]
        for row in played.get(f"/offices/{OFFICE}/complaints?limit=50", office=OFFICE).json()["rows"]
        if row["state"] in ("resolved", "followed-up", "archived") and row["home"]
    )
    sight.go(f"{BASE}/invite/{case_id}")
    sight.page.click("button:has-text('请住户自述')")
    link = sight.page.locator("a[data-copy]").get_attribute("href")
    telephone = browser.new_context(viewport=NARROW, locale="zh-CN")
    theirs = Sight(telephone.new_page(), "")
    assert theirs.go(link).status == 200
    theirs.page.check("input[value=yes]", force=True)
    theirs.page.click("button[type=submit]")
    theirs.page.wait_for_selector("text=您说的是「满意」")
    assert theirs.overflow() <= 0
    assert theirs.complaints == []
    telephone.close()
    sight.go(f"{BASE}/open/key-loans/request-key-loan")
    board = sight.page.locator(".wy-sign canvas").first
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    sight.page.mouse.move(box["x"] + 20, box["y"] + 20)
    sight.page.mouse.down()
    sight.page.mouse.move(box["x"] + 120, box["y"] + 60, steps=8)
    sight.page.mouse.up()
    drawn = sight.page.locator("input[name='sign.borrower']").input_value()
    assert drawn.startswith("data:image/png;base64,")
    sight.follow("main form.wy-form button.btn-primary")
    assert sight.page.locator(".wy-fault a").count() >= 1, "it was refused"
    assert sight.page.locator("input[name='sign.borrower']").input_value() == drawn
    inked = "() => document.querySelector('.wy-sign canvas').getContext('2d').getImageData(0, 0, 480, 160).data.some(Boolean)"
    sight.page.wait_for_function(inked)
    assert sight.complaints == []


def test_axe_finds_nothing_serious(sight: Sight, played: ConsoleClient) -> None:
    log_in(sight, "shen")
    source = AXE.read_text("utf-8")
    found = []
    for size in (WIDE, NARROW):
        sight.page.set_viewport_size(size)
        for path in (
            *PATHS,
            f"{BASE}/case/{played.ids()['complaint']}",
            f"{BASE}/print/complaint/{played.ids()['complaint']}",
        ):
            sight.go(path)
            sight.page.evaluate(source)
            result = sight.page.evaluate("() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'best-practice'] })")
            found += [
                (path, size["width"], each["id"], each["nodes"][0]["html"][:160])
                for each in result["violations"]
                if each["impact"] in ("serious", "critical")
            ]
    assert found == []


def test_each_form_fits_its_sheet_of_paper(sight: Sight, played: ConsoleClient, tmp_path: Path) -> None:
    log_in(sight, "shen")
    ids = played.ids()
    sheets = [
        ("complaint", ids["complaint"]),
        ("repair-order", ids["repair_order"]),
        ("follow-up", ids["follow_up"]),
        ("vacant-home", ids["vacant_home"]),
        ("patrol", ids["patrol"]),
        ("letter", ids["complaint"]),
    ]
    for form, case_id in sheets:
        sight.go(f"{BASE}/print/{form}/{case_id}")
        pdf = sight.page.pdf(path=str(tmp_path / f"{form}.pdf"), format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1, form
    for form in ("complaint", "follow-up", "key-loan"):
        sight.go(f"{BASE}/print/{form}/blank")
        pdf = sight.page.pdf(path=str(tmp_path / f"{form}-blank.pdf"), format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1, form


def test_a_matter_that_is_long_goes_over_several_pages_and_leaves_none_empty(
    sight: Sight, played: ConsoleClient, tmp_path: Path
) -> None:
    log_in(sight, "shen")
    for between, pages in (("", 2), ("\n", 3)):  # ninety sentences one after another; or each on a line of its own
        told = between.join(f"第{number}次：电梯半夜停运，住户爬楼回家。" for number in range(1, 91))
        body = {"channel": "in-person", "category": "电梯", "matter": "电梯停运", "content": told, "home": "1-1-0201"}
        made = played.post(f"/offices/{OFFICE}/complaints", body, office=OFFICE)
        sight.go(f"{BASE}/print/complaint/{made.json()['id']}")
        pdf = sight.page.pdf(path=str(tmp_path / f"{pages}.pdf"), format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == pages, "the sentences and the form"
