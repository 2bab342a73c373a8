"""Today 今日: what the office owes, most urgent first, each with the clause it rests on and one click to act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response

from api.console.figures import Figure, monthly
from api.console.formatting import clock, day, instant, left, weekday
from api.console.navigation import leads_to
from api.console.next_step import fulfilling
from api.console.own_pages import acted_at
from api.console.page import Kit, Page, office_page
from api.console.people import role_name
from api.console.today_stream import stream_route
from api.console.values import Values
from api.routes.actions import offered
from api.routes.deadlines import Due, horizon
from api.routes.tasks import tasks_of
from domain.cases import BY_KIND
from domain.kernel.calendar import local_date, start_of_day
from domain.kernel.fact import Command, Fact
from domain.kernel.people import Role
from domain.residents.reading import PersonalDataRead
from journal.book import Book

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["Task", "act_of", "routes", "shown"]

_MOST_SHOWN: Final = 40
"""Tasks of one group on the page; the deadlines register has all of them."""
_MOST_COUNTED: Final = 1_000
_ALIKE: Final = 3
_FOLDED: Final = 6
"""From so many tasks on that say the same the first of them are shown, and the rest is one line that leads to them."""
_RECENT: Final = 8
_A_LOOK, _LOOKS = 100, 4
"""Facts of one look back, and how often it is looked further: for days on end only the program may have written."""
_DUE: Final = (Due.OVERDUE, Due.TODAY, Due.THIS_WEEK)
_COUNTED: Final = """
select w.place, (select count(*) from wuye.r_deadlines d
                  where d.office = %(office)s and d.to_number is null and d.role <> 'clock'
                    and (w.since is null or d.due_at >= w.since) and (w.until is null or d.due_at < w.until))
  from unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) with ordinality w(since, until, place)
"""
_COUNTS: Final = """
select (select count(*) from wuye.r_complaints where office = %(office)s and to_number is null and open),
       (select count(*) from wuye.r_repair_orders where office = %(office)s and to_number is null and open),
       (select coalesce(sum(keys_out), 0) from wuye.r_vacant_homes where office = %(office)s and to_number is null and open),
       (select count(*) from wuye.r_vacant_homes where office = %(office)s and to_number is null and open
          and (last_inspected_on is null or last_inspected_on < %(month)s)),
       (select count(*) from wuye.r_vacant_homes where office = %(office)s and to_number is null and open)
"""


def routes(kit: Kit) -> list[Route]:
    """The page; its counters are told as they change, or ask for themselves again."""
    return [
        office_page(kit, "/today", _page),
        office_page(kit, "/today/counts", _counts_alone),
        stream_route(kit, _said_counts),
    ]


@dataclass(frozen=True, slots=True)
class Task:
    """One task on the page."""

    due: str
    left: str
    css: str
    text: str
    title: str
    home: str
    who: str
    mine: bool
    clause: str
    href: str
    act: str
    act_href: str


def _page(page: Page) -> Response:
    mine = page.query("of") == "me"
    owed = _owed(page)
    groups = [
        _group(page, owed, Due.OVERDUE, page.t("已逾期", "Overdue"), "u-late", "", mine=mine),
        _group(page, owed, Due.TODAY, page.t("今天", "Today"), "", _today(page), mine=mine),
        _group(page, owed, Due.THIS_WEEK, page.t("本周", "This week"), "", _until_sunday(page), mine=mine),
    ]
    return page.show(
        "today.html",
        groups=groups,
        mine=mine,
        counts=_counts(page, {due: len(found) for due, found in owed.items()}),
        said=_sentence(page, groups),
        month=f"{local_date(page.now).month}月" if page.lang == "zh" else local_date(page.now).strftime("%B"),
        figures=_figures(page),
        recent=list(_recent(page)),
        receives=leads_to(page, "reception"),
        done=page.query("done") if page.query("done").isdecimal() else "",
        all_tasks=page.at("registers", "deadlines", view="all", sort="due_at"),
    )


def _counts_alone(page: Page) -> Response:
    return page.show("today_counts.html", counts=_counts(page, _counted(page)))


def _said_counts(page: Page) -> bytes:
    """The counters alone, as a script puts them in: class, number and unit of each, in their order."""
    made = [[each["css"], f"{each['number']:,}", each["unit"]] for each in _counts(page, _counted(page))]
    return msgspec.json.encode(made)


def _figures(page: Page) -> list[Figure]:
    """The figures with a target, this month."""
    return [figure for figure in monthly(page) if figure.target]


# -- tasks -----------------------------------------------------------------------------------------------------------


Owed = Mapping[Due, list[dict[str, Any]]]


def _owed(page: Page) -> Owed:
    """What the office owes, asked for once: what is today's is of this week."""
    late, week = (
        tasks_of(page.context, [page.office], due, None, None, _MOST_COUNTED)[0] for due in (Due.OVERDUE, Due.THIS_WEEK)
    )
    until = horizon(Due.TODAY, page.now)[1]
    today = [task for task in week if until is None or task["due_at"] < until]
    return {Due.OVERDUE: late, Due.TODAY: today, Due.THIS_WEEK: week}


def _counted(page: Page) -> Mapping[Due, int]:
    """How much that is, without the tasks."""
    spans = [horizon(due, page.now) for due in _DUE]
    asked = {"office": page.office, "since": [since for since, _ in spans], "until": [until for _, until in spans]}
    with page.connect() as connection:
        rows = dict(connection.execute(_COUNTED, asked).fetchall())
    return {due: min(rows[place], _MOST_COUNTED) for place, due in enumerate(_DUE, 1)}


def _group(page: Page, owed: Owed, due: Due, title: str, css: str, note: str, *, mine: bool) -> dict[str, Any]:
    found = owed[due]
    if due is Due.THIS_WEEK:  # what is today's stands there
        today = {(task["case_id"], task["task"]) for task in owed[Due.TODAY]}
        found = [task for task in found if (task["case_id"], task["task"]) not in today]
    kept = [task for task in found if not mine or _is_mine(page, task)]
    first, alike = _folded(page, kept)
    return {
        "id": {Due.OVERDUE: "overdue", Due.TODAY: "today"}.get(due, "week"),
        "title": title,
        "css": css if kept else "",
        "note": note,
        "count": len(kept),
        "mine": sum(_is_mine(page, task) for task in found),
        "all": len(found),
        "tasks": list(shown(page, first[:_MOST_SHOWN])),
        "alike": alike,
        "more": max(len(first) - _MOST_SHOWN, 0),
    }


def _folded(page: Page, tasks: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[tuple[str, int, str]]]:
    """The tasks without the many that say the same as others, and these as lines: what, how many more, where they are."""
    counts = Counter((task["case_kind"], task["task"]) for task in tasks)
    seen: Counter[tuple[str, str]] = Counter()
    first, alike = [], []
    for task in tasks:
        kind = task["case_kind"], task["task"]
        seen[kind] += 1
        if counts[kind] < _FOLDED or seen[kind] <= _ALIKE:
            first.append(task)
        if counts[kind] >= _FOLDED and seen[kind] == _ALIKE:
            asked = {"view": "all", "case_kind": kind[0], "kind": kind[1], "sort": "due_at"}
            where = page.at("registers", "deadlines", **asked)
            alike.append((page.begins(task["zh"], task["en"]), counts[kind] - _ALIKE, where))
    return first, alike


def _is_mine(page: Page, task: Mapping[str, Any]) -> bool:
    """Named, it is that person's; else of whoever has the role."""
    if task["person"] is not None:
        return bool(task["person"] == page.identity.user_id)
    return any(role.value == task["role"] for role in page.roles)


def shown(page: Page, tasks: Iterable[Mapping[str, Any]]) -> Iterator[Task]:
    """Tasks as the page shows them."""
    tasks = list(tasks)
    values = Values(page)
    values.expect([task["case_id"] for task in tasks])
    for task in tasks:
        case_id = task["case_id"]
        title = values.titles.of(case_id)
        act = act_of(page, task)
        over = task["overdue"]
        soon = not over and (task["due_at"] - page.now) < timedelta(days=1)
        who = (
            page.kit.people.name(task["person"], page.lang)
            if task["person"]
            else role_name(Role(task["role"]), page.lang)
        )
        yield Task(
            due=instant(task["due_at"], page.lang, page.now, ends=True, near=True),
            left=left(task["due_at"], page.lang, page.now),
            css="st-late" if over else "st-soon" if soon else "",
            text=page.begins(task["zh"], task["en"]),
            title=title.text.removesuffix(title.home or "").strip(),
            home=title.home or "",
            who=who,
            mine=_is_mine(page, task),
            clause=task["clause"],
            href=page.at("case", case_id),
            act=page.t(act.ZH, act.EN) if act is not None else "",
            act_href=acted_at(page, act, case_id) if act is not None else "",
        )


def act_of(page: Page, task: Mapping[str, Any]) -> type[Command] | None:
    """The action that does what is owed, if the table lets this person do it in this state."""
    lifecycle = BY_KIND[task["case_kind"]]
    gives = next((row.gives.__name__ for row in lifecycle.deadlines if row.kind == task["task"]), "")
    mine = set(page.roles)
    open_ = [
        command
        for command in offered(lifecycle)[1]
        if any(not mine.isdisjoint(row.who) for row in lifecycle.open_to(task["state"], command))
    ]
    return fulfilling(lifecycle, gives, task["state"], open_)


# -- words -----------------------------------------------------------------------------------------------------------


def _today(page: Page) -> str:
    on = local_date(page.now)
    return f"{day(on, page.lang, page.now)} {weekday(on, page.lang)}"


def _until_sunday(page: Page) -> str:
    on = local_date(page.now)
    sunday = on + timedelta(days=7 - on.isoweekday())
    said = f"{day(sunday, page.lang, page.now)} {weekday(sunday, page.lang)}"
    return page.t(f"到 {said}", f"until {said}")


def _sentence(page: Page, groups: list[dict[str, Any]]) -> str:
    over, today, week = (group["count"] for group in groups)
    if not over and not today and not week:
        return page.t("没有逾期，本周也没有到期的事。", "Nothing is overdue, and nothing falls due this week.")
    first = next((group["tasks"][0] for group in groups[1:] if group["tasks"]), None)
    zh = (f"{over} 件已逾期" if over else "没有逾期") + (
        f"，今天还有 {today} 件到期" if today else "，今天没有到期的事"
    )
    en = (f"{over} overdue" if over else "Nothing is overdue") + (
        f", {today} more due today" if today else ", nothing more today"
    )
    if first is not None:
        zh += f"；下一件在{first.due}"
        en += f"; the next at {first.due}"
    return page.t(f"{zh}。", f"{en}.")


def _counts(page: Page, owed: Mapping[Due, int]) -> list[dict[str, Any]]:
    """What is counted all day long, each a link to what it counts."""
    month = local_date(page.now).replace(day=1)
    with page.connect() as connection:
        row = connection.execute(_COUNTS, {"office": page.office, "month": month}).fetchone()
    assert row is not None
    complaints, repairs, keys, unseen, homes = row
    made = (
        (
            "u-late" if owed[Due.OVERDUE] else "",
            owed[Due.OVERDUE],
            page.t("件", ""),
            page.t("已逾期", "overdue"),
            "#overdue",
        ),
        (
            "u-soon" if owed[Due.TODAY] else "",
            owed[Due.TODAY],
            page.t("件", ""),
            page.t("今天到期", "due today"),
            "#today",
        ),
        ("", owed[Due.THIS_WEEK], page.t("件", ""), page.t("本周到期", "due this week"), "#week"),
        ("", complaints, page.t("件", ""), page.t("未结投诉", "open complaints"), page.at("registers", "complaints")),
        ("", repairs, page.t("单", ""), page.t("未结维修", "open repairs"), page.at("registers", "repair-orders")),
        ("", keys, page.t("把", ""), page.t("钥匙在外", "keys out"), page.at("keys")),
        (
            "",
            unseen,
            page.t(f"/ {homes} 套", f"of {homes}"),
            page.t("空房本月未查", "homes not inspected"),
            page.at("homes"),
        ),
    )
    return [dict(zip(("css", "number", "unit", "text", "href"), each, strict=True)) for each in made]


def _by_people(book: Book) -> list[Fact]:
    """What people wrote last, newest first: mostly the first look back finds enough of it."""
    head, found = book.head(), list[Fact]()
    until = head.number if head is not None else 0
    for _ in range(_LOOKS):
        since = max(until - _A_LOOK, 0)
        facts = reversed(book.readable(since, until - since))
        found += [fact for fact in facts if fact.role.is_person and not isinstance(fact.event, PersonalDataRead)]
        if len(found) >= _RECENT or since == 0:
            break
        until = since
    return found


def _recent(page: Page) -> Iterator[dict[str, str]]:
    """The newest facts that people made, newest first."""
    with page.connect() as connection:
        wanted = _by_people(Book(connection, page.office))[:_RECENT]
    values = Values(page)
    values.expect([fact.case_id for fact in wanted])
    begins = start_of_day(local_date(page.now))
    for fact in wanted:
        title = values.titles.of(fact.case_id)
        at = (
            clock(fact.occurred_at)
            if fact.occurred_at >= begins
            else day(local_date(fact.occurred_at), page.lang, page.now)
        )
        yield {
            "at": at,
            "text": f"{page.t(fact.event.ZH, fact.event.EN)}{page.t('：', ': ')}{title.whole}",
            "href": page.at("case", fact.case_id),
        }
