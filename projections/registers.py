"""REGISTERS: every register, in the handbook's order."""

from __future__ import annotations

from projections.bills import BILLS
from projections.collection import Registers
from projections.complaint_record import COMPLAINTS
from projections.deadlines import DEADLINES
from projections.debt_cases import DEBT_CASES, DUNNING_NOTICES
from projections.households import HOUSEHOLDS
from projections.key_register import KEY_LOANS, KEYS
from projections.rectifications import RECTIFICATIONS
from projections.vacant_home_register import INSPECTIONS, VACANT_HOMES

REGISTERS = Registers(
    [
        RECTIFICATIONS,
        VACANT_HOMES,
        INSPECTIONS,
        KEY_LOANS,
        KEYS,
        COMPLAINTS,
        BILLS,
        DEBT_CASES,
        DUNNING_NOTICES,
        HOUSEHOLDS,
    ],
    [DEADLINES],
)
