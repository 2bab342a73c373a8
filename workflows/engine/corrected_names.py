"""A corrected entry 更正 that names a home is held to what every command that names one is held to (§9).

A correction bears its field as a text: as it is, nothing would see that it names something. So the name is said once more
by a command that bears it as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from domain.kernel.errors import Refusal
from domain.kernel.fact import Command
from domain.kernel.mending import CorrectEntry

__all__ = ["NAMING", "HomeNamed", "at_value", "said_by", "says"]

NAMING: Final = frozenset({"home"})
"""The correctable fields that name or refer to something; the tests see to it that none is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeNamed(Command):
    """What a correction says of a home."""

    home: str | None = None


def said_by(command: Command) -> HomeNamed | None:
    """What a command names beyond its own fields: the home that a correction sets right."""
    if not isinstance(command, CorrectEntry) or command.field not in NAMING or not (command.value or "").strip():
        return None
    return HomeNamed(home=command.value)


def says(command: Command, named: Command) -> Command:
    """The correction with the name as it is shown."""
    assert isinstance(command, CorrectEntry)
    assert isinstance(named, HomeNamed)
    return command if command.value == named.home else replace(command, value=named.home)


@contextmanager
def at_value() -> Iterator[None]:
    """What is refused of the name is refused at the field that the correction has for it."""
    try:
        yield
    except Refusal as refused:
        refused.field = "value"
        raise
