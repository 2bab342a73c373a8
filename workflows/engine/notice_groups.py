"""Notice groups 归并通知: what says the same to the same person is told together while nobody has read it or tried to send it.

Each notice keeps its own row: its case, its instant, who read it. One of them, the first, bears the others: it is what is
sent, under its id, and what lists show, with how many there are and which. Nothing joins what somebody has read or what is
on its way: whoever joins holds the bearer and its deliveries until the join is written, and whoever sends looks which they are
only after he has taken the delivery, so that each notice is in exactly one message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import psycopg

__all__ = ["MOST_TOLD", "Gathered", "gathered", "joined", "told_together"]

MOST_TOLD: Final = 500
"""As many are named in one message; it says how many there are besides."""
_ALIKE: Final = ("case_kind", "task", "stage", "role", "person")

_BEARER: Final = """
select n.id from wuye.notices n
 where n.office = %(office)s and n.case_kind = %(case_kind)s and n.task = %(task)s and n.stage = %(stage)s
   and n.role = %(role)s and n.person is not distinct from %(person)s and n.gathered_in is null and n.read_at is null
 order by coalesce(n.latest_at, n.made_at) desc, n.id limit 1 for update
"""
_TRIED: Final = "select attempts > 0 from wuye.deliveries where notice = %(id)s for update"
_REACHES: Final = """
select not exists (
  select from wuye.subscriptions s
    join wuye.offices o on o.office = s.office and o.clock is null
   where s.office = %(office)s and s.ended_at is null and (s.role is null or s.role = %(role)s)
     and (s.person is null or s.person = %(person)s)
     and not exists (select from wuye.deliveries d where d.notice = %(id)s and d.subscription = s.id))
"""
_JOIN: Final = """
update wuye.notices set latest_at = greatest(coalesce(latest_at, made_at), %(made_at)s) where id = %(id)s
"""
_OF: Final = """
select o.bearer, n.id, n.case_id, n.due_at, n.count
  from unnest(%(ids)s::uuid[]) o(bearer)
 cross join lateral (select id, case_id, due_at, count(*) over () as count from wuye.notices
                      where id = o.bearer or gathered_in = o.bearer order by due_at, case_id, id limit %(most)s) n
"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The notices of one message: how many there are, and the first of them by what they are about."""

    count: int
    of: tuple[tuple[UUID, str, datetime], ...]
    """Id, case and due instant."""


def told_together(notices: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """New notices by what they say and to whom, each group in the order of its due instants."""
    in_order = sorted(notices, key=lambda each: (_alike(each), each["due_at"], each["case_id"]))
    return [list(group) for _, group in groupby(in_order, key=_alike)]


def joined(connection: psycopg.Connection[Any], notice: Mapping[str, Any]) -> UUID | None:
    """The notice under which this one and its like are told, held until they are written; None where they begin anew.

    One that was read, of which a sending was tried, or that does not go to everybody who has to be told is borne no more.
    """
    row = connection.execute(_BEARER, notice).fetchone()
    if row is None:
        return None
    values = {**notice, "id": row[0]}
    if any(tried for (tried,) in connection.execute(_TRIED, values)):
        return None
    reaches = connection.execute(_REACHES, values).fetchone()
    if reaches is None or not reaches[0]:
        return None
    connection.execute(_JOIN, values)
    bearer: UUID = row[0]
    return bearer


def gathered(connection: psycopg.Connection[Any], bearers: list[UUID]) -> dict[UUID, Gathered]:
    """What each of these notices bears, itself included."""
    found: dict[UUID, list[Any]] = {}
    for bearer, id_, case_id, due_at, count in connection.execute(_OF, {"ids": bearers, "most": MOST_TOLD}):
        found.setdefault(bearer, [count]).append((id_, case_id, due_at))
    return {bearer: Gathered(rows[0], tuple(rows[1:])) for bearer, rows in found.items()}


def _alike(notice: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(notice[name] or "" for name in _ALIKE)
