"""Fee standards: set by the manager, never overwritten, attached to homes with dates; costs that are shared (§7.1)."""

from __future__ import annotations

from datetime import date

from domain.fees.bill.commands.issuing import IssueBill, StandardCharge
from domain.fees.bill.events import BillIssued, BillLine
from domain.fees.bill.lifecycle import LIFECYCLE as BILL
from domain.fees.charging import FeeKind, Rounding, formula, line_fen
from domain.fees.fee_standard import (
    LIFECYCLE,
    AddFeePrice,
    AttachHome,
    AttachmentEnded,
    DeclareVacancy,
    EndAttachment,
    EndFeeStandard,
    EndVacancy,
    FeePriceAdded,
    FeeStandardEnded,
    FeeStandardSet,
    HomeAttached,
    SetFeeStandard,
    VacancyDeclared,
    VacancyEnded,
)
from domain.fees.shared_cost import LIFECYCLE as SHARED_COST
from domain.fees.shared_cost import (
    ApportionCost,
    ApportionmentWithdrawn,
    CostApportioned,
    Weight,
    WithdrawApportionment,
)
from domain.handbook.settings import Change, Settings
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.mending import WithdrawAsMistaken
from domain.kernel.people import Role
from tests.domain.story import Story, given

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER
FEB = date(2025, 2, 1)
AT = "2025-01-10 10:00"


def standard(**fields: object) -> Story:
    """The management fee of 2.00 yuan from February 2025 on."""
    said: dict[str, object] = {"code": "WY-1", "name": "物业服务费", "kind": FeeKind.MANAGEMENT, "price": "2.00"}
    said |= {"valid_from": FEB, "reason": "责任书"} | fields
    return given(LIFECYCLE).when(SetFeeStandard(**said), as_=MANAGER, at=AT)  # type: ignore[arg-type]


def attach(story: Story, **fields: object) -> Story:
    said: dict[str, object] = {"home": "1-101", "household": "h-1", "quantity": 10_000, "first": FEB} | fields
    who = MANAGER if "coefficient" in fields else CLERK
    return story.when(AttachHome(**said), as_=who)  # type: ignore[arg-type]


def bill(story: Story, *charges: StandardCharge, household: str = "h-1", lines: tuple[BillLine, ...] = ()) -> Story:
    command = IssueBill(household=household, due_on=date(2025, 4, 15), charges=charges, lines=lines)
    return given(BILL).when(command, as_=CLERK, at="2025-03-31 10:00", related={story.id: story.case})


def days(story: Story, first: date, last: date, number: int = 1) -> StandardCharge:
    return StandardCharge(standard=story.id, attachment=number, first=first, last=last)


# -- standards -------------------------------------------------------------------------------------------------------


def test_only_the_manager_sets_a_standard_with_what_it_rests_on() -> None:
    standard().then(FeeStandardSet).is_in("valid")
    command = SetFeeStandard(code="A", name="A", kind=FeeKind.FIXED, price="1", valid_from=FEB, reason="x")
    given(LIFECYCLE).when(command, as_=CLERK).refused(NotPermitted)
    for name in ("code", "name", "reason"):
        standard(**{name: " "}).refused(RuleBroken, code=f"{name}-missing")
    standard(price="2,5").refused(RuleBroken, code="price-unreadable")
    standard(coefficient="x").refused(RuleBroken, code="ratio-unreadable")
    standard(vacancy_share="1.2").refused(RuleBroken, code="ratio-unreadable")
    standard(surcharge_fen=-1).refused(RuleBroken, code="amount-negative")


def test_the_companys_rules_are_the_bounds() -> None:
    standard(price="50.01").refused(RuleBroken, code="beyond-bounds")
    standard(price="50.01", kind=FeeKind.FIXED).then(FeeStandardSet)
    strict = given(LIFECYCLE)
    strict.settings = Settings((Change("fees.management_at_most_fen", "199", FEB),))
    command = SetFeeStandard(code="A", name="A", kind=FeeKind.MANAGEMENT, price="2", valid_from=FEB, reason="x")
    strict.when(command, as_=MANAGER, at=AT).refused(RuleBroken, code="beyond-bounds")


def test_no_coefficient_and_no_surcharge_leads_past_the_companys_bounds() -> None:
    standard(price="40", coefficient="1.26").refused(RuleBroken, code="beyond-bounds")
    standard(price="40", coefficient="1.25").then(FeeStandardSet)
    standard(surcharge_fen=1_000_001).refused(RuleBroken, code="beyond-bounds")
    story = standard(price="40")
    own = {"home": "1-101", "household": "h-1", "quantity": 10_000, "first": FEB}
    for coefficient, role, refusal, code in (
        ("0.5", CLERK, NotPermitted, "role"),
        ("1.26", MANAGER, RuleBroken, "beyond-bounds"),
    ):
        command = AttachHome(**own, coefficient=coefficient)  # type: ignore[arg-type]
        story.when(command, as_=role).refused(refusal, code=code, clause="7.1")
    story.when(AttachHome(**own, coefficient="0.5"), as_=MANAGER).then(HomeAttached)  # type: ignore[arg-type]


def test_a_vacancy_that_ends_early_pays_the_full_fee_again() -> None:
    story = attach(standard(vacancy_share="0.7"))
    declared = DeclareVacancy(home="1-101", first=date(2025, 2, 11), last=date(2025, 3, 31), declaration="申请表")
    story.when(declared, as_=CLERK).then(VacancyDeclared)

    def ends(last: date, first: date = date(2025, 2, 11), reason: str = "提前入住") -> Story:
        return story.when(EndVacancy(home="1-101", first=first, last=last, reason=reason), as_=CLERK)

    ends(date(2025, 2, 20), reason=" ").refused(RuleBroken, code="reason-missing")
    ends(date(2025, 2, 20), first=FEB).refused(RuleBroken, code="vacancy-unknown")
    ends(date(2025, 3, 31)).refused(RuleBroken, code="not-earlier")
    ends(date(2025, 2, 20)).then(VacancyEnded)
    days = [
        (line.days, line.coefficient) for line in story.case.lines(story.case.attachments[1], FEB, date(2025, 2, 28))
    ]
    assert days == [(10, None), (10, "7/10"), (8, None)]
    ends(date(2025, 2, 10)).then(VacancyEnded)
    assert story.case.vacancies == [], "it never was"
    story.when(declared, as_=CLERK).then(VacancyDeclared)


def test_a_price_is_added_from_a_day_that_lies_ahead_and_none_is_overwritten() -> None:
    story = standard()
    again = AddFeePrice(price="2.20", valid_from=FEB, reason="x")
    story.when(again, as_=MANAGER, at=AT).refused(RuleBroken, code="price-retroactive")
    passed = AddFeePrice(price="2.20", valid_from=date(2025, 3, 1), reason="x")
    story.when(passed, as_=MANAGER, at="2025-03-01 10:00").refused(RuleBroken, code="price-retroactive")
    story.when(passed, as_=MANAGER, at=AT).then(FeePriceAdded)
    assert [version.price for version in story.case.versions] == ["2.00", "2.20"]


def test_a_home_is_on_a_standard_once_a_day() -> None:
    story = attach(standard(), last=date(2025, 2, 10)).then(HomeAttached, number=1)
    attach(story, household="h-2", first=date(2025, 2, 10)).refused(RuleBroken, code="attached-already")
    attach(story, household="h-2", first=date(2025, 2, 11)).then(HomeAttached, number=2)
    attach(story, home="1-102", quantity=-1).refused(RuleBroken, code="amount-negative")
    attach(story, home="1-102", last=date(2025, 1, 1)).refused(RuleBroken, code="term-backwards")
    story.when(EndAttachment(number=1, last=FEB), as_=CLERK).refused(RuleBroken, code="attachment-unknown")
    story.when(EndAttachment(number=2, last=FEB), as_=CLERK).refused(RuleBroken, code="term-backwards")
    story.when(EndAttachment(number=2, last=date(2025, 3, 1)), as_=CLERK).then(AttachmentEnded)
    assert story.case.attachments[2].last == date(2025, 3, 1)


def test_a_standard_that_is_ended_charges_no_later_days() -> None:
    story = attach(standard())
    ending = EndFeeStandard(last=date(2025, 3, 15), reason="另定")
    story.when(EndFeeStandard(last=date(2024, 1, 1), reason="x"), as_=MANAGER).refused(
        RuleBroken, code="term-backwards"
    )
    story.when(ending, as_=MANAGER).then(FeeStandardEnded).is_in("ended")
    bill(story, days(story, FEB, date(2025, 3, 31))).refused(RuleBroken, code="standard-unknown")
    bill(story, days(story, FEB, date(2025, 3, 15))).then(BillIssued)


# -- what a bill charges by them --------------------------------------------------------------------------------------


def test_a_bill_charges_a_homes_days_month_by_month_and_price_by_price() -> None:
    story = attach(standard())
    story.when(AddFeePrice(price="2.20", valid_from=date(2025, 3, 11), reason="x"), as_=MANAGER, at=AT)
    issued = bill(story, days(story, date(2025, 2, 15), date(2025, 3, 31)))
    lines = issued.case.lines
    assert [(line.amount_fen, line.days, line.of_days) for line in lines] == [
        (10_000, 14, 28),
        (6_452, 10, 31),
        (14_903, 21, 31),
    ]
    assert {line.standard for line in lines} == {story.id}
    assert [line.price for line in lines] == ["2.00", "2.00", "2.20"]
    assert formula(lines[0]) == "100.00 × 2.00 × 14/28 = 100.00"


def test_a_vacant_home_pays_the_standards_share_on_the_days_that_were_declared() -> None:
    story = attach(standard(vacancy_share="0.7"), coefficient="1.5")
    declared = DeclareVacancy(home="1-101", first=date(2025, 2, 8), last=date(2025, 2, 14), declaration="空置申报表")
    story.when(declared, as_=CLERK).then(VacancyDeclared)
    story.when(declared, as_=CLERK).refused(RuleBroken, code="vacant-already")
    for wrong, code in (
        ({"home": "9"}, "home-missing"),
        ({"declaration": ""}, "declaration-missing"),
        ({"last": FEB}, "term-backwards"),
    ):
        told = {"home": "1-101", "first": date(2025, 2, 8), "last": date(2025, 2, 14), "declaration": "表"} | wrong
        story.when(DeclareVacancy(**told), as_=CLERK).refused(RuleBroken, code=code)  # type: ignore[arg-type]
    lines = bill(story, days(story, FEB, date(2025, 2, 28))).case.lines
    assert [(line.days, line.amount_fen) for line in lines] == [(7, 7_500), (7, 5_250), (14, 15_000)]
    inside = bill(story, days(story, date(2025, 2, 10), date(2025, 2, 14))).case.lines
    assert [(line.days, line.coefficient) for line in inside] == [(5, "21/20")]


def test_a_line_is_rounded_once_to_what_the_standard_says_with_its_surcharge() -> None:
    story = attach(standard(price="1.005", surcharge_fen=40, rounding=Rounding.JIAO), quantity=999)
    [line] = bill(story, days(story, FEB, date(2025, 2, 28))).case.lines
    assert (line.amount_fen, line.price_fen, line.price) == (1_040, None, "1.005")
    assert formula(line) == "(9.99 × 1.005 + 0.40) = 10.40"
    half = attach(standard(price="1.01"), quantity=5_050)
    assert [line.amount_fen for line in bill(half, days(half, FEB, date(2025, 2, 14))).case.lines] == [
        2_550
    ]  # 5100.5 / 2
    yuan = attach(standard(rounding=Rounding.YUAN), quantity=999)
    assert [line.amount_fen for line in bill(yuan, days(yuan, FEB, date(2025, 2, 28))).case.lines] == [2_000]


def test_whoever_is_not_on_the_standard_on_these_days_is_not_charged_by_it() -> None:
    story = attach(standard(), last=date(2025, 2, 10))
    last = date(2025, 2, 10)
    bill(story, days(story, FEB, date(2025, 2, 11))).refused(RuleBroken, code="not-attached")
    bill(story, days(story, FEB, last, number=2)).refused(RuleBroken, code="not-attached")
    bill(story, days(story, date(2025, 1, 31), last)).refused(RuleBroken, code="standard-unknown")
    bill(story, days(story, FEB, last), household="h-2").refused(RuleBroken, code="other-household")
    bill(story, days(story, last, FEB)).refused(RuleBroken, code="term-backwards")
    earlier = attach(standard(valid_from=date(2025, 1, 1)))
    bill(earlier, days(earlier, date(2025, 1, 31), last)).refused(RuleBroken, code="not-attached")


def test_free_text_names_no_standard() -> None:
    story = standard()
    named = BillLine(item="物业服务费", amount_fen=100, standard="2025 §7.1")
    bill(story, lines=(named,)).refused(RuleBroken, code="standard-unknown")
    early = BillLine(item="物业服务费", amount_fen=100, standard=story.id, first=date(2025, 1, 1), last=FEB)
    bill(story, lines=(early,)).refused(RuleBroken, code="standard-unknown")
    bill(story, lines=(BillLine(item="物业服务费", amount_fen=100, standard=story.id),)).then(BillIssued)
    charge = BillLine(item="代管", amount_fen=100, charge="service_contract-1/2025-02")
    lines = (named, charge, BillLine(item="x", amount_fen=1, charge="shared_cost-1/1-101"))
    asked = IssueBill(household="h-1", lines=lines, charges=(days(story, FEB, FEB),))
    assert asked.related() == {story.id: story.id, "service_contract-1": "service_contract-1"}
    issued = bill(story, lines=lines[1:]).case
    assert issued.claims == ("charge:service_contract-1/2025-02", "charge:shared_cost-1/1-101")


def test_a_line_that_says_a_price_says_one_that_can_be_read() -> None:
    story = standard()
    wrong = BillLine(item="x", amount_fen=100, quantity=100, price="1,00")
    bill(story, lines=(wrong,)).refused(RuleBroken, code="price-unreadable")
    right = BillLine(item="x", amount_fen=101, quantity=100, price="1.005")
    bill(story, lines=(right,)).then(BillIssued)


def test_a_line_without_quantity_or_price_has_no_formula_and_a_fen_price_will_do() -> None:
    assert formula(BillLine(item="清洗", amount_fen=500)) is None
    assert line_fen(BillLine(item="清洗", amount_fen=500)) is None
    assert formula(BillLine(item="冲减", amount_fen=-500, quantity=100, price_fen=500)) == "1.00 × 5.00 = -5.00"
    assert formula(
        BillLine(item="x", amount_fen=0, quantity=100, price_fen=500, coefficient="2", days=3, of_days=3)
    ) == ("1.00 × 5.00 × 2 = 0.00")
    assert formula(BillLine(item="x", amount_fen=0, quantity=100)) is None
    assert FeeKind.FIXED.monthly
    assert not FeeKind.ORDER.monthly


# -- shared costs ----------------------------------------------------------------------------------------------------


def shared(*weights: tuple[str, int], cost: int = 10_001) -> Story:
    listed = tuple(Weight(home=home, weight=weight) for home, weight in weights)
    command = ApportionCost(item="公共电费", month=date(2025, 2, 20), cost_fen=cost, weights=listed)
    return given(SHARED_COST).when(command, as_=CLERK)


def test_a_shared_cost_is_exact_to_the_fen_and_nobody_pays_for_nothing() -> None:
    story = shared(("101", 8_950), ("102", 12_030), ("103", 6_020), ("104", 0)).then(CostApportioned)
    assert [share.amount_fen for share in story.case.shares] == [3_315, 4_456, 2_230, 0]
    assert story.case.month == date(2025, 2, 1)
    assert [share.amount_fen for share in shared(("b", 1), ("a", 1), cost=1).case.shares] == [0, 1]
    shared().refused(RuleBroken, code="weights-missing")
    for wrong in ((("101", 0),), (("101", 1), ("101", 1)), (("101", -1), ("102", 5))):
        shared(*wrong).refused(RuleBroken, code="weights-wrong")
    shared(("101", 1), cost=-1).refused(RuleBroken, code="amount-negative")


def test_an_apportionment_is_withdrawn_with_a_reason() -> None:
    story = shared(("101", 1))
    story.when(WithdrawApportionment(reason=" "), as_=MANAGER).refused(RuleBroken, code="reason-missing")
    story.when(WithdrawApportionment(reason="表数有误"), as_=MANAGER).then(ApportionmentWithdrawn).is_in("withdrawn")


def test_a_standard_set_by_mistake_is_withdrawn_while_it_has_no_homes_and_then_bills_nothing() -> None:
    mistaken = WithdrawAsMistaken(reason="重复制定")
    attach(standard()).when(mistaken, as_=Role.COMPANY, by="wang").refused(RuleBroken, code="homes-attached")
    gone = standard().when(mistaken, as_=Role.COMPANY, by="wang").is_in("mistaken")
    line = BillLine(item="物业服务费", amount_fen=100, standard=gone.id, first=FEB, last=FEB)
    bill(gone, lines=(line,)).refused(RuleBroken, code="standard-unknown")
