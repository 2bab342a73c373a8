"""Matching 银行流水匹配 (§7): whose money a line of a bank statement may be, each proposal with its grounds.

A proposal books nothing: it says what speaks for a household, and a person says yes. Grounds have points; a proposal is
sure when it has enough of them and leaves every other household far enough behind. Amounts are fen, days local dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate
from typing import Final

from domain.kernel.spelling import canonical, same, unparted

__all__ = ["POINTS", "BookedMoney", "Ground", "HouseholdSeen", "LineSeen", "Proposal", "places", "proposed"]


class Ground(StrEnum):
    """What speaks for a household 匹配依据."""

    ACCOUNT = "account"  # 该付款账号曾为该户付款
    HOME = "home"  # 摘要或户名中有该户房号
    NAME = "name"  # 付款人是该户住户
    PAYER = "payer"  # 该付款人曾为该户付款
    ALL_OWED = "all-owed"  # 等于该户全部欠费
    BILLS = "bills"  # 等于该户最早几张账单
    BILL = "bill"  # 等于该户一张账单
    REFERENCE = "reference"  # 该流水号已登记收款
    SAME_MONEY = "same-money"  # 该户已登记同额收款


POINTS: Final = {
    Ground.ACCOUNT: 60,
    Ground.HOME: 50,
    Ground.NAME: 50,
    Ground.PAYER: 20,
    Ground.ALL_OWED: 30,
    Ground.BILLS: 25,
    Ground.BILL: 25,
    Ground.REFERENCE: 100,
    Ground.SAME_MONEY: 0,
}
"""What each ground is worth; that the same money is in the book already is worth a warning."""
_TOKEN: Final = re.compile(r"[a-z]+|\d+")
_GAP: Final = re.compile(r"(?:栋|幢|号楼|号|楼|座|单元|室|户|房|-|#|/|,|\s)*")
"""What may stand between the parts of a home's number as people write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSeen:
    """A line as it stands before whoever may read it."""

    amount_fen: int
    booked_on: date
    reference: str | None = None
    payer: str | None = None
    payer_account: str | None = None
    narration: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedMoney:
    """A payment of a household that is no line's yet."""

    payment: str
    amount_fen: int
    value_date: date | None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdSeen:
    """What is known of a household that may be meant: who lives there, what is left of each of its bills (the earliest due
    first), from where it paid before, and its payments that no line explains yet.
    """

    household: str
    home: str = ""
    names: tuple[str, ...] = ()
    bills: tuple[int, ...] = ()
    accounts: frozenset[str] = frozenset()
    payers: frozenset[str] = frozenset()
    booked: tuple[BookedMoney, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Whose the line may be and why; ``payment`` where the money seems to be in the book already."""

    household: str
    home: str
    grounds: tuple[Ground, ...]
    points: int
    payment: str | None = None
    sure: bool = False


def places(text: str) -> set[str]:
    """Every number of a home that a text may name, in the register's own spelling: 7栋2单元1403室 as 7-2-1403, 2-1403."""
    plain = canonical(text)
    tokens = list(_TOKEN.finditer(plain))
    found = set()
    for begin, first in enumerate(tokens):
        run = [first[0]]
        for before, after in zip(tokens[begin:], tokens[begin + 1 : begin + 4], strict=False):
            gap = plain[before.end() : after.start()]
            if not gap or not _GAP.fullmatch(gap):
                break
            run.append(after[0])
            found.add("-".join(run))
    return found


def proposed(
    line: LineSeen, known: Iterable[HouseholdSeen], *, sure_points: int, sure_lead: int, same_money_days: int
) -> list[Proposal]:
    """The households that something speaks for, the most likely first; the first alone may be sure.

    Raises nothing and books nothing. Money that went out is nobody's.
    """
    if line.amount_fen <= 0:
        return []
    rooms = places(f"{line.narration or ''} ; {line.payer or ''}")
    made = [each for seen in known if (each := _proposal(line, seen, rooms, same_money_days)) is not None]
    made.sort(key=lambda each: (-each.points, each.home, each.household))
    return [*_first(made, sure_points, sure_lead), *made[1:]]


def _first(made: Sequence[Proposal], sure_points: int, sure_lead: int) -> Iterator[Proposal]:
    for best in made[:1]:
        behind = made[1].points if len(made) > 1 else 0
        warned = best.payment is not None and Ground.REFERENCE not in best.grounds
        sure = best.points >= sure_points and best.points - behind >= sure_lead and not warned
        yield Proposal(
            household=best.household,
            home=best.home,
            grounds=best.grounds,
            points=best.points,
            payment=best.payment,
            sure=sure,
        )


def _proposal(line: LineSeen, seen: HouseholdSeen, rooms: set[str], same_money_days: int) -> Proposal | None:
    """What speaks for one household, if anything does."""
    booked = _booked(line, seen, same_money_days)
    grounds = [*_who(line, seen, rooms), *_how_much(line, seen)]
    if booked is not None:
        by_number = same(booked.reference, line.reference)
        grounds.append(Ground.REFERENCE if by_number else Ground.SAME_MONEY)
    if not grounds:
        return None
    return Proposal(
        household=seen.household,
        home=seen.home,
        grounds=tuple(grounds),
        points=sum(POINTS[each] for each in grounds),
        payment=booked.payment if booked is not None else None,
    )


def _who(line: LineSeen, seen: HouseholdSeen, rooms: set[str]) -> Iterator[Ground]:
    before = line.payer_account is not None and unparted(line.payer_account) in seen.accounts
    if before:
        yield Ground.ACCOUNT
    if _is_named(seen.home, rooms):
        yield Ground.HOME
    if any(same(line.payer, name) for name in seen.names):
        yield Ground.NAME
    if not before and line.payer is not None and canonical(line.payer) in seen.payers:
        yield Ground.PAYER


def _is_named(home: str, rooms: set[str]) -> bool:
    """Whether a home is named whole, or by its building and its door: 1403 alone is in every building."""
    parts = _TOKEN.findall(canonical(home))
    return len(parts) > 1 and ("-".join(parts) in rooms or f"{parts[0]}-{parts[-1]}" in rooms)


def _how_much(line: LineSeen, seen: HouseholdSeen) -> Iterator[Ground]:
    left = [fen for fen in seen.bills if fen > 0]
    if not left:
        return
    if line.amount_fen == sum(left):
        yield Ground.ALL_OWED
    elif line.amount_fen in left:
        yield Ground.BILL
    elif line.amount_fen in accumulate(left):
        yield Ground.BILLS


def _booked(line: LineSeen, seen: HouseholdSeen, same_money_days: int) -> BookedMoney | None:
    """The payment that this money seems to be: by the bank's number, else of the same amount about that day."""
    alike = [each for each in seen.booked if each.amount_fen == line.amount_fen]
    numbered = [each for each in alike if same(each.reference, line.reference)]
    near = [
        each
        for each in alike
        if each.value_date is not None and abs((each.value_date - line.booked_on).days) <= same_money_days
    ]
    return next(iter((*numbered, *near)), None)
