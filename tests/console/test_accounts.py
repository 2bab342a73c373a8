"""Accounts, one's own account, and who works here: everything that wanted the command line before."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.identity import Grant
from domain.kernel.people import Role
from tests.api.conftest import PASSWORD, ApiClient
from tests.console.seen import Seen, codes_in, latin_in

HOME = "/console"
SYSTEM = Role.SYSTEM_ADMINISTRATOR


def sent(api: ApiClient, path: str, said: dict[str, str], role: Role = SYSTEM) -> Any:
    return api.ask("POST", f"{HOME}{path}", role, data=said, follow_redirects=False)


def opened(api: ApiClient, login: str = "lin", name: str = "林晓燕") -> tuple[str, str]:
    """A new account's address and the password that its page showed."""
    answer = sent(api, "/accounts", {"login": login, "name": name, "what": "person"})
    assert answer.status_code == 200, Seen(answer.text).text
    [password] = re.findall(r"<code[^>]*>([^<]+)</code>", answer.text)
    link = next(each for each in Seen(api.get(f"{HOME}/accounts?q={login}", SYSTEM).text).links if "/accounts/" in each)
    return link.removeprefix(HOME), password


def entered(api: ApiClient, login: str, password: str) -> Any:
    api.client.cookies.clear()
    return api.client.post(
        f"{HOME}/login", data={"login": login, "password": password, "next": HOME}, follow_redirects=False
    )


def test_a_clerk_gets_an_account_a_role_and_a_password_that_is_shown_once(api: ApiClient) -> None:
    path, password = opened(api)
    page = Seen(api.get(f"{HOME}{path}", SYSTEM).text)
    assert password not in page.text
    assert "还没有角色" in page.text
    given = sent(api, path, {"do": "give", "office": "XH", "role": "administrator"})
    assert given.status_code == 303
    page = Seen(api.get(given.headers["location"], SYSTEM).text)
    for words in ("XH小区", "管理员", "已办好"):
        assert words in page.text
    assert not codes_in(page)
    assert entered(api, "lin", password).status_code == 303
    assert "林晓燕" in api.client.get(f"{HOME}/XH/today").text
    assert sent(api, path, {"do": "take", "office": "XH", "role": "administrator"}).status_code == 303
    assert api.client.get(f"{HOME}/XH/today").status_code == 404


def test_a_new_password_ends_the_old_one_and_an_ended_account_stays_out(api: ApiClient) -> None:
    path, old = opened(api)
    answer = sent(api, path, {"do": "password"})
    [new] = re.findall(r"<code[^>]*>([^<]+)</code>", answer.text)
    assert entered(api, "lin", old).status_code == 401
    assert entered(api, "lin", new).status_code == 303
    api.client.cookies.clear()
    assert sent(api, path, {"do": "end"}).status_code == 303
    assert entered(api, "lin", new).status_code == 401
    assert "林晓燕" not in api.get(f"{HOME}/accounts", SYSTEM).text
    assert "林晓燕" in api.get(f"{HOME}/accounts?ended=true", SYSTEM).text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"do": "give", "office": "NO", "role": "manager"}, "没有这个管理处"),
        ({"do": "give", "office": "XH", "role": ""}, "请选择角色"),
        ({"do": "give", "office": "XH", "role": "clock"}, "该角色属于系统自身"),
    ],
)
def test_a_role_that_cannot_be_given_is_refused_in_words(api: ApiClient, said: dict[str, str], words: str) -> None:
    path, _ = opened(api)
    answer = sent(api, path, said)
    assert answer.status_code == 409
    assert words in answer.text


def test_an_account_wants_a_name_and_a_log_in_of_its_own(api: ApiClient) -> None:
    opened(api)
    again = sent(api, "/accounts", {"login": "lin", "name": "林晓燕二", "what": "person"})
    assert again.status_code == 409
    assert "该账号已存在" in again.text
    assert Seen(again.text).fields["name"] == "林晓燕二"
    blank = sent(api, "/accounts", {"login": "", "name": "x", "what": "person"})
    assert blank.status_code == 422
    program = sent(api, "/accounts", {"login": "gate", "name": "门禁", "what": "program"})
    assert "<code" not in program.text


def test_nobody_but_a_system_administrator_sees_accounts_nor_gives_himself_a_role(api: ApiClient) -> None:
    path, _ = opened(api)
    for role in (Role.MANAGER, Role.AUDITOR):
        assert api.get(f"{HOME}/accounts", role).status_code == 403
        assert sent(api, path, {"do": "give", "office": "XH", "role": "company"}, role).status_code == 403
    own = f"/accounts/{api.users['XH', SYSTEM]}"
    assert sent(api, own, {"do": "give", "office": "XH", "role": "manager"}).status_code == 409
    assert sent(api, own, {"do": "end"}).status_code == 409
    assert "授予角色" not in api.get(f"{HOME}{own}", SYSTEM).text
    assert api.get(HOME, SYSTEM, follow_redirects=False).headers["location"] == f"{HOME}/accounts"


def clerk(api: ApiClient) -> str:
    """A clerk with a password, logged in."""
    user = api.context.accounts.create("chen", "陈雨晨", PASSWORD)
    api.context.accounts.grant(user, [Grant("XH", Role.ADMINISTRATOR)], by="test")
    assert entered(api, "chen", PASSWORD).status_code == 303
    return user


def mine(api: ApiClient, word: str, said: dict[str, str]) -> Any:
    return api.client.post(f"{HOME}/me/{word}", data=said, follow_redirects=False)


def test_a_person_changes_name_language_and_password(api: ApiClient) -> None:
    user = clerk(api)
    page = Seen(api.client.get(f"{HOME}/me").text)
    assert page.forbidden == []
    assert not codes_in(page) + latin_in(page)
    api.context.accounts.create("other", "陈雨辰", PASSWORD)
    assert "已有同名的人员" in mine(api, "name", {"name": "陈雨辰"}).text
    assert mine(api, "name", {"name": " "}).status_code == 422
    assert mine(api, "name", {"name": "陈晨"}).status_code == 303
    assert "陈晨" in api.client.get(f"{HOME}/XH/today").text
    assert api.context.names.of([user]) == {user: "陈晨"}
    new = "another battery staple"
    assert "不同" in mine(api, "password", {"old": PASSWORD, "new": new, "again": "x"}).text
    assert "原密码不正确" in mine(api, "password", {"old": "wrong", "new": new, "again": new}).text
    changed = mine(api, "password", {"old": PASSWORD, "new": new, "again": new})
    assert changed.headers["location"] == f"{HOME}/login?changed=1"
    assert api.client.get(f"{HOME}/me", follow_redirects=False).status_code == 303
    assert entered(api, "chen", new).status_code == 303


def test_a_log_in_elsewhere_is_ended_and_nobody_elses_is(api: ApiClient) -> None:
    clerk(api)
    elsewhere = api.client.cookies["wuye_session"]
    entered(api, "chen", PASSWORD)
    here = api.client.cookies["wuye_session"]
    text = api.client.get(f"{HOME}/me").text
    handles = re.findall(r'name="session" value="([0-9a-f]+)"', text)
    assert len(handles) == 2
    assert text.count("本机") == 1
    other = next(each for each in handles if each != handles[0])
    assert mine(api, "session", {"session": other}).status_code == 303
    api.client.cookies.set("wuye_session", elsewhere)
    assert api.client.get(f"{HOME}/me", follow_redirects=False).status_code == 303
    api.client.cookies.clear()
    user = api.context.accounts.create("wang", "王朝阳", PASSWORD)
    api.context.accounts.grant(user, [Grant("XH", Role.ADMINISTRATOR)], by="test")
    entered(api, "wang", PASSWORD)
    mine(api, "session", {"session": handles[0]})
    assert mine(api, "session", {"session": "zz"}).status_code == 409
    api.client.cookies.set("wuye_session", here)
    assert api.client.get(f"{HOME}/me", follow_redirects=False).status_code == 200, "nobody ends somebody else's"


def test_a_token_is_revoked_on_the_page_and_whoever_shows_one_changes_nothing_there(api: ApiClient) -> None:
    user = clerk(api)
    token_id, _ = api.context.accounts.make_token(user, "统计", None, for_program=False)
    assert "统计" in api.client.get(f"{HOME}/me").text
    assert mine(api, "token", {"token": token_id}).status_code == 303
    assert "统计" not in api.client.get(f"{HOME}/me").text
    assert mine(api, "nothing", {}).status_code == 404
    assert sent(api, "/me/name", {"name": "程序"}, Role.MANAGER).status_code == 403


def test_who_works_here_is_enrolled_from_the_page_and_his_deputy_stands_there(api: ApiClient) -> None:
    api.headers(Role.MANAGER)
    clerk(api)
    api.client.cookies.clear()
    page = Seen(api.get(f"{HOME}/XH/people", Role.MANAGER).text)
    assert "陈雨晨" in page.text
    assert "系统管理员开立" in page.text
    enrol = next(each for each in page.links if "enrol-staff" in each and api.users["XH", Role.MANAGER] not in each)
    form = Seen(api.get(enrol, Role.MANAGER).text)
    assert form.fields["person"] == "陈雨晨"
    answer = api.ask("POST", enrol.partition("?")[0], Role.MANAGER, data={"person": "陈雨晨"}, follow_redirects=False)
    assert answer.status_code == 303, Seen(answer.text).text
    assert "在岗" in api.get(f"{HOME}/XH/people", Role.MANAGER).text
    assert "登记到岗" not in api.get(f"{HOME}/XH/people", Role.ADMINISTRATOR).text
