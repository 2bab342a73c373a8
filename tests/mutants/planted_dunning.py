"""Bugs of the letters, ledgers and journal of money, planted one by one (§7, §8)."""

from __future__ import annotations

from tests.mutants.planting import Bug

_COMPOSING, _DUNNING = "domain/arrears/composing.py", "domain/arrears/debt_case/commands/dunning.py"
_COMPOSED, _DUE = ("tests/domain/arrears/test_composing.py",), ("tests/workflows/test_due_letters.py",)
_MONEY = ("tests/workflows/test_money.py",)

DUNNING = (
    Bug(
        "a letter goes out without its late fee",
        _COMPOSING,
        "*account.entries, *assessed",
        "*account.entries",
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
        _COMPOSING,
        "attached.household == debt.household and first <= last",
        "first <= last",
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
)
