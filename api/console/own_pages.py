"""Pages of their own 专页: some kinds of case are worked at elsewhere than on their general page, and lead there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.fees.bill_run.case import BillRun

if TYPE_CHECKING:
    from api.console.page import Page
    from domain.kernel.fact import Case

__all__ = ["own_page"]


def own_page(page: Page, case: Case) -> tuple[str, str] | None:
    """Where a case is worked at, and what that page is called; None for most."""
    match case:
        case BillRun(month=month) if month is not None:
            return page.at("months", case.period), page.t("月末", "Month end")
    return None
