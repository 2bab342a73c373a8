"""The accounts as they stand 账号名录, with the tokens that they have: what is read, and ended, without the master key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from domain.kernel.errors import NotFound
from journal.connections import Connect

__all__ = ["AccountDirectory"]


class AccountDirectory:
    """Who has an account, and by which tokens programs come."""

    def __init__(self, connect: Connect) -> None:
        """``connect`` lends an autocommit connection."""
        self._connect = connect

    def all(self) -> list[Mapping[str, Any]]:
        """Every account with its roles."""
        with self._connect() as connection:
            rows = connection.execute(
                "select u.user_id, u.login, u.name, u.password_hash is null, u.disabled_at, u.created_at,"
                " coalesce(array_agg(g.office || ' ' || g.role order by g.office, g.role)"
                "   filter (where g.role is not null), '{}')"
                " from wuye.users u left join wuye.grants g using (user_id)"
                " group by u.user_id order by u.user_id limit 10000"
            ).fetchall()
        names = ("user_id", "login", "name", "program", "disabled_at", "created_at")
        return [
            {
                **dict(zip(names, row, strict=False)),
                "grants": [dict(zip(("office", "role"), text.split(" ", 1), strict=True)) for text in row[6]],
            }
            for row in rows
        ]

    def tokens(self, user_id: str) -> list[Mapping[str, Any]]:
        """The tokens of an account, without the tokens themselves. Raises NotFound for an unknown account."""
        with self._connect() as connection, connection.transaction():
            self._of(connection, user_id)
            rows = connection.execute(
                "select token_id, name, created_at, expires_at from wuye.tokens where user_id = %s order by token_id",
                [user_id],
            ).fetchall()
        return [dict(zip(("token_id", "name", "created_at", "expires_at"), row, strict=True)) for row in rows]

    def revoke(self, token_id: str, *, of: str) -> None:
        """End a token of an account."""
        with self._connect() as connection:
            done = connection.execute(
                "delete from wuye.tokens where token_id = %s and user_id = %s returning token_id", [token_id, of]
            ).fetchone()
        if done is None:
            raise NotFound("token-unknown", None, zh="没有这个令牌", en="there is no such token")

    def _of(self, connection: psycopg.Connection[Any], user_id: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] | None = connection.execute(
            "select user_id, password_hash, disabled_at from wuye.users where user_id = %s for update", [user_id]
        ).fetchone()
        if row is None:
            raise NotFound("user-unknown", None, zh="没有这个账号", en="there is no such account")
        return row
