"""Saved views: one's own, by a name, without the words that were searched for."""

from __future__ import annotations

from typing import Any

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.seen import Seen
from tests.console.test_forms import XH

PATH = f"{XH}/registers/complaints"


def kept(api: ApiClient, name: str, query: str = "", role: Role = Role.ADMINISTRATOR, **more: str) -> Any:
    said = {"name": name, "query": query} | more
    return api.ask("POST", f"{PATH}/views", role, data=said, follow_redirects=False)


def test_a_view_is_kept_by_a_name_and_is_its_keepers_alone(api: ApiClient) -> None:
    answer = kept(api, "噪音未结", "view=open&category=%E5%99%AA%E9%9F%B3&q=%E7%8E%8B%E5%B0%8F%E6%98%8E&cursor=x")
    assert answer.status_code == 303
    to = answer.headers["location"]
    assert "category=" in to
    assert "%E7%8E%8B" not in to, "what was searched for may be a name"
    page = Seen(api.get(to).text)
    assert "噪音未结" in page.text
    assert to in page.links
    assert page.forbidden == []
    assert 'aria-current="page">噪音未结' in api.get(to).text
    assert "噪音未结" not in api.get(PATH, Role.MANAGER).text
    assert kept(api, "噪音未结", do="forget").status_code == 303
    assert "噪音未结" not in api.get(PATH).text


def test_a_view_wants_a_name_and_there_are_not_too_many(api: ApiClient) -> None:
    for name in ("", "  ", "长" * 21, "a\nb"):
        assert kept(api, name).status_code == 409, name
    for number in range(20):
        assert kept(api, f"视图{number}", "view=all").status_code == 303
    assert kept(api, "再一个").status_code == 409
    unknown = api.ask("POST", f"{XH}/registers/nothing/views", data={"name": "x"})
    assert unknown.status_code == 404
