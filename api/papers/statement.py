"""The statement 对账单 (§7): what a household owes at the end of a day, bill by bill with the why of each fen, and every entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from api.account_entries import Ledger, Posted, ledger_of
from api.http.context import Reader
from api.papers.paper import PAGE, Block, Column, Paper, chinese_day, heading, note, pairs, table, total
from api.papers.receipt import whose
from api.papers.words import bill_word, how_of, month_word, paper_number, spans_of
from api.routes.money import terms_of
from domain.fees.account import HouseholdAccount, account_id
from domain.fees.bill.case import Bill
from domain.fees.reckoning import Account, KeptBill
from domain.fees.terms import EntryKind, FeeTerms
from domain.kernel.errors import NotFound
from domain.kernel.fact import Fact
from domain.kernel.money import capital, yuan
from domain.kernel.words import choice_names
from domain.residents.printed_paper import PaperKind

__all__ = ["statement"]

_SUMS = (
    Column("账单", 4),
    Column("缴费期限", 4),
    Column("账单款", 3, "right"),
    Column("追讨费用", 3, "right"),
    Column("滞纳金", 3, "right"),
    Column("减免", 3, "right"),
    Column("已缴", 3, "right"),
    Column("尚欠", 3, "right"),
)
_WHY = (Column("每一分的由来", 12), Column("金额（元）", 2, "right"), PAGE)
_ENTRIES = (
    Column("日期", 3),
    Column("摘要", 7),
    Column("应收", 3, "right"),
    Column("实收", 3, "right"),
    Column("结余", 3, "right"),
)
_RECEIPTS = "select case_id, receipt from wuye.r_payments where office = %s and household = %s and to_number is null"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a bill: the bill, its first fact, and what the account says of it."""

    bill: Bill
    issued: Fact
    kept: KeptBill


def statement(reader: Reader, household: str, on: date, since: date, name: str) -> Paper:
    """The statement of a household at the end of a day. Raises :class:`~domain.kernel.errors.NotFound`."""
    context, office = reader.context, reader.office
    context.handler.case(office, household)
    terms = terms_of(context, office)
    account, facts = _account(reader, household)
    kept = account.reckoned(terms, on) if account is not None else Account()
    home, person = whose(reader, household, "households")
    seen = sorted(
        (
            _seen(reader, each)
            for each in kept.bills.values()
            if each.issued_on <= on and (any(each.owed.values()) or each.due_on >= since)
        ),
        key=lambda each: (each.kept.due_on, each.bill.id),
    )
    owed = sum(sum(each.kept.owed.values()) for each in seen)
    ledger = ledger_of(account, kept, terms, since, on)
    with context.within(office) as connection:
        receipts = dict(connection.execute(_RECEIPTS, [office, household]).fetchall())
    periods = {each.id: context.handler.case(office, each.id).period for each in kept.bills.values()}

    def blocks() -> Iterator[Block]:
        yield pairs(
            (
                ("房　号", home, "户　名", person),
                ("截　至", f"{chinese_day(on)}（含当日）", "账目自", chinese_day(since)),
            )
        )
        yield table(_SUMS, [_sums(each) for each in seen], foot=_foot(seen))
        yield total("尚欠合计", capital(owed), f"¥{yuan(owed)}")
        if kept.prepaid:
            yield note(f"另有预缴余额 {yuan(kept.prepaid)} 元，下次账单到期前先行抵充。", small=False)
        fresh = sum(_fresh(each.kept, terms, on) for each in seen)
        if fresh:
            yield note(f"截至上列日期另生滞纳金 {yuan(fresh)} 元，尚未核定，不在尚欠合计之内。", small=False)
        yield heading("逐张账单", level=2)
        for each in seen:
            yield table(_WHY, _why(each, terms, on, receipts), small=True)
        yield heading("往来明细", level=2)
        yield _entries(ledger, periods, receipts)
        yield {"block": "signs", "labels": ["制单", "住户确认", "日期"]}
        yield note("结余为负的是预缴。各笔按发生之日计，补记的也在其发生之日。对账有疑问的，请向管理处提出。")

    pages = {each.issued.number for each in seen} | {fact.number for fact in facts[-1:]}
    return Paper(
        kind=PaperKind.STATEMENT,
        number=paper_number("DZ", on, household),
        office=name,
        title="对账单",
        under=f"截至{chinese_day(on)}",
        day=on,
        case_id=household,
        blocks=tuple(blocks()),
        facts=tuple(sorted(pages)),
    )


def _account(reader: Reader, household: str) -> tuple[HouseholdAccount | None, list[Fact]]:
    try:
        account, facts = reader.context.handler.history(reader.office, account_id(reader.office, household))
    except NotFound:
        return None, []
    return account, list(facts)


def _seen(reader: Reader, kept: KeptBill) -> Seen:
    bill, facts = reader.context.handler.history(reader.office, kept.id)
    return Seen(bill, facts[0], kept)


def _figures(each: Seen) -> tuple[int, ...]:
    kept = each.kept
    assessed = sum(kept.assessed.values())
    return kept.principal, kept.costs, assessed, kept.waived, sum(kept.met().values()), sum(kept.owed.values())


def _sums(each: Seen) -> tuple[str, ...]:
    given_up = "（已核销）" if each.kept.written_off is not None else ""
    said = (bill_word(each.bill.period) + given_up, chinese_day(each.kept.due_on))
    return (*said, *(yuan(fen) for fen in _figures(each)))


def _foot(seen: list[Seen]) -> tuple[str, ...]:
    sums = [sum(column) for column in zip(*(_figures(each) for each in seen), strict=True)] or [0] * 6
    return ("合计", "", *(yuan(fen) for fen in sums))


def _fresh(kept: KeptBill, terms: FeeTerms, on: date) -> int:
    if not any(kept.owed.values()):
        return 0
    return max(kept.fee(terms, on).fen - sum(kept.assessed.values()), 0)


def _why(each: Seen, terms: FeeTerms, on: date, receipts: dict[str, str]) -> list[tuple[str, ...]]:
    """The rows of one bill: its lines, its late fee day by day, and the money that met it."""
    word, page = bill_word(each.bill.period), str(each.issued.number)
    rows: list[tuple[str, ...]] = [
        (f"{word}　{line.item}　{how_of(line)}", yuan(line.amount_fen), page) for line in each.bill.lines
    ]
    rows += [(f"{word}　滞纳金　{span}", "", "") for span in spans_of(each.kept.fee(terms, on))]
    if each.kept.assessed:
        rows.append((f"{word}　滞纳金，已核定", yuan(sum(each.kept.assessed.values())), ""))
    if each.kept.waived:
        rows.append((f"{word}　滞纳金减免", yuan(-each.kept.waived), ""))
    for move in each.kept.moves:
        parts = ((move.costs_fen, "追讨费用"), (move.penalty_fen, "滞纳金"), (move.principal_fen, "本金"))
        said = "、".join(f"{part} {yuan(fen)}" for fen, part in parts if fen)
        known = receipts.get(move.source.partition("#")[0])
        by = f"收据 {known}" if known else "预缴冲抵或收款"
        rows.append((f"{word}　{move.day} {by}，{choice_names(move.rule)[0]}：{said}", yuan(-move.total_fen), ""))
    return rows


def _entries(ledger: Ledger, periods: dict[str, str | None], receipts: dict[str, str]) -> Block:
    rows: list[tuple[str, ...]] = [("", "上期结余", "", "", yuan(ledger.opening))]
    rows += [_entry(row, periods, receipts) for row in ledger.rows]
    asked, paid = sum(row.asked for row in ledger.rows), sum(row.paid for row in ledger.rows)
    return table(
        _ENTRIES, rows, foot=("", "本期合计与期末结余", yuan(asked), yuan(paid), yuan(ledger.closing)), small=True
    )


def _entry(row: Posted, periods: dict[str, str | None], receipts: dict[str, str]) -> tuple[str, ...]:
    entry, said = row.entry, [choice_names(row.entry.kind)[0]]
    if entry.bill is not None:
        said.append(month_word(periods.get(entry.bill)))
    receipt = receipts.get(entry.source.partition("#")[0])
    if entry.kind is EntryKind.PAYMENT and receipt:
        said.append(f"收据 {receipt}")
    if row.undone is not None:
        said.append(f"{yuan(entry.amount_fen)} 已{'作废' if row.undone.kind is EntryKind.VOID else '冲正'}")
    return (
        str(entry.day),
        "　".join(said),
        yuan(row.asked) if row.asked else "",
        yuan(row.paid) if row.paid else "",
        yuan(row.balance) if row.balance is not None else "",
    )
