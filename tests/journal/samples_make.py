"""``python -m tests.journal.samples_make``: a stored sample of every event's schema that has none yet.

A sample is what some release has really written; it is never rewritten, since the book cannot be either. When an event
changes, its schema number goes up, an upcast lifts the old sample, and a new sample joins it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, cast

from domain.cases import CASES
from domain.kernel.fact import Command, Event
from journal.codec import encode_event
from journal.confidential import seal
from tests.filler import fill

__all__ = ["SAMPLES", "events", "make", "sample_of"]

SAMPLES = Path(__file__).parent / "samples"
_NOW = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)


def events() -> list[type[Event]]:
    """Every event of every kind of case, by name."""
    found = {row.event.__name__: row.event for lifecycle in CASES for row in lifecycle.steps}
    return [found[name] for name in sorted(found)]


def sample_of(event: type[Event], folder: Path = SAMPLES) -> Path:
    """Where the sample of the event's present schema lies."""
    return folder / f"{event.__name__}.{event.SCHEMA}.json"


def make(folder: Path = SAMPLES) -> list[Path]:
    """Write the samples that are missing; returns them."""
    folder.mkdir(exist_ok=True)
    made = []
    for event in events():
        path = sample_of(event, folder)
        if not path.exists():
            # The filler asks only for the fields of a record, which an event has as well as a command.
            filled: Any = fill(cast(type[Command], event), Random(event.__name__), _NOW)
            path.write_bytes(encode_event(seal(filled, "A-0501", "case-1", 1, b"k" * 32)) + b"\n")
            made.append(path)
    return made


if __name__ == "__main__":
    for path in make():
        print(path.name)  # noqa: T201 -- a script
