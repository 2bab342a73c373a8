"""verify 核验: re-hash an office's book and say where it was touched (ESL 5, 8: alteration is detectable).

Each fact's leaf is the hash of its stored values; the last fact of each append carries a link over the previous link
and the leaves of that append. An edit changes a leaf, a deletion or insertion breaks the numbers or a link, a swap or
renumbering breaks leaves. A chain kept by one party proves order, not truth: whoever rewrites the whole book and its
head together is found only by heads that are ``known`` from elsewhere: those in a backup's signed contents, and, once there
are any, signed checkpoints.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import psycopg

from domain.office.office import OfficeOpened, SettingChanged
from journal.codec import FutureSchema, UnknownEvent, decode_event

__all__ = ["NOTHING_KNOWN", "Finding", "Verdict", "books", "leaf", "verify"]

# Times as the eight bytes that were hashed: no instant that a superuser could write stops the reading.
_SQL: Final = (
    "select number, case_id, version, event_id, name, schema, metadata, state, timestamptz_send(occurred_at),"
    " timestamptz_send(recorded_at), leaf, chain from wuye.facts where office = %s order by number"
)
NOTHING_KNOWN: Final[Mapping[int, str]] = MappingProxyType({})
_BOOKS: Final = """
with recursive written(office) as (
  (select office from wuye.facts order by office limit 1)
  union all
  select (select f.office from wuye.facts f where f.office > w.office order by f.office limit 1) from written w
   where w.office is not null
)
select office from wuye.offices union select office from written where office is not null order by office
"""


class _Head(NamedTuple):
    """What the office's own row says of its book."""

    number: int
    chain: bytes
    recorded_at: bytes
    settings: int
    simulated: bool
    has_clock: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that was touched: the page and what is wrong with it."""

    number: int
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found: how many facts were read, the head of the chain, and every finding."""

    office: str
    facts: int
    chain: str
    findings: tuple[Finding, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def books(connection: psycopg.Connection[Any]) -> list[str]:
    """Every office of which there is a head or a page, so that one without its head is not passed over."""
    return [row[0] for row in connection.execute(_BOOKS)]


def leaf(office: str, row: tuple[Any, ...]) -> bytes:
    """The hash of one stored fact, as ``wuye.leaf`` computes it (columns as in the verification query)."""
    number, case_id, version, event_id, name, schema, metadata, state, occurred_at, recorded_at = row[:10]
    digest = hashlib.sha256()
    digest.update(_sized(office.encode()))
    digest.update(struct.pack(">q", number))
    digest.update(_sized(case_id.encode()))
    digest.update(struct.pack(">i", version))
    digest.update(event_id.bytes)
    digest.update(_sized(name.encode()))
    digest.update(struct.pack(">h", schema))
    digest.update(_sized(bytes(metadata)))
    digest.update(_sized(bytes(state)))
    digest.update(bytes(occurred_at))
    digest.update(bytes(recorded_at))
    return digest.digest()


def verify(connection: psycopg.Connection[Any], office: str, known: Mapping[int, str] = NOTHING_KNOWN) -> Verdict:
    """Re-hash the book of one office, reading it once from front to back.

    ``known``: page → the link in hexadecimal that an append ended with there, as somebody else has kept it.
    """
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read read only")
        found = connection.execute(
            "select number, chain, timestamptz_send(recorded_at), settings, simulated, clock is not null from wuye.offices"
            " where office = %s",
            [office],
        ).fetchone()
        reader = _Reader(office, known)
        with connection.cursor(name="verify") as cursor:
            cursor.itersize = 5_000
            cursor.execute(_SQL, [office])
            findings = [finding for row in cursor for finding in reader.read(row)]
    if found is not None:
        head = _Head(*found)
        findings += reader.close(head)
        return Verdict(office, reader.facts, bytes(head.chain).hex(), tuple(findings))
    if reader.facts:
        findings.append(Finding(0, "no-head", "台账的首部不见了", "the head of the book is gone"))
    else:
        findings.append(Finding(0, "no-book", "没有这个管理处的台账", "this office has no book"))
    return Verdict(office, reader.facts, reader.chain.hex(), tuple(findings))


class _Reader:
    """Reads the facts in order and remembers what the next one must fit."""

    def __init__(self, office: str, known: Mapping[int, str]) -> None:
        self.office = office
        self.known = dict(known)
        self.facts = 0
        self.number = 0
        self.chain = b""
        self.leaves: list[bytes] = []
        self.last: bytes | None = None
        self.versions: dict[str, int] = {}
        self.settings = 0
        self.simulated: bool | None = None

    def read(self, row: tuple[Any, ...]) -> Iterator[Finding]:
        number, case_id, version = row[0], row[1], row[2]
        recorded_at, stored_leaf, link = row[9], row[10], row[11]
        yield from self._in_order(number or 0)
        self.facts += 1
        # Whoever can take a constraint away can also leave a column empty.
        computed = leaf(self.office, row) if None not in row[:10] else b""
        alone = link is not None and not self.leaves
        held = computed if stored_leaf is None else bytes(stored_leaf)
        if not computed or (stored_leaf is None) is not alone or held != computed:
            yield Finding(self.number, "leaf", "本页内容被改动", "this page was altered")
        if version != self.versions.get(case_id, 0) + 1:
            yield Finding(self.number, "version", f"{case_id} 的版次不连续", f"the versions of {case_id} do not follow")
        self.versions[case_id] = version or 0
        if recorded_at is not None:
            if self.last is not None and _micros(recorded_at) < _micros(self.last):
                yield Finding(self.number, "time", "入账时间倒退", "the recorded time runs backwards")
            self.last = bytes(recorded_at)
        yield from self._readable(row)
        self.leaves.append(computed)
        if link is not None:
            self.chain = hashlib.sha256(self.chain + b"".join(self.leaves)).digest()
            self.leaves.clear()
            if self.chain != bytes(link):
                yield Finding(self.number, "chain", "与前页的链接不符", "the link to the pages before does not hold")
                self.chain = bytes(link)
            if self.known.pop(self.number, self.chain.hex()) != self.chain.hex():
                yield _not_as_known(self.number)

    def _in_order(self, number: int) -> Iterator[Finding]:
        if number <= self.number:
            yield Finding(number, "order", f"第{number}页重复或不在其位", f"page {number} is doubled or out of place")
        elif number != self.number + 1:
            missing = f"{self.number + 1}–{number - 1}"
            yield Finding(number, "gap", f"第{missing}页缺失", f"pages {missing} are missing")
        self.number = number

    def _readable(self, row: tuple[Any, ...]) -> Iterator[Finding]:
        try:
            event = decode_event(row[4], row[5], bytes(row[7]))
        except (UnknownEvent, FutureSchema, ValueError, TypeError, RecursionError) as error:
            yield Finding(self.number, "unreadable", f"本页无法读取：{error}", f"this page cannot be read: {error}")
            return
        if isinstance(event, OfficeOpened):
            self.simulated = event.simulated
        elif isinstance(event, SettingChanged):
            self.settings += 1

    def close(self, head: _Head) -> Iterator[Finding]:
        if self.leaves:
            yield Finding(self.number, "open-link", "最后一次入账没有链接", "the last append bears no link")
        yield from map(_not_as_known, sorted(number for number in self.known if number))
        number = head.number
        if number != self.number:
            yield Finding(
                self.number,
                "head",
                f"台账应有{number}页，实有{self.number}页",
                f"the book should have {number} pages and has {self.number}",
            )
        elif bytes(head.chain) != self.chain:
            yield Finding(number, "head-chain", "台账末页的链接不符", "the head's link does not hold")
        if self.last is not None and number == self.number and bytes(head.recorded_at) != self.last:
            yield Finding(number, "head-time", "台账末页时间不符", "the head's time does not hold")
        if head.settings != self.settings:
            yield Finding(
                number,
                "head-settings",
                f"设定变更次数应为{self.settings}，首部记为{head.settings}",
                f"settings were changed {self.settings} times, the head says {head.settings}",
            )
        if self.simulated is not None and {head.simulated, head.has_clock} != {self.simulated}:
            yield Finding(
                number,
                "head-simulated",
                "首部的模拟标记或时钟与设立时不符",
                "the head's mark or clock of a simulated office does not hold",
            )


def _not_as_known(number: int) -> Finding:
    return Finding(
        number,
        "known",
        "与别处保存的链接不符：此页或更早的页被改写、删去",
        "not the link that is kept elsewhere: this page or one before it was rewritten or is gone",
    )


def _sized(value: bytes) -> bytes:
    return struct.pack(">i", len(value)) + value


def _micros(sent: bytes) -> int:
    """Microseconds since 2000, as PostgreSQL sends an instant; the infinite ones are the least and the greatest."""
    micros: int = struct.unpack(">q", sent)[0]
    return micros
