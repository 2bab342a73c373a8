"""The payment notice 缴费通知单 (§7.2c): one bill as it was issued, with what was owed before it and how each fen comes about.

It rests on the page of the book on which the bill was issued, and on what the book said of the household's account
there: printed again years later it says the same. It bears the home and no name, since it lies in a mailbox (§9.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from api.http.context import ApiContext
from api.papers.paper import Block, Column, Paper, chinese_day, note, pairs, table, total
from api.papers.words import bill_word, days_of, how_of, how_to_pay, month_word, paper_number, percent
from api.routes.money import settings_of
from domain.fees.account import HouseholdAccount, account_id
from domain.fees.bill.case import Bill
from domain.fees.bill.events import BillIssued, BillLine
from domain.fees.bill.lifecycle import LIFECYCLE as BILL
from domain.fees.reckoning import Account
from domain.fees.terms import FeeTerms
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotFound
from domain.kernel.late_fee import in_force
from domain.kernel.money import capital, yuan
from domain.residents.printed_paper import PaperKind

__all__ = ["bill_notice"]

_LINES = (
    Column("序", align="center"),
    Column("收费项目", 4),
    Column("计费期间", 5),
    Column("计算（数量 × 单价 × 系数 × 天数）", 8),
    Column("金额（元）", align="right"),
)
_BEFORE = (
    Column("账单", 4),
    Column("缴费期限", 4),
    Column("本金（元）", 3, "right"),
    Column("追讨费用（元）", 3, "right"),
    Column("已核定滞纳金（元）", 4, "right"),
    Column("欠缴（元）", 3, "right"),
)


def bill_notice(context: ApiContext, office: str, case_id: str, name: str) -> Paper:
    """The notice of one bill; ``name`` is the office's. Raises :class:`~domain.kernel.errors.NotFound`."""
    _, facts = context.handler.history(office, case_id)
    issued = facts[0]
    if not isinstance(issued.event, BillIssued):
        raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")
    bill = BILL.fold(facts[:1])
    assert bill is not None
    on, settings = local_date(issued.occurred_at), settings_of(context, office, issued.number)
    terms, pay_to = FeeTerms.of(settings), settings.at(on).text("notices.pay_to")
    account, pages = _account(context, office, bill.household, issued.number)
    kept = account.reckoned(terms, on) if account is not None else Account()
    before = {each: left for each, left in kept.bills.items() if each != bill.id and any(left.owed.values())}
    owed_before = sum(sum(left.owed.values()) for left in before.values())
    prepaid = kept.prepaid
    asked = max(bill.original_fen + owed_before - prepaid, 0)
    periods = {each: context.handler.case(office, each, until=issued.number).period for each in before}

    def blocks() -> Iterator[Block]:
        yield pairs(
            (
                ("房　号", bill.home or "", "账单期间", month_word(bill.period)),
                ("出账日期", chinese_day(on), "缴费期限", chinese_day(bill.due_on)),
            )
        )
        yield table(
            _LINES,
            [_line(number, line) for number, line in enumerate(bill.lines, 1)],
            foot=("", "本期合计", "", "", yuan(bill.original_fen)),
        )
        if before:
            yield note("本期以前欠缴", small=False)
            rows = [
                (
                    bill_word(periods[each]),
                    chinese_day(left.due_on),
                    *(yuan(left.owed[part]) for part in ("principal", "costs", "penalty")),
                    yuan(sum(left.owed.values())),
                )
                for each, left in sorted(before.items(), key=lambda pair: (pair[1].due_on, pair[0]))
            ]
            yield table(_BEFORE, rows, foot=("合计", "", "", "", "", yuan(owed_before)))
        yield _summary(bill.original_fen, owed_before, prepaid)
        yield total("应缴金额", capital(asked), f"¥{yuan(asked)}")
        yield note(*_said(terms, pay_to, on, kept, bill), small=True)

    return Paper(
        kind=PaperKind.BILL_NOTICE,
        number=paper_number("JF", on, case_id),
        office=name,
        title="缴费通知单",
        under=month_word(bill.period),
        day=on,
        case_id=case_id,
        blocks=tuple(blocks()),
        facts=tuple(sorted({issued.number, *pages})),
    )


def _account(
    context: ApiContext, office: str, household: str | None, until: int
) -> tuple[HouseholdAccount | None, list[int]]:
    """The household's account as it stood on this page, and the page of its last entry."""
    if household is None:
        return None, []
    try:
        account, facts = context.handler.history(office, account_id(office, household), until=until)
    except NotFound:
        return None, []
    return account, [facts[-1].number]


def _line(number: int, line: BillLine) -> tuple[str, ...]:
    return (str(number), line.item, days_of(line.first, line.last), how_of(line), yuan(line.amount_fen))


def _summary(billed: int, before: int, prepaid: int) -> Block:
    rows: list[tuple[str, ...]] = [("本期合计", f"{yuan(billed)} 元", "以前欠缴", f"{yuan(before)} 元")]
    if prepaid:
        rows.append(("预缴余额", f"{yuan(prepaid)} 元，到期前先行抵充"))
    return pairs(rows)


def _said(terms: FeeTerms, pay_to: str, on: date, kept: Account, bill: Bill) -> Iterator[str]:
    yield "每行金额只取整一次，四舍五入；计费期间首尾两日均计入。"
    fresh = sum(
        max(left.fee(terms, on).fen - sum(left.assessed.values()), 0)
        for left in kept.bills.values()
        if left.id != bill.id and any(left.owed.values())
    )
    if fresh:
        yield f"以前欠缴截至出账日另生滞纳金 {yuan(fresh)} 元，尚未核定，不计入上列应缴金额。"
    rate, grace = in_force(terms.rates, on), in_force(terms.graces, bill.due_on or on)
    from_ = f"缴费期限届满{f'并宽限 {grace} 日' if grace else ''}次日起"
    yield (
        f"逾期未缴的，自{from_}按未缴本金逐日计收滞纳金，日率 {percent(rate)}，"
        f"最高不超过本金的 {percent(in_force(terms.caps, on))}。"
    )
    yield how_to_pay(pay_to, "本单")
    yield "对本单有异议的，请在缴费期限前向管理处提出；有争议的部分核对期间，其余部分请按期缴纳。"
