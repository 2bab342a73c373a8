"""A household's file is opened, kept and read 住户档案的建立与查阅 (§9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.kernel.calendar import add_years
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor, Role
from domain.kernel.rules import day_ahead, forbid, missing, not_positive
from domain.residents.household.case import Household
from domain.residents.household.commands.papers import next_update
from domain.residents.household.events import (
    ContactChanged,
    HouseholdLeft,
    HouseholdNoteAdded,
    HouseholdOpened,
    Occupancy,
    PeopleChanged,
    Preference,
)


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
        """From daily work, by household (§9.1); a file that a move-in opens gets the applicant's name and telephone."""
        if self.name is None and at.role is not Role.POLICY:
            at.require_evidence(missing("name", "9.1", "请填写住户姓名", "say who they are"))
        forbid(not_positive(self.area, "9.1", "area"))
        yield self.to_event(HouseholdOpened, update_by=next_update(at))


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
        yield self.to_event(ContactChanged, update_by=next_update(at))


@command
class ChangePeople(Command):
    """变更家庭成员 · Change the people of the household."""

    people: Personal

    def decide(self, _household: Household, at: Moment) -> Iterator[Event]:
        """Who lives there (§9.1)."""
        yield self.to_event(PeopleChanged, update_by=next_update(at))


@command
class AddHouseholdNote(Command):
    """补充档案 · Add a note to the file."""

    note: Personal

    def decide(self, _household: Household, at: Moment) -> Iterator[Event]:
        """The file grows from daily work (§9.1)."""
        yield self.to_event(HouseholdNoteAdded, update_by=next_update(at))


@command
class MarkHouseholdDifficult(Command):
    """列为配合困难住户 · Mark the household as difficult.

    Careful, thorough work is owed to them (§5.2.6(6)).
    """

    reason: Personal


@command
class RemoveDifficultMark(Command):
    """取消困难标记 · Remove the difficult mark.

    The mark goes; that it stood there remains in the book (§5.2.6(6)).
    """

    @staticmethod
    def ready(household: Household, _who: Actor) -> RuleBroken | None:
        """It must be there."""
        if not household.difficult:
            return RuleBroken("not-marked", "5.2.6(6)", zh="没有困难标记", en="there is no such mark")
        return None


@command
class ReadFile(Command):
    """查阅档案 · Read the file.

    Every reading is recorded, with its purpose (§9.2).
    """

    purpose: str


@command
class RecordRefusedReading(Command):
    """登记被拒查阅 · Record a refused reading.

    An attempt without a right is itself a fact (§9.2).
    """

    who: str
    reason: str


@command
class MoveHouseholdOut(Command):
    """登记迁出 · Record that the household moved out."""

    left_on: date | None = None

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """From here the retention runs; debts stay with the owner of their time (PIPL 47)."""
        left_on = self.left_on or at.today
        forbid(day_ahead(left_on, "9.2", at, "left_on"))
        if household.opened_at is not None and left_on < at.day_of(household.opened_at):
            at.require_evidence(
                RuleBroken("before-opening", "9.2", zh="迁出早于建档", en="the file is younger", field="left_on")
            )
        # The forms of their follow-ups are sealed with the same key and have a retention of their own.
        settings = ("privacy.processing_records_years", "follow_up.retention_years")
        years = max(at.numbers.integer(setting) for setting in settings)
        yield HouseholdLeft(left_on=left_on, retained_until=add_years(left_on, years))
