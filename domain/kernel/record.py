"""Records 记录体: those that live for one decision, and how a frozen one is said otherwise: by another that says the rest alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Final, TypeVar, dataclass_transform

__all__ = ["passing", "restated"]

R = TypeVar("R")
_SAID: Final[dict[type, tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]]] = {}
"""The names of a record's fields, and what reads all of them at once."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def passing(cls: type[R]) -> type[R]:
    """A record that is made for one decision and gone after it: nobody sets its fields, which the type checker sees to.

    What stands in the book is frozen at run time as well. There each field costs three times as much when it is made, and
    of these every command has some thirty.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)


def restated(record: R, **otherwise: Any) -> R:
    """The record with some of its fields said otherwise.

    As ``dataclasses.replace``, which looks at every field's declaration each time: a command restates three records.
    Every field of it can be given.
    """
    kind = type(record)
    found = _SAID.get(kind)
    if found is None:
        names = tuple(each.name for each in fields(record))  # type: ignore[arg-type]
        read = attrgetter(*names) if len(names) > 1 else lambda it: (getattr(it, names[0]),)
        found = _SAID[kind] = (names, read)
    names, read = found
    return kind(**{**dict(zip(names, read(record), strict=True)), **otherwise})
