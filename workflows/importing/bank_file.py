"""Files of banks 银行对账单文件: a statement as the usual banks export it, CSV or Excel, with titles above and sums below.

The header is found by the names that its columns go by; what stands above and below it is read for the account and for the
sums that the file states. A row that cannot be read is handed back with its place and the reason; the others are taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from itertools import chain, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple
from unicodedata import normalize

from domain.kernel.spelling import unparted
from workflows.importing.problems import Problem, Trouble
from workflows.importing.reader import SourceUnreadable, find, open_source, unpacked
from workflows.importing.sheets import is_workbook, rows_of
from workflows.importing.values import Column, Kind

__all__ = ["MOST_ROWS", "BankFile", "BankRow", "read_bank_file"]

MOST_ROWS: Final = 10_000
"""Rows of one file: more than any office has in a month."""
_HEADER_WITHIN: Final = 40
_BESIDE: Final = 1_000
"""Rows above and below the table."""
_DATES: Final = ("ymd", "iso", "%Y%m%d", "%Y%m%d %H:%M:%S", "%Y%m%d%H%M%S")
# fmt: off
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "booked_on": (
        "记账日期", "记账日", "入账日期", "入账日", "交易日期", "交易日", "日期", "记账时间", "入账时间", "交易时间",
        "交易日期时间", "booking date", "date",
    ),
    "credit": (
        "贷方金额", "贷方发生额", "收入金额", "收入", "存入金额", "转入金额", "贷方", "存入", "贷", "贷方发生金额",
        "收款金额", "credit",
    ),
    "debit": (
        "借方金额", "借方发生额", "支出金额", "支出", "支取金额", "转出金额", "借方", "取出", "借", "借方发生金额",
        "付款金额", "debit",
    ),
    "amount": ("交易金额", "发生额", "金额", "发生金额", "amount"),
    "direction": (
        "借贷标志", "借贷方向", "借贷标识", "借/贷标志", "借贷", "收支标志", "收支方向", "收支类型", "收支", "收/支",
        "交易方向", "来往账标志", "direction",
    ),
    "payer": (
        "对方户名", "付款人名称", "付款人户名", "付款方户名", "付款方名称", "付款人", "付款方", "对方账户名称", "对方账户名",
        "对方名称", "对方单位名称", "对方单位", "对方姓名", "对手户名", "交易对方", "payer",
    ),
    "payer_account": (
        "对方账号", "对方帐号", "付款人账号", "付款人帐号", "付款方账号", "付款方帐号", "付款账号", "对方账户", "对手账号",
        "payer account",
    ),
    "reference": (
        "交易流水号", "银行流水号", "核心流水号", "流水号", "业务参考号", "交易参考号", "交易序号", "业务编号", "回单编号",
        "回单号", "凭证号", "凭证号码", "reference",
    ),
    "own": ("本方账号", "本方帐号", "我方账号", "我方帐号", "查询账号", "交易账号", "账号", "帐号", "account"),
    "balance": ("余额", "账户余额", "交易后余额", "本次余额", "当前余额", "联机余额", "balance"),
}
"""What the usual banks call their columns; the first name that a header has decides."""
_NARRATION: Final = (
    "摘要", "交易摘要", "附言", "交易附言", "客户附言", "转账附言", "用途", "交易用途", "备注", "说明", "交易说明", "留言",
    "narration", "purpose", "remark",
)
# fmt: on
"""What is said of a transfer stands in several columns: all of it may name a home."""
_IN: Final = frozenset({"贷", "贷方", "收", "收入", "入账", "转入", "存入", "来账", "c", "cr", "credit", "+", "in"})
_OUT: Final = frozenset({"借", "借方", "支", "支出", "出账", "转出", "支取", "往账", "d", "dr", "debit", "-", "out"})
_NOTHING: Final = frozenset({"", "-", "--", "—", "0", "0.0", "0.00"})
_ACCOUNT: Final = re.compile(r"(?:账|帐)(?:户)?号(?:码)?[:：]?\s*(\d[\d -]{7,34}\d)")
_FORMULA: Final = re.compile(r'="(.*)"')
_BRACKETS: Final = re.compile(r"[(（\[【].*?[)）\]】]")
_AMOUNT: Final = r"[:：]?(?:人民币|CNY|RMB|￥|¥)?([\d,]+\.\d{1,2})"
_SUMS: Final = r"(?:发生)?(?:额|金额)?(?:合计|总计|总额|总金额|累计)(?:金额|发生额)?"
_SAID: Final = {
    "credits": re.compile(rf"(?:贷方|收入|转入|存入){_SUMS}{_AMOUNT}"),
    "debits": re.compile(rf"(?:借方|支出|转出|支取){_SUMS}{_AMOUNT}"),
    "rows_in": re.compile(r"(?:贷方|收入|转入|存入)(?:总|合计)?笔数[:：]?(\d{1,6})"),
    "rows_out": re.compile(r"(?:借方|支出|转出|支取)(?:总|合计)?笔数[:：]?(\d{1,6})"),
    "rows": re.compile(r"(?:^|[^方入出取])(?:总笔数|合计笔数|交易笔数|共计?)[:：]?(\d{1,6})"),
}
_BELOW: Final = re.compile(r"合计|总计|小计|笔数|总额|打印|制表|导出|以下空白|温馨提示|说明[:：]|total", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankRow:
    """One row that could be read. ``row`` is where it stands in the file; fen, above zero what came in."""

    row: int
    booked_on: date
    amount_fen: int
    occurrence: int = 1
    reference: str | None = None
    payer: str | None = None
    payer_account: str | None = None
    narration: str | None = None


@dataclass(slots=True, kw_only=True)
class BankFile:
    """What was read of a file, and what it says of itself."""

    fingerprint: str
    account: str | None = None
    rows: list[BankRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stated_rows: int | None = None
    stated_credits_fen: int | None = None
    stated_debits_fen: int | None = None


def read_bank_file(data: bytes) -> BankFile:
    """Read a statement. Raises :class:`~workflows.importing.reader.SourceUnreadable` for what is none, or has no header."""
    grid = _grid(data)
    top, places, narration = _header(grid)
    read = BankFile(fingerprint=sha256(data).hexdigest())
    around = [_joined(cells) for _, cells in grid[:top]]
    own: set[str] = set()
    balances: list[tuple[int, int, int]] = []
    for number, cells in grid[top + 1 :]:
        row = _Row(number, cells, places, narration)
        if row.is_beside:
            around.append(_joined(cells))
            _sums(row, read)
            continue
        if len(read.rows) + len(read.problems) >= MOST_ROWS:
            raise _too_many()
        try:
            read.rows.append(row.read())
            if row.text("balance"):
                balances.append((number, read.rows[-1].amount_fen, row.fen("balance")))
        except Trouble as trouble:
            read.problems.append(trouble.on(number))
        own |= {unparted(each) for each in (row.text("own"),) if each}
    if len(own) > 1:
        raise _unreadable("含有几个本方账号，请分开导入", "it is of several accounts of your own: divide it")
    said = "\n".join(around)
    found = _ACCOUNT.search(said)
    read.account = next(iter(own), None) or (unparted(found[1]) if found else None)
    _stated(said, read)
    read.rows = list(_counted(_plain_numbers(read.rows)))
    read.problems += _breaks(balances)
    return read


def _unreadable(zh: str, en: str) -> SourceUnreadable:
    return SourceUnreadable("bank-file-unreadable", "7", zh=zh, en=en, field="file")


# -- the table in the file -------------------------------------------------------------------------------------------


def _grid(data: bytes) -> list[tuple[int, list[str]]]:
    """Its rows that say anything, each with its place, as cells without what programs put around them."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "statement"
        file.write_bytes(unpacked(data))
        if is_workbook(data):
            return _bounded(rows_of(file))
        for delimiter in (",", "\t"):
            source = open_source(file, delimiter)
            rows = _bounded(chain([(1, source.header)], ((row.line, row.cells) for row in source.rows())))
            if _best_header(rows)[1]:
                break
        return rows


def _bounded(rows: Iterable[tuple[int, Sequence[str]]]) -> list[tuple[int, list[str]]]:
    """Rows with what stands above and below them; no more than that is kept in memory."""
    found: list[tuple[int, list[str]]] = []
    for number, cells in rows:
        if len(found) > MOST_ROWS + _BESIDE:
            raise _too_many()
        found.append((number, [*map(_cell, cells)]))
    return found


def _too_many() -> SourceUnreadable:
    return _unreadable(f"超过{MOST_ROWS:,}行，请分开导入", f"it has more than {MOST_ROWS:,} rows: divide it")


def _cell(text: str) -> str:
    text = text.strip()
    formula = _FORMULA.fullmatch(text)
    return (formula[1] if formula else text).strip().removeprefix("'").strip()


def _header(grid: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, int], list[int]]:
    top, known, header = _best_header(grid)
    if not known:
        zh = "找不到表头：须有日期列（如交易日期）和金额列（如贷方金额、收入金额、交易金额）"
        raise _unreadable(zh, "it has no header with a column of days and one of amounts that is known")
    return top, known, [at for at, name in enumerate(header) if find([name], _NARRATION) is not None]


def _best_header(grid: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, int], list[str]]:
    """The row in which most columns are known, days and amounts among them; nothing known where there is none."""
    best: tuple[int, dict[str, int], list[str]] = (0, {}, [])
    for at, (_, cells) in enumerate(grid[:_HEADER_WITHIN]):
        header = [_BRACKETS.sub("", normalize("NFKC", cell)).strip() for cell in cells]
        places = {name: place for name, names in _NAMES.items() if (place := find(header, names)) is not None}
        if "booked_on" in places and places.keys() & {"credit", "amount"} and len(places) > len(best[1]):
            best = at, places, header
    return best


def _joined(cells: Sequence[str]) -> str:
    return normalize("NFKC", " ".join(cells))


# -- one row ---------------------------------------------------------------------------------------------------------


def _money(label: str) -> Column:
    return Column(name="amount", parts=((label,),), kind=Kind.MONEY)


_DAY: Final = Column(name="booked_on", parts=(("日期 / day",),), kind=Kind.DATE, formats=_DATES)
_WORDS: Final = Column(name="text", parts=(("文字 / text",),), most=200)
_AMOUNTS: Final = {
    "credit": _money("收入 / in"),
    "debit": _money("支出 / out"),
    "amount": _money("金额 / amount"),
    "balance": _money("余额 / balance"),
}


class _Row(NamedTuple):
    number: int
    cells: Sequence[str]
    places: dict[str, int]
    narration: Sequence[int]

    def text(self, name: str) -> str:
        at = self.places.get(name)
        return self.cells[at] if at is not None and at < len(self.cells) else ""

    @property
    def is_beside(self) -> bool:
        """A line of sums or of words below the table: it has no day, also where its first cell says all of it, figures included."""
        day = self.text("booked_on")
        if _BELOW.search(day) and not self._has_money:
            return True
        return not re.search(r"\d", day) and (bool(_BELOW.search(_joined(self.cells))) or not self._has_money)

    @property
    def _has_money(self) -> bool:
        return any(self.text(name) not in _NOTHING for name in ("credit", "debit", "amount"))

    def fen(self, name: str) -> int:
        text = self.text(name)
        value = 0 if text in _NOTHING else _AMOUNTS[name].read(text)
        assert isinstance(value, int)
        return value

    def read(self) -> BankRow:
        """Raises :class:`Trouble`."""
        day = self._day()
        told = dict.fromkeys(self.cells[at] for at in self.narration if at < len(self.cells) and self.cells[at])
        return BankRow(
            row=self.number,
            booked_on=day,
            amount_fen=self._amount(),
            reference=_words(self.text("reference")) if self.text("reference").strip("0- ") else None,
            payer=_words(self.text("payer")),
            payer_account=_words(self.text("payer_account")),
            narration=_words("；".join(told)),
        )

    def _day(self) -> date:
        text = self.text("booked_on")
        try:
            day = _DAY.read(text)
        except Trouble as trouble:
            zh, en = "不是日期（如 2025-03-03、20250303）", "it is no day such as 2025-03-03 or 20250303"
            raise Trouble("day-unreadable", zh, en, _DAY.label, text) from trouble
        assert isinstance(day, date)
        return day

    def _amount(self) -> int:
        came, went, plain = self.fen("credit"), self.fen("debit"), self.fen("amount")
        if came and went:
            zh, en = "收入、支出两栏都有金额", "it has an amount in both columns"
            raise Trouble(
                "amount-twice", zh, en, "收入、支出 / in, out", f"{self.text('credit')}、{self.text('debit')}"
            )
        if came or went:
            return came or -went
        if not plain:
            raise Trouble("amount-nothing", "没有金额", "it has no amount", "金额 / amount", self.text("amount"))
        word = normalize("NFKC", self.text("direction")).casefold().strip()
        if word in _IN | _OUT:
            return abs(plain) if word in _IN else -abs(plain)
        if word:
            zh, en = "不知是收入还是支出", "it does not say whether it came in or went out"
            raise Trouble("direction-unknown", zh, en, "借贷标志 / direction", word)
        return plain


def _words(text: str) -> str | None:
    read = _WORDS.read(text) if text else ""
    assert isinstance(read, str)
    return read or None


# -- all of them -----------------------------------------------------------------------------------------------------


def _plain_numbers(rows: Iterable[BankRow]) -> list[BankRow]:
    """A number that several rows of the file bear is none of a transfer's: it is part of what they say."""
    rows = list(rows)
    borne = Counter(row.reference for row in rows)
    return [
        replace(row, reference=None, narration=_words("；".join(filter(None, (row.narration, row.reference)))))
        if row.reference is not None and borne[row.reference] > 1
        else row
        for row in rows
    ]


def _counted(rows: Iterable[BankRow]) -> Iterator[BankRow]:
    """Two that say the same are two: each is the how-manieth of its like."""
    seen: Counter[tuple[object, ...]] = Counter()
    for row in rows:
        said = (row.reference,) if row.reference else (row.payer, row.payer_account, row.narration)
        like = (row.booked_on, row.amount_fen, *said)
        seen[like] += 1
        yield replace(row, occurrence=seen[like])


def _breaks(chain: Sequence[tuple[int, int, int]]) -> list[Problem]:
    """Where a row's balance does not follow from its neighbour's, whichever way the file runs: a row may be missing."""
    pairs = list(pairwise(chain))
    down = [row for (_, _, before), (row, fen, after) in pairs if before + fen != after]
    up = [row for (row, fen, after), (_, _, before) in pairs if before + fen != after]
    zh, en = "余额与相邻行不连贯，可能缺行", "its balance does not follow from its neighbour's: a row may be missing"
    broken = Trouble("balance-broken", zh, en, "余额 / balance")
    return [broken.on(row, taken=True) for row in min(down, up, key=len)]


# -- what the file says of itself ------------------------------------------------------------------------------------


def _sums(row: _Row, read: BankFile) -> None:
    """A line of sums has them in the columns that it sums."""
    if re.search(r"合计|总计|total", _joined(row.cells), re.IGNORECASE):
        for name, of in (("stated_credits_fen", "credit"), ("stated_debits_fen", "debit")):
            try:
                value = row.fen(of)
            except Trouble:
                continue
            if value:
                setattr(read, name, value)


def _stated(said: str, read: BankFile) -> None:
    found = {name: match[1] for name, pattern in _SAID.items() if (match := pattern.search(re.sub(r"[ \t]", "", said)))}
    if "credits" in found:
        read.stated_credits_fen = _AMOUNTS["credit"].read(found["credits"])  # type: ignore[assignment]
    if "debits" in found:
        read.stated_debits_fen = _AMOUNTS["debit"].read(found["debits"])  # type: ignore[assignment]
    if "rows" in found:
        read.stated_rows = int(found["rows"])
    elif "rows_in" in found and "rows_out" in found:
        read.stated_rows = int(found["rows_in"]) + int(found["rows_out"])
