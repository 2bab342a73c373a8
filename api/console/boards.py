"""Boards 看板: the open cases of a kind by where they stand, each with what it waits for, until when, and who must act.

Any kind of case has its board: the columns are the table's states, in its order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from api.console.figures import measured
from api.console.formatting import instant, left, money, period
from api.console.next_step import fulfilling
from api.console.own_pages import acted_at
from api.console.page import Kit, Page, office_page
from api.console.people import role_name
from api.console.registers import openings
from api.console.standards import BY_SLUG
from api.console.values import Values
from api.routes.actions import offered
from domain.cases import BY_PATH
from domain.kernel.errors import NotFound
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.people import Role
from projections.engine.choices import choice_pairs_of
from projections.engine.standard import AsOf

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["Card", "Column", "columns", "routes"]

_MOST: Final = 30
"""Cards of one column; the register has all."""
_SAID: Final[Mapping[str, tuple[str, ...]]] = {
    "debt-cases": ("outstanding_fen", "unpaid_bills", "category"),
    "follow-ups": ("round", "visitor", "appointed_at"),
}
"""What a card says beside title, home and deadline."""
_DUE: Final = """
select distinct on (d.case_id) d.case_id, d.line, d.due_at, d.missed_at, d.zh, d.en, d.role, coalesce(a.person, d.person), d.gives
  from wuye.r_deadlines d left join wuye.r_assignments a
    on a.office = d.office and a.of_case = d.case_id and a.task = d.line and a.to_number is null and a.open
 where d.office = %s and d.case_id = any(%s) and d.to_number is null and d.role <> 'clock' order by d.case_id, d.due_at
"""


def routes(kit: Kit) -> list[Route]:
    """Two boards that have a place of their own, and one for any kind."""
    return [
        office_page(kit, "/arrears", _arrears),
        office_page(kit, "/visits", _visits),
        office_page(kit, "/board/{path}", _any),
    ]


@dataclass(frozen=True, slots=True)
class Card:
    """One case."""

    href: str
    title: str
    home: str
    said: str
    waits: str
    due: str
    left: str
    css: str
    who: str
    act: str
    act_href: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """One state with its open cases."""

    state: str
    text: str
    cards: list[Card]
    count: int
    href: str
    sum: str


def columns(page: Page, lifecycle: Lifecycle[Any]) -> list[Column]:
    """The board of a kind: its states that have open cases, in the table's order."""
    register = page.context.registers.by_name[lifecycle.path]
    names = {column.name for column in register.columns}
    shown = [name for name in _SAID.get(lifecycle.path, ()) if name in names]
    extra = "".join(f", {name}" for name in (*shown, *(n for n in ("home", "household") if n in names)))
    wanted = [*shown, *(n for n in ("home", "household") if n in names)]
    total = "sum(outstanding_fen)" if "outstanding_fen" in names else "0"
    with page.connect() as connection:
        counts = connection.execute(
            f"select state, count(*), {total} from wuye.{register.table}"
            " where office = %s and to_number is null and open group by 1".encode(),
            [page.office],
        ).fetchall()
        rows = connection.execute(
            f"select case_id, state{extra} from (select *, row_number() over (partition by state order by opened_at, case_id) n"
            f" from wuye.{register.table} where office = %s and to_number is null and open) every where n <= {_MOST}".encode(),
            [page.office],
        ).fetchall()
        ids = [row[0] for row in rows]
        due = {row[0]: row[1:] for row in connection.execute(_DUE, [page.office, ids])}
    values = Values(page)
    values.expect([list(row) for row in rows])
    choices = choice_pairs_of(register)
    found: dict[str, list[Card]] = {}
    for case_id, state, *more in rows:
        row = dict(zip(wanted, more, strict=True))
        parts = [(values.label(n, register.row.__name__), values.plain(row[n], n, choices.get(n))) for n in shown]
        said = "　".join(f"{label} {word}" for label, word in parts if word)
        found.setdefault(state, []).append(_card(page, lifecycle, values, case_id, state, row, said, due.get(case_id)))
    numbers = {state: (count, total) for state, count, total in counts}
    made = []
    for state, pair in lifecycle.states.items():
        if state in numbers:
            count, fen = numbers[state]
            cards = sorted(found.get(state, []), key=lambda card: (card.at is None, card.at))
            href = page.at("registers", lifecycle.path, view="open", state=state)
            made.append(Column(state, page.begins(*pair), cards, count, href, money(int(fen)) if fen else ""))
    return made


def _card(
    page: Page,
    lifecycle: Lifecycle[Any],
    values: Values,
    case_id: str,
    state: str,
    row: Mapping[str, Any],
    said: str,
    due: tuple[Any, ...] | None,
) -> Card:
    title = values.titles.of(case_id)
    home = row.get("home") or (values.plain(values.home_of(row["household"])) if row.get("household") else "") or ""
    text = title.text.removesuffix(home).strip() if home else title.text
    common = {"href": page.at("case", case_id), "title": text, "home": home, "said": said}
    if due is None:
        return Card(**common, waits="", due="", left="", css="", who="", act="", act_href="", at=None)
    _line, due_at, missed_at, zh, en, role, person, gives = due
    over = missed_at is not None or due_at <= page.now
    soon = not over and (due_at - page.now).total_seconds() < 86_400
    mine = set(page.roles)
    open_ = [
        command
        for command in offered(lifecycle)[1]
        if any(not mine.isdisjoint(step.who) for step in lifecycle.open_to(state, command))
    ]
    act = fulfilling(lifecycle, gives, state, open_)
    return Card(
        **common,
        waits=page.begins(zh, en),
        due=instant(due_at, page.lang, page.now, ends=True, near=True),
        left=left(due_at, page.lang, page.now),
        css="st-late" if over else "st-soon" if soon else "",
        who=page.kit.people.name(person, page.lang) if person else role_name(Role(role), page.lang),
        act=page.t(act.ZH, act.EN) if act is not None else "",
        act_href=acted_at(page, act, case_id) if act is not None else "",
        at=due_at,
    )


def _board(page: Page, lifecycle: Lifecycle[Any], title: str, figures: tuple[str, ...] = (), **more: Any) -> Response:
    found = columns(page, lifecycle)
    standards = [BY_SLUG[slug] for slug in figures if slug in BY_SLUG]
    return page.show(
        "board.html",
        title=title,
        columns=found,
        total=sum(column.count for column in found),
        register=page.at("registers", lifecycle.path),
        opening=openings(page, lifecycle),
        figures=measured(page, standards, None, None, AsOf()) if standards else [],
        **({"sample": None, "more": []} | more),
    )


def _arrears(page: Page) -> Response:
    return _board(
        page,
        BY_PATH["debt-cases"],
        page.t("欠费追讨", "Arrears"),
        ("collection-rate-by-amount", "dunning-notices-on-time"),
        more=[(page.at("arrears", "letters"), page.t("应发催款通知", "Notices due"))],
    )


def _visits(page: Page) -> Response:
    """With the week's sample: which repairs were drawn, by a draw that anybody can repeat."""
    with page.connect() as connection:
        row = connection.execute(
            "select case_id, week, population, chosen, rate, as_committed, drawn_at from wuye.r_weekly_samples"
            " where office = %s and to_number is null and drawn_at is not null order by monday desc limit 1",
            [page.office],
        ).fetchone()
    sample = None
    if row is not None:
        sample = {
            "href": page.at("case", row[0]),
            "week": period(row[1], page.lang),
            "population": row[2],
            "chosen": row[3],
            "rate": row[4],
            "proved": row[5],
            "at": instant(row[6], page.lang, page.now),
        }
    slugs = ("complaint-follow-up-rate", "repair-follow-up-rate", "records-filed-in-time")
    return _board(page, BY_PATH["follow-ups"], page.t("回访", "Follow-ups"), slugs, sample=sample)


def _any(page: Page) -> Response:
    lifecycle = BY_PATH.get(page.request.path_params["path"])
    register = page.context.registers.by_name.get(lifecycle.path) if lifecycle is not None else None
    if lifecycle is None or register is None or "open" not in {column.name for column in register.columns}:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    return _board(page, lifecycle, page.begins(lifecycle.zh, lifecycle.en))
