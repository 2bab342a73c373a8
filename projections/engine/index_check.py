"""What people and things are found by 名称与盲索引, held against the facts: names as they were typed first, and the blind index.

Both are worked out from the rows that the facts give, never from those that stand, so that an altered register is told once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

import psycopg

from domain.kernel.spelling import canonical
from journal.blind_index import BlindIndex, How, index_purpose
from journal.confidential import ERASED, UNREADABLE, MasterKey, Tampered, is_token, open_cell, subject_of
from journal.hash_chain import Finding
from projections.engine.collection import Registers
from projections.engine.names import names_begun
from projections.engine.register import FIXED

__all__ = ["Indexes"]

_FIRST: Final = len(FIXED)
_CASE, _LINE, _FROM, _TO = (FIXED.index(name) for name in ("case_id", "line", "from_number", "to_number"))
_At = tuple[str, str, str, str]
"""Register, case, line and column of an entry."""


class Indexes:
    """What the rows of one office's registers are found by."""

    def __init__(self, registers: Registers, office: str) -> None:
        """Nothing has been read yet."""
        self._office = office
        self._named = {
            register.name: [
                (_FIRST + place, kind.value)
                for place, column in enumerate(register.columns)
                if (kind := names_begun(register).get(column.name)) is not None
            ]
            for register in registers.all
        }
        self._found_by: dict[str, list[tuple[int, str, How]]] = {
            register.name: [
                (_FIRST + place, name, how) for place, name, how in registers.found_by.get(register.name, ())
            ]
            for register in registers.all
        }
        self._names: dict[tuple[str, str], tuple[int, str]] = {}
        self._cells: dict[_At, tuple[How, str]] = {}

    def take(self, register: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Read finished versions of rows, in the order of the fixed columns and the register's own."""
        named, found_by = self._named[register], self._found_by[register]
        if not named and not found_by:
            return
        for row in rows:
            for place, kind in named:
                if row[place] is not None:
                    name = (kind, canonical(row[place]))
                    self._names[name] = min(self._names.get(name, (row[_FROM], row[place])), (row[_FROM], row[place]))
            if row[_TO] is None:
                for place, column, how in found_by:
                    if row[place] is not None:
                        self._cells[register, row[_CASE], row[_LINE], column] = (how, row[place])

    def names(self, connection: psycopg.Connection[Any], unreadable: Collection[str]) -> Iterator[Finding]:
        """Names that are missing, otherwise or too many; of ``unreadable`` cases nobody knows what they had named."""
        stored: dict[tuple[str, str], str] = {
            (kind, compared): shown
            for kind, compared, shown in connection.execute(
                "select kind, compared, shown from wuye.names where office = %s", [self._office]
            )
        }
        made = {name: text for name, (_, text) in self._names.items() if name[1]}
        for name in sorted(made.keys() | stored.keys()):
            if made.get(name) != stored.get(name) and not (unreadable and name not in made):
                kind, compared = name
                zh = f"名称「{kind}:{compared}」应显示为「{made.get(name)}」，记为「{stored.get(name)}」"
                en = f"the name {kind}:{compared} is shown as {stored.get(name)!r} and was typed first as {made.get(name)!r}"
                yield Finding(0, "name", zh, en)

    def search(
        self,
        connection: psycopg.Connection[Any],
        master: MasterKey,
        erased: Collection[str],
        unreadable: Collection[str],
    ) -> Iterator[Finding]:
        """Entries of the blind index that are missing, otherwise or too many; a broken key is told elsewhere."""
        index = BlindIndex(master.secret(index_purpose(self._office)))
        keys = _Keys(connection, self._office, master)
        stored: dict[_At, tuple[str | None, list[str]]] = {
            (register, case_id, line, column): (subject, tokens)
            for register, case_id, line, column, subject, tokens in connection.execute(
                "select register, case_id, line, field, subject, tokens from wuye.found_by where office = %s",
                [self._office],
            )
        }
        wrong: dict[str, int] = {}
        for at in self._cells.keys() | stored.keys():
            made = None
            if at in self._cells:
                how, value = self._cells[at]
                subject = subject_of(value) if is_token(value) else None
                if subject is None or subject not in erased:
                    text = value if subject is None else open_cell(value, at[1], keys)
                    if text in (ERASED, UNREADABLE):
                        continue
                    tokens = index.tokens(how, text)
                    made = (subject, tokens) if tokens else None
            if made != stored.get(at) and at[1] not in unreadable:
                wrong[at[0]] = wrong.get(at[0], 0) + 1
        for register, count in sorted(wrong.items()):
            zh = f"登记簿 {register} 的盲索引有 {count} 条与事实不符"
            en = f"{count} entries of the blind index of {register} are not what the facts say"
            yield Finding(0, "search", zh, en)


class _Keys:
    """The keys of an office, unwrapped once each; None for one that opens nothing."""

    def __init__(self, connection: psycopg.Connection[Any], office: str, master: MasterKey) -> None:
        self._wrapped: dict[str, bytes | None] = dict(
            connection.execute("select subject, wrapped from wuye.keys where office = %s", [office]).fetchall()
        )
        self._office = office
        self._master = master
        self._opened: dict[str, bytes | None] = {}

    def __call__(self, subject: str) -> bytes | None:
        if subject not in self._opened:
            wrapped = self._wrapped.get(subject)
            try:
                self._opened[subject] = wrapped and self._master.unwrap(f"{self._office}/{subject}", wrapped)
            except (Tampered, ValueError):
                self._opened[subject] = None
        return self._opened[subject]
