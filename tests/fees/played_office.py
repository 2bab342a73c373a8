"""Simulated offices played over HTTP: one person per role, a clock that the story moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import httpx

from domain.kernel.calendar import SHANGHAI
from domain.kernel.people import Role

__all__ = ["CLERK", "COMPANY", "HOME", "MANAGER", "PlayedOffice", "RunningProgram", "noon"]

HOME = "1-101"
CLERK, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY


def noon(day: date) -> datetime:
    """When things are done on a day, unless another time is said."""
    return datetime.combine(day, time(12), SHANGHAI)


@dataclass
class RunningProgram:
    """A running program: where it listens, and how an office is opened and somebody gets a token for it."""

    client: httpx.Client
    opens: Callable[[str, datetime], None]
    token: Callable[[str, Role], str]
    opened: int = 0

    def office(self, since: date, settings: dict[str, list[tuple[date, str]]]) -> PlayedOffice:
        """A new simulated office whose clock stands at the morning of a day, with these settings from these dates.

        A story may name a due day that lies further ahead than an office would; how far is no part of any story.
        """
        self.opened += 1
        made = PlayedOffice(self, f"S{self.opened:03}", datetime.combine(since, time(6), SHANGHAI))
        self.opens(made.code, made.now)
        ahead = {"tasks.deadline_within_days": [(date(2000, 1, 1), "180")]}
        wanted = [(name, *change) for name, changes in (ahead | settings).items() for change in changes]
        for number, (name, valid_from, value) in enumerate(wanted, 1):
            body = {"name": name, "value": value, "valid_from": str(valid_from), "reason": "设立"}
            made.ask("PUT", "/settings", MANAGER, json=body, params={"office": made.code})
            made.ask("POST", "/settings/confirm", COMPANY, json={"number": number}, params={"office": made.code})
        return made


@dataclass
class PlayedOffice:
    """One simulated office of the program."""

    program: RunningProgram
    code: str
    now: datetime
    tokens: dict[Role, str] = field(default_factory=dict)
    households: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, role: Role = CLERK, **more: Any) -> Any:
        """One request; anything but success ends the story."""
        if role not in self.tokens:
            self.tokens[role] = self.program.token(self.code, role)
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        answer = self.program.client.request(method, path, headers=headers, **more)
        if answer.status_code >= 400:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:600]}")
        return answer.json()

    @property
    def today(self) -> date:
        """The date that the office's clock shows."""
        return self.now.date()

    def until(self, day: date) -> None:
        """The clock goes on to a day's noon, unless it is past that."""
        if noon(day) > self.now:
            self.now = noon(day)
            self.ask("POST", f"/offices/{self.code}/clock", MANAGER, json={"to": self.now.isoformat()})

    def household(self, name: str, home: str | None = None) -> str:
        """The file of a household of the story, opened when it is first named, in a home of its own unless one is said."""
        if name not in self.households:
            body = {"home": home or f"1-{101 + len(self.households)}", "name": name}
            made = self.ask("POST", f"/offices/{self.code}/households", json=body)
            self.households[name] = str(made["id"])
        return self.households[name]

    def say(self, role: Role, path: str, *, back_on: date | None = None, **body: Any) -> str:
        """A command on a day (today, or entered late for an earlier one); returns the case's id."""
        params = {}
        if back_on is not None:
            self.until(back_on)
            if noon(back_on) < self.now:
                params = {"occurred_at": noon(back_on).isoformat(), "late_reason": "补录"}
        if "household" in body:
            body["household"] = self.household(body["household"])
        body = {name: str(value) if isinstance(value, date) else value for name, value in body.items()}
        return str(self.ask("POST", f"/offices/{self.code}/{path}", role, json=body, params=params)["id"])

    def get(self, path: str, **params: Any) -> Any:
        """What the office answers."""
        said = {name: str(value) for name, value in params.items() if value is not None}
        return self.ask("GET", f"/offices/{self.code}/{path}", params=said)

    def statement(self, household: str, on: date | None = None) -> Any:
        """The household's statement at the end of a day."""
        [account] = self.rows("accounts", household=self.household(household))
        return self.get(f"accounts/{account['case_id']}/statement", on=on)

    def rows(self, register: str, **where: Any) -> list[dict[str, Any]]:
        """The rows of a register."""
        return list(self.get(f"registers/{register}", **where)["rows"])

    def facts(self, path: str) -> list[dict[str, Any]]:
        """A case's facts."""
        return list(self.get(f"{path}/facts")["facts"])


class Refused(Exception):
    """The program did not do what the story says."""
