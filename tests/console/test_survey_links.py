"""A survey by the residents' own hands: a code on each household's sheet, no log-in, once, until it closes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.seen import Seen, codes_in, latin_in
from tests.console.test_forms import XH

QUESTIONS = [
    {"code": "1", "text": "保洁怎么样", "kind": "satisfaction"},
    {"code": "2", "text": "要不要加灯", "kind": "choice", "choices": ["要", "不要"]},
    {"code": "3", "text": "您的意见", "kind": "text"},
]


def issued(api: ApiClient) -> tuple[str, list[str]]:
    """A survey of two households that runs for ten days, and the links on their sheets."""
    households = [api.household(home, name="甲乙丙丁") for home in ("7-2-1403", "7-2-1404")]
    day = datetime.now(UTC).date()
    made = api.post("/offices/XH/surveys", {"year": day.year, "number": 1}, Role.MANAGER)
    assert made.status_code == 201, made.text
    survey = made.json()["id"]

    def do(word: str, body: dict[str, Any]) -> None:
        answer = api.post(f"/offices/XH/surveys/{survey}/{word}", body, Role.MANAGER)
        assert answer.status_code == 200, answer.text

    do("draft-survey", {"title": "上半年征询", "questions": QUESTIONS})
    assert api.get(f"{XH}/survey-sheets/{survey}").status_code == 404, "nobody is asked yet"
    blank = Seen(api.get(f"{XH}/survey-sheets/{survey}?blank=1").text)
    for words in ("保洁怎么样", "填表人", "房号", "第 1 张，共 1 张"):
        assert words in blank.text, "a blank sheet lies at the counter before anybody is asked"
    assert "扫码" not in blank.text
    assert f"{XH}/survey-sheets/{survey}?blank=1" in Seen(api.get(f"{XH}/case/{survey}").text).links
    do("issue-survey", {"households": households, "closes_on": (day + timedelta(days=10)).isoformat()})
    sheets = api.get(f"{XH}/survey-sheets/{survey}").text
    links = re.findall(r'href="(/r/survey/[^"]+)"', sheets)
    page = Seen(sheets)
    assert page.forbidden == []
    assert not codes_in(page) + latin_in(page)
    assert (len(links), len(set(links)), sheets.count("<svg")) == (2, 2, 2)
    assert "7-2-1403" in page.text
    assert not any(household in link for household in households for link in links)
    return survey, links


def said(api: ApiClient, link: str, **answers: str) -> Any:
    return api.client.post(link, data=answers)


def test_a_household_answers_once_by_its_own_link_and_nobody_changes_what_it_said(api: ApiClient) -> None:
    survey, (link, other) = issued(api)
    shown = api.client.get(link)
    page = Seen(shown.text)
    for words in ("XH小区", "上半年征询", "1. 保洁怎么样", "2. 要不要加灯", "每户填一次"):
        assert words in page.text
    assert page.forbidden == []
    assert not codes_in(page) + latin_in(page)
    for mark in ("甲乙丙丁", "7-2-1403", "household", survey):
        assert mark not in shown.text, mark
    assert "请至少回答一题" in said(api, link).text
    odd = said(api, link, q0="9", remarks="戊己")
    assert odd.status_code == 409
    assert "评分须为1至5" in odd.text
    assert "戊己" in odd.text, "what was written stays"
    assert "答卷已收到" in said(api, link, q0="2", q1="要", q2="多派一人", remarks="谢谢").text
    assert "答卷已收到" in said(api, link, q0="5").text, "the second is no answer"
    assert "多派一人" not in api.client.get(link).text
    facts = api.get(f"/offices/XH/surveys/{survey}/facts", Role.MANAGER).json()["facts"]
    last = facts[-1]
    assert (last["name"], last["role"], last["data"]["means"]) == ("SurveyAnswered", "resident", "online")
    assert [mark["mark"] for mark in last["data"]["marks"]] == [2, None]
    assert last["data"]["dissatisfied"] is True
    body = {"respondent": last["data"]["respondent"], "marks": [{"question": "1", "mark": 5}], "reason": "改"}
    refused = api.post(f"/offices/XH/surveys/{survey}/correct-survey-answer", body)
    assert refused.json()["code"] == "residents-own"
    rest = api.get(f"{XH}/survey-sheets/{survey}").text
    assert other in rest
    assert link not in rest, "who has answered needs no sheet"
    assert "征询表与二维码" in api.get(f"{XH}/case/{survey}", Role.MANAGER).text


def test_a_link_that_nobody_made_is_none_and_a_closed_survey_takes_no_answer(api: ApiClient) -> None:
    survey, (link, _) = issued(api)
    words, _, mark = link.removeprefix("/r/survey/").partition(".")
    other = f"{'B' if mark[0] == 'A' else 'A'}{mark[1:]}"
    for wrong in (f"{words}.{other}", f"{words[:-2]}AA.{mark}", f"{words}.", words):
        assert api.client.get(f"/r/survey/{wrong}").status_code == 404, wrong
    assert api.client.get(link.replace("/survey/", "/")).status_code == 404, "no link of a matter"
    closed = api.post(f"/offices/XH/surveys/{survey}/close-survey", {}, Role.MANAGER)
    assert closed.status_code == 200
    assert "征询已经截止" in api.client.get(link).text
    assert said(api, link, q0="5").status_code == 409
    assert api.get(f"{XH}/survey-sheets/{survey}").text.count("<svg") == 0


def test_what_was_answered_is_printed_as_it_was_ticked_and_said(api: ApiClient) -> None:
    survey, (link, _) = issued(api)
    assert "已答的" not in api.get(f"{XH}/survey-sheets/{survey}", Role.MANAGER).text
    said(api, link, q0="2", q1="不要", q2="第一行\n第二行", remarks="谢谢")
    sheets = f"{XH}/survey-sheets/{survey}?answered=1"
    assert "已答的" in api.get(f"{XH}/survey-sheets/{survey}", Role.MANAGER).text
    filled = api.get(sheets, Role.MANAGER).text
    assert re.findall(r'class="box on">([^<]+)<', filled) == ["2", "不要"]
    page = Seen(filled)
    for words in ("7-2-1403", "第一行", "第二行", "谢谢", "网上填写", "第 1 张，共 1 张"):
        assert words in page.text, words
    assert "7-2-1404" not in page.text, "who has not answered has no such sheet"
    assert not codes_in(page) + latin_in(page)
    assert "surveys/paper" in str(api.get("/offices/XH/readings", Role.AUDITOR).json()), "it is a recorded reading"
    hidden = api.get(sheets, Role.COMPANY).text
    assert "谢谢" not in hidden
    assert re.findall(r'class="box on">([^<]+)<', hidden) == ["2", "不要"]
