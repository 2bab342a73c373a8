"""Notices on their page: what says the same is one line with each of its matters, and is marked as read as it was seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.conftest import ConsoleClient
from tests.console.seen import Seen, codes_in

NOTICES = "/console/SIM/notices"
GUARD = Role.DUTY_OFFICER


@pytest.fixture
def console(api: ApiClient) -> Iterator[ConsoleClient]:
    """An office in which nobody has walked for a month."""
    api.simulated("SIM", "2025-01-01 08:00")
    api.until("SIM", "2025-02-01 08:00")
    yield ConsoleClient(api.app, api.client, api.context, api.owner, api.tokens, api.users)


def seen(console: ConsoleClient, role: Role = GUARD, query: str = "") -> Seen:
    answer = console.page(NOTICES + query, role, office="SIM")
    assert answer.status_code == 200, answer.text
    page = Seen(answer.text)
    assert page.forbidden == []
    assert codes_in(page) == []
    return page


def test_a_month_without_a_patrol_is_one_line_with_each_day_in_it(console: ConsoleClient) -> None:
    page = seen(console)
    assert "31 件" in page.text
    assert page.text.count("已逾期") == 1
    assert "31 件" not in seen(console, Role.ASSISTANT).text, "it is not his"
    assert "31 件" in seen(console, Role.ASSISTANT, "?of=all").text
    told = console.ask("GET", "/offices/SIM/notices", GUARD, "SIM", params={"role": GUARD.value}).json()["notices"]
    [missed] = [each for each in told if each["stage"] == "overdue"]
    said = {"notice": missed["id"], "until": missed["latest_at"]}
    assert console.send(NOTICES, said, Role.AUDITOR, office="SIM").status_code == 403
    assert console.send(NOTICES, said, GUARD, office="SIM").status_code == 303
    assert "31 件" not in seen(console).text
    assert "31 件" in seen(console, query="?read=all").text
    assert seen(console, query=f"?in={missed['id']}").text.count("已逾期") == 31, "each by itself"
    assert console.send(NOTICES, {"notice": "no", "until": ""}, GUARD, office="SIM").status_code == 404
