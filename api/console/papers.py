"""Which of the handbook's forms a case can be printed as 可打印的表格."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api.console.page import Page
    from domain.kernel.lifecycle.ask import Lifecycle

__all__ = ["papers_of"]


def papers_of(page: Page, lifecycle: Lifecycle[Any], case_id: str) -> list[tuple[str, str]]:
    """Address and name of each form."""
    del page, lifecycle, case_id
    return []
