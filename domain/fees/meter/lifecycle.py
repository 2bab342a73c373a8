"""The lifecycle of a meter 计量表 (§7.1): in use until it is removed; its readings are corrected also afterwards."""

from __future__ import annotations

from domain.fees.meter.case import IN_USE, REMOVED, Meter, evolve
from domain.fees.meter.commands import (
    ChangeMeter,
    CorrectReading,
    HandMeterOver,
    InstallMeter,
    ReadMeter,
    RemoveMeter,
)
from domain.fees.meter.events import (
    MeterChanged,
    MeterHandedOver,
    MeterInstalled,
    MeterRead,
    MeterRemoved,
    ReadingCorrected,
)
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, hold, step
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
        step(RemoveMeter,    MeterRemoved,     IN_USE,            REMOVED, _CLERKS,  "7.1"),
    ],
    holds=[hold(IN_USE, lambda m: numbered("meter", m.serial), zh="一块表只登记一处", en="a meter hangs in one place")],
)
# fmt: on
