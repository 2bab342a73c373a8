"""Ticking 勾选: what may be done at once with several rows of a register.

Which actions these are derives from the table: what asks for nothing beside the matter itself, or for no more than one
person or one day that is the same for all (派工 to one plumber, the day of delivery). What is said of each matter, what
somebody signs or has looked at, and what cannot be undone is done at each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.console.forms import Input, inputs_of
from api.console.own_pages import has_page
from api.console.paper_forms import forms_of
from api.routes.actions import offered, slug_of
from domain.arrears.debt_case.commands.concession import BreakInstalment
from domain.cases import BY_PATH
from domain.kernel.fact import Command
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME
from domain.residents.household.commands.erasure import EraseHousehold
from domain.residents.household.commands.keeping import MoveHouseholdOut
from domain.residents.household.commands.papers import ConfirmFile
from domain.residents.register_export import ApproveRegisterExport
from domain.rounds.rectification.commands import VerifyRectification
from domain.rounds.repair_order.commands import InformClientOfRepair, RecordSurvey
from domain.rounds.work_order import AcceptWorkOrder
from domain.visits.corrective_action.commands import ApproveMeasures
from domain.visits.quarterly_review import ApproveQuarterlyReview

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["BulkActions", "acts_of", "bulk_actions"]

_ONE_BY_ONE: Final = frozenset(
    {
        AcceptWorkOrder,
        ApproveMeasures,
        ApproveQuarterlyReview,
        ApproveRegisterExport,
        BreakInstalment,
        ConfirmFile,
        EraseHousehold,
        InformClientOfRepair,
        MoveHouseholdOut,
        RecordSurvey,
        VerifyRectification,
    }
)
"""What nobody brings back, and what says that somebody looked, told or judged: fifty of those in a minute were not looked at."""
_SAME_FOR_ALL: Final = ("person", "day")
_OF_EACH: Final = ("money", "area", "decimal", "choice", "choices", "cases", "records", "texts")


@dataclass(frozen=True, slots=True)
class BulkActions:
    """What a register offers for the rows that are ticked."""

    action: str
    acts: tuple[tuple[str, str], ...]
    papers: tuple[tuple[str, str], ...]


def acts_of(lifecycle: Lifecycle[Any]) -> Iterator[type[Command]]:
    """The commands of a kind of case that may be given to several at once."""
    for command in offered(lifecycle)[1]:
        inputs = inputs_of(command, "zh")
        wanted = [each for each in inputs if each.required]
        if command in _ONE_BY_ONE or has_page(command) or any(_is_of_each(each) for each in inputs):
            continue
        if len(wanted) <= 1 and all(each.kind in _SAME_FOR_ALL for each in wanted):
            yield command


def _is_of_each(each: Input) -> bool:
    """Whether a field, wanted or not, is about one matter alone: an amount, a choice, a list, a signature."""
    return each.kind in _OF_EACH or each.name.endswith("signature") or each.name == "signed_by"


def bulk_actions(page: Page, path: str, rows: Sequence[Mapping[str, Any]]) -> BulkActions | None:
    """What may be done here with several rows: what the role gives and the state of one of them takes, and the papers."""
    lifecycle = BY_PATH.get(path)
    if lifecycle is None or not rows or len({row["case_id"] for row in rows}) < len(rows):
        return None
    mine, states = set(page.roles), {row.get("state") for row in rows}
    rows_of = {
        command: [row for each in states if each for row in lifecycle.open_to(each, command)]
        for command in acts_of(lifecycle)
    }
    open_ = [command for command, steps in rows_of.items() if any(not mine.isdisjoint(row.who) for row in steps)]
    open_.sort(key=lambda command: all(row.target == SAME for row in rows_of[command]))  # what leads on stands first
    acts = tuple((slug_of(command), page.t(command.ZH, command.EN)) for command in open_)
    papers = tuple((page.at("print", form.slug, "all"), form.title) for form in forms_of(path))
    return BulkActions(page.at("registers", path, "together"), acts, papers) if acts or papers else None
