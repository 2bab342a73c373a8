"""Tasks, notices and subscriptions over the API, and similar complaints."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from api.config import ApiSettings
from api.http import cursor as cursors
from api.routes.similar import likeness
from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.people import Role
from tests.api.conftest import ApiClient, tomorrow
from workflows.engine.clock import PARKED
from workflows.engine.notices import Notices


def promised(api: ApiClient) -> str:
    case_id = api.complaint()
    body = {"measure": "m", "promised_by": tomorrow(), "told_at": datetime.now(UTC).isoformat()}
    assert api.post(f"/offices/XH/complaints/{case_id}/assess-complaint", body).status_code == 200
    assert api.post(f"/offices/XH/complaints/{case_id}/take-up-complaint", {"by": "li"}).status_code == 200
    return case_id


def tasks(api: ApiClient, **query: str) -> list[dict[str, Any]]:
    answer = api.get("/tasks", params={"office": "XH", "whose": "all"} | query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["tasks"])


def test_a_task_says_what_whose_until_when_which_clause_and_which_case(api: ApiClient) -> None:
    case_id = promised(api)
    [task] = [task for task in tasks(api) if task["case_id"] == case_id]
    assert (task["task"], task["role"], task["person"], task["clause"]) == ("promise", "administrator", "li", "4.9")
    assert task["goes_up_to"] == "department-head"
    assert api.get(task["href"]).status_code == 200
    assert {task["task"] for task in tasks(api)} == {
        "promise",
        "patrol",
        "edition",
        "survey",
    }  # the draw is the clock's
    assert [task["task"] for task in tasks(api, role="duty-officer")] == ["patrol"]


def test_an_absent_persons_tasks_are_the_deputys(api: ApiClient) -> None:
    promised(api)
    api.post("/offices/XH/staff", {"person": "wang"}, Role.MANAGER)
    staff = api.post("/offices/XH/staff", {"person": "li"}, Role.MANAGER).json()["id"]
    until = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    api.post(f"/offices/XH/staff/{staff}/report-absence", {"until": until, "deputy": "wang"}, Role.MANAGER)
    [task] = tasks(api, person="wang")
    assert (task["person"], task["in_place_of"]) == ("wang", "li")
    assert tasks(api, person="li") == []


def test_an_assigned_task_is_the_assigned_persons(api: ApiClient) -> None:
    case_id = promised(api)
    body = {"of_case": case_id, "task": "promise", "person": "zhao"}
    assert api.post("/offices/XH/assignments", body, Role.MANAGER).status_code == 201
    [task] = tasks(api, person="zhao")
    assert task["assigned"] is True


def test_what_is_owed_by_the_end_of_today_is_on_todays_list(api: ApiClient) -> None:
    """It falls due at 24:00, which is the next date's first instant."""
    listed = {due: {task["task"] for task in tasks(api, due=due)} for due in ("today", "this-week", "overdue")}
    assert "patrol" in listed["today"]
    assert "patrol" in listed["this-week"]
    assert listed["overdue"] == set()
    due = api.get("/deadlines", params={"office": "XH", "due": "today"}).json()["deadlines"]
    assert "patrol" in {each["kind"] for each in due}
    midnight = end_of_day(local_date(datetime.now(UTC))) + timedelta(seconds=1)
    api.context.now = lambda: midnight
    assert "patrol" not in {task["task"] for task in tasks(api, due="today")}
    assert "patrol" in {task["task"] for task in tasks(api, due="overdue")}


def test_a_successors_successor_has_the_tasks(api: ApiClient) -> None:
    cases = {promised(api) for _ in range(3)}
    staff = {
        person: api.post("/offices/XH/staff", {"person": person}, Role.MANAGER).json()["id"]
        for person in ("li", "wang", "sun")
    }
    for person, successor in (("li", "wang"), ("wang", "sun")):
        api.post(f"/offices/XH/staff/{staff[person]}/hand-over-tasks", {"successor": successor}, Role.MANAGER)
    assert {task["case_id"] for task in tasks(api, person="sun")} == cases
    assert tasks(api, person="wang") == tasks(api, person="li") == []
    assert {task["in_place_of"] for task in tasks(api, person="sun")} == {"li"}
    bad = cursors.write(datetime.now(UTC), "a\x00", "b", "c")
    assert api.get("/deadlines", params={"cursor": bad}).status_code == 409


def test_what_the_clock_could_not_carry_out_is_shown_with_its_error(api: ApiClient) -> None:
    case_id = promised(api)
    with psycopg.connect(api.owner, autocommit=True) as owner:
        owner.execute(
            "insert into wuye.clock_work select office, case_id, line, from_number, %s, 5, 'KeyError: x' from wuye.r_deadlines"
            " where case_id = %s",
            [PARKED, case_id],
        )
    [parked] = api.get("/deadlines", params={"due": "parked"}).json()["deadlines"]
    assert (parked["case_id"], parked["parked"], parked["attempts"]) == (case_id, True, 5)
    assert parked["last_error"] == "KeyError: x"
    others = api.get("/deadlines", params={"office": "XH"}).json()["deadlines"]
    assert [each["case_id"] for each in others if each["parked"]] == [case_id]


def test_overdue_work_stays_on_the_list_until_it_is_done(api: ApiClient) -> None:
    case_id = promised(api)
    later = datetime.now(UTC) + timedelta(days=3)
    api.context.now = lambda: later
    assert case_id in [task["case_id"] for task in tasks(api, due="overdue")]


def test_notices_are_read_and_their_delivery_is_shown(api: ApiClient) -> None:
    case_id = promised(api)
    body = {"channel": "webhook", "address": "http://127.0.0.1:9/hook"}
    off = api.post("/offices/XH/subscriptions", body, Role.MANAGER)
    assert (off.status_code, off.json()["code"]) == (409, "address-not-allowed")
    api.context.settings.webhook_hosts = "127.0.0.1:9"
    assert api.post("/offices/XH/subscriptions", body).status_code == 403
    made = api.post("/offices/XH/subscriptions", body, Role.MANAGER)
    assert made.status_code == 201
    assert len(made.json()["secret"]) == 64
    for address in ("nonsense", "ftp://x", "http://[x", "@"):
        for channel in ("webhook", "e-mail"):
            bad = api.post("/offices/XH/subscriptions", {"channel": channel, "address": address}, Role.MANAGER)
            assert bad.status_code == 409, (channel, address)
    notices = Notices(api.context.connect, api.context.handler.settings, {})
    notices.make(datetime.now(UTC) + timedelta(hours=2), ["XH"])
    told = api.get("/offices/XH/notices", params={"role": "administrator"}).json()["notices"]
    [notice] = [notice for notice in told if notice["case_id"] == case_id and notice["stage"] == "reminder"]
    assert (notice["person"], notice["deliveries"][0]["attempts"]) == ("li", 0)
    assert api.post(f"/offices/XH/notices/{notice['id']}/read", None, Role.AUDITOR).status_code == 403
    assert api.post(f"/offices/XH/notices/{notice['id']}/read", None).status_code == 200
    pages, cursor = [], None
    while cursor is not None or not pages:
        query = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = api.get("/offices/XH/notices", params=query).json()
        pages += [each["id"] for each in page["notices"]]
        cursor = page["next"]
    assert sorted(pages) == sorted(each["id"] for each in api.get("/offices/XH/notices").json()["notices"])
    unread = api.get("/offices/XH/notices", params={"unread": "true"}).json()["notices"]
    assert notice["id"] not in [each["id"] for each in unread]
    assert api.post("/offices/XH/notices/no/read", None).status_code == 404
    [subscription] = api.get("/offices/XH/subscriptions", Role.MANAGER).json()["subscriptions"]
    path = f"/offices/XH/subscriptions/{subscription['id']}"
    assert api.ask("DELETE", path, Role.MANAGER).status_code == 200
    assert api.ask("DELETE", path, Role.MANAGER).status_code == 404
    assert api.ask("DELETE", "/offices/XH/subscriptions/%00", Role.MANAGER).status_code == 404


def test_similar_complaints_are_found_with_how_they_were_solved(api: ApiClient) -> None:
    first = api.complaint(category="water", matter="厨房下水堵塞", home="1-101")
    api.complaint(category="noise", matter="楼上装修噪音", home="9-909")
    asked = {"category": "water", "matter": "厨房下水又堵塞了", "home": "1-101"}
    [found] = api.get("/offices/XH/complaints/similar", params=asked).json()["complaints"]
    assert (found["case_id"], found["root_cause"]) == (first, None)
    assert found["likeness"] >= 80
    assert api.get("/offices/XH/complaints/similar").json()["complaints"] == []
    assert likeness("漏水", "漏水") == 1.0
    assert likeness("漏", "水") == 0.0


def test_a_webhook_calls_only_hosts_that_the_installation_allows() -> None:
    settings = ApiSettings(webhook_hosts="hooks.example.test, 10.0.0.5:8080")
    for address in ("https://hooks.example.test/x", "http://HOOKS.example.test:80/x", "http://10.0.0.5:8080/"):
        assert settings.may_call(address), address
        assert not ApiSettings().may_call(address), address
    for address in (
        "https://hooks.example.test:8443/",
        "http://10.0.0.5/",
        "http://169.254.169.254/",
        "http://[::1]/",
        "http://hooks.example.test@10.0.0.9/",
        "http://hooks.example.test.evil.test/",
        "file:///etc/passwd",
        "http://hooks.example.test:99999/",
        "http://user@hooks.example.test/",
    ):
        assert not settings.may_call(address), address
