"""Solved on the spot 当场解决: what tests say of a complaint of which only the end matters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.complaints.complaint.commands.handling import SolveComplaintOnTheSpot

__all__ = ["solved", "solved_body"]


def solved(told_at: datetime, by: str = "plumber", result: str = "已换") -> SolveComplaintOnTheSpot:
    """Measure, telling, cause and result in one command."""
    return SolveComplaintOnTheSpot(done_by=by, measure="检修", result=result, root_cause="设施老化", told_at=told_at)


def solved_body(told_at: datetime, by: str = "gong-1", result: str = "已修") -> dict[str, Any]:
    """The same as it goes over HTTP."""
    return {
        "done_by": by,
        "measure": "检修",
        "result": result,
        "root_cause": "设施老化",
        "told_at": told_at.isoformat(),
    }
