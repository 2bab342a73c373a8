"""Register export 登记簿导出 (§9.2; PIPL 51): a whole register leaves with personal data in clear only by two people.

Whoever needs it says what for; somebody else lets it go; then it is handed out once, to whoever asked. Without that a
register's file has its figures, and 〔保密〕 in the place of personal data.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Case, Command, Event, Fact, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import step, wait
from domain.kernel.people import Actor, Role
from domain.kernel.rules import broken, second_person

REQUESTED, APPROVED = "requested", "approved"
EXPORTED, DECLINED = "exported", "declined"


@event()
class RegisterExportRequested(Event):
    """已申请导出登记簿 · Register export requested."""

    register: str
    purpose: str


@event()
class RegisterExportApproved(Event):
    """登记簿导出已批准 · Register export approved."""


@event()
class RegisterExportDeclined(Event):
    """登记簿导出未获批准 · Register export declined."""

    reason: str


@event()
class RegisterExported(Event):
    """登记簿已导出 · Register exported with personal data in clear."""

    form: str
    page: int


@dataclass(slots=True, kw_only=True)
class RegisterExport(Case):
    """One export. ``asked_by`` and ``approved_by`` are user ids; ``page`` is the book's page as of which it was made."""

    register: str = ""
    purpose: str = ""
    asked_by: str = ""
    approved_by: str | None = None
    form: str | None = None
    page: int | None = None


def evolve(export: RegisterExport, fact: Fact) -> None:
    """Fold one fact into the export."""
    match fact.event:
        case RegisterExportRequested() as e:
            export.register, export.purpose, export.asked_by = e.register, e.purpose, fact.user_id
        case RegisterExportApproved():
            export.approved_by = fact.user_id
        case RegisterExported() as e:
            export.form, export.page = e.form, e.page


@command
class RequestRegisterExport(Command):
    """申请导出登记簿 · Ask for a register with personal data in clear."""

    register: str
    purpose: str


@command
class ApproveRegisterExport(Command):
    """批准导出登记簿 · Approve the export."""

    @staticmethod
    def ready(export: RegisterExport, who: Actor) -> RuleBroken | None:
        """By somebody else than whoever asked (§9.2)."""
        return second_person(who, {export.asked_by}, "9.2")


@command
class DeclineRegisterExport(Command):
    """不予导出登记簿 · Decline the export."""

    reason: str


@command
class HandOutRegister(Command):
    """交付登记簿 · Hand out the register."""

    form: str
    page: int

    @staticmethod
    def ready(export: RegisterExport, who: Actor) -> RuleBroken | None:
        """Once, and to whoever asked for it (§9.2)."""
        if who.user_id != export.asked_by:
            return broken("not-yours", "9.2", "只交付给申请人", "it is handed to whoever asked for it")
        return None


_ASK = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)
_LET_GO = (Role.MANAGER, Role.COMPANY)

# fmt: off
LIFECYCLE = Lifecycle(
    of=RegisterExport, kind="register_export", path="register-exports", zh="登记簿导出", en="register export", clauses="9.2", evolve=evolve,
    states={
        REQUESTED: ("待批准", "awaiting approval"), APPROVED: ("待交付", "approved"),
        EXPORTED: ("已交付", "handed out"), DECLINED: ("未批准", "declined"),
    },
    final=[EXPORTED, DECLINED],
    steps=[
        step(RequestRegisterExport, RegisterExportRequested, None,                  REQUESTED, _ASK,          "9.2"),
        step(ApproveRegisterExport, RegisterExportApproved,  REQUESTED,             APPROVED,  _LET_GO,       "9.2"),
        step(DeclineRegisterExport, RegisterExportDeclined,  (REQUESTED, APPROVED), DECLINED,  _ASK,          "9.2"),
        step(HandOutRegister,       RegisterExported,        APPROVED,              EXPORTED,  [Role.POLICY], "9.2"),
    ],
    waits=[
        wait("export", (REQUESTED, APPROVED), within="waiting.data_within_days", clause="9.2", zh="决定并交付登记簿导出", en="decide on the register's export"),
    ],
)
# fmt: on
