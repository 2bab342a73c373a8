"""Saved views 常用视图: the conditions, columns and order of a register that somebody asks for again and again, by a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse, Response

from api.console.page import Kit, Page, first, office_page
from api.http.text import NOT_IN_LINE
from domain.kernel.errors import NotFound, RuleBroken

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes", "saved_views"]

_NOT_KEPT: Final = frozenset({"q", "cursor", "as_of", "done"})
"""Left out of a view: what was searched for may be somebody's name, and a page or a moment is not part of it."""
_MOST: Final = 20
_LONGEST, _LONGEST_QUERY = 20, 2_000
_READ, _MOST_FIELDS = 32_768, 200
"""Of an address: no browser's is longer, and no register has more filters."""
_KEEP: Final = """
insert into wuye.saved_views (office, user_id, register, name, query) values (%s, %s, %s, %s, %s)
on conflict (office, user_id, register, name) do update set query = excluded.query, made_at = clock_timestamp()
"""


def routes(kit: Kit) -> list[Route]:
    """Keeping one, and letting it go."""
    return [office_page(kit, "/registers/{register}/views", _change, ("POST",))]


def _kept(query: str) -> str:
    said = [(name, value) for name, value in parse_qsl(query[:_READ])[:_MOST_FIELDS] if name not in _NOT_KEPT]
    return urlencode(sorted(said))


def saved_views(page: Page, register: str) -> list[tuple[str, str, bool]]:
    """This person's views of a register: name, address, and whether it is the one that is looked at."""
    with page.connect() as connection:
        rows = connection.execute(
            "select name, query from wuye.saved_views where office = %s and user_id = %s and register = %s order by made_at",
            [page.office, page.identity.user_id, register],
        ).fetchall()
    here = _kept(page.request.url.query)
    base = page.at("registers", register)
    return [(name, f"{base}?{query}" if query else base, query == here) for name, query in rows]


def _change(page: Page) -> Response:
    register = page.request.path_params["register"]
    if register not in page.context.registers.by_name:
        raise NotFound("register-unknown", None, zh="没有这本登记簿", en="there is no such register")
    name = first(page.form, "name").strip()
    if not name or len(name) > _LONGEST or NOT_IN_LINE.search(name):
        zh, en = f"请给视图起个名，至多 {_LONGEST} 字", f"give the view a name of {_LONGEST} characters at most"
        raise RuleBroken("view-name", None, zh=zh, en=en, field="name")
    whose, query = [page.office, page.identity.user_id, register], _kept(first(page.form, "query"))[:_LONGEST_QUERY]
    with page.connect() as connection:
        if first(page.form, "do") == "forget":
            connection.execute(
                "delete from wuye.saved_views where office = %s and user_id = %s and register = %s and name = %s",
                [*whose, name],
            )
            query = ""
        elif len(saved_views(page, register)) >= _MOST:
            zh, en = f"至多存 {_MOST} 个，请先去掉一个", f"there are {_MOST} already: let one go first"
            raise RuleBroken("views-full", None, zh=zh, en=en)
        else:
            connection.execute(_KEEP, [*whose, name, query])
    base = page.at("registers", register)
    return RedirectResponse(f"{base}?{query}" if query else base, 303)
