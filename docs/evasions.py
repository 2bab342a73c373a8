"""Evasions 规避: for each standard the ways to make it look better without doing the work, and the test that shows each.

Declaration lists: the standard's slug, the evasion in words, and the test that shows it *refused* (the book does not take
it) or *shown* (it is taken, and stands beside the figure). ``python -m docs.generate`` writes ``evasions.md`` from it; the
tests see to it that every standard has some, and that every standard and every test that is named exists.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from docs.evasion import Evasion
from docs.evasions_duties import DUTIES, EVERYWHERE
from docs.evasions_voices import VOICES
from projections.standards.index import STANDARDS

__all__ = ["EVASIONS", "evasions"]

EVASIONS: Final[tuple[Evasion, ...]] = (*EVERYWHERE, *VOICES, *DUTIES)
"""Every way that was tried, by standard; whoever finds another adds it with its test."""


def evasions(listed: Iterable[Evasion] = EVASIONS) -> str:
    """The table as a document: what was tried of every standard, then the standards in the handbook's order."""
    found: dict[str, list[Evasion]] = {}
    for each in listed:
        found.setdefault(each.standard, []).append(each)
    lines = [
        "# 规避与对策 · Evasions",
        "",
        "For each standard the ways to make it look better without doing the work, and the test that shows each refused or",
        "shown. 每项标准可能的规避办法，以及证明其被拒绝或被示明的测试。",
        "",
        "| 标准 standard | 规避办法 evasion | 结果 outcome | 测试 test |",
        "|---|---|---|---|",
    ]
    for slug, called in [("", "**每项标准 every standard**"), *((s.slug, f"{s.zh} `{s.slug}`") for s in STANDARDS)]:
        lines += [
            f"| {called} | {each.zh} · {each.en} | {each.outcome} | `tests/{each.test}` |"
            for each in found.get(slug, ())
        ]
    return "\n".join(lines)
