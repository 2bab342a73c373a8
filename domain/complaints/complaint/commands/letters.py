"""Letters of reply to complaints 函复 (§4.7): sent, arrived, or excused where nobody is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.complaints.complaint.case import Complaint
from domain.complaints.complaint.events import Channel, ReplyLetterArrived, ReplyLetterSent
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor
from domain.kernel.rules import broken


@command
class SendReplyLetter(Command):
    """函复住户 · Send the letter of reply."""

    recipient: Personal
    text: Personal
    sent_by: Channel = Channel.LETTER

    def decide(self, _complaint: Complaint, at: Moment) -> Iterator[Event]:
        """Findings, solution and an apology, in writing: posted, handed over or sent online, not told on the telephone (§4.7)."""
        if self.sent_by is Channel.TELEPHONE:
            at.require_evidence(
                broken("not-a-letter", "4.7", "函复须为书面，不能以电话代替", "a call is no letter", "sent_by")
            )
        yield self.to_event(ReplyLetterSent)


@command
class ExcuseReplyLetter(Command):
    """匿名投诉免函复 · Note that there is nobody to write to.

    By the manager, with the reason; otherwise an anonymous call could never be filed (§4.7).
    """

    reason: str

    @staticmethod
    def ready(complaint: Complaint, _who: Actor) -> RuleBroken | None:
        """Only when neither household nor name nor contact is known: whoever is known is answered."""
        if not complaint.anonymous:
            return broken("somebody-to-answer", "4.7", "投诉人已知，须函复", "who complained is known: write to them")
        return None


@command
class RecordLetterArrival(Command):
    """登记函复送达 · Record that the letter arrived."""

    arrived_on: date
    proof: str | None = None

    @staticmethod
    def ready(complaint: Complaint, _who: Actor) -> RuleBroken | None:
        """Only a letter that was sent can arrive."""
        if complaint.letter_sent_at is None:
            return RuleBroken("letter-not-sent", "4.7", zh="尚未函复", en="no letter was sent")
        return None

    def decide(self, complaint: Complaint, at: Moment) -> Iterator[Event]:
        """On a day between its dispatch and today (§4.7)."""
        sent = complaint.letter_sent_at  # a history may know of the arrival alone
        if self.arrived_on > at.today or (sent is not None and self.arrived_on < at.day_of(sent)):
            first = at.day_of(sent) if sent is not None else at.today
            zh, en = f"送达日须在{first}至{at.today}之间", f"between {first} and {at.today}"
            at.require_evidence(broken("arrival-out-of-range", "4.7", zh, en, "arrived_on"))
        yield self.to_event(ReplyLetterArrived)
