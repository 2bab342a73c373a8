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
    ResolveComplaint,
)
from domain.complaints.complaint.commands.reception import AssessComplaint, InvestigateComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.people import Role
from domain.rounds.emergency_aid import TakeEmergencyCall
from domain.rounds.repair_order.commands import RaiseRepairOrder
from domain.visits.follow_up.commands.ending import ExitFollowUp, ProposeFollowUpExit
from domain.visits.follow_up.commands.visiting import AssignFollowUp, ConductFollowUp, RecordUnreachable, SubmitFollowUp
from domain.visits.follow_up.events import ExitReason, Means, Mode
from projections.engine import standard as measure
from projections.engine.standard import Reading
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG
from tests.conftest import Database
from tests.desk import Desk, shanghai
from tests.solving import solved
from tests.workflows.sound import one, sound

CLERK, ASSISTANT, GUARD, HEAD, MANAGER = (
    Role.ADMINISTRATOR, Role.ASSISTANT, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER,
)  # fmt: skip


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with sound(database) as desk:
        yield desk


def reading(desk: Desk, slug: str) -> Reading:
    year = (date(2025, 1, 1), date(2025, 12, 31))
    with desk.pool.connection() as connection:
        return measure.read(
            connection, REGISTERS, BY_SLUG[slug], office="XH", since=year[0], until=year[1], now=desk.now
        )


def figure(desk: Desk, slug: str) -> tuple[int, int, int]:
    found = reading(desk, slug)
    return found.met, found.counted, found.not_yet_due


def complain(desk: Desk, at: str, **fields: Any) -> str:
    said: dict[str, Any] = {"channel": Channel.IN_PERSON, "category": "noise", "matter": "水泵", "content": "夜间"}
    return desk.do(RegisterComplaint(**(said | (fields or {"household": "h-1"}))), as_=CLERK, at=at).case_id


def promise(desk: Desk, case_id: str, by: str, reason: str | None = None) -> None:
    command = AssessComplaint(measure="检修", promised_by=shanghai(by), told_at=desk.now, reason=reason)
    desk.do(command, as_=CLERK, on=case_id)


def handle(desk: Desk, case_id: str, at: str) -> None:
    desk.do(InvestigateComplaint(findings="老化", root_cause="设施老化"), as_=CLERK, on=case_id, at=at)
    desk.do(ResolveComplaint(resolved_by="plumber", result="已换"), as_=CLERK, on=case_id)


def test_kept_is_not_kept_as_first_promised(desk: Desk) -> None:
    kept, moved, waiting, never = (complain(desk, f"2025-03-03 1{n}:00") for n in range(4))
    for case_id in (kept, moved, waiting):
        promise(desk, case_id, "2025-03-05 18:00")
    handle(desk, kept, "2025-03-05 17:00")
    promise(desk, moved, "2025-03-08 18:00", "材料未到")
    assert figure(desk, "complaints-handled-as-first-promised") == (1, 1, 3)
    handle(desk, moved, "2025-03-07 09:00")
    assert figure(desk, "complaint-handling-rate") == (2, 3, 1)
    assert figure(desk, "complaints-handled-as-first-promised") == (1, 3, 1)
    row = one(desk, "complaints", case_id=moved)
    assert (row["first_promised_by"], row["promised_by"], row["postponed"]) == (
        shanghai("2025-03-05 18:00"), shanghai("2025-03-08 18:00"), 1,
    )  # fmt: skip
    desk.now = shanghai("2025-03-14 09:00")
    assert one(desk, "complaints", case_id=never)["first_promised_by"] is None
    assert figure(desk, "complaints-handled-as-first-promised") == (1, 4, 0)


def test_the_anonymous_stand_beside_the_told(desk: Desk) -> None:
    told, late, _ = (complain(desk, "2025-03-03 10:00") for _ in range(3))
    complain(desk, "2025-03-03 10:00", anonymous=True)
    promise(desk, told, "2025-03-05 18:00")
    assert figure(desk, "complainants-told-in-time") == (1, 1, 2)
    desk.now = shanghai("2025-03-03 12:01")
    promise(desk, late, "2025-03-05 18:00")
    assert figure(desk, "complainants-told-in-time") == (1, 3, 0)
    assert reading(desk, "complainants-told-in-time").excluded == {"anonymous": 1}


def test_causes_are_counted_of_all_that_was_handled(desk: Desk) -> None:
    desk.do(
        solved(shanghai("2025-03-03 11:00")), as_=CLERK, on=complain(desk, "2025-03-03 10:00"), at="2025-03-03 11:00"
    )
    taken_over = desk.do(
        RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="x", home="1-101"),
        as_=CLERK,
        imported=True,
    ).case_id
    desk.do(ResolveComplaint(resolved_by="x"), as_=CLERK, on=taken_over, imported=True)
    assert figure(desk, "complaint-causes-found") == (1, 2, 0)
    waived = desk.facts()[-1].waived
    assert set(waived) >= {"measure-missing", "told-at-missing", "root-cause-missing"}


def test_lawful_exits_stand_beside_the_rate_and_count_in_visited_of_all_that_were_due(desk: Desk) -> None:
    cases = [complain(desk, f"2025-03-03 1{n}:00") for n in range(3)]
    cases.append(complain(desk, "2025-03-03 13:00", anonymous=True))
    for case_id in cases:
        desk.do(solved(desk.now), as_=CLERK, on=case_id)
    asked, refused, silent, nobody = (str(one(desk, "follow-ups", origin_id=case_id)["case_id"]) for case_id in cases)
    for visit in (asked, refused, silent, nobody):
        desk.do(AssignFollowUp(visitor="li"), as_=ASSISTANT, on=visit)
    for at in ("2025-03-03 16:00", "2025-03-03 19:00", "2025-03-04 10:00"):
        desk.do(RecordUnreachable(mode=Mode.TELEPHONE), as_=CLERK, on=silent, at=at, by="li")
    told = ConductFollowUp(
        mode=Mode.TELEPHONE, means=Means.TALK, quality="好", effect="好", satisfaction=5, conforming=True,
        visitor_signature="李",
    )  # fmt: skip
    desk.do(told, as_=CLERK, on=asked, by="li")
    for visit, reason in (
        (refused, ExitReason.REFUSED), (silent, ExitReason.UNREACHABLE), (nobody, ExitReason.NOBODY),
    ):  # fmt: skip
        words = ProposeFollowUpExit(reason=reason, note="终止", mode=Mode.TELEPHONE, words="不用了")
        desk.do(words, as_=CLERK, on=visit, by="li")
        assert one(desk, "follow-ups", case_id=visit)["exit_proposed"] == reason
        desk.do(ExitFollowUp(reason=reason, note="同意"), as_=MANAGER, on=visit, by="manager")
    desk.now = shanghai("2025-03-10 09:00")
    assert figure(desk, "complaint-follow-up-rate") == (1, 1, 0)
    assert reading(desk, "complaint-follow-up-rate").excluded["lawful exit"] == 3
    visited = reading(desk, "complaint-follow-ups-visited")
    assert (visited.met, visited.counted, visited.kept) == (1, 3, False)
    assert visited.excluded["nobody to ask"] == 1
    share = reading(desk, "follow-ups-ended-unvisited")
    assert (share.met, share.counted, share.kept) == (3, 4, False)
    assert share.by_group == {"nobody-to-ask": (1, 1), "refused-by-resident": (1, 1), "unreachable": (1, 1)}


def owed(desk: Desk, kind: str) -> tuple[str, str | None]:
    """Whose the only open deadline of this kind is, and since when it is overdue."""
    row = one(desk, "deadlines", kind=kind)
    return row["role"], row["missed_at"]


def test_what_goes_up_is_the_task_of_those_above_until_they_have_done_it(desk: Desk) -> None:
    up = complain(desk, "2025-03-03 10:00")
    desk.do(EscalateComplaint(reason="超出权限"), as_=CLERK, on=up)
    assert owed(desk, "escalation") == ("department-head", None)
    desk.until("2025-03-04 10:00")
    assert owed(desk, "escalation") == ("department-head", shanghai("2025-03-04 10:00"))
    desk.do(DispatchComplaint(department="工程部", due_by=desk.now + timedelta(days=2)), as_=HEAD, on=up)
    assert desk.rows("deadlines", kind="escalation") == []
    desk.do(DeclareComplaintSevere(reason="多户"), as_=HEAD, on=up)
    assert owed(desk, "review") == ("manager", None)
    desk.until("2025-03-09 10:00")
    assert owed(desk, "review") == ("manager", shanghai("2025-03-08 00:00"))


def test_what_nobody_ends_sends_or_reviews_has_its_date_and_its_owner(desk: Desk) -> None:
    desk.do(TakeEmergencyCall(place="5栋"), as_=GUARD, at="2025-03-03 10:00")
    desk.do(RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="电路", home="1-101"), as_=CLERK)
    case_id = complain(desk, "2025-03-03 10:00")
    desk.do(solved(desk.now), as_=CLERK, on=case_id)
    visit = str(one(desk, "follow-ups")["case_id"])
    desk.do(AssignFollowUp(visitor="li"), as_=ASSISTANT, on=visit)
    told = ConductFollowUp(
        mode=Mode.TELEPHONE, means=Means.TALK, quality="好", effect="好", satisfaction=5, conforming=True,
        visitor_signature="李",
    )  # fmt: skip
    desk.do(told, as_=CLERK, on=visit, by="li")
    desk.do(SubmitFollowUp(), as_=CLERK, on=visit, by="li")
    assert [owed(desk, kind) for kind in ("end", "dispatch")] == [("duty-officer", None), ("department-head", None)]
    assert one(desk, "deadlines", kind="review", case_kind="follow_up")["role"] == "manager"
    desk.until("2025-03-08 09:00")
    assert owed(desk, "end") == ("duty-officer", shanghai("2025-03-04 10:00"))
    assert owed(desk, "dispatch") == ("department-head", shanghai("2025-03-04 10:00"))
    review = one(desk, "deadlines", kind="review", case_kind="follow_up")
    assert review["missed_at"] == shanghai("2025-03-07 00:00")
