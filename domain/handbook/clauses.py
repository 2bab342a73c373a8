"""The handbook 手册 for administrators: every clause 条款 by its id, in two languages.

An id is the source's own section number, as in ``clause("5.2.3(2)")``; articles of law that the settings cite stand
beside it (``clause("民法典944")``). Whoever cites an id that does not exist fails at import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.handbook.wording import HANDBOOK, LAW

__all__ = ["CLAUSES", "Clause", "UnknownClause", "clause"]

LAW_CHAPTER: Final = "law"


class UnknownClause(KeyError):
    """手册中没有条款 / the handbook has no such clause."""

    def __init__(self, id: str) -> None:
        """``id`` is what was asked for."""
        super().__init__(id)
        self.id = id
        self.zh = f"手册中没有条款「{id}」"
        self.en = f"the handbook has no clause “{id}”"

    def __str__(self) -> str:
        """Both languages, without the quotes that KeyError puts around its key."""
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause 条款 of the handbook, or one article of law.

    ``kinds`` says what it asks of the product: record, rule, deadline, role, rate, form, lookup; ``group`` is a
    heading, ``law`` an article. ``chapter`` is "1" … "9", or "law".
    """

    id: str
    zh: str
    en: str
    kinds: tuple[str, ...]
    chapter: str

    @property
    def is_law(self) -> bool:
        """Whether it is an article of law and not of the handbook."""
        return self.chapter == LAW_CHAPTER


CLAUSES: Final[dict[str, Clause]] = {
    **{id: Clause(id, zh, en, tuple(kinds.split()), id.partition(".")[0]) for id, kinds, zh, en in HANDBOOK},
    **{id: Clause(id, zh, en, ("law",), LAW_CHAPTER) for id, zh, en in LAW},
}
"""Every clause by its id, in the handbook's order; the law follows."""


def clause(id: str) -> Clause:
    """The clause with this id. Raises :class:`UnknownClause` when there is none."""
    try:
        return CLAUSES[id]
    except KeyError:
        raise UnknownClause(id) from None
