"""Standards of resident files 住户档案 (§9), each with the settings it rests on."""

from __future__ import annotations

from projections.engine.standard import Standard

RESIDENTS: tuple[Standard, ...] = (
    Standard(
        slug="resident-files-kept-up",
        zh="住户档案按季维护率",
        en="resident files kept up",
        clause="9.1",
        register="households",
        of="%(until)s::date",
        population="state = 'resident' or set_aside is not null",
        met="update_by >= %(until)s",
        note_zh="截止日在住住户中，最近一次更新未超过设定间隔者。",
        note_en="of the households in residence on the last day: updated within the setting's interval.",
        rests_on=("households.update_every_months",),
    ),
)
