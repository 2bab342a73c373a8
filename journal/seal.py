"""verify 核验: re-hash an office's book and say where it was touched (ESL 5, 8: alteration is detectable).

Each fact's leaf is the hash of its stored values; the last fact of each append carries a link over the previous link
and the leaves of that append. An edit changes a leaf, a deletion or insertion breaks the numbers or a link, a swap or
renumbering breaks leaves. A chain kept by one party proves order, not truth: whoever rewrites the whole book and its
head together is found only by checkpoints that are kept elsewhere.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg

from journal.codec import FutureSchema, UnknownEvent, decode_event

__all__ = ["Finding", "Verdict", "leaf", "verify"]

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SQL: Final = (
    "select number, case_id, version, event_id, name, schema, metadata, state, occurred_at, recorded_at, leaf, chain"
    " from wuye.facts where office = %s order by number"
)


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
    digest.update(struct.pack(">qq", _micros(occurred_at), _micros(recorded_at)))
    return digest.digest()


def verify(connection: psycopg.Connection[Any], office: str) -> Verdict:
    """Re-hash the book of one office, reading it once from front to back."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read read only")
        head = connection.execute(
            "select number, chain, recorded_at from wuye.offices where office = %s", [office]
        ).fetchone()
        if head is None:
            return Verdict(office, 0, "", (Finding(0, "no-book", "没有这个管理处的台账", "this office has no book"),))
        reader = _Reader(office)
        with connection.cursor(name="verify") as cursor:
            cursor.itersize = 5_000
            cursor.execute(_SQL, [office])
            findings = [finding for row in cursor for finding in reader.read(row)]
        findings += reader.close(*head)
    return Verdict(office, reader.facts, head[1].hex(), tuple(findings))


class _Reader:
    """Reads the facts in order and remembers what the next one must fit."""

    def __init__(self, office: str) -> None:
        self.office = office
        self.facts = 0
        self.number = 0
        self.chain = b""
        self.leaves: list[bytes] = []
        self.last: datetime | None = None
        self.versions: dict[str, int] = {}

    def read(self, row: tuple[Any, ...]) -> Iterator[Finding]:
        number, case_id, version = row[0], row[1], row[2]
        recorded_at, stored_leaf, link = row[9], row[10], row[11]
        if number != self.number + 1:
            missing = f"{self.number + 1}–{number - 1}"
            yield Finding(number, "gap", f"第{missing}页缺失", f"pages {missing} are missing")
        self.number = number
        self.facts += 1
        computed = leaf(self.office, row)
        alone = link is not None and not self.leaves
        if (stored_leaf is None) is not alone or (stored_leaf is not None and computed != bytes(stored_leaf)):
            yield Finding(number, "leaf", "本页内容被改动", "this page was altered")
        if version != self.versions.get(case_id, 0) + 1:
            yield Finding(number, "version", f"{case_id} 的版次不连续", f"the versions of {case_id} do not follow")
        self.versions[case_id] = version
        if self.last is not None and recorded_at < self.last:
            yield Finding(number, "time", "入账时间倒退", "the recorded time runs backwards")
        self.last = recorded_at
        yield from self._readable(row)
        self.leaves.append(computed)
        if link is not None:
            self.chain = hashlib.sha256(self.chain + b"".join(self.leaves)).digest()
            self.leaves.clear()
            if self.chain != bytes(link):
                yield Finding(number, "chain", "与前页的链接不符", "the link to the pages before does not hold")
                self.chain = bytes(link)

    def _readable(self, row: tuple[Any, ...]) -> Iterator[Finding]:
        try:
            decode_event(row[4], row[5], bytes(row[7]))
        except (UnknownEvent, FutureSchema, ValueError) as error:
            yield Finding(row[0], "unreadable", f"本页无法读取：{error}", f"this page cannot be read: {error}")

    def close(self, number: int, chain: bytes, recorded_at: datetime) -> list[Finding]:
        found = []
        if self.leaves:
            found.append(Finding(self.number, "open-link", "最后一次入账没有链接", "the last append bears no link"))
        if number != self.number:
            found.append(
                Finding(
                    self.number,
                    "head",
                    f"台账应有{number}页，实有{self.number}页",
                    f"the book should have {number} pages and has {self.number}",
                )
            )
        elif bytes(chain) != self.chain:
            found.append(Finding(number, "head-chain", "台账末页的链接不符", "the head's link does not hold"))
        if self.last is not None and number == self.number and recorded_at != self.last:
            found.append(Finding(number, "head-time", "台账末页时间不符", "the head's time does not hold"))
        return found


def _sized(value: bytes) -> bytes:
    return struct.pack(">i", len(value)) + value


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND
