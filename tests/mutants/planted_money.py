"""Bugs of money: fens that appear or vanish, days that bear another day's rate, ladders begun anew, planted one by one."""

from __future__ import annotations

from tests.mutants.planting import Bug

_FEE, _RECKONING, _ACCOUNT = "domain/kernel/late_fee.py", "domain/fees/reckoning.py", "domain/fees/account.py"
_BILL, _ISSUING = "domain/fees/bill/case.py", "domain/fees/bill/commands/issuing.py"
_STANDARD, _CHARGING = "domain/fees/fee_standard.py", "domain/fees/charging.py"
_LATE_FEE, _RECKONS = ("tests/domain/fees/test_late_fee.py",), ("tests/domain/fees/test_reckoning.py",)
_PAYS, _STANDARDS = ("tests/domain/fees/test_payment.py",), ("tests/domain/fees/test_fee_standard.py",)
_RECKONED, _LAPSES = ("tests/domain/fees/test_bill_reckoned.py",), ("tests/domain/arrears/test_limitation.py",)

_RUN, _RUNS = "domain/fees/bill_run/commands", ("tests/domain/fees/test_bill_run.py",)

_CORRECTING, _CORRECTS = "domain/fees/correcting.py", ("tests/domain/fees/test_correcting.py",)
_MOVE_IN = ("tests/workflows/test_money_at_moving_in.py",)
_MOVE_IN_MONEY = ("tests/domain/moving/test_move_in_money.py",)

MONEY = (
    Bug(
        "a bill comes to more than was billed",
        _ISSUING,
        "elif bill.corrections_fen + self.amount_fen > 0:",
        "elif bill.corrections_fen + self.amount_fen > bill.original_fen:",
        _RECKONED,
    ),
    Bug(
        "a bank statement that is opened again has no new date",
        "domain/fees/bank_statement.py",
        "            statement.match_by = e.match_by\n        case BankStatementLeftOpen",
        "            statement.match_by = None\n        case BankStatementLeftOpen",
        ("tests/domain/fees/test_bank_line.py",),
    ),
    Bug(
        "a run is reviewed while an administrator's part of it is open",
        f"{_RUN}/reviewing.py",
        """        if run.open_parts:
            waiting""",
        """        if run.open_parts and who is None:
            waiting""",
        ("tests/domain/fees/test_bill_run_parts.py",),
    ),
    Bug(
        "what was corrected once is corrected again",
        _CORRECTING,
        "_charged(each.line if corrected is None else lines.get((corrected.bill, corrected.line)))",
        "_charged(each.line)",
        _CORRECTS,
    ),
    Bug(
        "a bill is credited more than it charges",
        _CORRECTING,
        "max(line.amount_fen, -left)",
        "line.amount_fen",
        _CORRECTS,
    ),
    Bug(
        "another household's bill is corrected",
        _ISSUING,
        "bill.state == VOID or bill.household != self.household",
        "bill.state == VOID",
        _CORRECTS,
    ),
    Bug("a closed month takes another bill", _ISSUING, "run.state == CLOSED", "run.state == ''", _RUNS),
    Bug(
        "a run bills who was billed already",
        f"{_RUN}/compiling.py",
        "    if asked.billed:\n        asked = replace(",
        "    if not asked:\n        asked = replace(",
        _RUNS,
    ),
    Bug(
        "a run bills who is owed something",
        f"{_RUN}/delivering.py",
        "in self.passed or d.amount_fen < 0",
        "in self.passed",
        _RUNS,
    ),
    Bug(
        "a home is charged before it is attached",
        "domain/fees/charged_months.py",
        "max(month.first, attached.first, standard",
        "max(month.first, standard",
        _RUNS,
    ),
    Bug(
        "who compiled a run approves it",
        f"{_RUN}/reviewing.py",
        'return second_person(who, {run.compiled_by or "", run.reviewed_by or ""}, "7.2b")',
        'return second_person(who, set(), "7.2b")',
        _RUNS,
    ),
    Bug(
        "what the run has billed is not resumed but begun anew",
        "domain/fees/bill_run/case.py",
        "done = self.bills.keys() | self.left_out.keys()",
        "done = self.left_out.keys()",
        _RUNS,
    ),
    Bug("every day bears the last day's rate", _FEE, "in_force(rates, first)", "in_force(rates, until)", _LATE_FEE),
    Bug(
        "the late fee is rounded up",
        _FEE,
        "min(rounded(self.exact), self.cap_fen)",
        "min(-(-self.exact // 1), self.cap_fen)",
        _LATE_FEE,
    ),
    Bug(
        "a reversed payment counts on",
        _RECKONING,
        "(EntryKind.REVERSAL, EntryKind.VOID)}",
        "(EntryKind.VOID,)}",
        _RECKONS,
    ),
    Bug(
        "entries act in the order of entry",
        _RECKONING,
        "    acting.sort(key=lambda entry: (entry.day, _RANK[entry.kind], *_number(entry.source)))\n",
        "",
        _RECKONS,
    ),
    Bug(
        "a waiver of what was paid frees nothing",
        _RECKONING,
        "sum(bill.assessed.values()) - bill.waived)\n            account.free(bill, day, entry.source, terms)",
        "sum(bill.assessed.values()) - bill.waived)",
        _RECKONS,
    ),
    Bug(
        "money meets a written-off bill that nobody named",
        _RECKONING,
        "lost = bill.written_off is not None and bill.id in named",
        "lost = bill.written_off is not None",
        _RECKONS,
    ),
    Bug(
        "a debt that is given up goes on bearing a fee",
        _RECKONING,
        "given_up = () if self.written_off_on is None else ((self.written_off_on + DAY, None),)",
        "given_up: tuple[Hold, ...] = ()",
        _RECKONS,
    ),
    Bug(
        "a prepayment is not set off",
        _RECKONING,
        "if self.prepaid > 0 and any(",
        "if self.prepaid < 0 and any(",
        _RECKONS,
    ),
    Bug(
        "an assessment stays what it was",
        _RECKONING,
        "left = bill.fee(terms, entry.until or day).fen - sum(bill.assessed.values())",
        "left = fen",
        _RECKONS,
    ),
    Bug(
        "an entry is posted twice",
        _ACCOUNT,
        "if any((e.kind, e.source) == (self.entry.kind, self.entry.source) for e in kept.entries):",
        "if False:",
        _PAYS,
    ),
    Bug(
        "one person asks for a refund and pays it",
        _ACCOUNT,
        '    forbid(second_person(at.who, {found.by}, "7", "number"))\n',
        "",
        _PAYS,
    ),
    Bug(
        "who took the money takes it back",
        "domain/fees/payment.py",
        'return second_person(who, {payment.taken_by}, "7")',
        'return second_person(who, set(), "7")',
        _PAYS,
    ),
    Bug(
        "a receipt's number is given twice",
        "domain/fees/cash_day.py",
        "(cash.number if cash is not None else 0) + 1",
        "1",
        _PAYS,
    ),
    Bug(
        "a price is raised for days that have passed",
        _STANDARD,
        "max(at.today, standard.versions[-1].valid_from)",
        "standard.versions[-1].valid_from",
        _STANDARDS,
    ),
    Bug(
        "a home is charged twice for a day",
        _STANDARD,
        "if any(each.meets(self.first, self.last) for each in others):",
        "if False:",
        _STANDARDS,
    ),
    Bug(
        "a line is rounded before its days are taken",
        _CHARGING,
        "    return half_up(amount * some, parts * of * unit) * unit\n",
        "    return half_up(half_up(amount, parts) * some, of * unit) * unit\n",
        _STANDARDS,
    ),
    Bug("free text names a standard", _ISSUING, "            _check_standard(line, at)\n", "", _STANDARDS),
    Bug(
        "a correction acts from today whatever it says",
        _BILL,
        "day = e.effective_on or local_date(fact.occurred_at)",
        "day = e.effective_on and local_date(fact.occurred_at)",
        _RECKONED,
    ),
    Bug(
        "a due day moves though nobody said so",
        _ISSUING,
        'if numbers.choice("bills.due_on_holiday") == "stays":',
        "if False:",
        _RECKONED,
    ),
    Bug(
        "what comes after the lapse interrupts it",
        "domain/arrears/limitation.py",
        "if each.day <= last or each.kind",
        "if each.day or each.kind",
        _LAPSES,
    ),
    Bug(
        "a payment that is taken back begins the ladder anew",
        "domain/arrears/debt_case/commands/opening.py",
        "return debt if settled and bill in debt.bills else None",
        "return None",
        _LAPSES,
    ),
    Bug(
        "a month beyond a contract's end stays charged",
        "domain/services/service_contract.py",
        "if right.amount_fen != contract.charged[charged]:",
        "if False:",
        ("tests/domain/services/test_services.py",),
    ),
    Bug(
        "fees in advance at a move-in are income",
        "projections/registers/fees/ledgers.py",
        "prepaid = case.advance_fen if fen > 0 else -case.advance_fen",
        "prepaid = 0",
        _MOVE_IN,
    ),
    Bug(
        "fees in advance are posted again with every further step",
        "domain/moving/move_in/case.py",
        """f"{self.id}#{max(self.keys_place, self.household_place)}" if there""",
        """f"{self.id}#{self.version}" if there""",
        _MOVE_IN,
    ),
    Bug(
        "fees in advance stay on the account of a mistaken file",
        "workflows/policies/moving.py",
        "if isinstance(step.event, MoveInCompleted | MoveInHouseholdLinked) and work.household is None:",
        "if isinstance(step.event, MoveInCompleted) and work.household is None:",
        _MOVE_IN,
    ),
    Bug(
        "nobody is asked for the deposit of who has left",
        "domain/moving/move_in/commands.py",
        """        if move.held_fen:
            yield self.to_event(MoveInDepositFellDue)""",
        """        if move.deducted_fen:
            yield self.to_event(MoveInDepositFellDue)""",
        _MOVE_IN_MONEY,
    ),
    Bug(
        "what is over on another system's bill is nobody's prepayment",
        "projections/registers/fees/ledgers.py",
        "found[line] = max(so_far + fen - left, 0) - max(so_far - left, 0)",
        "found[line] = 0",
        _MOVE_IN,
    ),
    Bug(
        "money that is free of a bill that was given up meets its loss",
        "domain/fees/reckoning.py",
        "() if lost else (bill.id,))",
        "(bill.id,))",
        ("tests/domain/fees/test_reckoning.py",),
    ),
    Bug(
        "what was paid on a bill that was given up is lost to the household",
        "domain/fees/reckoning.py",
        "        if not any(over.values()):\n            return\n        last",
        "        if lost or not any(over.values()):\n            return\n        last",
        ("tests/domain/fees/test_reckoning.py",),
    ),
)
