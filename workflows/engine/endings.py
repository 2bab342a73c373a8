"""Endings 随之终止: what followed from a case ends with it when that is withdrawn as mistaken or merged as a duplicate.

What a policy opened has an id that derives from its cause: the policies are asked once more what followed from each fact
of the case, and what they name is what they opened then. A household's arrears, an office's next week and whatever else
is one and the same for several causes goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from domain.cases import lifecycle_for, lifecycle_of
from domain.handbook.settings import Settings
from domain.kernel.calendar import local_date
from domain.kernel.fact import Event, Fact
from domain.kernel.mending import MarkedDuplicate, MergeDuplicate, WithdrawAsMistaken, WithdrawnAsMistaken
from journal.ids import derived_id
from workflows.engine.policy import Consequence, Policies

__all__ = ["ENDING", "endings", "ends_what_followed"]

ENDING = "end_what_followed_from_a_mistake"
"""The policy's name in the book."""


def ends_what_followed(event: Event) -> bool:
    """Whether it takes its case out of the book's figures, and what followed from it."""
    return isinstance(event, WithdrawnAsMistaken | MarkedDuplicate)


def endings(cause: Fact, facts: Iterable[Fact], policies: Policies, settings: Settings) -> Iterator[Consequence]:
    """What follows from the end of a case with these facts: the end of what it opened, and whom its duplicate is kept for."""
    said = cause.event
    assert isinstance(said, WithdrawnAsMistaken | MarkedDuplicate)
    for opened in dict.fromkeys(_opened(cause.case_id, facts, policies, settings)):
        yield Consequence(WithdrawAsMistaken(reason=said.reason, origin=cause.case_id), to=opened)
    if isinstance(said, MarkedDuplicate):
        case: Any = lifecycle_of(cause.case_id).fold(facts)
        merge = MergeDuplicate(duplicate=case.id, household=case.household, home=case.home)
        yield Consequence(merge, to=said.original, must=True)


def _opened(case_id: str, facts: Iterable[Fact], policies: Policies, settings: Settings) -> Iterator[str]:
    """The ids of the cases that the policies opened because of these facts."""
    lifecycle, case = lifecycle_of(case_id), None
    for fact in facts:
        case = lifecycle.apply(case, fact)
        numbers = settings.at(local_date(fact.occurred_at))
        for policy in policies.woken_by(fact.event):
            for position, consequence in enumerate(policy.then(case, fact, numbers)):
                if consequence.to is not None:
                    continue
                kind = lifecycle_for(type(consequence.command), consequence.opens)
                if consequence.opens is not None:
                    yield consequence.opens
                elif kind.identity is None:
                    yield derived_id(kind.kind, fact.event_id, policy.name, position)
