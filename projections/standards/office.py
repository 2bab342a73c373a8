"""Standards of the office's own book 台账 (§1), each with the settings it rests on."""

from __future__ import annotations

from projections.engine.standard import Standard

OFFICE: tuple[Standard, ...] = (
    Standard(
        slug="entries-in-time",
        zh="及时登记率",
        en="entries made in time",
        clause="1",
        target="entries.in_time_target",
        register="late-entries",
        view="entries",
        of="entered_on",
        met="not late",
        note_zh="期内由人登记的各笔记录中，发生后在设定小时内登记者；时钟、规程与导入的不计。",
        note_en="of what people entered in the period: within the setting's hours after it happened; what the clock, the "
        "policies and imports wrote does not count.",
        rests_on=("entries.late_after_hours",),
    ),
)
