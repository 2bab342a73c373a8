"""Told over HTTP: whoever calls is found by name, pinyin, initials, telephone or room, though all of it stands sealed."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from domain.kernel.people import Role
from journal.confidential import ERASED
from projections.engine.rebuild import rebuild
from projections.engine.search import rebuild_search
from projections.registers.index import REGISTERS
from tests.api.conftest import MASTER, ApiClient
from tests.database_dump import dump
from tests.office_rig import erase

GUARD, MANAGER, COMPANY = Role.DUTY_OFFICER, Role.MANAGER, Role.COMPANY
WANG, SHAN, SMITH = ("王小明", "13800135790"), ("单雪", "021-5555 6677"), ("John Smith", "+86 139 0013 5791")


@pytest.fixture
def lives(api: ApiClient) -> dict[str, str]:
    """Three households and where they live."""
    homes = ("7-2-1403", "7-2-1404", "8-1-101")
    return {
        home: api.household(home, name=name, phone=phone)
        for home, (name, phone) in zip(homes, (WANG, SHAN, SMITH), strict=True)
    }


def found(api: ApiClient, q: str, role: Role = MANAGER, office: str = "XH") -> list[dict[str, Any]]:
    """What somebody finds."""
    answer = api.post(f"/offices/{office}/search", {"q": q}, role, office=office)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["found"])


def homes(api: ApiClient, q: str, role: Role = MANAGER) -> set[str]:
    """In which homes those live who are found."""
    return {row["home"] for row in found(api, q, role)}


@pytest.mark.usefixtures("lives")
@pytest.mark.parametrize(
    ("typed", "where"),
    [
        *(
            (typed, "7-2-1403")
            for typed in ("王小明", "小明", "王", "wangxiaoming", "Wang Xiaoming", "xiaoming", "wxm", "WX")
        ),
        *((typed, "7-2-1404") for typed in ("单雪", "shanxue", "danxue", "sx", "ｓｈａｎｘｕｅ")),
        *((typed, "8-1-101") for typed in ("john smith", "SMITH", "Smith John")),
        *((typed, "7-2-1403") for typed in ("13800135790", "138 0013 5790", "+86-138-0013-5790", "5790")),
        *((typed, "7-2-1404") for typed in ("02155556677", "5555-6677", "6677")),
        *((typed, "7-2-1403") for typed in ("7-2-1403", "７－２－1403", "1403", "2-1403", "王 1403", "1403 wxm 5790")),
    ],
)
def test_who_calls_is_found(api: ApiClient, typed: str, where: str) -> None:
    assert homes(api, typed) == {where}


@pytest.mark.usefixtures("lives")
@pytest.mark.parametrize(
    "typed", ["王大明", "ming xiao wang zhang", "1380013579", "790", "140", "王 1404", "　", "wxmm"]
)
def test_who_is_not_meant_is_not_found(api: ApiClient, typed: str) -> None:
    if typed.strip("　"):
        assert found(api, typed) == []
    else:
        assert api.post("/offices/XH/search", {"q": typed}, MANAGER).status_code == 422


def test_who_complained_or_moves_in_is_found_as_well(api: ApiClient) -> None:
    complaint = api.complaint(complainant="欧阳震", contact="13900001234")
    assert [row["case_id"] for row in found(api, "ouyangzhen")] == [complaint]
    [row] = found(api, "1234")
    assert (row["register"], row["by"], row["complainant"]) == ("complaints", ["telephone"], "欧阳震")
    assert row["href"] == f"/offices/XH/complaints/{complaint}"


def test_who_lives_with_them_is_found_until_he_moves_out(api: ApiClient, lives: dict[str, str]) -> None:
    path = f"/offices/XH/households/{lives['7-2-1403']}"
    api.post(f"{path}/add-person", {"relation": "child", "name": "王思远", "phone": "13511112222"})
    [row] = found(api, "wsy")
    assert (row["register"], row["home"], row["name"], row["case_id"]) == (
        "household-persons",
        "7-2-1403",
        "王思远",
        lives["7-2-1403"],
    )
    assert homes(api, "2222") == {"7-2-1403"}
    api.post(f"{path}/remove-person", {"number": int(row["line"])})
    assert found(api, "wsy") == []


def test_the_registers_own_search_finds_them_too(api: ApiClient, lives: dict[str, str]) -> None:
    def listed(q: str, role: Role = MANAGER) -> list[str]:
        rows = api.get("/offices/XH/households", role, params={"q": q}).json()["rows"]
        return [row["case_id"] for row in rows]

    for q in ("王小明", "wxm", "13800135790"):
        assert listed(q) == [lives["7-2-1403"]], q
    assert len(listed("7-2-14")) == 2, "what stands in clear is found as before"
    assert listed("王小明", GUARD) == [], "nobody learns by searching what he is not shown"
    assert listed("王 13800135790") == [lives["7-2-1403"]]


def test_a_search_obeys_roles_and_is_a_recorded_reading(api: ApiClient, lives: dict[str, str]) -> None:
    assert [row["name"] for row in found(api, "王小明")] == ["王小明"]
    [reading] = api.get("/offices/XH/registers/readings", Role.AUDITOR).json()["rows"]
    assert (reading["what"], reading["reader"]) == ("search", api.users["XH", MANAGER])
    assert reading["read_case"] == lives["7-2-1403"]
    for role in (GUARD, COMPANY):
        assert found(api, "王小明", role) == found(api, "5790", role) == []
        [row] = found(api, "1403", role)
        assert (row["home"], row["name"], row["by"]) == ("7-2-1403", "〔保密〕", ["room"])
        assert found(api, "王 1403", role) == []
    assert len(api.get("/offices/XH/registers/readings", Role.AUDITOR).json()["rows"]) == 1
    assert api.post("/offices/XH/search", {"q": "王"}, Role.MANAGER, office="YH").status_code == 404
    assert found(api, "王小明", office="YH") == []


def test_what_is_corrected_is_found_as_it_stands(api: ApiClient, lives: dict[str, str]) -> None:
    api.post(f"/offices/XH/households/{lives['7-2-1403']}/change-contact", {"name": "王大明", "phone": "13700000001"})
    assert found(api, "王小明") == found(api, "5790") == []
    assert homes(api, "wdm") == homes(api, "0001") == {"7-2-1403"}


def test_the_index_tells_nothing_and_goes_with_the_households_key(api: ApiClient, lives: dict[str, str]) -> None:
    stored = "\n".join(dump(api.owner)["found_by"])
    assert all(word not in stored for word in ("王", "wang", "13800135790", "5790"))
    erase(api.owner, "XH", lives["7-2-1403"])
    api.context.handler.keys.forget("XH")
    assert found(api, "王小明") == found(api, "5790") == []
    [row] = found(api, "1403")
    assert (row["name"], row["by"]) == (ERASED, ["room"])
    assert lives["7-2-1403"] not in {row.split(",")[5] for row in dump(api.owner)["found_by"]}


def test_the_index_is_rebuilt_from_the_book(api: ApiClient, lives: dict[str, str]) -> None:
    api.complaint(complainant="欧阳震", contact="13900001234")
    api.post(f"/offices/XH/households/{lives['7-2-1404']}/change-contact", {"name": "单雪梅"})
    erase(api.owner, "XH", lives["8-1-101"])
    api.context.handler.keys.forget("XH")
    everything = "select * from wuye.found_by order by 1, 2, 3, 4, 5"
    with psycopg.connect(api.owner, autocommit=True) as owner:
        before = owner.execute(everything).fetchall()
        assert rebuild(owner, REGISTERS).differences == {}
        assert rebuild_search(owner, REGISTERS.all, MASTER) == 0
        owner.execute("delete from wuye.found_by where field = 'name'")
        owner.execute("update wuye.found_by set tokens = '{x}' where field = 'contact'")
        assert rebuild_search(owner, REGISTERS.all, MASTER, mend="盲索引有缺") == 3
        assert owner.execute(everything).fetchall() == before
    assert homes(api, "单雪梅") == {"7-2-1404"}
