"""Icons 图标 of the console: few, drawn in one line width, always beside a word or with a name."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

__all__ = ["ICONS"]

_PATHS: Final = {
    "search": '<path d="M3 10a7 7 0 1 0 14 0a7 7 0 1 0 -14 0"/><path d="M21 21l-6 -6"/>',
    "menu": '<path d="M4 6h16M4 12h16M4 18h16"/>',
    "print": '<path d="M7 8V3h10v5M7 17H4v-8h16v8h-3M7 14h10v7H7z"/>',
    "download": '<path d="M12 4v11M7 11l5 5l5 -5M5 20h14"/>',
    "phone": '<path d="M5 4h4l2 5l-2.5 1.5a11 11 0 0 0 5 5l1.5 -2.5l5 2v4a2 2 0 0 1 -2 2a16 16 0 0 1 -15 -15a2 2 0 0 1 2 -2"/>',
    "camera": '<path d="M4 8h3l2 -3h6l2 3h3v11H4z"/><circle cx="12" cy="13" r="3.5"/>',
    "key": '<circle cx="8" cy="15" r="4"/><path d="M11 12l9 -9M16 7l3 3"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
}
ICONS: Final[dict[str, Markup]] = {
    name: Markup(  # noqa: S704 -- our own drawings
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round"'
        f' stroke-linejoin="round" aria-hidden="true">{paths}</svg>'
    )
    for name, paths in _PATHS.items()
}
