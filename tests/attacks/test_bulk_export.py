"""One person alone takes no list of names and telephones out of the office; two people do, and both are in the book."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from api.http.context import HIDDEN
from domain.kernel.people import Role
from tests.api.conftest import ApiClient

PERSONAL = ("王小明", "13800000000")
WAYS: list[dict[str, Any]] = [
    {"params": {"format": "csv"}},
    {"params": {"format": "xlsx"}},
    {"headers": {"Accept": "text/csv"}},
    {"headers": {"Accept": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}},
]


def text_of(answer: Any) -> str:
    """All that the file says."""
    if answer.content.startswith(b"PK"):
        book = zipfile.ZipFile(io.BytesIO(answer.content))
        return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    return str(answer.text)


@pytest.fixture
def home(api: ApiClient) -> str:
    """A household with a name and a telephone."""
    body = {"home": "1-101", "name": PERSONAL[0], "phone": PERSONAL[1]}
    return str(api.post("/offices/XH/households", body).json()["id"])


def granted(api: ApiClient, register: str = "households") -> str:
    """An export that the assistant asked for and the manager approved."""
    asked = api.post("/offices/XH/register-exports", {"register": register, "purpose": "核对"}, Role.ASSISTANT)
    assert asked.status_code == 201, asked.text
    path = f"/offices/XH/register-exports/{asked.json()['id']}/approve-register-export"
    assert api.post(path, {}, Role.MANAGER).status_code == 200
    return str(asked.json()["id"])


def test_a_file_with_an_address_of_its_own_is_no_way_round(api: ApiClient, home: str) -> None:
    for ending in ("csv", "xlsx"):
        answer = api.get(f"/offices/XH/registers/households.{ending}", Role.ASSISTANT)
        assert answer.status_code == 200
        assert PERSONAL[0] not in text_of(answer)
    path = "/offices/XH/registers/households.csv"
    assert PERSONAL[0] in api.get(path, Role.ASSISTANT, params={"export": granted(api)}).text


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.MANAGER, Role.AUDITOR])
def test_nobody_takes_personal_data_out_alone(api: ApiClient, home: str, way: dict[str, Any], role: Role) -> None:
    answer = api.get("/offices/XH/households", role, **way)
    assert answer.status_code == 200
    said = text_of(answer)
    assert not [each for each in PERSONAL if each in said]
    assert HIDDEN in said
    assert home in said, "the figures are there"


def test_two_people_do_and_what_they_did_stands_in_the_book(api: ApiClient, home: str) -> None:
    export = granted(api)
    params = {"format": "csv", "export": export}
    assert api.get("/offices/XH/households", Role.MANAGER, params=params).json()["code"] == "not-yours"
    answer = api.get("/offices/XH/households", Role.ASSISTANT, params=params)
    assert [each for each in PERSONAL if each not in answer.text] == []
    facts = api.get(f"/offices/XH/register-exports/{export}/facts").json()["facts"]
    assert [(fact["name"], fact["user_id"]) for fact in facts] == [
        ("RegisterExportRequested", api.users["XH", Role.ASSISTANT]),
        ("RegisterExportApproved", api.users["XH", Role.MANAGER]),
        ("RegisterExported", api.users["XH", Role.ASSISTANT]),
    ]
    read = api.get("/offices/XH/readings", params={"read_case": home}).json()["rows"]
    assert "households.csv" in {row["what"] for row in read}
    [row] = api.get("/offices/XH/register-exports").json()["rows"]
    assert (row["register"], row["state"], row["form"]) == ("households", "exported", "csv")


def test_an_approval_is_good_for_one_file_of_one_register(api: ApiClient, home: str) -> None:
    export = granted(api)
    other = api.get("/offices/XH/complaints", Role.ASSISTANT, params={"format": "csv", "export": export})
    assert (other.status_code, other.json()["code"]) == (409, "other-register")
    params = {"format": "xlsx", "export": export}
    assert PERSONAL[0] in text_of(api.get("/offices/XH/households", Role.ASSISTANT, params=params))
    again = api.get("/offices/XH/households", Role.ASSISTANT, params=params)
    assert (again.status_code, again.json()["code"]) == (409, "state")


def test_an_export_that_nobody_approved_or_that_is_none_hands_out_nothing(api: ApiClient, home: str) -> None:
    asked = api.post("/offices/XH/register-exports", {"register": "households", "purpose": "核对"}, Role.MANAGER)
    own = api.post(f"{asked.headers['location']}/approve-register-export", {}, Role.MANAGER)
    assert own.json()["code"] == "second-person"
    for export in (asked.json()["id"], "register_export-0", home, "x"):
        answer = api.get("/offices/XH/households", Role.MANAGER, params={"format": "csv", "export": export})
        assert answer.status_code in {404, 409}, export
        assert PERSONAL[0] not in answer.text


def test_an_approval_opens_nothing_that_ones_own_roles_do_not(api: ApiClient, home: str) -> None:
    asked = api.post("/offices/XH/register-exports", {"register": "households", "purpose": "x"}, Role.DUTY_OFFICER)
    api.post(f"{asked.headers['location']}/approve-register-export", {}, Role.MANAGER)
    params = {"format": "csv", "export": asked.json()["id"]}
    answer = api.get("/offices/XH/households", Role.DUTY_OFFICER, params=params)
    assert answer.status_code == 200
    assert PERSONAL[0] not in answer.text
