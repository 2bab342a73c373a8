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
    OpenDebtCase,
    RecordArrearsReason,
    VisitDebtor,
)
from domain.arrears.debt_case.commands.measures import RaiseDispute, ReleaseDispute, SuspendServices
from domain.arrears.debt_case.lifecycle import debt_case_id
from domain.arrears.terms import (
    ArrearsReason,
    Claim,
    ConcessionKind,
    DebtorCategory,
    Instalment,
    NoticeMeans,
    OptionalService,
    VisitOutcome,
)
from domain.fees.bill.commands.issuing import AddBillCharge, IssueBill, VoidBill, WriteOffBill
from domain.fees.bill.commands.late_fee import AssessLateFee
from domain.fees.bill.commands.payment import ReceivePayment, ReversePayment
from domain.kernel.calendar import local_date
from domain.kernel.errors import AlreadyHeld, NotFound, RuleBroken
from domain.kernel.people import Role
from domain.residents.household.commands.erasure import RequestErasure
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from domain.services.service_item import OfferService, PriceUnit, ServiceKind
from domain.services.service_order import OrderService
from projections.engine.standard import Reading, read
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG
from tests.conftest import Database
from tests.desk import Desk
from tests.workflows.sound import sound

CLERK, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY
DEBT = debt_case_id("XH", "h-1")
LETTER: dict[str, Any] = {"means": NoticeMeans.MAILBOX, "addressee": "户主"}
YES = DecideConcession(approved=True, reason="同意")


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with sound(database) as desk:
        yield desk


def billed(
    desk: Desk, household: str = "h-1", *, month: str = "2025-01", amount: int = 30_000, office: str = "XH"
) -> str:
    """The household's bill of a month, due on the 15th of the next."""
    bill = IssueBill(household=household, period=month, amount_fen=amount, item="物业服务费")
    return desk.do(bill, as_=CLERK, by="clerk", office=office).case_id


def overdue(desk: Desk) -> str:
    """January's bill, unpaid on 16 February."""
    bill = billed(desk)
    desk.until("2025-02-16 09:00")
    return bill


def notice(desk: Desk, stage: int, bill: str, at: str) -> None:
    """The late fee is assessed up to the day, and the letter claims what is left."""
    desk.do(AssessLateFee(), as_=CLERK, on=bill, at=at)
    left = desk.case(bill).left
    claims = (Claim(bill=bill, principal_fen=left["principal"], late_fee_fen=left["penalty"]),)
    desk.do(IssueDunningNotice(stage=stage, claims=claims, **LETTER), as_=CLERK, on=DEBT)


def share(desk: Desk, slug: str, until: date) -> Reading:
    """A figure of 2025 up to a day, as it stands."""
    with desk.pool.connection() as connection:
        return read(
            connection, REGISTERS, BY_SLUG[slug], office="XH", since=date(2025, 1, 1), until=until, now=desk.now
        )  # fmt: skip


# -- bills -----------------------------------------------------------------------------------------------------------


def test_a_household_is_billed_once_a_month_until_that_bill_is_void(desk: Desk) -> None:
    bill = billed(desk)
    assert desk.case(bill).due_on == date(2025, 2, 15)
    with pytest.raises(AlreadyHeld):
        billed(desk)
    desk.do(VoidBill(reason="面积有误"), as_=MANAGER, by="manager", on=bill)
    billed(desk)
    billed(desk, month="2025-02")


def test_what_is_written_off_stays_uncollected_and_what_is_void_is_shown_beside(desk: Desk) -> None:
    paid, void, given_up, _part = (billed(desk, household) for household in ("h-1", "h-2", "h-3", "h-4"))
    desk.do(ReceivePayment(amount_fen=30_000, method="cash"), as_=CLERK, on=paid)
    desk.do(VoidBill(reason="重复"), as_=MANAGER, by="manager", on=void)
    desk.do(WriteOffBill(reason="户主死亡"), as_=COMPANY, by="company", on=given_up)
    early = share(desk, "collection-rate-by-household", date(2025, 2, 15))
    assert (early.met, early.counted, early.not_yet_due, early.excluded) == (1, 2, 1, {"voided": 1})
    desk.until("2025-02-16 09:00")
    for slug, met, counted in (
        ("collection-rate-by-household", 1, 3),
        ("collection-rate-by-amount", 30_000, 90_000),
    ):
        found = share(desk, slug, date(2025, 2, 15))
        assert (found.met, found.counted) == (met, counted), slug


# -- arrears ---------------------------------------------------------------------------------------------------------


def test_only_a_bill_that_is_there_can_be_pursued_by_hand(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.do(OpenDebtCase(bill="bill-0", household="h-1"), as_=CLERK)
    with pytest.raises(RuleBroken, match="未逾期"):
        desk.do(OpenDebtCase(bill=billed(desk), household="h-1"), as_=CLERK)


def test_a_letter_claims_what_the_bill_has_at_that_moment(desk: Desk) -> None:
    bill = overdue(desk)
    desk.do(AssessLateFee(), as_=CLERK, on=bill, at="2025-02-20 09:00")
    claims = (Claim(bill=bill, principal_fen=30_000, late_fee_fen=75),)
    desk.do(AddBillCharge(item="邮费", amount_fen=200), as_=CLERK, on=bill)
    with pytest.raises(RuleBroken, match="费用200分"):
        desk.do(IssueDunningNotice(claims=claims, **LETTER), as_=CLERK, on=DEBT)
    exact = (Claim(bill=bill, principal_fen=30_000, late_fee_fen=75, charges_fen=200),)
    desk.do(IssueDunningNotice(claims=exact, current_fen=30_000, **LETTER), as_=CLERK, on=DEBT)
    assert desk.rows("debt-cases")[0]["claimed_fen"] == 60_275
    [row] = desk.rows("debt-bills")
    assert (row["outstanding_fen"], row["dunned"], row["lapses_on"]) == (30_275, True, date(2028, 2, 15))


def test_a_payment_that_is_reversed_months_later_is_pursued_from_that_month_on(desk: Desk) -> None:
    bill = overdue(desk)
    desk.do(ReceivePayment(amount_fen=30_000, method="cheque"), as_=CLERK, on=bill)
    number = desk.case(bill).standing[0].number
    desk.until("2025-05-06 09:00")
    desk.do(ReversePayment(payment=number, reason="退票"), as_=CLERK, by="other", on=bill)
    assert desk.case(DEBT).notice1_by == date(2025, 5, 31)
    desk.until("2025-05-20 09:00")
    assert "NoticeLate" not in desk.names(DEBT)


def test_a_letter_that_was_late_stays_late_though_it_was_paid_and_is_owed_again(desk: Desk) -> None:
    bill = overdue(desk)
    desk.until("2025-03-01 09:00")  # nobody wrote in February
    desk.do(ReceivePayment(amount_fen=30_000, method="cash"), as_=CLERK, on=bill)
    again = billed(desk, month="2025-02")
    desk.until("2025-03-16 09:00")
    notice(desk, 1, again, "2025-03-20 09:00")
    found = share(desk, "dunning-notices-on-time", date(2025, 12, 31))
    assert (found.met, found.counted, found.by_group["1"]) == (1, 2, (1, 2))
    lines = {row["line"]: row["issued_on"] for row in desk.rows("dunning-notices")}
    assert lines == {"1-1": None, "2-1": date(2025, 3, 20), "2-2": None}


def test_a_dispute_lets_the_late_fee_of_every_bill_stand_still_until_it_is_over(desk: Desk) -> None:
    bill = overdue(desk)
    second = billed(desk, month="2025-02")
    desk.do(RaiseDispute(reason="漏水未修"), as_=CLERK, on=DEBT, at="2025-02-20 09:00")
    assert (desk.case(bill).holds, desk.case(second).holds) == ([(date(2025, 2, 20), None)], [])
    desk.until("2025-03-20 09:00")
    assert desk.case(second).holds == [(date(2025, 3, 16), None)]
    desk.do(ReleaseDispute(outcome="已修"), as_=CLERK, on=DEBT)
    assert desk.case(bill).holds == [(date(2025, 2, 20), date(2025, 3, 20))]
    desk.do(AssessLateFee(), as_=CLERK, on=bill, at="2025-03-22 09:00")
    assert desk.case(bill).late_fee_fen == 6 * 15  # four days before, two after
    assert not desk.rows("bills", case_id=bill)[0]["late_fee_held"]


def test_an_approved_waiver_goes_onto_the_bill_and_a_discount_may_settle_the_debt(desk: Desk) -> None:
    bill = overdue(desk)
    desk.do(AssessLateFee(), as_=CLERK, on=bill, at="2025-02-20 09:00")
    desk.do(ClassifyDebtor(category=DebtorCategory.HARDSHIP), as_=CLERK, on=DEBT)
    waiver = ProposeConcession(kind=ConcessionKind.LATE_FEE_WAIVER, reason="重病", bill=bill, amount_fen=76)
    desk.do(waiver, as_=CLERK, on=DEBT)
    pages = len(desk.facts())
    with pytest.raises(RuleBroken, match=r"至多0\.75元"):  # more than the late fee that stands
        desk.do(YES, as_=MANAGER, by="manager", on=DEBT)
    assert len(desk.facts()) == pages
    waiver = ProposeConcession(kind=ConcessionKind.LATE_FEE_WAIVER, reason="重病", bill=bill, amount_fen=75)
    desk.do(waiver, as_=CLERK, on=DEBT)
    desk.do(YES, as_=MANAGER, by="manager", on=DEBT)
    assert (desk.case(bill).waived_fen, desk.case(DEBT).outstanding_fen) == (75, 30_000)
    desk.do(ReceivePayment(amount_fen=25_000, method="cash"), as_=CLERK, on=bill)
    discount = ProposeConcession(kind=ConcessionKind.DISCOUNT, reason="重病", bill=bill, amount_fen=5_000)
    desk.do(discount, as_=CLERK, on=DEBT)
    desk.do(YES, as_=MANAGER, by="manager", on=DEBT)
    assert (desk.case(bill).state, desk.case(DEBT).state) == ("paid", "settled")
    reasons = [fact.event.reason for fact in desk.facts() if fact.name in {"LateFeeWaived", "BillCorrected"}]  # type: ignore[attr-defined]
    assert not any("sealed" in reason or "重病" in reason for reason in reasons)


def test_a_plan_holds_the_late_fee_and_its_breach_lets_it_run(desk: Desk) -> None:
    bill = overdue(desk)
    desk.do(ClassifyDebtor(category=DebtorCategory.HARDSHIP), as_=CLERK, on=DEBT)
    parts = (
        Instalment(due_on=date(2025, 2, 20), amount_fen=10_000),
        Instalment(due_on=date(2025, 3, 20), amount_fen=20_000),
    )
    plan = ProposeConcession(kind=ConcessionKind.INSTALMENTS, reason="失业", instalments=parts)
    desk.do(plan, as_=CLERK, on=DEBT)
    desk.do(YES, as_=MANAGER, by="manager", on=DEBT)
    assert desk.case(bill).held
    desk.do(ReceivePayment(amount_fen=10_000, method="cash"), as_=CLERK, on=bill, at="2025-02-20 10:00")
    desk.until("2025-03-21 09:00")
    assert (desk.case(DEBT).state, desk.case(bill).held) == ("opened", False)
    broken = next(fact for fact in desk.facts() if fact.name == "InstalmentBrokenBeforeNotice")
    assert local_date(broken.occurred_at) == date(2025, 3, 21)
    assert broken.event.due_on == date(2025, 3, 20)  # type: ignore[attr-defined]


def test_a_suspended_service_cannot_be_ordered_and_comes_back_with_the_payment(desk: Desk) -> None:
    offer = OfferService(
        code="B01", name="保洁", kind=ServiceKind.CONVENIENCE, unit=PriceUnit.HOUR, price_fen=5_000, standard="两人"
    )
    order = OrderService(service_item=desk.do(offer, as_=MANAGER).case_id, household="h-1")
    bill = overdue(desk)
    desk.do(order, as_=CLERK)
    notice(desk, 1, bill, "2025-02-20 09:00")
    reason = RecordArrearsReason(reason=ArrearsReason.REFUSAL, verified_by="li")
    desk.do(reason, as_=CLERK, on=DEBT)
    desk.do(BeginSecondStage(), as_=CLERK, on=DEBT, at="2025-03-05 09:00")
    desk.do(VisitDebtor(outcome=VisitOutcome.REFUSED), as_=CLERK, on=DEBT, at="2025-03-05 10:00")
    assert desk.rows("deadlines", case_id=DEBT, kind="suspension") == []  # the second letter comes first
    notice(desk, 2, bill, "2025-03-06 09:00")
    desk.do(VisitDebtor(outcome=VisitOutcome.REFUSED), as_=CLERK, on=DEBT, at="2025-03-07 10:00")
    desk.until("2025-03-11 09:00")
    [due] = desk.rows("deadlines", case_id=DEBT, kind="act")
    assert (due["role"], local_date(due["due_at"])) == ("manager", date(2025, 3, 19))
    desk.until("2025-03-19 09:00")
    [late] = desk.rows("deadlines", case_id=DEBT, kind="act")  # it is still owed
    assert late["missed_at"] is not None
    suspend = SuspendServices(services=(OptionalService.CONVENIENCE,), basis="公约")
    desk.do(suspend, as_=MANAGER, on=DEBT)
    assert desk.rows("deadlines", case_id=DEBT, kind="act") == []
    with pytest.raises(RuleBroken, match="已停止"):
        desk.do(order, as_=CLERK)
    owed = desk.case(bill).outstanding_fen
    desk.do(ReceivePayment(amount_fen=owed, method="cash"), as_=CLERK, on=bill)
    assert desk.case(DEBT).state == "settled"
    desk.do(order, as_=CLERK)


def test_who_left_and_still_owes_is_not_erased(desk: Desk) -> None:
    file = desk.do(OpenHousehold(home="1-101", name="张大山"), as_=CLERK).case_id
    bill = billed(desk, file)
    desk.until("2025-02-16 09:00")
    desk.do(MoveHouseholdOut(), as_=CLERK, on=file)
    ask = RequestErasure(reason="保管期满")
    refused = desk.do(ask, as_=CLERK, on=file, at="2028-02-17 09:00")
    assert refused.facts == ("ErasureRefused",)
    desk.do(ReceivePayment(amount_fen=30_000, method="cash"), as_=CLERK, on=bill)
    assert desk.do(ask, as_=CLERK, on=file).facts == ("ErasureRequested",)
