"""Standards of moving and renovation 装修 (§1.4), each with the settings it rests on."""

from __future__ import annotations

from projections.engine.standard import Standard

MOVING: tuple[Standard, ...] = (
    Standard(
        slug="renovation-decisions-in-time",
        zh="装修按期审批率",
        en="renovations decided in time",
        clause="1.4",
        register="renovations",
        of="applied_on",
        breach="RenovationDecisionOverdue",
        population="decide_by is not null",
        met="decided_in_time",
        not_due="decided_at is null and decide_by > %(moment)s",
        excluded={"withdrawn in time": "state = 'withdrawn' and decided_at is null and closed_at < decide_by"},
        rests_on=("renovation.decide_within_days",),
    ),
    Standard(
        slug="renovation-deposits-refunded-in-time",
        zh="装修押金按期退还率",
        en="renovation deposits refunded in time",
        clause="1.4",
        register="renovations",
        of="(refund_by at time zone 'Asia/Shanghai')::date - 1",
        breach="RenovationRefundOverdue",
        population="refund_by is not null",
        met="refunded_at < refund_by",
        not_due="refunded_at is null and refund_by > %(moment)s",
        rests_on=("renovation.refund_within_days",),
    ),
)
