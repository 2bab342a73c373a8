"""Household 住户 (§9): one file per household, confidential, kept up, and every reading of it a fact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.calendar import add_years
from domain.errors import RuleBroken
from domain.fact import Command, Event, Moment, Personal, command
from domain.household_erasure import DeclineErasure, EraseHousehold, MarkRetentionEnded, RequestErasure
from domain.household_events import (
    ASKED,
    ERASED,
    LEFT,
    RESIDENT,
    ConsentGiven,
    ConsentWithdrawn,
    ContactChanged,
    ContractFiled,
    DifficultMarkRemoved,
    DocumentFiled,
    ErasureDeclined,
    ErasureRefused,
    ErasureRequested,
    ExportRequested,
    FileConfirmed,
    FileExported,
    FileFoundNeglected,
    FileRead,
    FileReadingRefused,
    HouseholdErased,
    HouseholdLeft,
    HouseholdMarkedDifficult,
    HouseholdNoteAdded,
    HouseholdOpened,
    MoveInLinked,
    Occupancy,
    PeopleChanged,
    PersonAdded,
    PersonRemoved,
    PetAdded,
    PetRemoved,
    Preference,
    RetentionEnded,
    VehicleAdded,
    VehicleRemoved,
)
from domain.household_file import (
    AddPerson,
    AddPet,
    AddVehicle,
    ConfirmFile,
    ExportFile,
    FileContract,
    FileDocument,
    GiveConsent,
    LinkMoveIn,
    MarkFileNeglected,
    RemovePerson,
    RemovePet,
    RemoveVehicle,
    RequestExport,
    WithdrawConsent,
    next_update,
)
from domain.household_state import Household, evolve
from domain.lifecycle import SAME, Lifecycle, deadline, hold, step
from domain.people import Role

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
        yield self.said(HouseholdOpened, update_by=next_update(at))


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
        yield self.said(ContactChanged, update_by=next_update(at))


@command
class ChangePeople(Command):
    """变更家庭成员 · Change the people of the household."""

    people: Personal

    def decide(self, _household: Household, at: Moment) -> Iterator[Event]:
        """Who lives there (§9.1)."""
        yield self.said(PeopleChanged, update_by=next_update(at))


@command
class AddHouseholdNote(Command):
    """补充档案 · Add a note to the file."""

    note: Personal

    def decide(self, _household: Household, at: Moment) -> Iterator[Event]:
        """The file grows from daily work (§9.1)."""
        yield self.said(HouseholdNoteAdded, update_by=next_update(at))


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

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """From here the retention runs; debts stay with the owner of their time (PIPL 47)."""
        left_on = self.left_on or at.today
        if left_on > at.today:
            raise RuleBroken(
                "not-left-yet", "9.2", zh="迁出日期不能在将来", en="it has not happened yet", field="left_on"
            )
        if household.opened_at is not None and left_on < at.day_of(household.opened_at):
            at.lacks(RuleBroken("before-opening", "9.2", zh="迁出早于建档", en="the file is younger", field="left_on"))
        # The forms of their follow-ups are sealed with the same key and have a retention of their own.
        settings = ("privacy.processing_records_years", "follow_up.retention_years")
        years = max(at.numbers.integer(setting) for setting in settings)
        yield HouseholdLeft(left_on=left_on, retained_until=add_years(left_on, years))


_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)
FILE_READERS = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER)
"""Who may read the files of households at all; the auditor reads everything and gives no command."""
_THERE = (RESIDENT, LEFT, ASKED)
"""The states in which there is something to be read."""

# fmt: off
LIFECYCLE = Lifecycle(
    of=Household, kind="household", path="households", zh="住户", en="household", clauses="9", evolve=evolve,
    subject=lambda household: household.id,
    states={
        RESIDENT: ("在住", "resident"), LEFT: ("已迁出", "left"), ASKED: ("待销毁", "erasure requested"),
        ERASED: ("已销毁", "erased"),
    },
    final=[LEFT, ERASED],
    steps=[  # command              event                     from              to        who                     clause
        step(OpenHousehold,         HouseholdOpened,          None,             RESIDENT, [*_CLERKS, Role.POLICY], "9.1"),
        step(ChangeContact,         ContactChanged,           RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(ChangePeople,          PeopleChanged,            RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(AddHouseholdNote,      HouseholdNoteAdded,       RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(MarkHouseholdDifficult, HouseholdMarkedDifficult, RESIDENT,        SAME,     _CLERKS,                "5.2.6(6)"),
        step(RemoveDifficultMark,   DifficultMarkRemoved,     RESIDENT,         SAME,     _CLERKS,                "5.2.6(6)"),
        step(ReadFile,              FileRead,                 _THERE,           SAME,     FILE_READERS,           "9.2"),
        step(RecordRefusedReading,  FileReadingRefused,       _THERE,           SAME,     [*_CLERKS, Role.POLICY], "9.2"),
        step(MoveHouseholdOut,      HouseholdLeft,            RESIDENT,         LEFT,     [*_CLERKS, Role.POLICY], "9.1"),
        step(AddPerson,             PersonAdded,              RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(RemovePerson,          PersonRemoved,            RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(AddVehicle,            VehicleAdded,             RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(RemoveVehicle,         VehicleRemoved,           RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(AddPet,                PetAdded,                 RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(RemovePet,             PetRemoved,               RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(FileContract,          ContractFiled,            RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(FileDocument,          DocumentFiled,            RESIDENT,         SAME,     [Role.POLICY],          "9.1"),
        step(LinkMoveIn,            MoveInLinked,             RESIDENT,         SAME,     [Role.POLICY],          "9.1"),
        step(GiveConsent,           ConsentGiven,             RESIDENT,         SAME,     _CLERKS,                "9.2"),
        step(WithdrawConsent,       ConsentWithdrawn,         (RESIDENT, LEFT), SAME,     _CLERKS,                "9.2"),
        step(ConfirmFile,           FileConfirmed,            RESIDENT,         SAME,     _CLERKS,                "9.1"),
        step(MarkFileNeglected,     FileFoundNeglected,       RESIDENT,         SAME,     [Role.CLOCK],           "9.1"),
        step(RequestExport,         ExportRequested,          _THERE,           SAME,     _CLERKS,                "9.2"),
        step(ExportFile,            FileExported,             _THERE,           SAME,     [Role.POLICY],          "9.2"),
        step(MarkRetentionEnded,    RetentionEnded,           LEFT,             SAME,     [Role.CLOCK],           "9.2"),
        step(RequestErasure,        ErasureRefused,           (RESIDENT, LEFT), SAME,     _CLERKS,                "9.2"),
        step(RequestErasure,        ErasureRequested,         LEFT,             ASKED,    _CLERKS,                "9.2"),
        step(DeclineErasure,        ErasureDeclined,          ASKED,            LEFT,     [Role.MANAGER],         "9.2"),
        step(EraseHousehold,        HouseholdErased,          ASKED,            ERASED,   [Role.MANAGER],         "9.2"),
    ],
    deadlines=[
        deadline("upkeep", RESIDENT, due=lambda household: household.upkeep_due_at, gives=MarkFileNeglected, clause="9.1",
                 zh="每季更新住户档案", en="look after the file every quarter"),
        deadline("retention", LEFT, due=lambda household: household.retention_ends_at, gives=MarkRetentionEnded,
                 clause="9.2", zh="保管期满处置档案", en="the file's retention ends"),
    ],
    holds=[
        hold(RESIDENT, lambda household: f"household-of:{household.home}",
             zh="一套房屋同时只有一户在住", en="one household at a time lives in a home"),
    ],
)
# fmt: on
