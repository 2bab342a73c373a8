"""A register as a file 导出: what its page shows, the same rows, columns and names, as a workbook or as text for any program.

Personal data do not leave this way: that is asked for and approved (§9.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from starlette.responses import StreamingResponse

from api.console.page import Kit, Page, office_page
from api.console.register_query import MARKED, posed
from api.console.registers import choices_of, register_in
from api.console.values import Values, in_hundredths
from api.http.context import PRIVATE, hide
from api.http.headers import attached
from api.http.listing import MOST_ROWS, Plan
from api.http.workbook import KIND, pieces, written
from api.routes.registers import csv_head, csv_line
from domain.cases import BY_KIND
from domain.kernel.calendar import SHANGHAI, local_date

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

__all__ = ["file_sent", "routes"]


def routes(kit: Kit) -> list[Route]:
    """Beside each register's page."""
    return [office_page(kit, "/registers/{register}/file", _file, ("GET", "POST"))]


def _file(page: Page) -> Response:
    register = register_in(page)
    page, query = posed(page, register)
    listing = query.listing
    if listing.page is None:
        listing.page = page.context.last_page(page.office)
    listing.limit = MOST_ROWS
    names = [name for name in query.columns if name not in MARKED]
    called = Values(page)
    heads = [called.label(name, register.row.__name__) for name in names]

    def lines() -> Iterator[list[Any]]:
        for rows in listing.all(page.context.connect):
            hide(rows)
            values = Values(page)
            values.expect([{name: row[name] for name in names} for row in rows])
            for row in rows:
                yield [_cell(values, query.plan, name, row[name], row) for name in names]

    title = page.t(register.zh, register.en)
    if page.query("form") == "csv":
        return file_sent(page, _text(heads, lines()), (register.name, title, "csv"), "text/csv; charset=utf-8")
    return file_sent(page, pieces(written(title, heads, lines())), (register.name, title, "xlsx"), KIND)


def file_sent(page: Page, content: Iterable[bytes], name: tuple[str, str, str], kind: str) -> Response:
    """A file under the name that people know it by, with the day; ``name`` is the plain one, that one, and how it ends."""
    plain, title, ending = name
    called = f"{title} {local_date(page.now)}.{ending}"
    headers = {**PRIVATE, "Content-Disposition": attached(f"{plain}.{ending}", called)}
    return StreamingResponse(content, media_type=kind, headers=headers)


def _text(heads: list[str], lines: Iterator[list[Any]]) -> Iterator[bytes]:
    yield csv_head(tuple(heads))
    for line in lines:
        yield csv_line(tuple(_plain(value) for value in line))


def _plain(value: Any) -> Any:
    """As people write it: a clock without its zone, a sum without signs."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def _cell(values: Values, plan: Plan, name: str, value: Any, row: Mapping[str, Any]) -> Any:
    """Days, instants and numbers stay what they are, so that a spreadsheet can go on with them; fen become yuan."""
    if isinstance(value, bool) or not isinstance(value, int | date | datetime):
        choices = choices_of(plan.register).get(name)
        lifecycle = BY_KIND.get(row["case_id"].partition("-")[0])
        if name == "state" and lifecycle is not None:
            choices = lifecycle.states
        return values.plain(value, name, choices, plan.register.row.__name__)
    if isinstance(value, int) and in_hundredths(name, plan.register.row.__name__):
        return Decimal(value).scaleb(-2)
    return value
