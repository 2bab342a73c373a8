"""Naming 名称: what a request calls homes, keys, people, boards, routes and services is said as it was typed first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Final

from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command
from domain.kernel.names import NameKind, introduced, mentioned, renamed
from domain.kernel.spelling import canonical

__all__ = ["KnownNames", "LookUp", "Names"]

_CACHED: Final = 65_536
LookUp = Callable[[Iterable[tuple[str, str]]], Mapping[tuple[str, str], str]]


class KnownNames:
    """The names that stand in the books, as far as this process has read them: a name is shown the same for ever."""

    def __init__(self) -> None:
        """None is known yet."""
        self._known: OrderedDict[tuple[str, str, str], str] = OrderedDict()
        self._lock = Lock()

    def shown(self, office: str, wanted: set[tuple[str, str]], look_up: LookUp) -> dict[tuple[str, str], str]:
        """Those of the wanted names that are in use in an office."""
        with self._lock:
            found = {name: self._known[office, *name] for name in wanted if (office, *name) in self._known}
        missing = wanted - found.keys()
        if missing:
            read = look_up(missing)
            found |= read
            with self._lock:
                for name, shown in read.items():
                    self._known[office, *name] = shown
                    if len(self._known) > _CACHED:
                        self._known.popitem(last=False)
        return found


class Names:
    """The names of one draft: those in use in the book, and those that come into use with it."""

    def __init__(self, office: str, known: KnownNames, look_up: LookUp, new: dict[tuple[str, str], str]) -> None:
        """``new`` are the names that the draft's append will write."""
        self._office = office
        self._known = known
        self._look_up = look_up
        self.new = new
        self._unused: set[tuple[str, str]] = set()

    def named(self, command: Command, clause: str) -> Command:
        """The command with its names as they are shown.

        Raises :class:`~domain.kernel.errors.RuleBroken` when one of them is blank.
        """
        wanted: set[tuple[str, str]] = set()
        for field, kind, text in mentioned(command):
            compared = canonical(text)
            if not compared:
                raise RuleBroken(
                    "name-blank", clause, zh="名称、编号不能为空白", en="a name or number is not blank", field=field
                )
            if (kind, compared) not in self.new:
                wanted.add((kind.value, compared))
        if not wanted and not self.new:
            return command
        found = self._known.shown(self._office, wanted, self._look_up) if wanted else {}

        self._unused |= wanted - found.keys()

        def shown(kind: NameKind, text: str) -> str:
            name = (kind.value, canonical(text))
            return found.get(name) or self.new.get(name) or text.strip()

        return renamed(command, shown)

    def took(self, command: Command) -> None:
        """The command was carried out: what it calls by a new name is called so from now on."""
        for kind, text in introduced(command):
            name = (kind.value, canonical(text))
            if name in self._unused:
                self.new.setdefault(name, text)
