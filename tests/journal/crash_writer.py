"""A writer of its own process, who can be killed: ``python -m tests.journal.crash_writer CONNINFO OFFICE NAME``.

It appends until it is told to stop, as fast as it can, sometimes several facts at once, sometimes taking everything back, and says aloud (on
standard output) each page number that was acknowledged to it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import psycopg

from domain.complaints.complaint.events import Channel, ComplaintRegistered
from domain.kernel.people import Role
from journal.append import Append, Recorded
from journal.book import Book
from journal.codec import encode_event
from journal.ids import uuid7
from journal.page import Page

METADATA = b'{"correlation_id":"01890000-0000-7000-8000-000000000000","role":"%s","user_id":"%s"}'


def stored(name: str, matter: str) -> Page:
    """One readable fact."""
    event = ComplaintRegistered(channel=Channel.ONLINE, category="noise", matter=matter)
    now = datetime.now(UTC)
    return Page(
        "",
        0,
        f"complaint-{uuid7()}",
        1,
        uuid7(),
        "ComplaintRegistered",
        1,
        METADATA % (Role.ADMINISTRATOR.encode(), name.encode()),
        encode_event(event),
        now,
        now,
    )


def put(book: Book, pages: Sequence[Page]) -> Recorded:
    """Write pages as they are, in one append."""
    append = Append(book.office)
    book.recorder.insert_events(pages, append=append)
    assert append.recorded is not None
    return append.recorded


def write(conninfo: str, office: str, name: str) -> None:
    """Write until the process ends."""
    random = Random(name)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        book = Book(connection, office)
        while True:
            facts = [stored(name, f"{name}") for _ in range(random.choice((1, 1, 1, 2, 5)))]
            if random.random() < 0.1:
                with connection.transaction(force_rollback=True):
                    put(book, [stored(name, "taken back")])
                continue
            recorded = put(book, facts)
            sys.stdout.write(f"{recorded.first_number} {len(facts)}\n")
            sys.stdout.flush()
            time.sleep(random.random() * 0.02)


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], sys.argv[3])
