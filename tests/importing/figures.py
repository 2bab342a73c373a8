"""The figures of ``data/answers``, defined by columns of our registers. Nothing here looks into the facts but for the
other system's words, which only facts carry."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from domain.kernel.calendar import SHANGHAI

Row = Mapping[str, Any]
Figures = dict[str, Any]

STAGES = ("0 created", "1 fine sent", "2 notified", "3 penalty added", "4 credit collection")


def days(begun: datetime, ended: datetime) -> float:
    return (ended - begun).total_seconds() / 86_400


def month(row: Row) -> str:
    return str(row["opened_at"].astimezone(SHANGHAI).strftime("%Y-%m"))


def durations(rows: Sequence[Row]) -> Figures:
    """Registered, closed, and how long it took; ``opened_at`` to ``closed_at``."""
    taken = [days(row["opened_at"], row["closed_at"]) for row in rows if row["closed_at"] is not None]
    sound = sorted(each for each in taken if each >= 0)
    count = len(rows)
    return {
        "registered": count,
        "closed": len(taken),
        "share_closed": len(taken) / count,
        "negative_durations": len(taken) - len(sound),
        "median_days": median(sound) if sound else None,
        "mean_days": sum(sound) / len(sound) if sound else None,
        "p90_days": _percentile(sound, 0.9) if sound else None,
        **{f"share_within_{k}d": sum(each <= k for each in sound) / count for k in (1, 3, 7, 15, 30)},
    }


def _percentile(values: Sequence[float], share: float) -> float:
    at = (len(values) - 1) * share
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def by(rows: Iterable[Row], key: Callable[[Row], str | None]) -> dict[str, Figures]:
    """The durations of each group; rows of no group are left out."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if (found := key(row)) is not None:
            groups[found].append(row)
    return {name: durations(group) for name, group in groups.items()}


# -- complaints ------------------------------------------------------------------------------------------------------


def incidents(rows: Sequence[Row]) -> Figures:
    """ServiceNow, from the complaint record."""
    count = len(rows)
    stated = [row for row in rows if row["resolved_at"] is not None and row["resolved_stated"]]
    solved = [days(row["opened_at"], row["resolved_at"]) for row in stated]
    rest = [days(row["resolved_at"], row["closed_at"]) for row in stated]
    return {
        **durations(rows),
        "last_state_closed_share": sum(row["state"] == "archived" for row in rows) / count,
        "share_made_sla": sum(not row["ever_missed"] for row in rows) / count,
        "share_reopened": sum(row["reopened"] > 0 for row in rows) / count,
        "share_reassigned": sum(row["reassigned"] > 0 for row in rows) / count,
        "mean_reassignments": sum(row["reassigned"] for row in rows) / count,
        "resolved_missing": count - len(stated),
        "median_days_open_to_resolved": median(solved),
        "negative_open_to_resolved": sum(each < 0 for each in solved),
        "share_closed_within_3d_of_resolved": sum(each <= 3 for each in rest) / count,
        "median_days_resolved_to_closed": median(rest),
    }


def requests(rows: Sequence[Row]) -> Figures:
    """Boston 311, from the complaint record."""
    promised = [row for row in rows if row["promised_by"] is not None]
    kept = sum(row["closed_at"] is not None and row["closed_at"] <= row["promised_by"] for row in promised)
    return {
        **durations(rows),
        "status_closed": sum(row["state"] == "archived" for row in rows),
        "with_target": len(promised),
        "reported_ontime_share": sum(not row["ever_missed"] for row in rows) / len(rows),
        "closed_by_target_share_of_those_with_target": kept / len(promised),
    }


def transfers(rows: Sequence[Row]) -> Figures:
    """The 12345 hotline, from the complaint record: handed on how often, and by whom without a name."""
    count = len(rows)
    whole = durations(rows)
    return {
        "rows": count,
        "with_days": whole["closed"],
        "negative": whole["negative_durations"],
        "share_transferred": sum(row["reassigned"] > 0 for row in rows) / count,
        "mean_transfers": sum(row["reassigned"] for row in rows) / count,
        "anonymous_share": sum(row["complainant"] is None for row in rows) / count,
    }


def steps(rows: Sequence[Row]) -> Figures:
    """A log every row of which is a step, from the complaint record."""
    lengths = [row["steps"] for row in rows]
    return {
        "events": sum(lengths),
        "max_events_per_case": max(lengths),
        "median_events_per_case": median(lengths),
    }


# -- repairs ---------------------------------------------------------------------------------------------------------


def repairs(rows: Sequence[Row]) -> Figures:
    """Repair orders, from their register."""
    known = [row for row in rows if row["opening_known"]]
    surveyed = [days(row["opened_at"], row["surveyed_at"]) for row in known if row["surveyed_at"] is not None]
    informed = [
        days(row["completed_at"], row["informed_at"])
        for row in rows
        if row["completed_at"] is not None and row["informed_at"] is not None
    ]
    return {
        **durations(rows),
        "wrong_place": sum(row["declined"] for row in rows),
        **{
            name: sum(means in (row["means_used"] or "") for row in rows)
            for name, means in (
                ("immediate", "ImmediateRepair"),
                ("intern", "InternRepair"),
                ("extern", "ExternRepair"),
            )
        },
        "cases_with_2plus_repair_starts": sum(row["repair_starts"] >= 2 for row in rows),
        "cases_with_3plus_repair_starts": sum(row["repair_starts"] >= 3 for row in rows),
        "median_days_contact_to_survey": median(surveyed),
        "median_days_ready_to_client_informed": median(informed),
    }


# -- inspections -----------------------------------------------------------------------------------------------------


def marks(items: Iterable[Row]) -> dict[str, list[int]]:
    """The marks of each area, from the lines of the inspections."""
    found: dict[str, list[int]] = defaultdict(list)
    for item in items:
        if item["mark"] is not None:
            found[item["item"]].append(item["mark"])
    return found


def area(given: Sequence[int]) -> Figures:
    """One area's marks."""
    return {
        "n": len(given),
        "mean": sum(given) / len(given),
        "share_le_2": sum(mark <= 2 for mark in given) / len(given),
    }


def evaluations(reports: Sequence[Row], items: Sequence[Row]) -> Figures:
    """Evaluations of buildings, from the reports of inspections and their lines; each form has a line for each area."""
    count, areas = len(reports), marks(items)
    every = [mark for given in areas.values() for mark in given]
    cells = count * len(areas)
    scores = [row["score_hundredths"] for row in reports if row["score_hundredths"] is not None]
    return {
        "evaluations": count,
        "buildings": len({row["source_id"] for row in reports}),
        "mean_score": sum(scores) / len(scores) / 100,
        "score_missing": count - len(scores),
        "share_score_ge_98": sum(score >= 9_800 for score in scores) / count,
        "share_items_4_or_5": sum(mark >= 4 for mark in every) / cells,
        "share_items_le_2": sum(mark <= 2 for mark in every) / cells,
        "share_buildings_no_item_below_3": sum((row["lowest_mark"] or 0) >= 3 for row in reports) / count,
        "by_result": dict(Counter(row["stated_result"] for row in reports if row["stated_result"] is not None)),
        "rows_marked_error": sum("ERROR" in row["home"] for row in reports),
    }


# -- fines -----------------------------------------------------------------------------------------------------------


def fines(bills: Sequence[Row], debts: Mapping[str, Row]) -> Figures:
    """Traffic fines, from the bills and the arrears cases (by source id)."""
    count = len(bills)
    of = [(bill, debts.get(bill["source_id"], {})) for bill in bills]

    def gap(begun: str, ended: str) -> list[int]:
        both = ({**debt, **bill} for bill, debt in of)
        return [(row[ended] - row[begun]).days for row in both if row.get(begun) and row.get(ended)]

    to_penalty = gap("delivered_on", "late_fee_on")
    collected = [bill for bill, debt in of if debt.get("legal_on")]
    penalised = sum(bill["late_fee_no"] is not None for bill in bills)
    paid_first = sum(bill["paid_before_late_fee"] for bill in bills)
    paying = sum(bill["payments"] > 0 for bill in bills)
    return {
        "cases": count,
        "share_with_payment": paying / count,
        "share_paid_before_penalty": paid_first / count,
        "share_first_payment_after_penalty": (paying - paid_first) / count,
        "share_penalty": penalised / count,
        "share_credit_collection": len(collected) / count,
        "share_credit_collection_of_penalised": len(collected) / penalised,
        "credit_collection_without_penalty": sum(bill["late_fee_no"] is None for bill in collected),
        "payment_after_credit_collection": sum(
            bool(debt.get("legal_on") and bill["first_paid_on"] and bill["first_paid_on"] > debt["legal_on"])
            for bill, debt in of
        ),
        "cases_fully_paid": sum(bill["outstanding_fen"] <= 0 for bill in bills),
        "credit_collection_but_fully_paid": sum(bill["outstanding_fen"] <= 0 for bill in collected),
        "never_paid_no_collection_no_appeal": sum(
            not (bill["payments"] or debt.get("legal_on") or debt.get("disputes")) for bill, debt in of
        ),
        "share_appeal_any": sum(bool(debt.get("disputes")) for _, debt in of) / count,
        "median_days_create_to_send": median(gap("issued_on", "notice1_on")),
        "median_days_send_to_notification": median(gap("notice1_on", "delivered_on")),
        "min_max_days_notification_to_penalty": [min(to_penalty), max(to_penalty)],
        "median_days_penalty_to_collection": median(gap("late_fee_on", "legal_on")),
        "median_days_create_to_first_payment": median(gap("issued_on", "first_paid_on")),
        "sum_original_fines": sum(bill["original_fen"] for bill in bills) / 100,
        "sum_expenses": sum(bill["charges_fen"] for bill in bills) / 100,
        "sum_owed_final": sum(bill["owed_fen"] for bill in bills) / 100,
        "sum_paid": sum(bill["paid_fen"] for bill in bills) / 100,
        "sum_outstanding_positive": sum(max(bill["outstanding_fen"], 0) for bill in bills) / 100,
    }


def stage(bill: Row, debt: Row) -> str:
    """The highest stage that a fine reached."""
    reached = (debt.get("notice1_on"), debt.get("delivered_on"), bill["late_fee_no"], debt.get("legal_on"))
    return STAGES[max((number for number, each in enumerate(reached, 1) if each is not None), default=0)]


def years(bills: Sequence[Row], debts: Mapping[str, Row]) -> dict[str, Figures]:
    """The fines of each year of issue."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for bill in bills:
        groups[str(bill["issued_on"].year)].append(bill)
    return {
        year: {
            "cases": len(group),
            "paid_before_penalty": sum(bill["paid_before_late_fee"] for bill in group) / len(group),
            "penalty": sum(bill["late_fee_no"] is not None for bill in group) / len(group),
            "credit_collection": sum(bool(debts.get(b["source_id"], {}).get("legal_on")) for b in group) / len(group),
            "outstanding": sum(max(bill["outstanding_fen"], 0) for bill in group) / 100,
        }
        for year, group in groups.items()
    }


# -- the other system's words ----------------------------------------------------------------------------------------


def paths(words: Iterable[Sequence[str]], joint: str, *, repeats: bool) -> Counter[str]:
    """How often each sequence of words occurs."""
    found: Counter[str] = Counter()
    for sequence in words:
        kept = [word for i, word in enumerate(sequence) if repeats or i == 0 or sequence[i - 1] != word]
        found[joint.join(kept)] += 1
    return found


# -- against the answers ---------------------------------------------------------------------------------------------


def differences(answers: Path, name: str, ours: Figures, *, but: Sequence[str] = ()) -> list[str]:
    """Every figure of an answer that is not ours; ``but`` are looked at elsewhere."""
    wanted = json.loads((answers / f"{name}.json").read_text())
    missing = [key for key in wanted if key not in ours and key not in but]
    return [f"{name} {key}: no figure" for key in missing] + [
        f"{name} {key}: {ours[key]} not {wanted[key]}"
        for key in wanted
        if key in ours and not same(ours[key], wanted[key])
    ]


def table_differences(answers: Path, name: str, ours: Mapping[str, Figures], *, whole: bool = True) -> list[str]:
    """Every cell of an answer's table that is not ours."""
    with (answers / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    head, found = rows[0], []
    for cells in rows[1:]:
        mine = ours.get(cells[0])
        if mine is None:
            found.append(f"{name} {cells[0]}: no such group")
            continue
        for column, cell in zip(head[1:], cells[1:], strict=True):
            if not same(mine[column], float(cell) if cell else None):
                found.append(f"{name} {cells[0]} {column}: {mine[column]} not {cell}")
    if whole:
        found += [f"{name} {group}: not in the answer" for group in set(ours) - {cells[0] for cells in rows[1:]}]
    return found


def same(ours: Any, theirs: Any) -> bool:
    """Equal, but for the six decimals to which answers are rounded."""
    if isinstance(ours, float) and isinstance(theirs, int | float):
        return abs(ours - theirs) < 6e-7
    return bool(ours == theirs)
