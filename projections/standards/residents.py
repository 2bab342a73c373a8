"""Standards of resident files 住户档案 (§9), each with the settings it rests on."""

from __future__ import annotations

from projections.engine.standard import Standard

_LEFT_UNPROVEN = (
    "coalesce(breach, '') in ('missed-late-entry-unconfirmed', 'missed-late-entry-rejected')"
    " and left_on <= (neglected_at at time zone 'Asia/Shanghai')::date"
)
"""It is said, after the file was found neglected, that they had left before; nobody above has confirmed it."""

RESIDENTS: tuple[Standard, ...] = (
    Standard(
        slug="resident-files-kept-up",
        zh="住户档案按季维护率",
        en="resident files kept up",
        clause="9.1",
        register="households",
        of="%(until)s::date",
        population=f"state = 'resident' or set_aside is not null or {_LEFT_UNPROVEN}",
        met="state = 'resident' and update_by >= %(until)s",
        note_zh="截止日在住住户中，最近一次更新未超过设定间隔者；档案失于维护后才补录、尚未核实的迁出不减户。",
        note_en="of the households in residence on the last day: updated within the setting's interval. Who is said to have left "
        "before, once the file was found neglected, counts until that is confirmed.",
        rests_on=("households.update_every_months",),
    ),
)
