"""STANDARDS: the measured duties of the handbook, in its order."""

from __future__ import annotations

from domain.cases import CASES
from domain.handbook.clauses import CLAUSES
from projections.engine.standard import Standard
from projections.standards.arrears import ARREARS
from projections.standards.complaints import COMPLAINTS
from projections.standards.fees import FEES
from projections.standards.homes import HOMES
from projections.standards.moving import MOVING
from projections.standards.office import OFFICE
from projections.standards.residents import RESIDENTS
from projections.standards.rounds import ROUNDS
from projections.standards.services import SERVICES
from projections.standards.visits import VISITS

_PLACE = {clause: place for place, clause in enumerate(CLAUSES)}
_EVERY = (*OFFICE, *ROUNDS, *MOVING, *HOMES, *COMPLAINTS, *VISITS, *SERVICES, *FEES, *ARREARS, *RESIDENTS)

STANDARDS: tuple[Standard, ...] = tuple(sorted(_EVERY, key=lambda standard: _PLACE[standard.clause]))

_BREACHES = {row.event.__name__ for lifecycle in CASES for row in lifecycle.breaches}
for _standard in STANDARDS:
    if _standard.breach is not None and _standard.breach not in _BREACHES:
        _msg = f"{_standard.slug}: no table has the breach {_standard.breach}"
        raise TypeError(_msg)

BY_SLUG = {standard.slug: standard for standard in STANDARDS}
