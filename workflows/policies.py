"""POLICIES: what follows from what, in the handbook's order."""

from __future__ import annotations

from workflows.money import MONEY
from workflows.policy import Policies
from workflows.vacancies import VACANCIES

POLICIES = Policies([*VACANCIES, *MONEY])
