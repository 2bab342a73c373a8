"""A plan 办理要目: what commands of one class can ask of the engine at all, found once and not asked of each of them again.

Most commands name nobody, refer to nothing or read no other case; an imported history and a month's bills give
thousands of one class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.cases import COMMAND_OF
from domain.kernel.fact import Command
from domain.kernel.mending import CorrectEntry
from domain.kernel.names import bears_names
from domain.kernel.references import refers
from workflows.engine.found import FOUND

__all__ = ["PLANS", "Plan"]

_OF_EVERY_KIND: Final = "1"
"""The clause of what is given to every kind of case, such as the confirmation of a late entry."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a command of one class may need: nothing of what is False here is looked for."""

    clause: str
    """On which it rests, as the table says; of a generic one that of every kind."""
    names: bool
    """Homes, people, keys and whatever else has a name: its own fields, or what a correction says anew."""
    refers: bool
    """Other cases or the roster of homes, which are held to the rules of references."""
    reads: bool
    """Other cases that its decision reads besides its own, as the command names them."""
    led: bool
    """Others that its case or a register leads to."""


class _Plans(dict[type[Command], Plan]):
    """The plan of every class of commands that was given so far."""

    def __missing__(self, command: type[Command]) -> Plan:
        kind = COMMAND_OF.get(command)
        corrects = issubclass(command, CorrectEntry)  # what it refers to stands in its value
        found = self[command] = Plan(
            clause=_OF_EVERY_KIND if kind is None else kind.clause_of(command),
            names=bears_names(command),  # a correction bears whose name it says
            refers=corrects or refers(command),
            reads=command.related is not Command.related or command.related_to is not Command.related_to,
            led=command.led_to is not Command.led_to or command in FOUND,
        )
        return found


PLANS: Final = _Plans()
"""The plans by class of command."""
