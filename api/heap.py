"""The interpreter's heap 内存: what a process is made of is set aside from the cyclic collector."""

from __future__ import annotations

import gc

__all__ = ["settle"]


def settle() -> None:
    """Have the collector never look at what stands now: modules, lifecycles, registers, which last as long as the process.

    A long draft makes so many objects that the collector takes up everything there is: a tenth of a second each time, an
    eighth of what issuing a month's bills took.
    """
    gc.collect()
    gc.freeze()
