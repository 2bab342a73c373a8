"""What a decision reads besides its own case 关联事项: what the command names, and what its case and the registers lead to.

Each is guarded: if it has moved on before the facts are written, it is decided anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import psycopg

from domain.kernel.calendar import local_date
from domain.kernel.fact import Command
from domain.kernel.references import named_in, not_there, related_set_aside
from journal.append import Append
from workflows.engine.found import FOUND
from workflows.engine.open_cases import OpenCases
from workflows.engine.plan import Plan
from workflows.engine.references import check_kinds

__all__ = ["RelatedCases", "read_whole"]

_NONE: Final[Mapping[str, Any]] = {}


class RelatedCases:
    """Reads the related cases of one draft's commands, and has its append guard them."""

    def __init__(self, append: Append, cases: OpenCases, connection: psycopg.Connection[Any]) -> None:
        """``cases`` are those of the draft."""
        self._append = append
        self._cases = cases
        self._connection = connection

    def read(
        self, plan: Plan, command: Command, case: Any, case_id: str, occurred: datetime, *, history: bool
    ) -> Mapping[str, Any]:
        """The cases by the names that the decision has for them; of another system's ``history`` its case leads to none.

        Raises :class:`~domain.kernel.errors.NotFound` and :class:`~domain.kernel.errors.RuleBroken`.
        """
        named: Mapping[str, str] = {}
        if plan.reads:
            named = check_kinds(command, command.related_to(case_id, self._append.office))
            if len(named) > 1:  # one alone is loaded when it is read
                self._cases.expect(read_whole(command, named))
        if plan.led and not history and case is not None:
            named = {**named, **self._led_to(command, case, occurred)}
        return {name: self._one(other, name, command) for name, other in named.items()} if named else _NONE

    def _led_to(self, command: Command, case: Any, occurred: datetime) -> Mapping[str, str]:
        """What its case and the registers lead to."""
        office = self._append.office
        find, led_to = FOUND.get(type(command)), command.led_to(case, office)
        return led_to if find is None else {**led_to, **find(self._connection, office, case, local_date(occurred))}

    def _one(self, case_id: str, name: str, command: Command) -> Any:
        standing = self._cases.standing(case_id) if name in command.STATE_ENOUGH else None
        if standing is not None and case_id not in self._cases:
            self._append.guards[case_id] = standing.version
            return standing
        opened = self._cases.get(case_id)
        if (opened.case is None or opened.case.set_aside is not None) and not command.may_lack(name):
            raise not_there(command, case_id) if opened.case is None else related_set_aside(named_in(command, case_id))
        if not opened.touched:
            self._append.guards[case_id] = opened.case.version if opened.case is not None else 0
        return opened.case


def read_whole(command: Command, related: Mapping[str, str]) -> set[str]:
    """Of the cases that a decision reads besides its own those of which it reads more than the state."""
    return {other for name, other in related.items() if name not in command.STATE_ENOUGH}
