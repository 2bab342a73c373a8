"""A corrected entry 更正 that names a home or a person is held to what every command that does is held to (§9).

A correction bears its field as a text: as it is, nothing would see that it names something. So the name is said once more
by a command that bears it as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from domain.kernel.errors import Refusal
from domain.kernel.fact import Command
from domain.kernel.mending import CorrectEntry

__all__ = ["NAMING", "HandedBy", "HomeNamed", "HouseholdNamed", "RaisedBy", "at_value", "said_by", "says"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeNamed(Command):
    """What a correction says of a home."""

    home: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdNamed(Command):
    """What a correction says of whose a matter is."""

    household: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedBy(Command):
    """What a correction says of whoever hands an estate over."""

    handed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedBy(Command):
    """What a correction says of whoever reported a fault."""

    raised_by: str | None = None


NAMING: Final[Mapping[str, type[Command]]] = {
    "home": HomeNamed,
    "household": HouseholdNamed,
    "handed_by": HandedBy,
    "raised_by": RaisedBy,
}
"""The correctable fields that name or refer to something; the tests see to it that none is left out."""


def said_by(command: Command) -> Command | None:
    """What a command names beyond its own fields: the home or the person that a correction sets right."""
    if not isinstance(command, CorrectEntry) or command.field not in NAMING or not (command.value or "").strip():
        return None
    return NAMING[command.field](**{command.field: command.value})


def says(command: Command, named: Command) -> Command:
    """The correction with the name as it is shown."""
    assert isinstance(command, CorrectEntry)
    value = getattr(named, command.field)
    return command if command.value == value else replace(command, value=value)


@contextmanager
def at_value() -> Iterator[None]:
    """What is refused of the name is refused at the field that the correction has for it."""
    try:
        yield
    except Refusal as refused:
        refused.field = "value"
        raise
