"""A backup 备份 of the whole database and its documents, made while the program runs, and put into an empty home.

All tables are copied in one snapshot, rows as the server's own text, compressed; the documents after them, since a fact about
one is written when it lies there. Its list of contents is signed with a secret of the master key, which is not in it. What is not saved:
registers (they follow from the facts), log-ins and tokens, what was still to be sent, the clock's work.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from journal.confidential import MasterKey, UnusableKey
from journal.durable import sync_folder, write_new
from journal.erasures import apply_erasures

__all__ = [
    "LEFT_OUT",
    "BackupUnusable",
    "Contents",
    "Restored",
    "end_what_was_open",
    "put_in",
    "read_contents",
    "refuse_half_restored",
    "restore",
    "restoring",
    "save",
]

_SAVED: Final = (
    *("offices", "facts", "claims", "names", "answers", "keys", "master_keys", "found_by"),
    *("imports", "users", "grants", "account_list", "saved_views", "notices", "subscriptions", "mendings"),
)
"""In the order in which they go in again."""
LEFT_OUT: Final = {
    "registers": "登记簿由事实重建 / registers are rebuilt from the facts",
    "log-ins": "登录、设备与令牌均已终止 / log-ins and tokens have ended",
    "outbox": "未发出的通知不再发出 / what was still to be sent is not sent",
    "clock": "时钟的重试次数从头算起 / the clock's attempts begin anew",
    "key": "主密钥与销毁清单另存 / the master key and the list of erasures are kept elsewhere",
}
_CONTENTS: Final = "contents.json"
_UNFINISHED: Final = "restore.unfinished"


class BackupUnusable(Exception):
    """A backup that cannot be made there, or not be restored 备份无法使用. Nothing was changed."""


class Contents(msgspec.Struct, kw_only=True):
    """What a backup says of itself."""

    program: str
    made_at: datetime
    migrations: dict[str, str]
    master: str
    """The id of the master key that opens it."""
    offices: dict[str, tuple[int, str]]
    """Each book's last page and link: what a restored one must come to."""
    tables: dict[str, tuple[list[str], int, str]]
    """Columns, rows, and the SHA-256 of the file."""
    files: dict[str, str]
    signature: str = ""

    def signed(self, master: MasterKey) -> str:
        """The signature over all the rest."""
        unsigned = msgspec.structs.replace(self, signature="")
        secret = bytes.fromhex(master.secret("backups"))
        return hmac.digest(secret, msgspec.json.encode(unsigned, order="deterministic"), "sha256").hex()


class Restored(msgspec.Struct):
    """What came of a restore: the backup's contents, and how many keys the list of erasures destroyed again."""

    contents: Contents
    erased_again: int


def save(owner: psycopg.Connection[Any], home: Path, to: Path, master: MasterKey, program: str) -> Contents:
    """Write a backup into a new folder. Raises :class:`BackupUnusable` when something lies there already, or is being written."""
    if to.exists() and any(to.iterdir()):
        msg = f"{to}: 文件夹非空 / the folder is not empty"
        raise BackupUnusable(msg)
    beside = to.with_name(f"{to.name}.making")
    with _alone_in(beside), _named(beside):
        contents = _save(owner, home, beside, master, program)
        if to.exists():
            to.rmdir()
        beside.rename(to)
        sync_folder(to.parent)
    return contents


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """An empty folder in which nobody else writes; of two backups to one place the second would spoil the first unseen."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            msg = f"{folder}: 正有另一个备份写入此处 / another backup is being written there"
            raise BackupUnusable(msg) from None
        for left in folder.iterdir():  # of one that was cut off
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield
    finally:
        os.close(handle)


@contextmanager
def _named(folder: Path) -> Iterator[None]:
    """A disk that is full says so of no file: whoever reads the refusal is told where there is no room."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(folder)
        raise


def _save(owner: psycopg.Connection[Any], home: Path, beside: Path, master: MasterKey, program: str) -> Contents:
    with owner.transaction():
        owner.execute("set transaction isolation level repeatable read read only")
        made_at = datetime.now(UTC)
        migrations = dict(owner.execute("select name, sha256 from wuye.migrations").fetchall())
        heads = owner.execute("select office, number, encode(chain, 'hex') from wuye.offices").fetchall()
        tables = {table: _copied(owner, table, beside / f"{table}.copy.z") for table in _SAVED}
    files = dict(_files(home / "files", beside / "files"))
    contents = Contents(
        program=program,
        made_at=made_at,
        migrations=migrations,
        master=master.id.hex(),
        offices={office: (number, chain) for office, number, chain in heads},
        tables=tables,
        files=files,
    )
    contents.signature = contents.signed(master)
    _durably(beside / _CONTENTS, msgspec.json.format(msgspec.json.encode(contents)))
    sync_folder(beside)
    return contents


def read_contents(folder: Path, master: MasterKey) -> Contents:
    """What a backup holds. Raises :class:`BackupUnusable` when it was altered, :class:`UnusableKey` for another master key."""
    try:
        contents = msgspec.json.decode((folder / _CONTENTS).read_bytes(), type=Contents)
    except (OSError, msgspec.DecodeError) as none:
        msg = f"{folder}: 不是备份，或未完成 / no backup, or one that was not finished"
        raise BackupUnusable(msg) from none
    if contents.master != master.id.hex():
        msg = "主密钥与备份不符 / this backup was made with another master key"
        raise UnusableKey(msg)
    if not hmac.compare_digest(contents.signature, contents.signed(master)):
        raise _altered(_CONTENTS)
    return contents


def restore(
    owner: psycopg.Connection[Any],
    home: Path,
    folder: Path,
    master: MasterKey,
    destroyed: Mapping[UUID, datetime] | None,
    reason: str,
) -> Restored:
    """Put a backup into a database that holds nothing yet; the keys in ``destroyed`` are destroyed before anything opens.

    None: there is no list of them. One that lacks what had been erased when the backup was made is older than it, and refused.
    Raises :class:`BackupUnusable`, :class:`UnusableKey`; then nothing was written into the database.
    """
    contents = read_contents(folder, master)
    here = dict(owner.execute("select name, sha256 from wuye.migrations").fetchall())
    if here != contents.migrations:
        msg = (
            f"请用写备份的程序（{contents.program}）恢复，再升级 / restore with the program that made it, then upgrade"
        )
        raise BackupUnusable(msg)
    for path, digest in contents.files.items():
        if _digest(folder / "files" / path) != digest:
            raise _altered(path)
    with owner.transaction():
        for table in ("offices", "facts", "users"):
            statement = sql.SQL("select exists (select from wuye.{})").format(sql.Identifier(table))
            if owner.execute(statement).fetchone() != (False,):
                msg = (
                    "数据库中已有资料：只恢复到空的家目录或数据库 / there are data already: restore into an empty home"
                )
                raise BackupUnusable(msg)
        owner.execute("delete from wuye.master_keys")
        for table in _SAVED:
            put_in(owner, sql.Identifier("wuye", table), contents.tables[table], folder / f"{table}.copy.z")
        if destroyed is not None:
            _refuse_older_list(owner, destroyed)
        erased = apply_erasures(owner, destroyed or {})
        what = {"restored": contents.offices, "made_at": contents.made_at.isoformat(), "erased_again": erased}
        owner.execute("insert into wuye.mendings (reason, what) values (%s, %s)", [reason, Jsonb(what)])
        owner.execute("update wuye.registers set shape = ''")  # the tables are empty: a rebuild has nothing to compare
    for path in contents.files:
        place = home / "files" / path
        _copy(folder / "files" / path, place)
    return Restored(contents, len(erased))


def _refuse_older_list(owner: psycopg.Connection[Any], destroyed: Mapping[UUID, datetime]) -> None:
    row = owner.execute(
        "select count(*) from wuye.keys where wrapped is null and id <> all(%s::uuid[])", [list(destroyed)]
    ).fetchone()
    if row is not None and row[0]:
        msg = (
            f"销毁清单早于备份（缺 {row[0]} 项）：请取最新的一份 / the list of erasures is older than the backup, {row[0]} are not"
            " on it: bring the newest"
        )
        raise BackupUnusable(msg)


@contextmanager
def restoring(home: Path) -> Iterator[None]:
    """What is restored here meanwhile is no book yet: if it is cut off, nobody opens it (:func:`refuse_half_restored`).

    A restore that is refused before it has written anything leaves the home as it was.
    """
    mark = home / _UNFINISHED
    stood = mark.exists()
    mark.touch(mode=0o600)
    sync_folder(home)
    try:
        yield
    except (BackupUnusable, UnusableKey):
        if not stood:
            mark.unlink()
        raise
    mark.unlink()
    sync_folder(home)


def refuse_half_restored(home: Path) -> None:
    """Raises :class:`BackupUnusable` where a restore was cut off: documents, registers or the books' word of it may be missing."""
    if (home / _UNFINISHED).exists():
        msg = (
            f"{home / _UNFINISHED}: 恢复曾中断，此处资料不全；请换一个空的家目录与数据库重新恢复 / a restore was cut off here and what"
            " there is is not whole: restore again into another empty home and database"
        )
        raise BackupUnusable(msg)


def end_what_was_open(owner: psycopg.Connection[Any]) -> int:
    """End in a database that came back whole what a backup of ours leaves out; returns how many log-ins and tokens that were.

    Else who was dismissed since would be logged in again, and letters that went out long ago would go out twice.
    """
    ended = 0
    for table in ("sessions", "tokens"):
        ended += owner.execute(sql.SQL("delete from wuye.{}").format(sql.Identifier(table))).rowcount
    owner.execute("delete from wuye.deliveries where delivered_at is null and given_up_at is null")
    owner.execute("delete from wuye.failed_logins")
    owner.execute("delete from wuye.clock_work")
    return ended


def _copied(owner: psycopg.Connection[Any], table: str, file: Path) -> tuple[list[str], int, str]:
    columns = [
        name
        for (name,) in owner.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " order by attnum",
            [f"wuye.{table}"],
        )
    ]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("copy wuye.{} ({}) to stdout").format(sql.Identifier(table), names)
    digest, press = hashlib.sha256(), zlib.compressobj(6)
    with file.open("wb") as out, owner.cursor() as cursor:

        def write(piece: bytes) -> None:
            digest.update(piece)
            out.write(piece)

        with cursor.copy(statement) as copy:
            for piece in copy:
                write(press.compress(bytes(piece)))
        write(press.flush())
        out.flush()
        os.fsync(out.fileno())
        return columns, cursor.rowcount, digest.hexdigest()


def put_in(owner: psycopg.Connection[Any], into: sql.Identifier, saved: tuple[list[str], int, str], file: Path) -> None:
    """Copy a table's file of a backup into a table. Raises :class:`BackupUnusable` when it is not what was ``saved``."""
    columns, rows, digest = saved
    if _digest(file) != digest:
        raise _altered(file.name)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with owner.cursor() as cursor:
        with cursor.copy(sql.SQL("copy {} ({}) from stdin").format(into, names)) as copy:
            for piece in _pieces(file):
                copy.write(piece)
        if cursor.rowcount != rows:
            raise _altered(file.name)


def _pieces(file: Path) -> Iterator[bytes]:
    press = zlib.decompressobj()
    with file.open("rb") as packed:
        while piece := packed.read(1 << 16):
            yield press.decompress(piece)
    yield press.flush()


def _files(source: Path, to: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(source.rglob("*.sealed")):
        path = file.relative_to(source)
        place = to / path
        _copy(file, place)
        yield path.as_posix(), _digest(place)


def _copy(file: Path, place: Path) -> None:
    """A document on disk, and readable for its owner alone."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    write_new(place, file.read_bytes())
    sync_folder(place.parent)


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _altered(name: str) -> BackupUnusable:
    return BackupUnusable(f"{name}: 备份被改动或不完整 / this part of the backup was altered or is missing")


def _durably(file: Path, data: bytes) -> None:
    with file.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
