"""The lifecycle of a key loan 钥匙取领 (§3.3): from the request to the signature of whoever brings the key back."""

from __future__ import annotations

from domain.homes.key_loan.case import ISSUED, LOST, OUT, REFUSED, REQUESTED, RETURNED, KeyLoan, evolve
from domain.homes.key_loan.commands import (
    EraseBorrower,
    ExtendKeyLoan,
    IssueKeys,
    MarkKeysOverdue,
    RefuseKeyLoan,
    ReportKeysLost,
    RequestKeyLoan,
    ReturnKeys,
    ReturnSomeKeys,
)
from domain.homes.key_loan.events import (
    BorrowerErased,
    KeyLoanExtended,
    KeyLoanRefused,
    KeyLoanRequested,
    KeysIssued,
    KeysLost,
    KeysOverdue,
    KeysPartlyReturned,
    KeysReturned,
)
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, hold, step, wait
from domain.kernel.people import Role

_EXTENDERS = (Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)
_DESK = (Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)


# fmt: off
LIFECYCLE = Lifecycle(
    of=KeyLoan, kind="key_loan", path="key-loans", zh="钥匙取领", en="key loan", clauses="3.3", evolve=evolve,
    states={
        REQUESTED: ("已登记", "requested"), ISSUED: ("已取走", "issued"), LOST: ("有遗失", "lost"),
        RETURNED: ("已归还", "returned"), REFUSED: ("已拒绝", "refused"),
    },
    final=[RETURNED, LOST, REFUSED],
    steps=[  # command       event             from       to         who                   clause
        step(RequestKeyLoan,  KeyLoanRequested, None,      REQUESTED, [*_DESK, Role.ASSISTANT], "3.3"),
        step(RefuseKeyLoan,   KeyLoanRefused,   REQUESTED, REFUSED,   _DESK,                "3.2"),
        step(IssueKeys,       KeysIssued,       REQUESTED, ISSUED,    [Role.DUTY_OFFICER],  "3.3"),
        step(MarkKeysOverdue, KeysOverdue,      OUT,       SAME,      [Role.CLOCK],         "3.3"),
        step(ExtendKeyLoan,   KeyLoanExtended,   ISSUED,    SAME,     _EXTENDERS,           "3.3"),
        step(ReturnSomeKeys,  KeysPartlyReturned, OUT,      SAME,     _DESK,                "3.3"),
        step(EraseBorrower,   BorrowerErased,    (RETURNED, REFUSED), SAME, [Role.CLOCK],   "9.2"),
        step(ReturnKeys,      KeysReturned,     OUT,       RETURNED,  _DESK,                "3.3"),
        step(ReportKeysLost,  KeysLost,         OUT,       LOST,      _DESK,                "3.2"),
    ],
    deadlines=[
        deadline("return", OUT, due=lambda loan: loan.running_until, gives=MarkKeysOverdue, clause="3.3",
                 zh="按期归还钥匙", en="return the keys when expected"),
        deadline("papers", (RETURNED, REFUSED), due=lambda loan: loan.papers_kept_until, gives=EraseBorrower, clause="9.2",
                 zh="取领人信息保管期满", en="the borrower's data need not be kept any longer"),
    ],
    holds=[
        hold(OUT, lambda loan: tuple(f"key:{loan.home}/{number}" for number in loan.out),
             zh="钥匙已借出", en="the key is on loan"),
    ],
    breaches=[breach(KeysOverdue, KeysReturned)],
    waits=[
        wait("issue", REQUESTED, within="waiting.issued_within_hours", clause="3.3", zh="发放或拒绝所借钥匙", en="issue the requested keys or refuse them"),
    ],
)
# fmt: on
