"""A long act in parts 分批办理: one request does a part and shows how far it is; the page asks for the next by itself.

Without a script the button goes on. What a part did stays, whatever breaks off between two of them, and the act that
is given again goes on with what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from api.console.page import first

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["Going", "going_on", "said_before", "through"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """An act of which a part is done: how much of how much, and what the next part has to know."""

    title: str
    said: str
    done: int
    of: int
    action: str
    fields: Mapping[str, Any]
    stop: str
    """Where one sees what is done, and stops."""


def said_before(page: Page, name: str, otherwise: int) -> int:
    """What an earlier part has said of itself in the form; ``otherwise`` where it is no count."""
    said = first(page.form, name)
    return int(said) if said.isdecimal() and len(said) < 8 else otherwise


def going_on(page: Page, going: Going) -> Response:
    """How far it is, with the form of the next part."""
    return page.show("going_part.html" if page.is_part else "going.html", going=going)


def through(page: Page, href: str) -> Response:
    """The last part is done: to the page that says so."""
    if page.is_part:
        return Response(status_code=204, headers={"HX-Redirect": href})
    return RedirectResponse(href, 303)
