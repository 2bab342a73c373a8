"""Mistakes of every kind of case are mended in the open: withdrawn, merged, corrected, by facts that say so."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.cases import COMMAND_OF, GENERIC, lifecycle_for
from domain.complaints.complaint.commands.handling import SolveComplaintOnTheSpot
from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import (
    Channel,
    ComplaintArchived,
    ComplaintAssessed,
    ComplaintRegistered,
    PromiseMissed,
)
from domain.complaints.complaint.lifecycle import LIFECYCLE as COMPLAINT
from domain.homes.key_loan.lifecycle import LIFECYCLE as KEY_LOAN
from domain.kernel.corrections import written_by
from domain.kernel.errors import Malformed, NotPermitted, RuleBroken, WrongState
from domain.kernel.fact import EVENTS, Case
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.mending import (
    SET_ASIDE,
    CorrectEntry,
    DuplicateMerged,
    EntryCorrected,
    MarkDuplicate,
    MarkedDuplicate,
    MergeDuplicate,
    PersonalEntryCorrected,
    WithdrawAsMistaken,
    WithdrawnAsMistaken,
    effective_from,
)
from domain.kernel.people import Actor, Role
from domain.moving.move_in.case import MoveIn
from domain.office.staff import LIFECYCLE as STAFF
from domain.office.staff import EnrolStaff, StaffEnrolled
from domain.rounds.activity import LIFECYCLE as ACTIVITY
from domain.rounds.activity import ActivityPlanned
from tests.domain.kinds import every_kind, large_ones_apart
from tests.domain.story import DAY, Story, given, instant
from tests.domain.walking import branch, walk

CLERK, HEAD, MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER
REGISTERED = ComplaintRegistered(
    channel=Channel.TELEPHONE, category="noise", matter="楼上噪音", content="每晚", complainant="王", home="1-101"
)
MISTAKEN = WithdrawAsMistaken(reason="登记到了别家")
NO_MISTAKES = {"office", "weekly_sample", "reading", "register_export", "account", "cash_day", "printed_paper"} | {
    "bank_statement",
    "bank_line",
}
"""What the program itself writes, such as books of account, or who read what: nobody's entry."""


def complaint() -> Story:
    """One that «someone» registered at ten."""
    return given(COMPLAINT, REGISTERED, at="2025-03-03 10:00")


# -- every kind ---------------------------------------------------------------------------------------------------------


@every_kind
def test_every_kind_says_in_one_line_what_may_be_corrected_and_so_has_the_whole_mechanism(
    lifecycle: Lifecycle[Any],
) -> None:
    has = lifecycle.kind not in NO_MISTAKES
    own = set(lifecycle.states) - set(SET_ASIDE)
    for state in own:
        assert bool(lifecycle.open_to(state, WithdrawAsMistaken)) is has
        assert bool(lifecycle.open_to(state, CorrectEntry)) is has
    assert ("mistaken" in lifecycle.states) is has
    assert ("duplicate" in lifecycle.states) is lifecycle.of.DUPLICATES
    assert not GENERIC & set(COMMAND_OF)


@large_ones_apart
def test_whatever_is_withdrawn_owes_nothing_and_holds_nothing_in_whatever_state(lifecycle: Lifecycle[Any]) -> None:
    if lifecycle.kind in NO_MISTAKES:
        return
    for _, story, now in walk(lifecycle.kind):
        if story.case is not None:
            gone = branch(story).when(replace(MISTAKEN, origin="x"), as_=Role.POLICY, at=now)
            gone.then(WithdrawnAsMistaken, speaks_of=story.case.opened_at).is_in("mistaken")
            assert not lifecycle.due(gone.case)
            assert not lifecycle.held(gone.case)
            assert gone.case.set_aside.kind == "mistaken"
            assert lifecycle.fold(gone.facts) == gone.case


@large_ones_apart
def test_whoever_opened_it_or_did_something_about_it_does_not_withdraw_it(lifecycle: Lifecycle[Any]) -> None:
    if lifecycle.kind in NO_MISTAKES:
        return
    for _, story, now in walk(lifecycle.kind):
        case = story.case
        for user in sorted(case.acted) if case is not None else ():
            refused = branch(story).when(MISTAKEN, as_=Role.COMPANY, by=user, at=now)
            refused.refused(RuleBroken)
            assert refused.refusal is not None
            assert refused.refusal.code in {"second-person", "follows-from-another"}


@large_ones_apart
def test_every_correctable_field_is_corrected_and_says_so(lifecycle: Lifecycle[Any]) -> None:
    """Over every case that a walk has come to; the new value is one that the field takes."""
    for name in lifecycle.of.CORRECTS:
        corrected = 0
        for _, story, now in walk(lifecycle.kind):
            if story.case is None:
                continue
            for value in values_of(story, name, now):
                tried = branch(story).when(
                    CorrectEntry(field=name, value=value, reason="笔误"), as_=HEAD, by="w", at=now
                )
                if tried.refusal is None:
                    break
            if tried.refusal is not None:
                assert tried.refusal.code == "nothing-to-correct"
                continue
            corrected += 1
            [made] = tried.case.corrections_made[len(story.case.corrections_made) :]
            assert (made.field, made.reason, made.by) == (name, "笔误", "w")
            assert str(getattr(tried.case, name)) == value
            assert lifecycle.fold(tried.facts) == tried.case
        assert corrected, name


def values_of(story: Story, name: str, now: datetime) -> list[str]:
    """Values of a field: what its refusal names, if a text is none."""
    tried = branch(story).when(CorrectEntry(field=name, value="更正后", reason="笔误"), as_=HEAD, by="w", at=now)
    if not isinstance(tried.refusal, Malformed):
        return ["更正后"]
    said = tried.refusal.en
    return said.removeprefix("one of: ").split("、") if "one of" in said else ["2025-05-01" if "date" in said else "7"]


def test_a_generic_command_goes_to_whichever_case_is_named() -> None:
    assert lifecycle_for(WithdrawAsMistaken, "complaint-1") is COMPLAINT
    assert lifecycle_for(RegisterComplaint, None) is COMPLAINT
    assert REGISTERED.destroys() == ()


# -- withdrawn ----------------------------------------------------------------------------------------------------------


def test_a_second_person_above_withdraws_it_with_the_reason() -> None:
    complaint().when(MISTAKEN, as_=CLERK, by="other").refused(NotPermitted)
    complaint().when(MISTAKEN, as_=HEAD, by="someone").refused(RuleBroken, code="second-person")
    complaint().when(WithdrawAsMistaken(reason=" "), as_=HEAD, by="wang").refused(RuleBroken, code="reason-missing")
    story = complaint().when(MISTAKEN, as_=HEAD, by="wang", at="2025-03-04 09:00")
    story.then(WithdrawnAsMistaken, reason="登记到了别家", speaks_of=instant("2025-03-03 10:00"))
    assert [effective_from(fact) for fact in story.facts] == [instant("2025-03-03 10:00")] * 2, "it never counted"
    assert (story.case.set_aside.by, story.case.set_aside.at) == ("wang", instant("2025-03-04 09:00"))
    for command in (MISTAKEN, CorrectEntry(field="home", value="2", reason="x")):
        story.when(command, as_=HEAD, by="zhao").refused(WrongState)


def test_nothing_is_withdrawn_from_under_what_stands_on_it() -> None:
    standing = {"complaint-9": original()}
    story = complaint().when(MISTAKEN, as_=HEAD, by="wang", related=standing).refused(RuleBroken, code="matters-stand")
    assert story.refusal is not None
    assert standing["complaint-9"].id in story.refusal.zh
    story.when(MISTAKEN, as_=Role.POLICY, related=standing).then(WithdrawnAsMistaken)


def test_only_the_program_says_what_a_withdrawal_came_from() -> None:
    complaint().when(replace(MISTAKEN, origin="x"), as_=HEAD, by="wang").refused(RuleBroken, code="origin-of-program")


def test_what_the_program_opened_is_not_withdrawn_by_people() -> None:
    """A follow-up, a patrol, an inspection's rectification: the figure would be better and nothing mended."""
    story = Story(COMPLAINT)
    story._fold(REGISTERED, instant("2025-03-03 10:00"), Role.POLICY, "policy:x")
    assert story.case.opened_by is None
    story.when(MISTAKEN, as_=MANAGER, by="wang").refused(RuleBroken, code="follows-from-another")


def test_who_has_the_keys_lives_there() -> None:
    moved = MoveIn(id="move_in-1", office="XH", keys_at=instant("2025-03-03 10:00"), opened_by="li")
    refusal = WithdrawAsMistaken.ready(moved, Actor("wang", HEAD))
    assert refusal is not None
    assert refusal.code == "keys-handed-over"


def test_who_was_enrolled_by_mistake_can_be_enrolled_rightly() -> None:
    story = given(STAFF, StaffEnrolled(person="li")).when(MISTAKEN, as_=MANAGER, by="wang").is_in("mistaken")
    story.when(EnrolStaff(person="li"), as_=MANAGER, by="wang").then(StaffEnrolled).is_in("active")
    assert story.case.set_aside is None


# -- duplicates ---------------------------------------------------------------------------------------------------------


def original(at: str = "2025-03-01 10:00", **changed: Any) -> Case:
    case = given(COMPLAINT, REGISTERED, at=at).case
    return replace(case, **changed)


def test_the_later_complaint_is_the_duplicate_and_its_caller_is_kept() -> None:
    other = original()
    command = MarkDuplicate(original=other.id, reason="同一件事两人来电")
    story = complaint().when(command, as_=HEAD, by="wang", related={"original": other})
    story.then(MarkedDuplicate, original=other.id).is_in("duplicate")
    kept = given(COMPLAINT, REGISTERED).when(MergeDuplicate(duplicate=story.id, home="1-101"), as_=Role.POLICY)
    kept.then(DuplicateMerged, home="1-101")
    assert kept.case.duplicates == (story.id,)


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("duplicate-is-earlier", original("2025-03-05 10:00")),
        (
            "not-an-original",
            given(ACTIVITY, ActivityPlanned(title="t", planned_on=instant("2025-03-09").date(), place="p")).case,
        ),
        (
            "original-finished",
            given(COMPLAINT, REGISTERED, ComplaintArchived(category="noise"), at="2025-03-01 10:00").case,
        ),
        (
            "original-set-aside",
            given(COMPLAINT, REGISTERED, at="2025-03-01 10:00").when(MISTAKEN, as_=HEAD, by="w").case,
        ),
    ],
)
def test_nothing_is_merged_into_what_is_later_other_or_withdrawn(code: str, other: Case) -> None:
    """A missed promise is not got rid of by entering the matter again."""
    story = given(COMPLAINT, REGISTERED, PromiseMissed(due_at=None), at="2025-03-03 10:00")
    command = MarkDuplicate(original=other.id, reason="重复")
    story.when(command, as_=HEAD, by="wang", related={"original": other}).refused(RuleBroken, code=code)


def test_a_case_is_no_duplicate_of_itself() -> None:
    story = complaint()
    command = MarkDuplicate(original=story.id, reason="重复")
    story.when(command, as_=HEAD, by="wang", related={"original": story.case})
    story.refused(RuleBroken, code="not-an-original")
    command = MarkDuplicate(original="x", reason="")
    story.when(command, as_=HEAD, by="wang", related={"original": original()}).refused(
        RuleBroken, code="reason-missing"
    )
    story.when(command, as_=HEAD, by="someone").refused(RuleBroken, code="second-person")
    assert not KEY_LOAN.of.DUPLICATES


def test_whoever_is_named_as_having_done_it_is_no_second_person() -> None:
    """He has done something about it though another entered it: neither the whole nor the step is his to withdraw."""
    solved = SolveComplaintOnTheSpot(
        done_by="li", measure="劝阻", result="已停", root_cause="未告知", told_at=instant(DAY)
    )
    story = complaint().when(solved, as_=CLERK, by="someone")
    branch(story).when(MISTAKEN, as_=Role.MANAGER, by="li").refused(RuleBroken, code="second-person")
    branch(story).when(MISTAKEN, as_=Role.MANAGER, by="wang").then(WithdrawnAsMistaken)


# -- corrected ----------------------------------------------------------------------------------------------------------


def corrects(field: str, value: str | None) -> CorrectEntry:
    return CorrectEntry(field=field, value=value, reason="笔误")


def test_who_wrote_it_corrects_it_alone_within_the_hour_and_later_somebody_else() -> None:
    story = complaint().when(corrects("home", "1-102"), as_=CLERK, by="someone", at="2025-03-03 11:00")
    story.then(EntryCorrected, before="1-101", after="1-102", entry=1, written_by="someone")
    assert story.case.home == "1-102"
    late = complaint().when(corrects("home", "1-102"), as_=CLERK, by="someone", at="2025-03-03 11:01")
    late.refused(RuleBroken, code="second-person")
    late.when(corrects("home", "1-102"), as_=CLERK, by="other", at="2025-03-03 11:01").then(EntryCorrected)
    # The hour runs from the last one who wrote it.
    late.when(corrects("home", "1-103"), as_=CLERK, by="other", at="2025-03-03 12:01").then(EntryCorrected)
    late.when(corrects("home", "1-104"), as_=CLERK, by="other", at="2025-03-03 13:02").refused(RuleBroken)


def test_an_hour_is_counted_from_when_it_was_entered_not_from_when_it_happened() -> None:
    story = complaint()
    entered = replace(story.facts[0], recorded_at=story.facts[0].occurred_at + timedelta(hours=3))
    story.case = COMPLAINT.fold([entered])
    story.when(corrects("matter", "管道"), as_=CLERK, by="someone", at="2025-03-03 13:59").then(EntryCorrected)


def test_a_role_that_wrote_nothing_of_it_does_not_correct_it() -> None:
    story = complaint()
    story.when(corrects("home", "2"), as_=Role.DUTY_OFFICER, by="other").refused(NotPermitted, code="role")
    story.given(ComplaintAssessed(measure="m", promised_by=instant("2025-03-09"), told_at=None))
    story.facts[-1] = replace(story.facts[-1], user_id="li", role=Role.DUTY_OFFICER)
    story.case = COMPLAINT.fold(story.facts)
    story.when(corrects("measure", "n"), as_=Role.DUTY_OFFICER, by="li").then(PersonalEntryCorrected)
    story.when(corrects("home", "2"), as_=Role.DUTY_OFFICER, by="li").refused(RuleBroken, code="second-person")


def test_personal_values_are_sealed_in_the_correction_too() -> None:
    story = (
        complaint().when(corrects("complainant", "黄"), as_=CLERK).then(PersonalEntryCorrected, before="王", after="黄")
    )
    assert PersonalEntryCorrected.PERSONAL == ("after",), "what it said before is sealed in the fact that said it"
    assert story.case.complainant == "黄"
    assert "PersonalEntryCorrected" in EVENTS


@pytest.mark.parametrize(
    ("field", "value", "kind", "code"),
    [
        ("channel", "letter", RuleBroken, "not-correctable"),
        ("home", "1-101", RuleBroken, "nothing-to-correct"),
        ("matter", " ", RuleBroken, "value-missing"),
        ("matter", "a\nb", Malformed, "value-unreadable"),
        ("home", "x" * 201, Malformed, "value-unreadable"),
    ],
)
def test_a_correction_is_held_to_what_the_field_may_say(field: str, value: str, kind: Any, code: str) -> None:
    complaint().when(corrects(field, value), as_=CLERK).refused(kind, code=code)


def test_what_may_be_left_out_may_be_taken_out_and_numbers_dates_and_choices_are_read() -> None:
    story = complaint().when(corrects("home", None), as_=CLERK).then(EntryCorrected, after=None)
    assert story.case.home is None
    planned = ActivityPlanned(title="t", planned_on=instant("2025-03-09").date(), place="p", budget_fen=100)
    activity = given(ACTIVITY, planned)
    activity.when(corrects("budget_fen", "250"), as_=CLERK).then(EntryCorrected, before="100", after="250")
    assert activity.case.budget_fen == 250
    for wrong in ("-1", "1.5", "١", str(10**16)):
        activity.when(corrects("budget_fen", wrong), as_=CLERK).refused(Malformed, code="value-unreadable")
    activity.when(CorrectEntry(field="title", value="x", reason=""), as_=CLERK).refused(
        RuleBroken, code="reason-missing"
    )


def test_a_line_that_names_what_nothing_says_or_no_form_can_say_does_not_import() -> None:
    @dataclass(slots=True, kw_only=True)
    class Wrong(Case):
        matter: tuple[str, ...] = ()

    for names, told in ((("colour",), "nothing says"), (("matter",), "cannot be corrected")):
        Wrong.CORRECTS = names
        with pytest.raises(TypeError, match=told):
            written_by(Wrong, [ComplaintRegistered])
    assert {f.name for f in fields(Case)} <= {f.name for f in fields(Wrong)}
