"""STANDARDS: the measured duties of the handbook, in its order."""

from __future__ import annotations

from projections.engine.standard import Standard
from projections.standards_duties import CHAPTER_1, CHAPTER_2, CHAPTER_6, CHAPTER_9
from projections.standards_follow_ups import CHAPTER_5

__all__ = ["BY_SLUG", "STANDARDS"]

_VACANT_THAT_EVENING = (
    "begins_on <= least(%(until)s::date, %(today)s::date)"
    " and (ends_on is null or ends_on >= least(%(until)s::date, %(today)s::date))"
)

STANDARDS: tuple[Standard, ...] = (
    *CHAPTER_1,
    *CHAPTER_2,
    Standard(
        slug="vacancy-integrity-rate",
        zh="空房完好率",
        en="vacant homes intact",
        clause="3.6",
        target="vacancy.integrity_target",
        register="vacancy-condition",
        of="%(until)s::date",
        population=_VACANT_THAT_EVENING,
        met="condition = 'intact'",
        group="condition",
        note_zh="截止日终了（最迟今日）在管空房按套计：当月已检查（或当月接管）且无未解决问题者；未检查的计为不完好，另列。",
        note_en="of the homes vacant at the end of the last day (today at the latest): inspected in its month by then, or taken "
        "over in it, and without an open defect; not inspected counts as not intact and is listed as such.",
    ),
    Standard(
        slug="vacancy-integrity-by-area",
        zh="空房完好率（按面积）",
        en="vacant homes intact, by area",
        clause="3.6",
        register="vacancy-condition",
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
        population="vacant_all_month or inspected_at is not null",
        met="inspected_at is not null and inspected_at < due_at",
        not_due="inspected_at is null and due_at > %(moment)s",
    ),
    Standard(
        slug="keys-returned-in-time",
        zh="钥匙按时归还率",
        en="keys returned in time",
        clause="3.3",
        register="key-loans",
        of="requested_on",
        population="issued_at is not null",
        met="returned_at <= expected_return and lost_at is null",
        not_due="returned_at is null and lost_at is null and expected_return > %(moment)s",
        note_zh="有遗失的不计为按时归还。",
        note_en="a loan on which a key was lost is not returned in time.",
    ),
    Standard(
        slug="complaint-handling-rate",
        zh="投诉处理率",
        en="complaints handled",
        clause="4.9",
        target="complaints.handled_target",
        register="complaints",
        of="registered_on",
        met="resolved_at is not null and late is not true and (due_at is null or resolved_at <= due_at)",
        not_due="resolved_at is null and late is not true and (due_at is null or due_at > %(moment)s)",
        group="category",
        note_zh="按承诺与派办两者中较晚的时限，均无者按答复期限；时限已过后另定的时限不作补救；未到期者另列。",
        note_en="by the later of the promised and the dispatched deadline, without either by the time for an answer; what is "
        "promised after a deadline has passed does not mend it; those not yet due stand beside.",
    ),
    *CHAPTER_5,
    *CHAPTER_6,
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
    ),
    Standard(
        slug="collection-rate-by-amount",
        zh="收缴率（按金额）",
        en="collection rate by amount",
        clause="7",
        target="collection.target",
        register="bills",
        of="due_on",
        population="not imported",
        met="outstanding_fen <= 0",
        not_due="outstanding_fen > 0 and due_on >= %(today)s and state <> 'written-off'",
        excluded={"voided": "state = 'void'"},
        amount=("least(paid_fen, owed_fen)", "owed_fen"),
        note_zh="到期账单中已收金额占应收金额；作废的除外，核销的仍计为未收。",
        note_en="what was paid of what was owed on the bills that are due (fen); void ones left out, written-off ones unpaid.",
    ),
    Standard(
        slug="collection-rate-by-household",
        zh="收缴率（按户次）",
        en="collection rate by household",
        clause="7",
        target="collection.target",
        register="bills",
        of="due_on",
        population="not imported",
        met="outstanding_fen <= 0",
        not_due="outstanding_fen > 0 and due_on >= %(today)s and state <> 'written-off'",
        excluded={"voided": "state = 'void'"},
        note_zh="到期账单中已缴清的户次；作废的除外，核销的仍计为未缴。",
        note_en="bills paid in full of the bills that are due; void ones left out, written-off ones unpaid.",
    ),
    *CHAPTER_9,
)

BY_SLUG = {standard.slug: standard for standard in STANDARDS}
