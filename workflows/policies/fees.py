"""What follows from bills and payments (§7): the household's account takes every entry and tells what it reckons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.fees.account import AccountReckoned, HouseholdAccount, PostEntry, PrepaymentRefunded
from domain.fees.bank_line import (
    BankLine,
    BankLineConfirmed,
    BankLineLinked,
    BankLineReopened,
    BankPaymentReversed,
    NotePaymentReversed,
)
from domain.fees.bank_statement import ReopenBankStatement
from domain.fees.bill.case import Bill, source_of
from domain.fees.bill.commands.issuing import CorrectBill, IssueBill
from domain.fees.bill.commands.reckoning import TakeReckoning
from domain.fees.bill.events import (
    BillCharged,
    BillCorrected,
    BillIssued,
    BillVoided,
    BillWrittenOff,
    LateFeeAssessed,
    LateFeeHeld,
    LateFeeHoldEnded,
    LateFeeWaived,
    LateFeeWaiverWithdrawn,
    OverpaymentRefunded,
    PaymentReceived,
    PaymentReversed,
)
from domain.fees.bill_run.case import BillRun
from domain.fees.bill_run.commands.compiling import OpenBillRun
from domain.fees.bill_run.events import BillRunIssued, BillsIssued
from domain.fees.cash_day import BookMoney, CashDay, MoneyBooked
from domain.fees.chart import method_said
from domain.fees.payment import (
    BookTransfer,
    HouseholdPayment,
    NoteBankLine,
    NumberReceipt,
    PaymentTaken,
    ReceiptReversed,
)
from domain.fees.terms import Entry, EntryKind, PaymentMethod
from domain.handbook.settings import Numbers
from domain.kernel.calendar import local_date
from domain.kernel.fact import Case, Event, Fact
from domain.kernel.mending import MarkedDuplicate, WithdrawnAsMistaken
from domain.kernel.periods import Month
from domain.kernel.withdrawn_steps import StepWithdrawn
from domain.moving.move_in.case import MoveIn
from domain.moving.move_in.events import MoveInDepositRefunded, MoveInFeesSettled, MoveInWithdrawn
from domain.moving.renovation.case import Renovation
from domain.moving.renovation.events import RenovationDepositPaid, RenovationDepositRefunded, RenovationWithdrawn
from domain.services.service_contract import ContractChargeCorrected, NoteChargeBilled, ServiceContract
from workflows.engine.policy import Consequence, Policy, whenever

__all__ = ["FEES"]


def keep_the_households_account(bill: Bill, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """账单变动记入住户账 · Post what happens to a bill to its household's account."""
    if bill.household is None or bill.imported or fact.imported:
        return
    entry = _entry(bill, fact)
    if entry is not None:
        yield Consequence(PostEntry(household=bill.household, entry=entry))


def _entry(bill: Bill, fact: Fact) -> Entry | None:
    """The entry that a fact of a bill is: it acts on the day that it speaks of."""
    day, source = local_date(fact.occurred_at), source_of(bill.id, fact.version)

    def of_bill(kind: EntryKind, on: date = day, **more: object) -> Entry:
        return Entry(kind=kind, day=on, source=source, bill=bill.id, **more)  # type: ignore[arg-type]

    match fact.event:
        case BillIssued():
            due = bill.due_on or day
            return Entry(
                kind=EntryKind.BILL, day=day, source=bill.id, bill=bill.id, amount_fen=bill.original_fen, due_on=due
            )
        case BillCorrected() as e:
            return of_bill(EntryKind.CORRECTION, e.effective_on or day, amount_fen=e.amount_fen)
        case BillCharged() as e:
            return of_bill(EntryKind.COST, amount_fen=e.amount_fen)
        case LateFeeAssessed() as e:
            return of_bill(EntryKind.ASSESSMENT, amount_fen=e.amount_fen, until=e.until, limited=e.limited)
        case LateFeeWaived() as e:
            return of_bill(EntryKind.WAIVER, amount_fen=e.amount_fen)
        case LateFeeWaiverWithdrawn() as e:
            return of_bill(EntryKind.REVERSAL, amount_fen=e.amount_fen, of=source_of(bill.id, e.waiver))
        case LateFeeHeld() as e:
            return of_bill(EntryKind.HOLD, e.since, until=e.until)
        case LateFeeHoldEnded() as e:
            ended = [
                place
                for (_, last), ground, place in zip(bill.holds, bill.hold_grounds, bill.hold_places, strict=True)
                if ground is e.ground and last == e.until
            ]
            return of_bill(EntryKind.HOLD_END, e.until, of=source_of(bill.id, ended[-1]))
        case BillWrittenOff():
            return of_bill(EntryKind.WRITE_OFF)
        case BillVoided():
            return of_bill(EntryKind.VOID, of=bill.id)
        case PaymentReceived() as e:
            return Entry(
                kind=EntryKind.PAYMENT, day=e.value_date, source=source, amount_fen=e.amount_fen, names=(bill.id,)
            )
        case PaymentReversed() as e:
            return Entry(kind=EntryKind.REVERSAL, day=day, source=source, of=source_of(bill.id, e.payment))
        case _:
            return None


def take_a_mistaken_bill_out_of_the_account(bill: Case, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """误登、重复的账单移出住户账 · A bill that was a mistake, or a duplicate, leaves its household's account."""
    if isinstance(bill, Bill) and bill.household is not None and not bill.imported:
        source, day = source_of(bill.id, fact.version), local_date(fact.occurred_at)
        entry = Entry(kind=EntryKind.VOID, day=day, source=source, bill=bill.id, of=bill.id)
        yield Consequence(PostEntry(household=bill.household, entry=entry))


def tell_the_bills_what_the_account_says(
    account: HouseholdAccount, fact: Fact, _numbers: Numbers
) -> Iterator[Consequence]:
    """住户账重算结果记入账单 · Tell every bill that the reckoning has changed."""
    assert isinstance(fact.event, AccountReckoned)
    resumes = bool(account.entries) and account.entries[-1].kind is EntryKind.REVERSAL
    for reckoning in fact.event.bills:
        yield Consequence(TakeReckoning(figures=reckoning, resumes=resumes), to=reckoning.bill)


def put_the_payment_into_the_account(payment: HouseholdPayment, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """收款、冲正记入住户账 · Post a payment, or its reversal, to the household's account."""
    day = local_date(fact.occurred_at)
    entry = Entry(
        kind=EntryKind.PAYMENT,
        day=payment.value_date or day,
        source=payment.id,
        amount_fen=payment.amount_fen,
        names=payment.bills,
        order=payment.order,
    )
    if isinstance(fact.event, ReceiptReversed):
        source = source_of(payment.id, fact.version)
        entry = Entry(kind=EntryKind.REVERSAL, day=day, source=source, of=payment.id)
    yield Consequence(PostEntry(household=payment.household, entry=entry))


def book_the_money_of_the_day(payment: HouseholdPayment, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """收付款项记入当日日记账 · Book what came in, and what went out again, into the day."""
    reversed_ = isinstance(fact.event, ReceiptReversed)
    source = source_of(payment.id, fact.version) if reversed_ else payment.id
    amount = -payment.amount_fen if reversed_ else payment.amount_fen
    day = fact.entered_on
    yield Consequence(BookMoney(day=day, source=source, method=payment.method, amount_fen=amount))


def book_the_refund_of_the_day(account: HouseholdAccount, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """退款记入当日日记账 · Book a refund into the day."""
    assert isinstance(fact.event, PrepaymentRefunded)
    yield _booked(account.id, fact, fact.event.method, -fact.event.amount_fen)


def book_the_money_of_a_bill(bill: Bill, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """账单上收、退、冲正的款项记入当日日记账 · Book what came or went back on a bill itself into the day."""
    if fact.imported:
        return
    match fact.event:
        case PaymentReceived() as e:
            yield _booked(bill.id, fact, method_said(e.method), e.amount_fen)
        case OverpaymentRefunded() as e:
            yield _booked(bill.id, fact, method_said(e.method), -e.amount_fen)
        case PaymentReversed() as e:
            for payment in bill.payments:
                if payment.number == e.payment and not payment.imported:
                    yield _booked(bill.id, fact, method_said(payment.method), -payment.amount_fen)


def book_the_deposit_of_the_day(work: Renovation | MoveIn, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """押金、入住费用收退记入当日日记账 · Book a deposit, or fees of a move-in, that came or went back into the day."""
    method, fen = _moved(fact.event)
    if method is not None and fen and not fact.imported:
        yield _booked(work.id, fact, method, fen)


def book_back_a_mistaken_deposit(work: Case, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """误登的押金、入住费用步骤撤销，日记账冲回 · A step that took or gave money and was a mistake is booked back."""
    assert isinstance(fact.event, StepWithdrawn)
    if not isinstance(work, Renovation | MoveIn):
        return
    for step in work.earlier:
        method, fen = _moved(step.event)
        if step.version in fact.event.taken_back and method is not None and fen:
            yield _booked(work.id, fact, method, -fen)


def _moved(event: Event) -> tuple[PaymentMethod | None, int]:
    """How a deposit, or a move-in's fees, came or went back, and how much: above zero what came (fen)."""
    match event:
        case RenovationDepositPaid() | MoveInFeesSettled() as e:
            return e.method, e.amount_fen
        case RenovationDepositRefunded() | RenovationWithdrawn() | MoveInDepositRefunded() | MoveInWithdrawn() as e:
            return e.method, -e.refunded_fen
        case _:
            return None, 0


def _booked(case_id: str, fact: Fact, method: PaymentMethod, fen: int) -> Consequence:
    source = source_of(case_id, fact.version)
    return Consequence(BookMoney(day=fact.entered_on, source=source, method=method, amount_fen=fen))


def number_the_receipt(_cash: CashDay, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """收据按当日顺序编号 · Give the receipt the day's next number."""
    assert isinstance(fact.event, MoneyBooked)
    if fact.event.source.startswith("payment-") and fact.event.amount_fen > 0:
        yield Consequence(NumberReceipt(receipt=fact.event.receipt), to=fact.event.source)


def book_what_was_confirmed(line: BankLine, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """确认的银行流水即入账 · Book a confirmed line of a bank statement as a payment of the bank's own day."""
    assert isinstance(fact.event, BankLineConfirmed)
    assert line.booked_on is not None
    booking = BookTransfer(
        household=fact.event.household,
        amount_fen=line.amount_fen,
        value_date=line.booked_on,
        bank_line=line.id,
        confirmed_by=fact.user_id,
        reference=line.reference,
        bills=fact.event.bills,
        payer=line.payer,
    )
    yield Consequence(booking, opens=fact.event.payment, must=True)


def tell_the_payment_its_line(line: BankLine, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """收款对上的银行流水 · Tell a payment which line of a bank statement it is, or that it is none."""
    match fact.event:
        case BankLineLinked() as e:
            yield Consequence(NoteBankLine(bank_line=line.id), to=e.payment, must=True)
        case BankLineReopened(payment=str() as payment):
            yield Consequence(NoteBankLine(), to=payment)


def open_the_line_of_a_reversed_payment(
    payment: HouseholdPayment, _fact: Fact, _numbers: Numbers
) -> Iterator[Consequence]:
    """收款冲正，其银行流水重新待处理 · What was booked from a bank line and is taken back is to be dealt with again."""
    if payment.bank_line is not None:
        yield Consequence(NotePaymentReversed(payment=payment.id), to=payment.bank_line)


def open_the_statement_of_the_line(line: BankLine, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """流水重新待处理，其对账单重新打开 · A statement is open again when one of its lines is."""
    yield Consequence(ReopenBankStatement(bank_line=line.id), to=line.statement)


def issue_the_bills_of_the_run(run: BillRun, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """批准后逐户出账 · Issue every household's bill of an approved run, as it was drafted."""
    assert isinstance(fact.event, BillsIssued)
    period = run.period
    for each in fact.event.issued:
        draft = run.drafts[each.household]
        bill = IssueBill(household=each.household, home=draft.home, period=period, lines=draft.lines)
        yield Consequence(bill, opens=each.bill, must=True)


def open_the_next_bill_run(run: BillRun, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """出账后立项下月计费 · Open the next month's bill run when this one is issued."""
    assert run.month is not None
    yield Consequence(OpenBillRun(month=Month.of(run.month).next().first))


def tell_the_contract_its_bill(bill: Bill, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """特约服务费用入账单即回告合同 · Tell a contract which bill charges its month."""
    if fact.imported:
        return
    for line in bill.lines:
        contract, _, month = (line.charge or "").partition("/")
        if contract.startswith("service_contract-") and month:
            yield Consequence(NoteChargeBilled(month=Month.parse(month).first, bill=bill.id), to=contract)


def correct_what_was_billed_of_a_contract(
    contract: ServiceContract, fact: Fact, _numbers: Numbers
) -> Iterator[Consequence]:
    """合同提前终止，已出账费用即更正 · What a bill charges for days after a contract's end is corrected by a line."""
    assert isinstance(fact.event, ContractChargeCorrected)
    e = fact.event
    if e.bill is not None and not fact.imported:
        reason = f"合同止于月中，计{e.days}/{e.of_days}天 / the contract ended: {e.days} of {e.of_days} days"
        correction = CorrectBill(
            item=contract.name, amount_fen=e.amount_fen - e.was_fen, reason=reason, from_start=True
        )
        yield Consequence(correction, to=e.bill)


FEES: tuple[Policy, ...] = (
    whenever(BillsIssued, then=issue_the_bills_of_the_run, clause="7.2b"),
    whenever(BillRunIssued, then=open_the_next_bill_run, clause="7.2a"),
    whenever(BillIssued, then=tell_the_contract_its_bill, clause="7.2a"),
    whenever(ContractChargeCorrected, then=correct_what_was_billed_of_a_contract, clause="7.2a"),
    *(
        whenever(event, then=keep_the_households_account, clause="7")
        for event in (
            BillIssued,
            BillCorrected,
            BillCharged,
            LateFeeAssessed,
            LateFeeWaived,
            LateFeeWaiverWithdrawn,
            LateFeeHeld,
            LateFeeHoldEnded,
            BillWrittenOff,
            BillVoided,
            PaymentReceived,
            PaymentReversed,
        )
    ),
    whenever(WithdrawnAsMistaken, then=take_a_mistaken_bill_out_of_the_account, clause="7"),
    whenever(MarkedDuplicate, then=take_a_mistaken_bill_out_of_the_account, clause="7"),
    whenever(PaymentTaken, then=book_the_money_of_the_day, clause="7"),
    whenever(PaymentTaken, then=put_the_payment_into_the_account, clause="民法典560"),
    whenever(ReceiptReversed, then=book_the_money_of_the_day, clause="7"),
    whenever(ReceiptReversed, then=put_the_payment_into_the_account, clause="7"),
    whenever(PrepaymentRefunded, then=book_the_refund_of_the_day, clause="7"),
    *(
        whenever(event, then=book_the_money_of_a_bill, clause="7")
        for event in (PaymentReceived, PaymentReversed, OverpaymentRefunded)
    ),
    *(
        whenever(event, then=book_the_deposit_of_the_day, clause="7")
        for event in (
            RenovationDepositPaid,
            RenovationDepositRefunded,
            RenovationWithdrawn,
            MoveInFeesSettled,
            MoveInDepositRefunded,
            MoveInWithdrawn,
        )
    ),
    whenever(StepWithdrawn, then=book_back_a_mistaken_deposit, clause="7"),
    whenever(BankLineConfirmed, then=book_what_was_confirmed, clause="7"),
    whenever(BankLineLinked, then=tell_the_payment_its_line, clause="7"),
    whenever(BankLineReopened, then=tell_the_payment_its_line, clause="7"),
    whenever(ReceiptReversed, then=open_the_line_of_a_reversed_payment, clause="7"),
    whenever(BankLineReopened, then=open_the_statement_of_the_line, clause="7"),
    whenever(BankPaymentReversed, then=open_the_statement_of_the_line, clause="7"),
    whenever(MoneyBooked, then=number_the_receipt, clause="7"),
    whenever(AccountReckoned, then=tell_the_bills_what_the_account_says, clause="民法典560"),
)
