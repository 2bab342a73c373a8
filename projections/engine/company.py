"""The company's figure 全公司读数: each office read by its own clock, targets and settings, and their sum.

Real offices are counted; simulated ones only where there are no others, so that whoever practises moves no figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import psycopg

from projections.engine.figure import as_one
from projections.engine.standard import AsOf, Measurement, Standard

__all__ = ["counted_offices", "together"]


def counted_offices(connection: psycopg.Connection[Any]) -> list[tuple[str, datetime | None]]:
    """The offices that the company's figures count, in order, each with its clock: None goes by the wall's."""
    rows: list[tuple[str, datetime | None]] = connection.execute(
        "select office, clock from wuye.offices order by office"
    ).fetchall()
    real: list[tuple[str, datetime | None]] = [(office, clock) for office, clock in rows if clock is None]
    return real or rows


def together(
    standard: Standard, parts: Sequence[Measurement], since: date, until: date, now: datetime, as_of: AsOf
) -> Measurement:
    """One figure of several offices. A target or setting is shown when it is everybody's; each part shows its own."""
    met, counted = sum(part.met for part in parts), sum(part.counted for part in parts)
    excluded = Counter(dict.fromkeys(standard.excluded, 0))
    for part in parts:
        excluded.update(part.excluded)
    shared = parts[0].settings if parts else {}
    return Measurement(
        standard=standard,
        office=None,
        since=since,
        until=until,
        moment=max((part.moment for part in parts), default=now),
        as_of=as_of,
        pages={office: page for part in parts for office, page in part.pages.items()},
        met=met,
        counted=counted,
        not_yet_due=sum(part.not_yet_due for part in parts),
        imported=sum(part.imported for part in parts),
        excluded=dict(excluded),
        ratio=Fraction(met, counted) if counted else None,
        target=_common(part.target for part in parts),
        target_since=_common(part.target_since for part in parts),
        settings={name: source for name, source in shared.items() if all(p.settings[name] == source for p in parts)},
        by_group=as_one(group for part in parts for group in part.by_group.items()),
        parts=tuple(parts),
    )


def _common(values: Iterable[Any]) -> Any:
    """What all of them are, if they are the same."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None
