"""What a foreign page, a foreign name or a stranger may make this program do: nothing; and what every answer says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.http.authentication import COOKIE, PUBLIC
from api.identity import Grant
from domain.kernel.people import Role
from tests.api.conftest import PASSWORD, Window

GOOD = {"channel": "in-person", "category": "noise", "matter": "楼上噪音", "content": "每晚十点后", "home": "1-101"}
SAID_ALWAYS = {
    "cache-control",
    "x-content-type-options",
    "content-security-policy",
    "referrer-policy",
    "x-frame-options",
}


@pytest.fixture
def session(window: Window) -> dict[str, str]:
    """The cookie of a person who has logged in."""
    user = window.context.accounts.create("wang", "王", PASSWORD)
    window.context.accounts.grant(user, [Grant("XH", Role.ADMINISTRATOR)], by="test")
    answer = window.client.post("/login", json={"login": "wang", "password": PASSWORD})
    window.client.cookies.clear()
    return {"Cookie": f"{COOKIE}={answer.cookies[COOKIE]}"}


def post(window: Window, session: dict[str, str], **headers: str) -> Any:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return window.client.post("/offices/XH/complaints", json=GOOD, headers=session | told)


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8000", "testserver.evil.example", "", "[::1", "localhost."),
        *("testserver:80@evil.example", "testserver:evil", "testserver:8080:9", "::1", "[::1]evil"),
    ],
)
def test_a_host_that_is_not_ours_is_refused_whatever_is_asked(window: Window, host: str) -> None:
    for path in ("/", "/health", "/me", "/nowhere"):
        answer = window.client.get(path, headers=window.headers() | {"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (400, "foreign-host"), path


@pytest.mark.parametrize("host", ["testserver", "TestServer:8080", "localhost:1", "127.0.0.1"])
def test_our_own_names_are_good_with_every_port(window: Window, host: str) -> None:
    assert window.client.get("/health", headers={"Host": host}).status_code == 200


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
    window: Window, session: dict[str, str], origin: str
) -> None:
    before = window.pages()
    for headers in (session, window.headers()):
        answer = post(window, headers, Origin=origin)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign-site")
    log_in = window.client.post("/login", json={"login": "wang", "password": PASSWORD}, headers={"Origin": origin})
    assert log_in.status_code == 403
    assert "set-cookie" not in log_in.headers
    assert window.pages() == before


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_a_change_from_a_foreign_page_is_refused_also_if_its_origin_is_left_out(
    window: Window, session: dict[str, str], site: str
) -> None:
    assert post(window, session, Sec_Fetch_Site=site).status_code == 403


def test_our_own_page_and_programs_without_a_page_are_let_through(window: Window, session: dict[str, str]) -> None:
    assert post(window, session, Origin="http://testserver", Sec_Fetch_Site="same-origin").status_code == 201
    assert post(window, session, Origin="http://testserver:80").status_code == 201
    assert post(window, session, Origin="https://testserver").status_code == 201, "a proxy that ends TLS"
    assert post(window, session).status_code == 201
    read = window.client.get("/offices/XH/complaints", headers=session | {"Origin": "https://evil.example"})
    assert read.status_code == 200
    assert "access-control-allow-origin" not in read.headers, "the browser keeps it from the foreign page"


def test_every_answer_says_that_it_is_kept_nowhere_framed_nowhere_and_what_it_is(window: Window) -> None:
    answers = [
        window.client.get("/"),
        window.client.get("/docs"),
        window.client.get("/openapi.json"),
        window.client.get("/health"),
        window.client.get("/me"),
        window.client.get("/nowhere"),
        window.client.get("/me", headers={"Host": "evil.example"}),
        window.client.post("/login", json={"login": "x", "password": "y"}),
        window.client.post("/login", content="{"),
        window.client.post("/login", content="x" * 5000),
        window.get("/me"),
        window.get("/offices/XH/complaints"),
        window.get("/offices/XH/complaints?format=csv"),
        window.get("/offices/nowhere/complaints"),
        window.ask("PUT", "/offices/XH/complaints"),
        window.post("/offices/XH/complaints", {}),
        window.get("/offices/XH/facts"),
    ]
    assert {answer.status_code for answer in answers} >= {200, 400, 401, 404, 405, 413, 422}
    for answer in answers:
        assert set(answer.headers) >= SAID_ALWAYS, answer.url
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        public = answer.url.path.startswith(("/docs", "/openapi"))  # the program's own documents may be asked for anew
        assert answer.headers["cache-control"] in ({"no-cache", "no-store"} if public else {"no-store"}), answer.url


@pytest.mark.long
def test_every_address_there_is_says_it_whatever_is_asked_of_it_and_has_none_below_it(window: Window) -> None:
    """All of them, asked by a stranger and by a manager, rightly and wrongly; what lies below an address is no address."""
    window.simulated("SIM", "2025-03-03 10:00")
    known = [(path, set(methods)) for path, methods in window.app.openapi()["paths"].items()]
    assert len(known) > 100
    wrong: list[tuple[str, str, int, str]] = []
    for path, methods in known:
        address = path.replace("{office}", "SIM")
        address = re.sub(r"\{\w+\}", "x", address)
        asked = [window.client.request(method.upper(), address) for method in sorted(methods)[:1]]
        asked.append(window.client.request("PATCH", address))
        if "get" in methods:
            asked.append(window.get(address, Role.MANAGER))
        below = window.client.get(f"{address}/y/z/a/b")
        if below.status_code != 404:
            wrong.append((path, "below", below.status_code, ""))
        for answer in (*asked, below):
            missing = SAID_ALWAYS - set(answer.headers)
            policy = answer.headers.get("content-security-policy", "")
            if missing or answer.status_code >= 500 or "default-src" not in policy or "unsafe" in policy:
                wrong.append((path, answer.request.method, answer.status_code, f"{missing} {policy}"))
    assert wrong == []


@pytest.mark.long
def test_a_page_may_load_nothing_but_what_is_served_here(window: Window) -> None:
    page = window.client.get("/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "default-src 'self'" in window.client.get("/me").headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|style=", page.text), "its own policy would stop it"
    for name in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
        assert window.client.get(name).status_code == 200, name


def test_a_stranger_learns_that_an_address_is_none_and_nothing_of_those_that_are(window: Window) -> None:
    case_id = window.complaint()
    for path in ("/favicon.ico", "/robots.txt", "/nothing/of/the/kind", "/offices/XH/registers/x/y", "/wp-login.php"):
        assert window.client.get(path).status_code == 404, path
    for path in (
        "/me",
        "/offices",
        "/offices/XH",
        "/offices/nowhere",
        f"/offices/XH/complaints/{case_id}",
        "/offices/XH/complaints/complaint-0",
        "/offices/XH/registers/complaints",
    ):
        answer = window.client.get(path)
        assert answer.status_code == 401, path
    known = {path for path in window.app.openapi()["paths"] if path not in PUBLIC}
    for path in known:
        assert window.client.get(re.sub(r"\{\w+\}", "x", path)).status_code == 401, path
