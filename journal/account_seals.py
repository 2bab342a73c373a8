"""Seals of accounts 账号封记: what an account may do, and how one logs in to it, as the program wrote it.

No fact tells of accounts, so that a role given in the database itself would be found by nobody. A seal is a digest with a secret
of the master key, which is not in the database: of the log-in, the password's hash, the roles, and whether the account has ended.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import psycopg

from journal.confidential import MasterKey
from journal.hash_chain import Finding

__all__ = ["AccountSeals", "unsealed"]

_STANDS: Final = """
select u.user_id, u.login, u.password_hash, u.disabled_at is not null, u.seal,
       (select array_agg(g.office || ' ' || g.role || ' ' || g.granted_by order by g.office, g.role)
          from wuye.grants g where g.user_id = u.user_id)
  from wuye.users u
"""
_UNSEALED: Final = "select exists (select from wuye.master_keys where ended_at is null and accounts_sealed_at is null)"


class AccountSeals:
    """Makes the seals and looks at them. Whoever changes an account holds its row."""

    def __init__(self, master: MasterKey) -> None:
        """The secret stays the same when another master key takes this one's place."""
        self._secret = bytes.fromhex(master.secret("accounts"))

    def stands(self, connection: psycopg.Connection[Any], user_id: str) -> bool:
        """Whether an account is as the program left it."""
        row = self._row(connection, user_id)
        return row is not None and self._right(row)

    def seal(self, connection: psycopg.Connection[Any], user_id: str) -> None:
        """Seal an account as it stands now."""
        row = self._row(connection, user_id)
        if row is not None:
            self._put(connection, row)

    def begin(self, owner: psycopg.Connection[Any], *, first: bool = False) -> int:
        """Seal, once, the accounts of a database of before there were seals, or that no master key has been given to before.

        Returns how many that were.
        """
        with owner.transaction():
            owner.execute("lock table wuye.master_keys in share row exclusive mode")
            if not first and not unsealed(owner):
                return 0
            rows = owner.execute(_STANDS + " where u.seal is null").fetchall()
            for row in rows:
                self._put(owner, row)
            owner.execute(
                "update wuye.master_keys set accounts_sealed_at = clock_timestamp() where accounts_sealed_at is null"
            )
        return len(rows)

    def findings(self, connection: psycopg.Connection[Any]) -> Iterator[Finding]:
        """Accounts that somebody changed or made beside the program; of those that have ended none."""
        for row in connection.execute(_STANDS + " where u.disabled_at is null order by u.login"):
            if not self._right(row):
                yield Finding(
                    0,
                    "account",
                    f"账号 {row[1]} 的口令、角色或状态不是本系统所设",
                    f"the password, roles or standing of the account {row[1]} are not what the program set",
                )

    def _row(self, connection: psycopg.Connection[Any], user_id: str) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = connection.execute(_STANDS + " where u.user_id = %s", [user_id]).fetchone()
        return found

    def _put(self, connection: psycopg.Connection[Any], row: tuple[Any, ...]) -> None:
        connection.execute("update wuye.users set seal = %s where user_id = %s", [self._seal(row), row[0]])

    def _right(self, row: tuple[Any, ...]) -> bool:
        return row[4] is not None and hmac.compare_digest(bytes(row[4]), self._seal(row))

    def _seal(self, row: tuple[Any, ...]) -> bytes:
        user_id, login, password_hash, ended, _, roles = row
        said = msgspec.json.encode([user_id, login, password_hash, ended, roles or []])
        return hmac.digest(self._secret, said, "sha256")


def unsealed(connection: psycopg.Connection[Any]) -> bool:
    """Whether this database is of before there were seals, and nobody has sealed its accounts yet."""
    return connection.execute(_UNSEALED).fetchone() == (True,)
