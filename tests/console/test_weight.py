"""What a page weighs and rests on: little, unchanged for good, and everything with its licence."""

from __future__ import annotations

import gzip
import re

import pytest

from api.console.static_files import FOLDER, StaticFiles
from tests.api.conftest import ApiClient
from tests.console.seen import Seen


def test_scripts_and_styles_of_a_page_weigh_less_than_three_hundred_kilobytes() -> None:
    sizes = StaticFiles().sizes()
    assert sum(sizes.values()) < 300_000, sizes
    assert sizes["console.css"] + sizes["console.js"] < 120_000, "a page without a chart"


def test_a_file_is_kept_for_good_under_the_address_of_its_content(api: ApiClient) -> None:
    page = api.client.get("/console/login").text
    addresses = re.findall(r'(?:href|src)="(/static/console/[^"]+)"', page)
    assert len(addresses) == 3
    for address in addresses:
        answer = api.client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
        etag = answer.headers["etag"]
        assert api.client.get(address, headers={"If-None-Match": etag}).status_code == 304
        old = re.sub("/[0-9a-f]{12}/", "/000000000000/", address)
        assert "immutable" not in api.client.get(old).headers["cache-control"]
    assert api.client.get("/static/console/000000000000/other.js").status_code == 404


def test_what_is_vendored_is_listed_with_its_licence_beside_it() -> None:
    listed = (FOLDER / "vendor" / "README.md").read_text("utf-8")
    for folder in (each for each in (FOLDER / "vendor").iterdir() if each.is_dir()):
        assert (folder / "LICENSE").stat().st_size > 400
        for file in folder.glob("*.min.*"):
            assert f"`{folder.name}/{file.name}`" in listed


def test_the_first_page_is_whole_without_a_script_and_strict(api: ApiClient) -> None:
    answer = api.client.get("/console/login")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert Seen(answer.text).forbidden == []
    assert len(gzip.compress(answer.content)) < 4_000


@pytest.mark.parametrize(
    "path", ["/console/nothing", "/console/XH/nothing", "/console/XH/case/complaint-none", "/console/NO/today"]
)
def test_what_is_not_there_is_a_page_that_says_so(api: ApiClient, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "回到今日" in answer.text
    part = api.get(path, headers={"HX-Request": "true"})
    assert "<html" not in part.text
