"""Erasure of a household's data 个人信息销毁 (§9.2): after retention, by two people; before, refused with its ground."""

from __future__ import annotations

from collections.abc import Iterator

from domain.fact import Command, Event, Moment, command
from domain.household_events import (
    RESIDENT,
    ErasureDeclined,
    ErasureRefused,
    ErasureRequested,
    HouseholdErased,
    RetentionEnded,
)
from domain.household_state import Household
from domain.rules import another_person, broken

__all__ = ["DeclineErasure", "EraseHousehold", "MarkRetentionEnded", "RequestErasure"]


@command
class MarkRetentionEnded(Command):
    """保管期已满 · Note that the retention has ended."""

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """From now on the file waits for its disposal (§5.2.5(7), PIPL 47)."""
        yield RetentionEnded(ended_on=household.retained_until or at.today)


@command
class RequestErasure(Command):
    """申请删除个人信息 · Ask for the erasure of personal data."""

    reason: str

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """Refused with a recorded ground while the household lives there or its retention runs (PIPL 47)."""
        if household.state == RESIDENT:
            yield ErasureRefused(ground="住户仍在住，履行合同所必需 / still in residence: needed for the contract")
        elif household.retained_until is not None and at.today <= household.retained_until:
            yield ErasureRefused(
                ground=f"法定保管期至{household.retained_until} / kept by law until {household.retained_until}"
            )
        else:
            yield self.said(ErasureRequested)


@command
class DeclineErasure(Command):
    """不予删除 · Decline the erasure."""

    ground: str

    def decide(self, _household: Household, _at: Moment) -> Iterator[Event]:
        """A ground such as an open debt or a suit stands in the book (PIPL 47)."""
        if not self.ground.strip():
            raise broken("ground-missing", "9.2", "请写明依据", "say on what ground", "ground")
        yield self.said(ErasureDeclined)


@command
class EraseHousehold(Command):
    """销毁个人信息 · Destroy the personal data for good."""

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """By somebody else than asked for it. The key is destroyed with this fact; counts and proofs stay (PIPL 47)."""
        if household.erasure_asked_by is not None:
            another_person({household.erasure_asked_by}, "9.2", at)
        linked = (household.move_in,) if household.move_in is not None else ()
        yield HouseholdErased(subjects=(household.id, *linked))
