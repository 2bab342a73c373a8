"""Records 记录体: what is frozen is said otherwise by another record that says the rest alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, TypeVar

__all__ = ["restated"]

R = TypeVar("R")
_SAID: Final[dict[type, tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]]] = {}
"""The names of a record's fields, and what reads all of them at once."""


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
