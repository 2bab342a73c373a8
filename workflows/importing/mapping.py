"""The mapping 映射: a TOML document that says which row of a source is which fact of which case.

::

    [mapping]   name, zh, en
    [source]    delimiter, encodings, missing = ["", "?"], tally = [column, …]
    [columns]   name = "header"  or  name = { from = "header" or ["header", "other name"] | join = ["date", "time"]
                | headers = "pattern" | unfold = true or "pattern" or { span = "header", … }, … }
    [unfold]    names = [span, …]
    [cases]     key, group = "sorted" | "contiguous", order, at, term, backwards = "refuse" | "note"
    [target.x]  kind = "complaints", id = "{key column}"
    [[check]]   sum = column, equals = column
    [[step]]    when = { column = condition, … } | else = true, facts = [{ of = "x", do = "Command", at, opens, when,
                with = { … }, in_state, if_refused }], note = { zh, en }

A row that tells of several spans (a month to a group of columns, say) is unfolded: read once for each span of which it
says anything, in the order of ``names``, else of the header. It is one row all the same.

Every row must be understood by at least one step; what no step knows is a problem, never silence. All of a row's
facts are taken or none. A column with ``known_at`` holds a final value that is repeated on earlier rows: it counts as
not given on every row whose ``known_at`` time lies before it, so that nothing is known before it happened.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping as Table
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflows.importing.columns import column_name, counted, read_columns, whole_names
from workflows.importing.document import MappingInvalid, Node
from workflows.importing.reader import ENCODINGS
from workflows.importing.rules import Step
from workflows.importing.steps import Target, read_steps, template
from workflows.importing.values import Column

__all__ = ["Check", "Mapping", "Order", "load_mapping", "parse_mapping"]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


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
    spans: tuple[str, ...]
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
    root.table("mapping", "source", "columns", "unfold", "cases", "target", "check", "step")
    head = root.need("mapping")
    head.table("name", "zh", "en")
    source = root.get("source") or Node("source", {})
    source.table("delimiter", "encodings", "missing", "tally")
    missing = source.maybe("missing", Node.any_texts, frozenset({""}))
    columns = read_columns(root.need("columns"), missing)
    cases = root.need("cases")
    cases.table("key", "group", "order", "at", "term", "backwards")
    targets = _targets(root.need("target"), columns)
    return Mapping(
        name=head.need("name").text(),
        zh=head.need("zh").text(),
        en=head.need("en").text(),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        delimiter=_delimiter(source),
        encodings=source.maybe("encodings", Node.texts, ENCODINGS),
        columns=columns,
        spans=_spans(root.get("unfold"), columns),
        key=whole_names(cases.need("key"), columns),
        contiguous=cases.maybe("group", lambda n: n.choice("sorted", "contiguous"), "sorted") == "contiguous",
        order=tuple(_order(node, columns) for node in (cases.get("order") or Node("", [])).elements()),
        term=cases.maybe("term", lambda n: column_name(n, columns), None),
        refuse_backwards=cases.maybe("backwards", lambda n: n.choice("refuse", "note"), "refuse") == "refuse",
        tally=source.maybe("tally", lambda n: whole_names(n, columns), ()),
        targets=targets,
        checks=tuple(_check(node, columns) for node in (root.get("check") or Node("", [])).elements()),
        steps=read_steps(root.need("step"), columns, targets, cases.get("at")),
    )


def _spans(node: Node | None, columns: Table[str, Column]) -> tuple[str, ...]:
    """The spans that the mapping names, in order; none: those of the header."""
    if node is None:
        return ()
    node.table("names")
    if all(column.unfold is None for column in columns.values()):
        node.fail("没有逐期展开的列（unfold）", "no column is unfolded")
    return node.need("names").texts()


def _delimiter(source: Node) -> str:
    node = source.get("delimiter")
    if node is None:
        return ","
    if len(node.text()) != 1:
        node.fail("分隔符应为一个字符", "the delimiter is one character")
    return node.text()


def _order(node: Node, columns: Table[str, Column]) -> Order:
    if not node.is_table:
        return Order(_one(node, columns))
    node.table("column", "ranks")
    ranks = {text: rank for rank, text in enumerate(node.need("ranks").texts())}
    return Order(_one(node.need("column"), columns), ranks)


def _one(node: Node, columns: Table[str, Column]) -> str:
    node.text()
    [name] = whole_names(node, columns)
    return name


def _check(node: Node, columns: Table[str, Column]) -> Check:
    node.table("sum", "equals")
    return Check(counted(node.need("sum"), columns), counted(node.need("equals"), columns))


def _targets(node: Node, columns: Table[str, Column]) -> dict[str, Target]:
    found = {}
    for name, each in node.items():
        each.table("kind", "id")
        if not _NAME.fullmatch(name):
            each.fail("名称只能用小写字母、数字和下划线", "names are lower-case letters, digits and underscores")
        found[name] = Target(name, each.need("kind").text(), template(each.need("id"), columns))
    if not found:
        node.fail("至少需要一个目标", "at least one target is needed")
    return found
