"""Lawful bounds 法定与合理界限 of every setting, each with what it rests on, and which settings one person may change.

Between its bounds a setting says how the handbook is carried out; beyond them it would undo the rule it belongs to. What
stands in old books is read whatever it is (see ``RANGES``); a change is held to these. A bound without a source is ours
and says so (自定).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from itertools import count
from typing import Final, NamedTuple

from domain.handbook.settings_waiting import WAITING_RANGES

__all__ = ["BOUNDS", "MOST_OFF", "ONE_PERSON", "RANGES", "Bound", "longest_break", "narrower"]

_SATURDAY: Final = 5


class Bound(NamedTuple):
    """Least and greatest value, both allowed, as settings are written; and the ground, in both languages."""

    least: int | str
    greatest: int | str
    zh: str
    en: str


def narrower(bound: Bound | None, minimum: int | None, maximum: int | None) -> Bound | None:
    """The bound of its kind, where the setting's own range is narrower: what is shown is what is held."""
    if bound is None or minimum is None or maximum is None:
        return bound
    if not isinstance(bound.least, int) or not isinstance(bound.greatest, int):
        return bound
    least, greatest = max(bound.least, minimum), min(bound.greatest, maximum)
    if (least, greatest) == (bound.least, bound.greatest):
        return bound
    return Bound(least, greatest, "本项自有范围（自定）", "a range of its own (ours)")


_TARGET: Final = Bound(
    "50/100", 1, "多数事项可不达到的目标不成其为目标（自定）", "a target that most may miss is none (ours)"
)
_ALL: Final = Bound(
    1, 1, "手册要求全部做到，不得另定较低目标", "the handbook asks for all of them: no target lies lower"
)
_HOUR: Final = Bound("00:00", "23:59", "本机构自定", "the office's own")
_SPAN: Final = Bound(1, 366, "期限至少一日、至多一年（自定）", "a day at least, a year at most (ours)")
_MONTHS: Final = Bound(1, 36, "至少一个月、至多三年（自定）", "a month at least, three years at most (ours)")
_MIDDLE: Final = Bound("1/10", "9/10", "合同中期不及首尾（自定）", "the middle is neither end (ours)")
_MONTH_END: Final = Bound(0, 27, "须在当月之内 §7.2", "within the month §7.2")

_WINDOW: Final = Bound(
    1, 30, "手册为七天左右 §5.2.3，至多一月（自定）", "about seven days §5.2.3, a month at most (ours)"
)
_WITHIN_WEEK: Final = Bound(1, 7, "手册为一周内 §5.2.3，可更严", "within a week §5.2.3, or stricter")
_WITHIN_MONTH: Final = Bound(1, 1, "手册为一个月内 §5.2.3", "within a month §5.2.3")

BOUNDS: Final[dict[str, Bound]] = {
    # by kind, unless the setting has its own
    "fraction": _TARGET,
    "time": _HOUR,
    "days": _SPAN,
    "months": _MONTHS,
    "hours": Bound(1, 720, "至少一小时、至多三十日（自定）", "an hour at least, thirty days at most (ours)"),
    "minutes": Bound(1, 120, "至多两小时（自定）", "two hours at most (ours)"),
    "integer": Bound(1, 31, "至少一次（自定）", "once at least (ours)"),
    "amount": Bound(0, 10_000_000, "至多十万元（自定）", "100,000 yuan at most (ours)"),
    "day": Bound(1, 28, "每月都有的日子", "a day that every month has"),
    "text": Bound(0, 200, "至多二百字（自定）", "200 characters at most (ours)"),
    "dates": Bound(
        "none",
        "2099-12-31",
        "国务院办公厅每年公布的放假和调休日",
        "the days off and worked that the State Council announces each year",
    ),
    "years": Bound(3, 100, "至少三年（手册 §5.2.5(7)）", "three years at least (handbook §5.2.5(7))"),
    # by setting
    **dict.fromkeys(
        (
            "complaints.handled_target",
            "complaints.follow_up_target",
            "vacancy.inspection_target",
            "patrol.target",
            "notice_board.target",
            "notices.delivered_target",
        ),
        _ALL,
    ),
    "repairs.follow_up_rate": Bound(
        "20/100", 1, "手册所定，不得低于 20% §5.2.B", "the handbook's own 20 % at least §5.2.B"
    ),
    "vacancy.integrity_target": Bound(
        "98/100", 1, "手册所定，不得低于 98% §3.6", "the handbook's own 98 % at least §3.6"
    ),
    "complaints.tell_within_hours": Bound(1, 24, "当日告知（自定）", "within a day (ours)"),
    "complaints.promise_within_days": Bound(1, 90, "至多一季（自定）", "a quarter at most (ours)"),
    "follow_up.complaint.within_days": Bound(
        1, 3, "手册为三天内 §5.2.3(2)，可更严", "within three days §5.2.3(2), or stricter"
    ),
    "follow_up.move_in.grace_days": _WINDOW,
    "follow_up.repair.from_days": _WINDOW,
    "follow_up.special_service.after_end_days": _WINDOW,
    "follow_up.emergency.within_days": _WITHIN_WEEK,
    "follow_up.other.within_days": _WITHIN_WEEK,
    "follow_up.takeover.within_months": _WITHIN_MONTH,
    "follow_up.move_in.after_months": _WITHIN_MONTH,
    "follow_up.repair.to_months": _WITHIN_MONTH,
    "follow_up.activity.within_months": _WITHIN_MONTH,
    "follow_up.exits_at_most": Bound(
        0, "20/100", "未回访而终止只是例外（自定）", "ending unvisited is the exception (ours)"
    ),
    "follow_up.special_service.middle_from": _MIDDLE,
    "follow_up.special_service.middle_to": _MIDDLE,
    "late_fee.rate_per_day": Bound(
        0,
        "0.003",
        "合同所约至多日千分之三，过高者法院酌减（民法典585）",
        "what covenants agree, 0.3 % a day at most; courts reduce what is excessive (Civil Code 585)",
    ),
    "late_fee.cap": Bound(
        0,
        "30/100",
        "超过损失三成即为过高（合同编通则解释65）",
        "beyond 30 % of the loss it is excessive (interpretation 65)",
    ),
    "late_fee.reference_rate_per_year": Bound(
        "0.001",
        "0.10",
        "一年期贷款市场报价利率历来不及一成（自定）",
        "the one-year loan prime rate has never come near 10 % (ours)",
    ),
    "late_fee.grace_days": Bound(0, 366, "宽限可无（自定）", "there need be no grace (ours)"),
    "bills.compiled_days_before_month_end": _MONTH_END,
    "bills.reviewed_days_before_month_end": _MONTH_END,
    "bills.differs_by": Bound(
        "1/100", 1, "翻倍而不查等于不查（自定）", "a bill that doubles unseen is not looked at (ours)"
    ),
    "bank.matched_within_days": Bound(1, 31, "至多一月（自定）", "a month at most (ours)"),
    "bank.sure_points": Bound(60, 200, "一项依据不足以为有把握（自定）", "a single ground makes nothing sure (ours)"),
    "bank.sure_lead": Bound(
        10, 200, "两户难分时须由人选（自定）", "between two that are close a person chooses (ours)"
    ),
    "cash.float_fen": Bound(0, 1_000_000, "至多一万元（自定）", "10,000 yuan at most (ours)"),
    "bank.same_money_days": Bound(0, 31, "至多一月（自定）", "a month at most (ours)"),
    "notices.delivered_by_day": Bound(1, 1, "手册为次月一日 §7.2c", "by the 1st of the next month §7.2c"),
    "households.update_every_months": Bound(1, 3, "手册为一季 §9.1，可更严", "a quarter §9.1, or stricter"),
    "arrears.stage1_after_months": Bound(1, 1, "手册为次月 §8.A(1)", "in the second month §8.A(1)"),
    "arrears.stage2_after_months": Bound(2, 2, "手册为第三个月 §8.A(2)", "in the third month §8.A(2)"),
    "arrears.fruitless_visit_days": Bound(3, 3, "手册为三天 §8.A(2)", "three days after a fruitless visit §8.A(2)"),
    "arrears.limitation_years": Bound(
        3,
        3,
        "诉讼时效由法律规定，约定无效（民法典188、197）",
        "fixed by law, agreements on it are void (Civil Code 188, 197)",
    ),
    "privacy.processing_records_years": Bound(3, 100, "至少三年（个人信息保护法56）", "three years at least (PIPL 56)"),
    "complaints.answer_within_days": Bound(1, 10, "至迟十日（杭州50）", "ten days at most (Hangzhou 50)"),
    "contact.per_week": Bound(
        1, 7, "不得侵扰私人生活安宁（民法典1033）", "nobody's peace is disturbed (Civil Code 1033)"
    ),
    "fees.management_at_most_fen": Bound(1, 10_000_000, "上限须大于零，至多十万元（自定）", "more than nothing (ours)"),
    "fees.price_at_most_fen": Bound(1, 10_000_000, "上限须大于零，至多十万元（自定）", "more than nothing (ours)"),
    "contact.quiet_from": Bound("18:00", "22:00", "夜间安宁（民法典1033）", "quiet at night (Civil Code 1033)"),
    "contact.quiet_until": Bound("07:00", "12:00", "夜间安宁（民法典1033）", "quiet at night (Civil Code 1033)"),
    "renovation.hours_from": Bound("06:00", "12:00", "施工时段自早晨起（自定）", "work begins in the morning (ours)"),
    "renovation.hours_until": Bound("12:00", "22:00", "夜间不施工（自定）", "no work at night (ours)"),
    "follow_up.submit_within_hours": Bound(
        1, 24, "二十四小时内交存 §5.2.5(7)，可更严", "within 24 hours §5.2.5(7), or stricter"
    ),
    "follow_up.link_days": Bound(1, 90, "一季之内（自定）", "within a quarter (ours)"),
    "follow_up.difference_days": Bound(1, 30, "至多一月（自定）", "a month at most (ours)"),
    "follow_up.least_conforming": Bound(1, 5, "满意度分五级 §5.2.4", "satisfaction has five degrees §5.2.4"),
    "follow_up.unreachable_attempts": Bound(
        2, 10, "一次未遇不算无法联系（自定）", "once not met is not unreachable (ours)"
    ),
    "tasks.deadline_within_days": Bound(
        7, 180, "至少一周、至多半年（自定）", "a week at least, half a year at most (ours)"
    ),
    "tasks.remind_hours_before": Bound(1, 336, "至多提前两周（自定）", "two weeks ahead at most (ours)"),
    "tasks.warn_superior_hours_before": Bound(1, 168, "至多提前一周（自定）", "a week ahead at most (ours)"),
    "tasks.escalate_hours_after": Bound(
        1, 168, "逾期未办，一周内须上报（自定）", "what is overdue goes up within a week (ours)"
    ),
    "notifications.quiet_from": Bound("18:00", "23:59", "白天须能收到通知（自定）", "by day notices arrive (ours)"),
    "notifications.quiet_until": Bound("05:00", "10:00", "白天须能收到通知（自定）", "by day notices arrive (ours)"),
    "homes.roster_complete": Bound(0, 1, "名册未齐或已齐（自定）", "not complete, or complete (ours)"),
    "surveys.per_year": Bound(
        2, 12, "手册为至少两次 §5.1，至多每月一次（自定）", "twice at least §5.1, monthly at most (ours)"
    ),
    "patrol.per_day": Bound(1, 24, "每日至少一次 §2", "daily at least §2"),
    "reviews.same_matter_complaints": Bound(2, 2, "手册为连续两次 §5.2.5(6)", "two in a row §5.2.5(6)"),
    "reviews.same_kind_repairs": Bound(2, 3, "手册为三次 §5.2.5(6)，可更严", "three of a kind §5.2.5(6), or stricter"),
    **{
        name: Bound(*least_and_greatest, "候办不致搁置（自定）", "so that what waits is not forgotten (ours)")
        for name, least_and_greatest in WAITING_RANGES.items()
    },
}
"""By name or else by kind. A choice has its choices."""

ONE_PERSON: Final = frozenset(
    {
        "tasks.remind_hours_before",
        "tasks.warn_superior_hours_before",
        "tasks.escalate_hours_after",
        "notifications.quiet_from",
        "notifications.quiet_until",
        "renovation.hours_from",
        "renovation.hours_until",
    }
)
"""What no figure rests on: the manager alone changes it from today on. Targets, rates, windows and caps need two."""

RANGES: Final[dict[str, tuple[int, int]]] = {
    "fraction": (0, 1),
    "integer": (1, 1_000),
    "amount": (0, 100_000_000),
    "days": (0, 3_660),
    "hours": (1, 8_784),
    "minutes": (0, 1_440),
    "months": (0, 120),
    "years": (1, 100),
    "day": (1, 28),
    "follow_up.least_conforming": (1, 5),
    "reviews.same_matter_complaints": (2, 1_000),
    "reviews.same_kind_repairs": (2, 1_000),
    "arrears.stage1_after_months": (1, 120),
    "arrears.stage2_after_months": (2, 120),
    "bills.compiled_days_before_month_end": (0, 27),
    "bills.reviewed_days_before_month_end": (0, 27),
    "privacy.processing_records_years": (3, 100),
}
"""Smallest and greatest value, both allowed: by kind, unless the setting has its own."""


MOST_OFF: Final = 10
"""Days in a row, weekends with them, beyond which nobody has ever been given a holiday: else a due day never comes (ours)."""


def longest_break(days: Collection[date]) -> int:
    """The most days in a row that are off when these are, with the weekends that touch them."""

    def off(day: date) -> bool:
        return day in days or day.weekday() >= _SATURDAY

    def run(day: date, step: int) -> int:
        return next(n for n in count() if not off(day + timedelta(days=step * (n + 1))))

    return max((1 + run(day, 1) + run(day, -1) for day in days), default=0)
