"""What ``wuye standards SLUG --by month`` does: one figure, period by period."""

from __future__ import annotations

from datetime import date

from api.cli.commands import read_standards, running
from api.cli.printing import print_rows
from api.routes.standards import percent
from domain.kernel.errors import Malformed
from projections.engine.trend import By, spans, steps
from projections.standards.index import BY_SLUG

_COLUMNS = ("period", "met", "counted", "percent", "kept", "change")


def show_trend(
    slug: str | None,
    office: str | None,
    since: date | None,
    until: date | None,
    as_of: str | None,
    by: str,
    *,
    as_json: bool,
) -> None:
    """Print a standard month by month, quarter by quarter or year by year; ``change`` is in percentage points."""
    if slug not in BY_SLUG or by not in set(By):
        raise Malformed(
            "by", None, zh=f"--by 为 {'、'.join(By)}，且须指明标准", en=f"--by is {', '.join(By)}, and needs a standard"
        )
    wanted = [BY_SLUG[slug]]
    with running() as runtime:
        [whole] = read_standards(runtime, office, since, until, as_of, wanted)
        read = [
            (span, read_standards(runtime, office, span.since, span.until, as_of, wanted)[0])
            for span in spans(By(by), whole.since, whole.until)
        ]
    rows = (
        (
            step.span.name,
            step.reading.met,
            step.reading.counted,
            None if step.reading.ratio is None else percent(step.reading.met, step.reading.counted),
            step.reading.kept,
            None if step.change is None else f"{float(step.change * 100):+.2f}",
        )
        for step in steps(read)
    )
    print_rows(_COLUMNS, iter(rows), "json" if as_json else "table")
