"""Refusals over HTTP 拒绝的回答: RFC 9457 problems with a stable code, the clause, and both languages.

Status codes: 401 who are you, 403 role, 404 unknown (also what belongs to another office), 409 rule or state, 410
erased, 412 stale, 413 too large, 422 malformed with one line per field, 429 too many attempts, 503 busy. Values that
can be read but that the handbook does not allow are 409: a 422 always means that the request breaks its schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.http.addresses import address
from api.http.metrics import REFUSALS
from domain.cases import BY_KIND
from domain.kernel.errors import (
    AlreadyHeld,
    Erased,
    Malformed,
    NotFound,
    NotPermitted,
    Refusal,
    RuleBroken,
    Stale,
    WrongState,
)

__all__ = ["MEDIA_TYPE", "SCHEMA", "STATUSES", "Problem", "install", "problem", "refusal", "told"]

MEDIA_TYPE: Final = "application/problem+json"

_STATUS: Final[tuple[tuple[type[Refusal], int], ...]] = (
    (NotPermitted, 403),
    (NotFound, 404),
    (WrongState, 409),
    (AlreadyHeld, 409),
    (RuleBroken, 409),
    (Malformed, 409),
    (Erased, 410),
    (Stale, 412),
)

STATUSES: Final[Mapping[int, tuple[str, str, str]]] = {
    400: ("unreadable", "请求无法读取", "the request cannot be read"),
    401: ("not-logged-in", "请先登录", "log in first"),
    403: ("not-permitted", "无权办理", "not permitted"),
    404: ("unknown", "没有这项内容", "there is no such thing here"),
    405: ("method", "此处不支持该方法", "this address does not know that method"),
    408: ("too-slow", "请求未在限时内送达", "the request did not arrive in time"),
    409: ("refused", "不符合规定或当前状态", "a rule or the state forbids it"),
    410: ("erased", "已依法销毁", "erased for good"),
    412: ("stale", "内容已有更新，请重新查看", "it has changed since you read it"),
    413: ("too-large", "内容过大", "too large"),
    415: ("media-type", "请以 application/json 提交", "send application/json"),
    422: ("malformed", "填写有误", "the request does not fit its schema"),
    429: ("too-many-attempts", "尝试过于频繁，请稍后再试", "too many attempts, try again later"),
    431: ("head-too-large", "请求头过大", "the request's head is too large"),
    500: ("fault", "系统内部错误，已记录", "an internal fault, it has been noted"),
    503: ("busy", "系统繁忙，请稍后重试", "busy, try again shortly"),
}

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `code` is stable; `zh` and `en` are for people and may be reworded.",
    "required": ["type", "title", "status", "code", "zh", "en"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "zh": {"type": "string"},
        "en": {"type": "string"},
        "clause": {"type": ["string", "null"]},
        "field": {"type": ["string", "null"]},
        "holder": {
            "type": "object",
            "description": "已占用的事项 / the case that holds what only one may hold",
            "required": ["id", "kind", "zh", "en", "href"],
            "properties": {key: {"type": "string"} for key in ("id", "kind", "zh", "en", "href")},
        },
        "go_on": {
            "type": "object",
            "description": "自何处续读 / where to go on in a book that was restored",
            "required": ["epoch", "after", "href"],
            "properties": {"epoch": {"type": "integer"}, "after": {"type": "integer"}, "href": {"type": "string"}},
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "zh", "en"],
                "properties": {key: {"type": "string"} for key in ("field", "code", "zh", "en")},
            },
        },
    },
}

_FAULTS: Final[tuple[tuple[str, str, str, str], ...]] = (
    # pydantic's type begins with, code, zh, en; what it says of the limit stands in the place of its name
    ("missing", "missing", "必填", "is required"),
    ("extra_forbidden", "unknown-field", "没有这个栏目", "is not a field of this form"),
    ("unexpected", "unknown-field", "没有这个栏目", "is not a field of this form"),
    ("parameter_unknown", "unknown-parameter", "没有这个参数", "is not a parameter of this address"),
    ("parameter_repeated", "repeated", "只能填写一次", "is given more than once"),
    ("text_character", "character", "含有不允许的控制字符", "contains a control or direction character"),
    ("text_blank", "blank", "不能为空", "must not be blank"),
    ("text_sealed", "sealed", "不能以密文标记开头", "cannot begin as a sealed value does"),
    ("text_form", "form", "只能用字母、数字、_ 和 -", "takes letters, digits, _ and - only"),
    ("string_too_long", "too-long", "内容过长，至多{max_length}字", "is too long: at most {max_length} characters"),
    ("string_pattern", "form", "格式不符", "does not have the required form"),
    ("string_unicode", "character", "含有无效字符", "contains an invalid character"),
    ("too_long", "too-many", "条目过多，至多{max_length}条", "has too many entries: at most {max_length}"),
    ("too_short", "too-few", "条目过少，至少{min_length}条", "has too few entries: at least {min_length}"),
    ("timezone", "zone", "时间须带时区", "needs its time zone"),
    ("time_form", "time", "日期时间格式不符（RFC 3339，含时区）", "is not an RFC 3339 date or instant with its zone"),
    ("date", "date", "日期无效", "is not a date"),
    ("time", "time", "时间无效", "is not a time"),
    ("enum", "choice", "不在可选范围内：{zh}", "is not one of the choices: {en}"),
    ("literal", "choice", "不在可选范围内：{zh}", "is not one of the choices: {en}"),
    ("page_ahead", "too-great", "页码超出台账末页，末页为{le}", "is beyond the last page of the book, {le}"),
    ("greater_than_equal", "too-small", "数值过小，不得小于{ge}", "is too small: {ge} or more"),
    ("less_than_equal", "too-great", "数值过大，不得大于{le}", "is too great: {le} or less"),
    ("json_invalid", "json", "不是有效的 JSON", "is not valid JSON"),
    ("", "type", "类型不符", "is not of the right type"),
)


class Problem(Exception):
    """A refusal of the API itself rather than of the handbook, such as a wrong password."""

    def __init__(
        self,
        status: int,
        code: str | None = None,
        zh: str | None = None,
        en: str | None = None,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
        go_on: Mapping[str, Any] | None = None,
    ) -> None:
        """What is left out is said in the status's own words."""
        self.status = status
        default = STATUSES[status]
        self.code, self.zh, self.en = code or default[0], zh or default[1], en or default[2]
        self.field = field
        self.headers = dict(headers or {})
        self.go_on = go_on
        super().__init__(self.code)


def problem(
    status: int,
    code: str,
    zh: str,
    en: str,
    *,
    clause: str | None = None,
    field: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    holder: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    go_on: Mapping[str, Any] | None = None,
) -> Response:
    """The answer."""
    REFUSALS.labels(code).inc()
    body: dict[str, Any] = {
        "type": f"urn:wuye:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": f"{zh} / {en}",
        "code": code,
        "zh": zh,
        "en": en,
        "clause": clause,
        "field": field,
    }
    if errors:
        body["errors"] = errors
    if holder is not None:
        body["holder"] = holder
    if go_on is not None:
        body["go_on"] = go_on
    return Response(msgspec.json.encode(body), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def plain(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A problem in the status's own words."""
    code, zh, en = STATUSES.get(status, STATUSES[500])
    return problem(status, code, zh, en, headers=headers)


def refusal(refused: Refusal) -> Response:
    """A refusal of the domain as an answer."""
    status = status_of(refused)
    holder = _holder(*refused.holder) if isinstance(refused, AlreadyHeld) and refused.holder is not None else None
    return problem(
        status, refused.code, refused.zh, refused.en, clause=refused.clause, field=refused.field, holder=holder
    )


def _holder(office: str, case_id: str) -> dict[str, str]:
    """The case that holds what was wanted, and how to get there."""
    kind = case_id.partition("-")[0]
    life = BY_KIND.get(kind)
    zh, en = (life.zh, life.en) if life is not None else (kind, kind)
    return {"id": case_id, "kind": kind, "zh": zh, "en": en, "href": address(office, kind, case_id)}


def status_of(refused: Refusal) -> int:
    """The status a refusal is answered with."""
    return next((status for kind, status in _STATUS if isinstance(refused, kind)), 409)


def told(faults: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What does not fit the schema, field by field. Nothing that was sent is repeated: it may be about people."""
    errors: dict[tuple[str, str], dict[str, str]] = {}
    for fault in faults[:100]:
        kind = str(fault["type"])
        _, code, zh, en = next(row for row in _FAULTS if kind.startswith(row[0]))
        said = _said(fault.get("ctx") or {})
        zh, en = zh.format_map(said), en.format_map(said)
        field = _place(fault["loc"], kind)
        errors.setdefault((field, code), {"field": field, "code": code, "zh": zh, "en": en})
    return list(errors.values())


def malformed(faults: Sequence[Mapping[str, Any]]) -> Response:
    """The answer to what does not fit the schema."""
    errors = told(faults)
    code, zh, en = STATUSES[422]
    return problem(422, code, zh, en, field=errors[0]["field"] if errors else None, errors=errors)


def _said(context: Mapping[str, Any]) -> dict[str, Any]:
    """What would be right: limits by their own names, choices in both languages."""
    expected = context.get("expected", "")
    if isinstance(expected, str):  # pydantic's own list: 'a', 'b' or 'c'
        expected = re.findall(r"'([^']*)'", expected)
    return {"zh": "、".join(expected), "en": ", ".join(expected), **context}


def _place(loc: Sequence[Any], kind: str) -> str:
    """The field's name as the caller wrote it; pydantic adds the choices of a union, and a position in unreadable JSON."""
    where, *parts = map(str, loc)
    if where != "body":
        parts = parts[:1]
    elif kind == "json_invalid":
        parts = []
    return (".".join(parts) or where)[:200].encode("utf-8", "replace").decode()


def install(app: FastAPI) -> None:
    """Answer every refusal as a problem; what goes wrong is answered further out (``api.http.faults``)."""

    async def on_refusal(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return refusal(error)

    async def on_problem(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return problem(
            error.status, error.code, error.zh, error.en, field=error.field, headers=error.headers, go_on=error.go_on
        )

    async def on_malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        faults = error.errors()
        unread = any(fault["loc"] == ("body",) and fault["type"] != "missing" for fault in faults)
        if unread and "json" not in request.headers.get("content-type", "").lower():
            return plain(415)  # a form is no record, whatever stands in it
        return malformed(faults)

    async def on_http(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = error.status_code if error.status_code in STATUSES else 400
        return plain(status, error.headers)

    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_malformed)
    app.add_exception_handler(HTTPException, on_http)
