"""The dunning notice 催款通知单 (§8.A), first and second: what the notice claimed when it was issued, frozen with the fact.

Every bill stands by itself with what is left of it and how its late fee comes about, day by day; this month's fee stands
beside; the receipt below the line proves the arrival that the limitation rests on (民法典195).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from api.http.context import Reader
from api.papers.paper import Block, Column, Paper, chinese_day, note, pairs, rule_off, table, total
from api.papers.words import bill_word, how_to_pay, paper_number, spans_of
from api.routes.cases import fact_view
from api.routes.money import settings_of, terms_of
from domain.arrears.debt_case.case import DebtCase
from domain.arrears.debt_case.events import DunningNoticeIssued, SecondNoticeIssued
from domain.arrears.shared_events import Notice
from domain.arrears.terms import Signer
from domain.fees.account import account_id
from domain.fees.reckoning import Account
from domain.fees.terms import FeeTerms
from domain.kernel.calendar import local_date
from domain.kernel.errors import NotFound
from domain.kernel.fact import Fact
from domain.kernel.money import capital, yuan
from domain.kernel.words import choice_names
from domain.residents.printed_paper import PaperKind

__all__ = ["dunning_notice", "dunning_notices", "notices_of", "stage_and_day"]

_LETTERS = "CK"
_CLAIMS = (
    Column("账单", 4),
    Column("缴费期限", 4),
    Column("欠缴本金", 3, "right"),
    Column("滞纳金", 3, "right"),
    Column("追讨费用", 3, "right"),
    Column("小计（元）", 3, "right"),
)
_CURRENT = (Column("本月费用", 6), Column("缴费期限", 4), Column("金额（元）", 3, "right"))


def notices_of(facts: Any, stage: int) -> list[Fact]:
    """The notices of this stage that went out, in order: a ladder that begins anew has another."""
    of = DunningNoticeIssued if stage == 1 else SecondNoticeIssued
    return [fact for fact in facts if isinstance(fact.event, of)]


def stage_and_day(number: str) -> tuple[int, date]:
    """Which notice of which day a paper's number names."""
    letters, day, _ = number.split("-")
    return int(letters.removeprefix(_LETTERS)), date.fromisoformat(day)


def dunning_notice(reader: Reader, case_id: str, stage: int, name: str) -> Paper:
    """The last notice of a stage of one debt case. Raises NotFound when none went out."""
    return dunning_notices(reader, [(case_id, stage)], name)[0]


def dunning_notices(
    reader: Reader, wanted: Sequence[tuple[str, int]], name: str, day: date | None = None
) -> list[Paper]:
    """The notices of these cases and stages, the last of each or that of a day; who is addressed is read once, on record.

    Raises NotFound where none went out.
    """
    found = [(case_id, stage, *_went_out(reader, case_id, stage, day)) for case_id, stage in wanted]
    told: list[dict[str, Any]] = [
        {"case_id": case_id, "addressee": fact_view(fact)["data"].get("addressee")} for case_id, _, _, fact in found
    ]
    reader.open(told, "debt-cases/notice")
    return [
        _paper(reader, debt, stage, fact, each["addressee"], name)
        for (_, stage, debt, fact), each in zip(found, told, strict=True)
    ]


def _went_out(reader: Reader, case_id: str, stage: int, day: date | None) -> tuple[DebtCase, Fact]:
    debt, facts = reader.context.handler.history(reader.office, case_id)
    went_out = [fact for fact in notices_of(facts, stage) if day in (None, local_date(fact.occurred_at))]
    if not went_out:
        raise NotFound("notice-unknown", "8.A", zh="尚未发出这次催款通知", en="this notice has not gone out")
    return debt, went_out[-1]


def _paper(reader: Reader, debt: DebtCase, stage: int, fact: Fact, addressee: str | None, name: str) -> Paper:
    said = fact.event
    assert isinstance(said, Notice)
    on = local_date(fact.occurred_at)
    spans = _spans_by_bill(reader, debt, said, fact.number)
    pay_to = settings_of(reader.context, reader.office, fact.number).at(on).text("notices.pay_to")

    def blocks() -> Iterator[Block]:
        yield pairs(
            (
                ("致", _whose(reader, debt, said, addressee), "通知日期", chinese_day(on)),
                ("送达方式", choice_names(said.means)[0] if said.means else "", "滞纳金计至", _until(said)),
            )
        )
        yield note(_opening(stage, said), small=False)
        yield table(
            _CLAIMS,
            [
                (
                    bill_word(claim.period),
                    chinese_day(claim.due_on),
                    yuan(claim.principal_fen),
                    yuan(claim.late_fee_fen),
                    yuan(claim.charges_fen),
                    yuan(claim.total_fen),
                )
                for claim in said.claims
            ],
            foot=(
                "合计",
                "",
                *(
                    yuan(sum(getattr(claim, part) for claim in said.claims))
                    for part in ("principal_fen", "late_fee_fen", "charges_fen", "total_fen")
                ),
            ),
        )
        if spans:
            yield note("滞纳金的计算（逐日，按未缴本金）：", *spans)
        if said.current:
            yield table(
                _CURRENT,
                [
                    (
                        each.item or ("本月账单" if each.bill else "本月费用"),
                        chinese_day(each.due_on),
                        yuan(each.amount_fen),
                    )
                    for each in said.current
                ],
                foot=("合计", "", yuan(said.current_fen)),
            )
        owed = said.total_fen
        if owed is None:
            owed = sum(claim.total_fen for claim in said.claims) + (said.current_fen or 0)
        yield total("应缴总额", capital(owed), f"¥{yuan(owed)}")
        yield note(*_closing(stage, said, pay_to))
        yield rule_off("送达回执（管理处存）")
        yield from _receipt(reader, debt, said, fact, owed)

    return Paper(
        kind=PaperKind.FIRST_DUNNING_NOTICE if stage == 1 else PaperKind.SECOND_DUNNING_NOTICE,
        number=paper_number(f"{_LETTERS}{stage}", on, debt.id),
        office=name,
        title="催款通知单",
        under="（第一次）" if stage == 1 else "（第二次）",
        day=on,
        case_id=debt.id,
        blocks=tuple(blocks()),
        facts=(fact.number,),
    )


def _whose(reader: Reader, debt: DebtCase, said: Notice, addressee: str | None) -> str:
    """The home as the first bill bears it, and to whom the notice is addressed there."""
    home = _home(reader, debt, said)
    return "　".join(each for each in (home, addressee or "户主") if each)


def _home(reader: Reader, debt: DebtCase, said: Notice) -> str:
    for bill in (*(claim.bill for claim in said.claims), *debt.bills):
        home = reader.context.handler.case(reader.office, bill).home
        if home:
            return str(home)
    return ""


def _until(said: Notice) -> str:
    return f"{chinese_day(said.late_fee_until)}（含当日）" if said.late_fee_until is not None else "见原系统"


def _opening(stage: int, said: Notice) -> str:
    if stage == 1:
        return "经核对，贵户下列账单已过缴费期限仍未缴清。请于收到本通知后尽快缴纳；已缴的请出示凭证，我们当即核对。"
    named = "、".join(bill_word(claim.period) for claim in said.claims)
    return f"我处已就贵户欠费发出第一次催款通知，{named}至今仍未缴清。现第二次通知如下，管理员将上门与您当面核对。"


def _closing(stage: int, said: Notice, pay_to: str) -> Iterator[str]:
    if said.in_transit_fen:
        yield f"已知在途款项 {yuan(said.in_transit_fen)} 元，到账后自应缴总额中扣除。"
    yield how_to_pay(pay_to, "本通知")
    yield "滞纳金计至上列日期；此后至缴清之日仍按未缴本金逐日计算，不计复利。账单有争议的，请向管理处提出，争议部分核对期间不催收。"
    yield "确有困难的，可向管理处申请减免滞纳金或分期缴纳。"
    if stage == 2:
        yield "逾期仍不缴纳又不提出异议的，我处将依物业服务合同停止可选的便民、特约服务，或依法起诉、申请仲裁；供水、供电、供气、供热和通行不受影响。"


def _receipt(reader: Reader, debt: DebtCase, said: Notice, fact: Fact, owed: int) -> Iterator[Block]:
    yield pairs(
        (
            (
                "房　号",
                _home(reader, debt, said),
                "通知编号",
                f"{local_date(fact.occurred_at):%Y-%m-%d}　{debt.id[-8:].upper()}",
            ),
            ("应缴总额", f"¥{yuan(owed)}", "滞纳金计至", _until(said)),
        )
    )
    signers = [choice_names(each)[0] for each in Signer]
    yield {"block": "boxes", "label": "签收人身份", "options": signers, "chosen": ""}
    yield {"block": "signs", "labels": ["签收人", "签收时间", "送达人"]}


def _spans_by_bill(reader: Reader, debt: DebtCase, said: Notice, page: int) -> list[str]:
    """How each late fee comes about, as the account stood on the page of the notice; nothing where another system reckoned."""
    if debt.household is None or said.late_fee_until is None:
        return []
    context, office = reader.context, reader.office
    try:
        account = context.handler.case(office, account_id(office, debt.household), until=page)
    except NotFound:
        return []
    terms: FeeTerms = terms_of(context, office, page)
    kept: Account = account.reckoned(terms, said.late_fee_until)
    made = []
    for claim in said.claims:
        bill = kept.bills.get(claim.bill)
        if bill is None:
            continue
        fee, word = bill.fee(terms, said.late_fee_until), bill_word(claim.period)
        made += [f"{word}　{each}" for each in spans_of(fee)]
        met = fee.fen - claim.late_fee_fen
        if met:
            made.append(f"{word}　累计 {yuan(fee.fen)}，已缴或已减免 {yuan(met)}，尚欠 {yuan(claim.late_fee_fen)}")
    return made
