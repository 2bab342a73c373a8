"""Another master key 更换主密钥: every household's key is wrapped anew, and the old master key opens only old backups.

While nothing else is connected, in one transaction. The new key lies beside the old one before anything is changed and takes
its place afterwards; whoever starts in between finds by the database's registered id which of the two it is.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from journal.account_seals import AccountSeals
from journal.confidential import MasterKey, Tampered, UnusableKey
from journal.durable import sync_folder, write_new
from journal.key_store import check_master, register_master

__all__ = ["Rotated", "StillConnected", "finish_rotation", "rotate"]

_OTHERS: Final = (
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    " and backend_type = 'client backend'"
)


class StillConnected(Exception):
    """Other programs are connected: they would go on sealing with the old key 仍有程序连接数据库."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many keys were wrapped anew, how many did not open and were left, and where the old master key lies."""

    keys: int
    broken: int
    ended: Path


def rotate(owner: psycopg.Connection[Any], home: Path) -> Rotated:
    """Make a new master key and wrap everything with it.

    Raises :class:`StillConnected`, and :class:`UnusableKey` when the key in the file is not the database's, or comes from
    the environment, where nobody but the operator can change it.
    """
    if os.environ.get("WUYE_MASTER_KEY"):
        msg = (
            "主密钥来自 WUYE_MASTER_KEY：请写入 master.key 后更换，再把新值写回 / the key comes from WUYE_MASTER_KEY: put it"
            " into master.key, rotate, and put the new words back there"
        )
        raise UnusableKey(msg)
    finish_rotation(owner, home)
    old = MasterKey.load(home)
    known = check_master(owner, old)
    if not known:
        register_master(owner, old)
    AccountSeals(old).begin(owner, home, first=not known)
    words = old.successor_words()
    beside = home / "master.key.next"
    beside.unlink(missing_ok=True)
    write_new(beside, words + b"\n")
    sync_folder(beside.parent)
    new = MasterKey.of_words(words)
    with owner.transaction():
        owner.execute("lock table wuye.keys, wuye.master_keys in access exclusive mode")
        row = owner.execute(_OTHERS).fetchone()
        if row is None or row[0]:
            msg = (
                "请先停止 wuye 的全部程序（serve、work 等）/ stop every other program of wuye first (serve, work, …): they would"
                " go on with the old key"
            )
            raise StillConnected(msg)
        done = [_keys(owner, old, new), _webhooks(owner, old, new)]
        owner.execute("update wuye.master_keys set ended_at = clock_timestamp() where id = %s", [old.id])
        owner.execute("insert into wuye.master_keys (id) values (%s)", [new.id])
    ended = finish_rotation(owner, home)
    assert ended is not None
    return Rotated(sum(keys for keys, _ in done), sum(broken for _, broken in done), ended)


def finish_rotation(connection: psycopg.Connection[Any], home: Path) -> Path | None:
    """If a rotation was cut off after its transaction, put the new key in its place; returns where the old one lies then."""
    beside, file = home / "master.key.next", home / "master.key"
    if not beside.exists() or not file.exists():
        return None
    new = MasterKey.of_words(beside.read_bytes())
    row = connection.execute("select id from wuye.master_keys where ended_at is null").fetchone()
    if row is None or bytes(row[0]) != new.id:
        return None
    ended = home / f"master.key.{MasterKey.of_words(file.read_bytes()).id.hex()}.ended"
    with suppress(FileExistsError):  # it was cut off between these two lines
        os.link(file, ended)
    beside.replace(file)
    sync_folder(home)
    return ended


def _keys(owner: psycopg.Connection[Any], old: MasterKey, new: MasterKey) -> tuple[int, int]:
    done = broken = 0
    for (office,) in owner.execute("select distinct office from wuye.keys").fetchall():
        rows = owner.execute(
            "select subject, wrapped from wuye.keys where office = %s and wrapped is not null", [office]
        ).fetchall()
        anew = {subject: _anew(old, new, f"{office}/{subject}", wrapped) for subject, wrapped in rows}
        fresh = {subject: wrapped for subject, wrapped in anew.items() if wrapped is not None}
        owner.execute(
            "select wuye.rewrap_keys(%s, %s::text[], %b::bytea[])", [office, list(fresh), list(fresh.values())]
        )
        done, broken = done + len(fresh), broken + len(anew) - len(fresh)
    return done, broken


def _webhooks(owner: psycopg.Connection[Any], old: MasterKey, new: MasterKey) -> tuple[int, int]:
    done = broken = 0
    rows = owner.execute("select id, secret from wuye.subscriptions where secret is not null").fetchall()
    for made_id, secret in rows:
        wrapped = _anew(old, new, f"webhook/{made_id}", secret)
        if wrapped is None:
            broken += 1
            continue
        owner.execute("update wuye.subscriptions set secret = %s where id = %s", [wrapped, made_id])
        done += 1
    return done, broken


def _anew(old: MasterKey, new: MasterKey, bound: str, wrapped: bytes) -> bytes | None:
    try:
        return new.wrap(bound, old.unwrap(bound, wrapped))
    except Tampered:
        return None  # it opened nothing before either: verify names it
