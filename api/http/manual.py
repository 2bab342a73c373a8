"""The documentation that a browser shows 接口手册: by chapter of the handbook, a page per kind of case, made from the document.

Pages are whole without a script; with it the index can be searched. Nothing comes from elsewhere, nothing stands inline.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.http import manual_page
from api.http.markup import Html, element
from api.http.parts import REST
from api.http.reference import Reference, Sent, sent
from domain.cases import BY_PATH, CASES
from domain.handbook.clauses import CLAUSES
from domain.kernel.errors import NotFound

__all__ = ["HEADERS", "router"]

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_FILES: Final = {"manual.css": "text/css", "manual.js": "text/javascript"}


def router(reference: Reference) -> APIRouter:
    """``/docs``, a page per part below it, and their style and script."""
    made = APIRouter(include_in_schema=False)
    pages: dict[str, Sent] = {}

    def page(name: str) -> Sent:
        if name not in pages:
            text = _index(reference) if not name else manual_page.page(reference.part(_known(reference, name)), name)
            pages[name] = Sent.of(text.encode(), "text/html; charset=utf-8")
        return pages[name]

    @made.get("/")
    def root() -> Response:
        return RedirectResponse("/console")

    @made.get("/docs")
    def index(request: Request) -> Response:
        return sent(request, page(""), HEADERS)

    @made.get("/docs/{name}")
    def one(request: Request, name: str) -> Response:
        return sent(request, page(name), HEADERS)

    @made.get("/static/docs/{name}")
    def static(request: Request, name: str) -> Response:
        if name not in _FILES:
            raise NotFound("file-unknown", None, zh="没有这个文件", en="there is no such file")
        return sent(request, _file(name))

    return made


def _known(reference: Reference, name: str) -> str:
    if name not in reference.parts:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    return name


@cache
def _file(name: str) -> Sent:
    return Sent.of((files("api.http") / "static" / name).read_bytes(), f"{_FILES[name]}; charset=utf-8")


# -- the index -------------------------------------------------------------------------------------------------------


def _index(reference: Reference) -> str:
    operations: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {name: [] for name in reference.parts}
    of_tag = {tag: name for name, tags in reference.parts.items() for tag in tags}
    for path, verbs in reference.document["paths"].items():
        for verb, operation in verbs.items():
            operations[of_tag[operation["tags"][0]]].append((verb, path, operation))
    chapters = [
        _chapter(f"{chapter} {CLAUSES[chapter].zh}", CLAUSES[chapter].en, chapter, names, operations)
        for chapter, names in _chapters(operations)
    ]
    rest = _chapter("通用 登录、台账、期限、标准", "Accounts, the book, deadlines, standards", REST, [REST], operations)
    search = element(
        "input",
        type="search",
        id="search",
        hidden=True,
        placeholder="查找 search：投诉、archive、/facts …",
        aria_label="查找 search",
        autocomplete="off",
    )
    jump = element(
        "nav",
        *(element("a", f"§{chapter}", href=f"#chapter-{chapter}") for chapter, _ in _chapters(operations)),
        element("a", "通用", href=f"#chapter-{REST}"),
    )
    return manual_page.framed(
        "物业·有据 接口手册 · Wuye API",
        [
            element(
                "header",
                element("h1", "物业·有据 接口手册 ", element("small", "Wuye API")),
                *_how(reference),
                search,
                jump,
            ),
            element("main", *chapters, rest, element("p", "没有找到 nothing found", id="nothing", hidden=True)),
        ],
    )


def _how(reference: Reference) -> Iterator[Html]:
    count = sum(len(verbs) for verbs in reference.document["paths"].values())
    yield element(
        "p",
        "每个指令一个地址，每份登记簿一个地址；每次拒绝都说明条款与理由。人员用 ",
        element("code", "POST /login"),
        " 登录，程序用 ",
        element("code", "Authorization: Bearer …"),
        "。",
    )
    yield element(
        "p",
        "One address per command, one per register; every refusal names its clause and reason. People log in, programs"
        " carry a token.",
        class_="en",
        lang="en",
    )
    yield element(
        "p",
        f"{count} 个接口 operations · OpenAPI 3.1: ",
        element("a", "openapi.json", href="/openapi.json"),
        " · ",
        element("a", "full.json", href="/openapi/full.json"),
        f" · v{reference.document['info']['version']} · ",
        element("a", "工作台 console", href="/console"),
    )


def _chapters(operations: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for lifecycle in CASES:
        if lifecycle.path in operations:
            found.setdefault(lifecycle.clauses.partition(".")[0], []).append(lifecycle.path)
    return sorted(found.items())


def _chapter(zh: str, en: str, name: str, parts: Iterable[str], operations: Mapping[str, Any]) -> Html:
    return element(
        "section",
        element("h2", f"{zh} ", element("small", en, lang="en")),
        *(_kind(each, operations[each]) for each in parts),
        id=f"chapter-{name}",
        class_="chapter",
    )


def _kind(name: str, operations: list[tuple[str, str, Mapping[str, Any]]]) -> Html:
    lifecycle = BY_PATH.get(name)
    zh, en = (lifecycle.zh, lifecycle.en) if lifecycle is not None else ("其余", "everything else")
    clause = f" §{lifecycle.clauses}" if lifecycle is not None else ""
    rows = [
        element(
            "li",
            element(
                "a",
                manual_page.method(verb),
                element("span", operation["summary"], class_="what"),
                element("code", path),
                href=f"/docs/{name}#{operation['operationId']}",
            ),
            data_words=f"{operation['summary']} {path} {zh} {en}".lower(),
        )
        for verb, path, operation in operations
    ]
    title = element(
        "summary", element("a", zh, href=f"/docs/{name}"), f" {en}{clause} ", element("small", str(len(rows)))
    )
    return element("details", title, element("ul", *rows), class_="kind")
