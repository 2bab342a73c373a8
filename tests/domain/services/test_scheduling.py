"""Somebody is sent for what was ordered, by a date: an order that nobody schedules does not wait unseen (§6)."""

from __future__ import annotations

from datetime import timedelta

from domain.kernel.people import Role
from domain.services.service_order import (
    MissServiceSchedule,
    ReportServicePerformed,
    ReturnService,
    ScheduleService,
    ServiceNotScheduled,
    ServiceOrdered,
    ServiceReturned,
    ServiceScheduled,
)
from tests.domain.services.test_services import ordered
from tests.domain.story import instant

CLERK, CLOCK = Role.ADMINISTRATOR, Role.CLOCK


def test_an_order_for_which_nobody_is_sent_is_owed_and_stays_so() -> None:
    story = ordered()
    [fact] = story.facts
    assert isinstance(fact.event, ServiceOrdered)
    by = fact.occurred_at + timedelta(hours=48)
    assert fact.event.schedule_by == by
    story.owes("schedule", by)
    story.when(MissServiceSchedule(), as_=CLOCK, at=by).then(ServiceNotScheduled, due_at=by).owes("schedule", None)
    assert story.case.unscheduled_since == by, "it stays on the desk"
    when = by + timedelta(days=1)
    story.when(ScheduleService(worker="jia-1", scheduled_at=when), as_=CLERK).then(ServiceScheduled)
    assert story.case.unscheduled_since is None
    assert story.case.not_scheduled_at == by, "the breach stands"


def test_what_is_scheduled_or_done_in_time_is_owed_no_longer() -> None:
    story = ordered()
    at = story.facts[0].occurred_at
    scheduled = ScheduleService(worker="jia-1", scheduled_at=at + timedelta(days=1))
    story.when(scheduled, as_=CLERK).then(ServiceScheduled).owes("schedule", None)
    assert (
        ordered().when(ReportServicePerformed(done_by="jia-1"), as_=CLERK).owes("schedule", None).case.state
        == "performed"
    )


def test_what_has_to_be_done_again_is_scheduled_anew_by_a_date_of_its_own() -> None:
    story = ordered().when(ReportServicePerformed(done_by="jia-1"), as_=CLERK, at="2025-03-10 10:00")
    story.when(ReturnService(reason="未擦净"), as_=CLERK, at="2025-03-11 10:00")
    story.then(ServiceReturned, schedule_by=instant("2025-03-13 10:00")).owes("schedule", instant("2025-03-13 10:00"))
    imported = ordered()
    assert imported.case.unscheduled_since is None
