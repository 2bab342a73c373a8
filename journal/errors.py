"""What the database refuses of an append, as the exceptions that the command handler knows what to do about."""

from __future__ import annotations

import re
from typing import Final

import psycopg
from eventsourcing.persistence import IntegrityError
from psycopg import errors as sql

from domain.kernel.errors import AlreadyHeld
from journal.append import Append

__all__ = [
    "ClockBackward",
    "Conflict",
    "KeyDestroyed",
    "RepeatedKey",
    "StaleSettings",
    "Superseded",
    "UnknownOffice",
    "meaning_of",
]


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


class Superseded(Exception):
    """The registers are written in another shape than this process knows 登记簿已由新版本改变.

    A newer version has rebuilt them, or is about to: this process can read and has to be started anew to write them. It is
    told as an outage: whoever asks again comes to the newer one.
    """


_ROW_WRITER: Final = re.compile(r"\bput_(many_)?r_\w+\(")
"""The functions that write the registers' rows, as an error's context names them."""
_STATES: Final[dict[str, type[Exception]]] = {
    "WY002": Superseded,  # there is no such register
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
    if isinstance(error, sql.DataError) and _ROW_WRITER.search(error.diag.context or ""):
        return Superseded(
            str(error.sqlstate)
        )  # a row of too few or too many columns: some value does not fit its place
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
