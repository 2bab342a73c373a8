"""What can be done about a move-in 入住 (§1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from domain.fees.terms import PaymentMethod
from domain.homes.vacant_home.case import VACANT, VacantHome
from domain.kernel.calendar import end_of_day
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.money import Fen, yuan
from domain.kernel.people import Actor
from domain.kernel.rules import (
    broken,
    day_ahead,
    forbid,
    missing,
    negative,
    not_positive,
    own_work,
    receipt_twice,
    unsigned,
)
from domain.moving.move_in.case import DEPOSIT, MoveIn
from domain.moving.move_in.events import (
    DocumentKind,
    FoundAtInspection,
    MeterReading,
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
from domain.residents.household.case import RESIDENT, Household
from domain.residents.household.events import Occupancy


@command
class ApplyForMoveIn(Command):
    """申请入住 · Apply to move in."""

    home: str
    occupancy: Occupancy = Occupancy.OWNER
    vacant_home: str | None = None
    household: str | None = None
    area: int | None = None
    wanted_on: date | None = None
    applicant: Personal | None = None
    phone: Personal | None = None

    def related(self) -> dict[str, str]:
        """The vacancy that ends with the move-in, and the file of who lives there already."""
        named = {"vacancy": self.vacant_home, "household": self.household}
        return {name: case_id for name, case_id in named.items() if case_id is not None}

    def decide(self, _move: None, at: Moment) -> Iterator[Event]:
        """Who moves where; one move-in at a time for a home (§1.3)."""
        vacancy, area = at.related.get("vacancy"), self.area
        if self.vacant_home is not None:
            if not isinstance(vacancy, VacantHome) or vacancy.state != VACANT or vacancy.home != self.home:
                raise broken(
                    "other-vacancy",
                    "1.3",
                    "该空房登记不是此房屋的在管登记",
                    "that is no standing vacancy of this home",
                    "vacant_home",
                )
            area = area or vacancy.area or None
        _own_file(self.household, self.home, at)
        if self.applicant is None:
            at.require_evidence(missing("applicant", "1.3", "请填写申请人", "say who applies"))
        forbid(not_positive(self.area, "1.3", "area"))
        yield self.to_event(MoveInApplied, area=area)


@command
class CheckMoveInDocuments(Command):
    """审核入住资料 · Check the documents."""

    documents: tuple[DocumentKind, ...]
    remark: Personal | None = None

    def decide(self, move: MoveIn, at: Moment) -> Iterator[Event]:
        """Identity and covenant always; an owner's title or contract, a tenant's lease (§1.3)."""
        given = set(self.documents)
        entitling = (
            {DocumentKind.LEASE}
            if move.occupancy is Occupancy.TENANT
            else {DocumentKind.PURCHASE_CONTRACT, DocumentKind.TITLE}
        )
        lacking = [kind for kind in (DocumentKind.IDENTITY, DocumentKind.COVENANT) if kind not in given]
        if not given & entitling:
            lacking += sorted(entitling)[:1]
        if lacking:
            zh = f"资料不全：{'、'.join(kind.zh for kind in lacking)}"
            at.require_evidence(missing("documents", "1.3", zh, f"documents missing: {', '.join(lacking)}"))
        yield MoveInDocumentsChecked(documents=tuple(dict.fromkeys(self.documents)), remark=self.remark)


@command
class SettleMoveInFees(Command):
    """结清入住费用 · Settle the fees of the move-in."""

    amount_fen: int
    receipt: str | None = None
    method: PaymentMethod | None = None
    deposit_fen: int = 0
    advance_fen: int = 0

    def decide(self, _move: MoveIn, at: Moment) -> Iterator[Event]:
        """What was paid, against a receipt; nothing may be due, but that is said too (§1.3).

        What of it is a deposit is held apart, what are fees in advance is the household's prepayment: neither is income
        (民法典561). What is cash counts in the day (§7).
        """
        forbid(negative(self.amount_fen, "1.3", "amount_fen"))
        if not 0 <= self.deposit_fen <= self.amount_fen:
            zh, en = "押金须在所收金额之内", "the deposit is a part of what was taken"
            raise broken("deposit-beyond-fees", "1.3", zh, en, "deposit_fen")
        if not 0 <= self.advance_fen <= self.amount_fen - self.deposit_fen:
            zh, en = (
                "预缴物业费须在所收金额之内，押金除外",
                "fees in advance are a part of what was taken beside the deposit",
            )
            raise broken("advance-beyond-fees", "1.3", zh, en, "advance_fen")
        if self.amount_fen > 0 and self.receipt is None:
            at.require_evidence(missing("receipt", "1.3", "请填写收据编号", "give the receipt's number"))
        _say_how(self.amount_fen, self.method, at, "请写明收款方式", "say how it was paid")
        yield self.to_event(MoveInFeesSettled, method=self.method if self.amount_fen else None)


@command
class RefundMoveInDeposit(Command):
    """退还入住押金 · Give the deposit of the move-in back."""

    deducted_fen: int = 0
    reason: str | None = None
    receipt: str | None = None
    method: PaymentMethod | None = None

    @staticmethod
    def ready(move: MoveIn, who: Actor) -> Refusal | None:
        """A deposit is held; by another person than took it (§1.3)."""
        if not move.held_fen:
            return broken("no-deposit", "1.3", "没有在押的押金", "no deposit is held")
        return _not_who_took_it(move, who)

    def decide(self, move: MoveIn, at: Moment) -> Iterator[Event]:
        """All of it but what is named, such as a lost card (§1.3)."""
        at.require_evidence(receipt_twice(self.receipt, (move.receipt,) if move.receipt else (), "1.3"))
        if not 0 <= self.deducted_fen <= move.held_fen:
            most = yuan(move.held_fen)
            zh, en = f"扣除不能为负，至多{most}元", f"nothing negative, at most the deposit, CNY {most}"
            raise broken("deduction-out-of-range", "1.3", zh, en, "deducted_fen")
        if self.deducted_fen and self.reason is None:
            raise missing("reason", "1.3", "请说明扣除理由", "say what it is kept for")
        back = move.held_fen - self.deducted_fen
        _say_how(back, self.method, at, "请写明退款方式", "say how it was given back")
        yield self.to_event(MoveInDepositRefunded, refunded_fen=back, method=self.method if back else None)


@command
class LetMoveInDepositFallDue(Command):
    """记下押金应退 · Note that the deposit is to go back."""

    left_on: date

    def decide(self, move: MoveIn, _at: Moment) -> Iterator[Event]:
        """Who has left has given keys and cards back, or lost them: what is held is settled within days (§1.3)."""
        if move.held_fen:
            yield self.to_event(MoveInDepositFellDue)


@command
class HoldMoveInDepositOn(Command):
    """继续留存押金 · Hold the deposit on."""

    def decide(self, move: MoveIn, _at: Moment) -> Iterator[Event]:
        """Where the household's leaving was a mistake it lives there still (§1.3)."""
        if DEPOSIT in move.waits:
            yield MoveInDepositStillHeld()


@command
class InspectForMoveIn(Command):
    """共同验房 · Inspect the home together."""

    defects: tuple[FoundAtInspection, ...] = ()
    meters: tuple[MeterReading, ...] = ()
    signature: Personal | None = None

    def decide(self, _move: MoveIn, at: Moment) -> Iterator[Event]:
        """With the resident, who signs; what is not right is written down and rectified, meters are read (§1.3)."""
        at.require_evidence(unsigned(self.signature, "1.3", "住户须在验房单上签字", "the resident signs"))
        if any(reading.hundredths < 0 for reading in self.meters):
            raise broken(
                "meter-negative", "1.3", "表计读数不能为负", "a meter does not show less than nothing", "meters"
            )
        yield self.to_event(MoveInInspected)


@command
class NoteMoveInDefectSolved(Command):
    """验房问题已解决 · Note that a defect is solved."""

    defect: int

    def decide(self, move: MoveIn, _at: Moment) -> Iterator[Event]:
        """When its rectification is closed (§1.3)."""
        if self.defect in move.open_defects:
            yield MoveInDefectSolved(defect=self.defect)


@command
class HandOverMoveInKeys(Command):
    """交付钥匙 · Hand over the keys."""

    keys: tuple[str, ...]
    signature: Personal | None = None
    defects_signature: Personal | None = None

    def decide(self, move: MoveIn, at: Moment) -> Iterator[Event]:
        """Against a signature; open defects only if the resident signs for them. The home's own record is asked too.

        Its cleaning, its open defects and the count of its keys are checked by the hand-over that follows (§3.4).
        """
        if not self.keys:
            at.require_evidence(missing("keys", "1.3", "请填写交付的钥匙", "say which keys"))
        at.require_evidence(unsigned(self.signature, "1.3", "住户须签收钥匙", "the resident signs for the keys"))
        if move.open_defects and self.defects_signature is None:
            at.require_evidence(
                broken(
                    "open-defects",
                    "1.3",
                    "验房问题尚未解决，须住户签字认可",
                    "the resident has to sign for open defects",
                    "defects_signature",
                )
            )
        days = at.numbers.integer("move_in.complete_within_days")
        yield MoveInKeysHandedOver(
            keys=self.keys,
            open_defects=move.open_defects,
            defects_accepted=self.defects_signature is not None,
            signature=self.signature,
            defects_signature=self.defects_signature,
            complete_by=None if at.waived else end_of_day(at.today + timedelta(days=days)),
        )


@command
class MarkMoveInIncomplete(Command):
    """入住手续逾期未办结 · Note that the keys are out and the move-in was not completed in time."""

    def decide(self, move: MoveIn, at: Moment) -> Iterator[Event]:
        """Until it is completed there is no file, and nobody asks the resident after a month (§1.3)."""
        yield MoveInLeftIncomplete(due_at=move.complete_by or at.now)


@command
class CompleteMoveIn(Command):
    """办结入住 · Complete the move-in."""

    household: str | None = None
    moved_in_on: date | None = None

    def related(self) -> dict[str, str]:
        """The file, when the clerk has opened it already."""
        return {"household": self.household} if self.household is not None else {}

    def decide(self, move: MoveIn, at: Moment) -> Iterator[Event]:
        """It is the file of this home; if there is none yet, one is opened (§9.1). Who has the keys has moved in (§3.4)."""
        _own_file(self.household, move.home, at)
        moved_in_on = self.moved_in_on or move.moved_in_on or at.today
        forbid(day_ahead(moved_in_on, "1.3", at, "moved_in_on"))
        if move.moved_in_on is not None and moved_in_on < move.moved_in_on:
            raise broken(
                "before-the-keys", "1.3", "入住日期不能早于交付钥匙", "nobody moves in before the keys", "moved_in_on"
            )
        yield MoveInCompleted(moved_in_on=moved_in_on, household=self.household or move.household)


@command
class LinkMoveInHousehold(Command):
    """关联住户档案 · Link the household's file."""

    household: str

    def decide(self, move: MoveIn, _at: Moment) -> Iterator[Event]:
        """The file that the completion opened; a move-in that has one keeps it (§9.1)."""
        if move.household is None:
            yield self.to_event(MoveInHouseholdLinked)


@command
class WithdrawMoveIn(Command):
    """撤回入住申请 · Withdraw the move-in."""

    reason: str
    method: PaymentMethod | None = None

    @staticmethod
    def ready(move: MoveIn, who: Actor) -> Refusal | None:
        """What was taken goes back by another person than took it (§1.3)."""
        return _not_who_took_it(move, who) if move.taken_fen else None

    def decide(self, move: MoveIn, at: Moment) -> Iterator[Event]:
        """Before the keys are handed over: deposit and fees go back whole (§1.3)."""
        back = move.taken_fen
        _say_how(back, self.method, at, "请写明退款方式", "say how it was given back")
        yield self.to_event(MoveInWithdrawn, refunded_fen=back, method=self.method if back else None)


def _say_how(amount: Fen, method: PaymentMethod | None, at: Moment, zh: str, en: str) -> None:
    if amount and method is None:
        at.require_evidence(missing("method", "1.3", zh, en))


def _not_who_took_it(move: MoveIn, who: Actor) -> Refusal | None:
    whose = {move.received_by} if move.received_by is not None else set()
    return own_work(who, whose, "1.3", "入住费用、押金不能由收取人本人退还", "whoever took it does not give it back")


def _own_file(household: str | None, home: str, at: Moment) -> None:
    """A file that is named is that of who lives in this home (§9.1)."""
    file = at.related.get("household")
    if household is not None and (not isinstance(file, Household) or file.home != home or file.state != RESIDENT):
        raise broken(
            "other-home",
            "1.3",
            "该档案不是此房屋在住户的档案",
            "that is not the file of who lives in this home",
            "household",
        )
