"""What is known of a case without its matter, and of a case to which the book has given its pages and times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from domain.fees.bill_run.commands.compiling import CompileBillRun, OpenBillRun, TakeNextHouseholds
from domain.fees.bill_run.commands.delivering import MissDelivery
from domain.fees.bill_run.events import BillRunIssued, NoticesDelivered
from domain.fees.bill_run.lifecycle import LIFECYCLE
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import StepWithdrawn
from tests.domain.fees.test_bill_run import issued
from tests.domain.story import Story, given

CLERK, CLOCK = Role.ADMINISTRATOR, Role.CLOCK


def moves(story: Story) -> list[str]:
    """The names of the facts that say where the case stands."""
    return [fact.name for fact in story.facts if fact.name not in LIFECYCLE.still]


def test_where_a_case_stands_is_known_from_the_names_of_its_facts() -> None:
    story = issued()
    assert {"BillsDrafted", "BillsIssued", "NoticesDelivered"} <= set(LIFECYCLE.still)
    found = LIFECYCLE.standing("bill_run-1", "XH", moves(story), 9)
    assert found is not None
    assert (found.id, found.office, found.state, found.version) == ("bill_run-1", "XH", "issued", 9)
    assert found.drafts == {}


def test_what_was_withdrawn_is_known_from_its_matter_alone() -> None:
    assert StepWithdrawn.__name__ not in LIFECYCLE.still
    assert LIFECYCLE.standing("bill_run-1", "XH", [*moves(issued()), "StepWithdrawn"], 9) is None


def compiling() -> Story:
    story = given(LIFECYCLE).when(OpenBillRun(month=date(2025, 3, 9)), as_=CLERK, at="2025-03-03 10:00", by="li")
    return story.when(CompileBillRun(), as_=CLERK, at="2025-03-30 10:00", by="li")


def test_a_case_has_its_pages_and_times_as_if_it_were_read_from_the_book() -> None:
    story = compiling()
    before, steps = story.case.undoes, len(story.facts)
    story.when(TakeNextHouseholds(page=7), as_=CLOCK, at="2025-03-30 10:00")
    assert story.case.undoes == ()
    numbered = [
        replace(fact, number=70 + n, recorded_at=datetime(2025, 4, 1, tzinfo=UTC)) for n, fact in enumerate(story.facts)
    ]
    book = LIFECYCLE.fold(numbered)
    assert book is not None
    LIFECYCLE.told_anew(story.case, numbered[steps:], before)
    assert (story.case, story.case.undoes) == (book, book.undoes)
    assert [fact.number for fact in story.case.earlier[steps:]] == [70 + n for n in range(steps, len(numbered))]
    assert before == (2,)


def test_another_systems_history_keeps_no_facts() -> None:
    story = compiling()
    [fact] = [replace(fact, imported=True) for fact in story.facts[:1]]
    case = LIFECYCLE.fold([fact])
    assert case is not None
    LIFECYCLE.told_anew(case, [fact], ())
    assert case.earlier == ()


def test_a_fact_may_change_how_a_case_stands_with_its_breaches_only_where_there_is_one() -> None:
    story = issued()
    delivery = story.facts[-1]
    said = replace(delivery, event=NoticesDelivered(households=("h-1",), delivered_on=date(2025, 4, 1), means="信箱"))
    assert not LIFECYCLE.judges(story.case, said)
    assert LIFECYCLE.judges(story.case, replace(said, late=60))
    story.when(MissDelivery(), as_=CLOCK, at="2025-04-02 00:00")
    assert LIFECYCLE.judges(story.case, said)
    assert not LIFECYCLE.judges(story.case, replace(said, event=BillRunIssued(bills=1, amount_fen=1)))
