"""Every route, every role, two offices: with bodies that are well formed and cases that exist, so that rights decide."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from urllib.parse import quote

import msgspec
import psycopg
import pytest

from domain.cases import BY_PATH
from domain.kernel.fact import COMMANDS
from domain.kernel.names import NameKind, renamed
from domain.kernel.people import Role
from tests.api.conftest import EVERYBODY, ApiClient
from tests.conftest import Database, new_database
from tests.filler import fill
from tests.office_rig import office_rig
from tests.random_walk import random_walk

PLAY = "PLAY"
"""An office with cases of many kinds; the callers belong to it or to XH."""
OTHER_BODIES: dict[str, dict[str, Any]] = {
    "subscribe": {"channel": "e-mail", "address": "li@example.test"},
    "search_people": {"q": "王小明"},
    "issue_due_notices": {"means": "mailbox"},
    "confirm_bank_matches": {"matches": []},
    "move_clock": {"to": "2000-01-01T00:00:00Z"},
}
READ_BY_POST = {"search_people", "check_paper_file"}
"""A reading whose words are sent in a body, so that no name stands in an address."""
KEPT = {f"/offices/{PLAY}", f"/offices/{PLAY}/clock"}
"""What a system administrator keeps: that there is an office is no secret to him, nor its clock; what happens in it is."""


@dataclass
class Operation:
    """One operation with its address and body filled in."""

    name: str
    verb: str
    path: str
    body: dict[str, Any] | None
    roles: tuple[str, ...] | None


@dataclass
class Full:
    """The API, and what stands in the office."""

    api: ApiClient
    now: datetime
    ids: dict[str, list[str]]
    whole: bool

    def operations(self) -> Iterator[Operation]:
        """Everything that has an address under an office."""
        random = Random(5)
        document = self.api.app.openapi()
        shared = document["components"]["parameters"]
        for path, verbs in document["paths"].items():
            if not path.startswith("/offices/{office}"):
                continue
            lifecycle = BY_PATH.get(path.split("/")[3]) if path.count("/") > 2 else None
            known = self.ids.get(lifecycle.kind, []) if lifecycle is not None else []
            case_id = known[0] if known else f"{lifecycle.kind if lifecycle else 'x'}-0"
            filled = path.replace("{office}", PLAY).replace("{case_id}", quote(case_id, safe=""))
            for verb, operation in verbs.items():
                said = [shared.get(e.get("$ref", "").rpartition("/")[2], e) for e in operation.get("parameters", ())]
                needed = [each["name"] for each in said if each.get("required")]
                query = "?kind=lease" if "kind" in needed else ""
                yield Operation(
                    operation["operationId"],
                    verb.upper(),
                    re.sub(r"\{\w+\}", "x0", filled) + query,
                    self.body(operation, random),
                    operation.get("x-roles"),
                )

    def requests(self) -> Iterator[tuple[Operation, Role]]:
        """Everything by everybody; or every second operation by one who may and one who may not, all roles in turn.

        The domain's own tests walk the whole matrix; here it is whether every address asks them.
        """
        for turn, operation in enumerate(islice(self.operations(), 0, None, 1 if self.whole else 2)):
            may = [role for role in EVERYBODY if operation.roles is None or role in operation.roles]
            may_not = [role for role in EVERYBODY if role not in may]
            for roles in (may, may_not):
                chosen = roles if self.whole else roles[turn % max(1, len(roles)) :][:1]
                yield from ((operation, role) for role in chosen)

    def body(self, operation: dict[str, Any], random: Random) -> dict[str, Any] | None:
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return None
        command = COMMANDS.get(schema["$ref"].rpartition("/")[2])
        if command is None:
            return OTHER_BODIES[operation["operationId"]]
        filled = fill(command, random, self.now, self.ids)
        known = renamed(
            filled, lambda kind, text: "外:师傅" if kind is NameKind.PERSON else text
        )  # nobody of the office
        return dict(msgspec.to_builtins(known, enc_hook=str))

    def ask(self, operation: Operation, role: Role, office: str) -> Any:
        """The request by somebody who has this role in this office, and none in another."""
        content = None if operation.body is None else json.dumps(operation.body)
        headers = {"Content-Type": "application/json"} if content is not None else {}
        return self.api.ask(operation.verb, operation.path, role, office, content=content, headers=headers)

    def pages(self) -> int:
        with psycopg.connect(self.api.owner) as owner:
            [row] = owner.execute("select count(*) from wuye.facts").fetchall()
        return int(row[0])


@dataclass
class Played:
    """An office that has been at work."""

    database: Database
    now: datetime
    ids: dict[str, list[str]]


@pytest.fixture(scope="module")
def played(server: str) -> Iterator[Played]:
    """Played once for all tests; each has a copy of it."""
    with new_database(server) as database:
        with office_rig(database.app, code=PLAY) as rig:
            random_walk(rig, Random(11), 400)
            now = rig.now
            ids: dict[str, list[str]] = {}
            for fact in rig.facts():
                known = ids.setdefault(fact.case_id.partition("-")[0], [])
                if fact.case_id not in known:
                    known.append(fact.case_id)
        assert len(ids) > 20
        yield Played(database, now, ids)


@pytest.fixture
def database(server: str, played: Played) -> Iterator[Database]:
    with new_database(server, played.database.name) as made:
        yield made


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.long)], ids=["sampled", "whole"])
def full(request: pytest.FixtureRequest, api: ApiClient, played: Played) -> Full:
    """The API of that office."""
    return Full(api, played.now, played.ids, request.param)


def test_who_has_no_role_in_an_office_finds_nothing_of_it_on_any_route(full: Full) -> None:
    before = full.pages()
    for operation, role in full.requests():
        answer = full.ask(operation, role, "XH")
        told = (role, operation, answer.text)
        if role is Role.SYSTEM_ADMINISTRATOR and operation.path in KEPT:
            assert answer.status_code == 200 or answer.json()["code"] == "clock-backward", told
            continue
        assert answer.status_code == 404, told
        assert answer.json()["code"] == "office-unknown", told
    # Nor can it be referred to from there: whatever names another case looks for it in the command's own office.
    [home] = full.ids["vacant_home"][:1]
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = {
        "vacant_home": home,
        "keys": ["1"],
        "borrower": "甲",
        "organisation": "乙",
        "identity_document": "丙",
        "purpose": "viewing",
        "expected_return": later,
    }
    answer = full.api.ask("POST", "/offices/XH/key-loans", Role.DUTY_OFFICER, "XH", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "related-unknown"), answer.text
    assert full.pages() == before


def test_within_the_office_each_role_does_what_the_tables_give_it_and_no_more(full: Full) -> None:
    done = 0
    for operation, role in full.requests():
        answer = full.ask(operation, role, PLAY)
        told = (role, operation, answer.text)
        assert answer.status_code < 500, told
        assert answer.status_code != 422, told
        if role is Role.SYSTEM_ADMINISTRATOR and operation.path not in KEPT:
            assert (answer.status_code, answer.json()["code"]) == (403, "no-case-data"), told
        elif operation.roles is not None and role not in operation.roles:
            assert (answer.status_code, answer.json()["code"]) == (403, "role"), told
        elif operation.roles is not None:
            done += answer.status_code < 300
            assert answer.status_code in {200, 201, 403, 404, 409, 410}, told
            assert answer.status_code != 403 or answer.json()["code"] != "no-case-data", told
        elif role is Role.AUDITOR and operation.verb != "GET" and operation.name not in READ_BY_POST:
            assert answer.status_code in {403, 404}, told
    assert done > (100 if full.whole else 10)
