"""Told over HTTP: a name that identifies is one name, however it is typed (homes, keys, people, boards, receipts)."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from domain.kernel.people import Role
from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from tests.api.conftest import ApiClient, next_week, tomorrow

HOME = "A8-1-101"
SPELLINGS = ("Ａ8-1-101", "a8-1-101 ", "A8－1－101", "A8-1-１０１", " Ａ8–1–101", "a8 — 1 — 101")
HEAD, GUARD, MANAGER = Role.DEPARTMENT_HEAD, Role.DUTY_OFFICER, Role.MANAGER


def vacant(api: ApiClient, home: str = HOME, number: str = "K-1", **more: Any) -> Any:
    """Somebody takes a home over with one key."""
    key = {"number": number, "key_class": "entrance"}
    return api.post("/offices/XH/vacant-homes", {"home": home, "kind": "unsold", "area": 9000, "keys": [key]} | more)


def ids(api: ApiClient, register: str, **query: str) -> list[str]:
    """The cases that a register shows for a filter."""
    answer = api.get(f"/offices/XH/registers/{register}", params=query)
    assert answer.status_code == 200, answer.text
    return [row["case_id"] for row in answer.json()["rows"]]


def problem(answer: Any) -> tuple[int, str, str | None]:
    """How something was refused: status, code, field."""
    body = answer.json()
    return answer.status_code, body["code"], body.get("field")


@pytest.mark.parametrize("typed", SPELLINGS)
def test_six_spellings_of_a_home_are_one_home(api: ApiClient, typed: str) -> None:
    first = vacant(api).json()["id"]
    again = vacant(api, typed, "K-2")
    assert problem(again)[:2] == (409, "already-held")
    assert first in again.json()["detail_en"] if "detail_en" in again.json() else first in again.text
    complaint = api.complaint(home=typed)
    [row] = api.get("/offices/XH/complaints").json()["rows"]
    assert row["home"] == HOME, "it is shown as it was typed first"
    assert ids(api, "complaints", home=typed) == ids(api, "complaints", home=HOME) == [complaint]
    assert ids(api, "vacant-homes", home=typed) == [first]
    similar = api.get("/offices/XH/complaints/similar", params={"home": typed}).json()["complaints"]
    assert [each["case_id"] for each in similar] == [complaint]


def test_a_blank_is_no_name(api: ApiClient) -> None:
    assert problem(vacant(api, "　\u200b")) == (422, "malformed", "home"), "at the edge"
    assert problem(vacant(api, "\u00ad\u2063")) == (409, "name-blank", "home"), "and behind it"


def test_a_household_is_billed_in_the_one_home_however_it_is_typed(api: ApiClient) -> None:
    household = api.post("/offices/XH/households", {"home": HOME, "occupancy": "owner", "name": "王"}).json()["id"]
    again = api.post("/offices/XH/households", {"home": SPELLINGS[0], "occupancy": "owner", "name": "李"})
    assert problem(again)[:2] == (409, "already-held")
    body = {"household": household, "home": SPELLINGS[1], "item": "物业费", "amount_fen": 100, "due_on": next_week()}
    bill = api.post("/offices/XH/bills", body)
    assert ids(api, "bills", home=SPELLINGS[2]) == [bill.json()["id"]]


def test_a_key_is_one_key_and_its_number_is_the_offices(api: ApiClient) -> None:
    home = vacant(api).json()["id"]
    assert problem(vacant(api, "B-2", "ｋ－1"))[:2] == (409, "already-held"), "another home's key bears this number"
    loan = {
        "vacant_home": home,
        "keys": ["ｋ—1 "],
        "purpose": "inspection",
        "expected_return": tomorrow(),
        "borrower": "赵师傅",
        "identity_document": "X1",
        "consent": "业主同意",
    }
    first = api.post("/offices/XH/key-loans", loan)
    assert first.status_code == 201, first.text
    issued = api.post(f"/offices/XH/key-loans/{first.json()['id']}/issue-keys", {"officer_signature": "周"}, GUARD)
    assert issued.status_code == 200, issued.text
    assert ids(api, "keys", number="Ｋ-1", custody="lent") == [home]


def test_a_receipt_is_given_once(api: ApiClient) -> None:
    household = api.post("/offices/XH/households", {"home": HOME, "occupancy": "owner", "name": "王"}).json()["id"]

    def billed() -> str:
        body = {"household": household, "item": "物业费", "amount_fen": 300, "due_on": next_week()}
        return str(api.post("/offices/XH/bills", body).json()["id"])

    def paid(bill: str, receipt: str) -> Any:
        body = {"amount_fen": 100, "method": "现金", "receipt": receipt}
        return api.post(f"/offices/XH/bills/{bill}/receive-payment", body)

    one, other = billed(), billed()
    assert paid(one, "S-0001").status_code == 200
    assert problem(paid(one, "ｓ－0001")) == (409, "receipt-twice", "receipt")
    assert problem(paid(other, " s–0001"))[:2] == (409, "already-held")
    assert paid(other, "S-0002").status_code == 200


_STANDARD = {
    "name": "物业费",
    "kind": "management",
    "price": "2.50",
    "valid_from": "2025-01-01",
    "reason": "x",
    "document": "x",
}


@pytest.mark.parametrize(
    ("path", "body", "again"),
    [
        ("notice-boards", {"name": "南门 A", "place": "南门"}, {"name": "南门Ａ", "place": "岗亭"}),
        (
            "patrol-routes",
            {"name": "夜巡-1", "points": [{"code": "1", "place": "南门"}]},
            {"name": " 夜巡－１", "points": [{"code": "1", "place": "北门"}]},
        ),
        (
            "service-items",
            {
                "code": "bx-1",
                "name": "保洁",
                "standard": "每小时",
                "kind": "convenience",
                "unit": "hour",
                "price_fen": 100,
            },
            {
                "code": "ＢＸ-1",
                "name": "保洁",
                "standard": "每小时",
                "kind": "convenience",
                "unit": "hour",
                "price_fen": 100,
            },
        ),
        ("staff", {"person": "plumber"}, {"person": "ｐlumber "}),
        ("fee-standards", _STANDARD | {"code": "W-1"}, _STANDARD | {"code": "ｗ－1"}),
    ],
)
def test_boards_routes_services_and_staff_are_one_by_their_names(
    api: ApiClient, path: str, body: dict[str, Any], again: dict[str, Any]
) -> None:
    first = api.post(f"/offices/XH/{path}", body, MANAGER)
    assert first.status_code == 201, first.text
    assert api.post(f"/offices/XH/{path}", again, MANAGER).status_code == 409


def test_an_office_of_another_code_has_names_of_its_own(api: ApiClient) -> None:
    vacant(api)
    key = {"number": "K-1", "key_class": "entrance"}
    body = {"home": SPELLINGS[0], "kind": "unsold", "area": 9000, "keys": [key]}
    assert api.post("/offices/YH/vacant-homes", body, office="YH").status_code == 201
    rows = api.get("/offices/YH/registers/vacant-homes", office="YH").json()["rows"]
    assert [row["home"] for row in rows] == ["Ａ8-1-101"]


def test_names_are_rebuilt_from_the_book(api: ApiClient) -> None:
    vacant(api)
    api.post("/offices/XH/staff", {"person": "Plumber"}, HEAD)
    service = {
        "code": "BX",
        "name": "保洁",
        "standard": "每小时",
        "kind": "convenience",
        "unit": "hour",
        "price_fen": 1,
    }
    api.post("/offices/XH/service-items", service, MANAGER)
    api.post("/offices/XH/patrol-routes", {"name": "夜巡", "points": [{"code": "1", "place": "南门"}]}, MANAGER)
    with psycopg.connect(api.owner, autocommit=True) as owner:
        names = "select kind, compared, shown from wuye.names where office = 'XH' order by 1, 2"
        before = owner.execute(names).fetchall()
        assert rebuild(owner, REGISTERS).differences == {}
        owner.execute("delete from wuye.names where kind = 'home'")
        owner.execute("update wuye.names set shown = 'x' where kind = 'person'")
        assert rebuild(owner, REGISTERS, mend="名称有改动").differences == {"names": 2}
        assert owner.execute(names).fetchall() == before
    boards = [("board", "宣传栏", "宣传栏")] if before[0][0] == "board" else []
    assert before == [
        *boards,
        ("home", "a8-1-101", HOME),
        ("key", "k-1", "K-1"),
        ("person", "plumber", "Plumber"),
        ("route", "夜巡", "夜巡"),
        ("service", "bx", "BX"),
    ]
