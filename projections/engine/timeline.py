"""The timeline 大事记: every fact of an office's book, a line each, in the order of its pages.

It is read from the book itself, which never changes, and so needs no table of its own; what an imported history says in
its own words (``term``) and on which line stands beside.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
import psycopg

from domain.kernel.fact import EVENTS

__all__ = ["COLUMNS", "EN", "NAME", "ZH", "timeline"]

NAME: Final = "timeline"
ZH: Final = "大事记"
EN: Final = "timeline"
COLUMNS: Final = (
    "office",
    "case_id",
    "line",
    "number",
    "case_kind",
    "source_id",
    "occurred_at",
    "recorded_at",
    "fact",
    "zh",
    "en",
    "user_id",
    "role",
    "imported",
    "term",
    "source_line",
    "late_seconds",
    "late_reason",
    "user_name",
    "waived",
)
"""``line`` is the fact's place in its case, ``number`` its page, ``source_id`` the case's id in an imported history,
``user_name`` the display name of whoever acted, where that is an account, ``waived`` what was excused: of a name that nobody
of the office bears, that it is an outsider's (``person-unknown``)."""

_FACTS: Final = (
    "select case_id, version, number, name, metadata, occurred_at, recorded_at from wuye.facts where office = %(office)s"
    " and (%(number)s::bigint is null or number <= %(number)s)"
    " and (%(instant)s::timestamptz is null or recorded_at <= %(instant)s) order by number"
)
_AT_ONCE: Final = 5_000


class _About(msgspec.Struct):
    user_id: str
    role: str
    source_id: str | None = None
    imported: bool = False
    term: str | None = None
    line: int | None = None
    late: int | None = None
    late_reason: str | None = None
    waived: tuple[str, ...] = ()


_ABOUT: Final = msgspec.json.Decoder(_About)


def timeline(
    connection: psycopg.Connection[Any],
    office: str,
    *,
    number: int | None = None,
    instant: datetime | None = None,
    late: bool = False,
) -> Iterator[tuple[Any, ...]]:
    """The lines up to a page or an instant, in the order of :data:`COLUMNS`; of ``late`` entries alone, if that is asked.

    Call inside a transaction.
    """
    sources: dict[str, str] = {}
    names = dict(connection.execute("select user_id, name from wuye.users").fetchall())
    with connection.cursor(name="timeline") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(_FACTS, {"office": office, "number": number, "instant": instant})
        for case_id, version, page, name, metadata, occurred_at, recorded_at in cursor:
            about = _ABOUT.decode(metadata)
            if about.source_id is not None:
                sources[case_id] = about.source_id
            if late and about.late is None:
                continue
            event = EVENTS.get(name)
            zh, en = (event.ZH, event.EN) if event is not None else (name, name)
            yield (
                office,
                case_id,
                str(version),
                page,
                case_id.partition("-")[0],
                sources.get(case_id),
                occurred_at,
                recorded_at,
                name,
                zh,
                en,
                about.user_id,
                about.role,
                about.imported,
                about.term,
                about.line,
                about.late,
                about.late_reason,
                names.get(about.user_id),
                " ".join(about.waived) or None,
            )
