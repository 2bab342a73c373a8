"""Standards of fees 收费 (§7), each with the settings it rests on."""

from __future__ import annotations

from projections.engine.standard import Standard

FEES: tuple[Standard, ...] = (
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
)
