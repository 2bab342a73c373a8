"""Rendering 页面渲染: templates to HTML, escaped, without anything inline that the content policy would refuse."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from api.console.icons import ICONS
from api.console.values import words_of

__all__ = ["CONTENT_POLICY", "TEMPLATES", "environment", "html"]

TEMPLATES: Final = Path(__file__).with_name("templates")
CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self';"
    " font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Everything comes from here, nothing stands inline; pictures may be drawn on the page itself."""
_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Cache-Control": "no-store",
    "Vary": "HX-Request, Cookie",
    "Referrer-Policy": "same-origin",
}
"""Without a referrer at all a browser calls a form's origin «null», and the check against other sites refuses it."""


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates; an unknown name is a fault, None is nothing."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=lambda value: "" if value is None else value,
    )
    made.globals["icon"] = _icon
    made.globals["words_of"] = words_of
    return made


def _icon(name: str) -> Markup:
    return ICONS[name]


def html(template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """A page as it is sent."""
    text = environment().get_template(template).render(values)
    return Response(text, status, headers=_HEADERS, media_type="text/html; charset=utf-8")
