"""The resident's own word by a link: no log-in, the title and no more, once, and held against what the office recorded."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from api.console import residents
from domain.kernel.people import Role
from tests.api.conftest import PASSWORD, ApiClient
from tests.console.seen import Seen, codes_in, latin_in
from tests.console.test_forms import XH, now, registered, send, soon

PHONE = "/r/"


def resolved(api: ApiClient) -> str:
    """A complaint that was handled, with marked personal values."""
    case_id = registered(api, complainant="甲乙丙丁", contact="19900004417", content="戊己庚辛")
    for word, said in (
        ("assess-complaint", {"measure": "派水工", "promised_by": soon(), "told_at": now()}),
        ("investigate-complaint", {"root_cause": "老化", "findings": "塌陷"}),
        ("resolve-complaint", {"done_by": "许浩然", "result": "换管"}),
    ):
        answer = send(api, f"/do/{word}/{case_id}", said)
        assert answer.status_code == 303, Seen(answer.text).text[:60] + "".join(
            re.findall(r"wy-fault.*?</div>", answer.text, re.DOTALL)
        )
    return case_id


def link(api: ApiClient, case_id: str) -> str:
    """The address on the slip, after the resident was asked."""
    assert send(api, f"/invite/{case_id}", {}).status_code == 303
    slip = api.get(f"{XH}/invite/{case_id}").text
    [found] = set(re.findall(r'href="http://testserver(/r/[^"]+)"', slip))
    return found


def opened(api: ApiClient, path: str, **more: Any) -> Any:
    return api.client.get(path, **more)


def said(api: ApiClient, path: str, answer: str, why: str = "") -> Any:
    return api.client.post(path, data={"answer": answer, "why": why})


def test_the_page_shows_the_title_and_how_far_it_is_and_nothing_about_anybody(api: ApiClient) -> None:
    case_id = resolved(api)
    path = link(api, case_id)
    answer = opened(api, path)
    page = Seen(answer.text)
    assert answer.headers["cache-control"] == "no-store"
    for words in ("XH小区", "投诉：厨房下水堵塞", "登记", "处理完", "满意", "不满意"):
        assert words in page.text
    for mark in ("甲乙丙丁", "19900004417", "戊己庚辛", "1403", "许浩然", "塌陷", case_id):
        assert mark not in answer.text, mark
    assert page.forbidden == []
    assert not codes_in(page) + latin_in(page)
    english = Seen(opened(api, f"{path}?lang=en").text)
    assert "Are you satisfied" in english.text


def test_an_answer_is_a_fact_of_the_residents_own_and_is_given_once(api: ApiClient) -> None:
    case_id = resolved(api)
    path = link(api, case_id)
    assert "请选满意或不满意" in said(api, path, "").text
    assert "您说的是「满意」" in said(api, path, "yes").text
    assert "您说的是「满意」" in said(api, path, "no", "改主意了").text, "the second is no answer"
    facts = api.get(f"/offices/XH/resident-words/resident_word-{case_id}/facts").json()["facts"]
    assert [(fact["name"], fact["role"], fact["user_id"]) for fact in facts][1:] == [
        ("ResidentSpoke", "resident", "resident")
    ]
    case = Seen(api.get(f"{XH}/case/resident_word-{case_id}").text)
    assert "住户" in case.text
    assert not codes_in(case)
    figure = Seen(api.get(f"{XH}/standards/complaint-handling-rate").text)
    assert "住户本人凭链接说过的 1 件" in figure.text


def test_whoever_is_not_content_says_why_and_the_manager_has_a_task(api: ApiClient) -> None:
    case_id = resolved(api)
    path = link(api, case_id)
    wrong = said(api, path, "no")
    assert wrong.status_code == 409
    assert "请说说哪里不满意" in wrong.text
    assert 'value="no" checked' in wrong.text
    spoken = Seen(said(api, path, "no", "又堵了，壬癸").text)
    assert "您说的是「不满意」" in spoken.text, spoken.text
    assert "壬癸" not in opened(api, path).text
    word = f"resident_word-{case_id}"
    case = Seen(api.get(f"{XH}/case/{word}", Role.MANAGER).text)
    assert "应办 核实住户自述与记录的差异 管理处经理" in case.text
    assert "壬癸" in case.text
    assert "壬癸" not in api.get(f"{XH}/case/{word}", Role.COMPANY).text
    settled = send(api, f"/do/settle-difference/{word}", {"result": "再次上门疏通"}, Role.MANAGER)
    assert settled.status_code == 303, Seen(settled.text).text
    assert "应办 核实" not in Seen(api.get(f"{XH}/case/{word}", Role.MANAGER).text).text


def test_what_is_not_done_yet_waits_and_what_has_nobody_is_not_asked_about(api: ApiClient) -> None:
    waiting = registered(api)
    path = link(api, waiting)
    assert "还没有办完" in opened(api, path).text
    assert "此事尚未办完" in said(api, path, "yes").text
    anonymous = registered(api, complainant="", home="", anonymous="true")
    answer = send(api, f"/invite/{anonymous}", {})
    assert answer.status_code == 409
    assert "匿名" in answer.text
    assert api.get(f"{XH}/invite/staff-1").status_code == 404


def test_a_link_that_nobody_made_opens_nothing_and_one_that_ended_is_dead(api: ApiClient) -> None:
    api.simulated("SIM", "2025-03-03 08:00")

    def ask(method: str, path: str, role: Role = Role.ADMINISTRATOR, **more: Any) -> Any:
        return api.ask(method, f"/console/SIM{path}", role, "SIM", follow_redirects=False, **more)

    made = ask(
        "POST",
        "/open/complaints/register-complaint",
        data={"channel": "telephone", "category": "电梯", "matter": "异响", "content": "每晚", "home": "1-1"},
    )
    case_id = made.headers["location"].partition("/case/")[2].partition("?")[0]
    ask("POST", f"/invite/{case_id}")
    [path] = set(re.findall(r'"http://testserver(/r/[^"]+)"', ask("GET", f"/invite/{case_id}").text))
    words, _, mark = path.removeprefix(PHONE).partition(".")
    for wrong in (
        f"{words}.{'B' if mark[0] == 'A' else 'A'}{mark[1:]}",
        f"{words[:-2]}AA.{mark}",
        words,
        f"{words}.",
        "%00.%00",
        f"{words}.🙂",
    ):
        answer = opened(api, f"{PHONE}{wrong}")
        assert answer.status_code == 404, wrong
        assert "没有这个链接" in answer.text
        assert "/console" not in Seen(answer.text).links
    api.until("SIM", "2025-04-03 00:30")
    assert "链接已失效" in opened(api, path).text
    assert ask("POST", f"/invite/{case_id}").status_code == 303
    assert "链接已失效" in opened(api, path).text, "asking anew makes another one"
    [again] = set(re.findall(r'"http://testserver(/r/[^"]+)"', ask("GET", f"/invite/{case_id}").text))
    assert again != path
    assert opened(api, again).status_code == 200


def test_staff_do_not_answer_for_the_resident_in_their_own_browser(api: ApiClient) -> None:
    path = link(api, resolved(api))
    user = api.context.accounts.create("chen", "陈雨晨", PASSWORD)
    assert user
    api.client.post("/console/login", data={"login": "chen", "password": PASSWORD, "next": "/console"})
    assert "请住户用自己的手机" in said(api, path, "yes").text
    api.client.cookies.clear()
    assert "您说的是「满意」" in said(api, path, "yes").text


def test_whoever_asks_too_often_has_to_wait(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residents, "OF_ADDRESS", 2)
    answers = [opened(api, f"{PHONE}x.y") for _ in range(80)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) <= timedelta(minutes=5).total_seconds()
    assert "请过几分钟再试" in answers[-1].text
    other = api.client.post("/r/x.y", content=b"a" * 40_000)
    assert other.status_code == 413


def test_the_code_stands_on_the_letter_and_on_the_follow_up_form(api: ApiClient) -> None:
    case_id = resolved(api)
    assert "附上住户二维码" in api.get(f"{XH}/print/letter/{case_id}").text
    link(api, case_id)
    letter = api.get(f"{XH}/print/letter/{case_id}").text
    assert "扫码告诉我们" in letter
    assert letter.count("<svg") == 2
    visit = f"follow_up-{case_id}-1"
    assert "说说是否满意" not in api.get(f"{XH}/print/follow-up/{visit}").text
    link(api, visit)
    assert "说说是否满意" in api.get(f"{XH}/print/follow-up/{visit}").text


def raised(api: ApiClient) -> str:
    """A repair order of a household."""
    said = {
        "channel": "telephone",
        "fault_kind": "水",
        "home": "7-2-1403",
        "household": api.household(),
        "description": "漏水",
    }
    return str(api.post("/offices/XH/repair-orders", said).json()["id"])


def is_ready(api: ApiClient, order: str) -> None:
    ready = api.post(f"/offices/XH/repair-orders/{order}/report-repair-ready", {"done_by": "许浩然", "result": "修好"})
    assert ready.status_code == 200, ready.text


def repaired(api: ApiClient) -> str:
    """A repair order whose work is done and not accepted yet."""
    order = raised(api)
    is_ready(api, order)
    return order


def facts_of(api: ApiClient, path: str, case_id: str) -> list[str]:
    facts = api.get(f"/offices/XH/{path}/{case_id}/facts").json()["facts"]
    return [fact["name"] for fact in facts]


def test_who_is_content_with_a_repair_accepts_it_by_that(api: ApiClient) -> None:
    order = raised(api)
    path = link(api, order)
    assert "验收签字" not in opened(api, path).text
    is_ready(api, order)
    assert "选「满意」，同时就是您的验收签字" in opened(api, path).text
    assert "您说的是「满意」" in said(api, path, "yes").text
    facts = api.get(f"/offices/XH/repair-orders/{order}/facts").json()["facts"]
    assert (facts[-1]["name"], facts[-1]["role"]) == ("RepairAccepted", "resident")
    assert "验收签字" not in opened(api, path).text


def test_the_word_and_what_it_accepts_are_written_together_or_not_at_all(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = repaired(api)
    path = link(api, order)
    handler, once = api.context.handler, []

    def broken(book: Any, draft: Any) -> Any:
        once.append([fact.name for fact in draft.append.facts])
        raise psycopg.OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(handler, "_record", broken)
        assert said(api, path, "yes").status_code == 503
    assert [{"ResidentSpoke", "RepairAccepted"} <= set(names) for names in once] == [True]
    assert facts_of(api, "resident-words", f"resident_word-{order}") == ["ResidentInvited"]
    assert "RepairAccepted" not in facts_of(api, "repair-orders", order)
    assert "您说的是「满意」" in said(api, path, "yes").text
    assert facts_of(api, "repair-orders", order)[-1] == "RepairAccepted"


def test_where_staff_accepted_meanwhile_the_word_is_still_taken(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = repaired(api)
    path = link(api, order)
    accepting, asked = residents._accepting, []

    def slow(case: Any) -> Any:
        asked.append(case.id)
        command = accepting(case)
        if len(asked) == 1:
            accept = api.post(f"/offices/XH/repair-orders/{order}/accept-repair", {"signed_by": "住户"})
            assert accept.status_code == 200, accept.text
        return command

    monkeypatch.setattr(residents, "_accepting", slow)
    assert "您说的是「满意」" in said(api, path, "yes").text
    assert facts_of(api, "resident-words", f"resident_word-{order}") == ["ResidentInvited", "ResidentSpoke"]
    assert facts_of(api, "repair-orders", order).count("RepairAccepted") == 1
