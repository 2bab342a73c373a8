"""A line of the log is written whole: whatever else writes at the same time, in this process or another, stands on its own line."""

from __future__ import annotations

import json
import logging
import sys

import pytest
import structlog

from tests.api.conftest import ApiClient
from tests.attacks.conftest import as_served
from tests.attacks.sockets import head, opened, served, slurp


class _Written:
    """Standard error that keeps what it is given, write by write."""

    def __init__(self) -> None:
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes.append(text)
        return len(text)

    def flush(self) -> None:
        """There is nothing to wait for."""


@pytest.mark.usefixtures("logged")
def test_each_line_of_the_log_is_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    written = _Written()
    monkeypatch.setattr(sys, "stderr", written)
    structlog.get_logger().info("the embedded database is gone", pid=1)
    logging.getLogger("uvicorn.error").warning("a worker has ended")
    assert [json.loads(each)["event"] for each in written.writes] == [
        "the embedded database is gone",
        "a worker has ended",
    ]
    assert all(each.endswith("\n") for each in written.writes)


@pytest.mark.parametrize("name", ["uvicorn", "uvicorn.error", "uvicorn.access"])
def test_who_configured_a_logger_before_hides_no_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger(name)
    logger.setLevel(logging.CRITICAL)
    logger.propagate, logger.disabled = False, True
    with as_served():
        logger.warning("a worker has ended")
    assert json.loads(capsys.readouterr().err)["event"] == "a worker has ended"


@pytest.mark.long
def test_what_strangers_send_writes_no_line(api: ApiClient, capsys: pytest.CaptureFixture[str]) -> None:
    """They would fill the disk."""
    upgrade = head("GET", "/health", Connection="Upgrade, close", Upgrade="websocket", Sec_WebSocket_Key="eA==")
    with served(api) as port:
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        for sent in (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/x\r\n\r\n"):
            assert slurp(opened(port, sent))[9:12] == b"400"
        with opened(port, upgrade) as asking:
            assert asking.recv(65536)[9:12] == b"200"
    assert capsys.readouterr().err == ""
