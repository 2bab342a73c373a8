"""Standards 标准 over HTTP: each measured duty, its figure for a period, and the cases under each of its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from api.http import cursor as cursors
from api.http.authentication import who
from api.http.context import ApiContext, json
from api.http.documents import answered, ref
from api.http.text import Day
from api.identity import EVERYWHERE
from api.routes.cases import AsOf
from domain.handbook.settings import SETTINGS
from domain.kernel.errors import NotFound, NotPermitted, RuleBroken
from projections.engine import standard as measure
from projections.engine.standard import Measurement, Standard
from projections.engine.trend import By, Step, spans, steps

__all__ = ["OfficeQuery", "Since", "Until", "changes_view", "percent", "reading_of", "reading_view", "router"]

OfficeQuery = Annotated[str | None, Query(description="管理处；缺省为全公司（须有全公司角色）/ one office, or all")]
Since = Annotated[Day | None, Query(description="起（含），缺省为今年1月1日 / from, 1 January if left out")]
Until = Annotated[Day | None, Query(description="止（含），缺省为今天 / until, today if left out")]
_DIGITS: Final = 10_000
_MOST_PERIODS: Final = 120


class Bucket(StrEnum):
    """Where a row can stand."""

    MET = "met"
    MISSED = "missed"
    NOT_YET_DUE = "not-yet-due"
    EXCLUDED = "excluded"


def router(context: ApiContext, standards: Iterable[Standard]) -> APIRouter:
    """The declarations, a figure, and what is under it."""
    made = APIRouter(tags=["standards"])
    by_slug = {standard.slug: standard for standard in standards}

    @made.get(
        "/standards",
        operation_id="standards",
        summary="标准一览 / every measured duty",
        responses=answered(ref("Standards")),
        response_model=None,
    )
    def every(_request: Request) -> Response:
        return json({"standards": [_declared(standard) for standard in by_slug.values()]})

    @made.get(
        "/standards/{slug}",
        operation_id="standard",
        summary="一项标准的读数 / one figure",
        responses=answered(ref("Reading")),
        response_model=None,
    )
    def one(  # as many parameters as the question has parts
        request: Request,
        slug: str,
        office: OfficeQuery = None,
        since: Since = None,
        until: Until = None,
        as_of: AsOf = None,
    ) -> Response:
        standard = _found(slug)
        return json(reading_view(reading_of(context, request, standard, office, since, until, as_of)))

    @made.get(
        "/standards/{slug}/trend",
        operation_id="standard_trend",
        summary="一项标准的趋势（月、季、年）/ one figure by month, quarter or year",
        responses=answered(ref("Trend")),
        response_model=None,
    )
    def trend(
        request: Request,
        slug: str,
        by: By = By.MONTH,
        office: OfficeQuery = None,
        since: Since = None,
        until: Until = None,
        as_of: AsOf = None,
    ) -> Response:
        standard = _found(slug)
        whole = reading_of(context, request, standard, office, since, until, as_of)
        periods = list(spans(by, whole.since, whole.until))
        if len(periods) > _MOST_PERIODS:
            raise RuleBroken(
                "too-many-periods",
                None,
                zh=f"最多{_MOST_PERIODS}期",
                en=f"at most {_MOST_PERIODS} periods",
                field="since",
            )
        read = (
            (span, reading_of(context, request, standard, office, span.since, span.until, as_of)) for span in periods
        )
        shown = [_step_view(step) for step in steps(read)]
        return json({**_declared(standard), "office": office, "by": by, "periods": shown})

    @made.get(
        "/standards/{slug}/cases",
        operation_id="standard_cases",
        summary="读数所据的事项 / the cases under a number",
        responses=answered(ref("StandardCases")),
        response_model=None,
    )
    def under(
        request: Request,
        slug: str,
        bucket: Bucket,
        office: OfficeQuery = None,
        since: Since = None,
        until: Until = None,
        as_of: AsOf = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 500,
        cursor: cursors.Cursor = None,
    ) -> Response:
        standard = _found(slug)
        reading = reading_of(context, request, standard, office, since, until, as_of)
        after = cursors.read(cursor, tuple[str, str, str]) if cursor else None
        if after is not None and any("\x00" in word for word in after):
            raise cursors.misfit()
        with context.reading(office) as connection:
            rows = measure.cases(connection, context.registers, reading, bucket, after=after, limit=limit + 1)
        following = cursors.write(*rows[limit - 1]) if len(rows) > limit else None
        shown = [dict(zip(("office", "case_id", "line"), row, strict=True)) for row in rows[:limit]]
        return json({"bucket": bucket, "cases": shown, "next": following})

    def _found(slug: str) -> Standard:
        standard = by_slug.get(slug)
        if standard is None:
            raise NotFound("standard-unknown", None, zh="没有这项标准", en="there is no such standard")
        return standard

    return made


def reading_of(
    context: ApiContext,
    request: Request,
    standard: Standard,
    office: str | None,
    since: date | None,
    until: date | None,
    as_of: int | datetime | None,
) -> Measurement:
    """One figure for whoever asks; refused when he may not know it. This year until today, if he does not say when."""
    _check_scope(context, request, office, as_of)
    point = measure.AsOf()
    if as_of is not None and office is not None and isinstance(as_of, int):
        point = measure.AsOf(number=context.page(office, as_of))
    elif isinstance(as_of, datetime):
        point = measure.AsOf(instant=as_of)
    return context.figures.read([standard], office, since, until, point)[0]


def _check_scope(context: ApiContext, request: Request, office: str | None, as_of: int | datetime | None) -> None:
    if office is not None:
        context.roles(request, office)
    elif EVERYWHERE not in who(request.scope).offices():
        raise NotPermitted("office-needed", None, zh="请指明管理处", en="say which office", field="office")
    elif isinstance(as_of, int):
        raise RuleBroken(
            "as-of-needs-office", None, zh="页码属于一个管理处", en="a page number is one office's", field="as_of"
        )


def _declared(standard: Standard) -> dict[str, Any]:
    return {
        "slug": standard.slug,
        "zh": standard.zh,
        "en": standard.en,
        "clause": standard.clause,
        "register": standard.register,
        "target": standard.target,
        "settings": list(standard.settings),
        "note_zh": standard.note_zh,
        "note_en": standard.note_en,
        "at_most": standard.at_most,
        "unit": standard.unit if standard.amount else "cases",
    }


def reading_view(reading: Measurement) -> dict[str, Any]:
    """A figure with all it rests on. Ratios are exact; the percentage is for people and is cut, never rounded up."""
    return {
        **_declared(reading.standard),
        "office": reading.office,
        "since": reading.since,
        "until": reading.until,
        "moment": reading.moment,
        "as_of": {"number": reading.as_of.number, "instant": reading.as_of.instant},
        "pages": reading.pages,
        "met": reading.met,
        "counted": reading.counted,
        "not_yet_due": reading.not_yet_due,
        "imported": reading.imported,
        "excluded": reading.excluded,
        "ratio": None if reading.ratio is None else str(reading.ratio),
        "percent": None if reading.ratio is None else percent(reading.met, reading.counted),
        "target_value": None if reading.target is None else str(reading.target),
        "target_since": reading.target_since,
        "settings": [
            {
                "name": name,
                "zh": SETTINGS[name].zh,
                "en": SETTINGS[name].en,
                "value": str(source.value),
                "clause": source.clause,
                "valid_from": source.valid_from,
                "changed": source.changed,
            }
            for name, source in reading.settings.items()
        ],
        "kept": reading.kept,
        "by_group": {group: {"met": met, "counted": counted} for group, (met, counted) in reading.by_group.items()},
        "offices": [_part_view(part) for part in reading.parts],
        "changes_since": changes_view(reading),
    }


def changes_view(reading: Measurement) -> list[dict[str, Any]]:
    """What was changed since, reaching back into the period, and by whom: a figure never moves unseen."""
    return [
        {
            "office": part.office,
            "name": each.name,
            "zh": SETTINGS[each.name].zh,
            "en": SETTINGS[each.name].en,
            "before": each.before,
            "value": each.value,
            "valid_from": each.valid_from,
            "changed_at": each.at,
            "reason": each.reason,
            "requested_by": each.requested_by,
            "confirmed_by": each.confirmed_by,
        }
        for part in (reading.parts or (reading,))
        for each in part.changes
    ]


def _part_view(reading: Measurement) -> dict[str, Any]:
    """One office's part in the company's figure, by its own target."""
    return {
        "office": reading.office,
        "moment": reading.moment,
        "met": reading.met,
        "counted": reading.counted,
        "imported": reading.imported,
        "percent": None if reading.ratio is None else percent(reading.met, reading.counted),
        "target_value": None if reading.target is None else str(reading.target),
        "kept": reading.kept,
    }


def _step_view(step: Step) -> dict[str, Any]:
    reading = step.reading
    return {
        "period": step.span.name,
        "since": step.span.since,
        "until": step.span.until,
        **{name: getattr(reading, name) for name in ("met", "counted", "not_yet_due", "imported", "kept")},
        "ratio": None if reading.ratio is None else str(reading.ratio),
        "percent": None if reading.ratio is None else percent(reading.met, reading.counted),
        "target_value": None if reading.target is None else str(reading.target),
        "change": None if step.change is None else str(step.change),
        "better": step.better,
    }


def percent(met: int, counted: int) -> str:
    """«97.99»: two places, cut off, so that 97.996 never looks like 98 kept."""
    hundredths = met * _DIGITS // counted
    return f"{hundredths // 100}.{hundredths % 100:02d}"
