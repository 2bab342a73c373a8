"""A case that nobody can read is named by whatever rebuilds registers: by a rebuild, a restore and an upgrade, and by verifying."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from domain.residents.household.commands.keeping import OpenHousehold
from tests.attacks.installations import Wuye, carried, do
from tests.attacks.test_poison import RECORD
from tests.conftest import Database

pytestmark = pytest.mark.long
"""Installations of their own."""

SPOILT = ["zzz-1", "vacant_home-2"]


@pytest.fixture
def spoilt(wuye: Wuye, database: Database) -> Database:
    """A book with a page that no program knows, and one that can be read and is of another kind than its case."""
    file = do(OpenHousehold(home="1-101", name="张大山"))
    with psycopg.connect(database.app, autocommit=True) as app:
        [(metadata, state)] = app.execute(
            "select metadata, state from wuye.facts where case_id = %s", [file]
        ).fetchall()
        app.execute(RECORD.encode(), ["zzz-1", "NoSuchEvent", 1, metadata, b"{}"])
        app.execute(RECORD.encode(), ["vacant_home-2", "HouseholdOpened", 1, metadata, state])
    return database


def named(told: str) -> list[str]:
    """The cases of which it is said that they cannot be read to their end."""
    return re.findall(r"XH (\S+): 第\d+页起读不出", told)


def written(owner: str) -> list[tuple[str, list[str]]]:
    """Which cases stand written as spoilt, and why registers were rebuilt."""
    with psycopg.connect(owner) as connection:
        rows = connection.execute("select reason, what -> 'spoilt' from wuye.mendings where what ? 'spoilt' order by 1")
        return [(reason, [each["case_id"] for each in cases]) for reason, cases in rows]


def test_a_rebuild_names_it(wuye: Wuye, spoilt: Database) -> None:
    told = wuye("rebuild", code=1)
    assert named(told) == SPOILT
    assert [each["case_id"] for each in json.loads(wuye("rebuild", "--json", code=1))["spoilt"]] == SPOILT
    assert written(spoilt.owner)[0] == ("wuye rebuild", SPOILT)


def test_an_upgrade_names_it_and_goes_on(wuye: Wuye, spoilt: Database) -> None:
    with psycopg.connect(spoilt.owner, autocommit=True) as owner:
        owner.execute("update wuye.registers set shape = '' where name = 'complaints'")
    told = wuye("migrate", code=1)
    assert named(told) == SPOILT
    [(reason, cases)] = written(spoilt.owner)
    assert (reason.startswith("升级 upgrade"), cases) == (True, SPOILT)
    assert "读不出" not in wuye("migrate"), "it was named, and nothing is rebuilt again"
    with psycopg.connect(spoilt.owner, autocommit=True) as owner:
        owner.execute("update wuye.registers set shape = '' where name = 'complaints'")
    listed = wuye("office", "list", "--json")
    assert named(listed) == SPOILT, "whatever command comes first after an update says it"


def test_a_restore_names_it(homes: Callable[[str], Path], wuye: Wuye, spoilt: Database, tmp_path: Path) -> None:
    wuye("backup", str(tmp_path / "backup"))
    carried(homes, "master.key")
    told = wuye("restore", str(tmp_path / "backup"), "--without-erasures", "尚无销毁", code=1)
    assert named(told) == SPOILT
    assert "zzz-1 自此页起读不出" in wuye("verify", code=1)
    do(OpenHousehold(home="1-102", name="李四"))


def test_verifying_names_it_though_every_page_can_be_read(wuye: Wuye, spoilt: Database) -> None:
    told = wuye("verify", code=1)
    assert "vacant_home-2 自此页起读不出，登记簿停在此前（KeyError）" in told
    assert [each["code"] for each in json.loads(wuye("verify", "--json", code=1))[0]["findings"]] == [
        "unreadable",
        "case",
        "case",
    ]
