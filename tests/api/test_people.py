"""Told over HTTP: people are people. Whoever is named is an account or on the staff register, and is compared as a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.identity import Grant
from domain.kernel.people import Role
from projections.engine import timeline
from tests.api.conftest import ApiClient, tomorrow
from tests.solving import solved_body

CLERK, ASSISTANT, GUARD, HEAD, MANAGER, COMPANY = (
    Role.ADMINISTRATOR,
    Role.ASSISTANT,
    Role.DUTY_OFFICER,
    Role.DEPARTMENT_HEAD,
    Role.MANAGER,
    Role.COMPANY,
)


def user(api: ApiClient, role: Role) -> str:
    """The account that has this role."""
    api.headers(role)
    return api.users["XH", role]


def named(api: ApiClient, role: Role) -> str:
    """Its display name."""
    user(api, role)
    return f"{role} of XH"


def visited(api: ApiClient, by: str) -> dict[str, Any]:
    """The follow-up of a complaint that this person solved on the spot."""
    complaint = api.complaint(complainant="王小明")
    path = f"/offices/XH/complaints/{complaint}/solve-complaint-on-the-spot"
    answer = api.post(path, solved_body(datetime.now(UTC), by))
    assert answer.status_code == 200, answer.text
    return next(row for row in api.get("/offices/XH/follow-ups").json()["rows"] if row["origin_id"] == complaint)


def code(answer: Any) -> tuple[int, str]:
    """How something was refused."""
    return answer.status_code, answer.json().get("code")


def conducted(**more: Any) -> dict[str, Any]:
    """A record of a follow-up by telephone."""
    said = {
        "mode": "telephone",
        "means": "talk",
        "quality": "好",
        "effect": "好",
        "satisfaction": 5,
        "conforming": True,
    }
    return said | {"visitor_signature": "已签"} | more


@pytest.mark.parametrize("typed", ["administrator of XH", " ＡＤＭＩＮＩＳＴＲＡＴＯＲ of XH", "administrator-XH"])
def test_a_display_name_is_its_account(api: ApiClient, typed: str) -> None:
    visit = visited(api, typed if typed != "administrator-XH" else f"{CLERK}-XH")
    path = f"/offices/XH/follow-ups/{visit['case_id']}"
    complaint = api.get(f"/offices/XH/complaints/{visit['origin_id']}").json()
    assert complaint["data"]["done_by"] == user(api, CLERK)
    assert complaint["names"][user(api, CLERK)] == named(api, CLERK)
    assert code(api.post(f"{path}/assign-follow-up", {"visitor": named(api, CLERK)}, ASSISTANT)) == (
        409,
        "own-work",
    )
    assert api.post(f"{path}/assign-follow-up", {"visitor": named(api, HEAD)}, ASSISTANT).status_code == 200
    assert code(api.post(f"{path}/conduct-follow-up", conducted())) == (409, "own-work")
    why = {each["command"]: each["code"] for each in api.get(path).json()["refused"]}
    assert why["conduct-follow-up"] == "own-work", "and he is told before he tries"


def test_two_spellings_of_the_plumber_are_the_plumber(api: ApiClient) -> None:
    api.post("/offices/XH/staff", {"person": "plumber", "name": "赵师傅"}, HEAD)
    visit = visited(api, "ｐlumber ")
    path = f"/offices/XH/follow-ups/{visit['case_id']}/assign-follow-up"
    for typed in ("plumber", "plumber ", "ｐlumber", "PLUMBER", "赵师傅"):
        assert code(api.post(path, {"visitor": typed}, ASSISTANT)) == (409, "own-work"), typed
    assert api.get(f"/offices/XH/complaints/{visit['origin_id']}").json()["data"]["done_by"] == "plumber"


def test_what_whoever_did_it_was_called_before_is_still_understood_and_said_once(api: ApiClient) -> None:
    case_id = api.complaint(home="7-2-1403")
    told = solved_body(datetime.now(UTC), named(api, CLERK))
    path = f"/offices/XH/complaints/{case_id}/solve-complaint-on-the-spot"
    twice = api.post(path, told | {"resolved_by": "li"})
    assert (twice.status_code, [each["field"] for each in twice.json()["errors"]]) == (422, ["resolved_by"])
    called_before = {("resolved_by" if name == "done_by" else name): value for name, value in told.items()}
    assert api.post(path, called_before).status_code == 200
    assert api.get(f"/offices/XH/complaints/{case_id}").json()["data"]["done_by"] == user(api, CLERK)


def test_who_is_nobody_of_the_office_is_an_outsider_and_marked_so(api: ApiClient) -> None:
    def dispatched(to: str) -> Any:
        raised = {"channel": "in-person", "fault_kind": "drain", "description": "堵", "home": "1-101"}
        order = api.post("/offices/XH/repair-orders", raised).json()["id"]
        return api.post(f"/offices/XH/repair-orders/{order}/dispatch-repair-order", {"to": to, "due_by": tomorrow()})

    def sent(answer: Any) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        facts = api.get(f"/offices/XH/repair-orders/{answer.json()['id']}/facts").json()["facts"]
        return dict(facts[-1])

    first_day = sent(dispatched("plumer"))
    assert (first_day["data"]["to"], first_day["waived"]) == ("plumer", ["person-unknown"]), "no register yet"
    api.post("/offices/XH/staff", {"person": "plumber"}, HEAD)
    refused = dispatched("plumer")
    assert (*code(refused), refused.json()["field"]) == (409, "person-unknown", "to")
    for marked in ("外:王师傅", "外：王师傅 ", "outsider:王师傅"):
        fact = sent(dispatched(marked))
        assert (fact["data"]["to"], fact["waived"]) == ("外:王师傅", ["person-unknown"])
    fact = sent(dispatched("Plumber"))
    assert (fact["data"]["to"], fact["waived"]) == ("plumber", [])


def test_whoever_hands_an_estate_over_or_reports_a_fault_is_one_of_ours_or_marked_too(api: ApiClient) -> None:
    api.post("/offices/XH/staff", {"person": "plumber"}, HEAD)
    planned = {"estate": "香湖二期", "planned_on": "2030-01-01"}
    refused = api.post("/offices/XH/takeovers", planned | {"handed_by": "开发商"}, HEAD)
    assert (*code(refused), refused.json()["field"]) == (409, "person-unknown", "handed_by")
    takeover = api.post("/offices/XH/takeovers", planned | {"handed_by": "外：开发商"}, HEAD).json()["id"]
    correct = f"/offices/XH/cases/{takeover}/correct-entry"
    said = {"field": "handed_by", "value": "建设单位", "reason": "单位名称有误"}
    refused = api.post(correct, said, HEAD)
    assert (*code(refused), refused.json()["field"]) == (409, "person-unknown", "value")
    assert api.post(correct, said | {"value": "outsider:建设单位"}, HEAD).status_code == 200
    [row] = api.get("/offices/XH/takeovers").json()["rows"]
    assert row["handed_by"] == "外:建设单位"
    raised = {"channel": "in-person", "fault_kind": "drain", "description": "堵", "home": "1-101"}
    refused = api.post("/offices/XH/repair-orders", raised | {"raised_by": "路人"})
    assert (*code(refused), refused.json()["field"]) == (409, "person-unknown", "raised_by")
    order = api.post("/offices/XH/repair-orders", raised | {"raised_by": "ＰLUMBER"}).json()["id"]
    facts = api.get(f"/offices/XH/repair-orders/{order}/facts").json()["facts"]
    assert facts[0]["data"]["raised_by"] == "plumber"
    api.post("/offices/XH/repair-orders", raised | {"raised_by": "outsider:路人"})
    rows = api.get("/offices/XH/registers/repair-orders").json()["rows"]
    assert {row["raised_by"] for row in rows} == {"plumber", "外:路人"}
    with api.context.connect() as connection, connection.transaction():
        names, lines = timeline.COLUMNS, list(timeline.timeline(connection, "XH"))
    marks = [dict(zip(names, line, strict=True))["waived"] for line in lines if "RepairRaised" in line]
    assert sorted(marks, key=str) == [None, "person-unknown"]


def test_a_name_that_two_people_bear_is_nobodys(api: ApiClient) -> None:
    for person in ("w1", "w2"):
        api.post("/offices/XH/staff", {"person": person, "name": "王伟"}, HEAD)
    path = f"/offices/XH/complaints/{api.complaint()}/solve-complaint-on-the-spot"
    assert code(api.post(path, solved_body(datetime.now(UTC), "王伟"))) == (409, "person-ambiguous")
    assert api.post(path, solved_body(datetime.now(UTC), "w2")).status_code == 200


def test_whoever_bears_the_name_of_an_account_is_it_under_his_staff_code_too(api: ApiClient) -> None:
    """Enrolled before there was the account: his work is its work. Afterwards nobody is enrolled beside it."""
    assert api.post("/offices/XH/staff", {"person": "gong-1", "name": "赵大"}, HEAD).status_code == 201
    visit = visited(api, "gong-1")
    accounts = api.context.accounts
    account = accounts.create("zhao-da", "赵大", None)
    accounts.grant(account, [Grant("XH", HEAD)], by="test")
    as_zhao = {"Authorization": f"Bearer {accounts.make_token(account, 'test', None, for_program=True)[1]}"}
    api.context.handler.forget("XH")
    path = f"/offices/XH/follow-ups/{visit['case_id']}"
    api.post(f"{path}/assign-follow-up", {"visitor": named(api, CLERK)}, ASSISTANT)
    assert code(api.post(f"{path}/conduct-follow-up", conducted(), headers=as_zhao)) == (409, "own-work")
    why = {each["command"]: each["code"] for each in api.ask("GET", path, headers=as_zhao).json()["refused"]}
    assert why["conduct-follow-up"] == "own-work"
    twice = api.post("/offices/XH/staff", {"person": "gong-2", "name": " 赵大"}, HEAD)
    assert (*code(twice), twice.json()["field"]) == (409, "person-has-account", "name")
    assert api.post("/offices/XH/staff", {"person": "gong-2", "name": "赵大（二车间）"}, HEAD).status_code == 201
    assert api.post("/offices/XH/staff", {"person": "zhao-da", "name": "赵大"}, HEAD).status_code == 201
    assert api.post(f"{path}/conduct-follow-up", conducted()).status_code == 200


def test_nobody_reviews_what_he_conducted_or_handed_in(api: ApiClient) -> None:
    visit = visited(api, "outsider:王师傅")
    path = f"/offices/XH/follow-ups/{visit['case_id']}"
    api.post(f"{path}/assign-follow-up", {"visitor": named(api, MANAGER)}, ASSISTANT)
    assert api.post(f"{path}/conduct-follow-up", conducted(), MANAGER).status_code == 200
    assert api.post(f"{path}/submit-follow-up", {}, CLERK).status_code == 200
    review = {"comment": "好", "conforming": True}
    assert code(api.post(f"{path}/review-follow-up", review, MANAGER)) == (409, "own-work")
    why = {each["command"]: each["code"] for each in api.get(path, MANAGER).json()["refused"]}
    assert why["review-follow-up"] == "own-work"
    assert api.post(f"{path}/review-follow-up", review, COMPANY).status_code == 200


def test_the_company_reviews_only_where_a_manager_went_himself(api: ApiClient) -> None:
    visit = visited(api, "outsider:王师傅")
    path = f"/offices/XH/follow-ups/{visit['case_id']}"
    api.post(f"{path}/assign-follow-up", {"visitor": named(api, CLERK)}, ASSISTANT)
    api.post(f"{path}/conduct-follow-up", conducted())
    api.post(f"{path}/submit-follow-up", {})
    review = {"comment": "好", "conforming": True}
    assert code(api.post(f"{path}/review-follow-up", review, COMPANY)) == (403, "role")
    assert api.post(f"{path}/review-follow-up", review, MANAGER).status_code == 200


def test_that_another_went_than_was_assigned_is_a_fact(api: ApiClient) -> None:
    visit = visited(api, "outsider:王师傅")
    path = f"/offices/XH/follow-ups/{visit['case_id']}"
    api.post(f"{path}/assign-follow-up", {"visitor": named(api, HEAD)}, ASSISTANT)
    answer = api.post(f"{path}/conduct-follow-up", conducted())
    assert answer.json()["facts"] == ["FollowUpAssigned", "FollowUpConducted"], answer.text
    assert api.get(path).json()["data"]["visitor"] == user(api, CLERK)


def test_only_the_manager_sends_another_where_he_organises_the_visit(api: ApiClient) -> None:
    body = {"type": "other", "anchor": "2025-01-01", "by_manager": True}
    visit = api.post("/offices/XH/follow-ups", body, MANAGER).json()["id"]
    path = f"/offices/XH/follow-ups/{visit}"
    api.post(f"{path}/assign-follow-up", {"visitor": named(api, HEAD)}, MANAGER)
    assert code(api.post(f"{path}/conduct-follow-up", conducted())) == (409, "assigned-to-another")
    assert api.post(f"{path}/conduct-follow-up", conducted(), HEAD).status_code == 200


def test_a_duty_officer_does_not_lend_keys_to_himself(api: ApiClient) -> None:
    key = {"number": "K-1", "key_class": "entrance"}
    home = api.post("/offices/XH/vacant-homes", {"home": "1-101", "kind": "unsold", "area": 9000, "keys": [key]})

    def asked(borrower: str) -> str:
        loan = {
            "vacant_home": home.json()["id"],
            "keys": ["K-1"],
            "purpose": "inspection",
            "expected_return": (datetime.now(UTC) + timedelta(hours=2)).isoformat(),
            "borrower": borrower,
            "identity_document": "X1",
            "consent": "业主同意",
        }
        answer = api.post("/offices/XH/key-loans", loan, GUARD)
        assert answer.status_code == 201, answer.text
        return f"/offices/XH/key-loans/{answer.json()['id']}"

    his = asked(f" {named(api, GUARD).upper()}")
    assert code(api.post(f"{his}/issue-keys", {"officer_signature": "周"}, GUARD)) == (409, "own-work")
    why = {each["command"]: each["code"] for each in api.get(his, GUARD).json()["refused"]}
    assert why["issue-keys"] == "own-work"
    corrected = asked("李四")
    to_himself = {"field": "borrower", "value": named(api, GUARD), "reason": "写错"}
    case_id = corrected.rpartition("/")[2]
    answer = api.post(f"/offices/XH/cases/{case_id}/correct-entry", to_himself, GUARD)
    assert answer.status_code == 200, answer.text
    assert code(api.post(f"{corrected}/issue-keys", {"officer_signature": "周"}, GUARD)) == (409, "own-work")
    assert (
        api.post(f"/offices/XH/cases/{case_id}/correct-entry", to_himself | {"value": "李四"}, GUARD).status_code == 200
    )
    assert api.post(f"{corrected}/issue-keys", {"officer_signature": "周"}, GUARD).status_code == 200
    afterwards = api.post(f"/offices/XH/cases/{case_id}/correct-entry", to_himself, GUARD)
    assert (*code(afterwards), afterwards.json()["field"]) == (409, "own-work", "value")


def test_who_borrows_keys_is_whoever_bears_the_name_whatever_is_typed_beside_it(api: ApiClient) -> None:
    api.post("/offices/XH/staff", {"person": "gong-1"}, HEAD)
    key = {"number": "K-1", "key_class": "entrance"}
    home = api.post("/offices/XH/vacant-homes", {"home": "1-101", "kind": "unsold", "area": 9000, "keys": [key]})
    loan = {
        "vacant_home": home.json()["id"],
        "keys": ["K-1"],
        "purpose": "inspection",
        "expected_return": (datetime.now(UTC) + timedelta(hours=2)).isoformat(),
        "borrower": named(api, GUARD),
        "identity_document": "X1",
        "staff_borrower": "gong-1",
    }
    his = f"/offices/XH/key-loans/{api.post('/offices/XH/key-loans', loan, GUARD).json()['id']}"
    assert code(api.post(f"{his}/issue-keys", {"officer_signature": "周"}, GUARD)) == (409, "own-work")


def test_readers_and_actors_are_named_beside_their_ids(api: ApiClient) -> None:
    complaint = api.complaint(complainant="王小明")
    api.get(f"/offices/XH/complaints/{complaint}", MANAGER)
    reader = user(api, MANAGER)
    readings = api.get("/offices/XH/registers/readings", Role.AUDITOR).json()
    assert reader in {row["reader"] for row in readings["rows"]}
    assert readings["names"][reader] == named(api, MANAGER)
    listed = api.get("/offices/XH/registers/readings.csv", Role.AUDITOR).text
    assert f"{named(api, MANAGER)}（{reader}）" in listed
    facts = api.get(f"/offices/XH/complaints/{complaint}/facts", Role.AUDITOR).json()
    assert facts["names"][facts["facts"][0]["user_id"]] == named(api, CLERK)
    feed = api.get("/offices/XH/facts", Role.AUDITOR).json()
    assert feed["names"][user(api, CLERK)] == named(api, CLERK)


def test_work_is_found_by_any_name_of_whoever_did_it(api: ApiClient) -> None:
    visit = visited(api, "outsider:王师傅")
    path = f"/offices/XH/follow-ups/{visit['case_id']}/assign-follow-up"
    api.post(path, {"visitor": named(api, HEAD)}, ASSISTANT)
    for typed in (named(api, HEAD), f"{HEAD}-XH", user(api, HEAD), named(api, HEAD).upper()):
        rows = api.get("/offices/XH/follow-ups", params={"visitor": typed}).json()["rows"]
        assert [row["case_id"] for row in rows] == [visit["case_id"]], typed
        tasks = api.get("/tasks", params={"office": "XH", "person": typed, "due": "all"}).json()
        assert "window" in {task["task"] for task in tasks["tasks"]}, typed
    assert api.get("/offices/XH/follow-ups", params={"visitor": named(api, CLERK)}).json()["rows"] == []
