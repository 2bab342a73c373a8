"""The claim 请求金额 and its limitation 诉讼时效 in a court file: at the agreed rate and at the reference rate, to the day (§8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from api.papers.court_money import of_bill
from api.papers.court_sources import Sources
from api.papers.paper import Block, Column, note, table
from api.papers.words import bill_word, percent, spans_of
from domain.arrears.debt_case import events
from domain.fees.reckoning import KeptBill
from domain.fees.terms import FeeTerms
from domain.kernel.calendar import local_date
from domain.kernel.late_fee import in_force
from domain.kernel.money import yuan
from domain.kernel.words import choice_names

__all__ = ["claim_blocks", "claimed", "limitation_blocks"]

_CLAIM = (
    Column("账单", 4),
    Column("缴费期限", 3),
    Column("本金", 3, "right"),
    Column("追讨费用", 3, "right"),
    Column("违约金（约定）", 4, "right"),
    Column("违约金（参照）", 4, "right"),
    Column("合计（约定）", 3, "right"),
    Column("合计（参照）", 3, "right"),
)
_INTERRUPTS = (
    events.NoticeDelivered,
    events.HomeVisited,
    events.InterruptionRecorded,
    events.LegalActionStarted,
    events.LegalActionEnded,
)
_STEPS = (Column("账单", 3), Column("利率", 2), Column("违约金逐段计算", 13))
_LIMITATION = (Column("账单", 3), Column("缴费期限", 3), Column("中断事由与日期", 9), Column("届满日", 3))


def claimed(sources: Sources) -> tuple[int, int, int]:
    """Principal with costs, late fee at the agreed rate and at the reference rate, of all bills (fen)."""
    found = [_claim(sources, each) for each in _open(sources)]
    return tuple(sum(each[part] for each in found) for part in range(3))  # type: ignore[return-value]


def claim_blocks(sources: Sources) -> Iterator[Block]:
    """Bill by bill, then how each late fee comes about, at either rate."""
    rows, facts, steps, stands = [], [], [], []
    issued = {bill.id: (bill, fact) for bill, fact in sources.bills}
    for kept in _open(sources):
        bill, fact = issued[kept.id]
        word, (_, agreed, reference) = bill_word(bill.period), _claim(sources, kept)
        owed, costs = kept.owed["principal"], kept.owed["costs"]
        amounts = (owed, costs, agreed, reference, owed + costs + agreed, owed + costs + reference)
        rows.append((word, str(kept.due_on), *(yuan(fen) for fen in amounts)))
        facts.append(of_bill(sources, kept.id, fact))
        for title, terms in (("约定", sources.agreed), ("参照", sources.reference)):
            for each in _steps(sources, kept, terms):
                steps.append((word, title, each))
                stands.append(facts[-1])
    principal, agreed, reference = claimed(sources)
    only = sum(kept.owed["principal"] for kept in _open(sources))
    foot = (only, principal - only, agreed, reference, principal + agreed, principal + reference)
    yield table(_CLAIM, rows, foot=("合计", "", *(yuan(fen) for fen in foot)), facts=facts, small=True)
    on = sources.on
    yearly = in_force(sources.settings.timeline("late_fee.reference_rate_per_year"), on)
    yield note(
        f"约定利率：日率 {percent(in_force(sources.agreed.rates, on))}，最高为本金的"
        f" {percent(in_force(sources.agreed.caps, on))}，按单利逐日计（民法典585）。",
        f"参照利率：年率 {percent(yearly)}（一年期贷款市场报价利率，按 365 日折算，逐日计，不设上限）；"
        "供法院认定损失及酌减违约金时参照（合同编通则解释65）。",
        "违约金已扣除已减免和已缴部分；异议核对期间和准予分期期间不计。",
    )
    if steps:
        yield table(_STEPS, steps, facts=stands, small=True)
    else:
        yield note("没有违约金。")


def _open(sources: Sources) -> list[KeptBill]:
    mine = {bill.id for bill, _ in sources.bills}
    found = [kept for kept in sources.kept.bills.values() if kept.id in mine and _claim(sources, kept) != (0, 0, 0)]
    return sorted(found, key=lambda kept: (kept.due_on, kept.id))


def _claim(sources: Sources, kept: KeptBill) -> tuple[int, int, int]:
    """Principal with costs, and the late fee at either rate, less what was waived and paid; nothing of what was given up."""
    if kept.written_off is not None:
        return 0, 0, 0
    gone = kept.waived + kept.met()["penalty"]
    owed = kept.owed["principal"] + kept.owed["costs"]
    agreed, reference = (
        max(kept.fee(terms, sources.on).fen - gone, 0) for terms in (sources.agreed, sources.reference)
    )
    return owed, agreed, reference


def _steps(sources: Sources, kept: KeptBill, terms: FeeTerms) -> Iterator[str]:
    fee = kept.fee(terms, sources.on)
    yield from spans_of(fee)
    gone = kept.waived + kept.met()["penalty"]
    if fee.spans:
        yield f"累计 {yuan(fee.fen)}{f'，减去已减免和已缴 {yuan(gone)}' if gone else ''}，计 {yuan(max(fee.fen - gone, 0))}"


def limitation_blocks(sources: Sources) -> Iterator[Block]:
    """When each claim lapses, and what let it begin anew (民法典188, 195)."""
    rows, facts = [], []
    for bill, fact in sources.bills:
        claim = sources.debt.claims.get(bill.id)
        if claim is None:
            continue
        several = sorted((*claim.interruptions, *claim.payments), key=lambda each: each.day)
        said = "、".join(f"{each.day} {choice_names(each.kind)[0]}" for each in several) or "没有中断"
        lapsed = "（已届满）" if claim.lapsed else ""
        rows.append((bill_word(bill.period), str(bill.due_on or ""), said, f"{claim.lapses_on}{lapsed}"))
        facts.append([fact.number, *_interrupting(sources, bill.id, {each.day for each in several})])
    yield table(_LIMITATION, rows, facts=facts)
    yield note("时效三年，自缴费期限届满次日起算；催告到达、部分清偿、同意履行、起诉均使其重新起算（民法典188、195）。")


def _interrupting(sources: Sources, bill: str, days: set[date]) -> list[int]:
    """The facts of the arrears case and of the account that let the claim begin anew on these days."""
    found = {
        fact.number
        for fact in sources.facts
        if isinstance(fact.event, _INTERRUPTS)
        and {local_date(fact.occurred_at), getattr(fact.event, "on", None)} & days
    }
    kept = sources.kept.bills.get(bill)
    paid = {move.source for move in kept.moves if move.day in days} if kept is not None else set()
    return sorted(found | {sources.posted[source] for source in paid if source in sources.posted})
