"""REPORTS: every report."""

from __future__ import annotations

from typing import Final

from projections.reports.collection import COLLECTION
from projections.reports.journal import JOURNAL
from projections.reports.receivables import AGEING, DEBTORS, PREPAYMENTS
from projections.reports.report import Report

__all__ = ["REPORTS"]

REPORTS: Final[dict[str, Report]] = {
    report.name: report for report in (AGEING, PREPAYMENTS, COLLECTION, DEBTORS, JOURNAL)
}
