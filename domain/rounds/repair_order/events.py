"""What can happen to a repair order 维修单 (§1.11, §5.2.B), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from datetime import date, datetime

from domain.complaints.complaint.events import Channel
from domain.kernel.fact import Event, Personal, event


@event()
class RepairRaised(Event):
    """已报修 · Repair order raised."""

    channel: Channel
    stated_channel: str | None = None
    fault_kind: str | None = None
    description: Personal | None = None
    household: str | None = None
    home: str | None = None
    common_area: str | None = None
    raised_by: str | None = None
    priority: str | None = None
    opening_known: bool = True
    dispatch_by: datetime | None = None


@event()
class RepairNotDispatched(Event):
    """维修逾期未派工 · Nobody was sent to the repair in time."""

    due_at: datetime


@event(schema=2)
class RepairClassified(Event):
    """维修单已归类 · Repair order classified."""

    fault_kind: str | None = None
    home: str | None = None
    done_by: str | None = None


@event(schema=2)
class RepairDispatched(Event):
    """已派工 · Repair order dispatched."""

    to: str
    due_by: datetime | None = None
    done_by: str | None = None
    reason: str | None = None


@event(schema=2)
class SurveyBegun(Event):
    """勘察已开始 · Survey begun."""

    done_by: str


@event(schema=2)
class SurveyRecorded(Event):
    """勘察已记录 · Survey recorded."""

    done_by: str
    internal: bool | None = None
    estimated_minutes: int | None = None
    code: str | None = None


@event(schema=2)
class RepairStarted(Event):
    """维修已开始 · Repair started."""

    means: str
    done_by: str


@event(schema=2)
class RepairFinished(Event):
    """维修作业已完毕 · A piece of repair work finished."""

    means: str
    done_by: str


@event(schema=2)
class RepairCompleted(Event):
    """维修已完成 · Repair complete."""

    done_by: str
    ok: bool | None = None
    result: Personal | None = None
    fee_fen: int | None = None
    follow_up_by: date | None = None


@event(schema=2)
class ClientInformed(Event):
    """已告知住户 · Resident informed."""

    done_by: str
    ok: bool | None = None


@event()
class RepairAccepted(Event):
    """维修已验收 · Repair accepted."""

    signed_by: Personal | None = None
    unsigned_reason: str | None = None


@event()
class RepairReturned(Event):
    """维修已退回 · Repair returned."""

    reason: str
    due_by: datetime | None = None


@event(schema=2)
class RepairClosed(Event):
    """维修单已结案 · Repair order closed."""

    done_by: str | None = None


@event(schema=2)
class RepairDeclined(Event):
    """维修不予受理 · Repair order declined."""

    reason: str
    done_by: str | None = None


@event()
class RepairCancelled(Event):
    """维修单已撤销 · Repair order cancelled."""

    reason: str


@event(schema=2)
class RepairStepNoted(Event):
    """其他步骤已登记 · Another step noted."""

    step: str
    done_by: str | None = None


@event()
class RepairOverdue(Event):
    """维修已逾期 · Repair overdue."""

    due_at: datetime


@event()
class RepairSampled(Event):
    """已列入回访抽样 · Repair chosen by the weekly sample."""

    sample: str
    week: str


@event()
class RepairVisited(Event):
    """维修已回访 · The resident was asked about the repair."""

    follow_up: str


@event()
class RepairFollowedUp(Event):
    """维修回访已有结论 · The repair's follow-up has ended."""

    outcome: str
    follow_up: str
