"""The registers of meters 计量表 and of what was used between two readings 抄表区间 (§7.1). Quantities are hundredths of a unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.fees.meter.case import IN_USE, Meter
from projections.engine.register import Register

__all__ = ["METERS", "METER_STRETCHES", "MeterRow", "StretchRow"]


@dataclass(slots=True, kw_only=True)
class MeterRow:
    """One meter's place in a home, as it hangs there now, with its last reading."""

    source_id: str | None
    state: str
    home: str
    household: str
    standard: str
    serial: str
    digits: int
    factor: str
    reading: int
    read_on: date | None
    estimated: bool
    readings: int
    reading_by: date | None
    missed_at: datetime | None
    open: bool


@dataclass(slots=True, kw_only=True)
class StretchRow:
    """From one reading to the next: who pays, on which days, and how much was used."""

    source_id: str | None
    state: str
    home: str
    household: str
    standard: str
    serial: str
    code: str
    factor: str
    first: date
    last: date
    begins: int
    ends: int
    quantity: int
    estimated: bool
    rolled_over: bool
    corrected: bool


def _meter(case: Meter) -> Iterator[tuple[str, MeterRow]]:
    yield (
        "",
        MeterRow(
            source_id=case.source_id,
            state=case.state,
            home=case.home,
            household=case.household,
            standard=case.standard,
            serial=case.serial,
            digits=case.digits,
            factor=case.factor,
            reading=case.last_reading,
            read_on=case.last_on,
            estimated=bool(case.stretches and case.stretches[-1].estimated),
            readings=len(case.stretches),
            reading_by=case.reading_by,
            missed_at=case.missed_at,
            open=case.state == IN_USE,
        ),
    )


def _stretches(case: Meter) -> Iterator[tuple[str, StretchRow]]:
    for stretch in case.stretches:
        yield (
            str(stretch.number),
            StretchRow(
                source_id=case.source_id,
                state=case.state,
                home=case.home,
                household=stretch.household,
                standard=case.standard,
                serial=stretch.serial,
                code=stretch.code,
                factor=stretch.factor,
                first=stretch.first,
                last=stretch.last,
                begins=stretch.begins,
                ends=stretch.ends,
                quantity=stretch.used,
                estimated=stretch.estimated,
                rolled_over=stretch.rolled_over,
                corrected=stretch.corrected,
            ),
        )


METERS = Register(
    name="meters",
    zh="计量表登记",
    en="meters",
    clause="7.1",
    row=MeterRow,
    kinds=(Meter,),
    rows=_meter,
    indexed=("household", "home"),
)

METER_STRETCHES = Register(
    name="meter-stretches",
    zh="抄表区间",
    en="what meters measured",
    clause="7.1",
    row=StretchRow,
    kinds=(Meter,),
    rows=_stretches,
    indexed=("household", "last"),
)
