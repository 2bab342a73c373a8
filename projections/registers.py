"""REGISTERS: every register, in the handbook's order."""

from __future__ import annotations

from projections.collection import Registers
from projections.complaint_record import COMPLAINTS
from projections.deadlines import DEADLINES

REGISTERS = Registers([COMPLAINTS], [DEADLINES])
