"""Bugs of meters, of what a price comes to and of what was billed wrongly (§7.1, §7.2), planted one by one."""

from __future__ import annotations

from tests.mutants.planting import Bug

_METER, _METERING = "domain/fees/meter", "domain/fees/metering.py"
_STANDARD, _CORRECTING = "domain/fees/fee_standard.py", "domain/fees/correcting.py"
_MENDED = ("tests/domain/fees/test_meter_mended.py",)
_METERS, _ON_A_BOOK = ("tests/domain/fees/test_meter.py",), ("tests/workflows/test_meters.py",)
_STANDARDS, _DRAWER = ("tests/domain/fees/test_fee_standard.py",), ("tests/domain/fees/test_payment.py",)

METERED = (
    Bug(
        "a meter that rolled over has used what it shows",
        f"{_METER}/case.py",
        "self.ends - self.begins + (10**self.digits * HUNDREDTHS if self.rolled_over else 0)",
        "self.ends - (0 if self.rolled_over else self.begins)",
        _METERS,
    ),
    Bug(
        "a reading that falls is taken for a roll-over",
        f"{_METER}/commands.py",
        "    if rolled_over is (ends < begins):\n",
        "    if rolled_over or ends >= begins:\n",
        _METERS,
    ),
    Bug(
        "the day of a reading is in two stretches",
        f"{_METER}/case.py",
        "return self.last_on + DAY if self.last_on is not None and self.stretches else self.installed_on",
        "return self.last_on if self.last_on is not None and self.stretches else self.installed_on",
        _METERS,
    ),
    Bug(
        "a corrected reading leaves the stretch after it as it was",
        f"{_METER}/case.py",
        "replace(after, begins=said.reading, corrected=True)",
        "replace(after, corrected=True)",
        _METERS,
    ),
    Bug(
        "whoever read a meter corrects his own reading",
        f"{_METER}/commands.py",
        '        forbid(second_person(at.who, {ended.by}, _CLAUSE, "number"))\n',
        "",
        _METERS,
    ),
    Bug(
        "what was used in a stretch of two prices is all at the first",
        _METERING,
        "price_on(standard.versions, first)",
        "price_on(standard.versions, stretch.first)",
        _METERS,
    ),
    Bug(
        "a stretch is billed month after month",
        "workflows/engine/gather_bills.py",
        "'charge:' || case_id || '/' || code || '/1' as claim",
        "'charge:' || case_id || '/' || code as claim",
        _ON_A_BOOK,
    ),
    Bug(
        "a corrected reading is not noticed by the next run",
        "workflows/engine/gather_corrections.py",
        "(to_number > %(since)s or to_number is null and corrected and from_number > %(since)s)",
        "to_number is null and estimated and from_number > %(since)s",
        _ON_A_BOOK,
    ),
    Bug(
        "a withdrawn apportionment stays billed",
        _CORRECTING,
        "valid = case.state == APPORTIONED",
        "valid = True",
        _ON_A_BOOK,
    ),
    Bug(
        "a repair that is done again for less stays billed as it was",
        "workflows/engine/gather_corrections.py",
        "array['charge:' || case_id, 'charge:' || charge] as claims",
        "array['charged:' || case_id, 'charged:' || charge] as claims",
        _ON_A_BOOK,
    ),
    Bug(
        "nobody sees that a household that has moved out is charged on",
        "workflows/engine/gather_bills.py",
        "gone[household] < min(ends or month.last, month.last)",
        "gone[household] > min(ends or month.last, month.last)",
        ("tests/workflows/test_bill_corrections.py",),
    ),
    Bug(
        "what is metered is given back as a month without days",
        _CORRECTING,
        "not isinstance(standard, FeeStandard) or not standard.kind.monthly",
        "not isinstance(standard, FeeStandard)",
        _METERS,
    ),
    Bug(
        "a coefficient leads past the company's bounds",
        _STANDARD,
        '_beyond(kind, price * (ratio(asked.coefficient) or 1), asked.valid_from, at, "price")',
        '_beyond(kind, price, asked.valid_from, at, "price")',
        _STANDARDS,
    ),
    Bug(
        "a clerk gives a home a coefficient of its own",
        _STANDARD,
        '            at.require_evidence(only_for(at.who, _MANAGER, "7.1", zh, en))\n',
        "",
        _STANDARDS,
    ),
    Bug(
        "a vacancy that ended early goes on",
        _STANDARD,
        "replace(each, last=e.last) if (each.home, each.first) == (e.home, e.first) else each",
        "each",
        _STANDARDS,
    ),
    Bug(
        "a drawer that was counted in the morning is closed for the day",
        "domain/fees/cash_day.py",
        "cash.counted_once and fact.entered_on > e.day",
        "cash.counted_once",
        _DRAWER,
    ),
    Bug(
        "what was billed to the wrong household stays with it",
        _CORRECTING,
        "    if stretch is None:\n        return 0\n",
        "    if stretch is None:\n        return None\n",
        _MENDED,
    ),
    Bug(
        "what came to another household bears the mark under which it was billed",
        f"{_METER}/case.py",
        "replace(each, household=said.household, revision=version)",
        "replace(each, household=said.household)",
        _MENDED,
    ),
    Bug(
        "a corrected hand-over reaches past the next one",
        f"{_METER}/case.py",
        "        if each.hands_over:\n            return\n",
        "",
        _MENDED,
    ),
    Bug(
        "the household that loses a stretch is not looked at again",
        "workflows/engine/gather_corrections.py",
        "(to_number > %(since)s or to_number is null and corrected",
        "(to_number is null and corrected",
        _ON_A_BOOK,
    ),
    Bug(
        "a meter that nobody reads has no date",
        f"{_METER}/commands.py",
        "        yield self.to_event(MeterInstalled, reading_by=_reading_by(self.on, at))\n",
        "        yield self.to_event(MeterInstalled)\n",
        _MENDED,
    ),
    Bug(
        "a repair that was a mistake stops everybody's month",
        "domain/fees/bill_run/commands/compiling.py",
        "return all(name != on.standard for household in self.households for on in household.standards)",
        "return name in self.MAY_LACK",
        ("tests/workflows/test_repair_fees.py",),
    ),
    Bug(
        "a repair of the wrong household is charged to nobody",
        "projections/registers/rounds/repair_orders.py",
        """return f"{case.id}/{case.household}" if anew else case.id""",
        "return case.id",
        ("tests/workflows/test_repair_fees.py",),
    ),
    Bug(
        "whoever was charged for another's repair is not looked at again",
        "workflows/engine/gather_corrections.py",
        "{of_these()} and (to_number > %(since)s or to_number is null and from_number > %(since)s)),\n",
        "{of_these()} and (to_number is null and from_number > %(since)s)),\n",
        ("tests/workflows/test_repair_fees.py",),
    ),
)
