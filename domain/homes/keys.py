"""Keys of vacant homes 空房钥匙 (§3.1–3.3): numbered, classified, counted, and each of them somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Custody", "Key", "KeyClass", "KeyCondition", "KeyItem", "OtherKey", "Whereabouts"]


class KeyClass(StrEnum):
    """What a key opens 钥匙类别."""

    ENTRANCE = "entrance"  # 入户门
    ROOM = "room"  # 房门
    LETTERBOX = "letterbox"  # 信箱
    GATE = "gate"  # 单元门、院门
    STORE = "store"  # 储藏间、车库
    METER = "meter"  # 水电表箱
    CARD = "card"  # 门禁卡
    OTHER = "other"  # 其他


class KeyCondition(StrEnum):
    """How a key is 钥匙现状."""

    GOOD = "good"  # 完好
    WORN = "worn"  # 磨损
    DAMAGED = "damaged"  # 损坏


class Whereabouts(StrEnum):
    """Who has a key that the office has not 其它钥匙去向."""

    OWNER = "owner"  # 业主
    RELATIVE = "relative"  # 亲属
    TENANT = "tenant"  # 承租人
    AGENT = "agent"  # 中介
    BUILDER = "builder"  # 施工单位
    LOST = "lost"  # 遗失
    UNKNOWN = "unknown"  # 不明


class Custody(StrEnum):
    """Where a numbered key of the set is 钥匙保管状态."""

    KEPT = "kept"  # 在管
    LENT = "lent"  # 借出
    MISSING = "missing"  # 缺失
    RETIRED = "retired"  # 已换锁作废
    HANDED_OVER = "handed-over"  # 已移交

    @property
    def in_care(self) -> bool:
        """Whether the office still answers for the key 尚由管理处负责."""
        return self in (Custody.KEPT, Custody.LENT, Custody.MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyItem:
    """One number 编号 of the key set: its class and how many equal keys hang on it."""

    number: str
    key_class: KeyClass
    count: int = 1
    condition: KeyCondition = KeyCondition.GOOD


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherKey:
    """A key of the home that the office does not keep: where it is and how (§3.1)."""

    key_class: KeyClass
    whereabouts: Whereabouts
    condition: KeyCondition
    count: int = 1


@dataclass(slots=True, kw_only=True)
class Key:
    """One key number and where it is."""

    item: KeyItem
    custody: Custody = Custody.KEPT
    loan: str | None = None
    since: datetime
