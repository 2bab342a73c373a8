"""Cells as values: money to the fen, instants with their zone, translations, and what is refused."""

from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.importing.problems import Trouble
from workflows.importing.values import SHANGHAI, Column, Kind


def column(**options: object) -> Column:
    return Column(**{"name": "x", "parts": (("X",),), **options})  # type: ignore[arg-type]


def code_of(read: Column, text: str) -> str:
    with pytest.raises(Trouble) as refused:
        read.read(text)
    assert (refused.value.column, refused.value.value) == (read.label, text)
    assert refused.value.zh
    assert refused.value.en
    return refused.value.code


MONEY = column(kind=Kind.MONEY)


@pytest.mark.parametrize(
    ("text", "fen"),
    [("35.0", 3500), ("-0.01", -1), ("1,234.5", 123450), ("¥ 12", 1200), ("12元", 1200), ("2.500", 250), ("+7", 700)],
)
def test_amounts_are_exact_fen(text: str, fen: int) -> None:
    assert MONEY.read(text) == fen


@given(st.integers(-(10**14), 10**14))
def test_every_amount_of_fen_is_read_as_it_is(fen: int) -> None:
    assert MONEY.read(str(Decimal(fen) / 100 if fen % 100 else fen // 100)) == fen


@pytest.mark.parametrize("text", ["", "abc", "1e3", "NaN", "Infinity", "12,34", "1.2.3", "9" * 40, "１２x"])
def test_what_is_no_amount(text: str) -> None:
    assert code_of(MONEY, text or "-") == "amount-unreadable"


def test_a_fraction_of_a_fen_is_not_rounded() -> None:
    assert code_of(MONEY, "0.005") == "amount-finer-than-fen"
    assert column(kind=Kind.MONEY, unit_fen=True).read("5500") == 5500
    assert code_of(column(kind=Kind.MONEY, unit_fen=True), "55.5") == "amount-finer-than-fen"


def test_an_amount_with_many_decimals_says_so_or_is_rounded_as_the_mapping_says() -> None:
    """A fault of before: with more than twelve decimals it was «no amount»."""
    many = "12.3450000000000000001"
    assert code_of(MONEY, many) == "amount-finer-than-fen"
    assert MONEY.read("35.000000000000000000") == 3_500
    for how, fen in ((ROUND_HALF_UP, 1_235), (ROUND_DOWN, 1_234)):
        assert column(kind=Kind.MONEY, rounding=how).read(many) == fen
    assert column(kind=Kind.MONEY, rounding=ROUND_HALF_EVEN).read("12.345") == 1_234
    assert column(kind=Kind.MONEY, rounding=ROUND_HALF_UP).read("-0.005") == -1
    written = column(kind=Kind.MONEY, exponent=True)
    assert (written.read("1.00E+05"), written.read("-2.5e-01"), written.read("7")) == (10_000_000, -25, 700)
    assert code_of(written, "1E-9") == "amount-finer-than-fen"
    assert code_of(written, "1E99") == "number-too-large"


def test_whole_numbers() -> None:
    read = column(kind=Kind.INTEGER)
    assert (read.read("4.0"), read.read("-3")) == (4, -3)
    assert code_of(read, "4.5") == "number-unreadable"


def test_numbers_to_the_hundredth() -> None:
    read = column(kind=Kind.HUNDREDTHS)
    assert [read.read(text) for text in ("7.5", "62.0", "-1", "1,234.25")] == [750, 6200, -100, 123425]
    assert code_of(read, "7.125") == "number-too-fine"
    assert code_of(read, "R") == "number-unreadable"


@pytest.mark.parametrize("kind", [Kind.INTEGER, Kind.MONEY, Kind.HUNDREDTHS])
def test_a_number_that_no_register_could_hold(kind: Kind) -> None:
    assert code_of(column(kind=kind), "9" * 15 + "9" * (kind is Kind.INTEGER)) == "number-too-large"


def test_flags() -> None:
    read = column(kind=Kind.FLAG)
    assert [read.read(text) for text in ("TRUE", "否", "1", "n")] == [True, False, True, False]
    assert code_of(read, "maybe") == "flag-unreadable"


def test_instants_without_an_offset_are_local_and_the_first_format_that_fits_decides() -> None:
    read = column(kind=Kind.TIME, formats=("%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "iso"))
    assert read.read("29/2/2016 04:40") == datetime(2016, 2, 29, 4, 40, tzinfo=SHANGHAI)
    assert read.read("01/13/2015 02:24:55 PM") == datetime(2015, 1, 13, 14, 24, 55, tzinfo=SHANGHAI)
    assert read.read("2020-01-01T00:00:00Z") == datetime(2020, 1, 1, tzinfo=UTC)
    assert read.read("2020-01-01") == datetime(2020, 1, 1, tzinfo=SHANGHAI)
    assert code_of(read, "30/2/2016 04:40") == "time-unreadable"


def test_an_offset_is_honoured_or_taken_as_printed() -> None:
    printed = "2006-07-24T00:00:00+02:00"
    assert column(kind=Kind.TIME).read(printed) == datetime.fromisoformat(printed)
    assert column(kind=Kind.TIME, ignore_offset=True).read(printed) == datetime(2006, 7, 24, tzinfo=SHANGHAI)


@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01T00:00:00+14:00", "1899-12-31", "9999-12-31"])
def test_a_year_in_which_nothing_happened(text: str) -> None:
    assert code_of(column(kind=Kind.TIME), text) == "time-outside-period"
    assert code_of(column(kind=Kind.DATE, formats=("ymd",)), text) == "time-outside-period"


def test_another_zone_and_days() -> None:
    rome = ZoneInfo("Europe/Rome")
    assert column(kind=Kind.TIME, zone=rome).read("2020-07-01 12:00") == datetime(2020, 7, 1, 10, tzinfo=UTC)
    assert column(kind=Kind.DATE).read("2020-07-01 23:59") == date(2020, 7, 1)


def test_a_time_outside_the_period_of_the_source() -> None:
    read = column(kind=Kind.TIME, within=(date(1970, 1, 1), date(1970, 12, 31)))
    assert read.read("1970-12-31 23:59") == datetime(1970, 12, 31, 23, 59, tzinfo=SHANGHAI)
    assert code_of(read, "1905-05-23 00:00") == "time-outside-period"


def test_translations_known_values_and_defaults() -> None:
    assert column(values={"Phone": "telephone"}).read("Phone") == "telephone"
    assert code_of(column(values={"Phone": "telephone"}), "Fax") == "value-untranslated"
    assert column(values={"Phone": "telephone"}, otherwise="online").read("Fax") == "online"
    assert code_of(column(one_of=frozenset({"New"})), "-100") == "value-unknown"


def test_what_counts_as_not_given() -> None:
    read = column(parts=(("date",), ("time",)), missing=frozenset({"", "?", "1970-01-01 0:00"}))
    assert read.text((" 2020-01-01 ", "8:00")) == "2020-01-01 8:00"
    assert read.text(("2020-01-01", "?")) is None
    assert read.text(("1970-01-01", "0:00")) is None
    assert [(t.column, t.code) for t in read.lacking(("", "?"))] == [
        ("date", "value-missing"),
        ("time", "value-missing"),
    ]
    assert [(t.column, t.value) for t in read.lacking(("1970-01-01", "0:00"))] == [("date time", "1970-01-01 0:00")]
    assert column(missing=frozenset()).text((None,)) == ""


def test_blanks_are_kept_within_a_text_unless_squeezed() -> None:
    assert column().text(("Heat - Excessive  Insufficient",)) == "Heat - Excessive  Insufficient"
    assert column(squeeze=True).text(("Heat - Excessive  Insufficient",)) == "Heat - Excessive Insufficient"


def test_a_text_is_stored_without_what_cannot_be_seen_and_not_longer_than_asked() -> None:
    read = column(most=3)
    for text, value, code in [
        ("abc", "abc", None),
        ("a\u202ebc", "abc", "characters-removed"),
        ("e\u0301", "é", None),
        ("abcd", "abc", "text-shortened"),
        ("第一句\n第二句", "第一句", "text-shortened"),
    ]:
        assert read.read(text) == value
        odd = read.odd(text, value)
        assert (odd and odd.code) == code
    assert column(values={"a": "b"}).odd("a", "b") is None
