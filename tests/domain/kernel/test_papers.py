"""Photos and papers of a case: named by what they hold, each once."""

from __future__ import annotations

from domain.complaints.complaint.events import Channel, ComplaintRegistered
from domain.complaints.complaint.lifecycle import LIFECYCLE
from domain.kernel.errors import RuleBroken
from domain.kernel.papers import FilePaper, PaperFiled
from domain.kernel.people import Role
from tests.domain.story import Story, given

PHOTO = "a" * 64


def complaint() -> Story:
    return given(LIFECYCLE, ComplaintRegistered(channel=Channel.IN_PERSON, category="leak", matter="漏水"))


def paper(document: str = PHOTO, size: int = 10) -> FilePaper:
    return FilePaper(document=document, kind="photo", media_type="image/jpeg", size=size, about="天花")


def test_a_photo_is_filed_once_by_its_hash() -> None:
    story = complaint().when(paper(), as_=Role.POLICY, by="li").then(PaperFiled, document=PHOTO)
    kept = story.case.papers[PHOTO]
    assert (kept.kind, kept.media_type, kept.size, kept.about, kept.by) == ("photo", "image/jpeg", 10, "天花", "li")
    story.when(paper(), as_=Role.POLICY).refused(RuleBroken, code="filed-already")


def test_what_is_no_paper_is_refused() -> None:
    complaint().when(paper(document="photo.jpg"), as_=Role.POLICY).refused(RuleBroken, code="not-a-hash")
    complaint().when(paper(size=0), as_=Role.POLICY).refused(RuleBroken, code="amount-not-positive")
