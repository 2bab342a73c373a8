"""What a clerk meets over HTTP when he asks residents: who they are, what they said in words, what he may not say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.http.context import HIDDEN
from domain.kernel.people import Role
from tests.api.conftest import ApiClient, tomorrow
from tests.solving import solved_body

HEAD, MANAGER, ASSISTANT = Role.DEPARTMENT_HEAD, Role.MANAGER, Role.ASSISTANT


def test_before_a_visit_one_learns_what_the_household_has_been_through(api: ApiClient) -> None:
    file = api.post("/offices/XH/households", {"home": "7-2-1403", "name": "王小明"}).json()["id"]
    api.post(f"/offices/XH/households/{file}/mark-household-difficult", {"reason": "多次争执"})
    complaint = api.complaint(household=file, complainant="王小明")
    at_home = api.complaint(home="7-2-1403", matter="电梯")
    api.complaint(household=api.household("9-9-999"))
    api.post(f"/offices/XH/complaints/{complaint}/solve-complaint-on-the-spot", solved_body(api.context.now()))
    [visit] = api.get("/offices/XH/follow-ups").json()["rows"]
    other = {"type": "other", "anchor": "2025-01-01", "household": file, "home": "7-2-1403"}
    extra = api.post("/offices/XH/follow-ups", other, ASSISTANT).json()["id"]
    told = api.get(f"/offices/XH/follow-ups/{visit['case_id']}/briefing").json()
    assert told["asked_about"] == {"case_id": complaint, "href": f"/offices/XH/complaints/{complaint}"}
    assert (told["file"]["home"], told["file"]["difficult"]) == ("7-2-1403", True)
    assert {row["case_id"] for row in told["history"]["complaints"]} == {complaint, at_home}
    assert [row["case_id"] for row in told["history"]["follow-ups"]] == [extra]
    assert "王小明" not in str(told)
    told = api.get(f"/offices/XH/follow-ups/{extra}/briefing").json()
    assert {row["case_id"] for row in told["history"]["complaints"]} == {complaint, at_home}
    assert told["asked_about"] is None
    bare = api.post("/offices/XH/follow-ups", {"type": "other", "anchor": "2025-01-01", "home": "7-2-1403"}, ASSISTANT)
    told = api.get(f"/offices/XH/follow-ups/{bare.json()['id']}/briefing").json()
    assert (told["file"]["case_id"], told["history"]["debt-cases"]) == (file, [])
    assert {row["case_id"] for row in told["history"]["complaints"]} == {complaint, at_home}
    for path, role in (("follow-ups/follow_up-0", ASSISTANT), ("follow-ups/complaint-0", ASSISTANT)):
        assert api.get(f"/offices/XH/{path}/briefing", role).status_code == 404
    assert api.ask("GET", f"/offices/XH/follow-ups/{extra}/briefing", office="YH").status_code == 404


def test_a_person_plans_a_visit_beside_but_not_whose_work_or_which_round_it_is(api: ApiClient) -> None:
    body = {"type": "other", "anchor": "2025-01-01"}
    for more, status in (({}, 201), ({"round": 2}, 409), ({"chain": "complaint-1"}, 409), ({"origin_id": "x-1"}, 404)):
        answer = api.post("/offices/XH/follow-ups", body | more, ASSISTANT)
        assert answer.status_code == status, answer.text
    assert api.post("/offices/XH/follow-ups", body | {"extra": True}, ASSISTANT).status_code == 422


def test_what_was_said_in_words_is_opened_by_role_and_hidden_in_the_feed(api: ApiClient) -> None:
    [survey] = [row["case_id"] for row in api.get("/offices/XH/surveys").json()["rows"]]
    path = f"/offices/XH/surveys/{survey}"
    questions = [{"code": "q1", "text": "保洁"}, {"code": "q2", "text": "意见", "kind": "text"}]
    api.post(f"{path}/draft-survey", {"title": "上半年", "questions": questions})
    closes = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    lives = api.household()
    api.post(f"{path}/issue-survey", {"households": [lives], "closes_on": closes}, HEAD)
    said = {"respondent": lives, "marks": [{"question": "q1", "mark": 5}], "told": ["q2"], "texts": ["希望增设充电桩"]}
    assert api.post(f"{path}/record-survey-answer", said).status_code == 200
    [fact] = [f for f in api.get(f"{path}/facts").json()["facts"] if f["name"] == "SurveyAnswered"]
    assert fact["data"]["texts"] == ["希望增设充电桩"]
    [fact] = [f for f in api.get(f"{path}/facts", Role.COMPANY).json()["facts"] if f["name"] == "SurveyAnswered"]
    assert fact["data"]["texts"] == [HIDDEN]
    [event] = [e for e in api.get("/offices/XH/facts").json()["events"] if e["type"].endswith("SurveyAnswered")]
    assert event["data"]["texts"] == [HIDDEN]


def test_a_clerk_learns_why_a_letter_is_still_missing_and_the_manager_can_excuse_it(api: ApiClient) -> None:
    case_id = api.complaint(channel="telephone", anonymous=True)
    path = f"/offices/XH/complaints/{case_id}"
    api.post(
        f"{path}/assess-complaint",
        {"promised_by": tomorrow(), "measure": "检修", "told_at": datetime.now(UTC).isoformat()},
    )
    api.post(f"{path}/solve-complaint-on-the-spot", solved_body(api.context.now()))
    [visit] = api.get("/offices/XH/follow-ups").json()["rows"]
    ended = {"reason": "nobody-to-ask", "note": "匿名来电"}
    assert api.post(f"/offices/XH/follow-ups/{visit['case_id']}/propose-follow-up-exit", ended).status_code == 200
    assert api.post(f"/offices/XH/follow-ups/{visit['case_id']}/exit-follow-up", ended, MANAGER).status_code == 200
    seen = api.get(path).json()
    assert {each["command"]: each["code"] for each in seen["refused"]}["archive-complaint"] == "letter-missing"
    assert api.post(f"{path}/excuse-reply-letter", {"reason": "匿名"}, MANAGER).status_code == 200
    assert api.post(f"{path}/archive-complaint", {}).status_code == 200
    [row] = api.get("/offices/XH/complaints").json()["rows"]
    assert (row["state"], row["outcome"], row["letter_excused"]) == ("archived", "exited:nobody-to-ask", True)
