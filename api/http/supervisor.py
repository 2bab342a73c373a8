"""The embedded database's keeper 数据库守护: a postmaster that was killed is started again within seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Final, Self

import structlog

from journal.embedded import EmbeddedPostgres, NoPostgres

__all__ = ["Keeper"]

EVERY: Final = 0.2
_log = structlog.get_logger()


class Keeper:
    """Looks five times a second; what cannot be started again ends the program, with the reason."""

    def __init__(self, postgres: EmbeddedPostgres, give_up: Callable[[str], None]) -> None:
        """``give_up`` is told why there is no database any more."""
        self._postgres, self._give_up = postgres, give_up
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more; only then may the server be stopped on purpose."""
        self._stop.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._stop.wait(EVERY):
            if self._postgres.is_running():
                continue
            began = monotonic()
            _log.error("the embedded database is gone", consequence="it is started again")
            try:
                self._postgres.start()
            except (NoPostgres, OSError) as error:
                self._give_up(str(error))
                return
            _log.warning("the embedded database is back", seconds=round(monotonic() - began, 1))
