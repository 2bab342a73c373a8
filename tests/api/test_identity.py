"""Who may do what: default deny, one office and another, log-in, tokens, and a system administrator without cases."""

from __future__ import annotations

import re
from typing import Any

import psycopg

from api.http.authentication import COOKIE, PUBLIC
from api.identity import Grant
from domain.kernel.people import Role
from tests.api.conftest import PASSWORD, ApiClient
from tests.sampling import some_or_all

VERBS = ("get", "post", "put", "delete", "patch")


def operations(api: ApiClient) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation, with its parameters filled in for office XH."""
    found = []
    for path, verbs in api.app.openapi()["paths"].items():
        filled = path.replace("{office}", "XH")
        filled = re.sub(r"\{\w+\}", "complaint-0", filled)
        found += [(verb.upper(), filled, verbs[verb]) for verb in VERBS if verb in verbs]
    return found


@some_or_all
def test_nobody_gets_past_the_door_on_any_route(api: ApiClient, every: int) -> None:
    wrong: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic eDp5"},
        {"Cookie": f"{COOKIE}=x"},
        {"Authorization": "Bearer "},
        {"Cookie": f"{COOKIE}="},
    ]
    for turn, (verb, path, _) in enumerate(operations(api)):
        if path in PUBLIC:
            continue
        for headers in wrong[turn % every :: every]:  # every route, one way or another
            answer = api.client.request(verb, path, headers=headers, content=b"{")
            assert answer.status_code == 401, (verb, path, headers)
            assert answer.headers["www-authenticate"] == "Bearer"
    assert api.client.get("/nothing/of/the/kind").status_code == 404


def test_an_account_without_roles_sees_no_office_on_any_route(api: ApiClient) -> None:
    user = api.context.accounts.create("nobody", "nobody", None)
    headers = {"Authorization": f"Bearer {api.context.accounts.make_token(user, 't', None, for_program=True)[1]}"}
    for verb, path, _ in operations(api):
        if path.startswith("/offices/XH"):
            answer = api.client.request(verb, path, headers=headers, json={})
            assert answer.status_code in {404, 422}, (verb, path, answer.text)
            assert '"errors"' in answer.text or answer.json()["code"] == "office-unknown"


def test_an_auditor_reads_everything_and_changes_nothing(api: ApiClient) -> None:
    case_id = api.complaint()
    head = api.get("/offices/XH/complaints").json()["as_of"]
    for verb, path, operation in operations(api):
        answer = api.ask(verb, path.replace("complaint-0", case_id), Role.AUDITOR, json={})
        if verb == "GET" and path.startswith("/offices/XH"):
            assert answer.status_code in {200, 404}, (path, answer.text)
        elif operation.get("x-roles") is not None:
            assert answer.status_code in {403, 422}, (verb, path, answer.text)
    with psycopg.connect(api.owner) as owner:
        later = owner.execute("select distinct name from wuye.facts where office = 'XH' and number > %s", [head])
        assert later.fetchall() == [("PersonalDataRead",)]  # the auditor's own readings, and nothing else


def test_log_in_and_out(api: ApiClient) -> None:
    accounts = api.context.accounts
    user = accounts.create("wang", "王", PASSWORD)
    accounts.grant(user, [Grant("XH", Role.ADMINISTRATOR)], by="test")
    assert api.client.post("/login", json={"login": "wang", "password": "wrong"}).status_code == 401
    assert api.client.post("/login", json={"login": "nobody", "password": "wrong"}).status_code == 401
    answer = api.client.post("/login", json={"login": "wang", "password": PASSWORD})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    me = api.client.get("/me").json()
    assert me["grants"] == [{"office": "XH", "role": "administrator", "zh": "管理员"}]
    foreign = api.client.post("/offices/XH/complaints", json={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign-site")
    assert api.client.post("/logout").status_code == 204
    api.client.cookies.set(COOKIE, cookie.split(";")[0].partition("=")[2])
    assert api.client.get("/me").status_code == 401
    api.client.cookies.clear()


def test_guessing_passwords_is_slowed_down(api: ApiClient) -> None:
    api.context.accounts.create("wang", "王", PASSWORD)
    statuses = [
        api.client.post("/login", json={"login": "wang", "password": f"wrong {i}"}).status_code for i in range(9)
    ]
    assert statuses == [401] * 8 + [429]
    assert api.client.post("/login", json={"login": "wang", "password": PASSWORD}).status_code == 429


def test_secrets_are_stored_as_hashes_only(api: ApiClient) -> None:
    import psycopg

    token = api.headers()["Authorization"].removeprefix("Bearer ")
    api.context.accounts.create("wang", "王", PASSWORD)
    with psycopg.connect(api.owner) as connection:
        everything = str(connection.execute("select * from wuye.tokens").fetchall())
        everything += str(connection.execute("select * from wuye.users").fetchall())
    assert token not in everything
    assert PASSWORD not in everything
    assert "$argon2id$" in everything


def test_the_system_administrator_keeps_accounts_but_cannot_become_a_reader(api: ApiClient) -> None:
    root = Role.SYSTEM_ADMINISTRATOR
    made = api.post("/users", {"login": "li", "name": "李", "password": PASSWORD}, root)
    assert made.status_code == 201, made.text
    user = made.json()["user_id"]
    assert api.post("/users", {"login": "li", "name": "又一个"}, root).status_code == 409
    grants = {"grants": [{"office": "XH", "role": "manager"}]}
    assert api.ask("PUT", f"/users/{user}/grants", root, json=grants).status_code == 204
    own = api.users["XH", root]
    refused = api.ask("PUT", f"/users/{own}/grants", root, json=grants)
    assert (refused.status_code, refused.json()["code"]) == (403, "own-grants")
    mixed = {"grants": [{"office": "XH", "role": "manager"}, {"office": "*", "role": "system-administrator"}]}
    assert api.ask("PUT", f"/users/{user}/grants", root, json=mixed).json()["code"] == "roles-incompatible"
    # A person's token would let its maker act as that person.
    assert api.post(f"/users/{user}/tokens", {"name": "t"}, root).status_code == 403
    assert api.get("/users").status_code == 403
    listed = api.get("/users", root)
    assert "argon2" not in listed.text
    assert api.ask("DELETE", f"/users/{user}", root).status_code == 204
    assert api.client.post("/login", json={"login": "li", "password": PASSWORD}).status_code == 401


def test_a_token_ends_when_it_is_revoked(api: ApiClient) -> None:
    made = api.post("/me/tokens", {"name": "导出程序"})
    assert made.status_code == 201, made.text
    headers = {"Authorization": f"Bearer {made.json()['token']}"}
    assert api.client.get("/me", headers=headers).status_code == 200
    assert made.json()["token_id"] in [each["token_id"] for each in api.get("/me/tokens").json()["tokens"]]
    assert api.ask("DELETE", f"/me/tokens/{made.json()['token_id']}").status_code == 204
    assert api.client.get("/me", headers=headers).status_code == 401
    assert api.ask("DELETE", f"/me/tokens/{made.json()['token_id']}").status_code == 404


def test_a_role_in_every_office(api: ApiClient) -> None:
    accounts = api.context.accounts
    user = accounts.create("company", "公司", None)
    accounts.grant(user, [Grant("*", Role.COMPANY)], by="test")
    headers = {"Authorization": f"Bearer {accounts.make_token(user, 't', None, for_program=True)[1]}"}
    for office, status in (("XH", 200), ("YH", 200), ("nowhere", 404)):
        assert api.client.get(f"/offices/{office}/complaints", headers=headers).status_code == status


def test_the_old_password_cannot_be_guessed_by_whoever_holds_a_token(api: ApiClient) -> None:
    user = api.context.accounts.create("wang", "王", PASSWORD)
    _, token = api.context.accounts.make_token(user, "t", None, for_program=False)
    headers = {"Authorization": f"Bearer {token}"}

    def change(old: str) -> int:
        body = {"old": old, "new": "another good password"}
        return int(api.client.put("/me/password", json=body, headers=headers).status_code)

    assert [change(f"wrong {i}") for i in range(9)] == [409] * 8 + [429]
    assert change(PASSWORD) == 429


def test_a_programs_lost_token_is_found_and_ended_by_the_system_administrator(api: ApiClient) -> None:
    root = Role.SYSTEM_ADMINISTRATOR
    user = api.post("/users", {"login": "desk", "name": "前台"}, root).json()["user_id"]
    token = api.post(f"/users/{user}/tokens", {"name": "one"}, root).json()
    headers = {"Authorization": f"Bearer {token['token']}"}
    assert api.client.get("/me", headers=headers).status_code == 200
    listed = api.get(f"/users/{user}/tokens", root).json()["tokens"]
    assert [each["token_id"] for each in listed] == [token["token_id"]]
    assert api.get(f"/users/{user}/tokens").status_code == 403
    own = api.users["XH", root]
    path = f"/users/{user}/tokens/{token['token_id']}"
    assert api.ask("DELETE", path.replace(user, own), root).status_code == 404  # it is not that account's
    assert api.ask("DELETE", path, root).status_code == 204
    assert api.client.get("/me", headers=headers).status_code == 401
    assert api.get("/users/u-nobody/tokens", root).status_code == 404
    assert api.ask("DELETE", f"/users/{user}", root).status_code == 204
    ended = api.post(f"/users/{user}/tokens", {"name": "two"}, root)
    assert (ended.status_code, ended.json()["code"]) == (409, "account-ended")


def test_what_may_be_about_people_is_kept_in_no_cache(api: ApiClient) -> None:
    case_id = api.complaint()
    for path in ("/offices/XH/complaints", f"/offices/XH/complaints/{case_id}", "/offices/XH/complaints?format=csv"):
        assert api.get(path).headers["cache-control"] == "no-store", path
