"""What a foreign page, a foreign name or a stranger may make this program do: nothing; and what every answer says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.http.authentication import COOKIE, PUBLIC
from api.identity import Grant
from domain.kernel.people import Role
from tests.api.conftest import PASSWORD, ApiClient

GOOD = {"channel": "in-person", "category": "noise", "matter": "楼上噪音", "content": "每晚十点后", "home": "1-101"}
SAID_ALWAYS = {
    "cache-control",
    "x-content-type-options",
    "content-security-policy",
    "referrer-policy",
    "x-frame-options",
}


@pytest.fixture
def session(api: ApiClient) -> dict[str, str]:
    """The cookie of a person who has logged in."""
    user = api.context.accounts.create("wang", "王", PASSWORD)
    api.context.accounts.grant(user, [Grant("XH", Role.ADMINISTRATOR)], by="test")
    answer = api.client.post("/login", json={"login": "wang", "password": PASSWORD})
    api.client.cookies.clear()
    return {"Cookie": f"{COOKIE}={answer.cookies[COOKIE]}"}


def post(api: ApiClient, session: dict[str, str], **headers: str) -> Any:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.client.post("/offices/XH/complaints", json=GOOD, headers=session | told)


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8000", "testserver.evil.example", "", "[::1", "localhost."),
        *("testserver:80@evil.example", "testserver:evil", "testserver:8080:9", "::1", "[::1]evil"),
    ],
)
def test_a_host_that_is_not_ours_is_refused_whatever_is_asked(api: ApiClient, host: str) -> None:
    for path in ("/", "/health", "/me", "/nowhere"):
        answer = api.client.get(path, headers=api.headers() | {"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (400, "foreign-host"), path


@pytest.mark.parametrize("host", ["testserver", "TestServer:8080", "localhost:1", "127.0.0.1"])
def test_our_own_names_are_good_with_every_port(api: ApiClient, host: str) -> None:
    assert api.client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://testserver.evil.example",
        "http://testserver:81",
        "null",
        "file://",
        "http://testserver@evil.example",
        "ftp://testserver",
        "http://[",
        "",
    ],
)
def test_a_change_from_a_foreign_page_is_refused_also_by_browsers_that_say_only_the_origin(
    api: ApiClient, session: dict[str, str], origin: str
) -> None:
    before = api.pages()
    for headers in (session, api.headers()):
        answer = post(api, headers, Origin=origin)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign-site")
    log_in = api.client.post("/login", json={"login": "wang", "password": PASSWORD}, headers={"Origin": origin})
    assert log_in.status_code == 403
    assert "set-cookie" not in log_in.headers
    assert api.pages() == before


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_a_change_from_a_foreign_page_is_refused_also_if_its_origin_is_left_out(
    api: ApiClient, session: dict[str, str], site: str
) -> None:
    assert post(api, session, Sec_Fetch_Site=site).status_code == 403


def test_our_own_page_and_programs_without_a_page_are_let_through(api: ApiClient, session: dict[str, str]) -> None:
    assert post(api, session, Origin="http://testserver", Sec_Fetch_Site="same-origin").status_code == 201
    assert post(api, session, Origin="http://testserver:80").status_code == 201
    assert post(api, session, Origin="https://testserver").status_code == 201, "a proxy that ends TLS"
    assert post(api, session).status_code == 201
    read = api.client.get("/offices/XH/complaints", headers=session | {"Origin": "https://evil.example"})
    assert read.status_code == 200
    assert "access-control-allow-origin" not in read.headers, "the browser keeps it from the foreign page"


def test_every_answer_says_that_it_is_kept_nowhere_framed_nowhere_and_what_it_is(api: ApiClient) -> None:
    answers = [
        api.client.get("/"),
        api.client.get("/docs"),
        api.client.get("/openapi.json"),
        api.client.get("/health"),
        api.client.get("/me"),
        api.client.get("/nowhere"),
        api.client.get("/me", headers={"Host": "evil.example"}),
        api.client.post("/login", json={"login": "x", "password": "y"}),
        api.client.post("/login", content="{"),
        api.client.post("/login", content="x" * 5000),
        api.get("/me"),
        api.get("/offices/XH/complaints"),
        api.get("/offices/XH/complaints?format=csv"),
        api.get("/offices/nowhere/complaints"),
        api.ask("PUT", "/offices/XH/complaints"),
        api.post("/offices/XH/complaints", {}),
        api.get("/offices/XH/facts"),
    ]
    assert {answer.status_code for answer in answers} >= {200, 400, 401, 404, 405, 413, 422}
    for answer in answers:
        assert set(answer.headers) >= SAID_ALWAYS, answer.url
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        public = answer.url.path.startswith(("/docs", "/openapi"))  # the program's own documents may be asked for anew
        assert answer.headers["cache-control"] in ({"no-cache", "no-store"} if public else {"no-store"}), answer.url


@pytest.mark.long
def test_every_address_there_is_says_it_whatever_is_asked_of_it_and_has_none_below_it(api: ApiClient) -> None:
    """All of them, asked by a stranger and by a manager, rightly and wrongly; what lies below an address is no address."""
    api.simulated("SIM", "2025-03-03 10:00")
    known = [(path, set(methods)) for path, methods in api.app.openapi()["paths"].items()]
    assert len(known) > 100
    wrong: list[tuple[str, str, int, str]] = []
    for path, methods in known:
        address = path.replace("{office}", "SIM")
        address = re.sub(r"\{\w+\}", "x", address)
        asked = [api.client.request(method.upper(), address) for method in sorted(methods)[:1]]
        asked.append(api.client.request("PATCH", address))
        if "get" in methods:
            asked.append(api.get(address, Role.MANAGER))
        below = api.client.get(f"{address}/y/z/a/b")
        if below.status_code != 404:
            wrong.append((path, "below", below.status_code, ""))
        for answer in (*asked, below):
            missing = SAID_ALWAYS - set(answer.headers)
            policy = answer.headers.get("content-security-policy", "")
            if missing or answer.status_code >= 500 or "default-src" not in policy or "unsafe" in policy:
                wrong.append((path, answer.request.method, answer.status_code, f"{missing} {policy}"))
    assert wrong == []


@pytest.mark.long
def test_a_page_may_load_nothing_but_what_is_served_here(api: ApiClient) -> None:
    page = api.client.get("/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "default-src 'self'" in api.client.get("/me").headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|style=", page.text), "its own policy would stop it"
    for name in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
        assert api.client.get(name).status_code == 200, name


def test_a_stranger_learns_that_an_address_is_none_and_nothing_of_those_that_are(api: ApiClient) -> None:
    case_id = api.complaint()
    for path in ("/favicon.ico", "/robots.txt", "/nothing/of/the/kind", "/offices/XH/registers/x/y", "/wp-login.php"):
        assert api.client.get(path).status_code == 404, path
    for path in (
        "/me",
        "/offices",
        "/offices/XH",
        "/offices/nowhere",
        f"/offices/XH/complaints/{case_id}",
        "/offices/XH/complaints/complaint-0",
        "/offices/XH/registers/complaints",
    ):
        answer = api.client.get(path)
        assert answer.status_code == 401, path
    known = {path for path in api.app.openapi()["paths"] if path not in PUBLIC}
    for path in known:
        assert api.client.get(re.sub(r"\{\w+\}", "x", path)).status_code == 401, path
