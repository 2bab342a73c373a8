"""Sentences about key loans 钥匙取领 (§3.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.cases import GENERIC
from domain.homes.key_loan.case import ISSUED, LOST, REFUSED, REQUESTED, RETURNED
from domain.homes.key_loan.commands import (
    IssueKeys,
    MarkKeysOverdue,
    RefuseKeyLoan,
    ReportKeysLost,
    RequestKeyLoan,
    ReturnKeys,
)
from domain.homes.key_loan.events import (
    KeyLoanRefused,
    KeyLoanRequested,
    KeysIssued,
    KeysLost,
    KeysOverdue,
    KeysReturned,
    Purpose,
)
from domain.homes.key_loan.lifecycle import LIFECYCLE
from domain.homes.keys import Custody, Key, KeyClass, KeyCondition, KeyItem
from domain.homes.vacant_home.case import HANDED_OVER, VACANT, VacantHome
from domain.homes.vacant_home.events import HomeDefectClosed, VacancyKind
from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.people import Actor, Role
from domain.moving.renovation.case import Renovation
from tests.domain.story import DAY, Story, given, instant

CLERK, OFFICER, ASSISTANT, CLOCK = Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.ASSISTANT, Role.CLOCK
BACK_AT = "2025-03-03 18:00"
BOTH = ("A-01", "A-02")
DUE = instant(BACK_AT)


def vacant(**fields: Any) -> VacantHome:
    """An unsold home with the keys A-01 and A-02 kept, A-03 lent, A-04 missing and A-05 retired."""
    custodies = (Custody.KEPT, Custody.KEPT, Custody.LENT, Custody.MISSING, Custody.RETIRED)
    keys = {
        f"A-0{n}": Key(
            item=KeyItem(number=f"A-0{n}", key_class=KeyClass.ENTRANCE),
            custody=custody,
            since=instant("2025-03-01 09:00"),
        )
        for n, custody in enumerate(custodies, 1)
    }
    known = {"id": "vacant_home-1", "office": "XH", "state": VACANT, "home": "1-101", "keys": keys}
    return VacantHome(**{**known, **fields})


def requesting(**fields: Any) -> RequestKeyLoan:
    form = {
        "vacant_home": "vacant_home-1",
        "keys": BOTH,
        "purpose": Purpose.CONSTRUCTION,
        "expected_return": DUE,
        "borrower": "孙工",
        "organisation": "某装饰公司",
        "identity_document": "证件-1",
    }
    return RequestKeyLoan(**{**form, **fields})


def asked(*, home: object = None, imported: bool = False, as_: Role = CLERK, **fields: Any) -> Story:
    related = {"home": home if home is not None else vacant()}
    return given(LIFECYCLE).when(requesting(**fields), as_=as_, related=related, imported=imported)


def issued() -> Story:
    """The keys A-01 and A-02 went out at half past ten against the duty officer's signature."""
    return asked().when(IssueKeys(officer_signature="周值"), as_=OFFICER, at="2025-03-03 10:30", by="officer")


# -- the form --------------------------------------------------------------------------------------------------------


def test_a_request_says_who_wants_which_keys_what_for_and_until_when() -> None:
    story = asked().then(KeyLoanRequested, home="1-101", keys=BOTH, purpose=Purpose.CONSTRUCTION, borrower="孙工")
    story.is_in(REQUESTED).owes("return", None)
    assert requesting().related() == {"home": "vacant_home-1"}
    assert LIFECYCLE.held(story.case) == set()
    case = story.case
    assert (case.vacant_home, case.purpose) == ("vacant_home-1", Purpose.CONSTRUCTION)
    assert (case.borrower, case.organisation, case.identity_document) == ("孙工", "某装饰公司", "证件-1")


def test_keys_are_asked_for_only_of_a_home_in_the_offices_care() -> None:
    given(LIFECYCLE).when(requesting(), as_=CLERK).refused(RuleBroken, code="home-not-vacant", clause="3.3")
    for home in (vacant(state=HANDED_OVER), "nothing"):
        asked(home=home).refused(RuleBroken, code="home-not-vacant", clause="3.3")


def test_a_request_names_keys_of_the_home_each_once() -> None:
    for keys in ((), ("A-01", "A-01"), ("B-01",)):
        asked(keys=keys).refused(RuleBroken, code="key-unknown", clause="3.3")


def test_missing_and_retired_keys_cannot_be_asked_for_and_lent_ones_can() -> None:
    for number in ("A-04", "A-05"):
        asked(keys=("A-01", number)).refused(RuleBroken, code="key-gone", clause="3.2")
    asked(keys=("A-03",)).then(KeyLoanRequested)
    few = vacant()
    few.keys = {number: few.keys[number] for number in BOTH}
    asked(home=few).then(KeyLoanRequested, keys=BOTH)


@pytest.mark.parametrize("lacking", ["borrower", "identity_document"])
def test_a_borrower_is_written_down_with_his_document(lacking: str) -> None:
    asked(**{lacking: None}).refused(RuleBroken, code="borrower-missing", clause="3.3")
    assert asked(**{lacking: None}, imported=True).then(KeyLoanRequested).waived == ["borrower-missing"]


def test_outside_the_entrustment_the_owner_has_to_consent() -> None:
    ended = vacant(kind=VacancyKind.ENTRUSTED, entrusted_from=date(2024, 9, 1), entrusted_until=date(2025, 3, 2))
    asked(home=ended).refused(RuleBroken, code="entry-without-entrustment", clause="民法典1033")
    asked(home=ended, consent="业主书面同意").then(KeyLoanRequested, consent="业主书面同意")
    standing = replace(ended, entrusted_until=date(2025, 3, 3))
    asked(home=standing).then(KeyLoanRequested, consent=None)


def test_the_expected_return_lies_ahead() -> None:
    asked(expected_return=instant(DAY)).refused(RuleBroken, code="deadline-passed", clause="3.3")
    story = asked(expected_return=instant(DAY), imported=True).then(KeyLoanRequested)
    assert story.waived == ["deadline-passed"]


def test_workers_are_lent_the_keys_of_a_home_whose_renovation_is_permitted() -> None:
    def lent(**fields: Any) -> Story:
        known = {"id": "renovation-1", "office": "XH", "state": "under-way", "home": "1-101"}
        work = Renovation(**{**known, "valid_until": date(2025, 3, 3), **fields})
        command = requesting(renovation="renovation-1")
        return given(LIFECYCLE).when(command, as_=CLERK, related={"home": vacant(), "work": work})

    assert requesting(renovation="renovation-1").related() == {"home": "vacant_home-1", "work": "renovation-1"}
    assert lent().then(KeyLoanRequested, renovation="renovation-1").case.renovation == "renovation-1"
    lent(state="permitted", valid_until=None).is_in(REQUESTED)
    for wrong in ({"state": "stopped"}, {"state": "applied"}, {"home": "9-909"}, {"valid_until": date(2025, 3, 2)}):
        lent(**wrong).refused(RuleBroken, code="renovation-not-permitted", clause="1.4")
    given(LIFECYCLE).when(requesting(renovation="x"), as_=CLERK, related={"home": vacant(), "work": "x"}).refused(
        RuleBroken, code="renovation-not-permitted"
    )


def test_everybody_at_the_desk_takes_a_request_and_an_auditor_does_not() -> None:
    asked(as_=ASSISTANT).is_in(REQUESTED)
    asked(as_=Role.AUDITOR).refused(NotPermitted, clause="3.3")


# -- refused ---------------------------------------------------------------------------------------------------------


def test_a_refused_request_stays_in_the_book_with_its_reason() -> None:
    story = asked().when(RefuseKeyLoan(reason="证件不符"), as_=OFFICER).then(KeyLoanRefused, reason="证件不符")
    story.is_in(REFUSED)
    assert (story.case.refusal, story.case.refused_at) == ("证件不符", instant(DAY))
    story.when(IssueKeys(officer_signature="周值"), as_=OFFICER).refused(WrongState, clause="3.3")


def test_an_assistant_refuses_no_request() -> None:
    asked().when(RefuseKeyLoan(reason="证件不符"), as_=ASSISTANT).refused(NotPermitted, clause="3.2")


# -- issued ----------------------------------------------------------------------------------------------------------


def test_the_keys_leave_after_the_duty_officer_has_signed() -> None:
    story = issued().then(KeysIssued, keys=BOTH, expected_return=DUE, officer_signature="周值").is_in(ISSUED)
    story.owes("return", BACK_AT)
    assert (story.case.issued_at, story.case.issued_by) == (instant("2025-03-03 10:30"), "officer")
    assert LIFECYCLE.held(story.case) == {"key:1-101/A-01", "key:1-101/A-02"}


def test_without_the_duty_officers_signature_no_key_leaves() -> None:
    asked().when(IssueKeys(), as_=OFFICER).refused(RuleBroken, code="signature-missing", clause="3.3")
    story = asked().when(IssueKeys(), as_=OFFICER, imported=True).then(KeysIssued, officer_signature=None)
    assert story.waived == ["signature-missing"]


def test_nobody_but_the_duty_officer_issues_keys() -> None:
    for role in Role:
        if role is not OFFICER:
            asked().when(IssueKeys(officer_signature="周值"), as_=role).refused(NotPermitted, clause="3.3")


def test_the_duty_officer_may_expect_the_keys_back_at_another_time() -> None:
    tomorrow = "2025-03-04 18:00"
    signing = IssueKeys(officer_signature="周值", expected_return=instant(tomorrow))
    asked().when(signing, as_=OFFICER).then(KeysIssued, expected_return=instant(tomorrow)).owes("return", tomorrow)
    asked().when(IssueKeys(officer_signature="周值"), as_=OFFICER, at=BACK_AT).refused(
        RuleBroken, code="deadline-passed", clause="3.3"
    )


def test_keys_that_are_out_cannot_be_issued_again() -> None:
    issued().when(IssueKeys(officer_signature="周值"), as_=OFFICER).refused(WrongState, clause="3.3")


# -- overdue ---------------------------------------------------------------------------------------------------------


def test_the_clock_notes_once_that_the_keys_did_not_come_back() -> None:
    story = issued().when(MarkKeysOverdue(), as_=CLOCK, at="2025-03-03 20:00").then(KeysOverdue, due_at=DUE)
    story.is_in(ISSUED).owes("return", None)
    assert story.case.missed_at == DUE
    assert LIFECYCLE.held(story.case) == {"key:1-101/A-01", "key:1-101/A-02"}
    issued().when(MarkKeysOverdue(), as_=OFFICER, at=BACK_AT).refused(NotPermitted, clause="3.3")


# -- returned --------------------------------------------------------------------------------------------------------


def returning(*keys: str, **fields: Any) -> ReturnKeys:
    return ReturnKeys(**{"keys": keys, "returner": "孙工", "returner_signature": "孙工", **fields})


def test_the_keys_come_back_against_the_returners_signature() -> None:
    story = issued().when(returning("A-02", "A-01", condition=KeyCondition.WORN), as_=OFFICER, at="2025-03-03 17:00")
    story.then(
        KeysReturned,
        keys=BOTH,
        condition=KeyCondition.WORN,
        entered_at=instant("2025-03-03 17:00"),
        returner_signature="孙工",
    )
    story.is_in(RETURNED).owes("return", None)
    assert (story.case.out, story.case.returner, story.case.condition) == ((), "孙工", KeyCondition.WORN)
    assert story.case.returned_at == story.case.return_entered_at == instant("2025-03-03 17:00")
    assert LIFECYCLE.held(story.case) == set()


def test_the_returner_signs() -> None:
    story = issued().when(returning(*BOTH, returner_signature=None), as_=CLERK, at=BACK_AT)
    story.refused(RuleBroken, code="signature-missing", clause="3.3")
    story.when(returning(*BOTH, returner_signature=None), as_=CLERK, at=BACK_AT, imported=True).is_in(RETURNED)
    assert story.waived == ["signature-missing"]


def test_all_keys_that_are_out_come_back_at_once() -> None:
    for keys in (("A-01",), ("A-01", "A-01"), ("A-01", "A-03"), (*BOTH, "A-01"), ()):
        issued().when(returning(*keys), as_=CLERK, at=BACK_AT).refused(
            RuleBroken, code="keys-not-accounted", clause="3.3"
        )


def test_keys_do_not_come_back_before_they_went_out() -> None:
    issued().when(returning(*BOTH), as_=CLERK, at="2025-03-03 10:29").refused(
        RuleBroken, code="before-issue", clause="3.3"
    )
    issued().when(returning(*BOTH), as_=CLERK, at="2025-03-03 10:30").is_in(RETURNED)


def test_only_keys_that_went_out_come_back() -> None:
    asked().when(returning(*BOTH), as_=CLERK).refused(WrongState, clause="3.3")


# -- lost ------------------------------------------------------------------------------------------------------------


def losing(*keys: str) -> ReportKeysLost:
    return ReportKeysLost(keys=keys, circumstances="工地遗失")


def test_a_lost_key_stays_on_the_loan_and_the_others_still_have_to_come_back() -> None:
    story = (
        issued()
        .when(losing("A-01"), as_=CLERK, at="2025-03-03 16:00")
        .then(KeysLost, keys=("A-01",), circumstances="工地遗失")
    )
    story.is_in(LOST).owes("return", BACK_AT)
    assert (story.case.lost, story.case.out) == (("A-01",), ("A-02",))
    assert story.case.lost_at == instant("2025-03-03 16:00")
    assert LIFECYCLE.held(story.case) == {"key:1-101/A-02"}
    story.when(MarkKeysOverdue(), as_=CLOCK, at=BACK_AT).is_in(LOST)
    story.when(returning(*BOTH), as_=CLERK, at=BACK_AT).refused(RuleBroken, code="keys-not-accounted")
    story.when(returning("A-02"), as_=CLERK, at=BACK_AT).then(KeysReturned, keys=("A-02",)).is_in(RETURNED)
    assert story.case.lost == ("A-01",)


def test_a_loan_of_which_every_key_is_lost_owes_nothing_more() -> None:
    story = issued().when(losing("A-01"), as_=CLERK, at=BACK_AT).when(losing("A-02"), as_=CLERK, at=BACK_AT)
    story.is_in(LOST).owes("return", None)
    assert (story.case.lost, LIFECYCLE.held(story.case)) == (BOTH, set())
    story.when(losing("A-02"), as_=CLERK, at=BACK_AT).refused(RuleBroken, code="nothing-out", clause="3.3")
    story.when(returning(), as_=CLERK, at=BACK_AT).refused(RuleBroken, code="nothing-out", clause="3.3")
    assert set(LIFECYCLE.permitted(story.case, [Actor("someone", CLERK)])) <= GENERIC, "a mistake can be mended"


def test_only_keys_that_are_out_on_the_loan_can_be_lost_on_it() -> None:
    for keys in ((), ("A-01", "A-01"), ("A-03",)):
        issued().when(losing(*keys), as_=CLERK, at=BACK_AT).refused(RuleBroken, code="key-not-out", clause="3.3")
    issued().when(losing("A-01"), as_=CLERK, at="2025-03-03 10:29").refused(
        RuleBroken, code="before-issue", clause="3.3"
    )
    asked().when(losing("A-01"), as_=CLERK).refused(WrongState, clause="3.2")
    issued().when(losing("A-01"), as_=ASSISTANT, at=BACK_AT).refused(NotPermitted, clause="3.2")


# -- what the fold leaves alone --------------------------------------------------------------------------------------


def test_what_happened_to_another_matter_changes_nothing_here() -> None:
    story = issued()
    before = repr(story.case)
    LIFECYCLE.evolve(story.case, replace(story.facts[0], event=HomeDefectClosed(defect=1)))
    assert repr(story.case) == before


def test_whoever_issued_the_keys_is_not_made_their_borrower_afterwards() -> None:
    loan = issued().case
    refusal = loan.why_not_corrected("borrower", loan.issued_by)
    assert (refusal.code, refusal.clause, refusal.field) == ("own-work", "3.3", "value")
    assert loan.why_not_corrected("borrower", "li") is None
    assert loan.why_not_corrected("borrower", None) is None
    assert loan.why_not_corrected("organisation", loan.issued_by) is None
