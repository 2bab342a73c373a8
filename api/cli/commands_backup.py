"""What ``wuye backup``, ``wuye restore`` and ``wuye key rotate`` do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from api.cli.commands import running
from api.cli.printing import out
from api.runtime import owner_alone
from api.version import VERSION
from domain.kernel.errors import Malformed
from journal.backups import LEFT_OUT, restore, save
from journal.confidential import MasterKey
from journal.erasures import ErasureList, apply_erasures
from journal.hash_chain import Finding, verify
from journal.key_rotation import rotate
from journal.key_store import check_master
from projections.engine.book_check import check_book
from projections.engine.catalogue import catalogue_findings
from projections.engine.rebuild import rebuild
from projections.engine.search import rebuild_search
from projections.registers.index import REGISTERS

__all__ = ["back_up", "bring_back", "erase_again", "rotate_key"]


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
        destroyed: Mapping[UUID, datetime] = {}
        if erasures is not None:
            destroyed = ErasureList(erasures, master).read()
        reason = (
            f"恢复备份 restored from a backup{f'，无销毁清单 without a list of erasures: {without}' if without else ''}"
        )
        done = restore(owner, home, folder, master, destroyed, reason)
        rebuild(owner, REGISTERS)
        rebuild_search(owner, REGISTERS.all, master, mend=reason)
        ErasureList.of_home(home, master).bring_up(owner)
        found = list(catalogue_findings(owner, REGISTERS))
        for office, (number, chain) in done.contents.offices.items():
            verdict = verify(owner, office)
            found += [replace(each, zh=f"{office} {each.zh}", en=f"{office} {each.en}") for each in verdict.findings]
            found += check_book(owner, office, REGISTERS, master=master)
            if verdict.facts != number or verdict.chain != chain:
                found.append(
                    Finding(number, "head", f"{office} 与备份所记不符", f"{office} is not what the backup says")
                )
    at = done.contents.made_at.isoformat(timespec="seconds")
    out.print(
        f"✓ {folder}（{at}）：{len(done.contents.offices)} 个管理处 offices，再销毁 erased again {done.erased_again}"
    )
    for said in LEFT_OUT.values():
        out.print(f"  {said}", highlight=False)
    for finding in found:
        out.print(f"[red]✗[/] {finding.zh} / {finding.en}")
    return int(bool(found))


def erase_again(file: Path) -> None:
    """Destroy the keys on a list of erasures in a database that was brought back by other means."""
    with owner_alone() as (home, owner):
        master = MasterKey.load(home)
        check_master(owner, master)
        destroyed = ErasureList(file, master).read()
        with owner.transaction():
            erased = apply_erasures(owner, destroyed)
            owner.execute(
                "insert into wuye.mendings (reason, what) values (%s, %s)",
                [f"按销毁清单再销毁 erased again by the list {file.name}", Jsonb({"erased_again": erased})],
            )
    out.print(f"✓ 清单 listed {len(destroyed):,}，再销毁 erased again {len(erased):,}", highlight=False)


def rotate_key() -> None:
    """Another master key; the old one opens old backups only."""
    with owner_alone() as (home, owner):
        done = rotate(owner, home)
    out.print(f"✓ {done.keys:,} 把密钥改封 keys wrapped anew，{done.broken:,} 把打不开 did not open", highlight=False)
    out.print(f"  旧主密钥 the old one: {done.ended}：移出本机，最后一份需要它的备份到期后销毁", soft_wrap=True)
    out.print("  move it away, and destroy it when the last backup that needs it has expired", highlight=False)
