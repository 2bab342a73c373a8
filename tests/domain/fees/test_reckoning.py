"""The reckoning of an account: every order of entry, every day, and a clerk who adds up day by day say the same."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from domain.fees.reckoning import Account, reckon
from domain.fees.terms import AllocationRule, Entry, EntryKind, FeeTerms, Move, PartOrder
from domain.handbook.settings import Change, Settings
from tests.domain.fees.by_hand import by_hand

DUE, ISSUED = date(2025, 2, 15), date(2025, 2, 1)
TERMS = FeeTerms.of(Settings())


def bill(id: str = "A", fen: int = 100_000, issued: date = ISSUED, due: date = DUE) -> Entry:
    return Entry(kind=EntryKind.BILL, day=issued, source=id, bill=id, amount_fen=fen, due_on=due)


def entry(kind: EntryKind, day: date, source: str, fen: int = 0, *, of_bill: str | None = "A", **more: Any) -> Entry:
    return Entry(kind=kind, day=day, source=source, bill=of_bill, amount_fen=fen, **more)


def paid(day: date, fen: int, source: str = "payment-1", *names: str, order: PartOrder | None = None) -> Entry:
    return Entry(kind=EntryKind.PAYMENT, day=day, source=source, amount_fen=fen, names=names, order=order)


def day(n: int) -> date:
    """The n-th day after the due day."""
    return DUE + timedelta(days=n)


def kept(*entries: Entry, until: date = date.max) -> Account:
    return reckon(entries, TERMS, until)


# -- the faults of before --------------------------------------------------------------------------------------------


def test_a_payment_that_is_entered_late_leads_to_what_it_would_have_led_to_in_time() -> None:
    """33,333 due on 15 February, 167 assessed on the 25th; then a payment with value date the 18th is entered."""
    entries = [bill(fen=33_333), entry(EntryKind.ASSESSMENT, day(10), "A#2", 167)]
    assert kept(*entries).bills["A"].assessed == {"A#2": 167}
    after = kept(*entries, paid(day(3), 33_333)).bills["A"]
    assert (after.assessed, after.owed["principal"], after.owed["penalty"]) == ({"A#2": 50}, 0, 50)


def test_a_waived_fee_that_was_paid_is_free_on_the_waivers_day_and_nothing_accrues_on_what_is_paid() -> None:
    issued = bill(fen=1_000_000)
    told = [issued, entry(EntryKind.ASSESSMENT, day(30), "A#2"), paid(day(30), 515_000, "payment-1")]
    told += [entry(EntryKind.WAIVER, day(30), "A#3", 15_000), paid(day(30), 485_000, "payment-2")]
    found = kept(*told)
    assert found.bills["A"].owed == {"costs": 0, "penalty": 0, "principal": 0}
    assert found.bills["A"].fee(TERMS, day(400)).fen == found.bills["A"].fee(TERMS, day(30)).fen == 15_000


def test_money_that_a_correction_frees_goes_to_the_rest_of_the_bill_to_other_bills_and_is_prepaid_at_last() -> None:
    other = bill("B", 20_000, due=day(30))
    told = [bill(), entry(EntryKind.COST, day(1), "A#2", 500), other, paid(day(2), 100_500, "payment-1", "A")]
    found = kept(*told, entry(EntryKind.CORRECTION, day(5), "A#3", -60_000))
    assert found.bills["A"].moves[-1].rule is AllocationRule.FREED
    assert found.bills["A"].moves[-1].principal_fen == -60_000
    assert found.bills["B"].moves[-1].principal_fen == 20_000
    assert found.prepaid == 40_000
    late = kept(*told, entry(EntryKind.COST, day(3), "A#4", 700), entry(EntryKind.CORRECTION, day(5), "A#3", -60_000))
    assert late.bills["A"].met()["costs"] == 1_200
    assert late.prepaid == 39_300


def test_a_waiver_that_is_withdrawn_never_was() -> None:
    told = [bill(), entry(EntryKind.ASSESSMENT, day(10), "A#2"), entry(EntryKind.WAIVER, day(11), "A#3", 300)]
    assert kept(*told).bills["A"].owed["penalty"] == 200
    back = entry(EntryKind.REVERSAL, day(20), "A#4", 300, of="A#3")
    assert kept(*told, back).bills["A"].owed["penalty"] == 500


def test_a_reversed_payment_never_was_and_a_void_bill_gives_its_money_back() -> None:
    told = [bill(), bill("B", 10_000, due=day(30)), paid(day(-3), 110_000)]
    reversal = Entry(kind=EntryKind.REVERSAL, day=day(20), source="payment-1#2", of="payment-1")
    assert kept(*told, reversal).bills["A"].fee(TERMS, day(10)).fen == 500
    void = Entry(kind=EntryKind.VOID, day=day(20), source="B#2", bill="B", of="B")
    assert kept(*told, void).prepaid == 10_000
    assert set(kept(*told, void).bills) == {"A"}


def test_a_refund_beyond_what_is_left_is_owed_and_later_money_makes_it_good_first() -> None:
    told = [paid(day(-10), 5_000), entry(EntryKind.REFUND, day(-9), "r", 5_000, of_bill=None)]
    reversal = Entry(kind=EntryKind.REVERSAL, day=day(-8), source="x", of="payment-1")
    assert kept(*told, reversal).prepaid == -5_000
    assert kept(*told, reversal, paid(day(0), 6_000, "payment-2")).prepaid == 1_000
    assert kept(*told).refunded == 5_000


def test_what_is_written_off_accrues_no_more_and_money_meets_it_only_when_it_names_it() -> None:
    told = [bill(), entry(EntryKind.WRITE_OFF, day(10), "A#2")]
    assert kept(*told).bills["A"].fee(TERMS, day(400)).fen == 500
    assert kept(*told, paid(day(20), 30_000)).prepaid == 30_000
    named = kept(*told, paid(day(20), 130_000, "payment-1", "A"))
    assert (named.prepaid, named.bills["A"].met(recovered=True)["principal"]) == (30_000, 100_000)
    lowered = kept(*told, entry(EntryKind.CORRECTION, day(12), "A#3", -40_000)).bills["A"]
    assert lowered.recoverable["principal"] == 60_000
    assert kept(bill()).bills["A"].recoverable["principal"] == 0


def test_what_was_paid_on_a_bill_that_was_given_up_is_free_where_a_correction_takes_off_more_than_the_loss() -> None:
    told = [bill(), paid(day(1), 90_000, "payment-1", "A"), entry(EntryKind.WRITE_OFF, day(10), "A#2")]
    told += [bill("B", 5_000, due=day(60)), paid(day(20), 4_000, "payment-2", "A")]
    lowered = kept(*told, entry(EntryKind.CORRECTION, day(30), "A#3", -7_000))
    assert (lowered.prepaid, lowered.bills["B"].met()["principal"]) == (0, 1_000)
    assert lowered.bills["A"].met(recovered=True)["principal"] == 3_000, "the loss first, then what came last"
    further = kept(*told, entry(EntryKind.CORRECTION, day(30), "A#3", -60_000))
    assert (further.prepaid, further.bills["B"].met()["principal"]) == (49_000, 5_000)
    assert (further.bills["A"].met()["principal"], further.bills["A"].recoverable["principal"]) == (40_000, 0)
    assert further.bills["A"].moves[-1].rule is AllocationRule.FREED
    within = kept(*told, entry(EntryKind.CORRECTION, day(30), "A#3", -6_000))
    assert (within.prepaid, within.bills["B"].met()["principal"]) == (0, 0), "no more than the loss: nobody's money"
    fee = entry(EntryKind.ASSESSMENT, day(9), "A#4")
    kind = kept(*told[:3], fee, entry(EntryKind.CORRECTION, day(30), "A#3", -30_000))
    assert (kind.prepaid, kind.bills["A"].recoverable["penalty"]) == (20_000, 90), "the fee that was given up stays so"


def test_a_hold_stops_the_fee_until_it_ends_and_the_end_that_was_said_counts() -> None:
    hold = entry(EntryKind.HOLD, day(5), "A#2", until=day(30))
    assert kept(bill(), hold).bills["A"].fee(TERMS, day(20)).fen == 4 * 50
    ended = entry(EntryKind.HOLD_END, day(9), "A#3", of="A#2")
    assert kept(bill(), hold, ended).bills["A"].fee(TERMS, day(20)).fen == (4 + 11) * 50


def test_an_assessment_may_be_limited_and_the_order_of_parts_agreed() -> None:
    told = [bill(), entry(EntryKind.ASSESSMENT, day(10), "A#2", 200, limited=True)]
    assert kept(*told).bills["A"].assessed == {"A#2": 200}
    agreed = kept(*told, paid(day(11), 1_000, order=PartOrder.PRINCIPAL_PENALTY_COSTS)).bills["A"]
    assert agreed.met() == {"costs": 0, "penalty": 0, "principal": 1_000}
    assert kept(*told, paid(day(11), 1_000)).bills["A"].met()["penalty"] == 200


def test_the_tenth_fact_of_a_bill_comes_after_its_ninth() -> None:
    """Two notices of one day: the first asked for the fee, and the second for nothing more."""
    told = [bill(), *(entry(EntryKind.ASSESSMENT, day(10), f"A#{place}") for place in (10, 9, 11))]
    assert kept(*told).bills["A"].assessed == {"A#9": 500, "A#10": 0, "A#11": 0}
    notice = entry(EntryKind.ASSESSMENT, day(10), "A#~")
    assert kept(notice, *told).bills["A"].assessed["A#~"] == 0, "what is being composed comes after all of its day"


def test_an_entry_of_a_bill_that_is_not_there_changes_nothing() -> None:
    assert kept(entry(EntryKind.COST, day(1), "A#2", 500)).bills == {}


def test_bills_that_are_due_on_one_day_share_in_proportion_and_a_move_says_so() -> None:
    found = kept(bill("A", 10_000), bill("B", 20_000), bill("C", 30_001), paid(day(0), 10_000))
    assert [found.bills[id].moves for id in "ABC"] == [
        [Move(day=day(0), source="payment-1", rule=AllocationRule.PROPORTION, principal_fen=fen)]
        for fen in (1_667, 3_333, 5_000)
    ]


# -- any history -----------------------------------------------------------------------------------------------------

RATES = {date(2000, 1, 1): Fraction(1, 2_000), day(20): Fraction(1, 1_000), day(45): Fraction(1, 4_000)}
_CHANGES = [Change("late_fee.rate_per_day", "0.001", day(20)), Change("late_fee.rate_per_day", "0.00025", day(45))]


def history(random: Random) -> list[Entry]:
    """Some sixty days of a household that pays now and then, whose clerks err and correct themselves."""
    bills = [f"bill-{n}" for n in range(random.randint(1, 4))]
    told = []
    for id in bills:
        issued = day(random.randint(-20, 20))
        due = issued + timedelta(days=random.choice((5, 10, 15)))
        told.append(bill(id, random.choice((0, 1, 999, 10_000, 123_456)), issued, due))
    starts = {e.source: e.day for e in told}
    for n in range(random.randint(0, 12)):
        id, on, source = random.choice(bills), day(random.randint(-15, 60)), f"{n:02}"
        kind = random.choice([k for k in EntryKind if k not in (EntryKind.BILL, EntryKind.HOLD_END)])
        of_bill = {"of_bill": id}
        if kind is EntryKind.PAYMENT:
            names = tuple(random.sample(bills, random.randint(0, len(bills)))) if random.random() < 0.5 else ()
            told.append(paid(on, random.choice((1, 500, 9_999, 150_000)), f"payment-{source}", *names))
        elif kind is EntryKind.REVERSAL:
            payments = [e.source for e in told if e.kind is EntryKind.PAYMENT]
            if payments:
                told.append(entry(kind, on, source, of_bill=None, of=random.choice(payments)))
        elif kind is EntryKind.VOID:
            if random.random() < 0.2:
                told.append(entry(kind, on, source, of=id, **of_bill))
        elif kind is EntryKind.HOLD:
            told.append(entry(kind, on, source, until=random.choice((None, on, on + timedelta(days=9))), **of_bill))
            if random.random() < 0.5:
                ends = on + timedelta(days=random.randint(0, 20))
                told.append(entry(EntryKind.HOLD_END, ends, f"{source}e", of=source, **of_bill))
        elif kind is EntryKind.REFUND:
            told.append(entry(kind, on, source, 100, of_bill=None))
        else:
            fen = random.choice((-9_000, -1, 1, 77, 5_000)) if kind is EntryKind.CORRECTION else random.choice((1, 300))
            told.append(entry(kind, max(on, starts[id]), source, fen, limited=random.random() < 0.3, **of_bill))
    return told


def check(seed: int) -> None:
    """One history, its entries in another order, every tenth day: the clerk's sheets say the same, and no fen is lost."""
    random = Random(seed)
    grace, cap = random.choice((0, 0, 5)), random.choice((Fraction(3, 10), Fraction(1, 100)))
    settings = Settings((*_CHANGES, Change("late_fee.grace_days", str(grace), date(2000, 1, 1))))
    settings = Settings((*settings.changes, Change("late_fee.cap", str(cap), date(2000, 1, 1))))
    terms, told = FeeTerms.of(settings), history(random)
    shuffled = random.sample(told, len(told))
    for until in (day(n) for n in (0, random.randint(1, 60), 75)):
        found = reckon(shuffled, terms, until)
        sheets, money = by_hand(told, RATES, grace, cap, until)
        assert (set(found.bills), found.prepaid) == (set(sheets), money), seed
        for id, sheet in sheets.items():
            mine = found.bills[id]
            assert mine.fee(terms, until).fen == sheet.accrued(cap), (seed, id, until)
            assert sum(mine.assessed.values()) == sheet.assessed, (seed, id, until)
            assert (mine.waived, mine.met(), mine.met(recovered=True)) == (sheet.waived, sheet.paid, sheet.back), seed
            assert mine.owed == sheet.owed(), (seed, id, until)
        undone = {e.of for e in told if e.kind is EntryKind.REVERSAL}
        came = sum(
            e.amount_fen for e in told if e.kind is EntryKind.PAYMENT and e.day <= until and e.source not in undone
        )
        met = sum(move.total_fen for mine in found.bills.values() for move in mine.moves)
        assert came == met + found.refunded + found.prepaid, (seed, "no fen appears or disappears")


def test_a_clerk_who_goes_day_by_day_comes_to_the_same_in_any_order_of_entry() -> None:
    for seed in range(250):
        check(seed)


@pytest.mark.long
def test_ten_thousand_histories() -> None:
    for seed in range(250, 10_250):
        check(seed)
