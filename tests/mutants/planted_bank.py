"""Bugs of bank statements: money booked twice, to a guess, or for ever; lines that vanish or come again, planted one by one."""

from __future__ import annotations

from tests.mutants.planting import Bug

_LINE, _MATCHING, _FILE = "domain/fees/bank_line.py", "domain/fees/matching.py", "workflows/importing/bank_file.py"
_LINES, _MATCHES = ("tests/domain/fees/test_bank_line.py",), ("tests/domain/fees/test_matching.py",)
_FILES, _BANK = ("tests/importing/test_bank_file.py",), ("tests/api/test_bank.py",)
_POLICIES = "workflows/policies/fees.py"

BANK = (
    Bug(
        "a line that is set aside may be taken again",
        _LINE,
        "hold((), lambda line",
        "hold((OPEN,), lambda line",
        _LINES,
    ),
    Bug("money that went out becomes a payment", _LINE, "if line.amount_fen > 0:", "if line.amount_fen != 0:", _LINES),
    Bug(
        "a booked line is opened without its payment's reversal",
        _LINE,
        "if line.state == BOOKED and not line.linked:",
        "if line.state == BOOKED and line.linked:",
        _LINES,
    ),
    Bug(
        "one payment is two lines",
        _LINE,
        "if payment.bank_line is not None:",
        "if payment.bank_line == '':",
        _LINES,
    ),
    Bug(
        "whoever confirmed a line takes its payment back alone",
        "domain/fees/payment.py",
        "e.confirmed_by or fact.user_id",
        "fact.user_id",
        _LINES,
    ),
    Bug(
        "a statement closes with lines open",
        "domain/fees/bank_statement.py",
        "if OPEN_LINE in at.related:",
        "if OPEN_LINE in ():",
        _LINES,
    ),
    Bug(
        "between two that are alike the first is sure",
        _MATCHING,
        "best.points - behind >= sure_lead",
        "best.points >= sure_lead",
        _MATCHES,
    ),
    Bug(
        "money that may be in the book is sure to be new",
        _MATCHING,
        ">= sure_lead and not warned",
        ">= sure_lead",
        _MATCHES,
    ),
    Bug(
        "a door is in every building",
        _MATCHING,
        'f"{parts[0]}-{parts[-1]}" in rooms',
        'any(each.endswith(f"-{parts[-1]}") for each in rooms)',
        _MATCHES,
    ),
    Bug("of two equal transfers one is lost", _FILE, "seen[like] += 1", "seen[like] = 1", _FILES),
    Bug("noughts number a transfer", _FILE, '.strip("0- ")', '.strip("- ")', _FILES),
    Bug(
        "two that say the same have one mark",
        "workflows/importing/bank_taking.py",
        'f"{row.occurrence}"',
        '"1"',
        _BANK,
    ),
    Bug(
        "a reversed payment leaves its line booked",
        _POLICIES,
        "if payment.bank_line is not None:",
        "if payment.bank_line == '':",
        _BANK,
    ),
    Bug(
        "who paid outlives an erased household",
        "domain/residents/household/commands/erasure.py",
        "*apart, *lines))",
        "*apart))",
        ("tests/workflows/test_files.py",),
    ),
)
