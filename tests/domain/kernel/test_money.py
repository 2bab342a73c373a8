"""Money to the fen: bills, capital characters and the order of payments."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import Malformed
from domain.kernel.money import (
    Allocated,
    Allocation,
    Debt,
    Fen,
    allocate,
    capital,
    exact_line,
    line,
    parse_area,
    parse_yuan,
    prorate,
    rounded,
    shares,
    yuan,
)

AMOUNTS = st.integers(-(10**14), 10**14)


@pytest.mark.parametrize(
    ("fen", "text"), [(123450, "1,234.50"), (0, "0.00"), (5, "0.05"), (-5, "-0.05"), (100_000_000_00, "100,000,000.00")]
)
def test_fen_are_written_as_yuan(fen: Fen, text: str) -> None:
    assert yuan(fen) == text


@given(AMOUNTS)
def test_what_is_written_can_be_read_again(fen: Fen) -> None:
    assert parse_yuan(yuan(fen)) == fen
    assert parse_yuan(yuan(fen).replace(",", "")) == fen


@pytest.mark.parametrize(("text", "fen"), [("12", 1200), ("12.5", 1250), ("1,234.50", 123450), ("-3.20", -320)])
def test_yuan_are_read_as_people_write_them(text: str, fen: Fen) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    ["1.005", "1e3", "nan", "inf", "12,34", "1,2345", "+5", "1.", ".5", "¥5", "１２", "-", "", " 5", "5\n", "9" * 16],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_yuan(text)
    assert refused.value.field == "amount"


def test_areas_are_read_in_hundredths_of_a_square_metre() -> None:
    assert parse_area("89.5") == 8950
    for text in ("-89.5", "89.555", "big"):
        with pytest.raises(Malformed) as refused:
            parse_area(text)
        assert refused.value.field == "area"


@pytest.mark.parametrize(
    ("exact", "fen"),
    [(Fraction(1, 2), 1), (Fraction(3, 2), 2), (Fraction(5, 2), 3), (Fraction(49, 100), 0), (Fraction(-1, 2), -1)],
)
def test_half_a_fen_is_rounded_up_and_a_correction_undoes_its_line(exact: Fraction, fen: Fen) -> None:
    assert rounded(exact) == fen
    assert rounded(-exact) == -fen


@given(st.fractions(-(10**9), 10**9))
def test_rounding_never_moves_more_than_half_a_fen(exact: Fraction) -> None:
    assert abs(rounded(exact) - exact) <= Fraction(1, 2)


def test_a_line_is_area_times_price_times_coefficient_rounded_once() -> None:
    assert line(8950, 235) == 21033  # 89.50 m² at 2.35 yuan: 210.325
    assert line(8950, 235, Fraction(7, 10)) == 14723  # 147.2275, and not 210.33 × 0.7
    assert line(8950, Fraction(1985, 10)) == 17766  # 1.985 yuan a m²: 177.6575


def test_a_month_split_between_two_owners_is_rounded_only_where_a_line_is_written() -> None:
    month = exact_line(8950, 235)
    first, second = prorate(month, 10, 30), prorate(month, 20, 30)
    assert first + second == month
    assert (rounded(first), rounded(second)) == (7011, 14022)


@given(st.integers(0, 10**9), st.integers(1, 366), st.data())
def test_the_shares_of_a_period_make_up_the_whole(amount: Fen, of_days: int, data: st.DataObject) -> None:
    days = data.draw(st.integers(0, of_days))
    assert prorate(amount, days, of_days) + prorate(amount, of_days - days, of_days) == amount


@pytest.mark.parametrize(("days", "of_days"), [(-1, 30), (31, 30), (0, 0)])
def test_there_is_no_share_of_days_that_a_period_does_not_have(days: int, of_days: int) -> None:
    with pytest.raises(ValueError, match="no share of a period"):
        prorate(100, days, of_days)


@pytest.mark.parametrize("weights", [{}, {"1-101": 0}, {"1-101": 5, "1-102": -1}])
def test_a_cost_is_shared_by_what_weighs_something(weights: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="nothing to share by"):
        shares(100, weights)


def test_odd_fen_go_to_the_largest_remainders() -> None:
    assert shares(301, {"1-101": 1, "1-102": 1, "1-103": 0}) == {"1-101": 151, "1-102": 150, "1-103": 0}


# -- 人民币大写 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (100530, "壹仟零伍元叁角整"),
        (140950, "壹仟肆佰零玖元伍角整"),
        (600714, "陆仟零柒元壹角肆分"),
        (168032, "壹仟陆佰捌拾元叁角贰分"),
        (10700053, "壹拾万柒仟元伍角叁分"),
        (1640902, "壹万陆仟肆佰零玖元零贰分"),
        (32504, "叁佰贰拾伍元零肆分"),
        (1000, "壹拾元整"),
        (2000000500, "贰仟万零伍元整"),
        (10000500000, "壹亿零伍仟元整"),
        (100_000_000_00, "壹亿元整"),
        (10**14, "壹万亿元整"),
        (50, "伍角整"),
        (5, "伍分"),
        (0, "零元整"),
        (-100530, "负壹仟零伍元叁角整"),
    ],
)
def test_receipts_carry_capital_characters(fen: Fen, text: str) -> None:
    assert capital(fen) == text


def read_capital(text: str) -> Fen:
    """The opposite of ``capital``, for the test alone: add up digit × place."""
    sign, text = (-1, text[1:]) if text.startswith("负") else (1, text)
    total = section = below = digit = 0
    fen = 0
    for sign_ in text:
        if sign_ in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(sign_)
        elif sign_ in "拾佰仟":
            section, digit = section + digit * 10 ** ("拾佰仟".index(sign_) + 1), 0
        elif sign_ == "万":
            below, section, digit = below + (section + digit) * 10**4, 0, 0
        elif sign_ == "亿":
            total, below, section, digit = (below + section + digit) * 10**8, 0, 0, 0
        elif sign_ == "元":
            fen, section, digit = (total + below + section + digit) * 100, 0, 0
        elif sign_ in "角分":
            fen, digit = fen + digit * (10 if sign_ == "角" else 1), 0
    return sign * fen


@given(st.one_of(AMOUNTS, st.integers(-(10**18) + 1, 10**18 - 1)))
def test_capital_characters_say_exactly_the_amount(fen: Fen) -> None:
    text = capital(fen)
    assert read_capital(text) == fen
    assert "零零" not in text
    assert text.endswith("整") == (fen % 10 == 0)


def test_no_office_collects_ten_quadrillion_yuan() -> None:
    with pytest.raises(ValueError, match="too large"):
        capital(10**18)


# -- 清偿顺序 --------------------------------------------------------------------------------------------------------

DUE = date(2026, 1, 15)
OCTOBER = Debt("october", date(2026, 11, 15), principal=10_000, penalty=300, costs=200)
NOVEMBER = Debt("november", date(2026, 12, 15), principal=10_000)
PARKING = Debt("parking", date(2026, 12, 15), principal=5_000)


def test_a_payment_meets_costs_then_the_late_fee_then_the_principal() -> None:
    assert allocate(1_000, [OCTOBER]) == Allocated(
        (
            Allocation("october", "costs", 200),
            Allocation("october", "penalty", 300),
            Allocation("october", "principal", 500),
        ),
        0,
    )


def test_an_office_may_have_agreed_that_the_principal_comes_first() -> None:
    paid = allocate(1_000, [OCTOBER], order=("principal", "penalty", "costs"))
    assert paid.allocations == (Allocation("october", "principal", 1_000),)


def test_what_fell_due_first_is_paid_first() -> None:
    paid = allocate(11_000, [NOVEMBER, OCTOBER])
    assert [(a.debt, a.amount) for a in paid.allocations] == [
        ("october", 200),
        ("october", 300),
        ("october", 10_000),
        ("november", 500),
    ]


def test_the_payers_own_words_come_before_the_dates() -> None:
    paid = allocate(6_000, [OCTOBER, NOVEMBER, PARKING], instructed=("parking", "november"))
    assert paid.allocations == (Allocation("parking", "principal", 5_000), Allocation("november", "principal", 1_000))


def test_debts_of_one_day_share_in_proportion() -> None:
    paid = allocate(100, [PARKING, NOVEMBER])
    assert paid.allocations == (Allocation("parking", "principal", 33), Allocation("november", "principal", 67))


def test_an_odd_fen_goes_to_the_largest_remainder_and_among_equals_by_name() -> None:
    twins = [Debt(id, DUE, principal=100) for id in ("b", "a", "c")]
    assert [(a.debt, a.amount) for a in allocate(100, twins).allocations] == [("b", 33), ("a", 34), ("c", 33)]


def test_the_largest_remainder_decides_and_not_the_name() -> None:
    uneven = [Debt("a", DUE, principal=10), Debt("b", DUE, principal=26)]
    assert [a.amount for a in allocate(10, uneven).allocations] == [3, 7]  # 2.78 and 7.22
    uneven = [Debt("a", DUE, principal=10), Debt("b", DUE, principal=29)]
    assert [a.amount for a in allocate(9, uneven).allocations] == [2, 7]  # 2.31 and 6.69


def test_what_is_paid_too_much_is_a_prepayment() -> None:
    assert allocate(20_000, [NOVEMBER]) == Allocated((Allocation("november", "principal", 10_000),), 10_000)
    assert allocate(20_000, []) == Allocated((), 20_000)


@pytest.mark.parametrize("amount", [0, -1])
def test_a_payment_of_nothing_is_none(amount: Fen) -> None:
    with pytest.raises(Malformed):
        allocate(amount, [OCTOBER])


@pytest.mark.parametrize("instructed", [("september",), ("october", "october")])
def test_an_instruction_names_debts_that_are_there_once(instructed: tuple[str, ...]) -> None:
    with pytest.raises(Malformed) as refused:
        allocate(100, [OCTOBER], instructed)
    assert refused.value.clause == "民法典560"


def test_debts_have_names_of_their_own_and_an_order_has_all_three_parts() -> None:
    with pytest.raises(ValueError, match="distinct"):
        allocate(100, [OCTOBER, OCTOBER])
    with pytest.raises(ValueError, match="three parts"):
        allocate(100, [OCTOBER], order=("costs", "principal"))


def test_nobody_owes_less_than_nothing() -> None:
    with pytest.raises(ValueError, match="negative"):
        Debt("x", DUE, principal=-1)


SOME = st.integers(0, 500)
DEBTS = st.lists(st.tuples(st.integers(0, 3), SOME, SOME, SOME), max_size=6).map(
    lambda rows: [Debt(f"d{n}", DUE + timedelta(days=due), *owed) for n, (due, *owed) in enumerate(rows)]
)


@given(st.integers(1, 5_000), DEBTS, st.data())
def test_no_fen_is_lost_and_nothing_is_paid_twice(payment: Fen, debts: list[Debt], data: st.DataObject) -> None:
    named = data.draw(st.lists(st.sampled_from([debt.id for debt in debts]), unique=True)) if debts else []
    paid = allocate(payment, debts, named)
    assert sum(a.amount for a in paid.allocations) + paid.prepayment == payment
    assert len({(a.debt, a.part) for a in paid.allocations}) == len(paid.allocations)
    assert all(0 < a.amount <= getattr(next(d for d in debts if d.id == a.debt), a.part) for a in paid.allocations)
    assert paid.prepayment == max(0, payment - sum(debt.owed for debt in debts))
