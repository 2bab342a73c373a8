"""The lifecycle of a vacant home 空房 (§3): what may be done with a vacancy, by whom, and what it owes each month."""

from __future__ import annotations

from domain.homes.vacant_home.case import HANDED_OVER, VACANT, VacantHome, evolve, month_of
from domain.homes.vacant_home.commands.custody import (
    DeclareKeysMissing,
    ReceiveKeys,
    RecordUnauthorisedTaking,
    RecoverKeys,
    RefuseKeyTaking,
    ReleaseKeys,
    ReplaceLock,
)
from domain.homes.vacant_home.commands.entrustment import MarkEntrustmentEnded, RenewEntrustment
from domain.homes.vacant_home.commands.vacancy import (
    CloseHomeDefect,
    HandOverHome,
    InspectHome,
    MarkInspectionMissed,
    RecordCleaning,
    TakeOverHome,
)
from domain.homes.vacant_home.events import (
    EntrustmentEnded,
    EntrustmentRenewed,
    HomeCleaned,
    HomeDefectClosed,
    HomeHandedOver,
    HomeInspected,
    HomeTakenOver,
    InspectionMissed,
    KeysDeclaredMissing,
    KeysReceived,
    KeysReleased,
    KeyTakingRefused,
    LockReplaced,
    UnauthorisedTakingRecorded,
)
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, hold, step
from domain.kernel.names import numbered
from domain.kernel.people import Role

_HANDLERS = (Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER)
_KEEPERS = (Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)


# fmt: off
LIFECYCLE = Lifecycle(
    of=VacantHome, kind="vacant_home", path="vacant-homes", zh="空房", en="vacant home", clauses="3", evolve=evolve,
    subject=lambda home: home.household,
    states={VACANT: ("在管空房", "vacant"), HANDED_OVER: ("已移交", "handed over")},
    final=[HANDED_OVER],
    steps=[  # command                 event                       from    to           who                         clause
        step(TakeOverHome,             HomeTakenOver,              None,   VACANT,      _HANDLERS,                  "3.1"),
        step(RenewEntrustment,         EntrustmentRenewed,         VACANT, SAME,        _HANDLERS,                  "3.1"),
        step(MarkEntrustmentEnded,     EntrustmentEnded,           VACANT, SAME,        [Role.CLOCK],               "3.1"),
        step(RecordCleaning,           HomeCleaned,                VACANT, SAME,        [*_KEEPERS, Role.ASSISTANT], "3.4"),
        step(InspectHome,              HomeInspected,              VACANT, SAME,        _HANDLERS,                  "3.5"),
        step(MarkInspectionMissed,     InspectionMissed,           VACANT, SAME,        [Role.CLOCK],               "3.5"),
        step(CloseHomeDefect,          HomeDefectClosed,           (VACANT, HANDED_OVER), SAME, [Role.POLICY],       "3.5"),
        step(ReleaseKeys,              KeysReleased,               VACANT, SAME,        [Role.POLICY],              "3.3"),
        step(ReceiveKeys,              KeysReceived,               VACANT, SAME,        [Role.POLICY],              "3.3"),
        step(DeclareKeysMissing,       KeysDeclaredMissing,        VACANT, SAME,        [*_KEEPERS, Role.POLICY],   "3.2"),
        step(RecoverKeys,              KeysReceived,               VACANT, SAME,        _KEEPERS,                   "3.2"),
        step(RefuseKeyTaking,          KeyTakingRefused,           VACANT, SAME,        [*_KEEPERS, Role.POLICY],   "3.2"),
        step(RecordUnauthorisedTaking, UnauthorisedTakingRecorded, VACANT, SAME,        _KEEPERS,                   "3.2"),
        step(ReplaceLock,              LockReplaced,               VACANT, SAME,        _HANDLERS,                  "3.1"),
        step(HandOverHome,             HomeHandedOver,             VACANT, HANDED_OVER, [*_HANDLERS, Role.POLICY],  "1.3"),
    ],
    deadlines=[
        deadline("inspection", VACANT, due=lambda home: home.inspection_due_at, gives=MarkInspectionMissed, clause="3.5",
                 zh="每月检查空房", en="inspect the vacant home this month"),
        deadline("entrustment", VACANT, due=lambda home: home.entrustment_ends_at, gives=MarkEntrustmentEnded,
                 clause="3.1", zh="委托期满前续签或归还", en="renew the entrustment or return the home"),
    ],
    holds=[
        hold((VACANT, HANDED_OVER), lambda home: f"home:{home.home}" if home.keeps_its_home else None,
             zh="该房屋已有在管空房登记，或上次移交时的问题尚未整改完毕", en="the home is registered as vacant already, or what was wrong with it when it was handed over is still open"),
        hold(VACANT, lambda home: None if home.imported else numbered("key-number", *home.keys),
             zh="钥匙编号在管理处内不得重复", en="a key number is of one home in the office"),
    ],
    breaches=[breach(InspectionMissed, HomeInspected, line=month_of, ended_by=(HomeHandedOver,))],
)
# fmt: on
