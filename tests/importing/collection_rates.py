"""Collection rates of an imported history: what our report says, and what the file of fines itself comes to."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Final

from projections.reports.collection import COLLECTION
from projections.reports.receivables import DEBTORS
from projections.reports.report import Asked
from tests.office_rig import OfficeRig

__all__ = ["collected", "fines_collected_otherwise", "pursued"]

_SIXTY: Final = timedelta(days=60)


def _asked(rig: OfficeRig, by: str) -> Asked:
    with rig.pool.connection() as connection:
        head = connection.execute("select max(number) from wuye.facts where office = %s", [rig.code]).fetchone()
    assert head is not None
    day = date(2026, 1, 1)
    return Asked(office=rig.code, page=head[0], on=day, by=by, since=day, until=day)


def pursued(rig: OfficeRig) -> tuple[int, int]:
    """How many debtors there are, and what they owe (fen), as the report says today."""
    asked = _asked(rig, DEBTORS.groups[0])
    with rig.pool.connection() as connection:
        rows = [dict(zip(DEBTORS.columns, row, strict=True)) for row in DEBTORS.rows(connection, asked)]
    return sum(row["debtors"] for row in rows), sum(row["outstanding_fen"] for row in rows)


def collected(rig: OfficeRig, by: str) -> dict[str | None, tuple[int, int, int]]:
    """Group → bills, charged and collected (fen), as the report says today."""
    asked = _asked(rig, by)
    with rig.pool.connection() as connection:
        rows = [dict(zip(COLLECTION.columns, row, strict=True)) for row in COLLECTION.rows(connection, asked)]
    for row in rows:
        assert Fraction(row["by_amount"]) == Fraction(row["collected_fen"], row["charged_fen"])
    return {row["group_key"]: (row["bills"], row["charged_fen"], row["collected_fen"]) for row in rows}


def fines(file: Path) -> Iterator[tuple[str, int, int]]:
    """Of each fine that was notified, read from the file alone: its due month, what was charged and what of it was paid (fen).

    A payment meets what expenses are open, then what of the penalty is, then the fine; what is over counts with the fine.
    """
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        for _, events in groupby(rows, key=lambda row: row["case_id"]):
            due: date | None = None
            asked = {"costs": 0, "penalty": 0, "fine": 0}
            paid = dict(asked)
            total = 0
            for row in sorted(events, key=lambda row: int(row["event_no"])):
                stated = _fen(row["amount"])
                if row["activity"] == "Add penalty":
                    asked["penalty"] += 0 if stated is None else stated - total
                elif stated is not None:
                    asked["fine"] += stated - total
                total = total if stated is None else stated
                asked["costs"] += _fen(row["expense"]) or 0
                if row["activity"] == "Insert Fine Notification":
                    due = date.fromisoformat(row["timestamp"][:10]) + _SIXTY
                left = _fen(row["paymentAmount"]) or 0 if row["activity"] == "Payment" else 0
                open_in_all = sum(asked.values()) - sum(paid.values())
                for part in ("costs", "penalty"):
                    met = max(min(left, asked[part] - paid[part], open_in_all), 0)
                    paid[part], left, open_in_all = paid[part] + met, left - met, open_in_all - met
                paid["fine"] += left
            if due is not None and asked["fine"] > 0:
                yield f"{due:%Y-%m}", asked["fine"], min(paid["fine"], asked["fine"])


def _fen(text: str) -> int | None:
    return round(float(text) * 100) if text else None


def fines_collected_otherwise(rig: OfficeRig, file: Path) -> list[str]:
    """Every due month in which our report says otherwise than the file."""
    right: dict[str | None, tuple[int, int, int]] = {}
    for month, charged, paid in fines(file):
        n, charged_so_far, paid_so_far = right.get(month, (0, 0, 0))
        right[month] = (n + 1, charged_so_far + charged, paid_so_far + paid)
    ours = collected(rig, "due-month")
    return [
        f"collection {month}: {ours.get(month)} not {right.get(month)}"
        for month in {*ours, *right}
        if ours.get(month) != right.get(month)
    ]
