"""The display names of accounts 账号姓名, by the ids under which they stand in the books."""

from __future__ import annotations

import re
from collections.abc import Iterable
from time import monotonic
from typing import Any, Final

from journal.connections import Connect

__all__ = ["ACCOUNT_ID", "AccountNames"]

ACCOUNT_ID: Final = re.compile(rb"\bu-[0-9a-f]{32}\b")
_CACHED: Final = 10_000
_KEPT_FOR: Final = 60.0
"""Seconds for which a name is not asked for again: people may change what they are called."""


class AccountNames:
    """The display names of accounts, by id."""

    def __init__(self, connect: Connect) -> None:
        """``connect`` lends an autocommit connection."""
        self._connect = connect
        self._known: dict[str, str] = {}
        self._until = 0.0

    def of(self, ids: Iterable[str]) -> dict[str, str]:
        """Those of these ids that are accounts', with their names, in the order of the ids."""
        if monotonic() > self._until:
            self._known, self._until = {}, monotonic() + _KEPT_FOR
        wanted = sorted(set(ids))
        missing = [each for each in wanted if each not in self._known]
        if missing:
            with self._connect() as connection:
                rows = connection.execute("select user_id, name from wuye.users where user_id = any(%s)", [missing])
                found = dict(rows.fetchall())
            if len(self._known) + len(found) > _CACHED:
                self._known.clear()
            self._known |= found
        return {each: self._known[each] for each in wanted if each in self._known}

    def beside(self, values: Iterable[Any]) -> tuple[Any, ...]:
        """A line of a file in which names stand beside ids."""
        line = tuple(values)
        ids = [each for each in line if isinstance(each, str) and ACCOUNT_ID.fullmatch(each.encode())]
        names = self.of(ids) if ids else {}
        return tuple(f"{names[each]}（{each}）" if isinstance(each, str) and each in names else each for each in line)
