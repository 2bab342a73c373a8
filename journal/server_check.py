"""Refusing a server that would lose what it has acknowledged 拒绝不安全的服务器设置."""

from __future__ import annotations

from typing import Any, Final

import psycopg

__all__ = ["UnsafeServer", "refuse_unsafe"]

_WANTED: Final = {"fsync": "on", "full_page_writes": "on"}
_LEAST_VERSION: Final = 150_000


class UnsafeServer(Exception):
    """The server's settings would lose or tear acknowledged facts; ``name`` says which setting."""

    def __init__(self, name: str, zh: str, en: str) -> None:
        """The setting, and why in two languages."""
        super().__init__(f"{zh} / {en}")
        self.name, self.zh, self.en = name, zh, en


def refuse_unsafe(connection: psycopg.Connection[Any], *, allow: bool = False) -> None:
    """Raise :class:`UnsafeServer` unless the server keeps what it acknowledges. ``allow`` is for tests."""
    if connection.info.server_version < _LEAST_VERSION:
        raise UnsafeServer("server_version", "需要 PostgreSQL 15 或更新版本", "PostgreSQL 15 or newer is needed")
    if allow:
        return
    found = dict(
        connection.execute(
            "select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit')"
        ).fetchall()
    )
    for name, wanted in _WANTED.items():
        if found[name] != wanted:
            raise _unsafe(name, found[name])
    if found["synchronous_commit"] == "off":
        raise _unsafe("synchronous_commit", "off")


def _unsafe(name: str, value: str) -> UnsafeServer:
    return UnsafeServer(
        name,
        f"服务器设置 {name}={value} 会丢失已确认的记录，拒绝启动",
        f"{name}={value} would lose acknowledged facts; refusing to start",
    )
