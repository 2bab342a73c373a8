"""Accounts, one's own account, and who works here: everything that wanted the command line before."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.identity import Grant
from domain.kernel.people import Role
from tests.api.conftest import PASSWORD, Window
from tests.console.seen import Seen, codes_in, latin_in

HOME = "/console"
SYSTEM = Role.SYSTEM_ADMINISTRATOR


def sent(window: Window, path: str, said: dict[str, str], role: Role = SYSTEM) -> Any:
    return window.ask("POST", f"{HOME}{path}", role, data=said, follow_redirects=False)


def opened(window: Window, login: str = "lin", name: str = "林晓燕") -> tuple[str, str]:
    """A new account's address and the password that its page showed."""
    answer = sent(window, "/accounts", {"login": login, "name": name, "what": "person"})
    assert answer.status_code == 200, Seen(answer.text).text
    [password] = re.findall(r"<code[^>]*>([^<]+)</code>", answer.text)
    link = next(
        each for each in Seen(window.get(f"{HOME}/accounts?q={login}", SYSTEM).text).links if "/accounts/" in each
    )
    return link.removeprefix(HOME), password


def entered(window: Window, login: str, password: str) -> Any:
    window.client.cookies.clear()
    return window.client.post(
        f"{HOME}/login", data={"login": login, "password": password, "next": HOME}, follow_redirects=False
    )


def test_a_clerk_gets_an_account_a_role_and_a_password_that_is_shown_once(window: Window) -> None:
    path, password = opened(window)
    page = Seen(window.get(f"{HOME}{path}", SYSTEM).text)
    assert password not in page.text
    assert "还没有角色" in page.text
    given = sent(window, path, {"do": "give", "office": "XH", "role": "administrator"})
    assert given.status_code == 303
    page = Seen(window.get(given.headers["location"], SYSTEM).text)
    for words in ("XH小区", "管理员", "已办好"):
        assert words in page.text
    assert not codes_in(page)
    assert entered(window, "lin", password).status_code == 303
    assert "林晓燕" in window.client.get(f"{HOME}/XH/today").text
    assert sent(window, path, {"do": "take", "office": "XH", "role": "administrator"}).status_code == 303
    assert window.client.get(f"{HOME}/XH/today").status_code == 404


def test_a_new_password_ends_the_old_one_and_an_ended_account_stays_out(window: Window) -> None:
    path, old = opened(window)
    answer = sent(window, path, {"do": "password"})
    [new] = re.findall(r"<code[^>]*>([^<]+)</code>", answer.text)
    assert entered(window, "lin", old).status_code == 401
    assert entered(window, "lin", new).status_code == 303
    window.client.cookies.clear()
    assert sent(window, path, {"do": "end"}).status_code == 303
    assert entered(window, "lin", new).status_code == 401
    assert "林晓燕" not in window.get(f"{HOME}/accounts", SYSTEM).text
    assert "林晓燕" in window.get(f"{HOME}/accounts?ended=true", SYSTEM).text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"do": "give", "office": "NO", "role": "manager"}, "没有这个管理处"),
        ({"do": "give", "office": "XH", "role": ""}, "请选择角色"),
        ({"do": "give", "office": "XH", "role": "clock"}, "该角色属于系统自身"),
    ],
)
def test_a_role_that_cannot_be_given_is_refused_in_words(window: Window, said: dict[str, str], words: str) -> None:
    path, _ = opened(window)
    answer = sent(window, path, said)
    assert answer.status_code == 409
    assert words in answer.text


def test_an_account_wants_a_name_and_a_log_in_of_its_own(window: Window) -> None:
    opened(window)
    again = sent(window, "/accounts", {"login": "lin", "name": "林晓燕二", "what": "person"})
    assert again.status_code == 409
    assert "该账号已存在" in again.text
    assert Seen(again.text).fields["name"] == "林晓燕二"
    blank = sent(window, "/accounts", {"login": "", "name": "x", "what": "person"})
    assert blank.status_code == 422
    program = sent(window, "/accounts", {"login": "gate", "name": "门禁", "what": "program"})
    assert "<code" not in program.text


def test_nobody_but_a_system_administrator_sees_accounts_nor_gives_himself_a_role(window: Window) -> None:
    path, _ = opened(window)
    for role in (Role.MANAGER, Role.AUDITOR):
        assert window.get(f"{HOME}/accounts", role).status_code == 403
        assert sent(window, path, {"do": "give", "office": "XH", "role": "company"}, role).status_code == 403
    own = f"/accounts/{window.users['XH', SYSTEM]}"
    assert sent(window, own, {"do": "give", "office": "XH", "role": "manager"}).status_code == 409
    assert sent(window, own, {"do": "end"}).status_code == 409
    assert "授予角色" not in window.get(f"{HOME}{own}", SYSTEM).text
    assert window.get(HOME, SYSTEM, follow_redirects=False).headers["location"] == f"{HOME}/accounts"


def clerk(window: Window) -> str:
    """A clerk with a password, logged in."""
    user = window.context.accounts.create("chen", "陈雨晨", PASSWORD)
    window.context.accounts.grant(user, [Grant("XH", Role.ADMINISTRATOR)], by="test")
    assert entered(window, "chen", PASSWORD).status_code == 303
    return user


def mine(window: Window, word: str, said: dict[str, str]) -> Any:
    return window.client.post(f"{HOME}/me/{word}", data=said, follow_redirects=False)


def test_a_person_changes_name_language_and_password(window: Window) -> None:
    user = clerk(window)
    page = Seen(window.client.get(f"{HOME}/me").text)
    assert page.forbidden == []
    assert not codes_in(page) + latin_in(page)
    window.context.accounts.create("other", "陈雨辰", PASSWORD)
    assert "已有同名的人员" in mine(window, "name", {"name": "陈雨辰"}).text
    assert mine(window, "name", {"name": " "}).status_code == 422
    assert mine(window, "name", {"name": "陈晨"}).status_code == 303
    assert "陈晨" in window.client.get(f"{HOME}/XH/today").text
    assert window.context.names.of([user]) == {user: "陈晨"}
    new = "another battery staple"
    assert "不同" in mine(window, "password", {"old": PASSWORD, "new": new, "again": "x"}).text
    assert "原密码不正确" in mine(window, "password", {"old": "wrong", "new": new, "again": new}).text
    changed = mine(window, "password", {"old": PASSWORD, "new": new, "again": new})
    assert changed.headers["location"] == f"{HOME}/login?changed=1"
    assert window.client.get(f"{HOME}/me", follow_redirects=False).status_code == 303
    assert entered(window, "chen", new).status_code == 303


def test_a_log_in_elsewhere_is_ended_and_nobody_elses_is(window: Window) -> None:
    clerk(window)
    elsewhere = window.client.cookies["wuye_session"]
    entered(window, "chen", PASSWORD)
    here = window.client.cookies["wuye_session"]
    text = window.client.get(f"{HOME}/me").text
    handles = re.findall(r'name="session" value="([0-9a-f]+)"', text)
    assert len(handles) == 2
    assert text.count("本机") == 1
    other = next(each for each in handles if each != handles[0])
    assert mine(window, "session", {"session": other}).status_code == 303
    window.client.cookies.set("wuye_session", elsewhere)
    assert window.client.get(f"{HOME}/me", follow_redirects=False).status_code == 303
    window.client.cookies.clear()
    user = window.context.accounts.create("wang", "王朝阳", PASSWORD)
    window.context.accounts.grant(user, [Grant("XH", Role.ADMINISTRATOR)], by="test")
    entered(window, "wang", PASSWORD)
    mine(window, "session", {"session": handles[0]})
    assert mine(window, "session", {"session": "zz"}).status_code == 409
    window.client.cookies.set("wuye_session", here)
    assert window.client.get(f"{HOME}/me").status_code == 200, "nobody ends somebody else's"


def test_a_token_is_revoked_on_the_page_and_whoever_shows_one_changes_nothing_there(window: Window) -> None:
    user = clerk(window)
    token_id, _ = window.context.accounts.make_token(user, "统计", None, for_program=False)
    assert "统计" in window.client.get(f"{HOME}/me").text
    assert mine(window, "token", {"token": token_id}).status_code == 303
    assert "统计" not in window.client.get(f"{HOME}/me").text
    assert mine(window, "nothing", {}).status_code == 404
    assert sent(window, "/me/name", {"name": "程序"}, Role.MANAGER).status_code == 403


def test_who_works_here_is_enrolled_from_the_page_and_his_deputy_stands_there(window: Window) -> None:
    window.headers(Role.MANAGER)
    clerk(window)
    window.client.cookies.clear()
    page = Seen(window.get(f"{HOME}/XH/people", Role.MANAGER).text)
    assert "陈雨晨" in page.text
    assert "系统管理员开立" in page.text
    enrol = next(each for each in page.links if "enrol-staff" in each and window.users["XH", Role.MANAGER] not in each)
    form = Seen(window.get(enrol, Role.MANAGER).text)
    assert form.fields["person"] == "陈雨晨"
    answer = window.ask(
        "POST", enrol.partition("?")[0], Role.MANAGER, data={"person": "陈雨晨"}, follow_redirects=False
    )
    assert answer.status_code == 303, Seen(answer.text).text
    assert "在岗" in window.get(f"{HOME}/XH/people", Role.MANAGER).text
    assert "登记到岗" not in window.get(f"{HOME}/XH/people", Role.ADMINISTRATOR).text
