"""The reference rate of a late fee (合同编通则解释65): a year's rate over 365 days, dated like the agreed one, and without a cap."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from domain.fees.terms import FeeTerms
from domain.handbook.settings import Change, Settings
from domain.kernel.late_fee import Movement

BILLED = [Movement(date(2025, 1, 31), charged=365_000)]
DUE = date(2025, 2, 15)


def test_each_day_bears_a_365th_of_that_days_yearly_rate() -> None:
    settings = Settings((Change("late_fee.reference_rate_per_year", "0.06", date(2025, 2, 26)),))
    terms = FeeTerms.reference(settings)
    fee = terms.fee(BILLED, DUE, date(2025, 3, 7))
    assert fee.exact == 365_000 * (10 * Fraction(3, 100) + 10 * Fraction(6, 100)) / 365
    assert fee.fen == 900


def test_no_cap_ends_it_and_the_grace_is_the_agreed_one() -> None:
    settings = Settings((Change("late_fee.grace_days", "5", date(2000, 1, 1)),))
    agreed, reference = FeeTerms.of(settings), FeeTerms.reference(settings)
    assert [terms.fee(BILLED, DUE, date(2025, 2, 20)).fen for terms in (agreed, reference)] == [0, 0]
    late = date(2045, 2, 20)
    assert agreed.fee(BILLED, DUE, late).fen == 365_000 * 30 // 100
    assert reference.fee(BILLED, DUE, late).fen == 365_000 * 3 * (late - date(2025, 2, 20)).days // 36_500
