"""A command over HTTP: done, repeated, stale, refused by role, by state, by rule; and everything malformed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.conftest import ApiClient, tomorrow

GOOD = {"channel": "in-person", "category": "noise", "matter": "楼上噪音", "content": "每晚十点后", "home": "1-101"}


def test_a_complaint_is_registered_and_says_what_may_be_done_next(api: ApiClient) -> None:
    answer = api.post("/offices/XH/complaints", GOOD)
    assert answer.status_code == 201
    body = answer.json()
    assert body["state"] == "registered"
    assert body["version"] == 1
    assert body["facts"][0] == "ComplaintRegistered"
    assert "assess-complaint" in body["permitted"]
    assert "dispatch-complaint" not in body["permitted"]
    assert answer.headers["etag"] == '"1"'
    assert api.get(answer.headers["location"]).json()["id"] == body["id"]


def test_the_next_command_moves_it_on(api: ApiClient) -> None:
    case_id = api.complaint()
    answer = api.post(
        f"/offices/XH/complaints/{case_id}/assess-complaint",
        {"promised_by": tomorrow(), "measure": "劝导", "told_at": datetime.now(UTC).isoformat()},
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "assessed"


def test_a_repeated_key_is_carried_out_once(api: ApiClient) -> None:
    key = {"Idempotency-Key": "one"}
    first = api.post("/offices/XH/complaints", GOOD, headers=key)
    pages = api.pages()
    again = api.post("/offices/XH/complaints", GOOD, headers=key)
    assert again.status_code == 201
    assert again.json() == first.json() | {"repeated": True}
    assert api.pages() == pages


def test_a_key_used_for_something_else_is_refused(api: ApiClient) -> None:
    key = {"Idempotency-Key": "one"}
    api.post("/offices/XH/complaints", GOOD, headers=key)
    pages = api.pages()
    other = api.post("/offices/XH/complaints", GOOD | {"matter": "别的"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "key-reused")
    assert api.pages() == pages


def test_a_key_belongs_to_its_sender(api: ApiClient) -> None:
    key = {"Idempotency-Key": "one"}
    first = api.post("/offices/XH/complaints", GOOD, headers=key)
    other = api.post("/offices/XH/complaints", GOOD, Role.MANAGER, headers=key)
    assert other.status_code == 201
    assert other.json()["id"] != first.json()["id"]


def test_a_stale_version_is_refused(api: ApiClient) -> None:
    case_id = api.complaint()
    pages = api.pages()
    answer = api.post(f"/offices/XH/complaints/{case_id}/reassign-complaint", {"to": "u2"}, headers={"If-Match": '"7"'})
    assert (answer.status_code, answer.headers["content-type"]) == (412, "application/problem+json")
    assert api.pages() == pages


def test_the_wrong_role_is_told_whose_it_is(api: ApiClient) -> None:
    case_id = api.complaint()
    answer = api.post(
        f"/offices/XH/complaints/{case_id}/dispatch-complaint", {"department": "工程部", "due_by": tomorrow()}
    )
    assert answer.status_code == 403
    assert answer.json()["clause"] == "4.4"
    assert "部门负责人" in answer.json()["zh"]


def test_the_wrong_state_and_a_broken_rule_are_conflicts(api: ApiClient) -> None:
    case_id = api.complaint()
    early = api.post(f"/offices/XH/complaints/{case_id}/archive-complaint", {})
    assert (early.status_code, early.json()["code"]) == (409, "state")
    rule = api.post(f"/offices/XH/complaints/{case_id}/resume-complaint", {})
    assert (rule.status_code, rule.json()["code"], rule.json()["clause"]) == (409, "not-waiting", "4.3")


def test_a_role_can_be_chosen_among_ones_own_only(api: ApiClient) -> None:
    path = "/offices/XH/complaints"
    assert api.post(path, GOOD, headers={"Wuye-Role": "manager"}).status_code == 403
    assert api.post(path, GOOD, headers={"Wuye-Role": "administrator"}).status_code == 201


def test_whoever_has_several_roles_acts_in_the_fitting_one(api: ApiClient) -> None:
    from api.identity import Grant

    accounts = api.context.accounts
    user = accounts.create("both", "both", None)
    accounts.grant(user, [Grant("XH", Role.ADMINISTRATOR), Grant("XH", Role.MANAGER)], by="test")
    token = accounts.make_token(user, "t", None, for_program=True)[1]
    case_id = api.complaint()
    answer = api.client.post(
        f"/offices/XH/complaints/{case_id}/dispatch-complaint",
        json={"department": "工程部", "due_by": tomorrow()},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200, answer.text
    facts = api.get(f"/offices/XH/complaints/{case_id}/facts").json()["facts"]
    assert facts[-1]["role"] == "manager"


def test_a_late_entry_says_when_it_happened(api: ApiClient) -> None:
    then = api.get("/offices/XH/facts").json()["events"][0]["time"]
    answer = api.post("/offices/XH/complaints", GOOD, params={"occurred_at": then})
    assert answer.status_code == 201, answer.text
    row = api.get(f"/offices/XH/complaints/{answer.json()['id']}").json()["data"]
    assert datetime.fromisoformat(row["opened_at"]) == datetime.fromisoformat(then)
    earlier = (datetime.fromisoformat(then) - timedelta(days=3)).isoformat()
    refused = api.post("/offices/XH/complaints", GOOD, params={"occurred_at": earlier})
    assert (refused.status_code, refused.json()["code"]) == (409, "before-office")


# -- what may not come in --------------------------------------------------------------------------------------------

MALFORMED: list[tuple[str, dict[str, Any], str]] = [
    ("wrong type", GOOD | {"matter": 7}, "matter"),
    ("no object", {}, "channel"),
    ("unknown field", GOOD | {"state": "archived"}, "state"),
    ("not a choice", GOOD | {"channel": "pigeon"}, "channel"),
    ("blank", GOOD | {"category": " 　"}, "category"),
    ("blank though it may be left out", GOOD | {"home": ""}, "home"),
    ("nothing that can be seen", GOOD | {"complainant": "\u3164\u2800\u200b"}, "complainant"),
    ("NUL", GOOD | {"matter": "a\x00b"}, "matter"),
    ("line break in a line", GOOD | {"matter": "a\nb"}, "matter"),
    ("right-to-left override", GOOD | {"matter": "abc\u202egnp.exe"}, "matter"),
    ("a false seal", GOOD | {"matter": "wuye:sealed:1:household-1:1:matter:AAAA"}, "matter"),
    ("isolate", GOOD | {"content": "a\u2066b"}, "content"),
    ("lone surrogate", GOOD | {"content": "a\ud800b"}, "content"),
    ("too long", GOOD | {"matter": "一" * 201}, "matter"),
    ("far too long", GOOD | {"content": "x" * 20_001}, "content"),
]


@pytest.mark.parametrize(("what", "body", "field"), MALFORMED, ids=[row[0] for row in MALFORMED])
def test_malformed_bodies_name_their_field_and_leave_nothing(
    api: ApiClient, what: str, body: dict[str, Any], field: str
) -> None:
    import json

    pages = api.pages()
    answer = api.ask(
        "POST", "/offices/XH/complaints", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, (what, answer.text)
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert answer.json()["errors"][0]["zh"]
    assert api.pages() == pages


@pytest.mark.parametrize(
    ("when", "status"),
    [
        ("2025-02-30T10:00:00+08:00", 422),
        ("2025-03-01T10:00:00", 422),
        ("yesterday", 422),
        (1740794400, 422),
        ("2025-03-01", 422),
        ("0001-01-01T00:00:00+14:00", 409),
        ("9999-12-31T23:59:59-12:00", 409),
    ],
)
def test_impossible_dates_are_refused(api: ApiClient, when: Any, status: int) -> None:
    case_id = api.complaint()
    pages = api.pages()
    answer = api.post(
        f"/offices/XH/complaints/{case_id}/assess-complaint", {"promised_by": when, "measure": "m", "told_at": None}
    )
    assert answer.status_code == status, answer.text
    assert api.pages() == pages


def test_what_lies_in_the_future_has_not_happened(api: ApiClient) -> None:
    pages = api.pages()
    answer = api.post("/offices/XH/complaints", GOOD, params={"occurred_at": tomorrow()})
    assert (answer.status_code, answer.json()["code"]) == (409, "in-the-future")
    assert api.pages() == pages


def test_four_byte_characters_come_through(api: ApiClient) -> None:
    case_id = api.complaint(matter="𠮷野家🏠", content="𡈽")
    data = api.get(f"/offices/XH/complaints/{case_id}").json()["data"]
    assert (data["matter"], data["content"]) == ("𠮷野家🏠", "𡈽")


def test_texts_are_stored_in_their_composed_form(api: ApiClient) -> None:
    case_id = api.complaint(matter="cafe\u0301")
    assert api.get(f"/offices/XH/complaints/{case_id}").json()["data"]["matter"] == "café"


def test_a_body_of_a_megabyte_is_too_large(api: ApiClient) -> None:
    pages = api.pages()
    answer = api.post("/offices/XH/complaints", GOOD | {"content": "x" * 1_100_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    chunks = (b"x" * 100_000 for _ in range(12))  # no Content-Length to go by
    answer = api.ask("POST", "/offices/XH/complaints", content=chunks, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert api.pages() == pages


@pytest.mark.parametrize("content", [b"{", b"[" * 100_000, b"null", b"", b"\xff\xfe", b'{"channel": NaN}'])
def test_unreadable_bodies_are_refused(api: ApiClient, content: bytes) -> None:
    pages = api.pages()
    answer = api.ask("POST", "/offices/XH/complaints", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert api.pages() == pages


@pytest.mark.parametrize(
    "case_id", ["complaint-0", "x", "office-XH", "complaint-%00", "complaint-%F0%9F%8F%A0", "complaint-\u202e"]
)
def test_unknown_ids_are_not_found(api: ApiClient, case_id: str) -> None:
    for method, path in (("GET", ""), ("GET", "/facts"), ("POST", "/resume-complaint")):
        answer = api.ask(method, f"/offices/XH/complaints/{case_id}{path}", json={} if method == "POST" else None)
        assert answer.status_code in {404, 405}, (method, path, answer.text)


def test_another_offices_case_is_not_found(api: ApiClient) -> None:
    case_id = api.complaint()
    pages = api.pages()
    for office, status in (("YH", 404), ("XH", 404), ("nowhere", 404)):
        answer = api.post(f"/offices/{office}/complaints/{case_id}/resume-complaint", {}, office="YH")
        assert answer.status_code == status
        seen = api.ask("GET", f"/offices/{office}/complaints/{case_id}", office="YH")
        assert seen.status_code == 404
    assert api.pages() == pages


def test_the_clocks_commands_have_no_address(api: ApiClient) -> None:
    paths = api.app.openapi()["paths"]
    assert not any("miss-promise" in path or "conclude-complaint-follow-up" in path for path in paths)
