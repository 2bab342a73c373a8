"""The cells of a row as values: text, numbers, fen, instants, days and flags, read exactly or not at all.

A text loses the characters that nobody can see and that a register could not hold, and is stored NFC; the rules of a
mapping look at the source's own text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, localcontext
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeAlias
from unicodedata import is_normalized, normalize
from zoneinfo import ZoneInfo

from journal.confidential import is_token
from workflows.importing.dates import loosely
from workflows.importing.problems import Trouble

__all__ = ["SHANGHAI", "Column", "Kind", "Several", "Unfolded", "Value"]

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

Value: TypeAlias = str | int | bool | date | datetime
"""What a cell can be. Money is an integer of fen; instants are aware."""

Several: TypeAlias = tuple[tuple[str, Value], ...]
"""What several columns of one kind give: each header with its value, those that are not given left out."""

_AMOUNT: Final = re.compile(r"[-+]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{1,12})?")
_MONEY: Final = re.compile(r"[-+]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{1,40})?")
"""As many decimals as another system's arithmetic leaves: what is finer than a fen is told as that."""
_EXPONENT: Final = re.compile(r"[-+]?\d(?:\.\d{1,40})?[eE][-+]?\d{1,2}")
"""As spreadsheets write what is too wide for its column: 1.00E+05."""
_INTEGER: Final = re.compile(r"[-+]?\d{1,18}(?:\.0{1,6})?")
_PRECISION: Final = 120
_MOST_NUMBER: Final = 10**15
"""The greatest whole number, either way: what the counter takes as well."""
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2199
_CURRENCY: Final = re.compile(r"^[¥￥]\s*|\s*元$")
_BLANKS: Final = re.compile(r"\s+")
# Controls but for line breaks and tabs, surrogates, bidi embeddings and overrides, isolates, non-characters.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)
_STYLES: Final = {"iso": "年-月-日", "ymd": "年-月-日", "mdy": "月/日/年", "dmy": "日/月/年"}
"""What the formats of times are called in Chinese."""
_FLAGS: Final = {"true": True, "1": True, "yes": True, "y": True, "是": True}
_FLAGS_OFF: Final = {"false": False, "0": False, "no": False, "n": False, "否": False}


class Kind(StrEnum):
    """What the text of a column stands for."""

    TEXT = "text"
    INTEGER = "integer"
    HUNDREDTHS = "hundredths"
    MONEY = "money"
    TIME = "time"
    DATE = "date"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Unfolded:
    """Where a value stands for each span 期 of a row that tells of several: the span's own name, a header for each, or a pattern.

    ``pattern`` fits the headers, and its group is the span's name; ``heads`` gives each span's header and its other names.
    """

    heads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None

    @property
    def is_name(self) -> bool:
        """Whether it is the name of the span itself."""
        return not self.heads and self.pattern is None

    @property
    def label(self) -> str:
        """What it is called in a problem file where the span is not known."""
        if self.pattern is not None:
            return self.pattern.pattern
        return f"{next(iter(self.heads.values()))[0]}…" if self.heads else "期 / span"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One named value of every row: where its text stands and how it is read.

    ``parts`` are the header columns whose texts are joined, each with the names it goes by; ``headers`` instead takes
    every column whose header it fits and ``but`` does not: the value is then a list of headers with their values;
    ``unfold`` is of a row that is read once for each of its spans: where each span's text stands.
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
    rounding: str | None = None
    exponent: bool = False
    squeeze: bool = False
    most: int | None = None
    known_at: str | None = None
    bad_is_missing: bool = False
    headers: re.Pattern[str] | None = None
    but: re.Pattern[str] | None = None
    unfold: Unfolded | None = None
    label: str = field(init=False)

    def __post_init__(self) -> None:
        """The column's name in a problem file: that of the file, not that of the mapping."""
        label = self.joint.join(part[0] for part in self.parts)
        object.__setattr__(self, "label", label if self.unfold is None else self.unfold.label)

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
            case Kind.HUNDREDTHS:
                return _hundredths(text)
            case Kind.MONEY:
                return self._fen(text)
            case Kind.TIME:
                return self._within(_instant(text, self.formats, self.zone, self.ignore_offset))
            case Kind.DATE:
                instant = self._within(_instant(text, self.formats, self.zone, self.ignore_offset))
                return instant.astimezone(self.zone).date()
            case Kind.FLAG:
                return _flag(text)

    def odd(self, text: str, value: Value) -> Trouble | None:
        """What is to be noted of a text that was taken otherwise than it stands in the source."""
        if value == text or self.values is not None or not isinstance(value, str):
            return None
        if _UNSEEN.search(text):
            return Trouble(
                "characters-removed", zh="已删去不可见的控制字符", en="characters that cannot be seen were taken out"
            )
        if self.most is not None and len(text) > self.most:
            return Trouble(
                "text-shortened", zh=f"文本已截至{self.most}字", en=f"the text was cut after {self.most} characters"
            )
        return None

    def _fen(self, text: str) -> int:
        """Exact, unless the mapping says how what is finer than a fen is rounded."""
        plain = _CURRENCY.sub("", text)
        if not _MONEY.fullmatch(plain) and not (self.exponent and _EXPONENT.fullmatch(plain)):
            raise Trouble("amount-unreadable", zh="不是金额", en="it is not an amount")
        with localcontext() as exact:
            exact.prec = _PRECISION
            amount = Decimal(plain.replace(",", "")) * (1 if self.unit_fen else 100)
            whole = amount.to_integral_value(self.rounding)
        if amount != whole and self.rounding is None:
            raise Trouble("amount-finer-than-fen", zh="金额精确到分以下", en="the amount is finer than a fen")
        return _bounded(int(whole))

    def _translated(self, text: str) -> str:
        if self.values is None:
            if is_token(text):
                raise Trouble("value-sealed", zh="不能以密文标记开头", en="it cannot begin as a sealed value does")
            return _tidy(text)[: self.most]
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


def _tidy(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    seen = _UNSEEN.sub("", text)
    return seen if is_normalized("NFC", seen) else normalize("NFC", seen)


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise Trouble("number-unreadable", zh="不是整数", en="it is not a whole number")
    return _bounded(int(text.partition(".")[0]))


def _hundredths(text: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise Trouble("number-unreadable", zh="不是数字", en="it is not a number")
    number = Decimal(text.replace(",", "")) * 100
    if number != number.to_integral_value():
        raise Trouble("number-too-fine", zh="数字精确到百分位以下", en="it is finer than a hundredth")
    return _bounded(int(number))


def _bounded(number: int) -> int:
    if abs(number) > _MOST_NUMBER:
        raise Trouble("number-too-large", zh="数字过大", en="the number is too large")
    return number


def _flag(text: str) -> bool:
    known = {**_FLAGS, **_FLAGS_OFF}.get(text.casefold())
    if known is None:
        raise Trouble("flag-unreadable", zh="不是「是／否」", en="it is neither yes nor no")
    return known


@lru_cache(maxsize=65_536)
def _instant(text: str, formats: tuple[str, ...], zone: ZoneInfo, ignore_offset: bool) -> datetime:  # noqa: FBT001 -- lru_cache
    for pattern in formats:
        read = _by(text, pattern)
        if read is None:
            continue
        if not _FIRST_YEAR <= read.year <= _LAST_YEAR:
            raise Trouble(
                "time-outside-period",
                zh=f"年份须在{_FIRST_YEAR}至{_LAST_YEAR}之间",
                en=f"the year must lie between {_FIRST_YEAR} and {_LAST_YEAR}",
            )
        if ignore_offset:
            read = read.replace(tzinfo=None)
        return read.replace(tzinfo=zone) if read.tzinfo is None else read.astimezone(zone)
    raise Trouble(
        "time-unreadable",
        zh=f"不是日期时间（可用格式：{'、'.join(_STYLES.get(each, each) for each in formats)}）",
        en=f"it is not a date or time (formats: {', '.join(formats)})",
    )


def _by(text: str, pattern: str) -> datetime | None:
    if pattern in ("ymd", "mdy", "dmy"):
        return loosely(text, pattern)
    try:
        return datetime.fromisoformat(text) if pattern == "iso" else datetime.strptime(text, pattern)  # noqa: DTZ007 -- the zone follows
    except ValueError:
        return None
