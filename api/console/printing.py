"""Printing 打印 (§7.2c, §8): papers as PDF from the pages they belong to; a month's payment notices by building."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from api.console.formatting import period as said_period
from api.console.in_parts import Going, going_on, said_before, through
from api.console.page import Kit, Page, office_page
from api.papers.bill_notice import bill_notice
from api.papers.court_file import court_file
from api.papers.dunning_notice import dunning_notice, dunning_notices
from api.papers.handing_out import handed_out
from api.papers.paper import Paper
from api.papers.receipt import receipt
from api.papers.run_notices import hand_out_part, parts_ready, set_parts
from api.papers.statement import statement
from api.papers.typesetting import AT_ONCE
from api.routes.actions import checked_id
from api.routes.printed import since_of
from api.routes.printed_batches import day_of, issued_on, nothing_that_day, number_of
from domain.arrears.debt_case.case import DebtCase
from domain.cases import BY_PATH
from domain.fees.bill_run.case import bill_run_id
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotFound
from domain.kernel.periods import Month

if TYPE_CHECKING:
    from starlette.routing import Route

    from domain.kernel.lifecycle.ask import Lifecycle

__all__ = ["issued_lately", "pdfs_of", "routes"]

_PARTS_AT_ONCE: Final = 3
"""Parts that one request sets: the page is there again within seconds, and goes on by itself."""
_LATELY: Final = """
select issued_on, count(*) from wuye.r_dunning_notices
 where office = %s and to_number is null and issued_on is not null group by 1 order by 1 desc limit 5
"""


def _statement(page: Page, case_id: str, name: str) -> Paper:
    today = local_date(page.now)
    on = min(page.day("on") or today, today)
    return statement(page.reader, case_id, on, page.day("since") or since_of(on), name)


_MADE: Final[dict[str, tuple[str, Callable[[Page, str, str], Paper]]]] = {
    "notice": ("bills", lambda page, case_id, name: bill_notice(page.context, page.office, case_id, name)),
    "first": ("debt-cases", lambda page, case_id, name: dunning_notice(page.reader, case_id, 1, name)),
    "second": ("debt-cases", lambda page, case_id, name: dunning_notice(page.reader, case_id, 2, name)),
    "court-file": (
        "debt-cases",
        lambda page, case_id, name: court_file(page.reader, case_id, local_date(page.now), name),
    ),
    "receipt": ("payments", lambda page, case_id, name: receipt(page.reader, case_id, name)),
    "statement": ("households", _statement),
}
"""What can be printed of one case: of which kind it is, and how it is made."""


def routes(kit: Kit) -> list[Route]:
    """One paper, a month's notices, and those of a day."""
    return [
        office_page(kit, "/pdf/{what}/{case_id:path}", _one),
        office_page(kit, "/months/{period}/notices", _month, ("GET", "POST")),
        office_page(kit, "/months/{period}/notices/{part}", _part),
        office_page(kit, "/arrears/letters/{day}", _day_of_letters),
    ]


def pdfs_of(page: Page, lifecycle: Lifecycle[Any], case: Any) -> list[tuple[str, str]]:
    """Address and name of each paper that a case can be printed as."""
    made = []
    if lifecycle.path == "bills" and case.state != "void":
        made.append(("notice", page.t("缴费通知单", "payment notice")))
    if isinstance(case, DebtCase):
        made += [
            (what, name)
            for what, at, name in (
                ("first", case.notice1_at, page.t("第一次催款通知单", "first dunning notice")),
                ("second", case.notice2_at, page.t("第二次催款通知单", "second dunning notice")),
            )
            if at is not None
        ]
        made.append(("court-file", page.t("起诉材料", "court file")))
    if lifecycle.path == "payments":
        made.append(("receipt", page.t("收款收据", "receipt")))
    if lifecycle.path == "households":
        made.append(("statement", page.t("对账单", "statement")))
    return [(page.at("pdf", what, case.id), page.t(f"{name}（PDF）", f"{name} (PDF)")) for what, name in made]


def issued_lately(page: Page) -> list[tuple[str, date, int]]:
    """The last days on which dunning notices went out: where they are printed, which day, how many."""
    with page.connect() as connection:
        rows = connection.execute(_LATELY, [page.office]).fetchall()
    return [
        (page.at("arrears", "letters", str(day), part=part + 1 if part else None), day, min(count - start, AT_ONCE))
        for day, count in rows
        for part, start in enumerate(range(0, count, AT_ONCE))
    ]


def _name(page: Page) -> str:
    return page.kit.office_name(page.office)


def _one(page: Page) -> Response:
    what, case_id = page.request.path_params["what"], page.request.path_params["case_id"]
    if what not in _MADE:
        raise NotFound("page-unknown", None, zh="没有这种文书", en="there is no such paper")
    path, make = _MADE[what]
    checked_id(BY_PATH[path], case_id)
    return handed_out(page.reader, page.request, [make(page, case_id, _name(page))])


def _run(page: Page) -> str:
    """The run of the month that the address names. Raises NotFound."""
    try:
        month = Month.parse(page.request.path_params["period"])
    except ValueError:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page") from None
    run = bill_run_id(page.office, str(month))
    page.context.handler.case(page.office, run)
    return run


def _month(page: Page) -> Response:
    """The parts of a month's notices, and that those which are not set yet are."""
    run, period = _run(page), page.request.path_params["period"]
    if page.request.method == "POST":
        return _set(page, run, period)
    parts = parts_ready(page.reader, page.request, run)
    return page.show(
        "notices.html",
        period=said_period(period, page.lang),
        back=page.at("months", period),
        parts=[
            {
                "number": part.number,
                "building": part.building,
                "first": part.first,
                "last": part.last,
                "notices": len(part.bills),
                "ready": ready,
                "href": page.at("months", period, "notices", str(part.number)),
            }
            for part, ready in parts
        ],
        notices=sum(len(part.bills) for part, _ in parts),
        waiting=sum(not ready for _, ready in parts),
    )


def _set(page: Page, run: str, period: str) -> Response:
    """The next parts that are not set yet; what is set lies there, whatever breaks off."""
    parts = set_parts(page.reader, page.request, run, _name(page), _PARTS_AT_ONCE)
    here = page.at("months", period, "notices")
    ready = sum(is_ready for _, is_ready in parts)
    if ready == len(parts) or ready <= said_before(page, "done", -1):  # nothing came of it: no turning in circles
        return through(page, here)
    return going_on(
        page,
        Going(
            title=page.t("正在排版缴费通知单", "Payment notices are being set"),
            said=page.t(f"已排版 {ready} 册，共 {len(parts)} 册。", f"{ready} parts of {len(parts)} are set."),
            done=ready,
            of=len(parts),
            action=here,
            fields={"done": ready},
            stop=here,
        ),
    )


def _part(page: Page) -> Response:
    number = number_of(page.request.path_params["part"])
    return hand_out_part(page.reader, page.request, _run(page), number, _name(page))


def _day_of_letters(page: Page) -> Response:
    on, part = day_of(page.request.path_params["day"]), max(number_of(page.query("part") or "1"), 1)
    found = issued_on(page.context, page.office, on)[(part - 1) * AT_ONCE : part * AT_ONCE]
    if not found:
        raise nothing_that_day()
    papers = dunning_notices(page.reader, found, _name(page), on)
    return handed_out(page.reader, page.request, papers, f"催款通知单-{on}-{part}")
