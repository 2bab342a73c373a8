"""Office 管理处: one estate, one book. Its settings 标准与期限设定 are changed by facts, dated, never in place.

Whoever is measured does not move the measure alone: a change of what figures or money rest on, and every change that
reaches back, is proposed by one person and confirmed by another, both facts (§1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.handbook.settings import SETTINGS, Change, Settings
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, step, wait
from domain.kernel.people import Actor, Role
from domain.kernel.rules import broken, forbid, missing, second_person

OPENED = "opened"


@event()
class OfficeOpened(Event):
    """管理处已设立 · Office opened."""

    code: str
    name: str
    simulated: bool = False


@event(schema=2)
class SettingChanged(Event):
    """设定已变更 · Setting changed."""

    name: str
    value: str
    valid_from: date
    reason: str
    proposal: int | None = None
    """Which proposal this confirms, and who made it; neither where one person may change it."""
    requested_by: str | None = None


@event()
class SettingChangeProposed(Event):
    """设定变更已提出 · Change of a setting proposed."""

    number: int
    name: str
    value: str
    valid_from: date
    reason: str


@event()
class SettingChangeRefused(Event):
    """设定变更已否决 · Change of a setting refused."""

    number: int
    reason: str


@event()
class BookRestored(Event):
    """台账已由备份恢复 · The book was restored from a backup.

    ``page`` is the last page that it had then, ``link`` that page's link (hexadecimal), ``backed_up_at`` when the backup was
    made, where that is known. What was written after it is not in this book, and its page numbers are given again: so
    ``epoch`` is the second of the restore. ``lacks`` is what a backup does not hold.
    """

    epoch: int
    page: int
    link: str
    backed_up_at: datetime | None = None
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that waits for a second person."""

    number: int
    name: str
    value: str
    valid_from: date
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """A change as it came about: what was in force on ``valid_from`` before, and who asked and confirmed, and when."""

    name: str
    before: str
    value: str
    valid_from: date
    reason: str
    at: datetime
    requested_by: str
    confirmed_by: str | None

    def reaches_into(self, since: date, until: date, changed_on: date) -> bool:
        """Whether it touches the figure of a past period (local dates, both included): made after it began, in force in it."""
        return self.valid_from < changed_on and self.valid_from <= until and changed_on > since


@dataclass(slots=True, kw_only=True)
class Office(Case):
    """One office and every change of its settings, in the order in which they were made."""

    code: str = ""
    name: str = ""
    simulated: bool = False
    changes: list[Change] = field(default_factory=list)
    history: list[Changed] = field(default_factory=list)
    proposals: dict[int, Proposal] = field(default_factory=dict)
    """Those that are open, by number."""
    proposed: int = 0
    """How many there have been."""
    epoch: int = 0
    """The second of the last restore; 0 for a book that never was."""

    @property
    def settings(self) -> Settings:
        """The settings as this office has them."""
        return Settings(tuple(self.changes))

    def opens_on(self, at: Moment) -> bool:
        """Whether this is the day of the opening, and whoever opened it is at work: then the settings are laid down."""
        return at.user_id == self.opened_by and self.opened_at is not None and at.today == at.day_of(self.opened_at)


def evolve(office: Office, fact: Fact) -> None:
    """Fold one fact into the office."""
    match fact.event:
        case OfficeOpened() as e:
            office.code, office.name, office.simulated = e.code, e.name, e.simulated
        case SettingChanged() as e:
            before = str(office.settings.at(e.valid_from)[e.name])
            office.changes.append(Change(e.name, e.value, e.valid_from))
            office.history.append(
                Changed(
                    e.name,
                    before,
                    e.value,
                    e.valid_from,
                    e.reason,
                    fact.occurred_at,
                    e.requested_by or fact.user_id,
                    fact.user_id if e.requested_by is not None else None,
                )
            )
            if e.proposal is not None:
                del office.proposals[e.proposal]
        case SettingChangeProposed() as e:
            office.proposed = e.number
            office.proposals[e.number] = Proposal(
                e.number, e.name, e.value, e.valid_from, e.reason, fact.user_id, fact.occurred_at
            )
        case SettingChangeRefused() as e:
            del office.proposals[e.number]
        case BookRestored() as e:
            office.epoch = e.epoch


@command
class OpenOffice(Command):
    """设立管理处 · Open an office.

    From here on the office has a book of its own.
    """

    code: str
    name: str
    simulated: bool = False


@command
class ChangeSetting(Command):
    """变更设定 · Change a setting from a date on."""

    name: str
    value: str
    valid_from: date
    reason: str

    def decide(self, office: Office, at: Moment) -> Iterator[Event]:
        """The old value stays in force for the time before ``valid_from``; the new one is lawful and fits the others.

        What no figure rests on is changed at once, and on the day of its opening whatever its opener lays down; the
        rest waits for a second person. What was decided today or earlier may not reach back unseen.
        """
        if not self.reason.strip():
            raise missing("reason", "1", "请写明变更理由", "say why it is changed")
        office.settings.with_change(Change(self.name, self.value, self.valid_from))
        alone = not SETTINGS[self.name].needs_two and self.valid_from >= at.day_of(at.recorded)
        if alone or office.opens_on(at):
            yield self.to_event(SettingChanged)
        elif at.role is Role.SYSTEM_ADMINISTRATOR:
            raise broken(
                "not-the-opening",
                "1",
                "系统管理员只在设立当日设定",
                "a system administrator sets only on the opening day",
            )
        else:
            yield self.to_event(SettingChangeProposed, number=office.proposed + 1)


@command
class ConfirmSettingChange(Command):
    """确认设定变更 · Confirm a change of a setting."""

    number: int

    @staticmethod
    def ready(office: Office, who: Actor) -> Refusal | None:
        """Something must have been proposed, and by another."""
        if not office.proposals:
            return _nothing_proposed()
        by = {proposal.by for proposal in office.proposals.values()}
        return second_person(who, by, "1") if len(by) == 1 else None

    def decide(self, office: Office, at: Moment) -> Iterator[Event]:
        """By another person than the one who asked for it; it must still fit the other settings."""
        proposal = _proposal(office, self.number)
        forbid(second_person(at.who, {proposal.by}, "1", "number"))
        office.settings.with_change(Change(proposal.name, proposal.value, proposal.valid_from))
        yield SettingChanged(
            name=proposal.name,
            value=proposal.value,
            valid_from=proposal.valid_from,
            reason=proposal.reason,
            proposal=proposal.number,
            requested_by=proposal.by,
        )


@command
class RefuseSettingChange(Command):
    """否决设定变更 · Refuse a change of a setting."""

    number: int
    reason: str

    @staticmethod
    def ready(office: Office, _who: Actor) -> Refusal | None:
        """Something must have been proposed."""
        return None if office.proposals else _nothing_proposed()

    def decide(self, office: Office, _at: Moment) -> Iterator[Event]:
        """Whoever proposed it may take it back in the same way."""
        if not self.reason.strip():
            raise missing("reason", "1", "请写明否决理由", "say why it is refused")
        yield SettingChangeRefused(number=_proposal(office, self.number).number, reason=self.reason)


@command
class NoteRestore(Command):
    """登记台账恢复 · Note that the book was restored from a backup.

    By whoever restores, in the same breath: a book that begins anew at an earlier page says so.
    """

    epoch: int
    page: int
    link: str
    backed_up_at: datetime | None = None
    lacks: tuple[str, ...] = ()


def _proposal(office: Office, number: int) -> Proposal:
    found = office.proposals.get(number)
    if found is None:
        raise broken(
            "proposal-unknown",
            "1",
            f"没有待确认的第{number}号变更",
            f"no change {number} waits for an answer",
            "number",
        )
    return found


def _nothing_proposed() -> RuleBroken:
    return broken("nothing-proposed", "1", "没有待确认的设定变更", "no change of a setting waits for an answer")


LIFECYCLE = Lifecycle(
    of=Office,
    kind="office",
    path="offices",
    zh="管理处",
    en="office",
    clauses="1",
    evolve=evolve,
    identity=lambda _command, office: f"office-{office}",
    states={OPENED: ("已设立", "open")},
    final=[OPENED],
    steps=[
        step(OpenOffice, OfficeOpened, None, OPENED, [Role.SYSTEM_ADMINISTRATOR], "1"),
        step(ChangeSetting, SettingChanged, OPENED, SAME, [Role.MANAGER, Role.COMPANY, Role.SYSTEM_ADMINISTRATOR], "1"),
        step(ChangeSetting, SettingChangeProposed, OPENED, SAME, [Role.MANAGER, Role.COMPANY], "1"),
        step(ConfirmSettingChange, SettingChanged, OPENED, SAME, [Role.MANAGER, Role.COMPANY], "1"),
        step(NoteRestore, BookRestored, OPENED, SAME, [Role.POLICY], "1"),
        step(RefuseSettingChange, SettingChangeRefused, OPENED, SAME, [Role.MANAGER, Role.COMPANY], "1"),
    ],
    waits=[
        wait(
            "setting",
            OPENED,
            within="waiting.decided_within_days",
            clause="1",
            zh="确认或否决设定变更",
            en="confirm or refuse the change of a setting",
            begun_by=SettingChangeProposed,
            ended_by=(SettingChanged, SettingChangeRefused),
            item=lambda said: said.proposal if isinstance(said, SettingChanged) else said.number,
        ),
    ],
)
