"""Standards of vacant homes and keys 空房与钥匙 (§3), each with the settings it rests on."""

from __future__ import annotations

from projections.engine.standard import Standard

_VACANT_THAT_EVENING = (
    "begins_on <= least(%(until)s::date, %(today)s::date)"
    " and (ends_on is null or ends_on >= least(%(until)s::date, %(today)s::date))"
)

HOMES: tuple[Standard, ...] = (
    Standard(
        slug="vacancy-integrity-rate",
        zh="空房完好率",
        en="vacant homes intact",
        clause="3.6",
        target="vacancy.integrity_target",
        register="vacancy-condition",
        minds=("InspectionMissed",),
        of="%(until)s::date",
        population=_VACANT_THAT_EVENING,
        met="condition = 'intact'",
        group="condition",
        note_zh="截止日终了（最迟今日）在管空房按套计：当月已检查（或当月接管）且无未解决问题者；未检查的计为不完好，另列。",
        note_en="of the homes vacant at the end of the last day (today at the latest): inspected in its month by then, or taken "
        "over in it, and without an open defect; not inspected counts as not intact and is listed as such.",
        rests_on=(
            "vacancy.integrity_basis",
            "vacancy.integrity_moment",
            "vacancy.inspections_per_month",
        ),
    ),
    Standard(
        slug="vacancy-integrity-by-area",
        zh="空房完好率（按面积）",
        en="vacant homes intact, by area",
        clause="3.6",
        register="vacancy-condition",
        minds=("InspectionMissed",),
        of="%(until)s::date",
        population=_VACANT_THAT_EVENING,
        met="condition = 'intact'",
        amount=("intact_area", "area"),
        unit="hundredths-of-m2",
        note_zh="与按套计的完好率并列，供参考。",
        note_en="the same by floor area, shown beside the figure by homes.",
    ),
    Standard(
        slug="vacancy-inspection-rate",
        zh="空房每月检查率",
        en="monthly inspections of vacant homes",
        clause="3.5",
        target="vacancy.inspection_target",
        register="inspections",
        of="month",
        breach="InspectionMissed",
        population="not taken_over",
        met="inspected_at is not null and inspected_at < due_at",
        not_due="inspected_at is null and due_at > %(moment)s and vacant_all_month",
        note_zh="当月在管的空房均计，接管当月除外；月中移交而当月未检查的计为未检查。",
        note_en="of the homes vacant in the month, the month of a take-over left out; one that was handed over in it "
        "without an inspection counts as not inspected.",
        rests_on=("vacancy.inspections_per_month",),
    ),
    Standard(
        slug="keys-returned-in-time",
        zh="钥匙按时归还率",
        en="keys returned in time",
        clause="3.3",
        register="key-loans",
        of="requested_on",
        breach="KeysOverdue",
        population="issued_at is not null",
        met="returned_at < expected_return and lost_at is null",
        not_due="returned_at is null and lost_at is null and expected_return > %(moment)s",
        note_zh="有遗失的不计为按时归还。",
        note_en="a loan on which a key was lost is not returned in time.",
    ),
    Standard(
        slug="keys-returned-as-first-agreed",
        zh="钥匙按首次约定归还率",
        en="keys returned as first agreed",
        clause="3.3",
        register="key-loans",
        of="requested_on",
        breach="KeysOverdue",
        population="issued_at is not null",
        met="returned_at < first_expected_return and lost_at is null",
        not_due="returned_at is null and lost_at is null and first_expected_return > %(moment)s",
        note_zh="按取走时约定的归还时间；其后延长的不改变首次约定。",
        note_en="by the return that was agreed when the keys were issued; what was extended later does not change it.",
        rests_on=("keys.extend_within_days",),
    ),
)
