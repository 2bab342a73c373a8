"""The register of mistakes 差错更正登记: what was withdrawn, merged or corrected, by whom and why, and which figures it left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from domain.kernel.calendar import local_date
from domain.kernel.fact import Case
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.mending import SET_ASIDE
from projections.engine.collection import EveryCase
from projections.engine.register import Register

__all__ = ["MistakeRow", "mistakes"]

_CORRECTED: Final = "corrected"
_STEP: Final = "step-withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class MistakeRow:
    """One mistake; its line is the place in the case of the fact that mended it. Personal values stay sealed.

    ``mended`` is mistaken, duplicate, corrected or step-withdrawn, whose ``before`` is the event that was taken back; ``other``
    is the original of a duplicate, or what a withdrawn case or step came from.
    """

    source_id: str | None
    state: str
    case_kind: str
    mended: str
    opened_by: str | None
    corrected_field: str | None
    before: str | None
    after: str | None
    reason: str
    user_id: str
    role: str
    written_by: str | None
    mended_at: datetime
    mended_on: date
    other: str | None
    figures: str | None


def mistakes(figures: Callable[[Case, Sequence[str]], Sequence[str]]) -> EveryCase:
    """The register; ``figures`` knows which standards read which case."""

    def rows(lifecycle: Lifecycle[Any], case: Case) -> Iterable[tuple[str, MistakeRow]]:
        if case.set_aside is None and not case.corrections_made and not case.steps_withdrawn:
            return ()
        return made(lifecycle, case)

    def made(lifecycle: Lifecycle[Any], case: Case) -> Iterator[tuple[str, MistakeRow]]:
        aside = case.set_aside
        said = {"source_id": case.source_id, "state": case.state, "case_kind": lifecycle.kind}
        if aside is not None:
            assert aside.kind in SET_ASIDE
            row = MistakeRow(
                **said,  # type: ignore[arg-type]
                mended=aside.kind,
                opened_by=case.opened_by,
                corrected_field=None,
                before=None,
                after=None,
                reason=aside.reason,
                user_id=aside.by,
                role=aside.role,
                written_by=None,
                mended_at=aside.at,
                mended_on=local_date(aside.at),
                other=aside.other,
                figures=" ".join(figures(case, ())) or None,
            )
            yield str(aside.version), row
        for each in case.corrections_made:
            row = MistakeRow(
                **said,  # type: ignore[arg-type]
                mended=_CORRECTED,
                opened_by=case.opened_by,
                corrected_field=each.field,
                before=each.before,
                after=each.after,
                reason=each.reason,
                user_id=each.by,
                role=each.role,
                written_by=each.written_by,
                mended_at=each.at,
                mended_on=local_date(each.at),
                other=None,
                figures=None,
            )
            yield str(each.version), row
        for gone in case.steps_withdrawn:
            row = MistakeRow(
                **said,  # type: ignore[arg-type]
                mended=_STEP,
                opened_by=case.opened_by,
                corrected_field=None,
                before=gone.step,
                after=None,
                reason=gone.reason,
                user_id=gone.by,
                role=gone.role,
                written_by=gone.written_by,
                mended_at=gone.at,
                mended_on=local_date(gone.at),
                other=gone.other,
                figures=" ".join(figures(case, ())) or None,
            )
            yield str(gone.version), row

    return EveryCase(
        Register(
            name="mistakes",
            zh="差错更正登记",
            en="mistakes and how they were mended",
            clause="1",
            row=MistakeRow,
            kinds=(),
            rows=lambda _case: (),
            indexed=("mended_on", "mended"),
            sealed=("before", "after"),
        ),
        rows,
    )
