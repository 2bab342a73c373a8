"""When something is followed up 回访时间 (§5.2.3): a window of local dates, both ends included, for each kind."""

from __future__ import annotations

from datetime import date
from typing import Final

from domain.handbook.holidays import OFFICIAL
from domain.handbook.settings import Numbers
from domain.kernel.calendar import Offset, Window, special_service_middle, window
from domain.visits.follow_up.events import FollowUpType

__all__ = ["window_of"]

_AT_ONCE: Final[Offset] = (0, "days")


def window_of(type_: FollowUpType, anchor: date, numbers: Numbers, term_from: date | None = None) -> Window:
    """The window of §5.2.3 for something that happened (ended, was completed) on ``anchor``.

    A special service with ``term_from`` is still running until ``anchor``: its middle; without, the days after its end.
    Days are calendar or working days, and a last day on a holiday stays or moves, as the settings say (民法典203, 204).
    """
    whole = numbers.integer
    match type_:
        case FollowUpType.TAKEOVER:
            return _after(anchor, _AT_ONCE, (whole("follow_up.takeover.within_months"), "months"), numbers)
        case FollowUpType.COMPLAINT:
            return _after(anchor, _AT_ONCE, (whole("follow_up.complaint.within_days"), "days"), numbers)
        case FollowUpType.MOVE_IN:
            opens = window(anchor, _AT_ONCE, (whole("follow_up.move_in.after_months"), "months")).closes
            grace = _after(opens, _AT_ONCE, (whole("follow_up.move_in.grace_days"), "days"), numbers)
            return Window(anchor, opens, grace.closes)
        case FollowUpType.REPAIR:
            first, last = whole("follow_up.repair.from_days"), whole("follow_up.repair.to_months")
            return _after(anchor, (first, "days"), (last, "months"), numbers)
        case FollowUpType.SPECIAL_SERVICE if term_from is not None:
            share = numbers.fraction
            return special_service_middle(
                term_from,
                anchor,
                share("follow_up.special_service.middle_from"),
                share("follow_up.special_service.middle_to"),
            )
        case FollowUpType.SPECIAL_SERVICE:
            return _after(anchor, _AT_ONCE, (whole("follow_up.special_service.after_end_days"), "days"), numbers)
        case FollowUpType.EMERGENCY:
            return _after(anchor, _AT_ONCE, (whole("follow_up.emergency.within_days"), "days"), numbers)
        case FollowUpType.ACTIVITY:
            return _after(anchor, _AT_ONCE, (whole("follow_up.activity.within_months"), "months"), numbers)
        case FollowUpType.OTHER:  # pragma: no branch  (there is no other type)
            return _after(anchor, _AT_ONCE, (whole("follow_up.other.within_days"), "days"), numbers)


def _after(anchor: date, first: Offset, last: Offset, numbers: Numbers) -> Window:
    working = numbers.choice("follow_up.counting") == "working"
    moves = numbers.choice("follow_up.last_day_on_holiday") == "moves"
    opens = window(anchor, _AT_ONCE, first, working=working, holidays=OFFICIAL).closes
    closes = window(anchor, _AT_ONCE, last, working=working, moves=moves, holidays=OFFICIAL).closes
    # So many working days may reach beyond a month that has many holidays: then they are on their last day.
    return Window(anchor, opens, max(opens, closes))
