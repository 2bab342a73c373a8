"""Fills in a command's fields by their types, so that every command of every kind can be tried without writing it down.

Values are plausible, not clever: dates lie around ``now``, texts are short, optional fields are sometimes left out.
``known`` offers case ids by kind for fields that name another case.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any, Union, get_args, get_origin, get_type_hints

from domain.handbook.settings import SETTINGS
from domain.kernel.calendar import local_date
from domain.kernel.fact import Command

_TEXTS = ("楼上噪音", "水管漏水", "A-0501", "已上门处理", "𠮷野家旁", "to be seen to")


def fill(
    command: type[Command],
    random: Random,
    now: datetime,
    known: Mapping[str, Sequence[str]] | None = None,
    **given: Any,
) -> Command:
    """A command of this type with every field filled in; ``given`` fields as they are."""
    return typing.cast(Command, _filled(command, random, now, known or {}, given))


@lru_cache(maxsize=2_000)
def hints_of(cls: type) -> dict[str, Any]:
    """The types of a record's fields, looked up once."""
    return get_type_hints(cls)


def one_of_each(cls: type, random: Random, now: datetime) -> tuple[Any, ...]:
    """Records of this type, one for each member of the first enumeration among its fields; none if it has none."""
    for name, hint in hints_of(cls).items():
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return tuple(_filled(cls, random, now, {}, {name: member}) for member in hint)
    return ()


def _filled(cls: type, random: Random, now: datetime, known: Mapping[str, Sequence[str]], given: dict[str, Any]) -> Any:
    hints = hints_of(cls)
    values = {}
    for field in dataclasses.fields(cls):
        if field.name in given:
            values[field.name] = given[field.name]
        else:
            values[field.name] = _value(hints[field.name], field.name, random, now, known)
    return cls(**values)


def _value(hint: Any, name: str, random: Random, now: datetime, known: Mapping[str, Sequence[str]]) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        parts = [part for part in get_args(hint) if part is not type(None)]
        if type(None) in get_args(hint) and random.random() < 0.25:
            return None
        return _value(parts[0], name, random, now, known)
    if origin is typing.Annotated:
        return _value(get_args(hint)[0], name, random, now, known)
    if origin is typing.Literal:
        return random.choice(get_args(hint))
    if origin in (tuple, list, Sequence):
        inner = get_args(hint)[0]
        return tuple(_value(inner, name, random, now, known) for _ in range(random.randint(1, 2)))
    if dataclasses.is_dataclass(hint):
        return _filled(typing.cast(type, hint), random, now, known, {})
    return _plain(hint, name, random, now, known)


def _plain(hint: Any, name: str, random: Random, now: datetime, known: Mapping[str, Sequence[str]]) -> Any:
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return random.choice(list(hint))
    if hint is bool:
        return random.random() < 0.5
    if hint is int:
        if name == "year":
            return random.randint(2024, 2026)
        return random.randint(1, 3) if not name.endswith("_fen") else random.randint(1, 50_000)
    if hint is datetime:
        return now + timedelta(hours=random.randint(1, 240))
    if hint is date:
        return local_date(now) + timedelta(days=random.randint(0, 20))
    if hint is time:
        return time(10)
    if hint is Fraction:
        return Fraction(1, 2)
    if name == "name" and random.random() < 0.5:
        return random.choice(sorted(SETTINGS))
    if name == "week":
        return f"2025-W{random.randint(1, 52):02}"
    if name == "quarter":
        return f"2025-Q{random.randint(1, 4)}"
    for kind, ids in known.items():
        if ids and name in (kind, f"{kind}_id", f"of_{kind}"):
            return random.choice(list(ids))
    return random.choice(_TEXTS)
