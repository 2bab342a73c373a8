"""The complaint record 投诉记录 (§4.2, §4.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.complaints.complaint.case import ARCHIVED, OPEN, Complaint
from domain.kernel.people import is_sealed
from journal.blind_index import How
from projections.engine.register import Register, day_of, row_values

__all__ = ["COMPLAINTS", "ComplaintRow"]


@dataclass(slots=True, kw_only=True)
class ComplaintRow:
    """One complaint. ``closed_at`` is the archiving 归档, ``resolved_at`` the handling 处理, ``due_at`` until when.

    ``due_at`` is the later of promise and dispatch, before there is either the local rule's answer; ``late`` says that
    one such time passed before the complaint was handled, whatever was promised afterwards. ``first_promised_by`` is the
    first promise since it was registered or opened again, ``first_broken`` that an earlier first one was not kept,
    ``postponed`` how often a date was put off. ``measures`` and ``attendees`` are the review's of a severe one.
    """

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    registered_on: date
    anonymous: bool
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
    tell_by: datetime | None
    first_told_at: datetime | None
    told_entered_at: datetime | None
    told_confirmed: bool
    promises: int
    postponed: int
    informed: int
    last_informed_at: datetime | None
    findings: str | None
    root_cause: str | None
    result: str | None
    department: str | None
    responsible: str | None
    severe: bool
    review_by: datetime | None
    review_missed_at: datetime | None
    reviewed_at: datetime | None
    measures: str | None
    attendees: str
    escalated: bool
    escalation: str | None
    decide_by: datetime | None
    undecided_at: datetime | None
    waiting_for: str | None
    answer_by: datetime | None
    promised_by: datetime | None
    first_promised_by: datetime | None
    first_broken: bool
    due_at: datetime | None
    resolved_at: datetime | None
    resolved_on: date | None
    done_by: str | None
    resolved_stated: bool
    on_the_spot: bool
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
    steps: int
    open: bool


COMPLAINTS = Register(
    name="complaints",
    zh="投诉记录",
    en="complaint record",
    clause="4.6",
    row=ComplaintRow,
    kinds=(Complaint,),
    values=row_values(
        ComplaintRow,
        Complaint,
        registered_on=day_of("opened_at"),
        attendees=lambda case: "、".join("外" if is_sealed(each) else each for each in case.attendees),
        resolved_on=day_of("resolved_at"),
        links=lambda case: " ".join(case.links),
        closed_at=lambda case: case.archived_at if case.state == ARCHIVED else None,
        open=lambda case: case.state in OPEN,
    ),
    indexed=("opened_at", "category", "state"),
    sealed=("complainant", "contact", "content", "measure", "findings", "result"),
    found_by={"complainant": How.NAME, "contact": How.TELEPHONE, "home": How.ROOM},
)
