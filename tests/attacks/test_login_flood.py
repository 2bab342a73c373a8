"""Log-ins as an attacker sends them: too many, too long, all at once, for accounts that exist and that do not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher

from api.http.authentication import COOKIE
from api.http.hashing import HashingExecutor
from api.http.problems import Problem
from api.http.rate_limits import LoginLimits, network_of
from api.identity import Grant
from domain.kernel.people import Role
from tests.api.conftest import PASSWORD, ApiClient
from tests.waiting import PATIENCE


def account(api: ApiClient, login: str = "wang") -> str:
    user = api.context.accounts.create(login, login, PASSWORD)
    api.context.accounts.grant(user, [Grant("XH", Role.ADMINISTRATOR)], by="test")
    return user


def try_in(api: ApiClient, login: str = "wang", password: str = "wrong", cookie: str = "") -> Any:
    """A log-in with these cookies and no others."""
    api.client.cookies.clear()
    headers = {"Cookie": cookie} if cookie else {}
    answer = api.client.post("/login", json={"login": login, "password": password}, headers=headers)
    api.client.cookies.clear()
    return answer


def device_of(answer: Any) -> str:
    """The device's mark that a log-in brought."""
    [mark] = [each for each in answer.headers.get_list("set-cookie") if each.startswith("wuye_device_")]
    assert {"HttpOnly", "Path=/login", "SameSite=strict"} <= {part.strip() for part in mark.split(";")}
    return str(mark.partition(";")[0])


@contextmanager
def busy(hashing: HashingExecutor, places: int) -> Iterator[None]:
    """So many places of the executor are taken until the end of the block."""
    go = threading.Event()
    taken = [hashing.submit(go.wait, PATIENCE / 6) for _ in range(places)]  # a queue that takes more ends the test too
    try:
        yield
    finally:
        go.set()
        for each in taken:
            each.result(10)


def test_a_full_queue_refuses_at_once_and_readers_do_not_notice(api: ApiClient) -> None:
    headers = api.headers()
    hashing = api.context.log_ins.hashing
    with busy(hashing, 2 * hashing.workers):
        for _ in range(20):
            refused = try_in(api)
            assert (refused.status_code, refused.json()["code"]) == (503, "busy")
            assert int(refused.headers["retry-after"]) >= 1
        assert api.client.get("/me", headers=headers).status_code == 200
        assert hashing.taken == 2 * hashing.workers
    assert try_in(api).status_code == 401


@pytest.mark.long
def test_many_wrong_log_ins_at_once_are_all_counted_before_they_are_looked_at(api: ApiClient) -> None:
    account(api)
    with ThreadPoolExecutor(24) as attackers:
        statuses = list(attackers.map(lambda n: try_in(api, password=f"wrong {n}").status_code, range(60)))
    assert set(statuses) <= {401, 429, 503}
    assert statuses.count(401) <= 8
    for _ in range(8):
        try_in(api)
    assert try_in(api, password=PASSWORD).status_code == 429


@pytest.mark.long
def test_nobody_locks_a_person_out_of_an_account_on_his_own_device(api: ApiClient) -> None:
    account(api)
    known = device_of(try_in(api, password=PASSWORD))
    for n in range(400):
        if try_in(api, login=f"nobody {n // 8}").status_code == 429:
            break
    for _ in range(9):
        try_in(api)
    stranger = try_in(api, password=PASSWORD)
    assert stranger.status_code == 429
    assert int(stranger.headers["retry-after"]) > 0
    right = try_in(api, password=PASSWORD, cookie=known)
    assert right.status_code == 200
    assert not [each for each in right.headers.get_list("set-cookie") if each.startswith("wuye_device_")]


@pytest.mark.long
def test_a_stolen_device_guesses_no_faster_than_a_stranger(api: ApiClient) -> None:
    account(api)
    known = device_of(try_in(api, password=PASSWORD))
    statuses = [try_in(api, password=f"wrong {n}", cookie=known).status_code for n in range(10)]
    assert statuses == [401] * 8 + [429] * 2


@pytest.mark.parametrize("change", [lambda mark: mark[:-6] + "AAAA==", lambda mark: mark.replace("=", "=x", 1)])
@pytest.mark.long
def test_a_forged_or_foreign_device_is_a_strangers(api: ApiClient, change: Callable[[str], str]) -> None:
    account(api)
    account(api, "li")
    known = device_of(try_in(api, password=PASSWORD))
    for _ in range(8):
        try_in(api)
    assert try_in(api, password=PASSWORD, cookie=change(known)).status_code == 429
    other = device_of(try_in(api, login="li", password=PASSWORD))
    assert try_in(api, password=PASSWORD, cookie=other).status_code == 429
    assert try_in(api, password=PASSWORD, cookie=f"{other}; {known}").status_code == 200


@pytest.mark.long
def test_an_account_that_does_not_exist_is_answered_alike_and_leaves_no_row(api: ApiClient) -> None:
    account(api)
    ended = api.context.accounts.create("gone", "gone", PASSWORD)
    api.context.accounts.disable(ended)
    api.context.accounts.create("robot", "robot", None)
    answers = [try_in(api, login=login) for login in ("wang", "nobody", "gone", "robot")]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert len({tuple(sorted(set(answer.headers) - {"date"})) for answer in answers}) == 1
    again = [[try_in(api, login=login).status_code for _ in range(8)] for login in ("wang", "nobody")]
    assert again == [[401] * 7 + [429]] * 2
    api.context.log_ins.shutdown()  # what is written down beside the answers stands there now
    with psycopg.connect(api.owner) as connection:
        assert connection.execute("select distinct login from wuye.failed_logins").fetchall() == [("wang",)]


def test_what_was_tried_in_vain_is_told_to_the_person(api: ApiClient) -> None:
    account(api)
    for _ in range(3):
        try_in(api)
    told = {}
    for _ in range(50):  # it is written down beside the answers
        told = try_in(api, password=PASSWORD).json()
        if told["failures"]:
            break
    assert told["failures"] >= 1
    assert told["last_failure_at"] is not None


def test_a_long_body_or_password_is_refused_before_anything_is_looked_up_or_counted(api: ApiClient) -> None:
    account(api)
    body = '{"login": "wang", "password": "' + "x" * 5000 + '"}'
    headers = {"Content-Type": "application/json"}
    for _ in range(40):
        assert api.client.post("/login", content=body, headers=headers).status_code == 413
        assert try_in(api, password="x" * 129).status_code == 422
    pieces = api.client.post("/login", content=iter([body[:3000].encode(), body[3000:].encode()]), headers=headers)
    assert pieces.status_code == 413
    assert try_in(api, password=PASSWORD).status_code == 200


def test_a_new_password_ends_sessions_and_tokens(api: ApiClient) -> None:
    user = account(api)
    root = Role.SYSTEM_ADMINISTRATOR

    def ways_in() -> list[dict[str, str]]:
        session = try_in(api, password=PASSWORD).cookies[COOKIE]
        _, token = api.context.accounts.make_token(user, "t", None, for_program=False)
        return [{"Cookie": f"{COOKIE}={session}"}, {"Authorization": f"Bearer {token}"}]

    def me(headers: dict[str, str]) -> int:
        return int(api.client.get("/me", headers=headers).status_code)

    held = ways_in()
    assert [me(each) for each in held] == [200, 200]
    assert api.ask("PUT", f"/users/{user}/password", root, json={"password": PASSWORD}).status_code == 204
    assert [me(each) for each in held] == [401, 401]
    held = ways_in()
    change = {"old": PASSWORD, "new": "another good password"}
    assert api.client.put("/me/password", json=change, headers=held[1]).status_code == 204
    assert [me(each) for each in held] == [401, 401]
    accounts = api.context.accounts
    assert (accounts.sessions(user), accounts.tokens(user)) == ([], []), "gone, not merely refused by their seals"


def test_an_older_hash_is_made_anew_at_the_next_log_in_and_ends_nothing(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, accounts = account(api), api.context.accounts
    with monkeypatch.context() as before:
        before.setattr("api.identity.HASHER", PasswordHasher())
        accounts.set_password(user, PASSWORD)
    token = accounts.make_token(user, "t", None, for_program=False)[1]
    with psycopg.connect(api.owner, autocommit=True) as connection:
        assert try_in(api, password=PASSWORD).status_code == 200
        row = connection.execute("select password_hash from wuye.users where login = 'wang'").fetchone()
    assert row is not None
    assert row[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert try_in(api, password=PASSWORD).status_code == 200
    me = api.client.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert me.status_code == 200, "the token was made under the same password"


def test_who_hangs_up_frees_no_place() -> None:
    hashing, go = HashingExecutor(1), threading.Event()

    async def impatient() -> None:
        waiting = [asyncio.create_task(hashing.run(go.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(impatient())
    assert hashing.taken >= 1, "what is under way is not undone by hanging up"
    go.set()
    hashing.shutdown()
    assert hashing.taken == 0


def test_a_place_is_kept_for_known_devices() -> None:
    hashing = HashingExecutor(1)
    with busy(hashing, 2):
        with pytest.raises(Problem):
            hashing.submit(int)
        kept = hashing.submit(int, known=True)
        with pytest.raises(Problem):
            hashing.submit(int, known=True)
    assert kept.result(10) == 0


# -- the limits by themselves, with a clock of the test ---------------------------------------------------------------


def refused(limits: LoginLimits, login: str, address: str, device: bytes | None = None) -> int | None:
    """Seconds to wait, or None for an attempt that was counted."""
    try:
        limits.take(login, address, device)
    except Problem as problem:
        return int(problem.headers["Retry-After"])
    return None


def test_limits_by_account_by_address_and_in_all_each_end_after_a_quarter_of_an_hour() -> None:
    now = 0.0
    limits = LoginLimits(of_account=2, of_address=3, in_all=5, now=lambda: now)
    assert [refused(limits, "wang", "192.0.2.1") for _ in range(3)] == [None, None, 900]
    now = 60.0
    assert [refused(limits, "li", "192.0.2.1") for _ in range(2)] == [None, 840], "the address is full"
    assert [refused(limits, login, "192.0.2.2") for login in ("a", "b", "c")] == [None, None, 840], "five in all"
    now = 900.0
    assert refused(limits, "wang", "192.0.2.1") is None
    assert refused(limits, "wang", "192.0.2.1", b"device") is None


def test_an_attempt_taken_back_was_none() -> None:
    limits = LoginLimits(of_account=1, of_address=9, in_all=9, now=lambda: 0.0)
    for _ in range(5):
        limits.take_back(limits.take("wang", "192.0.2.1", None))
    assert refused(limits, "wang", "192.0.2.1") is None
    assert refused(limits, "wang", "192.0.2.1") == 900


def test_the_table_of_attempts_is_bounded_whatever_is_tried() -> None:
    limits = LoginLimits(of_account=8, of_address=100, in_all=300, now=lambda: 0.0)
    for n in range(2_000):
        refused(limits, f"nobody {n}", f"198.51.{n % 250}.{n // 250}")
        refused(limits, "", "", str(n).encode())
    assert len(limits._strangers) == 300
    assert len(limits._devices) == 2_000


def test_several_processes_share_the_limits() -> None:
    limits = LoginLimits(of_account=8, of_address=30, in_all=300, workers=4, now=lambda: 0.0)
    assert [refused(limits, "wang", "192.0.2.1") for _ in range(3)] == [None, None, 900]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unix", "unix"),
        ("", ""),
    ],
)
def test_an_ipv6_network_is_counted_as_one_address(address: str, network: str) -> None:
    assert network_of(address) == network
