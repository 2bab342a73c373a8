"""Nothing lies before 1970 or, where it happened in the office's care, before the office; every date of a command is of a known sort."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from domain.cases import CASES
from domain.kernel.bounds import AHEAD, OLDER, SINCE_THE_OFFICE, _dated, check_bounds, speaks_of
from domain.kernel.errors import RuleBroken
from tests.office_rig import shanghai

OPENED = shanghai("2024-05-01 08:00")


@dataclass
class Said:
    """What a command may say of time."""

    told_at: datetime | None = None
    value_date: date | None = None
    taken_over_on: date | None = None
    signed_on: date | None = None
    note: str = "2019-01-01"


def refused(said: Said, at: str = "2024-06-01 08:00", opened: datetime | None = OPENED) -> tuple[str, str | None]:
    with pytest.raises(RuleBroken) as caught:
        check_bounds(said, shanghai(at), opened, "4.2")
    assert caught.value.clause == "4.2"
    return caught.value.code, caught.value.field


def test_what_happened_did_not_happen_before_the_office() -> None:
    check_bounds(Said(told_at=OPENED, value_date=date(2024, 5, 1), signed_on=date(1999, 1, 1)), OPENED, OPENED, "4.2")
    assert refused(Said(), "2024-05-01 07:59") == ("before-office", "occurred_at")
    assert refused(Said(told_at=shanghai("2024-05-01 07:59"))) == ("before-office", "told_at")
    assert refused(Said(taken_over_on=date(1971, 2, 1))) == ("before-office", "taken_over_on")
    assert refused(Said(value_date=date(2024, 4, 30))) == ("before-office", "value_date")


def test_nothing_is_older_than_1970_not_even_another_systems_history() -> None:
    check_bounds(Said(signed_on=date(1970, 1, 1)), datetime(1969, 12, 31, 16, tzinfo=UTC), None, "4.2")
    assert refused(Said(), "1969-12-31 23:59", None) == ("too-early", "occurred_at")
    assert refused(Said(signed_on=date(1900, 1, 1))) == ("too-early", "signed_on")
    assert refused(Said(told_at=shanghai("1900-01-01 00:00"))) == ("too-early", "told_at")


def test_every_date_of_every_command_is_of_one_sort() -> None:
    """Whoever adds a field says whether it may lie before the office."""
    sorts = (SINCE_THE_OFFICE, OLDER, AHEAD)
    named = {name for lifecycle in CASES for command in lifecycle.commands for name in _dated(command)}
    assert {name: [name in sort for sort in sorts].count(True) for name in named} == dict.fromkeys(named, 1)


def test_what_was_told_before_it_was_entered_is_spoken_of_from_the_telling_on() -> None:
    earlier, entered = shanghai("2024-06-01 08:00"), shanghai("2024-06-03 08:00")
    assert speaks_of(Said(told_at=earlier), entered) == earlier
    assert speaks_of(Said(told_at=entered), earlier) == earlier
    assert speaks_of(Said(), entered) == entered
    assert speaks_of(object(), entered) == entered
