"""Metering 抄表计费 (§7.1, §7.2a): from a stretch between two readings to the lines of a bill, each rounded once.

Where the price changes within a stretch, what was used is divided by days, odd hundredths to the largest remainder, so that
the parts are the whole. Quantities are hundredths of a unit, money is fen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from domain.fees.bill.events import BillLine
from domain.fees.charging import DAY, in_fen, line_fen, price_on, ratio
from domain.fees.fee_standard import FeeStandard
from domain.fees.meter.case import Meter, Stretch
from domain.kernel.money import HUNDRED, shares

__all__ = ["charge_of", "metered_lines", "stretch_of"]


def charge_of(meter: str, stretch: Stretch) -> str:
    """What a bill charges with a stretch: the meter and which of its stretches."""
    return f"{meter}/{stretch.code}"


def stretch_of(meter: Meter, charge: str) -> Stretch | None:
    """The stretch that a line charges, if it still is one of this meter, and whoever was charged still pays for it."""
    case, _, rest = charge.partition("/")
    code = rest.partition("/")[0]
    return next((each for each in meter.stretches if case == meter.id and each.code == code), None)


def metered_lines(meter: Meter, standard: FeeStandard, stretch: Stretch) -> Iterator[BillLine]:
    """One line a price. On days on which the standard has ended nothing is charged."""
    after = min(stretch.last, standard.ended_on or stretch.last) + DAY
    if after <= stretch.first:
        return
    cuts = sorted(
        {stretch.first, after, *(v.valid_from for v in standard.versions if stretch.first < v.valid_from < after)}
    )
    spans = [(first, end - DAY) for first, end in pairwise(cuts) if first < end]
    days = {f"{place:03}": (last - first).days + 1 for place, (first, last) in enumerate(spans, 1)}
    rest = (stretch.last - after).days + 1
    used = shares(stretch.used, days | ({"rest": rest} if rest > 0 else {}))
    for place, (first, last) in zip(days, spans, strict=True):
        version = price_on(standard.versions, first)
        assert version is not None, "a meter is hung on a standard that has a price by then"
        price = in_fen(version.price)
        assert price is not None
        factor = (ratio(stretch.factor) or 1) * (ratio(version.coefficient) or 1)
        said = BillLine(
            item=f"{standard.name}　{stretch.serial}　{_plain(stretch.begins)}→{_plain(stretch.ends)}{'（估）' if stretch.estimated else ''}",
            amount_fen=0,
            quantity=used[place],
            price_fen=int(price) if price.denominator == 1 else None,
            price=version.price,
            coefficient=str(factor) if factor != 1 else None,
            surcharge_fen=version.surcharge_fen or None,
            standard=standard.id,
            first=first,
            last=last,
            charge=f"{charge_of(meter.id, stretch)}/{int(place)}",
        )
        yield replace(said, amount_fen=line_fen(said, standard.rounding) or 0)


def _plain(hundredths: int) -> str:
    whole, rest = divmod(hundredths, HUNDRED)
    return f"{whole}.{rest:02}"
