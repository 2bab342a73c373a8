"""Official holidays and worked weekends 法定节假日及调休, year by year as the State Council announced them.

A year that is not here yet is worked from Monday to Friday. Each year's announcement is added when it is out; a window
that was fixed before keeps its days.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from domain.kernel.calendar import Holidays

__all__ = ["OFFICIAL"]

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


OFFICIAL: Final = Holidays({**dict.fromkeys(_days(_OFF), False), **dict.fromkeys(_days(_WORKED), True)})
"""The table in force."""
