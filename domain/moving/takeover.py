"""Takeover of an estate 新项目接管 (§5.2.3(1)): planned, checked, handed over with its documents; followed up in a month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, step, wait
from domain.kernel.people import Role
from domain.kernel.rules import broken, day_ahead, forbid, missing, negative
from domain.moving.move_in.events import FoundAtInspection

PLANNED, CHECKED, TAKEN_OVER, CANCELLED = "planned", "checked", "taken-over", "cancelled"


@event()
class TakeoverPlanned(Event):
    """接管已计划 · Takeover planned."""

    estate: str
    handed_by: str
    planned_on: date
    homes: int | None = None
    area: int | None = None


@event()
class TakeoverChecked(Event):
    """已承接查验 · Estate checked for the takeover."""

    scope: str
    defects: tuple[FoundAtInspection, ...] = ()


@event()
class TakeoverDefectSolved(Event):
    """查验问题已解决 · A defect of the takeover is solved."""

    defect: int


@event()
class TakeoverDocumentsReceived(Event):
    """接管资料已接收 · Documents received."""

    documents: tuple[str, ...]
    missing: tuple[str, ...] = ()


@event()
class EstateTakenOver(Event):
    """项目已接管 · Estate taken over."""

    taken_over_on: date
    open_defects: tuple[int, ...] = ()


@event()
class TakeoverCancelled(Event):
    """接管已取消 · Takeover cancelled."""

    reason: str


@dataclass(slots=True, kw_only=True)
class Takeover(Case):
    """What is known of one takeover; ``area`` is in hundredths of a square metre."""

    CORRECTS = ("estate", "handed_by", "homes", "area")

    estate: str = ""
    handed_by: str = ""
    planned_on: date | None = None
    homes: int | None = None
    area: int | None = None
    defects: dict[int, FoundAtInspection] = field(default_factory=dict)
    solved: set[int] = field(default_factory=set)
    documents: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    checked_by: str | None = None
    taken_over_on: date | None = None

    @property
    def open_defects(self) -> tuple[int, ...]:
        """The numbers of what is not solved yet."""
        return tuple(number for number in self.defects if number not in self.solved)


def evolve(takeover: Takeover, fact: Fact) -> None:
    """Fold one fact into the takeover."""
    match fact.event:
        case TakeoverPlanned() as e:
            takeover.estate, takeover.handed_by, takeover.planned_on = e.estate, e.handed_by, e.planned_on
            takeover.homes, takeover.area = e.homes, e.area
        case TakeoverChecked() as e:
            takeover.checked_by = fact.user_id
            for number, found in enumerate(e.defects, len(takeover.defects) + 1):
                takeover.defects[number] = found
        case TakeoverDefectSolved() as e:
            takeover.solved.add(e.defect)
        case TakeoverDocumentsReceived() as e:
            takeover.documents = tuple(dict.fromkeys((*takeover.documents, *e.documents)))
            takeover.missing = e.missing
        case EstateTakenOver() as e:
            takeover.taken_over_on = e.taken_over_on


@command
class PlanTakeover(Command):
    """计划接管 · Plan a takeover."""

    estate: str
    handed_by: str
    planned_on: date
    homes: int | None = None
    area: int | None = None

    def decide(self, _takeover: None, _at: Moment) -> Iterator[Event]:
        """From whom and when (§5.2.3(1))."""
        forbid(negative(self.homes, "5.2.3(1)", "homes"))
        forbid(negative(self.area, "5.2.3(1)", "area"))
        yield self.to_event(TakeoverPlanned)


@command
class CheckTakeover(Command):
    """承接查验 · Check the estate for the takeover.

    Shared parts and equipment; each defect is to be rectified by who hands over (§5.2.3(1)).
    """

    scope: str
    defects: tuple[FoundAtInspection, ...] = ()


@command
class NoteTakeoverDefectSolved(Command):
    """查验问题已解决 · Note that a defect is solved."""

    defect: int

    def decide(self, takeover: Takeover, _at: Moment) -> Iterator[Event]:
        """When its rectification is closed (§1.1)."""
        if self.defect in takeover.open_defects:
            yield TakeoverDefectSolved(defect=self.defect)


@command
class ReceiveTakeoverDocuments(Command):
    """接收接管资料 · Receive the estate's documents."""

    documents: tuple[str, ...]
    missing: tuple[str, ...] = ()

    def decide(self, _takeover: Takeover, _at: Moment) -> Iterator[Event]:
        """And what is still missing of them; that may come after the takeover too (§5.2.3(1))."""
        if not self.documents:
            raise missing("documents", "5.2.3(1)", "请列明所接收的资料", "list what was received")
        yield self.to_event(TakeoverDocumentsReceived)


@command
class CompleteTakeover(Command):
    """完成接管 · Take the estate over."""

    taken_over_on: date | None = None

    def decide(self, takeover: Takeover, at: Moment) -> Iterator[Event]:
        """Its residents are visited within one month (§5.2.3(1))."""
        taken_over_on = self.taken_over_on or at.today
        forbid(day_ahead(taken_over_on, "5.2.3(1)", at, "taken_over_on"))
        if not takeover.documents:
            at.require_evidence(
                broken("documents-missing", "5.2.3(1)", "资料尚未移交", "no documents were handed over")
            )
        yield EstateTakenOver(taken_over_on=taken_over_on, open_defects=takeover.open_defects)


@command
class CancelTakeover(Command):
    """取消接管 · Cancel the takeover.

    With the reason (§5.2.3(1)).
    """

    reason: str


_HEADS = (Role.DEPARTMENT_HEAD, Role.MANAGER)
_STAFF = (Role.ADMINISTRATOR, *_HEADS)

# fmt: off
LIFECYCLE = Lifecycle(
    of=Takeover, kind="takeover", path="takeovers", zh="新项目接管", en="takeover of an estate", clauses="5.2.3(1)", evolve=evolve,
    states={PLANNED: ("已计划", "planned"), CHECKED: ("已查验", "checked"), TAKEN_OVER: ("已接管", "taken over"), CANCELLED: ("已取消", "cancelled")},
    final=[TAKEN_OVER, CANCELLED],
    steps=[  # command                 event                      from                  to          who            clause
        step(PlanTakeover,             TakeoverPlanned,           None,                 PLANNED,    _HEADS,        "5.2.3(1)"),
        step(CheckTakeover,            TakeoverChecked,           (PLANNED, CHECKED),   CHECKED,    _STAFF,        "5.2.3(1)"),
        step(NoteTakeoverDefectSolved, TakeoverDefectSolved,      (CHECKED, TAKEN_OVER), SAME,      [Role.POLICY], "1.1"),
        step(ReceiveTakeoverDocuments, TakeoverDocumentsReceived, (PLANNED, CHECKED, TAKEN_OVER), SAME, _STAFF,    "5.2.3(1)"),
        step(CompleteTakeover,         EstateTakenOver,           CHECKED,              TAKEN_OVER, [Role.MANAGER], "5.2.3(1)"),
        step(CancelTakeover,           TakeoverCancelled,         (PLANNED, CHECKED),   CANCELLED,  [Role.MANAGER], "5.2.3(1)"),
    ],
    waits=[
        wait("takeover", (PLANNED, CHECKED), within="waiting.taken_over_within_days", clause="5.2.3(1)", zh="按计划接管项目",
             en="take the estate over as planned", since=lambda takeover, said: said.planned_on if takeover is None else takeover.planned_on),
    ],
)
# fmt: on
