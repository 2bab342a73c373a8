"""A figure's numbers 读数的各数: the rows of one office or of many, counted in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg

from domain.kernel.spelling import canonical
from projections.engine.standard_rows import MET, MISSED, NOT_DUE, Rows

if TYPE_CHECKING:
    from projections.engine.standard import Standard

__all__ = ["Counted", "as_one", "counted"]


@dataclass(slots=True)
class Counted:
    """What an office's rows come to: rows, or sums in the standard's unit; ``excluded`` in the order of the reasons."""

    met: int = 0
    counted: int = 0
    not_due: int = 0
    imported: int = 0
    """Of the counted rows those of another system's history."""
    excluded: list[int] = field(default_factory=list)
    groups: list[tuple[str, tuple[int, int]]] = field(default_factory=list)
    """Met and counted rows by group, each spelling by itself."""


def counted(
    connection: psycopg.Connection[Any],
    standard: Standard,
    rows: Rows,
    arguments: Mapping[str, Any],
    offices: Sequence[str],
) -> dict[str, Counted]:
    """The numbers of each office; an office without rows has none of them."""
    judged = {
        "bucket_": rows.bucket,
        "imported_": rows.imported,
        "group_": f"({standard.group})::text" if standard.group is not None else "null",
    }
    sums = [f"count(*) filter (where bucket_ = {bucket})" for bucket in (MET, MISSED, NOT_DUE)]
    sums += [f"count(*) filter (where imported_ and bucket_ in ({MET}, {MISSED}))"]
    sums += [f"count(*) filter (where bucket_ > 0 and bucket_ & {1 << n} > 0)" for n in range(len(rows.excluded))]
    if standard.amount is not None:
        judged |= {"part_": standard.amount[0], "whole_": standard.amount[1]}
        sums += [f"sum({amount}) filter (where bucket_ in ({MET}, {MISSED}))" for amount in ("part_", "whole_")]
    keys = ["group_"]
    if len(offices) > 1:
        keys.append("office_")
        judged["office_"] = "office"
    columns = ", ".join(f"{sql} as {name}" for name, sql in judged.items())
    # The fence has each row judged once. By few keys, since the planner takes each for hundreds of groups and would sort all
    # rows. In one statement: between two of them a row could move from one source to the other.
    found = connection.execute(
        " union all ".join(
            f"select {', '.join(keys + sums)} from (select {columns} from {source} where {rows.where} offset 0) r"
            f" group by {', '.join(keys)}"
            for source in rows.sources
        ),
        arguments,
    )
    made = {office: Counted(excluded=[0] * len(rows.excluded)) for office in offices}
    for group, *more in found:
        its = made[more.pop(0) if len(offices) > 1 else offices[0]]
        _add(its, group, [int(value or 0) for value in more], sums=standard.amount is not None)
    return made


def _add(its: Counted, group: str | None, numbers: list[int], *, sums: bool) -> None:
    """Add the rows of one group."""
    met, missed, not_due, imported, *excluded = numbers
    if sums:
        *excluded, part, whole = excluded
        its.met, its.counted = its.met + part, its.counted + whole
    else:
        its.met, its.counted = its.met + met, its.counted + met + missed
    its.not_due += not_due
    its.imported += imported
    its.excluded = [sum(pair) for pair in zip(its.excluded, excluded, strict=True)]
    if group is not None:
        its.groups.append((group, (met, met + missed)))


def as_one(groups: Iterable[tuple[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    """The groups of a figure, each once however it was typed, and shown as it is typed most often."""
    spelt: dict[str, dict[str, tuple[int, int]]] = {}
    for name, counts in groups:
        spellings = spelt.setdefault(canonical(name), {})
        met, whole = spellings.get(name, (0, 0))
        spellings[name] = (met + counts[0], whole + counts[1])
    return dict(
        sorted(
            (
                max(spellings, key=lambda name: (spellings[name][1], name)),
                (sum(met for met, _ in spellings.values()), sum(whole for _, whole in spellings.values())),
            )
            for spellings in spelt.values()
        )
    )
