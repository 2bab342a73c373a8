"""The complaint record 投诉记录 (§4.2, §4.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar import local_date
from domain.complaint import ARCHIVED, OPEN, Complaint
from projections.register import Register, common

__all__ = ["COMPLAINTS", "ComplaintRow"]


@dataclass(slots=True, kw_only=True)
class ComplaintRow:
    """One complaint. ``closed_at`` is the archiving 归档, ``resolved_at`` the handling 处理, ``due_at`` until when.

    ``due_at`` is the later of promise and dispatch, before there is either the local rule's answer; ``late`` says that
    one such time passed before the complaint was handled, whatever was promised afterwards. ``measures`` and
    ``attendees`` are the review's of a severe one.
    """

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    registered_on: date
    channel: str
    stated_channel: str | None
    category: str
    matter: str
    priority: str | None
    household: str | None
    home: str | None
    complainant: str | None
    contact: str | None
    content: str | None
    measure: str | None
    told_at: datetime | None
    promises: int
    informed: int
    last_informed_at: datetime | None
    findings: str | None
    root_cause: str | None
    result: str | None
    department: str | None
    responsible: str | None
    severe: bool
    reviewed_at: datetime | None
    measures: str | None
    attendees: str
    escalated: bool
    escalation: str | None
    waiting_for: str | None
    answer_by: datetime | None
    promised_by: datetime | None
    due_at: datetime | None
    resolved_at: datetime | None
    resolved_on: date | None
    resolved_by: str | None
    resolved_stated: bool
    missed_at: datetime | None
    ever_missed: bool
    late: bool
    letter_sent_at: datetime | None
    letter_sent_by: str | None
    letter_arrived_on: date | None
    letter_excused: bool
    links: str
    followed_up_at: datetime | None
    outcome: str | None
    closed_at: datetime | None
    reopened: int
    complained_again: int
    reassigned: int
    open: bool


def _rows(case: Complaint) -> Iterator[tuple[str, ComplaintRow]]:
    assert case.opened_at is not None
    yield (
        "",
        ComplaintRow(
            **common(case),
            registered_on=local_date(case.opened_at),
            channel=case.channel,
            stated_channel=case.stated_channel,
            category=case.category,
            matter=case.matter,
            priority=case.priority,
            household=case.household,
            home=case.home,
            complainant=case.complainant,
            contact=case.contact,
            content=case.content,
            measure=case.measure,
            told_at=case.told_at,
            promises=case.promises,
            informed=case.informed,
            last_informed_at=case.last_informed_at,
            findings=case.findings,
            root_cause=case.root_cause,
            result=case.result,
            department=case.department,
            responsible=case.responsible,
            severe=case.severe,
            reviewed_at=case.reviewed_at,
            measures=case.measures,
            attendees="、".join(case.attendees),
            escalated=case.escalated,
            escalation=case.escalation,
            waiting_for=case.waiting_for,
            answer_by=case.answer_by,
            promised_by=case.promised_by,
            due_at=case.due_at,
            resolved_at=case.resolved_at,
            resolved_on=local_date(case.resolved_at) if case.resolved_at else None,
            resolved_by=case.resolved_by,
            resolved_stated=case.resolved_stated,
            missed_at=case.missed_at,
            ever_missed=case.ever_missed,
            late=case.late,
            letter_sent_at=case.letter_sent_at,
            letter_sent_by=case.letter_sent_by,
            letter_arrived_on=case.letter_arrived_on,
            letter_excused=case.letter_excused,
            links=" ".join(case.links),
            followed_up_at=case.followed_up_at,
            outcome=case.outcome,
            closed_at=case.archived_at if case.state == ARCHIVED else None,
            reopened=case.reopened,
            complained_again=case.complained_again,
            reassigned=case.reassigned,
            open=case.state in OPEN,
        ),
    )


COMPLAINTS = Register(
    name="complaints",
    zh="投诉记录",
    en="complaint record",
    clause="4.6",
    row=ComplaintRow,
    kinds=(Complaint,),
    rows=_rows,
    indexed=("opened_at", "category", "state"),
    sealed=("complainant", "contact", "content", "measure", "findings", "result"),
)
