"""A written breach stays written: a late entry claims to unmake it, and counts once a second person above has confirmed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.arrears.debt_case.case import DebtCase
from domain.arrears.debt_case.events import DunningNoticeIssued, NoticeLate, SecondNoticeIssued
from domain.arrears.debt_case.lifecycle import letter_of
from domain.cases import CASES, COMMAND_OF, lifecycle_for
from domain.complaints.complaint.events import (
    Channel,
    ComplaintAssessed,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintResolved,
    PromiseMissed,
)
from domain.complaints.complaint.lifecycle import LIFECYCLE as COMPLAINT
from domain.homes.vacant_home.events import InspectionMissed
from domain.kernel.errors import NotFound, NotPermitted, RuleBroken
from domain.kernel.fact import Event, Fact
from domain.kernel.late_entries import (
    GENERIC,
    ConfirmLateEntry,
    LateEntryConfirmed,
    LateEntryRejected,
    RejectLateEntry,
    effective_from,
    just_entered_late,
)
from domain.kernel.lifecycle.declare import breach, opens_round
from domain.kernel.mending import SET_ASIDE
from domain.kernel.people import Actor, Role
from domain.kernel.standing import Standing, Verdict, summary
from domain.residents.household.events import FileConfirmed, FileFoundNeglected, HouseholdOpened, Occupancy
from domain.residents.household.lifecycle import LIFECYCLE as HOUSEHOLD
from domain.rounds.notice_board import EditionPosted
from tests import drill_kind
from tests.domain.kernel.test_every_lifecycle import BARE, table
from tests.domain.story import Story, given, instant

CLERK, HEAD, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.COMPANY
DUE = "2025-01-31 12:00"
SIGNED = ConfirmLateEntry(reason="值班记录属实", evidence="值班记录 12 页")


def enter(
    story: Story,
    event: Event,
    at: str,
    *,
    entered: str | None = None,
    by: str = "li",
    role: Role = CLERK,
    **more: Any,
) -> Story:
    """An event that happened at one time and was entered at another."""
    occurred = instant(at)
    late = int((instant(entered) - occurred).total_seconds()) if entered else None
    version = len(story.facts) + 1
    fact = Fact(
        office="XH",
        number=version,
        case_id=story.id,
        version=version,
        event_id=uuid4(),
        event=event,
        user_id=by,
        role=role,
        occurred_at=occurred,
        recorded_at=instant(entered or at),
        correlation_id=uuid4(),
        late=late,
        **more,
    )
    story.facts.append(fact)
    story.case = story.lifecycle.apply(story.case, fact)
    return story


def resolved() -> Event:
    return ComplaintResolved(result="好", done_by="li")


def missed() -> Story:
    """A complaint promised until noon on 31 January, and not handled by then."""
    registered = ComplaintRegistered(channel=Channel.IN_PERSON, category="noise", matter="x", content="y")
    promised = ComplaintAssessed(measure="m", promised_by=instant(DUE), told_at=instant("2025-01-20 09:00"))
    story = given(COMPLAINT, (registered, "2025-01-20 09:00"), (promised, "2025-01-20 10:00"))
    return enter(story, PromiseMissed(due_at=instant(DUE)), DUE, by="clock", role=Role.CLOCK)


def stands(story: Story, line: str = "") -> tuple[Standing | None, str | None]:
    return summary(story.case.breaches, story.case.late_entries, line)


def late() -> Story:
    """Entered in April: it was handled an hour before the promise ran out."""
    return enter(missed(), resolved(), "2025-01-31 11:00", entered="2025-04-10 09:00")


# -- the claim -------------------------------------------------------------------------------------------------------


def test_a_late_entry_that_would_unmake_a_breach_is_taken_and_marked_and_the_breach_stands() -> None:
    story = late().is_in("resolved")
    assert stands(story) == (Standing.UNCONFIRMED, "PromiseMissed")
    [entry] = story.case.late_entries
    assert (entry.verdict, entry.unmakes, entry.user_id) == (Verdict.UNCONFIRMED, ("PromiseMissed",), "li")
    assert entry.entered_at == instant("2025-04-10 09:00")
    assert just_entered_late(story.case)


def test_what_is_done_at_exactly_the_due_instant_or_later_claims_nothing() -> None:
    for at in (DUE, "2025-02-03 09:00"):
        story = enter(missed(), resolved(), at, entered="2025-04-10 09:00")
        assert stands(story) == (Standing.MISSED, "PromiseMissed")
        assert story.case.late_entries[0].verdict is None, "nothing to confirm: it is late, and shows"


def test_an_entry_that_speaks_of_the_time_before_the_breach_claims_it_however_little_late_it_is() -> None:
    story = enter(missed(), resolved(), "2025-01-31 11:59")
    assert stands(story)[0] is Standing.UNCONFIRMED
    assert story.case.late_entries[0].entered_at == instant("2025-01-31 11:59"), "an older program did not say how late"


def test_a_late_entry_of_an_imported_history_or_without_a_breach_claims_nothing() -> None:
    imported = enter(missed(), resolved(), "2025-01-31 11:00", imported=True)
    assert stands(imported) == (Standing.MISSED, "PromiseMissed")
    before = given(COMPLAINT, ComplaintRegistered(channel=Channel.IN_PERSON, category="n", matter="x"))
    story = enter(before, resolved(), "2025-03-04 10:00", entered="2025-03-09 10:00")
    assert stands(story) == (None, None)
    assert story.case.late_entries[0].claims == ()


def test_a_breach_that_another_system_tells_of_is_that_systems_own() -> None:
    story = given(COMPLAINT, ComplaintRegistered(channel=Channel.IN_PERSON, category="n", matter="x"))
    enter(story, PromiseMissed(due_at=None), "2025-03-05 10:00", imported=True)
    assert story.case.breaches == ()


def test_what_a_policy_makes_of_a_late_entry_bears_the_name_of_whoever_entered_it() -> None:
    story = enter(
        missed(),
        resolved(),
        "2025-01-31 11:00",
        entered="2025-04-10 09:00",
        by="policy:x",
        role=Role.POLICY,
        entered_by="li",
    )
    story.when(SIGNED, as_=MANAGER, by="li").refused(RuleBroken, code="own-late-entry")


# -- the verdict -----------------------------------------------------------------------------------------------------


def test_a_second_person_above_confirms_it_with_reason_and_evidence_and_the_breach_is_unmade() -> None:
    story = late().when(SIGNED, as_=HEAD, by="wang", at="2025-04-11 09:00")
    story.then(LateEntryConfirmed, speaks_of=instant("2025-01-31 11:00"), evidence="值班记录 12 页").is_in("resolved")
    assert stands(story) == (Standing.CONFIRMED, None)
    [entry] = story.case.late_entries
    assert (entry.verdict, entry.judged_by, entry.judgement) == (Verdict.CONFIRMED, "wang", "值班记录属实")
    assert effective_from(story.facts[-1]) == instant("2025-01-31 11:00"), "the figure of January says so from then on"
    assert effective_from(story.facts[-2]) == instant("2025-01-31 11:00")
    assert not just_entered_late(story.case)


def test_what_the_company_entered_another_of_the_company_confirms() -> None:
    entered = enter(missed(), resolved(), "2025-01-31 11:00", entered="2025-04-10 09:00", by="zhao", role=COMPANY)
    entered.when(SIGNED, as_=MANAGER, by="wang").refused(RuleBroken, code="late-entry-of-superior")
    entered.when(SIGNED, as_=COMPANY, by="qian").then(LateEntryConfirmed)


def test_whoever_entered_it_or_stands_below_or_beside_confirms_nothing() -> None:
    late().when(SIGNED, as_=MANAGER, by="li").refused(RuleBroken, code="own-late-entry")
    late().when(SIGNED, as_=CLERK, by="wang").refused(NotPermitted)
    of_manager = enter(missed(), resolved(), "2025-01-31 11:00", entered="2025-04-10 09:00", by="zhao", role=MANAGER)
    for role in (HEAD, MANAGER):
        of_manager.when(SIGNED, as_=role, by="wang").refused(RuleBroken, code="late-entry-of-superior")
    of_manager.when(SIGNED, as_=COMPANY, by="qian").then(LateEntryConfirmed)


@pytest.mark.parametrize("lacking", ["reason", "evidence"])
def test_a_confirmation_says_why_and_by_what(lacking: str) -> None:
    story = late().when(replace(SIGNED, **{lacking: "  "}), as_=HEAD, by="wang")
    story.refused(RuleBroken, code=f"{lacking}-missing")


def test_a_rejected_entry_leaves_the_breach_and_another_may_be_made() -> None:
    story = late().when(RejectLateEntry(reason="无凭据"), as_=HEAD, by="wang").then(LateEntryRejected)
    assert stands(story) == (Standing.REJECTED, "PromiseMissed")
    story.when(SIGNED, as_=HEAD, by="wang").refused(RuleBroken, code="no-late-entry")
    enter(
        story,
        ComplaintAssessed(measure="m", promised_by=instant("2025-05-01 09:00"), told_at=None),
        "2025-01-31 10:00",
        entered="2025-04-12 09:00",
    )
    assert stands(story)[0] is Standing.UNCONFIRMED
    assert stands(story.when(SIGNED, as_=HEAD, by="wang")) == (Standing.CONFIRMED, None)


def test_where_several_wait_the_one_that_is_meant_is_named() -> None:
    story = enter(late(), resolved(), "2025-01-31 10:00", entered="2025-04-11 09:00")
    story.when(SIGNED, as_=HEAD, by="wang").refused(RuleBroken, code="late-entry-ambiguous")
    story.when(replace(SIGNED, entry=99), as_=HEAD, by="wang").refused(RuleBroken, code="no-late-entry")
    story.when(replace(SIGNED, entry=5), as_=HEAD, by="wang").then(LateEntryConfirmed, entry=5)
    assert stands(story) == (Standing.CONFIRMED, None)
    enter(story, resolved(), "2025-01-31 09:00", entered="2025-04-12 09:00")
    assert story.case.late_entries[-1].claims == (), "what is unmade is not claimed again"


def test_nothing_is_confirmed_where_nothing_waits() -> None:
    wang, li = [Actor("wang", HEAD)], [Actor("li", HEAD)]
    assert not GENERIC & set(COMPLAINT.permitted(missed().case, wang))
    assert set(COMPLAINT.permitted(late().case, wang)) >= GENERIC
    assert not GENERIC & set(COMPLAINT.permitted(late().case, li)), "who entered it is not offered to confirm it"


# -- lines and recurring duties --------------------------------------------------------------------------------------


def test_a_line_of_a_register_speaks_of_its_own_breaches_and_the_case_of_all() -> None:
    story = late()
    [written] = story.case.breaches
    march, april = replace(written, line="2025-03"), replace(written, line="2025-04", version=9)
    assert summary((march, april), story.case.late_entries, "2025-03")[0] is Standing.UNCONFIRMED
    assert summary((march, april), story.case.late_entries, "2025-04")[0] is Standing.MISSED
    assert summary((march, april), story.case.late_entries, "2025-05") == (None, None)
    assert summary((march, april), story.case.late_entries, "")[0] is Standing.UNCONFIRMED


def test_a_file_that_is_looked_after_again_is_neglected_no_more_and_a_late_entry_mends_only_its_own_term() -> None:
    opened = HouseholdOpened(home="1-101", occupancy=Occupancy.OWNER, update_by=instant("2025-03-31 09:00").date())
    story = given(HOUSEHOLD, (opened, "2025-01-02 09:00"))
    enter(story, FileFoundNeglected(due_at=instant("2025-04-01 00:00")), "2025-04-01 00:00", role=Role.CLOCK)
    until = instant("2025-06-20 09:00").date()
    enter(story, FileConfirmed(update_by=until), "2025-03-20 09:00", entered="2025-04-10 09:00")
    assert stands(story)[0] is Standing.UNCONFIRMED
    assert story.case.update_by == instant("2025-03-31 09:00").date(), "what nobody has confirmed moves no date"
    confirmed = Story(HOUSEHOLD, case_id=story.id)
    confirmed.facts, confirmed.case = list(story.facts), HOUSEHOLD.fold(story.facts)
    confirmed.when(SIGNED, as_=HEAD, by="wang", at="2025-04-11 09:00")
    assert (confirmed.case.update_by, confirmed.case.neglected_at) == (until, None)
    story.when(RejectLateEntry(reason="无凭据"), as_=HEAD, by="wang", at="2025-04-11 09:00")
    assert story.case.unproven == {}
    verdict = {"entry": 99, "speaks_of": instant("2025-03-20 09:00"), "reason": "x"}
    enter(story, LateEntryConfirmed(**verdict, evidence="y"), "2025-04-11 10:00")
    assert story.case.update_by == instant("2025-03-31 09:00").date(), "a verdict on nothing moves nothing"
    enter(story, FileConfirmed(update_by=until + timedelta(days=30)), "2025-04-20 09:00")
    assert stands(story) == (None, None)
    enter(story, FileConfirmed(update_by=until), "2025-02-20 09:00", entered="2025-04-21 09:00")
    assert story.case.update_by == until + timedelta(days=30), "the file is as old as its last update"


def test_a_breach_of_a_letter_is_of_its_ascent_and_stage() -> None:
    debt = DebtCase(id="debt_case-1", office="XH", ladder=2, notice_late=1)
    fact = given(COMPLAINT, ComplaintRegistered(channel=Channel.IN_PERSON, category="n", matter="x")).facts[0]
    day = instant("2025-03-31 09:00").date()
    for event, line in (
        (NoticeLate(stage=2, due_on=day), "2-2"),
        (DunningNoticeIssued(claims=(), current_fen=0, means=None, addressee=None), "2-1"),
        (SecondNoticeIssued(claims=(), current_fen=0, means=None, addressee=None), "2-2"),
        (fact.event, "2-1"),
    ):
        assert letter_of(debt, replace(fact, event=event)) == line


# -- every kind ------------------------------------------------------------------------------------------------------

NO_BREACHES = {
    "EndAbsence",
    "MarkEntrustmentEnded",
    "CloseSurvey",
    "DrawWeeklySample",
    "CompileQuarterlyReview",
    "ChargeContractMonth",
    "EndInvitation",
    "EndServiceContract",
    "MarkFollowUpRetentionEnded",
    "MarkRetentionEnded",
    "MarkBillOverdue",
    "FallDueForSuspension",
    "NoteCommitteeSilence",
    "BreakInstalment",
    "MarkClaimLapsed",
    "RemindOfLimitation",
    "TakeNextHouseholds",
    "IssueNextBills",
    "EraseBorrower",
    "EraseBankLine",
}
"""What the clock says that is no breach of the office's: a term that ends, a draw, or what somebody else did not pay."""


def test_whatever_the_clock_finds_missed_is_a_breach_of_its_table() -> None:
    said = {}
    for lifecycle in CASES:
        breaches = {row.event for row in lifecycle.breaches}
        for due in lifecycle.deadlines:
            rows = [row for row in lifecycle.steps if row.command is due.gives and Role.CLOCK in row.who]
            said[due.gives.__name__] = any(row.event in breaches for row in rows)
    assert {name for name, declared in said.items() if not declared} == NO_BREACHES


def test_every_table_with_breaches_has_the_commands_for_late_entries_in_every_state() -> None:
    for lifecycle in CASES:
        for state in set(lifecycle.states) - set(SET_ASIDE):
            assert bool(lifecycle.open_to(state, ConfirmLateEntry)) is bool(lifecycle.breaches)
    assert not GENERIC & set(COMMAND_OF)
    assert lifecycle_for(ConfirmLateEntry, "complaint-1") is COMPLAINT
    with pytest.raises(NotFound):
        lifecycle_for(ConfirmLateEntry, None)


WRONG: dict[str, dict[str, Any]] = {
    "a breach that the clock does not write": {"breaches": [breach(drill_kind.DrillEnded, drill_kind.DrillExtended)]},
    "a breach that nothing mends": {"breaches": [breach(drill_kind.DrillRanOut)]},
    "a breach that another table's event mends": {"breaches": [breach(drill_kind.DrillRanOut, InspectionMissed)]},
    "a round that another table's event opens": {"rounds": [opens_round(EditionPosted)]},
}


@pytest.mark.parametrize("what", WRONG)
def test_a_table_with_a_wrong_breach_or_round_does_not_import(what: str) -> None:
    assert table(breaches=[breach(drill_kind.DrillRanOut, drill_kind.DrillEnded)]).open_to(
        drill_kind.RUNNING, ConfirmLateEntry
    )
    with pytest.raises(TypeError):
        table(**WRONG[what])


# -- rounds ----------------------------------------------------------------------------------------------------------


def test_a_reopening_begins_another_round() -> None:
    story = enter(missed(), resolved(), "2025-02-01 09:00")
    assert story.case.round_began_at is None
    enter(story, ComplaintReopened(reason="又响了"), "2025-02-10 09:00")
    assert story.case.round_began_at == instant("2025-02-10 09:00")


def test_a_round_may_depend_on_what_was_before() -> None:
    lifecycle = table(**{**BARE, "rounds": [opens_round(drill_kind.DrillOpened, when=lambda case: bool(case.thing))]})
    opened = drill_kind.DrillOpened(thing="hose", ends_at=instant(DUE), repeats=0)
    story = given(lifecycle, opened)
    assert story.case.round_began_at is None
    assert enter(story, opened, "2025-03-09 10:00").case.round_began_at == instant("2025-03-09 10:00")
