"""Facts to rows and back: stable names with schema numbers, upcasting 升级, and an allow-list.

A row names its event by a word and a number, never by a Python path, so that nothing in the database can make the
program import anything. A schema of the future is refused; one of the past is lifted step by step to today's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from domain.kernel.fact import EVENTS, Event, Fact
from domain.kernel.people import Role
from journal.page import Page

__all__ = ["FutureSchema", "UnknownEvent", "decode", "decode_event", "encode_event", "encode_metadata", "upcast"]


class UnknownEvent(Exception):
    """The book names an event that this program does not know 未知的事件名."""


class FutureSchema(Exception):
    """The book was written by a newer program 由更新版本的程序写入."""


Upcast = Callable[[dict[str, Any]], dict[str, Any]]
_UPCASTS: dict[tuple[str, int], Upcast] = {}
_CURRENT: dict[tuple[str, int], msgspec.json.Decoder[Any]] = {}
_ENCODER = msgspec.json.Encoder(order="deterministic")


class _Metadata(msgspec.Struct, omit_defaults=True):
    user_id: str
    role: Role
    correlation_id: UUID
    causation_id: UUID | None = None
    source_id: str | None = None
    imported: bool = False
    waived: tuple[str, ...] = ()
    term: str | None = None
    line: int | None = None
    late: int | None = None
    late_reason: str | None = None
    entered_by: str | None = None
    wait_until: datetime | None = None
    judge_by: datetime | None = None


_METADATA = msgspec.json.Decoder(_Metadata)


def upcast(name: str, schema: int) -> Callable[[Upcast], Upcast]:
    """Register how the stored fields of ``name`` at ``schema`` become those of ``schema + 1``."""

    def register(lift: Upcast) -> Upcast:
        _UPCASTS[name, schema] = lift
        return lift

    return register


def encode_event(event: Event) -> bytes:
    """The bytes that are stored and hashed."""
    return _ENCODER.encode(event)


def encode_metadata(fact: Fact) -> bytes:
    """Who, as what, because of which: the stored bytes."""
    return _ENCODER.encode(
        _Metadata(
            user_id=fact.user_id,
            role=fact.role,
            correlation_id=fact.correlation_id,
            causation_id=fact.causation_id,
            source_id=fact.source_id,
            imported=fact.imported,
            waived=fact.waived,
            term=fact.term,
            line=fact.line,
            late=fact.late,
            late_reason=fact.late_reason,
            entered_by=fact.entered_by,
            wait_until=fact.wait_until,
            judge_by=fact.judge_by,
        )
    )


def decode_event(name: str, schema: int, state: bytes) -> Event:
    """The event of a row. Raises :class:`UnknownEvent` or :class:`FutureSchema`."""
    decoder = _CURRENT.get((name, schema))
    if decoder is not None:
        return decoder.decode(state)  # type: ignore[no-any-return]
    cls = EVENTS.get(name)
    if cls is None:
        msg = f"{name}: 台账中有本程序不认识的事件 / the book holds an event this program does not know"
        raise UnknownEvent(msg)
    if schema > cls.SCHEMA:
        msg = f"{name} {schema}: 由更新版本写入，本程序到 {cls.SCHEMA} / written by a newer program, ours knows {cls.SCHEMA}"
        raise FutureSchema(msg)
    if schema == cls.SCHEMA:
        decoder = _CURRENT[name, schema] = msgspec.json.Decoder(cls)
        return decoder.decode(state)  # type: ignore[no-any-return]
    fields = msgspec.json.decode(state)
    for step in range(schema, cls.SCHEMA):
        lift = _UPCASTS.get((name, step))
        if lift is None:
            msg = f"{name} {step}: 没有升级办法 / there is no way to lift this schema"
            raise UnknownEvent(msg)
        fields = lift(fields)
    return msgspec.convert(fields, cls)


def decode(page: Page) -> Fact:
    """The fact of a page. Raises :class:`UnknownEvent` or :class:`FutureSchema`."""
    office, number, case_id, version, event_id, name, schema, metadata, state, occurred_at, recorded_at = page
    about = _METADATA.decode(metadata)
    return Fact(
        office=office,
        number=number,
        case_id=case_id,
        version=version,
        event_id=event_id,
        event=decode_event(name, schema, state),
        user_id=about.user_id,
        role=about.role,
        occurred_at=_utc(occurred_at),
        recorded_at=_utc(recorded_at),
        correlation_id=about.correlation_id,
        causation_id=about.causation_id,
        source_id=about.source_id,
        imported=about.imported,
        waived=about.waived,
        term=about.term,
        line=about.line,
        late=about.late,
        late_reason=about.late_reason,
        entered_by=about.entered_by,
        wait_until=about.wait_until,
        judge_by=about.judge_by,
    )


def _utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


@upcast("SettingChanged", 1)
def _by_one_person(fields: dict[str, Any]) -> dict[str, Any]:
    """Until schema 2 one person changed a setting; nobody else had asked for it."""
    return fields


def _said_less(fields: dict[str, Any]) -> dict[str, Any]:
    """An earlier schema said less; what it did not say has its default: nothing."""
    return fields


for _name in (
    "BankLineLeftOut",
    "BillIssued",
    "BillCorrected",
    "BillReopened",
    "CashDayClosed",
    "CommitteeConsulted",
    "DebtCaseResumedAtLaw",
    "DebtCaseResumedBeforeNotice",
    "DebtCaseResumedForSuspension",
    "DebtCaseResumedInFirstStage",
    "DebtCaseResumedInSecondStage",
    "DebtPaymentNoted",
    "DisputeRaised",
    "DisputeReleased",
    "DunningNoticeIssued",
    "HomeVisited",
    "LegalActionStarted",
    "ServicesSuspended",
    "InterruptionRecorded",
    "LateFeeAssessed",
    "LateFeeHeld",
    "LateFeeHoldEnded",
    "LateFeeWaived",
    "MeterChanged",
    "MeterHandedOver",
    "MeterInstalled",
    "MeterRead",
    "MoveInFeesSettled",
    "MoveInWithdrawn",
    "NoticeDelivered",
    "PaymentTaken",
    "ReminderGiven",
    "RenovationApplied",
    "RenovationDepositPaid",
    "RenovationDepositRefunded",
    "RenovationWithdrawn",
    "SecondNoticeIssued",
    "ServiceOrdered",
    "ServiceReturned",
):
    upcast(_name, 1)(_said_less)
upcast("LateFeeAssessed", 2)(_said_less)
upcast("BillIssued", 2)(_said_less)
upcast("ServicesSuspended", 2)(_said_less)
upcast("MoveInFeesSettled", 2)(_said_less)
upcast("BillsDrafted", 1)(_said_less)
upcast("BillsDrafted", 2)(_said_less)
upcast("BankStatementOpened", 1)(_said_less)
upcast("BankStatementReopened", 1)(_said_less)


_NAMED_ONCE = {
    "by": (
        "ClientInformed",
        "ComplaintStepNoted",
        "ComplaintTakenUp",
        "ContractServiceRendered",
        "RenovationStepNoted",
        "RepairClassified",
        "RepairClosed",
        "RepairCompleted",
        "RepairDeclined",
        "RepairDispatched",
        "RepairFinished",
        "RepairStarted",
        "RepairStepNoted",
        "SurveyBegun",
        "SurveyRecorded",
    ),
    "performed_by": ("ServicePerformed",),
    "resolved_by": ("ComplaintResolved",),
}
"""What whoever did the work 办理人 was called until schema 2, and in which events."""


def _who_did_it(called: str) -> Upcast:
    """From schema 2 on whoever did the work is ``done_by``, in every event."""
    return lambda fields: {("done_by" if name == called else name): value for name, value in fields.items()}


for _called, _events in _NAMED_ONCE.items():
    for _event in _events:
        upcast(_event, 1)(_who_did_it(_called))
