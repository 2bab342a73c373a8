"""The resident's link 住户链接: one matter, one round of asking, nothing that can be guessed; and its code on paper.

The link is made, not kept: office, round and matter with a mark that the home's master key alone can make (128 bits). It
holds while the case of the resident's word waits for an answer; asking anew makes another one, and the old one is dead.
"""

from __future__ import annotations

import base64
import hmac
from binascii import Error
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from api.console.codes import drawn
from api.console.errors import RESIDENTS
from domain.kernel.errors import NotFound
from domain.visits.resident_word import INVITED, ResidentWord, word_id

if TYPE_CHECKING:
    from markupsafe import Markup

    from api.console.page import Page
    from api.http.context import ApiContext

__all__ = ["ASKED_ABOUT", "Link", "code_of", "link_of", "read_link", "said_by", "token_of", "word_of"]

ASKED_ABOUT: Final = ("follow_up", "complaint", "repair_order", "service_order")
_BYTES: Final = 16
_PURPOSE: Final = "residents' links"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is about: ``round`` is the how-manieth asking."""

    office: str
    round: int
    of_case: str

    @property
    def said(self) -> str:
        """As it is marked."""
        return f"{self.office}/{self.round}/{self.of_case}"


def _mark(context: ApiContext, said: str, purpose: str) -> bytes:
    secret = context.master.secret(purpose)
    return hmac.digest(secret.encode(), said.encode(), "sha256")[:_BYTES]


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(f"{text}{'=' * (-len(text) % 4)}", altchars=b"-_", validate=True)


def token_of(context: ApiContext, said: str, purpose: str = _PURPOSE) -> str:
    """What a link says, with the mark that only this home's master key makes, for one purpose."""
    return f"{_plain(said.encode())}.{_plain(_mark(context, said, purpose))}"


def said_by(context: ApiContext, token: str, purpose: str = _PURPOSE) -> str | None:
    """What a link says; None for one that nobody here has made. Nothing is looked up before that is known."""
    words, _, mark = token.partition(".")
    try:
        said = _bytes(words).decode()
        right = hmac.compare_digest(_bytes(mark), _mark(context, said, purpose))
    except (Error, ValueError):
        return None
    return said if right else None


def read_link(context: ApiContext, token: str) -> Link | None:
    """The matter that a link is about; None for one that nobody here has made."""
    said = said_by(context, token)
    if said is None:
        return None
    office, number, of_case = said.split("/", 2)
    return Link(office, int(number), of_case)


def word_of(page: Page, of_case: str) -> ResidentWord | None:
    """The resident's word on a matter, if it was ever asked for."""
    try:
        word: ResidentWord = page.context.handler.case(page.office, word_id(of_case))
    except NotFound:
        return None
    return word


def link_of(page: Page, of_case: str) -> str | None:
    """The address by which the resident is asked about a matter now; None where nobody is being asked."""
    word = word_of(page, of_case)
    if word is None or word.state != INVITED or (word.until is not None and page.now >= word.until):
        return None
    token = token_of(page.context, Link(page.office, word.invited, of_case).said)
    return f"{str(page.request.base_url).rstrip('/')}{RESIDENTS}/{token}"


def code_of(page: Page, of_case: str) -> Markup | None:
    """The code for the resident's telephone, while there is a link."""
    link = link_of(page, of_case)
    return drawn(link) if link is not None else None
