"""What the database refuses of an append, as the exceptions that the command handler knows what to do about."""

from __future__ import annotations

from typing import Final

import psycopg
from eventsourcing.persistence import IntegrityError
from psycopg import errors as sql

from domain.kernel.errors import AlreadyHeld
from journal.append import Append

__all__ = ["ClockBackward", "Conflict", "KeyDestroyed", "RepeatedKey", "StaleSettings", "UnknownOffice", "meaning_of"]


class Conflict(IntegrityError):
    """Another command has changed a case between its reading and this append 并发冲突. Decide again."""


class StaleSettings(Conflict):
    """The office's settings have changed since they were read."""


class RepeatedKey(Exception):
    """This idempotency key has been answered before 重复的幂等键."""


class KeyDestroyed(Exception):
    """The household's key is gone: nothing more can be sealed for it 住户密钥已销毁."""


class UnknownOffice(Exception):
    """There is no such office 没有这个管理处."""


class ClockBackward(Exception):
    """The clock of a simulated office does not go back 模拟时钟不倒拨."""


_STATES: Final[dict[str, type[Exception]]] = {
    "WY003": UnknownOffice,
    "WY004": StaleSettings,
    "WY005": Conflict,
    "WY006": KeyDestroyed,
    "WY007": ClockBackward,
    "40P01": Conflict,  # deadlock detected
    "40001": Conflict,
}


def meaning_of(error: psycopg.DatabaseError, append: Append) -> Exception | None:
    """What a failed append means; None for what deciding again could not mend."""
    if not isinstance(error, sql.UniqueViolation):
        kind = _STATES.get(error.sqlstate or "")
        return kind(str(error)) if kind is not None else None
    match error.diag.constraint_name:
        case "answers_pkey":
            return RepeatedKey(append.key)
        case "claims_pkey":
            return AlreadyHeld(
                "already-held",
                None,
                zh="已被另一件占用",
                en="another case holds this already",
                claims=tuple(append.claims),
            )
        case "facts_case_version" | "keys_pkey" | "names_pkey":  # another has typed the same name meanwhile
            return Conflict(str(error))
        case _:
            return None
