"""The cells of a row as values: text, whole numbers, fen, instants, days and flags, read exactly or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from journal.confidential import is_token
from workflows.importing.problems import Trouble

__all__ = ["SHANGHAI", "Column", "Kind", "Value"]

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

Value: TypeAlias = str | int | bool | date | datetime
"""What a cell can be. Money is an integer of fen; instants are aware."""

_AMOUNT: Final = re.compile(r"[-+]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{1,12})?")
_INTEGER: Final = re.compile(r"[-+]?\d{1,18}(?:\.0{1,6})?")
_CURRENCY: Final = re.compile(r"^[¥￥]\s*|\s*元$")
_BLANKS: Final = re.compile(r"\s+")
_FLAGS: Final = {"true": True, "1": True, "yes": True, "y": True, "是": True}
_FLAGS_OFF: Final = {"false": False, "0": False, "no": False, "n": False, "否": False}


class Kind(StrEnum):
    """What the text of a column stands for."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"
    TIME = "time"
    DATE = "date"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One named value of every row: where its text stands and how it is read.

    ``parts`` are the header columns whose texts are joined, each with the names it goes by.
    """

    name: str
    parts: tuple[tuple[str, ...], ...]
    joint: str = " "
    kind: Kind = Kind.TEXT
    required: bool = False
    optional: bool = False
    missing: frozenset[str] = frozenset({""})
    values: Mapping[str, str] | None = None
    otherwise: str | None = None
    one_of: frozenset[str] | None = None
    formats: tuple[str, ...] = ("iso",)
    zone: ZoneInfo = SHANGHAI
    ignore_offset: bool = False
    within: tuple[date, date] | None = None
    unit_fen: bool = False
    squeeze: bool = False
    known_at: str | None = None
    bad_is_missing: bool = False
    label: str = field(init=False)

    def __post_init__(self) -> None:
        """The column's name in a problem file: that of the file, not that of the mapping."""
        object.__setattr__(self, "label", self.joint.join(part[0] for part in self.parts))

    def text(self, cells: tuple[str | None, ...]) -> str | None:
        """The text as it stands in the source, or None when it is not given; blanks around it do not count."""
        if len(cells) == 1 and not self.squeeze:
            text = cells[0].strip() if cells[0] else ""
            return None if text in self.missing else text
        texts = [(cell or "").strip() for cell in cells]
        if self.squeeze:
            texts = [_BLANKS.sub(" ", text) for text in texts]
        if any(text in self.missing for text in texts):
            return None
        joined = self.joint.join(texts)
        return None if joined in self.missing else joined

    def lacking(self, cells: tuple[str | None, ...]) -> list[Trouble]:
        """One trouble for each part that is required and not given."""
        troubles = []
        for part, cell in zip(self.parts, cells, strict=True):
            stripped = (cell or "").strip()
            if stripped in self.missing:
                troubles.append(_missing(part[0], stripped))
        whole = self.joint.join((cell or "").strip() for cell in cells)
        if not troubles and self.text(cells) is None:
            troubles.append(_missing(self.label, whole))
        return troubles

    def read(self, text: str) -> Value:
        """The value of a text; raises :class:`Trouble` when it is none."""
        try:
            return self._read(text)
        except Trouble as trouble:
            trouble.column, trouble.value = trouble.column or self.label, trouble.value or text
            raise

    def _read(self, text: str) -> Value:
        if self.one_of is not None and text not in self.one_of:
            raise Trouble("value-unknown", zh="不是已知的取值", en="it is none of the known values")
        match self.kind:
            case Kind.TEXT:
                return self._translated(text)
            case Kind.INTEGER:
                return _integer(text)
            case Kind.MONEY:
                return _fen(text, unit_fen=self.unit_fen)
            case Kind.TIME:
                return self._within(_instant(text, self.formats, self.zone, self.ignore_offset))
            case Kind.DATE:
                instant = self._within(_instant(text, self.formats, self.zone, self.ignore_offset))
                return instant.astimezone(self.zone).date()
            case Kind.FLAG:
                return _flag(text)

    def _translated(self, text: str) -> str:
        if self.values is None:
            if is_token(text):
                raise Trouble("value-sealed", zh="不能以密文标记开头", en="it cannot begin as a sealed value does")
            return text
        translated = self.values.get(text, self.otherwise)
        if translated is None:
            raise Trouble(
                "value-untranslated", zh="映射中没有此值的译法", en="the mapping does not say what this value means"
            )
        return translated

    def _within(self, instant: datetime) -> datetime:
        if self.within is not None:
            first, last = self.within
            if not first <= instant.astimezone(self.zone).date() <= last:
                raise Trouble(
                    "time-outside-period",
                    zh=f"时间不在资料所属期间（{first} 至 {last}）内",
                    en=f"the time lies outside the period of the source ({first} to {last})",
                )
        return instant


def _missing(column: str, value: str) -> Trouble:
    return Trouble("value-missing", zh="缺少必填的值", en="a required value is missing", column=column, value=value)


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise Trouble("number-unreadable", zh="不是整数", en="it is not a whole number")
    return int(text.partition(".")[0])


def _fen(text: str, *, unit_fen: bool) -> int:
    plain = _CURRENCY.sub("", text)
    if not _AMOUNT.fullmatch(plain):
        raise Trouble("amount-unreadable", zh="不是金额", en="it is not an amount")
    amount = Decimal(plain.replace(",", "")) * (1 if unit_fen else 100)
    if amount != amount.to_integral_value():
        raise Trouble("amount-finer-than-fen", zh="金额精确到分以下", en="the amount is finer than a fen")
    return int(amount)


def _flag(text: str) -> bool:
    known = {**_FLAGS, **_FLAGS_OFF}.get(text.casefold())
    if known is None:
        raise Trouble("flag-unreadable", zh="不是「是／否」", en="it is neither yes nor no")
    return known


@lru_cache(maxsize=65_536)
def _instant(text: str, formats: tuple[str, ...], zone: ZoneInfo, ignore_offset: bool) -> datetime:  # noqa: FBT001 -- lru_cache
    for pattern in formats:
        try:
            read = datetime.fromisoformat(text) if pattern == "iso" else datetime.strptime(text, pattern)  # noqa: DTZ007 -- the zone follows
        except ValueError:
            continue
        if ignore_offset:
            read = read.replace(tzinfo=None)
        return read.replace(tzinfo=zone) if read.tzinfo is None else read.astimezone(zone)
    raise Trouble(
        "time-unreadable",
        zh=f"不是日期时间（可用格式：{'、'.join(formats)}）",
        en=f"it is not a date or time (formats: {', '.join(formats)})",
    )
