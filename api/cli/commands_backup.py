"""What ``wuye backup``, ``wuye restore`` and ``wuye key rotate`` do."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from api.cli.commands import running
from api.cli.printing import out, print_mended, print_spoilt, print_verdict
from api.runtime import owner_alone
from api.version import VERSION
from domain.kernel.errors import Malformed
from domain.kernel.people import Actor, Role
from domain.office.office import NoteRestore
from journal.account_seals import AccountSeals
from journal.backups import LEFT_OUT, end_what_was_open, restore, restoring, save
from journal.confidential import MasterKey
from journal.erasures import ErasureList, apply_erasures
from journal.hash_chain import Finding, Verdict, verify
from journal.key_rotation import finish_rotation, rotate
from journal.key_store import check_master
from projections.engine.book_check import check_book
from projections.engine.catalogue import catalogue_findings
from projections.engine.no_office import homeless_findings
from projections.engine.rebuild import rebuild
from projections.engine.search import rebuild_search
from projections.registers.index import REGISTERS
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest
from workflows.policies.index import POLICIES

__all__ = ["back_up", "bring_back", "erase_again", "rotate_key"]

WHOLE_COPY_LACKS: Final = ("log-ins", "outbox", "clock", "key")
"""What a database that came back whole is without, of :data:`LEFT_OUT`: its registers came back with it."""


def back_up(folder: Path) -> None:
    """Write a backup while the program runs, and bring the list of erasures up to date beside it."""
    with running() as runtime, psycopg.connect(runtime.owner, autocommit=True) as owner:
        runtime.note_erasures()
        contents = save(owner, runtime.home, folder, runtime.master, VERSION)
    rows = sum(rows for _, rows, _ in contents.tables.values())
    out.print(f"✓ {folder}: {rows:,} 行 rows，{len(contents.files):,} 份文件 documents", highlight=False)
    out.print(
        f"  请另存 keep elsewhere: {runtime.home / 'erased.keys'}、master.key（{contents.master}）", soft_wrap=True
    )


def bring_back(folder: Path, erasures: Path | None, without: str | None) -> int:
    """Put a backup into an empty home, destroy again what was destroyed since, rebuild and verify; 1 if something is found."""
    if (erasures is None) is (without is None):
        raise Malformed(
            "erasures",
            None,
            zh="请用 --erasures 指明最新的销毁清单；确实没有时，用 --without-erasures 写明理由",
            en="say --erasures FILE, the newest list of erasures; if there is none, --without-erasures REASON",
        )
    with owner_alone() as (home, owner):
        master = MasterKey.load(home)  # none is made: what was sealed with the old one would stay closed
        destroyed: Mapping[UUID, datetime] | None = None
        if erasures is not None:
            destroyed = ErasureList(erasures, master).read()
        reason = (
            f"恢复备份 restored from a backup{f'，无销毁清单 without a list of erasures: {without}' if without else ''}"
        )
        with restoring(home):
            done = restore(owner, home, folder, master, destroyed, reason)
            rebuilt = rebuild(owner, REGISTERS, mend=reason)
            rebuild_search(owner, REGISTERS.all, master, mend=reason)
            ErasureList.of_home(home, master).bring_up(owner)
            verdicts = [_verified(owner, office, head, master) for office, head in done.contents.offices.items()]
            accounts = AccountSeals(master).findings(owner)
            if beside := (*catalogue_findings(owner, REGISTERS), *homeless_findings(owner), *accounts):
                verdicts.append(Verdict("*", 0, "", beside))
            epoch = _note_restore(owner, master, done.contents.made_at)
    at = done.contents.made_at.isoformat(timespec="seconds")
    out.print(
        f"✓ {folder}（{at}）：{len(done.contents.offices)} 个管理处 offices，再销毁 erased again {done.erased_again}"
    )
    out.print(f"  纪元 epoch {epoch}：记录流的读者由此续读 readers of the feed go on in it", highlight=False)
    for said in LEFT_OUT.values():
        out.print(f"  {said}", highlight=False)
    print_mended(rebuilt)
    print_spoilt(rebuilt.spoilt)
    for verdict in verdicts:
        print_verdict(verdict)
    return int(bool(rebuilt.spoilt or rebuilt.differences) or not all(verdict.intact for verdict in verdicts))


def _verified(owner: psycopg.Connection[Any], office: str, head: tuple[int, str], master: MasterKey) -> Verdict:
    """A restored book, held against its own pages, what rests on them, and what the backup says of its end."""
    verdict = verify(owner, office)
    found = [*verdict.findings, *check_book(owner, office, REGISTERS, master=master)]
    if (verdict.facts, verdict.chain) != head:
        found.append(Finding(head[0], "head", "与备份所记不符", "this is not what the backup says"))
    return replace(verdict, findings=tuple(found))


def erase_again(file: Path) -> None:
    """Destroy the keys on a list of erasures in a database that was brought back by other means, and end what was open in it."""
    with owner_alone() as (home, owner):
        finish_rotation(owner, home)
        master = MasterKey.load(home)
        check_master(owner, master)
        destroyed = ErasureList(file, master).read()
        with owner.transaction():
            erased = apply_erasures(owner, destroyed)
            ended = end_what_was_open(owner)
            owner.execute(
                "insert into wuye.mendings (reason, what) values (%s, %s)",
                [f"按销毁清单再销毁 erased again by the list {file.name}", Jsonb({"erased_again": erased})],
            )
        epoch = _note_restore(owner, master, None)
        ErasureList.of_home(home, master).bring_up(owner)
    out.print(
        f"✓ 清单 listed {len(destroyed):,}，再销毁 erased again {len(erased):,}，纪元 epoch {epoch}", highlight=False
    )
    out.print(f"  登录与令牌已终止 log-ins and tokens ended: {ended:,}", highlight=False)
    for name in WHOLE_COPY_LACKS:
        out.print(f"  {LEFT_OUT[name]}", highlight=False)


def _note_restore(owner: psycopg.Connection[Any], master: MasterKey, backed_up_at: datetime | None) -> int:
    """Every book says that it was restored, and to which page: pages after it are given again. Returns the epoch."""
    handler = CommandHandler(lambda: nullcontext(owner), policies=POLICIES, projector=REGISTERS, master=master)
    now = datetime.now(UTC)
    heads = owner.execute("select office, number, encode(chain, 'hex'), clock from wuye.offices where number > 0")
    for office, page, link, clock in heads.fetchall():
        said = NoteRestore(
            epoch=int(now.timestamp()),
            page=page,
            link=link,
            backed_up_at=backed_up_at,
            lacks=tuple(LEFT_OUT) if backed_up_at else WHOLE_COPY_LACKS,
        )
        by = Actor("restore", Role.POLICY)
        handler.handle(
            CommandRequest(office=office, command=said, actor=by, now=clock or now, case_id=f"office-{office}")
        )
    return int(now.timestamp())


def rotate_key() -> None:
    """Another master key; the old one opens old backups only."""
    with owner_alone() as (home, owner):
        done = rotate(owner, home)
    out.print(f"✓ {done.keys:,} 把密钥改封 keys wrapped anew，{done.broken:,} 把打不开 did not open", highlight=False)
    out.print(f"  旧主密钥 the old one: {done.ended}：移出本机，最后一份需要它的备份到期后销毁", soft_wrap=True)
    out.print("  move it away, and destroy it when the last backup that needs it has expired", highlight=False)
