"""Similar repairs 类似报修: what is under way already when somebody reports a fault, and what was mended there lately.

Of the same home whatever is open, and the same kind of fault of the last quarter: a third one is more than chance
(§5.2.5(6)). Of elsewhere what is open and of the same kind in a common area: one lift is reported by a whole house.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from api.routes.similar import likeness

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["similar_repairs"]

_LATELY: Final = timedelta(days=92)
_ALIKE: Final = 0.4
"""How alike two names of a fault are, from 0 to 1, to be taken for the same kind."""
_SQL: Final = """
select case_id, state, fault_kind, home, common_area, household, opened_at, open
  from wuye.r_repair_orders
 where office = %(office)s and to_number is null
   and (open or opened_at >= %(since)s)
   and (home = %(home)s or household = %(household)s or (open and common_area is not null))
 order by open desc, opened_at desc limit 500
"""
_NAMES: Final = ("case_id", "state", "fault_kind", "home", "common_area", "household", "opened_at", "open")


def similar_repairs(page: Page, fault: str, home: str, household: str, area: str, limit: int) -> list[dict[str, Any]]:
    """The open repairs that this may be, those of this home first, and the same fault there in the last quarter."""
    asked = {"office": page.office, "since": page.now - _LATELY, "home": home or None, "household": household or None}
    with page.connect() as connection:
        rows = [dict(zip(_NAMES, row, strict=True)) for row in connection.execute(_SQL, asked)]
    for row in rows:
        row["own"] = _is_own(row, home, household)
        row["likeness"] = max(
            likeness(fault, row["fault_kind"] or "") if fault else 0.0,
            likeness(area, row["common_area"] or "") if area and row["common_area"] else 0.0,
        )
    kept = [row for row in rows if (row["own"] and row["open"]) or row["likeness"] >= _ALIKE]
    kept.sort(key=lambda row: (not row["open"], not row["own"], -row["likeness"], -row["opened_at"].timestamp()))
    return kept[:limit]


def _is_own(row: Mapping[str, Any], home: str, household: str) -> bool:
    return bool((home and row["home"] == home) or (household and row["household"] == household))
