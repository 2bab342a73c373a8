"""Custody of a vacant home's keys 钥匙保管 (§3.2): out, back, missing or replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from domain.homes.keys import Custody, KeyCondition, KeyItem
from domain.homes.vacant_home.case import VacantHome
from domain.homes.vacant_home.events import (
    KeysDeclaredMissing,
    KeysReceived,
    KeysReleased,
    KeyTakingRefused,
    LockReplaced,
    UnauthorisedTakingRecorded,
)
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.rules import broken, missing


@command
class ReleaseKeys(Command):
    """凭登记表放出钥匙 · Let keys leave custody on a loan."""

    keys: tuple[str, ...]
    loan: str
    consented: bool = True

    def decide(self, home: VacantHome, at: Moment) -> Iterator[Event]:
        """What is out or missing cannot go out (§3.2), nor the keys of a home that nobody may enter any more."""
        in_custody(home, self.keys, (Custody.KEPT,))
        if not self.consented and not home.may_enter(at.today):
            raise broken(
                "entry-without-entrustment",
                "民法典1033",
                "委托已到期，须经业主同意方可放出钥匙",
                "the entrustment has ended: the owner has to consent",
            )
        yield KeysReleased(keys=self.keys, loan=self.loan)


@command
class ReceiveKeys(Command):
    """收回借出钥匙 · Take lent keys back into custody."""

    keys: tuple[str, ...]
    loan: str
    condition: KeyCondition = KeyCondition.GOOD

    def decide(self, home: VacantHome, _at: Moment) -> Iterator[Event]:
        """Back in its place (§3.3)."""
        in_custody(home, self.keys, (Custody.LENT,))
        yield KeysReceived(keys=self.keys, condition=self.condition, loan=self.loan)


@command
class DeclareKeysMissing(Command):
    """登记钥匙缺失 · Declare keys missing."""

    keys: tuple[str, ...]
    loan: str | None = None
    circumstances: Personal | None = None

    def decide(self, home: VacantHome, _at: Moment) -> Iterator[Event]:
        """Lost on a loan, or not found in its place (§3.2)."""
        in_custody(home, self.keys, (Custody.KEPT,) if self.loan is None else (Custody.LENT,))
        yield KeysDeclaredMissing(keys=self.keys, loan=self.loan, circumstances=self.circumstances)


@command
class RecoverKeys(Command):
    """找回缺失钥匙 · Recover missing keys."""

    keys: tuple[str, ...]
    condition: KeyCondition = KeyCondition.GOOD

    def decide(self, home: VacantHome, _at: Moment) -> Iterator[Event]:
        """Found again (§3.2)."""
        in_custody(home, self.keys, (Custody.MISSING,))
        yield KeysReceived(keys=self.keys, condition=self.condition)


@command
class RefuseKeyTaking(Command):
    """拒绝擅自拿用钥匙 · Refuse an attempt to take keys without authority."""

    keys: tuple[str, ...]
    person: Personal | None = None
    circumstances: Personal | None = None

    def decide(self, home: VacantHome, _at: Moment) -> Iterator[Event]:
        """The attempt itself is a fact; the keys stay where they are (§3.2)."""
        in_custody(home, self.keys, tuple(Custody))
        yield KeyTakingRefused(keys=self.keys, person=self.person, circumstances=self.circumstances)


@command
class RecordUnauthorisedTaking(Command):
    """记录擅自拿用钥匙 · Record that keys were taken without authority."""

    keys: tuple[str, ...]
    person: Personal | None = None
    circumstances: Personal | None = None

    def decide(self, home: VacantHome, _at: Moment) -> Iterator[Event]:
        """They count as missing until they are recovered or the lock is replaced (§3.2)."""
        in_custody(home, self.keys, (Custody.KEPT,))
        yield UnauthorisedTakingRecorded(keys=self.keys, person=self.person, circumstances=self.circumstances)


@command
class ReplaceLock(Command):
    """换锁配钥匙 · Replace a lock and take its new keys into custody."""

    retired: tuple[str, ...]
    keys: tuple[KeyItem, ...]

    def decide(self, home: VacantHome, _at: Moment) -> Iterator[Event]:
        """The old numbers are retired and never used again (§3.1)."""
        in_custody(home, self.retired, (Custody.KEPT, Custody.MISSING))
        if not self.keys:
            raise missing("keys", "3.1", "请登记新锁的钥匙", "the new lock's keys are missing")
        numbered(self.keys, home.keys)
        yield LockReplaced(retired=self.retired, keys=self.keys)


def numbered(keys: tuple[KeyItem, ...], used: Collection[str]) -> None:
    """Every number once, and at least one key on it (§3.1)."""
    numbers = [item.number for item in keys]
    if len({*numbers, *used}) != len(numbers) + len(used):
        raise broken("key-number-twice", "3.1", "钥匙编号重复", "a key number is used twice", "keys")
    if any(item.count < 1 for item in keys):
        raise broken("key-count", "3.1", "每个编号至少一把钥匙", "there is at least one key on a number", "keys")


def in_custody(home: VacantHome, keys: tuple[str, ...], custody: tuple[Custody, ...]) -> None:
    """These numbers, each once, belong to the set and are where they have to be (§3.2)."""
    if not keys or len(set(keys)) != len(keys) or not set(keys) <= set(home.keys):
        listed = "、".join(home.keys)
        zh, en = f"请填写本空房的钥匙编号：{listed}", f"each once, and of the keys of this home: {listed}"
        raise broken("key-unknown", "3.2", zh, en, "keys")
    elsewhere = [number for number in keys if home.keys[number].custody not in custody]
    if elsewhere:
        raise broken(
            "key-elsewhere",
            "3.2",
            f"钥匙不在应在之处：{'、'.join(elsewhere)}",
            f"these keys are not where they should be: {', '.join(elsewhere)}",
            "keys",
        )
