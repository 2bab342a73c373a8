"""A case that nobody can read is named by whatever rebuilds registers: by a rebuild, a restore and an upgrade, and by verifying."""

from __future__ import annotations

import json
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

SPOILT = ("XH zzz-1: 第3页起读不出", "XH vacant_home-2: 第4页起读不出")


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


def written(owner: str) -> list[tuple[str, list[str]]]:
    """Which cases stand written as spoilt, and why registers were rebuilt."""
    with psycopg.connect(owner) as connection:
        rows = connection.execute("select reason, what -> 'spoilt' from wuye.mendings where what ? 'spoilt' order by 1")
        return [(reason, [each["case_id"] for each in cases]) for reason, cases in rows]


def test_a_rebuild_names_it(wuye: Wuye, spoilt: Database) -> None:
    told = wuye("rebuild", code=1)
    assert all(each in told for each in SPOILT)
    assert [each["case_id"] for each in json.loads(wuye("rebuild", "--json", code=1))["spoilt"]] == [
        "zzz-1",
        "vacant_home-2",
    ]
    assert written(spoilt.owner)[0] == ("wuye rebuild", ["zzz-1", "vacant_home-2"])


def test_an_upgrade_names_it_and_goes_on(wuye: Wuye, spoilt: Database) -> None:
    with psycopg.connect(spoilt.owner, autocommit=True) as owner:
        owner.execute("update wuye.registers set shape = '' where name = 'complaints'")
    told = wuye("migrate", code=1)
    assert all(each in told for each in SPOILT)
    [(reason, cases)] = written(spoilt.owner)
    assert (reason.startswith("升级 upgrade"), cases) == (True, ["zzz-1", "vacant_home-2"])
    assert "读不出" not in wuye("migrate"), "it was named, and nothing is rebuilt again"
    with psycopg.connect(spoilt.owner, autocommit=True) as owner:
        owner.execute("update wuye.registers set shape = '' where name = 'complaints'")
    listed = wuye("office", "list", "--json")
    assert all(each in listed for each in SPOILT), "whatever command comes first after an update says it"


def test_a_restore_names_it(homes: Callable[[str], Path], wuye: Wuye, spoilt: Database, tmp_path: Path) -> None:
    wuye("backup", str(tmp_path / "backup"))
    carried(homes, "master.key")
    told = wuye("restore", str(tmp_path / "backup"), "--without-erasures", "尚无销毁", code=1)
    assert all(each in told for each in SPOILT)
    assert "zzz-1 自此页起读不出" in wuye("verify", code=1)
    do(OpenHousehold(home="1-102", name="李四"))


def test_verifying_names_it_though_every_page_can_be_read(wuye: Wuye, spoilt: Database) -> None:
    told = wuye("verify", code=1)
    assert "第 4 页 page: vacant_home-2 自此页起读不出，登记簿停在此前（KeyError）" in told
    assert [each["code"] for each in json.loads(wuye("verify", "--json", code=1))[0]["findings"]] == [
        "unreadable",
        "case",
        "case",
    ]
