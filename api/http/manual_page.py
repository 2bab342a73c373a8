"""One page of the documentation 接口手册一页: a kind of case with its operations, its forms and its register's columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from api.http.components import SHAPES
from api.http.examples import example_of
from api.http.markup import Html, element, joined
from domain.cases import BY_PATH
from domain.handbook.clauses import CLAUSES
from domain.kernel.people import Role

__all__ = ["framed", "method", "page"]

_TYPES: Final = {"string": "文字 text", "integer": "整数 number", "boolean": "是否 yes/no", "object": "对象 object"}
_FORMS: Final = {"date": "日期 date", "date-time": "时刻 instant", "local-time": "时刻 hh:mm", "binary": "文件 bytes"}
_IN_ADDRESSES: Final = {
    "office": "管理处代码 / the office's code",
    "case_id": "事项编号 / the case's id",
    "period": "月份，如 2025-03 / a month, such as 2025-03",
    "number": "台账页码或序号 / a page of the book, or a number",
    "register": "登记簿 / the register's name",
    "slug": "标准 / the standard's name",
    "user_id": "账号编号 / the account's id",
    "document": "资料编号 / the document's id",
}
"""What stands in addresses, where the document does not say it."""
_PLAIN: Final = frozenset(SHAPES)
"""Shapes whose description the type column says already."""


def framed(title: str, content: Iterable[Html]) -> str:
    """A whole page."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("link", rel="icon", href="data:,"),
        element("link", rel="stylesheet", href="/static/docs/manual.css"),
        element("script", src="/static/docs/manual.js", defer=True),
    )
    return "<!doctype html>\n" + element("html", head, element("body", *content), lang="zh-CN")


def method(verb: str) -> Html:
    """GET, POST and so on, in its colour."""
    return element("b", verb.upper(), class_=f"method {verb}")


def page(document: Mapping[str, Any], name: str) -> str:
    """The page of one part of the document."""
    lifecycle = BY_PATH.get(name)
    zh, en = (lifecycle.zh, lifecycle.en) if lifecycle is not None else ("通用", "everything else")
    operations = [(path, verb, each) for path, verbs in document["paths"].items() for verb, each in verbs.items()]
    head = [
        element(
            "p",
            element("a", "← 接口手册 all chapters", href="/docs"),
            " · ",
            element("a", "工作台 console", href="/console"),
        ),
        element("h1", f"{zh} ", element("small", en, lang="en")),
    ]
    if lifecycle is not None:
        found = CLAUSES[lifecycle.clauses]
        head.append(
            element("p", f"§{lifecycle.clauses} {found.zh}", element("span", f" · {found.en}", class_="en", lang="en"))
        )
        states = [element("li", f"{zh} ", element("code", each)) for each, (zh, _) in lifecycle.states.items()]
        head.append(element("ul", *states, class_="states", aria_label="状态 states"))
    head.append(element("p", "OpenAPI: ", element("a", f"/openapi/{name}.json", href=f"/openapi/{name}.json")))
    jump = [
        element("li", element("a", method(verb), operation["summary"], href=f"#{operation['operationId']}"))
        for _, verb, operation in operations
    ]
    return framed(
        f"{zh} · {en} · Wuye API",
        [
            element("header", *head),
            element("nav", element("ul", *jump), class_="side", aria_label="接口 operations"),
            element("main", *(_operation(document, *each) for each in operations)),
        ],
    )


def _operation(document: Mapping[str, Any], path: str, verb: str, operation: Mapping[str, Any]) -> Html:
    return element(
        "section",
        element("h2", operation["summary"]),
        element("p", method(verb), element("code", path)),
        *_who(operation),
        *_parameters(document, operation),
        *_body(document, operation),
        *_answers(document, operation),
        id=operation["operationId"],
        class_="operation",
    )


def _who(operation: Mapping[str, Any]) -> Iterator[Html]:
    said = []
    if operation.get("x-clauses"):
        said.append("条款 clause " + "、".join(f"§{each}" for each in operation["x-clauses"]))
    if operation.get("x-roles"):
        said.append("由 for " + "、".join(f"{Role(each).zh} {each}" for each in operation["x-roles"]))
    if operation.get("security") == []:
        said.append("无须登录 no log-in needed")
    if said:
        yield element("p", " · ".join(said), class_="who")


def _resolved(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in part:
        _, _, kind, name = part["$ref"].split("/", 3)
        part = {**document["components"][kind][name], **{word: each for word, each in part.items() if word != "$ref"}}
    return part


def _parameters(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[Html]:
    rows = []
    for each in operation.get("parameters", ()):
        told = _resolved(document, each)
        where = {"path": "地址 path", "query": "参数 query", "header": "标头 header", "cookie": "cookie"}[told["in"]]
        kind = _kind(document, told["schema"])
        rows.append(
            _row(
                element("code", told["name"]),
                told.get("description", _IN_ADDRESSES.get(told["name"], "")),
                f"{where} · {kind}",
                needed=told.get("required"),
            )
        )
    if rows:
        yield element("details", element("summary", "参数 parameters ", element("small", str(len(rows)))), _table(rows))


def _body(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[Html]:
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield element("h3", "填写 body ", element("small", media))
        yield from _fields(document, content["schema"])
        yield _example(content["example"])


def _example(value: Any) -> Html:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return element("pre", element("code", shown), aria_label="示例 example")


def _answers(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[Html]:
    for status, each in operation["responses"].items():
        if status == "default":
            continue
        for media, content in _resolved(document, each).get("content", {}).items():
            inside = list(_fields(document, content["schema"]))
            if media == "application/json":
                inside.append(_example(example_of(document, content["schema"])))
            yield element("details", element("summary", f"应答 answer {status} ", element("small", media)), *inside)


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Html]:
    """The fields of a record as a table, records within it below."""
    properties, required = _record(document, schema)
    if not properties:
        yield element(
            "p",
            "无须填写 nothing to fill in" if "properties" in _resolved(document, schema) else _kind(document, schema),
        )
        return
    rows, within = [], []
    for field, each in properties.items():
        told = _resolved(document, each)
        said = [told.get("title", ""), *_meaning(document, each)]
        rows.append(_row(element("code", field), "。".join(said), _kind(document, each), needed=field in required))
        inner = _inner(document, each)
        if inner is not None:
            title = element("summary", element("code", field), f" {told.get('title', '')}")
            within.append(element("details", title, *_fields(document, inner), class_="within"))
    yield _table(rows)
    yield from within


def _meaning(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    """What a field's type says beside its name: its choices, its unit, that it is personal."""
    if "description" in schema:
        yield schema["description"]
    name = schema.get("$ref", "").rpartition("/")[2]
    if name and name not in _PLAIN:
        yield from _meaning(document, document["components"]["schemas"][name])
    for each in schema.get("anyOf", ()):
        yield from _meaning(document, each)


def _record(document: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    told = _resolved(document, schema)
    properties, required = dict(told.get("properties", {})), set(told.get("required", ()))
    for each in told.get("allOf", ()):
        more, needed = _record(document, each)
        properties |= more
        required |= needed
    return properties, required


def _inner(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The record that a field holds, alone or in a list."""
    told = _resolved(document, schema)
    if told.get("type") == "array":
        return _inner(document, told["items"])
    for each in told.get("anyOf", ()):
        found = _inner(document, each)
        if found is not None and len(told["anyOf"]) <= 2:
            return found
    return told if told.get("properties") or told.get("allOf") else None


def _kind(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    told = _resolved(document, schema)
    if "anyOf" in told:
        kinds = dict.fromkeys(_kind(document, each) for each in told["anyOf"] if each != {"type": "null"})
        null = "，可空 null" if {"type": "null"} in told["anyOf"] else ""
        return " / ".join(list(kinds)[:3]) + (" …" if len(kinds) > 3 else "") + null
    if "enum" in told:
        return "选项 choice" if "description" in told else "、".join(map(str, told["enum"]))
    if "const" in told:
        return str(told["const"])
    kinds = told.get("type", "object")
    named = [kinds] if isinstance(kinds, str) else kinds
    if named[0] == "array":
        return f"列表 list: {_kind(document, told['items'])}"
    return _FORMS.get(told.get("format", ""), _TYPES[named[0]]) + ("，可空 null" if "null" in named else "")


def _row(name: Html, said: str, kind: str, *, needed: bool | None) -> Html:
    mark = element("td", "必填 required" if needed else "", class_="needed")
    return element("tr", element("td", name), element("td", said), element("td", kind), mark)


def _table(rows: list[Html]) -> Html:
    head = element("tr", *(element("th", each) for each in ("栏目 field", "名称 name", "类型 type", "")))
    return element("div", element("table", element("thead", head), element("tbody", joined(rows))), class_="wide")
