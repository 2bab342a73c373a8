"""Pages without a template 网页标记: elements as functions; a text is escaped unless it is itself an element."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

__all__ = ["Html", "element", "joined"]

_EMPTY = frozenset({"meta", "link", "input"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *content: str, **attributes: str | bool | None) -> Html:
    """An element. ``class_`` is ``class``, ``data_x`` is ``data-x``; None and False are left out, True stands alone."""
    said = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    opening = f"<{name}{said}>"
    return Html(opening if name in _EMPTY else f"{opening}{joined(content)}</{name}>")


def joined(content: Iterable[str]) -> Html:
    """One after another."""
    return Html("".join(each if isinstance(each, Html) else escape(each) for each in content))
