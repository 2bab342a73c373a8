"""Bugs of what is done in bulk: a month's bills, and the deadlines of one instant."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["BULK"]

_TOGETHER, _LONG = ("tests/workflows/test_clock_together.py",), ("tests/workflows/test_long_cases.py",)

BULK = (
    Bug(
        "a meter that nobody read is billed in silence",
        "workflows/engine/gather_bills.py",
        " and open and (read_on is null or read_on < %(first)s)",
        " and open and read_on is null",
        ("tests/workflows/test_meters.py",),
    ),
    Bug(
        "what was fired together is fired again when its acknowledgement was lost",
        "workflows/engine/handler.py",
        "if Book(connection, office).answer(key) is None:",
        "if office:",
        _TOGETHER,
    ),
    Bug(
        "where one deadline of an instant fails, none of them is fired",
        "workflows/engine/clock.py",
        "                if len(some) > 1 and self._fire_together(some, leased[at:], now, life):",
        "                if len(some) > 1 and (self._fire_together(some, leased[at:], now, life) or at == 0):",
        _TOGETHER,
    ),
    Bug(
        "each household's home is looked up by itself",
        "workflows/engine/draft.py",
        "        self._names.expect(mentioned_by(each.command for each in consequences))\n",
        "",
        _LONG,
    ),
    Bug(
        "a household's row has a version for each step of its run",
        "projections/registers/fees/runs.py",
        "                source_id=case.source_id,\n                month=case.month,\n                household=name,",
        "                source_id=case.state,\n                month=case.month,\n                household=name,",
        _LONG,
    ),
)
