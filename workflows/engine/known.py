"""What this process has read of a book and what never changes there, so that it is read once 已知."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Final, Generic, TypeVar

__all__ = ["Known"]

_MOST: Final = 65_536
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Known(Generic[K, V]):
    """Values by office and key; the oldest give way. Only what was found is remembered: the rest may come yet."""

    def __init__(self) -> None:
        """None is known yet."""
        self._known: OrderedDict[tuple[str, K], V] = OrderedDict()
        self._lock = Lock()

    def of(self, office: str, wanted: set[K], look_up: Callable[[set[K]], Mapping[K, V]]) -> dict[K, V]:
        """Those of the wanted that are in the office's book; ``look_up`` reads what is not known."""
        with self._lock:
            found = {key: self._known[office, key] for key in wanted if (office, key) in self._known}
        missing = wanted - found.keys()
        if missing:
            read = look_up(missing)
            found |= read
            with self._lock:
                for key, value in read.items():
                    self._known[office, key] = value
                    if len(self._known) > _MOST:
                        self._known.popitem(last=False)
        return found
