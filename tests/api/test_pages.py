"""The documentation that a browser shows: by chapter, searchable, with nothing inline and nothing from elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from api.http.markup import element
from domain.cases import CASES
from tests.api.conftest import ApiClient
from tests.api.test_feed import served
from tests.waiting import PATIENCE

CHROMIUM = shutil.which("chromium")


class Page(HTMLParser):
    """What stands in a page: its links and anchors, and whatever a strict policy would forbid."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.forbidden: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in told) or "style" in told:
            self.forbidden.append(tag)
        self.forbidden += [name for name in told if name.startswith("on")]
        self.links |= {str(told[name]) for name in ("href", "src") if told.get(name)}
        self.ids += [str(told["id"])] if "id" in told else []


@pytest.mark.long
def test_every_page_is_reached_from_the_index_and_every_link_leads_somewhere(api: ApiClient) -> None:
    assert api.client.get("/", follow_redirects=False).headers["location"] == "/console"
    index = Page(api.client.get("/docs").text)
    pages = {"/docs": index}
    for link in sorted({each.partition("#")[0] for each in index.links if each.startswith("/docs/")}):
        answer = api.client.get(link)
        assert answer.status_code == 200, link
        pages[link] = Page(answer.text)
    assert set(pages) == {"/docs", "/docs/general", *(f"/docs/{lifecycle.path}" for lifecycle in CASES[1:])}
    for name, page in pages.items():
        assert page.forbidden == []
        assert len(set(page.ids)) == len(page.ids), name
        for link in page.links - {"data:,"}:
            assert link.startswith(("/", "#")), link
            path, _, anchor = link.partition("#")
            path = path or name
            if path.startswith("/docs") and anchor:
                assert anchor in pages[path].ids, link
            elif path not in pages:
                assert api.client.get(path).status_code == 200, link


def test_a_page_obeys_a_strict_policy_and_is_not_sent_twice(api: ApiClient) -> None:
    page = api.client.get("/docs/complaints")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert api.client.get("/docs/complaints", headers={"If-None-Match": page.headers["etag"]}).status_code == 304
    for name, kind in (("manual.css", "text/css"), ("manual.js", "text/javascript")):
        assert api.client.get(f"/static/docs/{name}").headers["content-type"].startswith(kind)
    assert api.client.get("/static/docs/other.js").status_code == 404
    assert api.client.get("/docs/weather").status_code == 404


def test_a_page_says_what_a_form_wants_in_the_offices_words(api: ApiClient) -> None:
    text = re.sub(r"<[^>]+>", " ", api.client.get("/docs/complaints").text)
    for said in (
        "登记投诉 / Register a complaint",
        "投诉内容 · what was said",
        "来访 / in person",
        "个人信息，密封保存",
        "§4.2",
        "管理员",
        "必填 required",
        "厨房下水堵塞",
    ):
        assert said in text, said


def test_a_text_stays_a_text_whatever_stands_in_it() -> None:
    assert element("p", "<script>&", title='"') == '<p title="&quot;">&lt;script&gt;&amp;</p>'
    assert element("p", element("b", "1 < 2")) == "<p><b>1 &lt; 2</b></p>"


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="no browser: Debian's chromium is not installed")
def test_a_browser_finds_an_operation_by_a_word(api: ApiClient, tmp_path: Path) -> None:
    with served(api) as base:
        shown = subprocess.run(
            [
                str(CHROMIUM),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                f"--user-data-dir={tmp_path}",
                "--virtual-time-budget=20000",
                "--dump-dom",
                f"{base}/docs#q=archive",
            ],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
    lines = re.findall(r"<li data-words[^>]*>", shown.stdout)
    assert [line for line in lines if 'hidden=""' not in line and "archive" not in line] == []
    assert sum('hidden=""' not in line for line in lines) == 1
