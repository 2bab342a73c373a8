"""Entrustment of a vacant home 委托协议 (§3.1): signed, in force, renewed before or after its end, noted when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.homes.keys import OtherKey
from domain.homes.vacant_home.case import VacantHome
from domain.homes.vacant_home.events import EntrustmentEnded, EntrustmentRenewed, VacancyKind
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor
from domain.kernel.rules import broken


@command
class RenewEntrustment(Command):
    """续签委托协议 · Renew the entrustment agreement."""

    agreement_signed_on: date
    entrusted_from: date
    entrusted_until: date
    other_keys: tuple[OtherKey, ...] | None = None
    owner: Personal | None = None
    other_keys_note: Personal | None = None

    @staticmethod
    def ready(home: VacantHome, _who: Actor) -> Refusal | None:
        """Only an entrusted home has an agreement."""
        if home.kind is not VacancyKind.ENTRUSTED:
            return broken("not-entrusted", "3.1", "该空房并非业主委托", "the home is not an entrusted one")
        return None

    def decide(self, home: VacantHome, at: Moment) -> Iterator[Event]:
        """It stands on the day, or follows the standing one without a gap; the other keys are where they were (§3.1)."""
        first, last = self.entrusted_from, self.entrusted_until
        ahead = self.agreement_signed_on <= at.today < first <= last
        follows = ahead and home.may_enter(at.today) and home.goes_on(first)
        if not follows and not stands(self.agreement_signed_on, first, last, at):
            at.require_evidence(not_standing())
        yield self.to_event(
            EntrustmentRenewed, other_keys=home.other_keys if self.other_keys is None else self.other_keys
        )


@command
class MarkEntrustmentEnded(Command):
    """委托期限已满 · Note that the entrustment's term has ended."""

    def decide(self, home: VacantHome, at: Moment) -> Iterator[Event]:
        """From now on nobody enters without consent (民法典1033)."""
        yield EntrustmentEnded(ended_on=home.entrusted_until or at.today)


def stands(signed_on: date | None, since: date | None, until: date | None, at: Moment) -> bool:
    """Whether the agreement is signed and in force on the day (§3.1)."""
    if signed_on is None or since is None or until is None:
        return False
    return signed_on <= at.today and since <= at.today <= until


def not_standing() -> RuleBroken:
    """An agreement that is not in force brings no keys (§3.1)."""
    return broken(
        "entrustment-not-standing",
        "3.1",
        "委托协议当日未生效",
        "the entrustment is not in force",
        "entrusted_until",
    )
