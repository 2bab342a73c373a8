"""Settings 设定: the handbook's numbers, each with its clause, dated, so that a report on the past uses the past's.

A :class:`Setting` is the definition with its default, a :class:`Change` what an office decided from a date on,
:class:`Settings` all changes of one office, and :class:`Numbers` the values in force on one local date.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

from domain.handbook.clauses import clause as handbook_clause
from domain.handbook.settings_bounds import BOUNDS, MOST_OFF, ONE_PERSON, RANGES, Bound, longest_break, narrower
from domain.handbook.settings_ours import OUR_RANGES, OUR_ROWS
from domain.handbook.settings_table import CHOICES, ORDERED, ROWS
from domain.kernel.errors import Malformed

__all__ = [
    "SETTINGS",
    "Change",
    "InvalidSetting",
    "Numbers",
    "Raw",
    "Setting",
    "Settings",
    "Source",
    "Value",
    "parse",
]

Raw = int | str
"""A value as it is stored and sent: an integer, or text such as ``"98/100"``, ``"0.0005"``, ``"98%"``, ``"21:00"``."""
Value = int | Fraction | time | str | tuple[date, ...]
"""A value as the domain reckons with it: text for a choice, and for what is only printed."""

T = TypeVar("T")

SINCE: Final = date(2000, 1, 1)
"""Local date from which the defaults are in force; before it they hold too, since nothing else is known."""

UNITS: Final = {
    "fraction": "ratio",
    "integer": "times",
    "amount": "fen",
    "days": "days",
    "hours": "hours",
    "minutes": "minutes",
    "months": "months",
    "years": "years",
    "day": "day of month",
    "time": "local time",
    "choice": "",
    "dates": "local dates",
    "text": "",
}
FORMS: Final = {
    "fraction": ("比例，如 98/100、98% 或 0.0005", "a ratio such as 98/100, 98% or 0.0005"),
    "time": ("时刻，如 21:00", "a time of day such as 21:00"),
    "dates": ("日期，如 2027-02-05 2027-02-08，或 none", "dates such as 2027-02-05 2027-02-08, or none"),
    "text": ("一行文字，或 none", "one line of text, or none"),
}
NONE: Final = "none"
"""What is written for no dates and for no text."""
MOST_DATES: Final = 120
_RANGES: Final = {**RANGES, **OUR_RANGES}
WHOLE: Final = ("整数", "a whole number")


class InvalidSetting(Malformed):
    """设定值无效: the name is unknown, or the value cannot be what the setting is. ``field`` is the setting's name."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        """A setting's name and what is wrong with its value."""
        super().__init__("invalid-setting", None, zh, en, field)
        self.args = (field, zh, en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One number 设定项 of the handbook: its clause, names, kind, default and limits.

    ``kind`` is fraction, integer, days, hours, minutes, months, years, day (of the month), time (of day), dates, text or
    choice; ``minimum`` and ``maximum`` are both allowed and None where the kind has none; ``choices`` only for a choice.
    """

    name: str
    clause: str
    zh: str
    en: str
    kind: str
    default: Raw
    unit: str
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    valid_from: date = SINCE

    @property
    def bound(self) -> Bound | None:
        """Between which values an office may change it, and why; None for a choice."""
        return narrower(BOUNDS.get(self.name, BOUNDS.get(self.kind)), self.minimum, self.maximum)

    @property
    def needs_two(self) -> bool:
        """Whether a change needs a second person: whatever figures or money rest on."""
        return self.name not in ONE_PERSON


def _setting(name: str, clause: str, kind: str, default: Raw, zh: str, en: str) -> Setting:
    minimum, maximum = _RANGES.get(name, _RANGES.get(kind, (None, None)))
    return Setting(
        name=name,
        clause=handbook_clause(clause).id,
        zh=zh,
        en=en,
        kind=kind,
        default=default,
        unit=UNITS[kind],
        minimum=minimum,
        maximum=maximum,
        choices=CHOICES.get(name, (str(default),)) if kind == "choice" else (),
    )


def _by_chapter() -> list[tuple[str, str, str, int | str, str, str]]:
    rows = list(ROWS)
    for row in OUR_ROWS:
        chapter = handbook_clause(
            row[1]
        ).chapter  # "1" to "9", then "law": one of which the handbook names no number is among them
        after = [place for place, other in enumerate(rows) if handbook_clause(other[1]).chapter <= chapter]
        same = [place for place in after if handbook_clause(rows[place][1]).chapter == chapter]
        rows.insert(max(same or after) + 1, row)
    return rows


SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType({row[0]: _setting(*row) for row in _by_chapter()})
"""Every setting by its name, in the handbook's order; in each chapter our own stand last."""


def parse(name: str, raw: Raw) -> Value:
    """The value that a raw value stands for: fractions exact, the others as integers, times or choices.

    Raises :class:`InvalidSetting` when the setting is unknown, or the value unreadable or beyond its limits. A float
    is refused: it has no exact value.
    """
    setting = SETTINGS.get(name)
    if setting is None:
        raise InvalidSetting(name, f"没有名为「{name}」的设定", f"there is no setting “{name}”")
    if setting.kind == "choice":
        return _choice(setting, raw)
    value = _read(setting.kind, raw)
    if value is None:
        zh, en = FORMS.get(setting.kind, WHOLE)
        raise InvalidSetting(name, f"「{setting.zh}」须为{zh}", f"“{setting.en}” has to be {en}")
    if isinstance(value, int | Fraction):
        _check_limits(setting, value)
    return value


def _choice(setting: Setting, raw: Raw) -> str:
    if not isinstance(raw, str) or raw not in setting.choices:
        choices = ", ".join(setting.choices)
        raise InvalidSetting(
            setting.name, f"「{setting.zh}」只能是：{choices}", f"“{setting.en}” has to be one of: {choices}"
        )
    return raw


def _read(kind: str, raw: Raw) -> int | Fraction | time | tuple[date, ...] | str | None:
    if type(raw) not in (int, str):  # input that mypy has not seen: floats and booleans are no values
        return None
    text = str(raw)
    if kind == "time":
        found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", text)
        return time(int(found[1]), int(found[2])) if found else None
    if kind == "fraction":
        return _ratio(text)
    if kind == "dates":
        return _dates(text)
    if kind == "text":
        return ("" if text == NONE else text.strip()) if text.strip() and text.isprintable() else None
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None


def _dates(text: str) -> tuple[date, ...] | None:
    if text == NONE:
        return ()
    words = text.split()
    if not 0 < len(words) <= MOST_DATES or not all(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", word) for word in words):
        return None
    try:
        return tuple(sorted({date.fromisoformat(word) for word in words}))
    except ValueError:
        return None


def _ratio(text: str) -> Fraction | None:
    found = re.fullmatch(r"(-?[0-9]{1,9}(?:/0*[1-9][0-9]{0,8}|\.[0-9]{1,12})?)(%?)", text)
    if found is None:
        return None
    return Fraction(found[1]) / (100 if found[2] else 1)


def _check_bound(change: Change) -> None:
    """What is lawful is asked of a new change only: old books are read as they are."""
    setting = SETTINGS[change.name]
    value, bound = parse(change.name, change.value_raw), setting.bound
    if bound is None:
        return
    if isinstance(value, tuple) and change.name == "calendar.off_days" and longest_break(value) > MOST_OFF:
        zh, en = f"连续放假不超过{MOST_OFF}日", f"no more than {MOST_OFF} days in a row are off"
        raise InvalidSetting(setting.name, f"「{setting.zh}」：{zh}", f"“{setting.en}”: {en}")
    if isinstance(value, str):  # of a text, how long it is
        least, value, greatest = bound.least, len(value), bound.greatest
    else:
        least, greatest = (_read(setting.kind, raw) for raw in (bound.least, bound.greatest))  # type: ignore[assignment]
    if not least <= value <= greatest:  # type: ignore[operator]  # all three are of the setting's kind
        raise InvalidSetting(
            setting.name,
            f"「{setting.zh}」须在 {bound.least} 与 {bound.greatest} 之间：{bound.zh}",
            f"“{setting.en}” has to lie between {bound.least} and {bound.greatest}: {bound.en}",
        )


def _check_limits(setting: Setting, value: int | Fraction) -> None:
    too_small = setting.minimum is not None and value < setting.minimum
    too_great = setting.maximum is not None and value > setting.maximum
    if too_small or too_great:
        raise InvalidSetting(
            setting.name,
            f"「{setting.zh}」须在 {setting.minimum} 与 {setting.maximum} 之间",
            f"“{setting.en}” has to lie between {setting.minimum} and {setting.maximum}",
        )


@dataclass(frozen=True, slots=True)
class Change:
    """An office's decision 设定变更: this raw value of this setting, from the local date ``valid_from`` on."""

    name: str
    value_raw: Raw
    valid_from: date


class Source(NamedTuple):
    """Where a value comes from: the clause, the date it is valid from, and whether the office changed it."""

    value: Value
    clause: str
    valid_from: date
    changed: bool


class Numbers:
    """The values 数值 in force on one local date: ``numbers["vacancy.integrity_target"]`` is ``Fraction(49, 50)``.

    An unknown name is a ``KeyError``: names stand in code, not in input.
    """

    __slots__ = ("_sources",)

    def __init__(self, sources: Mapping[str, Source]) -> None:
        """Made by :meth:`Settings.at`."""
        self._sources = MappingProxyType(dict(sources))

    def __getitem__(self, name: str) -> Any:
        """The value, of the type that the setting's kind has; the typed readings below say which."""
        return self._sources[name].value

    def get(self, name: str) -> Any:
        """The same as ``numbers[name]``."""
        return self[name]

    def source(self, name: str) -> Source:
        """The value with its clause, its date and whether it was changed: what is printed beside a figure."""
        return self._sources[name]

    def integer(self, name: str) -> int:
        """A whole number of the setting's unit. Raises ``TypeError`` for a setting of another kind."""
        return self._typed(name, int)

    def fraction(self, name: str) -> Fraction:
        """An exact ratio. Raises ``TypeError`` for a setting of another kind."""
        return self._typed(name, Fraction)

    def time_of_day(self, name: str) -> time:
        """A local time of day. Raises ``TypeError`` for a setting of another kind."""
        return self._typed(name, time)

    def choice(self, name: str) -> str:
        """What was chosen. Raises ``TypeError`` for a setting of another kind."""
        return self._typed(name, str)

    def text(self, name: str) -> str:
        """One line that is only printed, or nothing. Raises ``TypeError`` for a setting of another kind."""
        return self._typed(name, str)

    def dates(self, name: str) -> tuple[date, ...]:
        """Local dates, in order. Raises ``TypeError`` for a setting of another kind."""
        return self._typed(name, tuple)

    def _typed(self, name: str, type_: type[T]) -> T:
        value = self._sources[name].value
        if not isinstance(value, type_):
            msg = f"{name} is no {type_.__name__}: {value!r}"
            raise TypeError(msg)
        return value


_DEFAULTS: Final = {
    s.name: Source(parse(s.name, s.default), s.clause, s.valid_from, changed=False) for s in SETTINGS.values()
}
_UNCHANGED: Final = Numbers(_DEFAULTS)


@dataclass(frozen=True, slots=True)
class Settings:
    """All changes of one office in the order in which they were made; later ones win on the same date.

    Raises :class:`InvalidSetting` when a change cannot be parsed. Whether the values fit each other is asked before a
    change is recorded (:meth:`with_change`), so that what stands in the book can always be read again.
    """

    changes: tuple[Change, ...] = ()
    _starts: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _numbers: tuple[Numbers, ...] = field(init=False, repr=False, compare=False)
    _timelines: dict[str, tuple[tuple[date, Any], ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """Those that were asked for: every bill of a month asks for the same."""

    def __post_init__(self) -> None:
        """Work out each stretch of time once, so that :meth:`at` only looks it up."""
        current = dict(_DEFAULTS)
        starts: list[date] = []
        numbers = [_UNCHANGED]
        for change in sorted(self.changes, key=lambda change: change.valid_from):
            value = parse(change.name, change.value_raw)
            current[change.name] = Source(value, SETTINGS[change.name].clause, change.valid_from, changed=True)
            if starts and starts[-1] == change.valid_from:
                numbers[-1] = Numbers(current)
            else:
                starts.append(change.valid_from)
                numbers.append(Numbers(current))
        object.__setattr__(self, "_starts", tuple(starts))
        object.__setattr__(self, "_numbers", tuple(numbers))

    def at(self, day: date) -> Numbers:
        """The values in force on a local date. The same object for all dates between two changes."""
        return self._numbers[bisect_right(self._starts, day)]

    def timeline(self, name: str) -> tuple[tuple[date, Any], ...]:
        """What a setting says from when on, in order: its value before every change, then each change of it."""
        found = self._timelines.get(name)
        if found is None:
            made = [(date.min, self._numbers[0][name])]
            for start, numbers in zip(self._starts, self._numbers[1:], strict=True):
                if numbers[name] != made[-1][1]:
                    made.append((start, numbers[name]))
            found = self._timelines[name] = tuple(made)
        return found

    def with_change(self, change: Change) -> Settings:
        """These settings and one more change.

        Raises :class:`InvalidSetting` if the value is wrong by itself, beyond its lawful bounds, or from then on
        contradicts another, as with a window that would close before it opens.
        """
        changed = replace(self, changes=(*self.changes, change))
        _check_bound(change)
        for start in {other.valid_from for other in changed.changes if other.valid_from >= change.valid_from}:
            _check_order(changed.at(start), change.name)
        return changed


def _check_order(numbers: Numbers, name: str) -> None:
    for low, low_factor, high, high_factor in ORDERED:
        if name in (low, high) and numbers[low] * low_factor > numbers[high] * high_factor:
            raise InvalidSetting(
                name,
                f"「{SETTINGS[low].zh}」不得超过「{SETTINGS[high].zh}」",
                f"“{SETTINGS[low].en}” must not exceed “{SETTINGS[high].en}”",
            )
