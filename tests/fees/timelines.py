"""Stories of one household's account, told as events on a line of time: entered in any order, asked at any day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from tests.fees.played_office import CLERK, COMPANY, MANAGER, PlayedOffice, RunningProgram

__all__ = ["SETTINGS_SINCE", "Told", "day_of", "play_timeline", "terms"]

SETTINGS_SINCE = date(2000, 1, 1)
HOUSEHOLD = "h-1"


def day_of(text: Any) -> date:
    """A local date as the file writes it."""
    return date.fromisoformat(str(text))


def terms(given: dict[str, Any]) -> dict[str, list[tuple[date, str]]]:
    """An office's settings from a story's: rates with their dates, grace, cap, and whether due days move."""
    made: dict[str, list[tuple[date, str]]] = {}
    rates = given.get("rate_per_day")
    if rates is not None:
        made["late_fee.rate_per_day"] = [(day_of(each["from"]), str(each["rate"])) for each in rates]
    if given.get("grace_days") is not None:
        made["late_fee.grace_days"] = [(SETTINGS_SINCE, str(given["grace_days"]))]
    if given.get("cap") is not None:
        made["late_fee.cap"] = [(SETTINGS_SINCE, str(given["cap"]))]
    if given.get("move_due"):
        made["bills.due_on_holiday"] = [(SETTINGS_SINCE, "moves")]
    for name, word in (("calendar.off_days", "off"), ("calendar.worked_days", "worked")):
        if given.get(word):
            made[name] = [(SETTINGS_SINCE, " ".join(given[word]))]
    return made


def _day_said(event: dict[str, Any]) -> Any:
    """The day on which an event acts."""
    return event.get("issued") or event.get("value_date") or event.get("on") or event.get("effective")


def _taken_off(events: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Bill → what is billed above what the story says and taken off at once (fen): a bill is never raised above what it was.

    So a story's charge that comes to the same bill later acts on its own day, as what was taken off and comes back.
    """
    net: dict[str, int] = {}
    most: dict[str, int] = {}
    for event in sorted((each for each in events if each["type"] == "correction"), key=lambda each: each["effective"]):
        net[event["bill"]] = net.get(event["bill"], 0) + event["amount_fen"]
        most[event["bill"]] = max(most.get(event["bill"], 0), net[event["bill"]])
    return most


class Told:
    """A household's events as they were told to an office."""

    def __init__(self, office: PlayedOffice, household: str = HOUSEHOLD, events: Iterable[dict[str, Any]] = ()) -> None:
        self.office = office
        self.taken_off = _taken_off(events)
        self.household = household
        self.bills: dict[str, str] = {}
        self.payments: dict[str, str] = {}
        self.assessments: dict[str, str] = {}

    def tell(self, event: dict[str, Any]) -> None:
        """Enter one event: on its own day, or on the day on which it was entered."""
        day = day_of(_day_said(event))
        self.office.until(day_of(event["entered"]) if event.get("entered") else day)
        getattr(self, f"_{event['type']}")(event, day)

    def _bill(self, event: dict[str, Any], day: date) -> None:
        off = self.taken_off.get(event["bill"], 0)
        body = {"household": self.household, "item": "物业服务费", "amount_fen": event["principal_fen"] + off}
        self.bills[event["bill"]] = self.office.say(CLERK, "bills", back_on=day, due_on=event["due"], **body)
        if off:
            self._correction({"bill": event["bill"], "amount_fen": -off}, day)

    def _on_bill(self, event: dict[str, Any], role: Any, command: str, day: date | None, **body: Any) -> None:
        self.office.say(role, f"bills/{self.bills[event['bill']]}/{command}", back_on=day, **body)

    def _cost(self, event: dict[str, Any], day: date) -> None:
        self._on_bill(event, CLERK, "add-bill-charge", day, item="邮费", amount_fen=event["amount_fen"])

    def _assess(self, event: dict[str, Any], day: date) -> None:
        bill = self.bills[event["bill"]]
        more = {} if event.get("amount_fen") is None else {"amount_fen": event["amount_fen"]}
        self._on_bill(event, CLERK, "assess-late-fee", day, **more)
        version = max(f["version"] for f in self.office.facts(f"bills/{bill}") if f["name"] == "LateFeeAssessed")
        self.assessments[event["id"]] = f"{bill}#{version}"

    def _waiver(self, event: dict[str, Any], day: date) -> None:
        self._on_bill(event, MANAGER, "waive-late-fee", day, amount_fen=event["amount_fen"], reason="困难")

    def _correction(self, event: dict[str, Any], day: date) -> None:
        fen = event["amount_fen"]
        self._on_bill(
            event, MANAGER, "correct-bill", None, item="更正", amount_fen=fen, reason="有误", effective_on=day
        )

    def _write_off(self, event: dict[str, Any], day: date) -> None:
        self._on_bill(event, COMPANY, "write-off-bill", day, reason="无法收回")

    def _payment(self, event: dict[str, Any], day: date) -> None:
        named = [self.bills[name] for name in event.get("names", ())]
        body: dict[str, Any] = {"household": self.household, "amount_fen": event["amount_fen"], "method": "transfer"}
        if event.get("order"):
            body |= {"order": "-".join(event["order"]), "agreement": "约定"}
        payment = self.office.say(CLERK, "payments", value_date=day, bills=named, **body)
        self.payments[event.get("payment", event["id"])] = payment

    def _reversal(self, event: dict[str, Any], day: date) -> None:
        path = f"payments/{self.payments[event['payment']]}/reverse-receipt"
        self.office.say(MANAGER, path, back_on=day, reason="退票")

    def _refund(self, event: dict[str, Any], day: date) -> None:
        [account] = self.office.rows("accounts")
        path = f"accounts/{account['case_id']}"
        self.office.say(CLERK, f"{path}/request-refund", back_on=day, amount_fen=event["amount_fen"], reason="多缴")
        number = self.office.get(path)["data"]["refunds_asked"]
        self.office.say(MANAGER, f"{path}/pay-refund", back_on=day, number=number, method="transfer")

    def _hold(self, event: dict[str, Any], day: date) -> None:
        ground = event.get("ground", "dispute")
        more = {} if event.get("last") is None else {"until": event["last"]}
        self._on_bill(event, MANAGER, "hold-late-fee", None, since=day, ground=ground, reason="停计", **more)

    # -- asking -----------------------------------------------------------------------------------------------------

    def at(self, on: date) -> dict[str, Any]:
        """The account at the end of a day, with everything that is known, in the words of the file."""
        found = self.office.statement(self.household, on)
        names = {id: name for name, id in self.bills.items()}
        return {
            "prepayment_fen": found["prepaid_fen"],
            "bills": {names[bill["bill"]]: _figures(bill) for bill in found["bills"]},
        }

    def notice(self, event: str) -> dict[str, int]:
        """What a notice claimed, what it comes to by all facts, and the adjusting facts between."""
        bill, _, version = self.assessments[event].rpartition("#")
        facts = self.office.facts(f"bills/{bill}")
        noticed = next(f["data"]["amount_fen"] for f in facts if f["version"] == int(version))
        adjusting = [f["data"] for f in facts if f["name"] == "LateFeeAdjusted"]
        adjusted = sum(each["amount_fen"] for each in adjusting if each["assessment"] == int(version))
        found = self.office.statement(self.household)
        told = {each["source"]: each for bill in found["bills"] for each in bill["assessments"]}
        fresh = told[self.assessments[event]]["fresh_fen"]
        return {"notice_fen": noticed, "fresh_fen": fresh, "adjustment_fen": adjusted}


def _figures(bill: dict[str, Any]) -> dict[str, Any]:
    made = {
        "principal_fen": bill["principal_fen"],
        "accrued_fen": bill["late_fee"]["accrued_fen"],
        "assessed_fen": bill["assessed_fen"],
        "waived_fen": bill["waived_fen"],
        "paid_fen": bill["paid_fen"],
        "owed_fen": bill["owed_fen"],
    }
    if bill["written_off_fen"] is not None:
        made |= {"written_off_fen": bill["written_off_fen"], "recovered_fen": bill["recovered_fen"]}
    return made


def play_timeline(program: RunningProgram, story: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Play the events in every order of entry; yields what is compared: name, program's, expected."""
    given, expected = story["inputs"], story["expected"]
    events = {event["id"]: event for event in given["events"]}
    for order in given.get("entry_orders") or [list(events)]:
        told = Told(program.office(_since(given["events"]), terms(given["settings"])), events=given["events"])
        for id in order:
            told.tell(events[id])
        for on, right in expected.get("at", {}).items():
            told.office.until(min(day_of(on), told.office.today + timedelta(days=60)))
            yield f"{on} {' '.join(order)}", told.at(day_of(on)), right
        for id, right in expected.get("notices", {}).items():
            yield f"notice {id}", told.notice(id), right
    if expected.get("ladder"):
        yield from _ladder(program, story)


def _since(events: list[dict[str, Any]]) -> date:
    words = ("issued", "value_date", "on", "effective", "first")
    return min(day_of(event[word]) for event in events for word in words if event.get(word)) - timedelta(days=1)


def _ladder(program: RunningProgram, story: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """The same events with a first notice on the day that the file names; afterwards it still counts."""
    said = re.search(r"stage (\d), notice of (\d{4}-\d{2}-\d{2})", story["expected"]["ladder"])
    assert said is not None, "the ladder says its stage and the day of its notice"
    stage, noticed = int(said[1]), day_of(said[2])
    given = story["inputs"]
    told = Told(program.office(_since(given["events"]), terms(given["settings"])), events=given["events"])
    due = False
    for event in [*given["events"], None]:
        last = event is None
        day = date.max if last else day_of(event.get("entered") or _day_said(event))
        if not due and noticed <= day:
            due = True
            _first_notice(told, noticed)
        if not last:
            told.tell(event)
    cases = told.office.rows("debt-cases")
    facts = [fact["name"] for fact in told.office.facts(f"debt-cases/{cases[0]['case_id']}")]
    begun = facts.count("DebtCaseOpened") + facts.count("DebtCaseReopened") + facts.count("LadderBegunAnew")
    found = (len(cases), cases[0]["stage"], cases[0]["notice1_on"], begun, facts.count("DunningNoticeIssued"))
    yield "ladder", found, (1, stage, str(noticed), 1, 1)


def _first_notice(told: Told, day: date) -> None:
    """The program composes it: the late fee up to the day, with everything else that is unpaid."""
    told.office.until(day)
    [case] = told.office.rows("debt-cases")
    path = f"debt-cases/{case['case_id']}/issue-dunning-notice"
    told.office.say(CLERK, path, stage=1, means="mailbox", addressee="户主")
