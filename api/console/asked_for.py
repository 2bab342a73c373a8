"""What people are always asked for 必填: fields that a command leaves open for other systems' histories alone.

``python -m docs.generate`` reads them from the commands (:mod:`docs.asked_for`) and writes them down; here they are looked up.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

from domain.kernel.fact import Command

__all__ = ["ASKED_FOR", "asked_for"]

ASKED_FOR: Final = Path(__file__).with_name("asked_for.json")
"""Command → fields that nobody here may leave out."""


def asked_for(command: type[Command]) -> frozenset[str]:
    """The fields whose evidence is wanted whatever else is so."""
    return frozenset(_all().get(command.__name__, ()))


@cache
def _all() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(ASKED_FOR.read_text(encoding="utf-8"))
    return found
