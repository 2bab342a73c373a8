"""Bugs of the letters, ledgers and journal of money, planted one by one (§7, §8)."""

from __future__ import annotations

from tests.mutants.planting import Bug

_COMPOSING, _DUNNING = "domain/arrears/composing.py", "domain/arrears/debt_case/commands/dunning.py"
_COMPOSED, _DUE = ("tests/domain/arrears/test_composing.py",), ("tests/workflows/test_due_letters.py",)
_MONEY = ("tests/workflows/test_money.py",)
_RECEIVABLES, _JOURNAL = "projections/reports/receivables.py", "projections/reports/journal.py"
_BOOKED, _REPORTS = ("tests/projections/test_reports.py",), ("tests/api/test_reports.py",)

DUNNING = (
    Bug(
        "a letter goes out without its late fee",
        _COMPOSING,
        "*account.entries, *assessed",
        "*account.entries, *assessed[:0]",
        _COMPOSED,
    ),
    Bug(
        "this month's fee is left out until it is due",
        _COMPOSING,
        "bill.due_on >= today and left > 0",
        "bill.due_on < today and left > 0",
        _COMPOSED,
    ),
    Bug(
        "a letter names another household's fee",
        "domain/fees/charged_months.py",
        "if attached.household == household]",
        "if household]",
        _COMPOSED,
    ),
    Bug(
        "amounts may be typed",
        _DUNNING,
        '("claims", bool(self.claims)), ("current_fen", self.current_fen != 0)',
        '("claims", False), ("current_fen", False)',
        _COMPOSED,
    ),
    Bug(
        "the late fee of a letter is not assessed",
        "workflows/policies/arrears.py",
        "if claim.assessed_fen > 0:",
        "if claim.assessed_fen < 0:",
        _MONEY,
    ),
    Bug(
        "who issued the letter waives its fee",
        "domain/fees/bill/case.py",
        "bill.assessed_by.add(e.noticed_by or fact.user_id)",
        "bill.assessed_by.add(fact.user_id)",
        _MONEY,
    ),
    Bug(
        "letters of later months go out too",
        "workflows/engine/due_letters.py",
        "n.due_on <= %(until)s",
        "%(until)s is not null",
        _DUE,
    ),
    Bug(
        "what is 31 days overdue counts among the first thirty",
        _RECEIVABLES,
        "_LAST_DAY: Final = (0, 30, 90, 180, 365)",
        "_LAST_DAY: Final = (0, 60, 90, 180, 365)",
        _REPORTS,
    ),
    Bug(
        "today's payments count on a past day",
        _RECEIVABLES,
        "where {STANDING} and day <= %(on)s group by case_id, household",
        "where {STANDING} group by case_id, household",
        _BOOKED,
    ),
    Bug(
        "what was taken back stays in the journal",
        _JOURNAL,
        "set_aside is null and {only} and to_number between %(first)s and %(last)s",
        "false and {only} and to_number between %(first)s and %(last)s",
        _BOOKED,
    ),
    Bug(
        "a recovery lowers what is receivable",
        "domain/fees/chart.py",
        "mine = LedgerAccount.LOSSES if rule == AllocationRule.RECOVERED else mine",
        "mine = LedgerAccount.LOSSES if rule is None else mine",
        ("tests/domain/fees/test_chart.py",),
    ),
    Bug(
        "who waived withdraws his own waiver",
        "domain/fees/bill/commands/late_fee.py",
        'forbid(second_person(at.who, {found.given_by}, "8.B(4)", "waiver"))',
        'forbid(second_person(at.who, set(), "8.B(4)", "waiver"))',
        ("tests/domain/fees/test_bill.py",),
    ),
    Bug(
        "money for a paid bill is prepaid twice",
        "domain/fees/account.py",
        "if entry.kind is EntryKind.PAYMENT and on_bill in entry.names:",
        "if entry.kind is EntryKind.PAYMENT and not on_bill:",
        ("tests/domain/fees/test_payment.py",),
    ),
)
