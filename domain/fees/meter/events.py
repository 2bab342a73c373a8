"""What can happen to a meter 计量表 (§7.1). Readings are hundredths of a unit, days are local dates."""

from __future__ import annotations

from datetime import date

from domain.kernel.fact import Event, event


@event(schema=2)
class MeterInstalled(Event):
    """计量表已登记 · Meter installed."""

    home: str
    household: str
    standard: str
    serial: str
    digits: int
    reading: int
    on: date
    factor: str = "1"
    reading_by: date | None = None


@event(schema=2)
class MeterRead(Event):
    """已抄表 · Meter read."""

    reading: int
    on: date
    estimated: bool = False
    basis: str | None = None
    rolled_over: bool = False
    reading_by: date | None = None


@event(schema=2)
class MeterChanged(Event):
    """已换表 · Meter changed for another."""

    end_reading: int
    on: date
    serial: str
    digits: int
    reading: int
    reason: str
    factor: str = "1"
    estimated: bool = False
    rolled_over: bool = False
    reading_by: date | None = None


@event(schema=2)
class MeterHandedOver(Event):
    """计量表已过户 · Another household pays from the day after this reading on."""

    household: str
    reading: int
    on: date
    rolled_over: bool = False
    reading_by: date | None = None


@event()
class HandOverCorrected(Event):
    """过户已更正 · From that reading on another household pays than was said."""

    number: int
    household: str
    reason: str


@event()
class MeterUnread(Event):
    """逾期未抄表 · Nobody read the meter in time."""

    due_on: date


@event()
class ReadingCorrected(Event):
    """读数已更正 · Reading corrected."""

    number: int
    reading: int
    reason: str
    rolled_over: bool = False


@event()
class MeterRemoved(Event):
    """计量表已拆除 · Meter removed."""

    end_reading: int
    on: date
    reason: str
    rolled_over: bool = False
