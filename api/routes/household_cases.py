"""A household's every case 住户的全部事项 (§9.1): which they are, and all facts that tell of the household."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from api.http.context import ApiContext
from domain.cases import BY_KIND, CASES
from domain.kernel.fact import Fact
from domain.visits.survey.events import SurveyAnswered
from journal.book import Book
from projections.engine.collection import Registers
from projections.engine.register import Register

__all__ = ["held", "listed"]

_OWN: Final = {lifecycle.path for lifecycle in CASES}
_SURVEYS: Final = "select distinct case_id from wuye.r_surveys where office = %s and to_number is null"
_READINGS: Final = """
select read_at, reader, roles, what, read_case from wuye.r_readings
 where office = %s and read_case = any(%s) and to_number is null order by from_number, line
"""


def listed(context: ApiContext, office: str, household: str) -> list[dict[str, Any]]:
    """The cases that name the household, each as its own register has it now, the newest first."""
    made = []
    with context.within(office) as connection:
        for register in _naming(context.registers):
            names = {column.name for column in register.columns}
            if register.name not in _OWN or not {"opened_at", "open"} <= names:
                continue
            rows = connection.execute(
                f"select case_id, state, opened_at, open from wuye.{register.table}"
                " where office = %s and household = %s and to_number is null".encode(),
                [office, household],
            )
            made += [_view(office, *row) for row in rows]
    return sorted(made, key=lambda case: (case["opened_at"], case["case_id"]), reverse=True)


def _view(office: str, case_id: str, state: str, opened_at: Any, open_: bool) -> dict[str, Any]:  # noqa: FBT001 -- a row
    lifecycle = BY_KIND[case_id.partition("-")[0]]
    zh, en = lifecycle.states[state]
    return {
        "case_id": case_id,
        "kind": lifecycle.kind,
        "zh": lifecycle.zh,
        "en": lifecycle.en,
        "state": state,
        "state_zh": zh,
        "state_en": en,
        "opened_at": opened_at,
        "open": open_,
        "href": f"/offices/{office}/{lifecycle.path}/{quote(case_id)}",
    }


def held(context: ApiContext, office: str, household: str) -> tuple[list[Fact], list[dict[str, Any]]]:
    """Every fact that tells of the household, in the order of the book and still sealed, and who has read any of it.

    The facts of its file and of all cases that ever named it, and its own answers to surveys.
    """
    with context.within(office) as connection:
        cases = {household}
        for register in _naming(context.registers):
            found = connection.execute(
                f"select distinct case_id from wuye.{register.table} where office = %s and household = %s".encode(),
                [office, household],
            )
            cases |= {row[0] for row in found}
        surveys = connection.execute(_SURVEYS, [office]).fetchall()
        readings = connection.execute(_READINGS, [office, sorted(cases)]).fetchall()
        book = Book(connection, office)
        facts = [fact for case_id in sorted(cases) for fact in book.facts_of(case_id)]
        for (survey,) in surveys:
            facts += [
                f
                for f in book.facts_of(survey)
                if isinstance(f.event, SurveyAnswered) and f.event.respondent == household
            ]
    names = ("read_at", "reader", "roles", "what", "case_id")
    return sorted(facts, key=lambda fact: fact.number), [dict(zip(names, row, strict=True)) for row in readings]


def _naming(registers: Registers) -> list[Register]:
    """The registers whose rows may name a household."""
    return [register for register in registers.all if any(column.name == "household" for column in register.columns)]
