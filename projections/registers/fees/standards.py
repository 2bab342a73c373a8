"""The registers of fee standards 收费标准、适用房屋 and shared costs 公摊费用 (§7.1). Amounts are integer fen, prices yuan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from domain.fees.fee_standard import (
    AttachmentEnded,
    FeePriceAdded,
    FeeStandard,
    HomeAttached,
    VacancyDeclared,
    VacancyEnded,
)
from domain.fees.shared_cost import APPORTIONED, SharedCost
from domain.kernel.fact import Fact
from projections.engine.register import ByLine, Register

__all__ = ["FEE_ATTACHMENTS", "FEE_STANDARDS", "SHARED_COSTS", "AttachmentRow", "CostShareRow", "FeeStandardRow"]


@dataclass(slots=True, kw_only=True)
class FeeStandardRow:
    """One version of one standard: what it says from ``valid_from`` until the next."""

    source_id: str | None
    state: str
    code: str
    name: str
    kind: str
    area_kind: str
    rounding: str
    vacancy_share: str
    valid_from: date
    price: str
    coefficient: str
    surcharge_fen: int
    reason: str
    document: str | None
    ended_on: date | None


@dataclass(slots=True, kw_only=True)
class AttachmentRow:
    """One home on a standard: who pays, for how much, on which days; ``last`` is empty while it lasts.

    ``vacant_days`` are all the days for which it was declared vacant.
    """

    source_id: str | None
    state: str
    code: str
    home: str
    household: str
    quantity: int
    coefficient: str
    first: date
    last: date | None
    vacant_days: int


@dataclass(slots=True, kw_only=True)
class CostShareRow:
    """One home's share of a cost; their sum is the cost."""

    source_id: str | None
    state: str
    item: str
    month: date | None
    home: str
    household: str | None
    weight: int
    amount_fen: int
    cost_fen: int
    open: bool


def _versions(case: FeeStandard) -> Iterator[tuple[str, FeeStandardRow]]:
    for version in case.versions:
        yield (
            str(version.valid_from),
            FeeStandardRow(
                source_id=case.source_id,
                state=case.state,
                code=case.code,
                name=case.name,
                kind=case.kind,
                area_kind=case.area_kind,
                rounding=case.rounding,
                vacancy_share=case.vacancy_share,
                valid_from=version.valid_from,
                price=version.price,
                coefficient=version.coefficient,
                surcharge_fen=version.surcharge_fen,
                reason=version.reason,
                document=version.document,
                ended_on=case.ended_on,
            ),
        )


def _touched(case: FeeStandard, fact: Fact) -> Iterable[str] | None:
    """The attachments of which a fact speaks."""
    match fact.event:
        case HomeAttached() | AttachmentEnded() as e:
            return [str(e.number)]
        case VacancyDeclared() | VacancyEnded() as e:
            return [str(each.number) for each in case.attachments.values() if each.home == e.home]
        case FeePriceAdded():
            return []
        case _:
            return None


def _attachments(case: FeeStandard) -> Iterator[tuple[str, AttachmentRow]]:
    yield from _some_attachments(case, map(str, case.attachments))


def _some_attachments(case: FeeStandard, numbers: Iterable[str]) -> Iterator[tuple[str, AttachmentRow]]:
    vacant: Counter[str] = Counter()
    for each in case.vacancies:
        vacant[each.home] += (each.last - each.first).days + 1
    for number in numbers:
        attached = case.attachments[int(number)]
        yield (
            number,
            AttachmentRow(
                source_id=case.source_id,
                state=case.state,
                code=case.code,
                home=attached.home,
                household=attached.household,
                quantity=attached.quantity,
                coefficient=attached.coefficient,
                first=attached.first,
                last=attached.last,
                vacant_days=vacant[attached.home],
            ),
        )


def _shares(case: SharedCost) -> Iterator[tuple[str, CostShareRow]]:
    for weight, share in zip(case.weights, case.shares, strict=True):
        yield (
            share.home,
            CostShareRow(
                source_id=case.source_id,
                state=case.state,
                item=case.item,
                month=case.month,
                home=share.home,
                household=share.household,
                weight=weight.weight,
                amount_fen=share.amount_fen,
                cost_fen=case.cost_fen,
                open=case.state == APPORTIONED,
            ),
        )


FEE_STANDARDS = Register(
    name="fee-standards",
    zh="收费标准登记",
    en="fee standards",
    clause="7.1",
    row=FeeStandardRow,
    kinds=(FeeStandard,),
    rows=_versions,
)

FEE_ATTACHMENTS = Register(
    name="fee-attachments",
    zh="收费标准适用房屋",
    en="homes on fee standards",
    clause="7.2a",
    row=AttachmentRow,
    kinds=(FeeStandard,),
    rows=_attachments,
    by_line=ByLine(_touched, _some_attachments),
    indexed=("household", "home"),
)

SHARED_COSTS = Register(
    name="shared-costs",
    zh="公摊费用登记",
    en="shared costs",
    clause="7.1",
    row=CostShareRow,
    kinds=(SharedCost,),
    rows=_shares,
    indexed=("household",),
)
