"""Reports and the journal over random histories on a real book: whatever is entered, in whatever order, the sums agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from domain.fees.account import HouseholdAccount, PayRefund, RequestRefund, account_id
from domain.fees.bill.commands.issuing import AddBillCharge, CorrectBill, IssueBill, VoidBill, WriteOffBill
from domain.fees.bill.commands.late_fee import AssessLateFee, WaiveLateFee, WithdrawWaiver
from domain.fees.bill.commands.payment import ReceivePayment, ReversePayment
from domain.fees.payment import ReverseReceipt, TakePayment
from domain.fees.terms import FeeTerms, PaymentMethod
from domain.kernel.calendar import local_date
from domain.kernel.errors import Refusal
from domain.kernel.mending import WithdrawAsMistaken
from domain.kernel.people import Role
from projections.reports.index import REPORTS
from projections.reports.report import Asked
from tests.conftest import Database
from tests.office_rig import OfficeRig
from tests.workflows.checked_office import checked_office

CLERK, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY
FIRST = date(2025, 1, 1)


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def last_page(rig: OfficeRig) -> int:
    return rig.facts()[-1].number


def report(rig: OfficeRig, name: str, **more: Any) -> list[dict[str, Any]]:
    """A report's rows; today and as the book stands, unless something else is said."""
    found, today = REPORTS[name], local_date(rig.now)
    said = {"page": last_page(rig), "on": today, "since": FIRST, "until": today, "by": found.groups[0], **more}
    with rig.pool.connection() as connection:
        rows = list(found.rows(connection, Asked(office="XH", **said)))
    return [dict(zip(found.columns, row, strict=True)) for row in rows]


class Household:
    """Somebody whose bills and payments are entered at random, by clerks who err and correct themselves."""

    def __init__(self, rig: OfficeRig, name: str, random: Random) -> None:
        self.rig, self.name, self.random = rig, name, random
        self.bills: list[str] = []
        self.payments: list[str] = []

    def act(self) -> None:
        """One step; what the rules refuse did not happen."""
        steps = (self.bill, self.pay, self.pay, self.on_bill, self.on_bill, self.take_back, self.refund)
        with suppress(Refusal):
            self.random.choice(steps)()

    def bill(self) -> None:
        due = local_date(self.rig.now) + timedelta(days=self.random.randint(0, 20))
        command = IssueBill(household=self.name, due_on=due, amount_fen=self.random.randint(1, 90_000), item="费")
        self.bills.append(self.rig.do(command, as_=CLERK).case_id)

    def pay(self) -> None:
        random, today = self.random, local_date(self.rig.now)
        day, fen = today - timedelta(days=random.randint(0, 15)), random.randint(1, 60_000)
        if self.bills and random.random() < 0.3:
            bill = random.choice(self.bills)
            self.rig.do(ReceivePayment(amount_fen=fen, method="微信", value_date=day), as_=CLERK, on=bill)
            return
        named = tuple(random.sample(self.bills, random.randint(0, len(self.bills))))
        method = random.choice(list(PaymentMethod))
        command = TakePayment(household=self.name, amount_fen=fen, method=method, value_date=day, bills=named)
        self.payments.append(self.rig.do(command, as_=CLERK).case_id)

    def on_bill(self) -> None:
        random, bill = self.random, self.random.choice(self.bills or ["bill-0"])
        command, role = random.choice(
            (
                (AddBillCharge(item="邮费", amount_fen=random.randint(1, 900)), CLERK),
                (CorrectBill(item="更正", amount_fen=random.randint(-20_000, 5_000), reason="x"), MANAGER),
                (CorrectBill(item="更正", amount_fen=-random.randint(1, 9_000), reason="x", from_start=True), MANAGER),
                (AssessLateFee(), CLERK),
                (AssessLateFee(), CLERK),
                (WaiveLateFee(amount_fen=random.randint(1, 300), reason="x"), MANAGER),
                (WithdrawWaiver(waiver=self._waiver(bill), reason="x"), COMPANY),
                (VoidBill(reason="x"), MANAGER),
                (WriteOffBill(reason="x"), COMPANY),
                (WithdrawAsMistaken(reason="x"), MANAGER),
            )
        )
        self.rig.do(command, as_=role, by=role, on=bill)

    def _waiver(self, bill: str) -> int:
        return self.random.choice([*self.rig.case(bill).waivers, 0])

    def take_back(self) -> None:
        if self.payments and self.random.random() < 0.7:
            back = self.random.choice(self.payments)
            self.rig.do(ReverseReceipt(reason="退票"), as_=MANAGER, by="manager", on=back)
            return
        bill = self.random.choice(self.bills or ["bill-0"])
        standing = self.rig.case(bill).standing
        number = self.random.choice(standing).number if standing else 0
        self.rig.do(ReversePayment(payment=number, reason="退票"), as_=MANAGER, by="manager", on=bill)

    def refund(self) -> None:
        account = account_id("XH", self.name)
        prepaid = self.rig.case(account).prepaid_fen
        self.rig.do(
            RequestRefund(amount_fen=self.random.randint(1, max(prepaid, 1)), reason="x"), as_=CLERK, on=account
        )
        number = self.rig.case(account).refunds_asked
        pays = PayRefund(number=number, method=PaymentMethod.TRANSFER)
        self.rig.do(pays, as_=MANAGER, by="manager", on=account)


def balances(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Account code → debit less credit."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[row["account_code"]] += row["debit_fen"] - row["credit_fen"]
    return found


def check(rig: OfficeRig, households: list[Household]) -> None:
    """The journal balances voucher by voucher, and its accounts are what bills and accounts say."""
    rows, today = report(rig, "journal"), local_date(rig.now)
    vouchers: dict[int, int] = defaultdict(int)
    for row in rows:
        assert min(row["debit_fen"], row["credit_fen"]) == 0 < max(row["debit_fen"], row["credit_fen"])
        vouchers[row["voucher"]] += row["debit_fen"] - row["credit_fen"]
    assert set(vouchers.values()) <= {0}
    found = balances(rows)
    owed = [
        row for row in rig.rows("bills") if row["set_aside"] is None and row["state"] not in ("void", "written-off")
    ]
    assert sum(fen for code, fen in found.items() if code.startswith("1122")) == sum(b["outstanding_fen"] for b in owed)
    assert found["112201"] == sum(b["principal_left_fen"] for b in owed)
    assert -found["2203"] == sum(row["prepaid_fen"] for row in rig.rows("accounts"))
    assert sum(row["total_fen"] for row in report(rig, "ageing")) == found["112201"]
    _on_past_days(rig, households, today)


def _on_past_days(rig: OfficeRig, households: list[Household], today: date) -> None:
    """On every day asked for, ageing and prepayments are what the accounts come to at the end of that day."""
    terms = FeeTerms.of(rig.handler.settings("XH"))
    for back in (0, 3, 17):
        on = today - timedelta(days=back)
        aged = {row["household"]: row["total_fen"] for row in report(rig, "ageing", on=on)}
        prepaid = {row["household"]: row["prepaid_fen"] for row in report(rig, "prepayments", on=on)}
        for each in households:
            account: HouseholdAccount = rig.case(account_id("XH", each.name))
            kept = account.reckoned(terms, on)
            left = sum(bill.owed["principal"] for bill in kept.bills.values())
            assert (aged.get(each.name, 0), prepaid.get(each.name, 0)) == (left, kept.prepaid), (each.name, on)


def played(rig: OfficeRig, seed: int, rounds: int) -> None:
    random = Random(seed)
    households = [Household(rig, f"household-{n}", random) for n in range(1, 4)]
    for each in households:
        each.bill()
    frozen: list[dict[str, Any]] = []
    for turn in range(rounds):
        rig.until(rig.now + timedelta(days=random.randint(1, 6)))
        for each in households:
            each.act()
        if turn == rounds // 2:
            month_end = local_date(rig.now)
            rig.until(rig.now + timedelta(days=1))
            frozen = report(rig, "journal", until=month_end)
    check(rig, households)
    assert frozen == report(rig, "journal", until=month_end), "what was handed over never changes"


def test_the_journal_balances_and_its_receivables_are_what_the_bills_say(rig: OfficeRig) -> None:
    played(rig, 7, 12)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_so_it_does_over_many_histories(rig: OfficeRig, seed: int) -> None:
    played(rig, seed, 30)
