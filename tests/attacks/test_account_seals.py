"""Accounts that somebody changed beside the program: no fact tells of them, and verifying finds them by their seals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from api.identity import Accounts, Grant
from api.runtime import open_runtime
from domain.kernel.people import Role
from journal.account_seals import AccountSeals
from journal.confidential import MasterKey
from journal.key_rotation import rotate
from tests.attacks.installations import Wuye
from tests.conftest import Database

pytestmark = pytest.mark.long
"""Each is several programs, one after the other."""

Owner = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def home(homes: Callable[[str], Path], wuye: Wuye) -> Path:
    """An office with a manager and a clerk, a robot, and somebody who has left."""
    with open_runtime() as runtime:
        accounts = Accounts(runtime.pool.connection, runtime.master)
        for login, role in (("wang", Role.ADMINISTRATOR), ("li", Role.MANAGER)):
            accounts.grant(accounts.create(login, login, "correct horse"), [Grant("*", role)], by="test")
        accounts.create("robot", "robot", None)
        accounts.disable(accounts.create("gone", "gone", "correct horse"))
    return homes("first")


@pytest.fixture
def owner(database: Database, home: Path) -> Iterator[Owner]:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        yield connection


def found(owner: Owner, home: Path) -> list[str]:
    """The accounts that are named, in both languages."""
    findings = list(AccountSeals(MasterKey.load(home)).findings(owner))
    assert {finding.code for finding in findings} <= {"account"}
    return [finding.en.split(" are not ")[0].rpartition(" ")[2] for finding in findings]


CHANGED = {
    "a role is given": (
        "robot",
        "insert into wuye.grants select user_id, '*', 'manager', 'x' from wuye.users where login = 'robot'",
    ),
    "a role is another": ("wang", "update wuye.grants set role = 'company' where role = 'administrator'"),
    "a role is taken": ("li", "delete from wuye.grants where role = 'manager'"),
    "a role holds elsewhere": ("li", "update wuye.grants set office = 'XH' where role = 'manager'"),
    "a role is said to be somebody else's word": (
        "li",
        "update wuye.grants set granted_by = 'root' where role = 'manager'",
    ),
    "a password is another's": (
        "li",
        "update wuye.users set password_hash = (select password_hash from wuye.users where login = 'wang') where login = 'li'",
    ),
    "a program is given a password": ("robot", "update wuye.users set password_hash = 'x' where login = 'robot'"),
    "an account is called by another's log-in": ("lee", "update wuye.users set login = 'lee' where login = 'li'"),
    "who was dismissed is back": ("gone", "update wuye.users set disabled_at = null where login = 'gone'"),
    "an account is made": ("new", "insert into wuye.users (user_id, login, name) values ('u-x', 'new', 'x')"),
    "a seal is taken off": ("wang", "update wuye.users set seal = null where login = 'wang'"),
    "a seal is another's": (
        "wang",
        "update wuye.users set seal = (select seal from wuye.users where login = 'li') where login = 'wang'",
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_an_account_that_was_changed_beside_the_program_is_named(owner: Owner, home: Path, what: str) -> None:
    assert found(owner, home) == []
    login, statement = CHANGED[what]
    assert owner.execute(statement.encode()).rowcount == 1
    assert found(owner, home) == [login]


def test_whatever_the_program_changes_it_seals_and_it_seals_nothing_that_others_changed(
    owner: Owner, home: Path
) -> None:
    with open_runtime() as runtime:
        accounts = Accounts(runtime.pool.connection, runtime.master)
        ids = {str(user["login"]): str(user["user_id"]) for user in accounts.all()}
        for _ in range(2):  # a second time beside somebody's own change
            accounts.set_password(ids["wang"], "another good one")
            accounts.rehash(ids["wang"], accounts.password_hash(ids["wang"]) or "", "another good one")
            accounts.grant(ids["wang"], [Grant("*", Role.ASSISTANT)], by="test")
            accounts.rename(ids["wang"], "王")
            accounts.disable(ids["li"])
            assert found(owner, home) == []
            owner.execute("update wuye.users set disabled_at = null where login = 'li'")
            accounts.set_password(ids["li"], "another good one")
            assert found(owner, home) == ["li"], "by a new password nobody's roles are taken for right"
            accounts.disable(ids["li"])
    assert rotate(owner, home).broken == 0
    assert found(owner, home) == []


def test_what_an_older_program_changes_meanwhile_is_named_until_its_roles_are_set_anew(
    owner: Owner, home: Path
) -> None:
    with open_runtime() as runtime:
        newer = Accounts(runtime.pool.connection, runtime.master)
        [user] = [str(user["user_id"]) for user in newer.all() if user["login"] == "wang"]
        with runtime.pool.connection() as older:
            older.execute("select wuye.set_grants(%s, 'test', '{*}', '{assistant}')", [user])
        assert found(owner, home) == ["wang"]
        newer.grant(user, [Grant("*", Role.ASSISTANT)], by="test", anew=True)
        assert found(owner, home) == []


def test_accounts_of_before_are_sealed_once(owner: Owner, home: Path) -> None:
    owner.execute("update wuye.users set seal = null")
    owner.execute("update wuye.master_keys set accounts_sealed_at = null")
    (home / "seals.begun").unlink()
    with open_runtime() as runtime:
        assert runtime.master.id
    assert found(owner, home) == []
    owner.execute("update wuye.users set seal = null where login = 'wang'")
    with open_runtime() as runtime:
        assert runtime.master.id
    assert found(owner, home) == ["wang"]


def test_verify_names_it_and_the_owners_word_takes_it_as_it_stands_and_is_written_down(
    wuye: Wuye, owner: Owner, home: Path
) -> None:
    assert "完好 intact" in wuye("verify")
    owner.execute("update wuye.grants set role = 'company' where role = 'administrator'")
    said = json.loads(wuye("verify", "--json", code=1))
    assert [(each["code"], "wang" in each["zh"]) for verdict in said for each in verdict["findings"]] == [
        ("account", True)
    ]
    assert "按现状封记" in wuye("user", "grant", "wang", "*:administrator")
    assert "完好 intact" in wuye("verify")
    [(reason,)] = owner.execute("select reason from wuye.mendings").fetchall()
    assert "wang" in str(reason)
    assert "按现状封记" not in wuye("user", "grant", "wang", "*:assistant")
