"""Playing 2025 at an invented office, and saying plainly that it is a play."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.cli.commands import read_standards, standards_table
from api.demo import daily, estate, fees, homes, matters, meters, renovations, repairs
from api.demo.clerk import DemoClerk
from api.demo.logins import log_ins, next_code
from api.demo.stage import Stage
from api.runtime import Runtime
from domain.kernel.calendar import start_of_day
from domain.kernel.people import Actor, Role
from domain.kernel.periods import Month
from domain.office.office import OpenOffice
from journal.book import Book
from projections.registers.index import REGISTERS
from projections.standards.index import STANDARDS
from workflows.engine.clock import Clock
from workflows.engine.gather import GATHER
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest
from workflows.policies.index import POLICIES

__all__ = ["play_demo", "play_year"]

_NAME = "云锦花园（演示）"
_FIRST, _LAST = date(2025, 1, 1), date(2025, 12, 31)
_ROUTINES = (
    homes.put_defects_right,
    daily.routine,
    repairs.ask_residents,
    matters.resolve_again,
    fees.pursue,
    estate.review,
)
_HAPPENINGS = ((400, matters.complain), (2_500, repairs.something_breaks))
"""How often a year something happens to an estate of 1,200 households."""
_METERS = 40
"""Homes with hot water by meter, of an estate of 1,200 households."""
_BANK_TELLS = (3, 12)
"""Of which days of the last month the bank's file tells, both included."""


def play_demo(runtime: Runtime, *, households: int, months: int, out: Console) -> None:
    """Play the year unless it stands, print what there is to see, and make the log-ins."""
    code = _standing(runtime, months)
    if code is None:
        code = next_code(runtime, "DEMO")
        columns = (
            TextColumn("播放2025年 playing 2025"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("天 days"),
            TextColumn("{task.fields[facts]} 条记录 facts"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=out, transient=True) as bar:
            task = bar.add_task("play", total=_days(months), facts="0")
            play_year(
                runtime,
                code,
                households=households,
                months=months,
                progress=lambda day, facts: bar.update(task, completed=day, facts=f"{facts:,}"),
            )
    out.print(
        Panel(
            "本数据由程序按固定种子模拟产生，人名、房号、事项均为虚构。\n"
            "These data are simulated from a fixed seed; every name, home and matter is invented.",
            title=f"{code} {_NAME}",
        )
    )
    until = min(_LAST, _end(months))
    # As it stood when the play ended: what has happened in the office since then is another account.
    read = read_standards(runtime, code, _FIRST, until, _ends_at(months).isoformat(), list(STANDARDS))
    out.print(standards_table(read, out.width))
    for line in log_ins(runtime, code):
        out.print(line)


def play_year(
    runtime: Runtime,
    code: str,
    *,
    households: int = 600,
    months: int = 12,
    seed: int = 2025,
    progress: Callable[[int, int], None] = lambda _day, _facts: None,
) -> Stage:
    """Play the first ``months`` of 2025 through the real commands, until 18:00 of the last day.

    The numbers scale with the households.
    """
    opening = start_of_day(_FIRST) + timedelta(minutes=1)
    ids = Random(f"{seed}/{code}")
    handler = CommandHandler(
        runtime.pool.connection,
        policies=POLICIES,
        projector=REGISTERS,
        master=runtime.master,
        new_id=lambda: UUID(int=ids.getrandbits(128), version=4),
    )
    clock = Clock(handler, runtime.pool.connection, GATHER)
    handler.handle(
        CommandRequest(
            office=code,
            command=OpenOffice(code=code, name=_NAME, simulated=True),
            actor=Actor("demo", Role.SYSTEM_ADMINISTRATOR),
            now=opening,
        )
    )
    stage = Stage(handler, clock, runtime.pool.connection, code, seed)
    ends = _ends_at(months)
    scale = households / 1200
    residents: list[tuple[str, int]] = []
    debtors: dict[str, float] = {}

    def begin(now: datetime) -> None:
        residents.extend(homes.open_households(stage, households, now))
        fees.give_into_care(stage, residents, now)
        homes.take_over_homes(stage, max(round(60 * scale), 3), now)
        for household, _ in residents:
            if stage.chance(0.08):  # late by days, by months, or for good
                debtors[household] = stage.random.choice((8.0, 20.0, 45.0, 75.0, 120.0, 999.0))

        meters.hang(stage, [household for household, _ in residents[: max(round(_METERS * scale), 3)]], months, now)
        daily.set_up(stage, months, now)
        _plan_the_year(stage, residents, months, scale, now)

    stage.at(opening + timedelta(hours=8), begin)
    for number in range(1, months + 1):
        fees.bill_month(stage, residents, debtors, Month(2025, number))
    for day in (_FIRST + timedelta(days=n) for n in range(_days(months))):
        morning = start_of_day(day) + timedelta(hours=8, minutes=30)
        for routine in _ROUTINES:
            stage.at(morning, partial(routine, stage))
        for a_year, act in _HAPPENINGS:
            for _ in range(_how_many(stage, a_year * scale / 365)):
                minutes = stage.random.randint(9 * 60 + 30, 20 * 60)
                stage.at(start_of_day(day) + timedelta(minutes=minutes), partial(_somebody, stage, residents, act))
        for _ in range(_how_many(stage, len(residents) * 0.012)):
            stage.at(morning + timedelta(hours=1), partial(_somebody, stage, residents, homes.keep_the_file))
        _at_the_desk(runtime, handler, stage, Month(2025, months), day)
        stage.day(day, ends if day == ends.date() else None)
        with runtime.pool.connection() as connection:
            head = Book(connection, code).head()
        progress((day - _FIRST).days + 1, head[0] if head else 0)
    stage.until(ends)
    return stage


def _at_the_desk(runtime: Runtime, handler: CommandHandler, stage: Stage, month: Month, day: date) -> None:
    """In the last month: on the 1st the month's notices are printed, on the 13th the bank's file of the 3rd to the 12th comes."""
    if day == month.first + timedelta(days=_BANK_TELLS[0] - 1):
        stage.by_bank = []
    if day == month.first and day > _FIRST:
        eight = start_of_day(day) + timedelta(hours=8)
        stage.day(day, eight)
        stage.until(eight)
        with _clerk(runtime, handler, stage) as clerk:
            clerk.print_notices(Month.of(day - timedelta(days=1)))
            clerk.print_a_receipt()
    if day == month.first + timedelta(days=_BANK_TELLS[1]) and stage.by_bank is not None:
        sent, stage.by_bank = stage.by_bank, None
        ten = start_of_day(day) + timedelta(hours=10)
        stage.day(day, ten)
        stage.until(ten)
        with _clerk(runtime, handler, stage) as clerk:
            clerk.deal_with_the_bank([clerk.transfer(*each) for each in sent], day - timedelta(days=1))
        fees.count_the_drawer(stage, ten)


@contextmanager
def _clerk(runtime: Runtime, handler: CommandHandler, stage: Stage) -> Iterator[DemoClerk]:
    clerk = DemoClerk(runtime, handler, stage.code)
    try:
        yield clerk
    finally:
        clerk.leave()


def _plan_the_year(stage: Stage, residents: list[tuple[str, int]], months: int, scale: float, now: datetime) -> None:
    """Services, removals, emergencies, renovations, surveys and the second phase: each on a day of its own."""
    cleaning, care = estate.offer_services(stage, now)
    names = [household for household, _ in residents]

    def plan(a_year: float, act: Callable[[datetime], None]) -> None:
        for _ in range(max(round(a_year * scale * months / 12), 1)):
            day = _FIRST + timedelta(days=stage.random.randint(3, _days(months) - 1))
            stage.at(start_of_day(day) + timedelta(hours=9, minutes=stage.random.randint(0, 59)), act)

    plan(12, lambda at: daily.call_for_help(stage, stage.random.choice(names), at))
    plan(20, partial(estate.move_in, stage))
    plan(12, lambda at: daily.call_for_help(stage, stage.random.choice(names), at))
    plan(24, lambda at: estate.move_out(stage, stage.random.choice(names), at))
    plan(30, lambda at: renovations.apply(stage, stage.random.choice(names), at))
    plan(300, lambda at: estate.order_service(stage, cleaning, stage.random.choice(names), at))
    plan(12, lambda at: estate.sign(stage, care, stage.random.choice(names), at))
    for number, month in ((1, 3), (2, 9)):
        if month <= months:
            begins = start_of_day(date(2025, month, 10)) + timedelta(hours=10)
            stage.at(begins, partial(estate.begin_survey, stage, number, names))
    if months >= 4:
        stage.at(start_of_day(date(2025, 3, 20)) + timedelta(hours=9), partial(estate.take_over_phase_two, stage))


def _somebody(
    stage: Stage, residents: list[tuple[str, int]], act: Callable[[Stage, str, datetime], None], now: datetime
) -> None:
    act(stage, stage.random.choice(residents)[0], now)


def _how_many(stage: Stage, mean: float) -> int:
    whole, rest = divmod(mean, 1)
    return int(whole) + stage.chance(rest)


def _days(months: int) -> int:
    return (_end(months) - _FIRST).days + 1


def _end(months: int) -> date:
    return Month(2025, months).last


def _ends_at(months: int) -> datetime:
    """When the play ends: 18:00 of the last day, with every deadline up to then fired."""
    return start_of_day(_end(months)) + timedelta(hours=18)


def _standing(runtime: Runtime, months: int) -> str | None:
    """The played office that came to its end; one that was interrupted is left as it is, and another is played."""
    with runtime.pool.connection() as connection:
        rows = connection.execute(
            "select office from wuye.offices where office like 'DEMO%%' and clock >= %s order by office desc limit 1",
            [_ends_at(months)],
        ).fetchall()
    return rows[0][0] if rows else None
