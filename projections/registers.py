"""REGISTERS: every register, in the handbook's order."""

from __future__ import annotations

from projections.bills import BILLS
from projections.collection import Registers
from projections.complaint_record import COMPLAINTS
from projections.deadlines import DEADLINES
from projections.debt_cases import DEBT_CASES, DUNNING_NOTICES
from projections.households import HOUSEHOLDS

REGISTERS = Registers(
    [
        COMPLAINTS,
        BILLS,
        DEBT_CASES,
        DUNNING_NOTICES,
        HOUSEHOLDS,
    ],
    [DEADLINES],
)
