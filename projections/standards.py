"""STANDARDS: the measured duties of the handbook, in its order."""

from __future__ import annotations

from projections.standard import Standard

__all__ = ["BY_SLUG", "STANDARDS"]

STANDARDS: tuple[Standard, ...] = (
    Standard(
        slug="complaint-handling-rate",
        zh="投诉处理率",
        en="complaints handled",
        clause="4.9",
        target="complaints.handled_target",
        register="complaints",
        of="registered_on",
        met="resolved_at is not null and (due_at is null or resolved_at <= due_at)",
        not_due="resolved_at is null and (due_at is null or due_at > %(moment)s)",
        group="category",
        note_zh="按承诺与派办两者中较晚的时限；未到期者另列。",
        note_en="by the later of the promised and the dispatched deadline; those not yet due stand beside.",
    ),
)

BY_SLUG = {standard.slug: standard for standard in STANDARDS}
