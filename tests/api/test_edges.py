"""What the API does with requests that are nearly right: misspelt parameters, forms, ids with a slash, long lists."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from api.http.context import HIDDEN
from api.routes.registers import neutral
from domain.kernel.calendar import SHANGHAI
from domain.kernel.people import Role
from tests.api.conftest import ApiClient

GOOD = {"channel": "in-person", "category": "noise", "matter": "楼上噪音", "content": "每晚十点后", "home": "1-101"}


def faults(answer: Any) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def test_a_misspelt_parameter_is_refused_and_does_not_make_a_late_entry_one_of_now(api: ApiClient) -> None:
    pages = api.pages()
    then = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    answer = api.post("/offices/XH/complaints", GOOD, params={"occured_at": then})
    assert (answer.status_code, faults(answer)) == (422, [("occured_at", "unknown-parameter")])
    for path in ("/tasks?persn=li", "/standards/complaint-handling-rate?offce=XH", "/offices/XH?x=1", "/me?x=1"):
        assert api.get(path).status_code == 422, path
    assert faults(api.get("/tasks?due=today&due=all")) == [("due", "repeated")]
    assert faults(api.get("/offices/XH/complaints?q=a&q=b")) == [("q", "repeated")]
    assert faults(api.get("/deadlines?kind=pigeon")) == [("kind", "choice")]
    assert api.pages() == pages


def test_what_is_no_json_is_told_so(api: ApiClient) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain"):
        answer = api.ask(
            "POST", "/offices/XH/complaints", content='{"channel": "in-person"}', headers={"Content-Type": kind}
        )
        assert (answer.status_code, answer.json()["code"]) == (415, "media-type")


def test_faults_are_named_as_the_caller_wrote_them(api: ApiClient) -> None:
    case_id = api.complaint()
    assert ("as_of", "too-small") in faults(api.get(f"/offices/XH/complaints/{case_id}?as_of=-1"))
    assert faults(api.get("/offices/XH/complaints?limit=0")) == [("limit", "too-small")]
    assert faults(api.get("/offices/XH/complaints?limit=1001")) == [("limit", "too-great")]
    assert faults(api.get(f"/offices/XH/complaints?q={'x' * 201}")) == [("q", "too-long")]
    broken = api.ask("POST", "/login", content="{", headers={"Content-Type": "application/json"})
    assert faults(broken) == [("body", "json")]


@pytest.mark.parametrize("person", ["王/小明", "a b", "%2F", "?x=1", "#", "..", "100%"])
def test_a_case_whose_id_is_made_of_what_people_write_has_an_address(api: ApiClient, person: str) -> None:
    api.post("/offices/XH/staff", {"person": "li"}, Role.MANAGER)
    made = api.post("/offices/XH/staff", {"person": person}, Role.MANAGER)
    assert made.status_code == 201, made.text
    address = made.headers["location"]
    seen = api.get(address)
    assert (seen.status_code, seen.json()["data"]["person"]) == (200, person)
    [absence] = [each for each in api.get(address, Role.MANAGER).json()["permitted"] if "absence" in each["command"]]
    until = (datetime.now(SHANGHAI) + timedelta(days=2)).date().isoformat()
    gone = api.post(absence["href"], {"until": until, "deputy": "li"}, Role.MANAGER)
    assert (gone.status_code, gone.json()["state"]) == (200, "absent")


def test_offices_do_not_stand_in_each_others_way(api: ApiClient) -> None:
    """An id that is made of an office's code and a name can be another office's with another name."""
    api.post("/offices", {"code": "XH-2", "name": "香湖二期"}, Role.SYSTEM_ADMINISTRATOR)
    for office, person in (("XH", "2-li"), ("XH-2", "li")):
        made = api.ask("POST", f"/offices/{office}/staff", Role.MANAGER, office, json={"person": person})
        assert (made.status_code, made.json()["id"], made.json()["version"]) == (201, "staff-XH-2-li", 1)
        api.ask("POST", f"/offices/{office}/staff", Role.MANAGER, office, json={"person": "wang"})
    until = (datetime.now(SHANGHAI) + timedelta(days=2)).date().isoformat()
    for office, person in (("XH", "2-li"), ("XH-2", "li")):
        path = f"/offices/{office}/staff/staff-XH-2-li"
        assert api.ask("GET", path, Role.MANAGER, office).json()["data"]["person"] == person
        gone = api.ask("POST", f"{path}/report-absence", Role.MANAGER, office, json={"until": until, "deputy": "wang"})
        assert (gone.status_code, gone.json().get("version")) == (200, 2), gone.text


def test_the_same_key_with_another_hour_is_another_request(api: ApiClient) -> None:
    key = {"Idempotency-Key": "one"}
    then = api.get("/offices/XH/facts").json()["events"][0]["time"]
    first = api.post("/offices/XH/complaints", GOOD, headers=key, params={"occurred_at": then})
    again = api.post("/offices/XH/complaints", GOOD, headers=key, params={"occurred_at": then})
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    other = api.post("/offices/XH/complaints", GOOD, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "key-reused")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("subscriptions", {"channel": "e-mail", "address": "li@example.test", "made_by": "root"}),
        ("subscriptions", {"channel": "pigeon", "address": "li@example.test"}),
    ],
)
def test_no_body_takes_what_it_does_not_know(api: ApiClient, path: str, body: dict[str, Any]) -> None:
    answer = api.post(f"/offices/XH/{path}", body, Role.MANAGER)
    assert answer.status_code == 422, answer.text


def test_the_programs_own_roles_are_told_nothing(api: ApiClient) -> None:
    body = {"channel": "e-mail", "address": "li@example.test", "role": "clock"}
    answer = api.post("/offices/XH/subscriptions", body, Role.MANAGER)
    assert (answer.status_code, answer.json()["code"]) == (409, "no-such-role")


# -- what is owed ----------------------------------------------------------------------------------------------------


def test_what_falls_due_at_24_00_is_todays(api: ApiClient) -> None:
    for path, name in (("/tasks", "tasks"), ("/deadlines", "deadlines")):
        found = api.get(
            path, params={"office": "XH", "due": "today"} | ({"whose": "all"} if name == "tasks" else {})
        ).json()[name]
        assert "patrol" in [each["case_kind"] for each in found], path
        assert all(datetime.fromisoformat(each["due_at"]) > datetime.now(UTC) for each in found)


def test_a_long_list_of_tasks_is_read_page_by_page_without_loss(api: ApiClient) -> None:
    whole = api.get("/tasks", params={"office": "XH", "whose": "all"}).json()
    assert whole["next"] is None
    seen, cursor = [], None
    for _ in range(20):
        page = api.get("/tasks", params={"limit": "1", "whose": "all"} | ({"cursor": cursor} if cursor else {})).json()
        seen += page["tasks"]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == whole["tasks"]
    assert len(seen) > 1
    wrong = api.get("/offices/XH/complaints", params={"cursor": "c1." + "A" * 24})
    assert wrong.status_code in {409, 422}


# -- files -----------------------------------------------------------------------------------------------------------


def cells(data: bytes) -> list[list[str]]:
    """The rows of the first sheet, every cell as text."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    sheet = ET.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml"))
    assert sheet.find(".//m:f", space) is None
    rows = []
    for row in sheet.findall(".//m:row", space):
        at = {each.attrib["r"].rstrip("0123456789"): "".join(each.itertext()) for each in row.findall("m:c", space)}
        rows.append([at.get(_letters(n), "") for n in range(max(map(_number, at)) + 1)])
    return rows


def _number(letters: str) -> int:
    return int(sum((ord(letter) - 64) * 26**n for n, letter in enumerate(reversed(letters)))) - 1


def _letters(number: int) -> str:
    return ("" if number < 26 else chr(64 + number // 26)) + chr(65 + number % 26)


def test_a_register_as_a_workbook_holds_what_it_holds_as_json(api: ApiClient) -> None:
    api.complaint(matter="=1+1", category="a<b>&c")
    for more in (
        {"params": {"format": "xlsx"}},
        {"headers": {"Accept": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}},
    ):
        answer = api.get("/offices/XH/complaints", **more)  # type: ignore[arg-type]
        assert answer.headers["content-disposition"] == 'attachment; filename="complaints.xlsx"'
        head, row = cells(answer.content)
        assert head[:3] == ["office", "case_id", "line"]
        assert {"=1+1", "a<b>&c", HIDDEN} <= set(row)


def test_a_spreadsheet_shows_the_offices_own_time(api: ApiClient) -> None:
    api.complaint()
    text = api.get("/offices/XH/complaints?format=csv").content.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert row["opened_at"].endswith("+08:00")
    assert row["opened_at"][:10] == row["registered_on"]


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", "'=1", "''=1"]
)
def test_what_is_made_harmless_can_be_told_from_what_was_written_so(text: str) -> None:
    assert neutral(text) == f"'{text}"
    assert neutral("'tis") == "'tis"
    assert neutral("1=1") == "1=1"


# -- at once ---------------------------------------------------------------------------------------------------------


def at_once(what: Callable[[int], Any], times: int = 12) -> list[Any]:
    with ThreadPoolExecutor(times) as people:
        return list(people.map(what, range(times)))


def test_the_same_request_sent_many_times_at_once_is_carried_out_once(api: ApiClient) -> None:
    headers = api.headers() | {"Idempotency-Key": "one"}
    answers = at_once(lambda _: api.client.post("/offices/XH/complaints", json=GOOD, headers=headers))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.json()["repeated"] for answer in answers].count(False) == 1
    assert len(api.get("/offices/XH/complaints").json()["rows"]) == 1


def test_of_many_who_saw_the_same_version_one_goes_on(api: ApiClient) -> None:
    path = f"/offices/XH/complaints/{api.complaint()}/reassign-complaint"
    headers = api.headers() | {"If-Match": '"1"'}
    answers = at_once(lambda n: api.client.post(path, json={"to": f"u{n}"}, headers=headers))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 11


def test_of_many_who_want_the_same_key_one_gets_it(api: ApiClient) -> None:
    home = {"home": "1-101", "kind": "unsold", "area": 9000, "keys": [{"number": "1", "key_class": "entrance"}]}
    vacant = api.post("/offices/XH/vacant-homes", home).json()["id"]
    later = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    form = {
        "vacant_home": vacant,
        "keys": ["1"],
        "borrower": "甲",
        "organisation": "乙",
        "identity_document": "丙",
        "purpose": "viewing",
        "expected_return": later,
    }
    loans = [api.post("/offices/XH/key-loans", form, Role.DUTY_OFFICER).json()["id"] for _ in range(8)]
    headers = api.headers(Role.DUTY_OFFICER)

    def issue(n: int) -> Any:
        body = {"officer_signature": "签"}
        return api.client.post(f"/offices/XH/key-loans/{loans[n]}/issue-keys", json=body, headers=headers)

    statuses = sorted(answer.status_code for answer in at_once(issue, 8))
    assert statuses == [200] + [409] * 7
