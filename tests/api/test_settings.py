"""A change that reaches back is confirmed by a second person and stands beside every figure that it moves."""

from __future__ import annotations

from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.office_rig import shanghai
from tests.solving import solved_body

CLERK, MANAGER, COMPANY, ROOT = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY, Role.SYSTEM_ADMINISTRATOR
SLUG, TARGET = "complainants-told-in-time", "complaints.told_target"


def put(api: ApiClient, office: str, role: Role, **fields: Any) -> Any:
    body = {"name": TARGET, "value": "1/2", "valid_from": "2025-01-01", "reason": "公司决定"}
    return api.ask("PUT", f"/settings?office={office}", role, office, json=body | fields)


def confirm(api: ApiClient, office: str, number: int = 1) -> None:
    answer = api.ask("POST", f"/settings/confirm?office={office}", COMPANY, office, json={"number": number})
    assert answer.status_code == 200, answer.text


def missed_one(api: ApiClient, office: str) -> None:
    """Of two complaints of January one was told what will be done."""
    api.simulated(office, "2025-01-02 08:00")
    for _ in range(2):
        path = f"/offices/{office}/complaints"
        said = {"channel": "in-person", "category": "noise", "matter": "噪音", "content": "每晚", "home": "1-101"}
        case = api.ask("POST", path, CLERK, office, json=said).json()["id"]
    solved = solved_body(shanghai("2025-01-02 08:00"))
    answer = api.ask("POST", f"{path}/{case}/solve-complaint-on-the-spot", Role.DEPARTMENT_HEAD, office, json=solved)
    assert answer.status_code == 200, answer.text
    api.until(office, "2025-04-10 08:00")


def figure(api: ApiClient, office: str, **query: str) -> Any:
    query = {"office": office, "since": "2025-01-01", "until": "2025-01-31"} | query
    return api.ask("GET", f"/standards/{SLUG}", CLERK, office, params=query).json()


def test_a_change_that_reaches_back_needs_two_and_is_listed_beside_the_figure(api: ApiClient) -> None:
    missed_one(api, "SIM")
    before = figure(api, "SIM")
    assert (before["met"], before["counted"], before["kept"], before["changes_since"]) == (1, 2, False, [])
    assert put(api, "SIM", MANAGER).json()["facts"] == ["SettingChangeProposed"]
    assert figure(api, "SIM") == before | {"pages": figure(api, "SIM")["pages"]}, "a proposal moves nothing"
    confirm(api, "SIM")
    after = figure(api, "SIM")
    assert after["kept"] is True
    [change] = after["changes_since"]
    assert (change["name"], change["before"], change["value"], change["valid_from"]) == (
        TARGET,
        "1",
        "1/2",
        "2025-01-01",
    )
    users = api.users
    assert (change["requested_by"], change["confirmed_by"]) == (users["SIM", MANAGER], users["SIM", COMPANY])
    report = api.ask("GET", "/compliance?office=SIM&since=2025-01-01&until=2025-01-31", CLERK, "SIM").json()
    [line] = [each for each in report["lines"] if each["standard"] == SLUG]
    assert [each["name"] for each in line["changes_since"]] == [TARGET]
    untouched = [each for each in report["lines"] if each["standard"] not in (None, SLUG)]
    assert not any(each["changes_since"] for each in untouched)
    as_of = shanghai("2025-04-09 00:00").isoformat()
    assert figure(api, "SIM", as_of=as_of)["kept"] is False, "what was said then stands"


@pytest.mark.long
def test_the_companys_figure_is_of_each_offices_own_target(api: ApiClient) -> None:
    missed_one(api, "ONE")
    missed_one(api, "TWO")
    put(api, "TWO", MANAGER)
    confirm(api, "TWO")
    query = {"since": "2025-01-01", "until": "2025-01-31"}
    headers = api.headers(Role.AUDITOR, "*")
    real = api.client.get(f"/standards/{SLUG}", params=query, headers=headers).json()
    assert (real["counted"], [each["office"] for each in real["offices"]]) == (0, ["XH", "YH"]), (
        "practice moves no figure"
    )


def test_bounds_are_shown_with_their_ground(api: ApiClient) -> None:
    shown = {each["name"]: each for each in api.get("/settings").json()["settings"]}
    fee = shown["late_fee.rate_per_day"]
    assert (fee["minimum"], fee["maximum"], fee["needs_two"]) == ("0", "0.003", True)
    assert "585" in fee["ground_zh"]
    assert put(api, "XH", MANAGER, name="late_fee.rate_per_day", value="0.05").json()["code"] == "invalid-setting"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("complaints.handled_target", "99/100"),
        ("complaints.follow_up_target", "1/2"),
        ("patrol.target", "9/10"),
        ("vacancy.inspection_target", "9/10"),
        ("vacancy.integrity_target", "97/100"),
        ("repairs.follow_up_rate", "19/100"),
        ("surveys.per_year", "1"),
        ("follow_up.complaint.within_days", "4"),
        ("follow_up.submit_within_hours", "48"),
        ("notices.delivered_by_day", "2"),
        ("notices.delivered_target", "99/100"),
        ("households.update_every_months", "4"),
        ("arrears.stage1_after_months", "2"),
        ("arrears.stage2_after_months", "3"),
        ("arrears.fruitless_visit_days", "4"),
        ("reviews.same_matter_complaints", "3"),
        ("reviews.same_kind_repairs", "4"),
        ("notifications.quiet_from", "06:00"),
        ("notifications.quiet_until", "20:00"),
        ("tasks.escalate_hours_after", "169"),
    ],
)
def test_no_setting_asks_for_less_than_the_handbook_however_many_agree(api: ApiClient, name: str, value: str) -> None:
    for role in (MANAGER, COMPANY):
        refused = put(api, "XH", role, name=name, value=value)
        assert (refused.status_code, refused.json()["code"]) == (409, "invalid-setting"), refused.text


def test_whoever_opens_an_office_lays_its_settings_down_that_day(api: ApiClient) -> None:
    assert api.ask("POST", "/offices", ROOT, "*", json={"code": "NEW", "name": "新"}).status_code == 201
    other = put(api, "NEW", ROOT, valid_from="2026-01-01")
    assert (other.status_code, other.json()["code"]) == (409, "not-the-opening"), "another system administrator"
    opened = put_as_opener(api)
    assert opened.json()["facts"] == ["SettingChanged"], opened.text


def put_as_opener(api: ApiClient) -> Any:
    """The same program that opened the office."""
    body = {"name": TARGET, "value": "9/10", "valid_from": "2026-01-01", "reason": "设立"}
    return api.ask("PUT", "/settings?office=NEW", ROOT, "*", json=body)
