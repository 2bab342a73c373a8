"""A year's end after month's end by clerks who are late and err: each day is charged once, net of its corrections (§7.2).

Homes are sold, attached late, declared vacant afterwards; households are left out, bills voided, corrected and made by hand;
months are closed and opened again. What stands on the bills is then held against a reckoning by hand, day by day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby
from random import Random
from typing import Any

import pytest

from domain.fees.bill.case import VOID, Bill
from domain.fees.bill.commands.issuing import CorrectBill, IssueBill, VoidBill
from domain.fees.bill_run.case import BillRun, bill_run_id
from domain.fees.bill_run.commands.compiling import CompileBillRun, LeaveHouseholdOut, OpenBillRun
from domain.fees.bill_run.commands.delivering import CloseMonth, RecordBillDelivery, ReopenMonth
from domain.fees.bill_run.commands.reviewing import ApproveBillRun, ReviewBillRun
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import AddFeePrice, AttachHome, DeclareVacancy, EndAttachment, FeeStandard, SetFeeStandard
from domain.fees.payment import ReverseReceipt, TakePayment
from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import local_date
from domain.kernel.errors import Refusal
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from domain.residents.household.events import Occupancy
from tests.conftest import Database
from tests.office_rig import OfficeRig
from tests.projections.test_money_agrees import agree
from tests.workflows.checked_office import checked_office

CLERK, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY
FIRST = date(2025, 1, 1)
HALF = Fraction(1, 2)


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


class Estate:
    """Some homes on two standards, of which those who keep them say things late and wrongly."""

    def __init__(self, rig: OfficeRig, random: Random) -> None:
        self.rig, self.random = rig, random
        price = {"valid_from": FIRST, "reason": "责任书"}
        fee = SetFeeStandard(
            code="WY", name="物业费", kind=FeeKind.MANAGEMENT, price="2.37", vacancy_share="0.5", **price
        )  # type: ignore[arg-type]
        parking = SetFeeStandard(code="TC", name="停车费", kind=FeeKind.FIXED, price="150", **price)  # type: ignore[arg-type]
        self.fee, self.parking = (rig.do(each, as_=MANAGER).case_id for each in (fee, parking))
        self.living: dict[str, str] = {}
        self.decided: set[tuple[str, Month]] = set()
        """Of whose months somebody has decided: the next run leaves them alone."""
        self.payments: list[str] = []
        for number in range(4):
            home = f"7-10{number}"
            self.living[home] = self._moves_in(home)
            self._attach(self.fee, home, FIRST)

    @property
    def today(self) -> date:
        return local_date(self.rig.now)

    def _moves_in(self, home: str) -> str:
        file = OpenHousehold(home=home, occupancy=Occupancy.OWNER, name="王", building="7")
        return self.rig.do(file, as_=CLERK).case_id

    def _attach(self, standard: str, home: str, first: date, last: date | None = None) -> None:
        quantity = self.random.randint(3_000, 15_000) if standard == self.fee else 100
        place = AttachHome(home=home, household=self.living[home], quantity=quantity, first=first, last=last)
        self.rig.do(place, as_=CLERK, on=standard)

    def _lately(self) -> date:
        """A day of the last two months or so; never before the office."""
        return max(FIRST, self.today - timedelta(days=self.random.randint(0, 70)))

    def act(self) -> None:
        """Something that is entered; what the rules refuse did not happen."""
        acts = (
            self.sold,
            self.remeasured,
            self.parks,
            self.stands_empty,
            self.dearer,
            self.pays,
            self.pays,
            self.decides,
        )
        with suppress(Refusal):
            self.random.choice(acts)()

    def _home(self) -> str:
        return self.random.choice(list(self.living))

    def _ends(self, home: str, last: date) -> None:
        """The home's place on the management standard, of which one always lasts, ends."""
        places = self.rig.case(self.fee).attachments.values()
        number = next(each.number for each in places if each.home == home and each.last is None)
        self.rig.do(EndAttachment(number=number, last=last), as_=CLERK, on=self.fee)

    def sold(self) -> None:
        """The seller goes; the buyer's days begin with the sale, which is entered some time later."""
        home, day = self._home(), self._lately()
        self._ends(home, day - timedelta(days=1))
        self.rig.do(MoveHouseholdOut(), as_=CLERK, on=self.living[home])
        self.living[home] = self._moves_in(home)
        self._attach(self.fee, home, day)

    def remeasured(self) -> None:
        home, day = self._home(), self._lately()
        self._ends(home, day - timedelta(days=1))
        self._attach(self.fee, home, day)

    def parks(self) -> None:
        first = self._lately()
        last = first + timedelta(days=self.random.randint(0, 90)) if self.random.random() < 0.7 else None
        self._attach(self.parking, self._home(), first, last)

    def stands_empty(self) -> None:
        first = self._lately()
        last = first + timedelta(days=self.random.randint(0, 60))
        said = DeclareVacancy(home=self._home(), first=first, last=last, declaration="申报表")
        self.rig.do(said, as_=CLERK, on=self.fee)

    def dearer(self) -> None:
        day = self.today + timedelta(days=self.random.randint(1, 30))
        price = f"{self.random.randint(150, 290) / 100:.2f}"
        self.rig.do(AddFeePrice(price=price, valid_from=day, reason="调价"), as_=MANAGER, on=self.fee)

    def pays(self) -> None:
        household = self.living[self._home()]
        if self.payments and self.random.random() < 0.2:
            back = self.random.choice(self.payments)
            self.rig.do(ReverseReceipt(reason="退票"), as_=MANAGER, by="zhao", on=back)
            return
        fen = self.random.randint(1_000, 60_000)
        paid = TakePayment(household=household, amount_fen=fen, method=PaymentMethod.TRANSFER)
        self.payments.append(self.rig.do(paid, as_=CLERK).case_id)

    def decides(self) -> None:
        """A bill of a run is voided or corrected by hand."""
        bills = [bill for bill in self.bills() if bill.period is not None and bill.state != VOID]
        if not bills:
            return
        bill = self.random.choice(bills)
        assert bill.household is not None
        assert bill.period is not None
        if self.random.random() < 0.5:
            self.rig.do(VoidBill(reason="误出"), as_=MANAGER, by="wang", on=bill.id)
        else:
            less = CorrectBill(item="更正", amount_fen=-self.random.randint(1, 900), reason="停水", from_start=True)
            self.rig.do(less, as_=MANAGER, by="wang", on=bill.id)
        months = {Month.of(line.first) for line in bill.lines if line.standard and line.first}
        self.decided |= {(bill.household, month) for month in {*months, Month.parse(bill.period)}}

    def bills(self) -> list[Bill]:
        return [self.rig.case(row["case_id"]) for row in self.rig.rows("bills")]

    def month_end(self, month: Month, *, quiet: bool = False) -> BillRun:
        """The month's run from its first look to the last notice; then, mostly, the month is closed."""
        rig, random, run = self.rig, self.random, bill_run_id("XH", str(month))
        rig.until(rig.now.replace(year=month.year, month=month.month, day=month.last.day, hour=2))
        with suppress(Refusal):
            rig.do(OpenBillRun(month=month.first), as_=CLERK)
        for _ in range(random.randint(1, 2)):
            rig.now += timedelta(minutes=1)
            rig.do(CompileBillRun(), as_=CLERK, by="li", on=run)
            rig.now += timedelta(minutes=1)
            rig.clock.catch_up(rig.now, office="XH")
        if not quiet and random.random() < 0.5:
            household = random.choice(list(rig.case(run).drafts))
            rig.do(LeaveHouseholdOut(household=household, reason="待核"), as_=CLERK, on=run)
            if random.random() < 0.3:
                rig.do(IssueBill(household=household, period=str(month), item="物业费", amount_fen=9_999), as_=CLERK)
                self.decided.add((household, month))
        rig.do(ReviewBillRun(remark="已核对"), as_=MANAGER, by="wang", on=run)
        rig.do(ApproveBillRun(), as_=COMPANY, by="zhao", on=run)
        rig.now += timedelta(minutes=1)
        rig.clock.catch_up(rig.now, office="XH")
        if rig.case(run).undelivered:
            rig.do(RecordBillDelivery(households=tuple(rig.case(run).undelivered)), as_=CLERK, on=run)
        if random.random() < 0.7:
            rig.do(CloseMonth(), as_=MANAGER, by="wang", on=run)
            self._closed(run, month)
        return rig.case(run)  # type: ignore[no-any-return]

    def _closed(self, run: str, month: Month) -> None:
        """No bill of a closed month is made any more; the company alone opens it again."""
        late = IssueBill(household=self.living["7-100"], period=str(month), item="补", amount_fen=1)
        with pytest.raises(Refusal, match="已关账"):
            self.rig.do(late, as_=CLERK)
        if self.random.random() < 0.3:
            self.rig.do(ReopenMonth(reason="漏一户"), as_=COMPANY, by="zhao", on=run)
            self.rig.do(CloseMonth(), as_=MANAGER, by="wang", on=run)


def by_hand(standard: FeeStandard, household: str, month: Month) -> int:
    """What the standard charges a household for a month (fen): its days one by one, those in a row that are alike rounded once."""
    total = 0
    for place in standard.attachments.values():
        if place.household != household:
            continue
        days = []
        for day in month:
            if place.first <= day <= (place.last or date.max):
                price = max((v for v in standard.versions if v.valid_from <= day), key=lambda v: v.valid_from)
                empty = any(v.home == place.home and v.first <= day <= v.last for v in standard.vacancies)
                days.append((day, (price.valid_from, price.price, empty)))
        runs = groupby(enumerate(days), key=lambda each: (each[1][0].toordinal() - each[0], each[1][1]))
        for (_, (_, yuan, empty)), those in runs:
            share = HALF if empty and standard.vacancy_share == "0.5" else 1
            exact = Fraction(place.quantity, 100) * Fraction(yuan) * 100 * share * len(list(those)) / month.days
            total += int(exact + HALF)
    return total


def charged(estate: Estate) -> dict[tuple[str, str, Month], int]:
    """Household, standard and month → what its bills that stand charge for it, with what corrects it (fen)."""
    bills = {bill.id: bill for bill in estate.bills() if bill.state != VOID}
    found: dict[tuple[str, str, Month], int] = defaultdict(int)
    for bill in bills.values():
        for line in bill.lines:
            of: Any = line
            if line.corrects is not None:
                if line.corrects.bill not in bills:
                    continue
                of = bills[line.corrects.bill].lines[line.corrects.line - 1]
            if of.standard is not None:
                assert bill.household is not None
                found[bill.household, of.standard, Month.of(of.first)] += line.amount_fen
    return found


def walked(rig: OfficeRig, seed: int, months: int) -> None:
    random = Random(seed)
    estate = Estate(rig, random)
    month = Month(2025, 1)
    runs = []
    for _ in range(months):
        begun = rig.now
        for _ in range(random.randint(1, 5)):
            rig.until(begun + timedelta(days=random.randint(1, 25)))
            estate.act()
        estate.month_end(month)
        runs.append(month)
        month = month.next()
    last = estate.month_end(month, quiet=True)
    runs.append(month)
    found, waiting = charged(estate), {name: draft.uncredited_fen or 0 for name, draft in last.drafts.items()}
    wrong: dict[str, int] = defaultdict(int)
    for standard in (rig.case(estate.fee), rig.case(estate.parking)):
        for household in {each.household for each in standard.attachments.values()}:
            for each in runs:
                if (household, each) in estate.decided:
                    continue
                off = found[household, standard.id, each] - by_hand(standard, household, each)
                assert off >= 0, (household, standard.name, str(each), off)
                wrong[household] += off
    assert dict(wrong) == {household: waiting.get(household, 0) for household in wrong}
    _says_what_was_spared(estate, last, found)
    agree(rig)


def _says_what_was_spared(estate: Estate, last: BillRun, found: dict[tuple[str, str, Month], int]) -> None:
    """Where the last run shows what somebody has decided not to bill, it is what the reckoning finds."""
    standards = [estate.rig.case(each) for each in (estate.fee, estate.parking)]
    for household, draft in last.drafts.items():
        months = [month for whose, month in estate.decided if whose == household]
        spared = sum(
            max(by_hand(standard, household, month) - found[household, standard.id, month], 0)
            for standard in standards
            for month in months
        )
        assert draft.unbilled_fen in (None, spared), (household, months)


def test_every_day_is_charged_once_however_late_it_was_known(rig: OfficeRig) -> None:
    walked(rig, 1, 4)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 14))
def test_so_it_is_over_many_years(rig: OfficeRig, seed: int) -> None:
    walked(rig, seed, 7)
