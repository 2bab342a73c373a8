"""The language of a page 页面语言: Chinese or English, chosen by the person and kept in a cookie."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Final, Literal

from domain.handbook.clauses import CLAUSES

__all__ = ["COOKIE", "LANGUAGES", "Language", "begins", "cited", "language_of", "says", "theme_of"]

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
COOKIE: Final = "wuye_language"
_THEME: Final = "wuye_theme"


def language_of(cookies: str) -> Language:
    """What the Cookie header says, else Chinese."""
    return "en" if _said(cookies, COOKIE) == "en" else "zh"


def theme_of(cookies: str) -> str:
    """Light or dark, as the last page was; nothing where it is not known yet."""
    found = _said(cookies, _THEME)
    return found if found in ("light", "dark") else ""


def _said(cookies: str, name: str) -> str:
    """What a cookie says; empty where it cannot be read."""
    if name not in cookies:
        return ""
    try:
        morsel = SimpleCookie(cookies).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel is not None else ""


def says(language: Language, zh: str, en: str) -> str:
    """The one or the other."""
    return zh if language == "zh" else en


def begins(language: Language, zh: str, en: str) -> str:
    """The same where it begins a line: names in the tables are lower case."""
    return zh if language == "zh" else en[:1].upper() + en[1:]


def cited(language: Language, clause: str) -> str:
    """«手册 4.9», «民法典188»: what stands in a law is no clause of the handbook."""
    if clause[:1].isdecimal():
        return says(language, f"手册 {clause}", f"Handbook {clause}")
    found = CLAUSES.get(clause)
    return says(language, clause, found.en.partition(":")[0] if found is not None else clause)
