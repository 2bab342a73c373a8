"""Sentences about vacant homes 空房 (§3): taken over, inspected, put right and handed over."""

from __future__ import annotations

from datetime import date

from domain.handbook.settings import Change, Settings
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.case import HANDED_OVER, VACANT
from domain.homes.vacant_home.commands.custody import RecordUnauthorisedTaking, ReleaseKeys
from domain.homes.vacant_home.commands.vacancy import CloseHomeDefect, HandOverHome, RecordCleaning, TakeOverHome
from domain.homes.vacant_home.events import (
    Checked,
    Defect,
    FoundDefect,
    HandOverReason,
    HomeDefectClosed,
    HomeHandedOver,
    HomeInspected,
    HomeTakenOver,
    KeysReleased,
    VacancyKind,
)
from domain.homes.vacant_home.lifecycle import LIFECYCLE
from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.mending import WithdrawAsMistaken, WithdrawnAsMistaken
from domain.kernel.people import Role
from domain.kernel.periods import Month
from domain.rounds.rectification.events import Severity
from tests.domain.homes.vacancies import (
    ASSISTANT,
    BOTH,
    CLERK,
    DOOR,
    GOOD,
    KEYS,
    LAST,
    LATER,
    MANAGER,
    POLICY,
    cleaned,
    entrusted,
    entrusting,
    handing_over,
    inspecting,
    leaking,
    taking_over,
    unsold,
)
from tests.domain.story import Story, given, instant

# -- taken over (§3.1) -----------------------------------------------------------------------------------------------


def test_an_unsold_home_is_taken_over_with_all_its_keys() -> None:
    story = unsold().then(HomeTakenOver, home="1-101", keys=KEYS, inspections_wanted=1, other_keys=()).is_in(VACANT)
    assert list(story.case.keys) == ["A-01", "A-02"]
    assert all(key.custody.in_care for key in story.case.keys.values())
    assert (story.case.area, story.case.taken_over_in) == (8_850, Month(2025, 3))
    assert LIFECYCLE.held(story.case) == {"home:1-101", "key-number:a-01", "key-number:a-02"}


def test_a_home_is_not_taken_over_without_its_area_or_its_keys() -> None:
    given(LIFECYCLE).when(taking_over(area=0), as_=CLERK).refused(RuleBroken, code="amount-not-positive", clause="3.1")
    given(LIFECYCLE).when(taking_over(keys=()), as_=CLERK).refused(RuleBroken, code="keys-missing", clause="3.1")


def test_the_key_numbers_of_a_home_are_different_and_hang_on_at_least_one_key() -> None:
    twice = (DOOR, KeyItem(number="A-01", key_class=KeyClass.ROOM))
    given(LIFECYCLE).when(taking_over(keys=twice), as_=CLERK).refused(RuleBroken, code="key-number-twice", clause="3.1")
    none = (KeyItem(number="A-01", key_class=KeyClass.ROOM, count=0),)
    given(LIFECYCLE).when(taking_over(keys=none), as_=CLERK).refused(RuleBroken, code="key-count", clause="3.1")


def test_an_imported_home_may_lack_what_nobody_wrote_down() -> None:
    story = given(LIFECYCLE).when(taking_over(area=0, keys=()), as_=CLERK, imported=True).then(HomeTakenOver, keys=())
    assert story.waived == ["amount-not-positive", "keys-missing"]
    for home in (taking_over(kind=VacancyKind.ENTRUSTED), entrusting(agreement_signed_on=None)):
        story = given(LIFECYCLE).when(home, as_=CLERK, imported=True).then(HomeTakenOver)
        assert story.waived == ["agreement-missing", "entrustment-not-standing"]


def test_a_home_is_taken_over_by_its_administrator_or_whoever_is_above_him() -> None:
    for role in (Role.DUTY_OFFICER, ASSISTANT, Role.AUDITOR, POLICY):
        given(LIFECYCLE).when(taking_over(), as_=role).refused(NotPermitted, clause="3.1")


# -- inspected (§3.5) ------------------------------------------------------------------------------------------------


def test_an_inspection_is_a_checklist_and_the_inspectors_signature() -> None:
    story = unsold().when(inspecting(), as_=CLERK, at=LATER)
    story.then(HomeInspected, checklist=GOOD, defects=(), inspector_signature="李检").is_in(VACANT)
    unsold().when(inspecting(checklist=()), as_=CLERK).refused(RuleBroken, code="checklist-missing", clause="3.5")
    unsold().when(inspecting(inspector_signature=None), as_=CLERK).refused(
        RuleBroken, code="signature-missing", clause="3.5"
    )
    unsold().when(inspecting(), as_=ASSISTANT).refused(NotPermitted, clause="3.5")


def test_an_inspection_is_remembered_with_its_lines_and_their_marks() -> None:
    """Another system's score and result stand beside, in its own scale and words."""
    lines = (Checked(item="楼梯间", good=True, mark=4), Checked(item="外墙", good=False, mark=2), *GOOD)
    story = unsold().when(
        inspecting(checklist=lines, score_hundredths=7350, stated_result="两年内复评"),
        as_=CLERK,
        at=LATER,
        imported=True,
    )
    story.then(HomeInspected, score_hundredths=7350, stated_result="两年内复评")
    [found] = story.case.inspections
    assert (found.marks, found.defects, found.score_hundredths) == ((4, 2), 0, 7350)
    assert story.waived == ["defect-unsaid"]


def test_another_systems_words_for_why_a_home_stood_empty_and_why_no_longer() -> None:
    story = given(LIFECYCLE).when(
        TakeOverHome(home="7-1", kind=VacancyKind.UNSOLD, area=0, stated_kind="Vacant"), as_=CLERK, imported=True
    )
    story.when(
        HandOverHome(reason=HandOverReason.RETURN_TO_OWNER, stated_reason="abated"), as_=CLERK, at=LATER, imported=True
    )
    assert (story.case.stated_kind, story.case.stated_reason) == ("Vacant", "abated")


def test_what_is_not_good_is_written_down_as_a_defect() -> None:
    bad = (Checked(item="厨房", good=False), Checked(item="阳台", good=False))
    story = unsold().when(inspecting(checklist=bad, defects=(Defect(item="厨房", matter="漏水"),)), as_=CLERK)
    story.refused(RuleBroken, code="defect-unsaid", clause="3.5")
    assert story.refusal is not None
    assert "阳台" in story.refusal.zh
    assert "厨房" not in story.refusal.zh


def test_a_defect_that_is_known_and_still_open_is_not_written_down_again() -> None:
    bad = inspecting(checklist=(Checked(item="厨房", good=False), Checked(item="阳台", good=False)))
    story = leaking().when(bad, as_=CLERK, at=LATER).then(HomeInspected, defects=())
    assert story.case.open_defects == (1, 2)
    story.when(CloseHomeDefect(defect=1), as_=POLICY, at=LATER)
    story.when(bad, as_=CLERK, at=LAST).refused(RuleBroken, code="defect-unsaid", clause="3.5")
    again = inspecting(checklist=bad.checklist, defects=(Defect(item="厨房", matter="又漏水"),))
    story.when(again, as_=CLERK, at=LAST)
    assert story.case.open_defects == (2, 3)


def test_defects_are_numbered_through_the_vacancy() -> None:
    story = leaking().then(
        HomeInspected,
        defects=(
            FoundDefect(number=1, item="厨房", matter="漏水", severity=Severity.SEVERE),
            FoundDefect(number=2, item="阳台", matter="栏杆松动", severity=Severity.ORDINARY),
        ),
    )
    story.when(inspecting(defects=(Defect(item="客厅", matter="墙裂"),)), as_=CLERK, at=LATER)
    assert story.case.open_defects == (1, 2, 3)


def test_a_defect_is_solved_when_its_rectification_is_closed_and_only_once() -> None:
    story = leaking().when(CloseHomeDefect(defect=1), as_=POLICY, at=LATER).then(HomeDefectClosed, defect=1)
    assert story.case.open_defects == (2,)
    story.when(CloseHomeDefect(defect=1), as_=POLICY, at=LAST).then_nothing()
    story.when(CloseHomeDefect(defect=9), as_=POLICY, at=LAST).then_nothing()
    story.when(CloseHomeDefect(defect=2), as_=CLERK, at=LAST).refused(NotPermitted, clause="3.5")


def test_a_defect_for_which_the_owner_signed_is_solved_after_the_hand_over_too() -> None:
    story = cleaned(leaking()).when(handing_over(defects_signature="赵六"), as_=CLERK, at=LAST)
    story.when(CloseHomeDefect(defect=1), as_=POLICY, at="2025-03-20 10:00").is_in(HANDED_OVER)
    assert story.case.open_defects == (2,)


def test_a_home_with_defects_is_not_given_back_and_taken_over_anew_without_them() -> None:
    story = cleaned(leaking())
    kept = LIFECYCLE.held(story.case)
    handed = story.when(handing_over(defects_signature="赵六"), as_=CLERK, at=LAST)
    [home] = LIFECYCLE.held(handed.case)
    assert home in kept, "nobody takes it over while it holds its home"
    for defect in (1, 2):
        assert LIFECYCLE.held(handed.case) == {home}
        handed = handed.when(CloseHomeDefect(defect=defect), as_=POLICY, at="2025-03-20 10:00")
    assert LIFECYCLE.held(handed.case) == set()


# -- handed over (§1.3, §3.1, §3.2, §3.4) ----------------------------------------------------------------------------


def test_a_cleaned_home_is_handed_over_with_its_whole_set_against_a_signature() -> None:
    story = cleaned(unsold()).when(handing_over(receiver="赵六", move_in="move_in-1"), as_=CLERK, at=LAST)
    story.then(HomeHandedOver, keys=BOTH, open_defects=(), signature="赵六").is_in(HANDED_OVER)
    story.owes("inspection", None)
    assert not any(key.custody.in_care for key in story.case.keys.values())
    assert (story.case.receiver, story.case.move_in) == ("赵六", "move_in-1")
    assert (story.case.hand_over_reason, story.case.handed_over_at) == (HandOverReason.RETURN_TO_OWNER, instant(LAST))
    assert LIFECYCLE.held(story.case) == set()


def test_who_moves_in_gets_the_keys_through_a_move_in() -> None:
    moving = handing_over(reason=HandOverReason.MOVE_IN, move_in="move_in-1")
    for role in (CLERK, MANAGER):
        cleaned(unsold()).when(moving, as_=role, at=LAST).refused(RuleBroken, code="move-in-missing", clause="1.3")
    cleaned(unsold()).when(moving, as_=POLICY, at=LAST).then(HomeHandedOver, reason=HandOverReason.MOVE_IN)


def test_the_end_of_the_vacancy_ends_everything_that_is_done_with_it() -> None:
    story = cleaned(unsold()).when(handing_over(reason=HandOverReason.RETURN_TO_OWNER), as_=MANAGER, at=LAST)
    for command in (handing_over(), inspecting(), RecordCleaning()):
        story.when(command, as_=CLERK, at=LAST).refused(WrongState)


def test_a_home_is_handed_over_only_after_a_cleaning_that_follows_the_last_inspection() -> None:
    unsold().when(handing_over(), as_=CLERK, at=LAST).refused(RuleBroken, code="cleaning-missing", clause="3.4")
    for moment in (LATER, "2025-03-12 15:00"):
        story = cleaned(unsold()).when(inspecting(), as_=CLERK, at=moment)
        story.when(handing_over(), as_=CLERK, at=LAST).refused(RuleBroken, code="cleaning-missing", clause="3.4")
    cleaned(story, "2025-03-12 18:00").when(handing_over(), as_=CLERK, at=LAST).is_in(HANDED_OVER)


def test_a_hand_over_cannot_lie_before_the_cleaning_or_the_inspection() -> None:
    early = handing_over(defects_signature="赵六")
    for story in (cleaned(unsold(), LAST), leaking()):
        story.when(early, as_=CLERK, at="2025-03-09 10:00", imported=True).refused(
            RuleBroken, code="before-the-cleaning", clause="3.4"
        )


def test_no_home_is_handed_over_while_a_key_is_out_or_missing() -> None:
    lent = cleaned(unsold()).when(ReleaseKeys(keys=("A-01",), loan="key_loan-1"), as_=POLICY, at=LATER)
    lent.when(handing_over(), as_=CLERK, at=LAST).refused(RuleBroken, code="keys-out", clause="3.2")
    gone = cleaned(unsold()).when(RecordUnauthorisedTaking(keys=("A-02",)), as_=CLERK, at=LATER)
    gone.when(handing_over(), as_=CLERK, at=LAST).refused(RuleBroken, code="keys-out", clause="3.2")


def test_every_key_is_accounted_for_at_the_hand_over() -> None:
    for keys in (("A-01",), ("A-01", "A-01"), ("A-01", "B-01"), (*BOTH, "A-01"), ()):
        cleaned(unsold()).when(handing_over(keys=keys), as_=CLERK, at=LAST).refused(
            RuleBroken, code="keys-not-accounted", clause="3.1"
        )


def test_whoever_receives_the_home_signs_for_it() -> None:
    for move_in in (None, "move_in-1"):
        cleaned(unsold()).when(handing_over(signature=None, move_in=move_in), as_=CLERK, at=LAST).refused(
            RuleBroken, code="signature-missing", clause="1.3"
        )


def test_open_defects_are_handed_over_only_if_the_resident_signs_for_them() -> None:
    cleaned(leaking()).when(handing_over(defects_accepted=True), as_=CLERK, at=LAST).refused(
        RuleBroken, code="open-defects", clause="1.3"
    )
    cleaned(leaking()).when(handing_over(defects_signature="赵六"), as_=CLERK, at=LAST).then(
        HomeHandedOver, open_defects=(1, 2), defects_signature="赵六"
    )


def test_a_move_in_that_holds_the_signatures_brings_the_hand_over_without_them() -> None:
    by_move_in = {"reason": HandOverReason.MOVE_IN, "signature": None, "move_in": "move_in-1"}
    moving = handing_over(**by_move_in)
    cleaned(unsold()).when(moving, as_=POLICY, at=LAST).then(HomeHandedOver, signature=None)
    cleaned(leaking()).when(moving, as_=POLICY, at=LAST).refused(RuleBroken, code="open-defects")
    accepting = handing_over(**by_move_in, defects_accepted=True)
    cleaned(leaking()).when(accepting, as_=POLICY, at=LAST).is_in(HANDED_OVER)
    cleaned(unsold()).when(handing_over(signature=None), as_=POLICY, at=LAST).refused(
        RuleBroken, code="signature-missing"
    )


def test_an_imported_hand_over_needs_no_evidence() -> None:
    story = leaking().when(handing_over(keys=(), signature=None), as_=CLERK, at=LAST, imported=True)
    story.then(HomeHandedOver, keys=BOTH, open_defects=(1, 2)).is_in(HANDED_OVER)
    assert story.waived == ["cleaning-missing", "keys-not-accounted", "signature-missing", "open-defects"]


def test_keys_of_an_ended_entrustment_leave_custody_only_with_consent() -> None:
    story = entrusted()
    number, last = next(iter(story.case.keys)), story.case.entrusted_until
    after = f"{last.replace(year=last.year + 1)} 10:00"
    story.when(ReleaseKeys(keys=(number,), loan="key_loan-1", consented=False), as_=POLICY, at=after)
    story.refused(RuleBroken, clause="民法典1033", code="entry-without-entrustment")
    story.when(ReleaseKeys(keys=(number,), loan="key_loan-1"), as_=POLICY, at=after).then(KeysReleased)


def test_a_home_whose_keys_are_on_loan_is_not_withdrawn_as_mistaken() -> None:
    mistaken = WithdrawAsMistaken(reason="登记到了别家")
    unsold().when(mistaken, as_=Role.MANAGER, by="boss", at="2025-03-04 09:00").then(WithdrawnAsMistaken)
    lent = unsold().given(KeysReleased(keys=("A-01",), loan="key_loan-1"))
    lent.when(mistaken, as_=Role.MANAGER, by="boss", at="2025-03-04 09:00").refused(RuleBroken, code="keys-out")


def test_where_the_office_lists_what_is_looked_at_every_inspection_says_something_of_it() -> None:
    """Whoever is in a hurry writes one word; the office may say what a careful check is (§3.5)."""
    listed = Change("vacancy.checklist", "门窗、水电 煤气", date(2025, 1, 1))
    story = Story(LIFECYCLE, Settings((listed,))).when(taking_over(), as_=CLERK)
    story.when(inspecting(checklist=(Checked(item="好", good=True),)), as_=CLERK, at=LATER)
    story.refused(RuleBroken, code="checklist-incomplete", clause="3.5")
    story.when(inspecting(), as_=CLERK, at=LATER).refused(RuleBroken, code="checklist-incomplete")
    assert story.refusal is not None
    assert "煤气" in story.refusal.zh
    assert "门窗" not in story.refusal.zh
    whole = (*GOOD, Checked(item=" 煤 气 ", good=True), Checked(item="阳台", good=True))
    story.when(inspecting(checklist=whole), as_=CLERK, at=LATER).then(HomeInspected, checklist=whole)
    bare = Story(LIFECYCLE, Settings((listed,))).when(taking_over(), as_=CLERK, imported=True)
    bare.when(inspecting(), as_=CLERK, at=LATER, imported=True).then(HomeInspected)
    assert bare.waived == ["checklist-incomplete"], "another system's form is its own"
