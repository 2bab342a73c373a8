"""The notices of a whole month 整批缴费通知单 (§7.2c): by building and home, in parts of at most a hundred pages.

A part that was set lies in ``WUYE_HOME/papers`` and is not set again, whoever asks and whatever interrupted the run: its
notices are what their facts say, so nothing of it grows old. It holds homes and amounts, and no names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response

from api.http.context import ApiContext, Reader
from api.papers.bill_notice import bill_notice
from api.papers.handing_out import address_in, as_file, is_recorded, record_print
from api.papers.paper import Paper
from api.papers.typesetting import AT_ONCE, Job, prepared, typeset, typesetter
from api.papers.workers import set_in_workers
from domain.kernel.errors import NotFound
from journal.durable import sync_folder, write_new

__all__ = ["Part", "hand_out_part", "parts_of", "parts_ready", "set_parts"]

_BILLS: Final = """
select building, home, bill from wuye.r_bill_run_households
 where office = %s and case_id = %s and to_number is null and bill is not null
"""
_DIGITS: Final = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: its number in the run, its building, from which home to which, and its bills in the order of the homes."""

    number: int
    building: str
    first: str
    last: str
    bills: tuple[str, ...]


def parts_of(context: ApiContext, office: str, run: str) -> list[Part]:
    """The parts of a run's notices: building by building, home by home as people count, none over two buildings."""
    with context.within(office) as connection:
        rows = connection.execute(_BILLS, [office, run]).fetchall()
    rows.sort(key=lambda row: (not row[0], _counted(row[0] or ""), _counted(row[1] or ""), row[2]))
    made: list[Part] = []
    for building, homes in _by_building(rows):
        for start in range(0, len(homes), AT_ONCE):
            some = homes[start : start + AT_ONCE]
            made.append(
                Part(
                    number=len(made) + 1,
                    building=building,
                    first=some[0][0],
                    last=some[-1][0],
                    bills=tuple(bill for _, bill in some),
                )
            )
    return made


def _by_building(rows: list[Any]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for building, home, bill in rows:
        found.setdefault(building or "", []).append((home or "", bill))
    yield from found.items()


def _counted(text: str) -> list[tuple[int, int | str]]:
    """2-101 before 10-101."""
    return [(0, int(each)) if each.isdecimal() else (1, each) for each in _DIGITS.split(text) if each]


def hand_out_part(reader: Reader, request: Request, run: str, number: int, name: str) -> Response:
    """One part as a PDF, set now if it was not yet; that it was printed is recorded first. Raises NotFound."""
    parts = parts_of(reader.context, reader.office, run)
    part = next((each for each in parts if each.number == number), None)
    if part is None:
        raise NotFound("part-unknown", "7.2c", zh="没有这一册", en="there is no such part")
    place = _place(reader, request, run, part)
    papers: list[Paper] = []
    if place.exists():
        pdf = place.read_bytes()
    else:
        papers = _papers(reader, part, name)
        pdf = typeset(papers, address_in(request, reader.office))
        _keep(place, pdf)
    if not is_recorded(reader.context, reader.office, sha256(pdf).hexdigest()):
        record_print(reader, papers or _papers(reader, part, name), pdf)
    return as_file(pdf, f"缴费通知单-{part.building or '未分楼栋'}-{part.number}")


def parts_ready(reader: Reader, request: Request, run: str) -> list[tuple[Part, bool]]:
    """Every part, and whether it is set."""
    parts = parts_of(reader.context, reader.office, run)
    return [(part, _place(reader, request, run, part).exists()) for part in parts]


def set_parts(reader: Reader, request: Request, run: str, name: str, limit: int) -> list[tuple[Part, bool]]:
    """Set up to ``limit`` parts that were not set yet, in processes of their own; every part, and whether it is set now."""
    parts = parts_of(reader.context, reader.office, run)
    places = {part.number: _place(reader, request, run, part) for part in parts}
    address = address_in(request, reader.office)

    def job_of(part: Part) -> Job:
        return prepared(_papers(reader, part, name), address)

    def take(part: Part, pdf: bytes) -> None:
        _keep(places[part.number], pdf)

    waiting = [part for part in parts if not places[part.number].exists()]
    set_in_workers(waiting[:limit], job_of, take)
    return [(part, places[part.number].exists()) for part in parts]


def _papers(reader: Reader, part: Part, name: str) -> list[Paper]:
    return [bill_notice(reader.context, reader.office, bill, name) for bill in part.bills]


def _place(reader: Reader, request: Request, run: str, part: Part) -> Path:
    """Where a part lies: under a name that says all it depends on."""
    told = (typesetter(), address_in(request, reader.office)(run), *part.bills)
    folder = reader.context.settings.home / "papers" / sha256(f"{reader.office}/{run}".encode()).hexdigest()[:32]
    return folder / f"{sha256('/'.join(told).encode()).hexdigest()}.pdf"


def _keep(place: Path, pdf: bytes) -> None:
    """Durably and whole, or not at all."""
    for each in (place.parent.parent, place.parent):
        if not each.exists():
            each.mkdir(exist_ok=True, mode=0o700)
            sync_folder(each.parent)
    draft = place.with_name(f"{place.name}.{os.getpid()}.{os.urandom(4).hex()}")
    write_new(draft, pdf)
    draft.replace(place)
    sync_folder(place.parent)
