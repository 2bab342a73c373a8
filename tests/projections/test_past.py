"""A figure of a past period reads the past: what happens after it, and is no late entry into it, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import msgspec
import pytest

from api.routes.standards import reading_view
from domain.cases import CASES
from domain.complaints.complaint.commands.handling import ReopenComplaint, ResolveComplaint
from domain.complaints.complaint.commands.reception import AssessComplaint, InvestigateComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.commands.vacancy import HandOverHome, InspectHome, RecordCleaning, TakeOverHome
from domain.homes.vacant_home.events import Checked, CleaningScope, HandOverReason, VacancyKind
from domain.kernel.late_entries import ConfirmLateEntry, RejectLateEntry
from domain.kernel.people import Role
from domain.residents.household.commands.keeping import OpenHousehold
from domain.residents.household.commands.papers import ConfirmFile
from domain.residents.household.events import Occupancy
from domain.rounds.patrol.commands import BeginPatrol, EndPatrol
from domain.rounds.patrol.events import SubjectSeen
from domain.rounds.patrol_route import Subject
from projections.engine import standard as measure
from projections.engine.standard import BUCKETS, AsOf, Measurement
from projections.registers.index import REGISTERS
from projections.standards.index import STANDARDS
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai
from tests.projections.test_standards import NOW, read
from tests.random_walk import random_walk
from tests.register_oracle import breaches

CLERK, HEAD, MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER
JANUARY, APRIL = (date(2025, 1, 1), date(2025, 1, 31)), (date(2025, 4, 1), date(2025, 4, 30))
LATE = {"late_reason": "纸上先记"}
SIGNED = ConfirmLateEntry(reason="值班记录属实", evidence="值班记录 12 页")


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards the registers are the book's fold."""
    with office_rig(database.app) as rig:
        yield rig
        last = len(rig.facts())
        with rig.pool.connection() as connection:
            assert list(breaches(connection, REGISTERS, rig.code, {last, last // 2 or 1})) == []


def rows(rig: OfficeRig, reading: Measurement) -> dict[str, set[tuple[str, str, str]]]:
    """What stands in each bucket of a reading."""
    with rig.pool.connection() as connection:
        return {bucket: set(measure.cases(connection, REGISTERS, reading, bucket, limit=100_000)) for bucket in BUCKETS}


def share(rig: OfficeRig, slug: str, since: date, until: date, as_of: AsOf = NOW) -> tuple[int, int, int]:
    reading = read(rig, slug, since, until, as_of)
    found = rows(rig, reading)
    assert [len(found[b]) for b in ("met", "not-yet-due")] == [reading.met, reading.not_yet_due]
    assert len(found["met"] | found["missed"]) == reading.counted
    return reading.met, reading.counted, reading.not_yet_due


# -- the law of every figure -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [11, *(pytest.param(seed, marks=pytest.mark.long) for seed in (12, 13))])
def test_what_happens_after_a_period_changes_no_figure_of_it(database: Database, seed: int) -> None:
    """Whatever is met, missed or excluded stays so; what was not yet due is followed until its date."""
    random = Random(seed)
    with office_rig(database.app) as rig:
        random_walk(rig, random, 110)
        until = rig.now.date() - timedelta(days=random.randint(1, 9))
        since = until - timedelta(days=random.randint(15, 60))
        rig.until(rig.now + timedelta(days=2))
        before = {s.slug: read(rig, s.slug, since, until) for s in STANDARDS}
        placed = {slug: rows(rig, reading) for slug, reading in before.items()}
        page = AsOf(number=len(rig.facts()))
        said = {s.slug: as_bytes(read(rig, s.slug, since, until, page)) for s in STANDARDS}
        assert sum(len(cases) for found in placed.values() for cases in found.values()) > 10, "there is much to measure"
        random_walk(rig, random, 110, late=False)
        rig.until(rig.now + timedelta(days=40))
        for standard in STANDARDS:
            now = rows(rig, read(rig, standard.slug, since, until))
            then = placed[standard.slug]
            assert set().union(*now.values()) == set().union(*then.values()), standard.slug
            for bucket in ("met", "missed", "excluded"):
                assert then[bucket] <= now[bucket], (standard.slug, bucket)
            if not standard.follows:
                assert now == then, standard.slug
            if standard.amount is not None:
                after = read(rig, standard.slug, since, until)
                assert (after.met, after.counted) == (before[standard.slug].met, before[standard.slug].counted)
            assert as_bytes(read(rig, standard.slug, since, until, page)) == said[standard.slug]


def as_bytes(reading: Measurement) -> bytes:
    return msgspec.json.encode(reading_view(reading))


def household(rig: OfficeRig, home: str, at: str) -> str:
    return rig.do(OpenHousehold(home=home, occupancy=Occupancy.OWNER, name="王"), as_=CLERK, at=at).case_id


def test_files_kept_up_are_those_of_the_households_that_lived_there_then(rig: OfficeRig) -> None:
    for n in range(3):
        household(rig, f"1-10{n}", "2025-01-05 09:00")
    kept = household(rig, "2-101", "2025-05-20 09:00")
    rig.until("2025-12-01 09:00")
    june = (date(2025, 1, 1), date(2025, 6, 30))
    assert share(rig, "resident-files-kept-up", *june) == (1, 4, 0)
    rig.do(ConfirmFile(), as_=CLERK, on=kept)
    household(rig, "3-101", "2025-12-01 10:00")
    assert share(rig, "resident-files-kept-up", *june) == (1, 4, 0)
    assert share(rig, "resident-files-kept-up", date(2024, 1, 1), date(2024, 12, 31)) == (0, 0, 0), "before the office"
    assert read(rig, "resident-files-kept-up", date(2024, 1, 1), date(2024, 12, 31)).ratio is None


def complaint(rig: OfficeRig, at: str, by: str) -> str:
    registered = RegisterComplaint(
        channel=Channel.IN_PERSON, category="noise", matter="x", content="y", complainant="王某"
    )
    case_id = rig.do(registered, as_=CLERK, at=at).case_id
    rig.do(AssessComplaint(measure="m", promised_by=shanghai(by), told_at=rig.now), as_=CLERK, on=case_id)
    rig.do(InvestigateComplaint(findings="f", root_cause="c"), as_=CLERK, on=case_id)
    return case_id


HANDLED = ResolveComplaint(done_by="li", result="好")


def test_a_complaint_handled_in_its_time_and_opened_again_in_the_next_month_was_handled(rig: OfficeRig) -> None:
    case_id = complaint(rig, "2025-01-20 09:00", "2025-01-25 09:00")
    rig.do(HANDLED, as_=CLERK, on=case_id, at="2025-01-24 09:00")
    rig.until("2025-02-01 09:00")
    assert share(rig, "complaint-handling-rate", *JANUARY) == (1, 1, 0)
    rig.do(ReopenComplaint(reason="又响了"), as_=MANAGER, on=case_id, at="2025-02-10 09:00")
    rig.until("2025-03-10 09:00")
    assert share(rig, "complaint-handling-rate", *JANUARY) == (1, 1, 0)
    assert share(rig, "complaint-handling-rate", date(2025, 1, 1), date(2025, 3, 10)) == (0, 1, 0), (
        "of the quarter it is not"
    )


@pytest.mark.long
def test_a_promise_that_runs_beyond_the_month_is_followed_until_its_date(rig: OfficeRig) -> None:
    kept, broken = (complaint(rig, f"2025-01-30 {n}:00", "2025-02-10 12:00") for n in ("09", "10"))
    rig.until("2025-02-01 09:00")
    assert share(rig, "complaint-handling-rate", *JANUARY) == (0, 0, 2)
    rig.do(HANDLED, as_=CLERK, on=kept, at="2025-02-05 09:00")
    rig.until("2025-02-20 09:00")
    rig.do(HANDLED, as_=CLERK, on=broken)
    assert share(rig, "complaint-handling-rate", *JANUARY) == (1, 2, 0)
    rig.do(ReopenComplaint(reason="又响了"), as_=MANAGER, on=kept, at="2025-03-01 09:00")
    assert share(rig, "complaint-handling-rate", *JANUARY) == (1, 2, 0)


# -- a written breach stays written ----------------------------------------------------------------------------------


def test_a_back_dated_result_moves_no_case_to_met_until_somebody_above_confirms_it(rig: OfficeRig) -> None:
    cases = [complaint(rig, f"2025-01-2{n} 09:00", "2025-01-31 12:00") for n in range(4)]
    for case_id in cases[:2]:
        rig.do(HANDLED, as_=CLERK, on=case_id, at="2025-01-30 09:00")
    rig.until("2025-04-10 09:00")
    assert share(rig, "complaint-handling-rate", *JANUARY) == (2, 4, 0)
    page = AsOf(number=len(rig.facts()))
    for case_id in cases[2:]:
        rig.do(HANDLED, as_=CLERK, on=case_id, occurred_at=shanghai("2025-01-31 11:00"), **LATE)
    assert share(rig, "complaint-handling-rate", *JANUARY) == (2, 4, 0)
    [row] = rig.rows("complaints", case_id=cases[2])
    assert (row["breach"], row["standing"], row["late_entry"]) == (
        "missed-late-entry-unconfirmed",
        "PromiseMissed",
        True,
    )
    [entry, _] = rig.rows("late-entries")
    assert (entry["hours_late"], entry["verdict"], entry["reason"]) == (1654, "unconfirmed", "纸上先记")
    assert (entry["claims"], entry["figures"], entry["user_id"]) == (
        "PromiseMissed",
        "complaint-handling-rate",
        "clerk",
    )
    rig.do(SIGNED, as_=HEAD, on=cases[2], by="wang")
    rig.do(RejectLateEntry(reason="无凭据"), as_=HEAD, on=cases[3], by="wang")
    assert share(rig, "complaint-handling-rate", *JANUARY) == (3, 4, 0)
    assert share(rig, "complaint-handling-rate", date(2025, 1, 1), date(2025, 4, 30)) == (3, 4, 0)
    assert share(rig, "complaint-handling-rate", *JANUARY, page) == (2, 4, 0)
    assert [row["breach"] for row in rig.rows("complaints") if row["case_id"] in cases[2:]] == [
        "kept-late-entry-confirmed",
        "missed-late-entry-rejected",
    ]
    assert {row["judged_by"] for row in rig.rows("late-entries")} == {"wang"}


def test_a_patrol_entered_from_paper_counts_once_it_is_confirmed(rig: OfficeRig) -> None:
    rig.until("2025-01-10 09:00")
    [owed] = [row["case_id"] for row in rig.rows("patrols") if row["day"] == date(2025, 1, 5)]
    week = (date(2025, 1, 5), date(2025, 1, 5))
    assert share(rig, "patrol-rate", *week) == (0, 1, 0)
    rig.do(BeginPatrol(), as_=HEAD, on=owed, occurred_at=shanghai("2025-01-05 09:00"))
    ended = EndPatrol(subjects=tuple(SubjectSeen(subject=subject, good=True) for subject in Subject))
    rig.do(ended, as_=HEAD, on=owed, occurred_at=shanghai("2025-01-05 10:00"))
    assert share(rig, "patrol-rate", *week) == (0, 1, 0)
    rig.do(SIGNED, as_=MANAGER, on=owed, by="zhao")
    assert share(rig, "patrol-rate", *week) == (1, 1, 0)


# -- vacant homes ----------------------------------------------------------------------------------------------------


def vacancy(rig: OfficeRig, home: str, at: str) -> str:
    key = KeyItem(number=f"{home}/1", key_class=KeyClass.ENTRANCE)
    return rig.do(TakeOverHome(home=home, kind=VacancyKind.UNSOLD, area=9_000, keys=(key,)), as_=CLERK, at=at).case_id


INSPECTED = InspectHome(checklist=(Checked(item="门窗", good=True),), inspector_signature="李")


def handed_over(rig: OfficeRig, case_id: str) -> None:
    rig.do(RecordCleaning(scope=CleaningScope.WHOLE), as_=CLERK, on=case_id)
    keys = tuple(rig.case(case_id).keys)
    command = HandOverHome(reason=HandOverReason.RETURN_TO_OWNER, keys=keys, receiver="王", signature="王")
    rig.do(command, as_=CLERK, on=case_id)


@pytest.mark.long
def test_a_home_that_leaves_in_the_month_uninspected_is_missed_as_one_that_was_inspected_is_met(rig: OfficeRig) -> None:
    first, second = (vacancy(rig, home, "2025-01-10 09:00") for home in ("1-101", "1-102"))
    for month in ("02", "03"):
        for case_id in (first, second):
            rig.do(INSPECTED, as_=CLERK, on=case_id, at=f"2025-{month}-05 09:00")
    rig.do(INSPECTED, as_=CLERK, on=first, at="2025-04-05 09:00")
    rig.now = shanghai("2025-04-10 09:00")
    handed_over(rig, first)
    handed_over(rig, second)
    assert share(rig, "vacancy-inspection-rate", *APRIL) == (1, 2, 0)
    rig.until("2025-05-20 09:00")
    assert share(rig, "vacancy-inspection-rate", *APRIL) == (1, 2, 0)
    assert share(rig, "vacancy-inspection-rate", date(2025, 5, 1), date(2025, 5, 20)) == (0, 0, 0)


@pytest.mark.long
def test_the_month_of_a_take_over_asks_for_no_inspection_whether_there_was_one_or_not(rig: OfficeRig) -> None:
    first, _ = (vacancy(rig, home, "2025-01-10 09:00") for home in ("1-101", "1-102"))
    rig.do(INSPECTED, as_=CLERK, on=first, at="2025-01-20 09:00")
    rig.until("2025-02-03 09:00")
    assert share(rig, "vacancy-inspection-rate", *JANUARY) == (0, 0, 0)


def test_an_inspection_entered_late_makes_the_home_intact_once_it_is_confirmed(rig: OfficeRig) -> None:
    home = vacancy(rig, "1-101", "2025-01-10 09:00")
    rig.until("2025-05-02 08:00")
    assert (share(rig, "vacancy-inspection-rate", *APRIL), share(rig, "vacancy-integrity-rate", *APRIL)) == (
        (0, 1, 0),
        (0, 1, 0),
    )
    rig.do(INSPECTED, as_=CLERK, on=home, occurred_at=shanghai("2025-04-20 09:00"), **LATE)
    assert (share(rig, "vacancy-inspection-rate", *APRIL), share(rig, "vacancy-integrity-rate", *APRIL)) == (
        (0, 1, 0),
        (0, 1, 0),
    )
    lines = {row["line"]: row["breach"] for row in rig.rows("inspections")}
    assert lines == {
        "2025-02": "missed",
        "2025-03": "missed",
        "2025-04": "missed-late-entry-unconfirmed",
        "2025-05": None,
    }
    rig.do(SIGNED, as_=MANAGER, on=home, by="zhao")
    assert (share(rig, "vacancy-inspection-rate", *APRIL), share(rig, "vacancy-integrity-rate", *APRIL)) == (
        (1, 1, 0),
        (1, 1, 0),
    )


# -- one instant, one reading ----------------------------------------------------------------------------------------


def test_at_exactly_the_due_instant_the_book_and_the_figure_say_the_same(rig: OfficeRig) -> None:
    """Whether the clock came first or the person: what happens at the due instant is late."""
    first, second = (complaint(rig, f"2025-01-20 {n}:00", "2025-01-25 12:00") for n in ("09", "10"))
    rig.now = shanghai("2025-01-25 12:00")
    rig.do(HANDLED, as_=CLERK, on=second)
    rig.clock.catch_up(rig.now, office=rig.code)
    rig.do(HANDLED, as_=CLERK, on=first)
    for slug in ("complaint-handling-rate", "complaints-handled-as-first-promised"):
        assert share(rig, slug, *JANUARY) == (0, 2, 0)
    assert [row["breach"] for row in rig.rows("complaints")] == [None, "missed"] or "missed" in rig.names(first)[-1]
    rig.until("2025-02-03 09:00")
    assert share(rig, "complaint-handling-rate", *JANUARY) == (0, 2, 0)


def test_a_figure_compares_with_no_due_instant_inclusively() -> None:
    """«met» ends before the due instant, «not yet due» lies before it: for every standard, whatever its columns."""
    for standard in STANDARDS:
        for column in REGISTERS.by_name[standard.register].columns:
            if column.sql == "timestamptz":
                for sql in (standard.met, *standard.excluded.values()):
                    assert f"<= {column.name}" not in sql, standard.slug
                    assert f"{column.name} <= " not in sql, standard.slug
                assert f"{column.name} >= %(moment)s" not in standard.not_due, standard.slug


# -- the standard of entries in time ---------------------------------------------------------------------------------


def test_entries_in_time_count_what_people_wrote_and_not_what_the_program_wrote(rig: OfficeRig) -> None:
    complaint(rig, "2025-01-20 09:00", "2025-01-25 12:00")
    rig.until("2025-02-01 09:00")
    before = read(rig, "entries-in-time", *JANUARY)
    assert (before.met, before.counted) == (4, 4), (
        "the office was opened, the complaint registered, assessed and investigated"
    )
    registered = RegisterComplaint(
        channel=Channel.IN_PERSON, category="noise", matter="x", content="y", complainant="王某"
    )
    said = '"role":"clock","imported":true'  # a reason that reads like what the program writes is a reason
    rig.do(registered, as_=CLERK, occurred_at=shanghai("2025-01-30 09:00"), late_reason=said)
    rig.do(registered, as_=CLERK, occurred_at=shanghai("2025-02-01 08:00"))
    february = read(rig, "entries-in-time", date(2025, 2, 1), date(2025, 2, 28))
    assert (february.met, february.counted) == (1, 2)
    assert read(rig, "entries-in-time", *JANUARY).counted == 4
    assert [row["late_entry"] for row in rig.rows("complaints")] == [False, True, False]
    assert [row["verdict"] for row in rig.rows("late-entries")] == [None], "there is nothing to confirm"


@pytest.mark.long
def test_a_late_entry_shows_in_the_register_of_every_kind(database: Database) -> None:
    """Random commands of every kind, entered two days late: each row that they make or change says so."""
    found: set[str] = set()
    with office_rig(database.app) as rig:
        random_walk(rig, Random(5), 20)
        walker = random_walk(rig, Random(6), 240, behind=timedelta(hours=40))
        for register in REGISTERS.all:
            if not register.kinds:
                continue
            entered = {
                case_id
                for case_id, case in walker.cases.items()
                if case.late_entries
                and case.late_entries[-1].version == case.version
                and isinstance(case, register.kinds)
            }
            for row in rig.rows(register.name):
                if row["case_id"] in entered and row["line"] == "":
                    assert row["late_entry"], (register.name, row["case_id"])
                    found.add(register.name)
        listed = {row["case_id"] for row in rig.rows("late-entries")}
        assert listed == {case_id for case_id, case in walker.cases.items() if case.late_entries}
        assert len({case_id.partition("-")[0] for case_id in listed}) > len(CASES) * 2 // 5
    assert len(found) > 10, "of many kinds"
