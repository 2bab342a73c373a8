"""Dates as people and programs print them 日期: one word says which part stands first, the rest is read as it comes.

Exports of one system differ in what separates the parts, whether there are seconds, fractions, a half of the day or an
offset, and whether numbers are filled up with noughts. None of that is ambiguous; the order of day and month is, and
so a source says it: ``ymd`` 年月日, ``mdy`` 月日年, ``dmy`` 日月年. Years have four digits.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

__all__ = ["ORDERS", "loosely"]

_TIME: Final = (
    r"(?:(?:\s*[T\s,]\s*|(?<=日))(?P<ahead>上午|下午)?\s*(?P<hour>\d{1,2})[:：时点](?P<minute>\d{1,2})分?"
    r"(?:[:：]?(?P<second>\d{1,2})秒?(?:[.,](?P<part>\d{1,9}))?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?"
)
_YEAR, _MONTH, _DAY = r"(?P<year>\d{4})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
ORDERS: Final = {
    "ymd": re.compile(rf"{_YEAR}\s*[-/.年]\s*{_MONTH}\s*[-/.月]\s*{_DAY}日?{_TIME}"),
    "mdy": re.compile(rf"{_MONTH}[-/.]{_DAY}[-/.]{_YEAR}{_TIME}"),
    "dmy": re.compile(rf"{_DAY}[-/.]{_MONTH}[-/.]{_YEAR}{_TIME}"),
}
"""The orders and how they are read."""

_NOON: Final = 12
_AFTER_NOON: Final = ("p", "下午")


def loosely(text: str, order: str) -> datetime | None:
    """The date, with its time if it has one (else midnight) and aware if it has an offset; None when it is no date."""
    found = ORDERS[order].fullmatch(text)
    if found is None:
        return None
    hour = int(found["hour"] or 0)
    half = (found["half"] or found["ahead"] or "").lower()
    if half and hour <= _NOON:  # 下午15时 is said as well, and plain enough
        hour = hour % _NOON + (_NOON if half.startswith(_AFTER_NOON) else 0)
    elif half.isascii() and half:
        return None
    try:
        return datetime(
            int(found["year"]),
            int(found["month"]),
            int(found["day"]),
            hour,
            int(found["minute"] or 0),
            int(found["second"] or 0),
            int((found["part"] or "").ljust(6, "0")[:6]),
            tzinfo=_zone(found["zone"]),
        )
    except ValueError:
        return None


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in ("Z", "UTC"):
        return UTC
    away = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]) if len(text) > len("+08") else 0)
    return timezone(-away if text[0] == "-" else away)
