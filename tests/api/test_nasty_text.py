"""Nasty text: what comes in comes back the same everywhere and breaks nothing later; what may not come in is refused.

Strings are drawn by a seed from what has hurt programs before. 20,000 are tried with WUYE_NASTY_STRINGS=20000.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from random import Random
from typing import Any

import psycopg
import pytest

from api.http.addresses import address
from api.http.text import LONG, SHORT
from domain.cases import BY_KIND
from domain.kernel.people import Role
from journal.hash_chain import verify
from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from tests import filler
from tests.api.conftest import ApiClient
from tests.api.test_edges import cells
from tests.attacks.test_bulk_export import granted
from tests.conftest import Database
from tests.office_rig import office_rig
from tests.random_walk import random_walk
from tests.sampling import some_or_all

COUNT = int(os.environ.get("WUYE_NASTY_STRINGS", "400"))
FIELDS = ("category", "matter", "home", "priority", "stated_channel", "complainant", "contact", "content")
PERSONAL = FIELDS[-3:]
SEEDS = (
    "",
    " ",
    "　",
    "\x00",
    "a\x00",
    "\ud800",
    "a\udfffb",
    "\ufeff",
    "\ufffe",
    "\uffff",
    "\ufffd",
    "\u200b",
    "a\u202eb",
    "\u2066a\u2069",
    "\u2028",
    "\u200d",
    "👩‍👩‍👧‍👦",
    "🇨🇳",
    "e\u0301" * 20,
    "Å",
    "ﬁ",
    "ｱﾞ",
    "①②",
    "㍿",
    "\U0010ffff",
    "\U000e0041",
    "=1+1",
    "=cmd|'/c calc'!A0",
    "+86",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "＝1",
    "'=1",
    "''",
    '"',
    '""',
    ",",
    ";",
    "\r\n",
    "a\nb",
    "null",
    "NaN",
    "true",
    "1e400",
    "0x10",
    "２",
    "1970-01-01",
    "2025-02-30",
    "{}",
    "[]",
    '{"a":1}',
    "\\",
    "\\u0000",
    "\\x00",
    "%00",
    "%s",
    "%(office)s",
    "{0}",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "'; drop table wuye.facts; --",
    "a'b''c",
    "$1",
    "E'\\x'",
    "<script>alert(1)</script>",
    "&amp;",
    "]]>",
    "<!--",
    "../../etc/passwd",
    "C:\\nul",
    "con",
    "file:///x",
    "_x0041_",
    "_x005F_",
    "wuye:sealed:1:",
    "wuye:sealed:1:h:1:matter:AAAA",
    "〔保密〕",
    "〔已销毁 erased〕",
    "\u0600\u06dd",
    "ﷺ" * 30,
    "Z̴̧̛͎͔̲̩̲",
    "0",
    "-0",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\xa0",
    "\xad",
    "ß",
    "İ",
    "ı",
    "ǅ",
    "ΌΣ",
    "单于",
    "㐀",
    "𠮷",
    "𡈽" * 100,
    "x" * SHORT,
    "一" * SHORT,
    "𠮷" * SHORT,
    "x" * (SHORT + 1),
    "一" * LONG,
    "x" * (LONG + 1),
    "\ue000\uf8ff",
    "\u0345",
    "\u1160",
    "\u3164",
    "\u115f",
    "\u2800",
)


def nasty(random: Random, count: int) -> Iterator[str]:
    """So many strings: the seeds, then mixtures and random characters of every plane."""
    yield from SEEDS[:count]
    for _ in range(count - len(SEEDS)):
        if random.random() < 0.5:
            parts = [random.choice(SEEDS)[:60] for _ in range(random.randint(2, 3))]
            yield random.choice(("", " ", "-", "/", ":")).join(parts)
        else:
            planes = ((32, 0x24F), (0x250, 0x2FFF), (0x3000, 0x9FFF), (0xA000, 0xFFFF), (0x10000, 0x10FFFF))
            yield "".join(chr(random.randint(*random.choice(planes))) for _ in range(random.randint(1, 40)))


def stored(text: str) -> str:
    """Two surrogates that JSON escapes side by side are one character; then NFC."""
    return unicodedata.normalize("NFC", json.loads(json.dumps(text)))


@some_or_all
def test_what_comes_in_comes_back_and_the_rest_is_refused_with_its_field(api: ApiClient, every: int) -> None:
    random = Random(20_000)
    strings = list(nasty(random, COUNT // every))
    written: dict[str, dict[str, str]] = {}
    refused = 0
    for start in range(0, len(strings), len(FIELDS)):
        given = dict(zip(FIELDS, strings[start : start + len(FIELDS)], strict=False))
        needed = {"channel": "in-person", "category": "c", "matter": "m", "content": "c", "complainant": "c"}
        answer = send(api, needed | given)
        if answer.status_code == 422:
            wrong = {error["field"] for error in answer.json()["errors"]}
            assert wrong <= set(given), answer.text
            assert all(error["zh"] and error["en"] for error in answer.json()["errors"])
            refused += len(wrong)
            given = {name: text for name, text in given.items() if name not in wrong}
            answer = send(api, needed | given)
        assert answer.status_code == 201, (given, answer.text)
        written[answer.json()["id"]] = {name: stored(text) for name, text in given.items()}
    assert refused < len(strings) / 2
    as_json, as_csv, as_xlsx = (dict(read(api, form)) for form in ("json", "csv", "xlsx"))
    for case_id, given in written.items():
        for name, text in given.items():
            assert as_json[case_id][name] == text, (case_id, name)
            assert unneutral(as_csv[case_id][name]) == text, (case_id, name)
            assert as_xlsx[case_id][name] == text, (case_id, name)
    for case_id, given in random.sample(sorted(written.items()), min(len(written), 40)):
        seen = api.get(f"/offices/XH/complaints/{case_id}")
        assert {name: seen.json()["data"][name] for name in given} == given
        for name, text in given.items():
            if name not in PERSONAL and "\n" not in text:
                for query in ({name: text}, {"q": text[:SHORT]}):
                    found = api.get("/offices/XH/complaints", params=query | {"case_id": case_id})
                    assert [row["case_id"] for row in found.json()["rows"]] == [case_id], (query, found.text)
    sound(api, "XH")


def send(api: ApiClient, body: dict[str, str]) -> Any:
    content = json.dumps(body)  # escapes what JSON can only say escaped, such as a lone surrogate
    return api.ask("POST", "/offices/XH/complaints", content=content, headers={"Content-Type": "application/json"})


def read(api: ApiClient, form: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The register of complaints: case id → row."""
    cursor: str | None = ""
    while form == "json" and cursor is not None:
        page = api.get(
            "/offices/XH/complaints", params={"limit": "500"} | ({"cursor": cursor} if cursor else {})
        ).json()
        yield from ((row["case_id"], row) for row in page["rows"])
        cursor = page["next"]
    if form == "csv":
        text = exported(api, form).content.decode("utf-8-sig")
        yield from ((row["case_id"], row) for row in csv.DictReader(io.StringIO(text, newline="")))
    if form == "xlsx":
        head, *rows = cells(exported(api, form).content)
        yield from ((row[1], dict(zip(head, map(_plain, row), strict=False))) for row in rows)


def exported(api: ApiClient, form: str) -> Any:
    """The file, with the names in it: two people have seen to that."""
    params = {"format": form, "export": granted(api, "complaints")}
    return api.get("/offices/XH/complaints", Role.ASSISTANT, params=params)


def _plain(cell: str) -> str:
    """A cell as a spreadsheet reads it: characters that XML cannot say stand as _xHHHH_."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), cell)


def unneutral(cell: str) -> str:
    return cell[1:] if re.match(r"'+[=+\-@\t\r\n＝＋－＠]", cell) else cell


def sound(api: ApiClient, office: str) -> None:
    """Nothing in this office fails later: every page of every form, the feed, the proof, a rebuild of everything."""
    for register in REGISTERS.all:
        for form in ("json", "csv", "xlsx"):
            seen = api.ask(
                "GET", f"/offices/{office}/registers/{register.name}", Role.AUDITOR, office, params={"format": form}
            )
            assert seen.status_code == 200, (register.name, form, seen.text)
    after = 0
    while events := api.ask("GET", f"/offices/{office}/facts?limit=1000&after={after}", Role.AUDITOR, office).json()[
        "events"
    ]:
        after = events[-1]["number"]
    with psycopg.connect(api.owner, autocommit=True) as owner:
        assert verify(owner, office).intact
        assert not any(rebuild(owner, REGISTERS).differences.values())


@pytest.mark.long
def test_no_register_and_no_address_is_broken_by_what_may_come_in(
    api: ApiClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every kind of case filled with the worst that passes the edge; ids and lines are made of it too."""
    accepted = [
        text
        for text in map(stored, nasty(Random(7), 500))
        if send(
            api, {"channel": "in-person", "category": text, "matter": "m", "content": "c", "complainant": "c"}
        ).status_code
        == 201
    ]
    assert len(accepted) > 150
    monkeypatch.setattr(filler, "_TEXTS", accepted)
    with office_rig(database.app, code="PLAY") as rig:
        assert len(random_walk(rig, Random(3), 350).facts) > 100
        ids = sorted({fact.case_id for fact in rig.facts()})
    for case_id in ids:
        lifecycle = BY_KIND[case_id.partition("-")[0]]
        if lifecycle.path == "offices":
            continue
        rows = api.ask("GET", "/offices/PLAY/registers/deadlines", Role.AUDITOR, "PLAY", params={"case_id": case_id})
        assert rows.status_code == 200, (case_id, rows.text)
        seen = api.ask("GET", address("PLAY", lifecycle.kind, case_id), Role.AUDITOR, "PLAY")
        assert (seen.status_code, seen.json().get("id")) == (200, case_id), (case_id, seen.text)
    sound(api, "PLAY")
