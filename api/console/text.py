"""The language of a page 页面语言: Chinese or English, chosen by the person and kept in a cookie."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Final, Literal

__all__ = ["COOKIE", "LANGUAGES", "Language", "begins", "language_of", "says"]

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
COOKIE: Final = "wuye_language"


def language_of(cookies: str) -> Language:
    """What the Cookie header says, else Chinese."""
    if COOKIE not in cookies:
        return "zh"
    try:
        morsel = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return "zh"
    return "en" if morsel is not None and morsel.value == "en" else "zh"


def says(language: Language, zh: str, en: str) -> str:
    """The one or the other."""
    return zh if language == "zh" else en


def begins(language: Language, zh: str, en: str) -> str:
    """The same where it begins a line: names in the tables are lower case."""
    return zh if language == "zh" else en[:1].upper() + en[1:]
