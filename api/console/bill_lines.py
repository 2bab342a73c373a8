"""Lines of a bill in words 计费行: what for, for which days, and how the amount comes about (§7.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.console.formatting import day, money
from domain.kernel.money import yuan

if TYPE_CHECKING:
    from api.console.page import Page
    from domain.fees.bill.events import BillLine

__all__ = ["Line", "lines_of"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``how`` is empty where an amount was charged as it is."""

    item: str
    days: str
    how: str
    amount: str
    href: str


def lines_of(page: Page, lines: Iterable[BillLine]) -> list[Line]:
    """The lines of a bill or of its draft, each with its formula and the standard that it follows."""
    return [_line(page, line) for line in lines]


def _line(page: Page, line: BillLine) -> Line:
    days = ""
    if line.first is not None and line.last is not None:
        days = f"{day(line.first, page.lang, page.now)} – {day(line.last, page.lang, page.now)}"
    parts = []
    if line.quantity is not None:
        parts.append(yuan(line.quantity))
    price = line.price if line.price is not None else yuan(line.price_fen) if line.price_fen is not None else None
    if price is not None:
        parts.append(price)
    if line.coefficient not in (None, "1"):
        parts.append(page.t(f"系数 {line.coefficient}", f"coefficient {line.coefficient}"))
    if line.days is not None and line.of_days is not None and line.days != line.of_days:
        parts.append(page.t(f"{line.days}/{line.of_days} 天", f"{line.days}/{line.of_days} days"))
    how = " × ".join(parts) if len(parts) > 1 else ""
    if line.surcharge_fen:
        how += page.t(f" + 附加 {yuan(line.surcharge_fen)}", f" + surcharge {yuan(line.surcharge_fen)}")
    of = line.corrects.bill if line.corrects is not None else line.standard
    if line.corrects is not None:
        said = page.t(
            f"更正前期账单第 {line.corrects.line} 行", f"corrects line {line.corrects.line} of an earlier bill"
        )
        how = page.t("，", ", ").join(each for each in (said, how) if each)
    href = page.at("case", of) if of is not None else ""
    return Line(line.item, days, how, money(line.amount_fen), href)
