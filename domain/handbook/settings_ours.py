"""Numbers of our own 自定: where the handbook asks for something and gives no number, so that 100 % means 100 %.

Rows as in the settings table: name, clause, kind, default, Chinese, English. Every wording says that the number is ours.
"""

from __future__ import annotations

from typing import Final

__all__ = ["OUR_RANGES", "OUR_ROWS"]

OUR_ROWS: Final[tuple[tuple[str, str, str, int | str, str, str], ...]] = (
    (
        "repairs.dispatch_within_hours",
        "1.11",
        "hours",
        24,
        "报修后几小时内派工并定期限（自定）",
        "hours until somebody is sent to a repair, with a date (ours)",
    ),
    (
        "complaints.tell_within_hours",
        "4.2",
        "hours",
        2,
        "登记后几小时内告知住户办法和时限（自定）",
        "hours until the resident is told what will be done, and by when (ours)",
    ),
    (
        "complaints.told_target",
        "4.2",
        "fraction",
        "1",
        "投诉及时告知率目标（自定）",
        "target of residents told in time (ours)",
    ),
    (
        "complaints.later_promises",
        "4.2",
        "integer",
        1,
        "管理员可自行改期次数（自定）",
        "later promises that an administrator may give alone (ours)",
    ),
    (
        "complaints.later_promise_days",
        "4.2",
        "days",
        7,
        "管理员改期至多晚于首次时限天数（自定）",
        "days by which those may lie after the first date (ours)",
    ),
    (
        "complaints.promise_within_days",
        "4.2",
        "days",
        60,
        "任何时限距登记（重开）至多天数（自定）",
        "days after it began beyond which nothing is promised (ours)",
    ),
    (
        "complaints.decide_within_hours",
        "4.3",
        "hours",
        24,
        "部门负责人答复请示时限（自定）",
        "hours for the head to decide what was escalated (ours)",
    ),
    (
        "complaints.cause_target",
        "4.3",
        "fraction",
        "1",
        "投诉查明根源率目标（自定）",
        "target of root causes found (ours)",
    ),
    (
        "complaints.review_within_days",
        "4.4",
        "days",
        3,
        "较严重投诉几天内检讨（自定）",
        "days until a severe complaint is reviewed (ours)",
    ),
    (
        "follow_up.unreachable_days",
        "5.2.D",
        "integer",
        2,
        "未能联系须在几个不同日期（自定）",
        "different days on which a resident was tried (ours)",
    ),
    (
        "follow_up.unreachable_hours",
        "5.2.D",
        "integer",
        2,
        "未能联系须在几个不同钟点（自定）",
        "different hours of the day at which a resident was tried (ours)",
    ),
    (
        "follow_up.exits_at_most",
        "5.2.D",
        "fraction",
        "5/100",
        "未回访而终止所占份额上限（自定）",
        "greatest share of follow-ups ended unvisited (ours)",
    ),
    (
        "fees.management_at_most_fen",
        "7.1",
        "amount",
        5_000,
        "物业服务费单价上限（分/㎡·月，公司规定）",
        "most for a m² and month, in fen (the company's rule)",
    ),
    (
        "fees.price_at_most_fen",
        "7.1",
        "amount",
        1_000_000,
        "其他收费单价上限（分，公司规定）",
        "most for a unit of anything else, in fen (the company's rule)",
    ),
    (
        "emergency.end_within_hours",
        "5.2.3(6)",
        "hours",
        24,
        "急救几小时内登记结束（自定）",
        "hours until an emergency is recorded as ended (ours)",
    ),
    (
        "calendar.off_days",
        "民法典203",
        "dates",
        "none",
        "本年放假日（补充公布表）",
        "days off, beside the table that comes with the program",
    ),
    (
        "calendar.worked_days",
        "民法典203",
        "dates",
        "none",
        "本年调休上班日（补充公布表）",
        "weekends worked, beside the table that comes with the program",
    ),
    (
        "follow_up.review_within_days",
        "5.2.5(5)",
        "days",
        3,
        "回访记录几天内审核（自定）",
        "days until a record is reviewed (ours)",
    ),
)
"""Every one of them, by clause."""

OUR_RANGES: Final[dict[str, tuple[int, int]]] = {
    "complaints.later_promises": (0, 10),
    "complaints.later_promise_days": (0, 60),
    "complaints.promise_within_days": (1, 366),
    "complaints.review_within_days": (1, 30),
    "complaints.tell_within_hours": (1, 72),
    "complaints.decide_within_hours": (1, 168),
    "follow_up.unreachable_days": (2, 14),
    "follow_up.unreachable_hours": (2, 12),
    "follow_up.review_within_days": (1, 30),
    "repairs.dispatch_within_hours": (1, 168),
    "emergency.end_within_hours": (1, 168),
}
"""Smallest and greatest value, both allowed."""
