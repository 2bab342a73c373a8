"""Who plays with paper and with the bank: a month's notices and a receipt are printed, a bank's file is dealt with line by line.

Both are done by the program's own parts, as its routes call them; each is a transaction of its own between two acts of the day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from fastapi import Request

from api.bank_matching import bank_lines, proposals_for
from api.config import ApiSettings
from api.demo.people import NAMES
from api.http.application import log_ins_of
from api.http.context import ApiContext, Reader
from api.http.executor import CommandExecutor
from api.identity import Accounts, Grant, Identities, Identity
from api.papers.handing_out import handed_out
from api.papers.receipt import receipt
from api.papers.run_notices import hand_out_part, parts_of
from api.routes.printed import office_name
from api.runtime import Runtime
from domain.fees.bank_line import LeaveBankLineOut
from domain.fees.bank_statement import CloseBankStatement
from domain.fees.bill_run.case import bill_run_id
from domain.kernel.calendar import local_date
from domain.kernel.fact import Command
from domain.kernel.money import yuan
from domain.kernel.people import Actor, Role
from domain.kernel.periods import Month
from projections.registers.index import REGISTERS
from workflows.engine.bank_matches import LineMatch, confirmed
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest
from workflows.importing.bank_file import read_bank_file
from workflows.importing.bank_taking import take_bank_file

__all__ = ["DemoClerk", "Transfer"]

_CLERK: Final = "guan-li-1"
_ACCOUNT: Final = "0200 0000 0000 0001 234"
"""The office's own, invented."""
_SPOKEN_TO_AS: Final = ("127.0.0.1", 8000)
"""Under which address the played office is served unless another is said: it stands in the codes of its papers."""
_PAID: Final = """
select case_id from wuye.r_payments where office = %s and to_number is null and receipt is not null order by receipt limit 1
"""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that a household sent to the office's bank, as the bank's file tells of it."""

    day: date
    household: str
    home: str
    payer: str
    amount_fen: int


class DemoClerk:
    """An administrator at the program, in one played office."""

    def __init__(self, runtime: Runtime, handler: CommandHandler, code: str) -> None:
        """``handler`` is the play's own, so that the same seed plays the same."""
        connect = runtime.pool.connection
        settings = ApiSettings(home=runtime.home)
        accounts = Accounts(connect, runtime.master)
        self._log_ins = log_ins_of(settings, connect, accounts, runtime.master)
        self._executor = CommandExecutor(settings.threads, None)
        context = ApiContext(
            settings=settings,
            connect=connect,
            handler=handler,
            registers=REGISTERS,
            master=runtime.master,
            accounts=accounts,
            identities=Identities(connect, runtime.master),
            log_ins=self._log_ins,
            executor=self._executor,
            clock=runtime.simulated,
        )
        clerk = Identity(_CLERK, NAMES[_CLERK], (Grant(code, Role.ADMINISTRATOR),))
        self._reader = Reader(context, clerk, code, (Role.ADMINISTRATOR,))
        self._request = Request(
            {
                "type": "http",
                "method": "GET",
                "scheme": "http",
                "server": _SPOKEN_TO_AS,
                "root_path": "",
                "path": "/",
                "query_string": b"",
                "headers": [],
            }
        )

    def leave(self) -> None:
        """The day is over."""
        self._log_ins.shutdown()
        self._executor.shutdown()

    # -- paper ------------------------------------------------------------------------------------------------------

    def print_notices(self, month: Month) -> int:
        """The payment notices of a month's run, part by part; returns how many parts (§7.2c)."""
        context, code = self._reader.context, self._reader.office
        run, name = bill_run_id(code, str(month)), office_name(context, code)
        parts = parts_of(context, code, run)
        for part in parts:
            hand_out_part(self._reader, self._request, run, part.number, name)
        return len(parts)

    def print_a_receipt(self) -> None:
        """That of the first payment that has one."""
        context, code = self._reader.context, self._reader.office
        with context.within(code) as connection:
            found = connection.execute(_PAID, [code]).fetchone()
        if found is not None:
            paper = receipt(self._reader, found[0], office_name(context, code))
            handed_out(self._reader, self._request, [paper])

    def transfer(self, household: str, payer: str, amount_fen: int, at: datetime) -> Transfer:
        """As the bank will tell it, a household's home beside."""
        home = self._reader.context.handler.case(self._reader.office, household).home
        return Transfer(local_date(at), household, home, payer, amount_fen)

    # -- the bank ---------------------------------------------------------------------------------------------------

    def deal_with_the_bank(self, transfers: list[Transfer], day: date) -> None:
        """The bank's file is brought; what is sure is confirmed, what is nobody's is set aside, and the statement is closed (§7)."""
        context, code = self._reader.context, self._reader.office
        brought = read_bank_file(_statement(transfers, day))
        opening = self._order(CloseBankStatement(), Role.POLICY)
        taken = take_bank_file(context.handler, context.connect, opening, brought, _ACCOUNT)
        if taken.statement is None:
            return
        numbers = context.handler.settings(code).at(local_date(context.time_in(code)))
        rows = bank_lines(self._reader, taken.statement, state="open", limit=len(transfers) + 2)
        proposals = proposals_for(self._reader, rows, numbers)
        sent = {(each.payer, each.amount_fen): each.household for each in transfers}
        matches = []
        for row in rows:
            household = sent.get((row["payer"], row["amount_fen"]))
            if household is None:
                why = "银行结息，不属住户款项" if row["amount_fen"] > 0 else "银行手续费"
                context.handler.handle(self._order(LeaveBankLineOut(reason=why), on=row["case_id"]))
                continue
            spoke = next((each for each in proposals.get(row["case_id"], ()) if each.household == household), None)
            grounds = spoke.grounds if spoke is not None else ()
            matches.append(LineMatch(line=row["case_id"], household=household, grounds=grounds))
        for _ in confirmed(context.handler, self._order(CloseBankStatement()), matches):
            pass
        context.handler.handle(self._order(CloseBankStatement(), on=taken.statement))

    def _order(self, command: Command, role: Role = Role.ADMINISTRATOR, on: str | None = None) -> CommandRequest:
        code = self._reader.office
        now = self._reader.context.time_in(code)
        return CommandRequest(office=code, command=command, actor=Actor(_CLERK, role), now=now, case_id=on)


def _statement(transfers: list[Transfer], day: date) -> bytes:
    """A bank's file as banks write them: a head, a line each, two that are no household's, and what it comes to."""
    lines = [(each.day, each.amount_fen, each.payer, _narration(number, each)) for number, each in enumerate(transfers)]
    lines += [(day, 36_18, "", "结息"), (day, -15_00, "", "账户管理费")]
    lines.sort(key=lambda line: line[0])
    into = sum(fen for _, fen, _, _ in lines if fen > 0)
    out = -sum(fen for _, fen, _, _ in lines if fen < 0)
    rows = [f"账号：{_ACCOUNT},,,,,", "记账日期,交易流水号,收入金额,支出金额,对方户名,摘要"]
    for number, (on, fen, payer, narration) in enumerate(lines, 1):
        sums = (_plain(fen), "") if fen > 0 else ("", _plain(-fen))
        rows.append(",".join((str(on), f"{on:%Y%m%d}{number:06}", *sums, payer, narration)))
    rows.append(f"收入合计：{_plain(into)}，支出合计：{_plain(out)}，总笔数：{len(lines)},,,,,")
    return "\n".join(rows).encode("gb18030")


def _plain(fen: int) -> str:
    return yuan(fen).replace(",", "")


def _narration(number: int, transfer: Transfer) -> str:
    """Most people say what it is for; some say nothing."""
    said: tuple[Callable[[str], str], ...] = (
        lambda home: f"{home} 物业费",
        lambda home: f"物业{home}",
        lambda _home: "",
    )
    return said[number % 3](transfer.home)
