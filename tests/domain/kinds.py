"""Every kind of case, one test each; ``large_ones_apart`` leaves those with many commands to ``make check``, ``longest_apart`` the longest walk."""

from __future__ import annotations

from typing import Final

import pytest

from domain.cases import CASES

__all__ = ["every_kind", "large_ones_apart", "longest_apart"]

_LARGE: Final = {"complaint", "repair_order", "debt_case", "renovation", "follow_up", "household", "vacant_home"}
every_kind = pytest.mark.parametrize("lifecycle", CASES, ids=lambda lifecycle: lifecycle.kind)
large_ones_apart = pytest.mark.parametrize(
    "lifecycle",
    [pytest.param(each, id=each.kind, marks=[pytest.mark.long] if each.kind in _LARGE else []) for each in CASES],
)
longest_apart = pytest.mark.parametrize(
    "lifecycle",
    [pytest.param(each, id=each.kind, marks=[pytest.mark.long] if each.kind == "debt_case" else []) for each in CASES],
)
