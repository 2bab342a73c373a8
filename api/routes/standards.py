"""Standards 标准 over HTTP: each measured duty, its figure for a period, and the cases under each of its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from api.http import cursor as cursors
from api.http.authentication import who
from api.http.context import Counter, json
from api.http.documents import answered, ref
from api.http.text import Day
from api.identity import EVERYWHERE
from api.routes.cases import AsOf
from domain.handbook.settings import SETTINGS, Settings
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotFound, NotPermitted, RuleBroken
from projections.engine import standard as measure
from projections.engine.standard import Reading, Standard
from projections.engine.trend import By, Step, spans, steps
from workflows.engine.handler import CommandHandler

__all__ = ["OfficeQuery", "Since", "Until", "percent", "reading_of", "reading_view", "router", "settings_then"]

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


def router(counter: Counter, standards: Iterable[Standard]) -> APIRouter:
    """The declarations, a figure, and what is under it."""
    made = APIRouter(tags=["standards"])
    by_slug = {standard.slug: standard for standard in standards}

    @made.get("/standards", operation_id="standards", summary="标准一览 / every measured duty",
              responses=answered(ref("Standards")), response_model=None)  # fmt: skip
    def every(_request: Request) -> Response:
        return json({"standards": [_declared(standard) for standard in by_slug.values()]})

    @made.get("/standards/{slug}", operation_id="standard", summary="一项标准的读数 / one figure",
              responses=answered(ref("Reading")), response_model=None)  # fmt: skip
    def one(  # as many parameters as the question has parts
        request: Request,
        slug: str,
        office: OfficeQuery = None,
        since: Since = None,
        until: Until = None,
        as_of: AsOf = None,
    ) -> Response:
        standard = _found(slug)
        return json(reading_view(reading_of(counter, request, standard, office, since, until, as_of)))

    @made.get("/standards/{slug}/trend", operation_id="standard_trend",
              summary="一项标准的趋势（月、季、年）/ one figure by month, quarter or year",
              responses=answered(ref("Trend")), response_model=None)  # fmt: skip
    def trend(
        request: Request, slug: str, by: By = By.MONTH, office: OfficeQuery = None, since: Since = None, until: Until = None,
        as_of: AsOf = None,
    ) -> Response:  # fmt: skip
        standard = _found(slug)
        whole = reading_of(counter, request, standard, office, since, until, as_of)
        periods = list(spans(by, whole.since, whole.until))
        if len(periods) > _MOST_PERIODS:
            raise RuleBroken(
                "too-many-periods", None, zh=f"最多{_MOST_PERIODS}期", en=f"at most {_MOST_PERIODS} periods",
                field="since",
            )  # fmt: skip
        read = (
            (span, reading_of(counter, request, standard, office, span.since, span.until, as_of)) for span in periods
        )
        shown = [_step_view(step) for step in steps(read)]
        return json({**_declared(standard), "office": office, "by": by, "periods": shown})

    @made.get("/standards/{slug}/cases", operation_id="standard_cases", summary="读数所据的事项 / the cases under a number",
              responses=answered(ref("StandardCases")), response_model=None)  # fmt: skip
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
        reading = reading_of(counter, request, standard, office, since, until, as_of)
        after = cursors.read(cursor, tuple[str, str, str]) if cursor else None
        if after is not None and any("\x00" in word for word in after):
            raise cursors.misfit()
        with counter.connect() as connection:
            rows = measure.cases(connection, counter.registers, reading, bucket, after=after, limit=limit + 1)
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
    counter: Counter, request: Request, standard: Standard, office: str | None, since: date | None, until: date | None,
    as_of: int | datetime | None,
) -> Reading:  # fmt: skip
    """One figure for whoever asks; refused when he may not know it. This year until today, if he does not say when."""
    _check_scope(counter, request, office, as_of)
    now = counter.now()
    until = until or local_date(now)
    since = since or until.replace(month=1, day=1)
    if since > until:
        raise RuleBroken(
            "period", None, zh="起始日期晚于截止日期", en="the period ends before it begins", field="since"
        )
    page = counter.page(office, as_of) if office is not None else None
    number = page if isinstance(as_of, int) else None
    moment = as_of if isinstance(as_of, datetime) else None
    settings = settings_then(counter.handler, office, page) if office is not None else None
    with counter.connect() as connection:
        return measure.read(
            connection, counter.registers, standard, office=office, since=since, until=until, now=now,
            as_of=measure.AsOf(number, moment), settings=settings,
        )  # fmt: skip


def settings_then(handler: CommandHandler, code: str, page: int | None) -> Settings:
    """The settings as they stood in an office's book at a page, or (None) as they stand: no later change moves a report."""
    if page is None:
        return handler.settings(code)
    try:
        case = handler.case(code, f"office-{code}", until=page)
    except NotFound:  # not opened by then
        return Settings()
    settings: Settings = case.settings
    return settings


def _check_scope(counter: Counter, request: Request, office: str | None, as_of: int | datetime | None) -> None:
    if office is not None:
        counter.roles(request, office)
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


def reading_view(reading: Reading) -> dict[str, Any]:
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
    }


def _step_view(step: Step) -> dict[str, Any]:
    reading = step.reading
    return {
        "period": step.span.name,
        "since": step.span.since,
        "until": step.span.until,
        **{name: getattr(reading, name) for name in ("met", "counted", "not_yet_due", "kept")},
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
