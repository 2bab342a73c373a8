"""Importing into a real book: good rows come in, bad ones are listed, and nothing ever comes in twice."""

import signal
import subprocess
import sys
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.kernel.errors import Refusal
from domain.kernel.people import Role
from journal.hash_chain import verify
from tests.conftest import Database
from tests.importing.small import NOW, ROWS, bring_in, listed, small, told
from tests.office_rig import OfficeRig, office_rig
from tests.waiting import wait_until
from workflows.importing import batches
from workflows.importing.run import import_history


@pytest.fixture
def rig(database: Database) -> Any:
    with office_rig(database.app) as rig:
        yield rig


def test_good_rows_come_in_and_bad_ones_are_listed_with_line_and_reason(rig: OfficeRig, tmp_path: Path) -> None:
    report = bring_in(rig, tmp_path)

    assert listed(tmp_path) == [
        (5, "at", "time-unreadable", "refused"),
        (11, "step", "row-not-understood", "refused"),
        (6, "", "case-not-opened", "refused"),
        (7, "kind", "field-unusable", "refused"),
        (10, "who", "already-waiting", "refused"),
    ]
    assert (report.rows, report.taken, report.understood, report.refused) == (11, 6, 0, 5)
    assert (report.source_cases, report.cases, report.facts) == (4, 2, 8)
    assert report.values == {"step": {"new": 4, "wait": 3, "done": 2, "hand": 1, "dance": 1}}
    first, second = rig.rows("complaints")
    assert (first["source_id"], first["state"], first["channel"], first["imported"]) == (
        "A1",
        "archived",
        "telephone",
        True,
    )
    assert second["reassigned"] == 0, "a row of which one fact is refused is not taken in part"
    assert second["state"] == "archived"
    with (tmp_path / "problems.csv").open(encoding="utf-8-sig") as file:
        assert "（依据 4.3）" in file.read()


@pytest.mark.long
def test_each_fact_bears_the_other_systems_word_and_line_and_what_was_waived(rig: OfficeRig, tmp_path: Path) -> None:
    bring_in(rig, tmp_path)

    facts = [fact for fact in rig.facts() if fact.imported]
    assert [(fact.term, fact.line) for fact in facts[:4]] == [("new", 2), ("wait", 3), ("done", 4), ("done", 4)]
    assert {fact.user_id for fact in facts} == {"import:small"}
    assert facts[0].source_id == "A1"
    assert facts[0].waived == ("content-missing", "complainant-missing")
    assert "follow-up-missing" in facts[3].waived
    assert facts[0].occurred_at < facts[0].recorded_at


@pytest.mark.long
def test_what_describes_people_is_sealed(rig: OfficeRig, tmp_path: Path) -> None:
    bring_in(rig, tmp_path)

    row = rig.rows("complaints")[0]
    assert "quiet" not in row["result"]


def test_importing_again_changes_nothing(rig: OfficeRig, tmp_path: Path) -> None:
    bring_in(rig, tmp_path)
    book, problems = told(rig), listed(tmp_path)

    again = bring_in(rig, tmp_path)

    assert told(rig) == book
    assert (again.facts, again.cases, again.skipped, again.changed) == (0, 0, 3, 0)
    assert sorted(listed(tmp_path)) == sorted(problems), "what was refused then is told again"


def test_a_source_case_that_has_changed_is_reported_not_doubled(rig: OfficeRig, tmp_path: Path) -> None:
    bring_in(rig, tmp_path)
    book = told(rig)

    changed = ROWS.replace("told to be quiet", "told to move") + "A9,new,2024-05-01 08:00,,new,\n"
    again = bring_in(rig, tmp_path, changed)

    assert (again.changed, again.grown, again.skipped, again.facts) == (1, 0, 2, 1)
    assert [line for line in listed(tmp_path) if line[2] == "case-changed"] == [(4, "", "case-changed", "refused")]
    assert again.rows == again.taken + again.understood + again.refused, "the row that was not taken is refused"
    assert told(rig)[: len(book)] == book


def test_a_later_export_of_the_same_cases_is_taken_as_what_is_new(rig: OfficeRig, tmp_path: Path) -> None:
    open_, closed = ROWS.splitlines(keepends=True)[:2], ROWS.splitlines(keepends=True)[:3]
    first = bring_in(rig, tmp_path, "".join(open_))
    book = told(rig)
    dry = bring_in(rig, tmp_path, "".join(closed), dry_run=True)
    again = bring_in(rig, tmp_path, "".join(closed))
    assert (first.facts, dry.facts, again.facts) == (2, 2, 2)
    assert (dry.grown, again.grown, again.changed, again.cases, again.refused) == (1, 1, 0, 0, 0)
    assert told(rig)[: len(book)] == book
    assert [row["state"] for row in rig.rows("complaints")] == ["archived"]
    once_more = bring_in(rig, tmp_path, "".join(closed))
    assert (once_more.facts, once_more.skipped) == (0, 1)
    earlier = bring_in(rig, tmp_path, "".join(open_))
    assert (earlier.facts, earlier.changed) == (0, 0), "an older file says nothing new"


def test_two_files_about_one_case_are_one_case(rig: OfficeRig, tmp_path: Path) -> None:
    header, *activities = ROWS.splitlines(keepends=True)[:3]
    early = bring_in(rig, tmp_path, "".join(activities))
    assert (early.facts, early.refused) == (0, 2)
    assert {line[2] for line in listed(tmp_path)} == {"case-not-opened"}
    assert bring_in(rig, tmp_path, header).facts == 1
    assert bring_in(rig, tmp_path, activities[0]).facts == 1
    late = bring_in(rig, tmp_path, "".join(activities))
    assert (late.facts, late.grown, late.refused) == (2, 1, 0)
    assert bring_in(rig, tmp_path, header).facts == bring_in(rig, tmp_path, "".join(activities)).facts == 0
    moved = bring_in(rig, tmp_path, activities[1].replace("told to be quiet", "told to move"))
    assert (moved.facts, moved.changed, moved.refused) == (0, 1, 1)
    names = ["ComplaintRegistered", "ComplaintPaused", "ComplaintResolved", "ComplaintArchived"]
    assert [fact.name for fact in rig.facts() if fact.imported] == names


def test_what_was_marked_before_facts_were_is_left_alone_and_every_row_told(rig: OfficeRig, tmp_path: Path) -> None:
    rows = ROWS.splitlines(keepends=True)
    bring_in(rig, tmp_path, "".join(rows[:2]))
    with rig.pool.connection() as connection:
        connection.execute("select set_config('wuye.office', %s, false)", [rig.code])
        connection.execute("update wuye.imports set told = null, told_by = null")
    again = bring_in(rig, tmp_path, "".join(rows[:3]))
    assert (again.changed, again.facts, again.refused, again.taken) == (1, 0, 3, 0)


def test_a_dry_run_decides_everything_and_writes_nothing(rig: OfficeRig, tmp_path: Path) -> None:
    before = told(rig)

    dry = bring_in(rig, tmp_path, dry_run=True)
    assert told(rig) == before
    listed_then = listed(tmp_path)

    wet = bring_in(rig, tmp_path)
    assert (dry.facts, dry.cases, dry.refused) == (wet.facts, wet.cases, wet.refused)
    assert listed(tmp_path) == listed_then


@pytest.mark.long
def test_a_dry_run_may_be_meant_for_an_office_that_is_yet_to_be_opened(rig: OfficeRig, tmp_path: Path) -> None:
    file, mapping = small(tmp_path)
    dry = import_history(rig.handler, rig.pool.connection, file, mapping, "NEW", now=NOW, dry_run=True)
    assert rig.facts("NEW") == []

    rig.open("NEW")
    wet = import_history(rig.handler, rig.pool.connection, file, mapping, "NEW", now=NOW)
    assert (dry.facts, dry.cases, dry.refused, dry.problems) == (wet.facts, wet.cases, wet.refused, wet.problems)


@pytest.mark.long
def test_an_import_broken_off_goes_on_where_it_stopped(rig: OfficeRig, tmp_path: Path, monkeypatch: Any) -> None:
    rows = many(90)
    written = batches.Batches.write
    calls = []

    def breaks(self: Any, batch: Any) -> Any:
        calls.append(batch)
        if len(calls) == 3:
            raise RuntimeError("the power is gone")
        return written(self, batch)

    monkeypatch.setattr(batches.Batches, "write", breaks)
    with pytest.raises(RuntimeError, match="power"):
        bring_in(rig, tmp_path, rows, batch=10)
    assert not (tmp_path / "problems.csv").exists(), "the problem file appears whole or not at all"
    monkeypatch.undo()

    report = bring_in(rig, tmp_path, rows, batch=10)

    assert (report.skipped, report.cases) == (20, 70)
    rig.open("TWO")
    broken_off = told(rig)
    whole = read_by(rig, "TWO", tmp_path, rows)
    assert [fact[3:8] for fact in broken_off if fact[5]] == [fact[3:8] for fact in whole if fact[5]]


def test_a_mark_that_cannot_be_written_takes_its_facts_with_it(
    rig: OfficeRig, tmp_path: Path, monkeypatch: Any
) -> None:
    before = told(rig)

    def breaks(*_: Any) -> None:
        raise RuntimeError("no mark")

    monkeypatch.setattr(batches.Batches, "_mark", breaks)
    with pytest.raises(RuntimeError):
        bring_in(rig, tmp_path)

    assert told(rig) == before
    assert rig.rows("complaints") == []


_HOLD = """
create function wuye.hold() returns trigger language plpgsql as
  $$ begin if (select count(*) >= 400 from wuye.imports) then perform pg_advisory_xact_lock(4711); end if; return null; end $$;
create trigger hold after insert on wuye.imports for each statement execute function wuye.hold();
"""


@pytest.mark.long
def test_a_killed_import_goes_on_where_it_stopped(database: Database, tmp_path: Path) -> None:
    rows = many(1_000)
    file, mapping = small(tmp_path, rows)
    with office_rig(database.app) as rig:
        with psycopg.connect(database.owner, autocommit=True) as holding:
            # It comes to its second batch and stands still there, until it has been killed.
            holding.execute(_HOLD)
            holding.execute("select pg_advisory_lock(4711)")
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.importing.import_process", database.app, str(file), str(mapping)],
                cwd=Path(__file__).parents[2],
            )
            waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted"
            wait_until(lambda: holding.execute(waiting).fetchone(), "it comes to its second batch")
            process.send_signal(signal.SIGKILL)
            process.wait()
        with psycopg.connect(database.owner, autocommit=True) as owner:
            busy = "select 1 from pg_stat_activity where datname = %s and pid <> pg_backend_pid() and state <> 'idle'"
            wait_until(lambda: not owner.execute(busy, [database.name]).fetchone(), "its last transaction ends")
            owner.execute("drop trigger hold on wuye.imports")
        stood = marks(rig)
        assert stood in {200, 400}, "what the server had been sent may stand or not"

        report = import_history(rig.handler, rig.pool.connection, file, mapping, "XH", now=NOW)

        assert (report.skipped, report.cases) == (stood, 1_000 - stood)
        assert marks(rig) == 1_000
        assert len(rig.rows("complaints")) == 1_000
        assert len([fact for fact in told(rig) if fact[5]]) == 3 * 1_000
        with rig.pool.connection() as connection:
            assert verify(connection, "XH").intact


def test_settings_changed_meanwhile_only_make_it_decide_again(rig: OfficeRig, tmp_path: Path, monkeypatch: Any) -> None:
    record = rig.handler.record_many
    changed = []

    def first_change(connection: Any, draft: Any) -> Any:
        if not changed:
            changed.append(True)
            rig.set("late_fee.cap", "0.2", datetime(2025, 7, 1).date())
        return record(connection, draft)

    monkeypatch.setattr(rig.handler, "record_many", first_change)
    report = bring_in(rig, tmp_path)

    assert (report.cases, report.facts) == (2, 8)
    names = [fact.name for fact in rig.facts()]
    assert names.index("SettingChanged") < names.index("ComplaintRegistered")


@pytest.mark.long
def test_no_policy_and_no_deadline_follows_from_another_systems_history(rig: OfficeRig, tmp_path: Path) -> None:
    bring_in(rig, tmp_path)

    duties = {"weekly_sample", "patrol", "notice_board", "survey", "quarterly_review"}
    assert {fact.case_id.partition("-")[0] for fact in rig.facts()} == {"office", "complaint"} | duties
    assert [row for row in rig.rows("deadlines") if row["case_kind"] == "complaint"] == []


@pytest.mark.long
def test_two_offices_hold_the_same_history_apart(rig: OfficeRig, tmp_path: Path) -> None:
    bring_in(rig, tmp_path)
    rig.open("YD")
    file, mapping = small(tmp_path)
    report = import_history(rig.handler, rig.pool.connection, file, mapping, "YD", now=NOW)

    assert report.cases == 2
    ids = {code: {f.case_id for f in rig.facts(code) if f.imported} for code in ("XH", "YD")}
    assert ids["XH"].isdisjoint(ids["YD"])


@pytest.mark.long
def test_the_clerks_go_on_with_an_imported_case(rig: OfficeRig, tmp_path: Path) -> None:
    bring_in(rig, tmp_path, "A1,new,2024-01-01 08:00,telephone,loud music,\n")
    case_id = rig.facts()[-1].case_id
    command = RegisterComplaint(channel="online", category="noise", matter="again", content="x")
    with pytest.raises(Refusal):
        rig.do(command, as_=Role.ADMINISTRATOR, on=case_id)


@pytest.mark.long
def test_progress_is_told(rig: OfficeRig, tmp_path: Path) -> None:
    seen: list[tuple[int, int, int]] = []
    bring_in(rig, tmp_path, many(25), batch=10, progress=lambda *now: seen.append(now))

    assert [done for done, _, _ in seen] == [30, 60, 75]
    assert seen[-1][1:] == (75, 75)


# -- helpers ---------------------------------------------------------------------------------------------------------


def many(cases: int) -> str:
    return "".join(
        f"M{n},new,2024-01-01 08:00,telephone,music {n},\nM{n},wait,2024-01-02 08:00,,,police\n"
        f"M{n},wait,2024-01-03 08:00,,,judge {n}\n"
        for n in range(cases)
    )


def read_by(rig: OfficeRig, code: str, folder: Path, rows: str) -> list[tuple[Any, ...]]:
    file, mapping = small(folder, rows)
    import_history(rig.handler, rig.pool.connection, file, mapping, code, now=NOW)
    rig.code = code
    return told(rig)


def marks(rig: OfficeRig) -> int:
    with rig.pool.connection() as connection:
        row = connection.execute("select count(*) from wuye.imports where office = 'XH'").fetchone()
    assert row is not None
    return int(row[0])


def test_what_is_left_behind_in_circles_is_swept_up_as_it_goes(
    rig: OfficeRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that memory does not grow with the rows: the collector is off while batches are decided."""
    batches_told = [0]
    swept: list[int] = []
    monkeypatch.setattr("workflows.importing.work.gc.collect", lambda: swept.append(batches_told[0]))
    rows = "".join(f"B{n},new,2024-01-01 08:00,telephone,noise,\n" for n in range(40))

    def count(*_done: int) -> None:
        batches_told[0] += 1

    bring_in(rig, tmp_path, rows, batch=1, progress=count)
    assert batches_told == [40]
    assert all(later - earlier <= 8 for earlier, later in pairwise([*swept, 40]))
