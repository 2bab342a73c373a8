"""The lifecycle of a meter 计量表 (§7.1): in use until it is removed; its readings are corrected also afterwards."""

from __future__ import annotations

from domain.fees.meter.case import IN_USE, REMOVED, Meter, evolve
from domain.fees.meter.commands import (
    ChangeMeter,
    CorrectHandOver,
    CorrectReading,
    HandMeterOver,
    InstallMeter,
    MissReading,
    ReadMeter,
    RemoveMeter,
)
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
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, hold, step
from domain.kernel.names import numbered
from domain.kernel.people import Role

_CLERKS, _MANAGER = (Role.ADMINISTRATOR, Role.MANAGER), (Role.MANAGER,)

# fmt: off
LIFECYCLE = Lifecycle(
    of=Meter, kind="meter", path="meters", zh="计量表", en="meter", clauses="7.1", evolve=evolve,
    subject=lambda meter: meter.household,
    states={IN_USE: ("在用", "in use"), REMOVED: ("已拆除", "removed")},
    final=[IN_USE, REMOVED],
    steps=[  # command     event             from               to       who       clause
        step(InstallMeter,   MeterInstalled,   None,              IN_USE,  _CLERKS,  "7.1"),
        step(ReadMeter,      MeterRead,        IN_USE,            SAME,    _CLERKS,  "7.1"),
        step(ChangeMeter,    MeterChanged,     IN_USE,            SAME,    _CLERKS,  "7.1"),
        step(HandMeterOver,  MeterHandedOver,  IN_USE,            SAME,    _CLERKS,  "7.2a"),
        step(CorrectReading, ReadingCorrected, (IN_USE, REMOVED), SAME,    _MANAGER, "7.2b"),
        step(CorrectHandOver, HandOverCorrected, (IN_USE, REMOVED), SAME,   _MANAGER, "7.2a"),
        step(MissReading,    MeterUnread,      IN_USE,            SAME,    [Role.CLOCK], "7.2a"),
        step(RemoveMeter,    MeterRemoved,     IN_USE,            REMOVED, _CLERKS,  "7.1"),
    ],
    deadlines=[
        deadline("reading", IN_USE, due=lambda m: m.reading_due, gives=MissReading, clause="7.2a",
                 zh="按期抄表", en="the meter is read in time"),
    ],
    breaches=[breach(MeterUnread, MeterRead, MeterChanged, MeterHandedOver, MeterRemoved, recurs=True)],
    holds=[hold(IN_USE, lambda m: numbered("meter", m.serial), zh="一块表只登记一处", en="a meter hangs in one place")],
)
# fmt: on
