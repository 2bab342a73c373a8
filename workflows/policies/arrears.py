"""What follows from bills, payments, disputes and concessions (§7, §8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.arrears.debt_case.case import CONCESSION, DebtCase
from domain.arrears.debt_case.commands.measures import NoteDebtPayment
from domain.arrears.debt_case.commands.opening import OpenDebtCase
from domain.arrears.debt_case.events import (
    BillJoinedDebtCase,
    ConcessionApproved,
    DebtSettled,
    DisputeRaised,
    DisputeReleased,
    DunningNoticeIssued,
    InstalmentBroken,
    InstalmentBrokenBeforeNotice,
    InstalmentBrokenInFirstStage,
    LadderBegunAnew,
    LegalStepRecorded,
    ReliefGranted,
    SecondNoticeIssued,
)
from domain.arrears.debt_case.lifecycle import debt_case_id
from domain.arrears.owed import pursuit_of
from domain.arrears.shared_events import Notice
from domain.arrears.terms import ConcessionKind
from domain.fees.bill.case import VOID, Bill
from domain.fees.bill.commands.issuing import AddBillCharge, CorrectBill
from domain.fees.bill.commands.late_fee import AssessForNotice, EndLateFeeHold, GrantWaiver, HoldLateFee
from domain.fees.bill.events import (
    BillCharged,
    BillCorrected,
    BillOverdue,
    BillReckoned,
    BillReopened,
    BillVoided,
    BillWrittenOff,
    LateFeeAdjusted,
    LateFeeAssessed,
    LateFeeWaived,
    LateFeeWaiverWithdrawn,
    PaymentReceived,
    PaymentReversed,
)
from domain.handbook.settings import Numbers
from domain.kernel.fact import Case, Command, Fact
from domain.kernel.mending import WithdrawnAsMistaken
from workflows.engine.policy import Consequence, Policy, whenever

__all__ = ["ARREARS", "what_is_left"]

_PAYMENTS = ("payment-", "bill-")
_RELIEF = "困难优惠已批准 / concession approved"
_COURT = "依法院调解书、判决书 / as the court decided"


def pursue_every_overdue_bill(bill: Bill, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """逾期账单立案追讨 · Open the household's arrears case for every overdue bill."""
    if bill.household is not None and not fact.imported:
        yield Consequence(
            OpenDebtCase(
                bill=bill.id, household=bill.household, outstanding_fen=bill.outstanding_fen, due_on=bill.due_on
            )
        )


def tell_the_arrears_case_what_is_left(bill: Bill, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """欠费变动记入追讨 · Tell the arrears case what is left on the bill."""
    pursued = bill.overdue_at is not None or bill.imported
    if pursued and not fact.imported:
        received = isinstance(fact.event, PaymentReceived | BillReckoned)
        yield from _to_who_pursues(bill, what_is_left(bill, received=received))


def what_is_left(bill: Bill, *, received: bool) -> NoteDebtPayment:
    """What a bill tells whoever pursues it: how much is left, and when something was paid on it."""
    gone = bill.state == VOID or bill.written_off_on is not None or bill.set_aside is not None
    left = 0 if gone else bill.outstanding_fen
    return NoteDebtPayment(bill=bill.id, outstanding_fen=left, received=received, paid_on=_paid_on(bill))


def _to_who_pursues(bill: Bill, told: Command) -> Iterator[Consequence]:
    """The case of its household, and the one that another system had for it."""
    if bill.household is not None:
        yield Consequence(told, to=debt_case_id(bill.office, bill.household))
    if bill.imported:
        yield Consequence(told, holder=pursuit_of(bill.id))


def _paid_on(bill: Bill) -> tuple[date, ...]:
    """The value dates of payments that met the bill: each admits the debt (民法典195); a set-off is the office's own act."""
    paid = {move.day for move in bill.moves if move.total_fen > 0 and move.source.startswith(_PAYMENTS)}
    return tuple(sorted(paid))


def tell_the_arrears_case_of_a_mistaken_bill(bill: Case, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """误登的账单撤销，不再追讨 · A bill that was a mistake is pursued no more."""
    if isinstance(bill, Bill) and not fact.imported:
        yield from _to_who_pursues(bill, NoteDebtPayment(bill=bill.id, outstanding_fen=0, received=False))


def pursue_what_is_owed_again(bill: Bill, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """重新欠缴继续追讨 · Pursue again what was paid and is owed again."""
    assert isinstance(fact.event, BillReopened)
    owed_again = OpenDebtCase(
        bill=bill.id,
        household=bill.household,
        outstanding_fen=bill.outstanding_fen,
        due_on=bill.due_on,
        resumes=fact.event.resumes,
        paid_on=_paid_on(bill),
    )
    if fact.imported:
        return
    if bill.household is not None and bill.overdue_at is not None:
        yield Consequence(owed_again)
    if bill.imported:
        yield Consequence(owed_again, holder=pursuit_of(bill.id))


def hold_the_late_fee_of_what_is_disputed(debt: DebtCase, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """有异议即停计滞纳金 · A dispute lets the late fee stand still."""
    assert isinstance(fact.event, DisputeRaised)
    for bill in fact.event.bills or debt.unpaid:
        yield Consequence(HoldLateFee(), to=bill)


def hold_the_late_fee_of_what_joins_a_dispute(debt: DebtCase, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """并入有异议的欠费亦停计滞纳金 · So it does on a bill that joins a disputed case."""
    assert isinstance(fact.event, BillJoinedDebtCase)
    if debt.is_disputed(fact.event.bill):
        yield Consequence(HoldLateFee(), to=fact.event.bill)


def hold_the_late_fee_of_real_hardship(debt: DebtCase, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """批准分期即停计滞纳金 · A granted hardship lets the late fee stand still."""
    for bill in debt.plan:
        yield Consequence(HoldLateFee(), to=bill)


def let_the_late_fee_run_again(debt: DebtCase, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """异议、分期终了即恢复计算滞纳金 · It runs again once the dispute or the plan is over."""
    planned = debt.plan if debt.state == CONCESSION else ()
    for bill in debt.bills:
        if not debt.is_disputed(bill) and bill not in planned:
            yield Consequence(EndLateFeeHold(), to=bill)


def assess_what_the_notice_claims(_debt: DebtCase, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """催款通知所列滞纳金随即核定 · Assess the late fee that a dunning notice claims."""
    notice = fact.event
    assert isinstance(notice, Notice)
    if fact.imported or notice.late_fee_until is None:
        return
    for claim in notice.claims:
        if claim.assessed_fen > 0:
            assess = AssessForNotice(
                amount_fen=claim.assessed_fen, until=notice.late_fee_until, noticed_by=fact.user_id
            )
            yield Consequence(assess, to=claim.bill, must=True)


def put_the_relief_on_its_bill(_debt: DebtCase, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """批准的减免、优惠即记入账单 · An approved waiver or discount goes onto its bill."""
    relief = fact.event
    assert isinstance(relief, ReliefGranted)
    if relief.kind is ConcessionKind.LATE_FEE_WAIVER:
        given: GrantWaiver | CorrectBill = GrantWaiver(
            amount_fen=relief.amount_fen, reason=_RELIEF, granted_by=fact.user_id
        )
    else:
        given = CorrectBill(item="困难优惠", amount_fen=-relief.amount_fen, reason=_RELIEF)
    yield Consequence(given, to=relief.bill, must=True)


def let_the_court_decide_what_is_owed(debt: DebtCase, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """调解、判决所定金额即记入账单 · What a settlement or a judgment does not grant lowers its bill; its costs join the oldest."""
    decided = fact.event
    assert isinstance(decided, LegalStepRecorded)
    if decided.costs_fen and debt.unpaid:
        oldest = min(debt.unpaid, key=lambda bill: (debt.claims[bill].first if bill in debt.claims else date.max, bill))
        yield Consequence(AddBillCharge(item="诉讼费用", amount_fen=decided.costs_fen), to=oldest, must=True)
    for each in decided.reductions:
        if each.late_fee_fen:
            waived = GrantWaiver(amount_fen=each.late_fee_fen, reason=_COURT, granted_by=fact.user_id)
            yield Consequence(waived, to=each.bill, must=True)
        if each.principal_fen:
            lowered = CorrectBill(item="法院调减", amount_fen=-each.principal_fen, reason=_COURT)
            yield Consequence(lowered, to=each.bill, must=True)


ARREARS: tuple[Policy, ...] = (
    whenever(BillOverdue, then=pursue_every_overdue_bill, clause="8.A(1)"),
    whenever(BillReopened, then=pursue_what_is_owed_again, clause="8.A(1)"),
    *(
        whenever(event, then=tell_the_arrears_case_what_is_left, clause="8.A(2)")
        for event in (
            PaymentReceived,
            PaymentReversed,
            BillCharged,
            BillCorrected,
            LateFeeAssessed,
            LateFeeAdjusted,
            LateFeeWaived,
            LateFeeWaiverWithdrawn,
            BillReckoned,
            BillVoided,
            BillWrittenOff,
        )
    ),
    whenever(WithdrawnAsMistaken, then=tell_the_arrears_case_of_a_mistaken_bill, clause="8.A(2)"),
    whenever(DisputeRaised, then=hold_the_late_fee_of_what_is_disputed, clause="8.B(5)"),
    whenever(BillJoinedDebtCase, then=hold_the_late_fee_of_what_joins_a_dispute, clause="8.B(5)"),
    whenever(ConcessionApproved, then=hold_the_late_fee_of_real_hardship, clause="8.B(4)"),
    *(
        whenever(event, then=let_the_late_fee_run_again, clause="8.B(4)")
        for event in (
            DisputeReleased,
            InstalmentBroken,
            InstalmentBrokenInFirstStage,
            InstalmentBrokenBeforeNotice,
            LadderBegunAnew,
            DebtSettled,
        )
    ),
    whenever(DunningNoticeIssued, then=assess_what_the_notice_claims, clause="8.A(1)"),
    whenever(SecondNoticeIssued, then=assess_what_the_notice_claims, clause="8.A(2)"),
    whenever(ReliefGranted, then=put_the_relief_on_its_bill, clause="8.B(4)"),
    whenever(LegalStepRecorded, then=let_the_court_decide_what_is_owed, clause="8.B(3)"),
)
