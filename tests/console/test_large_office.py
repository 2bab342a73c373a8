"""A large office: figures are kept until something is written, the cabinet is turned page by page, one finds whatever one types."""

from __future__ import annotations

import pytest

from api.console import homes
from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.seen import Seen
from tests.console.test_forms import XH, registered


def test_figures_are_read_once_until_something_is_written(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    figures = type(api.context.figures)
    read = figures.read

    def counting(self: object, standards: object, *rest: object) -> object:
        asked.append(standards)
        return read(self, standards, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(figures, "read", counting)
    page = f"{XH}/standards/complaint-handling-rate"
    registered(api)
    first = api.get(page, Role.MANAGER).text
    once = len(asked)
    assert once > 0
    assert Seen(api.get(page, Role.MANAGER).text).text == Seen(first).text
    assert len(asked) == once
    registered(api, matter="电梯异响")
    api.get(page, Role.MANAGER)
    assert len(asked) > once


def test_the_key_cabinet_is_turned_page_by_page(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "_KEYS", homes._KEYS.replace(str(homes._CABINET), "2"))
    monkeypatch.setattr(homes, "_CABINET", 2)
    for number in ("8-801", "8-802", "8-803"):
        key = {"number": f"K{number}", "count": 2, "key_class": "entrance", "condition": "good"}
        taken = {"home": number, "kind": "unsold", "area": 8_000, "keys": [key]}
        assert api.post("/offices/XH/vacant-homes", taken, Role.MANAGER).status_code == 201
    page = api.get(f"{XH}/keys").text
    shown = [number for number in ("8-801", "8-802", "8-803") if f"K{number}" in page]
    assert len(shown) <= 2
    assert "后一页" in page
    one = Seen(api.get(f"{XH}/keys?q=8-803").text)
    assert "K8-803" in one.text
    assert "K8-801" not in one.text
    assert "没有符合“9-9”的房屋" in api.get(f"{XH}/keys?q=9-9").text
    assert "前一页" in api.get(f"{XH}/keys?from=2").text


def test_capitals_and_small_letters_find_the_same(api: ApiClient) -> None:
    registered(api, matter="WiFi 信号差")
    for words in ("wifi", "WIFI", "信号"):
        assert "WiFi 信号差" in api.get(f"{XH}/find?q={words}").text
