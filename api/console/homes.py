"""Vacant homes and keys 空房与钥匙: which key hangs where and who has which; this month's inspections on the building."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from api.console.actions import given
from api.console.figures import measured
from api.console.find import wanted
from api.console.form_values import Written, read
from api.console.form_view import form_view
from api.console.formatting import day, instant, left
from api.console.inspection_photos import check_photos, file_photos
from api.console.page import Form, Kit, Page, office_page
from api.console.registers import openings
from api.console.standards import BY_SLUG, gauge_of
from api.console.values import Values
from api.routes.actions import checked_id
from api.routes.money import settings_of
from domain.cases import BY_PATH
from domain.homes.vacant_home.commands.vacancy import InspectHome, wanted_of
from domain.homes.vacant_home.events import HomeInspected
from domain.kernel.calendar import local_date
from domain.kernel.errors import Refusal
from domain.kernel.spelling import canonical
from domain.kernel.words import choice_names
from domain.rounds.rectification.events import Severity
from projections.engine import standard as measure
from projections.engine.standard import AsOf

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]

_USUAL: Final = ("门窗", "墙面", "地面", "水路", "电路", "卫生")
"""What is looked at in a home that was never inspected."""
_MOST: Final = 2_000
_HOMES: Final = """
select case_id, home, kind, area, last_inspected_on, inspection_due_at, open_defects, taken_over_on, keys_out
  from wuye.r_vacant_homes where office = %s and to_number is null and open order by home limit 2000
"""
_CABINET: Final = 60
"""Homes of one page of the cabinet."""
_OPEN_KEYS: Final = """
from wuye.r_keys where office = %(office)s and to_number is null and open and position(%(words)s in home) > 0
"""
_KEYS: Final = f"""
select case_id, home, number, key_class, count, condition, custody, since, loan from (
  select *, dense_rank() over (order by home, case_id) as place {_OPEN_KEYS}) every
 where place > %(start)s and place <= %(start)s + {_CABINET} order by place, number
"""
_KEYS_COUNTED: Final = f"select coalesce(sum(count), 0), count(distinct case_id) {_OPEN_KEYS}"
_LOANS: Final = """
select case_id, borrower, organisation, expected_return, missed_at, state, keys from wuye.r_key_loans
 where office = %s and to_number is null and open order by expected_return nulls last limit 500
"""


def routes(kit: Kit) -> list[Route]:
    """The key cabinet, the homes, and the inspection of one."""
    return [
        office_page(kit, "/keys", _cabinet),
        office_page(kit, "/homes", _homes),
        office_page(kit, "/inspect/{case_id:path}", _inspect, ("GET", "POST")),
    ]


# -- keys ------------------------------------------------------------------------------------------------------------


def _cabinet(page: Page) -> Response:
    words = wanted(page)
    start = int(page.query("from")[:6]) if page.query("from").isdecimal() else 0
    asked = {"office": page.office, "words": words, "start": start}
    with page.connect() as connection:
        keys = connection.execute(_KEYS, asked).fetchall()
        total, of = connection.execute(_KEYS_COUNTED, asked).fetchone() or (0, 0)
        names = ("case_id", "borrower", "organisation", "expected_return", "missed_at", "state", "keys")
        loans = [dict(zip(names, row, strict=True)) for row in connection.execute(_LOANS, [page.office])]
    page.reader.open(loans, "key-loans")
    by_id = {loan["case_id"]: loan for loan in loans}
    values = Values(page)
    homes: dict[str, dict[str, Any]] = {}
    for case_id, home, number, key_class, count, condition, custody, since, loan in keys:
        lent = by_id.get(loan) if loan else None
        over = lent is not None and _is_over(page, lent)
        hook = {
            "number": number,
            "kind": values.plain(key_class, "key_class"),
            "count": count,
            "condition": values.plain(condition, "condition") if condition != "good" else "",
            "custody": values.plain(custody, "custody"),
            "css": "st-late" if over or custody == "missing" else "st-run" if custody == "lent" else "st-done",
            "since": day(local_date(since), page.lang, page.now),
            "who": _who(page, lent) if lent is not None else "",
            "href": page.at("case", loan) if loan else "",
        }
        found = homes.setdefault(
            case_id,
            {"home": home, "href": page.at("case", case_id), "case_id": case_id, "hooks": [], "kept": []},
        )
        found["hooks"].append(hook)
        if custody == "kept":
            found["kept"].append(number)
    for found in homes.values():
        known = {"vacant_home": found["case_id"], "keys": "\n".join(found["kept"])}
        found["lend"] = page.at("open", "key-loans", "request-key-loan", **known) if found["kept"] else ""
    out = [_loan(page, values, loan) for loan in loans]
    return page.show(
        "keys.html",
        homes=list(homes.values()),
        out=out,
        total=int(total),
        words=words,
        start=start,
        of=of,
        before=page.here(**{"from": max(start - _CABINET, 0)}) if start else "",
        after=page.here(**{"from": start + _CABINET}) if of > start + _CABINET else "",
        late=sum(each["css"] == "st-late" for each in out),
        opening=openings(page, BY_PATH["key-loans"]),
        register=page.at("registers", "key-loans"),
    )


def _is_over(page: Page, loan: Mapping[str, Any]) -> bool:
    expected = loan["expected_return"]
    return loan["missed_at"] is not None or (expected is not None and expected <= page.now)


def _who(page: Page, loan: Mapping[str, Any]) -> str:
    named = "　".join(word for word in (loan["borrower"], loan["organisation"]) if word)
    return named or page.t("未写明", "not said")


def _loan(page: Page, values: Values, loan: Mapping[str, Any]) -> dict[str, Any]:
    lifecycle = BY_PATH["key-loans"]
    over = _is_over(page, loan)
    expected = loan["expected_return"]
    return {
        "href": page.at("case", loan["case_id"]),
        "who": _who(page, loan),
        "keys": loan["keys"],
        "state": page.t(*lifecycle.states[loan["state"]]),
        "due": instant(expected, page.lang, page.now, ends=True, near=True) if expected else "",
        "left": left(expected, page.lang, page.now) if expected else "",
        "css": "st-late" if over else "st-run",
        "number": values.plain(loan["keys"]),
    }


# -- homes -----------------------------------------------------------------------------------------------------------


def _homes(page: Page) -> Response:
    with page.connect() as connection:
        rows = connection.execute(_HOMES, [page.office]).fetchall()
    first = local_date(page.now).replace(day=1)
    cells = [_cell(page, row, first) for row in rows]
    buildings: dict[str, list[dict[str, Any]]] = {}
    for cell in cells:
        buildings.setdefault(cell["building"], []).append(cell)
    integrity = measured(page, [BY_SLUG["vacancy-integrity-rate"]], first, None, AsOf())[0]
    monthly = measured(page, [BY_SLUG["vacancy-inspection-rate"]], first, None, AsOf())[0]
    with page.connect() as connection:
        low = measure.cases(connection, page.context.registers, integrity.reading, "missed", limit=_MOST)
    values = Values(page)
    values.expect([case_id for _, case_id, _ in low])
    waiting = [cell for cell in cells if cell["css"] == "wy-cell-due"]
    return page.show(
        "homes.html",
        buildings=[{"name": name, "cells": found} for name, found in sorted(buildings.items())],
        counts={
            css: sum(cell["css"] == css for cell in cells)
            for css in ("wy-cell-ok", "wy-cell-new", "wy-cell-due", "wy-cell-bad")
        },
        total=len(cells),
        integrity=integrity,
        gauge=gauge_of(integrity),
        monthly=monthly,
        low=[values.case(case_id) for _, case_id, _ in low[:40]],
        next=waiting[0] if waiting else None,
        register=page.at("registers", "vacant-homes"),
        opening=openings(page, BY_PATH["vacant-homes"]),
        month=page.t(f"{first.month}月", first.strftime("%B")),
    )


def _cell(page: Page, row: Sequence[Any], first: Any) -> dict[str, Any]:
    case_id, home, _kind, _area, inspected, due_at, defects, taken_over, _out = row
    if defects:
        css, mark, word = "wy-cell-bad", page.t("修", "!"), page.t("有问题未解决", "a defect is open")
    elif inspected is not None and inspected >= first:
        css, mark, word = "wy-cell-ok", page.t("查", "✓"), page.t("本月已查，完好", "inspected, intact")
    elif taken_over is not None and taken_over >= first:
        css, mark, word = "wy-cell-new", page.t("接", "+"), page.t("本月接管，完好", "taken over this month")
    else:
        css, mark, word = "wy-cell-due", page.t("待", "○"), page.t("本月未查", "not inspected yet")
    building, _, number = home.rpartition("-")
    return {
        "case_id": case_id,
        "home": home,
        "building": building,
        "number": number,
        "css": css,
        "mark": mark,
        "word": word,
        "due": instant(due_at, page.lang, page.now, ends=True) if due_at else "",
        "href": page.at("inspect", case_id) if css in ("wy-cell-due", "wy-cell-new") else page.at("case", case_id),
    }


# -- one inspection ----------------------------------------------------------------------------------------------------


def _inspect(page: Page) -> Response:
    case_id = page.request.path_params["case_id"]
    lifecycle = BY_PATH["vacant-homes"]
    checked_id(lifecycle, case_id)
    case, facts = page.context.handler.history(page.office, case_id)
    page.began = case.round_began_at or case.opened_at
    before = next((f for f in reversed(facts) if isinstance(f.event, HomeInspected)), None)
    items = [each.item for each in before.event.checklist] if before and isinstance(before.event, HomeInspected) else []
    listed = wanted_of(settings_of(page.context, page.office, None).at(local_date(page.now)).text("vacancy.checklist"))
    items = list({canonical(each): each for each in (*listed, *(items or (() if listed else _USUAL)))}.values())
    action = page.at("inspect", case_id)
    written, refusal = None, None
    if page.request.method == "POST":
        written = read(page, InspectHome, _without_good(page.form))
        written.values |= {name: [value] for name, value in page.form}
        if written.command is not None:
            try:
                check_photos(page)
                answer = given(page, lifecycle, InspectHome, written, case_id, None)
                file_photos(page, case_id)
                return _following(page, case_id, answer["number"])
            except Refusal as refused:
                refusal = refused
    form = form_view(page, InspectHome, "3.5", action, written=written, version=None)
    if refusal is not None:
        form.said, form.said_clause = page.t(refusal.zh, refusal.en), refusal.clause
    home = case.home
    return page.show(
        "inspect.html",
        200 if written is None else 409,
        form=form,
        home=home,
        back=page.at("homes"),
        lines=[_line(written or Written(), number, item) for number, item in enumerate(items)],
        severities=[(each.value, page.t(*choice_names(each))) for each in Severity],
        last=instant(before.occurred_at, page.lang, page.now) if before is not None else "",
        open_defects=[case.defects[n].found.matter for n in case.open_defects],
    )


def _line(written: Written, number: int, item: str) -> dict[str, Any]:
    return {
        "number": number,
        "item": item,
        "good": written.of(f"checklist.{number}.good"),
        "matter": written.of(f"matter.{number}"),
        "severity": written.of(f"severity.{number}") or "ordinary",
    }


def _without_good(form: Form) -> Form:
    """A problem is a defect of its item; what is good has none."""
    said = dict(form)
    made = [(name, value) for name, value in form if not name.startswith(("matter.", "severity."))]
    found = 0
    for name, value in form:
        kind, _, number = name.partition(".")
        if kind == "matter" and value.strip() and said.get(f"checklist.{number}.good") == "false":
            made += [
                (f"defects.{found}.item", said.get(f"checklist.{number}.item", "")),
                (f"defects.{found}.matter", value),
                (f"defects.{found}.severity", said.get(f"severity.{number}", "ordinary")),
            ]
            found += 1
    return made


def _following(page: Page, case_id: str, number: int) -> Response:
    """On to the next home that waits, else to the building."""
    from starlette.responses import RedirectResponse  # noqa: PLC0415 -- the one answer without a template

    with page.connect() as connection:
        rows = connection.execute(_HOMES, [page.office]).fetchall()
    first = local_date(page.now).replace(day=1)
    waiting = [cell for cell in (_cell(page, row, first) for row in rows) if cell["css"] == "wy-cell-due"]
    after = next((cell for cell in waiting if cell["case_id"] != case_id), None)
    target = page.at("inspect", after["case_id"], done=number) if after is not None else page.at("homes", done=number)
    return RedirectResponse(target, 303)
