"""Stories of bill lines: standards are set and attached over HTTP, the program reckons the lines of the bill."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import lcm
from typing import Any

from domain.kernel.money import parse_area
from domain.kernel.periods import Month
from tests.fees.played_office import CLERK, HOME, MANAGER, PlayedOffice, RunningProgram

__all__ = ["lines_of_prices", "owners", "rounding", "shared_cost"]

Compared = tuple[str, Any, Any]


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _standard(office: PlayedOffice, code: str, prices: list[tuple[date, str]], coefficient: str = "1") -> str:
    """A management fee whose price changes on these days."""
    (since, price), *later = prices
    body = {"code": code, "name": "物业服务费", "kind": "management", "reason": "公司规定", "coefficient": coefficient}
    made = office.say(MANAGER, "fee-standards", price=price, valid_from=since, **body)
    for since, price in later:
        more = {"reason": "公司规定", "coefficient": coefficient}
        office.say(MANAGER, f"fee-standards/{made}/add-fee-price", price=price, valid_from=since, **more)
    return made


def _attach(office: PlayedOffice, standard: str, home: str, household: str, area: str, first: date, last: date) -> int:
    body = {"home": home, "household": household, "quantity": parse_area(area), "first": first, "last": last}
    office.say(CLERK, f"fee-standards/{standard}/attach-home", **body)
    return len(office.get(f"fee-standards/{standard}")["data"]["attachments"])


def _bill(office: PlayedOffice, household: str, charges: list[dict[str, Any]], due: date) -> list[dict[str, Any]]:
    """The lines of a bill that charges these days by their standards."""
    charges = [{name: str(value) if isinstance(value, date) else value for name, value in c.items()} for c in charges]
    bill = office.say(CLERK, "bills", household=household, charges=charges, due_on=due)
    return list(office.get(f"bills/{bill}")["data"]["lines"])


def _changes(segments: list[dict[str, Any]]) -> list[tuple[date, str]]:
    """The days on which the price changes."""
    found: list[tuple[date, str]] = []
    for segment in sorted(segments, key=lambda each: each["first"]):
        if not found or found[-1][1] != segment["price"]:
            found.append((_day(segment["first"]), segment["price"]))
    return found


def rounding(program: RunningProgram, story: dict[str, Any]) -> Iterator[Compared]:
    """A whole month of each area at its price and coefficient."""
    month = Month(2025, 6)
    office = program.office(month.first - timedelta(days=2), {})
    charges = []
    for number, line in enumerate(story["inputs"]["lines"]):
        coefficient = str(line.get("coefficient", "1"))
        standard = _standard(office, f"S{number}", [(month.first, str(line["price"]))], coefficient)
        attached = _attach(office, standard, HOME, "h-1", str(line["area"]), month.first, month.last)
        charges.append({"standard": standard, "attachment": attached, "first": month.first, "last": month.last})
    lines = _bill(office, "h-1", charges, month.last + timedelta(days=30))
    yield "lines", [line["amount_fen"] for line in lines], story["expected"]["fen"]


def lines_of_prices(program: RunningProgram, story: dict[str, Any]) -> Iterator[Compared]:
    """A price that changes within a month."""
    for number, case in enumerate(story["inputs"]["cases"]):
        month = Month.parse(case["month"])
        office = program.office(month.first - timedelta(days=2), {})
        segments = sorted(case["segments"], key=lambda each: each["first"])
        first, last = _day(segments[0]["first"]), _day(segments[-1]["last"])
        standard = _standard(office, "S", _changes(segments))
        attached = _attach(office, standard, HOME, "h-1", case["area"], first, last)
        charge = {"standard": standard, "attachment": attached, "first": first, "last": last}
        lines = _bill(office, "h-1", [charge], month.last + timedelta(days=30))
        found = [{"days": line["days"], "of_days": line["of_days"], "fen": line["amount_fen"]} for line in lines]
        yield f"case {number + 1}", found, story["expected"]["lines"][number]


def owners(program: RunningProgram, story: dict[str, Any]) -> Iterator[Compared]:
    """A home that is sold within a month: each owner's days on a bill of his own."""
    for number, case in enumerate(story["inputs"]["cases"]):
        month = Month.parse(case["month"])
        office = program.office(month.first - timedelta(days=2), {})
        segments = sorted(case["segments"], key=lambda each: each["first"])
        standard = _standard(office, "S", _changes(segments))
        found = []
        lives = None
        for segment in segments:
            who, first, last = segment["who"], _day(segment["first"]), _day(segment["last"])
            if lives not in (None, who):
                office.until(first)
                office.say(CLERK, f"households/{office.households[lives]}/move-household-out")
            lives = who
            office.household(who, HOME)
            attached = _attach(office, standard, HOME, who, case["area"], first, last)
            charge = {"standard": standard, "attachment": attached, "first": first, "last": last}
            for line in _bill(office, who, [charge], month.last + timedelta(days=30)):
                days = {"days": line["days"], "of_days": line["of_days"]}
                found.append({"who": who, **days, "fen": line["amount_fen"]})
        yield f"case {number + 1}", found, story["expected"]["lines"][number]


def shared_cost(program: RunningProgram, story: dict[str, Any]) -> Iterator[Compared]:
    """A cost over homes by area."""
    office = program.office(date(2025, 3, 1), {})
    for number, case in enumerate(story["inputs"]["cases"]):
        areas = {home: Fraction(str(area)) for home, area in case["weights"].items()}
        unit = lcm(100, *(area.denominator for area in areas.values()))
        weights = [{"home": home, "weight": int(area * unit)} for home, area in areas.items()]
        body = {"item": "公共电费", "month": "2025-02-01", "cost_fen": case["cost_fen"], "weights": weights}
        made = office.say(CLERK, "shared-costs", **body)
        shares = office.get(f"shared-costs/{made}")["data"]["shares"]
        found = {share["home"]: share["amount_fen"] for share in shares}
        yield f"case {number + 1}", found, story["expected"]["shares"][number]
