"""Gives an office's rig random commands, filled in as whoever fills in the form would: what is refused is tried anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from domain.cases import CASES, lifecycle_of
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command, Fact
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import NOT_YET
from domain.kernel.mending import GENERIC as MENDING
from domain.kernel.people import HANDBOOK_ROLES, Actor, Role
from journal.book import Book
from tests.domain.forms import FORMS
from tests.domain.walking import another_day, pointing_at_what_is_there, touched, with_another
from tests.filler import fill, hints_of
from tests.office_rig import OfficeRig
from workflows.engine.occurrence import begun
from workflows.engine.request import CommandRequest

__all__ = ["FEW", "RandomWalker", "random_walk"]

_TRIES = 7
_ROLES = (*HANDBOOK_ROLES, Role.SYSTEM_ADMINISTRATOR, Role.POLICY)


FEW: Final = 2
"""So many kinds may have no case in the end: they begin when several others know each other."""


def random_walk(
    rig: OfficeRig,
    random: Random,
    steps: int,
    *,
    late: bool = True,
    behind: timedelta | None = None,
    every_kind: bool = False,
) -> RandomWalker:
    """Give so many commands to cases of every kind in turn, now and then to new ones, while the time goes by.

    ``late``: now and then something is entered late; ``behind``: everything, by so much where the case is as old. Every other turn goes to a kind that there is no case of yet: some begin only when others have come a long way.
    ``every_kind``: while more than :data:`FEW` kinds lack, it goes on, for up to three times as long.
    """
    walker = RandomWalker(rig, random)
    walker.late, walker.behind = late, behind
    for turn in range(3 * steps if every_kind else steps):
        rig.now += timedelta(hours=random.choice((1, 1, 5, 30)))
        rig.clock.catch_up(rig.now, office=rig.code)
        walker.look()
        lacking = walker.lacking()
        if turn >= steps and len(lacking) <= FEW:
            break
        walker.step(random.choice(lacking) if lacking and turn % 2 else CASES[1:][turn % (len(CASES) - 1)])
    return walker


class RandomWalker:
    """Somebody who does at random what may be done; ``facts`` is what came of it, ``cases`` how they stand."""

    def __init__(self, rig: OfficeRig, random: Random) -> None:
        self.rig = rig
        self.random = random
        self.facts: list[Fact] = []
        self.cases: dict[str, Any] = {}
        self.accepted: set[type[Command]] = set()
        self.late = True
        self.behind: timedelta | None = None
        self.look()

    def lacking(self) -> list[Lifecycle[Any]]:
        """The kinds that there is no case of yet."""
        there = {case_id.partition("-")[0] for case_id in self.cases}
        return [lifecycle for lifecycle in CASES if lifecycle.kind not in there]

    def look(self) -> None:
        """Read what is new in the book."""
        after = self.facts[-1].number if self.facts else 0
        with self.rig.pool.connection() as connection:
            new = list(Book(connection, self.rig.code).stream(after))
        for fact in new:
            self.cases[fact.case_id] = lifecycle_of(fact.case_id).apply(self.cases.get(fact.case_id), fact)
        self.facts += new

    def step(self, lifecycle: Lifecycle[Any]) -> None:
        """Give one command to a case of this kind, one that has not been given yet rather than another."""
        of_kind = {case_id: case for case_id, case in self.cases.items() if lifecycle_of(case_id) is lifecycle}
        state = self.random.choice([NOT_YET, *dict.fromkeys(case.state for case in of_kind.values())])
        ids = [case_id for case_id, case in of_kind.items() if case.state == state]
        case_id = self.random.choice(ids[-5:]) if ids else None
        case = of_kind[case_id] if case_id else None
        may = [(c, role) for role in _ROLES for c in lifecycle.permitted(case, [Actor("someone", role)])]
        # Mistakes are mended now and then, and not where nothing speaks of the past.
        mends = self.late and self.behind is None and self.random.random() < 0.1
        may = [(command, role) for command, role in may if mends or command not in MENDING]
        fresh = [(command, role) for command, role in may if command not in self.accepted]
        if may:
            command, role = self.random.choice(fresh or may)
            self._try(command, role, case_id)

    def _try(self, kind: type[Command], role: Role, case_id: str | None) -> None:
        random, now = self.random, self.rig.now
        occurred: datetime | None = None
        case = self.cases.get(case_id or "")
        if self.behind is not None and (case is None or begun(case) <= now - self.behind):
            occurred = now - self.behind
        known = self._known()
        told = FORMS[kind](case, now, self.cases) if case is None and kind in FORMS else {}
        command = touched(fill(kind, random, now, known, **told), [case], random, now)
        for turn in range(_TRIES):
            command = pointing_at_what_is_there(command, self.cases, known, random)
            seen = [case, *(self.cases.get(related) for related in command.related().values())]
            actor = Actor(f"clerk-{random.randint(1, 3)}", role)
            order = CommandRequest(
                office=self.rig.code,
                command=command,
                actor=actor,
                now=now,
                case_id=case_id,
                occurred_at=occurred,
                imported=turn == _TRIES - 1,
                late_reason="纸上先记",
            )
            try:
                self.rig.handler.handle(order)
            except Refusal as refusal:
                if refusal.field in hints_of(kind):
                    command = with_another(command, refusal.field, seen, random, now)
                else:
                    command = touched(fill(kind, random, now, known), seen, random, now)
                    occurred = min(now, another_day(case, random, now)) if self.late and random.random() < 0.5 else None
            else:
                self.accepted.add(kind)
                self.look()
                return

    def _known(self) -> Mapping[str, list[str]]:
        known: dict[str, list[str]] = {}
        for case_id in self.cases:
            known.setdefault(case_id.partition("-")[0], []).append(case_id)
        return known
