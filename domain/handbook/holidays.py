"""Official holidays and worked weekends 法定节假日及调休, year by year as the State Council announced them.

A year that is not announced yet has the days off that the regulation fixes by date (全国年节及纪念日放假办法: 1 January, 1 and
2 May, 1 to 3 October); those of the moon and the exchanged weekends are not known before. Each year's announcement is
added when it is out, and an office may enter it before (``calendar.off_days``); a day that was fixed before stays.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from domain.handbook.settings import Numbers
from domain.kernel.calendar import Holidays

__all__ = ["OFFICIAL", "announced", "holidays_of"]

_OFF: Final[dict[int, str]] = {
    2024: "0101 0212 0213 0214 0215 0216 0404 0405 0501 0502 0503 0610 0916 0917 1001 1002 1003 1004 1007",
    2025: "0101 0128 0129 0130 0131 0203 0204 0404 0501 0502 0505 0602 1001 1002 1003 1006 1007 1008",
    2026: "0101 0102 0216 0217 0218 0219 0220 0223 0406 0501 0504 0505 0619 0925 1001 1002 1005 1006 1007",
}
"""Weekdays that are free 放假."""
_WORKED: Final[dict[int, str]] = {
    2024: "0204 0218 0407 0428 0511 0914 0929 1012",
    2025: "0126 0208 0427 0928 1011",
    2026: "0104 0214 0228 0509 0920 1010",
}
"""Saturdays and Sundays that are worked 调休上班."""


def _days(years: dict[int, str]) -> list[date]:
    return [date(year, int(day[:2]), int(day[2:])) for year, days in years.items() for day in days.split()]


_FIXED: Final = ("01-01", "05-01", "05-02", "10-01", "10-02", "10-03")
"""Days off that the regulation itself names, whatever the year."""

OFFICIAL: Final = Holidays({**dict.fromkeys(_days(_OFF), False), **dict.fromkeys(_days(_WORKED), True)})
"""The table in force."""


def holidays_of(year: int, numbers: Numbers) -> Holidays:
    """The days off and the worked weekends of a year and the next: what is announced, else what the regulation fixes.

    ``numbers`` are the settings in force; what the office has entered comes before the program's table.
    """
    overrides = dict(OFFICIAL.overrides)
    for each in (year, year + 1):
        if not announced(each, numbers):
            overrides |= {date.fromisoformat(f"{each}-{day}"): False for day in _FIXED}
    overrides |= dict.fromkeys(numbers.dates("calendar.off_days"), False)
    overrides |= dict.fromkeys(numbers.dates("calendar.worked_days"), True)
    return Holidays(overrides)


def announced(year: int, numbers: Numbers) -> bool:
    """Whether a year's holidays are known: in the program's table, or entered by the office."""
    return year in _OFF or any(day.year == year for day in numbers.dates("calendar.off_days"))
