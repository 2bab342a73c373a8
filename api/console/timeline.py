"""The timeline 经过: the facts of a case as sentences, each with when it happened, when it was entered, by whom and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from api.console.formatting import clock, on_day, span, weekday
from api.console.people import role_name
from api.console.records import Listed, called, listed, of_record, record_of, word
from api.console.values import Values, words_of
from domain.kernel.calendar import local_date
from domain.kernel.lifecycle.declare import SAME
from domain.kernel.people import Role

if TYPE_CHECKING:
    from api.console.page import Page
    from domain.kernel.fact import Fact
    from domain.kernel.lifecycle.ask import Lifecycle

__all__ = ["Line", "lines"]

_UNSAID: Final = frozenset(
    {
        "round",
        "version",
        "page",
        "origin_kind",
        "origin_item",
        "seed",
        "commitment",
        "secret",
        "number",
        "document",
        "media_type",
        "size",
        "line_mark",
    }
)
"""Fields that say nothing to people beside the sentence they stand in."""
_UNKNOWN: Final = "person-unknown"
"""What is marked in a fact whose names are not all the office's people's."""


@dataclass(frozen=True, slots=True)
class Line:
    """One fact on the page."""

    number: int
    version: int
    day: str
    """The day's heading, where it is another one than the line's before."""
    time: str
    title: str
    details: Markup
    lists: tuple[Listed, ...]
    """What it says in lists, below the sentence."""
    by: str
    clause: str
    why: str
    entered: str
    entered_day: str
    late: str
    css: str
    href: str


def lines(
    page: Page,
    values: Values,
    lifecycle: Lifecycle[Any],
    facts: Sequence[Fact],
    opened: Mapping[int, Mapping[str, Any]],
    upto: int | None,
) -> list[Line]:
    """The facts in the order of the book. ``opened`` holds their data as this reader may see them, by page number."""
    clauses = {row.event: row.clause for row in lifecycle.steps}
    breaches = {breach.event for breach in lifecycle.breaches}
    made: list[Line] = []
    before: Any = None
    known = called([opened[fact.number] for fact in facts])
    for fact in facts:
        on = local_date(fact.occurred_at)
        heading = f"{on_day(on, page.lang, page.now)} {weekday(on, page.lang)}" if on != before else ""
        before = on
        event = type(fact.event)
        turns = lifecycle.targets[event] != SAME
        css = ["bad"] if event in breaches else ["turn"] if turns else []
        css += ["late"] if fact.late is not None else []
        css += ["future"] if upto is not None and fact.number > upto else []
        details, lists = _details(values, event, opened[fact.number], _outsider(page, fact), known)
        made.append(
            Line(
                number=fact.number,
                version=fact.version,
                day=heading,
                time=clock(fact.occurred_at),
                title=page.t(event.ZH, event.EN),
                details=details,
                lists=lists,
                by=_by(page, fact),
                clause=clauses.get(event, lifecycle.clauses),
                why=fact.late_reason or "",
                entered=clock(fact.recorded_at),
                entered_day=_entered_day(page, fact),
                late=_late(page, fact),
                css=" ".join(css),
                href=page.at("case", fact.case_id, as_of=fact.number),
            )
        )
    return made


def _outsider(page: Page, fact: Fact) -> str:
    """That nobody of the office bears a name that it says 外部人员; another system's people were never asked for."""
    if _UNKNOWN not in fact.waived or fact.imported:
        return ""
    return page.t("所写姓名不是在册人员", "a name of nobody on the staff register")


def _details(
    values: Values, event: type, data: Mapping[str, Any], remark: str, known: Mapping[str, str]
) -> tuple[Markup, tuple[Listed, ...]]:
    """What the event says, field by field, and its lists; nothing that is not so."""
    parts, lists = [], []
    for each in fields(event):
        value = data.get(each.name)
        if each.name in _UNSAID or value in (None, "", (), [], False, {}):
            continue
        if each.name == "home" and data.get("household") and values.titles.of(data["household"]).home == value:
            continue  # its household is called by it
        name = values.label(each.name, event.__name__)
        record = record_of(event, each.name)
        if isinstance(value, list):
            found = listed(values, name, record, value, known, each.name)
            if found is not None:
                lists.append(found)
                continue
        said = _said(values, event, each.name, value, record, known)
        if said == "":
            continue
        name = name.removesuffix("次数") if value is True else name
        if value is True:
            parts.append(Markup("{}").format(name))
        elif words_of(said).startswith(name):
            parts.append(Markup("{}").format(said))  # «账单 2025年3月» says itself what it is
        else:
            parts.append(Markup("<i>{}</i> {}").format(name, said.rstrip("。") if isinstance(said, str) else said))
    if remark:
        parts.append(Markup("<i>{}</i>").format(remark))
    between = Markup("；") if values.is_chinese else Markup("; ")
    return between.join(parts), tuple(lists)


def _said(values: Values, event: type, name: str, value: Any, record: type | None, known: Mapping[str, str]) -> Any:
    """One field within the sentence."""
    if record is not None:
        of = value if isinstance(value, list) else [value]
        return values.joined(of_record(values, record, each, known) for each in of)
    return word(values, value, name, known, event.__name__)


def _by(page: Page, fact: Fact) -> str:
    if fact.imported:
        return page.t("据原系统历史导入", "taken over from another system")
    name = page.kit.people.name(fact.user_id, page.lang)
    if not fact.role.is_person or fact.role is Role.POLICY:
        return name
    return page.t(f"{name}（{role_name(fact.role, 'zh')}）", f"{name} ({role_name(fact.role, 'en')})")


def _entered_day(page: Page, fact: Fact) -> str:
    """The day on which it was entered, where that was another one than on which it happened."""
    on = local_date(fact.recorded_at)
    if on == local_date(fact.occurred_at):
        return ""
    return on_day(on, page.lang, page.now)


def _late(page: Page, fact: Fact) -> str:
    if fact.late is None:
        return ""
    length = span(fact.late // 60, page.lang)
    return page.t(f"发生后 {length} 记入", f"entered {length} after it happened")
