"""Papers that are attached 附件 (§8): each comes into the bundle as its pages, or as a page that says why not."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from struct import pack

import pytest

from api.papers.paper import Column, Paper, heading, table
from api.papers.scans import Scan, by_hash, pages_of, scan_blocks
from api.papers.typesetting import absent, pictures, typeset
from domain.residents.printed_paper import PaperKind
from tests.papers.files import jpeg, png
from tests.papers.test_typesetting import PAPER, where

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"


def scan(data: bytes | None, media_type: str, shows: str = "物业服务合同", **more: object) -> Scan:
    document = sha256(data or b"").hexdigest()
    return Scan(shows=shows, document=document, media_type=media_type, facts=(41,), data=data, **more)  # type: ignore[arg-type]


def bundle(*scans: Scan) -> Paper:
    files = {each.document: each.data for each in scans if each.data is not None}
    blocks = (heading("附件"), *scan_blocks(scans))
    return replace(PAPER, kind=PaperKind.COURT_FILE, blocks=blocks, by_page=True, files=files)


@pytest.fixture(scope="module")
def three_pages() -> bytes:
    """A contract of three pages."""
    rows = [(str(number), f"第{number}条") for number in range(110)]
    long = replace(PAPER, blocks=(table((Column("条"), Column("内容", 1)), rows),))
    return typeset([long], where)


@pytest.mark.long
def test_pictures_are_a_page_and_a_pdf_as_many_as_it_has(three_pages: bytes) -> None:
    assert [pages_of(each) for each in (scan(png(), PNG), scan(jpeg(), JPEG), scan(three_pages, PDF))] == [1, 1, 3]
    shown = bundle(scan(three_pages, PDF), scan(png(), PNG), scan(jpeg(), JPEG))
    assert len(pictures([shown], where, 20)) == 1 + 3 + 1 + 1
    assert typeset([shown], where) == typeset([replace(shown)], where), "the same input, the same bytes"


@pytest.mark.long
def test_what_is_shown_is_bound_by_the_fingerprint_though_the_data_have_no_bytes(three_pages: bytes) -> None:
    one, other = bundle(scan(png(), PNG)), bundle(scan(png(shade=199), PNG))
    assert one.fingerprint != other.fingerprint
    assert typeset([one], where) != typeset([other], where)
    leaves = [block for block in bundle(scan(three_pages, PDF)).blocks if block["block"] == "scan"]
    assert [(leaf["page"], leaf["counted"], leaf["facts"]) for leaf in leaves] == [
        (page, f"第 {page} 页，共 3 页", [41]) for page in (1, 2, 3)
    ]
    assert {leaf["document"] for leaf in leaves} == {sha256(three_pages).hexdigest()}


@pytest.mark.long
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (scan(None, PDF, lacking="该住户的个人信息已依法销毁"), "该住户的个人信息已依法销毁"),
        (scan(None, PNG), "原件不在存放处"),
        (scan(b"%PDF-1.7 nothing of the kind", PDF), "PDF 已损坏或已加密，不能打开"),
        (scan(png()[:60], PNG), "图像已损坏，不能打开"),
        (scan(b"no picture", JPEG), "图像已损坏，或尺寸过大"),
        (scan(png()[:16] + pack(">II", 60_000, 60_000) + png()[24:], PNG), "图像已损坏，或尺寸过大"),
        (scan(jpeg()[:30], JPEG), "图像已损坏，或尺寸过大"),
        (scan(b"\xff\xd8\x00\x00\x00\x00", JPEG), "图像已损坏，或尺寸过大"),
        (scan(b"word", "application/msword"), "application/msword 不能排版，请见原件"),
    ],
    ids=["erased", "gone", "no pdf", "cut short", "no jpeg", "a bomb", "a jpeg's head", "no marks", "a word file"],
)
def test_what_does_not_open_is_a_page_that_says_so_and_spoils_no_other(broken: Scan, said: str) -> None:
    assert pages_of(broken) == said
    shown = bundle(broken, scan(png(), PNG, "签收回执"))
    assert not absent(shown.texts)
    assert len(pictures([shown], where, 20)) == 3
    assert said in "".join(shown.texts)


def test_a_file_that_is_filed_twice_is_shown_once_with_both_facts() -> None:
    first, second = scan(png(), PNG), replace(scan(png(), PNG, "另一名称"), facts=(7,))
    [one] = by_hash([first, second])
    assert (one.shows, one.facts) == ("物业服务合同", (7, 41))
    [two] = by_hash([replace(first, data=None, lacking="文件已被改动，不能打开"), second])
    assert (two.data, two.lacking) == (png(), "")
