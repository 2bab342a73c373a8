"""Money 金额: integer fen 分, exact fractions on the way, rounded once, half up. Nothing here is a float.

Fees, proration and the order of payments follow the handbook's §7 and Civil Code 民法典 560 and 561.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from domain.kernel.errors import Malformed

__all__ = [
    "Allocated",
    "Allocation",
    "Debt",
    "Fen",
    "Part",
    "allocate",
    "capital",
    "exact_line",
    "line",
    "parse_area",
    "parse_yuan",
    "prorate",
    "rounded",
    "shares",
    "yuan",
]

Fen: TypeAlias = int
"""An amount in fen 分, a hundredth of a yuan 元."""

HUNDRED: Final = 100


def rounded(amount: Fraction) -> Fen:
    """An exact amount of fen as whole fen: half up 四舍五入, away from zero, so that a correction undoes its line."""
    return half_up(amount.numerator, amount.denominator)


def half_up(amount: int, parts: int) -> int:
    """The same of so many parts, of which ``parts`` (> 0) make one: whoever reckons a thousand lines makes no fractions of them."""
    size = (2 * abs(amount) + parts) // (2 * parts)
    return size if amount >= 0 else -size


# -- in and out ------------------------------------------------------------------------------------------------


def yuan(amount: Fen) -> str:
    """Fen as yuan with two decimals and thousands separated: ``123450`` is ``1,234.50``."""
    whole, rest = divmod(abs(amount), HUNDRED)
    return f"{'-' if amount < 0 else ''}{whole:,}.{rest:02}"


def parse_yuan(text: str) -> Fen:
    """Yuan as people write them, in fen: at most two decimals, thousands separated by commas or not.

    Raises :class:`~domain.kernel.errors.Malformed` for anything else, such as a third decimal, an exponent or a blank.
    """
    fen = _hundredths(text, signed=True)
    if fen is None:
        raise Malformed(
            "amount",
            None,
            zh=f"「{text}」不是金额：以元为单位，最多两位小数",
            en=f"“{text}” is no amount: yuan with at most two decimals",
            field="amount",
        )
    return fen


def parse_area(text: str) -> int:
    """A floor area 建筑面积 in m², as hundredths of a m²: ``89.5`` is 8950. Raises ``Malformed`` like amounts do."""
    area = _hundredths(text, signed=False)
    if area is None:
        raise Malformed(
            "area",
            None,
            zh=f"「{text}」不是面积：以平方米为单位，最多两位小数",
            en=f"“{text}” is no area: square metres with at most two decimals",
            field="area",
        )
    return area


def _hundredths(text: str, *, signed: bool) -> int | None:
    found = re.fullmatch(r"(-?)((?:[0-9]{1,3}(?:,[0-9]{3}){1,4})|[0-9]{1,15})(?:\.([0-9]{1,2}))?", text)
    if found is None or (found[1] and not signed):
        return None
    size = int(found[2].replace(",", "")) * HUNDRED + int((found[3] or "").ljust(2, "0"))
    return -size if found[1] else size


DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
PLACES: Final = ("", "拾", "佰", "仟")
WAN: Final = 10_000
YI: Final = 100_000_000
CAPITAL_BELOW: Final = YI * YI * HUNDRED


def capital(amount: Fen) -> str:
    """Fen in capital characters 人民币大写, as receipts carry it: ``100530`` is 壹仟零伍元叁角整.

    After the central bank's rules for filling in bills 正确填写票据和结算凭证的基本规定; where they leave a 零 to
    choice, it is left out. Raises ``ValueError`` from 10^16 yuan on.
    """
    size = abs(amount)
    if size >= CAPITAL_BELOW:
        msg = f"too large for capital characters: {amount} fen"
        raise ValueError(msg)
    whole, rest = divmod(size, HUNDRED)
    jiao, fen = divmod(rest, 10)
    text = f"{_capital_number(whole)}元" if whole or not rest else ""
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif fen and whole:
        text += DIGITS[0]
    text += f"{DIGITS[fen]}分" if fen else "整"
    return f"负{text}" if amount < 0 else text


def _capital_number(number: int) -> str:
    """A whole number below 10^16."""
    for unit, name in ((YI, "亿"), (WAN, "万")):
        if number >= unit:
            high, low = divmod(number, unit)
            gap = DIGITS[0] if 0 < low < unit // 10 else ""
            return f"{_capital_number(high)}{name}{gap}{_capital_number(low) if low else ''}"
    text = ""
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += DIGITS[digit] + PLACES[place]
        elif text and number % 10**place and not text.endswith(DIGITS[0]):
            text += DIGITS[0]
    return text or DIGITS[0]


# -- what a bill is made of ------------------------------------------------------------------------------------


def exact_line(area: int, price: Fen | Fraction, coefficient: Fraction = Fraction(1)) -> Fraction:
    """Area × price × coefficient 系数 in exact fen, for whoever prorates before rounding.

    ``area`` in hundredths of a m², ``price`` in fen per m² (a fraction where the price has more than two decimals).
    """
    return Fraction(area, HUNDRED) * price * coefficient


def line(area: int, price: Fen | Fraction, coefficient: Fraction = Fraction(1)) -> Fen:
    """One line of a bill 账单: :func:`exact_line`, rounded once."""
    return rounded(exact_line(area, price, coefficient))


def prorate(amount: Fen | Fraction, days: int, of_days: int) -> Fraction:
    """The share of some days of a period, in exact fen, to be rounded once by whoever writes the line.

    ``days`` counts both ends; ``of_days`` are the actual days of the month. Raises ``ValueError`` unless
    0 ≤ days ≤ of_days and of_days > 0.
    """
    if not 0 <= days <= of_days or of_days == 0:
        msg = f"no share of a period: {days} of {of_days} days"
        raise ValueError(msg)
    return Fraction(amount) * days / of_days


def shares(total: Fen, weights: Mapping[str, int]) -> dict[str, Fen]:
    """A cost that is shared by weights 公摊: to the fen, odd fen to the largest remainders, ties to the smaller id.

    Who weighs nothing pays nothing. Raises ``ValueError`` when nobody weighs anything, or somebody less than nothing.
    """
    whole = sum(weights.values())
    if whole <= 0 or min(weights.values()) < 0:
        msg = f"nothing to share by: {weights}"
        raise ValueError(msg)
    parts = {id: total * weight // whole for id, weight in weights.items()}
    ranked = sorted(weights, key=lambda who: (-(total * weights[who] % whole), who))
    for id in ranked[: total - sum(parts.values())]:
        parts[id] += 1
    return parts


# -- payments --------------------------------------------------------------------------------------------------

Part: TypeAlias = Literal["costs", "penalty", "principal"]
"""What a payment meets: costs 费用, late fee 违约金, principal 本金."""

ORDER: Final[tuple[Part, ...]] = ("costs", "penalty", "principal")


@dataclass(frozen=True, slots=True)
class Debt:
    """One bill with what is still owed on it, in fen. Raises ``ValueError`` for a negative amount."""

    id: str
    due: date
    principal: Fen
    penalty: Fen = 0
    costs: Fen = 0

    def __post_init__(self) -> None:
        """Nobody owes less than nothing."""
        if min(self.principal, self.penalty, self.costs) < 0:
            msg = f"a debt cannot be negative: {self}"
            raise ValueError(msg)

    @property
    def owed(self) -> Fen:
        """Everything that is owed on it."""
        return self.principal + self.penalty + self.costs


@dataclass(frozen=True, slots=True)
class Allocation:
    """So many fen of a payment go to this part of this debt."""

    debt: str
    part: Part
    amount: Fen


@dataclass(frozen=True, slots=True)
class Allocated:
    """Where a payment went 冲抵, and what of it is a prepayment 预付款, in fen. Together they are the payment."""

    allocations: tuple[Allocation, ...]
    prepayment: Fen


def allocate(
    payment: Fen, debts: Iterable[Debt], instructed: Sequence[str] = (), order: Sequence[Part] = ORDER
) -> Allocated:
    """Allocate a payment to debts after Civil Code 民法典 560 and 561.

    Debts that the payer named (``instructed``, ids) come first in his order, then what fell due first; debts due on
    the same day share in proportion where the money does not reach. Within a debt costs come before the penalty and
    the penalty before the principal, unless ``order`` was agreed otherwise. Raises ``Malformed`` for a payment that is
    not positive and for an instruction that names an unknown debt, or one twice; ``ValueError`` when two debts share
    an id or ``order`` leaves a part out.
    """
    if payment <= 0:
        raise Malformed(
            "payment", None, zh="付款金额须大于零", en="a payment has to be more than nothing", field="amount"
        )
    listed = tuple(debts)
    by_id = {debt.id: debt for debt in listed}
    if len(by_id) < len(listed) or sorted(order) != sorted(ORDER):
        msg = "debts need distinct ids, and an order all three parts once"
        raise ValueError(msg)
    if len(set(instructed)) < len(instructed) or not by_id.keys() >= set(instructed):
        raise Malformed(
            "instruction",
            "民法典560",
            zh="指定清偿的账单不存在或重复",
            en="the payer named a bill that is not owed, or one twice",
            field="instructed",
        )
    left, allocations = payment, []
    for group in _in_turn(by_id, instructed):
        for debt, share in _shares(left, group):
            left -= share
            allocations.extend(_parts(debt, share, order))
    return Allocated(tuple(allocations), left)


def _in_turn(by_id: dict[str, Debt], instructed: Sequence[str]) -> list[list[Debt]]:
    """The debts in groups whose members rank alike."""
    rest = [debt for debt in by_id.values() if debt.id not in instructed]
    dues = sorted({debt.due for debt in rest})
    return [[by_id[id]] for id in instructed] + [[debt for debt in rest if debt.due == due] for due in dues]


def _shares(money: Fen, group: list[Debt]) -> list[tuple[Debt, Fen]]:
    """Each debt's share of the money, in proportion to what is owed; odd fen go to the largest remainders."""
    if money >= sum(debt.owed for debt in group):
        return [(debt, debt.owed) for debt in group]
    parts = shares(money, {debt.id: debt.owed for debt in group})
    return [(debt, parts[debt.id]) for debt in group]


def _parts(debt: Debt, money: Fen, order: Sequence[Part]) -> list[Allocation]:
    owed: dict[Part, Fen] = {"costs": debt.costs, "penalty": debt.penalty, "principal": debt.principal}
    parts = []
    for part in order:
        paid = min(money, owed[part])
        money -= paid
        if paid:
            parts.append(Allocation(debt.id, part, paid))
    return parts
