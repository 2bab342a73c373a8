"""The counter 收款 (§7): the household by its number, what it owes, the amount and the change, and the receipt, in seconds.

What is charged and where money goes is decided behind the counter by the rules of law; here somebody only takes it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import RedirectResponse, Response

from api.console.account_view import owing
from api.console.actions import Told, attempted, given
from api.console.find import households_of, meant, people_of, wanted
from api.console.form_values import read
from api.console.formatting import money
from api.console.page import Form, Kit, Page, first, office_page
from api.console.reception import is_room
from api.console.titles import kind_of
from domain.cases import BY_PATH
from domain.fees.bill.commands.late_fee import AssessLateFee
from domain.fees.cash_day import cash_day_id
from domain.fees.payment import TakePayment
from domain.fees.terms import PartOrder, PaymentMethod
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotFound, Refusal
from domain.kernel.money import yuan
from domain.kernel.words import choice_names

if TYPE_CHECKING:
    from starlette.routing import Route

    from domain.kernel.fact import Command
    from domain.kernel.lifecycle.ask import Lifecycle

__all__ = ["routes", "taken_on"]

_MOST: Final = 8
_ACTS: Final = {"take": TakePayment}
_AT_THE_COUNTER: Final = (PaymentMethod.CASH, PaymentMethod.WECHAT, PaymentMethod.ALIPAY, PaymentMethod.POS)
"""What people pay with who stand here; transfers and cheques come from elsewhere."""
_LAST: Final = """
select method from wuye.r_payments where office = %s and household = %s and to_number is null order by opened_at desc, case_id desc limit 1
"""
_TAKEN: Final = """
select p.case_id, p.receipt, h.home, p.amount_fen, p.method, p.state
  from wuye.r_payments p left join wuye.r_households h
    on h.office = p.office and h.case_id = p.household and h.to_number is null
 where p.office = %s and p.taken_on = %s and p.to_number is null order by p.receipt desc nulls last limit %s
"""


def routes(kit: Kit) -> list[Route]:
    """The page."""
    return [office_page(kit, "/counter", _counter, ("GET", "POST"))]


def _counter(page: Page) -> Response:
    act = first(page.form, "do")
    if not act:
        return _shown(page)
    household = first(page.form, "household")
    if kind_of(household) != "household":
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    if act == "assess":
        return _assess(page, household)
    done = attempted(page, BY_PATH["payments"], _ACTS, None, _payment(page))
    if isinstance(done, Told):
        return _shown(page, household, done)
    return RedirectResponse(page.at("receipt", done["id"], done=done["number"]), 303)


def _payment(page: Page) -> Form:
    """What the form means: all bills that it showed ticked name none, and the law decides; change is of cash alone.

    Nothing is looked up anew: the same form sent twice says the same.
    """
    ticked = [value for name, value in page.form if name == "bill"]
    said = [(name, value) for name, value in page.form if name not in ("do", "bill", "of")]
    without = "reference" if first(page.form, "method") == PaymentMethod.CASH else "tendered_fen"
    chosen = [] if set(ticked) >= set(first(page.form, "of").split()) else ticked
    return [*(pair for pair in said if pair[0] != without), *(("bills", bill) for bill in chosen)]


def _assess(page: Page, household: str) -> Response:
    """Late fee to this day, of every bill on which some has accrued (§8.A(1)); then it can be paid with the bill."""
    lifecycle = BY_PATH["bills"]
    key = first(page.form, "idempotency_key")
    for number, bill in enumerate(each for each in owing(page, household, local_date(page.now)).bills if each.fresh):
        try:
            _give(page, lifecycle, AssessLateFee, bill.id, f"{key}-{number}")
        except Refusal as refusal:
            written = read(page, AssessLateFee, [])
            return _shown(page, household, Told("assess", page.t(refusal.zh, refusal.en), refusal.clause, written))
    return RedirectResponse(page.at("counter", household=household), 303)


def _give(page: Page, lifecycle: Lifecycle[Any], command: type[Command], case_id: str, key: str) -> None:
    """One of several commands of one click, each with a key of its own."""
    page.form = [("idempotency_key", key)]
    given(page, lifecycle, command, read(page, command, []), case_id, None)


def taken_on(page: Page, most: int = 1_000) -> list[dict[str, Any]]:
    """What was taken today, the newest first."""
    with page.connect() as connection:
        rows = connection.execute(_TAKEN, [page.office, local_date(page.now), most]).fetchall()
    return [
        {
            "href": page.at("receipt", case_id),
            "receipt": receipt or "",
            "home": home or "",
            "amount": money(fen),
            "method": page.t(*choice_names(PaymentMethod(method))),
            "gone": state == "reversed",
        }
        for case_id, receipt, home, fen, method, state in rows
    ]


def _shown(page: Page, household: str = "", told: Told | None = None) -> Response:
    words = wanted(page) if told is None else ""
    asked = household or page.query("household")
    chosen = asked if kind_of(asked) == "household" else ""
    found = households_of(page, words, _MOST)
    chosen = chosen or meant(words, found)
    people = people_of(
        page, list(dict.fromkeys([*([chosen] if chosen else []), *(case_id for case_id, _, _ in found)]))
    )
    here = next((each for each in people if each["case_id"] == chosen), None)
    may = {role for row in BY_PATH["payments"].steps if row.command is TakePayment for role in row.who}
    shown_words = words if is_room(page, words) else ""
    return page.show(
        "counter.html",
        200 if told is None else 409,
        words=words,
        people=[
            each | {"href": page.at("counter", q=shown_words, household=each["case_id"]), "here": each is here}
            for each in people
        ],
        here=here,
        may=not may.isdisjoint(page.roles),
        told=told,
        money=money,
        key=secrets.token_urlsafe(18),
        taken=taken_on(page, 12) if here is None else [],
        cash=page.at("cash"),
        day_book=page.at("case", cash_day_id(page.office, local_date(page.now))),
        **(_form(page, chosen, told) if here is not None else {}),
    )


def _form(page: Page, household: str, told: Told | None) -> dict[str, Any]:
    owes = owing(page, household, local_date(page.now))
    written = told.written if told is not None and told.act == "take" else None
    ticked = {value for name, value in page.form if name == "bill"} if written else {bill.id for bill in owes.bills}
    return {
        "owes": owes,
        "statement": page.at("statement", household),
        "ticked": ticked,
        "prepaid": owes.kept.prepaid,
        "method": (written.of("method") if written else "") or _last_method(page, household),
        "methods": [(each.value, page.t(*choice_names(each))) for each in PaymentMethod],
        "orders": [(each.value, page.t(*choice_names(each))) for each in PartOrder],
        "amount": written.of("amount_fen") if written else yuan(owes.owed) if owes.owed else "",
        "value": written.of if written else (lambda _name: ""),
        "today": local_date(page.now).isoformat(),
        "yuan": yuan,
    }


def _last_method(page: Page, household: str) -> str:
    """As this household paid here last; cash at first, and where its last money came by the bank."""
    with page.connect() as connection:
        row = connection.execute(_LAST, [page.office, household]).fetchone()
    return row[0] if row is not None and row[0] in _AT_THE_COUNTER else PaymentMethod.CASH.value
