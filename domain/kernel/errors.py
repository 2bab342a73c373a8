"""Refusals 拒绝: why something may not be done, in two languages and with the clause it rests on.

``code`` is a stable slug that programs may rely on; ``zh`` and ``en`` are for people and may be reworded.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from domain.handbook.clauses import UnknownClause, clause

__all__ = [
    "AlreadyHeld",
    "Erased",
    "Malformed",
    "NotFound",
    "NotPermitted",
    "Refusal",
    "RuleBroken",
    "Stale",
    "WrongState",
]

_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*")


class Refusal(Exception):
    """Something was refused 拒绝. ``field`` names the input that is at fault, if one is.

    Raises ``ValueError`` at construction when the clause is unknown or the code is no slug.
    """

    def __init__(self, code: str, clause: str | None, zh: str, en: str, field: str | None = None) -> None:
        """Keyword-friendly; all subclasses take the same."""
        super().__init__(code, clause, zh, en, field)
        self.code = _checked_code(code)
        self.clause = _checked_clause(clause)
        self.zh = zh
        self.en = en
        self.field = field

    def __str__(self) -> str:
        """The Chinese, then the English."""
        return f"{self.zh} / {self.en}"


@lru_cache(maxsize=4096)
def _checked_code(code: str) -> str:
    if not _SLUG.fullmatch(code):
        msg = f"a refusal's code is a slug, not “{code}”"
        raise ValueError(msg)
    return code


@lru_cache(maxsize=4096)
def _checked_clause(id: str | None) -> str | None:
    if id is not None:
        try:
            clause(id)
        except UnknownClause as unknown:
            raise ValueError(str(unknown)) from None
    return id


class NotPermitted(Refusal):
    """无权办理: the role may not do it."""


class WrongState(Refusal):
    """状态不符: the case is not in a state in which this can be done."""


class RuleBroken(Refusal):
    """违反规定: a rule of the handbook or of the law forbids it."""


class AlreadyHeld(Refusal):
    """已被占用: another case holds what only one may hold, such as a key.

    ``claims`` are what was wanted, ``holder`` is the office and the case that holds it, where they are known.
    """

    def __init__(
        self,
        code: str,
        clause: str | None,
        zh: str,
        en: str,
        field: str | None = None,
        *,
        claims: tuple[str, ...] = (),
        holder: tuple[str, str] | None = None,
    ) -> None:
        """As any refusal, and what is held by whom."""
        super().__init__(code, clause, zh, en, field)
        self.claims = claims
        self.holder = holder


class Malformed(Refusal):
    """填写有误: an input cannot be read as what it should be."""


class NotFound(Refusal):
    """查无此事: there is no such thing in this office."""


class Stale(Refusal):
    """版本已过期: the case changed since it was read."""


class Erased(Refusal):
    """已删除: the personal data were erased for good."""
