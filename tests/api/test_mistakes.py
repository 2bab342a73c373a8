"""Mistakes at the counter: three addresses for all kinds of case, told by a simulated office's own clock."""

from __future__ import annotations

from typing import Any

from domain.kernel.people import Role
from tests.api.conftest import Window
from tests.office_rig import shanghai

CLERK, HEAD, MANAGER, AUDITOR = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.AUDITOR
COMPLAINT = {
    "channel": "telephone",
    "category": "noise",
    "matter": "楼上噪音",
    "content": "每晚",
    "complainant": "王小明",
}


def post(window: Window, path: str, body: Any, role: Role = CLERK, status: int = 200) -> dict[str, Any]:
    answer = window.ask("POST", f"/offices/SIM/{path}", role, "SIM", json=body)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def get(window: Window, path: str, as_: Role = HEAD, **query: str) -> dict[str, Any]:
    answer = window.ask("GET", path, as_, "SIM", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def handled(window: Window, at: str) -> str:
    """A complaint that was promised, handled and so waits for its follow-up."""
    window.until("SIM", at)
    case_id = str(post(window, "complaints", COMPLAINT | {"home": "7-2-1403"}, status=201)["id"])
    told = {
        "measure": "上门",
        "promised_by": shanghai("2025-01-25 18:00").isoformat(),
        "told_at": shanghai(at).isoformat(),
    }
    post(window, f"complaints/{case_id}/assess-complaint", told)
    post(window, f"complaints/{case_id}/investigate-complaint", {"findings": "管道", "root_cause": "老化"})
    post(window, f"complaints/{case_id}/resolve-complaint", {"result": "已换", "done_by": "li"})
    return case_id


def test_a_complaint_entered_for_the_wrong_house_is_withdrawn_and_everything_with_it(window: Window) -> None:
    window.simulated("SIM", "2025-01-06 08:00")
    wrong, right = handled(window, "2025-01-06 09:00"), handled(window, "2025-01-06 10:00")
    [visit] = [
        t["case_id"] for t in get(window, "/tasks", office="SIM", role="assistant")["tasks"] if wrong in t["case_id"]
    ]
    window.until("SIM", "2025-02-03 09:00")
    reading = {"office": "SIM", "since": "2025-01-01", "until": "2025-01-31"}
    address = f"cases/{wrong}/withdraw-as-mistaken"
    # Whoever wrote it does not take it out, nor does he with another hat on; nobody without the reason.
    post(window, address, {"reason": "记错了户"}, CLERK, 403)
    post(window, address, {"reason": " "}, HEAD, 422)
    listed = get(window, f"/offices/SIM/complaints/{wrong}")
    assert {each["command"]: each["href"] for each in listed["permitted"]}["withdraw-as-mistaken"].endswith(address)
    done = post(window, address, {"reason": "记错了户"}, HEAD)
    assert (done["state"], done["facts"]) == ("mistaken", ["WithdrawnAsMistaken", "WithdrawnAsMistaken"])
    january = get(window, "/standards/complaint-handling-rate", **reading)
    assert (january["met"], january["counted"], january["excluded"]) == (1, 1, {"withdrawn as mistaken": 1})
    beside = get(window, "/standards/complaint-handling-rate/cases", **reading, bucket="excluded")
    assert [each["case_id"] for each in beside["cases"]] == [wrong]
    assert get(window, f"/offices/SIM/follow-ups/{visit}")["state"] == "mistaken"
    owed = {task["case_id"] for task in get(window, "/tasks", office="SIM", role="assistant")["tasks"]}
    assert visit not in owed
    rows = get(window, "/offices/SIM/registers/mistakes", AUDITOR)["rows"]
    assert {(row["case_id"], row["mended"], row["other"]) for row in rows} == {
        (wrong, "mistaken", None),
        (visit, "mistaken", wrong),
    }
    assert get(window, f"/offices/SIM/complaints/{right}")["state"] == "resolved"
    # What it is withdrawn from cannot be built on any more.
    post(window, f"cases/{wrong}/correct-entry", {"field": "home", "value": "1", "reason": "x"}, HEAD, 409)


def test_two_calls_about_one_pipe_are_one_complaint(window: Window) -> None:
    window.simulated("SIM", "2025-01-06 08:00")
    first = str(post(window, "complaints", COMPLAINT | {"home": "1-101"}, status=201)["id"])
    window.until("SIM", "2025-01-06 09:00")
    second = str(post(window, "complaints", COMPLAINT | {"home": "1-102", "complainant": "李"}, status=201)["id"])
    early = post(window, f"cases/{first}/mark-duplicate", {"original": second, "reason": "同一管道"}, HEAD, 409)
    assert early["code"] == "duplicate-is-earlier"
    assert (
        post(window, f"cases/{second}/mark-duplicate", {"original": first, "reason": "同一管道"}, HEAD)["state"]
        == "duplicate"
    )
    assert get(window, f"/offices/SIM/complaints/{first}")["data"]["duplicates"] == [second]
    assert get(window, f"/offices/SIM/complaints/{second}", CLERK)["data"]["complainant"] == "李"
    reading = get(window, "/standards/complaint-handling-rate", office="SIM")
    assert (reading["not_yet_due"], reading["excluded"]) == (1, {"merged as a duplicate": 1})


def test_a_wrong_name_is_corrected_for_an_hour_alone_and_then_by_two(window: Window) -> None:
    window.simulated("SIM", "2025-01-06 08:00")
    case_id = str(post(window, "complaints", COMPLAINT, status=201)["id"])
    address = f"cases/{case_id}/correct-entry"
    post(window, address, {"field": "complainant", "value": "王晓明", "reason": "听错"})
    window.until("SIM", "2025-01-06 09:01")
    late = post(window, address, {"field": "complainant", "value": "王小民", "reason": "又听错"}, CLERK, 409)
    assert (late["code"], late["clause"]) == ("second-person", "1")
    post(window, address, {"field": "complainant", "value": "王小民", "reason": "又听错"}, HEAD)
    assert get(window, f"/offices/SIM/complaints/{case_id}", CLERK)["data"]["complainant"] == "王小民"
    facts = get(window, f"/offices/SIM/complaints/{case_id}/facts", CLERK)["facts"]
    said = [(f["data"]["before"], f["data"]["after"]) for f in facts if f["name"] == "PersonalEntryCorrected"]
    assert said == [("王小明", "王晓明"), ("王晓明", "王小民")]
    # Whoever may not see names reads that it was corrected, by whom and why.
    rows = get(window, "/offices/SIM/registers/mistakes", Role.COMPANY)["rows"]
    assert {(row["corrected_field"], row["reason"]) for row in rows} == {
        ("complainant", "听错"),
        ("complainant", "又听错"),
    }
    assert not {"王小明", "王晓明", "王小民"} & {row[name] for row in rows for name in ("before", "after")}
    assert (
        post(window, address, {"field": "answer_by", "value": "x", "reason": "x"}, HEAD, 409)["code"]
        == "not-correctable"
    )


def test_what_is_no_case_or_of_no_such_kind_is_not_found(window: Window) -> None:
    window.simulated("SIM", "2025-01-06 08:00")
    for case_id in ("complaint-x", "office-SIM", "nothing-1", "weekly_sample-SIM-2025-W02"):
        post(window, f"cases/{case_id}/withdraw-as-mistaken", {"reason": "x"}, HEAD, 404)
    answer = window.ask("POST", "/offices/SIM/cases/complaint-x/withdraw-as-mistaken", HEAD, "XH", json={"reason": "x"})
    assert answer.status_code == 404, "another office's people"
