"""Sentences about what a suspension rests on (§8.A(2)): an article of something agreed, and nobody's own words."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

from domain.arrears.debt_case.commands.measures import SuspendServices
from domain.arrears.debt_case.events import ServicesSuspended
from domain.arrears.terms import OptionalService, SuspensionGround
from domain.kernel.errors import RuleBroken
from domain.kernel.papers import FilePaper
from domain.kernel.people import Role
from tests.domain.arrears.owing import MANAGER, visited

PARCELS = (OptionalService.PARCEL_STORAGE,)


def test_what_a_suspension_rests_on_is_an_article_of_something_agreed_and_no_words_of_ones_own() -> None:
    """No free text can name a utility: «依规约停水停电» cannot be said."""
    texts = {f.name for f in fields(SuspendServices) if "str" in str(f.type)}
    assert texts == {"despite", "document"}, "why in spite of the committee, and the hash of a paper"
    paper = "a" * 64
    rests = {"services": PARCELS, "ground": SuspensionGround.COVENANT, "article": 9}
    for wrong, code in (
        ({"article": 0}, "article-unknown"),
        ({"paragraph": 0}, "article-unknown"),
        ({"document_on": date(2025, 3, 18)}, "day-ahead"),
        ({"document": "停水"}, "document-unknown"),
        ({"document": paper}, "document-unknown"),
    ):
        said = SuspendServices(**(rests | wrong))
        visited().when(said, as_=MANAGER, at="2025-03-17 10:00").refused(RuleBroken, clause="8.A(2)", code=code)
    story = visited()
    filed = FilePaper(document=paper, kind="paper", media_type="application/pdf", size=9)
    story.when(filed, as_=Role.POLICY, at="2025-03-17 09:00")
    told = SuspendServices(**rests, paragraph=2, document_on=date(2024, 1, 1), document=paper)
    story.when(told, as_=MANAGER, at="2025-03-17 10:00")
    story.then(ServicesSuspended, ground=SuspensionGround.COVENANT, article=9, paragraph=2, basis=None, document=paper)
