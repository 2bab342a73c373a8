"""In whose care a home was on a day 分管: a home that is named singly before the building it stands in (§7.2a)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import psycopg

from domain.office.portfolio import InCare, by_place, who_looks_after
from projections.reports.report import STANDING, Asked

__all__ = ["CareOf"]

_CARE: Final = f"select home, building, person, first, last from wuye.r_portfolios where {STANDING}"


@dataclass(frozen=True, slots=True)
class CareOf:
    """Who looked after which homes and buildings, and from when to when (both days included)."""

    care: dict[str, list[InCare]]

    @classmethod
    def read(cls, connection: psycopg.Connection[Any], asked: Asked) -> CareOf:
        """As it was known on the page that is asked for; portfolios are few."""
        return cls(
            by_place(
                InCare(
                    home=home, building=None if home is not None else building, person=person, first=first, last=last
                )
                for home, building, person, first, last in connection.execute(_CARE.encode(), asked.values)
            )
        )

    def of(self, home: str | None, building: str | None, day: date) -> str | None:
        """The administrator; None where nobody looked after it, or the home is not known."""
        return who_looks_after(self.care, home, building, day)
