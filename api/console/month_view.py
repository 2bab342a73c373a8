"""What the month-end page shows of a bill run 月末所见 (§7.2): its steps, by whom and by when; its households; its buildings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from api.console.formatting import instant, left, money, on_day
from api.console.people import role_name
from api.console.values import named
from domain.fees.bill_run.case import (
    CLOSED,
    COMPILED,
    COMPILING,
    DELIVERED,
    ISSUED,
    ISSUING,
    OPEN,
    RETURNED,
    REVIEWED,
    BillRun,
)
from domain.kernel.people import Actor, Role

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = [
    "MOST",
    "SHOWS",
    "Step",
    "buildings",
    "counted",
    "households",
    "parts",
    "steps",
    "unusual",
    "without_building",
]

MOST: Final = 50
"""Households of one page."""
SHOWS: Final[Mapping[str, tuple[str, tuple[str, str]]]] = {
    "anomalies": ("anomaly is not null and left_out is null", ("异常", "Anomalies")),
    "different": ("difference_fen <> 0 and left_out is null", ("与上月不同", "Unlike last month")),
    "undelivered": ("bill is not null and delivered_on is null", ("未送达", "Not delivered")),
    "left-out": ("left_out is not null", ("不出账", "Left out")),
    "all": ("true", ("全部", "All")),
}
"""What of a run's households is looked at."""
_ORDER: Final = {"different": "abs(difference_fen) desc, "}
_NAMES: Final = (
    "household",
    "home",
    "building",
    "amount_fen",
    "before_fen",
    "difference_fen",
    "anomaly",
    "uncredited_fen",
    "unbilled_fen",
    "left_out",
    "bill",
    "delivered_on",
    "deliver_on",
)
_OF_RUN: Final = "from wuye.r_bill_run_households where office = %(office)s and case_id = %(run)s and to_number is null"
_SUMS: Final = (
    "coalesce(sum(amount_fen) filter (where left_out is null), 0), coalesce(sum(before_fen), 0),"
    " coalesce(sum(difference_fen) filter (where left_out is null), 0), count(bill), count(delivered_on),"
    " count(*) filter (where delivered_on <= deliver_on and entered_on <= deliver_on)"
)
_FACTS: Final = """
select name, max(occurred_at) from wuye.facts where office = %s and case_id = %s
   and name in ('BillRunOpened', 'BillRunIssued', 'BillRunDelivered', 'MonthClosed') group by name
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the month: who does it, until when, and how far it is."""

    text: str
    who: str
    due: str
    done: str
    css: str
    word: str
    is_next: bool


_NEXT: Final = {
    OPEN: "compile",
    COMPILING: "compile",
    RETURNED: "compile",
    COMPILED: "review",
    REVIEWED: "approve",
    ISSUING: "issue",
    ISSUED: "deliver",
    DELIVERED: "close",
    CLOSED: "",
}
_STEPS: Final = ("compile", "review", "approve", "issue", "deliver", "close")


def steps(page: Page, run: BillRun) -> list[Step]:
    """What must be done by whom by when (§7.2), and what is done already."""
    with page.connect() as connection:
        facts: dict[str, datetime] = dict(connection.execute(_FACTS, [page.office, run.id]).fetchall())
    at = _STEPS.index(_NEXT[run.state]) if _NEXT[run.state] else len(_STEPS)
    compiled_at = run.compiled_at
    if run.state == COMPILED and run.open_parts:  # with all parts it is compiled
        at, compiled_at = 0, None
    program = page.t("程序", "the program")
    told: tuple[tuple[str, str, datetime | None, datetime | None, str | None, datetime | None], ...] = (
        (
            page.t("计费", "Compile"),
            role_name(Role.ADMINISTRATOR, page.lang),
            run.compile_by,
            compiled_at,
            run.compiled_by,
            run.compilation_missed_at,
        ),
        (
            page.t("审核", "Review"),
            role_name(Role.MANAGER, page.lang),
            run.review_by,
            run.reviewed_at,
            run.reviewed_by,
            run.review_missed_at,
        ),
        (page.t("批准", "Approve"), role_name(Role.COMPANY, page.lang), None, run.approved_at, None, None),
        (page.t("出账", "Issue"), program, None, facts.get("BillRunIssued"), None, None),
        (
            page.t("送达", "Deliver"),
            role_name(Role.ADMINISTRATOR, page.lang),
            run.deliver_by,
            facts.get("BillRunDelivered"),
            None,
            run.delivery_missed_at,
        ),
        (page.t("关账", "Close"), role_name(Role.MANAGER, page.lang), None, facts.get("MonthClosed"), None, None),
    )
    return [_step(page, run, number - at, *each) for number, each in enumerate(told)]


def _step(
    page: Page,
    run: BillRun,
    ahead: int,
    text: str,
    who: str,
    due: datetime | None,
    done: datetime | None,
    by: str | None,
    missed: datetime | None,
) -> Step:
    """``ahead``: how many steps it lies before the run; below nought it is done."""
    said = instant(due, page.lang, page.now, ends=True, near=True) if due is not None else ""
    person = page.kit.people.name(by, page.lang) if by is not None and ahead < 0 else who
    if ahead < 0:
        at = instant(done, page.lang, page.now) if done is not None else ""
        if missed is not None:
            return Step(text, person, said, at, "st-late", page.t("逾期完成", "done late"), is_next=False)
        return Step(text, person, said, at, "st-done", page.t("已完成", "done"), is_next=False)
    over = missed is not None or (due is not None and due <= page.now)
    word = left(due, page.lang, page.now) if due is not None else ""
    if over:
        return Step(text, person, said, "", "st-late", word, is_next=ahead == 0)
    if ahead:
        return Step(text, person, said, "", "st-wait", page.t("未到", "not yet"), is_next=False)
    if run.state in (COMPILING, ISSUING):
        word = page.t("进行中", "under way")
    return Step(text, person, said, "", "st-run", word or page.t("现在", "now"), is_next=True)


# -- households ------------------------------------------------------------------------------------------------------


def counted(page: Page, run: str) -> dict[str, Any]:
    """How many households each view has, and what all of them come to."""
    shows = ", ".join(f"count(*) filter (where {where})" for where, _ in SHOWS.values())
    with page.connect() as connection:
        row = connection.execute(f"select {shows}, {_SUMS} {_OF_RUN}".encode(), _asked(page, run)).fetchone()
    assert row is not None
    sums = dict(
        zip(("amount", "before", "difference", "bills", "delivered", "in_time"), row[len(SHOWS) :], strict=True)
    )
    return {"shows": dict(zip(SHOWS, row, strict=False)), **{name: int(value) for name, value in sums.items()}}


def parts(page: Page, run: BillRun) -> list[dict[str, Any]]:
    """Who compiles which homes (§7.2a): each administrator's part, what is his own first."""
    waiting = set(run.open_parts)
    me = page.context.handler.actor(page.office, Actor(page.identity.user_id, Role.ADMINISTRATOR))
    made = []
    for name, drafts in sorted(run.parts.items()):
        counted_ = [draft for draft in drafts if draft.household not in run.left_out]
        done = run.confirmed.get(name)
        made.append(
            {
                "value": name,
                "who": page.kit.people.name(name, page.lang),
                "households": len(counted_),
                "amount": money(sum(draft.amount_fen for draft in counted_)),
                "anomalies": sum(draft.anomaly is not None for draft in counted_),
                "waits": name in waiting,
                "done": instant(done, page.lang, page.now) if done is not None else "",
                "mine": me.is_any({name}),
                "href": page.here(part=name, household=None, show="all", **{"from": None}),
            }
        )
    return sorted(made, key=lambda each: (not each["mine"], not each["waits"]))


def households(page: Page, run: str, show: str, start: int, part: str = "") -> list[dict[str, Any]]:
    """The households of a view in words, one more than a page of them: what has to be looked at stands first."""
    where = f"{SHOWS[show][0]} and (%(part)s = '' or looked_after_by = %(part)s)"
    order = f"{_ORDER.get(show, '')}(anomaly is null), home, household"
    with page.connect() as connection:
        rows = connection.execute(
            f"select {', '.join(_NAMES)} {_OF_RUN} and {where} order by {order} limit {MOST + 1} offset {start}".encode(),
            _asked(page, run) | {"part": part},
        ).fetchall()
    return [_household(page, dict(zip(_NAMES, row, strict=True))) for row in rows]


def _household(page: Page, row: Mapping[str, Any]) -> dict[str, Any]:
    difference = row["difference_fen"]
    share = abs(difference) * 100 // row["before_fen"] if difference and row["before_fen"] else 0
    return {
        "household": row["household"],
        "home": row["home"] or page.t("无房号", "no number"),
        "building": row["building"] or "",
        "amount": money(row["amount_fen"]),
        "before": money(row["before_fen"]) if row["before_fen"] is not None else "–",
        "difference": _signed(difference) if difference is not None else "–",
        "share": str(share) if share else "",
        "anomaly": unusual(page, row["anomaly"], row["uncredited_fen"], row["unbilled_fen"]),
        "left_out": row["left_out"] or "",
        "bill": page.at("case", row["bill"]) if row["bill"] else "",
        "delivered": on_day(row["delivered_on"], page.lang, page.now) if row["delivered_on"] else "",
        "late": row["delivered_on"] is not None and row["delivered_on"] > row["deliver_on"],
        "waits": row["bill"] is not None and row["delivered_on"] is None,
    }


def unusual(page: Page, anomaly: str | None, uncredited_fen: int | None, unbilled_fen: int | None) -> str:
    """What a reviewer looks at, what is still to be credited, and what of the standards somebody has not billed."""
    said = [named("Anomaly", anomaly, page.lang)] if anomaly else []
    if uncredited_fen is not None:
        fen = money(uncredited_fen)
        said.append(page.t(f"待抵减{fen}", f"{fen} still to be credited"))
    if unbilled_fen is not None:
        fen = money(unbilled_fen)
        said.append(page.t(f"标准未计{fen}", f"{fen} of the standards not billed"))
    return page.t("，", ", ").join(said)


def _signed(fen: int) -> str:
    return f"+{money(fen)}" if fen > 0 else money(fen)


def buildings(page: Page, run: str, today: date) -> list[dict[str, Any]]:
    """Building after building: how many notices it has and how many are delivered, of them in time."""
    with page.connect() as connection:
        rows = connection.execute(
            f"select building, count(bill), count(delivered_on), count(*) filter (where delivered_on <= deliver_on),"
            f" min(deliver_on) {_OF_RUN} and bill is not null group by 1 order by length(building), building".encode(),
            _asked(page, run),
        ).fetchall()
    return [
        {
            "building": building or "",
            "text": _building(page, building),
            "notices": bills,
            "delivered": delivered,
            "waits": bills - delivered,
            "late": delivered - in_time,
            "over": bills > delivered and deliver_on < today,
        }
        for building, bills, delivered, in_time, deliver_on in rows
    ]


def _building(page: Page, building: str | None) -> str:
    if not building:
        return page.t("未分楼栋", "no building")
    return page.t(f"{building} 栋", f"building {building}") if building.isalnum() and building.isascii() else building


def without_building(page: Page, run: str) -> list[str]:
    """The households without a building that wait for their notice: they are named one by one."""
    with page.connect() as connection:
        rows = connection.execute(
            f"select household {_OF_RUN} and bill is not null and delivered_on is null and building is null".encode(),
            _asked(page, run),
        ).fetchall()
    return [row[0] for row in rows]


def _asked(page: Page, run: str) -> dict[str, str]:
    return {"office": page.office, "run": run}
