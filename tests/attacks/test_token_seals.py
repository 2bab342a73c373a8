"""Log-ins, tokens and accounts that somebody made, prolonged, moved or deleted in the database open nothing, and verifying names them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.identity import Accounts, Grant, Identities, digest
from domain.kernel.people import Role
from journal.account_seals import AccountSeals
from journal.confidential import MasterKey
from journal.key_store import register_master
from tests.conftest import Database

MASTER = MasterKey(b"k" * 32)
LATER = datetime.now(UTC) + timedelta(hours=1)


class Door:
    """Accounts, who may come in by them, and the application's role with a connection of its own."""

    def __init__(self, app: psycopg.Connection[Any]) -> None:
        self.app = app
        self.accounts = Accounts(lambda: nullcontext(app), MASTER)
        self.ids: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        for login, role in (("wang", Role.ADMINISTRATOR), ("li", Role.MANAGER)):
            self.ids[login] = self.accounts.create(login, login, "correct horse")
            self.accounts.grant(self.ids[login], [Grant("XH", role)], by="test")
            self.secrets[login] = self.accounts.make_token(self.ids[login], "t", LATER, for_program=False)[1]
            stored = self.accounts.password_hash(self.ids[login]) or ""
            self.accounts.log_in(app, self.ids[login], stored, f"cookie of {login}", LATER)

    def enters(self, secret: str, *, by_session: bool = False) -> str | None:
        """As whom a secret lets in."""
        found = Identities(lambda: nullcontext(self.app), MASTER).find(secret, by_session=by_session)
        return {user: login for login, user in self.ids.items()}.get(found.user_id) if found is not None else None

    def findings(self) -> list[str]:
        """What verifying names."""
        return [finding.en for finding in AccountSeals(MASTER).findings(self.app)]


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    with psycopg.connect(database.app, autocommit=True) as app:
        yield Door(app)


BESIDE = {
    "a log-in is made": (
        "insert into wuye.sessions (hash, user_id, expires_at) select %(known)s, user_id, %(later)s from wuye.users where login = 'li'",
        True,
        "a log-in of the account li is not as",
    ),
    "a token is made": (
        "insert into wuye.tokens (token_id, hash, user_id, name) select 't-x', %(known)s, user_id, 'x' from wuye.users where login = 'li'",
        False,
        "the token t-x of the account li is not as",
    ),
    "a log-in is made with a seal that was seen": (
        (
            "insert into wuye.sessions (hash, user_id, expires_at, seal) select %(known)s, user_id, expires_at, c.seal"
            " from wuye.sessions c join wuye.users u using (user_id) where login = 'li'"
        ),
        True,
        "a log-in of the account li is not as",
    ),
    "a token is shown as a log-in": (
        (
            "insert into wuye.sessions (hash, user_id, expires_at, seal) select hash, user_id, expires_at, c.seal"
            " from wuye.tokens c join wuye.users u using (user_id) where login = 'wang'"
        ),
        True,
        "a log-in of the account wang is not as",
    ),
}


@pytest.mark.parametrize("what", BESIDE)
def test_who_puts_a_secret_of_his_own_into_the_database_is_nobody(door: Door, what: str) -> None:
    assert (door.enters("cookie of li", by_session=True), door.findings()) == ("li", [])
    statement, by_session, said = BESIDE[what]
    known = door.secrets["wang"]
    if what != "a token is shown as a log-in":
        door.app.execute("delete from wuye.tokens where hash = %s", [digest(known)])
    assert door.app.execute(statement.encode(), {"known": digest(known), "later": LATER}).rowcount == 1
    assert door.enters(known, by_session=by_session) is None
    [named] = door.findings()
    assert named.startswith(said)


MOVED = {
    "is somebody else's": "update wuye.{} set user_id = (select user_id from wuye.users where login = 'li')",
    "counts for longer": "update wuye.{} set expires_at = expires_at + interval '1 microsecond'",
    "has no seal any more": "update wuye.{} set seal = null",
}


@pytest.mark.parametrize("kind", ["sessions", "tokens"])
@pytest.mark.parametrize("what", MOVED)
def test_a_log_in_or_token_that_was_changed_there_opens_nothing(door: Door, kind: str, what: str) -> None:
    secret, by_session = ("cookie of wang", True) if kind == "sessions" else (door.secrets["wang"], False)
    assert door.enters(secret, by_session=by_session) == "wang"
    statement = f"{MOVED[what].format(kind)} where user_id = %s".encode()
    assert door.app.execute(statement, [door.ids["wang"]]).rowcount == 1
    assert door.enters(secret, by_session=by_session) is None
    assert len(door.findings()) == 1


def test_a_programs_token_is_no_other_programs(door: Door) -> None:
    """They have no passwords by which they could be told apart."""
    one, other = (door.accounts.create(name, name, None) for name in ("meters", "bank"))
    door.ids |= {"meters": one, "bank": other}
    token = door.accounts.make_token(one, "t", None, for_program=True)[1]
    assert door.enters(token) == "meters"
    door.app.execute("update wuye.tokens set user_id = %s where user_id = %s", [other, one])
    assert door.enters(token) is None


def test_a_token_counts_for_ever_only_if_the_program_said_so(door: Door) -> None:
    door.app.execute("update wuye.tokens set expires_at = null")
    assert door.enters(door.secrets["wang"]) is None


def test_what_a_new_password_ended_does_not_come_back_with_its_seal(door: Door) -> None:
    [kept] = door.app.execute("select * from wuye.tokens where user_id = %s", [door.ids["wang"]]).fetchall()
    door.accounts.set_password(door.ids["wang"], "another good one")
    marks = ", ".join(["%s"] * len(kept))
    door.app.execute(f"insert into wuye.tokens values ({marks})".encode(), kept)
    assert door.enters(door.secrets["wang"]) is None
    assert len(door.findings()) == 1


ACCOUNTS = {
    "more roles": "select wuye.set_grants(user_id, 'root', '{{*}}', '{{manager}}') from wuye.users where login = 'wang'",
    "another password": "update wuye.users set password_hash = 'x' where login = 'wang'",
    "another log-in": "update wuye.users set login = 'wong' where login = 'wang'",
    "no seal": "update wuye.users set seal = null where login = 'wang'",
}


@pytest.mark.parametrize("what", ACCOUNTS)
def test_an_account_that_was_changed_there_lets_nobody_in(door: Door, what: str) -> None:
    door.app.execute(ACCOUNTS[what].replace("{{", "{").replace("}}", "}").encode())
    assert door.enters(door.secrets["wang"]) is None
    assert door.enters("cookie of wang", by_session=True) is None
    assert door.enters(door.secrets["li"]) == "li"
    door.accounts.grant(door.ids["wang"], [Grant("XH", Role.ADMINISTRATOR)], by="cli", anew=True)
    if what != "another password":  # which ends them
        assert door.enters(door.secrets["wang"]) == "wang"


def test_an_account_that_is_gone_is_named_until_the_owner_takes_it_so(door: Door, database: Database) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("delete from wuye.users where login = 'wang'")
    gone = door.ids["wang"]
    assert door.findings() == [f"the account {gone} is gone"]
    door.accounts.create("new", "new", None)
    assert door.findings() == [f"the account {gone} is gone"], "nothing is forgotten with the next account"
    assert door.accounts.recount() == [gone]
    assert door.findings() == []


@pytest.mark.parametrize(
    "statement",
    [
        "update wuye.account_list set users = array_remove(users, %s)",
        "update wuye.account_list set users = users || '{u-more}' where %s <> ''",
        "delete from wuye.account_list where %s <> ''",
    ],
)
def test_the_list_of_accounts_is_not_shortened_with_them(door: Door, database: Database, statement: str) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("delete from wuye.users where login = 'wang'")
        owner.execute(statement.encode(), [door.ids["wang"]])
    named = "the list of all accounts was changed beside the program"
    assert door.findings() == [named]
    door.accounts.create("new", "new", None)
    assert door.findings() == [named], "a new account makes it no better"


def test_those_of_before_are_sealed_once_and_in_a_home_that_has_done_so_never_again(
    door: Door, database: Database, tmp_path: Path
) -> None:
    seals = AccountSeals(MASTER)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        register_master(owner, MASTER)

        def as_before() -> None:
            owner.execute("update wuye.master_keys set accounts_sealed_at = null, tokens_sealed_at = null")
            for table in ("users", "sessions", "tokens"):
                owner.execute(f"update wuye.{table} set seal = null".encode())
            owner.execute("delete from wuye.account_list")

        as_before()
        assert door.enters(door.secrets["wang"]) is None
        assert seals.begin(owner, tmp_path) == 2
        assert (door.enters(door.secrets["wang"]), door.findings()) == ("wang", [])
        owner.execute("update wuye.users set seal = null")
        (tmp_path / "another").mkdir()
        assert seals.begin(owner, tmp_path / "another") == 0, "nor in another home of the same database"
        as_before()
        assert seals.begin(owner, tmp_path) == 0, "the database may say of itself what it likes"
        assert door.enters(door.secrets["wang"]) is None
