"""Whose it is 所属住户: a matter that was written down under a wrong household is set right, and its home with it.

The home is the household's: where the case says one, or nobody's household was named before, it follows. A kind whose home
cannot be corrected stays in its home, and only another household of that home can be its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Case
from domain.kernel.rules import broken
from domain.kernel.spelling import same

__all__ = ["HOME", "HOUSEHOLD", "WHERE", "done_already", "set_right"]

_CLAUSE: Final = "1"
HOUSEHOLD, HOME = "household", "home"
WHERE: Final = frozenset({HOUSEHOLD, HOME})
"""The fields that say whose a matter is, and where: what came from it goes along with them."""


def set_right(case: Case, household: str | None, file: Any) -> Iterator[tuple[str, str | None, str | None]]:
    """What the correction of a case's household changes: field, what it said, what it says.

    ``file`` is the household's case, None where it is said to be nobody's. Raises :class:`~domain.kernel.errors.RuleBroken`
    for a household of another home, where the home cannot be corrected.
    """
    before: str | None = getattr(case, HOUSEHOLD)
    home: str | None = getattr(case, HOME, None)
    yield HOUSEHOLD, before or None, household
    lives: str | None = getattr(file, HOME, None)
    if lives is None or same(home, lives) or getattr(case, "common_area", None):
        return
    if HOME not in type(case).CORRECTS:
        raise _elsewhere()
    if home is not None or not before:
        yield HOME, home, lives


def _elsewhere() -> RuleBroken:
    zh = "该住户住在别处，而此类事项的房号不能更正：请按误登撤销，再为该住户登记"
    en = "it lives elsewhere, and the home of such a matter is not corrected: withdraw it as mistaken and enter it anew"
    return broken("household-elsewhere", _CLAUSE, zh, en, "value")


def done_already(case: Case) -> Refusal:
    """Why a matter does not go along with what it came from: it was done, and only who was there knows with whom."""
    zh = (
        f"随之立项的「{case.id}」已按原住户、房号办理：若其实是为更正后的住户办的，请先更正该件；"
        "若办错了人，请先撤销该件的步骤"
    )
    en = (
        f"{case.id}, which came from it, was done under the old household and home: correct that first if it was done for"
        " the right one; if it was done for the wrong one, withdraw its steps first"
    )
    return broken("done-already", _CLAUSE, zh, en, "value")
