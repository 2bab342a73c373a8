"""Notices 通知: what one was told, the latest first; what says the same stands in one line with how many there are and which."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import RedirectResponse, Response

from api.console.formatting import instant
from api.console.page import Kit, Page, first, office_page
from api.console.people import role_name
from api.console.values import Values
from api.routes.notices import mark_read, of_them, told
from domain.kernel.errors import NotPermitted
from domain.kernel.people import Role
from workflows.engine.notices import STAGES

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]

_MOST: Final = 60
"""Lines of one page."""


def routes(kit: Kit) -> list[Route]:
    """What was told, and that it has been read."""
    return [office_page(kit, "/notices", _page, ("GET", "POST"))]


def _page(page: Page) -> Response:
    if page.request.method == "POST":
        return _read(page)
    page.context.tell(page.office)
    everything, bearer = page.query("of") == "all", page.query("in")
    with page.connect() as connection:
        found, following = told(
            connection,
            page.office,
            limit=_MOST,
            cursor=page.query("cursor") or None,
            unread=page.query("read") != "all" and not bearer,
            mine=None if everything or bearer else (_names(page), [role.value for role in page.roles]),
            of=of_them(bearer) if bearer else None,
        )
    values = Values(page)
    values.expect([each["case_id"] for notice in found for each in notice["of"]])
    return page.show(
        "told.html",
        notices=[_line(page, values, notice) for notice in found],
        everything=everything,
        read_too=page.query("read") == "all",
        alone=bool(bearer),
        may=set(page.roles) != {Role.AUDITOR},
        following=page.here(cursor=following) if following else None,
    )


def _names(page: Page) -> list[str]:
    """What somebody's notices call him: his account, and what the staff register does."""
    with page.connect() as connection:
        called = page.context.handler.people.called
        return sorted({page.identity.user_id, called(connection, page.office, page.identity.user_id)})


def _line(page: Page, values: Values, notice: dict[str, Any]) -> dict[str, Any]:
    """One line: in words what was told, and which matters it is about."""
    person = notice["person"]
    return {
        "id": notice["id"],
        "until": notice["latest_at"].isoformat(),
        "css": "st-late" if notice["stage"] in ("overdue", "escalation") else "st-soon",
        "stage": page.t(*STAGES[notice["stage"]]),
        "text": page.begins(notice["zh"], notice["en"]),
        "count": notice["count"],
        "unread": notice["unread"],
        "who": page.kit.people.name(person, page.lang) if person else role_name(Role(notice["role"]), page.lang),
        "clause": notice["clause"],
        "at": instant(notice["latest_at"], page.lang, page.now, near=True),
        "of": [_matter(page, values, each) for each in notice["of"]],
        "more": max(notice["count"] - len(notice["of"]), 0),
        "all": page.at("notices", **{"in": notice["id"]}),
    }


def _matter(page: Page, values: Values, each: dict[str, Any]) -> dict[str, Any]:
    title = values.titles.of(each["case_id"])
    due_at = each["due_at"] if isinstance(each["due_at"], datetime) else datetime.fromisoformat(each["due_at"])
    return {
        "href": page.at("case", each["case_id"]),
        "title": f"{title.text} {title.home}" if title.home and title.home not in title.text else title.text,
        "due": instant(due_at, page.lang, page.now, ends=True, near=True),
        "read": each["read_at"] is not None,
    }


def _read(page: Page) -> Response:
    """What was seen has been read: what has come to it since is not."""
    if set(page.roles) == {Role.AUDITOR}:
        raise NotPermitted("role", None, zh="审计只读不写", en="an auditor changes nothing")
    until = _instant(first(page.form, "until"))
    with page.connect() as connection:
        notice = first(page.form, "notice")
        mark_read(connection, page.office, notice, page.identity.user_id, page.now, until)
    return RedirectResponse(page.here(), 303)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
