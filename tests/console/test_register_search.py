"""A register finds people by name, pinyin, initials and telephone; no name stands in an address or in a stranger's page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.seen import Seen

XH = "/console/XH/registers"


@pytest.fixture
def homes(api: ApiClient) -> dict[str, str]:
    made = {
        home: api.household(home, name=name, phone=phone)
        for home, name, phone in (("1-101", "王小明", "19900001234"), ("1-102", "欧阳春", "19900005678"))
    }
    api.complaint(home="1-101", complainant="王小明", contact="19900001234", matter="楼道灯不亮")
    return made


def posed(api: ApiClient, register: str, words: str, role: Role = Role.ADMINISTRATOR, **more: Any) -> Any:
    data = {"q": words, "view": "all"} | more.pop("data", {})
    return api.ask("POST", f"{XH}/{register}", role, data=data, follow_redirects=False, **more)


@pytest.mark.parametrize("words", ["王小明", "wangxiaoming", "wxm", "1234", "小明"])
@pytest.mark.parametrize("register", ["households", "complaints"])
def test_people_are_found_in_their_register(api: ApiClient, homes: dict[str, str], register: str, words: str) -> None:
    answer = posed(api, register, words)
    assert answer.status_code == 200
    page = Seen(answer.text)
    assert "1-101" in page.text
    assert "1-102" not in page.text
    assert "含有：" in page.text, "what narrows the list is said, and can be taken away"
    addresses = [
        link for link in (*page.links, *page.actions) if "wang" in link or "%E7%8E%8B" in link or "wxm" in link
    ]
    assert not addresses


def test_what_names_nobody_stands_in_the_address_as_ever(api: ApiClient, homes: dict[str, str]) -> None:
    answer = posed(api, "complaints", "楼道灯")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{XH}/complaints?view=all&q=%E6%A5%BC%E9%81%93%E7%81%AF"
    assert "楼道灯不亮" in api.get(answer.headers["location"]).text
    part = posed(api, "complaints", "楼道灯", headers={"HX-Request": "true"})
    assert part.headers["hx-replace-url"] == answer.headers["location"]
    named = posed(api, "complaints", "王小明", headers={"HX-Request": "true"})
    assert named.headers["hx-replace-url"] == f"{XH}/complaints?view=all"


def test_a_name_that_is_typed_into_an_address_finds_nobody(api: ApiClient, homes: dict[str, str]) -> None:
    page = api.ask("GET", f"{XH}/households", Role.ADMINISTRATOR, params={"view": "all", "q": "王小明"}).text
    assert "没有符合条件的行" in page


def test_who_may_not_see_names_finds_none_by_them(api: ApiClient, homes: dict[str, str]) -> None:
    answer = posed(api, "households", "王小明", Role.COMPANY)
    assert answer.status_code == 303, "as a word that names nobody"
    assert "1-101" not in Seen(api.ask("GET", answer.headers["location"], Role.COMPANY).text).text.partition("全部")[2]


def test_what_is_exported_are_the_rows_on_the_page(api: ApiClient, homes: dict[str, str]) -> None:
    page = posed(api, "households", "王小明").text
    file = re.findall(r'form="named" formaction="([^"]+form=csv[^"]*)"', page)[0].replace("&amp;", "&")
    answer = api.ask("POST", file, Role.ADMINISTRATOR, data={"q": "王小明"})
    lines = answer.text.strip().splitlines()
    assert len(lines) == 2, "the head and his row"
    assert "1-101" in lines[1]
