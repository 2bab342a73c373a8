"""Figures: what was said at a past moment stays said, each shows what it rests on, and its trend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from itertools import pairwise

import pytest

from api.figures import Figures
from domain.complaints.complaint.commands.handling import ResolveComplaint
from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.handbook.settings import SETTINGS
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.commands.vacancy import InspectHome, TakeOverHome
from domain.homes.vacant_home.events import Checked, VacancyKind
from domain.kernel.late_entries import ConfirmLateEntry
from domain.kernel.people import Role
from projections.engine import standard as measure
from projections.engine.standard import AsOf, Measurement
from projections.engine.trend import By, spans, steps
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG, STANDARDS
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai
from tests.solving import solved

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER
NOW = AsOf()
GOOD = (Checked(item="门窗", good=True),)


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day."""
    with office_rig(database.app) as rig:
        yield rig


def read(rig: OfficeRig, slug: str, since: date, until: date, as_of: AsOf = NOW) -> Measurement:
    """A figure, with the settings as they stood in the book then."""
    figures = Figures(rig.pool.connection, REGISTERS, lambda: rig.now)
    return figures.read([BY_SLUG[slug]], rig.code, since, until, as_of)[0]


def share(reading: Measurement) -> tuple[int, int, int]:
    return reading.met, reading.counted, reading.not_yet_due


def integrity(rig: OfficeRig, day: date, as_of: AsOf = NOW) -> tuple[int, int]:
    reading = read(rig, "vacancy-integrity-rate", day.replace(day=1), day, as_of)
    return reading.met, reading.counted


# -- then and now -----------------------------------------------------------------------------------------------------


def vacancy(rig: OfficeRig, home: str, at: str) -> str:
    key = KeyItem(number=f"{home}/1", key_class=KeyClass.ENTRANCE)
    return rig.do(TakeOverHome(home=home, kind=VacancyKind.UNSOLD, area=9_000, keys=(key,)), as_=CLERK, at=at).case_id


def test_a_late_entry_changes_what_is_said_today_of_march_and_not_what_was_said_then(rig: OfficeRig) -> None:
    home = vacancy(rig, "1-101", "2025-01-10 09:00")
    rig.until("2025-04-01 08:00")
    said_on = AsOf(instant=rig.now)
    page = AsOf(number=len(rig.facts()))
    inspection = InspectHome(checklist=GOOD, inspector_signature="李")
    late = {"occurred_at": shanghai("2025-03-20 09:00"), "late_reason": "纸上先记"}
    rig.do(inspection, as_=CLERK, on=home, at="2025-04-02 09:00", **late)
    confirmed = ConfirmLateEntry(reason="检查表属实", evidence="检查表 3 页")
    rig.do(confirmed, as_=MANAGER, on=home, by="zhao")
    march = date(2025, 3, 31)
    assert integrity(rig, march) == (1, 1)
    assert integrity(rig, march, said_on) == integrity(rig, march, page) == (0, 1)


def complain(rig: OfficeRig, at: str) -> str:
    command = RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="x", content="y", home="1-101")
    return rig.do(command, as_=CLERK, at=at).case_id


def test_a_page_counts_what_stands_on_it_and_the_page_before_does_not(rig: OfficeRig) -> None:
    complain(rig, "2025-01-10 09:00")
    page = len(rig.facts())
    january = (date(2025, 1, 1), date(2025, 1, 31))
    assert share(read(rig, "complaint-handling-rate", *january, AsOf(number=page))) == (0, 0, 1)
    assert share(read(rig, "complaint-handling-rate", *january, AsOf(number=page - 1))) == (0, 0, 0)


def promise(rig: OfficeRig, case_id: str, by: str) -> None:
    command = AssessComplaint(measure="m", promised_by=shanghai(by), told_at=rig.now)
    rig.do(command, as_=CLERK, on=case_id)


# -- what a figure rests on ------------------------------------------------------------------------------------------


def test_a_later_change_of_the_target_does_not_move_what_was_said_before(rig: OfficeRig) -> None:
    vacancy(rig, "1-101", "2025-01-10 09:00")
    rig.now = shanghai("2025-02-03 09:00")
    before = (AsOf(number=len(rig.facts())), AsOf(instant=rig.now))
    rig.now = shanghai("2025-02-04 09:00")
    rig.set("vacancy.integrity_target", "99/100", date(2025, 1, 1))
    january = (date(2025, 1, 1), date(2025, 1, 31))
    now = read(rig, "vacancy-integrity-rate", *january)
    assert (now.target, now.target_since, now.settings["vacancy.integrity_target"].changed) == (
        Fraction(99, 100),
        date(2025, 1, 1),
        True,
    )
    for as_of in before:
        then = read(rig, "vacancy-integrity-rate", *january, as_of)
        assert (then.target, then.settings["vacancy.integrity_target"].changed) == (Fraction(49, 50), False)
    assert read(rig, "vacancy-integrity-rate", *january, AsOf(number=0)).target == Fraction(49, 50)
    [change] = now.changes
    assert (change.before, change.value, change.requested_by, change.confirmed_by) == (
        "49/50",
        "99/100",
        "manager",
        "company",
    )
    assert not any(read(rig, "vacancy-integrity-rate", *january, as_of).changes for as_of in before)
    march = (date(2025, 3, 1), date(2025, 3, 31))
    assert not read(rig, "vacancy-integrity-rate", *march).changes, "it does not reach back into what begins later"


def test_whoever_reaches_the_target_exactly_keeps_it(rig: OfficeRig) -> None:
    reading = read(rig, "vacancy-integrity-rate", date(2025, 1, 1), date(2025, 1, 31))
    least, most = reading.standard, replace(reading.standard, at_most=True)
    hair = Fraction(1, 1_000_000)
    for standard, ratio, kept in (
        (least, Fraction(49, 50), True),
        (least, Fraction(49, 50) - hair, False),
        (most, Fraction(49, 50), True),
        (most, Fraction(49, 50) + hair, False),
        (least, None, None),
    ):
        assert replace(reading, standard=standard, ratio=ratio).kept is kept


def test_a_figure_is_never_judged_at_a_moment_that_is_still_to_come(rig: OfficeRig) -> None:
    promise(rig, complain(rig, "2025-01-06 09:00"), "2025-02-01 09:00")
    future = AsOf(instant=datetime.fromisoformat("2099-01-01T00:00:00+08:00"))
    reading = read(rig, "complaint-handling-rate", date(2025, 1, 1), date(2099, 1, 1), future)
    assert (share(reading), reading.moment) == ((0, 0, 1), rig.now)


def test_every_figure_shows_the_settings_it_rests_on_and_how_the_handbook_is_read(rig: OfficeRig) -> None:
    for standard in STANDARDS:
        reading = read(rig, standard.slug, date(2025, 1, 1), date(2025, 12, 31))
        assert tuple(reading.settings) == standard.settings
        assert all(source.clause == SETTINGS[name].clause for name, source in reading.settings.items())


# -- trend -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "names", "first", "last"),
    [
        (By.MONTH, ["2024-12", "2025-01", "2025-02"], date(2024, 12, 15), date(2025, 2, 10)),
        (By.QUARTER, ["2024-Q4", "2025-Q1"], date(2024, 12, 15), date(2025, 2, 10)),
        (By.YEAR, ["2024", "2025"], date(2024, 12, 15), date(2025, 2, 10)),
    ],
)
def test_periods_follow_each_other_without_a_gap(by: By, names: list[str], first: date, last: date) -> None:
    found = list(spans(by, first, last))
    assert [span.name for span in found] == names
    assert (found[0].since, found[-1].until) == (first, last)
    assert all((after.since - before.until).days == 1 for before, after in pairwise(found))


def test_a_trend_shows_each_months_figure_and_which_way_it_went(rig: OfficeRig) -> None:
    for at, good in (("2025-01-06", True), ("2025-01-07", False), ("2025-03-03", True), ("2025-04-01", True)):
        case_id = complain(rig, f"{at} 09:00")
        promise(rig, case_id, f"{at} 20:00")
        if good:
            rig.do(solved(rig.now), as_=CLERK, on=case_id, at=f"{at} 18:00")
    rig.now = shanghai("2025-05-01 09:00")
    readings = (
        (span, read(rig, "complaint-handling-rate", span.since, span.until))
        for span in spans(By.MONTH, date(2025, 1, 1), date(2025, 4, 30))
    )
    found = [(step.span.name, step.reading.ratio, step.change, step.better) for step in steps(readings)]
    assert found == [
        ("2025-01", Fraction(1, 2), None, None),
        ("2025-02", None, None, None),
        ("2025-03", Fraction(1), Fraction(1, 2), True),
        ("2025-04", Fraction(1), Fraction(0), None),
    ]


def test_a_group_is_one_however_it_was_typed(rig: OfficeRig) -> None:
    for category in ("noise", "Noise", " ＮＯＩＳＥ", "noise", "leak"):
        said = RegisterComplaint(channel=Channel.IN_PERSON, category=category, matter="x", content="y", anonymous=True)
        rig.do(said, as_=CLERK)
    rig.until("2025-02-01 00:00")
    reading = read(rig, "complaint-handling-rate", date(2025, 1, 1), date(2025, 1, 31))
    assert reading.by_group == {"leak": (0, 1), "noise": (0, 4)}


def test_the_companys_figure_is_the_sum_of_each_offices_own_by_its_own_target_and_clock(rig: OfficeRig) -> None:
    rig.open("YH")
    for office in ("XH", "YH"):
        for _ in range(2):
            said = RegisterComplaint(
                channel=Channel.IN_PERSON, category="noise", matter="x", content="y", complainant="王"
            )
            rig.do(said, as_=CLERK, office=office)
    rig.set("complaints.told_target", "1/2", date(2025, 1, 1))
    rig.until("2025-02-01 00:00")
    rig.clock.catch_up(rig.now, office="YH")
    figures = Figures(rig.pool.connection, REGISTERS, lambda: shanghai("2030-01-01 00:00"))
    standard = BY_SLUG["complainants-told-in-time"]
    [company] = figures.read([standard], None, date(2025, 1, 1), None, AsOf())
    assert company.until == date(2025, 2, 1), "today is the offices' own"
    assert [(part.office, part.target) for part in company.parts] == [("XH", Fraction(1, 2)), ("YH", Fraction(1))]
    assert (company.target, company.met, company.counted) == (None, 0, 4)
    assert company.kept is False
    with rig.pool.connection() as connection:
        missed = measure.cases(connection, REGISTERS, company, "missed", limit=3)
        rest = measure.cases(connection, REGISTERS, company, "missed", after=missed[-1], limit=3)
    assert [office for office, _, _ in (*missed, *rest)] == ["XH", "XH", "YH", "YH"]
    rig.open("REAL", simulated=False)
    [real] = figures.read([standard], None, date(2025, 1, 1), None, AsOf())
    assert (real.counted, [part.office for part in real.parts]) == (0, ["REAL"]), "who practises moves no figure"


# -- whose work it measures -------------------------------------------------------------------------------------------


def test_a_figure_says_how_many_of_its_cases_another_system_recorded(rig: OfficeRig) -> None:
    said = RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="x", home="1-101", content="y")
    rig.do(said, as_=CLERK, at="2025-01-06 09:00")
    theirs = rig.do(said, as_=CLERK, imported=True).case_id
    rig.do(ResolveComplaint(done_by="x"), as_=CLERK, on=theirs, imported=True)
    rig.until("2025-02-10 09:00")
    january = read(rig, "complaint-handling-rate", date(2025, 1, 1), date(2025, 1, 31))
    assert (january.met, january.counted, january.imported) == (1, 2, 1)
    causes = read(rig, "complaint-causes-found", date(2025, 1, 1), date(2025, 1, 31))
    assert (causes.counted, causes.imported) == (1, 1)
    now = read(rig, "complaint-handling-rate", date(2025, 1, 1), date(2025, 2, 10))
    company = Figures(rig.pool.connection, REGISTERS, lambda: rig.now).read(
        [BY_SLUG["complaint-handling-rate"]], None, date(2025, 1, 1), date(2025, 2, 10), NOW
    )[0]
    assert now.imported == company.imported == 1


def test_every_standard_can_say_whose_work_it_measures(rig: OfficeRig) -> None:
    for standard in STANDARDS:
        for until in (date(2025, 1, 1), date(2025, 1, 31)):
            assert read(rig, standard.slug, date(2025, 1, 1), until).imported == 0
