"""A meter is installed, read, changed, handed over, corrected and removed 登记、抄表、换表、过户、更正、拆除 (§7.1, §7.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from domain.fees.charging import FeeKind, price_on, ratio
from domain.fees.fee_standard import FeeStandard
from domain.fees.meter.case import HUNDREDTHS, Meter, follows
from domain.fees.meter.events import (
    HandOverCorrected,
    MeterChanged,
    MeterHandedOver,
    MeterInstalled,
    MeterRead,
    MeterRemoved,
    MeterUnread,
    ReadingCorrected,
)
from domain.kernel.calendar import add_months
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.names import numbered
from domain.kernel.periods import Month
from domain.kernel.rules import blank, broken, day_ahead, forbid, negative, second_person

_CLAUSE: Final = "7.1"
_MOST_DIGITS: Final = 9


def _check_hung(digits: int, reading: int, factor: str, serial: str) -> None:
    """A meter that hangs there: its number, its digits before the point, its factor 倍率 and where it stood."""
    forbid(blank(serial, "serial", _CLAUSE, "请写明表号", "give its number"))
    if not 1 <= digits <= _MOST_DIGITS:
        raise broken("digits", _CLAUSE, "整数位数须为1至9", "one to nine digits before the point", "digits")
    if ratio(factor) is None:
        raise broken("ratio-unreadable", _CLAUSE, "倍率须为如1或40的数", "a factor such as 1 or 40", "factor")
    forbid(negative(reading, _CLAUSE, "reading"))
    _within(reading, digits, "reading")


def _within(reading: int, digits: int, field: str) -> None:
    forbid(negative(reading, _CLAUSE, field))
    if reading >= 10**digits * HUNDREDTHS:
        zh, en = f"读数超出{digits}位", f"more than its {digits} digits show"
        raise broken("beyond-digits", _CLAUSE, zh, en, field)


def _wrong_way(begins: int, ends: int, field: str, *, rolled_over: bool) -> RuleBroken | None:
    """A meter runs forward; one that is said to have begun again shows less than before."""
    if rolled_over is (ends < begins):
        return None
    if rolled_over:
        return broken("not-rolled-over", _CLAUSE, "读数未减少，并未翻转", "it shows no less than before", "rolled_over")
    zh, en = "读数小于上次：翻转请注明，上次有误请更正", "less than before: it rolled over, or correct the last one"
    return broken("reading-falls", _CLAUSE, zh, en, field)


def _check_reading(
    meter: Meter, reading: int, on: date, at: Moment, field: str = "reading", *, rolled_over: bool
) -> None:
    """On a day of its own, later than the last one, and not less than it unless the meter began again."""
    forbid(day_ahead(on, _CLAUSE, at, "on"))
    first = meter.first_free
    if first is not None and on < first:
        raise broken("read-already", _CLAUSE, f"须晚于上次抄表，不早于{first}", f"not before {first}", "on")
    _within(reading, meter.digits, field)
    forbid(_wrong_way(meter.last_reading, reading, field, rolled_over=rolled_over))


def _reading_by(on: date, at: Moment) -> date:
    """The last day of the month in which it is read next (``meters.read_every_months``)."""
    return Month.of(add_months(on.replace(day=1), at.numbers.integer("meters.read_every_months"))).last


@command
class InstallMeter(Command):
    """登记计量表 · Install a meter."""

    home: str
    household: str
    standard: str
    serial: str
    digits: int
    reading: int
    on: date
    factor: str = "1"

    def related(self) -> dict[str, str]:
        """The standard with its price."""
        return {"standard": self.standard}

    def decide(self, _meter: None, at: Moment) -> Iterator[Event]:
        """With its start reading; charged by a standard for what is metered (§7.1)."""
        forbid(blank(self.home, "home", _CLAUSE, "请写明房屋", "say which home"))
        standard = at.related["standard"]
        if not isinstance(standard, FeeStandard) or standard.kind is not FeeKind.METERED:
            zh, en = "须为按表计量的收费标准", "a fee standard of the kind metered"
            raise broken("standard-not-metered", _CLAUSE, zh, en, "standard")
        if price_on(standard.versions, self.on) is None:
            zh, en = "该日尚无单价", "the standard has no price on that day"
            raise broken("standard-unknown", _CLAUSE, zh, en, "standard")
        forbid(day_ahead(self.on, _CLAUSE, at, "on"))
        _check_hung(self.digits, self.reading, self.factor, self.serial)
        yield self.to_event(MeterInstalled, reading_by=_reading_by(self.on, at))


@command
class ReadMeter(Command):
    """抄表 · Read the meter."""

    reading: int
    on: date | None = None
    estimated: bool = False
    basis: str | None = None
    rolled_over: bool = False

    def decide(self, meter: Meter, at: Moment) -> Iterator[Event]:
        """What is only estimated says on what; the next true reading sets it right, or its correction (§7.1)."""
        on = self.on or at.today
        if self.estimated:
            forbid(blank(self.basis, "basis", _CLAUSE, "请写明估算依据", "say on what it is estimated"))
        _check_reading(meter, self.reading, on, at, rolled_over=self.rolled_over)
        yield self.to_event(MeterRead, on=on, reading_by=_reading_by(on, at))


@command
class ChangeMeter(Command):
    """换表 · Change the meter for another."""

    end_reading: int
    serial: str
    digits: int
    reading: int
    reason: str
    on: date | None = None
    factor: str = "1"
    estimated: bool = False
    rolled_over: bool = False

    def decide(self, meter: Meter, at: Moment) -> Iterator[Event]:
        """With the old one's end reading and the new one's start reading; what a broken one showed is estimated (§7.1)."""
        on = self.on or at.today
        forbid(blank(self.reason, "reason", _CLAUSE, "请写明换表原因", "say why"))
        _check_reading(meter, self.end_reading, on, at, "end_reading", rolled_over=self.rolled_over)
        _check_hung(self.digits, self.reading, self.factor, self.serial)
        if numbered("meter", self.serial) == numbered("meter", meter.serial):
            raise broken("same-meter", _CLAUSE, "新表与旧表表号相同", "that is the old one's number", "serial")
        yield self.to_event(MeterChanged, on=on, reading_by=_reading_by(on, at))


@command
class HandMeterOver(Command):
    """计量表过户 · Let another household pay for it."""

    household: str
    reading: int
    on: date | None = None
    rolled_over: bool = False

    def decide(self, meter: Meter, at: Moment) -> Iterator[Event]:
        """With the reading on the last day of the one before, such as the day on which a home is sold (§7.2a)."""
        on = self.on or at.today
        if self.household == meter.household:
            raise broken("same-household", "7.2a", "与现缴费住户相同", "that household pays already", "household")
        _check_reading(meter, self.reading, on, at, rolled_over=self.rolled_over)
        yield self.to_event(MeterHandedOver, on=on, reading_by=_reading_by(on, at))


@command
class CorrectHandOver(Command):
    """更正过户 · Correct a hand-over."""

    number: int
    household: str
    reason: str

    def decide(self, meter: Meter, at: Moment) -> Iterator[Event]:
        """By another than who handed it over; ``number`` is the stretch that ended with it.

        What was billed to the wrong household from that day on is given back by its next bill, and charged by the next
        bill of the right one, which may be the one that paid before: then it was not handed over at all (§7.2).
        """
        if not 1 <= self.number <= len(meter.stretches) or not meter.stretches[self.number - 1].hands_over:
            raise broken("hand-over-unknown", "7.2a", "该次抄表并非过户", "that reading was no hand-over", "number")
        forbid(blank(self.reason, "reason", "7.2a", "请写明更正理由", "say why"))
        forbid(second_person(at.who, {meter.stretches[self.number - 1].by}, "7.2a", "number"))
        after = meter.stretches[self.number :]
        if self.household == (after[0].household if after else meter.household):
            raise broken("same-household", "7.2a", "与现缴费住户相同", "that household pays already", "household")
        yield self.to_event(HandOverCorrected)


@command
class MissReading(Command):
    """未抄表 · Note that nobody read the meter."""

    def decide(self, meter: Meter, at: Moment) -> Iterator[Event]:
        """At the end of the day by which it was to be read; it stays to be read (§7.2a)."""
        yield MeterUnread(due_on=meter.reading_by or at.today)


@command
class CorrectReading(Command):
    """更正读数 · Correct a reading."""

    number: int
    reading: int
    reason: str
    rolled_over: bool = False

    def decide(self, meter: Meter, at: Moment) -> Iterator[Event]:
        """By another than who read it. Both stretches that meet there change, and with them what is charged (§7.2)."""
        if not 1 <= self.number <= len(meter.stretches):
            raise broken("reading-unknown", _CLAUSE, "没有该次抄表", "there is no such reading", "number")
        ended, after = meter.stretches[self.number - 1], follows(meter, self.number)
        forbid(blank(self.reason, "reason", _CLAUSE, "请写明更正理由", "say why"))
        forbid(second_person(at.who, {ended.by}, _CLAUSE, "number"))
        _within(self.reading, ended.digits, "reading")
        if (self.reading, self.rolled_over) == (ended.ends, ended.rolled_over):
            raise broken("as-it-was", _CLAUSE, "读数没有变化", "that is what was read", "reading")
        forbid(_wrong_way(ended.begins, self.reading, "reading", rolled_over=self.rolled_over))
        if after is not None:
            forbid(_wrong_way(self.reading, after.ends, "reading", rolled_over=after.rolled_over))
        yield self.to_event(ReadingCorrected)


@command
class RemoveMeter(Command):
    """拆除计量表 · Remove the meter."""

    end_reading: int
    reason: str
    on: date | None = None
    rolled_over: bool = False

    def decide(self, meter: Meter, at: Moment) -> Iterator[Event]:
        """With its end reading; what was used until then is still charged (§7.1)."""
        on = self.on or at.today
        forbid(blank(self.reason, "reason", _CLAUSE, "请写明拆除原因", "say why"))
        _check_reading(meter, self.end_reading, on, at, "end_reading", rolled_over=self.rolled_over)
        yield self.to_event(MeterRemoved, on=on)
