"""Endings 随之终止: what followed from a case ends with it when that is withdrawn as mistaken or merged as a duplicate, or its step taken back.

What a policy opened has an id that derives from its cause: the policies are asked once more what followed from each fact
of the case, and what they name is what they opened then. A household's arrears, an office's next week and whatever else
is one and the same for several causes goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from domain.cases import lifecycle_for, lifecycle_of
from domain.handbook.settings import Settings
from domain.kernel.calendar import local_date
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Event, Fact
from domain.kernel.mending import TAKEN_OUT, MarkedDuplicate, MergeDuplicate, WithdrawAsMistaken, WithdrawnAsMistaken
from domain.kernel.withdrawn_steps import StepWithdrawn, WithdrawStep, gone, last_step
from journal.ids import derived_id
from workflows.engine.policy import Consequence, Policies

__all__ = ["ENDING", "endings", "ends_what_followed"]

Facts = Callable[[str], Sequence[Fact]]
"""The facts of a case, those of the draft included."""
ENDING = "end_what_followed_from_a_mistake"
"""The policy's name in the book."""


def ends_what_followed(event: Event) -> bool:
    """Whether it takes its case out of the book's figures, and what followed from it."""
    return isinstance(event, TAKEN_OUT)


def endings(cause: Fact, facts_of: Facts, policies: Policies, settings: Settings) -> Iterator[Consequence]:
    """What follows from the end of a case or step: the end of what it brought about, and whom a duplicate is kept for.

    Raises :class:`~domain.kernel.errors.RuleBroken` where a step has been gone on from.
    """
    said, facts = cause.event, facts_of(cause.case_id)
    assert isinstance(said, WithdrawnAsMistaken | MarkedDuplicate | StepWithdrawn)
    ended = {fact.event_id for fact in facts if not isinstance(said, StepWithdrawn) or fact.version in said.taken_back}
    followed = list(_followed(cause.case_id, facts, ended, policies, settings))
    opened = tuple(dict.fromkeys(case_id for case_id, new in followed if new))
    if isinstance(said, StepWithdrawn):
        yield from _taken_back(cause, said, ended, opened, [case_id for case_id, new in followed if not new], facts_of)
    for case_id in opened:
        yield Consequence(WithdrawAsMistaken(reason=said.reason, origin=cause.case_id), to=case_id)
    if isinstance(said, MarkedDuplicate):
        case: Any = lifecycle_of(cause.case_id).fold(facts)
        merge = MergeDuplicate(duplicate=case.id, household=case.household, home=case.home)
        yield Consequence(merge, to=said.original, must=True)


def _taken_back(
    cause: Fact, said: StepWithdrawn, ended: set[UUID], opened: tuple[str, ...], others: list[str], facts_of: Facts
) -> Iterator[Consequence]:
    """The steps that followed in cases which were there already, the last ones first: they have to be their last ones."""
    whence = ended | {fact.event_id for case_id in opened for fact in facts_of(case_id)}
    for fact in facts_of(cause.case_id):
        if fact.version in said.taken_back[1:] and fact.causation_id not in whence:
            zh, en = "其后另有事项引起的记录，请先撤销其来源", "something else followed it: withdraw that first"
            raise RuleBroken("step-followed", None, zh=zh, en=en)
    for case_id in opened:
        last = last_step(lifecycle_of(case_id).fold(facts_of(case_id)))
        if last is not None and last.role.is_person:
            zh, en = (
                f"随之立项的「{case_id}」已有办理，请先撤销其步骤",
                f"{case_id} followed it: withdraw its steps first",
            )
            raise RuleBroken("step-followed", None, zh=zh, en=en)
    for case_id in dict.fromkeys(each for each in others if each not in (cause.case_id, *opened)):
        facts = facts_of(case_id)
        before = gone(facts)
        for fact in reversed(facts):
            if fact.causation_id in ended and fact.version not in before:
                step = WithdrawStep(reason=said.reason, entry=fact.version, origin=cause.case_id)
                yield Consequence(step, to=case_id, must=True)


def _followed(
    case_id: str, facts: Sequence[Fact], ended: set[UUID], policies: Policies, settings: Settings
) -> Iterator[tuple[str, bool]]:
    """The cases that the policies opened, or gave a command to, because of these facts: id, and whether it was opened."""
    lifecycle, case = lifecycle_of(case_id), None
    for fact in facts:
        case = lifecycle.apply(case, fact)
        if fact.event_id not in ended:
            continue
        numbers = settings.at(local_date(fact.occurred_at))
        for policy in policies.woken_by(fact.event):
            for position, consequence in enumerate(policy.then(case, fact, numbers)):
                kind = lifecycle_for(type(consequence.command), consequence.to or consequence.opens)
                if consequence.to is not None:
                    yield consequence.to, False
                elif consequence.opens is not None:
                    yield consequence.opens, True
                elif kind.identity is None:
                    yield derived_id(kind.kind, fact.event_id, policy.name, position), True
