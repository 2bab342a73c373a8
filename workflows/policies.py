"""POLICIES: what follows from what, in the handbook's order."""

from __future__ import annotations

from workflows.daily_work import DAILY_WORK
from workflows.follow_ups import FOLLOW_UPS
from workflows.money import MONEY
from workflows.moving import MOVING
from workflows.opinions import OPINIONS
from workflows.policy import Policies
from workflows.vacancies import VACANCIES

POLICIES = Policies([*DAILY_WORK, *VACANCIES, *MOVING, *FOLLOW_UPS, *OPINIONS, *MONEY])
