"""Standards of convenience services 便民服务 (§6), each with the settings it rests on."""

from __future__ import annotations

from projections.engine.standard import Standard

_FREE = "(first_missed_at is null or breach = 'kept-late-entry-confirmed')"
"""No appointment was missed before; or the breach is unmade."""

SERVICES: tuple[Standard, ...] = (
    Standard(
        slug="service-appointments-kept",
        zh="便民服务守约率",
        en="service appointments kept",
        clause="6",
        register="service-orders",
        of="ordered_on",
        breach="ServiceAppointmentMissed",
        population="appointments > 0",
        met=f"{_FREE} and first_performed_at is not null",
        not_due=f"{_FREE} and first_performed_at is null"
        " and (scheduled_at at time zone 'Asia/Shanghai')::date >= %(today)s",
        excluded={"cancelled": f"state = 'cancelled' and {_FREE}"},
        note_zh="改约、返工不抹去已误的约；误约后取消的仍计为误约。",
        note_en="an appointment that was missed stays missed, whatever was arranged or cancelled afterwards.",
    ),
)
