"""The mapping 映射: a TOML document that says which row of a source is which fact of which case.

::

    [mapping]   name, zh, en
    [source]    delimiter, encodings, missing = ["", "?"], tally = [column, …]
    [columns]   name = "header"  or  name = { from = "header" or ["header", "other name"] | join = ["date", "time"], … }
    [cases]     key, group = "sorted" | "contiguous", order, at, term, backwards = "refuse" | "note"
    [target.x]  kind = "complaints", id = "{key column}"
    [[check]]   sum = column, equals = column
    [[step]]    when = { column = condition, … }, facts = [{ of = "x", do = "Command", at, opens, when, with = { … } }],
                note = { zh, en }

Every row must be understood by at least one step; what no step knows is a problem, never silence. All of a row's
facts are taken or none. A column with ``known_at`` holds a final value that is repeated on earlier rows: it counts as
not given on every row whose ``known_at`` time lies before it, so that nothing is known before it happened.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from workflows.importing.columns import read_columns
from workflows.importing.document import MappingInvalid, Node
from workflows.importing.reader import ENCODINGS
from workflows.importing.rules import (
    CaseOf,
    Condition,
    Constant,
    Expression,
    FactRule,
    Fixed,
    IsGiven,
    Later,
    Opens,
    Reference,
    Rise,
    Step,
    Template,
    Test,
)
from workflows.importing.values import Column, Kind

__all__ = ["Check", "Mapping", "MappingInvalid", "Order", "Target", "load_mapping", "parse_mapping"]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_COUNTED: Final = (Kind.INTEGER, Kind.MONEY)
_TESTS: Final = (
    "is",
    "not",
    "matches",
    "given",
    "changed",
    "entered",
    "was",
    "was_not",
    "increased",
    "positive",
)


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of case that the source's cases become; ``id`` is the template of the source id."""

    name: str
    kind: str
    id: Template


@dataclass(frozen=True, slots=True)
class Order:
    """One column by which the rows of a case are put in order; with ``ranks``, by the place of its text in them."""

    column: str
    ranks: Table[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A column that states the running sum of another one within a case; a difference is noted."""

    summed: str
    stated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A whole mapping, checked. ``digest`` tells one version of it from another."""

    name: str
    zh: str
    en: str
    digest: str
    delimiter: str
    encodings: tuple[str, ...]
    columns: Table[str, Column]
    key: tuple[str, ...]
    contiguous: bool
    order: tuple[Order, ...]
    term: str | None
    refuse_backwards: bool
    tally: tuple[str, ...]
    targets: Table[str, Target]
    checks: tuple[Check, ...]
    steps: tuple[Step, ...]


def load_mapping(path: Path) -> Mapping:
    """The mapping in a file; raises :class:`MappingInvalid` with the place of what is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise MappingInvalid(
            "mapping-unreadable",
            None,
            zh=f"映射文件「{path.name}」无法读取（应为 UTF-8）",
            en=f"the mapping “{path.name}” cannot be read (it must be UTF-8)",
        ) from None
    return parse_mapping(text)


def parse_mapping(text: str) -> Mapping:
    """The mapping in a text."""
    root = Node.parse(text)
    root.table("mapping", "source", "columns", "cases", "target", "check", "step")
    head = root.need("mapping")
    head.table("name", "zh", "en")
    source = root.get("source") or Node("source", {})
    source.table("delimiter", "encodings", "missing", "tally")
    missing = source.maybe("missing", Node.any_texts, frozenset({""}))
    columns = read_columns(root.need("columns"), missing)
    cases = root.need("cases")
    cases.table("key", "group", "order", "at", "term", "backwards")
    targets = _targets(root.need("target"), columns)
    default_at = cases.get("at")
    return Mapping(
        name=head.need("name").text(),
        zh=head.need("zh").text(),
        en=head.need("en").text(),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        delimiter=_delimiter(source),
        encodings=source.maybe("encodings", Node.texts, ENCODINGS),
        columns=columns,
        key=_names(cases.need("key"), columns),
        contiguous=cases.maybe("group", lambda n: n.choice("sorted", "contiguous"), "sorted") == "contiguous",
        order=tuple(_order(node, columns) for node in (cases.get("order") or Node("", [])).elements()),
        term=cases.maybe("term", lambda n: _name(n, columns), None),
        refuse_backwards=cases.maybe("backwards", lambda n: n.choice("refuse", "note"), "refuse") == "refuse",
        tally=source.maybe("tally", lambda n: _names(n, columns), ()),
        targets=targets,
        checks=tuple(_check(node, columns) for node in (root.get("check") or Node("", [])).elements()),
        steps=_steps(root.need("step"), columns, targets, default_at),
    )


def _delimiter(source: Node) -> str:
    node = source.get("delimiter")
    if node is None:
        return ","
    if len(node.text()) != 1:
        node.fail("分隔符应为一个字符", "the delimiter is one character")
    return node.text()


def _name(node: Node, columns: Table[str, Column]) -> str:
    name = node.text()
    if name not in columns:
        node.fail(f"[columns] 中没有「{name}」", f"[columns] has no “{name}”")
    return name


def _names(node: Node, columns: Table[str, Column]) -> tuple[str, ...]:
    return tuple(_name(each, columns) for each in node.one_or_more())


def _counted(node: Node, columns: Table[str, Column]) -> str:
    name = _name(node, columns)
    if columns[name].kind not in _COUNTED:
        node.fail("须为 integer 或 money 列", "must be a column of type integer or money")
    return name


def _order(node: Node, columns: Table[str, Column]) -> Order:
    if not node.is_table:
        return Order(_name(node, columns))
    node.table("column", "ranks")
    ranks = {text: rank for rank, text in enumerate(node.need("ranks").texts())}
    return Order(_name(node.need("column"), columns), ranks)


def _check(node: Node, columns: Table[str, Column]) -> Check:
    node.table("sum", "equals")
    return Check(_counted(node.need("sum"), columns), _counted(node.need("equals"), columns))


def _targets(node: Node, columns: Table[str, Column]) -> dict[str, Target]:
    found = {}
    for name, each in node.items():
        each.table("kind", "id")
        if not _NAME.fullmatch(name):
            each.fail("名称只能用小写字母、数字和下划线", "names are lower-case letters, digits and underscores")
        found[name] = Target(name, each.need("kind").text(), _template(each.need("id"), columns))
    if not found:
        node.fail("至少需要一个目标", "at least one target is needed")
    return found


# -- steps -----------------------------------------------------------------------------------------------------------


def _steps(
    node: Node, columns: Table[str, Column], targets: Table[str, Target], default_at: Node | None
) -> tuple[Step, ...]:
    steps = []
    for each in node.elements():
        each.table("when", "at", "facts", "note")
        at = each.get("at") or default_at
        facts = [_fact(fact, columns, targets, at) for fact in each.need("facts").elements()]
        note = each.maybe("note", _note, None)
        steps.append(Step(when=_condition(each.get("when"), columns), facts=tuple(facts), note=note))
    if not any(fact.opens is not Opens.NO for step in steps for fact in step.facts):
        node.fail("没有任何记录立案（opens）", "no fact opens a case")
    return tuple(steps)


def _note(node: Node) -> tuple[str, str]:
    node.table("zh", "en")
    return node.need("zh").text(), node.need("en").text()


def _fact(node: Node, columns: Table[str, Column], targets: Table[str, Target], default_at: Node | None) -> FactRule:
    node.table("of", "do", "at", "opens", "when", "with")
    of = node.need("of")
    if of.text() not in targets:
        of.fail(f"没有目标「{of.value}」", f"there is no target “{of.value}”")
    at = node.get("at") or default_at
    if at is None:
        node.fail("未说明发生时间（at）", "it does not say when it happened (at)")
    occurred = _occurred(at, columns)
    for column in occurred.columns:
        if columns[column].kind not in (Kind.TIME, Kind.DATE):
            at.fail("发生时间须为 time 列", "when it happened must be a column of type time")
    fields = {name: _expression(each, columns, targets) for name, each in (node.get("with") or Node("", {})).items()}
    return FactRule(
        of=of.text(),
        do=node.need("do").text(),
        at=occurred,
        opens=_opens(node.get("opens")),
        only=_condition(node.get("when"), columns),
        fields=fields,
    )


def _occurred(node: Node, columns: Table[str, Column]) -> Reference:
    if not node.is_table:
        return Reference(_names(node, columns), must=True)
    if "date" in node.table("first", "plus_days", "date"):
        return Fixed((), must=True, day=_day(node.need("date")))
    first = _names(node.need("first"), columns)
    return Later(first, must=True, days=_counted(node.need("plus_days"), columns))


def _day(node: Node) -> date:
    if not isinstance(node.value, date):
        node.fail("应为日期，如 2024-12-31", "must be a date such as 2024-12-31")
    return node.value


def _opens(node: Node | None) -> Opens:
    if node is None:
        return Opens.NO
    if isinstance(node.value, bool):
        return Opens.YES if node.value else Opens.NO
    return Opens(node.choice(Opens.IF_NEEDED.value))


def _expression(node: Node, columns: Table[str, Column], targets: Table[str, Target]) -> Expression:
    if isinstance(node.value, bool | int):
        return Constant(node.value)
    if isinstance(node.value, str):
        name = node.text()
        plain = Node(node.place, name.removesuffix("!"))
        return Reference((_name(plain, columns),), must=name.endswith("!"))
    keys = tuple(node.table("is", "first", "must", "default", "rise", "given", "text", "case"))
    only = keys[0] if len(keys) == 1 else ""
    if only == "is":
        return Constant(_constant(node.need("is")))
    if only == "rise":
        return Rise(_counted(node.need("rise"), columns))
    if only == "given":
        return IsGiven(_name(node.need("given"), columns))
    if only == "case":
        target = targets.get(node.need("case").text())
        if target is None:
            node.fail("没有这个目标", "there is no such target")
        return CaseOf(target.kind, target.id)
    if only == "text":
        return _template(node.need("text"), columns)
    if "first" not in keys or not set(keys) <= {"first", "must", "default"}:
        node.fail(
            "应为 is、rise、given、text、case 之一，或 first（可带 must、default）",
            "must be one of is, rise, given, text, case, or first (with must or default)",
        )
    default = node.get("default")
    return Reference(
        _names(node.need("first"), columns),
        must=node.maybe("must", Node.flag, default=False),
        default=None if default is None else _constant(default),
    )


def _constant(node: Node) -> str | int | bool:
    if not isinstance(node.value, str | int | bool):
        node.fail("应为文本、整数或 true/false", "must be a text, a whole number, or true/false")
    return node.value


def _template(node: Node, columns: Table[str, Column]) -> Template:
    template = Template(node.text())
    for column in template.columns:
        _name(Node(node.place, column), columns)
    return template


# -- conditions ------------------------------------------------------------------------------------------------------


def _condition(node: Node | None, columns: Table[str, Column]) -> Condition:
    if node is None:
        return Condition()
    tests, either, first, last = [], [], None, None
    for key, each in node.items():
        if key == "any":
            either = [_condition(alternative, columns) for alternative in each.elements()]
        elif key == "first":
            first = each.flag()
        elif key == "last":
            last = each.flag()
        else:
            _name(Node(each.place, key), columns)
            tests.append(_test(key, each, columns))
    return Condition(tests=tuple(tests), either=tuple(either), first=first, last=last)


def _test(column: str, node: Node, columns: Table[str, Column]) -> Test:
    if not node.is_table:
        return Test(column=column, among=node.scalars())
    node.table(*_TESTS)
    for counted in ("increased", "positive"):
        if node.get(counted) is not None:
            _counted(Node(node.place, column), columns)
    increased = node.get("increased")
    if increased is not None and not increased.flag():
        increased.fail("只能为 true", "can only be true")
    return Test(
        column=column,
        among=node.maybe("is", Node.scalars, None),
        not_among=node.maybe("not", Node.scalars, None),
        matches=node.maybe("matches", Node.pattern, None),
        given=node.maybe("given", Node.flag, None),
        changed=node.maybe("changed", Node.flag, None),
        entered=node.maybe("entered", Node.flag, None),
        was=node.maybe("was", Node.scalars, None),
        was_not=node.maybe("was_not", Node.scalars, None),
        increased=increased is not None,
        positive=node.maybe("positive", Node.flag, None),
    )
