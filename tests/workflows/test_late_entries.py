"""What is entered late, and what was due before it was entered: the book takes it, and the clock does not stumble."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.bill.commands.payment import ReceivePayment
from domain.fees.bill.events import BillLine
from domain.kernel.people import Role
from domain.rounds.repair_order.commands import RaiseRepairOrder, ReportRepairReady
from projections.engine.timeline import COLUMNS, timeline
from tests.conftest import Database
from tests.office_rig import OfficeRig, shanghai
from tests.workflows.checked_office import checked_office

CLERK = Role.ADMINISTRATOR


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards nothing is parked, and the registers are the book's fold."""
    with checked_office(database) as rig:
        yield rig
        assert rig.clock_work() == []


def bill(rig: OfficeRig, due_on: date, at: str) -> str:
    lines = (BillLine(item="物业服务费", amount_fen=30_000),)
    return rig.do(
        IssueBill(household="household-1", due_on=due_on, lines=lines, period="2025-01"), as_=CLERK, at=at
    ).case_id


def arrears(rig: OfficeRig) -> Any:
    """The household's case of debt, as it stands."""
    return rig.case(next(fact.case_id for fact in rig.facts() if fact.name == "DebtCaseOpened"))


def repaired(rig: OfficeRig, home: str, at: str, **order: Any) -> str:
    raised = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="drain", home=home, description="堵")
    case_id = rig.do(raised, as_=CLERK, at=at, **order).case_id
    rig.do(ReportRepairReady(done_by="plumber", result="好"), as_=CLERK, on=case_id, **order)
    return case_id


def populations(rig: OfficeRig) -> dict[str, list[str]]:
    """The week of each draw and the homes of the repairs in it."""
    return {
        fact.event.week: [repair.home for repair in fact.event.population]  # type: ignore[attr-defined]
        for fact in rig.facts()
        if fact.name == "WeeklySampleDrawn"
    }


def test_a_payment_that_came_before_the_arrears_case_was_opened_settles_it(rig: OfficeRig) -> None:
    """It stands on the bank's statement of the 14th and is entered on the 20th, when the bill is overdue already."""
    paid = bill(rig, date(2025, 2, 15), "2025-02-01 09:00")
    rig.until("2025-02-20 09:00")
    assert arrears(rig).state == "opened"
    payment = ReceivePayment(amount_fen=30_000, method="bank")
    rig.do(payment, as_=CLERK, on=paid, occurred_at=shanghai("2025-02-14 15:00"))
    assert rig.case(paid).state == "paid"
    assert arrears(rig).state == "settled"
    told = next(fact for fact in rig.facts() if fact.name == "DebtPaymentNoted")
    assert told.occurred_at == shanghai("2025-02-16 00:00"), "the case learns of it when it began"
    with rig.pool.connection() as connection, connection.transaction():
        late = [dict(zip(COLUMNS, line, strict=True)) for line in timeline(connection, rig.code, late=True)]
    assert [(line["fact"], line["late_seconds"] > 0) for line in late[:1]] == [("PaymentReceived", True)]
    assert {line["number"] for line in late} == {fact.number for fact in rig.facts() if fact.late is not None}


def test_a_bill_that_is_entered_when_its_due_date_has_passed_is_overdue_since_then(rig: OfficeRig) -> None:
    """It went out on the 2nd of January and is entered in February."""
    lines = (BillLine(item="物业服务费", amount_fen=30_000),)
    late = IssueBill(household="household-1", due_on=date(2025, 1, 15), lines=lines, period="2025-01")
    rig.until("2025-02-01 09:00")
    entered = rig.do(late, as_=CLERK, occurred_at=shanghai("2025-01-02 09:00"), late_reason="漏记").case_id
    rig.until("2025-02-01 10:00")
    overdue = next(fact for fact in rig.facts() if fact.name == "BillOverdue")
    assert (overdue.case_id, overdue.occurred_at) == (entered, shanghai("2025-01-16 00:00"))
    assert arrears(rig).state == "opened"


def test_a_visit_whose_window_closed_before_it_was_drawn_is_missed_at_once(rig: OfficeRig) -> None:
    """A repair of 10 February enters the book on 12 March; its month is over when the next draw finds it."""
    rig.until("2025-03-12 09:00")
    repaired(rig, "1-1", "2025-03-12 09:00", occurred_at=shanghai("2025-02-10 09:00"), late_reason="漏记")
    rig.until("2025-03-17 08:00")
    [visit] = rig.rows("follow-ups", type="repair")
    assert (visit["opens_on"], visit["closes_on"]) == (date(2025, 2, 17), date(2025, 3, 10))
    assert visit["missed_at"] == shanghai("2025-03-11 00:00")


def test_a_repair_entered_after_its_draw_is_in_the_next_one_only(rig: OfficeRig) -> None:
    rig.until("2025-01-14 09:00")
    repaired(rig, "late", "2025-01-14 09:00", occurred_at=shanghai("2025-01-07 09:00"))
    for n in range(5):
        repaired(rig, f"1-{n}", f"2025-01-15 1{n}:00")
    rig.until("2025-02-04 09:00")
    drawn = populations(rig)
    assert drawn["2025-W02"] == []
    assert sorted(drawn["2025-W03"]) == [*(f"1-{n}" for n in range(5)), "late"]
    assert drawn["2025-W04"] == drawn["2025-W05"] == []


def test_a_clock_that_was_away_draws_from_every_repair_once(rig: OfficeRig) -> None:
    """What was entered late while the clock was away stands in its own week's draw, and in no later one again."""
    for n in range(4):
        repaired(rig, f"2-{n}", f"2025-01-{7 + 7 * n:02} 09:00")
    for n in range(6):
        repaired(rig, f"late-{n}", f"2025-01-29 1{n}:00", occurred_at=shanghai("2025-01-08 09:00"), late_reason="漏记")
    rig.now = shanghai("2025-02-12 09:00")
    rig.clock.catch_up(rig.now, office=rig.code)
    drawn = populations(rig)
    late = [f"late-{n}" for n in range(6)]
    assert sorted(drawn["2025-W02"]) == ["2-0", *late]
    assert [drawn[f"2025-W{week:02}"] for week in (3, 4, 5, 6)] == [["2-1"], ["2-2"], ["2-3"], []]
    samples = [fact.event for fact in rig.facts() if fact.name == "WeeklySampleDrawn"]
    assert all(not repair.late for sample in samples for repair in sample.population)  # type: ignore[attr-defined]


def test_the_quarters_statistics_know_what_the_clock_caught_up_before_them(rig: OfficeRig) -> None:
    """An outage from February into April: the draws of February come before the quarter is compiled, not after."""
    for n in range(6):
        repaired(rig, f"3-{n}", f"2025-02-0{3 + n % 5} 1{n}:00")
    rig.now = shanghai("2025-04-03 09:00")
    rig.clock.catch_up(rig.now, office=rig.code)
    compiled = next(fact for fact in rig.facts() if fact.name == "QuarterlyReviewCompiled")
    [figure] = compiled.event.figures  # type: ignore[attr-defined]
    assert (figure.type, figure.planned, figure.conducted) == ("repair", 2, 0)
    before = [fact.name for fact in rig.facts() if fact.number <= compiled.event.page]  # type: ignore[attr-defined]
    assert before.count("FollowUpWindowMissed") == 2


def test_a_further_telling_that_is_entered_days_later_is_a_late_entry(rig: OfficeRig) -> None:
    """It is as old as the telling, whenever it is said to have been written down."""
    said = RegisterComplaint(channel=Channel.LETTER, category="noise", matter="水泵", content="夜间", home="5-501")
    complaint = rig.do(said, as_=CLERK, at="2025-03-03 09:00").case_id

    def promise(until: str, told_at: str) -> bool:
        measure = AssessComplaint(promised_by=shanghai(until), measure="检修", told_at=shanghai(told_at), reason="等料")
        rig.do(measure, as_=Role.DEPARTMENT_HEAD, on=complaint)
        return rig.facts()[-1].late is not None

    assert not promise("2025-03-06 18:00", told_at="2025-03-03 09:00")
    rig.until("2025-03-05 12:00")
    assert not promise("2025-03-07 18:00", told_at="2025-03-05 11:00")
    rig.until("2025-03-07 15:00")
    assert promise("2025-03-09 18:00", told_at="2025-03-05 15:00")
