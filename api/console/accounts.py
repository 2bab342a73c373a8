"""Accounts 账号: opened, given a role in an office, relieved of it, given a new password, ended; by a system administrator.

He sees who may do what where, and no case. A password is drawn here and shown this once: nobody thinks one out for
somebody else, and the person changes it on the page «我的账号».
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError
from starlette.responses import RedirectResponse, Response

from api.console.errors import HOME
from api.console.formatting import day
from api.console.page import Kit, Page, first, route
from api.console.people import role_name
from api.http.problems import Problem, told
from api.identity import EVERYWHERE, Grant
from api.routes.accounts import MakeUser
from domain.kernel.errors import NotFound, Refusal, RuleBroken
from domain.kernel.people import KNOWN_ROLES, Role
from journal.book import all_offices

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["nav", "office_name", "routes"]

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""What nobody takes for something else when it is read out."""
_SHOWN: Final = 500
_ACCOUNT: Final[TypeAdapter[MakeUser]] = TypeAdapter(MakeUser)


@dataclass
class Said:
    """What the page says to what was just sent."""

    done: str = ""
    refused: str = ""
    password: str = ""
    whose: str = ""
    written: dict[str, str] = field(default_factory=dict)


def routes(kit: Kit) -> list[Route]:
    """The list with the form of a new one, and an account's own page."""
    return [
        route(kit, "/accounts", _all, ("GET", "POST")),
        route(kit, "/accounts/{user_id}", _one, ("GET", "POST")),
    ]


def _drawn() -> str:
    """A password of eighty bits in four groups that can be read over the telephone."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def _all(page: Page) -> Response:
    page.context.system_administrator(page.request)
    if page.request.method == "POST":
        return _opened(page)
    return _list(page, Said())


def _opened(page: Page) -> Response:
    """A new account, with its password on the page that answers."""
    program = first(page.form, "what") == "program"
    password = None if program else _drawn()
    written = {name: first(page.form, name).strip() for name in ("login", "name")}
    said = Said(written={**written, "what": first(page.form, "what")})
    try:
        body = _ACCOUNT.validate_python({**written, "password": password})
        user_id = page.context.log_ins.hashing.submit(
            page.context.accounts.create, body.login, body.name, password, known=True
        ).result()
    except ValidationError as wrong:
        faults = told([{"type": e["type"], "loc": ("body", *e["loc"]), "ctx": e.get("ctx")} for e in wrong.errors()])
        names = {"login": page.t("账号", "log-in"), "name": page.t("姓名", "name")}
        said.refused = page.t("；", "; ").join(
            f"{names.get(each['field'], '')} {page.t(each['zh'], each['en'])}" for each in faults
        )
        return _list(page, said, 422)
    except (Refusal, Problem) as refused:
        said.refused = page.t(refused.zh, refused.en)
        return _list(page, said, 409)
    page.kit.people.forget()
    return _shown(
        page, user_id, Said(password=password or "", whose=body.login, done=page.t("已开立。", "It is open."))
    )


def _list(page: Page, said: Said, status: int = 200) -> Response:
    ended = page.query("ended") == "true"
    every = [each for each in page.context.accounts.all() if (each["disabled_at"] is not None) == ended]
    words = page.query("q").lower()
    found = [each for each in every if words in each["login"].lower() or words in each["name"].lower()]
    return page.show(
        "accounts.html",
        status,
        said=said,
        ended=ended,
        rows=[_row(page, each) for each in sorted(found, key=lambda each: each["login"])[:_SHOWN]],
        more=max(0, len(found) - _SHOWN),
        words=page.query("q"),
        home=HOME,
        nav=nav(page, "accounts"),
    )


def _row(page: Page, account: Any) -> dict[str, Any]:
    by_office: dict[str, list[str]] = {}
    for grant in account["grants"]:
        by_office.setdefault(grant["office"], []).append(_called(page, grant["role"]))
    return {
        "login": account["login"],
        "name": account["name"],
        "program": account["program"],
        "since": day(account["created_at"].date(), page.lang, page.context.now()),
        "ended": account["disabled_at"] is not None,
        "roles": [(office_name(page, office), page.t("、", ", ").join(names)) for office, names in by_office.items()],
        "href": f"{HOME}/accounts/{quote(account['user_id'], safe='')}",
    }


def office_name(page: Page, office: str) -> str:
    """An office's name, or that it is all of them."""
    return page.t("全部管理处", "every office") if office == EVERYWHERE else page.kit.office_name(office)


# -- one -------------------------------------------------------------------------------------------------------------


def _one(page: Page) -> Response:
    by = page.context.system_administrator(page.request)
    user_id: str = page.request.path_params["user_id"]
    if page.request.method == "GET":
        return _shown(page, user_id, Said())
    _account(page, user_id)
    said = Said()
    try:
        _do(page, user_id, by.user_id, said)
    except (Refusal, Problem) as refused:
        said.refused = page.t(refused.zh, refused.en)
        return _shown(page, user_id, said, 409)
    page.context.identities.forget()
    if said.password:
        return _shown(page, user_id, said)
    return RedirectResponse(f"{HOME}/accounts/{quote(user_id, safe='')}?done=1", 303)


def _do(page: Page, user_id: str, by: str, said: Said) -> None:
    """What one of the page's forms wants."""
    accounts = page.context.accounts
    match first(page.form, "do"):
        case "give":
            grants = {*_grants(page, user_id), _wanted(page)}
            accounts.grant(user_id, grants, by=by)
        case "take":
            accounts.grant(user_id, set(_grants(page, user_id)) - {_wanted(page)}, by=by)
        case "password":
            password = _drawn()
            page.context.log_ins.hashing.submit(accounts.set_password, user_id, password, known=True).result()
            said.password, said.whose = password, _account(page, user_id)["login"]
            said.done = page.t("密码已重置，原有登录全部作废。", "The password is new; whoever was logged in is out.")
        case "end" if user_id == by:
            raise RuleBroken("own-account", None, zh="不能停用自己的账号", en="nobody ends his own account")
        case "end":
            accounts.disable(user_id)
        case _:
            raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")


def _account(page: Page, user_id: str) -> Any:
    for each in page.context.accounts.all():
        if each["user_id"] == user_id:
            return each
    raise NotFound("user-unknown", None, zh="没有这个账号", en="there is no such account")


def _grants(page: Page, user_id: str) -> list[Grant]:
    """Those that this version knows; others are not given anew."""
    return [
        Grant(each["office"], Role(each["role"]))
        for each in _account(page, user_id)["grants"]
        if each["role"] in KNOWN_ROLES
    ]


def _called(page: Page, role: str) -> str:
    """What a role is called; one that this version does not know, and a newer one has given, by its own word."""
    return role_name(Role(role), page.lang) if role in KNOWN_ROLES else role


def _wanted(page: Page) -> Grant:
    office, role = first(page.form, "office"), first(page.form, "role")
    if office != EVERYWHERE and not page.context.exists(office):
        raise RuleBroken("office-unknown", None, zh="没有这个管理处", en="there is no such office", field="office")
    if role not in KNOWN_ROLES:
        raise RuleBroken("no-such-grant", None, zh="请选择角色", en="choose a role", field="role")
    return Grant(office, Role(role))


def _shown(page: Page, user_id: str, said: Said, status: int = 200) -> Response:
    account = _account(page, user_id)
    with page.context.connect() as connection:
        offices = all_offices(connection)
    if page.query("done") == "1" and not said.refused:
        said.done = said.done or page.t("已办好。", "It is done.")
    return page.show(
        "account.html",
        status,
        said=said,
        row=_row(page, account),
        own=account["user_id"] == page.identity.user_id,
        grants=[
            (each["office"], each["role"], office_name(page, each["office"]), _called(page, each["role"]))
            for each in account["grants"]
        ],
        offices=[
            (EVERYWHERE, office_name(page, EVERYWHERE)),
            *((code, page.kit.office_name(code)) for code in offices),
        ],
        roles=[(each.value, role_name(each, page.lang)) for each in Role if each.is_person],
        home=HOME,
        nav=nav(page, "accounts"),
    )


def nav(page: Page, here: str) -> list[tuple[str, str, bool]]:
    """What stands in the head of the pages that belong to no office: address, name, whether it is this one."""
    entries = [("me", page.t("我的账号", "My account"))]
    if page.identity.is_system_administrator:
        entries.insert(0, ("accounts", page.t("账号", "Accounts")))
    if page.identity.offices():
        entries.insert(0, ("", page.t("回到管理处", "Back to the office")))
    return [(f"{HOME}/{name}" if name else HOME, text, name == here) for name, text in entries]
