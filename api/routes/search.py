"""Whoever calls is found 来电查找 (§9.2): by name, pinyin or initials, by telephone, by room; over sealed data.

What is looked for is sent in a body, so that no name comes to stand in an address, nor in anybody's log of addresses.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated, Any, Final

import psycopg
from fastapi import APIRouter, Body, Request, Response

from api.http.addresses import address
from api.http.context import ApiContext, Reader
from api.http.documents import answered, ref
from api.http.people_names import with_names
from api.http.text import Short
from domain.cases import CASES
from journal.blind_index import BlindIndex, How, index_purpose
from projections.engine.register import Register
from projections.engine.search import cases_found, found_in

__all__ = ["households_found", "index_of", "kind_of", "people_found", "router"]

_MOST: Final = 50
_HOUSEHOLDS: Final = """
select h.case_id, h.home, h.state from wuye.r_households h
 where h.office = %(office)s and h.to_number is null and h.state <> 'erased'
   and (h.home like %(tail)s or h.home like %(head)s or h.case_id in ({}))
 order by (h.home = %(words)s) desc, (h.state = 'resident') desc, h.home, h.case_id limit %(limit)s
"""
_SHOWN: Final = ("state", "home", "household", "opened_at")
"""What a result says beside that by which it is found, where its register has it."""


@dataclass(frozen=True, slots=True)
class SearchPeople:
    """Words that all have to be found: a name, its pinyin or initials, a telephone number or its tail, a home or its room."""

    q: Short


def index_of(context: ApiContext, office: str) -> BlindIndex:
    """The blind index of an office."""
    return BlindIndex(context.master.secret(index_purpose(office)))


def kind_of(register: Register) -> str:
    """The kind of case of which a register's rows are."""
    return next(lifecycle.kind for lifecycle in CASES if lifecycle.of in register.kinds)


def router(context: ApiContext) -> APIRouter:
    """One search over all registers by which people are found."""
    made = APIRouter(tags=["registers"])

    @made.post(
        "/offices/{office}/search",
        operation_id="search_people",
        summary="按姓名、拼音、电话、房号查找 / find by name, pinyin, telephone or room",
        responses=answered(ref("Found")),
        response_model=None,
    )
    def search(request: Request, office: str, body: Annotated[SearchPeople, Body()]) -> Response:
        found = people_found(context.reader(request, office), body.q)
        return with_names(context.names, {"found": found})

    return made


def households_found(
    reader: Reader, words: str, limit: int, *, rooms_alone: bool = False
) -> list[tuple[str, str, str]]:
    """Households by the number of their home, its beginning or its tail, and by whom they name: id, home and state.

    One look. A home that is meant exactly leaves the others out. Nothing is opened: who shows them opens them, and that is the reading. Whoever may not see names finds homes alone.
    """
    plain = words.replace("\\", "").replace("%", "").replace("_", "")
    if not plain:
        return []
    context, office = reader.context, reader.office
    asked = index_of(context, office).asked(words, rooms_alone=rooms_alone or not reader.sees_personal("household"))
    by_name, tokens = cases_found(asked or [[]])
    values = {
        "office": office,
        "words": plain,
        "tail": f"%{plain}",
        "head": f"{plain}%",
        "registers": [each.name for each in context.registers.all if each.found_by and kind_of(each) == "household"],
        "limit": limit,
    }
    with context.within(office) as connection:
        found = connection.execute(_HOUSEHOLDS.format(by_name).encode(), values | tokens).fetchall()
    return [row for row in found if row[1] == plain] or found


def people_found(reader: Reader, words: str, *, rooms: bool = True) -> list[dict[str, Any]]:
    """What these words find over all registers by which people are found, opened for whoever reads; that is recorded.

    Without ``rooms`` what is found by its room alone is left out, and not read.
    """
    context, office = reader.context, reader.office
    searched = [register for register in context.registers.all if register.found_by]
    index = index_of(context, office)
    found = []
    with context.within(office) as connection:
        for rooms_alone in (False, True):
            # Nobody learns by searching what he is not shown: whoever may not see names finds rooms alone.
            registers = [r for r in searched if reader.sees_personal(kind_of(r)) is not rooms_alone]
            found += _found(connection, office, registers, index.asked(words, rooms_alone=rooms_alone))
    if not rooms:
        found = [row for row in found if any(how is not How.ROOM for how in row["by"])]
    reader.open(found, "search")
    return found


def _found(
    connection: psycopg.Connection[Any], office: str, registers: list[Register], asked: list[list[str]]
) -> list[dict[str, Any]]:
    """The rows of these registers in which something of every word is found, the newest first."""
    if not asked or not registers:
        return []
    lines: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(dict)
    for (name, case_id, line), fields in found_in(
        connection, office, asked, [register.name for register in registers], _MOST
    ).items():
        lines[name][case_id, line] = fields
    rows: list[dict[str, Any]] = []
    for register in registers:
        hits = lines[register.name]
        columns = {column.name for column in register.columns}
        names = [name for name in dict.fromkeys((*_SHOWN, *register.found_by)) if name in columns]
        stand = connection.execute(
            f"select case_id, line, {', '.join(names)} from wuye.{register.table}"
            " where office = %s and to_number is null and case_id = any(%s) order by case_id desc, line",
            [office, [case_id for case_id, _ in hits]],
        )
        for case_id, line, *values in stand:
            by = [register.found_by[field] for field in hits.get((case_id, line), ())]
            if by:
                said = dict(zip(names, values, strict=True))
                href = address(office, kind_of(register), case_id)
                rows.append(
                    {"register": register.name, "case_id": case_id, "line": line, "by": by, **said, "href": href}
                )
    return rows
