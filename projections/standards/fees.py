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
        amount=("least(principal_paid_fen, principal_fen)", "principal_fen"),
        note_zh="按缴费截止日：到期账单已收本金占应收本金（含更正，滞纳金不计）；作废的除外，核销的仍计为未收。",
        note_en="by due date: principal paid of principal charged, with corrections, on the bills that are due (fen); late"
        " fees beside; void ones left out, written-off ones unpaid.",
    ),
    Standard(
        slug="collection-rate-of-period",
        zh="收缴率（按账期金额）",
        en="collection rate by billing period",
        clause="7",
        target="collection.target",
        register="bills",
        of="period_on",
        population="not imported",
        met="outstanding_fen <= 0",
        not_due="outstanding_fen > 0 and due_on >= %(today)s and state <> 'written-off'",
        excluded={"voided": "state = 'void'"},
        amount=("least(principal_paid_fen, principal_fen)", "principal_fen"),
        note_zh="按账期：该期到期账单已收本金占应收本金（含更正，滞纳金不计）；作废的除外，核销的仍计为未收。",
        note_en="by billing period: principal paid of principal charged, with corrections, on the bills that are due (fen); late"
        " fees beside; void ones left out, written-off ones unpaid.",
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
