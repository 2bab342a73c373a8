"""What is known of a bill run 计费出账 after some of its facts (§7.2). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from domain.fees.bill_run.events import (
    BillDraft,
    BillRunApproved,
    BillRunCompiled,
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
    NoticesDelivered,
    PartConfirmed,
    ReviewMissed,
)
from domain.handbook.settings import Numbers
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Event, Fact
from domain.kernel.ids import named_uuid
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.kernel.rules import broken

OPEN, COMPILING, COMPILED, RETURNED, REVIEWED = "open", "compiling", "compiled", "returned", "reviewed"
ISSUING, ISSUED, DELIVERED, CLOSED = "issuing", "issued", "delivered", "closed"
AT_ONCE: Final = 100
"""So many households a transaction: what a crash interrupts is done again, and nothing twice."""
_STEP: Final = timedelta(milliseconds=1)
_IDS: Final = UUID("9a3b7c52-6d0e-5a41-8f27-1c4d2e9b6a10")


@dataclass(slots=True, kw_only=True)
class BillRun(Case):
    """One month's bills of one office; ``month`` is its first day."""

    CORRECTS = ("remark",)
    LONG = True

    month: date | None = None
    compile_by: datetime | None = None
    review_by: datetime | None = None
    deliver_by: datetime | None = None
    next_at: datetime | None = None
    """When the program goes on with compiling or issuing: at once."""
    drafts: dict[str, BillDraft] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    """Household → why no bill of the run goes to it."""
    confirmed: dict[str, datetime] = field(default_factory=dict)
    """Administrator → when the part in his care was compiled."""
    confirmed_by: frozenset[str] = frozenset()
    """The accounts that said so."""
    compiled_by: str | None = None
    compiled_at: datetime | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    approved_at: datetime | None = None
    remark: str | None = None
    reason: str | None = None
    bills: dict[str, str] = field(default_factory=dict)
    """Household → its bill."""
    delivered: dict[str, date] = field(default_factory=dict)
    """Household → when the notice lay in its mailbox."""
    entered: dict[str, date] = field(default_factory=dict)
    """Household → when that was written down: what is entered after the day proves nothing about it."""
    compilation_missed_at: datetime | None = None
    review_missed_at: datetime | None = None
    delivery_missed_at: datetime | None = None

    @property
    def period(self) -> str:
        """The month as bills name it: 2025-03."""
        return str(Month.of(self.month)) if self.month is not None else ""

    @property
    def to_issue(self) -> list[BillDraft]:
        """The drafts that become bills and are none yet, in the order of their households."""
        done = self.bills.keys() | self.left_out.keys()
        return [self.drafts[each] for each in sorted(self.drafts) if each not in done and self.drafts[each].lines]

    @property
    def amount_fen(self) -> int:
        """What the run charges in all."""
        billed = (draft for name, draft in self.drafts.items() if name not in self.left_out)
        return sum(line.amount_fen for draft in billed for line in draft.lines)

    @property
    def anomalies(self) -> int:
        """How many households a reviewer has to look at."""
        return sum(draft.anomaly is not None for name, draft in self.drafts.items() if name not in self.left_out)

    @property
    def parts(self) -> dict[str, list[BillDraft]]:
        """Administrator → the drafts of the homes in his care; none in an office that has given no homes into care."""
        found: dict[str, list[BillDraft]] = {}
        for draft in self.drafts.values():
            if draft.looked_after_by is not None:
                found.setdefault(draft.looked_after_by, []).append(draft)
        return found

    @property
    def open_parts(self) -> list[str]:
        """The administrators whose part is not compiled yet."""
        named = {draft.looked_after_by for draft in self.drafts.values()}
        return sorted(name for name in named if name is not None and name not in self.confirmed)

    @property
    def compile_until(self) -> datetime | None:
        """Until when it is to be compiled, unless that was missed, or every part of it is."""
        done = self.state == COMPILED and not self.open_parts
        return None if done or self.compilation_missed_at is not None else self.compile_by

    @property
    def undelivered(self) -> list[str]:
        """The households whose notice is not delivered."""
        return [household for household in self.bills if household not in self.delivered]

    def why_it_stands(self) -> Refusal | None:
        """Bills were issued: they are corrected one by one."""
        if self.approved_at is not None:
            return broken("bills-issued", "7.2b", "已批准出账", "it was approved, and bills follow from it")
        return None

    def why_the_step_stands(self, said: Event) -> Refusal | None:
        """Bills follow from the approval as soon as the first are issued."""
        if isinstance(said, BillRunApproved) and (self.bills or self.left_out):
            return broken("bills-issued", "7.2b", "已开始出账", "bills have been issued by it")
        return None


@lru_cache(maxsize=1024)
def bill_run_id(office: str, period: str) -> str:
    """The one run of a month in its office."""
    return f"bill_run-{named_uuid(_IDS, f'{office}/{period}')}"


def bill_of_run(run: str, household: str) -> str:
    """The bill that a household has of a run: the same however often it is tried."""
    return f"bill-{named_uuid(_IDS, f'{run}/{household}')}"


def evolve(run: BillRun, fact: Fact) -> None:
    """Fold one fact into the run."""
    match fact.event:
        case BillRunOpened() as e:
            run.month, run.compile_by, run.review_by, run.deliver_by = e.month, e.compile_by, e.review_by, e.deliver_by
        case CompilationBegun():
            run.drafts, run.left_out, run.next_at, run.compiled_by = {}, {}, fact.occurred_at, fact.user_id
            run.compiled_at = run.reviewed_at = run.reviewed_by = None
            run.confirmed, run.confirmed_by = {}, frozenset()
        case BillsDrafted() as e:
            run.drafts |= {draft.household: draft for draft in e.drafts}
            run.next_at = (run.next_at or fact.occurred_at) + _STEP
        case BillRunCompiled():
            run.next_at, run.compiled_at = None, fact.occurred_at
        case PartConfirmed() as e:
            run.confirmed[e.looked_after_by] = fact.occurred_at
            run.confirmed_by |= set() if fact.role is Role.MANAGER else {fact.user_id}
        case HouseholdLeftOut() as e:
            run.left_out[e.household] = e.reason
        case BillRunReviewed() as e:
            run.reviewed_by, run.reviewed_at, run.remark = fact.user_id, fact.occurred_at, e.remark
        case BillRunReturned() as e:
            run.reason, run.reviewed_at = e.reason, None
        case _:
            _issue(run, fact)


def _issue(run: BillRun, fact: Fact) -> None:
    match fact.event:
        case BillRunApproved():
            run.approved_at = run.next_at = fact.occurred_at
        case BillsIssued() as e:
            run.bills |= {each.household: each.bill for each in e.issued}
            run.left_out |= dict.fromkeys(e.passed, "已有账单或已计费 / billed or charged already")
            run.next_at = (run.next_at or fact.occurred_at) + _STEP
        case BillRunIssued():
            run.next_at = None
        case NoticesDelivered() as e:
            run.delivered |= dict.fromkeys(e.households, e.delivered_on)
            run.entered |= dict.fromkeys(e.households, fact.entered_on)
        case CompilationMissed() as e:
            run.compilation_missed_at = e.due_at
        case ReviewMissed() as e:
            run.review_missed_at = e.due_at
        case DeliveryMissed() as e:
            run.delivery_missed_at = e.due_at
        case _:
            return


def before_the_end(month: date | None, setting: str, numbers: Numbers) -> date:
    """So many days before the month's end as the setting says: by then a run is compiled, or reviewed (§7.2a, §7.2b)."""
    assert month is not None
    return Month.of(month).last - timedelta(days=numbers.integer(setting))
