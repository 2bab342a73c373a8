"""Standards of rounds 日常工作 (§1, §2), each with the settings it rests on."""

from __future__ import annotations

from projections.engine.standard import Standard

_FREE = "(first_missed_at is null or breach = 'kept-late-entry-confirmed')"
"""No deadline was missed before; or the breach is unmade."""

ROUNDS: tuple[Standard, ...] = (
    Standard(
        slug="rectifications-in-time",
        zh="整改按期完成率",
        en="rectifications done in time",
        clause="1.1",
        register="rectifications",
        breach="RectificationOverdue",
        of="found_on",
        met=f"not late and done_at is not null and ({_FREE} or done_at < first_missed_at)",
        not_due=f"done_at is null and {_FREE} and due_at > %(moment)s",
        excluded={"withdrawn in time": f"withdrawn_at < due_at and {_FREE}"},
        group="origin_kind",
        note_zh="按期完成而补录的，经上级核实后计为达到；逾期后撤销的不除外。",
        note_en="work done in time and entered after the breach counts once somebody above has confirmed it; what was "
        "withdrawn after its deadline is no exclusion.",
        rests_on=("rectification.default_days",),
    ),
    Standard(
        slug="notice-board-rate",
        zh="宣传栏每月更换率",
        en="notice boards renewed every month",
        clause="1.7",
        target="notice_board.target",
        register="board-months",
        breach="EditionMissed",
        of="month",
        met="settled",
        not_due="not settled and due_at > %(moment)s",
        excluded={"retired in the month": "retired_on is not null and not settled"},
        rests_on=("notice_board.editions_per_month",),
    ),
    Standard(
        slug="work-orders-in-time",
        zh="保洁绿化工单按期完成率",
        en="work orders done in time",
        clause="1.11",
        register="work-orders",
        breach="WorkOrderOverdue",
        of="raised_on",
        met=f"not late and done_at is not null and ({_FREE} or done_at < first_missed_at)",
        not_due=f"done_at is null and {_FREE} and due_at > %(moment)s",
        excluded={"cancelled in time": f"cancelled_at < due_at and {_FREE}"},
        group="trade",
        note_zh="按期完成而补录的，经上级核实后计为达到；逾期后撤销的不除外。",
        note_en="work done in time and entered after the breach counts once somebody above has confirmed it; what was "
        "cancelled after its deadline is no exclusion.",
        rests_on=("work_orders.default_days",),
    ),
    Standard(
        slug="patrol-rate",
        zh="日常巡视完成率",
        en="days patrolled",
        clause="2",
        target="patrol.target",
        register="patrols",
        breach="PatrolMissed",
        of="day",
        met="complete",
        not_due="not complete and due_at > %(moment)s",
        note_zh="四项内容、全部巡视点均已到者为完成。",
        note_en="complete when all four subjects and every point of the route were seen on the day.",
        rests_on=("patrol.per_day",),
    ),
)
