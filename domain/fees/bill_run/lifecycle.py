"""The lifecycle of a bill run 计费出账 (§7.2): compiled, reviewed, approved, issued, delivered; the month closed."""

from __future__ import annotations

from domain.fees.bill_run.case import (
    CLOSED,
    COMPILED,
    COMPILING,
    DELIVERED,
    ISSUED,
    ISSUING,
    OPEN,
    RETURNED,
    REVIEWED,
    BillRun,
    bill_run_id,
    evolve,
)
from domain.fees.bill_run.commands.compiling import (
    CompileBillRun,
    ConfirmPart,
    LeaveHouseholdOut,
    MissCompilation,
    OpenBillRun,
    TakeNextHouseholds,
)
from domain.fees.bill_run.commands.delivering import (
    CloseMonth,
    IssueNextBills,
    MissDelivery,
    RecordBillDelivery,
    ReopenMonth,
)
from domain.fees.bill_run.commands.reviewing import ApproveBillRun, MissReview, ReturnBillRun, ReviewBillRun
from domain.fees.bill_run.events import (
    BillRunApproved,
    BillRunCompiled,
    BillRunDelivered,
    BillRunIssued,
    BillRunOpened,
    BillRunReturned,
    BillRunReviewed,
    BillsDrafted,
    BillsIssued,
    CompilationBegun,
    CompilationMissed,
    DeliveryMissed,
    HouseholdLeftOut,
    MonthClosed,
    MonthReopened,
    NoticesDelivered,
    PartConfirmed,
    ReviewMissed,
)
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, step, wait
from domain.kernel.people import Role
from domain.kernel.periods import Month

_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)
_DELIVER = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.MANAGER)
_MANAGER, _COMPANY, _CLOCK = [Role.MANAGER], [Role.COMPANY], [Role.CLOCK]
_COMPILE = (OPEN, COMPILED, RETURNED)
_UNREVIEWED = (OPEN, COMPILING, COMPILED, RETURNED)
_UNDELIVERED = (*_UNREVIEWED, REVIEWED, ISSUING, ISSUED)

# fmt: off
LIFECYCLE = Lifecycle(
    of=BillRun, kind="bill_run", path="bill-runs", zh="计费出账", en="bill run", clauses="7.2a", evolve=evolve,
    identity=lambda command, office: bill_run_id(office, str(Month.of(command.month))),
    states={
        OPEN: ("待计费", "to compile"), COMPILING: ("计费中", "being compiled"), COMPILED: ("待审核", "to review"),
        RETURNED: ("已退回", "returned"), REVIEWED: ("待批准", "to approve"), ISSUING: ("出账中", "being issued"),
        ISSUED: ("待送达", "to deliver"), DELIVERED: ("已送达", "delivered"), CLOSED: ("已关账", "closed"),
    },
    final=[CLOSED],
    steps=[  # command           event              from         to         who                     clause
        step(OpenBillRun,        BillRunOpened,     None,        OPEN,      [*_CLERKS, Role.POLICY], "7.2a"),
        step(CompileBillRun,     CompilationBegun,  _COMPILE,    COMPILING, [Role.ADMINISTRATOR],   "7.2a"),
        step(TakeNextHouseholds, BillsDrafted,      COMPILING,   SAME,      _CLOCK,                 "7.2a"),
        step(TakeNextHouseholds, BillRunCompiled,   COMPILING,   COMPILED,  _CLOCK,                 "7.2a"),
        step(ConfirmPart,        PartConfirmed,     COMPILED,    SAME,      _CLERKS,                "7.2a"),
        step(LeaveHouseholdOut,  HouseholdLeftOut,  COMPILED,    SAME,      _CLERKS,                "7.2a"),
        step(ReviewBillRun,      BillRunReviewed,   COMPILED,    REVIEWED,  _MANAGER,               "7.2b"),
        step(ReturnBillRun,      BillRunReturned,   COMPILED,    RETURNED,  _MANAGER,               "7.2b"),
        step(ReturnBillRun,      BillRunReturned,   REVIEWED,    RETURNED,  _COMPANY,               "7.2b"),
        step(ApproveBillRun,     BillRunApproved,   REVIEWED,    ISSUING,   _COMPANY,               "7.2b"),
        step(IssueNextBills,     BillsIssued,       ISSUING,     SAME,      _CLOCK,                 "7.2b"),
        step(IssueNextBills,     BillRunIssued,     ISSUING,     ISSUED,    _CLOCK,                 "7.2b"),
        step(RecordBillDelivery, NoticesDelivered, ISSUED,     SAME,      _DELIVER,               "7.2c"),
        step(RecordBillDelivery, BillRunDelivered, ISSUED,     DELIVERED, _DELIVER,               "7.2c"),
        step(CloseMonth,         MonthClosed,       (ISSUED, DELIVERED), CLOSED,    _MANAGER,               "7.2b"),
        step(ReopenMonth,        MonthReopened,     CLOSED,      DELIVERED, _COMPANY,               "7.2b"),
        step(MissCompilation,    CompilationMissed, _COMPILE,    SAME,      _CLOCK,                 "7.2a"),
        step(MissReview,         ReviewMissed,      _UNREVIEWED, SAME,      _CLOCK,                 "7.2b"),
        step(MissDelivery,       DeliveryMissed,    _UNDELIVERED, SAME,     _CLOCK,                 "7.2c"),
    ],
    deadlines=[
        deadline("compile", COMPILING, due=lambda run: run.next_at, gives=TakeNextHouseholds, clause="7.2a",
                 zh="程序逐户计费", en="the program takes household after household"),
        deadline("issue", ISSUING, due=lambda run: run.next_at, gives=IssueNextBills, clause="7.2b",
                 zh="程序逐户出账", en="the program issues bill after bill"),
        deadline("compilation", _COMPILE, gives=MissCompilation, clause="7.2a", due=lambda run: run.compile_until,
                 zh="月底前完成计费", en="compiled before the month ends"),
        deadline("review", _UNREVIEWED, gives=MissReview, clause="7.2b",
                 due=lambda run: None if run.review_missed_at else run.review_by,
                 zh="月末日汇总审核", en="reviewed on the month's last day"),
        deadline("delivery", _UNDELIVERED, gives=MissDelivery, clause="7.2c",
                 due=lambda run: None if run.delivery_missed_at else run.deliver_by,
                 zh="次月1日前送达缴费通知单", en="payment notices delivered by the 1st"),
    ],
    breaches=[
        breach(CompilationMissed, BillRunCompiled),
        breach(ReviewMissed, BillRunReviewed),
        breach(DeliveryMissed, NoticesDelivered),
    ],
    waits=[
        wait("approval", REVIEWED, within="waiting.approved_within_days", clause="7.2b", zh="公司批准或退回计费", en="approve the run or return it"),
        wait("month-closing", DELIVERED, within="waiting.month_closed_within_days", clause="7.2b", zh="当月关账", en="close the month"),
    ],
)
# fmt: on
