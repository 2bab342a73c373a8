"""Import on pages: a list is looked at, rehearsed, taken; what cannot be taken comes back with its reasons."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from api.console import imports
from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.seen import Seen, codes_in, latin_in
from tests.importing.test_sheets import book

XH = "/console/XH"
HEAD = "房号,入住日期,姓名,电话,建筑面积,备注"
GOOD = "7-2-1403,2024-03-01,甲乙丙丁,19900004417,89.6,"
BAD = "7-2-1404,去年,张三,19900004418,70,"


@pytest.fixture(autouse=True)
def _home(api: ApiClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.context.settings, "home", tmp_path)


def sent(api: ApiClient, data: bytes | str, name: str = "名册.csv", role: Role = Role.MANAGER, **more: Any) -> Any:
    raw = data.encode() if isinstance(data, str) else data
    return api.ask(
        "POST", f"{XH}/import", role, files={"file": (name, raw), **more}, data={"shipped": ""}, follow_redirects=False
    )


def looked(api: ApiClient, answer: Any) -> Seen:
    assert answer.status_code == 303, Seen(answer.text).text
    page = api.get(answer.headers["location"], Role.MANAGER)
    assert page.headers["cache-control"] == "no-store"
    return Seen(page.text)


@pytest.mark.long
def test_a_list_is_rehearsed_then_taken_and_the_same_file_again_changes_nothing(api: ApiClient, tmp_path: Path) -> None:
    before = api.pages()
    answer = sent(api, f"{HEAD}\n{GOOD}\n{BAD}\n")
    page = looked(api, answer)
    for words in ("名册.csv", "住户名册", "可取 1", "不取 1", "住户：建筑面积", "不读", "去年", "取用 1 行"):
        assert words in page.text, (words, page.text)
    assert not codes_in(page) + [word for word in latin_in(page) if word not in ("csv", "manager")]
    assert page.forbidden == []
    assert api.pages() == before, "nothing is written by a rehearsal"
    assert all(b"\xe7\x94\xb2\xe4\xb9\x99" not in each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    refused = api.get(f"{answer.headers['location']}/refused.csv", Role.MANAGER)
    assert "张三" in refused.text
    assert "甲乙丙丁" not in refused.text
    assert refused.text.splitlines()[1].startswith("7-2-1404,去年")
    taken = api.ask("POST", answer.headers["location"], Role.MANAGER, follow_redirects=False)
    assert "已导入：1 件" in looked(api, taken).text
    rows = api.get("/offices/XH/households?limit=5", Role.MANAGER).json()["rows"]
    assert [(row["home"], row["area"], row["imported"]) for row in rows] == [("7-2-1403", 8960, True)]
    again = looked(api, sent(api, f"{HEAD}\n{GOOD}\n"))
    assert "没有可取的行" in again.text
    past = Seen(api.get(f"{XH}/import", Role.MANAGER).text)
    assert "manager of XH" in past.text, "who imported it is said"
    case = api.get(f"{XH}/case/{rows[0]['case_id']}", Role.MANAGER).text
    assert "历史导入" in case
    assert "import:" not in case


@pytest.mark.long
def test_a_workbook_is_read_and_its_problems_stand_at_its_own_rows(api: ApiClient, tmp_path: Path) -> None:
    rows = [["住户名册"], HEAD.split(","), GOOD.split(","), ["", "", "", "", "", ""], BAD.split(",")]
    page = looked(api, sent(api, book(tmp_path, rows).read_bytes(), "名册.xlsx"))
    assert "可取 1" in page.text, page.text[400:1500]
    assert "5 入住日期 去年" in page.text, page.text


@pytest.mark.long
def test_a_header_that_nobody_knows_is_told_and_a_mapping_of_ones_own_reads_it(api: ApiClient) -> None:
    from tests.importing.small import HEADER, MAPPING

    answer = sent(api, f"{HEADER}\n1,new,2025-03-03 10:00,noise,水管,x\n")
    assert answer.status_code == 409
    assert "没有认得这份表头的对应关系" in answer.text
    mine = {"mapping": ("own.toml", MAPPING.encode())}
    assert "小样" in looked(api, sent(api, f"{HEADER}\n1,new,2025-03-03 10:00,online,水管,x\n", **mine)).text
    broken = {"mapping": ("own.toml", b"[mapping")}
    assert sent(api, f"{HEAD}\n{GOOD}\n", **broken).status_code == 409
    assert sent(api, "").status_code == 409
    assert sent(api, b"PK\x03\x04 xl/ nonsense").status_code == 409


@pytest.mark.long
def test_an_upload_is_its_senders_alone_and_importing_the_managers(api: ApiClient) -> None:
    location = sent(api, f"{HEAD}\n{GOOD}\n").headers["location"]
    assert sent(api, f"{HEAD}\n{GOOD}\n", role=Role.ADMINISTRATOR).status_code == 403
    assert api.get(location, Role.ADMINISTRATOR).status_code == 403
    assert api.ask("GET", location.replace("/XH/", "/YH/"), Role.MANAGER, "YH").status_code == 404
    assert api.get(f"{location}/other.csv", Role.MANAGER).status_code == 404
    assert "导入" not in api.get(f"{XH}/handbook", Role.ADMINISTRATOR).text.partition("<main")[0].rpartition("设定")[2]


def test_whoever_comes_while_another_import_is_under_way_is_told_at_once(api: ApiClient) -> None:
    """Forty who waited for their turns would have the threads of all readers."""
    with imports._ONE_AT_A_TIME:
        answer = sent(api, f"{HEAD}\n{GOOD}\n")
    assert answer.status_code == 409
    assert "另有导入正在进行" in Seen(answer.text).text
    assert sent(api, f"{HEAD}\n{GOOD}\n").status_code == 303


def test_a_file_that_is_larger_within_than_without_is_refused_on_the_page(api: ApiClient) -> None:
    answer = sent(api, gzip.compress(bytes(65 * 1024 * 1024), 1), "名册.csv.gz")
    assert answer.status_code == 409
    assert "解压后过大" in Seen(answer.text).text
