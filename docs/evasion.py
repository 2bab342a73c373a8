"""Evasion 规避: one way to make a standard look better without doing the work, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Evasion", "Outcome"]


class Outcome(StrEnum):
    """What becomes of it."""

    REFUSED = "拒绝 refused"
    SHOWN = "示明 shown"


@dataclass(frozen=True, slots=True)
class Evasion:
    """One way round one standard; ``test`` is its file under ``tests`` and its name, as pytest writes them."""

    standard: str
    zh: str
    en: str
    outcome: Outcome
    test: str
