"""Reading 查阅记录: somebody has seen personal data. Who, as what, in which list, of which cases (§9.2; PIPL 51, 54).

One reading is one case with one fact, so that readers never wait for each other. The counter writes it before it
hands the data over: what is not recorded is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import step
from domain.kernel.people import Role

RECORDED = "recorded"


@event()
class PersonalDataRead(Event):
    """个人信息已查阅 · Personal data read."""

    reader: str
    roles: tuple[Role, ...]
    what: str
    case_ids: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Reading(Case):
    """One reading: ``reader`` is a user id, ``what`` the list or page, ``case_ids`` whose data were shown."""

    reader: str = ""
    roles: tuple[Role, ...] = ()
    what: str = ""
    case_ids: tuple[str, ...] = ()


def evolve(reading: Reading, fact: Fact) -> None:
    """Fold one fact into the reading."""
    match fact.event:
        case PersonalDataRead() as e:
            reading.reader, reading.roles, reading.what, reading.case_ids = e.reader, e.roles, e.what, e.case_ids


@command
class RecordReading(Command):
    """登记查阅 · Record a reading."""

    reader: str
    roles: tuple[Role, ...]
    what: str
    case_ids: tuple[str, ...]

    def decide(self, _reading: None, _at: Moment) -> Iterator[Event]:
        """Somebody's data were read (§9.2)."""
        if not self.case_ids:
            raise RuleBroken("nothing-read", "9.2", zh="没有查阅任何资料", en="nothing was read", field="case_ids")
        yield self.to_event(PersonalDataRead)


LIFECYCLE = Lifecycle(
    of=Reading,
    kind="reading",
    path="readings",
    zh="查阅记录",
    en="reading of personal data",
    clauses="9.2",
    evolve=evolve,
    states={RECORDED: ("已登记", "recorded")},
    final=[RECORDED],
    steps=[step(RecordReading, PersonalDataRead, None, RECORDED, [Role.POLICY], "9.2")],
)
