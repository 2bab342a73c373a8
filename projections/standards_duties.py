"""Standards of the daily duties, of services and of the resident files (§1, §2, §6, §9)."""

from __future__ import annotations

from projections.engine.standard import Standard

__all__ = ["CHAPTER_1", "CHAPTER_2", "CHAPTER_6", "CHAPTER_9"]

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

CHAPTER_6: tuple[Standard, ...] = (
    Standard(
        slug="service-appointments-kept",
        zh="便民服务守约率",
        en="service appointments kept",
        clause="6",
        register="service-orders",
        of="ordered_on",
        population="appointments > 0",
        met="first_missed_at is null and first_performed_at is not null",
        not_due="first_missed_at is null and first_performed_at is null"
        " and (scheduled_at at time zone 'Asia/Shanghai')::date >= %(today)s",
        excluded={"cancelled": "state = 'cancelled' and first_missed_at is null"},
        note_zh="改约、返工不抹去已误的约；误约后取消的仍计为误约。",
        note_en="an appointment that was missed stays missed, whatever was arranged or cancelled afterwards.",
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
