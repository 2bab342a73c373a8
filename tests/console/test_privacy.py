"""Nothing personal reaches who may not see it: no page, no part of one, no file, no paper, no refusal."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.seen import Seen

MARK = "甲乙丙丁"
NAME, PHONE, WORDS = f"{MARK}人名", f"{MARK}电话", f"{MARK}内容"
SENT: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "households/open-household",
        {"home": "7-2-1403", "area": "89.6", "occupancy": "owner", "name": NAME, "phone": PHONE},
    ),
    (
        "complaints/register-complaint",
        {
            "channel": "telephone",
            "category": "噪音",
            "matter": "楼上噪音",
            "content": WORDS,
            "complainant": NAME,
            "contact": PHONE,
            "home": "7-2-1403",
            "anonymous": "false",
        },
    ),
    (
        "repair-orders/raise-repair-order",
        {"channel": "telephone", "fault_kind": "给排水", "home": "7-2-1403", "description": WORDS},
    ),
)


def filled(api: ApiClient) -> list[str]:
    """Cases with marked personal values, made through the console's own forms."""
    made = []
    for path, said in SENT:
        answer = api.ask("POST", f"/console/XH/open/{path}", Role.MANAGER, data=said, follow_redirects=False)
        assert answer.status_code == 303, Seen(answer.text).text[-400:]
        made.append(answer.headers["location"].partition("/case/")[2].partition("?")[0])
    return made


def everything(api: ApiClient, cases: list[str]) -> Iterator[str]:
    base = "/console/XH"
    for register in api.context.registers.all:
        columns = "&".join(f"column={column.name}" for column in register.columns)
        yield f"{base}/registers/{register.name}?view=all&{columns}"
        yield f"{base}/registers/{register.name}/file?view=all&{columns}"
        yield f"{base}/registers/{register.name}/file?view=all&form=csv&{columns}"
    yield f"{base}/compliance/file"
    for case_id in cases:
        yield f"{base}/case/{case_id}"
        yield f"{base}/case/{case_id}?as_of=1"
        yield f"{base}/print/sheet/{case_id}"
    yield from (
        f"{base}/print/complaint/{cases[1]}",
        f"{base}/print/letter/{cases[1]}",
        f"{base}/print/repair-order/{cases[2]}",
        f"{base}/statement/{cases[0]}",
        f"{base}/counter?household={cases[0]}",
    )
    for path in (
        "today",
        "reception?q=1403",
        "counter?q=1403",
        "find?q=1403",
        "facts",
        "keys",
        "homes",
        "visits",
        "arrears",
        "pick/household?q=14",
    ):
        yield f"{base}/{path}"


def text_of(answer: Any) -> str:
    """What an answer says, a workbook's cells included."""
    if "spreadsheetml" in answer.headers["content-type"]:
        book = zipfile.ZipFile(io.BytesIO(answer.content))
        return " ".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return str(answer.text)


def test_a_role_without_the_right_never_sees_a_marked_value(api: ApiClient) -> None:
    cases = filled(api)
    for role in (Role.COMPANY, Role.SYSTEM_ADMINISTRATOR):
        for path in everything(api, cases):
            answer = api.get(path, role)
            assert MARK not in text_of(answer), (role, path)
            assert answer.status_code == (200 if role is Role.COMPANY else 403), (role, path)


def test_who_is_on_shift_sees_complaints_but_no_resident_file(api: ApiClient) -> None:
    household, complaint, _ = filled(api)
    assert NAME in api.get(f"/console/XH/case/{complaint}", Role.DUTY_OFFICER).text
    for path in (f"case/{household}", "registers/households?view=all", "reception?q=1403", f"print/sheet/{household}"):
        assert MARK not in api.get(f"/console/XH/{path}", Role.DUTY_OFFICER).text, path


def test_no_file_of_the_console_has_personal_data_whoever_asks(api: ApiClient) -> None:
    filled(api)
    for name in ("complaints", "households", "repair-orders"):
        for form in ("", "&form=csv"):
            answer = api.get(f"/console/XH/registers/{name}/file?view=all{form}", Role.MANAGER)
            assert answer.headers["cache-control"] == "no-store"
            assert MARK not in text_of(answer)


def test_reading_by_a_page_is_a_fact_as_by_the_api_and_what_is_not_shown_is_not_read(api: ApiClient) -> None:
    _, complaint, _ = filled(api)

    def readings() -> list[dict[str, Any]]:
        rows = api.get("/offices/XH/registers/readings?limit=500", Role.AUDITOR).json()["rows"]
        return [row for row in rows if row["read_case"] == complaint]

    before = len(readings())
    api.get(f"/console/XH/case/{complaint}", Role.AUDITOR)
    assert len(readings()) == before + 1
    api.get("/console/XH/registers/complaints?view=all&column=matter&column=state", Role.AUDITOR)
    assert len(readings()) == before + 1, "no sealed column was shown"
    api.get("/console/XH/registers/complaints?view=all&column=matter&column=complainant", Role.AUDITOR)
    assert len(readings()) == before + 2


def test_a_refused_form_repeats_what_was_written_to_its_writer_alone(api: ApiClient) -> None:
    answer = api.ask(
        "POST",
        "/console/XH/open/complaints/register-complaint",
        Role.ADMINISTRATOR,
        data={"content": WORDS},
        follow_redirects=False,
    )
    assert answer.status_code == 422
    assert WORDS in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_whoever_calls_is_found_by_name_or_telephone_and_no_name_stands_in_an_address(api: ApiClient) -> None:
    said = {"home": "7-2-1403", "area": "89.6", "occupancy": "owner", "name": "周佳怡", "phone": "19900004417"}
    answer = api.ask(
        "POST", "/console/XH/open/households/open-household", Role.MANAGER, data=said, follow_redirects=False
    )
    assert answer.status_code == 303
    for words in ("周佳怡", "zhoujiayi", "zjy", "4417", "1403"):
        found = api.ask("POST", "/console/XH/reception", Role.ADMINISTRATOR, data={"q": words})
        assert "19900004417" in found.text, words
        assert not any("zhou" in link or "zjy" in link or "%E5%91%A8" in link for link in Seen(found.text).links)
    assert "周佳怡" in api.ask("POST", "/console/XH/find", Role.ADMINISTRATOR, data={"q": "zjy"}).text
    for role in (Role.COMPANY, Role.DUTY_OFFICER):
        assert "19900004417" not in api.ask("POST", "/console/XH/reception", role, data={"q": "周佳怡"}).text
