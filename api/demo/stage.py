"""The stage of a played year: a diary of what people will do, carried out day by day through the real commands."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from api.demo.people import STAFF
from domain.kernel.calendar import SHANGHAI, start_of_day
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command
from domain.kernel.people import Actor, Role
from journal.book import Book
from journal.connections import Connect
from workflows.engine.clock import Clock
from workflows.engine.draft import Draft
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest

__all__ = ["Stage"]

Act = Callable[[datetime], None]


class Stage:
    """One office, one seeded chance, one diary. A day's acts are decided in one draft and appended at once."""

    def __init__(
        self,
        handler: CommandHandler,
        clock: Clock,
        connect: Connect,
        code: str,
        seed: int,
    ) -> None:
        """``code`` must be a simulated office: its clock is moved from here."""
        self.random = Random(seed)
        self.code = code
        self.refused = 0
        self.by_bank: list[tuple[str, str, int, datetime]] | None = None
        """Household, payer, amount (fen) and instant of what is sent to the office's bank, in a month of which the bank tells."""
        self._handler = handler
        self._clock = clock
        self._connect = connect
        self._diary: list[tuple[datetime, int, Act]] = []
        self._order = count()
        self._numbers = count(1)
        self._draft: Draft | None = None
        self._latest = datetime.min.replace(tzinfo=UTC)

    # -- what the players call ----------------------------------------------------------------------------------------

    def at(self, when: datetime, act: Act) -> None:
        """Write an act into the diary."""
        heapq.heappush(self._diary, (when, next(self._order), act))

    def later(self, now: datetime, days: float, act: Act, *, hour: int | None = None) -> None:
        """Write an act into the diary some days on, in office hours."""
        when = (now + timedelta(days=days)).astimezone(SHANGHAI)
        when = when.replace(
            hour=hour if hour is not None else self.random.randint(8, 17), minute=self.random.randint(0, 59)
        )
        self.at(max(when, now + timedelta(minutes=5)), act)

    def chance(self, share: float) -> bool:
        """Whether something happens that happens so often."""
        return self.random.random() < share

    def numbered(self, text: str) -> str:
        """A number of its own for a receipt or a permit."""
        return f"{text}/{next(self._numbers):04}"

    def give(
        self,
        command: Command,
        role: Role,
        now: datetime,
        *,
        on: str | None = None,
        by: str | None = None,
        occurred: datetime | None = None,
    ) -> str | None:
        """Give a command; None when the office refuses it, as it does with people who come too late."""
        assert self._draft is not None
        self._latest = max(self._latest, now)
        actor = Actor(by or self.random.choice(STAFF[role.value]), role)
        order = CommandRequest(
            office=self.code, command=command, actor=actor, now=now, case_id=on, occurred_at=occurred
        )
        try:
            return self._draft.give(order)[0]
        except Refusal:
            self.refused += 1
            return None

    def case(self, case_id: str) -> Any:
        """A case as it stands at this moment of the play."""
        assert self._draft is not None
        return self._draft.case(case_id)

    def ask(self, statement: str, arguments: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Look something up in a register, as people do in the morning; in the order of the ids unless it says another.

        Without an order the database gives rows as it likes, and the play would differ from one time to the next.
        """
        if "order by" not in statement:
            statement += " order by case_id"
        with self._connect() as connection:
            return connection.execute(statement, {"office": self.code, **arguments}).fetchall()

    # -- what the play calls ------------------------------------------------------------------------------------------

    def until(self, now: datetime) -> None:
        """The office's clock goes on, and what falls due is fired in order."""
        self._move(now)
        self._clock.catch_up(now, office=self.code)

    def _move(self, to: datetime) -> None:
        with self._connect() as connection:
            book = Book(connection, self.code)
            head = book.head()
            if head is None or head.clock is None or head.clock < to:  # an act may have taken the day a little further
                book.move_clock(to)

    def day(self, day: date, end: datetime | None = None) -> None:
        """The clock at midnight, then everything in the diary until the day ends, or until ``end``."""
        self.until(start_of_day(day))
        end = end if end is not None else start_of_day(day + timedelta(days=1))
        with self._connect() as connection:
            self._draft = self._handler.draft(Book(connection, self.code))
            last = start_of_day(day)
            while self._diary and self._diary[0][0] < end:
                last, _, act = heapq.heappop(self._diary)
                act(last)
            if self._draft.append.facts:
                self._move(max(last, self._latest))
                self._handler.record_many(connection, self._draft)
            self._draft = None
