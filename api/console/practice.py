"""Practice 练习: a newcomer's first day in ten steps of the handbook, in a simulated office whose clock one turns oneself.

What is done is read from the book: a step is done when somebody with a log-in has written its fact. The last one moves the
clock, and shows what would have been late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import RedirectResponse, Response

from api.console.formatting import instant
from api.console.page import Kit, Page, first, office_page
from api.console.titles import Titles
from domain.handbook.clauses import CLAUSES
from domain.kernel.calendar import local_date, start_of_day
from domain.kernel.errors import NotFound, NotPermitted
from domain.kernel.people import Role

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["STEPS", "routes"]

_WRITTEN: Final = """
select f.name, min(f.recorded_at) from wuye.facts_readable f join wuye.users u on u.user_id = f.metadata->>'user_id'
 where f.office = %s and u.password_hash is not null group by 1
"""
_LATE: Final = """
select case_id, zh, en, due_at, clause from wuye.r_deadlines
 where office = %s and to_number is null and role <> 'clock' and missed_at is not null order by missed_at desc limit 12
"""
_MORNING: Final = timedelta(hours=8)
_LATEST: Final = timedelta(hours=20)
"""After so long on the office's clock the day is over."""
_TURNS: Final = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, by which clause, where, and the fact by which it is known to be done."""

    zh: str
    en: str
    how_zh: str
    how_en: str
    clause: str
    path: tuple[str, ...]
    fact: str
    view: str = ""
    """Which view of a register, where what it is about is no longer open."""


STEPS: Final = (
    Step(
        "登记一件投诉",
        "Register a complaint",
        "住户来电：在接待页输房号，写下事由。",
        "A resident calls: type the home on the reception page and write it down.",
        "4.1",
        ("reception",),
        "ComplaintRegistered",
    ),
    Step(
        "定办法，告知时限",
        "Say what will be done, and by when",
        "打开这件投诉，定办法和时限，并告知住户；时限从此在走。",
        "Open it, decide and tell the resident; from now on a deadline runs.",
        "4.2",
        ("registers", "complaints"),
        "ComplaintAssessed",
    ),
    Step(
        "登记一张维修单",
        "Register a repair",
        "同样从接待页开始；类似未结的会显示出来。",
        "From the reception page again; similar open ones are shown.",
        "1.11",
        ("reception",),
        "RepairRaised",
    ),
    Step(
        "派工",
        "Dispatch it",
        "打开维修单，派给一位师傅并定期限。",
        "Open the repair order and send somebody, by a date.",
        "1.11",
        ("registers", "repair-orders"),
        "RepairDispatched",
    ),
    Step(
        "借出钥匙要登记",
        "A key leaves against a form",
        "在钥匙柜点借出，填钥匙取领登记表；借用人在屏幕上签名。",
        "Lend one from the key cabinet and fill in its form; the borrower signs on the screen.",
        "3.3",
        ("keys",),
        "KeyLoanRequested",
    ),
    Step(
        "检查一套空房",
        "Inspect a vacant home",
        "在空房页点一套，逐项点完好或有问题。",
        "Choose one on the page of vacant homes and go through the list.",
        "3.5",
        ("homes",),
        "HomeInspected",
    ),
    Step(
        "开始当日巡视",
        "Set out on the day's patrol",
        "打开今天的巡视，开始巡视。",
        "Open today's patrol and begin it.",
        "2",
        ("walk",),
        "PatrolBegun",
    ),
    Step(
        "报告处理结果",
        "Report the result",
        "投诉处理完：先记调查结果，再报告处理结果；回访自动立项。",
        "The cause first, then the result; a follow-up opens by itself.",
        "4.5",
        ("registers", "complaints"),
        "ComplaintResolved",
    ),
    Step(
        "函复住户",
        "Answer by letter",
        "据登记拟好的函复，改好记入；可附住户二维码。",
        "The letter is drafted from the record: edit it and write it down.",
        "4.7",
        ("registers", "complaints"),
        "ReplyLetterSent",
        "all",
    ),
    Step(
        "拨动时钟",
        "Turn the clock",
        "以经理身份把时钟拨过一天，看什么会逾期。",
        "As the manager move the clock on by a day, and see what would be late.",
        "4.9",
        ("today",),
        "",
    ),
)
"""A first day, in the order in which it happens."""


def routes(kit: Kit) -> list[Route]:
    """The page, and the clock."""
    return [office_page(kit, "/practice", _practice, ("GET", "POST"))]


def _practice(page: Page) -> Response:
    if not page.kit.is_simulated(page.office):
        raise NotFound("page-unknown", None, zh="只有模拟管理处可以练习", en="one practises in simulated offices only")
    if page.request.method == "POST":
        if Role.MANAGER not in page.roles:
            raise NotPermitted(
                "role", None, zh="请以经理身份登录拨动时钟", en="log in as the manager to move the clock"
            )
        days = _TURNS.get(first(page.form, "turn"), 1)
        page.context.clock.move(page.office, start_of_day(local_date(page.now) + timedelta(days=days)) + _MORNING)
        return RedirectResponse(page.at("practice") + "#late", 303)
    with page.connect() as connection:
        written: dict[str, datetime] = dict(connection.execute(_WRITTEN, [page.office]).fetchall())
        late = connection.execute(_LATE, [page.office]).fetchall()
    began = min(written.values(), default=None)
    titles = Titles(page)
    titles.look_up([row[0] for row in late])
    steps = [_row(page, step, written, began) for step in STEPS]
    return page.show(
        "practice.html",
        steps=steps,
        done=sum(step["done"] for step in steps),
        next=next((number for number, step in enumerate(steps) if not step["done"]), None),
        may=Role.MANAGER in page.roles,
        late=[
            (
                page.begins(zh, en),
                titles.of(case_id).text,
                page.at("case", case_id),
                instant(due_at, page.lang, page.now, ends=True),
                clause,
            )
            for case_id, zh, en, due_at, clause in late
        ],
        standards=page.at("standards"),
    )


def _row(page: Page, step: Step, written: dict[str, datetime], began: datetime | None) -> dict[str, Any]:
    over = began is not None and page.now - began >= _LATEST
    return {
        "name": page.t(step.zh, step.en),
        "how": page.t(step.how_zh, step.how_en),
        "clause": step.clause,
        "duty": page.t(CLAUSES[step.clause].zh, CLAUSES[step.clause].en),
        "href": page.at(*step.path, view=step.view) if step.fact else "",
        "done": step.fact in written if step.fact else over,
    }
