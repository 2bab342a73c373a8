"""The late fee 滞纳金: each defect seen in real systems is a test here."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.late_fee import LateFeeSpan, Movement, late_fee, late_fee_spans
from domain.kernel.money import Fen, rounded

RATE, CAP = Fraction(5, 10_000), Fraction(30, 100)
RATES = ((date.min, RATE),)
DUE = date(2026, 1, 15)
BILLED = Movement(date(2026, 1, 1), charged=100_000)


def day(n: int) -> date:
    """The n-th day after the due date."""
    return DUE + timedelta(days=n)


def fee(*movements: Movement, until: int, grace: int = 0, cap: Fraction = CAP, rate: Fraction = RATE) -> Fen:
    return late_fee((BILLED, *movements), DUE, grace, ((date.min, rate),), cap, day(until)).fen


def test_the_due_day_bears_no_fee_and_the_day_after_it_is_the_first() -> None:
    """A defect seen elsewhere: the fee starts one period early."""
    assert fee(until=-1) == 0
    assert fee(until=0) == 0
    assert fee(until=1) == 50


def test_days_of_grace_bear_no_fee() -> None:
    assert fee(until=5, grace=5) == 0
    assert fee(until=6, grace=5) == 50


def test_after_a_part_payment_only_what_is_still_owed_bears_the_fee() -> None:
    """A defect seen elsewhere: the full bill is charged after part payment."""
    paid = Movement(day(10), paid=60_000)
    assert fee(paid, until=20) == 10 * 50 + 10 * 20


def test_a_payment_of_one_fen_does_not_stop_the_fee() -> None:
    """A defect seen elsewhere: one fen paid stops it."""
    assert fee(Movement(day(10), paid=1), until=20) == rounded(RATE * (10 * 100_000 + 10 * 99_999)) == 1000


def test_the_fee_ends_on_the_payments_value_date_and_is_not_lost_with_the_principal() -> None:
    """A defect seen elsewhere: the fee is lost once the principal is paid."""
    paid = Movement(day(10), paid=100_000)
    assert fee(paid, until=10) == 10 * 50
    assert fee(paid, until=100) == 10 * 50


def test_paid_on_the_due_day_bears_nothing_and_one_day_late_bears_one_day() -> None:
    assert fee(Movement(day(0), paid=100_000), until=100) == 0
    assert fee(Movement(day(1), paid=100_000), until=100) == 50


def test_the_rate_is_not_rounded_by_anything() -> None:
    """A defect seen elsewhere: 0.05 % a day becomes 0.1 %, or 0.0525 % becomes 0.05 %."""
    assert fee(until=100) == 5_000
    assert fee(until=100, rate=Fraction(525, 1_000_000)) == 5_250


def test_the_fee_bears_no_fee() -> None:
    """A defect seen elsewhere: compounding."""
    assert fee(until=400) == 4 * fee(until=100)


def test_the_fee_is_rounded_once_and_not_every_day() -> None:
    small = (Movement(date(2026, 1, 1), charged=999),)  # 0.4995 fen a day
    assert late_fee(small, DUE, 0, RATES, CAP, day(1)).fen == 0
    assert late_fee(small, DUE, 0, RATES, CAP, day(100)).fen == 50


def test_the_fee_is_capped_at_a_share_of_the_bills_principal() -> None:
    assert fee(until=599) == 29_950
    assert fee(until=600) == 30_000
    assert fee(until=5_000) == 30_000


def test_the_cap_stays_that_of_the_bill_after_part_payment() -> None:
    assert fee(Movement(day(590), paid=90_000), until=5_000) == 30_000


def test_the_cap_is_not_exceeded_by_part_of_a_fen() -> None:
    assert late_fee((Movement(date(2026, 1, 1), charged=105),), DUE, 0, RATES, CAP, day(5_000)).fen == 31


def test_a_correction_changes_what_is_owed_from_its_day_on() -> None:
    lowered = Movement(day(10), charged=-40_000)
    assert fee(lowered, until=20) == 10 * 50 + 10 * 30
    assert fee(lowered, until=5_000) == 18_000  # 30 % of 600.00


def test_a_bill_corrected_to_nothing_bears_no_more_than_nothing() -> None:
    assert fee(Movement(day(10), charged=-100_001), until=20) == 0


def test_a_bill_paid_too_much_for_a_while_earns_nothing_back() -> None:
    paid, taken_back = Movement(day(10), paid=150_000), Movement(day(20), paid=-150_000)
    assert fee(paid, taken_back, until=30) == 20 * 50


def test_a_reversed_payment_is_as_if_it_had_not_been() -> None:
    paid, reversed_ = Movement(day(10), paid=100_000), Movement(day(10), paid=-100_000)
    assert fee(paid, reversed_, until=20) == fee(until=20)


def test_a_dispute_or_a_hardship_stops_the_fee_while_it_lasts() -> None:
    held = [(day(5), day(9)), (day(8), day(10))]  # six days, though two are held twice
    assert late_fee((BILLED,), DUE, 0, RATES, CAP, day(20), held).fen == 14 * 50
    assert late_fee((BILLED,), DUE, 0, RATES, CAP, day(20), [(day(5), None)]).fen == 4 * 50
    assert late_fee((BILLED,), DUE, 0, RATES, CAP, day(20), [(day(-30), day(-1))]).fen == 20 * 50


def test_a_notice_can_show_every_span_of_days_that_it_claims() -> None:
    spans = late_fee_spans((BILLED, Movement(day(10), paid=60_000)), DUE, 2, RATES, day(20), [(day(15), day(16))])
    assert spans == (
        LateFeeSpan(day(3), day(10), 100_000, RATE),
        LateFeeSpan(day(11), day(14), 40_000, RATE),
        LateFeeSpan(day(17), day(20), 40_000, RATE),
    )
    assert [span.days for span in spans] == [8, 4, 4]


@given(
    st.lists(
        st.builds(Movement, st.integers(-20, 60).map(day), st.integers(-60_000, 60_000), st.integers(-60_000, 120_000)),
        max_size=6,
    ),
    st.lists(st.tuples(st.integers(-20, 60), st.one_of(st.none(), st.integers(0, 20))), max_size=3),
    st.integers(0, 10),
    st.integers(-5, 60),
    st.lists(st.tuples(st.integers(-5, 60), st.fractions(0, Fraction(1, 50), max_denominator=10_000)), max_size=3),
)
def test_the_fee_is_what_a_clerk_would_add_up_day_by_day(
    movements: list[Movement],
    held: list[tuple[int, int | None]],
    grace: int,
    until: int,
    changes: list[tuple[int, Fraction]],
) -> None:
    movements = [BILLED, *movements]
    holds = [(day(first), None if length is None else day(first + length)) for first, length in held]
    rates = ((date.min, RATE), *((day(since), rate) for since, rate in sorted(dict(changes).items())))
    total = Fraction(0)
    for n in range(grace + 1, until + 1):
        if not any(first <= day(n) and (last is None or day(n) <= last) for first, last in holds):
            rate = next(rate for since, rate in reversed(rates) if since <= day(n))
            total += rate * max(0, sum(m.charged - m.paid for m in movements if m.day < day(n)))
    most = 100 * max(0, sum(m.charged for m in movements if m.day <= day(until)))  # whole fen, as the cap is whole
    assert late_fee(iter(movements), DUE, grace, rates, Fraction(100), day(until), iter(holds)).fen == min(
        rounded(total), most
    )


def test_each_day_bears_its_own_days_rate() -> None:
    """A defect seen here before: the rate of the day on which it was assessed was taken for every day."""
    billed = (Movement(date(2025, 2, 1), charged=70_000),)
    rates = ((date(2025, 2, 1), Fraction(7, 10_000)), (date(2025, 3, 25), Fraction(1, 1_000)))
    found = late_fee(billed, date(2025, 2, 15), 0, rates, CAP, date(2025, 3, 31))
    assert found.fen == 37 * 49 + 7 * 70 == 2_303
    assert [(span.days, span.rate) for span in found.spans] == [(37, Fraction(7, 10_000)), (7, Fraction(1, 1_000))]


def test_a_rate_that_rises_and_one_that_falls_change_nothing_of_the_days_before() -> None:
    billed = (Movement(date(2025, 2, 1), charged=1_000_000),)
    due = date(2025, 2, 15)
    rises = ((date.min, RATE), (date(2025, 4, 1), Fraction(1, 1_000)))
    falls = ((date.min, RATE), (date(2025, 3, 2), Fraction(1, 10_000)))
    assert late_fee(billed, due, 0, rises, CAP, date(2025, 4, 10)).fen == 44 * 500 + 10 * 1_000
    assert late_fee(billed, due, 0, falls, CAP, date(2025, 4, 10)).fen == 14 * 500 + 40 * 100
