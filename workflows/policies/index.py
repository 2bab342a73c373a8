"""POLICIES: what follows from what, in the handbook's order."""

from __future__ import annotations

from workflows.engine.policy import Policies
from workflows.policies.arrears import MONEY
from workflows.policies.homes import VACANCIES
from workflows.policies.moving import MOVING
from workflows.policies.opinions import OPINIONS
from workflows.policies.rounds import DAILY_WORK
from workflows.policies.visits import FOLLOW_UPS

POLICIES = Policies([*DAILY_WORK, *VACANCIES, *MOVING, *FOLLOW_UPS, *OPINIONS, *MONEY])
