"""Who may say for whom he asks: the reverse proxy that was named, and nobody else. Figures are for this machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.config import ApiSettings
from api.http.application import assemble
from domain.kernel.people import Role
from tests.api.conftest import MASTER, ApiClient

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

WRONG = {"login": "wang", "password": "wrong"}


@pytest.fixture
def behind(api: ApiClient) -> Iterator[TestClient]:
    """The same program behind the proxy 192.0.2.1."""
    settings = ApiSettings(home=Path(), allowed_hosts="testserver", proxies="192.0.2.1", logins_per_address=2)
    app = assemble(settings, connect=api.context.connect, master=MASTER, executor=api.context.executor)
    yield TestClient(app, client=("192.0.2.1", 1), raise_server_exceptions=False)
    app.state.context.log_ins.shutdown()


def statuses(client: TestClient, *said_for: str) -> list[int]:
    return [
        client.post("/login", json=WRONG | {"login": f"n{n}"}, headers={"X-Forwarded-For": each}).status_code
        for n, each in enumerate(said_for)
    ]


@pytest.mark.long
def test_behind_the_proxy_everybody_is_counted_by_his_own_address(behind: TestClient) -> None:
    first, second = "198.51.100.7", "198.51.100.8"
    assert statuses(behind, first, first, first, second, second, second) == [401, 401, 429] * 2


@pytest.mark.long
def test_what_a_stranger_puts_before_the_proxys_word_counts_for_nothing(behind: TestClient) -> None:
    assert statuses(behind, *(f"203.0.113.{n}, 198.51.100.7" for n in range(3))) == [401, 401, 429]


def test_nobody_else_can_say_that_he_is_somebody_else(api: ApiClient) -> None:
    api.context.log_ins.limits._of_address = 2
    assert statuses(api.client, *(f"198.51.100.{n}" for n in range(3))) == [401, 401, 429]


@pytest.mark.long
def test_behind_the_proxy_that_ends_tls_the_page_is_one_of_https(behind: TestClient) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7", "Origin": "http://testserver"}
    assert behind.post("/login", json=WRONG, headers=headers).status_code == 403
    assert behind.post("/login", json=WRONG, headers=headers | {"Origin": "https://testserver"}).status_code == 401


def test_figures_are_shown_on_this_machine_and_to_whoever_is_known(api: ApiClient) -> None:
    here = TestClient(api.app, client=("127.0.0.1", 1))
    api.complaint()
    api.post("/offices/XH/complaints", {})
    shown = here.get("/metrics", headers={"Host": "localhost"})
    assert shown.status_code == 200
    for line in (
        'wuye_commands_total{command="register-complaint"} ',
        'wuye_refusals_total{code="malformed"} ',
        "wuye_deadlines_open ",
        "wuye_deadlines_lag_seconds ",
        "wuye_deadlines_parked ",
        "wuye_leases ",
        'wuye_answers_total{status="201"} ',
        "wuye_streams ",
    ):
        assert line in shown.text, line
    assert "XH" not in shown.text
    for name in ("X-Forwarded-For", "Forwarded"):
        assert here.get("/metrics", headers={"Host": "localhost", name: "for=198.51.100.7"}).status_code == 401
    assert api.client.get("/metrics").status_code == 401
    assert api.get("/metrics", Role.SYSTEM_ADMINISTRATOR).status_code == 200


def test_whoever_is_about_to_stop_is_not_ready(api: ApiClient) -> None:
    assert api.client.get("/ready").json() == {"ready": True}
    api.context.closing.set()
    answer = api.client.get("/ready")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "stopping", "5")


@pytest.mark.parametrize("host", ["127.0.0.1:8080", pytest.param("[::1]:8080", marks=pytest.mark.long)])
def test_a_health_check_on_the_machine_needs_no_host_name_and_nobody_else_can_use_its_own(
    api: ApiClient, host: str
) -> None:
    """As the container's check and the operator's ``curl`` ask, beside the proxy."""
    settings = ApiSettings(home=Path(), allowed_hosts="wuye.example.cn", proxies="127.0.0.1")
    app = assemble(settings, connect=api.context.connect, master=MASTER, executor=api.context.executor)
    try:
        here, away = (
            TestClient(app, client=(client, 1), raise_server_exceptions=False) for client in ("127.0.0.1", "192.0.2.9")
        )
        for path in ("/ready", "/metrics"):
            assert here.get(path, headers={"Host": host}).status_code == 200
            sent_on = {"Host": host, "X-Forwarded-For": "192.0.2.9"}
            assert here.get(path, headers=sent_on).json()["code"] == "foreign-host"
            assert here.get(path, headers={"Host": "rebound.example:8080"}).json()["code"] == "foreign-host"
            assert away.get(path, headers={"Host": host}).json()["code"] == "foreign-host"
    finally:
        app.state.context.log_ins.shutdown()
