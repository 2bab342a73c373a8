"""What can be done about a key loan 钥匙取领 (§3.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from domain.homes.key_loan.case import KeyLoan
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
    Purpose,
)
from domain.homes.keys import Custody, KeyCondition
from domain.homes.vacant_home.case import VACANT, VacantHome
from domain.kernel.calendar import add_months, end_of_day
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor
from domain.kernel.rules import (
    before,
    beyond_cap,
    blank,
    broken,
    deadline_passed,
    forbid,
    missing,
    own_work,
    put_off,
    unsigned,
)
from domain.moving.renovation.case import PERMITTED, UNDER_WAY, Renovation


@command
class RequestKeyLoan(Command):
    """填写钥匙取领登记表 · Fill in the key loan form."""

    vacant_home: str
    keys: tuple[str, ...]
    purpose: Purpose
    expected_return: datetime
    borrower: Personal | None = None
    organisation: Personal | None = None
    identity_document: Personal | None = None
    consent: Personal | None = None
    renovation: str | None = None
    staff_borrower: str | None = None

    def related(self) -> Mapping[str, str]:
        """The vacant home whose keys are wanted, and the renovation that the workers want them for."""
        return {"home": self.vacant_home} | ({} if self.renovation is None else {"work": self.renovation})

    def decide(self, _loan: None, at: Moment) -> Iterator[Event]:
        """Who wants which keys of a home in the office's care, what for, and until when (§3.3)."""
        home = at.related.get("home")
        if not isinstance(home, VacantHome) or home.state != VACANT:
            raise broken("home-not-vacant", "3.3", "该房屋不是在管空房", "the home is not a vacant one", "vacant_home")
        if not self.keys or len(set(self.keys)) != len(self.keys) or not set(self.keys) <= set(home.keys):
            listed = "、".join(home.keys)
            zh, en = f"请填写该空房的钥匙编号：{listed}", f"each once, and of the keys of this home: {listed}"
            raise broken("key-unknown", "3.3", zh, en, "keys")
        gone = [number for number in self.keys if home.keys[number].custody in (Custody.MISSING, Custody.RETIRED)]
        if gone:
            listed = "、".join(gone)
            raise broken(
                "key-gone", "3.2", f"钥匙缺失或已作废：{listed}", f"missing or retired: {', '.join(gone)}", "keys"
            )
        if self.borrower is None or self.identity_document is None:
            zh = "请登记取领人及其证件"
            at.require_evidence(missing("borrower", "3.3", zh, "write down the borrower and his document"))
        if self.consent is None and not home.may_enter(at.today):
            zh = "委托期限外进入房屋须经业主同意"
            at.require_evidence(
                broken("entry-without-entrustment", "民法典1033", zh, "the owner has to consent", "consent")
            )
        if self.renovation is not None:
            _permitted(at.related.get("work"), home.home, at)
        at.require_evidence(deadline_passed(self.expected_return, "3.3", at, "expected_return"))
        at.require_evidence(beyond_cap(self.expected_return, "3.3", at, "expected_return"))
        yield self.to_event(KeyLoanRequested, home=home.home)


@command
class RefuseKeyLoan(Command):
    """拒绝钥匙取领 · Refuse the key loan."""

    reason: str

    def decide(self, _loan: KeyLoan, at: Moment) -> Iterator[Event]:
        """No key leaves; the attempt stays in the book (§3.2)."""
        yield self.to_event(KeyLoanRefused, papers_until=_papers_until(at))


@command
class IssueKeys(Command):
    """当班者签字发放钥匙 · Issue the keys against the duty officer's signature."""

    officer_signature: Personal | None = None
    expected_return: datetime | None = None

    @staticmethod
    def ready(loan: KeyLoan, who: Actor) -> Refusal | None:
        """To somebody else (§3.3)."""
        whose = {loan.staff_borrower} if loan.staff_borrower is not None else set()
        return own_work(who, whose, "3.3", "当班者不得给自己发放钥匙", "a duty officer does not lend keys to himself")

    def decide(self, loan: KeyLoan, at: Moment) -> Iterator[Event]:
        """The key leaves only after the duty officer has signed (§3.3)."""
        at.require_evidence(_unsigned_by_officer(self.officer_signature))
        expected = self.expected_return or loan.expected_return or at.now
        at.require_evidence(deadline_passed(expected, "3.3", at, "expected_return"))
        at.require_evidence(beyond_cap(expected, "3.3", at, "expected_return"))
        yield KeysIssued(keys=loan.keys, expected_return=expected, officer_signature=self.officer_signature)


@command
class MarkKeysOverdue(Command):
    """钥匙逾期未还 · Note that the keys were not returned in time."""

    def decide(self, loan: KeyLoan, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which they were expected (§3.3)."""
        yield KeysOverdue(due_at=loan.expected_return or at.now)


@command
class ExtendKeyLoan(Command):
    """延长钥匙取领 · Extend the key loan."""

    expected_return: datetime
    reason: str
    officer_signature: Personal | None = None

    @staticmethod
    def ready(loan: KeyLoan, who: Actor) -> Refusal | None:
        """Only what is out, not yet overdue, and not one's own."""
        if loan.missed_at is not None:
            return broken("overdue-already", "3.3", "已逾期，不能延期", "it is overdue already")
        return _nothing_out(loan) or _own_loan(loan, who)

    def decide(self, loan: KeyLoan, at: Moment) -> Iterator[Event]:
        """Before its end, with the reason and the duty officer's signature, and not for long at a time (§3.3).

        What reaches further beyond the day first agreed than one extension may, the head or the manager decides; and no
        loan lasts longer from its issue than a deadline may lie ahead.
        """
        forbid(blank(self.reason, "reason", "3.3", "请说明延期理由", "say why"))
        expected = loan.expected_return
        if expected is not None and at.now >= expected:
            raise broken("overdue-already", "3.3", "须在到期前延期", "it is extended before its end", "occurred_at")
        latest = at.now + timedelta(days=at.numbers.integer("keys.extend_within_days"))
        if self.expected_return > latest or (expected is not None and self.expected_return <= expected):
            zh, en = f"延期须晚于原定，至迟{latest:%Y-%m-%d}", f"later than before, by {latest:%Y-%m-%d} at the latest"
            raise broken("extension-out-of-range", "3.3", zh, en, "expected_return")
        self._check_in_all(loan, at)
        at.require_evidence(_unsigned_by_officer(self.officer_signature))
        yield self.to_event(KeyLoanExtended)

    def _check_in_all(self, loan: KeyLoan, at: Moment) -> None:
        first, issued = loan.first_expected_return, loan.issued_at
        alone = timedelta(days=at.numbers.integer("keys.extend_within_days"))
        if first is not None and self.expected_return > first + alone:
            at.require_evidence(put_off(at.who, self.reason, "3.3", "expected_return"))
        days = at.numbers.integer("tasks.deadline_within_days")
        if issued is not None and self.expected_return > end_of_day(at.day_of(issued) + timedelta(days=days)):
            zh, en = f"自取走起合计不得超过{days}天", f"no more than {days} days from the issue in all"
            raise broken("beyond-cap", "3.3", zh, en, "expected_return")


@command
class ReturnSomeKeys(Command):
    """归还部分钥匙并签名 · Return some of the keys and sign."""

    keys: tuple[str, ...]
    condition: KeyCondition = KeyCondition.GOOD
    returner: Personal | None = None
    returner_signature: Personal | None = None

    @staticmethod
    def ready(loan: KeyLoan, who: Actor) -> Refusal | None:
        """Only what is out can come back, and to another than borrowed it."""
        return _nothing_out(loan) or _own_loan(loan, who)

    def decide(self, loan: KeyLoan, at: Moment) -> Iterator[Event]:
        """Some come back today, the others stay out and owed (§3.3)."""
        _not_before_issue(loan, at)
        if not self.keys or len(set(self.keys)) != len(self.keys) or not set(self.keys) < set(loan.out):
            listed = "、".join(loan.out)
            zh, en = (
                f"请填写借出钥匙中的一部分：{listed}",
                f"some of those that are out, not all: {', '.join(loan.out)}",
            )
            raise broken("key-not-out", "3.3", zh, en, "keys")
        at.require_evidence(
            unsigned(self.returner_signature, "3.3", "归还者须签名", "the returner signs", "returner_signature")
        )
        yield self.to_event(KeysPartlyReturned)


@command
class EraseBorrower(Command):
    """销毁取领人信息 · Destroy what is known of the borrower."""

    def decide(self, loan: KeyLoan, _at: Moment) -> Iterator[Event]:
        """After its time, by the clock: the form stays, the name and the document go (§9.2, PIPL 47)."""
        yield BorrowerErased(subjects=(loan.id,))


@command
class ReturnKeys(Command):
    """归还钥匙并签名 · Return the keys and sign."""

    keys: tuple[str, ...]
    condition: KeyCondition = KeyCondition.GOOD
    returner: Personal | None = None
    returner_signature: Personal | None = None

    @staticmethod
    def ready(loan: KeyLoan, who: Actor) -> Refusal | None:
        """Only what is out can come back, and to another than borrowed it."""
        return _nothing_out(loan) or _own_loan(loan, who)

    def decide(self, loan: KeyLoan, at: Moment) -> Iterator[Event]:
        """All keys that are out, against the returner's signature (§3.3); those that stay out are kept apart or lost first."""
        _not_before_issue(loan, at)
        if len(self.keys) != len(loan.out) or set(self.keys) != set(loan.out):
            zh = f"须归还全部借出钥匙：{'、'.join(loan.out)}；部分归还另行办理，遗失的先登记遗失"
            en = f"all keys that are out come back, the others are declared lost first: {', '.join(loan.out)}"
            raise broken("keys-not-accounted", "3.3", zh, en, "keys")
        at.require_evidence(
            unsigned(self.returner_signature, "3.3", "归还者须签名", "the returner signs", "returner_signature")
        )
        yield KeysReturned(
            keys=loan.out,
            condition=self.condition,
            entered_at=at.recorded,
            returner=self.returner,
            returner_signature=self.returner_signature,
            papers_until=_papers_until(at),
        )


@command
class ReportKeysLost(Command):
    """登记钥匙遗失 · Report keys of the loan lost."""

    keys: tuple[str, ...]
    circumstances: Personal | None = None

    @staticmethod
    def ready(loan: KeyLoan, _who: Actor) -> Refusal | None:
        """Only what is out can be lost on the loan."""
        return _nothing_out(loan)

    def decide(self, loan: KeyLoan, at: Moment) -> Iterator[Event]:
        """A lost key makes its lock unsafe: the policies have it changed (§3.2)."""
        _not_before_issue(loan, at)
        if not self.keys or len(set(self.keys)) != len(self.keys) or not set(self.keys) <= set(loan.out):
            listed = "、".join(loan.out)
            zh, en = f"请填写本次借出的钥匙编号：{listed}", f"each once, and of those that are out: {listed}"
            raise broken("key-not-out", "3.3", zh, en, "keys")
        yield KeysLost(keys=self.keys, circumstances=self.circumstances)


def _permitted(work: object, home: str, at: Moment) -> None:
    """Workers are lent the keys of a home whose renovation is permitted and not stopped (§1.4)."""
    if (
        not isinstance(work, Renovation)
        or work.home != home
        or work.state not in (PERMITTED, UNDER_WAY)
        or (work.valid_until is not None and at.today > work.valid_until)
    ):
        zh = "该装修未获许可、已停工、已到期或不属于此房屋"
        raise broken(
            "renovation-not-permitted", "1.4", zh, "that is no permitted renovation of this home", "renovation"
        )


def _unsigned_by_officer(signature: str | None) -> RuleBroken | None:
    return unsigned(signature, "3.3", "须当班者签字", "the duty officer signs", "officer_signature")


def _papers_until(at: Moment) -> date | None:
    """Until when the borrower's name and document are kept (ours); another system's history says nothing of it."""
    return None if at.waived else add_months(at.today, at.numbers.integer("keys.papers_kept_months"))


def _own_loan(loan: KeyLoan, who: Actor) -> RuleBroken | None:
    zh, en = (
        "取领人不得给自己延期、收回钥匙",
        "a borrower neither extends his own loan nor takes its keys back from himself",
    )
    return own_work(who, set(filter(None, [loan.staff_borrower])), "3.3", zh, en)


def _nothing_out(loan: KeyLoan) -> RuleBroken | None:
    return None if loan.out else broken("nothing-out", "3.3", "没有未归还的钥匙", "no key of this loan is out")


def _not_before_issue(loan: KeyLoan, at: Moment) -> None:
    zh, en = "不能早于钥匙取走时间", "it cannot have happened before the keys were issued"
    forbid(before(loan.issued_at, "3.3", at, zh, en, "before-issue"))
