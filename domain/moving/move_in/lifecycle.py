"""The lifecycle of a move-in 入住手续 (§1.3): documents, fees, the home inspected together, then the keys; then the file is opened."""

from __future__ import annotations

from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, hold, step, wait
from domain.kernel.names import numbered
from domain.kernel.people import Role
from domain.moving.move_in.case import (
    APPLIED,
    BEFORE_KEYS,
    CHECKED,
    COMPLETED,
    DEPOSIT,
    INSPECTED,
    KEYS_HANDED,
    SETTLED,
    WITHDRAWN,
    MoveIn,
    evolve,
)
from domain.moving.move_in.commands import (
    ApplyForMoveIn,
    CheckMoveInDocuments,
    CompleteMoveIn,
    HandOverMoveInKeys,
    HoldMoveInDepositOn,
    InspectForMoveIn,
    LetMoveInDepositFallDue,
    LinkMoveInHousehold,
    MarkMoveInIncomplete,
    NoteMoveInDefectSolved,
    RefundMoveInDeposit,
    SettleMoveInFees,
    WithdrawMoveIn,
)
from domain.moving.move_in.events import (
    MoveInApplied,
    MoveInCompleted,
    MoveInDefectSolved,
    MoveInDepositFellDue,
    MoveInDepositRefunded,
    MoveInDepositStillHeld,
    MoveInDocumentsChecked,
    MoveInFeesSettled,
    MoveInHouseholdLinked,
    MoveInInspected,
    MoveInKeysHandedOver,
    MoveInLeftIncomplete,
    MoveInWithdrawn,
)

_CLERKS = (Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER)


# fmt: off
LIFECYCLE = Lifecycle(
    of=MoveIn, kind="move_in", path="move-ins", zh="入住", en="move-in", clauses="1.3", evolve=evolve,
    subject=lambda move: move.household,
    states={
        APPLIED: ("已申请", "applied"), CHECKED: ("资料已审", "documents checked"), SETTLED: ("费用已结清", "fees settled"),
        INSPECTED: ("已验房", "inspected"), KEYS_HANDED: ("已交钥匙", "keys handed over"), COMPLETED: ("已办结", "completed"),
        WITHDRAWN: ("已撤回", "withdrawn"),
    },
    final=[COMPLETED, WITHDRAWN],
    steps=[  # command               event                   from                      to           who            clause
        step(ApplyForMoveIn,         MoveInApplied,          None,                     APPLIED,     _CLERKS,       "1.3"),
        step(CheckMoveInDocuments,   MoveInDocumentsChecked, APPLIED,                  CHECKED,     _CLERKS,       "1.3"),
        step(SettleMoveInFees,       MoveInFeesSettled,      CHECKED,                  SETTLED,     _CLERKS,       "1.3"),
        step(InspectForMoveIn,       MoveInInspected,        (SETTLED, INSPECTED),     INSPECTED,   _CLERKS,       "1.3"),
        step(NoteMoveInDefectSolved, MoveInDefectSolved,     (INSPECTED, KEYS_HANDED, COMPLETED), SAME, [Role.POLICY], "1.3"),
        step(HandOverMoveInKeys,     MoveInKeysHandedOver,   INSPECTED,                KEYS_HANDED, _CLERKS,       "1.3"),
        step(MarkMoveInIncomplete,   MoveInLeftIncomplete,   KEYS_HANDED,              SAME,        [Role.CLOCK],  "1.3"),
        step(CompleteMoveIn,         MoveInCompleted,        KEYS_HANDED,              COMPLETED,   _CLERKS,       "1.3"),
        step(LinkMoveInHousehold,    MoveInHouseholdLinked,  COMPLETED,                SAME,        [Role.POLICY], "9.1"),
        step(LetMoveInDepositFallDue, MoveInDepositFellDue,  (KEYS_HANDED, COMPLETED), SAME,        [Role.POLICY], "1.3"),
        step(HoldMoveInDepositOn,    MoveInDepositStillHeld, (KEYS_HANDED, COMPLETED), SAME,        [Role.POLICY], "1.3"),
        step(RefundMoveInDeposit,    MoveInDepositRefunded,  (KEYS_HANDED, COMPLETED), SAME,        _CLERKS,       "1.3"),
        step(WithdrawMoveIn,         MoveInWithdrawn,        BEFORE_KEYS,              WITHDRAWN,   _CLERKS,       "1.3"),
    ],
    deadlines=[
        deadline("completion", KEYS_HANDED, due=lambda move: move.completion_due_at, gives=MarkMoveInIncomplete, clause="1.3",
                 zh="交付钥匙后按期办结入住", en="complete the move-in once the keys are out"),
    ],
    holds=[
        hold((*BEFORE_KEYS, KEYS_HANDED), lambda move: f"move-in-of:{move.home}",
             zh="一套房屋同时只办一次入住", en="one move-in at a time for a home"),
        hold(BEFORE_KEYS, lambda move: None if move.vacant_home else f"home:{move.home}",
             zh="在管空房须从空房登记办理入住", en="a home that is registered as vacant is moved into from there"),
        hold((), lambda move: () if move.imported else numbered("receipt", move.receipt, *move.refund_receipts),
             zh="收据编号在管理处内不得重复", en="a receipt's number stands on one receipt"),
    ],
    breaches=[breach(MoveInLeftIncomplete, MoveInCompleted)],
    waits=[
        wait("keys", BEFORE_KEYS, within="waiting.moved_in_within_days", clause="1.3", zh="办理入住至交付钥匙", en="see the move-in through to its keys"),
        wait(DEPOSIT, (KEYS_HANDED, COMPLETED), within="waiting.deposit_back_within_days", clause="1.3", zh="迁出后退还入住押金",
             en="give the deposit back to who has moved out", begun_by=MoveInDepositFellDue, ended_by=(MoveInDepositRefunded, MoveInDepositStillHeld),
             since=lambda _move, said: said.left_on),
    ],
)
# fmt: on
