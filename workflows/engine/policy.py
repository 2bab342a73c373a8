"""Policies 规程: «whenever this happened, do that». One sentence, one pure function, one clause each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from domain.handbook.clauses import clause as handbook_clause
from domain.handbook.settings import Numbers
from domain.kernel.fact import Command, Event, Fact
from domain.kernel.people import Actor, Role

__all__ = ["Consequence", "Policies", "Policy", "acts_for", "whenever"]


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a policy asks for: a command to a case, or, without one, the opening of a new case.

    ``must``: whether it is an error when the case is not there or its state no longer allows it; otherwise it is then
    left out, since the matter has already gone on by another way. ``opens`` is the id of the new case where other
    policies must be able to name it; without it the id derives from the cause. ``holder``: it goes to whichever case
    holds this claim alone; where none does, it is left out.
    """

    command: Command
    to: str | None = None
    must: bool = False
    opens: str | None = None
    holder: str | None = None


React = Callable[[Any, Fact, Numbers], Iterable[Consequence]]


@dataclass(frozen=True, slots=True)
class Policy:
    """Whenever ``when`` happened, ``then`` says what follows. ``then`` sees the case after the fact."""

    name: str
    when: type[Event]
    then: React
    clause: str
    zh: str
    en: str


def whenever(when: type[Event], *, then: React, clause: str) -> Policy:
    """Declare a policy. Its name and its Chinese and English sentence are the function's: «中文 · English.»."""
    handbook_clause(clause)
    zh, _, en = (then.__doc__ or "").strip().splitlines()[0].partition(" · ")
    return Policy(then.__name__, when, then, clause, zh, en.rstrip("."))


@lru_cache(maxsize=1024)
def acts_for(policy: str) -> Actor:
    """Whoever gives what a policy of this name says."""
    return Actor(f"policy:{policy}", Role.POLICY)


class Policies:
    """The policies by the event that wakes them."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        """Index the policies; their order is kept."""
        self.all = tuple(policies)
        index: dict[type[Event], list[Policy]] = {}
        for policy in self.all:
            index.setdefault(policy.when, []).append(policy)
        self._index: Mapping[type[Event], list[Policy]] = index

    def woken_by(self, event: Event) -> list[Policy]:
        """The policies that this event wakes."""
        return self._index.get(type(event), [])
