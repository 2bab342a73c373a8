"""Seals of log-ins and tokens 登录与令牌封记: whose a secret is and until when it counts, as the program wrote it.

A secret's digest in the database says nothing of who put it there: whoever can write there knows secrets of his own. A seal is a
digest with a secret of the master key, of the row and of the password that its account had then: a row that is given to another
account, or prolonged, opens nothing, and one of before a new password does not come back.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
import psycopg

from journal.confidential import MasterKey
from journal.hash_chain import Finding

__all__ = ["Kind", "TokenSeals"]

Kind = Literal["sessions", "tokens"]
_SEAL: Final[dict[Kind, str]] = {
    "sessions": "update wuye.sessions set seal = %s where hash = %s",
    "tokens": "update wuye.tokens set seal = %s where hash = %s",
}
_STANDING: Final[dict[Kind, str]] = {
    "sessions": "select hash, user_id, expires_at, u.password_hash, c.seal, null, u.login"
    " from wuye.sessions c join wuye.users u using (user_id)",
    "tokens": "select hash, user_id, expires_at, u.password_hash, c.seal, token_id, u.login"
    " from wuye.tokens c join wuye.users u using (user_id)",
}
_COUNTS: Final = (
    " where u.disabled_at is null and (expires_at is null or expires_at > clock_timestamp()) order by u.login, hash"
)


class TokenSeals:
    """Makes the seals and looks at them."""

    def __init__(self, master: MasterKey) -> None:
        """The secret stays the same when another master key takes this one's place."""
        self._secret = bytes.fromhex(master.secret("log-ins and tokens"))

    def of(
        self, kind: Kind, hashed: bytes, user_id: str, expires_at: datetime | None, password_hash: str | None
    ) -> bytes:
        """The seal of a log-in or token of an account that has this password."""
        until = expires_at.timestamp() if expires_at is not None else None
        said = msgspec.json.encode([kind, hashed.hex(), user_id, until, password_hash])
        return hmac.digest(self._secret, said, "sha256")

    def right(
        self,
        kind: Kind,
        seal: bytes | None,
        hashed: bytes,
        user_id: str,
        expires_at: datetime | None,
        password_hash: str | None,
    ) -> bool:
        """Whether a row stands as the program wrote it."""
        return seal is not None and hmac.compare_digest(
            bytes(seal), self.of(kind, hashed, user_id, expires_at, password_hash)
        )

    def follow(self, connection: psycopg.Connection[Any], user_id: str, password_hash: str) -> None:
        """Before the same password is hashed anew: what stands goes on counting."""
        for kind, statement in _STANDING.items():
            for hashed, user, until, before, seal, *_ in connection.execute(
                f"{statement} where user_id = %s".encode(), [user_id]
            ):
                if self.right(kind, seal, hashed, user, until, before):
                    self._put(connection, kind, hashed, user, until, password_hash)

    def begin(self, owner: psycopg.Connection[Any]) -> None:
        """Seal those of a database of before there were seals, as they stand."""
        for kind, statement in _STANDING.items():
            for hashed, user, until, password_hash, seal, *_ in owner.execute(statement.encode()):
                if seal is None:
                    self._put(owner, kind, hashed, user, until, password_hash)

    def findings(self, connection: psycopg.Connection[Any]) -> Iterator[Finding]:
        """Log-ins and tokens that count and were made, given to another or prolonged beside the program."""
        for kind, statement in _STANDING.items():
            for hashed, user, until, password_hash, seal, token, login in connection.execute(
                f"{statement}{_COUNTS}".encode()
            ):
                if not self.right(kind, seal, hashed, user, until, password_hash):
                    yield Finding(
                        0,
                        "token",
                        f"账号 {login} 的{f'令牌 {token} ' if token else '一次登录'}不是本系统所发",
                        f"{f'the token {token}' if token else 'a log-in'} of the account {login} is not as the program made it",
                    )

    def _put(
        self,
        connection: psycopg.Connection[Any],
        kind: Kind,
        hashed: bytes,
        user_id: str,
        until: datetime | None,
        password_hash: str | None,
    ) -> None:
        seal = self.of(kind, hashed, user_id, until, password_hash)
        connection.execute(_SEAL[kind].encode(), [seal, hashed])
