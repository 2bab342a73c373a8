"""Told over HTTP: people are people. Whoever is named is an account or on the staff register, and is compared as a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.identity import Grant
from domain.kernel.people import Role
from projections.engine import timeline
from tests.api.conftest import Window, tomorrow
from tests.solving import solved_body

CLERK, ASSISTANT, GUARD, HEAD, MANAGER, COMPANY = (
    Role.ADMINISTRATOR,
    Role.ASSISTANT,
    Role.DUTY_OFFICER,
    Role.DEPARTMENT_HEAD,
    Role.MANAGER,
    Role.COMPANY,
)


def user(window: Window, role: Role) -> str:
    """The account that has this role."""
    window.headers(role)
    return window.users["XH", role]


def named(window: Window, role: Role) -> str:
    """Its display name."""
    user(window, role)
    return f"{role} of XH"


def visited(window: Window, by: str) -> dict[str, Any]:
    """The follow-up of a complaint that this person solved on the spot."""
    complaint = window.complaint(complainant="王小明")
    path = f"/offices/XH/complaints/{complaint}/solve-complaint-on-the-spot"
    answer = window.post(path, solved_body(datetime.now(UTC), by))
    assert answer.status_code == 200, answer.text
    return next(row for row in window.get("/offices/XH/follow-ups").json()["rows"] if row["origin_id"] == complaint)


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
def test_a_display_name_is_its_account(window: Window, typed: str) -> None:
    visit = visited(window, typed if typed != "administrator-XH" else f"{CLERK}-XH")
    path = f"/offices/XH/follow-ups/{visit['case_id']}"
    complaint = window.get(f"/offices/XH/complaints/{visit['origin_id']}").json()
    assert complaint["data"]["done_by"] == user(window, CLERK)
    assert complaint["names"][user(window, CLERK)] == named(window, CLERK)
    assert code(window.post(f"{path}/assign-follow-up", {"visitor": named(window, CLERK)}, ASSISTANT)) == (
        409,
        "own-work",
    )
    assert window.post(f"{path}/assign-follow-up", {"visitor": named(window, HEAD)}, ASSISTANT).status_code == 200
    assert code(window.post(f"{path}/conduct-follow-up", conducted())) == (409, "own-work")
    why = {each["command"]: each["code"] for each in window.get(path).json()["refused"]}
    assert why["conduct-follow-up"] == "own-work", "and he is told before he tries"


def test_two_spellings_of_the_plumber_are_the_plumber(window: Window) -> None:
    window.post("/offices/XH/staff", {"person": "plumber", "name": "赵师傅"}, HEAD)
    visit = visited(window, "ｐlumber ")
    path = f"/offices/XH/follow-ups/{visit['case_id']}/assign-follow-up"
    for typed in ("plumber", "plumber ", "ｐlumber", "PLUMBER", "赵师傅"):
        assert code(window.post(path, {"visitor": typed}, ASSISTANT)) == (409, "own-work"), typed
    assert window.get(f"/offices/XH/complaints/{visit['origin_id']}").json()["data"]["done_by"] == "plumber"


def test_what_whoever_did_it_was_called_before_is_still_understood_and_said_once(window: Window) -> None:
    case_id = window.complaint(home="7-2-1403")
    told = solved_body(datetime.now(UTC), named(window, CLERK))
    path = f"/offices/XH/complaints/{case_id}/solve-complaint-on-the-spot"
    twice = window.post(path, told | {"resolved_by": "li"})
    assert (twice.status_code, [each["field"] for each in twice.json()["errors"]]) == (422, ["resolved_by"])
    called_before = {("resolved_by" if name == "done_by" else name): value for name, value in told.items()}
    assert window.post(path, called_before).status_code == 200
    assert window.get(f"/offices/XH/complaints/{case_id}").json()["data"]["done_by"] == user(window, CLERK)


def test_who_is_nobody_of_the_office_is_an_outsider_and_marked_so(window: Window) -> None:
    def dispatched(to: str) -> Any:
        raised = {"channel": "in-person", "fault_kind": "drain", "description": "堵", "home": "1-101"}
        order = window.post("/offices/XH/repair-orders", raised).json()["id"]
        return window.post(f"/offices/XH/repair-orders/{order}/dispatch-repair-order", {"to": to, "due_by": tomorrow()})

    def sent(answer: Any) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        facts = window.get(f"/offices/XH/repair-orders/{answer.json()['id']}/facts").json()["facts"]
        return dict(facts[-1])

    first_day = sent(dispatched("plumer"))
    assert (first_day["data"]["to"], first_day["waived"]) == ("plumer", ["person-unknown"]), "no register yet"
    window.post("/offices/XH/staff", {"person": "plumber"}, HEAD)
    refused = dispatched("plumer")
    assert (*code(refused), refused.json()["field"]) == (409, "person-unknown", "to")
    for marked in ("外:王师傅", "外：王师傅 ", "outsider:王师傅"):
        fact = sent(dispatched(marked))
        assert (fact["data"]["to"], fact["waived"]) == ("外:王师傅", ["person-unknown"])
    fact = sent(dispatched("Plumber"))
    assert (fact["data"]["to"], fact["waived"]) == ("plumber", [])


def test_whoever_hands_an_estate_over_or_reports_a_fault_is_one_of_ours_or_marked_too(window: Window) -> None:
    window.post("/offices/XH/staff", {"person": "plumber"}, HEAD)
    planned = {"estate": "香湖二期", "planned_on": "2030-01-01"}
    refused = window.post("/offices/XH/takeovers", planned | {"handed_by": "开发商"}, HEAD)
    assert (*code(refused), refused.json()["field"]) == (409, "person-unknown", "handed_by")
    takeover = window.post("/offices/XH/takeovers", planned | {"handed_by": "外：开发商"}, HEAD).json()["id"]
    correct = f"/offices/XH/cases/{takeover}/correct-entry"
    said = {"field": "handed_by", "value": "建设单位", "reason": "单位名称有误"}
    refused = window.post(correct, said, HEAD)
    assert (*code(refused), refused.json()["field"]) == (409, "person-unknown", "value")
    assert window.post(correct, said | {"value": "outsider:建设单位"}, HEAD).status_code == 200
    [row] = window.get("/offices/XH/takeovers").json()["rows"]
    assert row["handed_by"] == "外:建设单位"
    raised = {"channel": "in-person", "fault_kind": "drain", "description": "堵", "home": "1-101"}
    refused = window.post("/offices/XH/repair-orders", raised | {"raised_by": "路人"})
    assert (*code(refused), refused.json()["field"]) == (409, "person-unknown", "raised_by")
    order = window.post("/offices/XH/repair-orders", raised | {"raised_by": "ＰLUMBER"}).json()["id"]
    facts = window.get(f"/offices/XH/repair-orders/{order}/facts").json()["facts"]
    assert facts[0]["data"]["raised_by"] == "plumber"
    window.post("/offices/XH/repair-orders", raised | {"raised_by": "outsider:路人"})
    rows = window.get("/offices/XH/registers/repair-orders").json()["rows"]
    assert {row["raised_by"] for row in rows} == {"plumber", "外:路人"}
    with window.context.connect() as connection, connection.transaction():
        names, lines = timeline.COLUMNS, list(timeline.timeline(connection, "XH"))
    marks = [dict(zip(names, line, strict=True))["waived"] for line in lines if "RepairRaised" in line]
    assert sorted(marks, key=str) == [None, "person-unknown"]


def test_a_name_that_two_people_bear_is_nobodys(window: Window) -> None:
    for person in ("w1", "w2"):
        window.post("/offices/XH/staff", {"person": person, "name": "王伟"}, HEAD)
    path = f"/offices/XH/complaints/{window.complaint()}/solve-complaint-on-the-spot"
    assert code(window.post(path, solved_body(datetime.now(UTC), "王伟"))) == (409, "person-ambiguous")
    assert window.post(path, solved_body(datetime.now(UTC), "w2")).status_code == 200


def test_whoever_bears_the_name_of_an_account_is_it_under_his_staff_code_too(window: Window) -> None:
    """Enrolled before there was the account: his work is its work. Afterwards nobody is enrolled beside it."""
    assert window.post("/offices/XH/staff", {"person": "gong-1", "name": "赵大"}, HEAD).status_code == 201
    visit = visited(window, "gong-1")
    accounts = window.context.accounts
    account = accounts.create("zhao-da", "赵大", None)
    accounts.grant(account, [Grant("XH", HEAD)], by="test")
    as_zhao = {"Authorization": f"Bearer {accounts.make_token(account, 'test', None, for_program=True)[1]}"}
    window.context.handler.forget("XH")
    path = f"/offices/XH/follow-ups/{visit['case_id']}"
    window.post(f"{path}/assign-follow-up", {"visitor": named(window, CLERK)}, ASSISTANT)
    assert code(window.post(f"{path}/conduct-follow-up", conducted(), headers=as_zhao)) == (409, "own-work")
    why = {each["command"]: each["code"] for each in window.ask("GET", path, headers=as_zhao).json()["refused"]}
    assert why["conduct-follow-up"] == "own-work"
    twice = window.post("/offices/XH/staff", {"person": "gong-2", "name": " 赵大"}, HEAD)
    assert (*code(twice), twice.json()["field"]) == (409, "person-has-account", "name")
    assert window.post("/offices/XH/staff", {"person": "gong-2", "name": "赵大（二车间）"}, HEAD).status_code == 201
    assert window.post("/offices/XH/staff", {"person": "zhao-da", "name": "赵大"}, HEAD).status_code == 201
    assert window.post(f"{path}/conduct-follow-up", conducted()).status_code == 200


def test_nobody_reviews_what_he_conducted_or_handed_in(window: Window) -> None:
    visit = visited(window, "outsider:王师傅")
    path = f"/offices/XH/follow-ups/{visit['case_id']}"
    window.post(f"{path}/assign-follow-up", {"visitor": named(window, MANAGER)}, ASSISTANT)
    assert window.post(f"{path}/conduct-follow-up", conducted(), MANAGER).status_code == 200
    assert window.post(f"{path}/submit-follow-up", {}, CLERK).status_code == 200
    review = {"comment": "好", "conforming": True}
    assert code(window.post(f"{path}/review-follow-up", review, MANAGER)) == (409, "own-work")
    why = {each["command"]: each["code"] for each in window.get(path, MANAGER).json()["refused"]}
    assert why["review-follow-up"] == "own-work"
    assert window.post(f"{path}/review-follow-up", review, COMPANY).status_code == 200


def test_the_company_reviews_only_where_a_manager_went_himself(window: Window) -> None:
    visit = visited(window, "outsider:王师傅")
    path = f"/offices/XH/follow-ups/{visit['case_id']}"
    window.post(f"{path}/assign-follow-up", {"visitor": named(window, CLERK)}, ASSISTANT)
    window.post(f"{path}/conduct-follow-up", conducted())
    window.post(f"{path}/submit-follow-up", {})
    review = {"comment": "好", "conforming": True}
    assert code(window.post(f"{path}/review-follow-up", review, COMPANY)) == (403, "role")
    assert window.post(f"{path}/review-follow-up", review, MANAGER).status_code == 200


def test_that_another_went_than_was_assigned_is_a_fact(window: Window) -> None:
    visit = visited(window, "outsider:王师傅")
    path = f"/offices/XH/follow-ups/{visit['case_id']}"
    window.post(f"{path}/assign-follow-up", {"visitor": named(window, HEAD)}, ASSISTANT)
    answer = window.post(f"{path}/conduct-follow-up", conducted())
    assert answer.json()["facts"] == ["FollowUpAssigned", "FollowUpConducted"], answer.text
    assert window.get(path).json()["data"]["visitor"] == user(window, CLERK)


def test_only_the_manager_sends_another_where_he_organises_the_visit(window: Window) -> None:
    body = {"type": "other", "anchor": "2025-01-01", "by_manager": True}
    visit = window.post("/offices/XH/follow-ups", body, MANAGER).json()["id"]
    path = f"/offices/XH/follow-ups/{visit}"
    window.post(f"{path}/assign-follow-up", {"visitor": named(window, HEAD)}, MANAGER)
    assert code(window.post(f"{path}/conduct-follow-up", conducted())) == (409, "assigned-to-another")
    assert window.post(f"{path}/conduct-follow-up", conducted(), HEAD).status_code == 200


def test_a_duty_officer_does_not_lend_keys_to_himself(window: Window) -> None:
    key = {"number": "K-1", "key_class": "entrance"}
    home = window.post("/offices/XH/vacant-homes", {"home": "1-101", "kind": "unsold", "area": 9000, "keys": [key]})

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
        answer = window.post("/offices/XH/key-loans", loan, GUARD)
        assert answer.status_code == 201, answer.text
        return f"/offices/XH/key-loans/{answer.json()['id']}"

    his = asked(f" {named(window, GUARD).upper()}")
    assert code(window.post(f"{his}/issue-keys", {"officer_signature": "周"}, GUARD)) == (409, "own-work")
    why = {each["command"]: each["code"] for each in window.get(his, GUARD).json()["refused"]}
    assert why["issue-keys"] == "own-work"
    corrected = asked("李四")
    to_himself = {"field": "borrower", "value": named(window, GUARD), "reason": "写错"}
    case_id = corrected.rpartition("/")[2]
    answer = window.post(f"/offices/XH/cases/{case_id}/correct-entry", to_himself, GUARD)
    assert answer.status_code == 200, answer.text
    assert code(window.post(f"{corrected}/issue-keys", {"officer_signature": "周"}, GUARD)) == (409, "own-work")
    assert (
        window.post(f"/offices/XH/cases/{case_id}/correct-entry", to_himself | {"value": "李四"}, GUARD).status_code
        == 200
    )
    assert window.post(f"{corrected}/issue-keys", {"officer_signature": "周"}, GUARD).status_code == 200
    afterwards = window.post(f"/offices/XH/cases/{case_id}/correct-entry", to_himself, GUARD)
    assert (*code(afterwards), afterwards.json()["field"]) == (409, "own-work", "value")


def test_who_borrows_keys_is_whoever_bears_the_name_whatever_is_typed_beside_it(window: Window) -> None:
    window.post("/offices/XH/staff", {"person": "gong-1"}, HEAD)
    key = {"number": "K-1", "key_class": "entrance"}
    home = window.post("/offices/XH/vacant-homes", {"home": "1-101", "kind": "unsold", "area": 9000, "keys": [key]})
    loan = {
        "vacant_home": home.json()["id"],
        "keys": ["K-1"],
        "purpose": "inspection",
        "expected_return": (datetime.now(UTC) + timedelta(hours=2)).isoformat(),
        "borrower": named(window, GUARD),
        "identity_document": "X1",
        "staff_borrower": "gong-1",
    }
    his = f"/offices/XH/key-loans/{window.post('/offices/XH/key-loans', loan, GUARD).json()['id']}"
    assert code(window.post(f"{his}/issue-keys", {"officer_signature": "周"}, GUARD)) == (409, "own-work")


def test_readers_and_actors_are_named_beside_their_ids(window: Window) -> None:
    complaint = window.complaint(complainant="王小明")
    window.get(f"/offices/XH/complaints/{complaint}", MANAGER)
    reader = user(window, MANAGER)
    readings = window.get("/offices/XH/registers/readings", Role.AUDITOR).json()
    assert reader in {row["reader"] for row in readings["rows"]}
    assert readings["names"][reader] == named(window, MANAGER)
    listed = window.get("/offices/XH/registers/readings.csv", Role.AUDITOR).text
    assert f"{named(window, MANAGER)}（{reader}）" in listed
    facts = window.get(f"/offices/XH/complaints/{complaint}/facts", Role.AUDITOR).json()
    assert facts["names"][facts["facts"][0]["user_id"]] == named(window, CLERK)
    feed = window.get("/offices/XH/facts", Role.AUDITOR).json()
    assert feed["names"][user(window, CLERK)] == named(window, CLERK)


def test_work_is_found_by_any_name_of_whoever_did_it(window: Window) -> None:
    visit = visited(window, "outsider:王师傅")
    path = f"/offices/XH/follow-ups/{visit['case_id']}/assign-follow-up"
    window.post(path, {"visitor": named(window, HEAD)}, ASSISTANT)
    for typed in (named(window, HEAD), f"{HEAD}-XH", user(window, HEAD), named(window, HEAD).upper()):
        rows = window.get("/offices/XH/follow-ups", params={"visitor": typed}).json()["rows"]
        assert [row["case_id"] for row in rows] == [visit["case_id"]], typed
        tasks = window.get("/tasks", params={"office": "XH", "person": typed, "due": "all"}).json()
        assert "window" in {task["task"] for task in tasks["tasks"]}, typed
    assert window.get("/offices/XH/follow-ups", params={"visitor": named(window, CLERK)}).json()["rows"] == []
