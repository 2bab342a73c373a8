"""REGISTERS: every register, in the handbook's order."""

from __future__ import annotations

from projections.bills import BILLS
from projections.collection import Registers
from projections.complaint_record import COMPLAINTS
from projections.deadlines import DEADLINES
from projections.debt_cases import DEBT_CASES, DUNNING_NOTICES
from projections.follow_up_record import FOLLOW_UPS, WEEKLY_SAMPLES
from projections.households import HOUSEHOLDS
from projections.key_register import KEY_LOANS, KEYS
from projections.readings import READINGS
from projections.rectifications import RECTIFICATIONS
from projections.repair_orders import REPAIR_ORDERS
from projections.vacant_home_register import INSPECTIONS, VACANT_HOMES

REGISTERS = Registers(
    [
        RECTIFICATIONS,
        REPAIR_ORDERS,
        VACANT_HOMES,
        INSPECTIONS,
        KEY_LOANS,
        KEYS,
        COMPLAINTS,
        FOLLOW_UPS,
        WEEKLY_SAMPLES,
        BILLS,
        DEBT_CASES,
        DUNNING_NOTICES,
        HOUSEHOLDS,
        READINGS,
    ],
    [DEADLINES],
)
