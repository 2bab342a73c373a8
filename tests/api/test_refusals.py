"""A refusal names what would be right: the choices, the limits, the case that holds; and what is offered can be done."""

from __future__ import annotations

from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.conftest import ApiClient, tomorrow

GOOD = {"channel": "in-person", "category": "noise", "matter": "楼上噪音", "content": "每晚十点后"}


def only_error(answer: Any) -> dict[str, str]:
    """The one fault of a request that does not fit its schema."""
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    return error  # type: ignore[no-any-return]


def test_who_misses_a_choice_of_a_form_is_told_all_of_them(api: ApiClient) -> None:
    error = only_error(api.post("/offices/XH/complaints", GOOD | {"channel": "pigeon"}))
    assert (error["field"], error["code"]) == ("channel", "choice")
    assert error["zh"].endswith("来访（in-person）、来电（telephone）、来函（letter）、网络（online）")
    assert error["en"].endswith("in-person, telephone, letter, online")


def test_a_choice_within_a_list_is_told_too(api: ApiClient) -> None:
    moved = api.post("/offices/XH/move-ins", {"home": "1-1-101", "applicant": "王小明"}).json()["id"]
    error = only_error(api.post(f"/offices/XH/move-ins/{moved}/check-move-in-documents", {"documents": ["passport"]}))
    assert error["code"] == "choice"
    assert "身份证明（identity）" in error["zh"]


def test_limits_are_said(api: ApiClient) -> None:
    assert "200" in only_error(api.post("/offices/XH/complaints", GOOD | {"matter": "长" * 201}))["zh"]
    assert "1000" in only_error(api.get("/offices/XH/complaints?limit=100000"))["en"]
    assert "1" in only_error(api.get("/offices/XH/complaints?limit=0"))["en"]


@pytest.mark.parametrize(
    ("query", "choice"),
    [
        ("state=archved", "已归档（archived）"),
        ("channel=pigeon", "来访（in-person）"),
        ("sort=matters", "matter"),
        ("format=pdf", "csv"),
    ],
)
def test_an_unknown_value_of_a_filter_is_told_the_choices(api: ApiClient, query: str, choice: str) -> None:
    error = only_error(api.get(f"/offices/XH/complaints?{query}"))
    assert (error["field"], error["code"]) == (query.partition("=")[0], "choice")
    assert choice in error["zh"]


def test_a_known_value_that_no_row_has_is_an_answer(api: ApiClient) -> None:
    api.complaint()
    assert api.get("/offices/XH/complaints?state=archived").json()["rows"] == []
    assert len(api.get("/offices/XH/complaints?state=registered&channel=in-person").json()["rows"]) == 1


def test_a_page_that_is_not_written_yet_is_told_the_last_one(api: ApiClient) -> None:
    case_id = api.complaint()
    last = api.get("/offices/XH/complaints").json()["as_of"]
    for path in (
        "/offices/XH/complaints?",
        "/offices/XH/registers/complaints?",
        f"/offices/XH/complaints/{case_id}?",
        f"/offices/XH/complaints/{case_id}/facts?",
        "/standards/complaint-handling-rate?office=XH&",
        "/standards/complaint-handling-rate/trend?office=XH&",
        "/compliance?office=XH&",
    ):
        error = only_error(api.get(f"{path}as_of=999999"))
        assert (error["field"], error["code"]) == ("as_of", "too-great"), path
        assert error["zh"].startswith("页码超出台账末页，末页为"), error
        assert api.get(f"{path}as_of={last}").status_code == 200, path


def test_what_is_held_names_the_case_that_holds_it_and_the_way_there(api: ApiClient) -> None:
    first = api.post("/offices/XH/move-ins", {"home": "1-1-101", "applicant": "王小明"}).json()["id"]
    second = api.post("/offices/XH/move-ins", {"home": "1-1-101", "applicant": "李小红"})
    assert second.status_code == 409
    told = second.json()
    assert told["code"] == "already-held"
    assert told["holder"] | {"en": ""} == {
        "id": first,
        "kind": "move_in",
        "zh": "入住",
        "en": "",
        "href": f"/offices/XH/move-ins/{first}",
    }
    assert first in told["zh"]
    assert "入住" in told["zh"]
    assert api.get(told["holder"]["href"]).json()["id"] == first


def test_whoever_took_the_deposit_is_not_offered_to_give_it_back(api: ApiClient) -> None:
    """The steps of one who may do the rest are refused to him in the words in which they would be when tried."""
    body = {"home": "1-1-101", "scope": "厨房", "planned_from": "2125-01-01", "planned_until": "2125-02-01"}
    work = api.post("/offices/XH/renovations", body).json()["id"]
    path = f"/offices/XH/renovations/{work}"
    api.post(f"{path}/approve-renovation", {"deposit_fen": 100}, Role.MANAGER)
    paid = api.post(f"{path}/pay-renovation-deposit", {"amount_fen": 100, "receipt": "S-1", "method": "cash"})
    assert "withdraw-renovation" not in paid.json()["permitted"]
    seen = api.get(path).json()
    assert "withdraw-renovation" not in {each["command"] for each in seen["permitted"]}
    [why] = [each for each in seen["refused"] if each["command"] == "withdraw-renovation"]
    tried = api.post(f"{path}/withdraw-renovation", {"reason": "不装了"})
    assert tried.status_code == 409
    assert (why["code"], why["why_zh"]) == (tried.json()["code"], tried.json()["zh"]) == ("own-work", why["why_zh"])
    manager = api.get(path, Role.MANAGER).json()
    assert "withdraw-renovation" in {each["command"] for each in manager["permitted"]}
    assert (
        api.post(f"{path}/withdraw-renovation", {"reason": "不装了", "method": "cash"}, Role.MANAGER).status_code == 200
    )


def test_an_assistant_is_not_offered_what_the_manager_organises(api: ApiClient) -> None:
    body = {"type": "move-in", "anchor": "2025-01-01", "by_manager": True}
    visit = api.post("/offices/XH/follow-ups", body, Role.MANAGER).json()["id"]
    path = f"/offices/XH/follow-ups/{visit}"
    offered = {each["command"] for each in api.get(path, Role.ASSISTANT).json()["permitted"]}
    assert "assign-follow-up" not in offered
    assert api.post(f"{path}/assign-follow-up", {"visitor": "zhao"}, Role.ASSISTANT).status_code == 403
    assert api.post(f"{path}/assign-follow-up", {"visitor": "zhao"}, Role.MANAGER).status_code == 200


def test_what_only_histories_say_has_no_address_and_is_offered_to_nobody(api: ApiClient) -> None:
    case_id = api.complaint()
    path = f"/offices/XH/complaints/{case_id}"
    assert api.post(f"{path}/note-promise-missed", {"due_at": tomorrow()}, Role.MANAGER).status_code in {404, 405}
    seen = api.get(path, Role.MANAGER).json()
    assert "note-promise-missed" not in {each["command"] for each in seen["permitted"] + seen["refused"]}
