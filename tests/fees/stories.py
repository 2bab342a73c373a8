"""The kinds of money stories: each plays its inputs over HTTP and yields what is compared (name, program's, expected)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from typing import Any

from tests.fees.lines import lines_of_prices, owners, rounding, shared_cost
from tests.fees.meters import metered
from tests.fees.played_office import CLERK, MANAGER, PlayedOffice, RunningProgram
from tests.fees.timelines import HOUSEHOLD, SETTINGS_SINCE, Told, day_of, play_timeline, terms

__all__ = ["KINDS", "Compared", "Story"]

Compared = tuple[str, Any, Any]
Story = Callable[[RunningProgram, dict[str, Any]], Iterator[Compared]]
PARTS = ("costs", "penalty", "principal")


# -- late fee --------------------------------------------------------------------------------------------------------


def late_fee(program: RunningProgram, story: dict[str, Any]) -> Iterator[Compared]:
    """One bill a case: what is charged and paid on which days, what holds it, and the fee by the end of a day.

    Cases under the same terms are households of one office, whose clock goes through all their days once.
    """
    alike: dict[str, list[int]] = {}
    cases = [{**story["inputs"], **case} for case in story["inputs"]["cases"]]
    for number, given in enumerate(cases):
        alike.setdefault(str(terms(given)), []).append(number)
    fees: dict[int, int] = {}
    for numbers in alike.values():
        since = min(day_of(move["day"]) for number in numbers for move in cases[number]["movements"])
        office = program.office(since - timedelta(days=1), terms(cases[numbers[0]]))
        told = {number: Told(office, f"h-{number}", _corrections(cases[number])) for number in numbers}
        steps = [step for number in numbers for step in _steps_of(told[number], cases[number])]
        for _, step in sorted(steps, key=lambda each: each[0]):
            step()
        for number in numbers:
            path = f"bills/{told[number].bills['A']}/late-fee"
            fees[number] = office.get(path, on=day_of(cases[number]["until"]))["accrued_fen"]
    for number, right in enumerate(story["expected"]["late_fee_fen"]):
        yield f"case {number + 1}", fees[number], right


def _moves(given: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """A case's movements by day, and the place of its bill: what is charged first."""
    moves = sorted(given["movements"], key=lambda move: str(move["day"]))
    return moves, next((place for place, move in enumerate(moves) if "charged" in move), 0)


def _corrections(given: dict[str, Any]) -> list[dict[str, Any]]:
    """What is charged after the bill, as the corrections that it becomes."""
    moves, billed = _moves(given)
    later = (move for move in moves[billed + 1 :] if move.get("charged"))
    return [
        {"type": "correction", "bill": "A", "effective": str(move["day"]), "amount_fen": move["charged"]}
        for move in later
    ]


def _steps_of(told: Told, given: dict[str, Any]) -> Iterator[tuple[date, Callable[[], None]]]:
    """What is entered for a case, each with its day: the bill is what is charged first, other charges correct it."""
    moves, billed = _moves(given)
    for place, move in enumerate(moves):
        day, charged, paid = day_of(move["day"]), move.get("charged", 0), move.get("paid", 0)
        if place == billed:
            bill = {"type": "bill", "id": "b", "bill": "A", "issued": day, "due": given["due"]}
            yield day, partial(told.tell, bill | {"principal_fen": charged})
        elif charged:
            yield day, partial(told.tell, {"type": "correction", "bill": "A", "effective": day, "amount_fen": charged})
        if paid:
            payment = {"type": "payment", "id": f"p{place}", "value_date": day, "amount_fen": paid}
            yield day, partial(told.tell, payment | {"names": ["A"] if place >= billed else []})
    lasting: list[str] = []
    for hold in sorted(given.get("holds", ()), key=lambda hold: str(hold["first"])):
        free = [ground for ground in ("dispute", "hardship") if ground not in lasting]
        if not free:
            break  # it stands still for ever on both grounds
        if hold["last"] is None:
            lasting.append(free[0])
        event = {"type": "hold", "bill": "A", "on": hold["first"], "last": hold["last"], "ground": free[0]}
        yield day_of(hold["first"]), partial(told.tell, event)


# -- allocation ------------------------------------------------------------------------------------------------------


def allocation(program: RunningProgram, story: dict[str, Any]) -> Iterator[Compared]:
    """Debts with costs, an assessed penalty and principal; a payment; where each fen of it went."""
    for number, case in enumerate(story["inputs"]["cases"]):
        debts = case.get("debts") or story["inputs"]["debts"]
        told = _indebted(program, debts)
        payment = {"type": "payment", "id": "p", "value_date": told.office.today, "amount_fen": case["payment_fen"]}
        told.tell(payment | {"names": case.get("names", ()), "order": case.get("order")})
        found = told.office.statement(HOUSEHOLD)
        names = {id: name for name, id in told.bills.items()}
        shares = {
            names[bill["bill"]]: move
            for bill in found["bills"]
            for move in bill["moves"]
            if move["source"] == told.payments["p"]
        }
        named = list(case.get("names", ()))
        ranked = sorted(shares, key=lambda bill: _rank(bill, named, debts))
        allocations = [
            [id, part, shares[id][f"{part}_fen"]]
            for id in ranked
            for part in case.get("order", PARTS)
            if shares[id][f"{part}_fen"]
        ]
        right = story["expected"]["cases"][number]
        yield f"case {number + 1}", {"allocations": allocations, "prepayment_fen": found["prepaid_fen"]}, right


def _rank(bill: str, named: list[str], debts: dict[str, dict[str, Any]]) -> tuple[int, str, str]:
    """Named ones in the payer's order, then what fell due first, then the smaller id."""
    return (named.index(bill) if bill in named else len(named), debts[bill]["due"], bill)


def _indebted(program: RunningProgram, debts: dict[str, dict[str, Any]]) -> Told:
    """A household that owes exactly this: time passes until each penalty has accrued, and so much of it is assessed.

    A penalty beyond the cap of what is left is one of a bill that was larger: the rest of its principal is paid already.
    """
    dues = [day_of(debt["due"]) for debt in debts.values()]
    rate, cap = Fraction(1, 1000), Fraction(3, 10)
    billed = {id: max(debt["principal"], -(-debt["penalty"] // cap)) for id, debt in debts.items()}
    told = Told(program.office(min(dues) - timedelta(days=40), {"late_fee.rate_per_day": [(SETTINGS_SINCE, "0.001")]}))
    issued = min(dues) - timedelta(days=30)
    until = issued
    for id, debt in sorted(debts.items()):
        bill = {"type": "bill", "id": id, "bill": id, "issued": issued, "due": debt["due"]}
        told.tell(bill | {"principal_fen": billed[id]})
        if debt["costs"]:
            told.tell({"type": "cost", "bill": id, "on": issued, "amount_fen": debt["costs"]})
        if debt["penalty"]:
            days = -(-debt["penalty"] // (rate * billed[id]))
            until = max(until, day_of(debt["due"]) + timedelta(days=int(days)))
    told.office.until(until)
    for id, debt in sorted(debts.items()):
        if debt["penalty"]:
            told.tell({"type": "assess", "id": f"a-{id}", "bill": id, "on": until, "amount_fen": debt["penalty"]})
        if billed[id] > debt["principal"]:
            paid = {"type": "payment", "id": f"was-{id}", "value_date": until, "names": [id]}
            paid["amount_fen"] = billed[id] - debt["principal"]
            told.tell(paid | {"order": ["principal", "penalty", "costs"]})
    return told


# -- a contract that ended before it was billed ----------------------------------------------------------------------


def contract_ended(program: RunningProgram, story: dict[str, Any]) -> Iterator[Compared]:
    """A month of a contract is billed in full; that it had ended is entered later; the next bill is issued."""
    given, right = story["inputs"], story["expected"]
    first = day_of(f"{given['month']}-01")
    last = day_of(given["contract_last"])
    begins = day_of(given["contract_first"])
    if begins < first <= last:  # the months before are of no matter: it may as well begin with this one
        begins = first
    office = program.office(min(begins, first) - timedelta(days=2), {})
    code, price = "TS-1", given["billed_fen"]
    item = {"code": code, "name": "代管花木", "standard": "每周一次", "kind": "special", "unit": "month"}
    service = office.say(MANAGER, "service-items", price_fen=price, valid_from=begins, **item)
    ends = date(first.year + 1, first.month, 28)
    contract = office.say(
        CLERK,
        "service-contracts",
        service_item=service,
        household=HOUSEHOLD,
        starts_on=begins,
        ends_on=ends,
        signature="签",
    )
    following = (first + timedelta(days=32)).replace(day=1)
    office.until(following)
    [charge] = [row for row in office.rows("service-charges") if row["month"] == str(first)]
    line = {"item": "代管花木", "amount_fen": charge["amount_fen"], "charge": f"{contract}/{first:%Y-%m}"}
    due = following + timedelta(days=30)
    body = {"household": HOUSEHOLD, "due_on": due}
    bill = office.say(CLERK, "bills", lines=[line], period=f"{first:%Y-%m}", **body)
    if given["paid_on_it_fen"]:
        paid = {"household": HOUSEHOLD, "amount_fen": given["paid_on_it_fen"], "method": "cash"}
        office.say(CLERK, "payments", **paid)
    office.until(following + timedelta(days=19))
    office.say(CLERK, f"service-contracts/{contract}/end-service-contract", back_on=last, reason="搬迁")
    office.until(following + timedelta(days=29))
    rest = {"household": HOUSEHOLD, "due_on": due + timedelta(days=30), "item": "物业服务费"}
    office.say(CLERK, "bills", period=f"{following:%Y-%m}", amount_fen=given["next_bill_other_lines_fen"], **rest)
    found = office.statement(HOUSEHOLD)
    mine = next(each for each in found["bills"] if each["bill"] == bill)
    corrected = [f["data"]["amount_fen"] for f in office.facts(f"bills/{bill}") if f["name"] == "BillCorrected"]
    yield (
        "contract",
        {
            "right_line_fen": mine["principal_fen"],
            "correction_fen": sum(corrected),
            "owed_with_next_bill_fen": found["owed_fen"],
            "credit_left_fen": found["prepaid_fen"],
        },
        right,
    )


# -- limitation ------------------------------------------------------------------------------------------------------


def limitation(program: RunningProgram, story: dict[str, Any]) -> Iterator[Compared]:
    """Bills that stay unpaid, each of a household of its own; what interrupts their limitation, in the file's order."""
    cases = story["inputs"]["cases"]
    dues = [day_of(case["due"]) for case in cases]
    office = program.office(min(dues) - timedelta(days=20), {})
    told = [Told(office, f"h-{number}") for number in range(len(cases))]
    steps: list[tuple[date, Callable[[], None]]] = []
    for mine, due, case in zip(told, dues, cases, strict=True):
        bill = {"type": "bill", "id": "A", "bill": "A", "issued": due - timedelta(days=15), "due": due}
        steps.append((due - timedelta(days=15), partial(mine.tell, bill | {"principal_fen": 100_000})))
        entered = due + timedelta(days=1)
        for place, each in enumerate(case["interruptions"]):
            entered = max(entered, day_of(each.get("ended") or each["on"]))
            steps.append((entered, partial(_interrupt, mine, each, place)))
    for day, step in sorted(steps, key=lambda each: each[0]):
        office.until(day)
        step()
    office.until(max(dues) + timedelta(days=1))
    for number, mine in enumerate(told):
        [row] = office.rows("debt-bills", household=office.household(mine.household))
        reminders = [row[name] for name in ("year_before", "quarter_before", "month_before")]
        found = {"lapses_on": row["lapses_on"], "reminders": reminders}
        yield f"case {number + 1}", found, story["expected"]["cases"][number]


def _interrupt(told: Told, each: dict[str, Any], place: int) -> None:
    on = day_of(each["on"])
    if each["kind"] == "part-payment":
        told.tell({"type": "payment", "id": f"p{place}", "value_date": on, "amount_fen": 100})
        return
    body = {"kind": each["kind"], "on": on, "evidence": "回执", "proven": each.get("proven", True)}
    if each.get("ended"):
        body["ended_on"] = each["ended"]
    [debt] = told.office.rows("debt-cases", household=told.office.household(told.household))
    told.office.say(CLERK, f"debt-cases/{debt['case_id']}/record-interruption", **body)


# -- collection rate -------------------------------------------------------------------------------------------------


def collection_rate(program: RunningProgram, story: dict[str, Any]) -> Iterator[Compared]:
    """Bills of several households, their principal paid on several days, and late fees paid beside."""
    given = story["inputs"]
    days = [day_of(bill["due"]) for bill in given["bills"]]
    days += [day_of(paid["day"]) for bill in given["bills"] for paid in bill.get("principal_paid", ())]
    since = min(days) - timedelta(days=400)
    office = program.office(since, {})
    steps: list[tuple[date, Callable[[], Any]]] = []
    for bill in given["bills"]:
        issued = max(min(days) - timedelta(days=30), day_of(bill["due"]) - timedelta(days=170))
        _bill_and_payments(office, bill, issued, steps)
    for day, step in sorted(steps, key=lambda each: each[0]):
        office.until(day)
        step()
    for ask, right in zip(given["asks"], story["expected"]["rates"], strict=True):
        asked = {name: ask[name] for name in ("period", "due_from", "due_to") if name in ask}
        office.until(day_of(ask["as_of"]))
        found = office.get("collection", on=ask["as_of"], **asked)
        yield str(ask), {name: found[name] for name in right}, right


def _bill_and_payments(
    office: PlayedOffice, bill: dict[str, Any], issued: date, steps: list[tuple[date, Callable[[], Any]]]
) -> None:
    household, made = bill["household"], {}

    def issue(name: str, principal: int, due: date, period: str | None) -> None:
        body = {"household": household, "due_on": due, "item": "物业服务费"} | ({"period": period} if period else {})
        made[name] = office.say(CLERK, "bills", amount_fen=principal, **body)

    def pay(name: str, fen: int) -> None:
        body = {"household": household, "amount_fen": fen, "method": "transfer", "bills": [made[name]]}
        office.say(CLERK, "payments", **body)

    def assess(name: str, fen: int) -> None:
        office.say(CLERK, f"bills/{made[name]}/assess-late-fee", amount_fen=fen)

    due = day_of(bill["due"])
    steps.append((issued, lambda: issue("bill", bill["principal_fen"], due, bill["period"])))
    steps += [(day_of(p["day"]), lambda p=p: pay("bill", p["fen"])) for p in bill.get("principal_paid", ())]
    for place, paid in enumerate(bill.get("late_fee_paid", ())):
        # In so few days no lawful rate makes such a fee: it is that of an older bill, which nobody asks for here.
        name, day = f"older-{place}", day_of(paid["day"])
        old = day - timedelta(days=200 + place)
        begun = old - timedelta(days=20)
        steps.append((begun, lambda name=name, old=old, p=paid: issue(name, 20 * p["fen"], old, None)))
        steps.append((day, lambda name=name, p=paid: (assess(name, p["fen"]), pay(name, p["fen"]))))


KINDS: dict[str, Story] = {
    "line-rounding": rounding,
    "price-change-in-month": lines_of_prices,
    "owner-change-in-month": owners,
    "contract-ended-after-billing": contract_ended,
    "shared-cost": shared_cost,
    "metered": metered,
    "late-fee-due-day": late_fee,
    "late-fee-rate-up-and-down": late_fee,
    "late-fee-holds-and-grace": late_fee,
    "late-fee-cap": late_fee,
    "due-on-non-working-day": late_fee,
    "back-dated-payment": play_timeline,
    "waived-fee-that-was-paid": play_timeline,
    "reversal-resumes": play_timeline,
    "tenfold-bill-corrected": play_timeline,
    "allocation-due-first": allocation,
    "allocation-named-and-same-day": allocation,
    "prepayment-over-two-bills": play_timeline,
    "recovery-after-write-off": play_timeline,
    "limitation": limitation,
    "collection-rate": collection_rate,
}
