"""A command has two ways through the API, the short one and the framework's; they say the same of every request.

A media type that is written otherwise than usual is enough for a request to be in doubt: it goes the long way.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.routes.command_route import CommandRoute
from domain.kernel.people import Role
from tests.api.conftest import ApiClient, tomorrow

GOOD: dict[str, Any] = {
    "channel": "in-person",
    "category": "noise",
    "matter": "楼上噪音",
    "content": "每晚十点后",
    "home": "1-101",
}
ASSESS: dict[str, Any] = {"promised_by": tomorrow(), "measure": "劝导", "told_at": None}
LONG = "Application/JSON"
_NEW = {"id", "number", "version", "facts", "permitted", "state", "repeated"}


def both(api: ApiClient, path: str, body: bytes, role: Role = Role.ADMINISTRATOR, **headers: str) -> list[Any]:
    said = []
    for kind in ("application/json", LONG):
        given = {"Content-Type": kind} | {name.replace("_", "-"): v for name, v in headers.items()}
        answer = api.ask("POST", path, role, content=body, headers=given)
        kept = answer.json()
        if isinstance(kept, dict) and answer.is_success:
            assert set(kept) == _NEW
            kept = {name: kept[name] for name in ("version", "state", "facts", "permitted", "repeated")}
        said.append((answer.status_code, answer.headers["content-type"], kept))
    return said


BODIES = [
    json.dumps(GOOD, ensure_ascii=False).encode(),
    json.dumps(GOOD).encode(),
    json.dumps(GOOD | {"home": "7-2-1403"}).encode(),
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    json.dumps(GOOD | {"owner": "me"}).encode(),
    json.dumps(GOOD | {"channel": "pigeon"}).encode(),
    json.dumps(GOOD | {"category": 5}).encode(),
    json.dumps(GOOD | {"category": None}).encode(),
    json.dumps(GOOD | {"category": "   "}).encode(),
    json.dumps(GOOD | {"matter": "a\u0000b"}).encode(),
    json.dumps(GOOD | {"matter": "\u202eabc"}).encode(),
    json.dumps(GOOD | {"matter": "𠮷" * 201}).encode(),
    json.dumps(GOOD | {"matter": "e\u0301"}).encode(),
    b'{"channel":"in-person","category":"noise","matter":"\\ud800","content":"x"}',
    b'{"channel":"in-person","category":"noise","matter":"x","matter":"y","content":"x"}',
    b'{"channel":"in-person","category":"noise","matter":NaN,"content":"x"}',
    json.dumps({"category": "noise"}).encode(),
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_both_ways_say_the_same_of_every_body(api: ApiClient, body: bytes) -> None:
    short, long = both(api, "/offices/XH/complaints", body)
    assert short == long


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Idempotency_Key": "a\tb"}, 422),
        ({"Idempotency_Key": "k" * 201}, 422),
        ({"Wuye_Role": "emperor"}, 422),
        ({"Wuye_Role": "manager"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/json; charset=utf-8"}, 201),
    ],
)
def test_both_ways_say_the_same_of_every_header(api: ApiClient, headers: dict[str, str], status: int) -> None:
    short, long = both(api, "/offices/XH/complaints", BODIES[0], **headers)
    assert short == long
    assert short[0] == status


@pytest.mark.parametrize("seen", ['"1"', '"7"', '"x"', "1"])
def test_both_ways_say_the_same_of_the_version_seen(api: ApiClient, seen: str) -> None:
    said = [
        api.ask(
            "POST",
            f"/offices/XH/complaints/{api.complaint()}/assess-complaint",
            headers={"Content-Type": kind, "If-Match": seen},
            content=json.dumps(ASSESS).encode(),
        )
        for kind in ("application/json", LONG)
    ]
    assert said[0].status_code == said[1].status_code
    assert said[0].json().get("code") == said[1].json().get("code")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR, Role.DUTY_OFFICER])
def test_both_ways_ask_who_it_is(api: ApiClient, role: Role) -> None:
    short, long = both(api, "/offices/XH/complaints", BODIES[0], role)
    assert short == long
    assert both(api, "/offices/NO/complaints", BODIES[0])[0][0] == 404


def test_a_key_given_on_one_way_is_known_on_the_other(api: ApiClient) -> None:
    given = {"Content-Type": "application/json", "Idempotency-Key": "k-1"}
    first = api.ask("POST", "/offices/XH/complaints", content=BODIES[0], headers=given).json()
    again = api.ask("POST", "/offices/XH/complaints", content=BODIES[0], headers=given | {"Content-Type": LONG}).json()
    assert (again["id"], again["repeated"]) == (first["id"], True)


def test_every_command_has_its_short_way(api: ApiClient) -> None:
    index = api.app.router.routes[-1]
    posts = [route for route in index.routes if isinstance(route, CommandRoute)]  # type: ignore[attr-defined]
    assert len(posts) > 200
    assert all(route.app == route._short for route in posts)
