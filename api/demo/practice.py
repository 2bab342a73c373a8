"""A small simulated office to practise in 练习: a few homes and households, a few matters left open, a clock of one's own."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from rich.console import Console
from rich.panel import Panel

from api.demo import homes, matters, renovations, repairs
from api.demo.logins import log_ins, next_code
from api.demo.stage import Stage
from api.runtime import Runtime
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.commands.vacancy import TakeOverHome
from domain.homes.vacant_home.events import VacancyKind
from domain.kernel.calendar import start_of_day
from domain.kernel.people import Actor, Role
from domain.office.office import OpenOffice
from projections.registers.index import REGISTERS
from workflows.engine.clock import Clock
from workflows.engine.gather import GATHER
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest
from workflows.policies.index import POLICIES

__all__ = ["play_practice"]

_NAME = "练习小区（模拟）"
_MONDAY = date(2025, 3, 3)
_DAYS = 2
_HOUSEHOLDS = 8
_VACANT = ("5-1-101", "5-1-102", "5-1-201")


def play_practice(runtime: Runtime, *, out: Console) -> str:
    """Open the office, play its first two days, leave what is open to whoever practises; returns the code."""
    code = next_code(runtime, "PRACTICE")
    random = Random(code)
    handler = CommandHandler(
        runtime.pool.connection,
        policies=POLICIES,
        projector=REGISTERS,
        master=runtime.master,
        new_id=lambda: UUID(int=random.getrandbits(128), version=4),
    )
    opening = start_of_day(_MONDAY) + timedelta(hours=8)
    handler.handle(
        CommandRequest(
            office=code,
            command=OpenOffice(code=code, name=_NAME, simulated=True),
            actor=Actor("demo", Role.SYSTEM_ADMINISTRATOR),
            now=opening,
        )
    )
    stage = Stage(handler, Clock(handler, runtime.pool.connection, GATHER), runtime.pool.connection, code, seed=7)
    stage.at(opening + timedelta(minutes=30), partial(_begin, stage))
    for day in range(_DAYS):
        stage.day(_MONDAY + timedelta(days=day))
    ends = start_of_day(_MONDAY + timedelta(days=_DAYS)) + timedelta(hours=8)
    stage.until(ends)
    out.print(
        Panel(
            "练习用的模拟管理处：人名、房号、事项均为虚构，时钟由您拨动，不影响真实管理处。\n"
            "A simulated office to practise in: everything in it is invented, its clock is yours, no real office is touched.\n"
            f"wuye clock --office {code} --to {(ends + timedelta(days=1)):%Y-%m-%dT%H:%M}",
            title=f"{code} {_NAME} · {ends:%Y-%m-%d %H:%M}",
        )
    )
    for line in log_ins(runtime, code):
        out.print(line)
    return code


def _begin(stage: Stage, now: datetime) -> None:
    """Households and vacant homes; then complaints, repairs and a renovation, the later of them left as they came in."""
    households = [household for household, _ in homes.open_households(stage, _HOUSEHOLDS, now)]
    for number, home in enumerate(_VACANT):
        keys = (KeyItem(number=f"{home}-1", key_class=KeyClass.ENTRANCE, count=2),)
        stage.give(
            TakeOverHome(home=home, kind=VacancyKind.UNSOLD, area=8_000 + 500 * number, keys=keys),
            Role.ADMINISTRATOR,
            now,
        )
    for hours, household, act in zip(
        (1, 2, 3, 30, 31, 32, 33),
        households,
        (
            matters.complain,
            repairs.something_breaks,
            renovations.apply,
            matters.complain,
            matters.complain,
            repairs.something_breaks,
            renovations.apply,
        ),
        strict=False,
    ):
        stage.at(now + timedelta(hours=hours), partial(act, stage, household))
