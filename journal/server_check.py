"""Refusing a server that would lose what it has acknowledged, or cannot hold it, or not let us in 拒绝不安全的服务器."""

from __future__ import annotations

from typing import Any, Final

import psycopg
from psycopg import errors as sql

__all__ = ["UnsafeServer", "make_app_role", "refuse_other_role", "refuse_unsafe"]

_WANTED: Final = {"fsync": "on", "full_page_writes": "on"}
_LEAST_VERSION: Final = 150_000


class UnsafeServer(Exception):
    """The server's settings would lose or tear acknowledged facts; ``name`` says which setting."""

    def __init__(self, name: str, zh: str, en: str) -> None:
        """The setting, and why in two languages."""
        super().__init__(f"{zh} / {en}")
        self.name, self.zh, self.en = name, zh, en


def refuse_unsafe(connection: psycopg.Connection[Any], *, allow: bool = False) -> None:
    """Raise :class:`UnsafeServer` unless the server keeps what it acknowledges. ``allow`` is for tests.

    The settings are those of this very connection: a role or a database may have its own, so the connections that
    write are asked as well as the owner's.
    """
    if connection.info.server_version < _LEAST_VERSION:
        raise UnsafeServer("server_version", "需要 PostgreSQL 15 或更新版本", "PostgreSQL 15 or newer is needed")
    found = dict(
        connection.execute(
            "select name, setting from pg_settings where name in"
            " ('fsync', 'full_page_writes', 'synchronous_commit', 'server_encoding', 'transaction_read_only')"
        ).fetchall()
    )
    if found["server_encoding"] != "UTF8":
        raise UnsafeServer(
            "server_encoding",
            f"数据库编码为 {found['server_encoding']}，须为 UTF8",
            f"the database's encoding is {found['server_encoding']}, it has to be UTF8",
        )
    if found["transaction_read_only"] != "off":
        raise UnsafeServer(
            "transaction_read_only", "该服务器只读（备用机？），无法入账", "the server is read-only (a standby?)"
        )
    if allow:
        return
    for name, wanted in _WANTED.items():
        if found[name] != wanted:
            raise _unsafe(name, found[name])
    if found["synchronous_commit"] == "off":
        raise _unsafe("synchronous_commit", "off")


def make_app_role(owner: psycopg.Connection[Any]) -> None:
    """See to it that there is a role ``wuye_app`` and that the owner may take it on; a superuser may anyway.

    Raises :class:`UnsafeServer` (``wuye_app``) with what an administrator of the server has to do, when an ordinary
    owner of the database may not do it himself.
    """
    try:
        with owner.transaction():
            if owner.execute("select from pg_roles where rolname = 'wuye_app'").fetchone() is None:
                owner.execute("create role wuye_app login")
        if not _may_take_on(owner):
            owner.execute("grant wuye_app to current_user")  # who made a role may grant it, also to himself
    except (sql.DuplicateObject, sql.UniqueViolation):  # another process has made it meanwhile
        make_app_role(owner)
    except sql.InsufficientPrivilege:
        todo = f'create role wuye_app login; grant wuye_app to "{owner.info.user}";'
        raise UnsafeServer(
            "wuye_app", f"请数据库管理员执行：{todo}", f"an administrator of the server has to run: {todo}"
        ) from None


def refuse_other_role(app: psycopg.Connection[Any]) -> None:
    """The application works as ``wuye_app`` and nobody else. Raises :class:`UnsafeServer` (``wuye_app``)."""
    [found] = app.execute("select current_user").fetchone() or [""]
    if found != "wuye_app":
        raise UnsafeServer(
            "wuye_app",
            f"WUYE_APP_DATABASE_URL 以 {found} 登录，须为 wuye_app",
            f"WUYE_APP_DATABASE_URL logs in as {found}, it has to be wuye_app",
        )


def _may_take_on(owner: psycopg.Connection[Any]) -> bool:
    try:
        with owner.transaction(force_rollback=True):
            owner.execute("set local role wuye_app")
    except sql.InsufficientPrivilege:
        return False
    return True


def _unsafe(name: str, value: str) -> UnsafeServer:
    return UnsafeServer(
        name,
        f"服务器设置 {name}={value} 会丢失已确认的记录，拒绝启动",
        f"{name}={value} would lose acknowledged facts; refusing to start",
    )
