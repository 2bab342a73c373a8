"""The ``[[step]]`` tables of a mapping: their conditions, their facts, and what the facts' fields are."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import date
from typing import Final

from workflows.importing.columns import column_name, column_names, counted
from workflows.importing.document import Node
from workflows.importing.expressions import (
    After,
    CaseOf,
    Constant,
    Each,
    Expression,
    Fixed,
    IsGiven,
    Later,
    Least,
    Listed,
    Negated,
    Part,
    Reference,
    Rise,
    Template,
)
from workflows.importing.rules import Condition, FactRule, Opens, Step, Test
from workflows.importing.values import Column, Kind

__all__ = ["Target", "read_steps", "template"]

_TESTS: Final = (
    "is",
    "not",
    "matches",
    "given",
    "changed",
    "entered",
    "was",
    "was_not",
    "was_matches",
    "was_not_matches",
    "increased",
    "positive",
    "negative",
)

_EXPRESSIONS: Final = ("is", "first", "must", "default", "rise", "negated", "after", "days", "given", "text", "case")


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of case that the source's cases become; ``id`` is the template of the source id."""

    name: str
    kind: str
    id: Template


def read_steps(
    node: Node, columns: Table[str, Column], targets: Table[str, Target], default_at: Node | None
) -> tuple[Step, ...]:
    """The steps of a mapping; ``default_at`` says when things happened unless a step says otherwise."""
    steps = []
    for each in node.elements():
        each.table("when", "else", "at", "facts", "note")
        at = each.get("at") or default_at
        facts = [_fact(fact, columns, targets, at) for fact in each.need("facts").elements()]
        note = each.maybe("note", _note, None)
        otherwise = each.maybe("else", Node.flag, default=False)
        when = _condition(each.get("when"), columns)
        steps.append(Step(when=when, facts=tuple(facts), note=note, otherwise=otherwise))
    if not any(fact.opens is not Opens.NO for step in steps for fact in step.facts):
        node.fail("没有任何记录立案（opens）", "no fact opens a case")
    return tuple(steps)


def _note(node: Node) -> tuple[str, str]:
    node.table("zh", "en")
    return node.need("zh").text(), node.need("en").text()


def _fact(node: Node, columns: Table[str, Column], targets: Table[str, Target], default_at: Node | None) -> FactRule:
    node.table("of", "do", "at", "opens", "when", "with", "in_state", "if_refused")
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
        states=node.maybe("in_state", Node.texts, ()),
        lenient=node.maybe("if_refused", lambda n: n.choice("refuse", "note"), "refuse") == "note",
    )


def _occurred(node: Node, columns: Table[str, Column]) -> Reference:
    if not node.is_table:
        return Reference(column_names(node, columns), must=True)
    if "date" in node.table("first", "plus_days", "date"):
        return Fixed((), must=True, day=_day(node.need("date")))
    first = column_names(node.need("first"), columns)
    return Later(first, must=True, days=counted(node.need("plus_days"), columns))


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
        return Reference((column_name(plain, columns),), must=name.endswith("!"))
    if isinstance(node.value, list):
        return Listed(tuple(_each(part, columns) for part in node.elements()))
    keys = tuple(node.table(*_EXPRESSIONS))
    only = keys[0] if len(keys) == 1 else ""
    if only == "is":
        return Constant(_constant(node.need("is")))
    if only == "rise":
        return Rise(counted(node.need("rise"), columns))
    if only == "negated":
        return Negated(counted(node.need("negated"), columns))
    if set(keys) == {"after", "days"}:
        return After(_dated(node.need("after"), columns), node.need("days").whole())
    if only == "given":
        return IsGiven(column_name(node.need("given"), columns))
    if only == "case":
        target = targets.get(node.need("case").text())
        if target is None:
            node.fail("没有这个目标", "there is no such target")
        return CaseOf(target.kind, target.id)
    if only == "text":
        return template(node.need("text"), columns)
    if "first" not in keys or not set(keys) <= {"first", "must", "default"}:
        node.fail(
            "应为 is、rise、negated、given、text、case 之一，after 与 days，或 first（可带 must、default）",
            "must be one of is, rise, negated, given, text, case, or after with days, or first (with must or default)",
        )
    default = node.get("default")
    return Reference(
        column_names(node.need("first"), columns),
        must=node.maybe("must", Node.flag, default=False),
        default=None if default is None else _constant(default),
    )


def _dated(node: Node, columns: Table[str, Column]) -> str:
    name = column_name(node, columns)
    if columns[name].kind not in (Kind.TIME, Kind.DATE):
        node.fail("须为 time 或 date 列", "must be a column of type time or date")
    return name


def _each(node: Node, columns: Table[str, Column]) -> Each:
    node.table("each", "headers", "give")
    several, heads = node.get("each"), node.get("headers")
    of = several or heads
    if of is None or (several is not None and heads is not None):
        node.fail("须有 each 或 headers，二者取一", "needs either each or headers")
    column = columns.get(of.text())
    if column is None or column.headers is None:
        of.fail("须为以 headers 说明的多列", "must be several columns, said by headers")
    give = {name: _given(part) for name, part in node.need("give").items()}
    return Each(column.name, give, all_heads=heads is not None)


def _given(node: Node) -> Part | Least | Constant:
    if isinstance(node.value, str):
        return Part(node.choice(*Part))
    if isinstance(node.value, dict) and "least" in node.table("least", "is"):
        return Least(node.need("least").whole())
    return Constant(_constant(node if not isinstance(node.value, dict) else node.need("is")))


def _constant(node: Node) -> str | int | bool:
    if not isinstance(node.value, str | int | bool):
        node.fail("应为文本、整数或 true/false", "must be a text, a whole number, or true/false")
    return node.value


def template(node: Node, columns: Table[str, Column]) -> Template:
    """A text with columns in it."""
    template = Template(node.text())
    for column in template.columns:
        column_name(Node(node.place, column), columns)
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
            column_name(Node(each.place, key), columns)
            tests.append(_test(key, each, columns))
    return Condition(tests=tuple(tests), either=tuple(either), first=first, last=last)


def _test(column: str, node: Node, columns: Table[str, Column]) -> Test:
    if not node.is_table:
        return Test(column=column, among=node.scalars())
    node.table(*_TESTS)
    for number in ("increased", "positive", "negative"):
        if node.get(number) is not None:
            counted(Node(node.place, column), columns)
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
        was_matches=node.maybe("was_matches", Node.pattern, None),
        was_not_matches=node.maybe("was_not_matches", Node.pattern, None),
        increased=increased is not None,
        positive=node.maybe("positive", Node.flag, None),
        negative=node.maybe("negative", Node.flag, None),
    )
