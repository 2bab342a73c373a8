"""Sentences about entrusted homes 受托空房 (§3.1): under which agreement they are kept, and who may enter them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.homes.keys import KeyClass, KeyCondition, OtherKey, Whereabouts
from domain.homes.vacant_home.case import VACANT
from domain.homes.vacant_home.commands.entrustment import MarkEntrustmentEnded, RenewEntrustment
from domain.homes.vacant_home.commands.vacancy import RecordCleaning
from domain.homes.vacant_home.events import (
    CleaningScope,
    EntrustmentEnded,
    EntrustmentRenewed,
    HomeCleaned,
    HomeInspected,
    HomeTakenOver,
)
from domain.homes.vacant_home.lifecycle import LIFECYCLE
from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import Actor
from tests.domain.homes.vacancies import (
    ASSISTANT,
    CLERK,
    CLOCK,
    LATER,
    MANAGER,
    WITH_OWNER,
    entrusted,
    entrusting,
    inspecting,
    taking_over,
)
from tests.domain.story import given, instant

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
    assert RenewEntrustment not in LIFECYCLE.permitted(story.case, [Actor("someone", CLERK)])


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
