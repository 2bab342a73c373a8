"""The lifecycle of a household 住户 (§9): one file per household, confidential, kept up, and every reading of it a fact."""

from __future__ import annotations

from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, hold, step, wait
from domain.kernel.mending import MISTAKEN
from domain.kernel.people import Role
from domain.residents.household.case import ASKED, ERASED, LEFT, RESIDENT, UPDATES, Household, evolve
from domain.residents.household.commands.erasure import (
    DeclineErasure,
    EraseHousehold,
    ErasePerson,
    MarkRetentionEnded,
    RequestErasure,
)
from domain.residents.household.commands.keeping import (
    AddHouseholdNote,
    ChangeContact,
    ChangePeople,
    MarkHouseholdDifficult,
    MoveHouseholdOut,
    OpenHousehold,
    ReadFile,
    RecordRefusedReading,
    RemoveDifficultMark,
)
from domain.residents.household.commands.papers import (
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
)
from domain.residents.household.events import (
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
    PersonErased,
    PersonRemoved,
    PetAdded,
    PetRemoved,
    RetentionEnded,
    VehicleAdded,
    VehicleRemoved,
)

_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)
FILE_READERS = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER)
"""Who may read the files of households at all; the auditor reads everything and gives no command."""
_THERE = (RESIDENT, LEFT, ASKED)
"""The states in which there is something to be read."""

_UNDER_ONE_ROOF = {Occupancy.OWNER: "household-of", Occupancy.TENANT: "tenants-of"}
"""An owner and his tenants may live under one roof, with a file each; not two owners, nor two tenants."""


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
        step(ErasePerson,           PersonErased,             (RESIDENT, LEFT), SAME,     [Role.MANAGER],         "9.2"),
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
        step(RequestErasure,        ErasureRefused,           (RESIDENT, LEFT, MISTAKEN), SAME,     _CLERKS,                "9.2"),
        step(RequestErasure,        ErasureRequested,         (LEFT, MISTAKEN), ASKED,    _CLERKS,                "9.2"),
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
        hold(RESIDENT, lambda household: f"{_UNDER_ONE_ROOF[household.occupancy]}:{household.home}",
             zh="一套房屋同时只有一户业主、一户租户在住", en="one owner's and one tenant's household at a time live in a home"),
    ],
    breaches=[breach(FileFoundNeglected, *UPDATES, recurs=True, ended_by=(HouseholdLeft,))],
    waits=[
        wait("erasure", ASKED, within="waiting.data_within_days", clause="9.2", zh="决定是否销毁个人信息", en="decide on the erasure"),
        wait("export", _THERE, within="waiting.data_within_days", clause="9.2", zh="交付或了结档案导出", en="hand the export out",
             begun_by=ExportRequested, ended_by=(FileExported,)),
    ],
)
# fmt: on
