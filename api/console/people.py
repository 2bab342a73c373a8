"""Names of people 人员姓名: accounts as their names, the program's own actors by what they are; never a code on a page."""

from __future__ import annotations

from time import monotonic
from typing import Final

from api.console.text import Language, says
from api.http.context import ApiContext
from domain.kernel.people import OUTSIDER, Role
from domain.kernel.words import choice_names
from journal.connections import Connect

__all__ = ["People", "role_name"]

_KEPT_FOR: Final = 30.0


class People:
    """The names of all accounts, asked for twice a minute at most."""

    def __init__(self, context: ApiContext) -> None:
        """Whoever exchanges the context's connection has other accounts."""
        self._context = context
        self._connect: Connect | None = None
        self._names: dict[str, str] = {}
        self._until = 0.0

    def names(self) -> dict[str, str]:
        """Account → name."""
        connect = self._context.connect
        if monotonic() > self._until or connect is not self._connect:
            with connect() as connection:
                rows = connection.execute("select user_id, name from wuye.users limit 20000").fetchall()
            self._names, self._connect, self._until = dict(rows), connect, monotonic() + _KEPT_FOR
        return self._names

    def forget(self) -> None:
        """Ask anew: somebody is called otherwise now."""
        self._until = 0.0

    def name(self, user_id: str, language: Language) -> str:
        """Who it is; a policy is the handbook's own hand."""
        kind = user_id.partition(":")[0]
        if kind == "policy":
            return says(language, "依规程", "by the handbook's rule")
        if user_id == Role.RESIDENT:
            return role_name(Role.RESIDENT, language)
        if kind in ("clock", "importer", "import"):
            return role_name(Role.CLOCK if kind == "clock" else Role.IMPORTER, language)
        if user_id.startswith(OUTSIDER):
            return says(language, user_id, f"outsider:{user_id.removeprefix(OUTSIDER)}")
        return self.names().get(user_id, user_id)


def role_name(role: Role, language: Language) -> str:
    """What a role is called."""
    zh, en = choice_names(role)
    return says(language, zh, en)
