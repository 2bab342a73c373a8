"""Gathered notices: what says the same to the same person is told together until it is read or sent, and none is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai
from tests.waiting import PATIENCE
from tests.workflows.test_notices import notices, promised, subscribe
from workflows.engine.notice_groups import MOST_TOLD, gathered
from workflows.engine.notices import Delivery

DUE, THEN = "2025-01-03 12:00", shanghai("2025-01-02 13:00")


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office at work."""
    with office_rig(database.app, simulated=False) as rig:
        yield rig


def told(rig: OfficeRig, stage: str = "reminder") -> dict[Any, list[str]]:
    """Whom «li» is told of, by the notice under which each is told."""
    found: dict[Any, list[str]] = {}
    with rig.pool.connection() as connection:
        for bearer, case_id in connection.execute(
            "select coalesce(gathered_in, id), case_id from wuye.notices where stage = %s and person = 'li'"
            " order by made_at, case_id",
            [stage],
        ):
            found.setdefault(bearer, []).append(case_id)
    return found


def do(rig: OfficeRig, statement: str) -> None:
    with rig.pool.connection() as connection:
        connection.execute(statement.encode())


def test_what_falls_due_together_is_one_message_that_names_each(rig: OfficeRig) -> None:
    subscribe(rig, person="li")
    cases = [promised(rig, DUE) for _ in range(3)]
    sent: list[Delivery] = []
    told_of = notices(rig, lambda delivery, _now: sent.append(delivery))
    told_of.make(THEN, ["XH"])
    [(bearer, of)] = told(rig).items()
    assert of == sorted(cases), "each is there by itself"
    told_of.deliver(THEN)
    [message] = [each for each in sent if each.notice.stage == "reminder"]
    assert (message.notice.id, message.gathered.count) == (bearer, 3)
    assert sorted(case_id for _, case_id, _ in message.gathered.of) == sorted(cases)


def test_what_comes_later_joins_while_nobody_has_read_it_nor_tried_to_send_it(rig: OfficeRig) -> None:
    first = promised(rig, DUE)
    notices(rig).make(THEN, ["XH"])
    second = promised(rig, DUE)
    notices(rig).make(THEN + timedelta(minutes=1), ["XH"])
    assert list(told(rig).values()) == [[first, second]]
    do(rig, "update wuye.notices set read_at = now(), read_by = 'li'")
    third = promised(rig, DUE)
    notices(rig).make(THEN + timedelta(minutes=2), ["XH"])
    assert sorted(map(len, told(rig).values())) == [1, 2], "what is read bears nothing more"
    subscribe(rig, person="li")
    fourth = promised(rig, DUE)
    notices(rig).make(THEN + timedelta(minutes=3), ["XH"])
    assert [fourth] in told(rig).values(), "the third is sent to nobody: the fourth has to be"

    def refuse(_delivery: Delivery, _now: Any) -> None:
        raise ConnectionError

    notices(rig, refuse).deliver(THEN + timedelta(minutes=3))
    fifth = promised(rig, DUE)
    notices(rig).make(THEN + timedelta(minutes=4), ["XH"])
    assert sorted(told(rig).values(), key=len)[:3] == [[third], [fourth], [fifth]], (
        "a message that was tried stays as it is"
    )


def test_no_other_stage_duty_or_person_joins(rig: OfficeRig) -> None:
    promised(rig, DUE)
    told_of = notices(rig)
    told_of.make(THEN, ["XH"])
    told_of.make(shanghai("2025-01-05 13:00"), ["XH"])
    with rig.pool.connection() as connection:
        groups = connection.execute(
            "select count(distinct (m.case_kind, m.task, m.stage, m.role, m.person)) from wuye.notices n"
            " join wuye.notices m on m.gathered_in = n.id or m.id = n.id group by n.id"
        ).fetchall()
    assert {count for (count,) in groups} == {1}


def test_one_that_is_made_while_its_message_is_sent_is_in_exactly_one(rig: OfficeRig) -> None:
    """Whoever sends looks what a message says only when nothing can join it any more."""
    subscribe(rig, person="li")
    sent: list[Delivery] = []
    stop = threading.Event()
    sender, maker = notices(rig, lambda delivery, _now: sent.append(delivery)), notices(rig)

    def send() -> None:
        while not stop.is_set():
            sender.deliver(THEN + timedelta(minutes=1))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        for second in range(12):
            promised(rig, DUE)
            maker.make(THEN + timedelta(seconds=second), ["XH"])
    finally:
        stop.set()
        thread.join(PATIENCE)
    sender.deliver(THEN + timedelta(minutes=1))
    reminded = [id_ for each in sent if each.notice.stage == "reminder" for id_, _, _ in each.gathered.of]
    with rig.pool.connection() as connection:
        stands = {
            id_
            for (id_,) in connection.execute("select id from wuye.notices where stage = 'reminder' and person = 'li'")
        }
    assert sorted(reminded) == sorted(stands), "none twice, and none left out"


def test_a_message_of_very_many_says_how_many_there_are(rig: OfficeRig) -> None:
    promised(rig, DUE)
    notices(rig).make(THEN, ["XH"])
    [bearer] = told(rig)
    with rig.pool.connection() as connection:
        for _ in range(MOST_TOLD):
            connection.execute(
                "insert into wuye.notices (id, office, case_id, case_kind, task, stage, role, person, clause, zh, en, due_at,"
                " made_at, gathered_in) select %s, office, case_id, case_kind, task, stage, role, person, clause, zh, en,"
                " due_at, made_at, id from wuye.notices where id = %s",
                [uuid4(), bearer],
            )
        found = gathered(connection, [bearer])[bearer]
    assert (found.count, len(found.of)) == (MOST_TOLD + 1, MOST_TOLD)
