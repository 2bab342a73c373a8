"""Sentences about vacant homes 空房 (§3): taken over, entrusted, inspected, put right and handed over."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.calendar import Month
from domain.errors import NotPermitted, RuleBroken, WrongState
from domain.home_custody import RecordUnauthorisedTaking, ReleaseKeys
from domain.home_inspection import Checked, Defect, FoundDefect
from domain.home_keys import KeyClass, KeyCondition, KeyItem, OtherKey, Whereabouts
from domain.people import Role
from domain.rectification_events import Severity
from domain.vacancy import (
    HANDED_OVER,
    VACANT,
    CleaningScope,
    EntrustmentEnded,
    EntrustmentRenewed,
    HandOverReason,
    HomeCleaned,
    HomeDefectClosed,
    HomeHandedOver,
    HomeInspected,
    HomeTakenOver,
    KeysReleased,
    VacancyKind,
)
from domain.vacant_home import (
    LIFECYCLE,
    CloseHomeDefect,
    HandOverHome,
    InspectHome,
    MarkEntrustmentEnded,
    RecordCleaning,
    RenewEntrustment,
    TakeOverHome,
)
from tests.domain.story import Story, given, instant

CLERK, MANAGER, ASSISTANT, CLOCK, POLICY = Role.ADMINISTRATOR, Role.MANAGER, Role.ASSISTANT, Role.CLOCK, Role.POLICY
DOOR = KeyItem(number="A-01", key_class=KeyClass.ENTRANCE, count=2)
BOX = KeyItem(number="A-02", key_class=KeyClass.LETTERBOX)
KEYS = (DOOR, BOX)
WITH_OWNER = OtherKey(key_class=KeyClass.ENTRANCE, whereabouts=Whereabouts.OWNER, condition=KeyCondition.WORN)
GOOD = (Checked(item="门窗", good=True), Checked(item="水电", good=True))
BOTH = ("A-01", "A-02")
LATER, LAST = "2025-03-12 10:00", "2025-03-13 10:00"


def taking_over(**fields: Any) -> TakeOverHome:
    """An unsold home of 88.5 m² with two key numbers."""
    return TakeOverHome(**{"home": "1-101", "kind": VacancyKind.UNSOLD, "area": 8_850, "keys": KEYS, **fields})


def entrusting(**fields: Any) -> TakeOverHome:
    """The owner is away for half a year from the 1st of March."""
    agreed = {
        "kind": VacancyKind.ENTRUSTED,
        "owner": "王五",
        "agreement_signed_on": date(2025, 2, 20),
        "entrusted_from": date(2025, 3, 1),
        "entrusted_until": date(2025, 8, 31),
        "other_keys": (WITH_OWNER,),
    }
    return taking_over(**{**agreed, **fields})


def unsold() -> Story:
    return given(LIFECYCLE).when(taking_over(), as_=CLERK)


def entrusted(**fields: Any) -> Story:
    return given(LIFECYCLE).when(entrusting(**fields), as_=CLERK)


def inspecting(**fields: Any) -> InspectHome:
    return InspectHome(**{"checklist": GOOD, "inspector_signature": "李检", **fields})


def leaking() -> Story:
    """An unsold home in which the inspector has found two defects."""
    return unsold().when(
        inspecting(
            checklist=(*GOOD, Checked(item="厨房", good=False)),
            defects=(
                Defect(item="厨房", matter="漏水", severity=Severity.SEVERE),
                Defect(item="阳台", matter="栏杆松动"),
            ),
        ),
        as_=CLERK,
        at="2025-03-10 10:00",
    )


def handing_over(**fields: Any) -> HandOverHome:
    return HandOverHome(**{"reason": HandOverReason.RETURN_TO_OWNER, "keys": BOTH, "signature": "赵六", **fields})


def cleaned(story: Story, at: str = LATER) -> Story:
    return story.when(RecordCleaning(), as_=CLERK, at=at)


# -- taken over (§3.1) -----------------------------------------------------------------------------------------------


def test_an_unsold_home_is_taken_over_with_all_its_keys() -> None:
    story = unsold().then(HomeTakenOver, home="1-101", keys=KEYS, inspections_wanted=1, other_keys=()).is_in(VACANT)
    assert list(story.case.keys) == ["A-01", "A-02"]
    assert all(key.custody.in_care for key in story.case.keys.values())
    assert (story.case.area, story.case.taken_over_in) == (8_850, Month(2025, 3))
    assert LIFECYCLE.held(story.case) == {"home:1-101"}


def test_a_home_is_not_taken_over_without_its_area_or_its_keys() -> None:
    given(LIFECYCLE).when(taking_over(area=0), as_=CLERK).refused(RuleBroken, code="area-missing", clause="3.1")
    given(LIFECYCLE).when(taking_over(keys=()), as_=CLERK).refused(RuleBroken, code="keys-missing", clause="3.1")


def test_the_key_numbers_of_a_home_are_different_and_hang_on_at_least_one_key() -> None:
    twice = (DOOR, KeyItem(number="A-01", key_class=KeyClass.ROOM))
    given(LIFECYCLE).when(taking_over(keys=twice), as_=CLERK).refused(RuleBroken, code="key-number-twice", clause="3.1")
    none = (KeyItem(number="A-01", key_class=KeyClass.ROOM, count=0),)
    given(LIFECYCLE).when(taking_over(keys=none), as_=CLERK).refused(RuleBroken, code="key-count", clause="3.1")


def test_an_imported_home_may_lack_what_nobody_wrote_down() -> None:
    story = given(LIFECYCLE).when(taking_over(area=0, keys=()), as_=CLERK, imported=True).then(HomeTakenOver, keys=())
    assert story.waived == ["area-missing", "keys-missing"]
    for home in (taking_over(kind=VacancyKind.ENTRUSTED), entrusting(agreement_signed_on=None)):
        story = given(LIFECYCLE).when(home, as_=CLERK, imported=True).then(HomeTakenOver)
        assert story.waived == ["agreement-missing", "entrustment-not-standing"]


def test_a_home_is_taken_over_by_its_administrator_or_whoever_is_above_him() -> None:
    for role in (Role.DUTY_OFFICER, ASSISTANT, Role.AUDITOR, POLICY):
        given(LIFECYCLE).when(taking_over(), as_=role).refused(NotPermitted, clause="3.1")


# -- entrusted (§3.1) ------------------------------------------------------------------------------------------------


def test_an_entrusted_home_is_taken_over_under_its_signed_agreement() -> None:
    story = entrusted(household="household-1", other_keys_note="在业主处")
    story.then(HomeTakenOver, other_keys=(WITH_OWNER,), household="household-1", other_keys_note="在业主处")
    story.owes("entrustment", "2025-09-01 00:00")
    assert (story.case.other_keys, story.case.agreement_signed_on) == ((WITH_OWNER,), date(2025, 2, 20))
    assert LIFECYCLE.subject is not None
    assert LIFECYCLE.subject(story.case) == "household-1"


@pytest.mark.parametrize("lacking", ["owner", "agreement_signed_on", "other_keys"])
def test_an_entrusted_home_without_its_agreement_is_not_taken_over(lacking: str) -> None:
    entrusted(**{lacking: None}).refused(RuleBroken, code="agreement-missing", clause="3.1")


def test_an_agreement_may_say_that_there_are_no_other_keys() -> None:
    entrusted(other_keys=()).then(HomeTakenOver, other_keys=())


@pytest.mark.parametrize(
    "term",
    [
        {"entrusted_from": None},
        {"entrusted_until": None},
        {"agreement_signed_on": date(2025, 3, 4)},
        {"entrusted_from": date(2025, 3, 4)},
        {"entrusted_until": date(2025, 3, 2)},
    ],
    ids=["no beginning", "no end", "signed tomorrow", "not begun", "ended already"],
)
def test_an_agreement_that_is_not_in_force_on_the_day_brings_no_keys(term: dict[str, Any]) -> None:
    entrusted(**term).refused(RuleBroken, code="entrustment-not-standing", clause="3.1")


def test_an_agreement_is_in_force_on_its_first_and_on_its_last_day() -> None:
    today = date(2025, 3, 3)
    entrusted(agreement_signed_on=today, entrusted_from=today, entrusted_until=today).then(HomeTakenOver)


def renewal(**fields: Any) -> RenewEntrustment:
    term = {
        "agreement_signed_on": date(2025, 8, 20),
        "entrusted_from": date(2025, 8, 25),
        "entrusted_until": date(2026, 2, 28),
    }
    return RenewEntrustment(**{**term, **fields})


def test_a_renewed_entrustment_settles_the_other_keys_anew_and_keeps_the_owner() -> None:
    lost = OtherKey(key_class=KeyClass.ENTRANCE, whereabouts=Whereabouts.LOST, condition=KeyCondition.WORN)
    story = entrusted().when(
        renewal(other_keys=(lost,), other_keys_note="业主遗失"), as_=MANAGER, at="2025-08-25 09:00"
    )
    story.then(EntrustmentRenewed, other_keys=(lost,)).is_in(VACANT).owes("entrustment", "2026-03-01 00:00")
    assert (story.case.owner, story.case.other_keys_note) == ("王五", "业主遗失")
    story.when(renewal(owner="王小五"), as_=CLERK, at="2025-08-25 10:00")
    assert (story.case.owner, story.case.other_keys) == ("王小五", (lost,))


def test_an_entrustment_is_renewed_before_it_ends_if_no_day_is_left_out() -> None:
    story = entrusted().when(renewal(entrusted_from=date(2025, 9, 1)), as_=CLERK, at="2025-08-20 10:00")
    story.then(EntrustmentRenewed).owes("entrustment", "2026-03-01 00:00")
    assert story.case.may_enter(date(2025, 8, 25)), "the old term stands until the new one begins"
    assert story.case.may_enter(date(2026, 2, 28))
    story.when(inspecting(), as_=CLERK, at="2025-08-25 10:00").then(HomeInspected)
    for term in (
        {"entrusted_from": date(2025, 9, 2)},
        {"agreement_signed_on": date(2025, 8, 21), "entrusted_from": date(2025, 9, 1)},
        {"entrusted_from": date(2025, 9, 1), "entrusted_until": date(2025, 8, 31)},
        {"entrusted_from": date(2025, 8, 1), "entrusted_until": date(2025, 8, 19)},
    ):
        entrusted().when(renewal(**term), as_=CLERK, at="2025-08-20 10:00").refused(
            RuleBroken, code="entrustment-not-standing", clause="3.1"
        )


def test_an_entrustment_that_has_ended_is_renewed_only_with_a_term_that_stands() -> None:
    ended = entrusted().when(MarkEntrustmentEnded(), as_=CLOCK, at="2025-09-01 00:00")
    ended.when(renewal(entrusted_from=date(2025, 9, 10)), as_=CLERK, at="2025-09-05 10:00").refused(
        RuleBroken, code="entrustment-not-standing"
    )
    ended.when(renewal(entrusted_from=date(2025, 9, 10)), as_=CLERK, at="2025-09-10 10:00").then(EntrustmentRenewed)
    assert not ended.case.may_enter(date(2025, 9, 5)), "nobody was entrusted between the two"


def test_an_entrustment_that_has_ended_waits_to_be_renewed_or_the_home_returned() -> None:
    story = entrusted()
    assert story.case.entrustment_missed_at is None
    story.when(MarkEntrustmentEnded(), as_=CLOCK, at="2025-09-01 00:00")
    assert story.case.entrustment_missed_at == instant("2025-09-01 00:00")
    story.when(renewal(), as_=CLERK, at="2025-09-02 09:00")
    assert story.case.entrustment_missed_at is None


def test_a_home_that_nobody_entrusted_has_no_entrustment_to_renew() -> None:
    story = given(LIFECYCLE).when(taking_over(entrusted_until=date(2025, 8, 31)), as_=CLERK).owes("entrustment", None)
    story.when(renewal(), as_=CLERK).refused(RuleBroken, code="not-entrusted", clause="3.1")
    assert RenewEntrustment not in LIFECYCLE.permitted(story.case, [CLERK])


def test_the_clock_notes_once_that_the_entrustment_has_ended() -> None:
    story = entrusted().when(MarkEntrustmentEnded(), as_=CLOCK, at="2025-09-01 00:00")
    story.then(EntrustmentEnded, ended_on=date(2025, 8, 31)).is_in(VACANT).owes("entrustment", None)
    story.when(renewal(), as_=CLERK, at="2025-09-02 09:00").owes("entrustment", "2026-03-01 00:00")
    entrusted().when(MarkEntrustmentEnded(), as_=CLERK).refused(NotPermitted)


def test_an_entrustment_without_a_known_end_ends_on_the_day_that_is_noted() -> None:
    story = given(LIFECYCLE).when(entrusting(entrusted_until=None), as_=CLERK, imported=True).owes("entrustment", None)
    story.when(MarkEntrustmentEnded(), as_=CLOCK, at=LATER).then(EntrustmentEnded, ended_on=date(2025, 3, 12))


# -- entered (民法典1033) ----------------------------------------------------------------------------------------------


AFTER = "2025-09-01 08:00"


def test_an_entrusted_home_is_entered_while_the_entrustment_stands() -> None:
    entrusted().when(inspecting(), as_=CLERK, at="2025-08-31 20:00").then(HomeInspected, consent=None)
    entrusted().when(RecordCleaning(), as_=CLERK, at="2025-08-31 20:00").then(HomeCleaned)


def test_outside_the_entrustment_the_home_is_entered_with_the_owners_consent_only() -> None:
    for command in (inspecting(), RecordCleaning(), RecordCleaning(scope=CleaningScope.INSIDE)):
        entrusted().when(command, as_=CLERK, at=AFTER).refused(
            RuleBroken, code="entry-without-entrustment", clause="民法典1033"
        )
    entrusted().when(inspecting(consent="业主电话同意"), as_=CLERK, at=AFTER).then(
        HomeInspected, consent="业主电话同意"
    )
    entrusted().when(RecordCleaning(consent="业主电话同意"), as_=CLERK, at=AFTER).then(HomeCleaned)


def test_the_outside_of_a_home_is_cleaned_without_entering_it() -> None:
    entrusted().when(RecordCleaning(scope=CleaningScope.OUTSIDE), as_=ASSISTANT, at=AFTER).then(
        HomeCleaned, scope=CleaningScope.OUTSIDE
    )


def test_an_imported_entry_needs_no_consent_that_nobody_wrote_down() -> None:
    story = given(LIFECYCLE).when(entrusting(entrusted_from=None), as_=CLERK, imported=True)
    story.when(inspecting(), as_=CLERK, at=LATER).refused(RuleBroken, code="entry-without-entrustment")
    story.when(inspecting(), as_=CLERK, at=LATER, imported=True).then(HomeInspected)
    assert story.waived == ["entry-without-entrustment"]


# -- inspected (§3.5) ------------------------------------------------------------------------------------------------


def test_an_inspection_is_a_checklist_and_the_inspectors_signature() -> None:
    story = unsold().when(inspecting(), as_=CLERK, at=LATER)
    story.then(HomeInspected, checklist=GOOD, defects=(), inspector_signature="李检").is_in(VACANT)
    unsold().when(inspecting(checklist=()), as_=CLERK).refused(RuleBroken, code="checklist-missing", clause="3.5")
    unsold().when(inspecting(inspector_signature=None), as_=CLERK).refused(
        RuleBroken, code="signature-missing", clause="3.5"
    )
    unsold().when(inspecting(), as_=ASSISTANT).refused(NotPermitted, clause="3.5")


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
