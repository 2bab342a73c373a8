"""Photos, papers and signatures on the pages of cases: filed sealed, looked at by right, each look recorded."""

from __future__ import annotations

import base64
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from struct import pack
from typing import Any

import pytest

from domain.kernel.calendar import SHANGHAI
from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.seen import Seen, codes_in, latin_in
from tests.console.test_forms import XH, registered, send

_PIXEL = b"".join(
    pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))
    for kind, data in (
        (b"IHDR", pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\x00\x00")),
        (b"IEND", b""),
    )
)
PICTURE = b"\x89PNG\r\n\x1a\n" + _PIXEL
DRAWN = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"


@pytest.fixture(autouse=True)
def _home(api: ApiClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.context.settings, "home", tmp_path)


def filed(api: ApiClient, case_id: str, data: bytes = PICTURE, role: Role = Role.ADMINISTRATOR, **more: str) -> Any:
    return api.ask(
        "POST",
        f"{XH}/papers/{case_id}",
        role,
        files={"file": ("a.png", data, "image/png")},
        data={"kind": "photo", "about": "厨房主立管"} | more,
        follow_redirects=False,
    )


def test_a_photo_is_filed_sealed_and_each_look_at_it_is_recorded(api: ApiClient, tmp_path: Path) -> None:
    case_id = registered(api)
    assert filed(api, case_id).status_code == 303
    assert all(PICTURE not in each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    page = Seen(api.get(f"{XH}/case/{case_id}").text)
    for words in ("照片与资料", "照片 厨房主立管", "照片或资料已归档"):
        assert words in page.text, page.text
    assert not codes_in(page)
    assert [word for word in latin_in(page) if word not in ("administrator", "of")] == []
    link = next(each for each in page.links if "/paper/" in each)

    def looks() -> int:
        rows = api.get("/offices/XH/registers/readings?limit=500", Role.AUDITOR).json()["rows"]
        return sum(row["read_case"] == case_id for row in rows)

    before = looks()
    answer = api.get(link)
    assert answer.content == PICTURE
    assert answer.headers["content-disposition"] == "inline"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert looks() == before + 1


def test_whoever_may_not_see_personal_data_sees_no_papers_and_auditors_file_none(api: ApiClient) -> None:
    case_id = registered(api)
    filed(api, case_id)
    link = next(each for each in Seen(api.get(f"{XH}/case/{case_id}").text).links if "/paper/" in each)
    assert "照片与资料" not in api.get(f"{XH}/case/{case_id}", Role.COMPANY).text
    assert api.get(link, Role.COMPANY).status_code == 403
    assert filed(api, case_id, role=Role.AUDITOR).status_code == 403
    assert (
        "归档"
        not in api.get(f"{XH}/case/{case_id}", Role.AUDITOR).text.partition('id="papers"')[2].partition("</section")[0]
    )
    assert filed(api, case_id).status_code == 409, "the same lies there already"
    assert filed(api, case_id, b"").status_code == 409


def lent(api: ApiClient, **more: str) -> tuple[str, Any]:
    """A key that is asked for; and what answered."""
    home = {
        "home": "K-001",
        "kind": "unsold",
        "area": "89.50",
        "keys.0.number": "001-1",
        "keys.0.key_class": "entrance",
        "keys.0.count": "1",
        "keys.0.condition": "good",
    }
    taken = send(api, "/open/vacant-homes/take-over-home", home, Role.MANAGER)
    vacant = taken.headers["location"].partition("/case/")[2].partition("?")[0]
    page = Seen(api.get(f"{XH}/registers/key-loans?view=all", Role.DUTY_OFFICER).text)
    form = next(each for each in page.links if "/open/key-loans/" in each)
    said = {
        "vacant_home": vacant,
        "keys": "001-1",
        "purpose": "viewing",
        "borrower": "周佳怡",
        "organisation": "甲公司",
        "identity_document": "身份证",
        "expected_return": (datetime.now(SHANGHAI) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"),
    } | more
    answer = api.ask("POST", form.partition("?")[0], Role.DUTY_OFFICER, data=said, follow_redirects=False)
    assert answer.status_code == 303, Seen(answer.text).text
    return answer.headers["location"].partition("/case/")[2].partition("?")[0], answer


def test_a_signature_that_was_drawn_is_a_sealed_paper_of_the_loan(api: ApiClient) -> None:
    case_id, _ = lent(api, **{"sign.borrower": DRAWN})
    page = Seen(api.get(f"{XH}/case/{case_id}", Role.DUTY_OFFICER).text)
    assert "签名 借用人" in page.text, page.text
    link = next(each for each in page.links if "/paper/" in each)
    assert api.get(link, Role.DUTY_OFFICER).content == PICTURE


@pytest.mark.parametrize("drawn", ["data:text/html;base64,PGI+", "data:image/png;base64,PGI+", "x"])
def test_what_is_no_picture_is_no_signature_and_stops_nothing(api: ApiClient, drawn: str) -> None:
    case_id, _ = lent(api, **{"sign.borrower": drawn})
    page = Seen(api.get(f"{XH}/case/{case_id}", Role.DUTY_OFFICER).text)
    assert not any("/paper/" in each for each in page.links)
    assert 'data-sign="sign.officer_signature"' in api.get(f"{XH}/case/{case_id}?do=issue-keys", Role.DUTY_OFFICER).text
