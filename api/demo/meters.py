"""Who plays with meters: hot water by readings for a few homes, one estimated and set right, one changed, removed on leaving."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from api.demo.people import STAFF
from api.demo.stage import Stage
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import SetFeeStandard
from domain.fees.meter.case import REMOVED
from domain.fees.meter.commands import ChangeMeter, CorrectReading, InstallMeter, ReadMeter, RemoveMeter
from domain.kernel.calendar import local_date, start_of_day
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.residents.household.case import RESIDENT

__all__ = ["hang"]

_CLERK, _MANAGER = Role.ADMINISTRATOR, Role.MANAGER
_PRICE, _DIGITS, _USED = "28.00", 5, (150, 900)
"""Yuan a m³ of hot water; digits before the point; hundredths of a m³ a month, least and most."""
_READ_ON = 25
_ESTIMATED, _CHANGED = 2, 4
"""The months, counted from 1, in which one home is not reached, and in which one meter stands still."""


def hang(stage: Stage, households: Sequence[str], months: int, now: datetime) -> None:
    """The manager sets the price, and each of these households has a meter that is read on the 25th."""
    since = local_date(now)
    price = SetFeeStandard(
        code="RS-1", name="热水费", kind=FeeKind.METERED, price=_PRICE, valid_from=since, reason="热水供应合同"
    )
    standard = stage.give(price, _MANAGER, now)
    assert standard is not None
    for place, household in enumerate(households):
        hung = InstallMeter(
            home=stage.case(household).home,
            household=household,
            standard=standard,
            serial=f"RS-{place + 1:03}",
            digits=_DIGITS,
            reading=0,
            on=since,
        )
        meter = stage.give(hung, _CLERK, now)
        assert meter is not None
        for number in range(1, months + 1):
            at = start_of_day(date(since.year, number, _READ_ON)) + timedelta(hours=10, minutes=place)
            stage.at(at, partial(_read, stage, meter, place))


def _read(stage: Stage, meter: str, place: int, now: datetime) -> None:
    month = Month.of(local_date(now))
    case = stage.case(meter)
    if case.state == REMOVED:
        return
    shows = case.last_reading + Random(f"{case.serial}/{month}").randint(*_USED)
    if stage.case(case.household).state != RESIDENT:
        gone = RemoveMeter(end_reading=case.last_reading, reason="住户已迁出")
        stage.give(gone, _CLERK, now, on=meter)
    elif place == 0 and month.month == _ESTIMATED:
        stage.give(ReadMeter(reading=shows, estimated=True, basis="户主外出，按上月用量"), _CLERK, now, on=meter)
        stage.later(now, 2, partial(_set_right, stage, meter))
    elif place == 1 and month.month == _CHANGED:
        new = ChangeMeter(
            end_reading=case.last_reading, serial=f"{case.serial}-2", digits=_DIGITS, reading=0, reason="表停走"
        )
        stage.give(new, _CLERK, now, on=meter)
    else:
        stage.give(ReadMeter(reading=shows), _CLERK, now, on=meter, by=STAFF[_CLERK.value][0])


def _set_right(stage: Stage, meter: str, now: datetime) -> None:
    """The home is reached after all: another than who estimated it puts the reading right."""
    case = stage.case(meter)
    last = case.stretches[-1]
    right = CorrectReading(
        number=last.number, reading=last.ends - (last.ends - last.begins) // 3, reason="实抄低于估抄"
    )
    stage.give(right, _MANAGER, now, on=meter)
