"""A single wrong step of a case that is right is taken back in the open; the case stands as it stood before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from domain.complaints.complaint.commands.reception import AssessComplaint
from domain.complaints.complaint.events import (
    ComplaintAssessed,
    ComplaintInvestigated,
    ComplaintResolved,
    PromiseMissed,
)
from domain.complaints.complaint.lifecycle import LIFECYCLE as COMPLAINT
from domain.fees.bill.events import BillSettled, PaymentReceived
from domain.fees.bill.lifecycle import LIFECYCLE as BILL
from domain.fees.meter.lifecycle import LIFECYCLE as METER
from domain.fees.payment import LIFECYCLE as PAYMENT
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.mending import CorrectEntry, effective_from
from domain.kernel.people import Actor, Role
from domain.kernel.withdrawn_steps import StepWithdrawn, WithdrawStep, last_step
from tests.domain.kernel.test_mending import CLERK, HEAD, MANAGER, REGISTERED, complaint
from tests.domain.kinds import large_ones_apart
from tests.domain.story import Story, given, instant
from tests.domain.walking import branch, walk

WRONG = WithdrawStep(reason="记到了别家")
PROMISED = ComplaintAssessed(
    measure="查看", promised_by=instant("2025-03-05 12:00"), told_at=instant("2025-03-03 10:30")
)
RESOLVED = ComplaintResolved(result="好", done_by="plumber")


def resolved() -> Story:
    return complaint().given((PROMISED, "2025-03-03 10:30"), (RESOLVED, "2025-03-04 09:00"))


def ours(story: Story) -> Story:
    """The same facts as if people here had entered them all: what was imported has no steps."""
    other = branch(story)
    other.facts = [replace(fact, imported=False) for fact in story.facts]
    other.case = story.lifecycle.fold(other.facts)
    return other


@large_ones_apart
def test_in_whatever_state_the_case_stands_as_it_would_without_its_last_step(lifecycle: Lifecycle[Any]) -> None:
    taken_back = 0
    for _, kept, now in walk(lifecycle.kind):
        if kept.case is None or not lifecycle.of.CORRECTS:
            continue
        story = ours(kept)
        last = last_step(story.case)
        tried = branch(story).when(WRONG, as_=Role.COMPANY, by="somebody-else", at=now)
        if tried.refusal is not None:
            continue
        taken_back += 1
        assert last is not None
        tried.then(StepWithdrawn, withdrawn=last.name, written_by=last.user_id, speaks_of=last.occurred_at)
        assert lifecycle.fold(tried.facts) == tried.case
        without = lifecycle.fold(fact for fact in story.facts if fact.version not in story.case.undoes)
        assert (without.state, lifecycle.due(without), lifecycle.held(without)) == (
            tried.case.state,
            lifecycle.due(tried.case),
            lifecycle.held(tried.case),
        )
        assert set(tried.case.breaches) >= set(story.case.breaches), "a written breach is no step"
        assert last.user_id in tried.case.acted, "who did something about it has done so"
    assert taken_back or not lifecycle.of.CORRECTS or lifecycle in (METER, PAYMENT), (
        "what stands in an account goes back by an entry, what was read of a meter by another reading"
    )


def test_a_second_person_above_takes_it_back_with_the_reason() -> None:
    resolved().when(WRONG, as_=CLERK, by="wang").refused(NotPermitted)
    resolved().when(WRONG, as_=HEAD, by="someone").refused(RuleBroken, code="second-person")
    resolved().when(WRONG, as_=HEAD, by="plumber").refused(RuleBroken, code="second-person")
    resolved().when(WithdrawStep(reason=" "), as_=HEAD, by="wang").refused(RuleBroken, code="reason-missing")
    resolved().when(replace(WRONG, origin="x"), as_=HEAD, by="wang").refused(RuleBroken, code="origin-of-program")
    story = resolved().when(WRONG, as_=HEAD, by="wang", at="2025-03-04 15:00").is_in("assessed")
    assert (story.case.done_by, story.case.resolved_at) == (None, None)
    assert effective_from(story.facts[-1]) == instant("2025-03-04 09:00"), "it never counted"
    [said] = story.case.steps_withdrawn
    assert (said.step, said.written_by, said.by, said.reason) == ("ComplaintResolved", "someone", "wang", "记到了别家")


def test_one_after_another_the_last_one_first_and_never_the_opening() -> None:
    story = resolved().when(WRONG, as_=HEAD, by="wang").when(WRONG, as_=HEAD, by="wang").is_in("registered")
    assert len(story.case.steps_withdrawn) == 2
    story.when(WRONG, as_=HEAD, by="wang").refused(RuleBroken, code="no-step")


def test_who_has_seen_another_last_step_withdraws_nothing() -> None:
    resolved().when(replace(WRONG, entry=2), as_=HEAD, by="wang").refused(RuleBroken, code="step-followed")
    resolved().when(replace(WRONG, entry=3), as_=HEAD, by="wang").then(StepWithdrawn, taken_back=(3,))


def test_a_step_in_the_middle_says_what_to_withdraw_first() -> None:
    story = complaint().given(
        (PROMISED, "2025-03-03 10:30"),
        (ComplaintInvestigated(findings="f", root_cause="c"), "2025-03-03 11:00"),
        (RESOLVED, "2025-03-04 09:00"),
    )
    story.when(CorrectEntry(field="home", value="1-102", reason="笔误"), as_=HEAD, by="li")
    refusal = story.when(replace(WRONG, entry=2), as_=HEAD, by="wang").refused(RuleBroken, code="step-followed").refusal
    assert refusal is not None
    assert "第4号「投诉已处理」、第3号「已调查原因」" in refusal.zh
    assert "no. 4 “Complaint handled”, no. 3 “Investigated to the root cause”" in refusal.en
    story.when(replace(WRONG, entry=4), as_=HEAD, by="wang").then(StepWithdrawn)
    refusal = story.when(replace(WRONG, entry=2), as_=HEAD, by="wang").refusal
    assert refusal is not None
    assert "第3号" in refusal.zh
    assert "第4号" not in refusal.zh, "it is gone already"


def test_a_written_breach_stays_written_and_the_promise_can_be_made_rightly() -> None:
    story = complaint().given((PROMISED, "2025-03-03 10:30"))
    story._fold(PromiseMissed(due_at=PROMISED.promised_by), PROMISED.promised_by, Role.CLOCK, "clock")
    story.when(WRONG, as_=MANAGER, by="wang", at="2025-03-06 09:00").is_in("registered")
    assert [breach.event for breach in story.case.breaches] == ["PromiseMissed"]
    said = AssessComplaint(
        measure="查看", promised_by=instant("2025-03-10 12:00"), told_at=instant("2025-03-06 09:00"), reason="前次记错"
    )
    story.when(said, as_=CLERK, at="2025-03-06 09:05").is_in("assessed")
    assert [breach.event for breach in story.case.breaches] == ["PromiseMissed"]


def test_what_is_said_beside_the_steps_does_not_hide_the_last_one() -> None:
    story = resolved().when(CorrectEntry(field="home", value="1-102", reason="笔误"), as_=HEAD, by="li")
    story.when(WRONG, as_=HEAD, by="wang").is_in("assessed")
    assert story.case.home == "1-102"


def test_what_one_command_said_goes_together() -> None:
    """Two facts of one command are one step; two of two commands at one standing instant are two."""
    story = Story(BILL)
    for _, kept, _ in walk("bill"):
        if kept.case is not None and kept.case.state == "issued" and kept.case.outstanding_fen > 0:
            story = ours(kept)
            break
    owed, at = story.case.outstanding_fen, instant("2026-01-05 09:00")
    paid = PaymentReceived(amount_fen=owed, method="cash", receipt="R-1", value_date=date(2026, 1, 5))
    story._fold(paid, at, CLERK, "li")
    story._fold(BillSettled(), at, CLERK, "li")
    places = (len(story.facts) - 1, len(story.facts))
    assert story.case.undoes == places
    refusal = WithdrawStep.ready(story.case, Actor("wang", MANAGER))
    assert refusal is not None
    assert refusal.code == "money-moved", "money goes back by a reversal of its own"
    two = complaint().given((ComplaintInvestigated(findings="f", root_cause="c"), "2025-03-03 11:00"))
    two._fold(PROMISED, instant("2025-03-03 11:00"), CLERK, "someone")
    assert two.case.undoes == (3,)


def test_what_another_system_said_has_no_steps_here() -> None:
    story = given(COMPLAINT, REGISTERED)
    story.facts = [replace(story.facts[0], imported=True)]
    story.case = COMPLAINT.fold(story.facts)
    story._fold(PROMISED, PROMISED.told_at or PROMISED.promised_by, CLERK, "li")
    story.when(WRONG, as_=HEAD, by="wang").refused(RuleBroken, code="no-step")
