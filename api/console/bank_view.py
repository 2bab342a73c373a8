"""A bank line on its page 流水所见 (§7): what the bank says, whose it may be with the grounds in words, or what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from api.console.formatting import day, money
from domain.fees.matching import Ground, Proposal
from domain.kernel.words import choice_names

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["lines_view", "sums_of", "tail_of"]

_SUMS: Final = """
select state, count(*), coalesce(sum(amount_fen) filter (where amount_fen > 0), 0),
       coalesce(-sum(amount_fen) filter (where amount_fen < 0), 0)
  from wuye.r_bank_lines where office = %s and statement = %s and to_number is null group by state
"""
_WHOSE: Final = """
select case_id, home from wuye.r_households where office = %s and case_id = any(%s) and to_number is null
"""
_RECEIPT: Final = (
    "select case_id, receipt from wuye.r_payments where office = %s and case_id = any(%s) and to_number is null"
)
_OTHERS: Final = 3
"""Households that are offered beside the likeliest."""
_TAIL: Final = 4


def tail_of(page: Page, account: str) -> str:
    """An account as people tell it from others: by its end."""
    return page.t(f"尾号 {account[-_TAIL:]}", f"account …{account[-_TAIL:]}")


def sums_of(page: Page, statement: str) -> dict[str, dict[str, int]]:
    """State → how many lines, what came in and went out by them, in fen; and of all."""
    none = {"count": 0, "in": 0, "out": 0}
    sums = {state: dict(none) for state in ("open", "booked", "left-out", "all")}
    with page.connect() as connection:
        rows = connection.execute(_SUMS, [page.office, statement]).fetchall()
    for state, count, came, went in rows:
        for of in (state, "all"):
            sums[of]["count"] += count
            sums[of]["in"] += int(came)
            sums[of]["out"] += int(went)
    return sums


def lines_view(
    page: Page, rows: Sequence[dict[str, Any]], proposals: Mapping[str, Sequence[Proposal]]
) -> list[dict[str, Any]]:
    """The lines: what the bank says of each, and its proposals or its end."""
    households = [row["household"] for row in rows if row["household"]]
    payments = [row["payment"] for row in rows if row["payment"]]
    with page.connect() as connection:
        homes = dict(connection.execute(_WHOSE, [page.office, households]).fetchall())
        receipts = dict(connection.execute(_RECEIPT, [page.office, payments]).fetchall())
    return [_line(page, row, proposals.get(row["case_id"], ())) | _end(page, row, homes, receipts) for row in rows]


def _line(page: Page, row: dict[str, Any], proposals: Sequence[Proposal]) -> dict[str, Any]:
    candidates = [_candidate(page, each) for each in proposals[: _OTHERS + 1]]
    return {
        "id": row["case_id"],
        "href": page.at("case", row["case_id"]),
        "version": row["version"],
        "state": row["state"],
        "day": day(row["booked_on"], page.lang, page.now),
        "amount": money(row["amount_fen"]),
        "is_out": row["amount_fen"] < 0,
        "payer": row["payer"] or "",
        "account": row["payer_account"] or "",
        "narration": row["narration"] or "",
        "reference": row["reference"] or "",
        "best": candidates[0] if candidates else None,
        "others": candidates[1:],
        "is_sure": bool(proposals) and proposals[0].sure and proposals[0].payment is None,
    }


def _candidate(page: Page, proposal: Proposal) -> dict[str, Any]:
    return {
        "household": proposal.household,
        "href": page.at("statement", proposal.household),
        "home": proposal.home,
        "codes": [each.value for each in proposal.grounds],
        "grounds": [
            {"text": page.t(*choice_names(each)), "warns": each in (Ground.REFERENCE, Ground.SAME_MONEY)}
            for each in proposal.grounds
        ],
        "sure": proposal.sure,
        "payment": proposal.payment,
        "receipt": page.at("receipt", proposal.payment) if proposal.payment else "",
    }


def _end(
    page: Page, row: dict[str, Any], homes: Mapping[str, str], receipts: Mapping[str, str | None]
) -> dict[str, Any]:
    """What became of a line that is dealt with."""
    if row["state"] == "open":
        return {"linked": False}
    return {
        "home": homes.get(row["household"], ""),
        "statement": page.at("statement", row["household"]) if row["household"] else "",
        "receipt": receipts.get(row["payment"]) or "",
        "receipt_href": page.at("receipt", row["payment"]) if row["payment"] else "",
        "linked": row["linked"],
        "reason": row["reason"] or "",
        "by": page.kit.people.name(row["dealt_with_by"], page.lang) if row["dealt_with_by"] else "",
        "on": day(row["dealt_with_on"], page.lang, page.now) if row["dealt_with_on"] else "",
    }
