"""Registers, cases, the feed, deadlines, settings and the handbook as readers see them."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from api.http.context import HIDDEN
from domain.kernel.people import Role
from tests.api.conftest import EVERYBODY, ApiClient, tomorrow
from tests.solving import solved_body


@pytest.mark.long
def test_a_register_is_read_page_by_page_without_loss(api: ApiClient) -> None:
    made = [api.complaint(matter=f"第{i}件") for i in range(7)]
    for sort in ("opened_at", "-opened_at", "matter", "-case_id", "due_at", "-department", "reopened"):
        seen: list[str] = []
        cursor = None
        while True:
            query = {"limit": "3", "sort": sort} | ({"cursor": cursor} if cursor else {})
            page = api.get("/offices/XH/registers/complaints", params=query)
            assert page.status_code == 200, page.text
            seen += [row["case_id"] for row in page.json()["rows"]]
            cursor = page.json()["next"]
            if cursor is None:
                break
        assert sorted(seen) == sorted(made), sort
    rows = [api.get(f"/offices/XH/{path}").json()["rows"] for path in ("complaints", "registers/complaints")]
    assert rows[0] == rows[1]


def test_filters_search_and_order(api: ApiClient) -> None:
    noise, water = api.complaint(matter="楼上ＡＢＣ噪音"), api.complaint(category="water", matter="漏水")

    def ids(**query: str) -> list[str]:
        answer = api.get("/offices/XH/complaints", params=query)
        assert answer.status_code == 200, answer.text
        return [row["case_id"] for row in answer.json()["rows"]]

    assert ids(category="water") == [water]
    assert ids(q="abc噪") == [noise]
    assert ids(severe="false", sort="opened_at") == [noise, water]
    assert ids(opened_at_from=tomorrow()) == []
    assert ids(version_to="1", channel="in-person", sort="matter")[0] in (noise, water)


@pytest.mark.parametrize(
    "query",
    [
        "cursor=garbage",
        "cursor=c1.AAAAAAAAAAAAAAAAAAAAAAAA",
        "sort=complainant",
        "sort=1;drop",
        "limit=0",
        "limit=x",
        "limit=100000",
        "as_of=x",
        "as_of=-1",
        "severe=maybe",
        "version=1e3",
        "opened_at_from=2025-13-01T00:00:00Z",
        "registered_on=20250101",
        "contact=1",
        "nosuch=1",
        "format=pdf",
        "category=%00",
        "q=%00",
        "category=a&category=b",
    ],
)
def test_queries_that_cannot_be_read_are_refused(api: ApiClient, query: str) -> None:
    answer = api.get(f"/offices/XH/complaints?{query}")
    assert answer.status_code in {409, 422}, (query, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_cursor_of_another_order_is_refused(api: ApiClient) -> None:
    for _ in range(3):
        api.complaint()
    cursor = api.get("/offices/XH/complaints", params={"limit": "1", "sort": "matter"}).json()["next"]
    answer = api.get("/offices/XH/complaints", params={"limit": "1", "sort": "opened_at", "cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (409, "cursor-does-not-fit")


def test_a_register_remembers_every_page(api: ApiClient) -> None:
    case_id = api.complaint()
    then = api.get("/offices/XH/complaints").json()["as_of"]
    instant = datetime.now(UTC).isoformat()
    api.post(f"/offices/XH/complaints/{case_id}/escalate-complaint", {"reason": "超出权限"})
    for as_of in (str(then), instant):
        row = api.get("/offices/XH/complaints", params={"as_of": as_of}).json()["rows"][0]
        assert (row["version"], row["escalated"]) == (1, False)
        assert api.get(f"/offices/XH/complaints/{case_id}", params={"as_of": as_of}).json()["version"] == 1
    assert api.get("/offices/XH/complaints").json()["rows"][0]["version"] == 2
    assert api.get(f"/offices/XH/complaints/{case_id}", params={"as_of": "0"}).status_code == 404


def test_personal_data_by_role_and_every_reading_recorded(api: ApiClient) -> None:
    case_id = api.complaint(complainant="王小明", content="每晚十点后")
    roles = (Role.ADMINISTRATOR, Role.AUDITOR)
    for role in roles:
        assert api.get("/offices/XH/complaints", role).json()["rows"][0]["complainant"] == "王小明"
        assert api.get(f"/offices/XH/complaints/{case_id}", role).json()["data"]["complainant"] == "王小明"
        facts = api.get(f"/offices/XH/complaints/{case_id}/facts", role).json()["facts"]
        assert facts[0]["data"]["complainant"] == "王小明"
    read = api.get("/offices/XH/readings", params={"read_case": case_id}).json()["rows"]
    assert [row["what"] for row in read] == ["complaints", "complaints", "complaints/facts"] * 2
    assert [row["roles"] for row in read] == [str(role) for role in roles for _ in range(3)]
    assert {row["reader"] for row in read} == {api.users["XH", role] for role in roles}
    assert api.get("/offices/XH/complaints", Role.COMPANY).json()["rows"][0]["complainant"] == HIDDEN
    assert api.get(f"/offices/XH/complaints/{case_id}", Role.COMPANY).json()["data"]["content"] == HIDDEN
    feed = api.get("/offices/XH/facts").json()["events"]
    assert next(e for e in feed if e["subject"] == case_id)["data"]["complainant"] == HIDDEN
    assert len(api.get("/offices/XH/readings").json()["rows"]) == 6


def test_who_could_not_be_recorded_sees_nothing(api: ApiClient) -> None:
    api.complaint(complainant="王小明", content="每晚十点后")
    api.get("/offices/XH/complaints")
    with psycopg.connect(api.owner, autocommit=True) as owner:
        owner.execute("alter table wuye.facts add constraint no_readings check (name <> 'PersonalDataRead') not valid")
        answer = api.get("/offices/XH/complaints")
        owner.execute("alter table wuye.facts drop constraint no_readings")
    assert answer.status_code == 500
    assert "王小明" not in answer.text


def test_csv_is_for_spreadsheets_and_executes_nothing(api: ApiClient) -> None:
    api.complaint(matter="=HYPERLINK(1)", complainant="+86 王", category="-x")
    asked = api.post("/offices/XH/register-exports", {"register": "complaints", "purpose": "核对"})
    api.post(f"{asked.headers['location']}/approve-register-export", {}, Role.MANAGER)
    export = asked.json()["id"]
    for address, more, complainant in (
        ("complaints", {"params": {"format": "csv", "export": export}}, "'+86 王"),
        ("complaints", {"headers": {"Accept": "text/csv"}}, HIDDEN),
        ("registers/complaints.csv", {}, HIDDEN),
    ):
        answer = api.get(f"/offices/XH/{address}", **more)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.content.startswith(b"\xef\xbb\xbf")
        row = next(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert (row["matter"], row["complainant"], row["category"]) == ("'=HYPERLINK(1)", complainant, "'-x")


def test_a_file_takes_the_filters_of_its_register_and_nothing_that_belongs_to_a_page(api: ApiClient) -> None:
    api.complaint(matter="楼上噪音")
    api.complaint(matter="下水堵塞")
    file = "/offices/XH/registers/complaints.csv"
    text = api.get(file, params={"matter": "下水堵塞", "sort": "-opened_at"}).content.decode("utf-8-sig")
    assert [row["matter"] for row in csv.DictReader(io.StringIO(text))] == ["下水堵塞"]
    for wrong in ({"limit": "1"}, {"format": "json"}, {"weather": "rain"}):
        assert api.get(file, params=wrong).status_code == 422, wrong
    assert api.get("/offices/XH/registers/weather.csv").status_code == 404
    assert api.get("/offices/XH/registers/complaints.xlsx").content.startswith(b"PK")


def test_a_case_says_what_may_be_done_and_why_not_the_rest(api: ApiClient) -> None:
    case_id = api.complaint()
    seen = api.get(f"/offices/XH/complaints/{case_id}").json()
    permitted = {each["command"] for each in seen["permitted"]}
    refused = {each["command"]: each for each in seen["refused"]}
    assert "assess-complaint" in permitted
    assert refused["dispatch-complaint"]["code"] == "role"
    assert refused["resume-complaint"]["clause"] == "4.3"
    assert refused["archive-complaint"]["code"] == "state"
    assert seen["state_zh"] == "已登记"
    auditor = api.get(f"/offices/XH/complaints/{case_id}", Role.AUDITOR).json()
    assert auditor["permitted"] == []


def test_the_feed_is_gap_free_and_goes_on_where_one_stopped(api: ApiClient) -> None:
    for _ in range(4):
        api.complaint()
    first = api.get("/offices/XH/facts", params={"limit": "2"}).json()
    rest = api.get("/offices/XH/facts", params={"after": str(first["next"])}).json()
    numbers = [event["number"] for event in first["events"] + rest["events"]]
    assert numbers == list(range(1, len(numbers) + 1))
    event = rest["events"][-1]
    assert event["specversion"] == "1.0"
    assert event["source"] == "/offices/XH"
    assert event["type"].startswith("wuye.")
    assert api.get("/offices/XH/facts", params={"after": str(rest["next"])}).json()["events"] == []


def test_a_standard_is_read_month_by_month(api: ApiClient) -> None:
    case_id = api.complaint()
    api.post(
        f"/offices/XH/complaints/{case_id}/solve-complaint-on-the-spot",
        solved_body(api.context.now(), "u1", "已劝导"),
    )
    path = "/standards/complaint-handling-rate/trend"
    told = api.get(path, params={"office": "XH", "by": "year", "since": "2024-06-01"}).json()
    assert (told["slug"], told["by"]) == ("complaint-handling-rate", "year")
    assert [period["counted"] for period in told["periods"]] == [*[0] * (len(told["periods"]) - 1), 1]
    assert told["periods"][-1]["percent"] == "100.00"
    assert api.get(path, params={"office": "XH", "by": "day"}).status_code == 422
    assert api.get(path, params={"office": "XH", "since": "1990-01-01"}).json()["code"] == "too-many-periods"
    assert api.get(path, params={"office": "YH"}).status_code == 404


def test_a_report_leads_on_to_the_cases_behind_each_figure(api: ApiClient) -> None:
    then = datetime.now(UTC) + timedelta(days=30)
    api.context.now = lambda: then
    report = api.get("/compliance", params={"office": "XH"}).json()
    line = next(line for line in report["lines"] if line["standard"] == "patrol-rate")
    assert (line["missed"], line["status"]) == (1, "not-kept")
    [missed] = api.get(line["missed_href"]).json()["cases"]
    assert missed["case_id"].startswith("patrol-XH-")
    book = zipfile.ZipFile(io.BytesIO(api.get("/compliance?office=XH&format=xlsx").content))
    assert missed["case_id"] in book.read("xl/sharedStrings.xml").decode()
    assert "missed" in book.read("xl/workbook.xml").decode()


def test_what_is_owed(api: ApiClient) -> None:
    case_id = api.complaint()
    soon = datetime.now(UTC) + timedelta(minutes=10)
    api.post(
        f"/offices/XH/complaints/{case_id}/assess-complaint",
        {"promised_by": soon.isoformat(), "measure": "劝导", "told_at": datetime.now(UTC).isoformat()},
    )

    def promises(**query: str) -> list[str]:
        answer = api.get("/deadlines", params=query)
        assert answer.status_code == 200, answer.text
        return [row["case_id"] for row in answer.json()["deadlines"] if row["kind"] == "promise"]

    assert promises(due="this-week", office="XH") == [case_id]
    assert promises(due="overdue") == []
    api.context.now = lambda: soon + timedelta(hours=1)
    assert promises(due="overdue") == [case_id]
    others = api.ask("GET", "/deadlines", office="YH").json()["deadlines"]
    assert {row["kind"] for row in others} == {
        "draw",
        "patrol",
        "edition",
        "survey",
        "compile",
    }  # what every office owes
    assert api.ask("GET", "/deadlines", office="YH", params={"office": "XH"}).status_code == 404


def test_settings_are_changed_from_a_date_by_the_manager(api: ApiClient) -> None:
    name = "vacancy.integrity_target"
    body = {"name": name, "value": "99%", "valid_from": "2026-01-01", "reason": "公司决定"}
    assert api.ask("PUT", "/settings", params={"office": "XH"}, json=body).status_code == 403
    answer = api.ask("PUT", "/settings", Role.MANAGER, params={"office": "XH"}, json=body)
    assert (answer.status_code, answer.json()["facts"]) == (200, ["SettingChangeProposed"]), answer.text
    [proposal] = api.get("/settings", params={"office": "XH"}).json()["proposals"]
    assert (proposal["number"], proposal["name"], proposal["value"]) == (1, name, "99%")
    confirmed = {"office": "XH"}
    own = api.ask("POST", "/settings/confirm", Role.MANAGER, params=confirmed, json={"number": 1})
    assert (own.status_code, own.json()["code"]) == (409, "second-person")
    other = api.ask("POST", "/settings/confirm", Role.COMPANY, params=confirmed, json={"number": 1})
    assert (other.status_code, other.json()["facts"]) == (200, ["SettingChanged"]), other.text

    def value(**query: str) -> tuple[str, bool]:
        found = api.get("/settings", params=query).json()["settings"]
        setting = next(each for each in found if each["name"] == name)
        return setting["value"], setting["changed"]

    assert value(office="XH", on="2026-01-01") == ("99/100", True)
    assert value(office="XH", on="2025-12-31") == ("49/50", False)
    assert value() == ("49/50", False)
    wrong = api.ask("PUT", "/settings", Role.MANAGER, params={"office": "XH"}, json=body | {"value": "nine"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "invalid-setting")


def test_the_handbook_says_what_rests_on_each_clause(api: ApiClient) -> None:
    clauses = {each["id"]: each for each in api.get("/handbook").json()["clauses"]}
    assert "archive-complaint" in clauses["4.8"]["rests"]["commands"]
    assert "complaints/promise" in clauses["4.9"]["rests"]["deadlines"]
    assert "complaints" in clauses["4.6"]["rests"]["registers"]
    assert api.get("/handbook/5.2.3(2)").json()["id"] == "5.2.3(2)"
    assert api.get("/handbook/99").status_code == 404


def test_offices_are_seen_by_those_who_work_there(api: ApiClient) -> None:
    codes = {role: [o["code"] for o in api.get("/offices", role).json()["offices"]] for role in EVERYBODY}
    assert codes.pop(Role.SYSTEM_ADMINISTRATOR) == ["XH", "YH"]
    assert set(map(tuple, codes.values())) == {("XH",)}
    assert api.get("/offices/YH").status_code == 404
    opened = api.post("/offices", {"code": "ZH", "name": "中华"}, Role.SYSTEM_ADMINISTRATOR)
    assert opened.status_code == 201, opened.text
    assert api.get(opened.headers["location"], Role.SYSTEM_ADMINISTRATOR).json()["code"] == "ZH"
    assert api.post("/offices", {"code": "QH", "name": "清华"}).status_code == 403
    assert api.get("/offices/ZH", Role.SYSTEM_ADMINISTRATOR).json()["name"] == "中华"
    again = api.post("/offices", {"code": "ZH", "name": "又"}, Role.SYSTEM_ADMINISTRATOR)
    assert again.status_code == 409
    bad = api.post("/offices", {"code": "a/b", "name": "斜"}, Role.SYSTEM_ADMINISTRATOR)
    assert bad.status_code == 422


def test_a_standard_opens_to_its_cases(api: ApiClient) -> None:
    case_id = api.complaint()
    registered = api.get(f"/offices/XH/complaints/{case_id}/facts").json()["facts"][0]["number"]
    assert "complaint-handling-rate" in [s["slug"] for s in api.get("/standards").json()["standards"]]
    path = "/standards/complaint-handling-rate"
    empty = api.get(path, params={"office": "XH", "until": "2020-12-31"}).json()
    assert (empty["ratio"], empty["kept"], empty["counted"]) == (None, None, 0)
    figure = api.get(path, params={"office": "XH"}).json()
    assert (figure["not_yet_due"], figure["clause"], figure["target_value"]) == (1, "4.9", "1")
    under = api.get(f"{path}/cases", params={"office": "XH", "bucket": "not-yet-due"}).json()
    assert [row["case_id"] for row in under["cases"]] == [case_id]
    api.post(
        f"/offices/XH/complaints/{case_id}/solve-complaint-on-the-spot",
        solved_body(api.context.now(), "u1", "已劝导"),
    )
    figure = api.get(path, params={"office": "XH"}).json()
    assert (figure["met"], figure["counted"], figure["ratio"], figure["percent"]) == (1, 1, "1", "100.00")
    before = api.get(path, params={"office": "XH", "as_of": str(registered)}).json()
    assert (before["met"], before["not_yet_due"]) == (0, 1)
    assert [setting["name"] for setting in figure["settings"]] == [
        "complaints.handled_target",
        "complaints.handled_by",
        "complaints.anonymous",
        "complaints.answer_within_days",
    ]
    assert figure["settings"][3]["value"] == "10"
    assert api.get(path, params={"office": "YH"}).status_code == 404
    assert api.get(path).json()["code"] == "office-needed"
    assert api.get("/standards/nosuch", params={"office": "XH"}).status_code == 404
