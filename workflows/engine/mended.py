"""What follows from a mended mistake 差错更正之后: of every kind of case alike, so that no chapter's policies have to say it.

What was withdrawn takes along what followed from it (:mod:`~workflows.engine.endings`). Whose household's or home's a matter
is, once it is corrected, goes for what came from it too, and what stood sealed under the other household's key is sealed
anew under the right one's: erasing the right one destroys it, erasing the other does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import psycopg

from domain.handbook.settings import Settings
from domain.kernel.corrections import personal_fields
from domain.kernel.fact import Case, Fact
from domain.kernel.mending import TAKEN_OUT, CorrectEntry, EntryCorrected
from domain.kernel.names import PEOPLE
from domain.kernel.whose import HOUSEHOLD, WHERE, done_already
from journal.confidential import is_token
from workflows.engine.endings import ENDING, endings, ends_what_followed
from workflows.engine.policy import Consequence, Policies

__all__ = ["MENDS", "SETTING_RIGHT", "after_mending"]

SETTING_RIGHT: Final = "set_right_what_came_from_it"
"""The policy's name in the book."""
MENDS: Final = frozenset({*TAKEN_OUT, EntryCorrected})
"""The events that mend a mistake of which something may follow."""
_CAME_FROM: Final = """
select case_id from wuye.r_follow_ups where office = %(office)s and to_number is null and origin_id = %(case)s
union select case_id from wuye.r_rectifications where office = %(office)s and to_number is null and origin_id = %(case)s
union select case_id from wuye.r_work_orders where office = %(office)s and to_number is null and origin_id = %(case)s
union select case_id from wuye.r_resident_words where office = %(office)s and to_number is null and of_case = %(case)s
 order by case_id
"""


def after_mending(
    fact: Fact,
    connection: psycopg.Connection[Any],
    look_up: Callable[[str], Any],
    facts_of: Callable[[str], Sequence[Fact]],
    *,
    policies: Policies,
    settings: Settings,
) -> Iterator[tuple[str, Consequence]]:
    """What follows where a fact mends a mistake, by the policy that says so; ``look_up`` gives a case as the draft has it.

    Raises :class:`~domain.kernel.errors.RuleBroken` where something has gone on from it, or was done under it.
    """
    if ends_what_followed(fact.event):
        for consequence in endings(fact, facts_of, policies, settings):
            yield ENDING, consequence
    elif isinstance(fact.event, EntryCorrected) and fact.event.field in WHERE:
        rows = connection.execute(_CAME_FROM, {"office": fact.office, "case": fact.case_id}).fetchall()
        for consequence in _set_right(fact.event, look_up(fact.case_id), [look_up(row[0]) for row in rows]):
            yield SETTING_RIGHT, consequence


def _set_right(said: EntryCorrected, case: Case, came_from: Sequence[Case]) -> Iterator[Consequence]:
    """What is sealed anew, and what goes along."""
    if said.field == HOUSEHOLD:
        for name in sorted(personal_fields(type(case)) | (PEOPLE & set(case.CORRECTS))):
            token = getattr(case, name)
            if is_token(token):
                yield Consequence(CorrectEntry(field=name, value=token, reason=said.reason), to=case.id, must=True)
    for other in came_from:
        if other.set_aside is None and (getattr(other, said.field) or None) != said.after:
            if other.stays_behind():
                raise done_already(other)
            yield Consequence(
                CorrectEntry(field=said.field, value=said.after, reason=said.reason), to=other.id, must=True
            )
