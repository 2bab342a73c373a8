"""The pages that a browser shows: the documentation of the interface, with everything it needs served from here."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from domain.kernel.errors import NotFound

__all__ = ["router"]

_TYPES: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "page.js": "text/javascript",
    "page.css": "text/css",
}

_PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>物业·有据 接口文档 / Wuye API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/docs/swagger-ui.css">
<link rel="stylesheet" href="/static/docs/page.css">
</head>
<body>
<div class="how">
  <h1>物业·有据 接口文档 <small>Wuye API</small></h1>
  <p>人员：先执行 <code>POST /login</code>，本页其余请求即以该账号办理。程序：点 Authorize 填入令牌。每次拒绝都说明条款与理由。<br>
  People: execute <code>POST /login</code> first; this page then acts as you. Programs: Authorize takes a token.
  Every refusal names its clause and its reason.</p>
</div>
<div id="ui"></div>
<script src="/static/docs/swagger-ui-bundle.js"></script>
<script src="/static/docs/page.js"></script>
</body>
</html>
"""

_STYLE: Final = """\
body { margin: 0; font-family: system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif }
.how { max-width: 1420px; margin: 1.5rem auto 0; padding: 0 20px; line-height: 1.7; color: #3b4151 }
.how h1 { margin: 0 0 .25rem; font-size: 1.6rem }
.how code { background: #f0f1f3; padding: 0 .3em }
.swagger-ui .info { margin: 1rem 0 }
"""
_SCRIPT: Final = """\
SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#ui", deepLinking: true, docExpansion: "none", filter: true,
  defaultModelsExpandDepth: -1, displayRequestDuration: true, validatorUrl: null,
});
"""
_OWN: Final = {"page.css": _STYLE, "page.js": _SCRIPT}
"""What a page says in itself is not taken from it by its own content policy: so it stands beside it."""


def router() -> APIRouter:
    """The documentation at ``/docs``, its script and its style."""
    made = APIRouter(include_in_schema=False)

    @made.get("/")
    def root() -> Response:
        return RedirectResponse("/docs")

    @made.get("/docs")
    def docs() -> Response:
        return HTMLResponse(_PAGE)

    @made.get("/static/docs/{name}")
    def static(name: str) -> Response:
        if name not in _TYPES:
            raise NotFound("file-unknown", None, zh="没有这个文件", en="there is no such file")
        headers = {"Cache-Control": "public, max-age=86400"}
        return Response(_file(name), media_type=_TYPES[name], headers=headers)

    return made


@cache
def _file(name: str) -> bytes:
    if name in _OWN:
        return _OWN[name].encode()
    return (files("fastapi_offline") / "static" / name).read_bytes()
