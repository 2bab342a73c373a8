"""The resident's own word 住户自述 (§5.2): asked for by a link, said without anybody of the office in between.

One case for one matter: a follow-up, a complaint, a repair or a service. Whoever lives there says whether they are
satisfied, and why not. Where that differs from what the office has recorded, whichever comes first, the manager looks
into it: again until the resident is satisfied (§5.2.D).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.complaints.complaint.case import REOPENED, Complaint
from domain.kernel.calendar import end_of_day
from domain.kernel.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, step
from domain.kernel.mending import MISTAKEN, EntryCorrected
from domain.kernel.people import Role
from domain.kernel.rules import broken
from domain.rounds.repair_order.case import ACCEPTED as REPAIR_ACCEPTED
from domain.rounds.repair_order.case import CLOSED as REPAIR_CLOSED
from domain.rounds.repair_order.case import COMPLETED, RepairOrder
from domain.services.service_order import ACCEPTED as SERVICE_ACCEPTED
from domain.services.service_order import PERFORMED, ServiceOrder
from domain.visits.follow_up.case import ENDED, FollowUp

INVITED, SPOKEN, DIFFERING, SETTLED, LAPSED = "invited", "spoken", "differing", "settled", "lapsed"
_PREFIX: Final = "resident_word-"


@event()
class ResidentInvited(Event):
    """已请住户自述 · Resident asked for their own word."""

    of_case: str
    until: datetime
    household: str | None = None
    home: str | None = None


@event()
class ResidentSpoke(Event):
    """住户已自述 · Resident has spoken."""

    is_satisfied: bool
    office_said: bool | None = None
    why: Personal | None = None


@event()
class ResidentContradicted(Event):
    """住户自述与本处记录不同 · Resident's word differs from what the office recorded."""

    office_said: bool
    settle_by: datetime
    is_satisfied: bool
    why: Personal | None = None


@event()
class DifferenceSettled(Event):
    """差异已核实 · Difference looked into."""

    result: str


@event()
class DifferenceNotSettled(Event):
    """差异逾期未核实 · Difference not looked into in time."""

    due_at: datetime


@event()
class InvitationLapsed(Event):
    """住户未自述，链接已失效 · The link has ended without an answer."""


@dataclass(slots=True, kw_only=True)
class ResidentWord(Case):
    """What is known of it. ``is_satisfied`` is the resident's word, ``office_said`` the office's; ``invited`` counts the links."""

    CORRECTS = ("household", "home", "result")

    of_case: str = ""
    household: str | None = None
    home: str | None = None
    until: datetime | None = None
    invited: int = 0
    is_satisfied: bool | None = None
    why: str | None = None
    office_said: bool | None = None
    spoken_at: datetime | None = None
    settle_by: datetime | None = None
    missed_at: datetime | None = None
    result: str | None = None
    looked_into_at: datetime | None = None

    @property
    def differs(self) -> bool:
        """Whether the two say otherwise."""
        return None not in (self.is_satisfied, self.office_said) and self.is_satisfied is not self.office_said

    def stays_behind(self) -> bool:
        """Whoever has spoken has spoken."""
        return self.spoken_at is not None

    @property
    def settling_until(self) -> datetime | None:
        """Until when the difference is to be looked into, unless that was missed."""
        return self.settle_by if self.missed_at is None else None


def evolve(word: ResidentWord, fact: Fact) -> None:
    """Fold one fact into the resident's word."""
    match fact.event:
        case ResidentInvited() as e:
            word.of_case, word.until, word.household, word.home = e.of_case, e.until, e.household, e.home
            word.invited += 1
        case ResidentSpoke() as e:
            word.is_satisfied, word.why, word.office_said = e.is_satisfied, e.why, e.office_said
            word.spoken_at = fact.occurred_at
        case ResidentContradicted() as e:
            word.is_satisfied, word.office_said, word.settle_by = e.is_satisfied, e.office_said, e.settle_by
            if word.spoken_at is None:
                word.why, word.spoken_at = e.why, fact.occurred_at
        case DifferenceSettled() as e:
            word.result, word.looked_into_at = e.result, fact.occurred_at
        case DifferenceNotSettled() as e:
            word.missed_at = e.due_at
        case EntryCorrected(field="household" | "home") if word.spoken_at is None:
            word.invited += 1  # the link that was handed out was another household's, and opens nothing any more


def word_id(of_case: str) -> str:
    """The id of the resident's word on a matter."""
    return f"{_PREFIX}{of_case}"


def office_says(matter: object) -> bool | None:
    """Whether the office has recorded that the resident is content, or that it is done; None while it says neither."""
    match matter:
        case FollowUp():
            return matter.conforming
        case Complaint():
            return True if matter.resolved_at is not None and matter.state != REOPENED else None
        case RepairOrder():
            return True if matter.state in (COMPLETED, REPAIR_ACCEPTED, REPAIR_CLOSED) else None
        case ServiceOrder():
            return True if matter.state in (PERFORMED, SERVICE_ACCEPTED) else None
    return None


def may_be_asked(matter: object) -> bool:
    """Whether there is something to be content with: a visit that is owed or made, or a matter that was handled."""
    if isinstance(matter, FollowUp):
        return matter.state not in ENDED or matter.conforming is not None
    return office_says(matter) is not None


@command
class InviteResident(Command):
    """请住户自述 · Ask the resident for their own word."""

    of_case: str

    def related(self) -> dict[str, str]:
        """The matter; it must exist in this office."""
        return {"matter": self.of_case}

    def decide(self, _word: ResidentWord | None, at: Moment) -> Iterator[Event]:
        """By a link that ends (§5.2.5(3)); what nobody can be asked about has none."""
        matter = at.related["matter"]
        if not isinstance(matter, FollowUp | Complaint | RepairOrder | ServiceOrder):
            zh, en = "这类事项不请住户自述", "residents are not asked about matters of this kind"
            raise broken("not-asked-about", "5.2", zh, en, "of_case")
        if isinstance(matter, FollowUp | Complaint) and matter.anonymous:
            raise broken(
                "nobody-to-ask", "5.2.D", "匿名，无人可问", "it is anonymous: there is nobody to ask", "of_case"
            )
        until = end_of_day(at.today + timedelta(days=at.numbers.integer("follow_up.link_days")))
        yield ResidentInvited(of_case=self.of_case, until=until, household=matter.household or None, home=matter.home)


@command
class SpeakForOneself(Command):
    """住户自述是否满意 · Say whether one is satisfied."""

    of_case: str
    is_satisfied: bool
    why: Personal | None = None

    def related(self) -> dict[str, str]:
        """The matter of which it is said."""
        return {"matter": self.of_case}

    def decide(self, word: ResidentWord, at: Moment) -> Iterator[Event]:
        """Once, while the link holds (§5.2); whoever is not content says why (§5.2.4)."""
        if self.of_case != word.of_case:
            raise broken("another-matter", "5.2", "链接属于另一件事", "the link is for another matter", "of_case")
        if word.until is not None and at.now >= word.until:
            raise broken("link-ended", "5.2", "链接已过期", "the link has ended")
        if not may_be_asked(at.related["matter"]):
            raise broken("not-handled", "5.2", "此事尚未办完", "this is not finished yet")
        if not self.is_satisfied and not (self.why or "").strip():
            raise broken("why-missing", "5.2.4", "请说说哪里不满意", "say what you are not content with", "why")
        said = office_says(at.related["matter"])
        if said is None or said is self.is_satisfied:
            yield self.to_event(ResidentSpoke, office_said=said)
        else:
            yield self.to_event(ResidentContradicted, office_said=said, settle_by=_settle_by(at))


def _settle_by(at: Moment) -> datetime:
    return end_of_day(at.today + timedelta(days=at.numbers.integer("follow_up.difference_days")))


@command
class CompareWithRecord(Command):
    """与本处记录核对 · Compare the resident's word with what is recorded now."""

    office_said: bool

    def decide(self, word: ResidentWord, at: Moment) -> Iterator[Event]:
        """What the office records later is held against what the resident said before (§5.2.D)."""
        if word.is_satisfied is not None and word.is_satisfied is not self.office_said:
            yield self.to_event(ResidentContradicted, is_satisfied=word.is_satisfied, settle_by=_settle_by(at))


@command
class SettleDifference(Command):
    """核实差异 · Look into the difference.

    What was found, and what is done about it (§5.2.D).
    """

    result: str


@command
class MissDifference(Command):
    """差异核实期限已过 · Note that the difference was not looked into in time."""

    def decide(self, word: ResidentWord, at: Moment) -> Iterator[Event]:
        """At the end of its last day (§5.2.D)."""
        yield DifferenceNotSettled(due_at=word.settle_by or at.now)


@command
class EndInvitation(Command):
    """链接到期 · Note that the link has ended.

    Nobody has answered; the resident can be asked anew (§5.2).
    """


_STAFF = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=ResidentWord, kind="resident_word", path="resident-words", zh="住户自述", en="resident's own word", clauses="5.2", evolve=evolve,
    identity=lambda command, _office: word_id(command.of_case),
    subject=lambda word: word.household,
    states={
        INVITED: ("待住户自述", "invited"), SPOKEN: ("已自述", "spoken"), DIFFERING: ("与记录不同", "differing"),
        SETTLED: ("差异已核实", "settled"), LAPSED: ("未答复", "lapsed"),
    },
    final=[SPOKEN, SETTLED, LAPSED],
    steps=[  # command        event                 from                to         who              clause
        step(InviteResident,    ResidentInvited,      None,               INVITED,   _STAFF,          "5.2.5(3)"),
        step(InviteResident,    ResidentInvited,      (LAPSED, MISTAKEN), INVITED,   _STAFF,          "5.2.5(3)"),
        step(SpeakForOneself,   ResidentSpoke,        INVITED,            SPOKEN,    [Role.RESIDENT], "5.2.5(3)"),
        step(SpeakForOneself,   ResidentContradicted, INVITED,            DIFFERING, [Role.RESIDENT], "5.2.D"),
        step(CompareWithRecord, ResidentContradicted, SPOKEN,             DIFFERING, [Role.POLICY],   "5.2.D"),
        step(SettleDifference,  DifferenceSettled,    DIFFERING,          SETTLED,   [Role.MANAGER],  "5.2.D"),
        step(MissDifference,    DifferenceNotSettled, DIFFERING,          SAME,      [Role.CLOCK],    "5.2.D"),
        step(EndInvitation,     InvitationLapsed,     INVITED,            LAPSED,    [Role.CLOCK],    "5.2"),
    ],
    deadlines=[
        deadline("answer", INVITED, due=lambda word: word.until, gives=EndInvitation, clause="5.2",
                 zh="住户自述的链接到期", en="the resident's link ends"),
        deadline("difference", DIFFERING, due=lambda word: word.settling_until, gives=MissDifference, clause="5.2.D",
                 zh="核实住户自述与记录的差异", en="look into where the resident's word differs"),
    ],
    breaches=[breach(DifferenceNotSettled, DifferenceSettled)],
)
# fmt: on
