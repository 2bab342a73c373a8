"""Standards of fees 收费 (§7), each with the settings it rests on."""

from __future__ import annotations

from projections.engine.standard import Standard

FEES: tuple[Standard, ...] = (
    Standard(
        slug="notices-delivered-in-time",
        zh="缴费通知单按时送达率",
        en="payment notices delivered by the 1st",
        clause="7.2c",
        target="notices.delivered_target",
        register="bill-run-households",
        of="deliver_on",
        population="bill is not null",
        met="delivered_on <= deliver_on and entered_on <= deliver_on",
        not_due="delivered_on is null and deliver_on >= %(today)s",
        note_zh="按送达期限：当期出账户中，通知单在期限内送达并登记的；期限后才登记的不计。",
        note_en="by the day on which they are due: notices of the run's bills that were delivered, and entered so, by then.",
    ),
    Standard(
        slug="collection-rate-by-amount",
        zh="收缴率（按金额）",
        en="collection rate by amount",
        clause="7",
        target="collection.target",
        register="bills",
        of="due_on",
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
        population="not imported or due_on is not null",
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
        met="outstanding_fen <= 0",
        not_due="outstanding_fen > 0 and due_on >= %(today)s and state <> 'written-off'",
        excluded={"voided": "state = 'void'"},
        note_zh="到期账单中已缴清的户次；作废的除外，核销的仍计为未缴。",
        note_en="bills paid in full of the bills that are due; void ones left out, written-off ones unpaid.",
    ),
)
