"""What becomes of the residents' voices, over a real office: figures that cannot be embellished, chains that end (§4, §5)."""

from __future__ import annotations

from collections.abc import Iterator
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
from domain.rounds.repair_order.commands import RaiseRepairOrder, ReportRepairReady
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
from projections.engine import standard as measure
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG
from tests.conftest import Database
from tests.office_rig import OfficeRig, shanghai
from tests.solving import solved
from tests.workflows.checked_office import checked_office, one

CLERK, ASSISTANT, HEAD, MANAGER = Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def figure(rig: OfficeRig, slug: str) -> tuple[int, int, int]:
    """A standard's figure over the year: met, counted, not yet due."""
    read = reading(rig, slug)
    return read.met, read.counted, read.not_yet_due


def reading(rig: OfficeRig, slug: str) -> measure.Measurement:
    """A standard's reading over the year."""
    with rig.pool.connection() as connection:
        return measure.read(
            connection, REGISTERS, BY_SLUG[slug], office=rig.code, since=YEAR[0], until=YEAR[1], now=rig.now
        )


def complain(rig: OfficeRig, at: str, **fields: Any) -> str:
    """Somebody complains."""
    said: dict[str, Any] = {"channel": Channel.IN_PERSON, "category": "noise", "matter": "水泵", "content": "夜间"}
    said |= {} if fields else {"anonymous": True}
    return rig.do(RegisterComplaint(**said | fields), as_=CLERK, at=at).case_id


def promise(rig: OfficeRig, complaint: str, by: str, at: str) -> None:
    """It is promised by then."""
    rig.until(at)
    command = AssessComplaint(promised_by=shanghai(by), measure="检修", told_at=rig.now, reason="等料")
    rig.do(command, as_=CLERK, on=complaint)


def resolve(rig: OfficeRig, complaint: str, at: str) -> None:
    """It is handled."""
    rig.until(at)
    rig.do(solved(rig.now), as_=CLERK, on=complaint)


def end(rig: OfficeRig, visit: str, reason: ExitReason, words: str | None = None) -> None:
    """Whoever went proposes the end, another signs it off."""
    proposed = ProposeFollowUpExit(reason=reason, note="终止", mode=Mode.TELEPHONE, words=words)
    rig.do(proposed, as_=CLERK, on=visit, by="li")
    rig.do(ExitFollowUp(reason=reason, note="同意"), as_=MANAGER, on=visit, by="manager")


# -- complaints ------------------------------------------------------------------------------------------------------


def test_no_later_promise_and_no_reopening_mends_a_promise_that_was_broken(rig: OfficeRig) -> None:
    again = complain(rig, "2025-03-03 10:00")
    promise(rig, again, "2025-03-04 18:00", "2025-03-03 11:00")
    promise(rig, again, "2025-03-09 18:00", "2025-03-05 09:00")
    resolve(rig, again, "2025-03-08 09:00")
    reopened = complain(rig, "2025-03-08 10:00")
    promise(rig, reopened, "2025-03-09 18:00", "2025-03-08 10:00")
    resolve(rig, reopened, "2025-03-10 09:00")
    rig.do(ReopenComplaint(reason="住户来电"), as_=CLERK, on=reopened)
    assert figure(rig, "complaint-handling-rate") == (0, 2, 0)
    resolve(rig, reopened, "2025-03-11 09:00")
    assert figure(rig, "complaint-handling-rate") == (0, 2, 0)


@pytest.mark.long
def test_a_complaint_for_which_nothing_is_promised_does_not_stay_undue_for_ever(rig: OfficeRig) -> None:
    forgotten = complain(rig, "2025-03-03 10:00")
    at_once = complain(rig, "2025-03-03 11:00")
    resolve(rig, at_once, "2025-03-03 12:00")
    assert figure(rig, "complaint-handling-rate") == (1, 1, 1)
    rig.until("2025-03-14 09:00")
    assert one(rig, "complaints", case_id=forgotten)["missed_at"] == shanghai("2025-03-14 00:00")
    assert one(rig, "deadlines", case_id=forgotten)["missed_at"] == shanghai("2025-03-14 00:00")
    assert figure(rig, "complaint-handling-rate") == (1, 2, 0)


def test_what_was_handled_in_time_and_entered_late_counts_as_handled_once_that_is_confirmed(rig: OfficeRig) -> None:
    complaint = complain(rig, "2025-03-03 10:00")
    promise(rig, complaint, "2025-03-04 18:00", "2025-03-03 11:00")
    rig.until("2025-03-06 09:00")
    assert figure(rig, "complaint-handling-rate") == (0, 1, 0)
    at = shanghai("2025-03-04 17:00")
    rig.do(solved(at), as_=CLERK, on=complaint, occurred_at=at)
    assert figure(rig, "complaint-handling-rate") == (0, 1, 0)
    confirmed = ConfirmLateEntry(reason="值班记录属实", evidence="值班记录 12 页")
    rig.do(confirmed, as_=MANAGER, on=complaint, by="zhao")
    assert figure(rig, "complaint-handling-rate") == (1, 1, 0)


# -- follow-ups ------------------------------------------------------------------------------------------------------


def ask(rig: OfficeRig, visit: str, *, content: bool, by: str = "li", planner: Role = ASSISTANT) -> None:
    """Somebody is sent, asks by telephone, hands the record in; the manager reviews it."""
    rig.do(AssignFollowUp(visitor=by), as_=planner, on=visit, by="assistant")
    told = ConductFollowUp(
        mode=Mode.TELEPHONE,
        means=Means.TALK,
        quality="好",
        effect="好",
        satisfaction=5 if content else 1,
        conforming=content,
        visitor_signature="签",
    )
    rig.do(told, as_=CLERK, on=visit, by=by)
    rig.do(SubmitFollowUp(), as_=CLERK, on=visit, by=by)
    review = ReviewFollowUp(comment="阅", conforming=True)
    if not content:
        review = ReviewFollowUp(
            comment="仍漏", conforming=False, responsible="plumber", rectify_by=rig.now + timedelta(days=3)
        )
    rig.do(review, as_=MANAGER, on=visit, by="manager")


def put_right(rig: OfficeRig, visit: str) -> None:
    """What the visit found is done by the plumber, verified and closed by the head."""
    work = one(rig, "rectifications", origin_id=visit)["case_id"]
    rig.do(ReportRectificationDone(result="已修"), as_=CLERK, on=work, by="plumber")
    rig.do(VerifyRectification(), as_=HEAD, on=work, by="head")
    rig.do(CloseRectification(), as_=HEAD, on=work, by="head")


def repaired(rig: OfficeRig, at: str, **fields: Any) -> str:
    """A repair, completed at once."""
    raised = RaiseRepairOrder(
        channel=Channel.TELEPHONE, fault_kind="drain", home="1-101", household="household-1", **fields
    )
    order = rig.do(raised, as_=CLERK, at=at).case_id
    rig.do(ReportRepairReady(done_by="plumber", result="好"), as_=CLERK, on=order)
    return order


def test_a_chain_keeps_its_matter_until_its_resident_is_satisfied(rig: OfficeRig) -> None:
    order = repaired(rig, "2025-03-05 10:00")
    rig.until("2025-03-12 09:00")
    first = one(rig, "follow-ups", origin_id=order)["case_id"]
    with pytest.raises(RuleBroken, match="经办"):  # who reported it ready, though it was dispatched to nobody
        rig.do(AssignFollowUp(visitor="plumber"), as_=ASSISTANT, on=first)
    ask(rig, first, content=False)
    assert figure(rig, "nonconformities-put-right") == (0, 0, 1)
    put_right(rig, first)
    second = one(rig, "follow-ups", open=True)
    assert (second["chain"], second["round"], second["origin_id"]) == (order, 2, order)
    with pytest.raises(RuleBroken, match="经办"):
        rig.do(AssignFollowUp(visitor="plumber"), as_=ASSISTANT, on=second["case_id"])
    ask(rig, second["case_id"], content=False)
    put_right(rig, second["case_id"])
    third = one(rig, "follow-ups", open=True)
    ask(rig, third["case_id"], content=True)
    assert one(rig, "repair-orders", case_id=order)["outcome"] == "satisfied"
    assert {row["chain_outcome"] for row in rig.rows("follow-ups", verdict="nonconforming")} == {"satisfied"}
    assert figure(rig, "nonconformities-put-right") == (2, 2, 0)
    assert rig.rows("follow-ups", open=True) == []


@pytest.mark.long
def test_a_chain_that_was_ended_lawfully_is_not_taken_up_again(rig: OfficeRig) -> None:
    order = repaired(rig, "2025-03-05 10:00")
    rig.until("2025-03-12 09:00")
    first = one(rig, "follow-ups", origin_id=order)["case_id"]
    ask(rig, first, content=False)
    end(rig, first, ExitReason.OUTSIDE_DUTY, words="找供水公司")
    put_right(rig, first)
    assert rig.rows("follow-ups", open=True) == []
    assert one(rig, "repair-orders", case_id=order)["outcome"] == "exited:outside-duty"
    assert reading(rig, "nonconformities-put-right").excluded == {"lawful exit": 1}


@pytest.mark.long
def test_a_move_in_that_does_not_conform_stays_the_managers(rig: OfficeRig) -> None:
    rig.do(OpenFollowUp(type=FollowUpType.MOVE_IN, anchor=date(2025, 1, 5)), as_=ASSISTANT, at="2025-02-06 09:00")
    first = one(rig, "follow-ups")["case_id"]
    ask(rig, first, content=False, planner=MANAGER)
    put_right(rig, first)
    assert one(rig, "follow-ups", open=True)["by_manager"]


@pytest.mark.long
def test_what_the_resident_opens_again_is_not_asked_about_before_it_is_handled_again(rig: OfficeRig) -> None:
    complaint = complain(rig, "2025-03-03 10:00", household="household-1")
    resolve(rig, complaint, "2025-03-03 12:00")
    rig.do(ReopenComplaint(reason="又响"), as_=CLERK, on=complaint, at="2025-03-04 09:00")
    first = one(rig, "follow-ups", round=1)
    assert (first["state"], first["lapse_reason"]) == ("lapsed", "matter-reopened")
    resolve(rig, complaint, "2025-03-05 09:00")
    second = one(rig, "follow-ups", open=True)
    assert (second["round"], second["previous"]) == (2, None)
    ask(rig, second["case_id"], content=True)
    assert rig.case(complaint).state == "followed-up"
    assert figure(rig, "complaint-follow-up-rate") == (1, 1, 0)
    assert reading(rig, "complaint-follow-up-rate").excluded["nothing left to ask"] == 1


@pytest.mark.long
def test_a_visit_that_nobody_made_in_time_is_not_mended_by_opening_the_matter_again_or_by_an_exit(
    rig: OfficeRig,
) -> None:
    reopened, ended = complain(rig, "2025-03-03 10:00"), complain(rig, "2025-03-03 11:00")
    for complaint in (reopened, ended):
        resolve(rig, complaint, "2025-03-03 12:00")
    rig.until("2025-03-08 09:00")
    rig.do(ReopenComplaint(reason="又响"), as_=CLERK, on=reopened)
    visit = one(rig, "follow-ups", origin_id=ended)["case_id"]
    end(rig, visit, ExitReason.NOBODY)
    assert figure(rig, "complaint-follow-up-in-time") == (0, 2, 0)
    assert figure(rig, "complaint-follow-up-rate") == (0, 1, 0)
    assert reading(rig, "complaint-follow-up-rate").excluded["lawful exit"] == 1


@pytest.mark.long
def test_a_late_word_on_an_earlier_handling_does_not_end_the_later_one(rig: OfficeRig) -> None:
    complaint = complain(rig, "2025-03-03 10:00", household="household-1")
    resolve(rig, complaint, "2025-03-03 12:00")
    first = one(rig, "follow-ups")["case_id"]
    rig.do(AssignFollowUp(visitor="li"), as_=ASSISTANT, on=first)
    told = ConductFollowUp(
        mode=Mode.TELEPHONE,
        means=Means.TALK,
        quality="好",
        effect="好",
        satisfaction=5,
        conforming=True,
        visitor_signature="签",
    )
    rig.do(told, as_=CLERK, on=first, by="li")
    rig.do(SubmitFollowUp(), as_=CLERK, on=first, by="li")
    rig.do(ReopenComplaint(reason="又响"), as_=CLERK, on=complaint, at="2025-03-04 09:00")
    resolve(rig, complaint, "2025-03-05 09:00")
    rig.do(ReviewFollowUp(comment="阅", conforming=True), as_=MANAGER, on=first)
    assert rig.case(complaint).state == "resolved"


def test_visits_planned_beside_make_no_figure_better_and_are_of_a_case_that_is_there(rig: OfficeRig) -> None:
    complaint = complain(rig, "2025-03-03 10:00")
    resolve(rig, complaint, "2025-03-03 12:00")
    beside = OpenFollowUp(type=FollowUpType.COMPLAINT, anchor=date(2025, 3, 3), origin_id=complaint)
    visit = rig.do(beside, as_=ASSISTANT).case_id
    ask(rig, visit, content=True)
    assert rig.case(complaint).state == "followed-up"
    rig.until("2025-03-08 09:00")
    assert figure(rig, "complaint-follow-up-rate") == (0, 1, 0)
    for origin in ("complaint-nothing", "nothing", "x-1"):
        with pytest.raises(NotFound):
            rig.do(OpenFollowUp(type=FollowUpType.OTHER, anchor=date(2025, 3, 3), origin_id=origin), as_=ASSISTANT)


@pytest.mark.long
def test_a_contract_that_ends_early_is_not_visited_in_its_middle(rig: OfficeRig) -> None:
    item = rig.do(
        OfferService(
            code="S",
            name="照看",
            kind=ServiceKind.SPECIAL,
            unit=PriceUnit.MONTH,
            price_fen=3_000,
            standard="x",
            valid_from=date(2025, 1, 1),
        ),
        as_=MANAGER,
    ).case_id
    sign = SignServiceContract(
        service_item=item,
        household="household-1",
        starts_on=date(2025, 1, 10),
        ends_on=date(2025, 4, 9),
        signature="王",
    )
    contract = rig.do(sign, as_=CLERK, at="2025-01-09 09:00").case_id
    rig.until("2025-01-20 09:00")
    rig.do(EndServiceContract(reason="搬家"), as_=CLERK, on=contract)
    middle, after = rig.rows("follow-ups", origin_id=contract)
    assert (middle["lapse_reason"], after["state"]) == ("contract-ended-early", "planned")


@pytest.mark.long
def test_records_are_flagged_for_disposal_after_three_years_and_not_before(rig: OfficeRig) -> None:
    visit = rig.do(OpenFollowUp(type=FollowUpType.OTHER, anchor=date(2025, 1, 1)), as_=ASSISTANT).case_id
    ask(rig, visit, content=True)
    for day, ended in (("2028-01-01 23:00", False), ("2028-01-02 00:00", True)):
        rig.now = shanghai(day)
        rig.clock.catch_up(rig.now, office=rig.code)
        assert one(rig, "follow-ups", case_id=visit)["retention_ended"] is ended
