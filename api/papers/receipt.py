"""The receipt 收款收据 (§7): number, household, what the money met bill by bill, in capitals; and the change of cash.

It says what the payment met when it was entered; money that later facts move is told by the statement. A receipt that was
taken back says so under its title.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.http.context import Reader
from api.papers.paper import Block, Column, Paper, chinese_day, note, pairs, table, total
from api.papers.words import month_word, paper_number
from api.routes.cases import fact_view
from api.routes.money import terms_of
from domain.fees.account import EntryPosted, account_id
from domain.fees.payment import REVERSED, HouseholdPayment
from domain.fees.terms import PaymentMethod
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotFound
from domain.kernel.money import capital, yuan
from domain.kernel.words import choice_names
from domain.residents.printed_paper import PaperKind

__all__ = ["receipt", "whose"]

_ROWS = (Column("账单", 4), Column("冲抵", 4), Column("依据", 4), Column("金额（元）", 3, "right"))
_NAME = "select case_id, home, name from wuye.r_households where office = %s and case_id = %s and to_number is null"


def receipt(reader: Reader, case_id: str, name: str) -> Paper:
    """The receipt of one payment. Raises :class:`~domain.kernel.errors.NotFound`."""
    payment, facts = reader.context.handler.history(reader.office, case_id)
    home, payer = _whose(reader, payment, fact_view(facts[0]))
    on, gone = local_date(facts[0].occurred_at), payment.state == REVERSED
    rows, posted = _met(reader, payment)
    by = reader.context.names.of([payment.taken_by]).get(payment.taken_by, payment.taken_by)

    def blocks() -> Iterator[Block]:
        if gone:
            yield note(f"本收据已于 {chinese_day(payment.reversed_on)} 冲正作废，款项不再计入。", small=False)
        method = choice_names(PaymentMethod(payment.method))[0]
        yield pairs(
            (
                ("房　号", home, "交款人", payer),
                (
                    "收款方式",
                    "　".join(each for each in (method, payment.reference or "") if each),
                    "到账日期",
                    chinese_day(payment.value_date),
                ),
            )
        )
        yield table(_ROWS, rows, foot=("合计", "", "", yuan(payment.amount_fen)))
        yield total("实收金额", capital(payment.amount_fen), f"¥{yuan(payment.amount_fen)}")
        if payment.tendered_fen is not None:
            yield pairs(
                (("收到现金", f"{yuan(payment.tendered_fen)} 元", "找　零", f"{yuan(payment.change_fen or 0)} 元"),)
            )
        yield {"block": "signs", "labels": [f"收款人（{by}）签章", "交款人签名", "收款单位（章）"]}
        yield note("本收据由台账生成，编号在本管理处内唯一；冲抵次序依付款人指定、约定，未指定的先到期先抵。")

    numbered = [fact.number for fact in facts]
    return Paper(
        kind=PaperKind.RECEIPT,
        number=payment.receipt or paper_number("SJ", on, case_id),
        office=name,
        title="收款收据",
        under="已冲正" if gone else chinese_day(payment.taken_on),
        day=payment.reversed_on if gone and payment.reversed_on else on,
        case_id=case_id,
        blocks=tuple(blocks()),
        facts=tuple(sorted({*numbered, *posted})),
    )


def whose(reader: Reader, household: str, what: str) -> tuple[str, str]:
    """The home and the name of a household, for whoever may read them; that he does is recorded (§9.2)."""
    with reader.context.within(reader.office) as connection:
        row = connection.execute(_NAME, [reader.office, household]).fetchone()
    if row is None:
        return "", ""
    person: dict[str, Any] = dict(zip(("case_id", "home", "name"), row, strict=True))
    reader.open([person], what)
    return str(person["home"] or ""), str(person["name"] or "")


def _whose(reader: Reader, payment: HouseholdPayment, taken: dict[str, Any]) -> tuple[str, str]:
    """The home, and who paid: as he was written, else the household's name."""
    written = {"case_id": payment.id, "payer": taken["data"].get("payer")}
    if not written["payer"]:
        return whose(reader, payment.household, "households")
    with reader.context.within(reader.office) as connection:
        row = connection.execute(_NAME, [reader.office, payment.household]).fetchone()
    reader.open([written], "payments")
    return str(row[1] or "") if row is not None else "", str(written["payer"])


def _met(reader: Reader, payment: HouseholdPayment) -> tuple[list[tuple[str, ...]], list[int]]:
    """What the money met when it was posted, part by part, with the rule that decided; the rest is prepaid."""
    if payment.state == REVERSED:
        return [("", "已冲正", "", yuan(payment.amount_fen))], []
    context, office = reader.context, reader.office
    try:
        _, facts = context.handler.history(office, account_id(office, payment.household))
    except NotFound:
        return [("", "预缴", "", yuan(payment.amount_fen))], []
    page = next(
        (
            fact.number
            for fact in facts
            if isinstance(fact.event, EntryPosted) and fact.event.entry.source == payment.id
        ),
        facts[-1].number,
    )
    account = context.handler.case(office, account_id(office, payment.household), until=page)
    terms = terms_of(context, office, page)
    made: list[tuple[str, ...]] = []
    left = payment.amount_fen
    for bill in account.reckoned(terms, payment.taken_on).bills.values():
        period = month_word(context.handler.case(office, bill.id, until=page).period)
        for move in bill.moves:
            if move.source != payment.id:
                continue
            parts = ((move.costs_fen, "追讨费用"), (move.penalty_fen, "滞纳金"), (move.principal_fen, "账单款"))
            rule = choice_names(move.rule)[0]
            made += [(f"{period}账单" if period else "账单", word, rule, yuan(fen)) for fen, word in parts if fen]
            left -= move.total_fen
    if left > 0:
        made.append(("", "预缴", "", yuan(left)))
    return made, [page]
