"""One's own account 我的账号: name, language, password, the log-ins that still count, each of which can be ended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from anyio.from_thread import run
from pydantic import TypeAdapter, ValidationError
from starlette.responses import RedirectResponse, Response

from api.console.accounts import nav, office_name
from api.console.errors import HOME
from api.console.formatting import instant
from api.console.page import Kit, Page, first, route
from api.console.people import role_name
from api.http.authentication import COOKIE
from api.http.problems import Problem
from api.routes.accounts import ChangePassword, MakeUser, address_of
from domain.kernel.errors import NotFound, NotPermitted, Refusal, RuleBroken

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["PASSWORD_PATH", "routes"]

PASSWORD_PATH: Final = f"{HOME}/me/password"
_ACCOUNT: Final[TypeAdapter[MakeUser]] = TypeAdapter(MakeUser)
_PASSWORDS: Final[TypeAdapter[ChangePassword]] = TypeAdapter(ChangePassword)


def routes(kit: Kit) -> list[Route]:
    """The page, and what its forms do."""
    return [
        route(kit, "/me", _shown),
        route(kit, "/me/{word}", _do, ("POST",)),
    ]


def _shown(page: Page, *, at: str = "", said: str = "", status: int = 200) -> Response:
    identity, now = page.identity, page.context.now()
    return page.show(
        "me.html",
        status,
        at_form=at,
        said=said,
        done=page.query("done") in ("name", "session"),
        roles=[
            (office_name(page, grant.office), role_name(grant.role, page.lang))
            for grant in sorted(identity.grants, key=lambda grant: (grant.office, grant.role))
        ],
        sessions=[
            (hashed.hex(), instant(since, page.lang, now), instant(until, page.lang, now), hashed == identity.hashed)
            for hashed, since, until in page.context.accounts.sessions(identity.user_id)
        ],
        tokens=[
            (token["token_id"], token["name"], instant(token["created_at"], page.lang, now))
            for token in page.context.accounts.tokens(identity.user_id)
        ],
        home=HOME,
        other="en" if page.lang == "zh" else "zh",
        nav=nav(page, "me"),
    )


def _do(page: Page) -> Response:
    """What one of the forms wants; whoever shows a token instead of a log-in has no business here."""
    word = page.request.path_params["word"]
    if not page.identity.by_session:
        raise NotPermitted("session", None, zh="请先以账号密码登录", en="log in with account and password for this")
    act = {"name": _rename, "password": _password, "session": _end_session, "token": _revoke}.get(word)
    if act is None:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    try:
        return act(page)
    except ValidationError:
        said = page.t("请按要求填写", "write it as it is asked for")
        return _shown(page, at=word, said=said, status=422)
    except (Refusal, Problem) as refused:
        return _shown(page, at=word, said=page.t(refused.zh, refused.en), status=getattr(refused, "status", 409))


def _back(done: str) -> Response:
    return RedirectResponse(f"{HOME}/me?done={done}", 303)


def _rename(page: Page) -> Response:
    name = first(page.form, "name").strip()
    _ACCOUNT.validate_python({"login": "-", "name": name})
    page.context.accounts.rename(page.identity.user_id, name)
    page.context.identities.forget()
    page.kit.people.forget()
    return _back("name")


def _password(page: Page) -> Response:
    """Afterwards everybody who was logged in is out, he himself too: with the new password he comes back."""
    old, new = first(page.form, "old"), first(page.form, "new")
    if new != first(page.form, "again"):
        raise RuleBroken("not-the-same", None, zh="两次填写的新密码不同", en="the new passwords differ", field="again")
    _PASSWORDS.validate_python({"old": old, "new": new})
    change = page.context.log_ins.change_password
    run(partial(change, page.identity.user_id, old, new, address=address_of(page.request)))
    page.context.identities.forget()
    answer = RedirectResponse(f"{HOME}/login?changed=1", 303)
    answer.delete_cookie(COOKIE)
    return answer


def _end_session(page: Page) -> Response:
    try:
        hashed = bytes.fromhex(first(page.form, "session"))
    except ValueError:
        raise NotFound("session-unknown", None, zh="没有这次登录", en="there is no such log-in") from None
    page.context.accounts.end_session(hashed, of=page.identity.user_id)
    page.context.identities.forget()
    return RedirectResponse(HOME, 303) if hashed == page.identity.hashed else _back("session")


def _revoke(page: Page) -> Response:
    page.context.accounts.revoke(first(page.form, "token"), of=page.identity.user_id)
    page.context.identities.forget()
    return _back("session")
