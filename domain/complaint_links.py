"""What a complaint is connected with 投诉关联 (§4.7, §4.8): letters that arrived, and the cases that solve its cause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.complaint_events import Complaint, ComplaintLinked, LinkKind, ReplyLetterArrived
from domain.errors import RuleBroken
from domain.fact import Case, Command, Event, Moment, command

__all__ = ["LinkComplaint", "RecordLetterArrival"]


@command
class RecordLetterArrival(Command):
    """登记函复送达 · Record that the letter arrived."""

    arrived_on: date
    proof: str | None = None

    @staticmethod
    def ready(complaint: Complaint) -> RuleBroken | None:
        """Only a letter that was sent can arrive."""
        if complaint.letter_sent_at is None:
            return RuleBroken("letter-not-sent", "4.7", zh="尚未函复", en="no letter was sent")
        return None

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """On a day between its dispatch and today (§4.7)."""
        sent = complaint.letter_sent_at  # a history may know of the arrival alone
        if self.arrived_on > at.today or (sent is not None and self.arrived_on < at.day_of(sent)):
            at.lacks(
                RuleBroken(
                    "arrival-out-of-range",
                    "4.7",
                    zh="送达日须在发出日与今日之间",
                    en="between the day it was sent and today",
                    field="arrived_on",
                )
            )
        yield self.said(ReplyLetterArrived)


@command
class LinkComplaint(Command):
    """关联事项 · Link the complaint with the case that solves it."""

    kind: LinkKind
    case: str

    def related(self) -> dict[str, str]:
        """The other case; it must exist in this office."""
        return {"case": self.case}

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """A repair order, a rectification or a debt case, each once (§4.8)."""
        other: Case = at.related["case"]
        if not other.id.startswith(f"{self.kind.value.replace('-', '_')}-"):
            raise RuleBroken("other-kind", "4.8", zh="该事项并非此类", en="that case is of another kind", field="case")
        if self.case in complaint.links:
            raise RuleBroken("linked-already", "4.8", zh="该事项已关联", en="it is linked already", field="case")
        yield self.said(ComplaintLinked)
