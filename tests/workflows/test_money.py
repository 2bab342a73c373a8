"""Money and what follows from it, on a real book: arrears, disputes, concessions, suspension, figures (§7, §8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from domain.arrears.debt_case.commands.concession import DecideConcession, ProposeConcession
from domain.arrears.debt_case.commands.dunning import (
    BeginSecondStage,
    ClassifyDebtor,
    IssueDunningNotice,
    RecordArrearsReason,
    VisitDebtor,
)
from domain.arrears.debt_case.commands.measures import RaiseDispute, ReleaseDispute, SuspendServices
from domain.arrears.debt_case.commands.opening import OpenDebtCase
from domain.arrears.debt_case.lifecycle import debt_case_id
from domain.arrears.terms import (
    ArrearsReason,
    Claim,
    ConcessionKind,
    DebtorCategory,
    Instalment,
    NoticeMeans,
    OptionalService,
    SuspensionGround,
    VisitOutcome,
)
from domain.fees.bill.commands.issuing import AddBillCharge, IssueBill, VoidBill, WriteOffBill
from domain.fees.bill.commands.late_fee import AssessLateFee, WaiveLateFee, WithdrawWaiver
from domain.fees.bill.commands.payment import ReceivePayment, ReversePayment
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import AttachHome, SetFeeStandard
from domain.fees.payment import TakePayment
from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import local_date
from domain.kernel.errors import AlreadyHeld, NotFound, RuleBroken
from domain.kernel.people import Role
from domain.residents.household.commands.erasure import RequestErasure
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from domain.services.service_item import OfferService, PriceUnit, ServiceKind
from domain.services.service_order import OrderService
from projections.engine.standard import Measurement, read
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG
from tests.conftest import Database
from tests.office_rig import OfficeRig
from tests.workflows.checked_office import checked_office

CLERK, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY
DEBT = debt_case_id("XH", "household-1")
LETTER: dict[str, Any] = {"means": NoticeMeans.MAILBOX, "addressee": "户主"}
YES = DecideConcession(approved=True, reason="同意")


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def billed(
    rig: OfficeRig, household: str = "household-1", *, month: str = "2025-01", amount: int = 30_000, office: str = "XH"
) -> str:
    """The household's bill of a month, due on the 15th of the next."""
    bill = IssueBill(household=household, period=month, amount_fen=amount, item="物业服务费")
    return rig.do(bill, as_=CLERK, by="clerk", office=office).case_id


def overdue(rig: OfficeRig) -> str:
    """January's bill, unpaid on 16 February."""
    bill = billed(rig)
    rig.until("2025-02-16 09:00")
    return bill


def notice(rig: OfficeRig, stage: int, bill: str, at: str) -> None:
    """A letter, which the program composes; it claims what is left of the bill afterwards."""
    rig.do(IssueDunningNotice(stage=stage, **LETTER), as_=CLERK, on=DEBT, at=at)
    left = rig.case(bill).left
    said = next(fact.event for fact in reversed(rig.facts()) if "NoticeIssued" in fact.name)
    [claim] = said.claims  # type: ignore[attr-defined]
    assert (claim.principal_fen, claim.late_fee_fen) == (left["principal"], left["penalty"])


def share(rig: OfficeRig, slug: str, until: date) -> Measurement:
    """A figure of 2025 up to a day, as it stands."""
    with rig.pool.connection() as connection:
        return read(connection, REGISTERS, BY_SLUG[slug], office="XH", since=date(2025, 1, 1), until=until, now=rig.now)


# -- bills -----------------------------------------------------------------------------------------------------------


def test_a_household_is_billed_once_a_month_until_that_bill_is_void(rig: OfficeRig) -> None:
    bill = billed(rig)
    assert rig.case(bill).due_on == date(2025, 2, 15)
    with pytest.raises(AlreadyHeld):
        billed(rig)
    rig.do(VoidBill(reason="面积有误"), as_=MANAGER, by="manager", on=bill)
    billed(rig)
    billed(rig, month="2025-02")


def test_what_is_written_off_stays_uncollected_and_what_is_void_is_shown_beside(rig: OfficeRig) -> None:
    paid, void, given_up, _part = (
        billed(rig, household) for household in ("household-1", "household-2", "household-3", "household-4")
    )
    rig.do(ReceivePayment(amount_fen=30_000, method="cash"), as_=CLERK, on=paid)
    rig.do(VoidBill(reason="重复"), as_=MANAGER, by="manager", on=void)
    rig.do(WriteOffBill(reason="户主死亡"), as_=COMPANY, by="company", on=given_up)
    early = share(rig, "collection-rate-by-household", date(2025, 2, 15))
    assert (early.met, early.counted, early.not_yet_due, early.excluded) == (1, 2, 1, {"voided": 1})
    rig.until("2025-02-16 09:00")
    for slug, met, counted in (
        ("collection-rate-by-household", 1, 3),
        ("collection-rate-by-amount", 30_000, 90_000),
    ):
        found = share(rig, slug, date(2025, 2, 15))
        assert (found.met, found.counted) == (met, counted), slug


@pytest.mark.long
def test_money_for_a_bill_that_is_paid_already_is_prepaid_once(rig: OfficeRig) -> None:
    bill = billed(rig)
    first = TakePayment(household="household-1", amount_fen=30_000, method=PaymentMethod.CASH)
    rig.do(first, as_=CLERK)
    rig.do(ReceivePayment(amount_fen=500, method="cash"), as_=CLERK, on=bill)
    assert (rig.case(bill).outstanding_fen, rig.rows("accounts")[0]["prepaid_fen"]) == (0, 500)


# -- arrears ---------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_only_a_bill_that_is_there_can_be_pursued_by_hand(rig: OfficeRig) -> None:
    with pytest.raises(NotFound):
        rig.do(OpenDebtCase(bill="bill-0", household="household-1"), as_=CLERK)
    with pytest.raises(RuleBroken, match="未逾期"):
        rig.do(OpenDebtCase(bill=billed(rig), household="household-1"), as_=CLERK)


@pytest.mark.long
def test_a_letter_claims_what_the_bill_has_at_that_moment_and_assesses_its_late_fee(rig: OfficeRig) -> None:
    bill = overdue(rig)
    rig.do(AddBillCharge(item="邮费", amount_fen=200), as_=CLERK, on=bill, at="2025-02-20 09:00")
    typed = IssueDunningNotice(claims=(Claim(bill=bill, principal_fen=30_000),), **LETTER)
    with pytest.raises(RuleBroken, match="不得手填"):
        rig.do(typed, as_=CLERK, on=DEBT)
    rig.do(IssueDunningNotice(**LETTER), as_=CLERK, on=DEBT)
    assert rig.case(bill).left == {"costs": 200, "penalty": 75, "principal": 30_000}
    assert rig.rows("debt-cases")[0]["claimed_fen"] == 30_275
    [row] = rig.rows("debt-bills")
    assert (row["outstanding_fen"], row["dunned"], row["lapses_on"]) == (30_275, True, date(2028, 2, 15))


def test_what_a_notice_said_stays_and_what_is_entered_later_makes_an_adjusting_fact(rig: OfficeRig) -> None:
    bill = overdue(rig)
    rig.do(IssueDunningNotice(**LETTER), as_=CLERK, on=DEBT, at="2025-02-20 09:00")
    late = TakePayment(
        household="household-1", amount_fen=20_000, method=PaymentMethod.TRANSFER, value_date=date(2025, 2, 17)
    )
    rig.do(late, as_=CLERK, at="2025-02-24 09:00")
    [notice] = [fact.event for fact in rig.facts() if fact.name == "DunningNoticeIssued"]
    assert notice.claims[0].late_fee_fen == 75  # type: ignore[attr-defined]
    [adjusted] = [fact.event for fact in rig.facts() if fact.name == "LateFeeAdjusted"]
    assert (adjusted.assessed_fen, adjusted.amount_fen) == (75, -30)  # type: ignore[attr-defined]
    assert rig.case(bill).late_fee_fen == 45  # two days on 30,000, three on 10,000
    assert rig.rows("debt-bills")[0]["outstanding_fen"] == 10_045


@pytest.mark.long
def test_whoever_issued_the_notice_does_not_waive_the_fee_that_it_assessed(rig: OfficeRig) -> None:
    bill = overdue(rig)
    rig.do(IssueDunningNotice(**LETTER), as_=MANAGER, by="manager", on=DEBT, at="2025-02-20 09:00")
    waiver = WaiveLateFee(amount_fen=75, reason="困难")
    with pytest.raises(RuleBroken, match="另一人"):
        rig.do(waiver, as_=MANAGER, by="manager", on=bill)
    rig.do(waiver, as_=MANAGER, by="another", on=bill)
    assert rig.case(bill).waived_fen == 75


def test_a_waiver_is_withdrawn_by_a_second_person_and_the_ladder_goes_on(rig: OfficeRig) -> None:
    bill = overdue(rig)
    rig.do(IssueDunningNotice(**LETTER), as_=CLERK, on=DEBT, at="2025-02-20 09:00")
    rig.do(WaiveLateFee(amount_fen=75, reason="困难"), as_=MANAGER, by="manager", on=bill)
    number = next(iter(rig.case(bill).waivers))
    rig.do(TakePayment(household="household-1", amount_fen=30_000, method=PaymentMethod.CASH), as_=CLERK)
    assert (rig.case(bill).state, rig.case(DEBT).state) == ("paid", "settled")
    withdraw = WithdrawWaiver(waiver=number, reason="减免有误")
    with pytest.raises(RuleBroken, match="另一人"):
        rig.do(withdraw, as_=MANAGER, by="manager", on=bill)
    with pytest.raises(RuleBroken, match="第"):
        rig.do(WithdrawWaiver(waiver=99, reason="有误"), as_=COMPANY, by="company", on=bill)
    rig.do(withdraw, as_=COMPANY, by="company", on=bill)
    found = rig.case(bill)
    assert (found.state, found.waived_fen, found.outstanding_fen) == ("part-paid", 0, 75)
    assert rig.case(DEBT).state == "stage-1", "where it was"
    with pytest.raises(RuleBroken, match="没有可撤回"):
        rig.do(withdraw, as_=COMPANY, by="company", on=bill)
    assert rig.rows("reliefs") == []


@pytest.mark.long
def test_a_month_that_is_not_billed_yet_is_named_by_its_standard(rig: OfficeRig) -> None:
    bill = overdue(rig)
    price = SetFeeStandard(
        code="W1",
        name="物业服务费",
        kind=FeeKind.MANAGEMENT,
        price="2.50",
        valid_from=date(2025, 1, 1),
        reason="协议",
    )
    standard = rig.do(price, as_=MANAGER, by="manager").case_id
    home = AttachHome(home="home of household-1", household="household-1", quantity=8_937, first=date(2025, 1, 1))
    rig.do(home, as_=CLERK, on=standard)
    rig.do(IssueDunningNotice(**LETTER), as_=CLERK, on=DEBT, at="2025-02-20 09:00")
    [said] = [fact.event for fact in rig.facts() if fact.name == "DunningNoticeIssued"]
    assert said.current_fen == 22_343  # type: ignore[attr-defined]  # 89.37 m² at 2.50
    assert said.total_fen == 30_075 + 22_343  # type: ignore[attr-defined]
    reason = RecordArrearsReason(reason=ArrearsReason.REFUSAL, verified_by="li")
    rig.do(reason, as_=CLERK, on=DEBT)
    billed(rig, month="2025-03", amount=22_343)
    rig.do(BeginSecondStage(), as_=CLERK, on=DEBT, at="2025-03-05 09:00")
    rig.do(IssueDunningNotice(stage=2, **LETTER), as_=CLERK, on=DEBT)
    [said] = [fact.event for fact in rig.facts() if fact.name == "SecondNoticeIssued"]
    assert [charge.bill is None for charge in said.current] == [False]  # type: ignore[attr-defined]
    assert said.claims[0].bill == bill  # type: ignore[attr-defined]


def test_a_payment_that_is_reversed_months_later_is_pursued_from_that_month_on(rig: OfficeRig) -> None:
    bill = overdue(rig)
    rig.do(ReceivePayment(amount_fen=30_000, method="cheque"), as_=CLERK, on=bill)
    number = rig.case(bill).standing[0].number
    rig.until("2025-05-06 09:00")
    rig.do(ReversePayment(payment=number, reason="退票"), as_=CLERK, by="other", on=bill)
    assert rig.case(DEBT).notice1_by == date(2025, 5, 31)
    rig.until("2025-05-20 09:00")
    assert "NoticeLate" not in rig.names(DEBT)


def test_a_payment_taken_back_on_the_bill_itself_lets_the_ladder_go_on_where_it_was(rig: OfficeRig) -> None:
    bill = overdue(rig)
    notice(rig, 1, bill, "2025-02-20 10:00")
    owed = rig.case(bill).outstanding_fen
    rig.do(ReceivePayment(amount_fen=owed, method="cheque"), as_=CLERK, by="li", on=bill)
    assert rig.case(DEBT).state == "settled"
    number = rig.case(bill).standing[0].number
    rig.do(ReversePayment(payment=number, reason="退票"), as_=MANAGER, by="wang", on=bill)
    assert (rig.case(DEBT).state, rig.case(DEBT).ladder, rig.case(DEBT).outstanding_fen) == ("stage-1", 1, owed)


@pytest.mark.long
def test_a_letter_that_was_late_stays_late_though_it_was_paid_and_is_owed_again(rig: OfficeRig) -> None:
    bill = overdue(rig)
    rig.until("2025-03-01 09:00")  # nobody wrote in February
    rig.do(ReceivePayment(amount_fen=30_000, method="cash"), as_=CLERK, on=bill)
    again = billed(rig, month="2025-02")
    rig.until("2025-03-16 09:00")
    notice(rig, 1, again, "2025-03-20 09:00")
    found = share(rig, "dunning-notices-on-time", date(2025, 12, 31))
    assert (found.met, found.counted, found.by_group["1"]) == (1, 2, (1, 2))
    lines = {row["line"]: row["issued_on"] for row in rig.rows("dunning-notices")}
    assert lines == {"1-1": None, "2-1": date(2025, 3, 20), "2-2": None}


@pytest.mark.long
def test_a_dispute_lets_the_late_fee_of_every_bill_stand_still_until_it_is_over(rig: OfficeRig) -> None:
    bill = overdue(rig)
    second = billed(rig, month="2025-02")
    rig.do(RaiseDispute(reason="漏水未修"), as_=CLERK, on=DEBT, at="2025-02-20 09:00")
    assert (rig.case(bill).holds, rig.case(second).holds) == ([(date(2025, 2, 20), None)], [])
    rig.until("2025-03-20 09:00")
    assert rig.case(second).holds == [(date(2025, 3, 16), None)]
    rig.do(ReleaseDispute(outcome="已修"), as_=CLERK, on=DEBT)
    assert rig.case(bill).holds == [(date(2025, 2, 20), date(2025, 3, 20))]
    rig.do(AssessLateFee(), as_=CLERK, on=bill, at="2025-03-22 09:00")
    assert rig.case(bill).late_fee_fen == 6 * 15  # four days before, two after
    assert not rig.rows("bills", case_id=bill)[0]["late_fee_held"]


def test_an_approved_waiver_goes_onto_the_bill_and_a_discount_may_settle_the_debt(rig: OfficeRig) -> None:
    bill = overdue(rig)
    rig.do(AssessLateFee(), as_=CLERK, on=bill, at="2025-02-20 09:00")
    rig.do(ClassifyDebtor(category=DebtorCategory.HARDSHIP), as_=CLERK, on=DEBT)
    waiver = ProposeConcession(kind=ConcessionKind.LATE_FEE_WAIVER, reason="重病", bill=bill, amount_fen=76)
    rig.do(waiver, as_=CLERK, on=DEBT)
    pages = len(rig.facts())
    with pytest.raises(RuleBroken, match=r"至多0\.75元"):  # more than the late fee that stands
        rig.do(YES, as_=MANAGER, by="manager", on=DEBT)
    assert len(rig.facts()) == pages
    waiver = ProposeConcession(kind=ConcessionKind.LATE_FEE_WAIVER, reason="重病", bill=bill, amount_fen=75)
    rig.do(waiver, as_=CLERK, on=DEBT)
    rig.do(YES, as_=MANAGER, by="manager", on=DEBT)
    assert (rig.case(bill).waived_fen, rig.case(DEBT).outstanding_fen) == (75, 30_000)
    assert [row["given_by"] for row in rig.rows("reliefs")] == ["manager"]
    rig.do(ReceivePayment(amount_fen=25_000, method="cash"), as_=CLERK, on=bill)
    discount = ProposeConcession(kind=ConcessionKind.DISCOUNT, reason="重病", bill=bill, amount_fen=5_000)
    rig.do(discount, as_=CLERK, on=DEBT)
    rig.do(YES, as_=MANAGER, by="manager", on=DEBT)
    assert (rig.case(bill).state, rig.case(DEBT).state) == ("paid", "settled")
    kinds = {(row["kind"], row["amount_fen"], row["bill"]) for row in rig.rows("reliefs")}
    assert kinds == {("late-fee-waiver", 75, bill), ("discount", 5_000, bill)}
    reasons = [fact.event.reason for fact in rig.facts() if fact.name in {"LateFeeWaived", "BillCorrected"}]  # type: ignore[attr-defined]
    assert not any("sealed" in reason or "重病" in reason for reason in reasons)


@pytest.mark.long
def test_a_plan_holds_the_late_fee_and_its_breach_lets_it_run(rig: OfficeRig) -> None:
    bill = overdue(rig)
    rig.do(ClassifyDebtor(category=DebtorCategory.HARDSHIP), as_=CLERK, on=DEBT)
    parts = (
        Instalment(due_on=date(2025, 2, 20), amount_fen=10_000),
        Instalment(due_on=date(2025, 3, 20), amount_fen=20_000),
    )
    plan = ProposeConcession(kind=ConcessionKind.INSTALMENTS, reason="失业", instalments=parts)
    rig.do(plan, as_=CLERK, on=DEBT)
    rig.do(YES, as_=MANAGER, by="manager", on=DEBT)
    assert rig.case(bill).held
    rig.do(ReceivePayment(amount_fen=10_000, method="cash"), as_=CLERK, on=bill, at="2025-02-20 10:00")
    rig.until("2025-03-21 09:00")
    assert (rig.case(DEBT).state, rig.case(bill).held) == ("opened", False)
    broken = next(fact for fact in rig.facts() if fact.name == "InstalmentBrokenBeforeNotice")
    assert local_date(broken.occurred_at) == date(2025, 3, 21)
    assert broken.event.due_on == date(2025, 3, 20)  # type: ignore[attr-defined]


def test_a_suspended_service_cannot_be_ordered_and_comes_back_with_the_payment(rig: OfficeRig) -> None:
    offer = OfferService(
        code="B01", name="保洁", kind=ServiceKind.CONVENIENCE, unit=PriceUnit.HOUR, price_fen=5_000, standard="两人"
    )
    order = OrderService(service_item=rig.do(offer, as_=MANAGER).case_id, household="household-1")
    bill = overdue(rig)
    rig.do(order, as_=CLERK)
    notice(rig, 1, bill, "2025-02-20 09:00")
    reason = RecordArrearsReason(reason=ArrearsReason.REFUSAL, verified_by="li")
    rig.do(reason, as_=CLERK, on=DEBT)
    rig.do(BeginSecondStage(), as_=CLERK, on=DEBT, at="2025-03-05 09:00")
    rig.do(VisitDebtor(outcome=VisitOutcome.REFUSED), as_=CLERK, on=DEBT, at="2025-03-05 10:00")
    assert rig.rows("deadlines", case_id=DEBT, kind="suspension") == []  # the second letter comes first
    notice(rig, 2, bill, "2025-03-06 09:00")
    rig.do(VisitDebtor(outcome=VisitOutcome.REFUSED), as_=CLERK, on=DEBT, at="2025-03-07 10:00")
    rig.until("2025-03-11 09:00")
    [due] = rig.rows("deadlines", case_id=DEBT, kind="act")
    assert (due["role"], local_date(due["due_at"])) == ("manager", date(2025, 3, 19))
    rig.until("2025-03-19 09:00")
    [late] = rig.rows("deadlines", case_id=DEBT, kind="act")  # it is still owed
    assert late["missed_at"] is not None
    suspend = SuspendServices(services=(OptionalService.CONVENIENCE,), ground=SuspensionGround.COVENANT, article=9)
    rig.do(suspend, as_=MANAGER, on=DEBT)
    assert rig.rows("deadlines", case_id=DEBT, kind="act") == []
    with pytest.raises(RuleBroken, match="已停止"):
        rig.do(order, as_=CLERK)
    owed = rig.case(bill).outstanding_fen
    rig.do(ReceivePayment(amount_fen=owed, method="cash"), as_=CLERK, on=bill)
    assert rig.case(DEBT).state == "settled"
    rig.do(order, as_=CLERK)


def test_who_left_and_still_owes_is_not_erased(rig: OfficeRig) -> None:
    file = rig.do(OpenHousehold(home="1-101", name="张大山"), as_=CLERK).case_id
    bill = billed(rig, file)
    rig.until("2025-02-16 09:00")
    rig.do(MoveHouseholdOut(), as_=CLERK, on=file)
    ask = RequestErasure(reason="保管期满")
    refused = rig.do(ask, as_=CLERK, on=file, at="2028-02-17 09:00")
    assert refused.facts == ("ErasureRefused",)
    rig.do(ReceivePayment(amount_fen=30_000, method="cash"), as_=CLERK, on=bill)
    assert rig.do(ask, as_=CLERK, on=file).facts == ("ErasureRequested",)
