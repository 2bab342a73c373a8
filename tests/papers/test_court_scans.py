"""The court file with its papers (§8): contract, slips and photos over HTTP, each as pages, and what cannot be shown said so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from api.papers import typesetting
from api.papers.court_file import court_file
from api.papers.paper import Paper
from domain.kernel.people import Role
from tests.api.conftest import application as application  # noqa: PLC0414 -- the fixture
from tests.api.test_mistakes import post
from tests.console.conftest import console_over, database_and_pool
from tests.office_rig import erase
from tests.papers.conftest import CLERK, Dunned, played
from tests.papers.files import jpeg, png
from tests.papers.test_typesetting import PAPER, where

pytestmark = pytest.mark.long
ON = date(2025, 3, 20)


@pytest.fixture
def dunned(application: FastAPI, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dunned]:
    """A household of one's own, whose papers lie in a folder of one's own."""
    monkeypatch.chdir(tmp_path)
    with database_and_pool(server) as (database, pool):
        story = played(Dunned(console_over(application, pool)))
        story.api.owner = database.owner
        yield story


def filed(story: Dunned, path: str, data: bytes, media: str, **query: str) -> str:
    headers = {"Content-Type": media}
    answer = story.api.ask("POST", f"/offices/SIM/{path}", CLERK, "SIM", content=data, headers=headers, params=query)
    assert answer.status_code == 201, answer.text
    return hashlib.sha256(data).hexdigest()


def file_of(story: Dunned, role: Role = CLERK) -> Paper:
    return court_file(story.reader(role), story.debt, ON, "云锦花园")


def leaves(paper: Paper) -> list[dict[str, Any]]:
    return [block for block in paper.blocks if block["block"] == "scan"]


def with_papers(story: Dunned) -> tuple[str, str, str]:
    """The contract (a PDF), a signed slip and a photo of the door; a title deed besides, which is nobody's business here."""
    pdf = typesetting.typeset([PAPER], where)
    contract = filed(story, f"households/{story.household}/documents", pdf, "application/pdf", kind="合同")
    filed(story, f"households/{story.household}/documents", png(20, 20), "image/png", kind="产权证")
    said = {"kind": "service-agreement", "signed_on": "2024-12-01", "document": contract}
    post(story.api, f"households/{story.household}/file-contract", said)
    cases = f"cases/{story.debt}/papers"
    slip = filed(story, cases, png(), "image/png", kind="paper", about="第一次通知回执", title="户主签收")
    door = filed(story, cases, jpeg(), "image/jpeg", kind="photo", about="张贴于门")
    return contract, slip, door


def test_what_is_attached_is_a_part_of_its_own_with_fact_page_and_hash(dunned: Dunned) -> None:
    before = file_of(dunned)
    assert not leaves(before)
    contract, slip, door = with_papers(dunned)
    file = file_of(dunned)
    assert [block["text"] for block in file.blocks if block["block"] == "heading"][-1] == "十、附件"
    assert [leaf["document"] for leaf in leaves(file)] == [contract, slip, door]
    assert [leaf["label"] for leaf in leaves(file)] == [
        "附件1　物业服务合同",
        "附件2　欠费追讨资料　第一次通知回执　户主签收",
        "附件3　欠费追讨照片　张贴于门",
    ]
    numbers = {fact["number"]: fact["name"] for fact in dunned.facts(f"debt-cases/{dunned.debt}")}
    assert [numbers[number] for leaf in leaves(file)[1:] for number in leaf["facts"]] == ["PaperFiled", "PaperFiled"]
    household = {fact["number"]: fact["name"] for fact in dunned.facts(f"households/{dunned.household}")}
    assert {household[number] for number in leaves(file)[0]["facts"]} == {"DocumentFiled", "ContractFiled"}
    assert {number for leaf in leaves(file) for number in leaf["facts"]} <= set(file.facts)
    assert {"debt-cases/court-file"} <= {reading["what"] for reading in dunned.readings()}
    path = f"debt-cases/{dunned.debt}/court-file.pdf"
    pdf = dunned.pdf(path)
    assert dunned.pdf(path) == pdf, "the same input, the same bytes"
    assert len(typesetting.pictures([file], where, 20)) == len(typesetting.pictures([before], where, 20)) + 3
    [row] = dunned.prints(paper_kind="court-file")
    assert row["sha256"] == hashlib.sha256(pdf).hexdigest()


def test_what_is_gone_altered_erased_or_not_for_somebody_is_a_page_that_says_so(dunned: Dunned, tmp_path: Path) -> None:
    with_papers(dunned)
    hidden = leaves(file_of(dunned, Role.COMPANY))
    assert {leaf["lacking"] for leaf in hidden} == {"〔保密〕"}
    found = {path.stem: path for path in tmp_path.rglob("*.sealed")}
    _, slip, door = (leaf["document"] for leaf in leaves(file_of(dunned)))
    found[door].unlink()
    *rest, last = found[slip].read_bytes()
    found[slip].write_bytes(bytes([*rest, last ^ 1]))
    assert [leaf["lacking"] for leaf in leaves(file_of(dunned))] == ["", "文件已被改动，不能打开", "原件不在存放处"]
    erase(dunned.api.owner, "SIM", dunned.household)
    erased = file_of(dunned)
    assert {leaf["lacking"] for leaf in leaves(erased)} == {"该住户的个人信息已依法销毁"}
    assert not typesetting.absent(erased.texts)
    assert len(typesetting.pictures([erased], where, 20)) > 4
