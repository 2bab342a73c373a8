"""Documents of a household: sealed on disk, handed out by role, altered ones found; and everything held about it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from domain.calendar import SHANGHAI
from domain.people import Role
from journal.confidential import Tampered
from journal.files import Files, digest_of
from tests.api.conftest import Window

PAPER = "租赁合同 王小明".encode()


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def household(window: Window) -> str:
    answer = window.post("/offices/XH/households", {"home": "1-101", "name": "王小明"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def upload(window: Window, case_id: str, data: bytes = PAPER, role: Role = Role.ADMINISTRATOR, **more: Any) -> Any:
    path = f"/offices/XH/households/{case_id}/documents"
    headers = {"Content-Type": more.get("media", "application/pdf")}
    return window.ask("POST", path, role, params={"kind": "lease", "title": "租约"}, content=data, headers=headers)


def test_a_document_is_filed_sealed_and_handed_out_to_who_may_see_it(window: Window, tmp_path: Path) -> None:
    case_id = household(window)
    filed = upload(window, case_id)
    assert filed.status_code == 201, filed.text
    assert filed.json()["facts"] == ["DocumentFiled"]
    path = filed.headers["Location"]
    assert window.get(path).content == PAPER
    assert window.get(path, Role.COMPANY).status_code == 403
    lying = [file.read_bytes() for file in tmp_path.rglob("*.sealed")]
    assert len(lying) == 1
    assert PAPER not in lying[0]
    read = window.get("/offices/XH/readings", params={"read_case": case_id}).json()["rows"]
    assert "households/documents" in {row["what"] for row in read}
    assert upload(window, case_id).status_code == 409  # it is filed already
    assert window.get(f"{path[:-1]}x").status_code == 404


def test_a_refused_document_is_not_left_on_the_disk(window: Window, tmp_path: Path) -> None:
    case_id = household(window)
    upload(window, case_id)
    left = {"left_on": datetime.now(SHANGHAI).date().isoformat()}
    assert window.post(f"/offices/XH/households/{case_id}/move-household-out", left).status_code == 200
    assert upload(window, case_id, b"another").status_code == 409
    assert upload(window, case_id).status_code == 409
    assert len(list(tmp_path.rglob("*.sealed"))) == 1  # the one that was filed


def test_a_document_is_filed_with_its_paper_or_not_at_all(window: Window) -> None:
    case_id = household(window)
    body = {"document": "a" * 64, "kind": "lease", "media_type": "application/pdf", "size": 3}
    assert window.post(f"/offices/XH/households/{case_id}/file-document", body).status_code in {404, 405}
    seen = window.get(f"/offices/XH/households/{case_id}").json()["permitted"]
    [filing] = [each for each in seen if each["command"] == "file-document"]
    assert filing["href"] == f"/offices/XH/households/{case_id}/documents"


def test_what_cannot_be_filed(window: Window) -> None:
    case_id = household(window)
    assert upload(window, case_id, b"").status_code == 409
    assert upload(window, case_id, media="nonsense").status_code == 409
    assert upload(window, case_id, role=Role.DUTY_OFFICER).status_code == 403
    assert upload(window, "household-0").status_code == 404
    assert upload(window, case_id, b"x" * 2_000_000).status_code == 413


def test_an_altered_document_is_found(tmp_path: Path) -> None:
    files = Files(tmp_path)
    digest = files.put("XH", "household-1", b"k" * 32, PAPER)
    assert digest == digest_of(PAPER) == files.put("XH", "household-1", b"k" * 32, PAPER)
    assert files.get("XH", "household-1", b"k" * 32, digest) == PAPER
    assert files.get("XH", "household-2", b"k" * 32, digest) is None
    [file] = tmp_path.rglob("*.sealed")
    file.write_bytes(file.read_bytes()[:-1] + b"\x00")
    with pytest.raises(Tampered):
        files.get("XH", "household-1", b"k" * 32, digest)


def test_an_erased_households_documents_open_no_more(window: Window) -> None:
    case_id = household(window)
    path = upload(window, case_id).headers["Location"]
    window.counter.office.erase("XH", case_id)
    assert window.get(path).status_code == 410
    assert upload(window, case_id, b"other").status_code == 410


def test_the_export_holds_every_fact_of_every_case_of_the_household(window: Window) -> None:
    case_id = household(window)
    window.complaint(household=case_id, content="每晚十点后", complainant="王小明")
    window.complaint(content="别人的事")
    path = f"/offices/XH/households/{case_id}/export"
    assert window.post(path, {"purpose": "本人查询"}).status_code == 403
    assert window.post(path, {}, Role.MANAGER).status_code == 422
    told = window.post(path, {"purpose": "本人查询"}, Role.MANAGER).json()
    assert [fact["name"] for fact in told["facts"]] == ["HouseholdOpened", "ComplaintRegistered"]
    assert told["facts"][1]["data"]["content"] == "每晚十点后"
    facts = window.get(f"/offices/XH/households/{case_id}/facts").json()["facts"]
    assert (facts[-1]["name"], facts[-1]["data"]["facts"]) == ("FileExported", 2)
