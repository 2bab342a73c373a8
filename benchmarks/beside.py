"""A reader beside a crowd: the crowd is a process of its own, and what the reader notices is compared with a quiet round."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from statistics import median
from typing import Any, Final

__all__ = ["PROTOCOL", "Ask", "beside", "come", "read"]

PROTOCOL: Final = "api.http.protocol:BoundedProtocol"
_PAUSE: Final = 0.05

Ask = Callable[[HTTPConnection, int], bool]
"""Ask for something, by the number of the turn, and say whether its time is counted."""


async def come(crowd: Iterable[Coroutine[Any, Any, None]], seen: Counter[Any], seconds: float) -> None:
    """In the crowd's process: come, say so after so many seconds, stay until standard input ends, and tell what was seen."""
    tasks = [asyncio.create_task(each) for each in crowd]
    await asyncio.sleep(seconds)
    print("there", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    print(json.dumps(seen))


@contextmanager
def beside(words: Sequence[str], into: Counter[str]) -> Iterator[None]:
    """The crowd that ``python -m`` with these words makes is there; what it tells at its end is added up in ``into``."""
    crowd = subprocess.Popen([sys.executable, "-m", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert crowd.stdout is not None
        crowd.stdout.readline()
        yield
    finally:
        said, _ = crowd.communicate("")
        into.update(json.loads(said))


def read(port: int, ask: Ask, seconds: float, took: list[float], *, patience: float) -> float:
    """The median of the counted answers' times in milliseconds, some twenty a second; all of them are added to ``took``."""
    connection, mine = HTTPConnection("127.0.0.1", port, timeout=patience), []
    ends = time.perf_counter() + seconds
    for turn in count():
        began = time.perf_counter()
        if began >= ends:
            break
        counted = ask(connection, turn)
        answer = connection.getresponse()
        answer.read()
        if answer.status // 100 != 2:
            msg = f"the reader was answered {answer.status}"
            raise RuntimeError(msg)
        if counted:
            mine.append((time.perf_counter() - began) * 1000)
        time.sleep(_PAUSE)
    took += mine
    return median(mine)
