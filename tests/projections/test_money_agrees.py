"""A hostile accountant's walk: every kind of money at random on a real book, and all books of it agree to the fen (§7).

Statement, ledger, ageing, prepayments, deposits, cash day and journal are read apart, and a day-by-day reckoning by hand
of the account's entries beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.bill.commands.late_fee import EndLateFeeHold, HoldLateFee
from domain.fees.bill.commands.payment import ReceivePayment, RefundOverpayment, ReversePayment
from domain.fees.terms import EntryKind, HoldGround, PaymentMethod
from domain.kernel.calendar import local_date
from domain.kernel.errors import Refusal
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import WithdrawStep
from domain.moving.move_in.commands import (
    ApplyForMoveIn,
    CheckMoveInDocuments,
    CompleteMoveIn,
    HandOverMoveInKeys,
    InspectForMoveIn,
    RefundMoveInDeposit,
    SettleMoveInFees,
    WithdrawMoveIn,
)
from domain.moving.move_in.events import DocumentKind
from domain.moving.renovation.commands.permit import (
    ApplyForRenovation,
    ApproveRenovation,
    PayRenovationDeposit,
    WithdrawRenovation,
)
from tests.conftest import Database
from tests.domain.fees.by_hand import by_hand
from tests.office_rig import OfficeRig
from tests.projections.test_reports import MANAGER, Household, balances, report
from tests.workflows.checked_office import checked_office

CLERK, HEAD = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD
DRAWERS = {"1001": ("cash",), "1002": ("transfer", "pos", "cheque"), "1012": ("wechat", "alipay")}
RATES = {
    date(2000, 1, 1): Fraction("0.0005"),
    date(2025, 2, 10): Fraction("0.0012"),
    date(2025, 3, 20): Fraction("0.0002"),
}


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


class Mover(Household):
    """A household whose money comes in every way that there is, and goes back in most of them."""

    def __init__(self, rig: OfficeRig, name: str, random: Random) -> None:
        super().__init__(rig, name, random)
        self.move: str | None = None
        self.work: str | None = None
        self.theirs: str | None = None

    @property
    def method(self) -> PaymentMethod:
        return self.random.choice(list(PaymentMethod))

    def act(self) -> None:
        with suppress(Refusal):
            more = (self.moves, self.moves, self.moves, self.renovates, self.elsewhere, self.holds, self.errs)
            self.random.choice(more)()
        super().act()

    def say(self, command: Any, on: str | None, role: Role = CLERK, by: str | None = None, **more: Any) -> str:
        return self.rig.do(command, as_=role, on=on, by=by or role.value, **more).case_id

    def moves(self) -> None:
        """Moves into the home of its file, step by step, with everything that is taken there."""
        random, move = self.random, self.move
        state = self.rig.case(move).state if move is not None else "withdrawn"
        if state == "withdrawn":
            who = {"household": self.name} if random.random() < 0.5 else {}
            home = f"home of {self.name}" if who else f"{self.name}-{random.randint(1, 10**9)}"
            self.move = self.say(ApplyForMoveIn(home=home, applicant="王", area=9_000, **who), None)
            papers = (DocumentKind.IDENTITY, DocumentKind.COVENANT, DocumentKind.TITLE)
            self.say(CheckMoveInDocuments(documents=papers), self.move)
        elif state == "documents-checked":
            fees, deposit, advance = (random.randint(0, 50_000) for _ in range(3))
            taken = SettleMoveInFees(
                amount_fen=fees + deposit + advance,
                receipt=f"R{random.randint(1, 10**12)}",
                method=self.method,
                deposit_fen=deposit,
                advance_fen=advance,
            )
            self.say(taken, move, by="cashier")
        elif state == "fees-settled":
            self.say(InspectForMoveIn(signature="王"), move)
        elif random.random() < 0.25:
            self.say(WithdrawStep(reason="登错"), move, MANAGER, by="wang")
        elif state == "inspected" and random.random() < 0.3:
            self.say(WithdrawMoveIn(reason="不住了", method=self.method), move, by="other")
        elif state == "inspected":
            self.say(HandOverMoveInKeys(keys=("1",), signature="王"), move)
        elif state == "keys-handed-over":
            self.say(CompleteMoveIn(), move)
        else:
            kept = random.randint(0, self.rig.case(move).held_fen)
            back = RefundMoveInDeposit(deducted_fen=kept, reason="门卡遗失", method=self.method)
            self.say(back, move, by="other")

    def renovates(self) -> None:
        """Pays a deposit for a renovation, and has it back when nothing comes of it."""
        if self.work is None or self.rig.case(self.work).state == "withdrawn":
            first = local_date(self.rig.now)
            apply = ApplyForRenovation(
                home=f"home of {self.name}", scope="厨房", planned_from=first, planned_until=first + timedelta(days=40)
            )
            self.work = self.say(apply, None)
            self.say(ApproveRenovation(), self.work, HEAD)
            paid = PayRenovationDeposit(
                amount_fen=200_000, receipt=f"D{self.random.randint(1, 10**12)}", method=self.method
            )
            self.say(paid, self.work, by="cashier")
        elif self.random.random() < 0.3:
            self.say(WithdrawStep(reason="登错"), self.work, MANAGER, by="wang")
        else:
            self.say(WithdrawRenovation(reason="不装了", method=self.method), self.work, by="other")

    def elsewhere(self) -> None:
        """Pays on a bill of another system, too much at times, and has that back."""
        random = self.random
        if self.theirs is None:
            told = IssueBill(amount_fen=random.randint(1_000, 9_000), item="停车费", due_on=date(2024, 12, 15))
            self.theirs = self.say(told, f"bill-theirs-{self.name}", imported=True, source_id=self.name)
            self.say(ReceivePayment(amount_fen=random.randint(1, 900)), self.theirs, imported=True)
            return
        bill = self.rig.case(self.theirs)
        kind = random.random()
        if kind < 0.5:
            day = local_date(self.rig.now) - timedelta(days=random.randint(0, 9))
            paid = ReceivePayment(amount_fen=random.randint(1, 6_000), method=self.method, value_date=day)
            self.say(paid, self.theirs)
        elif kind < 0.75:
            fen = random.randint(1, max(-bill.outstanding_fen, 1))
            self.say(
                RefundOverpayment(amount_fen=fen, method=self.method, reason="多缴"), self.theirs, MANAGER, by="wang"
            )
        else:
            number = random.choice([0, *(payment.number for payment in bill.standing)])
            self.say(ReversePayment(payment=number, reason="假币"), self.theirs, MANAGER, by="zhao")

    def holds(self) -> None:
        """A late fee stands still for a time that may have begun before, or until further notice."""
        bill, today = self.random.choice(self.bills), local_date(self.rig.now)
        ground = self.random.choice(list(HoldGround))
        if self.random.random() < 0.5:
            since = today - timedelta(days=self.random.randint(0, 12))
            until = None if self.random.random() < 0.5 else since + timedelta(days=self.random.randint(0, 20))
            self.say(HoldLateFee(since=since, until=until, ground=ground, reason="x"), bill, MANAGER)
        else:
            self.say(EndLateFeeHold(ground=ground, until=today), bill, MANAGER)

    def errs(self) -> None:
        """The last step of a bill was a mistake."""
        self.say(WithdrawStep(reason="登错"), self.random.choice(self.bills), MANAGER, by="wang")


def agree(rig: OfficeRig) -> None:
    """All books of the money say the same, today and on days of before."""
    rows, today = report(rig, "journal"), local_date(rig.now)
    vouchers: dict[int, int] = defaultdict(int)
    drawn: dict[tuple[date, str], int] = defaultdict(int)
    for row in rows:
        moved = row["debit_fen"] - row["credit_fen"]
        vouchers[row["voucher"]] += moved
        drawn[row["entered_on"], row["account_code"]] += moved
    assert set(vouchers.values()) <= {0}
    found = balances(rows)
    days = {case["day"]: rig.case(case["case_id"]).totals for case in rig.rows("cash-days")}
    for code, methods in DRAWERS.items():
        by_day = {day: sum(totals.get(method, 0) for method in methods) for day, totals in days.items()}
        booked = {day: fen for (day, account), fen in drawn.items() if account == code and fen}
        assert booked == {day: fen for day, fen in by_day.items() if fen}, code
    assert -found["224101"] == sum(row["held_fen"] for row in rig.rows("deposits"))
    assert -found["630102"] == sum(row["deducted_fen"] for row in rig.rows("deposits"))
    assert -found["2203"] == sum(row["prepaid_fen"] for row in report(rig, "prepayments"))
    mine = [
        row
        for row in rig.rows("bills")
        if row["set_aside"] is None and row["state"] not in ("void", "written-off") and not row["imported"]
    ]
    assert found["112201"] + found["112202"] + found["112203"] == sum(row["outstanding_fen"] for row in mine)
    for back in (0, 2, 9, 30):
        _as_by_hand(rig, today - timedelta(days=back))


def _as_by_hand(rig: OfficeRig, on: date) -> None:
    """Ageing and prepayments of a day are what a reckoning of the accounts by hand comes to."""
    aged: dict[str | None, int] = defaultdict(int)
    for row in report(rig, "ageing", on=on):
        aged[row["household"]] += row["total_fen"]
    prepaid: dict[str, int] = {row["household"]: row["prepaid_fen"] for row in report(rig, "prepayments", on=on)}
    for row in rig.rows("accounts"):
        account = rig.case(row["case_id"])
        sheets, money = by_hand(account.entries, RATES, 0, Fraction("0.3"), on)
        left = sum(sheet.owed()["principal"] for sheet in sheets.values())
        assert (aged.pop(account.household, 0), prepaid.pop(account.household, 0)) == (left, money), (
            account.household,
            on,
        )
    assert not [household for household in (*aged, *prepaid) if household is not None]


def walked(rig: OfficeRig, seed: int, rounds: int) -> None:
    random = Random(seed)
    rig.set("late_fee.rate_per_day", "0.0012", date(2025, 2, 10))
    rig.set("late_fee.rate_per_day", "0.0002", date(2025, 3, 20))
    movers = [Mover(rig, f"household-{n}", random) for n in range(1, 4)]
    for each in movers:
        each.bill()
    for turn in range(rounds):
        rig.until(rig.now + timedelta(days=random.randint(1, 6)))
        for each in movers:
            each.act()
        if turn % 8 == 7:
            agree(rig)
    agree(rig)
    kinds = {entry.kind for row in rig.rows("accounts") for entry in rig.case(row["case_id"]).entries}
    assert EntryKind.BILL in kinds


def test_all_books_of_the_money_agree(rig: OfficeRig) -> None:
    walked(rig, 3, 16)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_so_they_do_over_many_histories(rig: OfficeRig, seed: int) -> None:
    walked(rig, seed, 40)
