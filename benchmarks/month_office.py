"""One office's month of bills, played through the program: what people do beforehand, and then what its clock does.

What is measured is the clock's share (:data:`PHASES`); households, standard, review, approval and payments come before it. The
process of a player may be killed in any phase: nothing of the month stands in it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from domain.fees.bill_run.case import bill_run_id
from domain.fees.bill_run.commands.compiling import CompileBillRun, OpenBillRun
from domain.fees.bill_run.commands.reviewing import ApproveBillRun, ReviewBillRun
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import AttachHome, SetFeeStandard
from domain.fees.payment import TakePayment
from domain.fees.shared_cost import ApportionCost, Weight
from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import start_of_day
from domain.kernel.fact import Command
from domain.kernel.people import Actor, Role
from domain.office.office import OpenOffice
from domain.residents.household.commands.keeping import OpenHousehold
from domain.residents.household.events import Occupancy
from journal.book import Book
from journal.confidential import MasterKey
from projections.registers.index import REGISTERS
from workflows.engine.clock import Clock
from workflows.engine.draft import Draft
from workflows.engine.gather import GATHER
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest
from workflows.policies.index import POLICIES

__all__ = ["IN_ARREARS", "PHASES", "Player"]

_FIRST: Final = date(2025, 1, 1)
IN_ARREARS: Final = 12
"""Of so many households one does not pay."""
PHASES: Final = ("compile", "issue", "arrears")
_AT_ONCE: Final = 200
"""Commands of people that are recorded together, none of which is measured."""


def _at(month: int, day: int, hour: int = 9) -> datetime:
    return start_of_day(date(2025, month, day)) + timedelta(hours=hour)


_UNTIL: Final = {"compile": _at(1, 30, 10), "issue": _at(1, 31, 10), "arrears": _at(3, 2)}
_LEASES_END: Final = timedelta(seconds=11)
"""What a clock that was killed had taken on is free again after so long, of the office's time."""


class Player:
    """Plays months in one database; as many as wanted may, each in offices of its own."""

    def __init__(self, conninfo: str, folder: Path) -> None:
        """``folder`` has the master key; the database is prepared."""
        app = make_conninfo(conninfo, user="wuye_app")
        self.pool = ConnectionPool(app, min_size=1, max_size=4, kwargs={"autocommit": True}, open=True)
        self.handler = CommandHandler(
            self.pool.connection, policies=POLICIES, projector=REGISTERS, master=MasterKey.load(folder)
        )
        self.clock = Clock(self.handler, self.pool.connection, GATHER)

    def furnish(self, code: str, households: int) -> list[str]:
        """Open an office: households with an area each on one standard, and two costs that they share; their ids."""
        opening = _at(1, 1)
        open_office = OpenOffice(code=code, name=code, simulated=True)
        self._do(code, open_office, Role.SYSTEM_ADMINISTRATOR, "bench", opening, None)
        with self.pool.connection() as connection:
            draft = self.handler.draft(Book(connection, code))

            def give(command: Command, role: Role, on: str | None = None) -> str:
                return self._give(draft, code, command, role, opening, on)

            price = {"code": "WY-1", "name": "物业服务费", "price": "2.50", "valid_from": _FIRST, "reason": "责任书"}
            standard = give(SetFeeStandard(kind=FeeKind.MANAGEMENT, **price), Role.MANAGER)  # type: ignore[arg-type]
            made, weights = [], []
            for number in range(households):
                home, area = f"{number // 100 + 1}-{number % 100 + 1:03}", 5_500 + number * 37 % 9_000
                file = OpenHousehold(home=home, building=str(number // 100 + 1), occupancy=Occupancy.OWNER, name="王")
                household = give(file, Role.ADMINISTRATOR)
                attach = AttachHome(home=home, household=household, quantity=area, first=_FIRST)
                give(attach, Role.ADMINISTRATOR, standard)
                made.append(household)
                weights.append(Weight(home=home, weight=area, household=household))
            for item in ("公共电费", "公共水费"):
                cost = ApportionCost(item=item, month=_FIRST, cost_fen=501 * households, weights=tuple(weights))
                give(cost, Role.ADMINISTRATOR)
            give(OpenBillRun(month=_FIRST), Role.ADMINISTRATOR)
            self.handler.record_many(connection, draft)
        return made

    def before(self, phase: str, code: str, households: list[str]) -> None:
        """What people do before the clock goes on: have the run compiled; review and approve it; pay, all but some."""
        run = bill_run_id(code, "2025-01")
        match phase:
            case "compile":
                self._go_on(code, _at(1, 30))
                self._do(code, CompileBillRun(), Role.ADMINISTRATOR, "li", _at(1, 30), run)
            case "issue":
                self._go_on(code, _at(1, 31))
                self._do(code, ReviewBillRun(remark="首月"), Role.MANAGER, "wang", _at(1, 31), run)
                self._do(code, ApproveBillRun(), Role.COMPANY, "zhao", _at(1, 31), run)
            case _:
                self._go_on(code, _at(2, 10))
                bills = self.handler.case(code, run).bills
                paying = [each for number, each in enumerate(households) if number % IN_ARREARS]
                for begin in range(0, len(paying), _AT_ONCE):
                    self._pay(code, {each: bills[each] for each in paying[begin : begin + _AT_ONCE]})

    def go_on(self, phase: str, code: str, *, again: bool = False) -> None:
        """What is measured: the clock does what falls due in a phase; ``again``: what another one that was killed has left."""
        self._go_on(code, _UNTIL[phase] + (_LEASES_END if again else timedelta()))

    def close(self) -> None:
        """Give the connections back."""
        self.pool.close()

    def _pay(self, code: str, bills: dict[str, str]) -> None:
        """These households pay what they owe."""
        with self.pool.connection() as connection:
            draft = self.handler.draft(Book(connection, code))
            for household, bill in bills.items():
                amount = draft.case(bill).outstanding_fen
                payment = TakePayment(household=household, amount_fen=amount, method=PaymentMethod.TRANSFER)
                self._give(draft, code, payment, Role.ADMINISTRATOR, _at(2, 10))
            self.handler.record_many(connection, draft)

    def _give(self, draft: Draft, code: str, command: Command, role: Role, now: datetime, on: str | None = None) -> str:
        actor = Actor(f"bench-{role.value}", role)
        return draft.give(CommandRequest(office=code, command=command, actor=actor, now=now, case_id=on))[0]

    def _do(self, code: str, command: Command, role: Role, by: str, now: datetime, on: str | None) -> None:
        request = CommandRequest(office=code, command=command, actor=Actor(by, role), now=now, case_id=on)
        self.handler.handle(request)

    def _go_on(self, code: str, now: datetime) -> None:
        """The office's clock goes on to an instant, and what has fallen due before is done."""
        with self.pool.connection() as connection:
            Book(connection, code).move_clock(now)
        self.clock.catch_up(now, office=code)
