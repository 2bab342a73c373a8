"""Log-in 登录 by a page, log-out and language. The rules are those of ``POST /login``: limits, devices, the same work."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from anyio.to_thread import run_sync
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.console.errors import HOME, within
from api.console.page import Kit, Page, first, route, sent
from api.console.text import COOKIE as LANGUAGE
from api.console.text import LANGUAGES
from api.http.authentication import COOKIE, cookie_of, is_here
from api.http.log_in import LOGIN_PAGE
from api.http.problems import Problem
from api.routes.accounts import address_of, logged_in
from domain.kernel.people import Role

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["routes"]

_YEAR: Final = 365 * 24 * 3600


def routes(kit: Kit) -> list[Route]:
    """Their addresses."""

    async def log_in(request: Request) -> Response:
        form, _ = await sent(request)
        page = Page(kit, request, form, {})
        if request.method == "GET":
            return await run_sync(lambda: _form(page))
        login, password = await run_sync(lambda: _credentials(page))
        settings, kept = kit.context.settings, kit.context.log_ins
        lasting = timedelta(hours=settings.session_hours)
        devices = kept.devices.read(request.headers.get("cookie", ""), kit.context.now())
        try:
            done = await kept.log_in(login, password, lasting, address=address_of(request), devices=devices)
        except Problem as refused:
            said = page.t(refused.zh, refused.en)
            status, headers = refused.status, refused.headers
            answer = await run_sync(lambda: _form(page, login=login, said=said, status=status))
            answer.headers.update(headers)
            return answer
        answer = RedirectResponse(_inside(first(form, "next")), 303)
        logged_in(answer, kit.context, done, login, devices, path=LOGIN_PAGE)
        return answer

    return [
        Route("/login", log_in, methods=["GET", "POST"]),
        route(kit, "/logout", _log_out, ("POST",)),
        route(kit, "/language/{language}", _language),
    ]


def _form(page: Page, *, login: str = "", said: str = "", status: int = 200) -> Response:
    demo = [(name, role) for name, _, role in demo_log_ins(page)]
    target = first(page.form, "next") or page.query("next")
    other = "en" if page.lang == "zh" else "zh"
    return page.show(
        "log_in.html", status, login=login, said=said, demo=demo, next=_inside(target), other=f"{HOME}/language/{other}"
    )


def _credentials(page: Page) -> tuple[str, str]:
    """What was typed; or an invented office's, which whoever sits at this machine need not type."""
    wanted = first(page.form, "demo")
    for login, password, _ in demo_log_ins(page) if wanted else ():
        if login == wanted:
            return login, password
    return first(page.form, "login")[:200], first(page.form, "password")[:128]


def demo_log_ins(page: Page) -> list[tuple[str, str, Role]]:
    """The log-ins of the newest invented office, from the file that ``wuye demo`` keeps; nobody else's machine sees them."""
    files = sorted(Path(page.context.settings.home).glob("demo-logins-*.txt"), key=lambda file: file.stat().st_mtime)
    if not files or not is_here(page.request.scope):
        return []
    found = []
    for line in files[-1].read_text("utf-8").splitlines():
        login, password, *_, role = line.split()
        found.append((login, password, Role(role)))
    return found


def _inside(target: str) -> str:
    """Where to go on; nowhere but within the console."""
    plain = unquote(target)
    return target if within(plain) and "\\" not in plain and plain.isprintable() else HOME


def _log_out(page: Page) -> Response:
    secret = cookie_of(page.request.headers.get("cookie", ""))
    if secret is not None and page.identity.by_session:
        page.context.accounts.log_out(secret)
        page.context.identities.forget()
    answer = RedirectResponse(f"{HOME}/login", 303)
    answer.delete_cookie(COOKIE)
    answer.headers["Clear-Site-Data"] = '"storage"'  # drafts may be about people
    return answer


def _language(page: Page) -> Response:
    language = page.request.path_params["language"]
    answer = RedirectResponse(_inside(page.query("next")), 303)
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE, language, max_age=_YEAR, samesite="lax", httponly=True, path=HOME)
    return answer
