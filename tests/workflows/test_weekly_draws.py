"""The weekly sample on a real database: who is drawn, when, and what counts as followed up (§5.2.B)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.complaints.complaint.events import Channel
from domain.rounds.repair_order.commands import RaiseRepairOrder, ReportRepairReady, ReturnRepair
from domain.visits.follow_up.commands.visiting import OpenFollowUp
from domain.visits.follow_up.events import FollowUpType
from domain.visits.weekly_sample import DrawWeeklySample, WeeklySample
from journal.book import Book
from tests.conftest import Database
from tests.office_rig import OfficeRig, shanghai
from tests.workflows.checked_office import checked_office, one
from tests.workflows.test_voices import ASSISTANT, CLERK, ask, figure, reading, repaired
from workflows.engine.gather import gather_completed_repairs


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def test_drawn_is_not_yet_followed_up(rig: OfficeRig) -> None:
    orders = [repaired(rig, f"2025-03-05 {hour}:00") for hour in range(10, 16)]
    rig.until("2025-03-10 09:00")
    chosen = rig.case("weekly_sample-XH-2025-W10").chosen
    assert len(chosen) == 2
    assert figure(rig, "repair-follow-up-rate") == (0, 0, 6)
    rig.until("2025-03-13 09:00")
    ask(rig, one(rig, "follow-ups", origin_id=chosen[0])["case_id"], content=True)
    extra = next(order for order in orders if order not in chosen)
    beside = OpenFollowUp(type=FollowUpType.REPAIR, anchor=date(2025, 3, 5), origin_id=extra)
    ask(rig, rig.do(beside, as_=ASSISTANT).case_id, content=True)
    rig.until("2025-04-06 09:00")  # every window has closed; the second one drawn was asked by nobody
    assert figure(rig, "repair-follow-up-rate") == (1, 6, 0)
    assert not reading(rig, "repair-follow-up-rate").kept
    assert reading(rig, "repair-follow-up-rate").by_group == {"2025-W10": (1, 6)}


def test_a_repair_that_is_returned_after_the_draw_is_drawn_and_asked_about_when_it_is_done_again(
    rig: OfficeRig,
) -> None:
    order = repaired(rig, "2025-03-05 10:00")
    rig.until("2025-03-11 09:00")
    rig.do(ReturnRepair(reason="又堵"), as_=CLERK, on=order)
    assert one(rig, "follow-ups")["lapse_reason"] == "matter-reopened"
    rig.do(ReportRepairReady(done_by="plumber", result="换管"), as_=CLERK, on=order, at="2025-03-12 10:00")
    rig.until("2025-03-17 09:00")
    again = one(rig, "follow-ups", open=True)
    assert (again["opens_on"], again["chain"]) == (date(2025, 3, 19), order)


def test_the_draw_rests_on_one_page_whatever_is_written_meanwhile(rig: OfficeRig) -> None:
    first = repaired(rig, "2025-03-05 10:00")
    head = Book.head

    def interrupted(book: Book) -> Any:
        found = head(book)
        with pytest.MonkeyPatch.context() as undone:
            undone.setattr(Book, "head", head)
            repaired(rig, "2025-03-10 00:00", raised_by="meanwhile")
        return found

    rig.until("2025-03-10 00:00")  # the draw itself has been made; it is gathered once more by hand
    sample = WeeklySample(id="weekly_sample-XH-2025-W10", office="XH", week="2025-W10")
    with rig.pool.connection() as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Book, "head", interrupted)
        command = gather_completed_repairs(Book(connection, "XH"), "XH", replace(sample, week="2025-W11"), rig.now)
    assert isinstance(command, DrawWeeklySample)
    assert [entry.case for entry in command.population] == []
    assert rig.case("weekly_sample-XH-2025-W10").chosen == (first,)
    assert len(rig.rows("repair-orders")) == 2


@pytest.mark.long
def test_a_repair_that_is_entered_late_is_in_one_draw_and_only_one(rig: OfficeRig) -> None:
    repaired(rig, "2025-03-05 10:00")
    rig.now = shanghai("2025-03-10 07:00")  # after the week's end; the clock comes round only now
    order = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="drain", home="1-102")
    early = rig.do(order, as_=CLERK, occurred_at=shanghai("2025-03-06 09:00")).case_id
    ready = ReportRepairReady(done_by="plumber", result="好")
    rig.do(ready, as_=CLERK, on=early, occurred_at=shanghai("2025-03-06 10:00"))
    rig.clock.catch_up(rig.now, office=rig.code)
    late = rig.do(order, as_=CLERK, occurred_at=shanghai("2025-03-06 09:00")).case_id
    rig.do(ready, as_=CLERK, on=late, occurred_at=shanghai("2025-03-06 10:00"))
    rig.until("2025-03-24 09:00")
    populations = [rig.case(f"weekly_sample-XH-2025-W{week}").population for week in (10, 11, 12)]
    assert [sum(entry.case == case for entry in each) for each in populations for case in (early, late)] == [
        1,
        0,
        0,
        1,
        0,
        0,
    ]
    assert [entry.late for entry in populations[1]] == [True]
