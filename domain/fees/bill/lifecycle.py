"""The lifecycle of a bill 账单 (§7): issued with frozen lines, paid in parts, corrected by lines of their own, voided by a second person."""

from __future__ import annotations

from domain.fees.bill.case import ISSUED, OPEN, PAID, PART_PAID, VOID, WRITTEN_OFF, Bill, evolve
from domain.fees.bill.commands.histories import NoteBillStep, TakeOverCredit
from domain.fees.bill.commands.issuing import (
    AddBillCharge,
    CorrectBill,
    IssueBill,
    MarkBillOverdue,
    VoidBill,
    WriteOffBill,
)
from domain.fees.bill.commands.late_fee import (
    AssessForNotice,
    AssessLateFee,
    EndLateFeeHold,
    GrantWaiver,
    HoldLateFee,
    WaiveLateFee,
    WithdrawWaiver,
)
from domain.fees.bill.commands.payment import ReceivePayment, RefundOverpayment, ReversePayment
from domain.fees.bill.commands.reckoning import TakeReckoning
from domain.fees.bill.events import (
    BillCharged,
    BillCorrected,
    BillIssued,
    BillOverdue,
    BillPartPaid,
    BillReckoned,
    BillReopened,
    BillSettled,
    BillStepNoted,
    BillVoided,
    BillWrittenOff,
    CreditTakenOver,
    LateFeeAdjusted,
    LateFeeAssessed,
    LateFeeHeld,
    LateFeeHoldEnded,
    LateFeeWaived,
    LateFeeWaiverWithdrawn,
    OverpaymentRefunded,
    PaymentReceived,
    PaymentReversed,
)
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, deadline, hold, step
from domain.kernel.names import numbered
from domain.kernel.people import Role

_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)
_MANAGER, _POLICY = [Role.MANAGER], [Role.POLICY]
_RELIEVES = (Role.MANAGER, Role.POLICY)
_WITHDRAWS = (Role.MANAGER, Role.COMPANY)
_MONEY = (*OPEN, PAID)
_KEPT = (*_MONEY, WRITTEN_OFF)


# fmt: off
LIFECYCLE = Lifecycle(
    of=Bill, kind="bill", path="bills", zh="账单", en="bill", clauses="7", evolve=evolve,
    subject=lambda bill: bill.household,
    states={
        ISSUED: ("已出账", "issued"), PART_PAID: ("未缴清", "part paid"), PAID: ("已缴清", "paid"),
        VOID: ("已作废", "void"), WRITTEN_OFF: ("已核销", "written off"),
    },
    final=[PAID, VOID, WRITTEN_OFF],
    steps=[  # command         event                from                 to           who                     clause
        step(IssueBill,        BillIssued,          None,                ISSUED,      [*_CLERKS, Role.POLICY], "7.2a"),
        step(TakeOverCredit,   CreditTakenOver,     None,                PAID,        [Role.IMPORTER],        "7"),
        step(NoteBillStep,     BillStepNoted,       (*_KEPT, VOID),      SAME,        [Role.IMPORTER],        "7"),
        step(AddBillCharge,    BillCharged,         _MONEY,              SAME,        [*_CLERKS, Role.POLICY], "7.2a"),
        step(AddBillCharge,    BillReopened,        PAID,                PART_PAID,   [*_CLERKS, Role.POLICY], "7.2a"),
        step(CorrectBill,      BillCorrected,       _KEPT,               SAME,        _RELIEVES,              "7.1"),
        step(CorrectBill,      BillReopened,        PAID,                PART_PAID,   _RELIEVES,              "7.1"),
        step(CorrectBill,      BillSettled,         OPEN,                PAID,        _RELIEVES,              "7.1"),
        step(AssessLateFee,    LateFeeAssessed,     _MONEY,              SAME,        _CLERKS,                "8.A(1)"),
        step(AssessLateFee,    BillReopened,        PAID,                PART_PAID,   _CLERKS,                "8.A(1)"),
        step(AssessForNotice,  LateFeeAssessed,     OPEN,                SAME,        _POLICY,                "8.A"),
        step(WaiveLateFee,     LateFeeWaived,       _MONEY,              SAME,        _MANAGER,               "8.B(4)"),
        step(WaiveLateFee,     BillSettled,         OPEN,                PAID,        _MANAGER,               "8.B(4)"),
        step(GrantWaiver,      LateFeeWaived,       _MONEY,              SAME,        _POLICY,                "8.B(4)"),
        step(GrantWaiver,      BillSettled,         OPEN,                PAID,        _POLICY,                "8.B(4)"),
        step(WithdrawWaiver,   LateFeeWaiverWithdrawn, _MONEY,           SAME,        _WITHDRAWS,             "8.B(4)"),
        step(WithdrawWaiver,   BillReopened,        PAID,                PART_PAID,   _WITHDRAWS,             "8.B(4)"),
        step(HoldLateFee,      LateFeeHeld,         _MONEY,              SAME,        _RELIEVES,              "8.B(5)"),
        step(EndLateFeeHold,   LateFeeHoldEnded,    _MONEY,              SAME,        _RELIEVES,              "8.B(5)"),
        step(ReceivePayment,   PaymentReceived,     _MONEY,              PART_PAID,   _CLERKS,                "7"),
        step(ReceivePayment,   BillSettled,         PART_PAID,           PAID,        _CLERKS,                "7"),
        step(ReversePayment,   PaymentReversed,     (PART_PAID, PAID),   SAME,        _CLERKS,                "7"),
        step(ReversePayment,   BillReopened,        PAID,                PART_PAID,   _CLERKS,                "7"),
        step(RefundOverpayment, OverpaymentRefunded, PAID,               SAME,        _CLERKS,                "7"),
        step(TakeReckoning,    LateFeeAdjusted,     _KEPT,               SAME,        _POLICY,                "民法典585"),
        step(TakeReckoning,    BillReckoned,        _KEPT,               SAME,        _POLICY,                "民法典560"),
        step(TakeReckoning,    BillPartPaid,        ISSUED,              PART_PAID,   _POLICY,                "7"),
        step(TakeReckoning,    BillSettled,         OPEN,                PAID,        _POLICY,                "7"),
        step(TakeReckoning,    BillReopened,        PAID,                PART_PAID,   _POLICY,                "7"),
        step(MarkBillOverdue,  BillOverdue,         OPEN,                SAME,        [Role.CLOCK],           "8.A(1)"),
        step(VoidBill,         BillVoided,          OPEN,                VOID,        _MANAGER,               "7"),
        step(WriteOffBill,     BillWrittenOff,      OPEN,                WRITTEN_OFF, [Role.COMPANY],         "7"),
    ],
    deadlines=[
        deadline("due", OPEN, due=lambda bill: bill.overdue_from, gives=MarkBillOverdue, clause="8.A(1)",
                 zh="按期缴费", en="the bill is paid by its due date"),
    ],
    holds=[
        hold((*_MONEY, WRITTEN_OFF),
             lambda bill: bill.claims, zh="一户一月一张账单，一项费用只计一次",
             en="a household has one bill a month, and a thing is charged once"),
        hold((), lambda bill: () if bill.imported else numbered("receipt", *bill.receipts),
             zh="收据编号在管理处内不得重复", en="a receipt's number stands on one receipt"),
    ],
)
# fmt: on
