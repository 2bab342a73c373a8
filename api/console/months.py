"""Month end 月末 (§7.2): a month's bills compiled, looked at, reviewed, approved, issued, delivered and closed on one page."""

from __future__ import annotations

import secrets
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import RedirectResponse, Response

from api.console.actions import Told, attempted
from api.console.bill_lines import lines_of
from api.console.cases import barred_of
from api.console.formatting import money
from api.console.month_view import (
    MOST,
    SHOWS,
    buildings,
    counted,
    households,
    parts,
    steps,
    unusual,
    without_building,
)
from api.console.page import Form, Kit, Page, first, office_page
from api.console.titles import kind_of
from api.routes.actions import checked_id
from api.routes.cases import choices
from domain.cases import BY_PATH
from domain.fees.bill_run.case import COMPILING, DELIVERED, ISSUED, ISSUING, BillRun, bill_run_id
from domain.fees.bill_run.commands.compiling import CompileBillRun, ConfirmPart, LeaveHouseholdOut, OpenBillRun
from domain.fees.bill_run.commands.delivering import CloseMonth, RecordBillDelivery, ReopenMonth
from domain.fees.bill_run.commands.reviewing import ApproveBillRun, ReturnBillRun, ReviewBillRun
from domain.fees.bill_run.events import Anomaly
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotFound, WrongState
from domain.kernel.people import Actor
from domain.kernel.periods import Month

if TYPE_CHECKING:
    from starlette.routing import Route

    from domain.kernel.fact import Command

__all__ = ["routes"]

_ACTS: Final[dict[str, type[Command]]] = {
    "open": OpenBillRun,
    "compile": CompileBillRun,
    "confirm-part": ConfirmPart,
    "review": ReviewBillRun,
    "approve": ApproveBillRun,
    "return": ReturnBillRun,
    "leave-out": LeaveHouseholdOut,
    "deliver": RecordBillDelivery,
    "close": CloseMonth,
    "reopen": ReopenMonth,
}
_ASK_REASON: Final = frozenset({"return", "reopen"})
_WANTED: Final = """
select month from wuye.r_bill_runs where office = %s and to_number is null
 order by (state not in ('delivered', 'closed')) desc, case when state in ('delivered', 'closed') then null else month end,
          month desc limit 1
"""
_AROUND: Final = (
    "select month, state from wuye.r_bill_runs where office = %s and to_number is null order by month desc limit 24"
)


def routes(kit: Kit) -> list[Route]:
    """The month that waits, and one month."""
    return [
        office_page(kit, "/months", _wanted),
        office_page(kit, "/months/of/{case_id}", _of_run),
        office_page(kit, "/months/{period}", _month, ("GET", "POST")),
        office_page(kit, "/months/{period}/steps", _steps),
    ]


def _wanted(page: Page) -> Response:
    """The earliest month that is not through, else the last one, else this one."""
    with page.connect() as connection:
        row = connection.execute(_WANTED, [page.office]).fetchone()
    month = Month.of(row[0]) if row is not None else Month.of(local_date(page.now))
    return RedirectResponse(page.at("months", str(month)), 303)


def _of_run(page: Page) -> Response:
    """The month of a run, for whoever comes from a task."""
    lifecycle, case_id = BY_PATH["bill-runs"], page.request.path_params["case_id"]
    checked_id(lifecycle, case_id)
    run: BillRun = page.context.handler.case(page.office, case_id)
    return RedirectResponse(page.at("months", run.period), 303)


def _asked(page: Page) -> Month:
    try:
        return Month.parse(page.request.path_params["period"])
    except ValueError:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page") from None


def _run(page: Page, month: Month) -> BillRun | None:
    try:
        run: BillRun = page.context.handler.case(page.office, bill_run_id(page.office, str(month)))
    except NotFound:
        return None
    return run


def _month(page: Page) -> Response:
    month = _asked(page)
    run = _run(page, month)
    if page.request.method == "GET":
        return _shown(page, month, run)
    lifecycle = BY_PATH["bill-runs"]
    done = attempted(page, lifecycle, _ACTS, run.id if run is not None else None, _form(page, month, run))
    if isinstance(done, Told):
        return _shown(page, month, run, done)
    show = page.query("show") if page.query("show") in SHOWS else None
    act = first(page.form, "do")
    return RedirectResponse(page.at("months", str(month), show=show) + (f"#{act}" if act == "deliver" else ""), 303)


def _form(page: Page, month: Month, run: BillRun | None) -> Form:
    """What is known is not asked: the month; whose notices of homes without a building are meant."""
    form = [(name, value) for name, value in page.form if name != "month"]
    if run is None:
        return [*form, ("month", month.first.isoformat())]
    if first(form, "do") == "deliver" and ("building", "") in form:
        form = [pair for pair in form if pair != ("building", "")]
        form += [("households", household) for household in without_building(page, run.id)]
    return form


def _steps(page: Page) -> Response:
    """How far the program is, asked for again while it works."""
    month = _asked(page)
    run = _run(page, month)
    if run is None:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    return page.show("month_steps.html", framed=False, **_progress(page, month, run))


def _progress(page: Page, month: Month, run: BillRun) -> dict[str, Any]:
    to_issue = len(run.to_issue) if run.state == ISSUING else 0
    return {
        "steps": steps(page, run),
        "state": page.t(*BY_PATH["bill-runs"].states[run.state]),
        "again": page.at("months", str(month), "steps") if run.state in (COMPILING, ISSUING) else "",
        "working": run.state in (COMPILING, ISSUING),
        "compiling": run.state == COMPILING,
        "drafted": len(run.drafts),
        "issued": len(run.bills),
        "of": len(run.bills) + to_issue,
        "here": page.at("months", str(month)),
    }


def _shown(page: Page, month: Month, run: BillRun | None, told: Told | None = None) -> Response:
    name = _named(page, month.first)
    with page.connect() as connection:
        around = connection.execute(_AROUND, [page.office]).fetchall()
    states = BY_PATH["bill-runs"].states
    months = [
        (_named(page, m), page.at("months", str(Month.of(m))), page.t(*states[s]), m == month.first) for m, s in around
    ]
    common: dict[str, Any] = {
        "month": name,
        "months": months,
        "told": told,
        "key": secrets.token_urlsafe(12),
        "run": run,
    }
    if run is None:
        may = {role for row in BY_PATH["bill-runs"].steps if row.command is OpenBillRun for role in row.who}
        return page.show("month.html", 200 if told is None else 409, **common, may_open=not may.isdisjoint(page.roles))
    numbers = counted(page, run.id)
    show = page.query("show") if page.query("show") in SHOWS else _first_look(run, numbers)
    start = int(page.query("from")[:6]) if page.query("from").isdecimal() else 0
    mine = parts(page, run)
    part = next((each for each in mine if each["value"] == page.query("part")), None)
    rows = households(page, run.id, show, start, part["value"] if part else "")
    delivering = run.state in (ISSUED, DELIVERED)
    return page.show(
        "month.html",
        200 if told is None else 409,
        **common,
        **_progress(page, month, run),
        **_may(page, run),
        numbers=numbers,
        money=money,
        show=show,
        shows=[
            (each, page.here(show=each, household=None, **{"from": None}), page.t(*pair))
            for each, (_, pair) in SHOWS.items()
        ],
        rows=rows[:MOST],
        start=start,
        before=page.here(household=None, **{"from": max(start - MOST, 0)}) if start else "",
        after=page.here(household=None, **{"from": start + MOST}) if len(rows) > MOST else "",
        buildings=buildings(page, run.id, local_date(page.now)) if run.bills else [],
        delivering=delivering,
        parts=mine,
        part=part,
        all_parts=page.here(part=None, **{"from": None}),
        uncared=sum(draft.anomaly == Anomaly.UNCARED for draft in run.drafts.values()),
        today=local_date(page.now).isoformat(),
        one=_one(page, month, run),
        case=page.at("case", run.id),
        notices=page.at("months", str(month), "notices"),
        said=_sentence(page, run, numbers),
    )


def _named(page: Page, first_day: date) -> str:
    return f"{first_day.year}年{first_day.month}月" if page.lang == "zh" else first_day.strftime("%B %Y")


def _first_look(run: BillRun, numbers: dict[str, Any]) -> str:
    """What one came for: the notices that wait, or what is unlike last month."""
    if run.state == ISSUED and numbers["shows"]["undelivered"]:
        return "undelivered"
    return "anomalies" if numbers["shows"]["anomalies"] else "all"


def _may(page: Page, run: BillRun) -> dict[str, Any]:
    """What may be done now, and why the rest may not."""
    found = choices(BY_PATH["bill-runs"], run, [Actor(page.identity.user_id, role) for role in page.roles])
    words = {command: word for word, command in _ACTS.items()}
    permitted = {words[each] for each in found.permitted if each in words}
    return {
        "may": permitted,
        "acts": [
            (word, page.t(command.ZH, command.EN), word in _ASK_REASON, word == "review")
            for word, command in _ACTS.items()
            if word in permitted and word not in ("leave-out", "deliver", "confirm-part")
        ],
        "barred": [
            barred_of(page, command, why)
            for command, why in found.refused
            if command in words and not isinstance(why, WrongState)
        ],
    }


def _sentence(page: Page, run: BillRun, numbers: dict[str, Any]) -> str:
    """How it stands, in one sentence."""
    homes, anomalies = len(run.drafts) - len(run.left_out), numbers["shows"]["anomalies"]
    if not run.drafts:
        return page.t("还没有计费。", "Nothing is compiled yet.")
    zh = f"{homes} 户，合计 {money(numbers['amount'])}"
    en = f"{homes} households, {money(numbers['amount'])} in all"
    if run.approved_at is None and anomalies:
        zh, en = f"{zh}，{anomalies} 户要先看", f"{en}; {anomalies} to look at first"
    waits = numbers["shows"]["undelivered"]
    if run.state == ISSUED and waits:
        zh, en = f"{zh}，{waits} 户通知单未送达", f"{en}; {waits} notices not delivered"
    return page.t(f"{zh}。", f"{en}.")


def _one(page: Page, month: Month, run: BillRun) -> dict[str, Any] | None:
    """One household's bill as it would be, line by line, beside the one of the month before."""
    asked = page.query("household")
    draft = run.drafts.get(asked) if kind_of(asked) == "household" else None
    if draft is None:
        return None
    previous = _run(page, month.before())
    was = previous.drafts.get(asked) if previous is not None and asked in previous.bills else None
    return {
        "household": asked,
        "home": draft.home or "",
        "file": page.at("case", asked),
        "statement": page.at("statement", asked),
        "lines": lines_of(page, draft.lines),
        "amount": money(draft.amount_fen),
        "was": lines_of(page, was.lines) if was is not None else [],
        "before": money(draft.before_fen) if draft.before_fen is not None else "",
        "anomaly": unusual(page, draft.anomaly, draft.uncredited_fen, draft.unbilled_fen),
        "left_out": run.left_out.get(asked, ""),
        "bill": page.at("case", run.bills[asked]) if asked in run.bills else "",
        "close": page.here(household=None),
    }
