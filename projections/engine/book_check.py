"""What rests on the book 台账之外: registers, claims, answers, keys, names and the blind index, held against the facts in one reading.

All of it is read in one snapshot and nothing is written. A case that cannot be read to its end is named and left out of the
rest; whose pages were touched is :mod:`journal.hash_chain`'s to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
import psycopg

from domain.cases import lifecycle_of
from domain.kernel.fact import Case, Fact
from journal.book import Book
from journal.confidential import MasterKey, Tampered, is_token, open_token, subject_of
from journal.hash_chain import Finding
from journal.page import Page
from projections.engine.collection import Registers
from projections.engine.index_check import Indexes
from projections.engine.register import FIXED, Register
from projections.engine.replay import Folded
from projections.engine.tables import shape

__all__ = ["check_book"]

_BATCH: Final = 5_000
_MASK: Final = (1 << 64) - 1
_ANSWERS: Final = "select key, number, recorded_at, answer from wuye.answers where office = %s"
_ERASED_AGAIN: Final = "select jsonb_array_elements_text(what -> 'erased_again') from wuye.mendings where jsonb_typeof(what -> 'erased_again') = 'array'"
_ANSWER: Final = msgspec.msgpack.Decoder(tuple[str, int, str, tuple[str, ...], tuple[str, ...]])
"""As the command handler stores it: case, version, state, the names of the append's facts, whose keys sealed them."""


class _Sealed(NamedTuple):
    """A value that a subject's key must open, and the case in which it stands."""

    token: str
    case_id: str


def check_book(
    connection: psycopg.Connection[Any],
    office: str,
    registers: Registers,
    *,
    master: MasterKey | None = None,
) -> list[Finding]:
    """Every place at which something beside the pages of an office is not what they say.

    With the ``master`` key every household's key is tried, and the blind index is compared. Of keys that a restore destroyed again, since the list of erasures
    names them, no fact of a restored book can tell: ``wuye.mendings`` does.
    """
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read read only")
        read = _Reading(registers, office)
        book = Book(connection, office)
        while pages := book.pages(read.last, _BATCH):
            for page in pages:
                read.take(book.mapper.to_domain_event, page)
        read.folded.close()
        read.drain()
        return [
            *_spoilt(read),
            *_registers(connection, office, registers, read),
            *_claims(connection, office, read),
            *_answers(connection, office, read),
            *_keys(connection, office, read, master),
            *read.indexes.names(connection, read.spoilt),
            *(read.indexes.search(connection, master, read.erased, read.spoilt) if master is not None else ()),
        ]


class _Reading:
    """The facts read so far, and what follows from them."""

    def __init__(self, registers: Registers, office: str) -> None:
        self.folded = Folded(registers, office)
        self.indexes = Indexes(registers, office)
        self.cases: Mapping[str, Case] = self.folded.cases
        self.spoilt = self.folded.spoilt.keys()
        self.last = 0
        self.names: list[str] = []
        self.taken_at: list[Any] = []
        self.sealed: dict[str, _Sealed] = {}
        self.erased: set[str] = set()
        self.sums: dict[str, tuple[int, int]] = {register.name: (0, 0) for register in registers.all}

    def take(self, decode: Callable[[Any], Any], page: Page) -> None:
        missing = page.number - 1 - self.last
        self.names += [*[""] * missing, page.name]
        self.taken_at += [*[page.recorded_at] * missing, page.recorded_at]
        self.last = page.number
        fact = self.folded.take_page(page, decode, looking=True)
        if fact is None:
            return
        self.erased.update(fact.event.destroys())
        for token in _tokens(fact):
            self.sealed.setdefault(subject_of(token), _Sealed(token, fact.case_id))
        if page.number % _BATCH == 0:
            self.drain()

    def drain(self) -> None:
        """Add up what is finished of the registers."""
        for name, rows in self.folded.drain():
            known = [row for row in rows if row[1] not in self.spoilt]
            self.sums[name] = _added(self.sums[name], known)
            self.indexes.take(name, known)


def _tokens(fact: Fact) -> Iterator[str]:
    for name in fact.event.__dataclass_fields__:  # type: ignore[attr-defined]
        value = getattr(fact.event, name)
        yield from (each for each in (value if isinstance(value, tuple) else (value,)) if is_token(each))


def _added(before: tuple[int, int], rows: Iterable[tuple[Any, ...]]) -> tuple[int, int]:
    """How many rows there are, and the sum of their hashes: the same for the same rows in any order."""
    count, total = before
    for row in rows:
        count, total = count + 1, (total + hash(row)) & _MASK
    return count, total


def _spoilt(read: _Reading) -> Iterator[Finding]:
    for case in read.folded.spoilt.values():
        yield Finding(
            case.number,
            "case",
            f"{case.case_id} 自此页起读不出，登记簿停在此前（{case.reason}）",
            f"{case.case_id} cannot be read from here on, its rows stand as before ({case.reason})",
        )


def _registers(
    connection: psycopg.Connection[Any], office: str, registers: Registers, read: _Reading
) -> Iterator[Finding]:
    shapes = dict(connection.execute("select name, shape from wuye.registers").fetchall())
    for register in registers.all:
        if shapes.get(register.name) != shape(register):
            yield _finding(
                "register-shape",
                f"登记簿 {register.name} 的结构未知",
                f"the register {register.name} has no known shape",
            )
        elif _stands(connection, office, register, read) != read.sums[register.name]:
            yield _finding(
                "register",
                f"登记簿「{register.zh}」与事实不符（wuye rebuild --compare 说明多少）",
                f"the register {register.name} is not what the facts say (wuye rebuild --compare counts)",
            )


def _stands(connection: psycopg.Connection[Any], office: str, register: Register, read: _Reading) -> tuple[int, int]:
    names = ", ".join((*FIXED, *(column.name for column in register.stored)))
    with connection.cursor(name="register", binary=True) as cursor:
        cursor.itersize = _BATCH
        cursor.execute(f"select {names} from wuye.{register.table} where office = %s", [office])
        return _added((0, 0), (row for row in cursor if row[1] not in read.spoilt))


def _claims(connection: psycopg.Connection[Any], office: str, read: _Reading) -> Iterator[Finding]:
    whole = ((case_id, case) for case_id, case in read.cases.items() if case_id not in read.spoilt)
    due = {claim: case_id for case_id, case in whole for claim in lifecycle_of(case_id).held(case)}
    stands = dict(connection.execute("select claim, case_id from wuye.claims where office = %s", [office]).fetchall())
    for claim in sorted(due.keys() | stands.keys()):
        holder, stored = due.get(claim), stands.get(claim)
        if holder != stored and not {holder, stored} & read.spoilt:
            yield _finding(
                "claim",
                f"占用「{claim}」应属 {holder or '无人'}，记为 {stored or '无人'}",
                f"the claim {claim} is {holder or 'nobody'}'s and stands as {stored or 'nobody'}'s",
            )


def _answers(connection: psycopg.Connection[Any], office: str, read: _Reading) -> Iterator[Finding]:
    """An answer names the facts of its append, the last of which stands on its page and was taken at its time; no append has two."""
    answered: set[int] = set()
    for key, number, recorded_at, answer in connection.execute(_ANSWERS, [office]):
        try:
            case_id, version, _, names, _ = _ANSWER.decode(answer)
        except msgspec.DecodeError:
            case_id, version, names = "", 0, ("",)
        case = read.cases.get(case_id)
        fits = number <= read.last and (case_id in read.spoilt or (case is not None and version <= case.version))
        if names:
            fits = fits and tuple(read.names[number - len(names) : number]) == names
            fits = fits and read.taken_at[number - 1] == recorded_at and number not in answered
            answered.add(number)
        if not fits:
            yield _finding(
                "answer", f"答复「{key}」与第{number}页不符", f"the answer to {key} does not fit page {number}"
            )


def _keys(
    connection: psycopg.Connection[Any],
    office: str,
    read: _Reading,
    master: MasterKey | None,
) -> Iterator[Finding]:
    restored = {UUID(key_id) for (key_id,) in connection.execute(_ERASED_AGAIN)}
    stands: dict[str, tuple[UUID, bytes | None]] = {}
    for subject, key_id, wrapped, destroyed_at in connection.execute(
        "select subject, id, wrapped, destroyed_at from wuye.keys where office = %s", [office]
    ):
        stands[subject] = key_id, wrapped
        if (wrapped is None) is not (destroyed_at is not None):
            yield _finding(
                "key-date", f"{subject} 的密钥销毁时间不符", f"when the key of {subject} was destroyed does not fit"
            )
    for subject in sorted(read.sealed.keys() | stands.keys() | read.erased):
        key_id, wrapped = stands.get(subject, (None, None))
        said = None
        if key_id is None:
            said = ("key-missing", "的密钥缺失", "is missing")
        elif wrapped is None and subject not in read.erased and key_id not in restored:
            said = ("key-destroyed", "的密钥被销毁，而没有事实", "was destroyed without a fact")
        elif wrapped is not None and subject in read.erased:
            said = ("key-kept", "已销毁，而密钥仍在", "was erased and the key is there")
        elif wrapped is not None and master is not None and not _opens(master, office, subject, wrapped, read):
            said = ("key-broken", "的密钥打不开其所封内容", "does not open what it sealed")
        if said is not None:
            yield _finding(said[0], f"{subject} {said[1]}", f"the key of {subject} {said[2]}")


def _opens(master: MasterKey, office: str, subject: str, wrapped: bytes, read: _Reading) -> bool:
    try:
        key = master.unwrap(f"{office}/{subject}", wrapped)
        sealed = read.sealed.get(subject)
        if sealed is not None:
            open_token(sealed.token, sealed.case_id, lambda _: key)
    except (Tampered, ValueError):
        return False
    return True


def _finding(code: str, zh: str, en: str) -> Finding:
    return Finding(0, code, zh, en)
