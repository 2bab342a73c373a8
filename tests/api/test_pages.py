"""The documentation page, as a browser shows it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.conftest import Window
from tests.api.test_feed import served
from tests.waiting import PATIENCE

CHROMIUM = shutil.which("chromium")


def test_the_page_needs_nothing_from_elsewhere_and_no_log_in(window: Window) -> None:
    assert window.client.get("/", follow_redirects=False).headers["location"] == "/docs"
    page = window.client.get("/docs")
    assert page.status_code == 200
    assert "//" not in page.text.replace("// ", "")  # no address of another machine
    for name, kind in (("swagger-ui-bundle.js", "text/javascript"), ("swagger-ui.css", "text/css")):
        answer = window.client.get(f"/static/docs/{name}")
        assert answer.headers["content-type"].startswith(kind)
        assert len(answer.content) > 10_000
    assert window.client.get("/static/docs/other.js").status_code == 404


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="no browser: Debian's chromium is not installed")
def test_a_browser_shows_every_part_of_the_interface(window: Window, tmp_path: Path) -> None:
    with served(window) as base:
        shown = subprocess.run(
            [str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}",
             "--virtual-time-budget=20000", "--dump-dom", f"{base}/docs"],
            capture_output=True, text=True, timeout=PATIENCE, check=True,
        )  # fmt: skip
    assert "接口文档" in shown.stdout
    assert "投诉 · complaint" in shown.stdout
    assert "账号与登录" in shown.stdout
