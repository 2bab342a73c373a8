"""What the subcommand ``wuye deadlines`` does: the clock's list, and what it could not carry out."""

from __future__ import annotations

from api.cli.commands import running
from api.cli.printing import out, print_rows
from api.runtime import Runtime
from domain.kernel.errors import NotFound
from journal.book import Book
from workflows.engine.clock import PARKED

_COLUMNS = ("office", "case_id", "line", "due_at", "clause", "role", "person", "attempts", "last_error", "parked")
_SQL = """
select office, case_id, line, due_at, clause, role, person, coalesce(attempts, 0), last_error, coalesce(leased_until = %(parked)s, false)
  from wuye.r_deadlines left join wuye.clock_work using (office, case_id, line, from_number)
 where to_number is null and (%(office)s::text is null or office = %(office)s)
   and (not %(only)s or leased_until = %(parked)s)
 order by due_at, office, case_id, line
"""


def show_deadlines(office: str | None, *, parked: bool, as_json: bool) -> None:
    """Print what is open, the oldest first; with ``parked`` only what the clock gave up, and why."""
    with running() as runtime:
        _check(runtime, office)
        with runtime.pool.connection() as connection:
            rows = connection.execute(_SQL, {"office": office, "parked": PARKED, "only": parked})
            print_rows(_COLUMNS, iter(rows), "json" if as_json else "table")


def retry_parked(office: str | None) -> None:
    """Let the clock try again what it gave up: after whatever was wrong has been mended."""
    with running() as runtime:
        _check(runtime, office)
        count = runtime.clock.retry(office=office)
    out.print(f"✓ {count} 项期限将重新办理 / deadlines will be tried again")


def _check(runtime: Runtime, office: str | None) -> None:
    with runtime.pool.connection() as connection:
        if office is not None and Book(connection, office).head() is None:
            raise NotFound("office-unknown", None, zh=f"没有这个管理处：{office}", en=f"no office {office}")
