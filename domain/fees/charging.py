"""Charging 计费 (§7.1, §7.2a): from a standard's prices, an area and days to the lines of a bill, each rounded once.

A month is charged by its actual days, both ends included; a line ends where a price changes, and keeps its numerator and
denominator. Money is fen, areas are hundredths of a m², prices are yuan as people write them, exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Final

from domain.fees.bill.events import BillLine
from domain.kernel.money import HUNDRED, Fen, half_up
from domain.kernel.periods import Month

__all__ = [
    "AreaKind",
    "FeeKind",
    "PriceVersion",
    "Rounding",
    "formula",
    "in_fen",
    "line_fen",
    "lines_of",
    "price_on",
    "ratio",
]

_PRICE: Final = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,6})?")
_RATIO: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,9}|/0*[1-9][0-9]{0,6})?")
DAY: Final = timedelta(days=1)
_WHOLE: Final = Fraction(1)


class FeeKind(StrEnum):
    """How a fee is reckoned 计费方式 (§7.1)."""

    MANAGEMENT = "management"  # 物业服务费（按面积按月）
    FIXED = "fixed"  # 每月定额
    ORDER = "order"  # 按次
    METERED = "metered"  # 按表计量
    SHARED = "shared"  # 公摊

    @property
    def monthly(self) -> bool:
        """Whether days of a month are charged."""
        return self in (FeeKind.MANAGEMENT, FeeKind.FIXED)


class AreaKind(StrEnum):
    """Which area 计费面积."""

    BUILDING = "building"  # 建筑面积
    INNER = "inner"  # 套内面积


class Rounding(StrEnum):
    """To what a line is rounded, half up 取整."""

    FEN = "fen"  # 分
    JIAO = "jiao"  # 角
    YUAN = "yuan"  # 元

    @property
    def unit(self) -> int:
        """In fen."""
        return {"fen": 1, "jiao": 10, "yuan": HUNDRED}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceVersion:
    """What a standard says from a date on 标准版本; a later version leaves it as it is. ``price`` is yuan per unit."""

    valid_from: date
    price: str
    coefficient: str = "1"
    surcharge_fen: int = 0
    reason: str = ""
    document: str | None = None


@lru_cache(maxsize=1024)
def in_fen(price: str) -> Fraction | None:
    """A price in yuan with up to six decimals as exact fen; None when it is none."""
    return Fraction(price) * HUNDRED if _PRICE.fullmatch(price) else None


@lru_cache(maxsize=1024)
def ratio(text: str) -> Fraction | None:
    """A coefficient or a share such as 1.5 or 2/3; None when it is none."""
    return Fraction(text) if _RATIO.fullmatch(text) else None


def price_on(versions: Sequence[PriceVersion], day: date) -> PriceVersion | None:
    """The version in force on a day; None before the first."""
    return next((version for version in reversed(versions) if version.valid_from <= day), None)


def line_fen(line: BillLine, rounding: Rounding = Rounding.FEN) -> Fen | None:
    """What a line comes to by its own terms: quantity × price × coefficient (+ surcharge) × days, rounded once.

    None for a line that does not say a quantity and a price.
    """
    price = in_fen(line.price) if line.price is not None else line.price_fen
    if line.quantity is None or price is None:
        return None
    days = (line.days, line.of_days) if line.days is not None and line.of_days else (1, 1)
    return _comes_to(
        line.quantity, price, ratio(line.coefficient or "1") or _WHOLE, line.surcharge_fen or 0, days, rounding.unit
    )


def _comes_to(
    quantity: int, price: Fraction | Fen, coefficient: Fraction, surcharge: Fen, days: tuple[int, int], unit: int
) -> Fen:
    """Numerator and denominator of the whole, exact, and rounded once."""
    some, of = days
    parts = HUNDRED * price.denominator * coefficient.denominator
    amount = quantity * price.numerator * coefficient.numerator + surcharge * parts
    return half_up(amount * some, parts * of * unit) * unit


def lines_of(
    *,
    standard: str,
    item: str,
    versions: Sequence[PriceVersion],
    rounding: Rounding,
    quantity: int,
    coefficient: Fraction,
    first: date,
    last: date,
    charge: str | None = None,
) -> Iterator[BillLine]:
    """The lines for the days from ``first`` to ``last``: one a month and price. ``coefficient`` is the home's own.

    The first price is in force on the first day; whoever asks has seen to that.
    """
    cuts = {first, last + DAY, *(v.valid_from for v in versions if first < v.valid_from <= last)}
    month = Month.of(first).next()
    while month.first <= last:
        cuts.add(month.first)
        month = month.next()
    for start, after in pairwise(sorted(cuts)):
        version = price_on(versions, start)
        assert version is not None, "a price is in force from the first day on"
        factor = coefficient if version.coefficient == "1" else coefficient * (ratio(version.coefficient) or 1)
        price = in_fen(version.price)
        whole = price is not None and price.denominator == 1
        days, of_days, surcharge = (after - start).days, Month.of(start).days, version.surcharge_fen or 0
        said = str(factor) if factor != 1 else None  # the amount is that of the line as it is written
        written = ratio(said or "1") or _WHOLE
        amount = 0 if price is None else _comes_to(quantity, price, written, surcharge, (days, of_days), rounding.unit)
        yield BillLine(
            item=item,
            amount_fen=amount,
            quantity=quantity,
            price_fen=int(price) if price is not None and whole else None,
            price=version.price,
            coefficient=said,
            surcharge_fen=version.surcharge_fen or None,
            days=days,
            of_days=of_days,
            standard=standard,
            first=start,
            last=after - DAY,
            charge=charge,
        )


def formula(line: BillLine) -> str | None:
    """How the line was reckoned, as it is printed: 89.37 × 2.35 × 1.5 × 14/29 = 96.55."""
    if line.quantity is None or (line.price is None and line.price_fen is None):
        return None
    price = line.price if line.price is not None else _plain(line.price_fen or 0)
    parts = [_plain(line.quantity), price, *([line.coefficient] if line.coefficient else [])]
    said = " × ".join(parts)
    if line.surcharge_fen:
        said = f"({said} + {_plain(line.surcharge_fen)})"
    if line.days is not None and line.of_days and line.days != line.of_days:
        said = f"{said} × {line.days}/{line.of_days}"
    return f"{said} = {_plain(line.amount_fen)}"


def _plain(hundredths: int) -> str:
    whole, rest = divmod(abs(hundredths), HUNDRED)
    return f"{'-' if hundredths < 0 else ''}{whole}.{rest:02}"
