"""What the book says stands against those who keep it, told over HTTP in an office whose time is set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.api.teller import CLERK, COMPANY, HEAD, MANAGER, OFFICE, Teller, telling
from tests.office_rig import shanghai


@pytest.fixture
def teller(api: ApiClient) -> Iterator[Teller]:
    with telling(api) as teller:
        yield teller


def complaint(teller: Teller, home: str = "1-101") -> str:
    said = {"channel": "in-person", "category": "noise", "matter": "水泵噪音", "content": "夜间", "complainant": "王"}
    return teller.opened(CLERK, "complaints", home=home, **said)


def promise(teller: Teller, case_id: str, by: str, **more: Any) -> dict[str, Any]:
    body = {"measure": "检修", "promised_by": shanghai(by).isoformat(), "told_at": teller.now.isoformat()}
    return teller.say(CLERK, f"complaints/{case_id}/assess-complaint", **body, **more)


def test_a_breach_that_was_written_stays_written_until_somebody_above_confirms_the_late_entry(teller: Teller) -> None:
    case_id = complaint(teller)
    promise(teller, case_id, "2025-01-03 18:00")
    teller.until("2025-01-06 09:00")
    january = ("complaint-handling-rate", "2025-01-01", "2025-01-31")
    assert teller.figure(*january) == (0, 1)
    path = f"complaints/{case_id}"
    teller.say(CLERK, f"{path}/investigate-complaint", findings="老化", root_cause="老化")
    before = f"?occurred_at={shanghai('2025-01-03 17:00').isoformat().replace('+', '%2B')}"
    teller.say(CLERK, f"{path}/resolve-complaint{before}", done_by="gong-1", result="已换")
    assert teller.figure(*january) == (0, 1), "whoever enters it late changes nothing by that"
    [late] = [row for row in teller.rows("late-entries") if row["fact"] == "ComplaintResolved"]
    assert (late["case_id"], late["judged_by"]) == (case_id, None)
    said = {"reason": "施工单有当日签字", "evidence": "施工单"}
    teller.refused(CLERK, f"{path}/confirm-late-entry", "role", **said)
    teller.say(MANAGER, f"{path}/confirm-late-entry", **said)
    assert teller.figure(*january) == (1, 1)
    [late] = [row for row in teller.rows("late-entries") if row["fact"] == "ComplaintResolved"]
    assert late["judged_by"] is not None


def test_a_promise_is_put_off_with_a_reason_then_with_the_heads_word_and_never_beyond_the_cap(teller: Teller) -> None:
    case_id = complaint(teller)
    promise(teller, case_id, "2025-01-03 18:00")
    path = f"complaints/{case_id}/assess-complaint"
    later = {"measure": "检修", "told_at": teller.now.isoformat()}
    teller.refused(CLERK, path, "postponement", promised_by=shanghai("2025-01-05 18:00").isoformat(), **later)
    promise(teller, case_id, "2025-01-05 18:00", reason="材料未到")
    far = shanghai("2026-01-05 18:00").isoformat()
    refused = teller.api.ask(
        "POST", f"/offices/{OFFICE}/{path}", CLERK, OFFICE, json={**later, "promised_by": far, "reason": "再等"}
    )
    assert refused.status_code == 409, refused.text
    teller.until("2025-01-04 09:00")
    teller.say(CLERK, f"complaints/{case_id}/investigate-complaint", findings="老化", root_cause="老化")
    teller.say(CLERK, f"complaints/{case_id}/resolve-complaint", done_by="gong-1", result="已换")
    assert teller.figure("complaint-handling-rate", "2025-01-01", "2025-01-31") == (1, 1)
    assert teller.figure("complaints-handled-as-first-promised", "2025-01-01", "2025-01-31") == (0, 1)


@pytest.mark.long
def test_a_telling_that_is_entered_after_its_time_counts_once_somebody_above_confirms_it(teller: Teller) -> None:
    """Whatever the clerk says of when it was: by each of the commands that say it."""
    spot = {"measure": "检修", "result": "好", "root_cause": "老化", "done_by": "gong-1"}
    cases = [complaint(teller, home) for home in ("1-101", "1-102", "1-103", "1-104")]
    asked_at = shanghai("2025-01-01 09:00").isoformat()
    teller.until("2025-01-01 09:30")
    promise(teller, cases[3], "2025-01-06 18:00")
    teller.until("2025-01-03 10:00")
    by = shanghai("2025-01-06 18:00").isoformat()
    told: dict[str, Any] = {"told_at": asked_at}
    teller.say(CLERK, f"complaints/{cases[0]}/assess-complaint", measure="检修", promised_by=by, **told)
    teller.say(HEAD, f"complaints/{cases[1]}/dispatch-complaint", department="工程", due_by=by, **told)
    teller.say(CLERK, f"complaints/{cases[2]}/solve-complaint-on-the-spot", **spot, **told)
    assert teller.figure("complainants-told-in-time", "2025-01-01", "2025-01-31") == (1, 4)
    late = {row["case_id"]: (row["hours_late"], row["occurred_at"]) for row in teller.rows("late-entries")}
    assert late.keys() == set(cases[:3])
    assert {hours for hours, _ in late.values()} == {49}
    said = {"reason": "通话记录属实", "evidence": "通话记录 3 页"}
    teller.refused(CLERK, f"complaints/{cases[0]}/confirm-late-entry", "role", **said)
    teller.say(MANAGER, f"complaints/{cases[0]}/confirm-late-entry", **said)
    teller.say(MANAGER, f"complaints/{cases[1]}/reject-late-entry", reason="无凭据")
    assert teller.figure("complainants-told-in-time", "2025-01-01", "2025-01-31") == (2, 4)
    fresh = complaint(teller, "1-106")
    heard = {"told_at": teller.now.isoformat()}
    teller.until("2025-01-03 13:00")
    teller.say(CLERK, f"complaints/{fresh}/assess-complaint", measure="检修", promised_by=by, **heard)
    assert teller.figure("complainants-told-in-time", "2025-01-01", "2025-01-31") == (2, 5)
    teller.say(HEAD, f"complaints/{fresh}/confirm-late-entry", **said)
    assert teller.figure("complainants-told-in-time", "2025-01-01", "2025-01-31") == (3, 5)
    teller.until("2025-01-09 10:00")
    [fifth] = [complaint(teller, "1-105")]
    teller.until("2025-01-17 10:00")
    teller.refused(
        CLERK,
        f"complaints/{fifth}/assess-complaint",
        "late-reason-missing",
        measure="检修",
        promised_by=shanghai("2025-01-18 18:00").isoformat(),
        told_at=shanghai("2025-01-09 10:30").isoformat(),
    )


@pytest.mark.long
def test_nothing_is_put_off_for_years_nor_by_whoever_is_to_keep_it(teller: Teller) -> None:
    far, soon = shanghai("2034-01-01 10:00").isoformat(), shanghai("2025-01-04 10:00").isoformat()
    matter = {"home": "1-101", "matter": "漏水"}
    teller.refused(CLERK, "rectifications", "beyond-cap", **matter, due_by=far)
    teller.refused(CLERK, "work-orders", "beyond-cap", trade="cleaning", place="x", matter="y", due_by=far)
    terms = {"planned_from": "2025-01-02", "planned_until": "2025-03-01"}
    teller.refused(
        CLERK, "renovations", "beyond-cap", home="1-101", scope="x", channel="counter", decide_by=far, **terms
    )
    order = teller.opened(
        CLERK, "repair-orders", home="1-101", channel="in-person", fault_kind="water", description="x"
    )
    path = f"repair-orders/{order}/dispatch-repair-order"
    teller.say(CLERK, path, to="gong-1", due_by=shanghai("2025-01-02 10:00").isoformat())
    teller.refused(CLERK, path, "postponement", to="gong-1", due_by=soon)
    teller.refused(HEAD, path, "beyond-cap", to="gong-1", due_by=far, reason="待料")
    teller.say(HEAD, path, to="gong-1", due_by=soon, reason="待料")
    action = teller.opened(HEAD, "corrective-actions", matter="x", procedure="corrective")
    teller.say(HEAD, f"corrective-actions/{action}/analyse-cause", cause="x")
    measures = {"measures": "x", "responsible": "gong-1"}
    teller.refused(HEAD, f"corrective-actions/{action}/propose-measures", "beyond-cap", **measures, due_by=far)
    later = shanghai("2025-03-20 10:00").isoformat()
    teller.refused(CLERK, f"corrective-actions/{action}/propose-measures", "postponement", **measures, due_by=later)


def test_what_is_late_or_was_sent_up_is_somebodys_task_until_it_is_done(teller: Teller) -> None:
    case_id = complaint(teller)
    promise(teller, case_id, "2025-01-03 18:00")
    teller.until("2025-01-04 09:00")

    def tasks(role: Role) -> dict[str, bool]:
        answer = teller.api.ask("GET", f"/tasks?office={OFFICE}", role, OFFICE)
        assert answer.status_code == 200, answer.text
        return {task["task"]: task["overdue"] for task in answer.json()["tasks"] if task["case_id"] == case_id}

    assert (tasks(CLERK), tasks(HEAD)) == ({"promise": True}, {})
    path = f"complaints/{case_id}"
    teller.say(CLERK, f"{path}/escalate-complaint", reason="须更换水泵")
    assert list(tasks(HEAD).values()) == [False], "what exceeds the clerk's powers is the head's, with a date"
    teller.until("2025-01-08 09:00")
    assert list(tasks(HEAD).values()) == [True]
    teller.say(CLERK, f"{path}/investigate-complaint", findings="老化", root_cause="老化")
    teller.say(CLERK, f"{path}/resolve-complaint", done_by="gong-1", result="已换")
    assert (tasks(CLERK), tasks(HEAD)) == ({"archiving": False}, {}), "it is handled, and is to be archived"


def test_a_target_is_not_lowered_by_one_person_alone(teller: Teller) -> None:
    lower = {"name": "complaints.told_target", "value": "1/2", "valid_from": "2025-01-01", "reason": "试行"}
    query = f"?office={OFFICE}"
    proposed = teller.api.ask("PUT", f"/settings{query}", MANAGER, OFFICE, json=lower)
    assert proposed.json()["facts"] == ["SettingChangeProposed"], proposed.text

    def target() -> str:
        told = teller.api.ask("GET", f"/settings{query}", MANAGER, OFFICE).json()["settings"]
        return str(next(each["value"] for each in told if each["name"] == "complaints.told_target"))

    assert target() == "1"
    own = teller.api.ask("POST", f"/settings/confirm{query}", MANAGER, OFFICE, json={"number": 1})
    assert own.status_code in {403, 409}, own.text
    done = teller.api.ask("POST", f"/settings/confirm{query}", COMPANY, OFFICE, json={"number": 1})
    assert done.status_code == 200, done.text
    assert target() == "1/2"
