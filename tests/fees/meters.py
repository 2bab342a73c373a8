"""Stories of meters: read, changed, sold and corrected over HTTP; the month's runs reckon the bills."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from domain.kernel.periods import Month
from tests.fees.played_office import CLERK, COMPANY, HOME, MANAGER, PlayedOffice, RunningProgram

__all__ = ["metered"]

Compared = tuple[str, Any, Any]


def _day(text: str) -> date:
    return date.fromisoformat(text)


def metered(program: RunningProgram, story: dict[str, Any]) -> Iterator[Compared]:
    """Each event on its day, each month billed on its last; what each household is billed, line by line."""
    for number, case in enumerate(story["inputs"]["cases"]):
        months = [Month.parse(month) for month in case["months"]]
        office = program.office(months[0].first - timedelta(days=1), {})
        office.until(months[0].first)
        office.household("h-1", HOME)
        meter = _hung(office, case)
        office.say(CLERK, "bill-runs", month=months[0].first)
        events = sorted(case["events"], key=lambda event: event["on"])
        found: dict[str, list[list[int]]] = {}
        for month in months:
            for event in [each for each in events if Month.of(_day(each["on"])) == month]:
                _tell(office, meter, event)
            for who, lines in _billed(office, month).items():
                found.setdefault(who, []).append(lines)
        yield f"case {number + 1}", found, story["expected"]["bills"][number]


def _hung(office: PlayedOffice, case: dict[str, Any]) -> str:
    (since, price), *later = case["prices"]
    said = {"code": "S", "name": "水费", "kind": "metered", "reason": "价格文件"}
    standard = office.say(MANAGER, "fee-standards", price=price, valid_from=since, **said)
    for since, price in later:
        more = {"price": price, "valid_from": since, "reason": "调价文件"}
        office.say(MANAGER, f"fee-standards/{standard}/add-fee-price", **more)
    meter = {"home": HOME, "household": "h-1", "standard": standard, "on": office.today}
    return office.say(CLERK, "meters", **meter, **case["meter"])


def _tell(office: PlayedOffice, meter: str, event: dict[str, Any]) -> None:
    command = {"read": "read-meter", "change": "change-meter", "sold": "hand-meter-over", "correct": "correct-reading"}
    body = {name: value for name, value in event.items() if name != "type"}
    office.until(_day(event["on"]))
    if event["type"] == "correct":
        del body["on"]
    if event["type"] == "sold":
        office.say(CLERK, f"households/{office.households['h-1']}/move-household-out")
        office.household(event["household"], HOME)
    role = MANAGER if event["type"] == "correct" else CLERK
    office.say(role, f"meters/{meter}/{command[event['type']]}", **body)


def _billed(office: PlayedOffice, month: Month) -> dict[str, list[int]]:
    """The month's run from its compilation to its bills: household of the story → the amounts of its lines (fen)."""
    office.until(month.last)
    [run] = [row["case_id"] for row in office.rows("bill-runs") if row["month"] == str(month.first)]
    for role, command, body in (
        (CLERK, "compile-bill-run", {}),
        (MANAGER, "review-bill-run", {"remark": "已核对"}),
        (COMPANY, "approve-bill-run", {}),
    ):
        office.say(role, f"bill-runs/{run}/{command}", **body)
        office.now += timedelta(minutes=1)
        office.ask("POST", f"/offices/{office.code}/clock", MANAGER, json={"to": office.now.isoformat()})
    names = {id: name for name, id in office.households.items()}
    bills = office.get(f"bill-runs/{run}")["data"]["bills"]
    return {
        names[who]: [line["amount_fen"] for line in office.get(f"bills/{bill}")["data"]["lines"]]
        for who, bill in bills.items()
    }
