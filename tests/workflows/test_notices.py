"""Notices: made once, to whom it concerns, going up when nothing happens, delivered at least once and not at night."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import psycopg
import pytest

from api.config import ApiSettings
from api.sending import body_of, senders, signature
from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint, TakeUpComplaint
from domain.complaints.complaint.events import Channel
from domain.handbook.settings import Settings
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.office.assignment import AssignTask, WithdrawAssignment
from domain.office.staff import EnrolStaff, HandOverTasks, ReportAbsence
from domain.rounds.patrol.commands import BeginPatrol
from journal.confidential import MasterKey
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai
from tests.solving import solved
from workflows.engine.notices import MOST_ATTEMPTS, Delivery, Notices, after_quiet_hours

CLERK, HEAD, MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER
MASTER = MasterKey(b"k" * 32)


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office at work."""
    with office_rig(database.app, simulated=False) as rig:
        yield rig


def promised(rig: OfficeRig, by: str = "2025-01-03 12:00") -> str:
    """A complaint that Li has promised to solve."""
    case_id = rig.do(
        RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="x", content="y", complainant="王"),
        as_=CLERK,
    ).case_id
    rig.do(TakeUpComplaint(done_by="li"), as_=CLERK, on=case_id)
    rig.do(AssessComplaint(measure="m", promised_by=shanghai(by), told_at=rig.now), as_=CLERK, on=case_id)
    return case_id


def notices(rig: OfficeRig, send: Any = None) -> Notices:
    return Notices(rig.pool.connection, rig.handler.settings, {"webhook": send, "e-mail": send})


def enrolled(rig: OfficeRig, *people: str) -> list[str]:
    """They are on the staff register: the ids of their cases."""
    return [rig.do(EnrolStaff(person=person), as_=MANAGER).case_id for person in people]


def made(rig: OfficeRig, case_id: str, *, but: str = "assigned") -> list[tuple[Any, ...]]:
    """What was told of a case, in order; that it is somebody's stands apart."""
    with rig.pool.connection() as connection:
        return connection.execute(
            "select stage, role, person from wuye.notices where case_id = %s and stage <> %s"
            " order by made_at, due_at, stage, role",
            [case_id, but],
        ).fetchall()


def told_to(rig: OfficeRig, case_id: str) -> list[str]:
    """Who was told that the task is theirs, in order."""
    with rig.pool.connection() as connection:
        rows = connection.execute(
            "select person from wuye.notices where case_id = %s and stage = 'assigned' order by made_at, person",
            [case_id],
        ).fetchall()
    return [person for (person,) in rows]


def waiting(rig: OfficeRig) -> list[tuple[Any, ...]]:
    with rig.pool.connection() as connection:
        return connection.execute("select next_at, attempts from wuye.deliveries order by next_at").fetchall()


def subscribe(rig: OfficeRig, channel: str = "webhook", address: str = "http://127.0.0.1:9/", **fields: Any) -> bytes:
    secret, wrapped = MASTER.make("webhook/s1")
    with rig.pool.connection() as connection:
        connection.execute(
            "insert into wuye.subscriptions (id, office, role, person, channel, address, secret, made_by)"
            " values ('s1', 'XH', %s, %s, %s, %s, %s, 'm')",
            [fields.get("role"), fields.get("person"), channel, address, wrapped],
        )
    return secret


def test_reminded_before_told_after_and_gone_up_while_nothing_happens(rig: OfficeRig) -> None:
    case_id = promised(rig)
    told = notices(rig)
    told.make(shanghai("2025-01-02 11:00"), ["XH"])
    assert made(rig, case_id) == []
    for _ in range(2):  # whoever comes round again makes nothing twice
        told.make(shanghai("2025-01-02 13:00"), ["XH"])
    assert made(rig, case_id) == [("reminder", "administrator", "li")]
    rig.until("2025-01-03 13:00")
    told.make(rig.now, ["XH"])
    assert made(rig, case_id)[1:] == [("overdue", "administrator", "li")]
    told.make(shanghai("2025-01-05 13:00"), ["XH"])
    assert made(rig, case_id)[2:] == [("escalation", "department-head", None), ("escalation", "manager", None)]


def test_the_next_role_hears_of_it_while_there_is_still_time(rig: OfficeRig) -> None:
    case_id = promised(rig)
    told = notices(rig)
    told.make(shanghai("2025-01-03 07:59"), ["XH"])
    assert made(rig, case_id) == [("reminder", "administrator", "li")]
    told.make(shanghai("2025-01-03 08:00"), ["XH"])
    assert made(rig, case_id)[1:] == [("warning", "department-head", None)]
    rig.set("tasks.warn_superior_hours_before", "48", date(2025, 1, 1))
    second = promised(rig)
    told.make(shanghai("2025-01-01 13:00"), ["XH"])
    assert made(rig, second) == [("warning", "department-head", None)]


def test_who_is_given_a_task_is_told_at_once_and_whoever_it_goes_over_to(rig: OfficeRig) -> None:
    """The assistant tells those who are to go (§5.2.5(2)), and so with every promise that is somebody's."""
    case_id = promised(rig, by="2025-02-03 12:00")
    told = notices(rig)
    for _ in range(2):
        told.make(rig.now, ["XH"])
    assert told_to(rig, case_id) == ["li"]
    assert made(rig, case_id) == [], "its time is far off"
    assigned = AssignTask(of_case=case_id, task="promise", person="zhao")
    assignment = rig.do(assigned, as_=HEAD, at="2025-01-02 09:00").case_id
    told.make(rig.now, ["XH"])
    zhao, _ = enrolled(rig, "zhao", "wang")
    absent = ReportAbsence(until=date(2025, 1, 6), deputy="wang")
    rig.do(absent, as_=MANAGER, on=zhao, at="2025-01-03 09:00")
    told.make(rig.now, ["XH"])
    assert told_to(rig, case_id) == ["li", "zhao", "wang"]
    rig.do(WithdrawAssignment(), as_=HEAD, on=assignment)
    rig.do(assigned, as_=HEAD)
    assert rig.rows("assignments")[0]["person"] == "zhao", "what was withdrawn can be given again"
    with pytest.raises(RuleBroken, match="no such task"):
        rig.do(AssignTask(of_case=case_id, task="promis", person="zhao"), as_=HEAD)


def test_a_patrol_that_somebody_set_out_on_is_not_told_to_them(rig: OfficeRig) -> None:
    [patrol] = rig.rows("patrols")
    rig.do(BeginPatrol(), as_=Role.DUTY_OFFICER, on=patrol["case_id"])
    notices(rig).make(rig.now, ["XH"])
    assert told_to(rig, patrol["case_id"]) == []


def test_an_absence_that_has_not_begun_changes_nothing_yet(rig: OfficeRig) -> None:
    case_id = promised(rig, by="2025-02-03 12:00")
    li, _ = enrolled(rig, "li", "wang")
    away = ReportAbsence(since=date(2025, 1, 20), until=date(2025, 1, 31), deputy="wang")
    rig.do(away, as_=MANAGER, on=li)
    told = notices(rig)
    told.make(rig.now, ["XH"])
    assert told_to(rig, case_id) == ["li"]
    told.make(shanghai("2025-01-20 09:00"), ["XH"])
    assert told_to(rig, case_id) == ["li", "wang"]


def test_a_deputy_who_is_away_himself_has_a_deputy(rig: OfficeRig) -> None:
    """Li has left for Wang, and Wang has left for Sun: nobody's promise ends at somebody who is not there."""
    case_id = promised(rig)
    li, wang, _ = enrolled(rig, "li", "wang", "sun")
    for member, successor in ((li, "wang"), (wang, "sun")):
        rig.do(HandOverTasks(successor=successor), as_=MANAGER, on=member)
    notices(rig).make(shanghai("2025-01-02 13:00"), ["XH"])
    assert made(rig, case_id)[0][2] == "sun"


def test_what_is_wrong_with_one_office_holds_up_no_other(rig: OfficeRig) -> None:
    case_id = promised(rig)
    settings = rig.handler.settings

    def broken(office: str) -> Settings:
        if office == "NO":
            raise KeyError(office)
        return settings(office)

    told = Notices(rig.pool.connection, broken, {})
    assert told.make(shanghai("2025-01-02 13:00"), ["NO", "XH"]) > 0
    assert made(rig, case_id)


def test_what_was_done_in_time_is_told_to_nobody(rig: OfficeRig) -> None:
    case_id = promised(rig)
    rig.do(solved(rig.now, "li", "好"), as_=CLERK, on=case_id)
    notices(rig).make(shanghai("2025-01-04 13:00"), ["XH"])
    assert made(rig, case_id) == []


def test_the_deputy_the_successor_and_who_was_assigned_are_told_instead(rig: OfficeRig) -> None:
    first, second, third = promised(rig), promised(rig), promised(rig)
    li, *_ = enrolled(rig, "li", "zhao", "wang", "sun")
    rig.do(AssignTask(of_case=second, task="promise", person="zhao"), as_=HEAD)
    rig.do(ReportAbsence(until=shanghai("2025-01-06 00:00").date(), deputy="wang"), as_=MANAGER, on=li)
    notices(rig).make(shanghai("2025-01-02 13:00"), ["XH"])
    assert [made(rig, case_id)[0][2] for case_id in (first, second)] == ["wang", "zhao"]
    assert [told_to(rig, case_id) for case_id in (first, second)] == [["wang"], ["zhao"]]
    rig.do(HandOverTasks(successor="sun"), as_=MANAGER, on=li)
    fourth = promised(rig)
    notices(rig).make(shanghai("2025-01-02 13:00"), ["XH"])
    assert made(rig, fourth)[0][2] == "sun"
    assert made(rig, third)[0][2] == "wang"


def test_a_delivery_that_fails_is_tried_again_and_given_up_in_the_end(rig: OfficeRig) -> None:
    subscribe(rig)
    case_id = promised(rig)
    tried: list[Delivery] = []

    def refuse(delivery: Delivery, _now: Any) -> None:
        tried.append(delivery)
        raise ConnectionError("nobody there")

    told, now = notices(rig, refuse), shanghai("2025-01-02 13:00")
    told.make(now, ["XH"])
    assert made(rig, case_id)
    assert told.deliver(now)[1] > 0
    assert told.deliver(now) == (0, 0)  # not before its time
    for _ in range(MOST_ATTEMPTS):
        now += timedelta(days=1)
        told.deliver(now)
    assert told.deliver(now + timedelta(days=9)) == (0, 0)
    assert max(delivery.attempts for delivery in tried) == MOST_ATTEMPTS
    with rig.pool.connection() as connection:
        rows = connection.execute("select given_up_at is not null, last_error from wuye.deliveries").fetchall()
    assert set(rows) == {(True, "ConnectionError: nobody there")}


def test_only_the_role_and_person_that_was_subscribed_for(rig: OfficeRig) -> None:
    subscribe(rig, role="manager")
    promised(rig)
    sent: list[Delivery] = []
    told = notices(rig, lambda delivery, _now: sent.append(delivery))
    told.make(shanghai("2025-01-02 13:00"), ["XH"])
    told.deliver(shanghai("2025-01-02 13:00"))
    assert {delivery.notice.role for delivery in sent} <= {"manager"}
    assert "warning" not in {delivery.notice.stage for delivery in sent}
    told.make(shanghai("2025-01-06 13:00"), ["XH"])
    told.deliver(shanghai("2025-01-06 13:00"))
    assert "escalation" in {delivery.notice.stage for delivery in sent}


def test_nothing_is_sent_in_the_quiet_hours() -> None:
    numbers = Settings().at(shanghai("2025-01-02 12:00").date())
    assert after_quiet_hours(shanghai("2025-01-02 20:59"), numbers) == shanghai("2025-01-02 20:59")
    assert after_quiet_hours(shanghai("2025-01-02 23:00"), numbers) == shanghai("2025-01-03 07:30")
    assert after_quiet_hours(shanghai("2025-01-03 05:00"), numbers) == shanghai("2025-01-03 07:30")


def test_a_delivery_that_was_put_off_into_the_quiet_hours_waits_for_the_morning(rig: OfficeRig) -> None:
    subscribe(rig, person="li")
    promised(rig)
    tried: list[Any] = []

    def refuse(_delivery: Delivery, now: Any) -> None:
        tried.append(now)
        raise ConnectionError("nobody there")

    told = notices(rig, refuse)
    evening, night, morning = (shanghai(f"2025-01-0{at}") for at in ("2 20:58", "2 21:01", "3 07:30"))
    told.make(evening, ["XH"])
    told.deliver(evening)
    assert tried
    tried.clear()
    assert all(next_at <= night for next_at, _ in waiting(rig))
    assert told.deliver(night) == told.deliver(morning - timedelta(seconds=1)) == (0, 0)
    assert tried == []
    told.deliver(morning)
    assert set(tried) == {morning}


def test_a_sender_that_dies_before_it_could_say_so_sends_again_with_the_same_id(rig: OfficeRig) -> None:
    subscribe(rig, person="li")
    promised(rig, by="2025-02-03 12:00")
    seen: list[Any] = []

    class Died(BaseException):
        """The process ended between the sending and the note of it."""

    def send(delivery: Delivery, _now: Any) -> None:
        seen.append(delivery.notice.id)
        if len(seen) == 1:
            raise Died

    told, now = notices(rig, send), shanghai("2025-01-02 13:00")
    told.make(now, ["XH"])
    with pytest.raises(Died):
        told.deliver(now)
    assert told.deliver(now + timedelta(minutes=4)) == (0, 0), "somebody may still be at it"
    assert told.deliver(now + timedelta(minutes=5)) == (1, 0)
    assert told.deliver(now + timedelta(days=1)) == (0, 0)
    assert len(seen) == 2
    assert len(set(seen)) == 1


def test_a_webhook_bears_a_signature_that_its_receiver_can_check(rig: OfficeRig) -> None:
    received: list[tuple[dict[str, str], bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((dict(self.headers), body))
            self.send_response(204 if len(received) > 2 else 302)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    secret = subscribe(rig, address=f"http://127.0.0.1:{server.server_port}/hook", person="li")
    promised(rig)
    here = ApiSettings(webhook_hosts=f"hooks.example.test, 127.0.0.1:{server.server_port}")
    told = Notices(rig.pool.connection, rig.handler.settings, senders(here, MASTER))
    now = shanghai("2025-01-02 13:00")
    told.make(now, ["XH"])
    assert told.deliver(now) == (0, 2)  # a redirect is not followed
    assert told.deliver(now + timedelta(days=1)) == (2, 0)
    server.shutdown()
    server.server_close()
    headers, body = received[-1]
    signed = f"{headers['Wuye-Id']}.{headers['Wuye-Timestamp']}.".encode() + body
    assert headers["Wuye-Signature"] == "v1=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()
    assert json.loads(body)["task"] == "promise"
    assert "王" not in body.decode()
    assert headers["Wuye-Id"] in {sent["Wuye-Id"] for sent, _ in received[:2]}  # at least once, with the same id


def test_mail_without_a_server_says_so_and_waits(rig: OfficeRig, database: Database) -> None:
    subscribe(rig, channel="e-mail", address="someone@example.org", person="li")
    promised(rig)
    told = Notices(rig.pool.connection, rig.handler.settings, senders(ApiSettings(), MASTER))
    told.make(shanghai("2025-01-02 13:00"), ["XH"])
    assert told.deliver(shanghai("2025-01-02 13:00")) == (0, 2)
    with psycopg.connect(database.owner) as owner:
        row = owner.execute("select last_error from wuye.deliveries").fetchone()
    assert row is not None
    assert "WUYE_SMTP_HOST" in row[0]
    assert signature(b"k", "i", "1", b"x").startswith("v1=")
    assert callable(body_of)
