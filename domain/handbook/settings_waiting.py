"""How long anything waits for its next step 候办期限 (自定): what stands still has a date, in every kind of case.

Rows as in the settings table: name, clause, kind, default, Chinese, English. The handbook asks that what is begun comes to
an end (§4.5) and gives no number here: every wording says that the number is ours.
"""

from __future__ import annotations

from typing import Final

__all__ = ["WAITING_RANGES", "WAITING_ROWS"]

WAITING_ROWS: Final[tuple[tuple[str, str, str, int | str, str, str], ...]] = (
    (
        "waiting.verified_within_days",
        "1.1",
        "days",
        7,
        "报告完成后几天内验证、验收（自定）",
        "days until what is reported as done is verified or accepted (ours)",
    ),
    (
        "waiting.closed_within_days",
        "1.1",
        "days",
        7,
        "验证、验收合格后几天内关闭（自定）",
        "days until what was found good is closed (ours)",
    ),
    (
        "waiting.moved_in_within_days",
        "1.3",
        "days",
        30,
        "入住申请后几天内交付钥匙（自定）",
        "days from the application until the keys are handed over (ours)",
    ),
    (
        "waiting.moved_out_within_days",
        "1.3",
        "days",
        7,
        "迁出日后几天内办结（自定）",
        "days after the day of leaving until a move-out is completed (ours)",
    ),
    (
        "waiting.deposit_back_within_days",
        "1.3",
        "days",
        7,
        "住户迁出后几天内退还入住押金（自定）",
        "days after a household has left until its deposit goes back (ours)",
    ),
    (
        "waiting.permitted_within_days",
        "1.4",
        "days",
        30,
        "装修审核通过后几天内收押金、发许可（自定）",
        "days from approval until deposit and permit of a renovation (ours)",
    ),
    (
        "waiting.reported_within_days",
        "1.7",
        "days",
        7,
        "活动举行后几天内总结（自定）",
        "days until an activity that was held is reported (ours)",
    ),
    (
        "waiting.issued_within_hours",
        "3.3",
        "hours",
        24,
        "钥匙取领登记后几小时内发放或拒绝（自定）",
        "hours until requested keys are issued or refused (ours)",
    ),
    (
        "waiting.archived_within_days",
        "4.8",
        "days",
        14,
        "投诉处理后几天内回访、归档（自定）",
        "days until a complaint that was handled is archived (ours)",
    ),
    (
        "waiting.taken_over_within_days",
        "5.2.3(1)",
        "days",
        7,
        "计划接管日后几天内接管或取消（自定）",
        "days after the planned day until an estate is taken over (ours)",
    ),
    (
        "waiting.approved_within_days",
        "7.2b",
        "days",
        3,
        "计费审核后几天内由公司批准或退回（自定）",
        "days until the company approves a reviewed bill run or returns it (ours)",
    ),
    (
        "waiting.month_closed_within_days",
        "7.2b",
        "days",
        10,
        "缴费通知单送达后几天内关账（自定）",
        "days from the delivery of the notices until the month is closed (ours)",
    ),
    (
        "waiting.confirmed_within_days",
        "1",
        "days",
        3,
        "待第二人核实、签批的几天内决定（自定）",
        "days until what waits for a second person's word is decided (ours)",
    ),
    (
        "waiting.decided_within_days",
        "1",
        "days",
        7,
        "申请退款、设定变更后几天内决定（自定）",
        "days until a refund or a change of a setting that was asked for is decided (ours)",
    ),
    (
        "waiting.data_within_days",
        "9.2",
        "days",
        15,
        "个人信息导出、销毁申请后几天内决定（自定）",
        "days until an export or an erasure of personal data is decided (ours)",
    ),
)
"""Every one of them, by what waits."""

WAITING_RANGES: Final[dict[str, tuple[int, int]]] = {
    "waiting.verified_within_days": (1, 30),
    "waiting.closed_within_days": (1, 30),
    "waiting.moved_in_within_days": (1, 90),
    "waiting.moved_out_within_days": (1, 30),
    "waiting.deposit_back_within_days": (1, 30),
    "waiting.permitted_within_days": (1, 90),
    "waiting.reported_within_days": (1, 30),
    "waiting.issued_within_hours": (1, 72),
    "waiting.archived_within_days": (3, 60),
    "waiting.taken_over_within_days": (1, 90),
    "waiting.approved_within_days": (1, 10),
    "waiting.month_closed_within_days": (1, 31),
    "waiting.confirmed_within_days": (1, 30),
    "waiting.decided_within_days": (1, 30),
    "waiting.data_within_days": (1, 30),
}
"""Smallest and greatest value, both allowed."""
