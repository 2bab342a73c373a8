"""POLICIES: what follows from what, in the handbook's order."""

from __future__ import annotations

from workflows.follow_ups import FOLLOW_UPS
from workflows.money import MONEY
from workflows.policy import Policies
from workflows.vacancies import VACANCIES

POLICIES = Policies([*VACANCIES, *FOLLOW_UPS, *MONEY])
