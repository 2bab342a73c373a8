"""The interpreter's heap 内存: what a process is made of is set aside from the cyclic collector."""

from __future__ import annotations

import gc
from typing import Final

__all__ = ["look_seldom", "settle"]

_YOUNG: Final = (20_000, 5, 5)
"""So many new objects before the collector looks at them: more than a long draft makes, whose objects are gone by then without
it. Older ones it takes up after as few of its looks as keep what only it can free to some half a million objects."""

_WHILE_IT_IS_MADE: Final = 100_000


def look_seldom() -> None:
    """Have the collector look rarely. Said before anything else is imported: what a program is made of are some 260,000 objects that stay,
    and looking at them again and again took a quarter of a start.
    """
    gc.set_threshold(_WHILE_IT_IS_MADE)


def settle() -> None:
    """Have the collector never look at what stands now (modules, lifecycles, registers: they last as the process does), and rarely else.

    A long draft makes so many objects that the collector takes up everything there is: a tenth of a second each time, an
    eighth of what issuing a month's bills took.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_YOUNG)
