"""An office at work on a real database, with a clock that the test sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from domain.kernel.calendar import SHANGHAI
from domain.kernel.fact import Command, Fact
from domain.kernel.people import Actor, Role
from domain.office.office import ChangeSetting, ConfirmSettingChange, OpenOffice
from domain.residents.household.commands.keeping import OpenHousehold
from domain.residents.household.events import Occupancy
from journal.book import Book
from journal.confidential import MasterKey
from projections.engine.collection import Registers
from projections.registers.index import REGISTERS
from workflows.engine.clock import Clock, Ticked
from workflows.engine.gather import GATHER
from workflows.engine.handler import CommandHandler
from workflows.engine.idempotency import Answer
from workflows.engine.policy import Policies
from workflows.engine.request import CommandRequest
from workflows.policies.index import POLICIES


class OfficeRig:
    """A simulated office: its clock is moved by the test; told to be real, it says so and keeps the test's time itself."""

    def __init__(
        self,
        conninfo: str,
        *,
        code: str = "XH",
        at: str = "2025-01-01 08:00",
        policies: Policies = POLICIES,
        registers: Registers = REGISTERS,
        key: bytes = b"k" * 32,
        simulated: bool = True,
    ) -> None:
        self.pool = ConnectionPool(conninfo, min_size=1, max_size=24, kwargs={"autocommit": True}, open=True)
        self.handler = CommandHandler(
            self.pool.connection, policies=policies, projector=registers, master=MasterKey(key)
        )
        self.clock = Clock(self.handler, self.pool.connection, GATHER)
        self.code = code
        self._now = shanghai(at)
        self.simulated = simulated
        self._settled: set[tuple[str, str]] = set()
        self.open(code)

    @property
    def now(self) -> datetime:
        """The test's time."""
        return self._now

    @now.setter
    def now(self, at: datetime) -> None:
        """Every simulated office's clock goes along; none goes back."""
        self._now = at
        with self.pool.connection() as connection:
            connection.execute(
                "select wuye.move_clock(office, %(at)s) from wuye.offices where clock < %(at)s", {"at": at}
            )

    def open(self, code: str, *, simulated: bool | None = None) -> Answer:
        """Open an office, of the rig's own sort unless another is said."""
        simulated = self.simulated if simulated is None else simulated
        command = OpenOffice(code=code, name=f"{code}小区", simulated=simulated)
        return self.do(command, as_=Role.SYSTEM_ADMINISTRATOR, office=code)

    def do(
        self,
        command: Command,
        *,
        as_: Role,
        on: str | None = None,
        at: str | datetime | None = None,
        by: str = "clerk",
        office: str | None = None,
        **order: Any,
    ) -> Answer:
        """Give a command; ``at`` moves the clock there first (late entries pass ``occurred_at`` instead)."""
        if at is not None:
            self.now = shanghai(at)
        self._settle(command, office or self.code)
        return self.handler.handle(
            CommandRequest(
                office=office or self.code,
                command=command,
                actor=Actor(by, as_),
                now=self.now,
                case_id=on,
                **order,
            )
        )

    def _settle(self, command: Command, office: str) -> None:
        """Whoever a test calls «household-1» has lived there before: the file comes from another system's history."""
        named = [getattr(command, "household", None), *getattr(command, "households", ())]
        for household in named:
            if (
                household is None
                or not re.fullmatch(r"household-\w{1,8}", household)
                or (office, household) in self._settled
            ):
                continue
            self._settled.add((office, household))
            first = getattr(command, "home", None) if household == named[0] else None
            self.handler.handle(
                CommandRequest(
                    office=office,
                    command=OpenHousehold(home=first or f"home of {household}", occupancy=Occupancy.OWNER),
                    actor=Actor("importer", Role.ADMINISTRATOR),
                    now=self.now,
                    case_id=household,
                    source_id=household,
                    imported=True,
                )
            )

    def set(self, name: str, value: str, valid_from: date, reason: str = "公司决定") -> Answer:
        """The manager changes a setting; where that needs a second person, the company confirms it."""
        change = ChangeSetting(name=name, value=value, valid_from=valid_from, reason=reason)
        answer = self.do(change, as_=Role.MANAGER, by="manager")
        if answer.facts == ("SettingChangeProposed",):
            number = self.case(f"office-{self.code}").proposed
            answer = self.do(
                ConfirmSettingChange(number=number), as_=Role.COMPANY, by="company", on=f"office-{self.code}"
            )
        return answer

    def until(self, at: str | datetime) -> Ticked:
        """Let the time pass until ``at``, the clock firing what falls due on the way, day by day."""
        target, done = shanghai(at), Ticked()
        while self.now < target:
            self.now = min(self.now + timedelta(days=1), target)
            done += self.clock.catch_up(self.now, office=self.code)
        return done

    def case(self, case_id: str, office: str | None = None) -> Any:
        """The case as it stands."""
        return self.handler.case(office or self.code, case_id)

    def facts(self, office: str | None = None) -> list[Fact]:
        """The whole book."""
        with self.pool.connection() as connection:
            return list(Book(connection, office or self.code).stream())

    def names(self, case_id: str) -> list[str]:
        """The names of a case's facts, in order."""
        return [fact.name for fact in self.facts() if fact.case_id == case_id]

    def rows(self, register: str, **where: Any) -> list[dict[str, Any]]:
        """The current rows of a register."""
        table = self.handler.projector.by_name[register].table  # type: ignore[attr-defined]
        with self.pool.connection() as connection, connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            found = cursor.execute(
                f"select * from wuye.{table} where office = %s and to_number is null order by from_number", [self.code]
            ).fetchall()
        return [row for row in found if all(row[name] == value for name, value in where.items())]

    def clock_work(self, case_id: str | None = None) -> list[dict[str, Any]]:
        """What the clock has noted on deadlines that are still open, of one case or all."""
        with self.pool.connection() as connection, connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            found = cursor.execute(
                "select w.* from wuye.clock_work w join wuye.r_deadlines d using (office, case_id, line, from_number)"
                " where d.to_number is null order by case_id, line"
            ).fetchall()
        return [row for row in found if case_id in (None, row["case_id"])]

    def close(self) -> None:
        """Give the connections back."""
        self.pool.close()


def erase(owner: str, office: str, subject: str) -> None:
    """Destroy a subject's key behind the program's back, as only the owner of the database could."""
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("select wuye.destroy_key(%s, %s)", [office, subject])


def shanghai(at: str | datetime) -> datetime:
    """«2025-03-03 10:00» as it is said in Shanghai."""
    if isinstance(at, datetime):
        return at
    return datetime.fromisoformat(at).replace(tzinfo=SHANGHAI).astimezone(UTC)


@contextmanager
def office_rig(conninfo: str, **options: Any) -> Iterator[OfficeRig]:
    """A rig for one test."""
    rig = OfficeRig(conninfo, **options)
    try:
        yield rig
    finally:
        rig.close()
