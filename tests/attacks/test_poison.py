"""What somebody at the database writes beside the program spoils itself, and no list, page or stream in which it stands."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from fastapi import FastAPI

from domain.kernel.people import Role
from journal.codec import FutureSchema
from projections.engine.rebuild import PARALLEL_FROM, rebuild
from projections.registers.index import REGISTERS
from tests.api.conftest import ApiClient, new_application

pytestmark = pytest.mark.long
"""An application of its own, whose book is spoilt."""

RECORD = (
    "select wuye.record('XH', %s, 1, gen_random_uuid(), %s, %s::smallint, %s, %s, now(), null, null, null, null, null, null, null,"
    " null, null)"
)
PAGES = ("today", "facts", "standards", "compliance", "people", "registers/complaints", "reports", "deadlines")


@pytest.fixture
def application() -> FastAPI:
    return new_application()


@pytest.fixture
def app(api: ApiClient) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The application's role at the database itself."""
    with api.context.connect() as connection:
        yield connection


@pytest.mark.parametrize(
    ("metadata", "state"), [(b"\xff", b"{}"), (b"nonsense", b"{}"), (b"[]", b"{}"), (b"{}", b"\xff\x00")]
)
def test_a_page_that_is_no_text_is_not_taken(
    api: ApiClient, app: psycopg.Connection[tuple[object, ...]], metadata: bytes, state: bytes
) -> None:
    with pytest.raises(psycopg.DatabaseError) as refused:
        app.execute(RECORD.encode(), ["complaint-x", "ComplaintRegistered", 1, metadata, state])
    assert refused.value.sqlstate in ("WY010", "22021", "22P02")


def test_pages_that_nobody_can_read_stop_nobody(api: ApiClient, app: psycopg.Connection[tuple[object, ...]]) -> None:
    mine = api.complaint()
    for case_id, name, schema, state in (
        ("zzz-1", "NoSuchEvent", 1, b'{"a": 1}'),
        ("zzz-2", "ComplaintRegistered", 1, b'{"a": 1}'),
        ("complaint-3", "ComplaintRegistered", 1, b'{"channel": 7}'),
        ("complaint-4", "ComplaintRegistered", 99, b'{"a": 1}'),
        ("complaint-5", "ComplaintRegistered", 1, b"nonsense"),
        ("complaint-6", "ComplaintRegistered", 1, b"[]"),
        ("complaint-7", "ComplaintRegistered", 1, b'{"channel": '),
    ):
        app.execute(RECORD.encode(), [case_id, name, schema, b"{}", state])
    after = api.complaint()
    for role in (Role.ADMINISTRATOR, Role.MANAGER):
        for page in PAGES:
            answer = api.get(f"/console/XH/{page}", role)
            assert answer.status_code in (200, 404), (page, answer.text[-300:])
    told = api.get("/offices/XH/facts?after=0&limit=1000").json()["events"]
    assert {mine, after} <= {event["subject"] for event in told}
    assert [event["data"] for event in told if event["subject"] == "complaint-4"] == [{"a": 1}]
    assert api.get(f"/offices/XH/complaints/{after}").status_code == 200


@pytest.mark.parametrize("parallel_from", [PARALLEL_FROM, 1], ids=["one process", "several"])
def test_a_case_that_nobody_can_read_stops_no_rebuild(
    api: ApiClient, app: psycopg.Connection[tuple[object, ...]], parallel_from: int
) -> None:
    """It is named, and its rows stand as they stood; what a newer version wrote is not left out by an older one."""
    mine = api.complaint()
    [(metadata,)] = app.execute("select metadata from wuye.facts where case_id = %s", [mine]).fetchall()
    for case_id, version, name in (
        ("zzz-1", 1, "NoSuchEvent"),
        ("complaint-3", 1, "ComplaintRegistered"),
        (mine, 2, "NoSuchEvent"),
        (mine, 3, "ComplaintAssessed"),
    ):
        app.execute(RECORD.replace("%s, 1, gen", "%s, %s, gen").encode(), [case_id, version, name, 1, metadata, b"{}"])
    with psycopg.connect(api.owner, autocommit=True) as owner:
        done = rebuild(owner, REGISTERS, parallel_from=parallel_from)
        assert done.differences == {}
        assert {(case.case_id, case.reason) for case in done.spoilt} == {
            ("zzz-1", "UnknownEvent"),
            ("complaint-3", "ValidationError"),
            (mine, "UnknownEvent"),
        }
        [(reason, what)] = owner.execute("select reason, what from wuye.mendings").fetchall()
        assert (reason, {case["case_id"] for case in what["spoilt"]}) == (
            "wuye rebuild",
            {mine, "zzz-1", "complaint-3"},
        )
        app.execute(RECORD.encode(), ["complaint-4", "ComplaintRegistered", 99, metadata, b"{}"])
        with pytest.raises((FutureSchema, RuntimeError)):
            rebuild(owner, REGISTERS, parallel_from=parallel_from)
    assert mine in {row["case_id"] for row in api.get("/offices/XH/registers/complaints").json()["rows"]}


def test_a_role_that_is_none_spoils_no_list_of_people(
    api: ApiClient, app: psycopg.Connection[tuple[object, ...]]
) -> None:
    api.headers()
    user = api.users["XH", Role.ADMINISTRATOR]
    app.execute("select wuye.set_grants(%s, 'root', '{XH,XH}', '{administrator,keeper-of-clocks}')", [user])
    root = api.headers(Role.SYSTEM_ADMINISTRATOR, "*")
    for address in ("/users", "/console/accounts"):
        assert api.client.get(address, headers=root).status_code == 200, address
    assert api.get("/console/XH/people", Role.MANAGER).status_code == 200
