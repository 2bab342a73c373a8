"""Office 管理处: one estate, one book. Its settings 标准与期限设定 are changed by facts, dated, never in place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from domain.handbook.settings import Change, Settings
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, step
from domain.kernel.people import Role

OPENED = "opened"


@event()
class OfficeOpened(Event):
    """管理处已设立 · Office opened."""

    code: str
    name: str
    simulated: bool = False


@event()
class SettingChanged(Event):
    """设定已变更 · Setting changed."""

    name: str
    value: str
    valid_from: date
    reason: str


@dataclass(slots=True, kw_only=True)
class Office(Case):
    """One office and every change of its settings, in the order in which they were made."""

    code: str = ""
    name: str = ""
    simulated: bool = False
    changes: list[Change] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """The settings as this office has them."""
        return Settings(tuple(self.changes))


def evolve(office: Office, fact: Fact) -> None:
    """Fold one fact into the office."""
    match fact.event:
        case OfficeOpened() as e:
            office.code, office.name, office.simulated = e.code, e.name, e.simulated
        case SettingChanged() as e:
            office.changes.append(Change(e.name, e.value, e.valid_from))


@command
class OpenOffice(Command):
    """设立管理处 · Open an office.

    From here on the office has a book of its own.
    """

    code: str
    name: str
    simulated: bool = False


@command
class ChangeSetting(Command):
    """变更设定 · Change a setting from a date on."""

    name: str
    value: str
    valid_from: date
    reason: str

    def decide(self, office: Office, _at: Moment) -> Iterator[Event]:
        """The old value stays in force for the time before ``valid_from``; the new one must fit the others."""
        office.settings.with_change(Change(self.name, self.value, self.valid_from))
        yield SettingChanged(name=self.name, value=self.value, valid_from=self.valid_from, reason=self.reason)


LIFECYCLE = Lifecycle(
    of=Office,
    kind="office",
    path="offices",
    zh="管理处",
    en="office",
    clauses="1",
    evolve=evolve,
    identity=lambda _command, office: f"office-{office}",
    states={OPENED: ("已设立", "open")},
    final=[OPENED],
    steps=[
        step(OpenOffice, OfficeOpened, None, OPENED, [Role.SYSTEM_ADMINISTRATOR], "1"),
        step(ChangeSetting, SettingChanged, OPENED, SAME, [Role.MANAGER, Role.COMPANY], "1"),
    ],
)
