"""What the clock writes bears the instant at which it was broken: a real promise, and one that was past from the first."""

from __future__ import annotations

from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.people import Role
from tests.office_rig import OfficeRig
from tests.solving import solved
from tests.workflows.clock_rig import CLERK, DAY, HOUR, drills, fired, rig
from workflows.engine.clock import Ticked

__all__ = ["rig"]


def test_a_missed_promise_bears_the_instant_at_which_it_ended(rig: OfficeRig) -> None:
    noise = RegisterComplaint(channel=Channel.ONLINE, category="noise", matter="噪音", content="每晚", home="1-101")
    registered = rig.do(noise, as_=CLERK)
    promised = rig.now + 2 * DAY
    rig.do(AssessComplaint(promised_by=promised, measure="劝导", told_at=rig.now), as_=CLERK, on=registered.case_id)
    rig.now = promised + 5 * DAY
    assert rig.clock.catch_up(rig.now) == Ticked(fired=1)
    [missed] = fired(rig, "PromiseMissed")
    assert missed.occurred_at == promised
    assert (missed.user_id, missed.role) == ("clock", Role.CLOCK)
    rig.do(solved(rig.now), as_=CLERK, on=registered.case_id)
    assert rig.clock.catch_up(rig.now + 300 * DAY) == Ticked(fired=1)
    assert len(fired(rig, "PromiseMissed")) == len(fired(rig, "LeftWaiting")) == 1, "that it is not archived is another"


def test_what_was_past_before_its_case_began_is_broken_from_the_first_moment(rig: OfficeRig) -> None:
    """A bill entered late is overdue at once, and is not parked for ever; the breach's data keep the true date."""
    opened = rig.now
    [case_id] = drills(rig, 1, ends_at=opened - DAY)
    assert rig.clock.catch_up(rig.now + HOUR).failed == 0
    [broken] = fired(rig)
    assert (broken.case_id, broken.occurred_at, broken.event.due_at) == (case_id, opened, opened - DAY)  # type: ignore[attr-defined]
