"""Photos and papers of cases, and what the year showed missing, told over HTTP (§5 of what the book says stands)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.api.test_mistakes import COMPLAINT, get, post
from tests.office_rig import shanghai

CLERK, GUARD, HEAD, MANAGER = Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER
PHOTO = b"\xff\xd8 a wet ceiling"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The documents of this test lie in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "files"


def file(api: ApiClient, case_id: str, data: bytes = PHOTO, role: Role = GUARD, **more: Any) -> Any:
    headers = {"Content-Type": more.pop("media", "image/jpeg")}
    query = {"kind": "photo"} | more
    return api.ask(
        "POST", f"/offices/SIM/cases/{case_id}/papers", role, "SIM", content=data, headers=headers, params=query
    )


def fetch(api: ApiClient, address: str, role: Role = CLERK) -> Any:
    return api.ask("GET", address, role, "SIM")


def test_a_photo_lies_sealed_and_by_its_hash_with_complaint_inspection_and_finding(api: ApiClient, files: Path) -> None:
    api.simulated("SIM", "2025-02-10 08:00")
    complaint = str(post(api, "complaints", COMPLAINT, status=201)["id"])
    taken = {"home": "1-101", "kind": "unsold", "area": 9000, "keys": [{"number": "1", "key_class": "entrance"}]}
    home = str(post(api, "vacant-homes", taken, status=201)["id"])
    repair = {"channel": "telephone", "fault_kind": "drain", "home": "1-101", "description": "堵"}
    order = str(post(api, "repair-orders", repair, status=201)["id"])
    for case_id in (complaint, home, order, "patrol-SIM-2025-02-10-1"):
        filed = file(api, case_id, title="天花", about="1")
        assert filed.status_code == 201, filed.text
        assert filed.headers["location"].endswith(hashlib.sha256(PHOTO).hexdigest())
        back = fetch(api, filed.headers["location"])
        assert (back.content, back.headers["content-type"], back.headers["cache-control"]) == (
            PHOTO,
            "image/jpeg",
            "no-store",
        )
    assert len(list(files.rglob("*.sealed"))) == 4, "each under its own key"
    assert not any(PHOTO in path.read_bytes() for path in files.rglob("*.sealed"))
    papers = get(api, f"/offices/SIM/complaints/{complaint}")["data"]["papers"]
    assert [(p["kind"], p["about"], p["size"]) for p in papers.values()] == [("photo", "1", len(PHOTO))]
    readings = get(api, "/offices/SIM/registers/readings", Role.AUDITOR)["rows"]
    assert "complaints/papers" in {row["what"] for row in readings}
    assert file(api, complaint).json()["code"] == "filed-already"


def test_an_altered_photo_is_said_to_be_so_and_nobody_has_read_it(api: ApiClient, files: Path) -> None:
    api.simulated("SIM", "2025-02-10 08:00")
    complaint = str(post(api, "complaints", COMPLAINT, status=201)["id"])
    address = file(api, complaint).headers["location"]
    [sealed] = files.rglob("*.sealed")
    *before, last = sealed.read_bytes()
    sealed.write_bytes(bytes([*before, last ^ 1]))  # whatever stood there, it stands there no more
    answer = fetch(api, address)
    assert (answer.status_code, answer.json()["code"]) == (409, "document-altered")
    readings = get(api, "/offices/SIM/registers/readings", Role.AUDITOR)["rows"]
    assert "complaints/papers" not in {row["what"] for row in readings}


def test_what_is_no_paper_or_not_for_somebody_is_refused(api: ApiClient, files: Path) -> None:
    api.simulated("SIM", "2025-02-10 08:00")
    complaint = str(post(api, "complaints", COMPLAINT, status=201)["id"])
    for answer, status, code in (
        (file(api, complaint, b""), 409, "empty"),
        (file(api, complaint, media="nonsense"), 409, "media-type"),
        (file(api, complaint, role=Role.COMPANY), 403, "role"),
        (file(api, complaint, role=Role.AUDITOR), 403, "role"),
        (file(api, "staff-SIM-x"), 404, "case-unknown"),
        (file(api, "complaint-x"), 404, "case-unknown"),
        (fetch(api, f"/offices/SIM/cases/{complaint}/papers/{'0' * 64}"), 404, "document-unknown"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    filed = file(api, complaint).headers["location"]
    assert fetch(api, filed, Role.COMPANY).status_code == 403
    for path in files.rglob("*.sealed"):
        path.unlink()
    assert fetch(api, filed).json()["code"] == "document-unknown", "it does not lie there any more"
    post(api, f"cases/{complaint}/withdraw-as-mistaken", {"reason": "误登"}, HEAD)
    assert file(api, complaint, b"x").json()["code"] == "state"


def lent(api: ApiClient) -> str:
    """A loan of the two keys of a vacant home."""
    keys = [{"number": number, "key_class": "room"} for number in "12"]
    home = str(
        post(api, "vacant-homes", {"home": "1-101", "kind": "unsold", "area": 9000, "keys": keys}, status=201)["id"]
    )
    request = {
        "vacant_home": home,
        "keys": ["1", "2"],
        "purpose": "repair",
        "borrower": "张三",
        "identity_document": "310X",
        "expected_return": shanghai("2025-02-10 18:00").isoformat(),
    }
    loan = str(post(api, "key-loans", request, status=201)["id"])
    post(api, f"key-loans/{loan}/issue-keys", {"officer_signature": "赵"}, GUARD)
    return loan


@pytest.mark.long
def test_a_loan_is_extended_comes_back_in_part_and_its_borrower_is_forgotten_in_time(api: ApiClient) -> None:
    api.simulated("SIM", "2025-02-10 09:00")
    loan = lent(api)
    extended = {
        "expected_return": shanghai("2025-02-11 18:00").isoformat(),
        "reason": "未修完",
        "officer_signature": "赵",
    }
    post(api, f"key-loans/{loan}/extend-key-loan", extended, GUARD)
    api.until("SIM", "2025-02-11 10:00")
    assert get(api, f"/offices/SIM/key-loans/{loan}")["data"]["missed_at"] is None
    post(api, f"key-loans/{loan}/return-some-keys", {"keys": ["1"], "returner_signature": "张"})
    keys = {row["line"]: row["custody"] for row in get(api, "/offices/SIM/registers/keys")["rows"]}
    assert keys == {"1": "kept", "2": "lent"}
    post(api, f"key-loans/{loan}/return-keys", {"keys": ["2"], "returner_signature": "张"})
    assert get(api, f"/offices/SIM/key-loans/{loan}", CLERK)["data"]["borrower"] == "张三"
    api.until("SIM", "2026-02-12 00:01")
    gone = get(api, f"/offices/SIM/key-loans/{loan}", CLERK)["data"]
    assert "张三" not in gone["borrower"]
    assert gone["state"] == "returned"
    with psycopg.connect(api.owner) as connection:
        wrapped = connection.execute("select wrapped from wuye.keys where subject = %s", [loan]).fetchone()
    assert wrapped in (None, (None,)), "its key is destroyed"
    late = get(api, "/standards/keys-returned-in-time", office="SIM", since="2025-02-01", until="2025-02-28")
    assert (late["met"], late["counted"]) == (1, 1)


def test_one_who_left_is_erased_and_the_household_stays(api: ApiClient) -> None:
    api.simulated("SIM", "2025-02-10 09:00")
    owner = {"home": "1-101", "occupancy": "owner", "name": "王小明", "phone": "1"}
    house = str(post(api, "households", owner, status=201)["id"])
    tenant = str(post(api, "households", owner | {"occupancy": "tenant", "name": "李"}, status=201)["id"])
    again = post(api, "households", owner | {"occupancy": "tenant", "name": "赵"}, status=409)
    assert again["code"] == "already-held", "not two tenants"
    for name in ("甲", "乙"):
        post(api, f"households/{tenant}/add-person", {"relation": "co-tenant", "name": name})
    post(api, f"households/{tenant}/remove-person", {"number": 1})
    post(api, f"households/{tenant}/erase-person", {"number": 1, "reason": "本人要求"}, MANAGER)
    facts = get(api, f"/offices/SIM/households/{tenant}/facts", CLERK)["facts"]
    added = {fact["data"]["number"]: fact["data"]["name"] for fact in facts if fact["name"] == "PersonAdded"}
    assert added[2] == "乙"
    assert "甲" not in added[1]
    assert get(api, f"/offices/SIM/households/{tenant}", CLERK)["data"]["name"] == "李"
    assert get(api, f"/offices/SIM/households/{house}", CLERK)["data"]["name"] == "王小明"
