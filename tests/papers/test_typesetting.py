"""What a paper is made of (§7, §8): the same data give the same bytes, and nobody's name is markup."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
import typst

from api.papers.paper import Column, Paper, note, pairs, table, total
from api.papers.typesetting import _TEMPLATE as TEMPLATE
from api.papers.typesetting import absent, pictures, prepared, typeset
from domain.kernel.errors import RuleBroken
from domain.residents.printed_paper import PaperKind

PAPER = Paper(
    kind=PaperKind.BILL_NOTICE,
    number="JF-20250331-1A2B3C4D",
    office="云锦花园",
    title="缴费通知单",
    under="2025年3月",
    day=date(2025, 3, 31),
    case_id="bill-1",
    blocks=(pairs((("房　号", "1-101", "户名", "王"),)), total("应缴金额", "壹元整", "¥1.00")),
    facts=(12,),
)


def where(case_id: str) -> str:
    return f"http://localhost/console/XH/case/{case_id}"


def named(name: str) -> Paper:
    return replace(PAPER, blocks=(pairs((("户名", name),)),))


def test_the_fingerprint_is_that_of_everything_that_stands_on_the_paper() -> None:
    assert PAPER.fingerprint == replace(PAPER).fingerprint
    others = [
        replace(PAPER, blocks=(*PAPER.blocks, note("又一行"))),
        replace(PAPER, facts=(13,)),
        replace(PAPER, case_id="bill-2"),
        replace(PAPER, kind=PaperKind.RECEIPT),
        replace(PAPER, day=date(2025, 4, 1)),
        named("李"),
    ]
    assert len({paper.fingerprint for paper in (PAPER, *others)}) == 7


def test_rare_names_are_set_and_a_character_that_no_font_has_is_told_before_printing() -> None:
    assert absent(["龚䶮㛃𬭎", "璟", "1,234.50 ¥ □ ■ √ × — ：\n"]) == []
    lacking = "\U0002a6d6\ue000"
    assert absent([f"王{lacking}王"]) == sorted(lacking)
    with pytest.raises(RuleBroken) as told:
        typeset([named(f"王{lacking[1]}")], where)
    assert (told.value.code, "U+E000" in told.value.zh, "U+E000" in told.value.en) == ("character-lacking", True, True)


@pytest.mark.long
def test_the_same_papers_give_the_same_bytes_and_bear_their_fingerprints() -> None:
    first, other = typeset([PAPER], where), typeset([named("李")], where)
    assert first.startswith(b"%PDF-")
    assert typeset([replace(PAPER)], where) == first
    assert other != first
    assert f"wuye:{PAPER.fingerprint}".encode() in first
    both = typeset([PAPER, named("李")], where)
    assert all(f"wuye:{paper.fingerprint}".encode() in both for paper in (PAPER, named("李")))


@pytest.mark.long
def test_what_looks_like_markup_is_set_as_it_is_written() -> None:
    """Were it markup, a name of 40 characters and one that reads a file would not be pages of one line each."""
    plain, nasty = (pictures([named(name)], where, 40) for name in ("王", '#read("papers.typ") *$_`<end> @fact \\'))
    assert len(plain) == len(nasty) == 1


@pytest.mark.long
def test_a_long_table_goes_on_over_the_page_and_each_paper_counts_its_own_pages() -> None:
    rows = [(str(number), f"物业服务费{number}") for number in range(120)]
    long = replace(PAPER, blocks=(table((Column("序"), Column("项目", 1)), rows),))
    assert len(pictures([long, PAPER], where, 20)) == len(pictures([long], where, 20)) + 1 > 3


def cited(paper: Paper, pages: int) -> list[list[int]]:
    """What each page of a long paper says that it rests on."""
    job = prepared([paper], where)
    given = {"papers": job.papers, "pages": json.dumps([pages])}
    here = TEMPLATE.parents[1]
    found = typst.query(
        input=str(TEMPLATE),
        selector="<cited>",
        field="value",
        root=str(here),
        font_paths=[str(here / "fonts")],
        ignore_system_fonts=True,
        sys_inputs=given,
    )
    said: list[list[int]] = json.loads(found)
    return said


@pytest.mark.long
def test_what_runs_over_the_end_of_a_page_has_its_mark_on_every_page_on_which_it_stands() -> None:
    said = "电梯夜间异响，已约定上门。" * 420
    columns = (Column("日期"), Column("内容", 2), Column("办理", 1))
    rows = [("1月", "短", "已告知"), ("2月", said, "已告知"), ("3月", "短", "已告知")]
    blocks = (
        table(columns, rows, facts=[(11,), (12, 13), (14,)]),
        note(*["说明"] * 120, facts=(15,)),
        pairs((("答复", "\n".join(["第一行"] * 70)),), facts=(16,)),
    )
    long = replace(PAPER, kind=PaperKind.COURT_FILE, blocks=blocks, by_page=True)
    pages = len(pictures([long], where, 20))
    assert pages >= 5
    found = cited(long, pages)
    on = {fact: [number for number, page in enumerate(found, 1) if fact in page] for fact in range(11, 17)}
    assert on[11] == [1]
    assert on[12] == on[13] == list(range(1, on[14][0] + 1)), "the row before it ends where this one begins"
    assert len(on[14]) == 1
    assert all(len(on[fact]) >= 2 for fact in (12, 15, 16)), on
    assert on[16][-1] == pages
