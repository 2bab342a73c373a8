"""Spelling 写法: by what two spellings of one name are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

__all__ = ["canonical", "same", "says", "unparted"]

_DASHES: Final = dict.fromkeys(
    map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2500\u2e3a\u2e3b\ufe58\ufe63\u30fc\u02d7\u058a"), "-"
)
_UNSEEN: Final = re.compile(r"[\ufe00-\ufe0f]")
_BLANKS: Final = re.compile(r"\s+")
_NEXT: Final = re.compile(r" ?- ?|(?<=[^\x00-\u02ff]) | (?=[^\x00-\u02ff])")
"""A blank beside a dash or a Chinese character, which nobody means."""


@lru_cache(maxsize=65_536)
def canonical(text: str) -> str:
    """By what two spellings are compared: NFKC, folded width, case and dashes, without blanks that nobody means.

    Empty for a text in which nothing can be seen.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_DASHES)
    seen = "".join(each for each in folded if each.isspace() or unicodedata.category(each) not in ("Cf", "Cc"))
    return _NEXT.sub(lambda found: found[0].strip(), _BLANKS.sub(" ", _UNSEEN.sub("", seen)).strip())


def same(one: str | None, other: str | None) -> bool:
    """Whether two spellings are one name; nobody is nobody's namesake."""
    return one is not None and other is not None and canonical(one) == canonical(other)


def says(text: str | None) -> bool:
    """Whether words are said: a full stop, a dash or a blank is no reason and no cause."""
    return text is not None and any(map(str.isalnum, text))


def unparted(text: str) -> str:
    """By what two spellings of an account's number are compared: in whatever groups it is written."""
    return canonical(text).replace(" ", "").replace("-", "")
