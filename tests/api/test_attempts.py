"""Who tries to take keys without authority is refused, and the attempt stands in the home's book (§3.2)."""

from __future__ import annotations

from typing import Any

from domain.kernel.people import Role
from tests.api.conftest import ApiClient, tomorrow

KEYS = [{"number": "1", "key_class": "entrance"}, {"number": "2", "key_class": "room"}]


def vacant(api: ApiClient) -> str:
    answer = api.post("/offices/XH/vacant-homes", {"home": "1-101", "kind": "unsold", "area": 9000, "keys": KEYS})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def asked(api: ApiClient, home: str) -> str:
    form = {
        "vacant_home": home,
        "keys": ["1"],
        "purpose": "viewing",
        "borrower": "赵",
        "identity_document": "证1",
        "expected_return": tomorrow(),
    }
    answer = api.post("/offices/XH/key-loans", form)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def attempts(api: ApiClient, home: str) -> list[dict[str, Any]]:
    facts = api.get(f"/offices/XH/vacant-homes/{home}/facts").json()["facts"]
    return [fact for fact in facts if fact["name"] == "KeyTakingRefused"]


def test_whoever_is_no_duty_officer_and_issues_keys_leaves_the_attempt_in_the_book(api: ApiClient) -> None:
    home = vacant(api)
    loan = asked(api, home)
    for role in (Role.ADMINISTRATOR, Role.ASSISTANT):
        answer = api.post(f"/offices/XH/key-loans/{loan}/issue-keys", {"officer_signature": "签"}, role)
        assert answer.status_code == 403, answer.text
    first, second = attempts(api, home)
    assert (first["user_id"], first["role"]) == (api.users["XH", Role.ADMINISTRATOR], "policy")
    assert second["user_id"] == api.users["XH", Role.ASSISTANT]
    assert api.get(f"/offices/XH/vacant-homes/{home}").json()["data"]["takings_refused"] == 2


def test_keys_that_are_wanted_unsigned_or_twice_are_refused_and_noted(api: ApiClient) -> None:
    home = vacant(api)
    loan, other = asked(api, home), asked(api, home)
    path = "/offices/XH/key-loans/{}/issue-keys"
    assert api.post(path.format(loan), {}, Role.DUTY_OFFICER).status_code == 409
    assert api.post(path.format(loan), {"officer_signature": "签"}, Role.DUTY_OFFICER).status_code == 200
    assert len(attempts(api, home)) == 1
    assert api.post(path.format(other), {"officer_signature": "签"}, Role.DUTY_OFFICER).status_code == 409
    assert api.post(path.format(loan), {"officer_signature": "签"}, Role.DUTY_OFFICER).status_code == 409
    assert len(attempts(api, home)) == 3


def test_a_hand_over_by_whoever_may_not_is_an_attempt_and_one_that_is_too_early_is_none(api: ApiClient) -> None:
    home = vacant(api)
    path = f"/offices/XH/vacant-homes/{home}/hand-over-home"
    body = {"reason": "return-to-owner", "keys": ["1", "2"], "signature": "王"}
    assert api.post(path, body).json()["code"] == "cleaning-missing"
    assert attempts(api, home) == []
    assert api.post(path, body, Role.DUTY_OFFICER).status_code == 403
    [attempt] = attempts(api, home)
    assert attempt["data"]["keys"] == ["1", "2"]
    move = api.post("/offices/XH/move-ins", {"home": "2-202", "applicant": "王"}).json()["id"]
    keys = {"keys": ["1"], "signature": "王"}
    assert api.post(f"/offices/XH/move-ins/{move}/hand-over-move-in-keys", keys, Role.ASSISTANT).status_code == 403
    assert len(attempts(api, home)) == 1, "no keys of a vacant home were wanted"


def test_an_attempt_on_what_does_not_exist_leaves_nothing(api: ApiClient) -> None:
    home = vacant(api)
    before = api.pages()
    for case_id in ("key_loan-none", "key_loan-%00", "complaint-1"):
        assert api.post(f"/offices/XH/key-loans/{case_id}/issue-keys", {}).status_code in {403, 404}
    assert api.pages() == before
    assert attempts(api, home) == []
