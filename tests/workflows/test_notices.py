"""Notices: made once, to whom it concerns, going up when nothing happens, delivered at least once and not at night."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import psycopg
import pytest

from api.config import ApiSettings
from api.sending import body_of, senders, signature
from domain.assignment import AssignTask
from domain.complaint import AssessComplaint, Channel, RegisterComplaint, ResolveComplaint, TakeUpComplaint
from domain.people import Role
from domain.settings import Settings
from domain.staff import EnrolStaff, HandOverTasks, ReportAbsence
from journal.confidential import MasterKey
from tests.conftest import Database
from tests.desk import Desk, at_desk, shanghai
from workflows.notices import MOST_ATTEMPTS, Delivery, Notices, after_quiet_hours

CLERK, HEAD, MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER
MASTER = MasterKey(b"k" * 32)


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """An office at work."""
    with at_desk(database.app) as desk:
        yield desk


def promised(desk: Desk, by: str = "2025-01-03 12:00") -> str:
    """A complaint that Li has promised to solve."""
    case_id = desk.do(
        RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="x", content="y", complainant="王"),
        as_=CLERK,
    ).case_id
    desk.do(TakeUpComplaint(by="li"), as_=CLERK, on=case_id)
    desk.do(AssessComplaint(measure="m", promised_by=shanghai(by), told_at=desk.now), as_=CLERK, on=case_id)
    return case_id


def notices(desk: Desk, send: Any = None) -> Notices:
    return Notices(desk.pool.connection, desk.office.settings, {"webhook": send, "e-mail": send})


def made(desk: Desk, case_id: str) -> list[tuple[Any, ...]]:
    with desk.pool.connection() as connection:
        return connection.execute(
            "select stage, role, person from wuye.notices where case_id = %s order by made_at, due_at, stage, role",
            [case_id],
        ).fetchall()


def subscribe(desk: Desk, channel: str = "webhook", address: str = "http://127.0.0.1:9/", **fields: Any) -> bytes:
    secret, wrapped = MASTER.make("webhook/s1")
    with desk.pool.connection() as connection:
        connection.execute(
            "insert into wuye.subscriptions (id, office, role, person, channel, address, secret, made_by)"
            " values ('s1', 'XH', %s, %s, %s, %s, %s, 'm')",
            [fields.get("role"), fields.get("person"), channel, address, wrapped],
        )
    return secret


def test_reminded_before_told_after_and_gone_up_while_nothing_happens(desk: Desk) -> None:
    case_id = promised(desk)
    told = notices(desk)
    told.make(shanghai("2025-01-02 11:00"), ["XH"])
    assert made(desk, case_id) == []
    for _ in range(2):  # whoever comes round again makes nothing twice
        told.make(shanghai("2025-01-02 13:00"), ["XH"])
    assert made(desk, case_id) == [("reminder", "administrator", "li")]
    desk.until("2025-01-03 13:00")
    told.make(desk.now, ["XH"])
    assert made(desk, case_id)[1:] == [("overdue", "administrator", "li")]
    told.make(shanghai("2025-01-05 13:00"), ["XH"])
    assert made(desk, case_id)[2:] == [("escalation", "department-head", None), ("escalation", "manager", None)]


def test_what_was_done_in_time_is_told_to_nobody(desk: Desk) -> None:
    case_id = promised(desk)
    desk.do(ResolveComplaint(resolved_by="li", result="好"), as_=CLERK, on=case_id)
    notices(desk).make(shanghai("2025-01-04 13:00"), ["XH"])
    assert made(desk, case_id) == []


def test_the_deputy_the_successor_and_who_was_assigned_are_told_instead(desk: Desk) -> None:
    first, second, third = promised(desk), promised(desk), promised(desk)
    li = desk.do(EnrolStaff(person="li"), as_=MANAGER).case_id
    desk.do(AssignTask(of_case=second, task="promise", person="zhao"), as_=HEAD)
    desk.do(ReportAbsence(until=shanghai("2025-01-06 00:00").date(), deputy="wang"), as_=MANAGER, on=li)
    notices(desk).make(shanghai("2025-01-02 13:00"), ["XH"])
    assert [made(desk, case_id)[0][2] for case_id in (first, second)] == ["wang", "zhao"]
    desk.do(HandOverTasks(successor="sun"), as_=MANAGER, on=li)
    fourth = promised(desk)
    notices(desk).make(shanghai("2025-01-02 13:00"), ["XH"])
    assert made(desk, fourth)[0][2] == "sun"
    assert made(desk, third)[0][2] == "wang"


def test_a_delivery_that_fails_is_tried_again_and_given_up_in_the_end(desk: Desk) -> None:
    subscribe(desk)
    case_id = promised(desk)
    tried: list[Delivery] = []

    def refuse(delivery: Delivery, _now: Any) -> None:
        tried.append(delivery)
        raise ConnectionError("nobody there")

    told, now = notices(desk, refuse), shanghai("2025-01-02 13:00")
    told.make(now, ["XH"])
    assert made(desk, case_id)
    assert told.deliver(now)[1] > 0
    assert told.deliver(now) == (0, 0)  # not before its time
    for _ in range(MOST_ATTEMPTS):
        now += timedelta(days=1)
        told.deliver(now)
    assert told.deliver(now + timedelta(days=9)) == (0, 0)
    assert max(delivery.attempts for delivery in tried) == MOST_ATTEMPTS
    with desk.pool.connection() as connection:
        rows = connection.execute("select given_up_at is not null, last_error from wuye.deliveries").fetchall()
    assert set(rows) == {(True, "ConnectionError: nobody there")}


def test_only_the_role_and_person_that_was_subscribed_for(desk: Desk) -> None:
    subscribe(desk, role="manager")
    promised(desk)
    sent: list[Delivery] = []
    told = notices(desk, lambda delivery, _now: sent.append(delivery))
    told.make(shanghai("2025-01-02 13:00"), ["XH"])
    told.deliver(shanghai("2025-01-02 13:00"))
    assert {delivery.notice.role for delivery in sent} <= {"manager"}
    told.make(shanghai("2025-01-06 13:00"), ["XH"])
    told.deliver(shanghai("2025-01-06 13:00"))
    assert "escalation" in {delivery.notice.stage for delivery in sent}


def test_nothing_is_sent_in_the_quiet_hours() -> None:
    numbers = Settings().at(shanghai("2025-01-02 12:00").date())
    assert after_quiet_hours(shanghai("2025-01-02 20:59"), numbers) == shanghai("2025-01-02 20:59")
    assert after_quiet_hours(shanghai("2025-01-02 23:00"), numbers) == shanghai("2025-01-03 07:30")
    assert after_quiet_hours(shanghai("2025-01-03 05:00"), numbers) == shanghai("2025-01-03 07:30")


def test_a_webhook_bears_a_signature_that_its_receiver_can_check(desk: Desk) -> None:
    received: list[tuple[dict[str, str], bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((dict(self.headers), body))
            self.send_response(204 if len(received) > 1 else 302)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    secret = subscribe(desk, address=f"http://127.0.0.1:{server.server_port}/hook", person="li")
    promised(desk)
    here = ApiSettings(webhook_hosts=f"hooks.example.test, 127.0.0.1:{server.server_port}")
    told = Notices(desk.pool.connection, desk.office.settings, senders(here, MASTER))
    now = shanghai("2025-01-02 13:00")
    told.make(now, ["XH"])
    assert told.deliver(now) == (0, 1)  # a redirect is not followed
    assert told.deliver(now + timedelta(days=1)) == (1, 0)
    server.shutdown()
    server.server_close()
    headers, body = received[-1]
    signed = f"{headers['Wuye-Id']}.{headers['Wuye-Timestamp']}.".encode() + body
    assert headers["Wuye-Signature"] == "v1=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()
    assert json.loads(body)["task"] == "promise"
    assert "王" not in body.decode()
    assert received[0][0]["Wuye-Id"] == headers["Wuye-Id"]  # at least once, with the same id


def test_mail_without_a_server_says_so_and_waits(desk: Desk, database: Database) -> None:
    subscribe(desk, channel="e-mail", address="someone@example.org", person="li")
    promised(desk)
    told = Notices(desk.pool.connection, desk.office.settings, senders(ApiSettings(), MASTER))
    told.make(shanghai("2025-01-02 13:00"), ["XH"])
    assert told.deliver(shanghai("2025-01-02 13:00")) == (0, 1)
    with psycopg.connect(database.owner) as owner:
        row = owner.execute("select last_error from wuye.deliveries").fetchone()
    assert row is not None
    assert "WUYE_SMTP_HOST" in row[0]
    assert signature(b"k", "i", "1", b"x").startswith("v1=")
    assert callable(body_of)
