"""In whose care a home was on a day 分管: a home that is named singly before the building it stands in (§7.2a)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import psycopg

from domain.kernel.spelling import canonical
from projections.reports.report import STANDING, Asked

__all__ = ["CareOf"]

_CARE: Final = f"select home, building, person, first, last from wuye.r_portfolios where {STANDING}"


@dataclass(frozen=True, slots=True)
class CareOf:
    """Who looked after which homes and buildings, and from when to when (both days included)."""

    homes: dict[str, list[tuple[str, date, date | None]]]
    buildings: dict[str, list[tuple[str, date, date | None]]]

    @classmethod
    def read(cls, connection: psycopg.Connection[Any], asked: Asked) -> CareOf:
        """As it was known on the page that is asked for; portfolios are few."""
        found = cls(defaultdict(list), defaultdict(list))
        for home, building, *care in connection.execute(_CARE.encode(), asked.values):
            place = found.homes[canonical(home)] if home is not None else found.buildings[canonical(building)]
            place.append(tuple(care))
        return found

    def of(self, home: str | None, building: str | None, day: date) -> str | None:
        """The administrator; None where nobody looked after it, or the home is not known."""
        for place, name in ((self.homes, home), (self.buildings, building)):
            for person, first, last in place.get(canonical(name), ()) if name is not None else ():
                if first <= day and (last is None or day <= last):
                    return person
        return None
