"""Household 住户 (§9): one file per household, confidential, kept up, and every reading of it a fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.calendar import add_months, add_years, local_date
from domain.errors import RuleBroken
from domain.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.lifecycle import SAME, Lifecycle, hold, step
from domain.people import Role

RESIDENT, LEFT = "resident", "left"


class Occupancy(StrEnum):
    """As what the household lives there 居住性质."""

    OWNER = "owner"  # 业主
    TENANT = "tenant"  # 租户、使用人


class Preference(StrEnum):
    """How the household wants to be reached 联系偏好."""

    TELEPHONE = "telephone"  # 电话
    MESSAGE = "message"  # 短信、网络
    LETTER = "letter"  # 信函
    VISIT = "visit"  # 上门


# -- events ----------------------------------------------------------------------------------------------------------


@event()
class HouseholdOpened(Event):
    """住户档案已建立 · Household file opened."""

    home: str
    occupancy: Occupancy
    area: int | None = None
    building: str | None = None
    name: Personal | None = None
    phone: Personal | None = None
    people: Personal | None = None
    update_by: date | None = None
    move_in: str | None = None


@event()
class ContactChanged(Event):
    """联系方式已变更 · Contact changed."""

    name: Personal | None = None
    phone: Personal | None = None
    preference: Preference | None = None
    update_by: date | None = None


@event()
class PeopleChanged(Event):
    """家庭成员已变更 · People of the household changed."""

    people: Personal
    update_by: date | None = None


@event()
class HouseholdNoteAdded(Event):
    """档案已补充 · Note added to the file."""

    note: Personal
    update_by: date | None = None


@event()
class HouseholdMarkedDifficult(Event):
    """已列为配合困难住户 · Household marked as difficult."""

    reason: Personal


@event()
class DifficultMarkRemoved(Event):
    """已取消困难标记 · Difficult mark removed."""


@event()
class FileRead(Event):
    """档案已查阅 · File read."""

    purpose: str


@event()
class FileReadingRefused(Event):
    """查阅档案被拒 · Reading of the file refused."""

    who: str
    reason: str


@event()
class HouseholdLeft(Event):
    """住户已迁出 · Household moved out."""

    left_on: date
    retained_until: date


# -- the case --------------------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Household(Case):
    """One household. Names, phones, people and notes stay sealed; ``area`` is in hundredths of a square metre."""

    home: str = ""
    occupancy: Occupancy = Occupancy.OWNER
    area: int | None = None
    building: str | None = None
    name: str | None = None
    phone: str | None = None
    people: str | None = None
    preference: Preference | None = None
    difficult: bool = False
    notes: int = 0
    reads: int = 0
    refused_reads: int = 0
    last_read_at: datetime | None = None
    updated_on: date | None = None
    update_by: date | None = None
    left_on: date | None = None
    retained_until: date | None = None
    move_in: str | None = None


def evolve(household: Household, fact: Fact) -> None:
    """Fold one fact into the household."""
    match fact.event:
        case HouseholdOpened() as e:
            household.home, household.occupancy, household.area = e.home, e.occupancy, e.area
            household.building, household.name, household.phone = e.building, e.name, e.phone
            household.people, household.move_in = e.people, e.move_in
            _updated(household, fact, e.update_by)
        case ContactChanged() as e:
            household.name, household.phone = e.name or household.name, e.phone or household.phone
            household.preference = e.preference or household.preference
            _updated(household, fact, e.update_by)
        case PeopleChanged() as e:
            household.people = e.people
            _updated(household, fact, e.update_by)
        case HouseholdNoteAdded() as e:
            household.notes += 1
            _updated(household, fact, e.update_by)
        case HouseholdMarkedDifficult():
            household.difficult = True
        case DifficultMarkRemoved():
            household.difficult = False
        case FileRead():
            household.reads, household.last_read_at = household.reads + 1, fact.occurred_at
        case FileReadingRefused():
            household.refused_reads += 1
        case HouseholdLeft() as e:
            household.left_on, household.retained_until = e.left_on, e.retained_until


def _updated(household: Household, fact: Fact, update_by: date | None) -> None:
    household.updated_on, household.update_by = local_date(fact.occurred_at), update_by


# -- commands --------------------------------------------------------------------------------------------------------


@command
class OpenHousehold(Command):
    """建立住户档案 · Open a household's file."""

    home: str
    occupancy: Occupancy = Occupancy.OWNER
    area: int | None = None
    building: str | None = None
    name: Personal | None = None
    phone: Personal | None = None
    people: Personal | None = None
    move_in: str | None = None

    def decide(self, _household: None, at: Moment) -> Iterator[Event]:
        """From daily work, by household (§9.1); a file that a move-in opens gets its people from the clerk."""
        if self.name is None and at.role is not Role.POLICY:
            at.lacks(RuleBroken("name-missing", "9.1", zh="请填写住户姓名", en="say who they are", field="name"))
        if self.area is not None and self.area <= 0:
            raise RuleBroken("area-not-positive", "9.1", zh="面积须为正数", en="the area is positive", field="area")
        yield self.said(HouseholdOpened, update_by=_next_update(at))


@command
class ChangeContact(Command):
    """变更联系方式 · Change the contact."""

    name: Personal | None = None
    phone: Personal | None = None
    preference: Preference | None = None

    def decide(self, _household: Household, at: Moment) -> Iterator[Event]:
        """Something must change (§9.1)."""
        if self.name is None and self.phone is None and self.preference is None:
            raise RuleBroken("nothing-changed", "9.1", zh="没有变更内容", en="nothing would change")
        yield self.said(ContactChanged, update_by=_next_update(at))


@command
class ChangePeople(Command):
    """变更家庭成员 · Change the people of the household."""

    people: Personal

    def decide(self, _household: Household, at: Moment) -> Iterator[Event]:
        """Who lives there (§9.1)."""
        yield self.said(PeopleChanged, update_by=_next_update(at))


@command
class AddHouseholdNote(Command):
    """补充档案 · Add a note to the file."""

    note: Personal

    def decide(self, _household: Household, at: Moment) -> Iterator[Event]:
        """The file grows from daily work (§9.1)."""
        yield self.said(HouseholdNoteAdded, update_by=_next_update(at))


@command
class MarkHouseholdDifficult(Command):
    """列为配合困难住户 · Mark the household as difficult."""

    reason: Personal

    def decide(self, _household: Household, _at: Moment) -> Iterator[Event]:
        """Careful, thorough work is owed to them (§5.2.6(6))."""
        yield self.said(HouseholdMarkedDifficult)


@command
class RemoveDifficultMark(Command):
    """取消困难标记 · Remove the difficult mark."""

    @staticmethod
    def ready(household: Household) -> RuleBroken | None:
        """It must be there."""
        if not household.difficult:
            return RuleBroken("not-marked", "5.2.6(6)", zh="没有困难标记", en="there is no such mark")
        return None

    def decide(self, _household: Household, _at: Moment) -> Iterator[Event]:
        """The mark goes; that it stood there remains in the book (§5.2.6(6))."""
        yield DifficultMarkRemoved()


@command
class ReadFile(Command):
    """查阅档案 · Read the file."""

    purpose: str

    def decide(self, _household: Household, _at: Moment) -> Iterator[Event]:
        """Every reading is recorded, with its purpose (§9.2)."""
        yield self.said(FileRead)


@command
class RecordRefusedReading(Command):
    """登记被拒查阅 · Record a refused reading."""

    who: str
    reason: str

    def decide(self, _household: Household, _at: Moment) -> Iterator[Event]:
        """An attempt without a right is itself a fact (§9.2)."""
        yield self.said(FileReadingRefused)


@command
class MoveHouseholdOut(Command):
    """登记迁出 · Record that the household moved out."""

    left_on: date | None = None

    def decide(self, _household: Household, at: Moment) -> Iterator[Event]:
        """From here the retention runs; debts stay with the owner of their time (PIPL 47)."""
        left_on = self.left_on or at.today
        if left_on > at.today:
            raise RuleBroken(
                "not-left-yet", "9.2", zh="迁出日期不能在将来", en="it has not happened yet", field="left_on"
            )
        years = at.numbers.integer("privacy.processing_records_years")
        yield HouseholdLeft(left_on=left_on, retained_until=add_years(left_on, years))


def _next_update(at: Moment) -> date:
    return add_months(at.today, at.numbers.integer("households.update_every_months"))


_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)
_STAFF = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=Household, kind="household", path="households", zh="住户", en="household", clauses="9", evolve=evolve,
    subject=lambda household: household.id,
    states={RESIDENT: ("在住", "resident"), LEFT: ("已迁出", "left")},
    final=[LEFT],
    steps=[  # command              event                     from              to        who                     clause
        step(OpenHousehold,         HouseholdOpened,          None,             RESIDENT, [*_CLERKS, Role.POLICY], "9.1"),
        step(ChangeContact,         ContactChanged,           RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(ChangePeople,          PeopleChanged,            RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(AddHouseholdNote,      HouseholdNoteAdded,       RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(MarkHouseholdDifficult, HouseholdMarkedDifficult, RESIDENT,        SAME,     _CLERKS,                "5.2.6(6)"),
        step(RemoveDifficultMark,   DifficultMarkRemoved,     RESIDENT,         SAME,     _CLERKS,                "5.2.6(6)"),
        step(ReadFile,              FileRead,                 (RESIDENT, LEFT), SAME,     _STAFF,                 "9.2"),
        step(RecordRefusedReading,  FileReadingRefused,       (RESIDENT, LEFT), SAME,     [*_CLERKS, Role.POLICY], "9.2"),
        step(MoveHouseholdOut,      HouseholdLeft,            RESIDENT,         LEFT,     [*_CLERKS, Role.POLICY], "9.1"),
    ],
    holds=[
        hold(RESIDENT, lambda household: f"household-of:{household.home}",
             zh="一套房屋同时只有一户在住", en="one household at a time lives in a home"),
    ],
)
# fmt: on
