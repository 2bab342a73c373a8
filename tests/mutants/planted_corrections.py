"""Planted bugs in what a month's run sets right of earlier ones, and charges that they missed (§7.2)."""

from __future__ import annotations

from tests.mutants.planting import Bug

_GATHERED, _CORRECTED = "workflows/engine/gather_corrections.py", ("tests/workflows/test_bill_corrections.py",)
_RUN, _CORRECTING = "domain/fees/bill_run/commands", "domain/fees/correcting.py"
_CORRECTS, _SERVICES = ("tests/domain/fees/test_correcting.py",), ("tests/workflows/test_service_fees.py",)

CORRECTIONS = (
    Bug(
        "a vacancy that is declared afterwards is not noticed",
        _GATHERED,
        "r_fee_attachments where {STANDS} and {of_these()} and from_number > %(since)s\nunion",
        "r_fee_attachments where {STANDS} and {of_these()} and from_number < %(since)s\nunion",
        _CORRECTED,
    ),
    Bug(
        "what a bill could not bear is forgotten",
        _GATHERED,
        "(left_out is not null or bill is null or corrected_fen is not null)",
        "(left_out is not null or bill is null)",
        _CORRECTED,
    ),
    Bug(
        "who was left out of a run is never charged for its month",
        _GATHERED,
        "[month for month in months if",
        "[month for month in months[:0] if",
        _CORRECTED,
    ),
    Bug(
        "a month whose bill was voided is charged again",
        _GATHERED,
        "    if not (by_run if gone else by_hand):\n",
        "    if gone or not by_hand:\n",
        _CORRECTED,
    ),
    Bug(
        "a month that was billed by hand is charged again",
        _GATHERED,
        "by_hand = bill.corrected_by_hand or (bill.period is not None and not by_run)",
        "by_hand = bill.corrected_by_hand",
        _CORRECTED,
    ),
    Bug(
        "what a bill corrects of others is forgotten once it is corrected by hand",
        _GATHERED,
        "        if bill.state != VOID and bill.set_aside is None:\n",
        "        if bill.state != VOID and bill.set_aside is None and not bill.corrections:\n",
        _CORRECTED,
    ),
    Bug(
        "who has left and is owed something is shown to nobody",
        "workflows/engine/gather_bills.py",
        "for household, listed in changed.items() if listed)})",
        "for household, listed in changed.items() if not household)})",
        _CORRECTED,
    ),
    Bug(
        "who is owed something is shown once",
        _GATHERED,
        "left_out is not null or anomaly = '{Anomaly.OWED}' from",
        "left_out is not null from",
        _CORRECTED,
    ),
    Bug(
        "a month is charged as missed though it was billed",
        _CORRECTING,
        "if (standard.id, month) not in charged:",
        "if charged is not None:",
        _CORRECTS,
    ),
    Bug(
        "what was corrected by hand is corrected again",
        _CORRECTING,
        " and not any(each.by_hand for each in by_run)",
        "",
        _CORRECTS,
    ),
    Bug(
        "a charge that was corrected by hand is corrected again",
        _CORRECTING,
        "right is None or seen_to",
        "right is None",
        _CORRECTS,
    ),
    Bug(
        "what the program corrects of a bill keeps it from being set right",
        "domain/fees/bill/case.py",
        "bill.corrected_by_hand |= fact.role is not Role.POLICY",
        "bill.corrected_by_hand |= bool(fact.role)",
        _SERVICES,
    ),
    Bug(
        "a contract's month goes back twice",
        _GATHERED,
        "(of_contract and bool(bill.corrections))",
        "(of_contract and bill.corrected_by_hand)",
        _SERVICES,
    ),
    Bug(
        "a service that was a mistake stays billed",
        _GATHERED,
        " where (select true from wuye.claims c where c.office = %(office)s and c.claim = orders.claim limit 1)",
        " where false",
        _SERVICES,
    ),
    Bug(
        "a contract that was a mistake stays billed",
        _GATHERED,
        "to_number is null and set_aside is not null and {of_these()}",
        "to_number is null and set_aside is null and {of_these()}",
        _SERVICES,
    ),
    Bug(
        "a service that was cancelled after all stays billed",
        _CORRECTING,
        "    if order.state == SERVICE_CANCELLED:\n        return 0\n",
        "",
        _SERVICES,
    ),
    Bug(
        "a service whose acceptance is taken back is credited at once",
        _CORRECTING,
        "return order.amount_fen if order.charge_month is not None else None",
        "return order.amount_fen if order.charge_month is not None else 0",
        _SERVICES,
    ),
    Bug(
        "nobody is told what a bill could not bear",
        f"{_RUN}/compiling.py",
        "uncredited_fen=uncredited or None",
        "uncredited_fen=None",
        _CORRECTED,
    ),
    Bug(
        "a bill of one fen lets a month off in silence",
        f"{_RUN}/compiling.py",
        "unbilled_fen=spared or None",
        "unbilled_fen=None",
        _CORRECTED,
    ),
    Bug(
        "what was billed too much of one standard hides another",
        _CORRECTING,
        "short += max(charged_by_now(standard, household, month) - sum(each.line.amount_fen for each in lines), 0)",
        "short += charged_by_now(standard, household, month) - sum(each.line.amount_fen for each in lines)",
        _CORRECTS,
    ),
    Bug(
        "what a bill by hand charges by the standards is held to be not billed",
        _GATHERED,
        "(period <= %(period)s or period is null)",
        "(period < %(period)s or period is null)",
        _CORRECTED,
    ),
    Bug(
        "the bill by hand of the month itself is not looked at",
        "workflows/engine/gather_bills.py",
        "if each in changed or (each, case.period) in bills]",
        "if each in changed]",
        _CORRECTED,
    ),
    Bug(
        "who is let off a month before is not shown",
        _GATHERED,
        "for day in (*months, Month.parse(period).first) if",
        "for day in (Month.parse(period).first,) if",
        _CORRECTED,
    ),
)
