"""Standards of arrears 追讨 (§8), each with the settings it rests on."""

from __future__ import annotations

from projections.engine.standard import Standard

ARREARS: tuple[Standard, ...] = (
    Standard(
        slug="dunning-notices-on-time",
        zh="催款通知按时率",
        en="dunning notices on time",
        clause="8.A",
        register="dunning-notices",
        of="due_on",
        met="issued_on <= due_on",
        not_due="issued_on is null and due_on >= %(today)s",
        excluded={
            "disputed": "disputed and issued_on is null",
            "concession": "state = 'concession' and issued_on is null",
            "at law": "state = 'legal' and issued_on is null",
        },
        group="stage",
        breach="NoticeLate",
        rests_on=("arrears.stage1_after_months", "arrears.stage2_after_months"),
    ),
)
