"""Practice: ten steps of a first day, done when the book says so, and a clock that shows what would have been late."""

from __future__ import annotations

from typing import Any

from api.console.practice import STEPS
from api.identity import Grant
from domain.cases import CASES
from domain.handbook.clauses import CLAUSES
from domain.kernel.people import Role
from tests.api.conftest import PASSWORD, ApiClient
from tests.console.seen import Seen, codes_in, latin_in

SIM = "/console/SIM"


def as_(api: ApiClient, login: str, method: str, path: str, **more: Any) -> Any:
    """Somebody with a log-in, as who practises has one."""
    api.client.cookies.clear()
    api.client.post("/console/login", data={"login": login, "password": PASSWORD, "next": "/console"})
    return api.client.request(method, f"{SIM}{path}", follow_redirects=False, **more)


def test_the_steps_are_facts_and_clauses_that_there_are() -> None:
    events = {row.event.__name__ for life in CASES for row in life.steps}
    assert len(STEPS) == 10
    assert all(step.clause in CLAUSES for step in STEPS)
    assert [step.fact for step in STEPS if step.fact not in events] == [""]


def test_a_first_day_goes_from_step_to_step_and_the_clock_shows_what_is_late(api: ApiClient) -> None:
    api.simulated("SIM", "2025-03-03 08:00")
    for login, name, role in (("xin", "新人", Role.ADMINISTRATOR), ("jing", "经理", Role.MANAGER)):
        user = api.context.accounts.create(login, name, PASSWORD)
        api.context.accounts.grant(user, [Grant("SIM", role)], by="test")
    page = Seen(as_(api, "xin", "GET", "/practice").text)
    assert "已完成 0 步" in page.text
    assert "登记一件投诉" in page.text
    assert not codes_in(page) + [word for word in latin_in(page) if word != "SIM"]
    assert page.forbidden == []
    said = {
        "channel": "telephone",
        "category": "电梯",
        "matter": "异响",
        "content": "每晚",
        "home": "1-1",
        "complainant": "周",
    }
    assert as_(api, "xin", "POST", "/open/complaints/register-complaint", data=said).status_code == 303
    page = Seen(as_(api, "xin", "GET", "/practice").text)
    assert "已完成 1 步" in page.text
    assert "还没有。拨动时钟" in page.text
    assert as_(api, "xin", "POST", "/practice", data={"turn": "day"}).status_code == 403
    assert as_(api, "jing", "POST", "/practice", data={"turn": "day"}).status_code == 303
    turned = Seen(as_(api, "jing", "GET", "/practice").text)
    assert "已完成 2 步" in turned.text
    assert "3月4日 周二 08:00" in turned.text
    assert "当日完成巡视" in turned.text, "yesterday's patrol was not walked"


def test_a_real_office_has_no_practice(api: ApiClient) -> None:
    assert api.get("/console/XH/practice", Role.MANAGER).status_code == 404
    assert "练习" not in api.get("/console/XH/today", Role.MANAGER).text
