"""Sentences about a vacancy's months (§3.5, §3.6) and the custody of its keys 钥匙保管 (§3.1, §3.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.handbook.settings import Change, Settings
from domain.homes.key_loan.events import KeyLoanRefused
from domain.homes.keys import Custody, KeyClass, KeyCondition, KeyItem
from domain.homes.vacant_home.case import VACANT, VacantHome, evolve
from domain.homes.vacant_home.commands.custody import (
    DeclareKeysMissing,
    ReceiveKeys,
    RecordUnauthorisedTaking,
    RecoverKeys,
    RefuseKeyTaking,
    ReleaseKeys,
    ReplaceLock,
)
from domain.homes.vacant_home.commands.vacancy import InspectHome, MarkInspectionMissed, RecordCleaning
from domain.homes.vacant_home.events import (
    Checked,
    CleaningScope,
    HandOverReason,
    HomeCleaned,
    HomeHandedOver,
    HomeInspected,
    HomeTakenOver,
    InspectionMissed,
    KeysDeclaredMissing,
    KeysReceived,
    KeysReleased,
    KeyTakingRefused,
    LockReplaced,
    UnauthorisedTakingRecorded,
    VacancyKind,
)
from domain.homes.vacant_home.lifecycle import LIFECYCLE
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.fact import Command
from domain.kernel.people import Role
from domain.kernel.periods import Month
from tests.domain.story import Story, given, instant

CLERK, OFFICER, CLOCK, POLICY = Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.CLOCK, Role.POLICY
KEYS = (
    KeyItem(number="A-01", key_class=KeyClass.ENTRANCE, count=2),
    KeyItem(number="A-02", key_class=KeyClass.LETTERBOX),
    KeyItem(number="A-03", key_class=KeyClass.METER),
)
TAKEN_OVER = HomeTakenOver(home="1-101", kind=VacancyKind.UNSOLD, area=8_850, keys=KEYS, inspections_wanted=1)
GOOD = (Checked(item="门窗", good=True),)
LATER, LAST = "2025-03-12 10:00", "2025-03-13 10:00"


def vacant() -> Story:
    """An unsold home, taken over on the 3rd of March with the keys A-01, A-02 and A-03."""
    return given(LIFECYCLE, TAKEN_OVER)


def inspected(story: Story, at: str) -> Story:
    return story.when(InspectHome(checklist=GOOD, inspector_signature="李检"), as_=CLERK, at=at).then(HomeInspected)


def missed(story: Story, at: str) -> Story:
    return story.when(MarkInspectionMissed(), as_=CLOCK, at=at)


def twice_a_month() -> Story:
    """The office wants two inspections of each home in every month."""
    settings = Settings((Change("vacancy.inspections_per_month", 2, date(2025, 1, 1)),))
    return Story(LIFECYCLE, settings).given(replace(TAKEN_OVER, inspections_wanted=2))


# -- every month (§3.5) ----------------------------------------------------------------------------------------------


def test_the_month_of_the_take_over_is_settled_by_the_take_over() -> None:
    vacant().owes("inspection", "2025-05-01 00:00")


def test_a_home_taken_over_in_the_last_minute_of_a_month_is_first_inspected_in_the_next() -> None:
    given(LIFECYCLE, TAKEN_OVER, at="2025-03-31 23:59").owes("inspection", "2025-05-01 00:00")
    given(LIFECYCLE, TAKEN_OVER, at="2025-04-01 00:00").owes("inspection", "2025-06-01 00:00")


def test_a_month_in_which_the_home_was_inspected_is_settled() -> None:
    story = inspected(vacant(), "2025-04-30 23:59").owes("inspection", "2025-06-01 00:00")
    assert story.case.months[Month(2025, 4)].inspected_at == instant("2025-04-30 23:59")
    inspected(vacant(), "2025-05-01 00:00").owes("inspection", "2025-05-01 00:00")


def test_an_inspection_in_the_month_of_the_take_over_leaves_the_next_month_due() -> None:
    story = inspected(vacant(), LATER).owes("inspection", "2025-05-01 00:00")
    assert story.case.last_inspected_at == instant(LATER)


def test_a_month_without_an_inspection_is_missed_at_its_end() -> None:
    story = missed(vacant(), "2025-05-01 00:00").then(
        InspectionMissed, month=date(2025, 4, 1), due_at=instant("2025-05-01 00:00"), inspections_wanted=1
    )
    story.is_in(VACANT).owes("inspection", "2025-06-01 00:00")
    assert story.case.months[Month(2025, 4)].missed_at == instant("2025-05-01 00:00")


def test_several_missed_months_follow_in_order() -> None:
    story = missed(vacant(), "2025-06-10 08:00").then(InspectionMissed, month=date(2025, 4, 1))
    missed(story, "2025-06-10 08:00").then(InspectionMissed, month=date(2025, 5, 1))
    story.owes("inspection", "2025-07-01 00:00")


def test_months_that_were_inspected_meanwhile_are_passed_over() -> None:
    story = inspected(vacant(), "2025-05-20 10:00").owes("inspection", "2025-05-01 00:00")
    missed(story, "2025-05-20 11:00").owes("inspection", "2025-07-01 00:00")


def test_an_inspection_entered_late_settles_its_month_and_does_not_unsay_the_breach() -> None:
    story = missed(vacant(), "2025-05-01 00:00")
    inspected(story, "2025-04-29 10:00").owes("inspection", "2025-06-01 00:00")
    april = story.case.months[Month(2025, 4)]
    assert (april.inspected_at, april.missed_at) == (instant("2025-04-29 10:00"), instant("2025-05-01 00:00"))


def test_the_last_inspection_is_the_latest_one_however_it_was_entered() -> None:
    story = inspected(inspected(vacant(), "2025-04-20 10:00"), "2025-04-10 10:00")
    assert story.case.last_inspected_at == instant("2025-04-20 10:00")


def test_an_office_that_wants_two_inspections_a_month_has_them_both() -> None:
    assert twice_a_month().case.inspections_wanted == 2
    story = inspected(twice_a_month(), "2025-04-20 10:00").owes("inspection", "2025-05-01 00:00")
    assert story.case.months[Month(2025, 4)].inspected_at is None
    inspected(story, "2025-04-05 10:00").owes("inspection", "2025-06-01 00:00")
    assert story.case.months[Month(2025, 4)].inspected_at == instant("2025-04-20 10:00")
    missed(inspected(twice_a_month(), "2025-04-20 10:00"), "2025-05-01 00:00").then(
        InspectionMissed, inspections_wanted=2
    )


def test_an_inspection_brings_the_number_that_the_office_wants_by_then() -> None:
    more = Settings((Change("vacancy.inspections_per_month", 2, date(2025, 4, 1)),))
    story = Story(LIFECYCLE, more).given(TAKEN_OVER)
    assert inspected(story, LATER).case.inspections_wanted == 1
    assert inspected(story, "2025-04-20 10:00").case.inspections_wanted == 2


def test_only_the_clock_says_that_a_month_was_missed() -> None:
    vacant().when(MarkInspectionMissed(), as_=Role.MANAGER).refused(NotPermitted, clause="3.5")


# -- cleaned (§3.4) --------------------------------------------------------------------------------------------------


def test_a_home_is_clean_when_it_is_clean_inside_and_out() -> None:
    for first, second in ((CleaningScope.INSIDE, CleaningScope.OUTSIDE), (CleaningScope.OUTSIDE, CleaningScope.INSIDE)):
        story = vacant().when(RecordCleaning(scope=first), as_=OFFICER, at=LATER).then(HomeCleaned, scope=first)
        assert story.case.cleaned_at is None
        story.when(RecordCleaning(scope=second), as_=Role.ASSISTANT, at=LAST)
        assert story.case.cleaned_at == instant(LATER)
        story.when(RecordCleaning(), as_=CLERK, at="2025-03-11 10:00")
        assert story.case.cleaned_at == instant(LATER), "a late entry does not make it dirty again"


def test_an_auditor_cleans_nothing() -> None:
    vacant().when(RecordCleaning(), as_=Role.AUDITOR).refused(NotPermitted, clause="3.4")


# -- who may enter ---------------------------------------------------------------------------------------------------


def home(**fields: Any) -> VacantHome:
    return VacantHome(id="vacant_home-1", office="XH", state=VACANT, **fields)


def test_a_home_that_was_never_taken_over_owes_nothing() -> None:
    assert home().inspection_due_at is None
    assert home().entrustment_ends_at is None


def test_an_unsold_home_may_be_entered_any_day() -> None:
    assert home().may_enter(date(2025, 3, 3))


def test_an_entrusted_home_may_be_entered_from_the_first_to_the_last_day_of_its_term() -> None:
    first, last = date(2025, 3, 1), date(2025, 8, 31)
    of_owner = home(kind=VacancyKind.ENTRUSTED, entrusted_from=first, entrusted_until=last)
    assert of_owner.may_enter(first)
    assert of_owner.may_enter(last)
    assert not of_owner.may_enter(date(2025, 2, 28))
    assert not of_owner.may_enter(date(2025, 9, 1))
    assert not home(kind=VacancyKind.ENTRUSTED, entrusted_until=last).may_enter(first)
    assert not home(kind=VacancyKind.ENTRUSTED, entrusted_from=first).may_enter(last)


# -- out and back (§3.2, §3.3) ---------------------------------------------------------------------------------------


def released(*keys: str) -> Story:
    return vacant().when(ReleaseKeys(keys=keys, loan="key_loan-1"), as_=POLICY, at=LATER)


def test_a_key_leaves_custody_on_a_loan_and_comes_back_as_it_is() -> None:
    story = released("A-01", "A-02").then(KeysReleased, keys=("A-01", "A-02"), loan="key_loan-1")
    lent = story.case.keys["A-01"]
    assert (lent.custody, lent.loan, lent.since) == (Custody.LENT, "key_loan-1", instant(LATER))
    assert story.case.with_custody(Custody.LENT) == ("A-01", "A-02")
    story.when(ReceiveKeys(keys=("A-01",), loan="key_loan-1", condition=KeyCondition.WORN), as_=POLICY, at=LAST)
    story.then(KeysReceived, keys=("A-01",), condition=KeyCondition.WORN, loan="key_loan-1")
    back = story.case.keys["A-01"]
    assert (back.custody, back.loan, back.item.condition) == (Custody.KEPT, None, KeyCondition.WORN)
    assert story.case.with_custody(Custody.LENT) == ("A-02",)


def test_nobody_lends_a_key_or_takes_it_back_by_hand() -> None:
    for role in (CLERK, OFFICER, Role.MANAGER):
        vacant().when(ReleaseKeys(keys=("A-01",), loan="key_loan-1"), as_=role).refused(NotPermitted, clause="3.3")
        released("A-01").when(ReceiveKeys(keys=("A-01",), loan="key_loan-1"), as_=role).refused(NotPermitted)


def test_a_key_that_is_out_or_missing_cannot_go_out() -> None:
    for story in (released("A-01"), declared("A-01")):
        story.when(ReleaseKeys(keys=("A-02", "A-01"), loan="key_loan-2"), as_=POLICY, at=LAST).refused(
            RuleBroken, code="key-elsewhere", clause="3.2"
        )
        assert story.refusal is not None
        assert "A-01" in story.refusal.zh
        assert "A-02" not in story.refusal.zh


def test_only_what_was_lent_comes_back_from_a_loan() -> None:
    vacant().when(ReceiveKeys(keys=("A-01",), loan="key_loan-1"), as_=POLICY).refused(
        RuleBroken, code="key-elsewhere", clause="3.2"
    )


NAMING: dict[str, tuple[Any, Role]] = {
    "released": (lambda keys: ReleaseKeys(keys=keys, loan="key_loan-1"), POLICY),
    "received": (lambda keys: ReceiveKeys(keys=keys, loan="key_loan-1"), POLICY),
    "missing": (lambda keys: DeclareKeysMissing(keys=keys), CLERK),
    "recovered": (lambda keys: RecoverKeys(keys=keys), CLERK),
    "refused": (lambda keys: RefuseKeyTaking(keys=keys), CLERK),
    "taken": (lambda keys: RecordUnauthorisedTaking(keys=keys), CLERK),
    "retired": (lambda keys: ReplaceLock(retired=keys, keys=KEYS), CLERK),
}


@pytest.mark.parametrize("what", NAMING)
def test_whatever_happens_to_keys_names_keys_of_this_home_each_once(what: str) -> None:
    command, role = NAMING[what]
    for keys in ((), ("A-01", "A-01"), ("B-07",), ("A-01", "B-07")):
        vacant().when(command(keys), as_=role).refused(RuleBroken, code="key-unknown", clause="3.2")


# -- missing (§3.2) --------------------------------------------------------------------------------------------------


def declared(*keys: str) -> Story:
    return vacant().when(DeclareKeysMissing(keys=keys, circumstances="钥匙柜中未见"), as_=CLERK, at=LATER)


def test_a_key_that_is_not_in_its_place_is_declared_missing() -> None:
    story = declared("A-03").then(KeysDeclaredMissing, keys=("A-03",), loan=None, circumstances="钥匙柜中未见")
    assert story.case.with_custody(Custody.MISSING) == ("A-03",)
    assert declared("A-01", "A-02", "A-03").case.with_custody(Custody.KEPT) == ()
    released("A-01").when(DeclareKeysMissing(keys=("A-01",)), as_=CLERK, at=LAST).refused(
        RuleBroken, code="key-elsewhere", clause="3.2"
    )


def test_a_key_that_is_lost_on_a_loan_is_missing_from_the_set() -> None:
    losing = DeclareKeysMissing(keys=("A-01",), loan="key_loan-1")
    story = released("A-01").when(losing, as_=POLICY, at=LAST).then(KeysDeclaredMissing, loan="key_loan-1")
    assert story.case.keys["A-01"].custody is Custody.MISSING
    vacant().when(losing, as_=POLICY).refused(RuleBroken, code="key-elsewhere", clause="3.2")


def test_a_missing_key_is_recovered() -> None:
    story = declared("A-03").when(RecoverKeys(keys=("A-03",), condition=KeyCondition.DAMAGED), as_=OFFICER, at=LAST)
    story.then(KeysReceived, keys=("A-03",), condition=KeyCondition.DAMAGED, loan=None)
    assert story.case.keys["A-03"].custody is Custody.KEPT
    vacant().when(RecoverKeys(keys=("A-03",)), as_=CLERK).refused(RuleBroken, code="key-elsewhere", clause="3.2")


# -- without authority (§3.2) ----------------------------------------------------------------------------------------


def test_a_refused_attempt_is_a_fact_and_the_keys_stay_where_they_are() -> None:
    attempt = RefuseKeyTaking(keys=("A-01", "A-02"), person="陌生人", circumstances="无登记")
    story = released("A-02").when(attempt, as_=OFFICER, at=LAST)
    story.then(KeyTakingRefused, keys=("A-01", "A-02"), person="陌生人", circumstances="无登记").is_in(VACANT)
    assert story.case.takings_refused == 1
    assert (story.case.keys["A-01"].custody, story.case.keys["A-02"].custody) == (Custody.KEPT, Custody.LENT)


def test_a_key_taken_without_authority_counts_as_missing() -> None:
    taking = RecordUnauthorisedTaking(keys=("A-01",), person="施工队", circumstances="未登记")
    story = (
        vacant()
        .when(taking, as_=OFFICER, at=LATER)
        .then(UnauthorisedTakingRecorded, person="施工队", circumstances="未登记")
    )
    assert (story.case.takings, story.case.with_custody(Custody.MISSING)) == (1, ("A-01",))
    story.when(taking, as_=OFFICER, at=LAST).refused(RuleBroken, code="key-elsewhere", clause="3.2")
    story.when(RecoverKeys(keys=("A-01",)), as_=CLERK, at=LAST).then(KeysReceived)


def test_whoever_may_not_keep_keys_records_nothing_about_them() -> None:
    for command in (
        DeclareKeysMissing(keys=("A-01",)),
        RecoverKeys(keys=("A-01",)),
        RefuseKeyTaking(keys=("A-01",)),
        RecordUnauthorisedTaking(keys=("A-01",)),
    ):
        vacant().when(command, as_=Role.ASSISTANT).refused(NotPermitted, clause="3.2")


# -- a new lock (§3.1) -----------------------------------------------------------------------------------------------

NEW = KeyItem(number="A-11", key_class=KeyClass.ENTRANCE, count=3)


def replacing(*retired: str, keys: tuple[KeyItem, ...] = (NEW,)) -> Command:
    return ReplaceLock(retired=retired, keys=keys)


def test_a_new_lock_retires_the_old_numbers_and_brings_its_own() -> None:
    story = declared("A-01").when(replacing("A-01", "A-02"), as_=CLERK, at=LAST)
    story.then(LockReplaced, retired=("A-01", "A-02"), keys=(NEW,)).is_in(VACANT)
    assert story.case.with_custody(Custody.RETIRED) == ("A-01", "A-02")
    assert story.case.with_custody(Custody.KEPT) == ("A-03", "A-11")
    assert not story.case.keys["A-01"].custody.in_care


def test_a_retired_number_is_never_used_again() -> None:
    story = vacant().when(replacing("A-01"), as_=CLERK, at=LATER)
    again = (KeyItem(number="A-01", key_class=KeyClass.ENTRANCE),)
    story.when(replacing("A-11", keys=again), as_=CLERK, at=LAST).refused(
        RuleBroken, code="key-number-twice", clause="3.1"
    )
    story.when(replacing("A-01"), as_=CLERK, at=LAST).refused(RuleBroken, code="key-elsewhere", clause="3.2")
    story.when(RecoverKeys(keys=("A-01",)), as_=CLERK, at=LAST).refused(RuleBroken, code="key-elsewhere")


def test_a_lock_is_not_replaced_without_its_new_keys_nor_while_the_old_ones_are_lent() -> None:
    vacant().when(replacing("A-01", keys=()), as_=CLERK).refused(RuleBroken, code="keys-missing", clause="3.1")
    none = (KeyItem(number="A-11", key_class=KeyClass.ENTRANCE, count=0),)
    vacant().when(replacing("A-01", keys=none), as_=CLERK).refused(RuleBroken, code="key-count", clause="3.1")
    released("A-01").when(replacing("A-01"), as_=CLERK, at=LAST).refused(RuleBroken, code="key-elsewhere")
    vacant().when(replacing("A-01"), as_=OFFICER).refused(NotPermitted, clause="3.1")


# -- what the fold leaves alone --------------------------------------------------------------------------------------


def test_a_retired_key_is_not_handed_over_with_the_set() -> None:
    story = vacant().when(replacing("A-01"), as_=CLERK, at=LATER)
    kept = story.case.with_custody(Custody.KEPT)
    story.given(HomeHandedOver(reason=HandOverReason.MOVE_IN, keys=kept, open_defects=()), at=LAST)
    assert story.case.with_custody(Custody.HANDED_OVER) == ("A-02", "A-03", "A-11")
    assert story.case.with_custody(Custody.RETIRED) == ("A-01",)


def test_what_happened_to_another_matter_changes_nothing_here() -> None:
    story = vacant()
    before = repr(story.case)
    evolve(story.case, replace(story.facts[0], event=KeyLoanRefused(reason="x")))
    assert repr(story.case) == before
