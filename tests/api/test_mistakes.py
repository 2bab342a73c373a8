"""Mistakes over the API: three addresses for all kinds of case, told by a simulated office's own clock."""

from __future__ import annotations

from typing import Any

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.office_rig import shanghai

CLERK, HEAD, MANAGER, AUDITOR = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.AUDITOR
COMPLAINT = {
    "channel": "telephone",
    "category": "noise",
    "matter": "楼上噪音",
    "content": "每晚",
    "complainant": "王小明",
}


def post(api: ApiClient, path: str, body: Any, role: Role = CLERK, status: int = 200) -> dict[str, Any]:
    answer = api.ask("POST", f"/offices/SIM/{path}", role, "SIM", json=body)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def get(api: ApiClient, path: str, as_: Role = HEAD, **query: str) -> dict[str, Any]:
    answer = api.ask("GET", path, as_, "SIM", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def handled(api: ApiClient, at: str) -> str:
    """A complaint that was promised, handled and so waits for its follow-up."""
    api.until("SIM", at)
    case_id = str(post(api, "complaints", COMPLAINT | {"home": "7-2-1403"}, status=201)["id"])
    told = {
        "measure": "上门",
        "promised_by": shanghai("2025-01-25 18:00").isoformat(),
        "told_at": shanghai(at).isoformat(),
    }
    post(api, f"complaints/{case_id}/assess-complaint", told)
    post(api, f"complaints/{case_id}/investigate-complaint", {"findings": "管道", "root_cause": "老化"})
    post(api, f"complaints/{case_id}/resolve-complaint", {"result": "已换", "done_by": "li"})
    return case_id


def test_a_complaint_entered_for_the_wrong_house_is_withdrawn_and_everything_with_it(api: ApiClient) -> None:
    api.simulated("SIM", "2025-01-06 08:00")
    wrong, right = handled(api, "2025-01-06 09:00"), handled(api, "2025-01-06 10:00")
    [visit] = [
        t["case_id"] for t in get(api, "/tasks", office="SIM", role="assistant")["tasks"] if wrong in t["case_id"]
    ]
    api.until("SIM", "2025-02-03 09:00")
    reading = {"office": "SIM", "since": "2025-01-01", "until": "2025-01-31"}
    address = f"cases/{wrong}/withdraw-as-mistaken"
    # Whoever wrote it does not take it out, nor does he with another hat on; nobody without the reason.
    post(api, address, {"reason": "记错了户"}, CLERK, 403)
    post(api, address, {"reason": " "}, HEAD, 422)
    listed = get(api, f"/offices/SIM/complaints/{wrong}")
    assert {each["command"]: each["href"] for each in listed["permitted"]}["withdraw-as-mistaken"].endswith(address)
    done = post(api, address, {"reason": "记错了户"}, HEAD)
    assert (done["state"], done["facts"]) == ("mistaken", ["WithdrawnAsMistaken", "WithdrawnAsMistaken"])
    january = get(api, "/standards/complaint-handling-rate", **reading)
    assert (january["met"], january["counted"], january["excluded"]) == (1, 1, {"withdrawn as mistaken": 1})
    beside = get(api, "/standards/complaint-handling-rate/cases", **reading, bucket="excluded")
    assert [each["case_id"] for each in beside["cases"]] == [wrong]
    assert get(api, f"/offices/SIM/follow-ups/{visit}")["state"] == "mistaken"
    owed = {task["case_id"] for task in get(api, "/tasks", office="SIM", role="assistant")["tasks"]}
    assert visit not in owed
    rows = get(api, "/offices/SIM/registers/mistakes", AUDITOR)["rows"]
    assert {(row["case_id"], row["mended"], row["other"]) for row in rows} == {
        (wrong, "mistaken", None),
        (visit, "mistaken", wrong),
    }
    assert get(api, f"/offices/SIM/complaints/{right}")["state"] == "resolved"
    # What it is withdrawn from cannot be built on any more.
    post(api, f"cases/{wrong}/correct-entry", {"field": "home", "value": "1", "reason": "x"}, HEAD, 409)


def test_two_calls_about_one_pipe_are_one_complaint(api: ApiClient) -> None:
    api.simulated("SIM", "2025-01-06 08:00")
    first = str(post(api, "complaints", COMPLAINT | {"home": "1-101"}, status=201)["id"])
    api.until("SIM", "2025-01-06 09:00")
    second = str(post(api, "complaints", COMPLAINT | {"home": "1-102", "complainant": "李"}, status=201)["id"])
    early = post(api, f"cases/{first}/mark-duplicate", {"original": second, "reason": "同一管道"}, HEAD, 409)
    assert early["code"] == "duplicate-is-earlier"
    assert (
        post(api, f"cases/{second}/mark-duplicate", {"original": first, "reason": "同一管道"}, HEAD)["state"]
        == "duplicate"
    )
    assert get(api, f"/offices/SIM/complaints/{first}")["data"]["duplicates"] == [second]
    assert get(api, f"/offices/SIM/complaints/{second}", CLERK)["data"]["complainant"] == "李"
    reading = get(api, "/standards/complaint-handling-rate", office="SIM")
    assert (reading["not_yet_due"], reading["excluded"]) == (1, {"merged as a duplicate": 1})


def test_a_wrong_name_is_corrected_for_an_hour_alone_and_then_by_two(api: ApiClient) -> None:
    api.simulated("SIM", "2025-01-06 08:00")
    case_id = str(post(api, "complaints", COMPLAINT, status=201)["id"])
    address = f"cases/{case_id}/correct-entry"
    post(api, address, {"field": "complainant", "value": "王晓明", "reason": "听错"})
    api.until("SIM", "2025-01-06 09:01")
    late = post(api, address, {"field": "complainant", "value": "王小民", "reason": "又听错"}, CLERK, 409)
    assert (late["code"], late["clause"]) == ("second-person", "1")
    post(api, address, {"field": "complainant", "value": "王小民", "reason": "又听错"}, HEAD)
    assert get(api, f"/offices/SIM/complaints/{case_id}", CLERK)["data"]["complainant"] == "王小民"
    facts = get(api, f"/offices/SIM/complaints/{case_id}/facts", CLERK)["facts"]
    said = [(f["data"]["before"], f["data"]["after"]) for f in facts if f["name"] == "PersonalEntryCorrected"]
    assert said == [("王小明", "王晓明"), ("王晓明", "王小民")]
    # Whoever may not see names reads that it was corrected, by whom and why.
    rows = get(api, "/offices/SIM/registers/mistakes", Role.COMPANY)["rows"]
    assert {(row["corrected_field"], row["reason"]) for row in rows} == {
        ("complainant", "听错"),
        ("complainant", "又听错"),
    }
    assert not {"王小明", "王晓明", "王小民"} & {row[name] for row in rows for name in ("before", "after")}
    assert (
        post(api, address, {"field": "answer_by", "value": "x", "reason": "x"}, HEAD, 409)["code"] == "not-correctable"
    )


def test_what_is_no_case_or_of_no_such_kind_is_not_found(api: ApiClient) -> None:
    api.simulated("SIM", "2025-01-06 08:00")
    for case_id in ("complaint-x", "office-SIM", "nothing-1", "weekly_sample-SIM-2025-W02"):
        post(api, f"cases/{case_id}/withdraw-as-mistaken", {"reason": "x"}, HEAD, 404)
    answer = api.ask("POST", "/offices/SIM/cases/complaint-x/withdraw-as-mistaken", HEAD, "XH", json={"reason": "x"})
    assert answer.status_code == 404, "another office's people"
