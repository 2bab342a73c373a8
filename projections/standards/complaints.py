"""Standards of complaints 投诉 (§4), each with the settings it rests on."""

from __future__ import annotations

from projections.engine.standard import Standard

COMPLAINTS: tuple[Standard, ...] = (
    Standard(
        slug="complaint-handling-rate",
        zh="投诉处理率",
        en="complaints handled",
        clause="4.9",
        target="complaints.handled_target",
        register="complaints",
        of="registered_on",
        met="resolved_at is not null and late is not true and (due_at is null or resolved_at < due_at)",
        not_due="resolved_at is null and late is not true and (due_at is null or due_at > %(moment)s)",
        group="category",
        breach="PromiseMissed",
        note_zh="按承诺与派办两者中较晚的时限，均无者按答复期限；时限已过后另定的时限不作补救；未到期者另列。",
        note_en="by the later of the promised and the dispatched deadline, without either by the time for an answer; what is "
        "promised after a deadline has passed does not mend it; those not yet due stand beside.",
        rests_on=("complaints.handled_by", "complaints.anonymous", "complaints.answer_within_days"),
    ),
)
