"""REGISTERS: every register, in the handbook's order."""

from __future__ import annotations

from collections.abc import Sequence

from domain.kernel.fact import Case
from projections.engine.collection import Registers
from projections.engine.deadlines import DEADLINES
from projections.engine.late_entries import late_entries
from projections.engine.mending import mistakes
from projections.engine.register import Register
from projections.registers.arrears import DEBT_BILLS, DEBT_CASES, DUNNING_NOTICES
from projections.registers.complaints import COMPLAINTS
from projections.registers.fees.bank import BANK_LINES, BANK_STATEMENTS
from projections.registers.fees.bills import BILL_ENTRIES, BILLS
from projections.registers.fees.ledgers import DEPOSITS, MONEY, RELIEFS
from projections.registers.fees.meters import METER_STRETCHES, METERS
from projections.registers.fees.payments import ACCOUNTS, CASH_DAYS, PAYMENTS
from projections.registers.fees.runs import BILL_RUN_HOUSEHOLDS, BILL_RUNS
from projections.registers.fees.standards import FEE_ATTACHMENTS, FEE_STANDARDS, SHARED_COSTS
from projections.registers.homes.condition import VACANCY_CONDITION
from projections.registers.homes.inspection_reports import INSPECTION_ITEMS, INSPECTION_REPORTS
from projections.registers.homes.keys import KEY_LOANS, KEYS
from projections.registers.homes.vacant_homes import INSPECTIONS, VACANT_HOMES
from projections.registers.moving import EMERGENCY_AIDS, MOVE_INS, MOVE_OUTS, RENOVATIONS, TAKEOVERS
from projections.registers.office import ASSIGNMENTS, PORTFOLIOS, STAFF
from projections.registers.residents.households import HOUSEHOLD_PERSONS, HOUSEHOLDS
from projections.registers.residents.printed_papers import PRINTED_PAPERS
from projections.registers.residents.readings import READINGS
from projections.registers.residents.register_exports import REGISTER_EXPORTS
from projections.registers.rounds.daily_work import (
    ACTIVITIES,
    BOARD_MONTHS,
    NOTICE_BOARDS,
    PATROL_FINDINGS,
    PATROL_ROUTES,
    PATROLS,
    WORK_ORDERS,
)
from projections.registers.rounds.rectifications import RECTIFICATIONS
from projections.registers.rounds.repair_orders import REPAIR_ORDERS
from projections.registers.services import (
    SERVICE_CHARGES,
    SERVICE_CONTRACTS,
    SERVICE_ITEMS,
    SERVICE_ORDERS,
    SERVICE_PRICES,
)
from projections.registers.visits.follow_ups import FOLLOW_UPS, WEEKLY_SAMPLES
from projections.registers.visits.opinions import (
    CORRECTIVE_ACTIONS,
    QUARTERLY_REVIEWS,
    REVIEW_DETECTIONS,
    REVIEW_FIGURES,
    SURVEY_RESULTS,
    SURVEYS,
)
from projections.registers.visits.resident_words import RESIDENT_WORDS
from projections.standards.index import STANDARDS

_OF_KINDS: tuple[Register, ...] = (
    RECTIFICATIONS,
    MOVE_INS,
    MOVE_OUTS,
    RENOVATIONS,
    NOTICE_BOARDS,
    BOARD_MONTHS,
    ACTIVITIES,
    WORK_ORDERS,
    REPAIR_ORDERS,
    PATROLS,
    PATROL_FINDINGS,
    PATROL_ROUTES,
    VACANT_HOMES,
    INSPECTIONS,
    INSPECTION_REPORTS,
    INSPECTION_ITEMS,
    VACANCY_CONDITION,
    KEY_LOANS,
    KEYS,
    COMPLAINTS,
    SURVEYS,
    SURVEY_RESULTS,
    FOLLOW_UPS,
    WEEKLY_SAMPLES,
    RESIDENT_WORDS,
    TAKEOVERS,
    EMERGENCY_AIDS,
    QUARTERLY_REVIEWS,
    REVIEW_FIGURES,
    REVIEW_DETECTIONS,
    CORRECTIVE_ACTIONS,
    SERVICE_ITEMS,
    SERVICE_PRICES,
    SERVICE_ORDERS,
    SERVICE_CONTRACTS,
    SERVICE_CHARGES,
    FEE_STANDARDS,
    FEE_ATTACHMENTS,
    METERS,
    METER_STRETCHES,
    SHARED_COSTS,
    BILL_RUNS,
    BILL_RUN_HOUSEHOLDS,
    BILLS,
    BILL_ENTRIES,
    PAYMENTS,
    ACCOUNTS,
    CASH_DAYS,
    BANK_STATEMENTS,
    BANK_LINES,
    MONEY,
    DEPOSITS,
    RELIEFS,
    DEBT_CASES,
    DUNNING_NOTICES,
    DEBT_BILLS,
    HOUSEHOLDS,
    HOUSEHOLD_PERSONS,
    STAFF,
    ASSIGNMENTS,
    PORTFOLIOS,
    READINGS,
    PRINTED_PAPERS,
    REGISTER_EXPORTS,
)


def _figures(case: Case, breaches: Sequence[str]) -> list[str]:
    """The standards that read this case; of a late entry that claims to unmake breaches, those that count them."""
    names = {register.name for register in _OF_KINDS if type(case) in register.kinds}
    touched = [
        standard
        for standard in STANDARDS
        if standard.register in names and all(getattr(case, name) == said for name, said in standard.only.items())
    ]
    return [each.slug for each in touched if not breaches or {each.breach, *each.minds} & set(breaches)]


REGISTERS = Registers(_OF_KINDS, [DEADLINES, late_entries(_figures), mistakes(_figures)])
