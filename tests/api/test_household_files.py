"""Documents of a household: sealed on disk, handed out by role, altered ones found; and everything held about it."""

from __future__ import annotations

import os
from errno import EDQUOT, ENOSPC, EROFS
from pathlib import Path
from typing import Any

import pytest

from api.http.context import HIDDEN
from domain.kernel.people import Role
from journal.confidential import ERASED, Tampered
from journal.files import Files, digest_of
from tests.api.conftest import ApiClient, tomorrow
from tests.office_rig import erase

PAPER = "租赁合同 王小明".encode()


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def household(api: ApiClient) -> str:
    answer = api.post("/offices/XH/households", {"home": "1-101", "name": "王小明"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def upload(api: ApiClient, case_id: str, data: bytes = PAPER, role: Role = Role.ADMINISTRATOR, **more: Any) -> Any:
    path = f"/offices/XH/households/{case_id}/documents"
    headers = {"Content-Type": more.get("media", "application/pdf")}
    return api.ask("POST", path, role, params={"kind": "lease", "title": "租约"}, content=data, headers=headers)


def test_a_document_is_filed_sealed_and_handed_out_to_who_may_see_it(api: ApiClient, tmp_path: Path) -> None:
    case_id = household(api)
    filed = upload(api, case_id)
    assert filed.status_code == 201, filed.text
    assert filed.json()["facts"] == ["DocumentFiled"]
    path = filed.headers["Location"]
    assert api.get(path).content == PAPER
    assert api.get(path, Role.COMPANY).status_code == 403
    lying = [file.read_bytes() for file in tmp_path.rglob("*.sealed")]
    assert len(lying) == 1
    assert PAPER not in lying[0]
    read = api.get("/offices/XH/readings", params={"read_case": case_id}).json()["rows"]
    assert "households/documents" in {row["what"] for row in read}
    assert upload(api, case_id).status_code == 409  # it is filed already
    assert api.get(f"{path[:-1]}x").status_code == 404


@pytest.mark.parametrize("why", [ENOSPC, EROFS, EDQUOT])
def test_on_a_disk_that_takes_nothing_that_is_said_and_nothing_is_left_behind(
    api: ApiClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: int
) -> None:
    """It was answered 500, «an internal fault», and each attempt left a piece of the document on the disk that was full."""
    case_id = household(api)
    upload(api, case_id, b"another")
    pages, lying = api.pages(), sorted(tmp_path.rglob("*"))

    def full(_handle: int) -> None:
        raise OSError(why, os.strerror(why))

    with monkeypatch.context() as disk:
        disk.setattr("journal.durable.os.fsync", full)
        refused = upload(api, case_id)
    assert (refused.status_code, refused.json()["code"]) == (503, "no-room")
    assert int(refused.headers["retry-after"]) > 0
    assert (api.pages(), sorted(tmp_path.rglob("*"))) == (pages, lying)
    assert upload(api, case_id).status_code == 201, "there is room again"


def test_what_cannot_be_filed(api: ApiClient) -> None:
    case_id = household(api)
    assert upload(api, case_id, b"").status_code == 409
    assert upload(api, case_id, media="nonsense").status_code == 409
    assert upload(api, case_id, role=Role.DUTY_OFFICER).status_code == 403
    assert upload(api, "household-0").status_code == 404
    assert upload(api, case_id, b"x" * 2_000_000).status_code == 413


def test_an_altered_document_is_found(tmp_path: Path) -> None:
    files = Files(tmp_path)
    digest = files.put("XH", "household-1", b"k" * 32, PAPER)
    assert digest == digest_of(PAPER) == files.put("XH", "household-1", b"k" * 32, PAPER)
    assert files.get("XH", "household-1", b"k" * 32, digest) == PAPER
    assert files.get("XH", "household-2", b"k" * 32, digest) is None
    [file] = tmp_path.rglob("*.sealed")
    file.write_bytes(file.read_bytes()[:-1] + b"\x00")
    with pytest.raises(Tampered):
        files.get("XH", "household-1", b"k" * 32, digest)


def test_an_erased_households_documents_open_no_more(api: ApiClient) -> None:
    case_id = household(api)
    path = upload(api, case_id).headers["Location"]
    erase(api.owner, "XH", case_id)
    assert api.get(path).status_code == 410
    assert upload(api, case_id, b"other").status_code == 410


def test_the_export_holds_every_fact_of_every_case_of_the_household(api: ApiClient) -> None:
    case_id = household(api)
    api.complaint(household=case_id, content="每晚十点后", complainant="王小明")
    api.complaint(content="别人的事")
    path = f"/offices/XH/households/{case_id}/export"
    assert api.get(f"/offices/XH/households/{case_id}", Role.ASSISTANT).status_code == 200
    assert api.post(path, {}, Role.MANAGER).json()["code"] == "not-requested"
    asked = f"/offices/XH/households/{case_id}/request-export"
    assert api.post(asked, {"purpose": "本人查询"}, Role.MANAGER).status_code == 200
    assert api.post(path, {}, Role.MANAGER).json()["code"] == "own-work"
    assert api.post(asked, {"purpose": "本人查询"}).status_code == 200
    assert api.post(path, {}).status_code == 403
    told = api.post(path, {}, Role.MANAGER).json()
    names = [fact["name"] for fact in told["facts"]]
    assert names == [
        "HouseholdOpened",
        "ComplaintRegistered",
        "ExportRequested",
        "ExportRequested",
        "FileReadingRefused",
    ]
    assert told["purpose"] == "本人查询"
    assert told["facts"][1]["data"]["content"] == "每晚十点后"
    assert ("households", case_id) in {(read["what"], read["case_id"]) for read in told["readings"]}
    facts = api.get(f"/offices/XH/households/{case_id}/facts").json()["facts"]
    assert (facts[-1]["name"], facts[-1]["data"]["facts"]) == ("FileExported", 5)


def test_the_export_holds_the_households_own_answers_to_surveys_and_nobody_elses(api: ApiClient) -> None:
    case_id, other = household(api), api.household("9-9-999")
    survey = api.get("/offices/XH/surveys").json()["rows"][0]["case_id"]
    path = f"/offices/XH/surveys/{survey}"
    api.post(f"{path}/draft-survey", {"title": "上半年", "questions": [{"code": "q1", "text": "保洁"}]})
    closes = tomorrow()[:10]
    api.post(f"{path}/issue-survey", {"households": [case_id, other], "closes_on": closes}, Role.MANAGER)
    for respondent in (case_id, other):
        answer = {"respondent": respondent, "marks": [{"question": "q1", "mark": 5}], "remarks": f"{respondent}说好"}
        assert api.post(f"{path}/record-survey-answer", answer).status_code == 200
    api.post(f"/offices/XH/households/{case_id}/request-export", {"purpose": "本人查询"})
    told = api.post(f"/offices/XH/households/{case_id}/export", {}, Role.MANAGER).json()
    answers = [fact["data"] for fact in told["facts"] if fact["name"] == "SurveyAnswered"]
    assert [answer["remarks"] for answer in answers] == [f"{case_id}说好"]
    # The remark is the household's: it goes with its key, and the other's stays.
    erase(api.owner, "XH", case_id)
    facts = api.get(f"{path}/facts").json()["facts"]
    assert [fact["data"]["remarks"] for fact in facts if fact["name"] == "SurveyAnswered"] == [ERASED, f"{other}说好"]


def test_the_file_shows_every_case_of_its_household(api: ApiClient) -> None:
    case_id = household(api)
    complaint = api.complaint(household=case_id)
    api.complaint(content="别人的事")
    told = api.get(f"/offices/XH/households/{case_id}/cases").json()
    assert [(case["case_id"], case["kind"], case["state"], case["open"]) for case in told["cases"]] == [
        (complaint, "complaint", "registered", True)
    ]
    assert api.get(told["cases"][0]["href"]).status_code == 200
    assert api.get("/offices/XH/households/household-0/cases").status_code == 404


def test_whoever_is_on_shift_does_not_read_the_residents_files_and_an_attempt_is_recorded(api: ApiClient) -> None:
    case_id = household(api)
    path = upload(api, case_id).headers["Location"]
    case = f"/offices/XH/households/{case_id}"
    assert api.get(case, Role.DUTY_OFFICER).json()["data"]["name"] == HIDDEN
    assert api.get(case, Role.ASSISTANT).json()["data"]["name"] == "王小明"
    rows = api.get("/offices/XH/households", Role.DUTY_OFFICER).json()["rows"]
    assert rows[0]["name"] == HIDDEN
    loan = api.complaint(complainant="赵", household=case_id)
    assert api.get(f"/offices/XH/complaints/{loan}", Role.DUTY_OFFICER).json()["data"]["complainant"] == "赵"
    for role in (Role.DUTY_OFFICER, Role.COMPANY):
        assert api.get(path, role).status_code == 403
    facts = api.get(f"{case}/facts").json()["facts"]
    refused = [fact["data"]["who"] for fact in facts if fact["name"] == "FileReadingRefused"]
    assert refused == [api.users["XH", Role.DUTY_OFFICER], api.users["XH", Role.COMPANY]]


def test_a_refused_document_leaves_nothing_behind(api: ApiClient, tmp_path: Path) -> None:
    case_id = household(api)
    assert upload(api, case_id).status_code == 201
    assert upload(api, case_id).json()["code"] == "filed-already"
    api.post(f"/offices/XH/households/{case_id}/move-household-out", {})
    assert upload(api, case_id, b"later").status_code == 409
    assert len(list(tmp_path.rglob("*.sealed"))) == 1
