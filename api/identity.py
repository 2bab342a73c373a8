"""Who is it 身份: accounts, log-in, sessions, tokens for programs, and roles per office.

Passwords are kept as argon2id, session ids and tokens as SHA-256. A role in ``*`` holds in every office. A system
administrator makes accounts and offices and sees no case; he can neither be given another role beside it nor grant
anything to himself, so that nobody can make himself a reader of residents' files.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, Final

import psycopg
import structlog

from api.account_directory import AccountDirectory
from api.http.hashing import HASHER
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import HANDBOOK_ROLES, KNOWN_ROLES, Role
from domain.residents.household.lifecycle import FILE_READERS
from journal.account_seals import AccountSeals
from journal.confidential import MasterKey
from journal.connections import Connect
from journal.ids import uuid7
from journal.token_seals import Kind

__all__ = ["EVERYWHERE", "READERS", "Accounts", "Grant", "Identities", "Identity"]

EVERYWHERE: Final = "*"
READERS: Final = frozenset({*HANDBOOK_ROLES, Role.AUDITOR})
"""Who reads cases at all."""
PERSONAL_READERS: Final = frozenset(READERS - {Role.COMPANY})
"""Who reads personal data: the company approves sums and needs none."""
PERSONAL_READERS_OF: Final = {
    "household": frozenset({*FILE_READERS, Role.AUDITOR}),
    "bank_line": frozenset({Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR}),
}
"""Kinds of case whose personal data fewer may read: whoever is on shift has no business in the residents' files, nor in
who paid from which account."""

_ORDER: Final = tuple(Role)
_CACHED_FOR: Final = 5.0
_CACHED: Final = 10_000
_LEAST_PASSWORD: Final = 10


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in an office, or in every office (``*``)."""

    office: str
    role: Role


@dataclass(slots=True)
class Identity:
    """Somebody who is logged in, and as what he may act where."""

    user_id: str
    name: str
    grants: tuple[Grant, ...]
    by_session: bool = False
    hashed: bytes = field(default=b"", repr=False)
    """The digest of the cookie or token that was shown: by it a long stream asks again whether it still counts."""
    _roles: dict[str, tuple[Role, ...]] = field(default_factory=dict)

    def roles(self, office: str) -> tuple[Role, ...]:
        """The roles in an office, in the handbook's order."""
        found = self._roles.get(office)
        if found is None:
            held = {grant.role for grant in self.grants if grant.office in (office, EVERYWHERE)}
            found = tuple(role for role in _ORDER if role in held)
            if len(self._roles) < _CACHED:
                self._roles[office] = found
        return found

    def offices(self) -> set[str]:
        """Where he may read cases; may hold ``*``."""
        return {grant.office for grant in self.grants if grant.role in READERS}

    @property
    def is_system_administrator(self) -> bool:
        """Whether he keeps accounts and offices."""
        return any(grant.role is Role.SYSTEM_ADMINISTRATOR for grant in self.grants)


_IDENTITY = """
select u.user_id, u.login, u.password_hash, false, u.seal,
       array_agg(g.office || ' ' || g.role || ' ' || g.granted_by order by g.office, g.role) filter (where g.role is not null),
       u.name, c.seal, c.expires_at
  from wuye.%s c join wuye.users u using (user_id) left join wuye.grants g using (user_id)
 where c.hash = %%s and (c.expires_at is null or c.expires_at > clock_timestamp()) and u.disabled_at is null
 group by u.user_id, c.seal, c.expires_at
"""
_BY: Final[Mapping[Kind, str]] = {"sessions": _IDENTITY % "sessions", "tokens": _IDENTITY % "tokens"}
_log = structlog.get_logger()


class Identities:
    """Finds out who asks, by cookie or token; an answer is remembered for five seconds at most."""

    def __init__(self, connect: Connect, master: MasterKey) -> None:
        """``connect`` lends an autocommit connection; by ``master`` only what the program itself wrote opens anything."""
        self._connect = connect
        self._seals = AccountSeals(master)
        self._known: dict[tuple[bool, bytes], tuple[float, Identity]] = {}

    def remembered(self, secret: str, *, by_session: bool) -> Identity | None:
        """Who it is, if that was asked just now."""
        found = self._known.get((by_session, digest(secret)))
        return found[1] if found is not None and found[0] > monotonic() else None

    def find(self, secret: str, *, by_session: bool) -> Identity | None:
        """Who it is; None for nobody."""
        return self._find(digest(secret), by_session=by_session)

    def again(self, identity: Identity) -> Identity | None:
        """The same caller as he stands now: None once his log-in or token has ended."""
        return self._find(identity.hashed, by_session=identity.by_session)

    def _find(self, hashed: bytes, *, by_session: bool) -> Identity | None:
        kind: Kind = "sessions" if by_session else "tokens"
        with self._connect() as connection:
            row = connection.execute(_BY[kind].encode(), [hashed]).fetchone()
        if row is None or not self._seals.opened_by(kind, hashed, row):
            if row is not None:
                _log.warning("changed beside the program, and refused")
            self._known.pop((by_session, hashed), None)
            return None
        # A role that this version does not know gives nothing here: a newer one has given it.
        held = (text.split(" ", 2) for text in row[5] or ())
        grants = (Grant(office, Role(role)) for office, role, _ in held if role in KNOWN_ROLES)
        identity = Identity(row[0], row[6], tuple(grants), by_session, hashed)
        if len(self._known) >= _CACHED:
            self._known.clear()
        self._known[by_session, hashed] = (monotonic() + _CACHED_FOR, identity)
        return identity

    def forget(self) -> None:
        """Ask the database again from now on: something about accounts has changed."""
        self._known.clear()


def digest(secret: str) -> bytes:
    """What stands in the database for a secret of 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


class Accounts(AccountDirectory):
    """The accounts as the program changes them, for the API and for the command line: whatever counts is sealed."""

    def __init__(self, connect: Connect, master: MasterKey) -> None:
        """Whoever serves others meanwhile makes and changes passwords in the hashing executor. ``master`` seals what is changed."""
        super().__init__(connect)
        self._seals = AccountSeals(master)

    @contextmanager
    def _changing(self, user_id: str, *, anew: bool = False) -> Iterator[psycopg.Connection[Any]]:
        """A transaction in which an account is changed, and sealed again: if its seal was whole, or ``anew``, by the owner's word."""
        with self._connect() as connection, connection.transaction():
            self._of(connection, user_id)
            whole = anew or self._seals.stands(connection, user_id)
            yield connection
            if whole:
                self._seals.seal(connection, user_id)

    def sealed(self, user_id: str) -> bool:
        """Whether an account is as the program left it."""
        with self._connect() as connection:
            return self._seals.stands(connection, user_id)

    def recount(self) -> list[str]:
        """Take the accounts there are for all there are, by the owner's word; returns the ids of those that are gone."""
        with self._connect() as connection:
            return self._seals.recount(connection)

    def log_in(
        self, connection: psycopg.Connection[Any], user_id: str, password_hash: str, secret: str, expires_at: datetime
    ) -> None:
        """A session, in the transaction of whoever has looked at the password."""
        hashed = digest(secret)
        connection.execute(
            "insert into wuye.sessions (hash, user_id, expires_at, seal) values (%s, %s, %s, %s)",
            [hashed, user_id, expires_at, self._seal("sessions", hashed, user_id, expires_at, password_hash)],
        )

    def _seal(self, kind: Kind, *row: Any) -> bytes:
        return self._seals.tokens.of(kind, *row)

    def log_out(self, secret: str) -> None:
        """End a session."""
        with self._connect() as connection:
            connection.execute("delete from wuye.sessions where hash = %s", [digest(secret)])

    def sessions(self, user_id: str) -> list[tuple[bytes, datetime, datetime]]:
        """The log-ins of an account that still count, the newest first: digest, since when, until when."""
        with self._connect() as connection:
            rows = connection.execute(
                "select hash, created_at, expires_at from wuye.sessions"
                " where user_id = %s and expires_at > clock_timestamp() order by created_at desc limit 200",
                [user_id],
            ).fetchall()
        return [(bytes(row[0]), row[1], row[2]) for row in rows]

    def end_session(self, hashed: bytes, *, of: str) -> None:
        """End a log-in of an account by its digest; one that has ended already is ended."""
        with self._connect() as connection:
            connection.execute("delete from wuye.sessions where hash = %s and user_id = %s", [hashed, of])

    # -- accounts ---------------------------------------------------------------------------------------------------

    def rename(self, user_id: str, name: str) -> None:
        """Another display name. Books name people by their ids, and pages say who it is by the name of today.

        Raises RuleBroken for the name of somebody else: forms take people by their names.
        """
        with self._connect() as connection, connection.transaction():
            self._of(connection, user_id)
            taken = connection.execute(
                "select from wuye.users where name = %s and user_id <> %s and disabled_at is null", [name, user_id]
            ).fetchone()
            if taken is not None:
                raise RuleBroken(
                    "name-taken",
                    None,
                    zh="已有同名的人员，请加以区分",
                    en="somebody else bears that name",
                    field="name",
                )
            connection.execute("update wuye.users set name = %s where user_id = %s", [name, user_id])

    def create(self, login: str, name: str, password: str | None, *, user_id: str | None = None) -> str:
        """A new account; without a password it is a program's. Returns its id, drawn here unless it is given."""
        hashed = HASHER.hash(_checked(password)) if password is not None else None
        user_id = user_id or f"u-{uuid7().hex}"
        with self._connect() as connection, connection.transaction():
            made = connection.execute(
                "insert into wuye.users (user_id, login, name, password_hash) values (%s, %s, %s, %s)"
                " on conflict on constraint users_login do nothing returning user_id",
                [user_id, login, name, hashed],
            ).fetchone()
            if made is not None:
                self._seals.seal(connection, user_id)
        if made is None:
            raise RuleBroken("login-taken", None, zh="该账号已存在", en="that account exists already", field="login")
        return user_id

    def set_password(self, user_id: str, password: str) -> None:
        """A new password; every session and token of the account ends: whoever knew the old one is out."""
        hashed = HASHER.hash(_checked(password))
        with self._changing(user_id) as connection:
            connection.execute("update wuye.users set password_hash = %s where user_id = %s", [hashed, user_id])
            connection.execute("delete from wuye.sessions where user_id = %s", [user_id])
            connection.execute("delete from wuye.tokens where user_id = %s", [user_id])

    def password_hash(self, user_id: str) -> str | None:
        """What is stored of an account's password; None for a program's or an unknown account."""
        with self._connect() as connection:
            row = connection.execute("select password_hash from wuye.users where user_id = %s", [user_id]).fetchone()
        return row[0] if row is not None else None

    def rehash(self, user_id: str, stored: str, password: str) -> None:
        """Store the same password under today's parameters, unless it was changed meanwhile."""
        hashed = HASHER.hash(password)
        with self._changing(user_id) as connection:
            if self._of(connection, user_id)[1] == stored:
                self._seals.tokens.follow(connection, user_id, hashed)
            connection.execute(
                "update wuye.users set password_hash = %s where user_id = %s and password_hash = %s",
                [hashed, user_id, stored],
            )

    def disable(self, user_id: str) -> None:
        """The account ends: sessions and tokens with it. What it did stays in the books."""
        with self._changing(user_id) as connection:
            connection.execute(
                "update wuye.users set disabled_at = coalesce(disabled_at, clock_timestamp()) where user_id = %s",
                [user_id],
            )
            connection.execute("delete from wuye.sessions where user_id = %s", [user_id])
            connection.execute("delete from wuye.tokens where user_id = %s", [user_id])

    def grant(self, user_id: str, grants: Iterable[Grant], *, by: str, anew: bool = False) -> None:
        """Replace an account's roles. The roles of the program itself can be held by nobody.

        ``anew``: an account that was changed beside the program is taken as it stands; that is the owner's word.
        """
        wanted = set(grants)
        roles = {grant.role for grant in wanted}
        if user_id == by:
            raise NotPermitted("own-grants", None, zh="不能给自己授权", en="nobody grants roles to himself")
        if not all(role.is_person for role in roles):
            raise RuleBroken("no-such-grant", None, zh="该角色属于系统自身", en="that role is the program's own")
        if Role.SYSTEM_ADMINISTRATOR in roles and len(roles) > 1:
            raise RuleBroken(
                "roles-incompatible",
                None,
                zh="系统管理员不得兼任业务角色",
                en="a system administrator has no other role",
            )
        if Role.AUDITOR in roles and len(roles) > 1:
            raise RuleBroken("roles-incompatible", None, zh="审计不得兼任业务角色", en="an auditor has no other role")
        with self._changing(user_id, anew=anew) as connection:
            given = sorted(wanted, key=lambda g: (g.office, g.role))
            connection.execute(
                "select wuye.set_grants(%s, %s, %s::text[], %s::text[])",
                [user_id, by, [grant.office for grant in given], [str(grant.role) for grant in given]],
            )

    # -- tokens -----------------------------------------------------------------------------------------------------

    def make_token(self, user_id: str, name: str, expires_at: datetime | None, *, for_program: bool) -> tuple[str, str]:
        """A token's id and the token, which is shown this once.

        ``for_program``: somebody else makes it, which is allowed for programs only; a person makes his own.
        """
        secret = f"wuye_{secrets.token_urlsafe(32)}"
        token_id = f"t-{uuid7().hex}"
        with self._connect() as connection, connection.transaction():
            _, password_hash, disabled_at = self._of(connection, user_id)
            if for_program and password_hash is not None:
                raise NotPermitted(
                    "not-a-program", None, zh="只能为程序账号代开令牌", en="only a program's token is made by others"
                )
            if disabled_at is not None:
                raise RuleBroken("account-ended", None, zh="该账号已停用", en="that account has ended")
            hashed = digest(secret)
            seal = self._seal("tokens", hashed, user_id, expires_at, password_hash)
            connection.execute(
                "insert into wuye.tokens (token_id, hash, user_id, name, expires_at, seal) values (%s, %s, %s, %s, %s, %s)",
                [token_id, hashed, user_id, name, expires_at, seal],
            )
        return token_id, secret


def _checked(password: str) -> str:
    if len(password) < _LEAST_PASSWORD:
        raise RuleBroken(
            "password-short",
            None,
            zh=f"密码至少{_LEAST_PASSWORD}位",
            en=f"a password has {_LEAST_PASSWORD} characters",
            field="password",
        )
    return password
