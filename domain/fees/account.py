"""Account 住户账 (§7): one household's bills and payments together, reckoned afresh from its entries whenever one comes.

It keeps the entries in the order in which they came and tells each bill what the reckoning
(:mod:`domain.fees.reckoning`) says of it. Amounts are fen, days local dates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from uuid import UUID

from domain.fees.reckoning import Account, reckon
from domain.fees.terms import (
    AllocationRule,
    AssessedFee,
    BillReckoning,
    Entry,
    EntryKind,
    FeeTerms,
    Move,
    PaymentMethod,
)
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.ids import named_uuid
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, step, wait
from domain.kernel.people import Actor, Role
from domain.kernel.rules import blank, broken, forbid, out_of_range, second_person

KEPT = "kept"


@event()
class EntryPosted(Event):
    """已记入住户账 · Posted to the household's account."""

    household: str
    entry: Entry


@event()
class AccountReckoned(Event):
    """住户账已重算 · Account reckoned afresh: what changed, bill by bill, and what is prepaid."""

    bills: tuple[BillReckoning, ...]
    prepaid_fen: int


@event()
class RefundRequested(Event):
    """已申请退还预缴 · Refund of a prepayment requested."""

    number: int
    amount_fen: int
    reason: str


@event()
class RefundRefused(Event):
    """不予退还 · Refund refused."""

    number: int
    reason: str


@event()
class PrepaymentRefunded(Event):
    """预缴已退还 · Prepayment refunded."""

    number: int
    amount_fen: int
    method: PaymentMethod


@dataclass(slots=True)
class RefundAsked:
    """A refund that waits for a second person."""

    amount_fen: int
    by: str
    reason: str


@dataclass(slots=True, kw_only=True)
class HouseholdAccount(Case):
    """One household's account. ``figures``: what each bill was told last."""

    household: str = ""
    entries: list[Entry] = field(default_factory=list)
    figures: dict[str, BillReckoning] = field(default_factory=dict)
    prepaid_fen: int = 0
    asked: dict[int, RefundAsked] = field(default_factory=dict)
    refunds_asked: int = 0
    refund_methods: dict[str, PaymentMethod] = field(default_factory=dict)
    """Source of a refund → how it was paid out."""

    def reckoned(self, terms: FeeTerms, until: date = date.max) -> Account:
        """The account at the end of a day, by everything that is known."""
        return reckon(self.entries, terms, until)


@lru_cache(maxsize=1024)
def account_id(office: str, household: str) -> str:
    """The one account of a household in its office."""
    return f"account-{named_uuid(_IDS, f'{office}/{household}')}"


_IDS = UUID("0b0c8f2e-2f4d-5f0a-8a51-6b1d3c9a7e44")


def evolve(account: HouseholdAccount, fact: Fact) -> None:
    """Fold one fact into the account."""
    match fact.event:
        case EntryPosted() as e:
            account.household = e.household
            _enter(account.entries, account.figures, e.entry)
        case AccountReckoned() as e:
            account.figures |= {bill.bill: bill for bill in e.bills}
            account.prepaid_fen = e.prepaid_fen
        case RefundRequested() as e:
            account.asked[e.number] = RefundAsked(e.amount_fen, fact.user_id, e.reason)
            account.refunds_asked = e.number
        case RefundRefused() as e:
            account.asked.pop(e.number, None)
        case PrepaymentRefunded() as e:
            account.asked.pop(e.number, None)
            entry = refund_entry(account.id, e.number, e.amount_fen, Moment.day_of(fact.occurred_at))
            account.refund_methods[entry.source] = e.method
            _enter(account.entries, account.figures, entry)
            account.prepaid_fen -= e.amount_fen


def refund_entry(account: str, number: int, amount_fen: int, day: date) -> Entry:
    """The entry of a refund."""
    return Entry(kind=EntryKind.REFUND, day=day, source=f"{account}#refund-{number}", amount_fen=amount_fen)


def _enter(entries: list[Entry], figures: dict[str, BillReckoning], entry: Entry) -> None:
    """Add an entry; a bill has already counted its own assessments, waivers and payments as it wrote them."""
    entries.append(entry)
    on_bill = entry.source.partition("#")[0]
    if entry.kind is EntryKind.PAYMENT and on_bill in entry.names:  # recorded on the bill itself
        said = figures.get(on_bill, BillReckoning(bill=on_bill))
        met = Move(day=entry.day, source=entry.source, rule=AllocationRule.NAMED, principal_fen=entry.amount_fen)
        figures[on_bill] = replace(said, moves=(*said.moves, met))
        return
    if entry.bill is None:
        return
    said = figures.get(entry.bill, BillReckoning(bill=entry.bill))
    if entry.kind is EntryKind.ASSESSMENT:
        fees = {
            fee.source: fee for fee in (*said.assessed, AssessedFee(source=entry.source, amount_fen=entry.amount_fen))
        }
        said = replace(said, assessed=tuple(fees[source] for source in sorted(fees)))
    elif entry.kind is EntryKind.WAIVER:
        said = replace(said, waived_fen=said.waived_fen + entry.amount_fen)
    elif entry.kind is EntryKind.REVERSAL:  # of a waiver
        said = replace(said, waived_fen=max(said.waived_fen - entry.amount_fen, 0))
    figures[entry.bill] = said


@command
class PostEntry(Command):
    """记入住户账 · Post an entry to the household's account."""

    household: str
    entry: Entry

    def decide(self, account: HouseholdAccount | None, at: Moment) -> Iterator[Event]:
        """Whatever it changes of earlier reckonings is told with it; the same entry is posted once (§7)."""
        kept = account if account is not None else HouseholdAccount(id="", office=at.office)
        if any((e.kind, e.source) == (self.entry.kind, self.entry.source) for e in kept.entries):
            return
        yield self.to_event(EntryPosted)
        entries, figures = list(kept.entries), dict(kept.figures)
        _enter(entries, figures, self.entry)
        yield from _differences(entries, figures, kept.prepaid_fen, at)


@command
class ReckonAccount(Command):
    """重算住户账 · Reckon the account afresh."""

    def decide(self, account: HouseholdAccount, at: Moment) -> Iterator[Event]:
        """After a change of terms; where everything is as it was told, nothing happens (§7)."""
        yield from _differences(account.entries, account.figures, account.prepaid_fen, at)


def _differences(
    entries: Sequence[Entry], figures: Mapping[str, BillReckoning], prepaid_fen: int, at: Moment
) -> Iterator[AccountReckoned]:
    """What a fresh reckoning of the entries says otherwise than each bill was told, and what is prepaid."""
    fresh = reckon(entries, FeeTerms.of(at.settings))
    now = {bill.id: bill.figures for bill in fresh.bills.values()}
    changed = tuple(told for id, told in now.items() if told != figures.get(id, BillReckoning(bill=id)))
    if changed or fresh.prepaid != prepaid_fen:
        yield AccountReckoned(bills=changed, prepaid_fen=fresh.prepaid)


@command
class RequestRefund(Command):
    """申请退还预缴 · Request a refund of a prepayment."""

    amount_fen: int
    reason: str

    @staticmethod
    def ready(account: HouseholdAccount, _who: Actor) -> Refusal | None:
        """Something must be prepaid."""
        return None if account.prepaid_fen > 0 else broken("nothing-prepaid", "7", "没有预缴款", "nothing is prepaid")

    def decide(self, account: HouseholdAccount, _at: Moment) -> Iterator[Event]:
        """At most what is prepaid, with a reason; paid out by a second person."""
        forbid(blank(self.reason, "reason", "7", "请写明退款理由", "say why"))
        forbid(out_of_range(self.amount_fen, account.prepaid_fen, "7", "amount_fen"))
        yield self.to_event(RefundRequested, number=account.refunds_asked + 1)


def _nobody_else(account: HouseholdAccount, who: Actor) -> Refusal | None:
    """A second person decides on a refund."""
    if not account.asked:
        return broken("no-refund-asked", "7", "没有待办的退款申请", "no refund waits")
    by = {asked.by for asked in account.asked.values()}
    return second_person(who, by, "7") if len(by) == 1 else None


def _asked(account: HouseholdAccount, number: int, at: Moment) -> RefundAsked:
    found = account.asked.get(number)
    if found is None:
        listed = "、".join(str(each) for each in account.asked)
        raise broken(
            "refund-unknown", "7", f"没有这笔申请，待办：{listed}", f"no such request; waiting: {listed}", "number"
        )
    forbid(second_person(at.who, {found.by}, "7", "number"))
    return found


@command
class PayRefund(Command):
    """退还预缴 · Pay a requested refund out."""

    number: int
    method: PaymentMethod

    @staticmethod
    def ready(account: HouseholdAccount, who: Actor) -> Refusal | None:
        """By another than who asked for it."""
        return _nobody_else(account, who)

    def decide(self, account: HouseholdAccount, at: Moment) -> Iterator[Event]:
        """What is still prepaid, on its own day."""
        asked = _asked(account, self.number, at)
        forbid(out_of_range(asked.amount_fen, account.prepaid_fen, "7", "number"))
        yield PrepaymentRefunded(number=self.number, amount_fen=asked.amount_fen, method=self.method)
        entry = refund_entry(account.id, self.number, asked.amount_fen, at.today)
        left = account.prepaid_fen - asked.amount_fen
        yield from _differences([*account.entries, entry], account.figures, left, at)


@command
class RefuseRefund(Command):
    """不予退还预缴 · Refuse a refund."""

    number: int
    reason: str

    @staticmethod
    def ready(account: HouseholdAccount, who: Actor) -> Refusal | None:
        """By another than who asked for it."""
        return _nobody_else(account, who)

    def decide(self, account: HouseholdAccount, at: Moment) -> Iterator[Event]:
        """With a reason."""
        _asked(account, self.number, at)
        forbid(blank(self.reason, "reason", "7", "请写明理由", "say why"))
        yield self.to_event(RefundRefused)


_CLERKS = (Role.ADMINISTRATOR, Role.MANAGER)
_POLICY = (Role.POLICY,)
_DECIDES = (Role.MANAGER, Role.COMPANY)

# fmt: off
LIFECYCLE = Lifecycle(
    of=HouseholdAccount, kind="account", path="accounts", zh="住户账", en="household account", clauses="7", evolve=evolve,
    subject=lambda account: account.household or None,
    identity=lambda command, office: account_id(office, command.household),
    states={KEPT: ("在册", "kept")},
    final=[KEPT],
    steps=[  # command    event               from  to    who                            clause
        step(PostEntry,     EntryPosted,        None, KEPT, _POLICY,                       "7"),
        step(PostEntry,     EntryPosted,        KEPT, KEPT, _POLICY,                       "7"),
        step(PostEntry,     AccountReckoned,    KEPT, SAME, _POLICY,                       "民法典560"),
        step(ReckonAccount, AccountReckoned,    KEPT, SAME, [*_CLERKS, Role.POLICY],       "民法典585"),
        step(RequestRefund, RefundRequested,    KEPT, SAME, _CLERKS,                       "7"),
        step(PayRefund,     PrepaymentRefunded, KEPT, SAME, _DECIDES,                      "7"),
        step(PayRefund,     AccountReckoned,    KEPT, SAME, _DECIDES,                      "7"),
        step(RefuseRefund,  RefundRefused,      KEPT, SAME, _DECIDES,                      "7"),
    ],
    waits=[
        wait("refund", KEPT, within="waiting.decided_within_days", clause="7", zh="决定退款申请", en="decide on the refund",
             begun_by=RefundRequested, ended_by=(PrepaymentRefunded, RefundRefused), item=lambda said: said.number),
    ],
)
# fmt: on
