"""Standards 达标: every measured duty with target, trend and cases; any period, any moment, two moments side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response

from api.console.figures import Figure, goal, measured
from api.console.form_values import as_instant
from api.console.formatting import day, instant
from api.console.formatting import period as in_words
from api.console.page import Kit, Page, office_page
from api.console.register_query import plan_of
from api.console.register_views import default_columns
from api.console.registers import row_of
from api.console.settings import called, origin, setting_value
from api.console.values import Values
from api.http.listing import Listing
from api.routes.standards import percent
from domain.handbook.settings import SETTINGS
from domain.kernel.calendar import SHANGHAI, local_date
from domain.kernel.errors import NotFound
from domain.kernel.periods import Month, Quarter
from projections.engine import standard as measure
from projections.engine.standard import BUCKETS, AsOf, Measurement, Standard
from projections.engine.trend import By, spans
from projections.standards.index import STANDARDS

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["BY_SLUG", "Period", "gauge_of", "period_of", "routes"]

BY_SLUG: Final[Mapping[str, Standard]] = {standard.slug: standard for standard in STANDARDS}
_MOST_CASES: Final = 200
_MOST_PERIODS: Final = 36
_WORDS: Final = {
    "met": ("达到", "met"),
    "missed": ("未达", "missed"),
    "not-yet-due": ("未到期", "not yet due"),
    "excluded": ("不计入", "left out"),
}


def routes(kit: Kit) -> list[Route]:
    """All figures, one, and the cases under its numbers."""
    return [
        office_page(kit, "/standards", _all),
        office_page(kit, "/standards/{slug}", _one),
        office_page(kit, "/standards/{slug}/cases", _cases),
    ]


# -- periods and moments ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """What is asked: local dates, both included, and the moment of the book that is read."""

    since: date
    until: date
    moment: datetime | None
    other: datetime | None

    def query(self) -> dict[str, str]:
        """The same as an address."""
        asked = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        if self.moment is not None:
            asked["moment"] = self.moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
        return asked

    @property
    def as_of(self) -> AsOf:
        """The state of the book."""
        return AsOf(instant=self.moment) if self.moment is not None else AsOf()


def period_of(page: Page) -> Period:
    """The period in the address, else this year until today; what cannot be read is today's."""
    today = local_date(page.now)
    until = _day(page.query("until")) or today
    since = _day(page.query("since")) or until.replace(month=1, day=1)
    since, until = min(since, until), max(since, until)
    return Period(since, until, _past(page, "moment"), _past(page, "other"))


def _past(page: Page, name: str) -> datetime | None:
    found = as_instant(page.query(name))
    return min(found, page.now) if found is not None else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _usual(page: Page) -> list[tuple[str, str]]:
    """The periods that are asked for most: address and word."""
    today = local_date(page.now)
    month, quarter = Month.of(today), Quarter.of(today)
    before = month.before()
    named = (
        (page.t("本月", "this month"), month.first, today),
        (page.t("上月", "last month"), before.first, before.last),
        (page.t("本季", "this quarter"), quarter.first, today),
        (page.t("今年", "this year"), date(today.year, 1, 1), today),
    )
    return [(page.here(since=since.isoformat(), until=until.isoformat()), word) for word, since, until in named]


# -- all -------------------------------------------------------------------------------------------------------------


def _all(page: Page) -> Response:
    period = period_of(page)
    wanted = page.query("which") == "all"
    standards = [each for each in STANDARDS if wanted or each.target is not None]
    found = measured(page, standards, period.since, period.until, period.as_of)
    others = (
        measured(page, standards, period.since, period.until, AsOf(instant=period.other))
        if period.other is not None
        else None
    )
    return page.show(
        "standards.html",
        period=period,
        rows=[_line(page, period, figure, others[n] if others else None) for n, figure in enumerate(found)],
        said=_sentence(page, found),
        usual=_usual(page),
        which=[
            (
                page.here(which=None),
                page.t("有目标", "with a target"),
                sum(s.target is not None for s in STANDARDS),
                not wanted,
            ),
            (page.here(which="all"), page.t("全部", "all"), len(STANDARDS), wanted),
        ],
        compared=instant(period.other, page.lang, page.now) if period.other is not None else "",
        moment=_moment_said(page, period),
        report=page.at("compliance", **period.query()),
    )


def _line(page: Page, period: Period, figure: Figure, other: Figure | None) -> dict[str, Any]:
    slug = figure.standard.slug
    difference = _difference(figure.reading, other.reading) if other is not None else ""
    return {
        "figure": figure,
        "href": page.at("standards", slug, **period.query()),
        "missed": page.at("standards", slug, "cases", bucket="missed", **period.query()),
        "counted": figure.reading.counted,
        "other": other,
        "difference": difference,
        "worse": difference.startswith("+" if figure.standard.at_most else "−"),
    }


def _difference(one: Measurement, other: Measurement) -> str:
    """In percentage points, cut; nothing where one of the two had nothing to measure."""
    if one.ratio is None or other.ratio is None:
        return ""
    change: Fraction = (one.ratio - other.ratio) * 10_000
    size = abs(change.numerator) // change.denominator
    return f"{'−' if change < 0 else '+' if change > 0 else ''}{size // 100}.{size % 100:02d}"


def _sentence(page: Page, figures: Sequence[Figure]) -> str:
    kept = sum(bool(f.target) and f.reading.counted > 0 and bool(f.reading.kept) for f in figures)
    missed = sum(bool(f.target) and f.reading.counted > 0 and not f.reading.kept for f in figures)
    none = sum(not f.reading.counted for f in figures)
    zh = f"{kept} 项达标，{missed} 项未达标" + (f"，{none} 项无可计量" if none else "")
    en = f"{kept} kept, {missed} not kept" + (f", {none} with nothing to measure" if none else "")
    return page.t(f"{zh}。", f"{en}.")


def _moment_said(page: Page, period: Period) -> str:
    if period.moment is None:
        return page.t("现在", "now")
    return instant(period.moment, page.lang, page.now)


# -- one -------------------------------------------------------------------------------------------------------------


def _standard(page: Page) -> Standard:
    standard = BY_SLUG.get(page.request.path_params["slug"])
    if standard is None:
        raise NotFound("standard-unknown", None, zh="没有这项标准", en="there is no such standard")
    return standard


def _one(page: Page) -> Response:
    standard, period = _standard(page), period_of(page)
    [figure] = measured(page, [standard], period.since, period.until, period.as_of)
    steps = _steps(page, standard, period)
    slug = standard.slug
    return page.show(
        "standard.html",
        figure=figure,
        period=period,
        said=page.t(
            f"{day(period.since, 'zh', page.now)}至{day(period.until, 'zh', page.now)}",
            f"{day(period.since, 'en', page.now)} – {day(period.until, 'en', page.now)}",
        ),
        moment=_moment_said(page, period),
        usual=_usual(page),
        gauge=gauge_of(figure),
        note=page.t(standard.note_zh, standard.note_en),
        buckets=_buckets(page, figure, period, slug),
        groups=_groups(page, figure),
        settings=[_setting(page, name, source) for name, source in figure.reading.settings.items()],
        changes=figure.reading.changes,
        confirmed=_confirmed(page, figure),
        imported=_imported(page, figure),
        steps=steps,
        chart=msgspec.json.encode(_chart(page, steps)).decode(),
    )


_OF_RESIDENTS: Final = frozenset({"follow-ups", "complaints", "repair-orders"})
"""Registers whose matters residents are asked about."""


def _imported(page: Page, figure: Figure) -> str:
    """That other systems' histories are among the counted cases: a figure tells whose work it measures."""
    if not figure.reading.imported:
        return ""
    number = figure.reading.imported
    return page.t(
        f"应计各件中有 {number:,} 件来自导入的历史，由原系统记录。",
        f"Of the counted cases {number:,} come from imported histories: another system recorded them.",
    )


def _confirmed(page: Page, figure: Figure) -> str:
    """What residents themselves said of the counted matters, beside what the office recorded of them."""
    if figure.standard.register not in _OF_RESIDENTS or not figure.reading.counted:
        return ""
    with page.connect() as connection:
        spoken, content = measure.confirmed(connection, page.context.registers, figure.reading)
    counted = figure.reading.counted
    share = percent(spoken, counted)
    return page.t(
        f"其中住户本人凭链接说过的 {spoken} 件（{share}%），说满意的 {content} 件。",
        f"Residents themselves spoke on {spoken} of them ({share}%), {content} of whom are satisfied.",
    )


def _buckets(page: Page, figure: Figure, period: Period, slug: str) -> list[tuple[str, str, int]]:
    reading = figure.reading
    numbers = {
        "met": reading.met,
        "missed": reading.counted - reading.met,
        "not-yet-due": reading.not_yet_due,
        "excluded": sum(reading.excluded.values()),
    }
    if figure.standard.amount:  # sums open to their cases, which are counted there
        numbers = dict.fromkeys(BUCKETS, -1)
    return [
        (page.at("standards", slug, "cases", bucket=name, **period.query()), page.t(*_WORDS[name]), numbers[name])
        for name in BUCKETS
    ]


def _groups(page: Page, figure: Figure) -> list[tuple[str, str, str]]:
    values = Values(page)
    name = figure.standard.group or ""
    return [
        (
            values.plain(group, name if name != "category" else "") or page.t("未分类", "none"),
            f"{met:,} / {counted:,}",
            f"{percent(met, counted)}%",
        )
        for group, (met, counted) in figure.reading.by_group.items()
        if counted
    ]


def _setting(page: Page, name: str, source: Any) -> dict[str, str]:
    setting = SETTINGS[name]
    return {
        "name": called(page, setting),
        "value": setting_value(page, setting, source.value),
        "clause": source.clause,
        "since": day(source.valid_from, page.lang, page.now) if source.changed else origin(page, setting),
    }


def _steps(page: Page, standard: Standard, period: Period) -> list[dict[str, Any]]:
    """Month by month; a longer time by quarter."""
    months = (period.until.year - period.since.year) * 12 + period.until.month - period.since.month
    by = By.MONTH if months < _MOST_PERIODS else By.QUARTER
    made = []
    for span in list(spans(by, period.since, period.until))[-_MOST_PERIODS:]:
        [figure] = measured(page, [standard], span.since, span.until, period.as_of)
        reading = figure.reading
        asked = Period(span.since, span.until, period.moment, None).query()
        made.append(
            {
                "name": in_words(span.name, page.lang),
                "figure": figure,
                "target": goal(standard, reading.target),
                "hundredths": reading.met * 10_000 // reading.counted if reading.counted else None,
                "goal": None if reading.target is None else int(reading.target * 10_000),
                "missed": page.at("standards", standard.slug, "cases", bucket="missed", **asked),
                "not_met": reading.counted - reading.met,
            }
        )
    return made


def _chart(page: Page, steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "names": [step["name"] for step in steps],
        "values": [None if step["hundredths"] is None else step["hundredths"] / 100 for step in steps],
        "targets": [None if step["goal"] is None else step["goal"] / 100 for step in steps],
        "words": {"value": page.t("读数", "figure"), "target": page.t("目标", "target")},
    }


def gauge_of(figure: Figure) -> dict[str, Any] | None:
    """A mark on a ruler: from what is far below the target to 100 %, since a bar on a cut scale would lie."""
    reading = figure.reading
    if not reading.counted:
        return None
    value = min(reading.met * 10_000 // reading.counted, 10_000)
    target = None if reading.target is None else int(reading.target * 10_000)
    lowest = min(value, target if target is not None else value)
    begins = 9_000 if lowest >= 9_100 else 5_000 if lowest >= 5_500 else 0
    if figure.standard.at_most:
        begins, ends = 0, max(value, target or 0, 500) * 5 // 4
    else:
        ends = 10_000

    def at(hundredths: int) -> int:
        return 10 + 620 * (hundredths - begins) // max(ends - begins, 1)

    zone = None
    if target is not None:
        zone = (10, at(target) - 10) if figure.standard.at_most else (at(target), 630 - at(target))
    ticks = [begins + (ends - begins) * n // 5 for n in range(6)]
    return {
        "mark": at(value),
        "value": figure.value,
        "kept": reading.kept is not False,
        "zone": zone,
        "target": figure.target,
        "target_at": at(target) if target is not None else None,
        "ticks": [(at(tick), f"{tick // 100}%") for tick in ticks],
    }


# -- what stands under a number --------------------------------------------------------------------------------------


def _cases(page: Page) -> Response:
    standard, period = _standard(page), period_of(page)
    bucket = page.query("bucket") if page.query("bucket") in BUCKETS else "missed"
    [figure] = measured(page, [standard], period.since, period.until, period.as_of)
    register = page.context.registers.by_name[standard.register]
    with page.connect() as connection:
        found = measure.cases(connection, page.context.registers, figure.reading, bucket, limit=_MOST_CASES + 1)
        listing = Listing(plan_of(register), page.office, limit=_MOST_CASES)
        listing.page = figure.reading.pages.get(page.office) if period.moment is not None else None
        listing.wheres.append("(case_id, line) in (select * from unnest(%(ids)s::text[], %(of_lines)s::text[]))")
        listing.values |= {"ids": [each[1] for each in found], "of_lines": [each[2] for each in found]}
        rows, _ = listing.rows(connection)
    columns = default_columns(register)
    shown = [
        {n: v for n, v in row.items() if n in columns or n in ("case_id", "late_entry", "household", "open", "state")}
        for row in rows
    ]
    page.reader.open(shown, register.name)
    values = Values(page)
    values.expect(shown)
    return page.show(
        "standard_cases.html",
        figure=figure,
        bucket=bucket,
        word=page.t(*_WORDS[bucket]),
        back=page.at("standards", standard.slug, **period.query()),
        heads=[{"text": values.label(n, register.row.__name__), "number": False} for n in columns],
        rows=[row_of(page, register, columns, values, row) for row in shown],
        more=len(found) > _MOST_CASES,
        others=[(page.here(bucket=name), page.t(*_WORDS[name]), name == bucket) for name in BUCKETS],
    )
