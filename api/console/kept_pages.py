"""Kept pages 随身页: what a browser shows where no network is: which pages of a round it has taken along.

A small worker (``static/worker``) keeps the pages of patrols and inspections on the device as they were last seen, until
whoever took them along logs out or somebody logs in; this page is kept with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from api.console.page import Kit, Page, route

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]


def routes(kit: Kit) -> list[Route]:
    """The one page; no office stands in it."""
    return [route(kit, "/without-network", _page)]


def _page(page: Page) -> Response:
    return page.show("without_network.html")
