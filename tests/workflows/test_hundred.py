"""What 100 % means 百分之百: the figures beside the figures, and the tasks of those above (§4.2–4.4, §5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from domain.complaints.complaint.commands.handling import (
    DeclareComplaintSevere,
    DispatchComplaint,
    EscalateComplaint,
    ReopenComplaint,
    ResolveComplaint,
)
from domain.complaints.complaint.commands.reception import AssessComplaint, InvestigateComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.people import Role
from domain.rounds.emergency_aid import TakeEmergencyCall
from domain.rounds.repair_order.commands import RaiseRepairOrder
from domain.visits.follow_up.commands.ending import ExitFollowUp, ProposeFollowUpExit
from domain.visits.follow_up.commands.visiting import (
    AppointVisit,
    AssignFollowUp,
    ConductFollowUp,
    RecordUnreachable,
    SubmitFollowUp,
)
from domain.visits.follow_up.events import ExitReason, Means, Mode
from projections.engine import standard as measure
from projections.engine.standard import Measurement
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG
from tests.conftest import Database
from tests.office_rig import OfficeRig, shanghai
from tests.solving import solved
from tests.workflows.checked_office import checked_office, one
from tests.workflows.test_voices import resolve

CLERK, ASSISTANT, GUARD, HEAD, MANAGER = (
    Role.ADMINISTRATOR,
    Role.ASSISTANT,
    Role.DUTY_OFFICER,
    Role.DEPARTMENT_HEAD,
    Role.MANAGER,
)


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    with checked_office(database) as rig:
        yield rig


def reading(rig: OfficeRig, slug: str) -> Measurement:
    year = (date(2025, 1, 1), date(2025, 12, 31))
    with rig.pool.connection() as connection:
        return measure.read(
            connection, REGISTERS, BY_SLUG[slug], office="XH", since=year[0], until=year[1], now=rig.now
        )


def figure(rig: OfficeRig, slug: str) -> tuple[int, int, int]:
    found = reading(rig, slug)
    return found.met, found.counted, found.not_yet_due


def complain(rig: OfficeRig, at: str, **fields: Any) -> str:
    said: dict[str, Any] = {"channel": Channel.IN_PERSON, "category": "noise", "matter": "水泵", "content": "夜间"}
    return rig.do(RegisterComplaint(**(said | (fields or {"household": "household-1"}))), as_=CLERK, at=at).case_id


def promise(rig: OfficeRig, case_id: str, by: str, reason: str | None = None) -> None:
    command = AssessComplaint(measure="检修", promised_by=shanghai(by), told_at=rig.now, reason=reason)
    rig.do(command, as_=CLERK, on=case_id)


def handle(rig: OfficeRig, case_id: str, at: str) -> None:
    rig.do(InvestigateComplaint(findings="老化", root_cause="设施老化"), as_=CLERK, on=case_id, at=at)
    rig.do(ResolveComplaint(done_by="plumber", result="已换"), as_=CLERK, on=case_id)


def test_kept_is_not_kept_as_first_promised(rig: OfficeRig) -> None:
    kept, moved, waiting, never = (complain(rig, f"2025-03-03 1{n}:00") for n in range(4))
    for case_id in (kept, moved, waiting):
        promise(rig, case_id, "2025-03-05 18:00")
    handle(rig, kept, "2025-03-05 17:00")
    promise(rig, moved, "2025-03-08 18:00", "材料未到")
    assert figure(rig, "complaints-handled-as-first-promised") == (1, 1, 3)
    handle(rig, moved, "2025-03-07 09:00")
    assert figure(rig, "complaint-handling-rate") == (2, 3, 1)
    assert figure(rig, "complaints-handled-as-first-promised") == (1, 3, 1)
    row = one(rig, "complaints", case_id=moved)
    assert (row["first_promised_by"], row["promised_by"], row["postponed"]) == (
        shanghai("2025-03-05 18:00"),
        shanghai("2025-03-08 18:00"),
        1,
    )
    rig.now = shanghai("2025-03-14 09:00")
    assert one(rig, "complaints", case_id=never)["first_promised_by"] is None
    assert figure(rig, "complaints-handled-as-first-promised") == (1, 4, 0)


def test_the_anonymous_stand_beside_the_told(rig: OfficeRig) -> None:
    told, late, _ = (complain(rig, "2025-03-03 10:00") for _ in range(3))
    complain(rig, "2025-03-03 10:00", anonymous=True)
    promise(rig, told, "2025-03-05 18:00")
    assert figure(rig, "complainants-told-in-time") == (1, 1, 2)
    rig.now = shanghai("2025-03-03 12:01")
    promise(rig, late, "2025-03-05 18:00")
    assert figure(rig, "complainants-told-in-time") == (1, 3, 0)
    assert reading(rig, "complainants-told-in-time").excluded == {"anonymous": 1}


def test_causes_are_counted_of_all_that_was_handled(rig: OfficeRig) -> None:
    rig.do(solved(shanghai("2025-03-03 11:00")), as_=CLERK, on=complain(rig, "2025-03-03 10:00"), at="2025-03-03 11:00")
    taken_over = rig.do(
        RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="x", home="1-101"),
        as_=CLERK,
        imported=True,
    ).case_id
    rig.do(ResolveComplaint(done_by="x"), as_=CLERK, on=taken_over, imported=True)
    assert figure(rig, "complaint-causes-found") == (1, 2, 0)
    waived = rig.facts()[-1].waived
    assert set(waived) >= {"measure-missing", "told-at-missing", "root-cause-missing"}


def test_lawful_exits_stand_beside_the_rate_and_count_in_visited_of_all_that_were_due(rig: OfficeRig) -> None:
    cases = [complain(rig, f"2025-03-03 1{n}:00") for n in range(3)]
    cases.append(complain(rig, "2025-03-03 13:00", anonymous=True))
    for case_id in cases:
        rig.do(solved(rig.now), as_=CLERK, on=case_id)
    asked, refused, silent, nobody = (str(one(rig, "follow-ups", origin_id=case_id)["case_id"]) for case_id in cases)
    for visit in (asked, refused, silent, nobody):
        rig.do(AssignFollowUp(visitor="li"), as_=ASSISTANT, on=visit)
    for at in ("2025-03-03 16:00", "2025-03-03 19:00", "2025-03-04 10:00"):
        rig.do(RecordUnreachable(mode=Mode.TELEPHONE), as_=CLERK, on=silent, at=at, by="li")
    told = ConductFollowUp(
        mode=Mode.TELEPHONE,
        means=Means.TALK,
        quality="好",
        effect="好",
        satisfaction=5,
        conforming=True,
        visitor_signature="李",
    )
    rig.do(told, as_=CLERK, on=asked, by="li")
    for visit, reason in (
        (refused, ExitReason.REFUSED),
        (silent, ExitReason.UNREACHABLE),
        (nobody, ExitReason.NOBODY),
    ):
        words = ProposeFollowUpExit(reason=reason, note="终止", mode=Mode.TELEPHONE, words="不用了")
        rig.do(words, as_=CLERK, on=visit, by="li")
        assert one(rig, "follow-ups", case_id=visit)["exit_proposed"] == reason
        rig.do(ExitFollowUp(reason=reason, note="同意"), as_=MANAGER, on=visit, by="manager")
    rig.now = shanghai("2025-03-10 09:00")
    assert figure(rig, "complaint-follow-up-rate") == (1, 1, 0)
    assert reading(rig, "complaint-follow-up-rate").excluded["lawful exit"] == 3
    visited = reading(rig, "complaint-follow-ups-visited")
    assert (visited.met, visited.counted, visited.kept) == (1, 3, False)
    assert visited.excluded["nobody to ask"] == 1
    share = reading(rig, "follow-ups-ended-unvisited")
    assert (share.met, share.counted, share.kept) == (3, 4, False)
    assert share.by_group == {"nobody-to-ask": (1, 1), "refused-by-resident": (1, 1), "unreachable": (1, 1)}


def owed(rig: OfficeRig, kind: str) -> tuple[str, str | None]:
    """Whose the only open deadline of this kind is, and since when it is overdue."""
    row = one(rig, "deadlines", kind=kind)
    return row["role"], row["missed_at"]


def test_what_goes_up_is_the_task_of_those_above_until_they_have_done_it(rig: OfficeRig) -> None:
    up = complain(rig, "2025-03-03 10:00")
    rig.do(EscalateComplaint(reason="超出权限"), as_=CLERK, on=up)
    assert owed(rig, "escalation") == ("department-head", None)
    rig.until("2025-03-04 10:00")
    assert owed(rig, "escalation") == ("department-head", shanghai("2025-03-04 10:00"))
    rig.do(DispatchComplaint(department="工程部", due_by=rig.now + timedelta(days=2)), as_=HEAD, on=up)
    assert rig.rows("deadlines", kind="escalation") == []
    rig.do(DeclareComplaintSevere(reason="多户"), as_=HEAD, on=up)
    assert owed(rig, "review") == ("manager", None)
    rig.until("2025-03-09 10:00")
    assert owed(rig, "review") == ("manager", shanghai("2025-03-08 00:00"))


def test_what_nobody_ends_sends_or_reviews_has_its_date_and_its_owner(rig: OfficeRig) -> None:
    rig.do(TakeEmergencyCall(place="5栋"), as_=GUARD, at="2025-03-03 10:00")
    rig.do(RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="电路", home="1-101"), as_=CLERK)
    case_id = complain(rig, "2025-03-03 10:00")
    rig.do(solved(rig.now), as_=CLERK, on=case_id)
    visit = str(one(rig, "follow-ups")["case_id"])
    rig.do(AssignFollowUp(visitor="li"), as_=ASSISTANT, on=visit)
    told = ConductFollowUp(
        mode=Mode.TELEPHONE,
        means=Means.TALK,
        quality="好",
        effect="好",
        satisfaction=5,
        conforming=True,
        visitor_signature="李",
    )
    rig.do(told, as_=CLERK, on=visit, by="li")
    rig.do(SubmitFollowUp(), as_=CLERK, on=visit, by="li")
    assert [owed(rig, kind) for kind in ("end", "dispatch")] == [("duty-officer", None), ("department-head", None)]
    assert one(rig, "deadlines", kind="review", case_kind="follow_up")["role"] == "manager"
    rig.until("2025-03-08 09:00")
    assert owed(rig, "end") == ("duty-officer", shanghai("2025-03-04 10:00"))
    assert owed(rig, "dispatch") == ("department-head", shanghai("2025-03-04 10:00"))
    review = one(rig, "deadlines", kind="review", case_kind="follow_up")
    assert review["missed_at"] == shanghai("2025-03-07 00:00")


def test_a_complaint_that_is_opened_again_and_again_before_anybody_asked_is_one_that_nobody_followed_up(
    rig: OfficeRig,
) -> None:
    complaint = complain(rig, "2025-03-03 10:00", household="household-1")
    resolve(rig, complaint, "2025-03-03 12:00")
    for day in ("05", "07"):
        rig.do(ReopenComplaint(reason="又响"), as_=CLERK, on=complaint, at=f"2025-03-{day} 23:00")
        resolve(rig, complaint, f"2025-03-{day} 23:30")
    rig.until("2025-03-13 09:00")
    assert [one(rig, "follow-ups", round=each)["unasked"] for each in (1, 2, 3)] == [0, 1, 2]
    assert figure(rig, "complaint-follow-up-rate") == figure(rig, "complaint-follow-up-in-time") == (0, 2, 0)
    assert reading(rig, "complaint-follow-up-rate").excluded["nothing left to ask"] == 1


def test_what_is_opened_again_on_the_last_day_gains_no_days(rig: OfficeRig) -> None:
    """Whoever hears on the last day that it is not solved has asked, and says so: that visit opens it again by itself."""
    complaint = complain(rig, "2025-03-03 10:00", household="household-1")
    resolve(rig, complaint, "2025-03-03 12:00")
    rig.do(ReopenComplaint(reason="又响"), as_=CLERK, on=complaint, at="2025-03-06 23:00")
    resolve(rig, complaint, "2025-03-06 23:30")
    rig.until("2025-03-10 09:00")
    assert figure(rig, "complaint-follow-up-rate") == figure(rig, "complaint-follow-up-in-time") == (0, 2, 0)
    assert "nothing left to ask" not in {k for k, v in reading(rig, "complaint-follow-up-rate").excluded.items() if v}


def test_an_appointment_is_kept_when_it_is_kept_as_it_was_first_made(rig: OfficeRig) -> None:
    visits = []
    for home in ("1-101", "1-102", "1-103", "1-104"):
        complaint = complain(rig, "2025-03-03 10:00", home=home)
        resolve(rig, complaint, "2025-03-03 12:00")
        visits.append(one(rig, "follow-ups", origin_id=complaint)["case_id"])
    kept, moved, called, reopened = visits
    for visit in visits:
        rig.do(AssignFollowUp(visitor="li"), as_=ASSISTANT, on=visit)
        rig.do(AppointVisit(appointed_at=shanghai("2025-03-04 15:00")), as_=CLERK, on=visit, by="li")
    assert figure(rig, "visit-appointments-kept") == (0, 0, 4)
    again = one(rig, "follow-ups", case_id=reopened)["origin_id"]
    rig.do(ReopenComplaint(reason="又响"), as_=CLERK, on=again, at="2025-03-04 09:00")
    rig.do(AppointVisit(appointed_at=shanghai("2025-03-05 15:00")), as_=CLERK, on=moved, by="li")
    said = {"means": Means.TALK, "quality": "好", "effect": "好", "satisfaction": 5, "conforming": True}
    there = ConductFollowUp(mode=Mode.VISIT, resident_signature="签", visitor_signature="签", **said)
    rig.do(there, as_=CLERK, on=kept, by="li", at="2025-03-04 15:05")
    rig.do(ConductFollowUp(mode=Mode.TELEPHONE, visitor_signature="签", **said), as_=CLERK, on=called, by="li")
    rig.do(there, as_=CLERK, on=moved, by="li", at="2025-03-05 15:00")
    assert one(rig, "follow-ups", case_id=moved)["on_time"]
    assert figure(rig, "visit-appointments-kept") == (1, 3, 0)
    assert reading(rig, "visit-appointments-kept").excluded == {"ended before": 1}
