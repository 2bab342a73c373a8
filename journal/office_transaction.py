"""A transaction of one office 管理处事务: it sees and changes that office's rows alone, whatever its statements forget to say.

A reading that goes across offices says which, and sees those; it writes for none.

The policies of the tables (``wuye.fence``) are the second fence; the first are the conditions of each query. A connection
that has said nothing sees every office: the clock, the feed and the company's figures need that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from journal.connections import Connect

__all__ = ["office_transaction"]

_JOINED = "\x1f"
"""What no office's code contains, as the policies split it."""


@contextmanager
def office_transaction(connect: Connect, *offices: str) -> Iterator[psycopg.Connection[Any]]:
    """Lend a connection for one transaction of one office, or of several that are read together; of none, it sees nothing."""
    with connect() as connection, connection.transaction():
        connection.execute("select set_config('wuye.office', %s, true)", [_JOINED.join(offices) or _JOINED])
        yield connection
