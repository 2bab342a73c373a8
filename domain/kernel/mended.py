"""What a case knows of its own mistakes 差错 and of what mended them (:mod:`domain.kernel.mending`): who wrote what, and what it said before."""

from __future__ import annotations

from collections.abc import Sequence

from domain.kernel.corrections import corrected_as
from domain.kernel.fact import Case, Fact
from domain.kernel.mending import (
    DUPLICATE,
    MISTAKEN,
    DuplicateMerged,
    EntryCorrected,
    MarkedDuplicate,
    PersonalEntryCorrected,
    WithdrawnAsMistaken,
)
from domain.kernel.people import Role
from domain.kernel.standing import Correction, SetAside, Written

__all__ = ["note_mending", "note_writing"]


def note_writing(case: Case, fact: Fact, names: Sequence[str]) -> None:
    """Remember who wrote these fields, when and where: whoever wrote them may correct them for a while."""
    written = Written(by=fact.user_id, at=max(fact.occurred_at, fact.recorded_at), version=fact.version)
    said = fact.event
    case.written = {**case.written, **{name: written for name in names if getattr(said, name) is not None}}


def note_mending(case: Case, fact: Fact) -> None:
    """Fold into its case that a mistake was mended."""
    said = fact.event
    if isinstance(said, WithdrawnAsMistaken | MarkedDuplicate):
        kind, other = (MISTAKEN, said.origin) if isinstance(said, WithdrawnAsMistaken) else (DUPLICATE, said.original)
        case.set_aside = SetAside(
            kind=kind,
            other=other,
            reason=said.reason,
            by=fact.user_id,
            role=fact.role,
            at=fact.occurred_at,
            version=fact.version,
        )
    elif isinstance(said, DuplicateMerged):
        case.duplicates = (*case.duplicates, said.duplicate)
    else:
        assert isinstance(said, EntryCorrected | PersonalEntryCorrected)
        setattr(case, said.field, corrected_as(type(case), said.field, said.after))
        if fact.role is not Role.POLICY:  # what the program seals anew stays whose it was
            case.written = {
                **case.written,
                said.field: Written(by=fact.user_id, at=max(fact.occurred_at, fact.recorded_at), version=fact.version),
            }
        case.corrections_made = (
            *case.corrections_made,
            Correction(
                version=fact.version,
                field=said.field,
                before=said.before,
                after=said.after,
                reason=said.reason,
                by=fact.user_id,
                role=fact.role,
                at=fact.occurred_at,
                written_by=said.written_by,
            ),
        )
