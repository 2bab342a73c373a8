"""The court 诉讼 (§8.A(2), §8.B(3)): a suit is brought, and what became of it feeds back into the bills."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from domain.arrears.debt_case.case import LEGAL, STAGE2, DebtCase
from domain.arrears.debt_case.commands.committee import committee_first
from domain.arrears.debt_case.commands.dunning import manager_visit, next_step
from domain.arrears.debt_case.events import LegalActionEnded, LegalActionStarted, LegalOutcomeNoted, LegalStepRecorded
from domain.arrears.terms import DebtorCategory, LastMeasure, LegalOutcome, Reduction
from domain.kernel.calendar import add_years
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Command, Event, Moment, command
from domain.kernel.people import Actor
from domain.kernel.rules import blank, broken, day_ahead, forbid, missing, negative

_DECIDED: Final = (LegalOutcome.MEDIATED, LegalOutcome.JUDGMENT, LegalOutcome.ENFORCED)


@command
class StartLegalAction(Command):
    """进入法律程序 · Start legal action."""

    court: str | None = None
    evidence: str | None = None
    despite: str | None = None

    @staticmethod
    def ready(debt: DebtCase, _who: Actor) -> Refusal | None:
        """After the fruitless visit's days; holdouts at once from the second stage (§8.B(3))."""
        if debt.state == STAGE2 and debt.category is not DebtorCategory.HOLDOUT:
            return RuleBroken(
                "visit-first", "8.A(2)", zh="须上门催缴无效三日后", en="three days after a fruitless visit"
            )
        return manager_visit(debt)

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """With the evidence bundle (§8.B(3)); a suit interrupts the limitation (民法典195)."""
        if not self.evidence:
            at.require_evidence(missing("evidence", "8.B(3)", "请附证据清单", "list the evidence"))
        at.require_evidence(committee_first(debt, LastMeasure.LEGAL_ACTION, self.despite, at))
        years = at.numbers.integer("arrears.limitation_years")
        yield self.to_event(LegalActionStarted, lapses_on=add_years(at.today, years), next_by=next_step(at))


@command
class RecordLegalOutcome(Command):
    """登记诉讼结果 · Record what became of the suit."""

    outcome: LegalOutcome
    on: date
    document: str
    costs_fen: int = 0
    reductions: tuple[Reduction, ...] = ()

    @staticmethod
    def ready(debt: DebtCase, _who: Actor) -> Refusal | None:
        """A suit was brought and is not over, though what it was about may be paid by now."""
        if debt.state != LEGAL and debt.suit_at is None:
            return broken("no-suit", "8.B(3)", "没有未了结的诉讼", "no suit is under way")
        return None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """On its own day, with the court's document (§8.B(3)).

        A settlement or a judgment says what is owed: what it does not grant lowers the bills, costs that it awards join
        the oldest. Enforcement follows a decision. Withdrawn or dismissed, the debt is pursued as before the suit, and its
        limitation runs anew from that day (民法典195). A decision may be followed by that of a higher court. What became of a
        suit whose debt was paid meanwhile is on the file; what it says of amounts is entered on the bills.
        """
        forbid(blank(self.document, "document", "8.B(3)", "请注明法院文书", "name the court's document"))
        forbid(day_ahead(self.on, "8.B(3)", at, "on"))
        brought = debt.legal_at or debt.suit_at
        if brought is not None and self.on < at.day_of(brought):
            raise broken("before-the-suit", "8.B(3)", "不早于起诉之日", "not before the suit was brought", "on")
        decided = debt.legal_outcome in _DECIDED
        if self.outcome is LegalOutcome.ENFORCED and not decided:
            zh, en = "须先有调解书或判决", "a settlement or a judgment comes first"
            raise broken("nothing-decided", "8.B(3)", zh, en, "outcome")
        if decided and self.outcome.ends:
            zh = "已有调解或判决：上诉撤回、驳回即维持，请登记为判决"
            en = "it is decided: an appeal that came to nothing leaves the judgment, which is recorded as one"
            raise broken("decided-already", "8.B(3)", zh, en, "outcome")
        forbid(negative(self.costs_fen, "8.B(3)", "costs_fen"))
        if (self.costs_fen or self.reductions) and not self.outcome.decides:
            zh, en = "只有调解、判决可定金额", "only a settlement or a judgment says amounts"
            raise broken("says-no-amounts", "8.B(3)", zh, en, "reductions" if self.reductions else "costs_fen")
        lapses_on = add_years(self.on, at.numbers.integer("arrears.limitation_years"))
        if debt.state != LEGAL:
            yield self._noted(lapses_on if self.outcome.ends else None)
            return
        self._check_reductions(debt)
        next_by = next_step(at)
        if self.outcome.ends:
            yield LegalActionEnded(
                outcome=self.outcome, on=self.on, document=self.document, lapses_on=lapses_on, next_by=next_by
            )
        else:
            yield self.to_event(LegalStepRecorded, next_by=next_by)

    def _noted(self, lapses_on: date | None) -> LegalOutcomeNoted:
        """What became of a suit whose debt was paid meanwhile."""
        if self.costs_fen or self.reductions:
            zh, en = (
                "欠费已结清或从头追讨，金额请在账单上登记",
                "that debt is paid: what it says of amounts is entered on its bills",
            )
            raise broken("says-no-amounts", "8.B(3)", zh, en, "reductions" if self.reductions else "costs_fen")
        return LegalOutcomeNoted(outcome=self.outcome, on=self.on, document=self.document, lapses_on=lapses_on)

    def _check_reductions(self, debt: DebtCase) -> None:
        """Each of a bill of the case, once; how much there is to lower, the bill says: what was paid of it is free again."""
        named = [each.bill for each in self.reductions]
        for each in self.reductions:
            forbid(negative(min(each.principal_fen, each.late_fee_fen), "8.B(3)", "reductions"))
            known = each.bill in debt.bills and named.count(each.bill) == 1
            if not known or not each.principal_fen + each.late_fee_fen:
                zh, en = (
                    "调减须为本案账单，每张一次，金额大于零",
                    "each lowers one bill of the case, once, by something",
                )
                raise broken("reduction-wrong", "8.B(3)", zh, en, "reductions")
