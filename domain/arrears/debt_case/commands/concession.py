"""Concessions 优惠 to real hardship (§8.B(4)): proposed by one, approved by the manager, put back when a plan is broken."""

from __future__ import annotations

from collections.abc import Iterator

from domain.arrears.debt_case.case import DebtCase
from domain.arrears.debt_case.commands.dunning import next_step
from domain.arrears.debt_case.events import (
    ConcessionApproved,
    ConcessionProposed,
    ConcessionRefused,
    InstalmentBroken,
    InstalmentBrokenBeforeNotice,
    InstalmentBrokenInFirstStage,
    ReliefGranted,
    ServicesRestored,
)
from domain.arrears.terms import ConcessionKind, DebtorCategory, Instalment
from domain.kernel.calendar import add_months
from domain.kernel.errors import Refusal, RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.money import yuan
from domain.kernel.people import Actor, Role
from domain.kernel.rules import broken, forbid, missing, out_of_range, second_person


@command
class ProposeConcession(Command):
    """提出优惠 · Propose a concession."""

    kind: ConcessionKind
    reason: Personal
    amount_fen: int | None = None
    instalments: tuple[Instalment, ...] = ()
    bill: str | None = None

    @staticmethod
    def ready(debt: DebtCase, _who: Actor) -> Refusal | None:
        """For real hardship only (§8.B(4))."""
        if debt.category is not DebtorCategory.HARDSHIP:
            return RuleBroken("not-hardship", "8.B(4)", zh="只有确有困难的住户可予优惠", en="for real hardship only")
        return None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """A plan pays the whole debt, part by part, in days to come; any other names its bill and its amount."""
        if self.kind is ConcessionKind.INSTALMENTS:
            _check_plan(debt, self.instalments, at)
        else:
            if self.bill is None or self.bill not in debt.unpaid:
                listed = "、".join(debt.unpaid)
                raise broken(
                    "bill-not-owed", "8.B(4)", f"请选择欠费账单：{listed}", f"one that is unpaid: {listed}", "bill"
                )
            forbid(out_of_range(self.amount_fen or 0, debt.bills[self.bill], "8.B(4)", "amount_fen"))
        ordered = tuple(sorted(self.instalments, key=lambda part: part.due_on))
        yield self.to_event(ConcessionProposed, instalments=ordered)


def _check_plan(debt: DebtCase, instalments: tuple[Instalment, ...], at: Moment) -> None:
    """All of it, from today on, and within the setting's months: a plan puts no debt aside."""
    total = sum(part.amount_fen for part in instalments)
    ahead = all(part.due_on >= at.today and part.amount_fen > 0 for part in instalments)
    owed = sum(debt.bills[bill] for bill in debt.unpaid)
    if total != owed or not ahead:
        raise broken(
            "plan-unsound",
            "8.B(4)",
            f"分期须覆盖全部欠款{yuan(owed)}元，日期不早于{at.today}",
            f"the plan must pay all, CNY {yuan(owed)}, from {at.today} on",
            "instalments",
        )
    latest = add_months(at.today, at.numbers.integer("arrears.plan_within_months"))
    if any(part.due_on > latest for part in instalments):
        zh, en = f"分期最迟至{latest}缴清", f"by {latest} all is paid"
        at.require_evidence(broken("plan-too-long", "8.B(4)", zh, en, "instalments"))


@command
class DecideConcession(Command):
    """审批优惠 · Decide on a concession."""

    approved: bool
    reason: Personal

    @staticmethod
    def ready(debt: DebtCase, who: Actor) -> Refusal | None:
        """There must be a proposal, and somebody else made it (§8.B(4))."""
        if debt.proposed is None or debt.proposed_by is None:
            return RuleBroken("nothing-proposed", "8.B(4)", zh="没有待审批的优惠", en="no concession is proposed")
        return second_person(who, {debt.proposed_by}, "8.B(4)")

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """By the manager; a plan must still fit what is owed, and brings suspended services back at once (§8.B(4))."""
        proposed = debt.proposed
        if not self.approved or proposed is None:
            yield ConcessionRefused(reason=self.reason)
        elif proposed.kind is ConcessionKind.INSTALMENTS:
            _check_plan(debt, proposed.instalments, at)
            if debt.services:
                yield ServicesRestored(services=debt.services)
            yield ConcessionApproved(
                kind=proposed.kind, instalments=proposed.instalments, bills=debt.unpaid, reason=self.reason
            )
        elif proposed.bill is None or proposed.amount_fen is None:  # proposed before it had to say of which bill
            raise missing("bill", "8.B(4)", "请重新提出，写明账单和金额", "propose it anew with its bill and amount")
        else:
            yield ReliefGranted(
                kind=proposed.kind, bill=proposed.bill, amount_fen=proposed.amount_fen, reason=self.reason
            )


@command
class BreakInstalment(Command):
    """分期未履行 · Note that an instalment was not paid."""

    reason: str | None = None

    @staticmethod
    def ready(debt: DebtCase, who: Actor) -> Refusal | None:
        """The manager ends no plan that is being kept, unless newer bills stay unpaid beside it."""
        if who.role is Role.MANAGER and debt.next_instalment is not None and set(debt.unpaid) <= set(debt.plan):
            return broken("plan-kept", "8.B(4)", "分期尚在履行", "the plan is being kept")
        return None

    def decide(self, debt: DebtCase, at: Moment) -> Iterator[Event]:
        """A broken plan puts the case back where it came from (§8.B(4)).

        The clock says so at the end of an instalment's day. The manager may end a plan with a reason.
        """
        part = debt.next_instalment
        if at.role is Role.MANAGER and self.reason is None:
            raise missing("reason", "8.B(4)", "请写明理由", "say why")
        due_on = part.due_on if part is not None and at.role is not Role.MANAGER else at.today
        made: type[Event] = InstalmentBroken
        if debt.stage2_at is None:
            made = InstalmentBrokenBeforeNotice if debt.notice1_at is None else InstalmentBrokenInFirstStage
        next_by = {"next_by": next_step(at)} if made is InstalmentBroken and not debt.stands_still else {}
        yield self.to_event(made, due_on=due_on, **next_by)
