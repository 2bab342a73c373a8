"""Words of papers 文书用语: months, days, formulas and numbers as they are printed. Papers are in Chinese, whoever prints them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from api.routes.money import decimal
from domain.fees.bill.events import BillLine
from domain.fees.charging import formula
from domain.kernel.late_fee import LateFee
from domain.kernel.money import rounded, yuan
from domain.kernel.periods import Month

__all__ = ["bill_word", "days_of", "how_of", "month_word", "paper_number", "percent", "spans_of"]


def month_word(period: str | None) -> str:
    """«2025年3月» for a bill's month; what is no month as it is written."""
    try:
        month = Month.parse(period or "")
    except ValueError:
        return period or ""
    return f"{month.year}年{month.month}月"


def bill_word(period: str | None) -> str:
    """What a bill is called where several stand side by side."""
    return f"{month_word(period)}账单" if period else "账单"


def days_of(first: date | None, last: date | None) -> str:
    """From when to when, both included."""
    return f"{first} 至 {last}" if first is not None and last is not None else ""


def how_of(line: BillLine) -> str:
    """How a line comes about, to the fen; what it corrects, if it corrects something."""
    said = []
    if line.corrects is not None:
        said.append(f"更正前期账单第 {line.corrects.line} 行")
    reckoned = formula(line)
    if reckoned is not None:
        said.append(reckoned)
    return "；".join(said) or "定额"


def spans_of(fee: LateFee) -> list[str]:
    """A late fee step by step: which days, on which principal, at which rate, to what it comes."""
    return [
        f"{span.first} 至 {span.last}　{span.days} 天 × 本金 {yuan(span.outstanding)} × {percent(span.rate)}"
        f" {_amount(span.exact / 100)}"
        for span in fee.spans
    ]


def _amount(exact: Fraction) -> str:
    """An exact amount in yuan; one without an end to four decimals, and said to be about so much."""
    said = decimal(exact)
    if "/" not in said:
        return f"= {said}"
    ten_thousandths = rounded(exact * 10_000)
    return f"≈ {ten_thousandths // 10_000}.{ten_thousandths % 10_000:04}"


def percent(ratio: Fraction) -> str:
    """A ratio in percent, exact: 0.05%, or 3%/365 where it has no end."""
    whole, _, parts = decimal(ratio * 100).partition("/")
    return f"{whole}%/{parts}" if parts else f"{whole}%"


def paper_number(letters: str, on: date, case_id: str) -> str:
    """What a paper is called that has no running number: what it is, of which day, and the end of its case's id."""
    return f"{letters}-{on:%Y%m%d}-{case_id.replace('-', '')[-8:].upper()}"


def how_to_pay(account: str, paper: str) -> str:
    """Where and how a notice is paid (§7.2c): ``account`` is the office's own, as it was set on the notice's day."""
    by_bank = f"，或银行转账至 {account}，注明房号和{paper}编号" if account else "；需要银行转账的，账户请向前台索取"
    return f"缴费方式：管理处前台（现金、刷卡、微信、支付宝）{by_bank}；缴费后请索取收据。"
