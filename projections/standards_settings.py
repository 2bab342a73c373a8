"""What each figure rests on besides its target: the settings that made its deadlines, and how the handbook is read.

Where the handbook leaves a question open, the answer is a setting, and it is shown with every figure that takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.handbook.settings import SETTINGS

__all__ = ["RESTS_ON"]

_COUNTING: Final = ("follow_up.counting", "follow_up.last_day_on_holiday")


def _window(*names: str) -> tuple[str, ...]:
    return (*(f"follow_up.{name}" for name in names), *_COUNTING)


RESTS_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "rectifications-in-time": ("rectification.default_days",),
    "renovation-decisions-in-time": ("renovation.decide_within_days",),
    "renovation-deposits-refunded-in-time": ("renovation.refund_within_days",),
    "notice-board-rate": ("notice_board.editions_per_month",),
    "work-orders-in-time": ("work_orders.default_days",),
    "patrol-rate": ("patrol.per_day",),
    "vacancy-integrity-rate": (
        "vacancy.integrity_basis", "vacancy.integrity_moment", "vacancy.inspections_per_month",
    ),
    "vacancy-inspection-rate": ("vacancy.inspections_per_month",),
    "complaint-handling-rate": ("complaints.handled_by", "complaints.anonymous", "complaints.answer_within_days"),
    "complaint-follow-up-rate": _window("complaint.within_days"),
    "complaint-follow-up-in-time": _window("complaint.within_days"),
    "surveys-evaluated": ("surveys.per_year",),
    "repair-follow-up-rate": ("repairs.follow_up_minimum", "repairs.population", "repairs.common_areas"),
    "follow-ups-in-window": _COUNTING,
    "takeover-follow-ups-in-window": _window("takeover.within_months"),
    "move-in-follow-ups-in-window": _window("move_in.after_months", "move_in.grace_days"),
    "repair-follow-ups-in-window": _window("repair.from_days", "repair.to_months"),
    "special-service-follow-ups-in-window": _window(
        "special_service.middle_from", "special_service.middle_to", "special_service.after_end_days"
    ),
    "emergency-follow-ups-in-window": _window("emergency.within_days"),
    "activity-follow-ups-in-window": _window("activity.within_months"),
    "other-follow-ups-in-window": _window("other.within_days"),
    "records-filed-in-time": ("follow_up.submit_within_hours",),
    "quarterly-reviews-in-time": (
        "reviews.grace_days", "reviews.same_matter", "reviews.same_matter_complaints", "reviews.same_repair",
        "reviews.same_kind_repairs",
    ),
    "corrective-actions-in-time": ("corrective_actions.default_days",),
    "dunning-notices-on-time": ("arrears.stage1_after_months", "arrears.stage2_after_months"),
    "resident-files-kept-up": ("households.update_every_months",),
}  # fmt: skip
"""The standard's slug → the settings, in the handbook's order; a name that is none does not import."""

_UNKNOWN: Final = {name for names in RESTS_ON.values() for name in names} - set(SETTINGS)
if _UNKNOWN:
    _MSG: Final = f"no setting {', '.join(sorted(_UNKNOWN))}"
    raise TypeError(_MSG)
