"""What has been written can be read for ever; what this program does not know is refused; nothing is ever imported."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel, ComplaintRegistered
from domain.kernel.fact import EVENTS, Event, Fact, event
from domain.kernel.people import Role
from journal import codec
from journal.book import Book
from journal.codec import (
    FutureSchema,
    UnknownEvent,
    decode,
    decode_event,
    encode_event,
    encode_metadata,
    upcast,
)
from journal.hash_chain import verify
from journal.ids import uuid7
from journal.page import Page
from tests.conftest import Database
from tests.journal.crash_writer import put
from tests.journal.samples_make import SAMPLES, events, make, sample_of
from tests.office_rig import office_rig

STORED = sorted(SAMPLES.glob("*.json"))


# -- samples ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_a_stored_sample_loads_for_ever(path: Path) -> None:
    name, schema = path.stem.rsplit(".", 1)
    read = decode_event(name, int(schema), path.read_bytes())
    assert type(read).__name__ == name
    assert decode_event(name, read.SCHEMA, encode_event(read)) == read


@pytest.mark.parametrize("kind", events(), ids=lambda kind: kind.__name__)
def test_every_event_has_a_sample_of_its_present_schema(kind: type[Event]) -> None:
    assert sample_of(kind).exists(), "run: python -m tests.journal.samples_make"


def test_a_schema_that_was_raised_can_be_lifted_from_the_first() -> None:
    for kind in events():
        for schema in range(1, kind.SCHEMA):
            assert (kind.__name__, schema) in codec._UPCASTS
            assert (SAMPLES / f"{kind.__name__}.{schema}.json").exists()


def test_a_sample_that_exists_is_never_written_again(tmp_path: Path) -> None:
    first = sample_of(events()[0], tmp_path)
    first.write_bytes(b"as it was")
    assert len(make(tmp_path)) == len(events()) - 1
    assert first.read_bytes() == b"as it was"
    assert make(tmp_path) == []


def test_samples_are_the_same_wherever_they_are_made_but_for_their_seals(tmp_path: Path) -> None:
    make(tmp_path)
    for kind in events():
        old, new = (json.loads(sample_of(kind, folder).read_bytes()) for folder in (SAMPLES, tmp_path))
        assert old.keys() <= new.keys(), "a field was taken away without a new schema"


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.fixture
def lifted() -> Iterator[type[Event]]:
    """An event of schema 3, whose first schema had one field and whose second had two."""
    patch = pytest.MonkeyPatch()
    patch.setattr(codec, "_UPCASTS", dict(codec._UPCASTS))
    before = set(EVENTS)

    @event(schema=3)
    class LampMended(Event):
        """路灯已修复 · Lamp mended."""

        lamp: str
        minutes: int
        by: str | None

    @upcast("LampMended", 1)
    def _with_minutes(fields: dict[str, Any]) -> dict[str, Any]:
        return {**fields, "hours": 0}

    @upcast("LampMended", 2)
    def _hours_to_minutes(fields: dict[str, Any]) -> dict[str, Any]:
        return {"lamp": fields["lamp"], "minutes": fields["hours"] * 60, "by": None}

    yield LampMended
    for name in set(EVENTS) - before:
        del EVENTS[name]
    codec._CURRENT.pop(("LampMended", 3), None)
    patch.undo()


def test_old_schemas_are_lifted_step_by_step(lifted: type[Event]) -> None:
    assert decode_event("LampMended", 1, b'{"lamp":"7"}') == lifted(lamp="7", minutes=0, by=None)  # type: ignore[call-arg]
    assert decode_event("LampMended", 2, b'{"lamp":"7","hours":2}') == lifted(lamp="7", minutes=120, by=None)  # type: ignore[call-arg]
    now = lifted(lamp="7", minutes=5, by="x")  # type: ignore[call-arg]
    assert decode_event("LampMended", 3, encode_event(now)) == now


def test_a_schema_of_the_future_is_refused(lifted: type[Event]) -> None:
    with pytest.raises(FutureSchema):
        decode_event("LampMended", 4, b'{"lamp":"7"}')


@pytest.mark.parametrize("schema", [0, -1])
def test_a_schema_that_never_was_is_refused(lifted: type[Event], schema: int) -> None:
    with pytest.raises(UnknownEvent):
        decode_event("LampMended", schema, b'{"lamp":"7"}')


@pytest.mark.parametrize(
    "state",
    [b"", b"{}", b"[]", b"null", b"\xff", b'{"lamp":7,"minutes":1,"by":null}', b'{"lamp":"7","minutes":1.5,"by":null}'],
)
def test_a_state_that_is_no_such_event_is_refused(lifted: type[Event], state: bytes) -> None:
    with pytest.raises(ValueError):
        decode_event("LampMended", 3, state)


NASTY = [
    "os.system",
    "os:system",
    "antigravity",
    "antigravity.1",
    "domain.complaint.ComplaintRegistered",
    "domain.complaint:ComplaintRegistered",
    "__builtins__",
    "Event",
    "Fact",
    "complaintregistered",
    "ComplaintRegistered ",
    "ComplaintRegistered\u200b",
    "СomplaintRegistered",  # a Cyrillic С
    "",
    "../../etc/passwd",
    "'; drop table wuye.facts; --",
]


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_name_is_unknown_and_imports_nothing(name: str) -> None:
    before = set(sys.modules)
    with pytest.raises(UnknownEvent):
        decode_event(name, 1, b"{}")
    assert set(sys.modules) == before


def test_a_nasty_row_in_the_book_is_said_to_be_unreadable_and_imports_nothing(database: Database) -> None:
    with psycopg.connect(database.app, autocommit=True) as connection:
        book = Book(connection, "XH")
        book.open()
        for name in NASTY:
            now = datetime.now(UTC)
            put(book, [Page("XH", 0, f"case-{uuid7()}", 1, uuid7(), name, 1, b"{}", b"{}", now, now)])
        before = set(sys.modules)
        with pytest.raises((UnknownEvent, ValueError)):
            book.since(0)
        verdict = verify(connection, "XH")
    assert [finding.code for finding in verdict.findings] == ["unreadable"] * len(NASTY)
    assert set(sys.modules) - before == set()


# -- there and back --------------------------------------------------------------------------------------------------

FACT = Fact(
    office="XH",
    number=7,
    case_id="complaint-1",
    version=1,
    event_id=UUID(int=1),
    event=ComplaintRegistered(channel=Channel.LETTER, category="noise", matter='𠮷野家 \u0007 " \\ 楼上'),
    user_id="u1",
    role=Role.POLICY,
    occurred_at=datetime(2025, 3, 3, 2, 0, 0, 1, tzinfo=UTC),
    recorded_at=datetime(2025, 3, 3, 2, 0, 0, 2, tzinfo=UTC),
    correlation_id=UUID(int=2),
    causation_id=UUID(int=3),
    source_id="17",
    imported=True,
    waived=("measure-missing", "told-at-missing"),
)


def row_of(fact: Fact) -> Page:
    """The fact as the database would give it back."""
    return Page(
        fact.office,
        fact.number,
        fact.case_id,
        fact.version,
        fact.event_id,
        fact.name,
        fact.event.SCHEMA,
        encode_metadata(fact),
        encode_event(fact.event),
        fact.occurred_at,
        fact.recorded_at,
    )


@pytest.mark.parametrize(
    "fact", [FACT, replace(FACT, causation_id=None, source_id=None, imported=False, waived=())], ids=["full", "bare"]
)
def test_a_fact_comes_back_as_it_was(fact: Fact) -> None:
    assert decode(row_of(fact)) == fact


def test_the_same_event_is_always_the_same_bytes() -> None:
    assert encode_event(FACT.event) == encode_event(decode(row_of(FACT)).event)
    assert encode_metadata(FACT) == encode_metadata(decode(row_of(FACT)))


def test_a_fact_comes_back_from_the_database_as_it_was(database: Database) -> None:
    with office_rig(database.app) as rig:
        matter = '𠮷野家 \u0007 " \\ 楼上 \U0001f600'
        made = rig.do(
            RegisterComplaint(channel=Channel.ONLINE, category="x", matter=matter, content=matter, home="1-101"),
            as_=Role.ADMINISTRATOR,
        )
        assert rig.case(made.case_id).matter == matter
        assert rig.rows("complaints")[0]["matter"] == matter


def test_two_events_cannot_bear_one_name() -> None:
    with pytest.raises(TypeError, match="two events"):

        @event()
        class ComplaintRegistered(Event):
            """重名 · Same name."""


def test_an_event_without_two_names_is_none() -> None:
    with pytest.raises(TypeError, match="中文 · English"):

        @event()
        class Nameless(Event):
            """Only English."""

    EVENTS.pop("Nameless", None)
