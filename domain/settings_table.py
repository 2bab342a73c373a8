"""The numbers of the handbook and of the law as rows: name, clause, kind, default, Chinese, English.

Each number stands here once and nowhere else. Where the source gives no number the default is ours, and the wording
says so. A ``choice`` names how a sentence of the handbook is read; one with a single choice has only one reading yet
and stands here so that figures can show it.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CHOICES", "ORDERED", "RANGES", "ROWS"]

ROWS: Final[tuple[tuple[str, str, str, int | str, str, str], ...]] = (
    ("rectification.default_days", "1.1", "days", 7, "整改默认期限（自定）", "deadline of a rectification (ours)"),
    ("notice_board.editions_per_month", "1.7", "integer", 1, "宣传栏每月期数", "notice board editions a month"),
    ("notice_board.target", "1.7", "fraction", "1", "宣传栏按月更换率目标", "target of months with a posting"),
    ("patrol.per_day", "2", "integer", 1, "每日巡视次数", "patrols a day"),
    ("patrol.target", "2", "fraction", "1", "日常巡视完成率目标", "target of days patrolled"),
    ("vacancy.inspections_per_month", "3.5", "integer", 1, "空房每月检查次数", "inspections of a vacant home a month"),
    ("vacancy.inspection_target", "3.5", "fraction", "1", "空房检查率目标", "target of vacant homes inspected"),
    ("vacancy.integrity_target", "3.6", "fraction", "98/100", "空房完好率目标", "target of intact vacant homes"),
    ("vacancy.integrity_basis", "3.6", "choice", "homes", "完好率按套数计", "integrity counts homes, not area"),
    ("vacancy.integrity_moment", "3.6", "choice", "end-of-day", "完好率取当日终了", "integrity at the end of the day"),
    ("complaints.handled_target", "4.9", "fraction", "1", "投诉处理率目标", "target of complaints handled"),
    (
        "complaints.handled_by",
        "4.9",
        "choice",
        "later-of-promised-and-dispatched",
        "以承诺与派单期限中较晚者为准",
        "handled by the later of the promised and the dispatched deadline",
    ),
    ("complaints.anonymous", "4.9", "choice", "counted", "匿名投诉计入", "anonymous complaints count"),
    ("complaints.answer_within_days", "杭州50", "days", 10, "投诉答复期限", "days to answer a complaint (local rule)"),
    ("complaints.follow_up_target", "5.2.A", "fraction", "1", "投诉回访率目标", "target of complaints followed up"),
    ("surveys.per_year", "5.1", "integer", 2, "每年征询次数", "surveys a year"),
    ("repairs.follow_up_rate", "5.2.B", "fraction", "20/100", "维修单每周回访率", "share of repair orders followed up"),
    (
        "repairs.follow_up_minimum",
        "5.2.B",
        "integer",
        1,
        "每周至少回访单数",
        "follow-ups a week at least, if any repair",
    ),
    (
        "repairs.population",
        "5.2.B",
        "choice",
        "completed-in-iso-week",
        "上周完成的维修单",
        "repairs completed last week",
    ),
    (
        "repairs.common_areas",
        "5.2.B",
        "choice",
        "counted",
        "有人报修的公共部位计入",
        "ordered common-area repairs count",
    ),
    ("follow_up.takeover.within_months", "5.2.3(1)", "months", 1, "接管后几个月内回访", "months after a takeover"),
    ("follow_up.complaint.within_days", "5.2.3(2)", "days", 3, "投诉办结后几天内回访", "days after a resolution"),
    ("follow_up.move_in.after_months", "5.2.3(3)", "months", 1, "入住几个月后回访", "months after moving in"),
    (
        "follow_up.move_in.grace_days",
        "5.2.3(3)",
        "days",
        7,
        "入住回访宽限（自定）",
        "days the window stays open (ours)",
    ),
    ("follow_up.repair.from_days", "5.2.3(4)", "days", 7, "维修完成几天后起回访", "days after completion, from"),
    ("follow_up.repair.to_months", "5.2.3(4)", "months", 1, "维修完成几个月内回访", "months after completion, to"),
    ("follow_up.special_service.middle_from", "5.2.3(5)", "fraction", "1/3", "合同中期起点", "middle of a term, from"),
    ("follow_up.special_service.middle_to", "5.2.3(5)", "fraction", "2/3", "合同中期终点", "middle of a term, to"),
    (
        "follow_up.special_service.after_end_days",
        "5.2.3(5)",
        "days",
        7,
        "结束后回访天数（自定）",
        "days after a term (ours)",
    ),
    ("follow_up.emergency.within_days", "5.2.3(6)", "days", 7, "急救结束后几天内回访", "days after the aid ended"),
    ("follow_up.activity.within_months", "5.2.3(7)", "months", 1, "活动结束后几个月内回访", "months after an activity"),
    ("follow_up.other.within_days", "5.2.3(8)", "days", 7, "其他服务完成后几天内回访", "days after other services"),
    ("follow_up.counting", "民法典204", "choice", "calendar", "回访时限按日历天计", "how days of a window are counted"),
    (
        "follow_up.last_day_on_holiday",
        "民法典203",
        "choice",
        "stays",
        "回访末日遇节假日",
        "a window's last day on a holiday",
    ),
    (
        "reviews.same_matter_complaints",
        "5.2.5(6)",
        "integer",
        2,
        "同一事项连续投诉次数",
        "complaints in a row on a matter",
    ),
    ("reviews.same_kind_repairs", "5.2.5(6)", "integer", 3, "同种维修次数", "repairs of the same kind"),
    ("reviews.grace_days", "5.2.5(6)", "days", 7, "季度统计宽限（自定）", "days after the quarter's end (ours)"),
    (
        "reviews.same_matter",
        "5.2.5(6)",
        "choice",
        "same-household-and-category",
        "同一事项：季度内同一住户、同一类别，中间无其他投诉",
        "same matter: household and category, within the quarter, no other complaint between",
    ),
    (
        "reviews.same_repair",
        "5.2.5(6)",
        "choice",
        "same-home-and-fault",
        "同种维修：季度内同一房屋、同一故障类型",
        "same repair: home and kind of fault, within the quarter",
    ),
    ("corrective_actions.default_days", "5.2.5(6)", "days", 30, "纠正措施期限（自定）", "deadline of an action (ours)"),
    (
        "follow_up.submit_within_hours",
        "5.2.5(7)",
        "hours",
        24,
        "回访记录表交存时限",
        "hours until a form is in the archive",
    ),
    ("follow_up.retention_years", "5.2.5(7)", "years", 3, "回访记录保管年限", "years that follow-up forms are kept"),
    (
        "collection.target",
        "7",
        "fraction",
        "1",
        "收缴率目标（依责任书另定）",
        "target of fees collected (by agreement)",
    ),
    ("bills.compiled_days_before_month_end", "7.2a", "days", 0, "计费在月末前几天完成", "days before the month's end"),
    ("bills.reviewed_days_before_month_end", "7.2b", "days", 0, "审核在月末前几天进行", "days before the month's end"),
    ("notices.delivered_by_day", "7.2c", "day", 1, "缴费通知单送达日（次月）", "day of the next month for the notice"),
    (
        "notices.delivered_target",
        "7.2c",
        "fraction",
        "1",
        "通知单按时送达率目标",
        "target of notices delivered in time",
    ),
    ("notices.on_holiday", "7.2c", "choice", "stays", "送达日遇节假日", "the notice's day on a holiday"),
    (
        "bills.due_day",
        "8.A(1)",
        "day",
        15,
        "缴费截止日（次月，自定）",
        "day of the next month when a bill is due (ours)",
    ),
    (
        "arrears.stage1_after_months",
        "8.A(1)",
        "months",
        1,
        "第一次催款：费用所属月后",
        "first notice, months after the fee's",
    ),
    (
        "arrears.stage2_after_months",
        "8.A(2)",
        "months",
        2,
        "第二次催款：费用所属月后",
        "second notice, months after the fee's",
    ),
    ("arrears.fruitless_visit_days", "8.A(2)", "days", 3, "上门催缴无效后天数", "days after a fruitless visit"),
    (
        "arrears.fruitless_visit_counting",
        "8.A(2)",
        "choice",
        "calendar",
        "无效天数按日历天计",
        "how those days are counted",
    ),
    ("arrears.limitation_years", "民法典188", "years", 3, "诉讼时效", "years until a claim lapses"),
    ("payments.order", "民法典561", "choice", "costs-penalty-principal", "清偿顺序", "what a payment meets first"),
    ("late_fee.rate_per_day", "民法典585", "fraction", "0.0005", "滞纳金日率", "late fee per day, of the principal"),
    (
        "late_fee.cap",
        "合同编通则解释65",
        "fraction",
        "30/100",
        "滞纳金上限（占本金）",
        "cap of the late fee, of the principal",
    ),
    ("late_fee.grace_days", "8.A(1)", "days", 0, "滞纳金宽限天数（自定）", "days of grace after the due date (ours)"),
    ("contact.quiet_from", "民法典1033", "time", "21:00", "不催缴时段起", "no dunning calls or visits from"),
    ("contact.quiet_until", "民法典1033", "time", "08:00", "不催缴时段止", "no dunning calls or visits until"),
    (
        "contact.per_week",
        "民法典1033",
        "integer",
        3,
        "每户每周催缴电话和上门上限（自定）",
        "dunning calls and visits a week (ours)",
    ),
    ("households.update_every_months", "9.1", "months", 3, "档案更新间隔", "months until a file counts as neglected"),
    (
        "privacy.processing_records_years",
        "PIPL56",
        "years",
        3,
        "处理记录保存年限",
        "years that access records are kept",
    ),
)
"""Every setting, by clause. Fractions are text, so that they stay exact; ``"08:00"`` is local time."""

RANGES: Final[dict[str, tuple[int, int]]] = {
    "fraction": (0, 1),
    "integer": (1, 1_000),
    "days": (0, 3_660),
    "hours": (1, 8_784),
    "months": (0, 120),
    "years": (1, 100),
    "day": (1, 28),
    "reviews.same_matter_complaints": (2, 1_000),
    "reviews.same_kind_repairs": (2, 1_000),
    "arrears.stage1_after_months": (1, 120),
    "arrears.stage2_after_months": (2, 120),
    "bills.compiled_days_before_month_end": (0, 27),
    "bills.reviewed_days_before_month_end": (0, 27),
    "privacy.processing_records_years": (3, 100),
}
"""Smallest and greatest value, both allowed: by kind, unless the setting has its own."""

CALENDAR_OR_WORKING: Final = ("calendar", "working")
STAYS_OR_MOVES: Final = ("stays", "moves")

CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "follow_up.counting": CALENDAR_OR_WORKING,
    "follow_up.last_day_on_holiday": STAYS_OR_MOVES,
    "notices.on_holiday": STAYS_OR_MOVES,
    "arrears.fruitless_visit_counting": CALENDAR_OR_WORKING,
    "payments.order": ("costs-penalty-principal", "principal-penalty-costs"),
}
"""What a choice may be; one that is not named here has its default alone."""

ORDERED: Final[tuple[tuple[str, int, str, int], ...]] = (
    ("follow_up.repair.from_days", 1, "follow_up.repair.to_months", 28),
    ("follow_up.special_service.middle_from", 1, "follow_up.special_service.middle_to", 1),
    ("arrears.stage1_after_months", 1, "arrears.stage2_after_months", 1),
    ("bills.reviewed_days_before_month_end", 1, "bills.compiled_days_before_month_end", 1),
)
"""What must not lie behind what: the first setting times its factor ≤ the second times its own."""
