"""Nothing falls off the desk, told over HTTP by a simulated office's own clock (§6 of what the book says stands)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.api.test_mistakes import COMPLAINT, get, post
from tests.office_rig import shanghai

CLERK, ASSISTANT, GUARD = Role.ADMINISTRATOR, Role.ASSISTANT, Role.DUTY_OFFICER
HEAD, MANAGER, AUDITOR = Role.DEPARTMENT_HEAD, Role.MANAGER, Role.AUDITOR
KEYS = [{"number": "1", "key_class": "entrance"}]


def mine(api: ApiClient, role: Role, **query: str) -> set[tuple[str, str]]:
    """The tasks that somebody is shown who asks for nothing in particular."""
    found = get(api, "/tasks", role, office="SIM", limit="1000", **query)["tasks"]
    return {(each["case_id"], each["task"]) for each in found}


def stages(api: ApiClient, case_id: str, task: str) -> set[tuple[str, str]]:
    told = get(api, "/offices/SIM/notices", MANAGER, limit="1000", gathered="false")["notices"]
    return {(each["stage"], each["role"]) for each in told if (each["case_id"], each["task"]) == (case_id, task)}


def test_what_midnight_finds_undone_is_overdue_goes_up_and_stays_a_task(api: ApiClient) -> None:
    api.simulated("SIM", "2025-02-10 08:00")
    taken = {"home": "1-101", "kind": "unsold", "area": 9000, "keys": KEYS}
    home = str(post(api, "vacant-homes", taken, status=201)["id"])
    [board] = get(api, "/offices/SIM/registers/notice-boards")["rows"]
    api.until("SIM", "2025-03-31 23:59")
    patrol, due = (
        "patrol-SIM-2025-03-31-1",
        {
            (home, "inspection-missed", "administrator", CLERK),
            (board["case_id"], "edition-missed", "assistant", ASSISTANT),
            ("patrol-SIM-2025-03-31-1", "patrol", "duty-officer", GUARD),
        },
    )
    assert (home, "inspection-missed") not in mine(api, CLERK)
    api.until("SIM", "2025-04-01 00:01")
    for case_id, task, role, who in due:
        assert (case_id, task) in mine(api, who, due="overdue"), task
        assert ("overdue", role) in stages(api, case_id, task), task
    api.until("SIM", "2025-04-03 00:01")
    assert ("escalation", "department-head") in stages(api, home, "inspection-missed")
    assert ("escalation", "manager") in stages(api, board["case_id"], "edition-missed")
    assert ("escalation", "department-head") in stages(api, patrol, "patrol")
    # Done, posted or accounted for, they are gone; the breaches stand.
    inspected = {"checklist": [{"item": "门窗", "good": True}], "inspector_signature": "李"}
    post(api, f"vacant-homes/{home}/inspect-home", inspected)
    post(api, f"notice-boards/{board['case_id']}/post-edition", {"title": "四月", "photo": "p-1"})
    account = {"reason": "无人当班", "measures": "排班"}
    post(api, f"patrols/{patrol}/account-for-missed-patrol", account, GUARD, 403)
    done = post(api, "patrols/patrol-SIM-2025-04-02-1/account-for-missed-patrol", account, HEAD)
    assert len(done["facts"]) > 20, "one account does for all the days in a row"
    left = mine(api, CLERK, due="overdue") | mine(api, ASSISTANT, due="overdue") | mine(api, GUARD, due="overdue")
    assert not {(case_id, task) for case_id, task, _, _ in due} & left
    months = get(api, "/offices/SIM/registers/inspections")["rows"]
    assert {row["line"]: row["breach"] for row in months if row["case_id"] == home}["2025-03"] == "missed"


def test_what_is_escalated_is_the_heads_and_what_is_severe_the_managers(api: ApiClient) -> None:
    api.simulated("SIM", "2025-02-10 08:00")
    case_id = str(post(api, "complaints", COMPLAINT, status=201)["id"])
    assert (case_id, "escalation") not in mine(api, HEAD)
    post(api, f"complaints/{case_id}/escalate-complaint", {"reason": "超出权限"})
    assert (case_id, "escalation") in mine(api, HEAD)
    assert (case_id, "escalation") not in mine(api, CLERK)
    post(api, f"complaints/{case_id}/declare-complaint-severe", {"reason": "多户"}, HEAD)
    assert (case_id, "review") in mine(api, MANAGER)
    [task] = [t for t in get(api, "/tasks", MANAGER, office="SIM")["tasks"] if t["task"] == "review"]
    assert task["due_at"] > shanghai("2025-02-10 08:00").isoformat()


def test_tasks_are_mine_unless_somebody_elses_are_asked_for(api: ApiClient) -> None:
    api.simulated("SIM", "2025-02-10 08:00")
    case_id = str(post(api, "complaints", COMPLAINT, status=201)["id"])
    api.headers(CLERK, "SIM")
    other = str(post(api, "complaints", COMPLAINT, status=201)["id"])
    post(api, f"complaints/{case_id}/take-up-complaint", {"by": api.users["SIM", CLERK]})
    post(api, f"complaints/{other}/take-up-complaint", {"by": "somebody-else"})
    assert (case_id, "promise") in mine(api, CLERK), "it is his by name"
    assert (other, "promise") not in mine(api, CLERK), "another's by name"
    assert (other, "promise") in mine(api, CLERK, whose="all")
    assert (other, "promise") in mine(api, CLERK, person="somebody-else")
    assert {task for _, task in mine(api, GUARD)} == {"patrol"}, "his role's, and nobody's by name"
    assert (other, "promise") in mine(api, AUDITOR), "who has no work of his own sees all of it"
    for role in (GUARD, ASSISTANT):
        post(api, "complaints", COMPLAINT, role, 201)
    anonymous = {"channel": "letter", "category": "noise", "matter": "x", "content": "y"}
    assert post(api, "complaints", anonymous, GUARD, 409)["code"] == "complainant-missing"
    said = str(post(api, "complaints", anonymous | {"anonymous": True}, GUARD, 201)["id"])
    assert get(api, f"/offices/SIM/complaints/{said}")["data"]["said_to_be_anonymous"] is True


def test_who_moves_in_has_a_file_with_his_name_and_telephone(api: ApiClient) -> None:
    api.simulated("SIM", "2025-02-10 08:00")
    applied = {"home": "1-101", "applicant": "王小明", "phone": "19900001234", "area": 9000}
    move = str(post(api, "move-ins", applied, status=201)["id"])
    post(api, f"move-ins/{move}/check-move-in-documents", {"documents": ["identity", "covenant", "title"]})
    post(api, f"move-ins/{move}/settle-move-in-fees", {"amount_fen": 0})
    post(api, f"move-ins/{move}/inspect-for-move-in", {"signature": "王"})
    post(api, f"move-ins/{move}/hand-over-move-in-keys", {"keys": ["1"], "signature": "王"})
    post(api, f"move-ins/{move}/complete-move-in", {})
    [row] = get(api, "/offices/SIM/registers/households", CLERK)["rows"]
    assert (row["name"], row["phone"]) == ("王小明", "19900001234")
    file = get(api, f"/offices/SIM/households/{row['case_id']}", CLERK)["data"]
    assert (file["name"], file["phone"]) == ("王小明", "19900001234")
    # Who may not see names sees none of it, in the file as in the move-in.
    closed = get(api, f"/offices/SIM/households/{row['case_id']}", Role.COMPANY)["data"]
    assert "王小明" not in {closed["name"], closed["phone"]}
    refused = post(api, f"cases/{move}/withdraw-as-mistaken", {"reason": "误登"}, HEAD, 409)
    assert refused["code"] == "keys-handed-over"


def handled_and_asked(api: ApiClient) -> tuple[str, str]:
    """A complaint that was handled, and whose resident says that it was not; and its rectification."""
    case_id = str(post(api, "complaints", COMPLAINT, status=201)["id"])
    solve(api, case_id)
    visit = f"follow_up-{case_id}-1"
    api.headers(ASSISTANT, "SIM")
    post(api, f"follow-ups/{visit}/assign-follow-up", {"visitor": api.users["SIM", ASSISTANT]}, MANAGER)
    form = {
        "mode": "telephone",
        "means": "talk",
        "quality": "差",
        "effect": "差",
        "satisfaction": 1,
        "conforming": False,
        "visitor_signature": "签",
    }
    post(api, f"follow-ups/{visit}/conduct-follow-up", form, ASSISTANT)
    post(api, f"follow-ups/{visit}/submit-follow-up", {}, ASSISTANT)
    by = (shanghai("2025-02-10 08:00") + timedelta(days=5)).isoformat()
    judged = {"comment": "再修", "conforming": False, "responsible": "gong-1", "rectify_by": by}
    post(api, f"follow-ups/{visit}/review-follow-up", judged, MANAGER)
    [work] = get(api, "/offices/SIM/registers/rectifications")["rows"]
    return case_id, str(work["case_id"])


def solve(api: ApiClient, case_id: str) -> dict[str, Any]:
    now = get(api, "/offices/SIM/clock")["now"]
    said = {"done_by": "li", "measure": "换管", "result": "已换", "root_cause": "老化", "told_at": now}
    return post(api, f"complaints/{case_id}/solve-complaint-on-the-spot", said)


def test_a_rectification_whose_complaint_was_solved_otherwise_ends_with_it(api: ApiClient) -> None:
    api.simulated("SIM", "2025-02-10 08:00")
    case_id, work = handled_and_asked(api)
    assert get(api, f"/offices/SIM/rectifications/{work}")["state"] == "assigned"
    api.until("SIM", "2025-02-11 08:00")
    done = solve(api, case_id)
    assert "RectificationEndedWithComplaint" in done["facts"]
    found = get(api, f"/offices/SIM/rectifications/{work}")
    assert (found["state"], found["due"]) == ("withdrawn", [])
    assert not {task for task in mine(api, HEAD, whose="all") if task[0] == work}


def test_what_says_the_same_is_told_once_with_each_of_its_matters(api: ApiClient) -> None:
    """Fifty-nine days without a patrol are one line on the desk of each whom it concerns, and fifty-nine notices in the book."""
    api.simulated("SIM", "2025-01-01 08:00")
    api.until("SIM", "2025-03-01 08:00")

    def of_patrols(stage: str, **query: str) -> list[dict[str, Any]]:
        found = get(api, "/offices/SIM/notices", MANAGER, **({"limit": "1000"} | query))["notices"]
        return [each for each in found if (each["case_kind"], each["stage"]) == ("patrol", stage)]

    [missed] = of_patrols("overdue")
    assert (missed["count"], missed["unread"], len(missed["of"])) == (59, 59, 59)
    assert len({each["case_id"] for each in missed["of"]}) == 59
    assert len(of_patrols("overdue", gathered="false")) == 59, "each is still countable by itself"
    assert len(of_patrols("overdue", of=missed["id"], limit="20")) == 20
    assert {(each["role"], each["count"]) for each in of_patrols("escalation")} == {
        ("department-head", 58),
        ("manager", 57),
        ("company", 56),
    }
    # Whoever has seen fifty-nine has read fifty-nine: what came meanwhile is unread, and what comes afterwards stands apart.
    api.until("SIM", "2025-03-02 08:00")
    path = f"/offices/SIM/notices/{missed['id']}/read"
    assert api.ask("POST", path, GUARD, "SIM", params={"until": missed["latest_at"]}).status_code == 200
    [missed] = of_patrols("overdue", unread="true")
    assert (missed["count"], missed["unread"]) == (60, 1)
    api.until("SIM", "2025-03-03 08:00")
    assert [each["count"] for each in of_patrols("overdue", unread="true")] == [1, 60]
    assert api.ask("POST", path, GUARD, "SIM").status_code == 200
    assert [each["count"] for each in of_patrols("overdue", unread="true")] == [1]
    assert [each["count"] for each in of_patrols("overdue")] == [1, 60]
