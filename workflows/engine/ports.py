"""What a draft needs of others: the rows that a case has in the registers, and the keys that seal personal fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from domain.kernel.fact import Case, Fact
from domain.kernel.lifecycle.ask import Lifecycle
from journal.blind_index import How

__all__ = ["Lines", "Projector", "SealingKeys"]

Lines = Mapping[tuple[str, str], tuple[Any, ...]]
"""The rows of one case: (register, line) → values in the order of the register's columns."""


class Projector(Protocol):
    """What turns a case into its register rows."""

    @property
    def found_by(self) -> Mapping[str, Sequence[tuple[int, str, How]]]:
        """By which columns of a register people look for a row: place among its values, name, how."""
        ...

    def lines(self, lifecycle: Lifecycle[Any], case: Case) -> Lines:
        """All rows of this case in all registers."""
        ...

    def changed(
        self, lifecycle: Lifecycle[Any], case: Case, fact: Fact, before: Lines
    ) -> Mapping[tuple[str, str], tuple[Any, ...] | None]:
        """The rows that the case's last fact has changed, of those that it had before; None: the row is gone."""
        ...

    def marks(self, lifecycle: Lifecycle[Any], facts: Sequence[Fact]) -> set[tuple[str, str]]:
        """The rows that late entries among these facts have touched."""
        ...


class SealingKeys(Protocol):
    """Where a draft gets the key that seals a subject's personal fields."""

    def for_sealing(self, subject: str, *, brand_new: bool) -> tuple[bytes, bytes | None]:
        """The key, and its wrapped form when it is new and must be written with the append."""
        ...

    def made(self) -> list[tuple[str, bytes]]:
        """The keys made so far."""
        ...

    def secret(self, purpose: str) -> str:
        """A secret that only the holder of the master key can make, the same every time."""
        ...
