"""Somebody who tells a story over HTTP, in an office whose time he sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import psycopg

from domain.kernel.people import Role
from journal.hash_chain import verify
from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from tests.api.conftest import ApiClient
from tests.office_rig import shanghai

CLERK, ASSISTANT, GUARD, HEAD, MANAGER, COMPANY = (
    Role.ADMINISTRATOR,
    Role.ASSISTANT,
    Role.DUTY_OFFICER,
    Role.DEPARTMENT_HEAD,
    Role.MANAGER,
    Role.COMPANY,
)
OFFICE = "PLAY"


class Teller:
    """Tells a story: everything it says goes over HTTP; time passes when it says so."""

    def __init__(self, api: ApiClient, at: str) -> None:
        self.api = api
        self.now = shanghai(at)
        api.simulated(OFFICE, at)

    def until(self, at: str | datetime) -> None:
        """The office's clock goes on."""
        self.now = shanghai(at)
        self.api.until(OFFICE, self.now)

    def say(self, role: Role, path: str, status: int | None = None, **body: Any) -> dict[str, Any]:
        """A command; its status is 201 for a new case and 200 for one that goes on, unless another is awaited."""
        answer = self.api.ask("POST", f"/offices/{OFFICE}/{path}", role, OFFICE, json=body)
        awaited = status or (201 if path.count("/") == 0 else 200)
        assert answer.status_code == awaited, (path, answer.text)
        return dict(answer.json())

    def refused(self, role: Role, path: str, code: str, **body: Any) -> None:
        """A command that is refused with this code, and why in both languages."""
        answer = self.api.ask("POST", f"/offices/{OFFICE}/{path}", role, OFFICE, json=body)
        assert answer.status_code in {403, 409}, answer.text
        told = answer.json()
        assert told["code"] == code, told
        assert told["zh"]
        assert told["en"]

    def opened(self, role: Role, path: str, **body: Any) -> str:
        return str(self.say(role, path, 201, **body)["id"])

    def household(self, home: str) -> str:
        return self.opened(CLERK, "households", home=home, name="王小明")

    def rows(self, register: str, **query: str) -> list[dict[str, Any]]:
        answer = self.api.ask("GET", f"/offices/{OFFICE}/registers/{register}", CLERK, OFFICE, params=query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["rows"])

    def figure(self, slug: str, since: str, until: str) -> tuple[int, int]:
        query = {"office": OFFICE, "since": since, "until": until}
        answer = self.api.ask("GET", f"/standards/{slug}", CLERK, OFFICE, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["met"], answer.json()["counted"]

    def visit(self, case_id: str, *, content: bool, planner: Role = ASSISTANT, by: Role = CLERK) -> None:
        """Somebody else is sent, asks by telephone, hands the form in; the manager reviews it."""
        path = f"follow-ups/{case_id}"
        self.api.headers(by, OFFICE)
        visitor = self.api.users[OFFICE, by]
        self.say(planner, f"{path}/assign-follow-up", visitor=visitor)
        self.say(
            by,
            f"{path}/conduct-follow-up",
            mode="telephone",
            means="talk",
            quality="好",
            effect="好",
            satisfaction=5 if content else 1,
            conforming=content,
            visitor_signature="签",
        )
        self.say(by, f"{path}/submit-follow-up")
        more: dict[str, Any] = (
            {}
            if content
            else {
                "responsible": "gong-1",
                "rectify_by": (self.now + timedelta(days=3)).isoformat(),
            }
        )
        self.say(MANAGER, f"{path}/review-follow-up", comment="阅", conforming=content, **more)

    def put_right(self, case_id: str) -> None:
        path = f"rectifications/{case_id}"
        self.say(HEAD, f"{path}/assign-rectification", responsible="gong-1")
        self.say(CLERK, f"{path}/report-rectification-done", result="已修", done_by="gong-1")
        self.say(MANAGER, f"{path}/verify-rectification", findings="合格")
        self.say(MANAGER, f"{path}/close-rectification")


@contextmanager
def telling(api: ApiClient) -> Iterator[Teller]:
    """A teller on New Year's Day of 2025; afterwards the book is intact and the registers are its fold."""
    yield Teller(api, "2025-01-01 08:00")
    with psycopg.connect(api.owner, autocommit=True) as owner:
        assert verify(owner, OFFICE).intact
        assert not any(rebuild(owner, REGISTERS).differences.values())
