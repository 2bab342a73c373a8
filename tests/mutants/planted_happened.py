"""Bugs about what happened, planted one by one (§7, §8): facts that are taken as they were, and the money that they moved."""

from __future__ import annotations

from tests.mutants.planting import Bug

_DRAWER = ("tests/workflows/test_cash_days.py",)
_SETTLES, _MONEY = ("tests/importing/test_import_settles.py",), ("tests/workflows/test_money.py",)
_RECKONED, _LINES = ("tests/domain/fees/test_reckoning.py",), ("tests/domain/fees/test_bank_line.py",)
_HAPPENED = ("tests/domain/arrears/test_what_happened.py",)

HAPPENED = (
    Bug(
        "what is taken at a move-in is in no drawer",
        "workflows/policies/fees.py",
        "case RenovationDepositPaid() | MoveInFeesSettled() as e:",
        "case RenovationDepositPaid() as e:",
        ("tests/workflows/test_cash_days.py",),
    ),
    Bug(
        "a deposit of a move-in is income",
        "projections/registers/fees/ledgers.py",
        "fees = (case.fees_fen or 0) - case.deposit_fen",
        "fees = case.fees_fen or 0",
        ("tests/workflows/test_cash_days.py",),
    ),
    Bug(
        "whoever took the deposit of a move-in gives it back",
        "domain/moving/move_in/commands.py",
        "whose = {move.received_by} if move.received_by is not None else set()",
        "whose: set[str] = set()",
        ("tests/domain/moving/test_move_in_money.py",),
    ),
    Bug(
        "what is taken on another system's bill is prepaid",
        "projections/registers/fees/ledgers.py",
        "        came_for = MoneyFor.TAKEN_OVER\n",
        "        came_for = MoneyFor.ACCOUNT\n",
        ("tests/workflows/test_cash_days.py",),
    ),
    Bug(
        "what another system took is in our ledger",
        "projections/registers/fees/ledgers.py",
        "            if payment.imported:\n                continue\n",
        "",
        ("tests/workflows/test_cash_days.py",),
    ),
    Bug(
        "a drawer without change of its own is short",
        "domain/fees/cash_day.py",
        "at.settings.at(cash.day or at.today)",
        "at.settings.at(at.today)",
        ("tests/domain/fees/test_payment.py",),
    ),
    Bug(
        "a call during a dispute that is over is as good as any other",
        "domain/arrears/contacts.py",
        "(each.until is None or at < each.until)",
        "each.until is None",
        _HAPPENED,
    ),
    Bug(
        "a fruitless visit during a dispute begins the three days",
        "domain/arrears/debt_case/commands/dunning.py",
        "            and not (beyond is not None and beyond.rests)\n",
        "",
        _HAPPENED,
    ),
    Bug(
        "a visit during a dispute puts the next step off",
        "domain/arrears/debt_case/case.py",
        "        case events.HomeVisited() as e if e.beyond is not None and e.beyond.rests:\n            return\n",
        "",
        _HAPPENED,
    ),
    Bug(
        "who keeps a plan is called like any other",
        "domain/arrears/debt_case/case.py",
        "            debt.rest(limit.PLAN, at, now=True)\n",
        "            pass  # nobody minds\n",
        _HAPPENED,
    ),
    Bug(
        "a letter of an earlier round interrupts the limitation of every bill",
        "domain/arrears/letters.py",
        "            bills = self.dunned_before\n",
        "            bills = bills\n",
        _HAPPENED,
    ),
    Bug(
        "the committee's first answer stands for ever",
        "domain/arrears/terms.py",
        "if self.answered_on is not None and on < self.answered_on:",
        "if self.answered_on is not None:",
        _HAPPENED,
    ),
    Bug(
        "a suit whose debt is paid is never over",
        "domain/arrears/debt_case/case.py",
        "                debt.legal_at = debt.suit_at = None\n",
        "                debt.legal_at = None\n",
        _HAPPENED,
    ),
    Bug(
        "a deposit that goes back by transfer leaves the drawer",
        "domain/fees/chart.py",
        "        (cash_account(went), -refunded),\n",
        "        (cash_account(came), -refunded),\n",
        _DRAWER,
    ),
    Bug(
        "a mistaken deposit stays in the drawer",
        "workflows/policies/fees.py",
        "            yield _booked(work.id, fact, method, -fen)\n",
        "            yield _booked(work.id, fact, method, 0)\n",
        _DRAWER,
    ),
    Bug(
        "cash that was taken on a bill itself is in no drawer",
        "workflows/policies/fees.py",
        "            yield _booked(bill.id, fact, method_said(e.method), e.amount_fen)\n",
        "            return\n",
        _DRAWER,
    ),
    Bug(
        "a cheque that bounces on its bill lets the ladder begin anew",
        "domain/fees/bill/commands/payment.py",
        "            yield BillReopened(resumes=True)\n",
        "            yield BillReopened()\n",
        _MONEY,
    ),
    Bug(
        "another system's pursuit goes on though its bill is paid here",
        "workflows/policies/arrears.py",
        "        yield Consequence(told, holder=pursuit_of(bill.id))\n",
        "        yield from ()\n",
        _SETTLES,
    ),
    Bug(
        "a pursuit that another system's history ends is not ended",
        "workflows/importing/batches.py",
        "            self._settle(batch, case, ids, connection)\n",
        "",
        _SETTLES,
    ),
    Bug(
        "the tenth fact of a bill comes before its ninth",
        "domain/fees/reckoning.py",
        "*_number(entry.source)))",
        "entry.source))",
        _RECKONED,
    ),
    Bug(
        "payments of bank lines act in no order",
        "domain/kernel/ids.py",
        "{int(at.timestamp() * _MILLISECONDS) & 0xFFFF_FFFF_FFFF:012x}",
        "{int(at.timestamp() * 0) & 0xFFFF_FFFF_FFFF:012x}",
        _LINES,
    ),
)
