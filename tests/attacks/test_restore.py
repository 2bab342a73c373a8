"""A backup brings the book back and nothing that was erased; another master key closes old copies. Each is rehearsed here."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from errno import ENOSPC
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.runtime import open_runtime
from domain.office.office import BookRestored
from domain.residents.household.commands.keeping import OpenHousehold
from journal import backups
from journal.backups import LEFT_OUT
from journal.book import Book
from journal.confidential import ERASED, MasterKey
from journal.files import Files
from journal.key_rotation import finish_rotation
from journal.key_store import KeyStore
from tests.attacks.installations import Wuye, carried, do, erase, gone_and_staying, name_of
from tests.conftest import Database

pytestmark = pytest.mark.long
"""Installations of their own, backed up and restored."""


def test_what_is_restored_is_the_book_and_an_erased_household_stays_erased(
    homes: Callable[[str], Path], wuye: Wuye, tmp_path: Path
) -> None:
    gone, stays = gone_and_staying()
    wuye("user", "add", "li", "--name", "李")
    wuye("user", "token", "li")
    wuye("backup", str(tmp_path / "backup"))
    assert name_of(gone) == "张大山"
    erase(gone)
    wuye("work", "--once")
    carried(homes, "master.key", "erased.keys")
    told = wuye("restore", str(tmp_path / "backup"), "--erasures", str(tmp_path / "second" / "erased.keys"))
    assert "再销毁 erased again 1" in told
    with open_runtime() as runtime, runtime.pool.connection() as connection:
        said = Book(connection, "XH").facts_of("office-XH")[-1].event
    contents = json.loads((tmp_path / "backup" / "contents.json").read_text())
    assert isinstance(said, BookRestored)
    assert [said.page, said.link] == contents["offices"]["XH"], "the book says to which page it was brought back"
    assert f"epoch {said.epoch}" in told
    assert set(said.lacks) == set(LEFT_OUT)
    assert (name_of(gone), name_of(stays)) == (ERASED, "李四")
    assert "完好 intact" in wuye("verify")
    assert json.loads(wuye("user", "tokens", "li", "--json")) == []
    with open_runtime() as runtime, runtime.pool.connection() as connection:
        key = runtime.handler.keys.opening(KeyStore(connection, "XH"))(stays)
        assert key is not None
        [sealed] = runtime.home.rglob("*.sealed")
        assert Files(runtime.home).get("XH", stays, key, sealed.name.partition(".")[0]) == b"lease"
        found_by = connection.execute(
            "select distinct subject from wuye.found_by where subject = any(%s)", [[gone, stays]]
        )
        assert found_by.fetchall() == [(stays,)], "nobody finds what was erased by what it said"
        reason = connection.execute("select reason, what -> 'restored' from wuye.mendings").fetchone()
    assert reason is not None
    assert "XH" in reason[1]
    # It is noted for the next restore too, and the office goes on.
    assert len((tmp_path / "second" / "erased.keys").read_text().splitlines()) == 1
    do(OpenHousehold(home="1-103", name="王五"))


def test_after_a_physical_restore_the_list_is_applied_by_hand(
    homes: Callable[[str], Path], wuye: Wuye, database: Database, tmp_path: Path
) -> None:
    gone, _ = gone_and_staying()
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("create table before as select * from wuye.keys")
        owner.execute("create table found as select * from wuye.found_by")
        erase(gone)
        wuye("work", "--once")
        listed = homes("first") / "erased.keys"
        assert gone not in listed.read_text()
        # The pages of the erasure are gone too in a real restore; of them the book's own verification tells.
        owner.execute("update wuye.keys k set wrapped = b.wrapped, destroyed_at = null from before b where b.id = k.id")
        owner.execute("insert into wuye.found_by select * from found on conflict do nothing")
        assert name_of(gone) == "张大山"
        assert "再销毁 erased again 1" in wuye("key", "erased", str(listed))
        assert name_of(gone) == ERASED
        assert "再销毁 erased again 0" in wuye("key", "erased", str(listed))
        found_by = owner.execute("select count(*) from wuye.found_by where subject = %s", [gone]).fetchone()
        assert found_by == (0,), "nor is it found by what it said"
    assert "完好 intact" in wuye("verify")


def test_without_the_list_somebody_has_to_say_why_and_that_is_written_down(
    homes: Callable[[str], Path], wuye: Wuye, tmp_path: Path
) -> None:
    wuye("backup", str(tmp_path / "backup"))
    carried(homes, "master.key")
    assert "--without-erasures" in wuye("restore", str(tmp_path / "backup"), code=2)
    wuye("restore", str(tmp_path / "backup"), "--without-erasures", "尚无销毁")
    with open_runtime() as runtime, runtime.pool.connection() as connection:
        [(reason,)] = connection.execute("select reason from wuye.mendings").fetchall()
    assert reason.endswith("尚无销毁")


def test_a_restore_without_the_master_key_or_with_another_writes_neither_rows_nor_a_key(
    homes: Callable[[str], Path], wuye: Wuye, tmp_path: Path
) -> None:
    wuye("backup", str(tmp_path / "backup"))
    second = homes("second")
    words = ("restore", str(tmp_path / "backup"), "--without-erasures", "x")
    assert "没有主密钥" in wuye(*words, code=2)
    assert not list(second.glob("master.key*"))
    (second / "master.key").write_bytes(base64.b64encode(b"x" * 32))
    assert "主密钥与备份不符" in wuye(*words, code=2)
    assert json.loads(wuye("office", "list", "--json")) == []


def test_an_altered_backup_and_a_list_with_a_line_taken_out_are_refused(
    homes: Callable[[str], Path], wuye: Wuye, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    wuye("backup", str(backup))
    carried(homes, "master.key")
    words = ("restore", str(backup), "--without-erasures", "x")
    for file in (backup / "facts.copy.z", backup / "contents.json"):
        kept = file.read_bytes()
        file.write_bytes(kept.replace(b'"program"', b'"Program"') if file.suffix == ".json" else kept[:-1] + b"\0")
        assert "✗" in wuye(*words, code=2)
        file.write_bytes(kept)
    listed = tmp_path / "second" / "erased.keys"
    listed.write_text(f"018f4e6e-0000-7000-8000-000000000000 2025-01-01T00:00:00+00:00 {'0' * 64}\n")
    assert "第1行与签名不符" in wuye("restore", str(backup), "--erasures", str(listed), code=2)
    assert json.loads(wuye("office", "list", "--json")) == []
    listed.unlink()
    wuye(*words)
    assert "已有资料" in wuye(*words, code=2), "nothing is restored over an office at work"
    assert "非空" in wuye("backup", str(backup), code=2)


def test_another_master_key_opens_everything_and_the_old_one_only_old_copies(
    homes: Callable[[str], Path], wuye: Wuye, tmp_path: Path
) -> None:
    gone, stays = gone_and_staying()
    home = homes("first")
    erase(gone)
    wuye("work", "--once")
    with open_runtime() as runtime:
        secret = runtime.master.secret("weekly sample|XH|2025-W01")
        with pytest.raises(AssertionError, match="请先停止"):
            wuye("key", "rotate")
        old = runtime.master
    wuye("key", "rotate")
    [ended] = home.glob("master.key.*.ended")
    assert MasterKey.of_words(ended.read_bytes()).id == old.id
    assert (name_of(gone), name_of(stays)) == (ERASED, "李四")
    with open_runtime() as runtime, psycopg.connect(runtime.owner) as owner:
        assert runtime.master.secret("weekly sample|XH|2025-W01") == secret, "what was committed to is revealed"
        wrapped = [bytes(w) for (w,) in owner.execute("select wrapped from wuye.keys where wrapped is not null")]
    assert wrapped
    assert not any(each.startswith(old.id) for each in wrapped)
    assert "完好 intact" in wuye("verify")
    wuye("work", "--once")
    (home / "master.key").write_bytes(ended.read_bytes())
    assert "主密钥与数据库不符" in wuye("work", "--once", code=2)


def test_a_rotation_that_was_cut_off_is_finished_at_the_next_start(
    homes: Callable[[str], Path], wuye: Wuye, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stays = gone_and_staying()
    home = homes("first")
    real, calls = finish_rotation, []

    def cut_off(connection: Any, folder: Path) -> Path | None:
        calls.append(folder)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(connection, folder)

    monkeypatch.setattr("journal.key_rotation.finish_rotation", cut_off)
    wuye("key", "rotate", code=130)
    assert (home / "master.key.next").exists()
    monkeypatch.undo()
    homes("first")
    monkeypatch.setenv("WUYE_ALLOW_UNSAFE_SERVER", "1")
    assert name_of(stays) == "李四"
    assert not (home / "master.key.next").exists()
    assert len(list(home.glob("master.key.*.ended"))) == 1


def test_a_rotation_that_was_cut_off_between_its_two_files_is_finished_too(
    homes: Callable[[str], Path], wuye: Wuye, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stays = gone_and_staying()
    home = homes("first")

    def cut_off(_new: Path, _file: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(Path, "replace", cut_off)
        wuye("key", "rotate", code=130)
    [ended] = home.glob("master.key.*.ended")
    assert ended.read_bytes() == (home / "master.key").read_bytes()
    for _ in range(2):
        assert name_of(stays) == "李四"
    assert ended.read_bytes() != (home / "master.key").read_bytes()
    assert not (home / "master.key.next").exists()


def test_two_backups_to_one_place_are_one_and_whole(
    homes: Callable[[str], Path], wuye: Wuye, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second would have thrown away what the first had written, and each would have gone on into the other's folder."""
    _, stays = gone_and_staying()
    backup, told = str(tmp_path / "backup"), []

    def meanwhile(source: Path, to: Path) -> Any:
        told.append(wuye("backup", backup, code=2))
        return copied(source, to)

    copied = backups._files
    with monkeypatch.context() as second:
        second.setattr(backups, "_files", meanwhile)
        wuye("backup", backup)
    assert ["正有另一个备份" in each for each in told] == [True]
    (tmp_path / "again.making").mkdir()
    (tmp_path / "again.making" / "facts.copy.z").write_bytes(b"of one that was cut off")
    wuye("backup", str(tmp_path / "again"))
    carried(homes, "master.key")
    wuye("restore", backup, "--without-erasures", "尚无销毁")
    assert name_of(stays) == "李四"


def test_a_backup_for_which_there_is_no_room_says_where_and_is_none(
    wuye: Wuye, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: Path, _data: bytes) -> None:
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(backups, "_durably", full)
        assert f"{tmp_path / 'backup'}.making (No space" in wuye("backup", str(tmp_path / "backup"), code=2)
    assert not (tmp_path / "backup").exists()
    wuye("backup", str(tmp_path / "backup"))


@pytest.mark.parametrize("step", ["restore", "rebuild", "_verified", "_note_restore"])
def test_a_restore_that_was_cut_off_is_no_book(
    homes: Callable[[str], Path], wuye: Wuye, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Its rows may be there and its documents, its registers or its epoch not: nobody works in it."""
    gone_and_staying()
    wuye("backup", str(tmp_path / "backup"))
    carried(homes, "master.key")
    words = ("restore", str(tmp_path / "backup"), "--without-erasures", "尚无销毁")

    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(f"api.cli.commands_backup.{step}", cut_off)
        wuye(*words, code=130)
    for asked in (("office", "list"), ("work", "--once"), ("verify",), ("migrate",)):
        assert "恢复曾中断" in wuye(*asked, code=2)
    if step == "restore":  # nothing had been written
        wuye(*words)
        assert "完好 intact" in wuye("verify")
    else:
        assert "已有资料" in wuye(*words, code=2)
        assert "恢复曾中断" in wuye("office", "list", code=2), (
            "a second attempt that is refused makes no book of it either"
        )


def test_what_no_fact_explains_is_told_and_mended_by_the_operators_word_alone(wuye: Wuye, database: Database) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("update wuye.r_weekly_samples set week = 'x'")
    assert "wuye rebuild --compare" in wuye("verify", code=1)
    assert "完好 intact" in wuye("verify", "--pages")
    for _ in range(2):
        assert json.loads(wuye("rebuild", "--compare", "--json", code=1))["differences"] == {"weekly-samples": 2}
    [line] = wuye("rebuild", code=2).strip().splitlines()
    assert line.startswith("✗ 登记簿有事实不能解释的行")
    assert "已更正" in wuye("rebuild", "--mend", "误操作")
    assert "完好 intact" in wuye("verify")
    assert json.loads(wuye("rebuild", "--compare", "--json"))["differences"] == {}


REWRITTEN = {
    "a chain that was recomputed": """
do $$ declare link bytea := ''; page record; begin
  update wuye.facts set occurred_at = occurred_at - interval '1 day' where number = 1;
  for page in select * from wuye.facts order by number loop
    update wuye.facts f set leaf = null,
      chain = sha256(link || wuye.leaf(f.office, f.number, f.case_id, f.version, f.event_id, f.name, f.schema, f.metadata,
                                       f.state, f.occurred_at, f.recorded_at))
     where f.number = page.number returning f.chain into link;
  end loop;
  update wuye.offices set chain = link;
end $$""",
    "a tail that was cut off": """
do $$ begin
  delete from wuye.facts where number > 1;
  update wuye.facts set leaf = null, chain = sha256(wuye.leaf(office, number, case_id, version, event_id, name, schema, metadata,
                                                              state, occurred_at, recorded_at));
  update wuye.offices o set (number, chain, recorded_at) = (select f.number, f.chain, f.recorded_at from wuye.facts f);
end $$""",
}


@pytest.mark.parametrize("how", REWRITTEN)
def test_a_book_that_was_rewritten_with_its_head_is_found_by_a_backup(
    wuye: Wuye, database: Database, tmp_path: Path, how: str
) -> None:
    do(OpenHousehold(home="1-101", name="张大山"))
    backup = str(tmp_path / "backup")
    wuye("backup", backup)
    do(OpenHousehold(home="1-102", name="李四"))
    assert "完好 intact" in wuye("verify", "--against", backup)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("alter table wuye.facts disable trigger user")
        owner.execute(REWRITTEN[how])
        owner.execute("alter table wuye.facts enable trigger user")
    assert "完好 intact" in wuye("verify", "--pages"), "by itself it holds together"
    assert "与别处保存的链接不符" in wuye("verify", "--pages", "--against", backup, code=1)


UNBOUND = {
    "the ids of two households are swapped": (
        "key-kept-elsewhere",
        """do $$ declare a uuid; b uuid; begin
  select min(id::text)::uuid, max(id::text)::uuid into a, b from wuye.keys where wrapped is not null;
  update wuye.keys set id = gen_random_uuid() where id = b;
  update wuye.keys set id = b where id = a;
end $$""",
    ),
    "an answer is deleted": ("kept-elsewhere", "delete from wuye.answers"),
    "an answer has another's fingerprint": ("kept-elsewhere", "update wuye.answers set fingerprint = '\\x00'"),
    "an answer goes by another key": ("kept-elsewhere", "update wuye.answers set key = key || 'x'"),
    "an import is not known any more": ("kept-elsewhere", "delete from wuye.imports"),
}


@pytest.mark.parametrize("what", UNBOUND)
def test_what_no_fact_binds_stands_as_it_stood_in_a_backup(
    wuye: Wuye, database: Database, tmp_path: Path, what: str
) -> None:
    gone_and_staying()
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(
            "select wuye.record_several('XH', null, 'k', '\\x01', '\\x01', null, null, null, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')"
        )
        owner.execute(
            "insert into wuye.imports (office, mapping, source_case, digest, subjects, facts) values ('XH', 'm', '1', '', '{}', 1)"
        )
        backup = str(tmp_path / "backup")
        wuye("backup", backup)
        assert "kept-elsewhere" not in wuye("verify", "--json", "--against", backup, code=1), (
            "the made-up answer alone is found"
        )
        code, statement = UNBOUND[what]
        owner.execute(statement.encode())
    said = json.loads(wuye("verify", "--json", "--against", backup, code=1))
    assert code in {finding["code"] for verdict in said for finding in verdict["findings"] if verdict["office"] == "XH"}
    alone = wuye("verify", "--json", code=0 if what == "an answer is deleted" else 1)
    assert code not in alone, "without the backup nobody can tell"


def test_a_key_that_lives_though_the_list_of_erasures_names_it_is_found_without_a_backup(
    homes: Callable[[str], Path], wuye: Wuye, database: Database
) -> None:
    """Whoever gives a living household the id of an erased one has it erased by the next restore."""
    gone, stays = gone_and_staying()
    erase(gone)
    wuye("work", "--once")
    assert "完好 intact" in wuye("verify")
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("create table ids as select subject, id from wuye.keys")
        owner.execute("update wuye.keys set id = gen_random_uuid() where subject = %s", [gone])
        owner.execute(
            "update wuye.keys set id = (select id from ids where subject = %s) where subject = %s", [gone, stays]
        )
        owner.execute("drop table ids")
    said = json.loads(wuye("verify", "--json", code=1))
    assert {finding["code"] for verdict in said for finding in verdict["findings"]} == {"key-listed"}
