"""Log-in 登录 and accounts 账号 over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response

from api.http.authentication import COOKIE, cookie_of, who
from api.http.context import ApiContext, json
from api.http.devices import LASTS, Device
from api.http.documents import answered, ref
from api.http.log_in import LOGIN_PATH, LoggedIn
from api.http.text import tighten
from api.identity import Grant
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role

__all__ = ["address_of", "logged_in", "router"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """Account and password."""

    login: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """The old password and a new one."""

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUser:
    """A new account; without a password it is a program's."""

    login: str
    name: str
    password: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPassword:
    """A new password."""

    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OneGrant:
    """A role in an office; ``*`` is every office."""

    office: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class SetGrants:
    """All roles of an account from now on."""

    grants: tuple[OneGrant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeToken:
    """A token's name, and until when it is good."""

    name: str
    expires_at: datetime | None = None


for _body in (LogIn, ChangePassword, MakeUser, SetPassword, SetGrants, MakeToken):
    tighten(_body)

_NOTHING: dict[int | str, dict[str, Any]] = {204: {"description": "成功 / done"}}


def router(context: ApiContext) -> APIRouter:
    """Log-in, one's own account, and the accounts that a system administrator keeps."""
    made = APIRouter(tags=["accounts"])
    _log_in(made, context)
    _own(made, context)
    _kept(made, context)
    return made


def _log_in(made: APIRouter, context: ApiContext) -> None:
    settings = context.settings

    @made.post(
        "/login",
        operation_id="log_in",
        summary="登录 / log in",
        responses=answered(ref("Session")),
        response_model=None,
    )
    async def log_in(request: Request, body: Annotated[LogIn, Body()]) -> Response:
        lasting, kept = timedelta(hours=settings.session_hours), context.log_ins
        devices = kept.devices.read(request.headers.get("cookie", ""), context.now())
        done = await kept.log_in(body.login, body.password, lasting, address=address_of(request), devices=devices)
        response = json(
            {
                "user_id": done.user_id,
                "expires_at": done.expires_at,
                "failures": done.failures,
                "last_failure_at": done.last_failure_at,
            }
        )
        logged_in(response, context, done, body.login, devices, path=LOGIN_PATH)
        return response

    @made.post(
        "/logout",
        operation_id="log_out",
        status_code=204,
        summary="退出 / log out",
        responses=_NOTHING,
        response_model=None,
    )
    def log_out(request: Request) -> Response:
        secret = cookie_of(request.headers.get("cookie", ""))
        if secret is not None and who(request.scope).by_session:
            context.accounts.log_out(secret)
            context.identities.forget()
        response = Response(status_code=204)
        response.delete_cookie(COOKIE)
        return response


def _own(made: APIRouter, context: ApiContext) -> None:
    @made.get(
        "/me",
        operation_id="me",
        summary="我的账号与角色 / who I am, and as what",
        responses=answered(ref("Me")),
        response_model=None,
    )
    def me(request: Request) -> Response:
        identity = who(request.scope)
        grants = [{"office": g.office, "role": g.role, "zh": g.role.zh} for g in identity.grants]
        return json({"user_id": identity.user_id, "name": identity.name, "grants": grants})

    @made.put(
        "/me/password",
        operation_id="change_password",
        status_code=204,
        summary="修改密码 / change my password",
        responses=_NOTHING,
        response_model=None,
    )
    async def change_password(request: Request, body: Annotated[ChangePassword, Body()]) -> Response:
        user_id = who(request.scope).user_id
        await context.log_ins.change_password(user_id, body.old, body.new, address=address_of(request))
        context.identities.forget()
        response = Response(status_code=204)
        response.delete_cookie(COOKIE)
        return response

    @made.get(
        "/me/tokens",
        operation_id="my_tokens",
        summary="我的令牌 / my tokens",
        responses=answered(ref("Tokens")),
        response_model=None,
    )
    def my_tokens(request: Request) -> Response:
        return json({"tokens": context.accounts.tokens(who(request.scope).user_id)})

    @made.post(
        "/me/tokens",
        operation_id="make_my_token",
        status_code=201,
        summary="开具令牌（只显示一次）/ make a token",
        responses=answered(ref("TokenMade"), 201),
        response_model=None,
    )
    def make_my_token(request: Request, body: Annotated[MakeToken, Body()]) -> Response:
        identity = who(request.scope)
        return _token(context, identity.user_id, body, for_program=False)

    @made.delete(
        "/me/tokens/{token_id}",
        operation_id="revoke_my_token",
        status_code=204,
        summary="撤销令牌 / revoke a token",
        responses=_NOTHING,
        response_model=None,
    )
    def revoke_my_token(request: Request, token_id: str) -> Response:
        context.accounts.revoke(_word(token_id), of=who(request.scope).user_id)
        context.identities.forget()
        return Response(status_code=204)


def _kept(made: APIRouter, context: ApiContext) -> None:
    @made.get(
        "/users", operation_id="users", summary="账号 / accounts", responses=answered(ref("Users")), response_model=None
    )
    def users(request: Request) -> Response:
        context.system_administrator(request)
        return json({"users": context.accounts.all()})

    @made.post(
        "/users",
        operation_id="make_user",
        status_code=201,
        summary="新建账号 / make an account",
        responses=answered(ref("UserMade"), 201),
        response_model=None,
    )
    async def make_user(request: Request, body: Annotated[MakeUser, Body()]) -> Response:
        context.system_administrator(request)
        make = context.accounts.create
        user_id = await context.log_ins.hashing.run(make, body.login, body.name, body.password, known=True)
        return json({"user_id": user_id}, 201)

    @made.put(
        "/users/{user_id}/password",
        operation_id="set_password",
        status_code=204,
        summary="重置密码 / set a password",
        responses=_NOTHING,
        response_model=None,
    )
    async def set_password(request: Request, user_id: str, body: Annotated[SetPassword, Body()]) -> Response:
        context.system_administrator(request)
        change = context.accounts.set_password
        await context.log_ins.hashing.run(change, _word(user_id), body.password, known=True)
        context.identities.forget()
        return Response(status_code=204)

    @made.put(
        "/users/{user_id}/grants",
        operation_id="set_grants",
        status_code=204,
        summary="授权（替换全部角色）/ replace an account's roles",
        responses=_NOTHING,
        response_model=None,
    )
    def set_grants(request: Request, user_id: str, body: Annotated[SetGrants, Body()]) -> Response:
        by = context.system_administrator(request)
        for grant in body.grants:
            if grant.office != "*" and not context.exists(grant.office):
                raise RuleBroken(
                    "office-unknown", None, zh="没有这个管理处", en="there is no such office", field="grants"
                )
        grants = [Grant(grant.office, grant.role) for grant in body.grants]
        context.accounts.grant(_word(user_id), grants, by=by.user_id)
        context.identities.forget()
        return Response(status_code=204)

    @made.delete(
        "/users/{user_id}",
        operation_id="disable_user",
        status_code=204,
        summary="停用账号 / end an account",
        responses=_NOTHING,
        response_model=None,
    )
    def disable_user(request: Request, user_id: str) -> Response:
        by = context.system_administrator(request)
        if by.user_id == user_id:
            raise RuleBroken("own-account", None, zh="不能停用自己的账号", en="nobody ends his own account")
        context.accounts.disable(_word(user_id))
        context.identities.forget()
        return Response(status_code=204)

    @made.get(
        "/users/{user_id}/tokens",
        operation_id="tokens_of_user",
        summary="账号的令牌 / an account's tokens",
        responses=answered(ref("Tokens")),
        response_model=None,
    )
    def tokens(request: Request, user_id: str) -> Response:
        context.system_administrator(request)
        return json({"tokens": context.accounts.tokens(_word(user_id))})

    @made.delete(
        "/users/{user_id}/tokens/{token_id}",
        operation_id="revoke_token",
        status_code=204,
        summary="撤销账号的令牌 / revoke an account's token",
        responses=_NOTHING,
        response_model=None,
    )
    def revoke_token(request: Request, user_id: str, token_id: str) -> Response:
        context.system_administrator(request)
        context.accounts.revoke(_word(token_id), of=_word(user_id))
        context.identities.forget()
        return Response(status_code=204)

    @made.post(
        "/users/{user_id}/tokens",
        operation_id="make_token",
        status_code=201,
        summary="为程序开具令牌 / make a program's token",
        responses=answered(ref("TokenMade"), 201),
        response_model=None,
    )
    def make_token(request: Request, user_id: str, body: Annotated[MakeToken, Body()]) -> Response:
        context.system_administrator(request)
        return _token(context, _word(user_id), body, for_program=True)


def logged_in(
    response: Response, context: ApiContext, done: LoggedIn, login: str, devices: tuple[Device, ...], *, path: str
) -> None:
    """Give the browser its session, and, where it is a stranger, the mark of a known device for this log-in's address."""
    settings = context.settings
    response.set_cookie(
        COOKIE,
        done.secret,
        max_age=settings.session_hours * 3600,
        httponly=True,
        samesite="strict",
        secure=settings.secure_cookies,
    )
    if not any(device.used_for(login) for device in devices):
        name, mark = context.log_ins.devices.make(login, context.now())
        response.set_cookie(
            name,
            mark,
            max_age=int(LASTS.total_seconds()),
            path=path,
            httponly=True,
            samesite="strict",
            secure=settings.secure_cookies,
        )


def address_of(request: Request) -> str:
    """Where a request comes from; behind a reverse proxy what the proxy says, if it is one that may."""
    return request.client.host if request.client is not None else ""


def _token(context: ApiContext, user_id: str, body: MakeToken, *, for_program: bool) -> Response:
    if body.expires_at is not None and body.expires_at <= context.now():
        raise RuleBroken("expired", None, zh="有效期须晚于现在", en="it would have ended already", field="expires_at")
    token_id, token = context.accounts.make_token(user_id, body.name, body.expires_at, for_program=for_program)
    return json({"token_id": token_id, "token": token}, 201)


def _word(given: str) -> str:
    """An id from an address; "-", which nothing has, for what cannot be an id."""
    return given if given.isprintable() and given.isascii() else "-"
