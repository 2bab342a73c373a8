"""An open debt is never without a next date (§8): after the second letter, a plan, a suspension, at law, in dispute."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.arrears.debt_case.case import OPEN
from domain.arrears.debt_case.commands.committee import ConsultCommittee
from domain.arrears.debt_case.commands.concession import BreakInstalment
from domain.arrears.debt_case.commands.dunning import ClassifyDebtor, VisitDebtor
from domain.arrears.debt_case.commands.lawsuit import StartLegalAction
from domain.arrears.debt_case.commands.measures import (
    AmendSuspension,
    LiftSuspension,
    MissNextStep,
    NoteDebtPayment,
    RaiseDispute,
    RecordDisputeStep,
    RecordNextStep,
    ReleaseDispute,
    SuspendServices,
)
from domain.arrears.debt_case.events import (
    CommitteeConsulted,
    ConcessionApproved,
    InstalmentBroken,
    LadderBegunAnew,
    NextStepLate,
    NextStepRecorded,
    SuspensionAmended,
    SuspensionLifted,
)
from domain.arrears.debt_case.lifecycle import LIFECYCLE
from domain.arrears.terms import (
    ConcessionKind,
    DebtorCategory,
    Instalment,
    LastMeasure,
    OptionalService,
    SuspensionGround,
    VisitOutcome,
)
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.fact import COMMANDS
from domain.kernel.people import Actor, Role
from domain.office.responsibility import DUTIES
from tests.domain.arrears.owing import (
    CLERK,
    CLOCK,
    MANAGER,
    POLICY,
    a_bill,
    in_second_stage,
    joins,
    noticed,
    opened,
    pays,
    second_stage,
    visited,
)
from tests.domain.story import Story, instant
from tests.domain.walking import branch

PART = (Instalment(due_on=date(2025, 4, 1), amount_fen=30_000),)


def dated(case: Any) -> bool:
    """Whether something of the case has a date ahead, or stands overdue on the desk; the limitation is no step of ours."""
    owed = {due.kind for due in LIFECYCLE.due(case)} - {"limitation"}
    late = [row.kind for row in LIFECYCLE.deadlines if case.state in row.states]
    return bool(owed) or any(DUTIES["debt_case", kind].missed(case) is not None for kind in late)


SERVICES = (OptionalService.SPECIAL,)
STEPS: tuple[tuple[Any, Role], ...] = (
    (RaiseDispute(reason="面积不符"), CLERK),
    (RecordDisputeStep(step="复核"), CLERK),
    (ReleaseDispute(outcome="属实"), CLERK),
    (VisitDebtor(outcome=VisitOutcome.PROMISED), CLERK),
    (VisitDebtor(outcome=VisitOutcome.REFUSED), CLERK),
    (NoteDebtPayment(bill="bill-1", outstanding_fen=10_000), POLICY),
    (RecordNextStep(done="电话"), CLERK),
    (SuspendServices(services=SERVICES, ground=SuspensionGround.COVENANT, article=9), MANAGER),
    (StartLegalAction(evidence="清单"), MANAGER),
    (ClassifyDebtor(category=DebtorCategory.HARDSHIP), CLERK),
    (BreakInstalment(reason="未履行"), MANAGER),
)


def test_whatever_becomes_of_an_open_debt_it_has_a_next_date() -> None:
    """From every rung of the ladder, whatever is done next and next again, and whatever the clock then says."""
    seen: set[tuple[str, bool]] = set()
    plan = ConcessionApproved(kind=ConcessionKind.INSTALMENTS, instalments=PART, bills=("bill-1",))
    waiting = [opened(), noticed(), in_second_stage(), second_stage(), visited(), visited(DebtorCategory.HOLDOUT)]
    waiting += [story.given(plan, at="2025-03-20 09:00") for story in (noticed(), second_stage(), visited())]
    at = instant("2025-03-24 10:00")
    for _ in range(3):
        following = []
        for story in waiting:
            for due in LIFECYCLE.due(story.case):
                if due.kind != "limitation":
                    gone = branch(story).when(COMMANDS[due.gives](), as_=CLOCK, at=max(due.due_at, at))
                    assert gone.refusal is None, (due, gone.refusal)
                    following.append(gone)
            tried = (branch(story).when(command, as_=role, at=at) for command, role in STEPS)
            following += [each for each in tried if each.refusal is None and each.outcome]
        for story in following:
            if story.case.state in OPEN:
                seen.add((story.case.state, story.case.disputed))
                assert dated(story.case), (story.case.state, [fact.name for fact in story.facts])
        waiting, at = following, at + timedelta(days=9)
    assert {state for state, _ in seen} == set(OPEN)


@pytest.mark.parametrize(
    "story",
    [
        second_stage,
        lambda: second_stage().when(VisitDebtor(outcome=VisitOutcome.PROMISED), as_=CLERK, at="2025-03-12 19:00"),
        lambda: visited().when(
            SuspendServices(services=(next(iter(OptionalService)),), ground=SuspensionGround.COVENANT, article=9),
            as_=MANAGER,
            at="2025-03-16 09:00",
        ),
        lambda: visited().when(StartLegalAction(evidence="清单"), as_=MANAGER, at="2025-03-16 09:00"),
        lambda: second_stage().when(RaiseDispute(reason="面积不符"), as_=CLERK, at="2025-03-12 09:00"),
        lambda: (
            second_stage()
            .when(RaiseDispute(reason="面积不符"), as_=CLERK, at="2025-03-12 09:00")
            .when(ReleaseDispute(outcome="属实"), as_=CLERK, at="2025-03-13 09:00")
        ),
    ],
    ids=["second letter", "promised", "suspended", "at law", "disputed", "dispute ended"],
)
def test_after_each_of_these_the_next_step_has_a_date(story: Any) -> None:
    told: Story = story()
    assert told.refusal is None
    assert "next-step" in {due.kind for due in LIFECYCLE.due(told.case)}


def test_a_plan_that_breaks_goes_on_and_one_that_is_kept_leaves_the_newer_bills_on_the_ladder() -> None:
    plan = ConcessionApproved(kind=ConcessionKind.INSTALMENTS, instalments=PART, bills=("bill-1",))
    story = second_stage().given(plan, at="2025-03-12 09:00")
    story.owes("next-step", None).owes("instalment", "2025-04-02 00:00")
    story.when(BreakInstalment(), as_=CLOCK, at="2025-04-02 00:00").then(InstalmentBroken)
    story.owes("next-step", "2025-04-18 00:00")
    kept = joins(second_stage().given(plan, at="2025-03-12 09:00"), a_bill(id="bill-2"), at="2025-03-16 00:00")
    kept.case.dunned.add("bill-2")  # a letter had named it too
    pays(kept, "bill-1", 0, "2025-03-20 09:00").then(LadderBegunAnew).is_in("opened")


def test_a_step_that_is_not_taken_stays_on_the_desk_until_one_is() -> None:
    story = second_stage().owes("next-step", "2025-03-27 00:00")
    story.when(MissNextStep(), as_=CLOCK, at="2025-03-27 00:00").then(NextStepLate, due_on=date(2025, 3, 26))
    story.owes("next-step", None)
    assert DUTIES["debt_case", "next-step"].missed(story.case) is not None
    story.when(RecordNextStep(done="电话约定"), as_=CLERK, at="2025-03-28 09:00").then(NextStepRecorded)
    story.owes("next-step", "2025-04-13 00:00")
    story.when(RaiseDispute(reason="x"), as_=CLERK, at="2025-03-30 10:00").owes("next-step", "2025-04-15 00:00")
    story.when(RecordDisputeStep(step="已复核"), as_=CLERK, at="2025-03-31 10:00").owes("next-step", "2025-04-16 00:00")


def test_the_next_step_is_not_put_off_beyond_the_setting() -> None:
    for day in (date(2025, 4, 13), date(2025, 3, 28)):
        story = second_stage().when(RecordNextStep(done="x", next_by=day), as_=CLERK, at="2025-03-28 09:00")
        story.refused(RuleBroken, code="next-step-too-late")
    second_stage().when(RecordNextStep(done=" "), as_=CLERK, at="2025-03-28 09:00").refused(
        RuleBroken, code="done-missing"
    )
    story = second_stage().when(RecordNextStep(done="x", next_by=date(2025, 4, 1)), as_=CLERK, at="2025-03-28 09:00")
    story.owes("next-step", "2025-04-02 00:00")


def suspended() -> Story:
    services = tuple(OptionalService)[:2]
    return visited().when(
        SuspendServices(services=services, ground=SuspensionGround.COVENANT, article=9),
        as_=MANAGER,
        at="2025-03-16 09:00",
    )


def test_a_suspension_is_amended_or_lifted_with_the_reason_and_the_debt_goes_on() -> None:
    one = (next(iter(OptionalService)),)
    story = suspended().when(AmendSuspension(services=one, reason="老人独居"), as_=MANAGER, at="2025-03-20 09:00")
    story.then(SuspensionAmended).is_in("suspended").owes("next-step", "2025-04-05 00:00")
    assert story.case.services == one
    story.when(AmendSuspension(services=one, reason="x"), as_=MANAGER, at="2025-03-20 09:00").refused(
        RuleBroken, code="services-as-before"
    )
    story.when(AmendSuspension(services=(), reason="x"), as_=MANAGER, at="2025-03-20 09:00").refused(RuleBroken)
    for command in (AmendSuspension(services=one, reason=" "), LiftSuspension(reason=" ")):
        suspended().when(command, as_=MANAGER, at="2025-03-20 09:00").refused(RuleBroken, code="reason-missing")
    story.when(LiftSuspension(reason="已签还款承诺"), as_=CLERK, at="2025-03-21 09:00").refused(NotPermitted)
    story.when(LiftSuspension(reason="已签还款承诺"), as_=MANAGER, at="2025-03-21 09:00")
    story.then(SuspensionLifted, services=one).is_in("stage-2").owes("next-step", "2025-04-06 00:00")
    assert story.case.services == ()
    assert LiftSuspension.ready(story.case, Actor("x", MANAGER)) is not None


def test_a_plan_that_is_granted_while_all_is_disputed_leaves_the_dispute_its_date() -> None:
    """The dispute stops the plan's clock; what nobody dates stops the dispute's no more."""
    plan = ConcessionApproved(kind=ConcessionKind.INSTALMENTS, instalments=PART, bills=("bill-1",))
    story = second_stage().when(RaiseDispute(reason="面积不符"), as_=CLERK, at="2025-03-12 09:00")
    at = next(due.due_at for due in LIFECYCLE.due(story.case) if due.kind == "next-step")
    story.given(plan, at="2025-03-13 09:00").is_in("concession")
    story.owes("instalment", None)
    assert {due.kind: due.due_at for due in LIFECYCLE.due(story.case)}["next-step"] == at
    asked = ConsultCommittee(measures=(LastMeasure.LEGAL_ACTION,), document="函1")
    story.when(asked, as_=MANAGER, at="2025-03-14 09:00").then(CommitteeConsulted, next_by=None)
    assert {due.kind: due.due_at for due in LIFECYCLE.due(story.case)}["next-step"] == at
