"""What is known of a meter 计量表 after some of its facts (§7.1): the stretches between its readings.

A reading is a fact of its own day, read or estimated. Between two of them lies a stretch: who pays for it, from which day to
which, and how much it is; each is charged once, by the month's bill run. A meter that has gone past its last digit, one that
is changed for another and one that comes to another household go on with their end and start readings. A wrong reading is
corrected with the reason: what was billed by it is set right by lines of a later bill. So is a hand-over to the wrong household:
what was charged to it is given back, and charged to the right one. Readings are hundredths of a unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

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
from domain.kernel.calendar import DAY, end_of_day
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Event, Fact
from domain.kernel.rules import broken

IN_USE, REMOVED = "in-use", "removed"
HUNDREDTHS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What was used from one reading to the next 抄表区间: both days included, readings and use in hundredths of a unit.

    ``number`` counts the meter's stretches from 1, whatever was changed between. ``corrected``: one of its readings was.
    ``hands_over``: it ends with a hand-over. ``revision`` is the place in the case of what made it another household's, or of
    the withdrawal after which it was measured anew: by another revision nothing is owed.
    """

    number: int
    household: str
    serial: str
    digits: int
    factor: str
    first: date
    last: date
    begins: int
    ends: int
    estimated: bool = False
    rolled_over: bool = False
    corrected: bool = False
    hands_over: bool = False
    revision: int = 0
    by: str = ""

    @property
    def code(self) -> str:
        """What a bill calls it."""
        return f"{self.number}~{self.revision}" if self.revision else f"{self.number}"

    @property
    def used(self) -> int:
        """Past the last digit it begins again at nothing."""
        return self.ends - self.begins + (10**self.digits * HUNDREDTHS if self.rolled_over else 0)


@dataclass(slots=True, kw_only=True)
class Meter(Case):
    """One meter's place in a home, with whatever meters hung there one after the other."""

    CORRECTS = ("serial",)
    PAPERS = True

    home: str = ""
    household: str = ""
    standard: str = ""
    serial: str = ""
    digits: int = 0
    factor: str = "1"
    last_reading: int = 0
    last_on: date | None = None
    installed_on: date | None = None
    reading_by: date | None = None
    missed_at: datetime | None = None
    stretches: list[Stretch] = field(default_factory=list)

    def why_it_stands(self) -> Refusal | None:
        """What was read may be billed: it is removed with its last reading."""
        if self.stretches:
            return broken("meter-was-read", "7.1", "已抄表，请拆除", "it was read: remove it with its last reading")
        return None

    def why_the_step_stands(self, said: Event) -> Refusal | None:
        """A reading is corrected, and with it what was billed. What hung elsewhere, or went to others, is taken back."""
        if isinstance(said, MeterInstalled | MeterChanged | MeterHandedOver | MeterRemoved | HandOverCorrected):
            return None
        return broken("correct-the-reading", "7.1", "请更正读数", "correct the reading")

    @property
    def reading_due(self) -> datetime | None:
        """24:00 of the day by which it is read, until it is or was missed."""
        return end_of_day(self.reading_by) if self.reading_by is not None and self.missed_at is None else None

    @property
    def first_free(self) -> date | None:
        """The first day of the next stretch: the day it was installed, later the one after the last reading."""
        return self.last_on + DAY if self.last_on is not None and self.stretches else self.installed_on


def evolve(meter: Meter, fact: Fact) -> None:
    """Fold one fact into the meter."""
    _next_reading(meter, fact)
    match fact.event:
        case MeterInstalled() as e:
            meter.home, meter.household, meter.standard = e.home, e.household, e.standard
            meter.installed_on = e.on
            _hangs(meter, e)
        case MeterRead() as e:
            _closes(meter, e.reading, e.on, fact, rolled_over=e.rolled_over, estimated=e.estimated)
        case MeterChanged() as e:
            _closes(meter, e.end_reading, e.on, fact, rolled_over=e.rolled_over, estimated=e.estimated)
            _hangs(meter, e)
        case MeterHandedOver() as e:
            _closes(meter, e.reading, e.on, fact, rolled_over=e.rolled_over, hands_over=True)
            meter.household = e.household
        case HandOverCorrected() as e:
            _goes_to(meter, e, fact.version)
        case MeterRemoved() as e:
            _closes(meter, e.end_reading, e.on, fact, rolled_over=e.rolled_over)
        case ReadingCorrected() as e:
            _corrects(meter, e)


def _next_reading(meter: Meter, fact: Fact) -> None:
    match fact.event:
        case MeterInstalled() | MeterRead() | MeterChanged() | MeterHandedOver() as e:
            meter.reading_by, meter.missed_at = e.reading_by, None
        case MeterUnread() as e:
            meter.missed_at = end_of_day(e.due_on)
        case MeterRemoved():
            meter.reading_by = meter.missed_at = None


def _hangs(meter: Meter, hung: MeterInstalled | MeterChanged) -> None:
    meter.serial, meter.digits, meter.factor = hung.serial, hung.digits, hung.factor
    meter.last_reading, meter.last_on = hung.reading, hung.on


def _closes(
    meter: Meter,
    reading: int,
    on: date,
    fact: Fact,
    *,
    rolled_over: bool = False,
    estimated: bool = False,
    hands_over: bool = False,
) -> None:
    meter.stretches.append(
        Stretch(
            number=len(meter.stretches) + 1,
            household=meter.household,
            serial=meter.serial,
            digits=meter.digits,
            factor=meter.factor,
            first=meter.first_free or on,
            last=on,
            begins=meter.last_reading,
            ends=reading,
            estimated=estimated,
            rolled_over=rolled_over,
            hands_over=hands_over,
            revision=meter.steps_withdrawn[-1].version if meter.steps_withdrawn else 0,
            by=fact.user_id,
        )
    )
    meter.last_reading, meter.last_on = reading, on


def _corrects(meter: Meter, said: ReadingCorrected) -> None:
    """The stretch that ends with it, and the one that begins with it on the same meter; an estimate is read by now."""
    at = said.number - 1
    ended = meter.stretches[at]
    meter.stretches[at] = replace(
        ended, ends=said.reading, rolled_over=said.rolled_over, estimated=False, corrected=True
    )
    after = follows(meter, said.number)
    if after is not None:
        meter.stretches[at + 1] = replace(after, begins=said.reading, corrected=True)
    elif at + 1 == len(meter.stretches) and meter.serial == ended.serial:
        meter.last_reading = said.reading


def _goes_to(meter: Meter, said: HandOverCorrected, version: int) -> None:
    """Everything from that reading on, until it was handed over again."""
    for at, each in enumerate(meter.stretches[said.number :], said.number):
        meter.stretches[at] = replace(each, household=said.household, revision=version)
        if each.hands_over:
            return
    meter.household = said.household


def follows(meter: Meter, number: int) -> Stretch | None:
    """The stretch that begins where this one ends: none where another meter was hung between."""
    later = meter.stretches[number : number + 1]
    return later[0] if later and later[0].serial == meter.stretches[number - 1].serial else None
