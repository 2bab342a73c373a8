"""Inspection of a vacant home 空房检查 (§3.5): its checklist, what it found, and the months that it settles."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from domain.rectification_events import Severity

__all__ = ["Checked", "Defect", "FoundDefect", "InspectionMade", "KnownDefect", "MonthOfVacancy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One line of the inspection checklist 检查项目."""

    item: str
    good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One defect 问题 as the inspector writes it."""

    item: str
    matter: str
    severity: Severity = Severity.ORDINARY


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDefect:
    """One defect with its number within the vacancy."""

    number: int
    item: str
    matter: str
    severity: Severity


@dataclass(slots=True, kw_only=True)
class KnownDefect:
    """One defect of the home. Open until its rectification is closed or withdrawn."""

    found: FoundDefect
    found_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionMade:
    """One inspection: when, by whom (user id), over how many items, and how many defects it found."""

    at: datetime
    by: str
    items: int
    defects: int


@dataclass(slots=True, kw_only=True)
class MonthOfVacancy:
    """What happened in one calendar month: ``inspected_at`` is when the wanted number of inspections was reached."""

    inspections: list[InspectionMade] = field(default_factory=list)
    wanted: int = 1
    missed_at: datetime | None = None

    @property
    def settled_by(self) -> InspectionMade | None:
        """The last of the wanted inspections, however late it was entered."""
        made = sorted(self.inspections, key=lambda each: each.at)
        return made[self.wanted - 1] if len(made) >= self.wanted else None

    @property
    def inspected_at(self) -> datetime | None:
        """When the last of the wanted inspections was made."""
        return self.settled_by.at if self.settled_by is not None else None

    @property
    def settled(self) -> bool:
        """Whether the clock has nothing more to say about this month."""
        return self.settled_by is not None or self.missed_at is not None
