"""Notices that are due, on their page: what each would say, all of them issued by one click, and who is left out and why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.console import due_letters
from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.api.test_mistakes import post
from tests.console.conftest import ConsoleClient
from tests.console.seen import Seen, codes_in

LETTERS = "/console/SIM/arrears/letters"


@pytest.fixture
def console(api: ApiClient) -> Iterator[ConsoleClient]:
    """Three households that did not pay in January."""
    api.simulated("SIM", "2025-01-31 16:00")
    for home in ("1-101", "1-102", "1-103"):
        lives = str(post(api, "households", {"home": home, "name": "王"}, status=201)["id"])
        bill = {"household": lives, "period": "2025-01", "amount_fen": 30_000, "item": "物业服务费"}
        post(api, "bills", bill, status=201)
    api.until("SIM", "2025-02-20 09:00")
    yield ConsoleClient(api.app, api.client, api.context, api.owner, api.tokens, api.users)


def seen(console: ConsoleClient, role: Role = Role.ADMINISTRATOR, query: str = "") -> Seen:
    answer = console.page(LETTERS + query, role, office="SIM")
    assert answer.status_code == 200, answer.text
    page = Seen(answer.text)
    assert page.forbidden == []
    assert codes_in(page) == []
    return page


def test_all_that_are_due_go_out_by_one_click_and_once(console: ConsoleClient) -> None:
    page = seen(console)
    assert "应发 3 户" in page.text
    assert "¥300.75" in page.text, "principal and the late fee of five days"
    assert "¥902.25" in page.text
    assert "应发 3 户" in seen(console, query="?stage=1").text
    assert "没有应发的通知" in seen(console, query="?stage=2").text
    sent = console.send(LETTERS, {"means": "mailbox", "idempotency_key": "k"}, office="SIM")
    assert sent.status_code == 303
    assert "sent=3" in sent.headers["location"]
    again = console.send(LETTERS, {"means": "mailbox", "idempotency_key": "k"}, office="SIM")
    assert "sent=0" in again.headers["location"], "the second click finds nothing due"
    assert "没有应发的通知" in seen(console).text
    console.until("SIM", "2025-03-05 09:00")
    page = seen(console)
    assert "不能发出" in page.text
    assert "须先查明欠费原因" in page.text


def issued_to(console: ConsoleClient) -> list[str]:
    """Each letter that stands in the book, by the household it went to."""
    rows = console.get("/offices/SIM/registers/dunning-notices?limit=100", office="SIM").json()["rows"]
    return [row["household"] for row in rows if row["issued_on"]]


def test_many_go_out_in_parts_that_say_how_far_they_are(
    console: ConsoleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_letters, "_A_PART", 2)
    begun = {"means": "post", "addressee": "王", "idempotency_key": "k"}
    first = console.send(LETTERS, begun, office="SIM")
    page = Seen(first.text)
    assert first.status_code == 200
    assert page.forbidden == []
    assert codes_in(page) == []
    assert "已发出 2 户，还有 1 户" in page.text
    assert page.fields["means"] == "post"
    assert "王" not in str(page.links), "no name stands in an address"
    assert len(issued_to(console)) == 2
    again = console.send(LETTERS, begun, office="SIM")
    assert "sent=1&left=0" in again.headers["location"]
    assert len(set(issued_to(console))) == len(issued_to(console)) == 3, "whoever begins anew goes on with the rest"


def test_the_next_part_is_asked_for_by_the_page_itself(console: ConsoleClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_letters, "_A_PART", 2)
    first = Seen(console.send(LETTERS, {"idempotency_key": "k"}, office="SIM").text)
    part = {"HX-Request": "true"}
    last = console.ask("POST", LETTERS, Role.ADMINISTRATOR, "SIM", data=first.fields, headers=part)
    assert last.status_code == 204
    assert "sent=3&left=0" in last.headers["hx-redirect"]
    replayed = console.ask("POST", LETTERS, Role.ADMINISTRATOR, "SIM", data=first.fields, headers=part)
    assert "sent=2&left=0" in replayed.headers["hx-redirect"], "what went out meanwhile is not due"
    assert len(issued_to(console)) == 3


def test_who_issues_none_sees_what_is_due_and_nothing_to_click(console: ConsoleClient) -> None:
    page = seen(console, Role.AUDITOR)
    assert "¥902.25" in page.text
    assert not any("letters" in action for action in page.actions)
    assert console.send(LETTERS, {"means": "mailbox"}, Role.AUDITOR, office="SIM").status_code == 403


def test_a_bill_that_was_paid_is_no_unpaid_one(console: ConsoleClient) -> None:
    rows = console.get("/offices/SIM/bills?limit=10", office="SIM").json()["rows"]
    lives = rows[0]["household"]
    later = {
        "household": lives,
        "period": "2025-02",
        "amount_fen": 20_000,
        "item": "物业服务费",
        "due_on": "2025-02-21",
    }
    made = console.post("/offices/SIM/bills", later, office="SIM")
    assert made.status_code == 201, made.text
    console.until("SIM", "2025-03-12 09:00")
    paid = {
        "household": lives,
        "amount_fen": 20_000,
        "method": "wechat",
        "bills": [made.json()["id"]],
        "reference": "W1",
    }
    answer = console.post("/offices/SIM/payments", paid, office="SIM")
    assert answer.status_code == 201, answer.text
    [row] = [
        each
        for each in console.get("/offices/SIM/debt-cases?limit=10", office="SIM").json()["rows"]
        if each["household"] == lives
    ]
    assert (row["bills"], row["unpaid_bills"]) == (2, 1)
    board = Seen(console.page("/console/SIM/arrears", office="SIM").text)
    assert "未付账单 1" in board.text
    assert "账单数" not in board.text


def test_which_letter_is_the_next_is_known_on_the_page_of_the_case(console: ConsoleClient) -> None:
    case_id = console.get("/offices/SIM/debt-cases?limit=1", office="SIM").json()["rows"][0]["case_id"]
    page = Seen(console.page(f"/console/SIM/case/{case_id}?do=issue-dunning-notice", office="SIM").text)
    assert page.fields["stage"] == "1"
    said = {name: value for name, value in page.fields.items() if name != "q"} | {"means": "mailbox"}
    sent = console.send(f"/console/SIM/do/issue-dunning-notice/{case_id}", said, office="SIM")
    assert sent.status_code == 303, sent.text.partition("wy-fault")[2][:600]
    page = Seen(console.page(f"/console/SIM/case/{case_id}?do=record-notice-delivery", office="SIM").text)
    assert page.fields["stage"] == "1"
