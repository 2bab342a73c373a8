"""The telephone rings: the household is looked for once, read once, and nothing beside it is opened."""

from __future__ import annotations

import re
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.seen import Seen

XH = "/console/XH"


@pytest.fixture
def homes(api: ApiClient) -> dict[str, str]:
    """Two homes of which one's number ends as the other's, and somebody who complained from the first."""
    made = {
        home: api.household(home, name=name, phone=phone)
        for home, name, phone in (("1-101", "王小明", "19900001234"), ("11-101", "欧阳春", "19900005678"))
    }
    api.complaint(home="1-101", complainant="王小明", contact="19900001234")
    return made


def asked(api: ApiClient, page: str, words: str, role: Role = Role.ADMINISTRATOR) -> Any:
    answer = api.ask("POST", f"{XH}/{page}", role, data={"q": words})
    assert answer.status_code == 200, answer.text
    return answer


def read(api: ApiClient) -> list[str]:
    """Of which cases somebody has read, in order."""
    rows = api.get("/offices/XH/registers/readings?limit=500", Role.AUDITOR).json()["rows"]
    return [row["read_case"] for row in rows]


@pytest.mark.parametrize("page", ["reception", "counter"])
@pytest.mark.parametrize("words", ["1-101", "王小明", "wxm", "1234"])
def test_the_household_is_read_once_and_nothing_beside_it(
    api: ApiClient, homes: dict[str, str], page: str, words: str
) -> None:
    before = api.context.last_page("XH")
    assert "19900001234" in asked(api, page, words).text
    assert api.context.last_page("XH") == before + 1, "one reading is one page of the book"
    assert read(api) == [homes["1-101"]]


@pytest.mark.parametrize(("page", "stands_open"), [("reception", 'name="matter"'), ("counter", 'id="amount"')])
def test_a_home_that_is_meant_exactly_is_chosen_at_once(
    api: ApiClient, homes: dict[str, str], page: str, stands_open: str
) -> None:
    assert stands_open in asked(api, page, "1-101").text
    assert "11-101" not in Seen(asked(api, page, "1-101").text).text
    several = asked(api, page, "101")
    assert stands_open not in several.text
    assert {"1-101", "11-101"} <= set(re.findall(r"\d+-101", Seen(several.text).text))


def test_who_may_not_see_names_finds_homes_and_reads_nothing(api: ApiClient, homes: dict[str, str]) -> None:
    before = api.context.last_page("XH")
    assert "1-101" in Seen(asked(api, "reception", "1-101", Role.COMPANY).text).text
    assert "1-101" not in Seen(asked(api, "reception", "王小明", Role.COMPANY).text).text
    assert api.context.last_page("XH") == before


def test_what_an_office_wide_search_finds_by_its_home_is_said_once(api: ApiClient, homes: dict[str, str]) -> None:
    before = api.context.last_page("XH")
    page = asked(api, "find", "1-101")
    assert page.text.count(f'/case/{homes["1-101"]}"') == 1
    assert api.context.last_page("XH") == before, "no name was shown"
    assert "王小明" in Seen(asked(api, "find", "wxm").text).text
    assert api.context.last_page("XH") == before + 1


def test_what_is_refused_at_the_reception_is_shown_there_with_the_household_and_what_was_written(
    api: ApiClient, homes: dict[str, str]
) -> None:
    page = Seen(asked(api, "reception", "1-101").text)
    [action] = [each for each in page.actions if "/open/" in each]
    kept = {name: page.fields[name] for name in ("household", "at_reception", "then")}
    said = kept | {"channel": "telephone", "matter": "厨房堵塞", "category": "给排水"}
    refused = api.ask("POST", action, Role.ADMINISTRATOR, data=said, follow_redirects=False)
    assert refused.status_code == 409
    shown = Seen(refused.text)
    assert shown.title.startswith("错误：接待")
    assert "请记录投诉内容" in shown.text
    assert "王小明" in shown.text
    assert (shown.fields["matter"], shown.fields["household"]) == ("厨房堵塞", homes["1-101"])
    assert "household-" not in shown.text
    taken = api.ask("POST", action, Role.ADMINISTRATOR, data=said | {"content": "又堵了"}, follow_redirects=False)
    assert taken.status_code == 303


def test_a_case_that_is_known_stands_in_its_field_by_what_it_is_called(api: ApiClient, homes: dict[str, str]) -> None:
    page = api.get(f"{XH}/open/bills/issue-bill?household={homes['1-101']}").text
    assert f'<option value="{homes["1-101"]}" selected>1-101</option>' in page


def test_who_was_logged_out_comes_back_to_the_page_that_he_saw(api: ApiClient) -> None:
    headers = {"hx-request": "true", "hx-current-url": f"http://testserver{XH}/reception?q=1-101"}
    answer = api.client.get(f"{XH}/reception/similar", headers=headers)
    assert answer.headers["hx-redirect"] == "/console/login?next=%2Fconsole%2FXH%2Freception%3Fq%3D1-101"
    elsewhere = headers | {"hx-current-url": "http://elsewhere.example/console/XH/reception"}
    assert api.client.get(f"{XH}/reception/similar", headers=elsewhere).headers["hx-redirect"] == "/console/login"


def raised(api: ApiClient, fault: str, **where: str) -> str:
    body = {"channel": "telephone", "fault_kind": fault, "description": "请来看看"} | where
    answer = api.post("/offices/XH/repair-orders", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def like(api: ApiClient, home: str, household: str, **said: str) -> str:
    asked = {"kind": "repair", "home": home, "household": household} | said
    answer = api.ask("GET", f"{XH}/reception/similar", Role.ADMINISTRATOR, params=asked)
    assert answer.status_code == 200
    return Seen(answer.text).text


def test_who_reports_a_fault_is_told_of_the_repairs_that_are_under_way(api: ApiClient, homes: dict[str, str]) -> None:
    own = homes["1-101"]
    raised(api, "水龙头漏水", home="1-101", household=own)
    raised(api, "水龙头滴水", home="11-101", household=homes["11-101"])
    raised(api, "电梯停运", common_area="1 栋电梯")
    first = like(api, "1-101", own)
    assert "是不是同一件事？" in first
    assert "水龙头漏水" in first, "whatever is open in this home, before anything is written"
    assert "水龙头滴水" not in first, "a tap elsewhere is another tap"
    assert "电梯停运" not in first
    assert "水龙头滴水" not in like(api, "1-101", own, fault_kind="水龙头漏水"), "however alike it is"
    lift = like(api, "1-101", own, fault_kind="电梯停运了")
    assert "电梯停运" in lift, "a lift is reported by a whole house"
    assert "1 栋电梯" in lift


def test_a_fault_of_the_last_quarter_is_told_of_and_another_that_is_done_is_not(
    api: ApiClient, homes: dict[str, str]
) -> None:
    own = homes["1-101"]
    for fault in ("马桶堵塞", "门锁坏了"):
        order = raised(api, fault, home="1-101", household=own)
        path = f"/offices/XH/repair-orders/{order}/cancel-repair-order"
        assert api.post(path, {"reason": "自行解决"}, Role.MANAGER).status_code == 200
    told = like(api, "1-101", own, fault_kind="马桶又堵塞")
    assert "马桶堵塞" in told
    assert "门锁坏了" not in told


def test_the_reception_asks_at_once_where_a_repair_is_registered(api: ApiClient, homes: dict[str, str]) -> None:
    page = api.ask("GET", f"{XH}/reception", Role.ADMINISTRATOR, params={"q": "1-101", "kind": "repair"}).text
    form = page.partition('<form class="wy-form')[2].partition(">")[0]
    assert 'hx-trigger="load, change"' in form
    assert "kind=repair" in form
    assert "home=1-101" in form
