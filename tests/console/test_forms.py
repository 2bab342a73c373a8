"""Forms: what a person writes is what the command says; what is wrong is told at its field; nothing is written twice."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.console.form_values import read
from api.console.forms import inputs_of
from domain.cases import CASES
from domain.complaints.complaint.commands.handling import ResolveComplaint
from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint
from domain.homes.key_loan.commands import IssueKeys, ReturnKeys
from domain.kernel.calendar import SHANGHAI
from domain.kernel.people import Role
from tests.api.conftest import PASSWORD, ApiClient
from tests.console.seen import Seen

XH = "/console/XH"
COMPLAINT = {
    "channel": "telephone",
    "category": "给排水",
    "matter": "厨房下水堵塞",
    "content": "又堵了",
    "complainant": "周佳怡",
    "home": "7-2-1403",
    "anonymous": "false",
}


def soon(hours: int = 30) -> str:
    """A time that lies ahead, as a browser writes it."""
    return (datetime.now(UTC) + timedelta(hours=hours)).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def send(api: ApiClient, path: str, said: dict[str, Any], role: Role = Role.ADMINISTRATOR, **more: Any) -> Any:
    return api.ask("POST", f"{XH}{path}", role, data=said, follow_redirects=False, **more)


def key_of(api: ApiClient, path: str) -> str:
    page = api.get(f"{XH}{path}").text
    return re.findall(r'name="idempotency_key" value="([^"]+)"', page)[0]


def registered(api: ApiClient, **more: str) -> str:
    answer = send(api, "/open/complaints/register-complaint", COMPLAINT | more)
    assert answer.status_code == 303, re.findall(r"wy-fault.*?</div>|wy-wrong.*?</p>", answer.text, re.DOTALL)
    return str(answer.headers["location"].partition("/case/")[2].partition("?")[0])


def test_a_complaint_is_registered_promised_and_stands_on_its_page(api: ApiClient) -> None:
    case_id = registered(api)
    assessed = send(
        api,
        f"/do/assess-complaint/{case_id}",
        {"measure": "派水工", "promised_by": soon(), "told_at": now(), "version": "1"},
    )
    assert assessed.status_code == 303
    case = api.get(f"/offices/XH/complaints/{case_id}").json()
    assert case["state"] == "assessed"
    assert case["data"]["measure"] == "派水工"
    promised = datetime.fromisoformat(case["data"]["promised_by"])
    assert promised.astimezone(SHANGHAI).strftime("%H:%M") == soon()[11:]
    page = Seen(api.get(f"{XH}/case/{case_id}?done=7").text)
    for words in ("已承诺", "按时限处理投诉", "派水工", "已记入第 7 页"):
        assert words in page.text


def now() -> str:
    return datetime.now(UTC).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def test_what_is_wrong_is_told_at_its_field_and_what_was_written_stays(api: ApiClient) -> None:
    answer = send(
        api,
        "/open/complaints/register-complaint",
        {"matter": "厨房", "household": "9-9-9999", "content": "两行\r\n字"},
    )
    assert answer.status_code == 422
    page = Seen(answer.text)
    assert page.title.startswith("错误：")
    assert page.fields["matter"] == "厨房"
    assert "两行\n字" in answer.text
    for words in ("没有找到「9-9-9999」的住户", "来源：必填"):
        assert words in page.text
    assert 'aria-invalid="true"' in answer.text
    assert 'href="#f-household"' in answer.text


def test_a_refusal_of_the_handbook_stands_at_the_field_it_names(api: ApiClient) -> None:
    case_id = registered(api)
    answer = send(
        api,
        f"/do/assess-complaint/{case_id}",
        {"measure": "派水工", "promised_by": soon(-30), "told_at": now(), "version": "1"},
    )
    assert answer.status_code == 409
    assert re.search(r"id=\"f-promised_by-wrong\">错误：", answer.text), re.findall(
        r"wy-fault.*?</div>|wy-wrong.*?</p>", answer.text, re.DOTALL
    )
    assert "派水工" in answer.text


def test_the_same_form_sent_twice_is_one_fact(api: ApiClient) -> None:
    key = key_of(api, "/open/complaints/register-complaint")
    said = COMPLAINT | {"idempotency_key": key}
    first, second = (send(api, "/open/complaints/register-complaint", said) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]


def test_who_saw_an_older_version_is_told_and_loses_nothing(api: ApiClient) -> None:
    case_id = registered(api)
    page = Seen(api.get(f"{XH}/case/{case_id}?do=note-complaint-step").text)
    send(api, f"/do/inform-resident/{case_id}", {"channel": "telephone", "progress": "已派工"})
    late = send(api, f"/do/note-complaint-step/{case_id}", {"step": "到场", "version": page.fields["version"]})
    assert late.status_code == 409
    assert "请看看经过" in late.text
    shown = Seen(late.text)
    assert shown.fields["step"] == "到场"
    again = send(api, f"/do/note-complaint-step/{case_id}", {"step": "到场", "version": shown.fields["version"]})
    assert again.status_code == 303


def test_a_late_entry_says_when_it_happened_and_why(api: ApiClient) -> None:
    api.simulated("SIM", "2025-03-03 08:00")
    api.until("SIM", "2025-03-14 10:00")

    def sent(said: dict[str, str]) -> Any:
        path = "/console/SIM/open/complaints/register-complaint"
        return api.ask("POST", path, Role.ADMINISTRATOR, "SIM", data=COMPLAINT | said, follow_redirects=False)

    refused = sent({"occurred_at": "2025-03-04T09:00"})
    assert refused.status_code == 409
    assert '<details class="full wy-lately" open>' in refused.text
    taken = sent({"occurred_at": "2025-03-04T09:00", "late_reason": "停电"})
    assert taken.status_code == 303
    page = Seen(api.ask("GET", taken.headers["location"], Role.ADMINISTRATOR, "SIM").text)
    assert "停电" in page.text
    assert "补" in page.words
    assert "发生后 10 天 记入" in page.text


def test_a_role_without_the_right_is_refused_with_a_page(api: ApiClient) -> None:
    answer = send(api, "/open/complaints/register-complaint", COMPLAINT, Role.AUDITOR)
    assert answer.status_code in (403, 409)
    assert answer.headers["content-type"].startswith("text/html")
    assert api.ask("GET", "/console/YH/today", Role.ADMINISTRATOR, "XH").status_code == 404


def test_amounts_areas_lists_and_people_are_read_as_they_are_written(api: ApiClient) -> None:
    said = {
        "home": "K-001",
        "kind": "unsold",
        "area": "89.50",
        "keys.0.number": "001-1",
        "keys.0.key_class": "entrance",
        "keys.0.count": "2",
        "keys.0.condition": "good",
        "keys.1.number": "",
        "keys.1.key_class": "",
        "keys.2.number": "001-2",
        "keys.2.key_class": "room",
        "keys.2.count": "1",
        "keys.2.condition": "",
    }
    answer = send(api, "/open/vacant-homes/take-over-home", said, Role.MANAGER)
    assert answer.status_code == 303, Seen(answer.text).text
    case_id = answer.headers["location"].partition("/case/")[2].partition("?")[0]
    data = api.get(f"/offices/XH/vacant-homes/{case_id}").json()["data"]
    assert data["area"] == 8950
    assert list(data["keys"]) == ["001-1", "001-2"]
    wrong = send(api, "/open/vacant-homes/take-over-home", said | {"area": "viel", "keys.0.count": "x"}, Role.MANAGER)
    page = Seen(wrong.text)
    assert "不是面积" in page.text
    assert "请填写整数" in page.text


def test_an_inspection_on_the_phone_opens_a_defect_for_what_is_not_good(api: ApiClient) -> None:
    opened = send(
        api,
        "/open/vacant-homes/take-over-home",
        {
            "home": "K-002",
            "kind": "unsold",
            "area": "70",
            "keys.0.number": "2-1",
            "keys.0.key_class": "entrance",
            "keys.0.count": "1",
        },
        Role.MANAGER,
    )
    case_id = opened.headers["location"].partition("/case/")[2].partition("?")[0]
    page = Seen(api.get(f"{XH}/inspect/{case_id}").text)
    said = {
        name: value for name, value in page.fields.items() if name.endswith(".item") or name == "inspector_signature"
    }
    for name in list(said):
        if name.endswith(".item"):
            said[name.replace(".item", ".good")] = "true"
    bad = said | {"checklist.3.good": "false", "matter.3": "角阀滴漏", "severity.3": "ordinary"}
    assert send(api, f"/inspect/{case_id}", bad).status_code == 303
    data = api.get(f"/offices/XH/vacant-homes/{case_id}").json()["data"]
    assert [each["found"]["matter"] for each in data["defects"].values()] == ["角阀滴漏"]
    unsaid = said | {"checklist.4.good": "false"}
    assert send(api, f"/inspect/{case_id}", unsaid).status_code == 409


def test_another_site_cannot_send_a_form(api: ApiClient) -> None:
    answer = send(
        api,
        "/open/complaints/register-complaint",
        COMPLAINT,
        headers={"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


def test_log_in_by_the_page_leads_back_and_out_again(api: ApiClient) -> None:
    api.headers(Role.MANAGER)
    user = api.context.accounts.create("shen", "沈雪梅", PASSWORD)
    from api.identity import Grant

    api.context.accounts.grant(user, [Grant("XH", Role.MANAGER)], by="test")
    asked = api.client.get(f"{XH}/standards?which=all", follow_redirects=False)
    assert asked.status_code == 303
    to = asked.headers["location"]
    assert to.startswith("/console/login?next=%2Fconsole%2FXH%2Fstandards%3Fwhich%3Dall")
    page = Seen(api.client.get(to).text)
    wrong = api.client.post(
        "/console/login", data={"login": "shen", "password": "nonsense-nonsense", "next": page.fields["next"]}
    )
    assert wrong.status_code == 401
    assert "账号或密码不正确" in wrong.text
    done = api.client.post(
        "/console/login",
        data={"login": "shen", "password": PASSWORD, "next": page.fields["next"]},
        follow_redirects=False,
    )
    assert done.headers["location"] == f"{XH}/standards?which=all"
    assert "沈雪梅" in api.client.get(done.headers["location"]).text
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "/console/../login", "/console\\x"):
        sent = api.client.post(
            "/console/login", data={"login": "shen", "password": PASSWORD, "next": elsewhere}, follow_redirects=False
        )
        assert sent.headers["location"].startswith("/console"), elsewhere
    assert api.client.post("/console/logout", follow_redirects=False).headers["location"] == "/console/login"
    assert api.client.get(f"{XH}/today", follow_redirects=False).status_code == 303
    part = api.client.get(f"{XH}/today", headers={"HX-Request": "true"}, follow_redirects=False)
    assert (part.status_code, part.headers["hx-redirect"]) == (204, "/console/login")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_command_that_people_give_has_a_form_with_names(lang: Any) -> None:
    from api.routes.actions import offered

    for lifecycle in CASES:
        for command in (*offered(lifecycle)[0], *offered(lifecycle)[1]):
            for each in inputs_of(command, lang):
                for one in (each, *each.within):
                    assert one.label, (command, one.name)
                    assert "_" not in one.label, (command, one.name)
                    if lang == "zh":
                        assert re.search("[\u4e00-\u9fff]", one.label), (command, one.name)
                    assert one.kind not in ("choice", "choices") or one.options
    assert read.__module__ == "api.console.form_values"


def test_a_form_and_an_address_of_more_fields_than_any_of_ours_are_no_fault(api: ApiClient) -> None:
    """Whoever writes them by hand is told, or what is beyond is not read."""
    many = "&".join(f"a{n}=1" for n in range(5_001))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for address in ("/console/XH/open/complaints", "/console/XH/registers/complaints/views"):
        answer = api.ask("POST", address, content=many.encode(), headers=headers)
        assert answer.status_code in (400, 409, 422), answer.text
        assert "表单字段过多" in answer.text
    kept = {"name": "a", "query": many}
    answer = api.ask("POST", "/console/XH/registers/complaints/views", data=kept, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    assert api.ask("GET", f"/console/XH/registers/complaints?{many[:3000]}").status_code == 200


def test_no_form_calls_optional_what_will_be_refused() -> None:
    for name, command in (
        ("content", RegisterComplaint),
        ("measure", AssessComplaint),
        ("result", ResolveComplaint),
        ("returner_signature", ReturnKeys),
        ("officer_signature", IssueKeys),
    ):
        assert next(each for each in inputs_of(command, "zh") if each.name == name).required, (command, name)
    assert not next(each for each in inputs_of(RegisterComplaint, "zh") if each.name == "complainant").required


def test_what_a_history_alone_may_lack_is_asked_for_as_what_nobody_may_leave_out(api: ApiClient) -> None:
    page = api.get(f"{XH}/open/complaints/register-complaint").text
    label = re.findall(r'for="f-content">(.*?)</label>', page, re.DOTALL)[0]
    assert "选填" not in label
    answer = send(api, "/open/complaints/register-complaint", {"matter": "厨房"})
    assert "投诉内容：必填" in Seen(answer.text).text, "all that is missing is told at once"
