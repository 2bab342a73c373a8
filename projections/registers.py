"""REGISTERS: every register, in the handbook's order."""

from __future__ import annotations

from projections.bills import BILLS
from projections.collection import Registers
from projections.complaint_record import COMPLAINTS
from projections.daily_work import (
    ACTIVITIES,
    BOARD_MONTHS,
    NOTICE_BOARDS,
    PATROL_FINDINGS,
    PATROL_ROUTES,
    PATROLS,
    WORK_ORDERS,
)
from projections.deadlines import DEADLINES
from projections.debt_cases import DEBT_BILLS, DEBT_CASES, DUNNING_NOTICES
from projections.follow_up_record import FOLLOW_UPS, WEEKLY_SAMPLES
from projections.households import HOUSEHOLDS
from projections.inspection_reports import INSPECTION_ITEMS, INSPECTION_REPORTS
from projections.key_register import KEY_LOANS, KEYS
from projections.moving import EMERGENCY_AIDS, MOVE_INS, MOVE_OUTS, RENOVATIONS, TAKEOVERS
from projections.opinions import (
    CORRECTIVE_ACTIONS,
    QUARTERLY_REVIEWS,
    REVIEW_DETECTIONS,
    REVIEW_FIGURES,
    SURVEY_RESULTS,
    SURVEYS,
)
from projections.readings import READINGS
from projections.rectifications import RECTIFICATIONS
from projections.register_exports import REGISTER_EXPORTS
from projections.repair_orders import REPAIR_ORDERS
from projections.services import (
    SERVICE_CHARGES,
    SERVICE_CONTRACTS,
    SERVICE_ITEMS,
    SERVICE_ORDERS,
    SERVICE_PRICES,
)
from projections.staffing import ASSIGNMENTS, STAFF
from projections.vacancy_condition import VACANCY_CONDITION
from projections.vacant_home_register import INSPECTIONS, VACANT_HOMES

REGISTERS = Registers(
    [
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
        BILLS,
        DEBT_CASES,
        DUNNING_NOTICES,
        DEBT_BILLS,
        HOUSEHOLDS,
        STAFF,
        ASSIGNMENTS,
        READINGS,
        REGISTER_EXPORTS,
    ],
    [DEADLINES],
)
