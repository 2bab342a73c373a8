"""What takes part in the comparison, and the one small event that everybody stores."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Final, LiteralString, Protocol, runtime_checkable

__all__ = ["EVENT", "OFFICES", "PAYLOAD", "PAYLOAD_BYTES", "Contender", "NodeContender", "PythonContender"]

EVENT: Final = "ComplaintAssessed"
PAYLOAD: Final[dict[str, str | int]] = {
    "category": "water and drains",
    "grade": "ordinary",
    "promised_days": 3,
    "household": "7-2-1403",
    "summary": "The kitchen drain is blocked again.",
}
PAYLOAD_BYTES: Final = json.dumps(PAYLOAD, separators=(",", ":")).encode()
OFFICES: Final = 100  # whoever can divide his store (offices, categories) may divide it into this many


class _Any(Protocol):
    @property
    def name(self) -> str:
        """Short and unique; it also names the contender's own database."""

    @property
    def version(self) -> str:
        """What exactly is measured."""

    @property
    def stored(self) -> LiteralString:
        """A query for the number of events stored, to hold the contender to what it acknowledged."""

    @property
    def extra(self) -> bool:
        """Measured only when asked for by ``--only``."""

    def missing(self) -> str | None:
        """Why it cannot take part here, or None."""

    def setup(self, conninfo: str) -> None:
        """Make the tables in a fresh, empty database of its own."""


@runtime_checkable
class PythonContender(_Any, Protocol):
    """Runs in one forked Python process a client."""

    def client(self, conninfo: str, index: int) -> Callable[[], object]:
        """Connect; the answer appends one event of a new case, committed when it returns."""


@runtime_checkable
class NodeContender(_Any, Protocol):
    """Runs in node: ``go SECONDS APPENDS_IN_FLIGHT`` on stdin, ``{"count", "seconds"}`` on stdout."""

    @property
    def processes(self) -> bool:
        """A process for each client; else one for all of them, as node programs are meant to run."""

    def command(self, conninfo: str) -> tuple[Sequence[str], dict[str, str]]:
        """The program, and its environment."""


Contender = PythonContender | NodeContender
