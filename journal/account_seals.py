"""Seals of accounts 账号封记: what an account may do, and how one logs in to it, as the program wrote it.

No fact tells of accounts, so that a role given in the database itself would be found by nobody. A seal is a digest with a secret
of the master key, which is not in the database: of the log-in, the password's hash, the roles, and whether the account has ended.
A list of all accounts there are bears one too, since one that is gone has none.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg

from journal.confidential import MasterKey
from journal.durable import sync_folder
from journal.hash_chain import Finding
from journal.token_seals import Kind, TokenSeals

__all__ = ["AccountSeals"]

_STANDS: Final = """
select u.user_id, u.login, u.password_hash, u.disabled_at is not null, u.seal,
       (select array_agg(g.office || ' ' || g.role || ' ' || g.granted_by order by g.office, g.role)
          from wuye.grants g where g.user_id = u.user_id)
  from wuye.users u
"""
_UNSEALED: Final = (
    "select accounts_sealed_at is null, tokens_sealed_at is null from wuye.master_keys where ended_at is null"
)
_MARK: Final = "seals.begun"
"""In the home: from then on nothing is sealed because it bears no seal, whatever the database says of itself."""


class AccountSeals:
    """Makes the seals and looks at them. Whoever changes an account holds its row."""

    def __init__(self, master: MasterKey) -> None:
        """The secret stays the same when another master key takes this one's place."""
        self.tokens = TokenSeals(master)
        self._secret = bytes.fromhex(master.secret("accounts"))

    def stands(self, connection: psycopg.Connection[Any], user_id: str) -> bool:
        """Whether an account is as the program left it."""
        row = self._row(connection, user_id)
        return row is not None and self._right(row)

    def opened_by(self, kind: Kind, hashed: bytes, row: tuple[Any, ...]) -> bool:
        """Whether a log-in or token, its account and its roles are as the program wrote them.

        A row begins with id, log-in, password's hash, whether ended, seal and roles, and ends with the token's seal and end.
        """
        return self._right(row[:6]) and self.tokens.right(kind, row[-2], hashed, row[0], row[-1], row[2])

    def seal(self, connection: psycopg.Connection[Any], user_id: str) -> None:
        """Seal an account as it stands now; one that is new is put on the list."""
        row = self._row(connection, user_id)
        if row is None:
            return
        self._put(connection, row)
        listed = self._listed(connection)
        if listed is not None and user_id in listed[0]:
            return
        connection.execute(
            "insert into wuye.account_list (users, seal) values ('{}', %s) on conflict do nothing", [self._of_list([])]
        )
        listed = self._listed(connection, " for update")
        if listed is not None and listed[1]:
            self._list(connection, sorted({*listed[0], user_id}))

    def recount(self, connection: psycopg.Connection[Any]) -> list[str]:
        """Take the accounts there are for all there are, by the owner's word; returns those that were listed and are gone."""
        with connection.transaction():
            here = [user for (user,) in connection.execute("select user_id from wuye.users order by 1")]
            listed = self._listed(connection)
            self._list(connection, sorted(here))
        return sorted(set(listed[0] if listed is not None else ()) - set(here))

    def begin(self, owner: psycopg.Connection[Any], home: Path, *, first: bool = False) -> int:
        """Seal, once, the accounts of a database of before there were seals, or that no master key has been given to before.

        Returns how many that were. In a home that has done so nothing more is taken for being of before.
        """
        if (home / _MARK).exists():
            return 0
        done = 0
        with owner.transaction():
            owner.execute("lock table wuye.master_keys in share row exclusive mode")
            accounts, tokens = owner.execute(_UNSEALED).fetchone() or (False, False)
            if first or accounts:
                rows = owner.execute(_STANDS + " where u.seal is null").fetchall()
                for row in rows:
                    self._put(owner, row)
                done = len(rows)
            if first or tokens:
                self.tokens.begin(owner)
                self.recount(owner)
            owner.execute(
                "update wuye.master_keys set accounts_sealed_at = coalesce(accounts_sealed_at, clock_timestamp()),"
                " tokens_sealed_at = coalesce(tokens_sealed_at, clock_timestamp())"
                " where accounts_sealed_at is null or tokens_sealed_at is null"
            )
        (home / _MARK).touch(mode=0o600)
        sync_folder(home)
        return done

    @staticmethod
    def begun(home: Path) -> bool:
        """Whether that was done in this home."""
        return (home / _MARK).exists()

    def findings(self, connection: psycopg.Connection[Any]) -> Iterator[Finding]:
        """Accounts that somebody changed, made or deleted beside the program, of those that have ended none; log-ins and tokens."""
        for row in connection.execute(_STANDS + " where u.disabled_at is null order by u.login"):
            if not self._right(row):
                yield Finding(
                    0,
                    "account",
                    f"账号 {row[1]} 的口令、角色或状态不是本系统所设",
                    f"the password, roles or standing of the account {row[1]} are not what the program set",
                )

        yield from self._missing(connection)
        yield from self.tokens.findings(connection)

    def _missing(self, connection: psycopg.Connection[Any]) -> Iterator[Finding]:
        listed = self._listed(connection)
        here = {user for (user,) in connection.execute("select user_id from wuye.users where seal is not null")}
        if listed is None and not here:
            return
        if listed is None or not listed[1] or here - {*listed[0]}:
            yield Finding(
                0,
                "account",
                "账号名单在本系统之外被改动",
                "the list of all accounts was changed beside the program",
            )
            return
        for user in listed[0]:
            if connection.execute("select from wuye.users where user_id = %s", [user]).fetchone() is None:
                yield Finding(0, "account", f"账号 {user} 已不存在", f"the account {user} is gone")

    def _listed(self, connection: psycopg.Connection[Any], how: str = "") -> tuple[list[str], bool] | None:
        """The list, and whether its seal is right."""
        row = connection.execute(f"select users, seal from wuye.account_list{how}".encode()).fetchone()
        return (row[0], hmac.compare_digest(bytes(row[1]), self._of_list(row[0]))) if row is not None else None

    def _list(self, connection: psycopg.Connection[Any], users: list[str]) -> None:
        connection.execute(
            "insert into wuye.account_list (users, seal) values (%s::text[], %s)"
            " on conflict (one) do update set users = excluded.users, seal = excluded.seal",
            [users, self._of_list(users)],
        )

    def _of_list(self, users: list[str]) -> bytes:
        return hmac.digest(self._secret, msgspec.json.encode(["all", users]), "sha256")

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
