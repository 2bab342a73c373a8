"""Notices that are due, on their page: what each would say, all of them issued by one click, and who is left out and why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.kernel.people import Role
from tests.api.conftest import Window
from tests.api.test_mistakes import post
from tests.console.conftest import Desk
from tests.console.seen import Seen, codes_in

LETTERS = "/console/SIM/arrears/letters"


@pytest.fixture
def desk(window: Window) -> Iterator[Desk]:
    """Three households that did not pay in January."""
    window.simulated("SIM", "2025-01-31 16:00")
    for home in ("1-101", "1-102", "1-103"):
        lives = str(post(window, "households", {"home": home, "name": "王"}, status=201)["id"])
        bill = {"household": lives, "period": "2025-01", "amount_fen": 30_000, "item": "物业服务费"}
        post(window, "bills", bill, status=201)
    window.until("SIM", "2025-02-20 09:00")
    yield Desk(window.app, window.client, window.context, window.owner, window.tokens, window.users)


def seen(desk: Desk, role: Role = Role.ADMINISTRATOR, query: str = "") -> Seen:
    answer = desk.page(LETTERS + query, role, office="SIM")
    assert answer.status_code == 200, answer.text
    page = Seen(answer.text)
    assert page.forbidden == []
    assert codes_in(page) == []
    return page


def test_all_that_are_due_go_out_by_one_click_and_once(desk: Desk) -> None:
    page = seen(desk)
    assert "应发 3 户" in page.text
    assert "¥300.75" in page.text, "principal and the late fee of five days"
    assert "¥902.25" in page.text
    assert "应发 3 户" in seen(desk, query="?stage=1").text
    assert "没有应发的通知" in seen(desk, query="?stage=2").text
    sent = desk.send(LETTERS, {"means": "mailbox", "idempotency_key": "k"}, office="SIM")
    assert sent.status_code == 303
    assert "sent=3" in sent.headers["location"]
    again = desk.send(LETTERS, {"means": "mailbox", "idempotency_key": "k"}, office="SIM")
    assert "sent=0" in again.headers["location"], "the second click finds nothing due"
    assert "没有应发的通知" in seen(desk).text
    desk.until("SIM", "2025-03-05 09:00")
    page = seen(desk)
    assert "不能发出" in page.text
    assert "须先查明欠费原因" in page.text


def test_who_issues_none_sees_what_is_due_and_nothing_to_click(desk: Desk) -> None:
    page = seen(desk, Role.AUDITOR)
    assert "¥902.25" in page.text
    assert not any("letters" in action for action in page.actions)
    assert desk.send(LETTERS, {"means": "mailbox"}, Role.AUDITOR, office="SIM").status_code == 403
