"""What can happen to a key loan 钥匙取领 (§3.3), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from domain.homes.keys import KeyCondition
from domain.kernel.fact import Event, Personal, event


class Purpose(StrEnum):
    """What the key is wanted for 用途."""

    CONSTRUCTION = "construction"  # 施工
    VIEWING = "viewing"  # 参观
    REPAIR = "repair"  # 维修
    CLEANING = "cleaning"  # 清洁
    INSPECTION = "inspection"  # 检查
    OTHER = "other"  # 其他


@event()
class KeyLoanRequested(Event):
    """钥匙取领已登记 · Key loan requested."""

    vacant_home: str
    home: str
    keys: tuple[str, ...]
    purpose: Purpose
    expected_return: datetime
    borrower: Personal | None = None
    organisation: Personal | None = None
    identity_document: Personal | None = None
    consent: Personal | None = None
    renovation: str | None = None
    staff_borrower: str | None = None
    """Who of the office borrows, where it is one of its people: he does not lend to himself."""


@event()
class KeyLoanRefused(Event):
    """钥匙取领被拒 · Key loan refused."""

    reason: str
    papers_until: date | None = None


@event()
class KeysIssued(Event):
    """当班者已签字，钥匙已取走 · Keys issued against the duty officer's signature."""

    keys: tuple[str, ...]
    expected_return: datetime
    officer_signature: Personal | None = None


@event()
class KeysOverdue(Event):
    """钥匙逾期未还 · Keys not returned in time."""

    due_at: datetime


@event()
class KeysReturned(Event):
    """钥匙已归还 · Keys returned against the returner's signature."""

    keys: tuple[str, ...]
    condition: KeyCondition
    entered_at: datetime
    returner: Personal | None = None
    returner_signature: Personal | None = None
    papers_until: date | None = None


@event()
class KeyLoanExtended(Event):
    """钥匙取领已延期 · The loan was extended against the duty officer's signature."""

    expected_return: datetime
    reason: str
    officer_signature: Personal | None = None


@event()
class KeysPartlyReturned(Event):
    """部分钥匙已归还 · Some of the keys returned against the returner's signature."""

    keys: tuple[str, ...]
    condition: KeyCondition
    returner: Personal | None = None
    returner_signature: Personal | None = None


@event()
class BorrowerErased(Event):
    """取领人信息已销毁 · What was written down of the borrower was destroyed after its time."""

    subjects: tuple[str, ...]

    def destroys(self) -> tuple[str, ...]:
        """The loan's own key."""
        return self.subjects


@event()
class KeysLost(Event):
    """钥匙已遗失 · Keys lost."""

    keys: tuple[str, ...]
    circumstances: Personal | None = None
