"""Forms that only somebody who knows the case can fill in: what a random filler would hardly ever come upon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from domain.arrears.debt_case.case import DebtCase
from domain.arrears.debt_case.commands.committee import ConsultCommittee, RecordCommitteeAnswer
from domain.arrears.debt_case.commands.concession import DecideConcession, ProposeConcession
from domain.arrears.debt_case.commands.dunning import IssueDunningNotice, VisitDebtor
from domain.arrears.debt_case.commands.limitation import RecordInterruption
from domain.arrears.debt_case.commands.measures import NoteDebtPayment, RaiseDispute, ReleaseDispute
from domain.arrears.terms import ConcessionKind, Instalment, LastMeasure, VisitOutcome
from domain.fees.bank_line import TakeBankLine
from domain.fees.bill.case import Bill
from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.bill.commands.late_fee import EndLateFeeHold, HoldLateFee
from domain.fees.bill.commands.reckoning import TakeReckoning
from domain.fees.bill.events import BillLine
from domain.fees.bill_run.case import BillRun
from domain.fees.bill_run.commands.compiling import HouseholdToBill, LeaveHouseholdOut, OpenBillRun, TakeNextHouseholds
from domain.fees.bill_run.commands.delivering import IssueNextBills, RecordBillDelivery
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import (
    AddFeePrice,
    AttachHome,
    DeclareVacancy,
    EndAttachment,
    EndFeeStandard,
    FeeStandard,
    SetFeeStandard,
)
from domain.fees.meter.case import Meter
from domain.fees.meter.commands import (
    ChangeMeter,
    CorrectReading,
    HandMeterOver,
    InstallMeter,
    ReadMeter,
    RemoveMeter,
)
from domain.fees.payment import TakePayment
from domain.fees.terms import AllocationRule, BillReckoning, Move
from domain.homes.key_loan.commands import ReportKeysLost, RequestKeyLoan, ReturnKeys, ReturnSomeKeys
from domain.homes.keys import Custody, KeyClass, KeyItem
from domain.homes.vacant_home.case import VACANT, VacantHome
from domain.homes.vacant_home.commands.vacancy import TakeOverHome
from domain.kernel.calendar import local_date
from domain.kernel.fact import Command
from domain.moving.renovation.commands.site import ReturnWorkerPass
from domain.office.office import ChangeSetting
from domain.residents.household.commands.papers import RemovePet, RemoveVehicle
from domain.rounds.patrol.case import Patrol
from domain.rounds.patrol.commands import EndPatrol, SeePatrolPoint
from domain.rounds.patrol.events import SubjectSeen
from domain.rounds.patrol_route import Subject
from domain.visits.resident_word import SpeakForOneself
from domain.visits.survey.case import Survey
from domain.visits.survey.commands import RecordSurveyAnswer

__all__ = ["FORMS"]

Form = Callable[[Any, datetime, Mapping[str, Any]], dict[str, Any]]
"""The fields of a command, from its case, the time and all cases by id."""


def _letter(debt: DebtCase, _now: datetime, cases: Mapping[str, Any]) -> dict[str, Any]:
    """Nobody types what it claims."""
    return {"stage": 1 if debt.stage2_at is None else 2, "claims": (), "current_fen": 0}


def _plan(debt: DebtCase, now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """All that is owed, in a month."""
    owed = sum(debt.bills[bill] for bill in debt.unpaid)
    part = Instalment(due_on=local_date(now) + timedelta(days=30), amount_fen=owed)
    return {"kind": ConcessionKind.INSTALMENTS, "instalments": (part,)}


def _paid(debt: DebtCase, _now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """One bill, the whole of it."""
    return {"bill": next(iter(debt.unpaid), ""), "outstanding_fen": 0}


def _all_seen(_patrol: Patrol, _now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """Every subject once, all in order."""
    return {"subjects": tuple(SubjectSeen(subject=subject, good=True) for subject in Subject)}


def _answer(survey: Survey, _now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody who was asked and has not answered yet says something to no question."""
    waiting = (household for household in survey.households if household not in survey.marks)
    return {"respondent": next(waiting, ""), "marks": (), "told": (), "texts": ()}


def _another_price(standard: FeeStandard, now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """After today and after every price that is decided."""
    last = max(local_date(now), *(version.valid_from for version in standard.versions))
    return {"price": "2.60", "coefficient": "1", "surcharge_fen": 0, "valid_from": last + timedelta(days=1)}


def _attached(standard: FeeStandard, _now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """A home that is attached, on its first day."""
    lasting = [each for each in standard.attachments.values() if each.last is None]
    found = next(iter(lasting or standard.attachments.values()), None)
    if found is None:
        return {}
    return {"number": found.number, "home": found.home, "first": found.first, "last": found.first}


def _new_standard(_standard: None, now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """In force at once."""
    terms = {"price": "2.50", "coefficient": "1", "surcharge_fen": 0, "vacancy_share": "0.7"}
    return {**terms, "valid_from": local_date(now)}


def _meter_hung(_meter: None, now: datetime, cases: Mapping[str, Any]) -> dict[str, Any]:
    """On a standard for what is metered, if the office has one."""
    standards = (each for each in cases.values() if isinstance(each, FeeStandard) and each.kind is FeeKind.METERED)
    standard = next((each for each in standards if each.versions[0].valid_from <= local_date(now)), None)
    named = {"standard": standard.id} if standard is not None else {}
    return {"digits": 5, "reading": 0, "factor": "1", "on": local_date(now), **named}


def _meter_read(meter: Meter, now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """A unit more than before, on the first day on which it may be read."""
    on = max(meter.first_free or local_date(now), local_date(now))
    more = meter.last_reading + 100
    return {"reading": more, "end_reading": more, "on": on, "rolled_over": False, "estimated": False, "factor": "1"}


def _reading_corrected(meter: Meter, _now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """Half a unit less than was read."""
    read = meter.stretches[-1].ends if meter.stretches else 0
    return {"number": len(meter.stretches), "reading": max(read - 50, 0), "rolled_over": False}


def _reckoned(bill: Bill, _now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """Half of the bill is paid, or what was paid is taken back."""
    day = bill.due_on or date(2025, 3, 3)
    half = Move(day=day, source="payment-1", rule=AllocationRule.DUE_FIRST, principal_fen=bill.principal_fen // 2)
    moves = () if bill.moves else (half,)
    return {"figures": BillReckoning(bill=bill.id, waived_fen=bill.waived_fen, moves=moves)}


def _new_bill(_bill: None, now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """One sum, due in two weeks."""
    return {
        "lines": (),
        "charges": (),
        "amount_fen": 20_000,
        "period": None,
        "due_on": local_date(now) + timedelta(days=14),
    }


def _to_bill(_run: BillRun, _now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """One household with something to pay, and nothing unusual."""
    charge = BillLine(item="上门维修", amount_fen=5_000, charge="repair_order-1")
    household = HouseholdToBill(household="household-1", building="7", charges=(charge,), before_fen=5_000)
    return {"households": (household,), "last": True}


def _keys_there(_home: Any, _now: datetime, _cases: Mapping[str, Any]) -> dict[str, Any]:
    """Several keys, so that some can come back by themselves."""
    return {"keys": tuple(KeyItem(number=number, key_class=KeyClass.ENTRANCE) for number in ("1", "2"))}


def _keys_wanted(_loan: Any, _now: datetime, cases: Mapping[str, Any]) -> dict[str, Any]:
    """All that are there of a home in the office's care, of one that has several if there is one."""
    cared = [each for each in cases.values() if isinstance(each, VacantHome) and each.state == VACANT]
    there = [(home, [n for n, key in home.keys.items() if key.custody is Custody.KEPT]) for home in cared]
    home, keys = max(there, key=lambda each: len(each[1]), default=(None, []))
    return {"vacant_home": home.id, "keys": tuple(keys)} if home is not None else {}


FORMS: dict[type[Command], Form] = {
    OpenBillRun: lambda _run, now, _cases: {"month": local_date(now).replace(day=1)},
    TakeNextHouseholds: _to_bill,
    LeaveHouseholdOut: lambda run, *_: {"household": next(iter(run.drafts), "")},
    IssueNextBills: lambda *_: {"passed": ()},
    RecordBillDelivery: lambda run, *_: {
        "households": tuple(run.undelivered[:1]),
        "building": None,
        "delivered_on": None,
    },
    IssueBill: _new_bill,
    TakePayment: lambda *_: {"bills": (), "order": None, "tendered_fen": None, "value_date": None},
    TakeBankLine: lambda _line, now, _cases: {"booked_on": local_date(now)},  # what came before is a late entry
    SetFeeStandard: _new_standard,
    AddFeePrice: _another_price,
    AttachHome: lambda *_: {"coefficient": "1", "quantity": 8_937, "last": None},
    EndAttachment: _attached,
    DeclareVacancy: _attached,
    InstallMeter: _meter_hung,
    ReadMeter: _meter_read,
    ChangeMeter: lambda meter, now, cases: {
        **_meter_read(meter, now, cases),
        "digits": 5,
        "serial": f"{meter.serial}-2",
    },
    HandMeterOver: _meter_read,
    RemoveMeter: _meter_read,
    CorrectReading: _reading_corrected,
    EndFeeStandard: lambda standard, *_: {"last": standard.versions[-1].valid_from},
    TakeReckoning: _reckoned,
    EndLateFeeHold: lambda bill, *_: {
        "ground": next((g for g, (_, last) in zip(bill.hold_grounds, bill.holds, strict=True) if last is None), None),
        "until": None,
    },
    HoldLateFee: lambda *_: {"since": None, "until": None},
    IssueDunningNotice: _letter,
    ProposeConcession: _plan,
    DecideConcession: lambda *_: {"approved": True},
    RecordInterruption: lambda _debt, now, _cases: {"on": local_date(now), "bills": (), "ended_on": None},
    ConsultCommittee: lambda *_: {"on": None, "measures": tuple(LastMeasure)},
    RecordCommitteeAnswer: lambda _debt, now, _cases: {"on": local_date(now), "measures": ()},
    RaiseDispute: lambda *_: {"bills": ()},
    ReleaseDispute: lambda *_: {"bills": ()},
    NoteDebtPayment: _paid,
    EndPatrol: _all_seen,
    SeePatrolPoint: lambda patrol, *_: {"point": patrol.unseen[0].code if patrol.unseen else ""},
    ReturnWorkerPass: lambda work, *_: {"number": next(iter(work.passes), "")},
    ChangeSetting: lambda *_: {"name": "surveys.per_year", "value": "3"},
    RecordSurveyAnswer: _answer,
    SpeakForOneself: lambda word, *_: {"of_case": word.of_case, "why": "又堵了"},
    TakeOverHome: _keys_there,
    RequestKeyLoan: _keys_wanted,
    ReportKeysLost: lambda loan, *_: {"keys": loan.out[:1]},
    ReturnKeys: lambda loan, *_: {"keys": loan.out},
    ReturnSomeKeys: lambda loan, *_: {"keys": loan.out[:1]},
    RemoveVehicle: lambda household, *_: {"number": next(iter(household.vehicles), 0)},
    RemovePet: lambda household, *_: {"number": next(iter(household.pets), 0)},
    VisitDebtor: lambda *_: {"outcome": VisitOutcome.ABSENT},
}
