"""Standards of the daily duties, of follow-ups by type, and of reviews (§1, §2, §5, §6, §9)."""

from __future__ import annotations

from projections.standard import Standard

__all__ = ["CHAPTER_1", "CHAPTER_2", "CHAPTER_5", "CHAPTER_6", "CHAPTER_9"]

CHAPTER_1: tuple[Standard, ...] = (
    Standard(
        slug="rectifications-in-time",
        zh="整改按期完成率",
        en="rectifications done in time",
        clause="1.1",
        register="rectifications",
        of="found_on",
        met="not late and done_at is not null and (first_missed_at is null or done_at < first_missed_at)",
        not_due="done_at is null and first_missed_at is null and due_at > %(moment)s",
        excluded={"withdrawn in time": "withdrawn_at < due_at and first_missed_at is null"},
        group="origin_kind",
        note_zh="按期完成而补录的计为达到；逾期后撤销的不除外。",
        note_en="work done in time and entered late counts as kept; what was withdrawn after its deadline is no exclusion.",
    ),
    Standard(
        slug="renovation-decisions-in-time",
        zh="装修按期审批率",
        en="renovations decided in time",
        clause="1.4",
        register="renovations",
        of="applied_on",
        population="decide_by is not null",
        met="decided_in_time",
        not_due="decided_at is null and decide_by > %(moment)s",
        excluded={"withdrawn in time": "state = 'withdrawn' and decided_at is null and closed_at < decide_by"},
    ),
    Standard(
        slug="renovation-deposits-refunded-in-time",
        zh="装修押金按期退还率",
        en="renovation deposits refunded in time",
        clause="1.4",
        register="renovations",
        of="(refund_by at time zone 'Asia/Shanghai')::date - 1",
        population="refund_by is not null",
        met="refunded_at <= refund_by",
        not_due="refunded_at is null and refund_by > %(moment)s",
    ),
    Standard(
        slug="notice-board-rate",
        zh="宣传栏每月更换率",
        en="notice boards renewed every month",
        clause="1.7",
        target="notice_board.target",
        register="board-months",
        of="month",
        met="settled",
        not_due="not settled and due_at > %(moment)s",
    ),
    Standard(
        slug="work-orders-in-time",
        zh="保洁绿化工单按期完成率",
        en="work orders done in time",
        clause="1.11",
        register="work-orders",
        of="raised_on",
        met="not late and done_at is not null and (first_missed_at is null or done_at < first_missed_at)",
        not_due="done_at is null and first_missed_at is null and due_at > %(moment)s",
        excluded={"cancelled in time": "cancelled_at < due_at and first_missed_at is null"},
        group="trade",
        note_zh="按期完成而补录的计为达到；逾期后撤销的不除外。",
        note_en="work done in time and entered late counts as kept; what was cancelled after its deadline is no exclusion.",
    ),
)

CHAPTER_2: tuple[Standard, ...] = (
    Standard(
        slug="patrol-rate",
        zh="日常巡视完成率",
        en="days patrolled",
        clause="2",
        target="patrol.target",
        register="patrols",
        of="day",
        met="complete",
        not_due="not complete and missed_at is null and due_at > %(moment)s",
        note_zh="四项内容、全部巡视点均已到者为完成。",
        note_en="complete when all four subjects and every point of the route were seen on the day.",
    ),
)

_TYPES = (
    ("takeover", "5.2.3(1)", "接管", "takeovers"),
    ("move-in", "5.2.3(3)", "入住", "move-ins"),
    ("repair", "5.2.3(4)", "维修", "repairs"),
    ("special-service", "5.2.3(5)", "特约服务", "special services"),
    ("emergency", "5.2.3(6)", "急救", "emergencies"),
    ("activity", "5.2.3(7)", "社区活动", "activities"),
    ("other", "5.2.3(8)", "其他服务", "other services"),
)

CHAPTER_5: tuple[Standard, ...] = (
    Standard(
        slug="surveys-evaluated",
        zh="征求意见按期评议率",
        en="surveys evaluated in their term",
        clause="5.1",
        register="surveys",
        of="due_on",
        met="evaluated_at <= due_at",
        not_due="evaluated_at is null and due_at > %(moment)s",
        note_zh="每年应征求意见的次数见设定；逾期评议的不计为达到。",
        note_en="how many a year is a setting; one that was evaluated late does not count as kept.",
    ),
    *(
        Standard(
            slug=f"{type_}-follow-ups-in-window",
            zh=f"{zh}回访按时率",
            en=f"follow-ups of {en} inside their window",
            clause=clause,
            register="follow-ups",
            of="closes_on",
            population=f"type = '{type_}'",
            met="in_window",
            not_due="conducted_at is null and closes_on >= %(today)s",
            excluded={"lawful exit": "outcome = 'exited' and conducted_at is null"},
        )
        for type_, clause, zh, en in _TYPES
    ),
    Standard(
        slug="quarterly-reviews-in-time",
        zh="季度分析按期审批率",
        en="quarterly reviews approved in time",
        clause="5.2.5(6)",
        register="quarterly-reviews",
        of="ends_on",
        population="compiled_at is not null",
        met="approved_at <= due_at",
        not_due="approved_at is null and due_at > %(moment)s",
    ),
    Standard(
        slug="corrective-actions-in-time",
        zh="纠正预防措施按期实施率",
        en="corrective actions carried out in time",
        clause="5.2.5(6)",
        register="corrective-actions",
        of="(due_at at time zone 'Asia/Shanghai')::date - 1",
        met="carried_out_at <= due_at",
        not_due="carried_out_at is null and due_at > %(moment)s",
        group="detection",
    ),
)

CHAPTER_6: tuple[Standard, ...] = (
    Standard(
        slug="service-appointments-kept",
        zh="便民服务守约率",
        en="service appointments kept",
        clause="6",
        register="service-orders",
        of="ordered_on",
        population="scheduled_at is not null",
        met="missed_at is null and performed_at is not null",
        not_due="missed_at is null and performed_at is null and scheduled_at > %(moment)s",
        excluded={"cancelled": "state = 'cancelled'"},
    ),
)

CHAPTER_9: tuple[Standard, ...] = (
    Standard(
        slug="resident-files-kept-up",
        zh="住户档案按季维护率",
        en="resident files kept up",
        clause="9.1",
        register="households",
        of="%(until)s::date",
        population="state = 'resident' and opened_at <= %(moment)s",
        met="update_by >= %(until)s",
        note_zh="截止日在住住户中，最近一次更新未超过设定间隔者。",
        note_en="of the households in residence on the last day: updated within the setting's interval.",
    ),
)
