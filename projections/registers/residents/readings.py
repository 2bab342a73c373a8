"""The register of readings 查阅登记 (§9.2): one line for each case whose personal data somebody has seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.residents.reading import Reading
from projections.engine.register import Register

__all__ = ["READINGS", "ReadingRow"]


@dataclass(slots=True, kw_only=True)
class ReadingRow:
    """Somebody saw the data of one case. ``reader`` is a user id, ``roles`` what he was then, separated by blanks."""

    source_id: str | None
    state: str
    version: int
    imported: bool
    read_at: datetime
    reader: str
    roles: str
    what: str
    read_case: str


def _rows(case: Reading) -> Iterator[tuple[str, ReadingRow]]:
    assert case.opened_at is not None
    for line, read_case in enumerate(case.case_ids):
        yield (
            f"{line:05d}",
            ReadingRow(
                source_id=case.source_id,
                state=case.state,
                version=case.version,
                imported=case.imported,
                read_at=case.opened_at,
                reader=case.reader,
                roles=" ".join(case.roles),
                what=case.what,
                read_case=read_case,
            ),
        )


READINGS = Register(
    name="readings",
    zh="查阅登记",
    en="readings of personal data",
    clause="9.2",
    row=ReadingRow,
    kinds=(Reading,),
    rows=_rows,
    indexed=("read_case", "reader"),
)
