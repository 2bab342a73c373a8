"""Erasure of a household's data 个人信息销毁 (§9.2): after retention, by two people; before, refused with its ground."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.arrears.debt_case.case import OPEN, DebtCase
from domain.arrears.debt_case.lifecycle import debt_case_id
from domain.fees.bank_line import BankLine
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.people import Actor
from domain.kernel.rules import blank, broken, forbid, own_work
from domain.residents.household.case import RESIDENT, Household
from domain.residents.household.events import (
    ErasureDeclined,
    ErasureRefused,
    ErasureRequested,
    HouseholdErased,
    PersonErased,
    RetentionEnded,
)


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
    MAY_LACK = frozenset({"debt"})

    def related_to(self, case_id: str, office: str) -> dict[str, str]:
        """The household's arrears, if it has any."""
        return {"debt": debt_case_id(office, case_id)}

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """Refused with a recorded ground while they live there, while retention runs, while they owe (PIPL 47)."""
        ground = _ground_against(household, at)
        if ground is not None:
            yield ErasureRefused(ground=ground, reason=self.reason)
        else:
            yield self.to_event(ErasureRequested)


def _ground_against(household: Household, at: Moment) -> str | None:
    """Why the law lets the office keep the file, or None."""
    if household.state == RESIDENT:
        return "住户仍在住，履行合同所必需 / still in residence: needed for the contract"
    if household.retained_until is not None and at.today <= household.retained_until:
        return f"法定保管期至{household.retained_until} / kept by law until {household.retained_until}"
    if owes(at.related.get("debt")):
        return "欠费追讨未结 / its arrears are being pursued"
    return None


def owes(debt: Any) -> bool:
    """Whether arrears are being pursued: ``debt`` is that case, or None."""
    return isinstance(debt, DebtCase) and debt.state in OPEN


@command
class DeclineErasure(Command):
    """不予删除 · Decline the erasure."""

    ground: str

    def decide(self, _household: Household, _at: Moment) -> Iterator[Event]:
        """A ground such as an open debt or a suit stands in the book (PIPL 47)."""
        forbid(blank(self.ground, "ground", "9.2", "请写明依据", "say on what ground"))
        yield self.to_event(ErasureDeclined)


@command
class EraseHousehold(Command):
    """销毁个人信息 · Destroy the personal data for good."""

    MAY_LACK = frozenset({"debt"})

    def related_to(self, case_id: str, office: str) -> dict[str, str]:
        """The household's arrears, if it has any."""
        return {"debt": debt_case_id(office, case_id)}

    @staticmethod
    def ready(household: Household, who: Actor) -> RuleBroken | None:
        """By somebody else than asked for it (PIPL 47)."""
        return own_work(who, {household.erasure_asked_by} if household.erasure_asked_by is not None else set(), "9.2")

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """The key is destroyed with this fact, those of its bank lines with it; counts and proofs stay (PIPL 47)."""
        if owes(at.related.get("debt")):
            raise broken("owes", "9.2", "欠费追讨未结，须先不予删除", "its arrears are being pursued: decline it")
        apart = sorted(household.subjects.values())
        lines = sorted(each.id for each in at.related.values() if isinstance(each, BankLine) and each.is_personal)
        yield HouseholdErased(subjects=(household.id, *sorted(household.move_ins), *apart, *lines))


@command
class ErasePerson(Command):
    """销毁迁出成员信息 · Destroy the personal data of one who left."""

    number: int
    reason: str

    @staticmethod
    def ready(household: Household, who: Actor) -> RuleBroken | None:
        """Somebody has left, and another than wrote that down erases him (PIPL 47)."""
        waiting = [by for number, by in household.gone.items() if number in household.subjects]
        if not waiting:
            zh, en = "没有可单独销毁的迁出成员", "nobody has left whose data can be erased apart"
            return broken("nobody-left", "9.2", zh, en)
        return own_work(who, set(filter(None, waiting)), "9.2") if all(by == who.user_id for by in waiting) else None

    def decide(self, household: Household, at: Moment) -> Iterator[Event]:
        """The key is that person's alone; the household's file stays as it is (PIPL 47)."""
        forbid(blank(self.reason, "reason", "9.2", "请说明理由", "say why"))
        subject = household.subjects.get(self.number)
        if self.number not in household.gone or subject is None:
            listed = "、".join(str(number) for number in household.gone if number in household.subjects)
            zh, en = f"可销毁的迁出成员：{listed}", f"those who left and can be erased: {listed}"
            raise broken("not-gone", "9.2", zh, en, "number")
        by = household.gone[self.number]
        forbid(own_work(at.who, {by} if by is not None else set(), "9.2"))
        yield PersonErased(number=self.number, reason=self.reason, subjects=(subject,))
