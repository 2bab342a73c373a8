"""Matters that a form names are picked by what people know of them: a home, a name, a telephone; never by an id that is typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.conftest import ApiClient, next_week
from tests.console.seen import Seen, codes_in

XH = "/console/XH"
HEAD, COMPANY, ASSISTANT, AUDITOR = Role.DEPARTMENT_HEAD, Role.COMPANY, Role.ASSISTANT, Role.AUDITOR


@pytest.fixture
def homes(api: ApiClient) -> Iterator[dict[str, str]]:
    """Two households, two more under one roof."""
    yield {
        name: api.household(home, name=name, phone=phone, occupancy=lives)
        for home, name, phone, lives in (
            ("1-101", "王小明", "19900001234", "owner"),
            ("1-102", "欧阳春", "19900005678", "owner"),
            ("2-201", "李大", "19900002011", "owner"),
            ("2-201", "李小", "19900002012", "tenant"),
        )
    }


def picked(api: ApiClient, kind: str, words: str, role: Role = Role.ADMINISTRATOR) -> list[list[str]]:
    answer = api.ask("POST", f"{XH}/pick/{kind}", role, data={"q": words})
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def readings(api: ApiClient) -> int:
    return len(api.get("/offices/XH/registers/readings", AUDITOR, params={"limit": "1000"}).json()["rows"])


def sent(api: ApiClient, path: str, said: dict[str, Any], role: Role = Role.ADMINISTRATOR) -> Any:
    return api.ask("POST", f"{XH}{path}", role, data=said, follow_redirects=False)


@pytest.mark.parametrize("words", ["1-102", "欧阳", "oyc", "5678", "１－１０２"])
def test_a_household_is_found_by_home_name_and_telephone(api: ApiClient, homes: dict[str, str], words: str) -> None:
    before = readings(api)
    assert picked(api, "household", words) == [["1-102　欧阳春"] * 2]
    assert readings(api) > before, "who saw a name has read it"


def test_who_may_not_see_names_finds_homes_alone(api: ApiClient, homes: dict[str, str]) -> None:
    assert picked(api, "household", "欧阳", COMPANY) == []
    [[value, word]] = picked(api, "household", "1-102", COMPANY)
    assert "欧阳" not in value + word
    assert "保密" not in value + word, "what one may not see tells nothing apart"
    assert picked(api, "home", "1-10") == [["1-101", "1-101"], ["1-102", "1-102"]]
    assert api.ask("POST", f"{XH}/pick/nothing", Role.ADMINISTRATOR, data={"q": "1"}).status_code == 404


def test_a_form_takes_a_household_as_it_is_called(api: ApiClient, homes: dict[str, str]) -> None:
    bill = {"item": "维修材料", "amount_fen": "30.00", "due_on": next_week()}
    for said in ("1-102", "欧阳春", "1-102　欧阳春", "5678"):
        answer = sent(api, "/open/bills/issue-bill", bill | {"household": said})
        assert answer.status_code == 303, Seen(answer.text).text
    rows = api.get("/offices/XH/bills").json()["rows"]
    assert {row["household"] for row in rows} == {homes["欧阳春"]}


def test_what_fits_two_is_chosen_from_and_what_fits_nobody_is_said_so(api: ApiClient, homes: dict[str, str]) -> None:
    bill = {"item": "维修材料", "amount_fen": "30.00", "due_on": next_week()}
    asked = sent(api, "/open/bills/issue-bill", bill | {"household": "2-201"})
    assert asked.status_code == 422
    assert "不止一条" in asked.text
    for name in ("李大", "李小"):
        assert f'<option value="{homes[name]}">2-201　{name}</option>' in asked.text
    assert "没有找到" in sent(api, "/open/bills/issue-bill", bill | {"household": "周佳怡"}).text
    assert sent(api, "/open/bills/issue-bill", bill | {"household": homes["李小"]}).status_code == 303


def test_several_matters_stand_one_a_line_as_they_are_called(api: ApiClient, homes: dict[str, str]) -> None:
    noise, drain = api.complaint(matter="楼上噪音", home="1-101"), api.complaint(matter="下水堵塞", home="1-102")
    action = {"matter": "反复投诉", "procedure": "corrective"}
    wrong = sent(api, "/open/corrective-actions/open-corrective-action", action | {"cases": "噪音\n没有的事"}, HEAD)
    assert wrong.status_code == 422
    assert "没有找到「没有的事」" in wrong.text
    opened = sent(api, "/open/corrective-actions/open-corrective-action", action | {"cases": f"噪音\n\n{drain}"}, HEAD)
    assert opened.status_code == 303, Seen(opened.text).text
    case_id = opened.headers["location"].partition("/case/")[2].partition("?")[0]
    assert api.get(f"/offices/XH/corrective-actions/{case_id}").json()["data"]["cases"] == [noise, drain]


def test_a_correction_asks_for_its_field_and_takes_it_as_it_is_written_everywhere(
    api: ApiClient, homes: dict[str, str]
) -> None:
    case_id = api.complaint(household=homes["王小明"])
    page = Seen(api.get(f"{XH}/case/{case_id}?do=correct-entry").text)
    assert "更正登记" in page.text
    assert codes_in(page) == []
    form = api.get(f"{XH}/case/{case_id}?do=correct-entry&field=household").text
    assert 'data-pick="/console/XH/pick/household"' in form
    said = {"field": "household", "value": "欧阳春", "reason": "记错了户", "version": "1"}
    answer = sent(api, f"/do/correct-entry/{case_id}", said)
    assert answer.status_code == 303, Seen(answer.text).text
    data = api.get(f"/offices/XH/complaints/{case_id}").json()["data"]
    assert (data["household"], data["home"]) == (homes["欧阳春"], "1-102")
    wrong = sent(api, f"/do/correct-entry/{case_id}", said | {"value": "2-201", "version": "9"})
    assert wrong.status_code == 409
    assert f'<option value="{homes["李小"]}">' in wrong.text, "two under one roof are chosen from"
    assert sent(api, f"/do/correct-entry/{case_id}", said | {"value": "没有的人"}).status_code == 409
    chosen = sent(
        api,
        f"/do/correct-entry/{case_id}?field=category",
        {"field": "category", "value": "电梯", "reason": "分错类"},
    )
    assert chosen.status_code == 303, Seen(chosen.text).text


def test_the_register_of_staff_is_offered_where_somebody_is_named(api: ApiClient) -> None:
    api.post("/offices/XH/staff", {"person": "gong-7"}, HEAD)
    raised = {"channel": "in-person", "fault_kind": "drain", "description": "堵", "home": "1-101"}
    order = api.post("/offices/XH/repair-orders", raised).json()["id"]
    assert '<option value="gong-7">' in api.get(f"{XH}/case/{order}?do=dispatch-repair-order").text
