"""What becomes of the residents' voices, over a real office: figures that cannot be embellished, chains that end (§4, §5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.complaints.complaint.commands.handling import ReopenComplaint
from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.errors import NotFound, RuleBroken
from domain.kernel.late_entries import ConfirmLateEntry
from domain.kernel.people import Role
from domain.rounds.rectification.commands import CloseRectification, ReportRectificationDone, VerifyRectification
from domain.rounds.repair_order.commands import RaiseRepairOrder, ReportRepairReady, ReturnRepair
from domain.services.service_contract import EndServiceContract, SignServiceContract
from domain.services.service_item import OfferService, PriceUnit, ServiceKind
from domain.visits.follow_up.commands.ending import ExitFollowUp, ProposeFollowUpExit
from domain.visits.follow_up.commands.visiting import (
    AssignFollowUp,
    ConductFollowUp,
    OpenFollowUp,
    ReviewFollowUp,
    SubmitFollowUp,
)
from domain.visits.follow_up.events import ExitReason, FollowUpType, Means, Mode
from domain.visits.weekly_sample import DrawWeeklySample, WeeklySample
from journal.book import Book
from projections.engine import standard as measure
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG
from tests.conftest import Database
from tests.desk import Desk, shanghai
from tests.solving import solved
from tests.workflows.sound import one, sound
from workflows.engine.gather import gather_completed_repairs

CLERK, ASSISTANT, HEAD, MANAGER = Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with sound(database) as desk:
        yield desk


def figure(desk: Desk, slug: str) -> tuple[int, int, int]:
    """A standard's figure over the year: met, counted, not yet due."""
    read = reading(desk, slug)
    return read.met, read.counted, read.not_yet_due


def reading(desk: Desk, slug: str) -> measure.Reading:
    """A standard's reading over the year."""
    with desk.pool.connection() as connection:
        return measure.read(
            connection, REGISTERS, BY_SLUG[slug], office=desk.code, since=YEAR[0], until=YEAR[1], now=desk.now
        )


def complain(desk: Desk, at: str, **fields: Any) -> str:
    """Somebody complains."""
    said: dict[str, Any] = {"channel": Channel.IN_PERSON, "category": "noise", "matter": "水泵", "content": "夜间"}
    said |= {} if fields else {"anonymous": True}
    return desk.do(RegisterComplaint(**said | fields), as_=CLERK, at=at).case_id


def promise(desk: Desk, complaint: str, by: str, at: str) -> None:
    """It is promised by then."""
    desk.until(at)
    command = AssessComplaint(promised_by=shanghai(by), measure="检修", told_at=desk.now, reason="等料")
    desk.do(command, as_=CLERK, on=complaint)


def resolve(desk: Desk, complaint: str, at: str) -> None:
    """It is handled."""
    desk.until(at)
    desk.do(solved(desk.now), as_=CLERK, on=complaint)


def end(desk: Desk, visit: str, reason: ExitReason, words: str | None = None) -> None:
    """Whoever went proposes the end, another signs it off."""
    proposed = ProposeFollowUpExit(reason=reason, note="终止", mode=Mode.TELEPHONE, words=words)
    desk.do(proposed, as_=CLERK, on=visit, by="li")
    desk.do(ExitFollowUp(reason=reason, note="同意"), as_=MANAGER, on=visit, by="manager")


# -- complaints ------------------------------------------------------------------------------------------------------


def test_no_later_promise_and_no_reopening_mends_a_promise_that_was_broken(desk: Desk) -> None:
    again = complain(desk, "2025-03-03 10:00")
    promise(desk, again, "2025-03-04 18:00", "2025-03-03 11:00")
    promise(desk, again, "2025-03-09 18:00", "2025-03-05 09:00")
    resolve(desk, again, "2025-03-08 09:00")
    reopened = complain(desk, "2025-03-08 10:00")
    promise(desk, reopened, "2025-03-09 18:00", "2025-03-08 10:00")
    resolve(desk, reopened, "2025-03-10 09:00")
    desk.do(ReopenComplaint(reason="住户来电"), as_=CLERK, on=reopened)
    assert figure(desk, "complaint-handling-rate") == (0, 2, 0)
    resolve(desk, reopened, "2025-03-11 09:00")
    assert figure(desk, "complaint-handling-rate") == (0, 2, 0)


def test_a_complaint_for_which_nothing_is_promised_does_not_stay_undue_for_ever(desk: Desk) -> None:
    forgotten = complain(desk, "2025-03-03 10:00")
    at_once = complain(desk, "2025-03-03 11:00")
    resolve(desk, at_once, "2025-03-03 12:00")
    assert figure(desk, "complaint-handling-rate") == (1, 1, 1)
    desk.until("2025-03-14 09:00")
    assert one(desk, "complaints", case_id=forgotten)["missed_at"] == shanghai("2025-03-14 00:00")
    assert one(desk, "deadlines", case_id=forgotten)["missed_at"] == shanghai("2025-03-14 00:00")
    assert figure(desk, "complaint-handling-rate") == (1, 2, 0)


def test_what_was_handled_in_time_and_entered_late_counts_as_handled_once_that_is_confirmed(desk: Desk) -> None:
    complaint = complain(desk, "2025-03-03 10:00")
    promise(desk, complaint, "2025-03-04 18:00", "2025-03-03 11:00")
    desk.until("2025-03-06 09:00")
    assert figure(desk, "complaint-handling-rate") == (0, 1, 0)
    at = shanghai("2025-03-04 17:00")
    desk.do(solved(at), as_=CLERK, on=complaint, occurred_at=at)
    assert figure(desk, "complaint-handling-rate") == (0, 1, 0)
    confirmed = ConfirmLateEntry(reason="值班记录属实", evidence="值班记录 12 页")
    desk.do(confirmed, as_=MANAGER, on=complaint, by="zhao")
    assert figure(desk, "complaint-handling-rate") == (1, 1, 0)


# -- follow-ups ------------------------------------------------------------------------------------------------------


def ask(desk: Desk, visit: str, *, content: bool, by: str = "li", planner: Role = ASSISTANT) -> None:
    """Somebody is sent, asks by telephone, hands the record in; the manager reviews it."""
    desk.do(AssignFollowUp(visitor=by), as_=planner, on=visit, by="assistant")
    told = ConductFollowUp(
        mode=Mode.TELEPHONE, means=Means.TALK, quality="好", effect="好", satisfaction=5 if content else 1,
        conforming=content, visitor_signature="签",
    )  # fmt: skip
    desk.do(told, as_=CLERK, on=visit, by=by)
    desk.do(SubmitFollowUp(), as_=CLERK, on=visit, by=by)
    review = ReviewFollowUp(comment="阅", conforming=True)
    if not content:
        review = ReviewFollowUp(
            comment="仍漏", conforming=False, responsible="plumber", rectify_by=desk.now + timedelta(days=3)
        )
    desk.do(review, as_=MANAGER, on=visit, by="manager")


def put_right(desk: Desk, visit: str) -> None:
    """What the visit found is done by the plumber, verified and closed by the head."""
    work = one(desk, "rectifications", origin_id=visit)["case_id"]
    desk.do(ReportRectificationDone(result="已修"), as_=CLERK, on=work, by="plumber")
    desk.do(VerifyRectification(), as_=HEAD, on=work, by="head")
    desk.do(CloseRectification(), as_=HEAD, on=work, by="head")


def repaired(desk: Desk, at: str, **fields: Any) -> str:
    """A repair, completed at once."""
    raised = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="drain", home="1-101", household="h-1", **fields)
    order = desk.do(raised, as_=CLERK, at=at).case_id
    desk.do(ReportRepairReady(by="plumber", result="好"), as_=CLERK, on=order)
    return order


def test_a_chain_keeps_its_matter_until_its_resident_is_satisfied(desk: Desk) -> None:
    order = repaired(desk, "2025-03-05 10:00")
    desk.until("2025-03-12 09:00")
    first = one(desk, "follow-ups", origin_id=order)["case_id"]
    with pytest.raises(RuleBroken, match="经办"):  # who reported it ready, though it was dispatched to nobody
        desk.do(AssignFollowUp(visitor="plumber"), as_=ASSISTANT, on=first)
    ask(desk, first, content=False)
    assert figure(desk, "nonconformities-put-right") == (0, 0, 1)
    put_right(desk, first)
    second = one(desk, "follow-ups", open=True)
    assert (second["chain"], second["round"], second["origin_id"]) == (order, 2, order)
    with pytest.raises(RuleBroken, match="经办"):
        desk.do(AssignFollowUp(visitor="plumber"), as_=ASSISTANT, on=second["case_id"])
    ask(desk, second["case_id"], content=False)
    put_right(desk, second["case_id"])
    third = one(desk, "follow-ups", open=True)
    ask(desk, third["case_id"], content=True)
    assert one(desk, "repair-orders", case_id=order)["outcome"] == "satisfied"
    assert {row["chain_outcome"] for row in desk.rows("follow-ups", verdict="nonconforming")} == {"satisfied"}
    assert figure(desk, "nonconformities-put-right") == (2, 2, 0)
    assert desk.rows("follow-ups", open=True) == []


def test_a_chain_that_was_ended_lawfully_is_not_taken_up_again(desk: Desk) -> None:
    order = repaired(desk, "2025-03-05 10:00")
    desk.until("2025-03-12 09:00")
    first = one(desk, "follow-ups", origin_id=order)["case_id"]
    ask(desk, first, content=False)
    end(desk, first, ExitReason.OUTSIDE_DUTY, words="找供水公司")
    put_right(desk, first)
    assert desk.rows("follow-ups", open=True) == []
    assert one(desk, "repair-orders", case_id=order)["outcome"] == "exited:outside-duty"
    assert reading(desk, "nonconformities-put-right").excluded == {"lawful exit": 1}


def test_a_move_in_that_does_not_conform_stays_the_managers(desk: Desk) -> None:
    desk.do(OpenFollowUp(type=FollowUpType.MOVE_IN, anchor=date(2025, 1, 5)), as_=ASSISTANT, at="2025-02-06 09:00")
    first = one(desk, "follow-ups")["case_id"]
    ask(desk, first, content=False, planner=MANAGER)
    put_right(desk, first)
    assert one(desk, "follow-ups", open=True)["by_manager"]


def test_what_the_resident_opens_again_is_not_asked_about_before_it_is_handled_again(desk: Desk) -> None:
    complaint = complain(desk, "2025-03-03 10:00", household="h-1")
    resolve(desk, complaint, "2025-03-03 12:00")
    desk.do(ReopenComplaint(reason="又响"), as_=CLERK, on=complaint, at="2025-03-04 09:00")
    first = one(desk, "follow-ups", round=1)
    assert (first["state"], first["lapse_reason"]) == ("lapsed", "matter-reopened")
    resolve(desk, complaint, "2025-03-05 09:00")
    second = one(desk, "follow-ups", open=True)
    assert (second["round"], second["previous"]) == (2, None)
    ask(desk, second["case_id"], content=True)
    assert desk.case(complaint).state == "followed-up"
    assert figure(desk, "complaint-follow-up-rate") == (1, 1, 0)
    assert reading(desk, "complaint-follow-up-rate").excluded["nothing left to ask"] == 1


def test_a_visit_that_nobody_made_in_time_is_not_mended_by_opening_the_matter_again_or_by_an_exit(desk: Desk) -> None:
    reopened, ended = complain(desk, "2025-03-03 10:00"), complain(desk, "2025-03-03 11:00")
    for complaint in (reopened, ended):
        resolve(desk, complaint, "2025-03-03 12:00")
    desk.until("2025-03-08 09:00")
    desk.do(ReopenComplaint(reason="又响"), as_=CLERK, on=reopened)
    visit = one(desk, "follow-ups", origin_id=ended)["case_id"]
    end(desk, visit, ExitReason.NOBODY)
    assert figure(desk, "complaint-follow-up-in-time") == (0, 2, 0)
    assert figure(desk, "complaint-follow-up-rate") == (0, 1, 0)
    assert reading(desk, "complaint-follow-up-rate").excluded["lawful exit"] == 1


def test_a_late_word_on_an_earlier_handling_does_not_end_the_later_one(desk: Desk) -> None:
    complaint = complain(desk, "2025-03-03 10:00", household="h-1")
    resolve(desk, complaint, "2025-03-03 12:00")
    first = one(desk, "follow-ups")["case_id"]
    desk.do(AssignFollowUp(visitor="li"), as_=ASSISTANT, on=first)
    told = ConductFollowUp(
        mode=Mode.TELEPHONE, means=Means.TALK, quality="好", effect="好", satisfaction=5, conforming=True,
        visitor_signature="签",
    )  # fmt: skip
    desk.do(told, as_=CLERK, on=first, by="li")
    desk.do(SubmitFollowUp(), as_=CLERK, on=first, by="li")
    desk.do(ReopenComplaint(reason="又响"), as_=CLERK, on=complaint, at="2025-03-04 09:00")
    resolve(desk, complaint, "2025-03-05 09:00")
    desk.do(ReviewFollowUp(comment="阅", conforming=True), as_=MANAGER, on=first)
    assert desk.case(complaint).state == "resolved"


def test_visits_planned_beside_make_no_figure_better_and_are_of_a_case_that_is_there(desk: Desk) -> None:
    complaint = complain(desk, "2025-03-03 10:00")
    resolve(desk, complaint, "2025-03-03 12:00")
    beside = OpenFollowUp(type=FollowUpType.COMPLAINT, anchor=date(2025, 3, 3), origin_id=complaint)
    visit = desk.do(beside, as_=ASSISTANT).case_id
    ask(desk, visit, content=True)
    assert desk.case(complaint).state == "followed-up"
    desk.until("2025-03-08 09:00")
    assert figure(desk, "complaint-follow-up-rate") == (0, 1, 0)
    for origin in ("complaint-nothing", "nothing", "x-1"):
        with pytest.raises(NotFound):
            desk.do(OpenFollowUp(type=FollowUpType.OTHER, anchor=date(2025, 3, 3), origin_id=origin), as_=ASSISTANT)


def test_a_contract_that_ends_early_is_not_visited_in_its_middle(desk: Desk) -> None:
    item = desk.do(
        OfferService(
            code="S", name="照看", kind=ServiceKind.SPECIAL, unit=PriceUnit.MONTH, price_fen=3_000, standard="x",
            valid_from=date(2025, 1, 1),
        ),
        as_=MANAGER,
    ).case_id  # fmt: skip
    sign = SignServiceContract(
        service_item=item, household="h-1", starts_on=date(2025, 1, 10), ends_on=date(2025, 4, 9), signature="王"
    )
    contract = desk.do(sign, as_=CLERK, at="2025-01-09 09:00").case_id
    desk.until("2025-01-20 09:00")
    desk.do(EndServiceContract(reason="搬家"), as_=CLERK, on=contract)
    middle, after = desk.rows("follow-ups", origin_id=contract)
    assert (middle["lapse_reason"], after["state"]) == ("contract-ended-early", "planned")


def test_records_are_flagged_for_disposal_after_three_years_and_not_before(desk: Desk) -> None:
    visit = desk.do(OpenFollowUp(type=FollowUpType.OTHER, anchor=date(2025, 1, 1)), as_=ASSISTANT).case_id
    ask(desk, visit, content=True)
    for day, ended in (("2028-01-01 23:00", False), ("2028-01-02 00:00", True)):
        desk.now = shanghai(day)
        desk.clock.catch_up(desk.now)
        assert one(desk, "follow-ups", case_id=visit)["retention_ended"] is ended


# -- the weekly sample -----------------------------------------------------------------------------------------------


def test_drawn_is_not_yet_followed_up(desk: Desk) -> None:
    orders = [repaired(desk, f"2025-03-05 {hour}:00") for hour in range(10, 16)]
    desk.until("2025-03-10 09:00")
    chosen = desk.case("weekly_sample-XH-2025-W10").chosen
    assert len(chosen) == 2
    assert figure(desk, "repair-follow-up-rate") == (0, 0, 6)
    desk.until("2025-03-13 09:00")
    ask(desk, one(desk, "follow-ups", origin_id=chosen[0])["case_id"], content=True)
    extra = next(order for order in orders if order not in chosen)
    beside = OpenFollowUp(type=FollowUpType.REPAIR, anchor=date(2025, 3, 5), origin_id=extra)
    ask(desk, desk.do(beside, as_=ASSISTANT).case_id, content=True)
    desk.until("2025-04-06 09:00")  # every window has closed; the second one drawn was asked by nobody
    assert figure(desk, "repair-follow-up-rate") == (1, 6, 0)
    assert not reading(desk, "repair-follow-up-rate").kept
    assert reading(desk, "repair-follow-up-rate").by_group == {"2025-W10": (1, 6)}


def test_a_repair_that_is_returned_after_the_draw_is_drawn_and_asked_about_when_it_is_done_again(desk: Desk) -> None:
    order = repaired(desk, "2025-03-05 10:00")
    desk.until("2025-03-11 09:00")
    desk.do(ReturnRepair(reason="又堵"), as_=CLERK, on=order)
    assert one(desk, "follow-ups")["lapse_reason"] == "matter-reopened"
    desk.do(ReportRepairReady(by="plumber", result="换管"), as_=CLERK, on=order, at="2025-03-12 10:00")
    desk.until("2025-03-17 09:00")
    again = one(desk, "follow-ups", open=True)
    assert (again["opens_on"], again["chain"]) == (date(2025, 3, 19), order)


def test_the_draw_rests_on_one_page_whatever_is_written_meanwhile(desk: Desk) -> None:
    first = repaired(desk, "2025-03-05 10:00")
    head = Book.head

    def interrupted(book: Book) -> Any:
        found = head(book)
        with pytest.MonkeyPatch.context() as undone:
            undone.setattr(Book, "head", head)
            repaired(desk, "2025-03-10 00:00", raised_by="meanwhile")
        return found

    desk.until("2025-03-10 00:00")  # the draw itself has been made; it is gathered once more by hand
    sample = WeeklySample(id="weekly_sample-XH-2025-W10", office="XH", week="2025-W10")
    with desk.pool.connection() as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Book, "head", interrupted)
        command = gather_completed_repairs(Book(connection, "XH"), "XH", replace(sample, week="2025-W11"), desk.now)
    assert isinstance(command, DrawWeeklySample)
    assert [entry.case for entry in command.population] == []
    assert desk.case("weekly_sample-XH-2025-W10").chosen == (first,)
    assert len(desk.rows("repair-orders")) == 2


def test_a_repair_that_is_entered_late_is_in_one_draw_and_only_one(desk: Desk) -> None:
    repaired(desk, "2025-03-05 10:00")
    desk.now = shanghai("2025-03-10 07:00")  # after the week's end; the clock comes round only now
    order = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="drain", home="1-102")
    early = desk.do(order, as_=CLERK, occurred_at=shanghai("2025-03-06 09:00")).case_id
    ready = ReportRepairReady(by="plumber", result="好")
    desk.do(ready, as_=CLERK, on=early, occurred_at=shanghai("2025-03-06 10:00"))
    desk.clock.catch_up(desk.now)
    late = desk.do(order, as_=CLERK, occurred_at=shanghai("2025-03-06 09:00")).case_id
    desk.do(ready, as_=CLERK, on=late, occurred_at=shanghai("2025-03-06 10:00"))
    desk.until("2025-03-24 09:00")
    populations = [desk.case(f"weekly_sample-XH-2025-W{week}").population for week in (10, 11, 12)]
    assert [sum(entry.case == case for entry in each) for each in populations for case in (early, late)] == [
        1, 0, 0, 1, 0, 0
    ]  # fmt: skip
    assert [entry.late for entry in populations[1]] == [True]
