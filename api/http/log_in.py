"""Log-in 登录: counted first, refused at once where it is too much, and looked at where no reader has to wait for it.

What is looked up, hashed and written happens in the hashing executor; the event loop only counts. An account that does
not exist, one that has ended and a wrong password are answered alike and after the same work; what was refused is
written down for the person afterwards, beside the answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

import psycopg
import structlog
from argon2.exceptions import InvalidHashError, VerificationError

from api.http.early_refusals import TOLD, TurnedAway
from api.http.hashing import HASHER, HashingExecutor
from api.http.metrics import LOG_INS
from api.http.problems import Problem, plain
from api.http.protocol import REST
from api.http.rate_limits import LoginLimits
from api.identity import Accounts
from domain.kernel.errors import RuleBroken
from journal.connections import Connect

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Message, Scope

    from api.http.devices import Device, DeviceCookies
    from api.http.pipeline import Exchange

__all__ = ["LOGIN_PAGE", "LOGIN_PATH", "LogIns", "LoggedIn", "LoginGate"]

LOGIN_PATH: Final = "/login"
LOGIN_PAGE: Final = "/console/login"
"""Where a browser logs in; the same gate stands before both."""
_TOLD_FOR: Final = timedelta(days=30)
_MOST_NOTES: Final = 100
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session, and what was tried in vain since the account's last one."""

    secret: str
    user_id: str
    expires_at: datetime
    failures: int
    last_failure_at: datetime | None


@cache
def _nobodys_password() -> str:
    """The hash that a guess at an account which does not exist is compared with: nobody knows the password."""
    return HASHER.hash(secrets.token_urlsafe(16))


class LogIns:
    """Log-ins and changed passwords, within the limits."""

    def __init__(
        self,
        connect: Connect,
        accounts: Accounts,
        hashing: HashingExecutor,
        limits: LoginLimits,
        devices: DeviceCookies,
        now: Callable[[], datetime],
    ) -> None:
        """``connect`` lends an autocommit connection to the hashing threads, each for a moment."""
        self._connect, self._accounts = connect, accounts
        self.hashing, self.limits, self.devices = hashing, limits, devices
        self.now = now
        self.turned_away = TurnedAway()
        self._nobody = _nobodys_password()
        self._notes = ThreadPoolExecutor(1, "log-in notes")
        self._waiting = 0

    async def log_in(
        self, login: str, password: str, lasting: timedelta, *, address: str, devices: tuple[Device, ...]
    ) -> LoggedIn:
        """A new session. Raises :class:`~api.problems.Problem` 401, 429 or 503."""
        known = next((device for device in devices if device.used_for(login)), None)
        attempt = self.limits.take(login, address, known.number if known is not None else None)
        try:
            done = await self.hashing.run(self._checked, login, password, lasting, known=known is not None)
        except (Problem, psycopg.Error):  # the password was not looked at: no guess was made
            self.limits.take_back(attempt)
            raise
        LOG_INS.labels("done" if isinstance(done, LoggedIn) else "wrong").inc()
        if isinstance(done, LoggedIn):
            self.limits.take_back(attempt)
            return done
        if done is not None:
            self._write_down(done)
        raise Problem(401, "wrong-login", "账号或密码不正确", "the account or the password is wrong")

    async def change_password(self, user_id: str, old: str, new: str, *, address: str) -> None:
        """A person changes his own password and shows the old one; guesses are counted by themselves."""
        attempt = self.limits.take("", address, user_id.encode())
        try:
            done = await self.hashing.run(self._changed, user_id, old, new, known=True)
        except (Problem, psycopg.Error):
            self.limits.take_back(attempt)
            raise
        if not done:
            raise RuleBroken("wrong-password", None, zh="原密码不正确", en="the old password is wrong", field="old")
        self.limits.take_back(attempt)

    def shutdown(self) -> None:
        """End when what is in hand is done."""
        self.hashing.shutdown()
        self._notes.shutdown()

    # -- in the hashing threads -------------------------------------------------------------------------------------

    def _checked(self, login: str, password: str, lasting: timedelta) -> LoggedIn | str | None:
        """The session; else the log-in of the account whose password was wrong, or None where there is none."""
        while True:
            with self._connect() as connection:
                row = connection.execute(
                    "select user_id, password_hash from wuye.users where login = %s and disabled_at is null", [login]
                ).fetchone()
            stored = row[1] if row is not None else None
            right = _verified(stored or self._nobody, password)
            if row is None or stored is None or not right:
                return login if stored is not None else None
            if not self._accounts.sealed(row[0]):
                _log.warning("changed beside the program, and refused", what="account")
                return login
            done = self._session(login, row[0], stored, lasting)
            if done is None:
                continue  # the account's password was changed, or hashed anew, while this one was looked at
            if HASHER.check_needs_rehash(stored):
                self._accounts.rehash(row[0], stored, password)
            return done

    def _session(self, login: str, user_id: str, stored: str, lasting: timedelta) -> LoggedIn | None:
        """A new session of an account whose password still is the one that was looked at."""
        secret, expires_at = secrets.token_urlsafe(32), self.now() + lasting
        with self._connect() as connection, connection.transaction():
            unchanged = connection.execute(
                "select from wuye.users where user_id = %s and password_hash = %s and disabled_at is null for share",
                [user_id, stored],
            ).fetchone()
            if unchanged is None:
                return None
            failed = connection.execute(
                "with gone as (delete from wuye.failed_logins where login = %s returning at)"
                " select count(*), max(at) from gone",
                [login],
            ).fetchone()
            assert failed is not None
            connection.execute("delete from wuye.sessions where expires_at < clock_timestamp()")
            self._accounts.log_in(connection, user_id, stored, secret, expires_at)
        return LoggedIn(secret, user_id, expires_at, failed[0], failed[1])

    def _changed(self, user_id: str, old: str, new: str) -> bool:
        stored = self._accounts.password_hash(user_id)
        if stored is None or not _verified(stored, old):
            return False
        self._accounts.set_password(user_id, new)
        return True

    # -- beside the answer ------------------------------------------------------------------------------------------

    def _write_down(self, login: str) -> None:
        """Tell the account's owner later. A flood that writes faster than the database takes it is counted no further."""
        if self._waiting < _MOST_NOTES:
            self._waiting += 1
            self._notes.submit(self._note, login)

    def _note(self, login: str) -> None:
        try:
            with self._connect() as connection:
                connection.execute("delete from wuye.failed_logins where at < clock_timestamp() - %s", [_TOLD_FOR])
                connection.execute("insert into wuye.failed_logins (login) values (%s)", [login])
        except Exception as error:  # noqa: BLE001 -- the answer was given; an outage is said where it is noticed
            _log.warning("failed log-in not noted", error=type(error).__name__)
        finally:
            self._waiting -= 1


def _verified(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _rest(scope: Scope, turned_away: TurnedAway) -> None:
    """Whoever asks again at once is not heard; but a proxy's connection is everybody's, and its next request is somebody else's."""
    connection = scope.get("wuye.connection")
    if connection is not None and connection.client == scope["client"]:
        connection.rest(REST)
        connection.turns_away(turned_away)


class LoginGate:
    """Refuses a stranger's log-in that is too much before anything of it is read."""

    def __init__(self, log_ins: LogIns) -> None:
        """``log_ins`` know who may try now."""
        self._log_ins = log_ins

    async def __call__(self, exchange: Exchange) -> Response | None:
        """Let everything go on that is no log-in of a stranger."""
        scope, send = exchange.scope, exchange.send
        if scope["path"] not in (LOGIN_PATH, LOGIN_PAGE) or scope["method"] != "POST":
            return None

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (429, 503):
                _rest(scope, log_ins.turned_away)
                if not known and message["status"] == 429:
                    log_ins.turned_away.refused(address)
            await send(message)

        exchange.send = sending
        log_ins, address = self._log_ins, scope["client"][0] if scope["client"] else ""
        cookies = "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
        known = log_ins.devices.read(cookies, log_ins.now())
        if not known:
            if log_ins.turned_away.of(address) is not None:
                return plain(429, TOLD)
            try:
                log_ins.limits.stranger(address)
                log_ins.hashing.check()
            except Problem as refused:
                return plain(refused.status, refused.headers)
        return None
