"""The book 台账 on a page: its facts with filters, newest first, and whether any page of it was touched."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from api.console.formatting import clock, day, instant
from api.console.page import Kit, Page, office_page
from api.console.people import role_name
from api.console.values import Values
from domain.cases import BY_KIND, CASES
from domain.kernel.calendar import local_date
from domain.kernel.fact import EVENTS
from journal.book import Book
from journal.hash_chain import verify
from journal.page import ENTERED_LATE

if TYPE_CHECKING:
    from starlette.routing import Route

    from domain.kernel.fact import Fact

__all__ = ["routes"]

_ROWS: Final = 50
_NUMBERS: Final = f"""
select number from wuye.facts where office = %(office)s and number < %(before)s
   and (%(kind)s::text is null or case_id like %(kind)s) and (%(event)s::text is null or name = %(event)s)
   and (not %(late)s or {ENTERED_LATE})
   and (%(person)s::bytea is null or position(%(person)s::bytea in metadata) > 0)
   and (%(readings)s or name <> 'PersonalDataRead')
 order by number desc limit %(limit)s
"""


def routes(kit: Kit) -> list[Route]:
    """The facts, and their verification."""
    return [office_page(kit, "/facts", _facts), office_page(kit, "/facts/verify", _verified, ("POST",))]


def _facts(page: Page) -> Response:
    head = page.context.last_page(page.office)
    raw = page.query("before")
    before = min(int(raw[:15]), head + 1) if raw.isdecimal() else head + 1
    kind = page.query("kind") if page.query("kind") in BY_KIND else ""
    event = page.query("event") if page.query("event") in EVENTS else ""
    person = page.query("person")[:200]
    names = page.kit.people.names()
    person = next((user for user, name in names.items() if name == person), person)
    asked = {
        "office": page.office,
        "before": before,
        "kind": f"{kind}-%" if kind else None,
        "event": event or None,
        "late": page.query("late") == "true",
        "person": f'"user_id":"{person}"'.encode() if person else None,
        "readings": event == "PersonalDataRead" or page.query("readings") == "true",
        "limit": _ROWS + 1,
    }
    with page.connect() as connection:
        numbers = [row[0] for row in connection.execute(_NUMBERS, asked)]
        book = Book(connection, page.office)
        facts = _read(book, numbers[:_ROWS])
    values = Values(page)
    values.expect([fact.case_id for fact in facts])
    return page.show(
        "facts.html",
        rows=[_row(page, values, fact) for fact in facts],
        head=head,
        following=page.here(before=numbers[_ROWS - 1]) if len(numbers) > _ROWS else None,
        first=page.here(before=None) if raw else None,
        kinds=[(each.kind, page.t(each.zh, each.en)) for each in CASES],
        events=sorted((name, page.t(each.ZH, each.EN)) for name, each in EVENTS.items()),
        asked={
            "kind": kind,
            "event": event,
            "person": names.get(person, person),
            "late": asked["late"],
            "before": raw,
            "readings": asked["readings"],
        },
        people=sorted(set(names.values()))[:300],
        verdict=None,
    )


def _read(book: Book, numbers: list[int]) -> list[Fact]:
    """The facts with these numbers, as they are asked for: neighbours in one reading."""
    found: dict[int, Fact] = {}
    for number in sorted(numbers):
        if number not in found:
            found |= {fact.number: fact for fact in book.readable(number - 1, _ROWS)}
    return [found[number] for number in numbers if number in found]


def _row(page: Page, values: Values, fact: Fact) -> dict[str, Any]:
    lifecycle = BY_KIND[fact.case_id.partition("-")[0]]
    title = values.titles.of(fact.case_id)
    is_person = fact.role.is_person
    return {
        "number": fact.number,
        "day": day(local_date(fact.occurred_at), page.lang, page.now),
        "time": clock(fact.occurred_at),
        "entered": instant(fact.recorded_at, page.lang, page.now) if fact.late is not None else "",
        "event": page.t(fact.event.ZH, fact.event.EN),
        "kind": page.t(lifecycle.zh, lifecycle.en),
        "title": f"{title.text} {title.home}" if title.home and title.home not in title.text else title.text,
        "href": page.at("case", fact.case_id, as_of=fact.number) if fact.case_id != f"office-{page.office}" else "",
        "by": page.kit.people.name(fact.user_id, page.lang),
        "role": role_name(fact.role, page.lang) if is_person else "",
        "late": fact.late is not None,
        "why": fact.late_reason or "",
        "imported": fact.imported,
    }


def _verified(page: Page) -> Response:
    began = perf_counter()
    with page.context.connect() as connection:  # it reads in a snapshot of its own
        verdict = verify(connection, page.office)
    took = perf_counter() - began
    return page.show(
        "verified.html", verdict=verdict, seconds=f"{took:.1f}", moment=instant(page.now, page.lang, page.now)
    )
