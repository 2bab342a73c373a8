"""A month's bills: compiled, reviewed, approved, issued once, delivered by the 1st, closed (§7.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.bill.events import BillIssued, BillLine
from domain.fees.bill.lifecycle import LIFECYCLE as BILL
from domain.fees.bill_run.case import AT_ONCE, bill_of_run, bill_run_id
from domain.fees.bill_run.commands.compiling import (
    AttachedStandard,
    CompileBillRun,
    HouseholdToBill,
    LeaveHouseholdOut,
    MissCompilation,
    OpenBillRun,
    TakeNextHouseholds,
)
from domain.fees.bill_run.commands.delivering import (
    CloseMonth,
    IssueNextBills,
    MissDelivery,
    RecordBillDelivery,
    ReopenMonth,
)
from domain.fees.bill_run.commands.reviewing import ApproveBillRun, MissReview, ReturnBillRun, ReviewBillRun
from domain.fees.bill_run.events import (
    Anomaly,
    BillRunApproved,
    BillRunCompiled,
    BillRunDelivered,
    BillRunIssued,
    BillRunOpened,
    BillRunReturned,
    BillRunReviewed,
    BillsDrafted,
    BillsIssued,
    CompilationBegun,
    CompilationMissed,
    DeliveryMissed,
    HouseholdLeftOut,
    MonthClosed,
    MonthReopened,
    NoticesDelivered,
    ReviewMissed,
)
from domain.fees.bill_run.lifecycle import LIFECYCLE
from domain.fees.charging import FeeKind, Rounding
from domain.fees.fee_standard import LIFECYCLE as STANDARD
from domain.fees.fee_standard import AttachHome, EndFeeStandard, SetFeeStandard
from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.mending import WithdrawAsMistaken
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import WithdrawStep
from tests.domain.story import Story, given, instant

CLERK, MANAGER, COMPANY, CLOCK = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY, Role.CLOCK
LAST_DAY, FIRST = "2025-03-31 17:00", "2025-04-01 09:00"
REPAIR = BillLine(item="上门维修", amount_fen=5_000, charge="repair_order-1")


def opened() -> Story:
    return given(LIFECYCLE).when(OpenBillRun(month=date(2025, 3, 9)), as_=CLERK, at="2025-03-03 10:00", by="li")


def household(name: str = "h-1", **fields: object) -> HouseholdToBill:
    said: dict[str, object] = {"building": "7", "charges": (REPAIR,), "before_fen": 5_000} | fields
    return HouseholdToBill(household=name, **said)  # type: ignore[arg-type]


def compiled(*households: HouseholdToBill, related: dict[str, object] | None = None) -> Story:
    story = opened().when(CompileBillRun(), as_=CLERK, at="2025-03-30 10:00", by="li")
    taken = TakeNextHouseholds(households=households or (household(),), page=7)
    return story.when(taken, as_=CLOCK, at="2025-03-30 10:00", related=related)


def reviewed(*households: HouseholdToBill, remark: str | None = None) -> Story:
    return compiled(*households).when(ReviewBillRun(remark=remark), as_=MANAGER, at=LAST_DAY, by="wang")


def approved(*households: HouseholdToBill, remark: str | None = None) -> Story:
    return reviewed(*households, remark=remark).when(ApproveBillRun(), as_=COMPANY, at=LAST_DAY, by="zhao")


def issued(*households: HouseholdToBill) -> Story:
    return approved(*households).when(IssueNextBills(), as_=CLOCK, at=LAST_DAY)


# -- compiled ----------------------------------------------------------------------------------------------------------


def test_a_run_is_one_months_and_knows_its_three_days() -> None:
    story = opened().then(BillRunOpened, month=date(2025, 3, 1)).is_in("open")
    assert story.case.period == "2025-03"
    story.owes("compilation", "2025-04-01 00:00").owes("review", "2025-04-01 00:00").owes(
        "delivery", "2025-04-02 00:00"
    )
    assert bill_run_id("XH", "2025-03") != bill_run_id("XH", "2025-04")


def test_the_program_takes_household_after_household_from_a_page_of_the_book() -> None:
    story = opened().when(CompileBillRun(), as_=CLERK, at="2025-03-30 10:00").then(CompilationBegun).is_in("compiling")
    story.owes("compile", "2025-03-30 10:00")
    some = TakeNextHouseholds(households=(household("h-1"),), page=7, last=False)
    story.when(some, as_=CLOCK, at="2025-03-30 10:00").then(BillsDrafted, page=7).is_in("compiling")
    assert story.case.next_at > instant("2025-03-30 10:00"), (
        "the next ones are taken at once, in a transaction of their own"
    )
    story.when(TakeNextHouseholds(households=(household("h-2", charges=()),), page=8), as_=CLOCK, at="2025-03-30 10:00")
    story.then(BillRunCompiled, drafts=2, amount_fen=5_000, anomalies=1).is_in("compiled")


def test_nobody_is_billed_before_the_month_begins_and_an_office_without_households_compiles_to_nothing() -> None:
    opened().when(CompileBillRun(), as_=CLERK, at="2025-02-28 10:00").refused(RuleBroken, code="month-not-begun")
    story = opened().when(CompileBillRun(), as_=CLERK, at="2025-03-30 10:00")
    story.when(TakeNextHouseholds(), as_=CLOCK, at="2025-03-30 10:00").then(BillRunCompiled, drafts=0)


def standard(**fields: object) -> Story:
    said: dict[str, object] = {"code": "WY-1", "name": "物业服务费", "kind": FeeKind.MANAGEMENT, "price": "2.00"}
    said |= {"valid_from": date(2025, 1, 1), "reason": "责任书"} | fields
    story = given(STANDARD).when(SetFeeStandard(**said), as_=MANAGER)  # type: ignore[arg-type]
    attached = AttachHome(home="1-101", household="h-1", quantity=10_000, first=date(2025, 3, 16))
    return story.when(attached, as_=CLERK)


def lines(*standards: Story) -> tuple[BillLine, ...]:
    on = tuple(AttachedStandard(standard=each.id, attachment=1) for each in standards)
    assert TakeNextHouseholds(households=(household(standards=on),)).related() == {
        each.id: each.id for each in standards
    }
    story = compiled(household(standards=on, charges=()), related={each.id: each.case for each in standards})
    return story.case.drafts["h-1"].lines


def test_a_home_is_charged_for_the_days_on_which_it_is_attached_each_once() -> None:
    story = standard()
    [line] = lines(story)
    assert (line.days, line.of_days, line.amount_fen) == (16, 31, 10_323)
    assert line.charge == f"{story.id}/1/2025-03"
    jiao = standard(rounding=Rounding.JIAO)
    [line] = lines(jiao)
    assert line.amount_fen == 10_320
    bill = IssueBill(household="h-1", period="2025-03", lines=(line,))
    given(BILL).when(bill, as_=CLERK, at=LAST_DAY, related={jiao.id: jiao.case}).then(BillIssued)


def test_a_standard_that_has_ended_was_withdrawn_or_is_not_monthly_charges_nothing() -> None:
    ended = standard().when(EndFeeStandard(last=date(2025, 3, 1), reason="新标准"), as_=MANAGER)
    metered = standard(kind=FeeKind.METERED)
    withdrawn = standard()
    withdrawn.case = replace(withdrawn.case, set_aside=object())
    assert lines(ended, metered, withdrawn) == ()
    unknown = household(standards=(AttachedStandard(standard="fee_standard-x", attachment=1),), charges=())
    assert compiled(unknown).case.drafts["h-1"].lines == ()


def test_the_reviewer_sees_what_is_unlike_the_month_before() -> None:
    credit = replace(REPAIR, amount_fen=-1)
    found = {
        "h-1": household("h-1"),
        "h-2": household("h-2", billed=True),
        "h-3": household("h-3", charges=()),
        "h-4": household("h-4", charges=(credit,)),
        "h-5": household("h-5", before_fen=None),
        "h-6": household("h-6", before_fen=4_000),
        "h-7": household("h-7", before_fen=4_500),
        "h-8": household("h-8", is_unread=True),
        "h-9": household("h-9", charges=(), is_unread=True),
    }
    drafts = compiled(*found.values()).case.drafts
    assert {name: draft.anomaly for name, draft in drafts.items()} == {
        "h-1": None,
        "h-2": Anomaly.BILLED,
        "h-3": Anomaly.NOTHING,
        "h-4": Anomaly.NEGATIVE,
        "h-5": Anomaly.FIRST,
        "h-6": Anomaly.DIFFERS,
        "h-7": None,
        "h-8": Anomaly.UNREAD,
        "h-9": Anomaly.UNREAD,
    }
    assert drafts["h-2"].lines == ()


def test_a_household_is_left_out_with_the_reason() -> None:
    out = LeaveHouseholdOut(household="h-1", reason="面积有争议")
    story = compiled().when(out, as_=CLERK).then(HouseholdLeftOut)
    assert story.case.amount_fen == 0
    story.when(out, as_=CLERK).refused(RuleBroken, code="not-in-the-run")
    compiled().when(replace(out, household="h-9"), as_=CLERK).refused(RuleBroken, code="not-in-the-run")
    compiled().when(replace(out, reason=" "), as_=CLERK).refused(RuleBroken, code="reason-missing")


# -- reviewed and approved ---------------------------------------------------------------------------------------------


def test_the_manager_reviews_on_the_months_last_day_and_explains_what_is_unusual() -> None:
    compiled().when(ReviewBillRun(), as_=CLERK, by="wang", at=LAST_DAY).refused(NotPermitted)
    compiled().when(ReviewBillRun(), as_=MANAGER, by="li", at=LAST_DAY).refused(RuleBroken, code="second-person")
    compiled().when(ReviewBillRun(), as_=MANAGER, by="wang", at="2025-03-30 17:00").refused(
        RuleBroken, code="review-too-early"
    )
    reviewed(household(before_fen=None)).refused(RuleBroken, code="remark-missing")
    reviewed(household(before_fen=None), remark="新入住").then(BillRunReviewed, amount_fen=5_000).is_in("reviewed")


def test_the_company_approves_or_returns_it_and_it_is_compiled_anew() -> None:
    reviewed().when(ApproveBillRun(), as_=COMPANY, by="wang").refused(RuleBroken, code="second-person")
    reviewed().when(ReturnBillRun(reason="x"), as_=COMPANY, by="wang").refused(RuleBroken, code="second-person")
    approved().then(BillRunApproved, amount_fen=5_000).is_in("issuing")
    story = reviewed().when(ReturnBillRun(reason="单价有误"), as_=COMPANY, by="zhao", at=LAST_DAY)
    story.then(BillRunReturned).is_in("returned")
    assert (story.case.reason, story.case.reviewed_at) == ("单价有误", None)
    story.when(CompileBillRun(), as_=CLERK, by="li", at=LAST_DAY).is_in("compiling")
    assert story.case.drafts == {}
    compiled().when(ReturnBillRun(reason="漏户"), as_=MANAGER, by="wang").then(BillRunReturned)
    compiled().when(ReturnBillRun(reason="漏户"), as_=MANAGER, by="li").refused(RuleBroken, code="second-person")


def test_a_run_opened_by_mistake_is_withdrawn_until_it_is_approved() -> None:
    mistaken = WithdrawAsMistaken(reason="月份选错")
    opened().when(mistaken, as_=COMPANY, by="zhao").is_in("mistaken")
    approved().when(mistaken, as_=COMPANY, by="chen").refused(RuleBroken, code="bills-issued")


def test_an_approval_is_taken_back_until_the_first_bills_are_issued() -> None:
    back = WithdrawStep(reason="误点")
    approved().when(back, as_=COMPANY, by="chen").is_in("reviewed")
    many = [household(f"h-{n:03}", charges=(replace(REPAIR, charge=f"r-{n}"),)) for n in range(AT_ONCE + 1)]
    issued(*many).when(back, as_=COMPANY, by="chen").refused(RuleBroken, code="bills-issued")


# -- issued ------------------------------------------------------------------------------------------------------------


def test_one_bill_per_household_some_at_a_time() -> None:
    many = [household(f"h-{n:03}", charges=(replace(REPAIR, charge=f"r-{n}"),)) for n in range(AT_ONCE + 1)]
    story = issued(*many).then(BillsIssued).is_in("issuing")
    assert len(story.case.bills) == AT_ONCE
    assert story.case.bills["h-000"] == bill_of_run(story.id, "h-000")
    story.when(IssueNextBills(), as_=CLOCK, at=LAST_DAY).then(
        BillRunIssued, bills=AT_ONCE + 1, amount_fen=5_000 * (AT_ONCE + 1)
    )
    story.is_in("issued")


def test_who_was_billed_otherwise_meanwhile_or_would_be_owed_something_is_passed_over() -> None:
    credit = household("h-2", charges=(replace(REPAIR, amount_fen=-1),))
    story = approved(household("h-1"), credit, household("h-3"), remark="h-2 为贷方")
    story.when(IssueNextBills(passed=("h-1",)), as_=CLOCK, at=LAST_DAY).then(BillRunIssued, bills=1)
    assert set(story.case.left_out) == {"h-1", "h-2"}


def test_a_run_without_bills_has_nothing_to_deliver_and_is_closed() -> None:
    story = approved(household(charges=()), remark="空置").when(IssueNextBills(), as_=CLOCK, at=LAST_DAY)
    story.then(BillRunIssued, bills=0).is_in("issued")
    story.when(CloseMonth(), as_=MANAGER, at=FIRST).is_in("closed")
    issued().when(CloseMonth(), as_=MANAGER, at=FIRST).refused(RuleBroken, code="notices-undelivered")


# -- delivered and closed ----------------------------------------------------------------------------------------------


def test_notices_are_delivered_a_building_at_a_time_or_singly_and_once() -> None:
    story = issued(household("h-1"), household("h-2"), household("h-3", building="8"))
    deliver = RecordBillDelivery
    story.when(deliver(), as_=CLERK, at=FIRST).refused(RuleBroken, code="households-missing")
    story.when(deliver(building="9"), as_=CLERK, at=FIRST).refused(RuleBroken, code="nothing-to-deliver")
    story.when(deliver(building="7", means=" "), as_=CLERK, at=FIRST).refused(RuleBroken, code="means-missing")
    early = deliver(building="7", delivered_on=date(2025, 3, 30))
    story.when(early, as_=CLERK, at=FIRST).refused(RuleBroken, code="before-the-bill")
    ahead = deliver(building="7", delivered_on=date(2025, 4, 2))
    story.when(ahead, as_=CLERK, at=FIRST).refused(RuleBroken, code="day-ahead")
    story.when(deliver(building="7"), as_=CLERK, at=FIRST).then(NoticesDelivered, households=("h-1", "h-2"))
    story.when(deliver(households=("h-1",)), as_=CLERK, at=FIRST).refused(RuleBroken, code="nothing-to-deliver")
    story.when(deliver(households=("h-3",)), as_=CLERK, at="2025-04-02 09:00").then(BillRunDelivered, notices=3)
    assert story.is_in("delivered").case.delivered["h-3"] == date(2025, 4, 2)


def test_a_delivery_says_when_it_was_written_down_whatever_day_it_names() -> None:
    named = RecordBillDelivery(households=("h-1",), delivered_on=date(2025, 4, 1))
    run = issued().when(named, as_=CLERK, at="2025-04-05 09:00").case
    assert (run.delivered["h-1"], run.entered["h-1"]) == (date(2025, 4, 1), date(2025, 4, 5))


def test_a_closed_month_has_no_further_bill_until_the_company_opens_it_again() -> None:
    story = issued().when(RecordBillDelivery(households=("h-1",)), as_=CLERK, at=FIRST)
    story.when(CloseMonth(), as_=MANAGER, at="2025-04-30 10:00").then(MonthClosed).is_in("closed")
    bill = IssueBill(household="h-9", period="2025-03", item="x", amount_fen=1)
    late = given(BILL).when(bill, as_=CLERK, at="2025-04-10 10:00", related={"run": story.case})
    late.refused(RuleBroken, code="month-closed")
    story.when(ReopenMonth(reason=" "), as_=COMPANY).refused(RuleBroken, code="reason-missing")
    story.when(ReopenMonth(reason="漏计"), as_=MANAGER).refused(NotPermitted)
    story.when(ReopenMonth(reason="漏计"), as_=COMPANY).then(MonthReopened).is_in("delivered")
    given(BILL).when(bill, as_=CLERK, at="2025-04-10 10:00", related={"run": story.case}).then(BillIssued)
    story.when(CompileBillRun(), as_=CLERK).refused(WrongState)


def test_what_is_late_is_written_down() -> None:
    story = opened().when(MissCompilation(), as_=CLOCK, at="2025-04-01 00:00").then(CompilationMissed)
    story.when(MissReview(), as_=CLOCK, at="2025-04-01 00:00").then(ReviewMissed)
    assert story.case.review_missed_at == instant("2025-04-01 00:00")
    late = issued(household("h-1"), household("h-2"))
    late.when(RecordBillDelivery(households=("h-1",)), as_=CLERK, at=FIRST)
    late.when(MissDelivery(), as_=CLOCK, at="2025-04-02 00:00").then(DeliveryMissed, undelivered=1)
    assert not [due for due in LIFECYCLE.due(late.case) if due.kind == "delivery"]
