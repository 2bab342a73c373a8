"""Bank statements 银行对账 (§7): a file is brought, each line shows whose it may be and why, and a person says yes, or that it is no payment at all.

Nothing is booked by looking: what is sure is confirmed in one act, line by line, as it stood on the page.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import RedirectResponse, Response

from api.bank_matching import bank_lines, proposals_for
from api.console.actions import Told, attempted
from api.console.bank_view import lines_view, sums_of, tail_of
from api.console.form_values import Written
from api.console.formatting import day, money
from api.console.page import Form, Kit, Page, first, office_page
from api.console.uploads import Uploads
from api.http.metrics import COMMANDS
from api.routes.actions import checked_id, slug_of
from api.routes.bank import MAY, bring, order_of
from domain.cases import BY_PATH
from domain.fees.bank_line import LIFECYCLE as LINE
from domain.fees.bank_line import ConfirmBankLine, LeaveBankLineOut, LinkBankLine, ReopenBankLine
from domain.fees.bank_statement import LIFECYCLE as STATEMENT
from domain.fees.bank_statement import MATCHING, BankStatement, CloseBankStatement
from domain.fees.matching import Ground
from domain.kernel.calendar import local_date
from domain.kernel.errors import Refusal, RuleBroken
from workflows.engine.bank_matches import LineMatch, confirmed
from workflows.importing.bank_file import MOST_ROWS
from workflows.importing.problems import Problem

if TYPE_CHECKING:
    from starlette.routing import Route

    from domain.kernel.fact import Command

__all__ = ["routes"]

_OF_A_LINE: Final[dict[str, type[Command]]] = {
    "confirm": ConfirmBankLine,
    "link": LinkBankLine,
    "leave-out": LeaveBankLineOut,
    "reopen": ReopenBankLine,
}
_OF_THE_STATEMENT: Final[dict[str, type[Command]]] = {"close": CloseBankStatement}
_AT_ONCE: Final = 50
"""Lines of one page."""
_STATEMENTS: Final = """
select s.case_id, s.state, s.bank_account, s.first, s.last,
       count(l.case_id) filter (where l.state = 'open'), count(l.case_id)
  from wuye.r_bank_statements s left join wuye.r_bank_lines l
    on l.office = s.office and l.statement = s.case_id and l.to_number is null
 where s.office = %s and s.to_number is null
 group by s.case_id, s.state, s.bank_account, s.first, s.last
 order by (s.state = 'matching') desc, s.last desc, s.case_id desc limit 30
"""
_ACCOUNTS: Final = "select distinct bank_account from wuye.r_bank_statements where office = %s and to_number is null"


class Brought(msgspec.Struct):
    """What became of a file that was brought: how many rows went where, and those that were handed back."""

    taken: int
    known: int
    refused: int
    rows: list[Problem] = []


def routes(kit: Kit) -> list[Route]:
    """The statements with the form that takes a file; one statement."""
    return [
        office_page(kit, "/bank", _statements, ("GET", "POST")),
        office_page(kit, "/bank/{case_id}", _statement, ("GET", "POST")),
    ]


def _may(page: Page) -> bool:
    return not set(MAY).isdisjoint(page.roles)


def _store(page: Page) -> Uploads:
    return Uploads(page.context.settings.home, page.context.master)


# -- all statements, and bringing one ----------------------------------------------------------------------------------


def _statements(page: Page) -> Response:
    if page.request.method == "GET":
        return _listed(page)
    try:
        return RedirectResponse(_brought(page), 303)
    except Refusal as refusal:
        return _listed(page, page.t(refusal.zh, refusal.en))


def _brought(page: Page) -> str:
    """Take the file that was sent; where to go on. Raises Refusal."""
    sent = page.files.get("file")
    if sent is None or not sent.data:
        raise RuleBroken("file-missing", None, zh="请选择文件", en="choose a file", field="file")
    account = first(page.form, "bank_account").strip()[:40] or None
    taken = bring(page.context, page.request, page.office, sent.data, account)
    told = Brought(taken.taken, taken.known, taken.refused, list(taken.problems))
    token = _store(page).put(page.office, page.identity.user_id, told)
    if taken.statement is None:
        return page.at("bank", told=token)
    return page.at("bank", taken.statement, told=token)


def _told(page: Page) -> Brought | None:
    """What became of the file that was just brought; for a day, for whoever brought it."""
    token = page.query("told")
    return _store(page).get(page.office, page.identity.user_id, token, Brought) if token else None


def _listed(page: Page, said: str = "") -> Response:
    with page.connect() as connection:
        rows = connection.execute(_STATEMENTS, [page.office]).fetchall()
        accounts = [each for (each,) in connection.execute(_ACCOUNTS, [page.office])]
    return page.show(
        "bank.html",
        409 if said else 200,
        said=said,
        told=_told(page),
        may=_may(page),
        may_not=page.t("、", ", ").join(page.t(role.zh, role.value) for role in MAY),
        most=MOST_ROWS,
        accounts=accounts,
        account=first(page.form, "bank_account"),
        statements=[
            {
                "href": page.at("bank", case_id),
                "name": tail_of(page, account),
                "days": _days(page, since, until),
                "state": page.t(*STATEMENT.states[state]),
                "waits": waits,
                "lines": lines,
                "is_open": state == MATCHING,
            }
            for case_id, state, account, since, until, waits, lines in rows
        ],
    )


def _days(page: Page, since: Any, until: Any) -> str:
    begins, ends = day(since, page.lang, page.now), day(until, page.lang, page.now)
    return begins if since == until else page.t(f"{begins}至{ends}", f"{begins} to {ends}")


# -- one statement -----------------------------------------------------------------------------------------------------


def _statement(page: Page) -> Response:
    case_id = page.request.path_params["case_id"]
    checked_id(STATEMENT, case_id)
    statement = page.context.handler.case(page.office, case_id)
    if page.request.method == "GET":
        return _shown(page, statement)
    act = first(page.form, "do")
    if act == "confirm-sure":
        return _confirm(page, statement)
    if act in _OF_THE_STATEMENT:
        done = attempted(page, BY_PATH[STATEMENT.path], _OF_THE_STATEMENT, case_id)
    else:
        line = first(page.form, "line")
        checked_id(LINE, line)
        done = attempted(page, BY_PATH[LINE.path], _OF_A_LINE, line, _said(page))
    if isinstance(done, Told):
        return _shown(page, statement, done)
    return RedirectResponse(page.here(done=done["number"], told=None, booked=None), 303)


def _said(page: Page) -> Form:
    """What a line's form says to its command: without what the page itself reads."""
    return [(name, value) for name, value in page.form if name not in ("do", "line")]


def _confirm(page: Page, statement: BankStatement) -> Response:
    """Everything that the page showed as sure: each line with the household and the grounds that stood there."""
    key = first(page.form, "idempotency_key")[:80] or None
    order = order_of(page.context, page.request, page.office, ConfirmBankLine(household=""), None, key)
    matches = [_match(value) for name, value in page.form if name == "sure"][:_AT_ONCE]
    given = list(confirmed(page.context.handler, order, matches))
    booked = [each for each in given if each.refusal is None]
    COMMANDS.labels(slug_of(ConfirmBankLine)).inc(len(booked))
    left = next((each.refusal for each in given if each.refusal is not None), None)
    if left is not None:
        counted = page.t(f"已入账 {len(booked)} 笔；", f"booked: {len(booked)}; ")
        said = f"{counted}{page.t(left.zh, left.en)}"
        return _shown(page, statement, Told("confirm-sure", said, left.clause, Written()))
    return RedirectResponse(page.here(booked=len(booked), done=None, told=None, after=None), 303)


def _match(value: str) -> LineMatch:
    """A sure match as its form wrote it: line, household and grounds."""
    line, _, rest = value.partition(" ")
    household, _, grounds = rest.partition(" ")
    checked_id(LINE, line)
    known = set(Ground)
    return LineMatch(
        line=line, household=household, grounds=tuple(Ground(each) for each in grounds.split(",") if each in known)
    )


_SHOWS: Final = ("open", "booked", "left-out", "all")


def _shown(page: Page, statement: BankStatement, told: Told | None = None) -> Response:
    show = page.query("show") if page.query("show") in _SHOWS else "open"
    after = page.query("after").partition(" ")
    begins = (int(after[0]), after[2]) if after[0].isdecimal() else (0, "")
    rows = bank_lines(
        page.reader, statement.id, state=None if show == "all" else show, after=begins, limit=_AT_ONCE + 1
    )
    shown, more = rows[:_AT_ONCE], len(rows) > _AT_ONCE
    numbers = page.context.handler.settings(page.office).at(local_date(page.now))
    found = proposals_for(page.reader, shown, numbers)
    lines = lines_view(page, shown, found)
    sums = sums_of(page, statement.id)
    on_line = first(page.form, "line") if told is not None else ""
    return page.show(
        "bank_statement.html",
        200 if told is None else 409,
        statement=statement,
        name=tail_of(page, statement.bank_account),
        days=_days(page, statement.first, statement.last),
        state=page.t(*STATEMENT.states[statement.state]),
        case=page.at("case", statement.id),
        back=page.at("bank"),
        sums=sums,
        differs=_differences(page, statement),
        shows=[(each, page.here(show=each, after=None, done=None, told=None, booked=None)) for each in _SHOWS],
        names=dict(zip(_SHOWS, _show_names(page), strict=True)),
        show=show,
        lines=lines,
        sure=_sure(lines),
        following=page.here(after=f"{shown[-1]['row']} {shown[-1]['case_id']}", done=None, told=None) if more else None,
        may=_may(page),
        may_close=_may(page) and statement.state == MATCHING and not sums["open"]["count"],
        told=told,
        on_line=on_line,
        brought=_told(page),
        booked=page.query("booked") if page.query("booked").isdecimal() else "",
        done=page.query("done") if page.query("done").isdecimal() else "",
        key=secrets.token_urlsafe(18),
        money=money,
        reasons=_reasons(page),
    )


def _sure(lines: Sequence[dict[str, Any]]) -> list[str]:
    """The sure matches of the page as the form sends them back."""
    return [
        f"{line['id']} {line['best']['household']} {','.join(line['best']['codes'])}"
        for line in lines
        if line["is_sure"]
    ]


def _show_names(page: Page) -> list[str]:
    return [
        page.t("待处理", "to do"),
        page.t("已入账", "booked"),
        page.t("不入账", "set aside"),
        page.t("全部", "all"),
    ]


def _differences(page: Page, statement: BankStatement) -> list[str]:
    """What the file says of itself that is not what was read of it."""
    said = []
    if statement.rows_refused:
        said.append(page.t(f"{statement.rows_refused} 行未读入", f"{statement.rows_refused} rows were not read"))
    for stated, found, zh, en in (
        (statement.stated_rows, statement.rows_read, "笔数", "rows"),
        (statement.stated_credits_fen, statement.credits_fen, "收入", "in"),
        (statement.stated_debits_fen, statement.debits_fen, "支出", "out"),
    ):
        if stated not in (None, found):
            one, other = (str(stated), str(found)) if zh == "笔数" else (money(stated or 0), money(found))
            said.append(page.t(f"对账单所载{zh} {one}，读入 {other}", f"{en}: the file says {one}, read {other}"))
    return said


def _reasons(page: Page) -> list[str]:
    """Why lines are set aside most often: offered, any other may be written."""
    return [
        page.t("支出", "money out"),
        page.t("微信、支付宝、刷卡结算，已逐笔登记", "settlement of payments that are in the book"),
        page.t("银行利息、手续费", "the bank's interest or charges"),
        page.t("非住户款项", "no household's money"),
    ]
