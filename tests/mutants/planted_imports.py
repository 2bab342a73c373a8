"""Bugs of imported money: months of one row, credits, what another system says of its bills, planted one by one."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["IMPORTS"]

_SPANS, _READS = "workflows/importing/spans.py", "workflows/importing/interpret.py"
_UNFOLDS, _BILL = ("tests/importing/test_import_spans.py",), "domain/fees/bill/case.py"
_HISTORIES = ("tests/domain/fees/test_bill_histories.py",)

IMPORTS = (
    Bug(
        "a month of which a row says nothing is read all the same",
        _SPANS,
        "for span in said or self.names[:1]:",
        "for span in self.names:",
        _UNFOLDS,
    ),
    Bug(
        "what cannot be read is told by another month's header",
        _SPANS,
        "            trouble.column = head\n",
        "            trouble.column = column.label\n",
        _UNFOLDS,
    ),
    Bug(
        "the months of a row count as rows",
        _READS,
        "        self._tally.taken += bool(facts)\n",
        "        self._tally.taken += len(row) if facts else 0\n",
        _UNFOLDS,
    ),
    Bug(
        "months of a row that is refused stay opened",
        _READS,
        "self._opened, self._latest, self._before, self._last, self._sums = opened, latest, before, last, sums",
        "self._latest, self._before, self._last, self._sums = latest, before, last, sums",
        _UNFOLDS,
    ),
    Bug(
        "a month does not look back at the one before it",
        _READS,
        "            for view in row:\n                view.before, view.last = self._before, self._last",
        "            for view in row:\n                view.before, view.last = before, dict(last)",
        _UNFOLDS,
    ),
    Bug(
        "a credit that is taken over is owed",
        _BILL,
        "            bill.original_fen = -e.amount_fen\n",
        "            bill.original_fen = e.amount_fen\n",
        _HISTORIES,
    ),
    Bug(
        "a month of another system is due as ours are",
        "domain/fees/bill/commands/issuing.py",
        "if self.period is None or at.waived:",
        "if self.period is None:",
        _HISTORIES,
    ),
    Bug(
        "what another system says next wipes out its due day",
        _BILL,
        "bill.due_on = e.due_on or bill.due_on",
        "bill.due_on = e.due_on",
        _HISTORIES,
    ),
    Bug(
        "days late count from the first payment",
        _BILL,
        "return max((max(came) - self.due_on).days, 0)",
        "return max((min(came) - self.due_on).days, 0)",
        _HISTORIES,
    ),
    Bug(
        "another system's bills are booked in the journal",
        "projections/reports/journal.py",
        '    "not imported",\n)',
        '    "true",\n)',
        ("tests/projections/test_reports_of_histories.py",),
    ),
    Bug(
        "what met another system's bills is missing from what is prepaid here",
        "projections/reports/receivables.py",
        "and entry = 'payment' and not imported",
        "and entry = 'payment'",
        ("tests/projections/test_reports_of_histories.py",),
    ),
    Bug(
        "what met a bill counts under each of its standards in full",
        "projections/reports/collection.py",
        "            charged, paid, penalty, penalty_paid = (part[standard] for part in parts)\n",
        "            charged, paid, penalty, penalty_paid = parts[0][standard], *sums[1:]\n",
        ("tests/projections/test_collection_by_standard.py",),
    ),
    Bug(
        "memory grows with the rows",
        "workflows/importing/work.py",
        "_SWEEP: Final = 8\n",
        "_SWEEP: Final = 64\n",
        ("tests/importing/test_import_run.py", "-k", "swept"),
    ),
    Bug(
        "sums that stand in the first cell of a bank's file are a row",
        "workflows/importing/bank_file.py",
        "if _BELOW.search(day) and not self._has_money:",
        "if not day and not self._has_money:",
        ("tests/importing/test_bank_file.py",),
    ),
    Bug(
        "whoever has paid another system's bill is a debtor all the same",
        "projections/reports/receivables.py",
        " where not p.imported or e.fen > 0\n",
        " where not p.imported or p.case_id is not null\n",
        ("tests/projections/test_reports_of_histories.py",),
    ),
)
