"""Random bytes 随机数 of the operating system, fetched for many uses at once.

Each call of the operating system lets go of the interpreter, and in a busy process gets it back late: an id, a key
and a few nonces for one command took longer that way than the encryption itself.
"""

from __future__ import annotations

import os
import threading

__all__ = ["random_bytes"]

_AT_ONCE = 8_192


class _Stock(threading.local):
    """What a thread has left; each byte is used once."""

    def __init__(self) -> None:
        self.bytes = b""
        self.at = 0


_stock = _Stock()


def _forget() -> None:
    """A forked process must not use what its parent will use too."""
    _stock.bytes, _stock.at = b"", 0


os.register_at_fork(after_in_child=_forget)


def random_bytes(count: int) -> bytes:
    """So many random bytes, fit for keys."""
    if count > _AT_ONCE:
        return os.urandom(count)
    begin = _stock.at
    end = begin + count
    if end > len(_stock.bytes):
        _stock.bytes, begin, end = os.urandom(_AT_ONCE), 0, count
    _stock.at = end
    return _stock.bytes[begin:end]
