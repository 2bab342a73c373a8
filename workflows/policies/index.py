"""POLICIES: what follows from what, in the handbook's order."""

from __future__ import annotations

from workflows.engine.policy import Policies
from workflows.policies.arrears import ARREARS
from workflows.policies.complaints import COMPLAINTS
from workflows.policies.fees import FEES
from workflows.policies.homes import HOMES
from workflows.policies.moving import MOVING
from workflows.policies.rounds import ROUNDS
from workflows.policies.services import SERVICES
from workflows.policies.visits.follow_ups import FOLLOW_UPS
from workflows.policies.visits.opinions import OPINIONS

POLICIES = Policies([*ROUNDS, *HOMES, *MOVING, *COMPLAINTS, *FOLLOW_UPS, *OPINIONS, *SERVICES, *FEES, *ARREARS])
