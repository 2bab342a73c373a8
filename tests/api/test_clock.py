"""A simulated office has a clock of its own: it stands still, moves when told, and is now for everything in that office."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import psycopg
import pytest

from domain.kernel.people import Role
from journal.hash_chain import verify
from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from tests.api.conftest import ApiClient
from tests.office_rig import shanghai
from workflows.engine.clock import Clock
from workflows.engine.gather import GATHER

CLERK, MANAGER, ROOT = Role.ADMINISTRATOR, Role.MANAGER, Role.SYSTEM_ADMINISTRATOR
COMPLAINT = {
    "channel": "in-person",
    "category": "noise",
    "matter": "楼上噪音",
    "content": "每晚十点后",
    "home": "1-101",
}


def shown(api: ApiClient, office: str, role: Role = CLERK) -> datetime:
    """What the office's clock shows."""
    answer = api.ask("GET", f"/offices/{office}/clock", role, office)
    assert answer.status_code == 200, answer.text
    return datetime.fromisoformat(answer.json()["now"])


def post(api: ApiClient, office: str, path: str, body: Any, role: Role = CLERK, **more: Any) -> Any:
    return api.ask("POST", f"/offices/{office}/{path}", role, office, json=body, **more)


def promised(api: ApiClient, office: str, by: str) -> str:
    """A complaint that is promised to be solved by then."""
    case_id = str(post(api, office, "complaints", COMPLAINT).json()["id"])
    told = {"measure": "上门", "promised_by": shanghai(by).isoformat(), "told_at": shown(api, office).isoformat()}
    answer = post(api, office, f"complaints/{case_id}/assess-complaint", told)
    assert answer.status_code == 200, answer.text
    return case_id


def facts(api: ApiClient, office: str) -> list[tuple[Any, ...]]:
    """The whole book: what happened, when, and when it was taken."""
    with psycopg.connect(api.owner) as connection:
        return connection.execute(
            "select name, occurred_at, recorded_at from wuye.facts where office = %s order by number", [office]
        ).fetchall()


def test_it_stands_still_until_it_is_told_and_is_the_time_of_everything(api: ApiClient) -> None:
    api.simulated("SIM", "2025-01-01 08:00")
    assert shown(api, "SIM") == shown(api, "SIM", ROOT) == shanghai("2025-01-01 08:00")
    case_id = promised(api, "SIM", "2025-01-03 12:00")
    assert {recorded for _, _, recorded in facts(api, "SIM")} == {shanghai("2025-01-01 08:00")}
    tasks = api.ask("GET", "/tasks?office=SIM&due=overdue", CLERK, "SIM").json()["tasks"]
    assert tasks == []
    moved = api.until("SIM", "2025-01-03 12:00")
    assert (moved["failed"], datetime.fromisoformat(moved["now"])) == (0, shanghai("2025-01-03 12:00"))
    assert moved["fired"] >= 3, "two patrols of the days gone by, and the promise"
    missed = [fact for fact in facts(api, "SIM") if fact[0] == "PromiseMissed"]
    assert missed == [("PromiseMissed", shanghai("2025-01-03 12:00"), shanghai("2025-01-03 12:00"))]
    api.until("SIM", "2025-01-03 12:01")
    overdue = api.ask("GET", "/tasks?office=SIM&due=overdue", CLERK, "SIM").json()["tasks"]
    assert case_id in {task["case_id"] for task in overdue}
    future = (shanghai("2025-01-03 12:01") + timedelta(seconds=1)).isoformat()
    late = post(
        api,
        "SIM",
        f"complaints/{case_id}/resolve-complaint",
        {"result": "已处理", "done_by": "li"},
        params={"occurred_at": future},
    )
    assert late.status_code == 409, "what lies ahead of the office's clock has not happened"
    assert late.json()["code"] == "in-the-future"


def test_standards_notices_and_settings_go_by_the_offices_own_today(api: ApiClient) -> None:
    api.simulated("SIM", "2025-01-01 08:00")
    case_id = promised(api, "SIM", "2025-01-03 12:00")
    api.until("SIM", "2025-02-10 09:00")
    reading = api.ask("GET", "/standards/complaint-handling-rate?office=SIM", CLERK, "SIM").json()
    assert (reading["since"], reading["until"]) == ("2025-01-01", "2025-02-10")
    assert (reading["met"], reading["counted"]) == (0, 1)
    told = api.ask("GET", "/offices/SIM/notices?limit=1000", CLERK, "SIM").json()["notices"]
    stages = {each["stage"]: datetime.fromisoformat(each["made_at"]) for each in told if each["case_id"] == case_id}
    assert stages["reminder"] == shanghai("2025-01-02 12:00"), "a day before"
    assert stages["overdue"] == shanghai("2025-01-03 12:00")
    assert api.ask("GET", "/settings?office=SIM", CLERK, "SIM").json()["on"] == "2025-02-10"
    as_of = shanghai("2025-01-02 00:00").isoformat()
    then = api.ask("GET", "/standards/complaint-handling-rate", CLERK, "SIM", params={"office": "SIM", "as_of": as_of})
    assert (then.json()["counted"], then.json()["not_yet_due"]) == (0, 1)


def test_it_goes_neither_back_nor_too_far_and_only_the_manager_or_the_system_administrator_moves_it(
    api: ApiClient,
) -> None:
    api.simulated("SIM", "2025-01-01 08:00")
    for to, code in (("2024-12-31T00:00:00+08:00", "clock-backward"), ("2036-01-01T00:00:00+08:00", "clock-too-far")):
        answer = post(api, "SIM", "clock", {"to": to}, MANAGER)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    later = {"to": "2025-01-01T09:00:00+08:00"}
    assert post(api, "SIM", "clock", later).status_code == 403
    assert api.ask("POST", "/offices/SIM/clock", MANAGER, "XH", json=later).status_code == 404, "another office's"
    assert api.ask("POST", "/offices/SIM/clock", ROOT, "*", json=later).status_code == 200
    assert shown(api, "SIM") == shanghai("2025-01-01 09:00")
    for method in ("GET", "POST"):
        answer = api.ask(method, "/offices/XH/clock", MANAGER, "XH", **({"json": later} if method == "POST" else {}))
        assert answer.status_code == 404, "a real office has none"


def test_a_serving_clock_leaves_it_alone_and_real_offices_go_on(api: ApiClient) -> None:
    api.simulated("SIM", "2025-01-01 08:00")
    promised(api, "SIM", "2025-01-03 12:00")
    real = api.complaint()
    told = {
        "measure": "上门",
        "told_at": datetime.now(UTC).isoformat(),
        "promised_by": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
    }
    assert api.post(f"/offices/XH/complaints/{real}/assess-complaint", told).status_code == 200
    before = facts(api, "SIM")
    Clock(api.context.handler, api.context.connect, GATHER).catch_up(datetime.now(UTC) + timedelta(hours=2))
    assert facts(api, "SIM") == before
    assert "PromiseMissed" in {name for name, _, _ in facts(api, "XH")}


@pytest.mark.long
def test_a_repeated_request_is_the_same_request_after_the_clock_has_moved(api: ApiClient) -> None:
    api.simulated("SIM", "2025-01-01 08:00")
    key = {"Idempotency-Key": "one"}
    first = post(api, "SIM", "complaints", COMPLAINT, headers=key).json()
    api.until("SIM", "2025-06-01 00:00")
    again = post(api, "SIM", "complaints", COMPLAINT, headers=key).json()
    assert (again["id"], again["repeated"]) == (first["id"], True)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2))])
def test_small_steps_and_one_large_one_come_to_the_same_book(api: ApiClient, seed: int) -> None:
    random = Random(seed)
    begun, ends = shanghai("2025-01-01 08:00"), shanghai("2025-01-20 08:00")
    promises = [begun + timedelta(minutes=random.randrange(60, 18 * 1440)) for _ in range(4)]
    for office in ("ONE", "MANY"):
        api.simulated(office, "2025-01-01 08:00")
        for by in promises:
            promised(api, office, by)  # type: ignore[arg-type]
    api.until("ONE", ends)
    now = begun
    while now < ends:
        now = min(ends, now + timedelta(minutes=random.choice((1, 7, 60, 60, 500, 1440, 4000))))
        api.until("MANY", now)
    assert sorted(facts(api, "ONE")) == sorted(facts(api, "MANY"))
    with psycopg.connect(api.owner, autocommit=True) as owner:
        notices = [
            owner.execute(
                "select task, stage, role, due_at, made_at from wuye.notices where office = %s order by 1, 2, 3, 4, 5",
                [office],
            ).fetchall()
            for office in ("ONE", "MANY")
        ]
        assert notices[0] == notices[1]
        assert verify(owner, "ONE").intact
        assert verify(owner, "MANY").intact
        assert not any(rebuild(owner, REGISTERS).differences.values())


def test_nothing_happened_before_1970_or_before_the_office(api: ApiClient) -> None:
    api.simulated("SIM", "2024-05-01 08:00")
    api.until("SIM", "2024-06-01 08:00")
    case_id = post(api, "SIM", "complaints", COMPLAINT).json()["id"]
    for said, code in (
        ("1900-01-01T00:00:00+08:00", "too-early"),
        ("2019-01-01T00:00:00+08:00", "before-office"),
    ):
        late = post(api, "SIM", "complaints", COMPLAINT, params={"occurred_at": said})
        told = {"measure": "上门", "promised_by": "2024-06-03T00:00:00+08:00", "told_at": said}
        assessed = post(api, "SIM", f"complaints/{case_id}/assess-complaint", told)
        for answer, field in ((late, "occurred_at"), (assessed, "told_at")):
            assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text
            assert answer.json()["field"] == field
