"""What becomes of the residents' voices, over a real office: figures that cannot be embellished, chains that end (§4, §5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest

from domain.complaint import AssessComplaint, Channel, RegisterComplaint, ReopenComplaint, ResolveComplaint
from domain.people import Role
from journal.seal import verify
from projections import standard as measure
from projections.rebuild import rebuild
from projections.registers import REGISTERS
from projections.standards import BY_SLUG
from tests.conftest import Database
from tests.desk import Desk, at_desk, shanghai

CLERK, ASSISTANT, HEAD, MANAGER = Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with at_desk(database.app) as desk:
        yield desk
        with psycopg.connect(database.owner, autocommit=True) as connection:
            assert verify(connection, "XH").intact
            assert not any(rebuild(connection, REGISTERS).differences.values())


def one(desk: Desk, register: str, **where: Any) -> dict[str, Any]:
    """The only current row that fits."""
    [row] = desk.rows(register, **where)
    return row


def figure(desk: Desk, slug: str) -> tuple[int, int, int]:
    """A standard's figure over the year: met, counted, not yet due."""
    read = reading(desk, slug)
    return read.met, read.counted, read.not_yet_due


def reading(desk: Desk, slug: str) -> measure.Reading:
    """A standard's reading over the year."""
    with desk.pool.connection() as connection:
        return measure.read(
            connection, REGISTERS, BY_SLUG[slug], office=desk.code, since=YEAR[0], until=YEAR[1], now=desk.now
        )


def complain(desk: Desk, at: str, **fields: Any) -> str:
    """Somebody complains."""
    said: dict[str, Any] = {"channel": Channel.IN_PERSON, "category": "noise", "matter": "水泵", "content": "夜间"}
    return desk.do(RegisterComplaint(**said | fields), as_=CLERK, at=at).case_id


def promise(desk: Desk, complaint: str, by: str, at: str) -> None:
    """It is promised by then."""
    desk.until(at)
    command = AssessComplaint(promised_by=shanghai(by), measure="检修", told_at=desk.now)
    desk.do(command, as_=CLERK, on=complaint)


def resolve(desk: Desk, complaint: str, at: str) -> None:
    """It is handled."""
    desk.until(at)
    desk.do(ResolveComplaint(resolved_by="plumber", result="已换"), as_=CLERK, on=complaint)


# -- complaints ------------------------------------------------------------------------------------------------------


def test_no_later_promise_and_no_reopening_mends_a_promise_that_was_broken(desk: Desk) -> None:
    again = complain(desk, "2025-03-03 10:00")
    promise(desk, again, "2025-03-04 18:00", "2025-03-03 11:00")
    promise(desk, again, "2025-03-09 18:00", "2025-03-05 09:00")
    resolve(desk, again, "2025-03-08 09:00")
    reopened = complain(desk, "2025-03-08 10:00")
    promise(desk, reopened, "2025-03-09 18:00", "2025-03-08 10:00")
    resolve(desk, reopened, "2025-03-10 09:00")
    desk.do(ReopenComplaint(reason="住户来电"), as_=CLERK, on=reopened)
    assert figure(desk, "complaint-handling-rate") == (0, 2, 0)
    resolve(desk, reopened, "2025-03-11 09:00")
    assert figure(desk, "complaint-handling-rate") == (0, 2, 0)


def test_a_complaint_for_which_nothing_is_promised_does_not_stay_undue_for_ever(desk: Desk) -> None:
    forgotten = complain(desk, "2025-03-03 10:00")
    at_once = complain(desk, "2025-03-03 11:00")
    resolve(desk, at_once, "2025-03-03 12:00")
    assert figure(desk, "complaint-handling-rate") == (1, 1, 1)
    desk.until("2025-03-14 09:00")
    assert one(desk, "complaints", case_id=forgotten)["missed_at"] == shanghai("2025-03-14 00:00")
    assert one(desk, "deadlines", case_id=forgotten)["missed_at"] == shanghai("2025-03-14 00:00")
    assert figure(desk, "complaint-handling-rate") == (1, 2, 0)


def test_what_was_handled_in_time_and_entered_late_counts_as_handled(desk: Desk) -> None:
    complaint = complain(desk, "2025-03-03 10:00")
    promise(desk, complaint, "2025-03-04 18:00", "2025-03-03 11:00")
    desk.until("2025-03-06 09:00")
    assert figure(desk, "complaint-handling-rate") == (0, 1, 0)
    done = ResolveComplaint(resolved_by="plumber", result="已换")
    desk.do(done, as_=CLERK, on=complaint, occurred_at=shanghai("2025-03-04 17:00"))
    assert figure(desk, "complaint-handling-rate") == (1, 1, 0)
