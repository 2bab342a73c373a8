"""What could not be taken 导入问题: one line per trouble, with its place, its value and its reason in both languages.

Nothing of a source is dropped in silence. A *refused* row gave no fact at all; a *noted* one was taken all the same,
and the note says what is odd about it.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import IO, Any, Final, Self

__all__ = ["COLUMNS", "Problem", "ProblemFile", "Trouble", "harmless"]

COLUMNS: Final = ("line", "column", "value", "code", "reason_zh", "reason_en", "effect", "case")
"""The columns of a problem file. ``effect`` is ``refused`` or ``noted``."""

_LONGEST_VALUE: Final = 1_000
_NUMBER: Final = re.compile(r"[-+]?\d+(?:[.,]\d+)*%?")
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Problem:
    """One trouble with one place of a source. ``line`` is the first line of the row in the file, the header being 1."""

    line: int
    column: str
    value: str
    code: str
    zh: str
    en: str
    taken: bool = False
    case: str = ""

    def of(self, case: str) -> Problem:
        """The same problem under the case it belongs to."""
        return replace(self, case=case)

    @property
    def effect(self) -> str:
        """What became of the row."""
        return "noted" if self.taken else "refused"


class Trouble(Exception):
    """A value that cannot be read as what it should be; it becomes a :class:`Problem` once its line is known."""

    def __init__(self, code: str, zh: str, en: str, column: str = "", value: str = "") -> None:
        """Keyword-friendly; ``column`` and ``value`` may be added by whoever knows them."""
        super().__init__(code, zh, en, column, value)
        self.code = code
        self.zh = zh
        self.en = en
        self.column = column
        self.value = value

    def on(self, line: int, column: str = "", value: str = "", *, taken: bool = False) -> Problem:
        """The problem that this trouble is on that line."""
        return Problem(line, self.column or column, self.value or value, self.code, self.zh, self.en, taken)


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula; numbers stay as they are."""
    if text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _shown(value: str) -> str:
    shown = value.replace("\0", "\N{SYMBOL FOR NULL}")
    return harmless(shown if len(shown) <= _LONGEST_VALUE else f"{shown[:_LONGEST_VALUE]}…")


class ProblemFile:
    """A CSV of problems that appears whole or not at all: it is written beside its place and moved there at the end.

    A file that is already there stays until then, and stays if the import fails. ``counts`` has the number of
    problems by code and column.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is written before the context is entered."""
        self.path = path
        self.counts: Counter[tuple[str, str]] = Counter()
        self.written = 0
        self._part: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        """Begin the new file; with a byte order mark, so that a spreadsheet reads the Chinese."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._part = NamedTemporaryFile(
            "w", encoding="utf-8-sig", newline="", dir=self.path.parent, prefix=f".{self.path.name}.", delete=False
        )
        self._writer = csv.writer(self._part)
        self._writer.writerow(COLUMNS)
        return self

    def add(self, problem: Problem) -> None:
        """Write one problem."""
        if self._writer is None:
            msg = "the problem file is not open"
            raise ValueError(msg)
        self._writer.writerow(
            (
                problem.line,
                _shown(problem.column),
                _shown(problem.value),
                problem.code,
                _shown(problem.zh),
                _shown(problem.en),
                problem.effect,
                _shown(problem.case),
            )
        )
        self.counts[problem.code, problem.column] += 1
        self.written += 1

    def add_all(self, problems: Iterable[Problem]) -> None:
        """Write several problems."""
        for problem in problems:
            self.add(problem)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the file in its place; after a failure throw the part away."""
        part, self._part, self._writer = self._part, None, None
        if part is None:
            return
        try:
            if kind is None:
                part.flush()
                os.fsync(part.fileno())
                part.close()
                Path(part.name).replace(self.path)
        finally:
            part.close()
            with suppress(FileNotFoundError):
                Path(part.name).unlink()
