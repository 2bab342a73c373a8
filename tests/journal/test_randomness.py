"""Random bytes are used once: by no other id, thread or forked process."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from journal.ids import uuid7
from journal.randomness import random_bytes


def test_no_bytes_are_given_twice() -> None:
    assert len({random_bytes(16) for _ in range(5_000)}) == 5_000


def test_more_than_is_left_is_fetched_anew() -> None:
    assert [len(random_bytes(count)) for count in (3_000, 3_000, 3_000, 12, 9_000)] == [3_000, 3_000, 3_000, 12, 9_000]


def test_threads_share_nothing() -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = [each for several in pool.map(lambda _: [uuid7() for _ in range(500)], range(8)) for each in several]
    assert len(set(ids)) == len(ids)


def test_a_forked_process_begins_anew() -> None:
    random_bytes(16)
    inlet, outlet = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(outlet, random_bytes(16))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(inlet, 16) != random_bytes(16)
    os.close(inlet)
    os.close(outlet)
