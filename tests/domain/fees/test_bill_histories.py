"""What another system says of its bills is kept as its word (§7)."""

from datetime import date

from domain.fees.bill.case import ISSUED, PAID
from domain.fees.bill.commands.histories import NoteBillStep, TakeOverCredit
from domain.fees.bill.commands.issuing import IssueBill, VoidBill
from domain.fees.bill.commands.payment import ReceivePayment
from domain.fees.bill.events import BillIssued, BillStepNoted, CreditTakenOver
from domain.fees.bill.lifecycle import LIFECYCLE
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import Role
from tests.domain.story import Story, given

CLERK, MANAGER, IMPORTER = Role.ADMINISTRATOR, Role.MANAGER, Role.IMPORTER


def statement(amount: int = 10_000, **fields: object) -> Story:
    bill = IssueBill(home="A-1", period="2025-02", amount_fen=amount, item="statement", **fields)  # type: ignore[arg-type]
    return given(LIFECYCLE).when(bill, as_=CLERK, imported=True, at="2025-02-01 09:00")


def test_a_statement_that_says_a_credit_is_paid_and_so_much_is_prepaid_on_it() -> None:
    credit = TakeOverCredit(amount_fen=165_80, item="statement", home="A-1", period="2025-02")
    story = given(LIFECYCLE).when(credit, as_=IMPORTER, imported=True).then(CreditTakenOver).is_in(PAID)
    assert (story.case.original_fen, story.case.outstanding_fen, story.case.home) == (-165_80, -165_80, "A-1")
    story.when(ReceivePayment(amount_fen=100), as_=CLERK, imported=True).is_in(PAID)
    assert story.case.outstanding_fen == -166_80
    nothing = TakeOverCredit(amount_fen=0, item="statement")
    given(LIFECYCLE).when(nothing, as_=IMPORTER, imported=True).refused(RuleBroken, code="amount-not-positive")


def test_our_own_bills_are_never_credits() -> None:
    given(LIFECYCLE).when(TakeOverCredit(amount_fen=5, item="x"), as_=MANAGER).refused(NotPermitted)
    given(LIFECYCLE).when(
        IssueBill(household="h-1", due_on=date(2025, 3, 15), amount_fen=-5, item="x"), as_=MANAGER
    ).refused(RuleBroken, code="negative-bill")


def test_a_month_of_a_history_is_due_when_that_system_says_or_not_at_all() -> None:
    assert statement().case.due_on is None
    assert statement(due_on=date(2025, 2, 20)).case.due_on == date(2025, 2, 20)


def test_months_in_arrears_days_late_and_a_dispute_are_the_other_systems_word() -> None:
    story = statement().when(NoteBillStep(step="PAY 2", months_late=2), as_=IMPORTER, imported=True).then(BillStepNoted)
    story.when(NoteBillStep(step="Disputed", disputed=True, days_late=0), as_=IMPORTER, imported=True).is_in(ISSUED)
    said = story.case.stated
    assert (said.months_late, said.days_late, said.disputed) == (2, 0, True)
    story.when(NoteBillStep(step="withdrawn", disputed=False, months_late=0), as_=IMPORTER, imported=True)
    said = story.case.stated
    assert (said.months_late, said.days_late, said.disputed) == (0, 0, False)
    for wrong, code in (
        (NoteBillStep(step=" "), "step-missing"),
        (NoteBillStep(step="x", days_late=-1), "amount-negative"),
    ):
        statement().when(wrong, as_=IMPORTER, imported=True).refused(RuleBroken, code=code)
    statement().when(NoteBillStep(step="x", months_late=1), as_=MANAGER).refused(NotPermitted)


def test_a_due_day_that_is_known_later_stands_from_then_on() -> None:
    told = NoteBillStep(step="notified", due_on=date(2025, 3, 20))
    story = statement().when(told, as_=IMPORTER, imported=True)
    story.when(NoteBillStep(step="other"), as_=IMPORTER, imported=True)
    assert story.case.due_on == date(2025, 3, 20)


def test_what_was_void_may_still_be_spoken_of() -> None:
    story = statement().when(VoidBill(reason="cancelled"), as_=MANAGER, by="other", imported=True)
    story.when(NoteBillStep(step="DELETE"), as_=IMPORTER, imported=True).then(BillStepNoted)


def test_days_late_are_reckoned_from_the_due_day_and_the_day_on_which_the_last_of_it_came() -> None:
    def paid(*days: date, due_on: date | None = date(2025, 2, 20)) -> int | None:
        story = statement(due_on=due_on)
        for day in days:
            story.when(
                ReceivePayment(amount_fen=5_000, value_date=day), as_=CLERK, imported=True, at="2025-04-01 09:00"
            )
        days_late: int | None = story.case.days_late
        return days_late

    assert paid(date(2025, 2, 10), date(2025, 2, 20)) == 0
    assert paid(date(2025, 2, 26), date(2025, 2, 10)) == 6
    assert paid(date(2025, 2, 26)) is None
    assert paid(date(2025, 2, 26), date(2025, 2, 26), due_on=None) is None
    assert statement(0, due_on=date(2025, 2, 20)).case.days_late is None


def test_such_bills_are_issued_like_others() -> None:
    statement().then(BillIssued, period="2025-02", due_on=None)
