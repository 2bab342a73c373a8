"""Naming 名称: what a request calls homes, keys, people, boards, routes and services is said as it was typed first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command
from domain.kernel.names import NameKind, introduced, mentioned, renamed
from domain.kernel.spelling import canonical
from workflows.engine.corrected_names import at_value, said_by, says
from workflows.engine.known import Known

__all__ = ["KnownNames", "LookUp", "Names", "mentioned_by"]

LookUp = Callable[[Iterable[tuple[str, str]]], Mapping[tuple[str, str], str]]
KnownNames = Known[tuple[str, str], str]
"""(what it is the name of, by what it is compared) → as it is shown, which is the same for ever."""


def mentioned_by(commands: Iterable[Command]) -> Iterator[tuple[NameKind, str]]:
    """The names that these commands speak of."""
    return ((kind, text) for command in commands for _, kind, text in mentioned(command))


class Names:
    """The names of one draft: those in use in the book, and those that come into use with it."""

    def __init__(self, office: str, known: KnownNames, look_up: LookUp, new: dict[tuple[str, str], str]) -> None:
        """``new`` are the names that the draft's append will write."""
        self._office = office
        self._known = known
        self._look_up = look_up
        self.new = new
        self._unused: set[tuple[str, str]] = set()
        self._shown: dict[tuple[str, str], str] = {}

    def named(self, command: Command, clause: str) -> Command:
        """The command with its names as they are shown.

        Raises :class:`~domain.kernel.errors.RuleBroken` when one of them is blank.
        """
        if (said := said_by(command)) is not None:
            with at_value():
                return says(command, self.named(said, clause))
        typed: list[tuple[tuple[str, str], str]] = []
        for field, kind, text in mentioned(command):
            compared = canonical(text)
            if not compared:
                raise RuleBroken(
                    "name-blank", clause, zh="名称、编号不能为空白", en="a name or number is not blank", field=field
                )
            typed.append(((kind.value, compared), text))
        if not typed:
            return command
        if all(self._shown.get(name) == text for name, text in typed):
            return command  # as they are shown already
        found = self._in_use({name for name, _ in typed})

        def shown(kind: NameKind, text: str) -> str:
            name = (kind.value, canonical(text))
            return found.get(name) or self.new.get(name) or text.strip()

        return renamed(command, shown)

    def expect(self, names: Iterable[tuple[NameKind, str]]) -> None:
        """Look up together what many commands to come will name one by one."""
        self._in_use({(kind.value, compared) for kind, text in names if (compared := canonical(text))})

    def _in_use(self, names: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Those of them that the book has; what this draft has found unused is not asked for again."""
        wanted = names - self._shown.keys() - self.new.keys() - self._unused
        if wanted:
            found = self._known.of(self._office, wanted, self._look_up)
            self._shown |= found
            self._unused |= wanted - found.keys()
        return {name: self._shown[name] for name in names if name in self._shown}

    def took(self, command: Command) -> None:
        """The command was carried out: what it calls by a new name is called so from now on."""
        if not self._unused:
            return
        for kind, text in introduced(said_by(command) or command):
            name = (kind.value, canonical(text))
            if name in self._unused:
                self.new.setdefault(name, text)
