"""The ``[columns]`` of a mapping: where each value stands in a row, and how its text is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workflows.importing.dates import ORDERS
from workflows.importing.document import Node
from workflows.importing.values import SHANGHAI, Column, Kind, Unfolded

__all__ = ["column_name", "column_names", "counted", "read_columns", "whole_names"]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_ANY: Final = (
    "from",
    "join",
    "joint",
    "headers",
    "but",
    "unfold",
    "type",
    "required",
    "optional",
    "missing",
    "squeeze",
    "if_bad",
    "one_of",
)
_TEXT: Final = ("values", "otherwise", "most")
_TIME: Final = ("formats", "zone", "offset", "within", "known_at")
_MONEY: Final = ("unit", "finer", "exponent")
_ROUNDING: Final = {"refuse": None, "half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
"""What becomes of an amount that is finer than a fen."""
_OF_KIND: Final = {Kind.TEXT: _TEXT, Kind.TIME: _TIME, Kind.DATE: _TIME, Kind.MONEY: _MONEY}
_COUNTED: Final = (Kind.INTEGER, Kind.MONEY, Kind.HUNDREDTHS)
_DIRECTIVE: Final = re.compile(r"%[dmYyHIMSfpjbBzZaA%]")
_PROBE: Final = datetime(2021, 3, 4, 5, 6, 7)  # noqa: DTZ001 -- only to see whether a format can be written


def read_columns(node: Node, missing: frozenset[str]) -> Mapping[str, Column]:
    """All columns by name; ``missing`` are the texts that mean *not given* unless a column says otherwise."""
    columns = {name: _column(name, each, missing) for name, each in node.items()}
    for name, column in columns.items():
        if column.known_at is not None:
            judge = columns.get(column.known_at)
            place = node.need(name).need("known_at")
            if column.kind is not Kind.TIME:
                place.fail("只有 time 列可用 known_at", "only a column of type time can have it")
            if judge is None or judge.kind is not Kind.TIME or judge.known_at is not None:
                place.fail(
                    "须为另一个不带 known_at 的 time 列", "must be another column of type time, itself without known_at"
                )
    return columns


def _column(name: str, node: Node, missing: frozenset[str]) -> Column:
    if not _NAME.fullmatch(name):
        node.fail("名称只能用小写字母、数字和下划线", "names are lower-case letters, digits and underscores")
    if name in ("any", "first"):
        node.fail("此名称另有用途", "this name has another use")
    if not node.is_table:
        return Column(name=name, parts=((node.text(),),), missing=missing)
    kind = Kind(node.maybe("type", lambda n: n.choice(*Kind), Kind.TEXT.value))
    node.table(*_ANY, *_OF_KIND.get(kind, ()))
    values = node.get("values")
    return Column(
        name=name,
        parts=_parts(node),
        joint=node.maybe("joint", Node.any_text, " "),
        kind=kind,
        required=node.maybe("required", Node.flag, default=False),
        optional=node.maybe("optional", Node.flag, default=False),
        missing=node.maybe("missing", Node.any_texts, missing),
        values=None if values is None else {text: each.any_text() for text, each in values.items()},
        otherwise=node.maybe("otherwise", Node.any_text, None),
        one_of=node.maybe("one_of", Node.scalars, None),
        formats=node.maybe("formats", _formats, ("iso",)),
        zone=node.maybe("zone", _zone, SHANGHAI),
        ignore_offset=node.maybe("offset", lambda n: n.choice("honour", "ignore"), "honour") == "ignore",
        within=node.maybe("within", _period, None),
        unit_fen=node.maybe("unit", lambda n: n.choice("yuan", "fen"), "yuan") == "fen",
        rounding=_ROUNDING[node.maybe("finer", lambda n: n.choice(*_ROUNDING), "refuse")],
        exponent=node.maybe("exponent", Node.flag, default=False),
        squeeze=node.maybe("squeeze", Node.flag, default=False),
        most=node.maybe("most", Node.count, None),
        known_at=node.maybe("known_at", Node.text, None),
        bad_is_missing=node.maybe("if_bad", lambda n: n.choice("refuse", "note"), "refuse") == "note",
        headers=node.maybe("headers", Node.pattern, None),
        but=node.maybe("but", Node.pattern, None),
        unfold=node.maybe("unfold", _unfolded, None),
    )


def _unfolded(node: Node) -> Unfolded:
    if node.value is True:
        return Unfolded()
    heads = {name: each.texts() for name, each in node.items()} if node.is_table else {}
    pattern = node.pattern() if isinstance(node.value, str) else None
    if not heads and (pattern is None or pattern.groups != 1):
        node.fail(
            "应为 true（期名）、{ 期名 = 表头 } 或含一个分组的正则表达式",
            "must be true (the span's name), a table of span and header, or a pattern with one group",
        )
    return Unfolded(heads, pattern)


def _parts(node: Node) -> tuple[tuple[str, ...], ...]:
    one, several, headers = node.get("from"), node.get("join"), node.get("headers")
    if [one, several, headers, node.get("unfold")].count(None) != 3:
        node.fail("须有 from、join、headers 或 unfold，四者取一", "needs one of from, join, headers and unfold")
    if headers is None and node.get("but") is not None:
        node.fail("but 只与 headers 同用", "but goes with headers")
    if one is not None:
        return (one.texts(),)
    return tuple(each.texts() for each in several.elements()) if several is not None else ()


def _formats(node: Node) -> tuple[str, ...]:
    for each in node.one_or_more():
        pattern = each.text()
        if pattern == "iso" or pattern in ORDERS:
            continue
        if "%" in _DIRECTIVE.sub("", pattern):
            each.fail("日期格式含有不支持的指令", "the date format has a directive that is not supported")
        try:
            datetime.strptime(_PROBE.strftime(pattern), pattern)  # noqa: DTZ007 -- a trial
        except ValueError:
            each.fail("日期格式有误", "it is not a date format")
        if not any(year in pattern for year in ("%Y", "%y")):
            each.fail("日期格式缺少年份", "the date format has no year")
    return node.texts()


def _zone(node: Node) -> ZoneInfo:
    try:
        return ZoneInfo(node.text())
    except (ZoneInfoNotFoundError, ValueError):
        node.fail("未知的时区", "unknown time zone")


def _period(node: Node) -> tuple[date, date]:
    ends = node.elements()
    if len(ends) != 2:
        node.fail("应为 [首日, 末日]", "must be [first day, last day]")
    first, last = (_day(end) for end in ends)
    if last < first:
        node.fail("末日早于首日", "the last day lies before the first")
    return first, last


def _day(node: Node) -> date:
    if isinstance(node.value, date) and not isinstance(node.value, datetime):
        return node.value
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.fail("应为日期，如 2020-12-31", "must be a day such as 2020-12-31")


# -- columns by their names in the mapping ------------------------------------------------------------------------------


def column_name(node: Node, columns: Mapping[str, Column]) -> str:
    """The name of a column that the mapping has."""
    name = node.text()
    if name not in columns:
        node.fail(f"[columns] 中没有「{name}」", f"[columns] has no “{name}”")
    if columns[name].headers is not None:
        node.fail("代表多列的名称只能用于 each 或 headers", "a name for several columns goes only with each or headers")
    return name


def whole_names(node: Node, columns: Mapping[str, Column]) -> tuple[str, ...]:
    """The names of columns that say one thing of the whole row."""
    names = column_names(node, columns)
    if any(columns[name].unfold is not None for name in names):
        node.fail("不能是逐期展开的列", "cannot be a column that is read once for each span")
    return names


def column_names(node: Node, columns: Mapping[str, Column]) -> tuple[str, ...]:
    """The names of one column or several."""
    return tuple(column_name(each, columns) for each in node.one_or_more())


def counted(node: Node, columns: Mapping[str, Column]) -> str:
    """The name of a column that holds a number."""
    name = column_name(node, columns)
    if columns[name].kind not in _COUNTED:
        node.fail("须为 integer 或 money 列", "must be a column of type integer or money")
    return name
