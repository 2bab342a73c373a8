"""SUPPLIES: what a command needs that nobody may say, and only the keys know: the secrets of the weekly samples (§5.2.B).

They are derived from the master key by office and week, so that nothing has to be stored, and a replay, a rebuild or a
restored copy has the same. A simulated office has none to keep: its secrets follow from its code, so that the same seed
plays the same year under every key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from domain.kernel.fact import Command
from domain.kernel.periods import IsoWeek
from domain.office.office import Office
from domain.visits.weekly_sample import DrawWeeklySample, OpenWeeklySample, WeeklySample, commitment_of
from workflows.engine.ports import SealingKeys

__all__ = ["SUPPLIES", "Supply", "secret_of"]

Supply = Callable[[Any, Any, Office, SealingKeys], Command]
"""The command, its case as it stands, the office and the keys → the whole command."""


def secret_of(office: Office, week: str, keys: SealingKeys) -> str:
    """The secret of an office's week, in hex."""
    purpose = f"weekly sample|{office.code}|{week}"
    return sha256(f"simulated|{purpose}".encode()).hexdigest() if office.simulated else keys.secret(purpose)


def _commit(opening: OpenWeeklySample, _sample: None, office: Office, keys: SealingKeys) -> Command:
    try:
        week = str(IsoWeek.parse(opening.week))
    except ValueError:
        return opening  # the domain says what is wrong with it
    return replace(opening, commitment=commitment_of(secret_of(office, week, keys)))


def _reveal(drawing: DrawWeeklySample, sample: WeeklySample, office: Office, keys: SealingKeys) -> Command:
    return replace(drawing, secret=secret_of(office, sample.week, keys))


SUPPLIES: Final[Mapping[type[Command], Supply]] = {OpenWeeklySample: _commit, DrawWeeklySample: _reveal}
