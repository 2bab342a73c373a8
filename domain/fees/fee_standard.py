"""Fee standard 收费标准 (§7.1): set by the manager within the company's bounds, never overwritten, attached to homes with dates.

A price is added from a date on and leaves the past as it was; what was billed by it stays frozen in the bill, which names
the standard. Money is fen, prices are yuan as people write them, areas are hundredths of a m².
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from domain.fees.attaching import Attachment, DeclaredVacancy, occupied
from domain.fees.bill.events import BillLine
from domain.fees.charging import AreaKind, FeeKind, PriceVersion, Rounding, in_fen, lines_of, price_on, ratio
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, hold, step
from domain.kernel.names import numbered
from domain.kernel.people import Role
from domain.kernel.rules import backwards, blank, broken, forbid, missing, negative, only_for

VALID, ENDED = "valid", "ended"
_CLERKS, _MANAGER = (Role.ADMINISTRATOR, Role.MANAGER), (Role.MANAGER,)


@event()
class FeeStandardSet(Event):
    """收费标准已制定 · Fee standard set."""

    code: str
    name: str
    kind: FeeKind
    version: PriceVersion
    area_kind: AreaKind = AreaKind.BUILDING
    rounding: Rounding = Rounding.FEN
    vacancy_share: str = "1"


@event()
class FeePriceAdded(Event):
    """收费标准已调整 · Another price from a date on."""

    version: PriceVersion


@event()
class HomeAttached(Event):
    """房屋已适用标准 · Home attached to the standard."""

    number: int
    home: str
    household: str
    quantity: int
    first: date
    last: date | None = None
    coefficient: str = "1"


@event()
class AttachmentEnded(Event):
    """房屋不再适用标准 · Home no longer attached."""

    number: int
    last: date


@event()
class VacancyDeclared(Event):
    """空置已申报 · Vacancy declared."""

    home: str
    first: date
    last: date
    declaration: str


@event()
class VacancyEnded(Event):
    """空置已结束 · Vacancy ended before its declared last day."""

    home: str
    first: date
    last: date
    reason: str


@event()
class FeeStandardEnded(Event):
    """收费标准已停用 · Fee standard ended."""

    last: date
    reason: str


@dataclass(slots=True, kw_only=True)
class FeeStandard(Case):
    """One standard with every price it ever had. ``vacancy_share`` is what of the fee a declared vacant home pays."""

    CORRECTS = ("name",)
    LONG = True

    code: str = ""
    name: str = ""
    kind: FeeKind = FeeKind.MANAGEMENT
    area_kind: AreaKind = AreaKind.BUILDING
    rounding: Rounding = Rounding.FEN
    vacancy_share: str = "1"
    versions: tuple[PriceVersion, ...] = ()
    attachments: dict[int, Attachment] = field(default_factory=dict)
    vacancies: list[DeclaredVacancy] = field(default_factory=list)
    ended_on: date | None = None

    def why_it_stands(self) -> Refusal | None:
        """Homes were charged by it: it is ended with its last day."""
        if self.attachments:
            return broken("homes-attached", "7.1", "已适用于房屋，请停用", "homes were attached to it: end it")
        return None

    def valid_through(self, first: date, last: date) -> bool:
        """Whether it has a price on all of these days."""
        ended = self.set_aside is not None or (self.ended_on is not None and self.ended_on < last)
        return price_on(self.versions, first) is not None and not ended

    def lines(self, attached: Attachment, first: date, last: date, charge: str | None = None) -> Iterator[BillLine]:
        """The lines of a home for days on which it is attached and the standard valid: split at prices and vacancies."""
        own = ratio(attached.coefficient) or Fraction(1)
        for start, end, vacant in occupied(self.vacancies, attached.home, first, last):
            share = ratio(self.vacancy_share) if vacant else None
            yield from lines_of(
                standard=self.id,
                item=self.name,
                versions=self.versions,
                rounding=self.rounding,
                quantity=attached.quantity,
                coefficient=own if share is None else own * share,
                first=start,
                last=end,
                charge=charge,
            )


def evolve(standard: FeeStandard, fact: Fact) -> None:
    """Fold one fact into the standard."""
    match fact.event:
        case FeeStandardSet() as e:
            standard.code, standard.name, standard.kind, standard.versions = e.code, e.name, e.kind, (e.version,)
            standard.area_kind, standard.rounding, standard.vacancy_share = e.area_kind, e.rounding, e.vacancy_share
        case FeePriceAdded() as e:
            standard.versions = (*standard.versions, e.version)
        case HomeAttached() as e:
            standard.attachments[e.number] = Attachment(
                number=e.number,
                home=e.home,
                household=e.household,
                quantity=e.quantity,
                first=e.first,
                last=e.last,
                coefficient=e.coefficient,
            )
        case AttachmentEnded() as e:
            standard.attachments[e.number] = replace(standard.attachments[e.number], last=e.last)
        case VacancyDeclared() as e:
            standard.vacancies.append(DeclaredVacancy(home=e.home, first=e.first, last=e.last))
        case VacancyEnded() as e:
            standard.vacancies = [
                replace(each, last=e.last) if (each.home, each.first) == (e.home, e.first) else each
                for each in standard.vacancies
                if (each.home, each.first) != (e.home, e.first) or e.last >= e.first
            ]
        case FeeStandardEnded() as e:
            standard.ended_on = e.last


def _version(asked: SetFeeStandard | AddFeePrice, kind: FeeKind, at: Moment) -> PriceVersion:
    """A price within the company's bounds, with its reason (§7.1)."""
    forbid(blank(asked.reason, "reason", "7.1", "请写明制定依据", "say on what it rests"))
    price = in_fen(asked.price)
    if price is None:
        zh, en = "单价须以元为单位，最多六位小数", "yuan with at most six decimals"
        raise broken("price-unreadable", "7.1", zh, en, "price")
    _share(asked.coefficient, "coefficient")
    forbid(negative(asked.surcharge_fen, "7.1", "surcharge_fen"))
    forbid(_beyond(kind, price * (ratio(asked.coefficient) or 1), asked.valid_from, at, "price"))
    forbid(_beyond(None, Fraction(asked.surcharge_fen), asked.valid_from, at, "surcharge_fen"))
    return PriceVersion(
        valid_from=asked.valid_from,
        price=asked.price,
        coefficient=asked.coefficient,
        surcharge_fen=asked.surcharge_fen,
        reason=asked.reason,
        document=asked.document,
    )


def _beyond(kind: FeeKind | None, fen: Fraction, day: date, at: Moment, field: str) -> Refusal | None:
    """The company's bound holds what a unit comes to: no coefficient and no surcharge leads past it (§7.1)."""
    name = "fees.management_at_most_fen" if kind is FeeKind.MANAGEMENT else "fees.price_at_most_fen"
    if fen <= at.settings.at(day).integer(name):
        return None
    return broken("beyond-bounds", "7.1", "超出公司规定的单价", "beyond what the company allows", field)


def _share(text: str, field: str) -> None:
    if ratio(text) is None:
        raise broken("ratio-unreadable", "7.1", "须为如1.5或2/3的数", "a number such as 1.5 or 2/3", field)


@command
class SetFeeStandard(Command):
    """制定收费标准 · Set a fee standard."""

    code: str
    name: str
    kind: FeeKind
    price: str
    valid_from: date
    reason: str
    document: str | None = None
    coefficient: str = "1"
    surcharge_fen: int = 0
    area_kind: AreaKind = AreaKind.BUILDING
    rounding: Rounding = Rounding.FEN
    vacancy_share: str = "1"

    def decide(self, _standard: None, at: Moment) -> Iterator[Event]:
        """By the manager, within the company's bounds, with the reason and the document (§7.1)."""
        forbid(blank(self.code, "code", "7.1", "请写明标准编号", "give it a code"))
        forbid(blank(self.name, "name", "7.1", "请写明收费项目", "say what is charged"))
        _share(self.vacancy_share, "vacancy_share")
        if (ratio(self.vacancy_share) or 0) > 1:
            raise broken("ratio-unreadable", "7.1", "空置份额至多为1", "a vacant home pays no more", "vacancy_share")
        yield self.to_event(FeeStandardSet, version=_version(self, self.kind, at))


@command
class AddFeePrice(Command):
    """调整收费标准 · Add another price from a date on."""

    price: str
    valid_from: date
    reason: str
    document: str | None = None
    coefficient: str = "1"
    surcharge_fen: int = 0

    def decide(self, standard: FeeStandard, at: Moment) -> Iterator[Event]:
        """From a date that lies ahead: no price is raised for days that have passed, and none is overwritten (§7.1)."""
        if self.valid_from <= max(at.today, standard.versions[-1].valid_from):
            zh, en = "调整须自今后生效，且晚于已定的调整", "it begins later than today and than what is decided already"
            raise broken("price-retroactive", "7.1", zh, en, "valid_from")
        yield FeePriceAdded(version=_version(self, standard.kind, at))


@command
class AttachHome(Command):
    """适用于房屋 · Attach a home to the standard."""

    home: str
    household: str
    quantity: int
    first: date
    last: date | None = None
    coefficient: str = "1"

    def decide(self, standard: FeeStandard, at: Moment) -> Iterator[Event]:
        """Who pays for it, from which day to which; a home is charged once for a day (§7.2a).

        A coefficient of its own is part of the price: set by the manager, within the company's bounds (§7.1).
        """
        forbid(blank(self.home, "home", "7.2a", "请写明房屋", "say which home"))
        forbid(blank(self.household, "household", "7.2a", "请写明缴费住户", "say who pays"))
        forbid(negative(self.quantity, "7.2a", "quantity"))
        _share(self.coefficient, "coefficient")
        if (own := ratio(self.coefficient) or Fraction(1)) != 1:
            zh, en = "单户系数由经理制定", "a home's own coefficient is set by the manager"
            at.require_evidence(only_for(at.who, _MANAGER, "7.1", zh, en))
            for version in standard.versions:
                unit = (in_fen(version.price) or 0) * (ratio(version.coefficient) or 1) * own
                forbid(_beyond(standard.kind, Fraction(unit), max(self.first, version.valid_from), at, "coefficient"))
        if self.last is not None:
            forbid(backwards(self.first, self.last, "7.2a", "last"))
        others = (each for each in standard.attachments.values() if each.home == self.home)
        if any(each.meets(self.first, self.last) for each in others):
            raise broken(
                "attached-already", "7.2a", "该房屋该期间已适用本标准", "it is attached on some of these days", "first"
            )
        yield self.to_event(HomeAttached, number=len(standard.attachments) + 1)


@command
class EndAttachment(Command):
    """停止适用 · End a home's attachment."""

    number: int
    last: date

    def decide(self, standard: FeeStandard, _at: Moment) -> Iterator[Event]:
        """With its last day, such as the day before a home is sold (§7.2a)."""
        found = standard.attachments.get(self.number)
        if found is None or found.last is not None:
            raise broken("attachment-unknown", "7.2a", "没有这条适用记录", "no such attachment lasts", "number")
        forbid(backwards(found.first, self.last, "7.2a", "last"))
        yield self.to_event(AttachmentEnded)


@command
class DeclareVacancy(Command):
    """申报空置 · Declare a home vacant."""

    home: str
    first: date
    last: date
    declaration: str

    def decide(self, standard: FeeStandard, _at: Moment) -> Iterator[Event]:
        """With the owner's declaration; a vacant home pays the standard's share (§7.1)."""
        forbid(blank(self.declaration, "declaration", "7.1", "请注明申报材料", "name the declaration"))
        forbid(backwards(self.first, self.last, "7.1", "last"))
        if not any(each.home == self.home for each in standard.attachments.values()):
            raise missing("home", "7.1", "该房屋未适用本标准", "that home is not attached")
        if any(v.home == self.home and v.first <= self.last and self.first <= v.last for v in standard.vacancies):
            raise broken(
                "vacant-already", "7.1", "该期间已申报空置", "some of these days are declared already", "first"
            )
        yield self.to_event(VacancyDeclared)


@command
class EndVacancy(Command):
    """空置提前结束 · End a declared vacancy early."""

    home: str
    first: date
    last: date
    reason: str

    def decide(self, standard: FeeStandard, _at: Moment) -> Iterator[Event]:
        """Somebody moved in earlier than was declared: the full fee from the day after ``last`` on (§7.1).

        What was billed at the discount is set right by a line of the next bill. A ``last`` before the first day: it never was.
        """
        forbid(blank(self.reason, "reason", "7.1", "请写明理由", "say why"))
        found = next((v for v in standard.vacancies if (v.home, v.first) == (self.home, self.first)), None)
        if found is None:
            raise broken(
                "vacancy-unknown", "7.1", "没有该日起的空置申报", "no vacancy is declared from that day", "first"
            )
        if self.last >= found.last:
            zh, en = "须早于申报的止日：延长请另行申报", "before its last day: declare what is longer anew"
            raise broken("not-earlier", "7.1", zh, en, "last")
        yield self.to_event(VacancyEnded)


@command
class EndFeeStandard(Command):
    """停用收费标准 · End the fee standard."""

    last: date
    reason: str

    def decide(self, standard: FeeStandard, _at: Moment) -> Iterator[Event]:
        """With its last day; what was billed by it stays (§7.1)."""
        forbid(blank(self.reason, "reason", "7.1", "请写明停用理由", "say why"))
        forbid(backwards(standard.versions[0].valid_from, self.last, "7.1", "last"))
        yield self.to_event(FeeStandardEnded)


# fmt: off
LIFECYCLE = Lifecycle(
    of=FeeStandard, kind="fee_standard", path="fee-standards", zh="收费标准", en="fee standard", clauses="7.1", evolve=evolve,
    states={VALID: ("有效", "valid"), ENDED: ("已停用", "ended")},
    final=[VALID, ENDED],
    steps=[  # command      event             from   to     who       clause
        step(SetFeeStandard, FeeStandardSet,  None,  VALID, _MANAGER, "7.1"),
        step(AddFeePrice,    FeePriceAdded,   VALID, SAME,  _MANAGER, "7.1"),
        step(AttachHome,     HomeAttached,    VALID, SAME,  _CLERKS,  "7.2a"),
        step(EndAttachment,  AttachmentEnded, (VALID, ENDED), SAME, _CLERKS, "7.2a"),
        step(DeclareVacancy, VacancyDeclared, VALID, SAME,  _CLERKS,  "7.1"),
        step(EndVacancy,     VacancyEnded,    (VALID, ENDED), SAME, _CLERKS, "7.1"),
        step(EndFeeStandard, FeeStandardEnded, VALID, ENDED, _MANAGER, "7.1"),
    ],
    holds=[hold((VALID, ENDED), lambda s: numbered("fee-standard", s.code), zh="标准编号不重复", en="a code names one standard")],
)
# fmt: on
