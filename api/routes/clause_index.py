"""What rests on each clause of the handbook: derived from the tables, the rules in the code and the standards."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from api.routes.actions import slug_of
from domain.cases import CASES
from domain.handbook.reach import CARRIED_BY, REFERS
from domain.handbook.settings import SETTINGS

if TYPE_CHECKING:
    from projections.engine.collection import Registers
    from workflows.engine.policy import Policies

__all__ = ["REFUSALS", "clause_index", "refusals"]

REFUSALS: Final = Path(__file__).with_name("refusals.json")
"""The refusals of the domain by clause; written by ``python -m docs.generate`` from the code itself."""


@cache
def refusals() -> dict[str, list[str]]:
    """Clause → the codes of the refusals that cite it."""
    found: dict[str, list[str]] = json.loads(REFUSALS.read_text(encoding="utf-8"))
    return found


def clause_index(
    registers: Registers, policies: Policies, standards: Iterable[tuple[str, str]] = ()
) -> dict[str, dict[str, list[str]]]:
    """Clause → what kind of thing → their names. ``standards`` are (clause, slug); ``clauses`` are those it points to."""
    found: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for clause, sort, name in (*_of_tables(), *_of_the_rest(registers, policies)):
        found[clause][sort][name] = None
    for clause, name in standards:
        found[clause]["standards"][name] = None
    return {clause: {sort: list(names) for sort, names in sorts.items()} for clause, sorts in found.items()}


def _of_tables() -> Iterator[tuple[str, str, str]]:
    for lifecycle in CASES:
        yield lifecycle.clauses, "cases", lifecycle.path
        for row in lifecycle.steps:
            yield row.clause, "commands", slug_of(row.command)
            yield row.clause, "facts", row.event.__name__
        for due in lifecycle.deadlines:
            yield due.clause, "deadlines", f"{lifecycle.path}/{due.kind}"


def _of_the_rest(registers: Registers, policies: Policies) -> Iterator[tuple[str, str, str]]:
    for policy in policies.all:
        yield policy.clause, "policies", policy.name
    for register in registers.all:
        yield register.clause, "registers", register.name
    for setting in SETTINGS.values():
        yield setting.clause, "settings", setting.name
    for clause, codes in refusals().items():
        for code in codes:
            yield clause, "rules", code
    for clause, commands in CARRIED_BY.items():
        for command in commands:
            yield clause, "commands", command
    for clause, others in REFERS.items():
        for other in others:
            yield clause, "clauses", other
