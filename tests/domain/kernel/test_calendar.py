"""Counting time as the law and the handbook do."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.calendar import (
    SHANGHAI,
    Holidays,
    Window,
    add_months,
    add_years,
    end_of_day,
    local_date,
    special_service_middle,
    start_of_day,
    window,
)
from domain.kernel.periods import IsoWeek, Month, Quarter

DAYS = st.dates(date(1995, 1, 1), date(2100, 12, 31))
NATIONAL_DAY = Holidays({date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 10, 10): True})
"""1–7 October 2026 are off; Saturday the 10th is worked for it."""


def test_dates_are_local_and_never_those_of_utc() -> None:
    assert local_date(datetime(2026, 3, 31, 16, 30, tzinfo=UTC)) == date(2026, 4, 1)
    assert local_date(datetime(2026, 3, 31, 15, 59, tzinfo=UTC)) == date(2026, 3, 31)


def test_an_instant_without_a_zone_has_no_date() -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        local_date(datetime(2026, 3, 31, 16, 30))


def test_a_day_ends_at_24_o_clock() -> None:
    assert end_of_day(date(2026, 12, 31)) == datetime(2027, 1, 1, tzinfo=SHANGHAI)
    assert end_of_day(date(2026, 12, 31)).astimezone(UTC) == datetime(2026, 12, 31, 16, tzinfo=UTC)


@given(DAYS)
def test_the_last_moment_of_a_day_still_belongs_to_it(day: date) -> None:
    assert local_date(start_of_day(day)) == day
    assert local_date(end_of_day(day) - timedelta(microseconds=1)) == day
    assert local_date(end_of_day(day)) == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 15), 1, date(2026, 2, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 2, 28), 1, date(2026, 3, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 1, 15), 0, date(2026, 1, 15)),
    ],
)
def test_a_month_ends_on_the_corresponding_day_or_at_the_months_end(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_three_years_from_a_leap_day_end_at_the_end_of_february() -> None:
    assert add_years(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)


@given(DAYS, st.integers(-240, 240))
def test_adding_months_always_lands_in_that_month(day: date, months: int) -> None:
    there = add_months(day, months)
    assert (there.year * 12 + there.month) - (day.year * 12 + day.month) == months
    assert there.day == min(day.day, Month.of(there).days)


def test_within_three_days_includes_day_three() -> None:
    """A complaint handled on Monday 23 November: Thursday the 26th is in time until 24:00."""
    three_days = window(date(2026, 11, 23), (0, "days"), (3, "days"))
    assert three_days == Window(date(2026, 11, 23), date(2026, 11, 23), date(2026, 11, 26))
    assert three_days.contains(date(2026, 11, 23))
    assert three_days.contains(date(2026, 11, 26))
    assert not three_days.contains(date(2026, 11, 27))
    assert three_days.opens_at == datetime(2026, 11, 23, tzinfo=SHANGHAI)
    assert three_days.closes_at == datetime(2026, 11, 27, tzinfo=SHANGHAI)


def test_a_repair_is_followed_up_from_a_week_on_and_too_early_is_outside() -> None:
    repair = window(date(2026, 1, 31), (7, "days"), (1, "months"))
    assert (repair.opens, repair.closes) == (date(2026, 2, 7), date(2026, 2, 28))
    assert not repair.contains(date(2026, 2, 6))


def test_weeks_and_years_are_counted_too() -> None:
    found = window(date(2026, 11, 23), (1, "weeks"), (3, "years"))
    assert (found.opens, found.closes) == (date(2026, 11, 30), date(2029, 11, 23))


def test_working_days_skip_weekends_and_the_first_day() -> None:
    found = window(date(2026, 11, 20), (0, "days"), (3, "days"), working=True)
    assert (found.opens, found.closes) == (date(2026, 11, 20), date(2026, 11, 25))


def test_working_days_follow_the_official_table() -> None:
    found = window(date(2026, 9, 30), (0, "days"), (3, "days"), working=True, holidays=NATIONAL_DAY)
    assert found.closes == date(2026, 10, 10)


def test_a_last_day_on_a_holiday_moves_only_if_the_rule_says_so() -> None:
    anchor = date(2026, 9, 30)
    assert window(anchor, (0, "days"), (3, "days"), holidays=NATIONAL_DAY).closes == date(2026, 10, 3)
    assert window(anchor, (0, "days"), (3, "days"), holidays=NATIONAL_DAY, moves=True).closes == date(2026, 10, 8)


def test_a_working_saturday_does_not_move() -> None:
    assert window(date(2026, 10, 7), (0, "days"), (3, "days"), holidays=NATIONAL_DAY, moves=True).closes == date(
        2026, 10, 10
    )


def test_working_days() -> None:
    assert NATIONAL_DAY.is_working_day(date(2026, 10, 10))
    assert not NATIONAL_DAY.is_working_day(date(2026, 10, 1))
    assert not NATIONAL_DAY.is_working_day(date(2026, 10, 11))
    assert NATIONAL_DAY.next_working_day(date(2026, 9, 30)) == date(2026, 10, 8)
    assert NATIONAL_DAY.next_working_day(date(2026, 10, 8)) == date(2026, 10, 9)
    assert NATIONAL_DAY.on_or_after(date(2026, 10, 8)) == date(2026, 10, 8)


def test_nobody_changes_a_holiday_table_from_outside() -> None:
    table = {date(2026, 11, 23): False}
    holidays = Holidays(table)
    table.clear()
    assert not holidays.is_working_day(date(2026, 11, 23))


@given(DAYS, st.integers(0, 30))
def test_the_nth_working_day_has_n_working_days_up_to_it(day: date, n: int) -> None:
    there = NATIONAL_DAY.add_working_days(day, n)
    between = [day + timedelta(days=d + 1) for d in range((there - day).days)]
    assert sum(map(NATIONAL_DAY.is_working_day, between)) == n


def test_a_window_cannot_close_before_it_opens() -> None:
    with pytest.raises(ValueError, match="cannot close"):
        window(date(2026, 11, 23), (2, "months"), (1, "months"))


def test_a_window_does_not_look_back() -> None:
    with pytest.raises(ValueError, match="negative"):
        window(date(2026, 11, 23), (-1, "days"), (1, "days"))


def test_a_window_knows_its_units() -> None:
    with pytest.raises(ValueError, match="no such unit"):
        window(date(2026, 11, 23), (0, "days"), (1, "fortnights"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "end", "opens", "closes"),
    [
        (date(2026, 1, 1), date(2026, 3, 31), date(2026, 1, 31), date(2026, 3, 1)),
        (date(2026, 1, 1), date(2026, 1, 3), date(2026, 1, 2), date(2026, 1, 2)),
        (date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 1), date(2026, 1, 2)),
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 1)),
    ],
)
def test_the_middle_of_a_special_service_is_its_middle_third(start: date, end: date, opens: date, closes: date) -> None:
    assert special_service_middle(start, end) == Window(start, opens, closes)


@given(DAYS, st.integers(0, 2000), st.fractions(0, 1), st.fractions(0, 1))
def test_the_middle_lies_within_the_term(start: date, days: int, one: Fraction, other: Fraction) -> None:
    end = start + timedelta(days=days)
    middle = special_service_middle(start, end, min(one, other), max(one, other))
    assert start <= middle.opens <= middle.closes <= end


def test_a_term_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="a term cannot end"):
        special_service_middle(date(2026, 2, 1), date(2026, 1, 1))


def test_the_week_of_new_year_belongs_to_the_iso_year() -> None:
    week = IsoWeek.of(date(2027, 1, 1))
    assert str(week) == "2026-W53"
    assert (week.monday, week.sunday) == (date(2026, 12, 28), date(2027, 1, 3))
    assert (week.first, week.last) == (week.monday, week.sunday)
    assert week.next() == IsoWeek(2027, 1)
    assert week.next().before() == week
    assert week.days == 7
    assert date(2027, 1, 3) in week
    assert date(2027, 1, 4) not in week
    assert week.ends_at == datetime(2027, 1, 4, tzinfo=SHANGHAI)


def test_months_and_their_days() -> None:
    february = Month(2028, 2)
    assert (february.first, february.last, february.days) == (date(2028, 2, 1), date(2028, 2, 29), 29)
    assert list(february)[::28] == [date(2028, 2, 1), date(2028, 2, 29)]
    assert february.next() == Month(2028, 3)
    assert Month(2028, 1).before() == Month(2027, 12)
    assert Month(2027, 12) < Month(2028, 1)
    assert Month.of(date(2028, 2, 29)) == february
    assert str(february) == "2028-02"


def test_quarters_and_their_months() -> None:
    fourth = Quarter.of(date(2026, 11, 23))
    assert fourth == Quarter(2026, 4)
    assert fourth.months == (Month(2026, 10), Month(2026, 11), Month(2026, 12))
    assert (fourth.first, fourth.last, fourth.days) == (date(2026, 10, 1), date(2026, 12, 31), 92)
    assert fourth.next() == Quarter(2027, 1)
    assert fourth.next().before() == fourth
    assert str(fourth) == "2026-Q4"


@given(DAYS)
def test_every_day_lies_in_its_week_month_and_quarter_and_these_can_be_written_and_read(day: date) -> None:
    for span in (IsoWeek.of(day), Month.of(day), Quarter.of(day)):
        assert day in span
        assert span.parse(str(span)) == span
        assert span.before().last + timedelta(days=1) == span.first
        assert span.last + timedelta(days=1) == span.next().first


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (IsoWeek, "2026-W54"),
        (IsoWeek, "2026-54"),
        (Month, "2026-13"),
        (Month, "2026-1"),
        (Quarter, "2026-Q5"),
        (Quarter, "2026-Q0"),
        (Quarter, "0000-Q1"),
    ],
)
def test_what_the_calendar_does_not_have_cannot_be_read(kind: type[IsoWeek | Month | Quarter], text: str) -> None:
    with pytest.raises(ValueError):
        kind.parse(text)
