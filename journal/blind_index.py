"""The blind index 盲索引 (§9.2): people are found by name, telephone and room though their data stand sealed.

What somebody may be found by is cut into terms: parts of a name in characters, in pinyin 拼音 and in initials, the tails of a
telephone number, a home and its room, the whole number of an account. Each term is keyed with a secret of the office
(HMAC-SHA256, 80 bits): whoever has the database alone learns which entries share a term and no more. An entry goes with the
household's key.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import Final

from domain.kernel.spelling import canonical, unparted

__all__ = ["BlindIndex", "How", "index_purpose", "terms", "wanted"]

_CHARACTER: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_DIALLED: Final = re.compile(r"1\d{10}|0\d{9,11}")
"""A telephone number in full, in however many pieces it is typed."""
_MOST_CHARACTERS, _MOST_READINGS, _LEAST_DIGITS, _MOST_DIGITS = 8, 16, 4, 15
"""A name is cut up to its eighth character, read in up to sixteen ways; a telephone's tail has four to fifteen digits."""
_LEAST_OF_AN_ACCOUNT: Final = 8
_BYTES: Final = 10


class How(StrEnum):
    """By what somebody is found 检索方式. The value is what a result says."""

    NAME = "name"  # 姓名
    TELEPHONE = "telephone"  # 电话
    ROOM = "room"  # 房号
    ACCOUNT = "account"  # 账号


class BlindIndex:
    """The index of one office, under its secret."""

    def __init__(self, secret: str) -> None:
        """``secret`` is derived from the master key: the same whenever the index is made anew."""
        self._key = secret.encode()

    def tokens(self, how: How, text: str) -> list[str]:
        """By which tokens this text is found."""
        return sorted({self._token(term) for term in terms(how, text)})

    def whole(self, how: How, text: str) -> str | None:
        """The token by which this is found as a whole: a name, a home or its tail, an account; None for what says nothing."""
        term = _whole(how, text)
        return self._token(term) if term is not None else None

    def asked(self, words: str, *, rooms_alone: bool = False) -> list[list[str]]:
        """What is looked for: of each word the tokens of which one has to be found."""
        return [
            [self._token(term) for term in one if not rooms_alone or term.startswith("r:")] for one in wanted(words)
        ]

    def _token(self, term: str) -> str:
        return base64.urlsafe_b64encode(hmac.digest(self._key, term.encode(), "sha256")[:_BYTES]).decode().rstrip("=")


def index_purpose(office: str) -> str:
    """For what the master key makes the secret of an office's index."""
    return f"blind index|{office}"


def terms(how: How, text: str) -> set[str]:
    """By what a text is found."""
    match how:
        case How.NAME:
            return set(_of_name(text))
        case How.TELEPHONE:
            digits = _digits(text)
            return {f"t:{digits[-n:]}" for n in range(_LEAST_DIGITS, min(len(digits), _MOST_DIGITS) + 1)}
        case How.ROOM:
            parts = canonical(text).split("-")
            return {f"r:{'-'.join(parts[n:])}" for n in range(len(parts)) if any(parts[n:])}
        case How.ACCOUNT:
            number = unparted(text)
            return {f"a:{number}"} if number else set()


def _whole(how: How, text: str) -> str | None:
    plain = canonical(text)
    match how:
        case How.NAME if _CHARACTER.search(plain):
            return f"n:{plain}"
        case How.NAME:
            words = _WORD.findall(plain)[:_MOST_CHARACTERS]
            return f"p:{''.join(words)}" if words else None
        case How.ROOM if plain:
            return f"r:{plain}"
        case How.ACCOUNT if number := unparted(text):
            return f"a:{number}"
        case _:
            return None


def wanted(words: str) -> list[list[str]]:
    """The terms that one looks for: of each word those of which one has to be found."""
    whole = words if _DIALLED.fullmatch(_digits(words)) and not _WORD.search(words) else None
    return [list(dict.fromkeys(_of_word(word))) for word in ([whole] if whole else words.split()) if canonical(word)]


def _of_word(word: str) -> Iterator[str]:
    text = canonical(word)
    yield f"r:{text}"
    digits = _digits(word)
    if len(digits) >= _LEAST_DIGITS and not _WORD.search(text):
        yield f"t:{digits[-_MOST_DIGITS:]}"
    if len(digits) >= _LEAST_OF_AN_ACCOUNT:
        yield f"a:{unparted(word)}"
    if _CHARACTER.search(text):
        yield f"n:{text}"
    elif letters := "".join(_WORD.findall(text)):
        yield f"p:{letters}"


def _digits(text: str) -> str:
    """The digits of a telephone number as it is dialled here: without +86 or 0086."""
    found = re.sub(r"\D", "", canonical(text))
    return re.sub(r"^(?:0086|86(?=1\d{10}$))", "", found)


def _of_name(text: str) -> Iterator[str]:
    name = canonical(text)
    characters = "".join(_CHARACTER.findall(name))[:_MOST_CHARACTERS]
    if characters:
        yield f"n:{name}"
        for begin, end in _spans(len(characters)):
            yield f"n:{characters[begin:end]}"
        for syllables in _readings(characters):
            for begin, end in _spans(len(syllables)):
                yield f"p:{''.join(syllables[begin:end])}"
                if end - begin > 1:
                    yield f"p:{''.join(syllable[0] for syllable in syllables[begin:end])}"
        return
    words = _WORD.findall(name)
    for begin, end in _spans(len(words[:_MOST_CHARACTERS])):
        yield f"p:{''.join(words[begin:end])}"


def _spans(count: int) -> Iterator[tuple[int, int]]:
    return ((begin, end) for begin in range(count) for end in range(begin + 1, count + 1))


@lru_cache(maxsize=4096)
def _readings(characters: str) -> Sequence[tuple[str, ...]]:
    """The ways in which a name is read, without tones; ü is typed v or u."""
    from pypinyin import Style, pinyin  # noqa: PLC0415 -- half a second that only who writes names down needs

    each = [
        list(dict.fromkeys(way for sound in sounds for way in (sound, sound.replace("v", "u")) if sound))
        for sounds in pinyin(characters, style=Style.NORMAL, heteronym=True, v_to_u=False)
    ]
    ways = product(*each)
    return tuple(way for way, _ in zip(ways, range(_MOST_READINGS), strict=False))
