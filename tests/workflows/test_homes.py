"""Vacant homes, their keys and their months on a real database: the figures of a day are those of that day (§1, §2, §3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from domain.fees.terms import PaymentMethod
from domain.homes.key_loan.commands import IssueKeys, ReportKeysLost, RequestKeyLoan, ReturnKeys
from domain.homes.key_loan.events import Purpose
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.commands.custody import ReplaceLock
from domain.homes.vacant_home.commands.entrustment import RenewEntrustment
from domain.homes.vacant_home.commands.vacancy import HandOverHome, InspectHome, RecordCleaning, TakeOverHome
from domain.homes.vacant_home.events import Checked, Defect, HandOverReason, VacancyKind
from domain.kernel.errors import RuleBroken, WrongState
from domain.kernel.late_entries import ConfirmLateEntry
from domain.kernel.people import Role
from domain.moving.move_in.commands import (
    ApplyForMoveIn,
    CompleteMoveIn,
    HandOverMoveInKeys,
    InspectForMoveIn,
    SettleMoveInFees,
)
from domain.moving.move_in.commands import CheckMoveInDocuments as CheckDocuments
from domain.moving.move_in.events import DocumentKind
from domain.moving.renovation.commands.permit import (
    AcceptRenovation,
    ApplyForRenovation,
    ApproveRenovation,
    BeginRenovation,
    PayRenovationDeposit,
    PermitRenovation,
    ReportRenovationFinished,
    WithdrawRenovation,
)
from domain.moving.renovation.commands.site import ResumeRenovation, StopRenovation
from domain.moving.renovation.events import ViolationKind
from domain.rounds.rectification.commands import (
    AssignRectification,
    CloseRectification,
    ReportRectificationDone,
    VerifyRectification,
    WithdrawRectification,
)
from domain.rounds.work_order import CancelWorkOrder, RaiseWorkOrder, Trade
from projections.engine import standard as measure
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG
from tests.conftest import Database
from tests.office_rig import OfficeRig, shanghai
from tests.workflows.checked_office import checked_office, one

CONFIRMED = ConfirmLateEntry(reason="值班记录属实", evidence="值班记录 12 页")
CLERK, HEAD, MANAGER, GUARD = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.DUTY_OFFICER
LEAK = Defect(item="厨房", matter="漏水")
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


def read(rig: OfficeRig, slug: str, until: date, since: date | None = None, **how: Any) -> measure.Measurement:
    """A standard's figure."""
    with rig.pool.connection() as connection:
        return measure.read(
            connection,
            REGISTERS,
            BY_SLUG[slug],
            office=rig.code,
            since=since or until,
            until=until,
            now=rig.now,
            **how,
        )


def share(rig: OfficeRig, slug: str, since: date, until: date) -> tuple[int, int, int]:
    """Met, counted, not yet due."""
    found = read(rig, slug, until, since)
    return found.met, found.counted, found.not_yet_due


def intact(rig: OfficeRig, day: date) -> tuple[int, int]:
    """How many of the vacant homes were intact that evening."""
    found = read(rig, "vacancy-integrity-rate", day)
    return found.met, found.counted


def taken_over(rig: OfficeRig, home: str = "1-101", at: str = "2025-01-05 09:00", **fields: Any) -> str:
    numbers = ("1", "2") if home == "1-101" else (f"{home}/1", f"{home}/2")
    keys = tuple(KeyItem(number=number, key_class=KeyClass.ENTRANCE) for number in numbers)
    command = TakeOverHome(**{"home": home, "kind": VacancyKind.UNSOLD, "area": 9_000, "keys": keys, **fields})
    return rig.do(command, as_=CLERK, at=at).case_id


def entrusted(rig: OfficeRig) -> str:
    return taken_over(
        rig,
        kind=VacancyKind.ENTRUSTED,
        owner="王",
        agreement_signed_on=date(2025, 1, 2),
        other_keys=(),
        entrusted_from=date(2025, 1, 3),
        entrusted_until=date(2025, 3, 31),
    )


def inspect(rig: OfficeRig, home: str, at: str, *defects: Defect, late: str | None = None) -> None:
    bad = {defect.item for defect in defects}
    lines = tuple(Checked(item=item, good=item not in bad) for item in ("门窗", "厨房"))
    command = InspectHome(checklist=lines, defects=defects, inspector_signature="李")
    rig.until(late or at)
    rig.do(command, as_=CLERK, on=home, by="inspector", occurred_at=shanghai(at), late_reason="纸上先记")


def put_right(rig: OfficeRig, work: str) -> None:
    rig.do(AssignRectification(responsible="plumber"), as_=HEAD, on=work, by="head")
    rig.do(ReportRectificationDone(result="已修"), as_=CLERK, on=work, by="plumber")
    rig.do(VerifyRectification(findings="好"), as_=HEAD, on=work, by="head")
    rig.do(CloseRectification(), as_=HEAD, on=work, by="head")


# -- intact, evening by evening (§3.6) -------------------------------------------------------------------------------


def test_a_home_that_was_not_inspected_in_march_was_not_intact_then_though_it_is_in_april(rig: OfficeRig) -> None:
    home = taken_over(rig)
    inspect(rig, home, "2025-02-10 10:00")
    inspect(rig, home, "2025-04-10 10:00")
    assert intact(rig, date(2025, 1, 31)) == (1, 1), "taken over in it"
    assert intact(rig, date(2025, 2, 9)) == (0, 1), "not yet"
    assert intact(rig, date(2025, 2, 28)) == (1, 1)
    assert intact(rig, date(2025, 3, 31)) == (0, 1)
    assert intact(rig, date(2025, 4, 10)) == (1, 1)
    assert intact(rig, date(2025, 12, 31)) == (1, 1), "a day that has not come is read today"
    assert read(rig, "vacancy-integrity-rate", date(2025, 3, 31)).by_group == {"not-inspected": (0, 1)}


@pytest.mark.long
def test_a_defect_makes_a_home_defective_from_the_day_it_was_found_to_the_day_it_was_put_right(rig: OfficeRig) -> None:
    home = taken_over(rig)
    inspect(rig, home, "2025-02-10 10:00", LEAK)
    rig.until("2025-03-12 10:00")
    put_right(rig, one(rig, "rectifications")["case_id"])
    assert intact(rig, date(2025, 2, 28)) == (0, 1)
    assert read(rig, "vacancy-integrity-rate", date(2025, 2, 28)).by_group == {"defective": (0, 1)}
    assert read(rig, "vacancy-integrity-rate", date(2025, 3, 11)).by_group == {"not-inspected-and-defective": (0, 1)}
    assert read(rig, "vacancy-integrity-rate", date(2025, 3, 12)).by_group == {"not-inspected": (0, 1)}
    stretches = [(row["begins_on"], row["ends_on"], row["condition"]) for row in rig.rows("vacancy-condition")]
    assert sorted(stretches, key=str) == [
        (date(2025, 1, 5), date(2025, 1, 31), "intact"),
        (date(2025, 2, 1), date(2025, 2, 9), "not-inspected"),
        (date(2025, 2, 10), date(2025, 2, 28), "defective"),
        (date(2025, 3, 1), date(2025, 3, 11), "not-inspected-and-defective"),
        (date(2025, 3, 12), None, "not-inspected"),
    ]


def test_a_late_entry_changes_todays_view_of_march_and_not_what_the_report_said(rig: OfficeRig) -> None:
    home = taken_over(rig)
    rig.until("2025-04-02 09:00")
    report = measure.AsOf(number=len(rig.facts()))
    assert intact(rig, date(2025, 3, 31)) == (0, 1)
    inspect(rig, home, "2025-03-20 10:00", late="2025-04-03 09:00")
    assert intact(rig, date(2025, 3, 31)) == (0, 1), "the month stands as missed in the book"
    rig.do(CONFIRMED, as_=MANAGER, on=home, by="zhao")
    assert intact(rig, date(2025, 3, 31)) == (1, 1)
    then = read(rig, "vacancy-integrity-rate", date(2025, 3, 31), as_of=report)
    assert (then.met, then.counted) == (0, 1)
    row = one(rig, "inspections", month=date(2025, 3, 1))
    assert (row["inspected_by"], row["items"], row["defects"]) == ("inspector", 2, 0)
    assert row["missed_at"] == shanghai("2025-04-01 00:00")


@pytest.mark.long
def test_the_area_stands_beside_the_homes(rig: OfficeRig) -> None:
    taken_over(rig)
    inspect(rig, taken_over(rig, "2-202", at="2025-01-06 09:00", area=1_000), "2025-01-06 10:00", LEAK)
    found = read(rig, "vacancy-integrity-by-area", date(2025, 1, 31))
    assert (found.met, found.counted) == (9_000, 10_000)
    assert intact(rig, date(2025, 1, 31)) == (1, 2)


@pytest.mark.long
def test_a_home_is_no_longer_counted_on_the_evening_of_its_hand_over(rig: OfficeRig) -> None:
    home = taken_over(rig)
    rig.do(RecordCleaning(), as_=CLERK, on=home, at="2025-01-20 09:00")
    give_back = HandOverHome(reason=HandOverReason.RETURN_TO_OWNER, keys=("1", "2"), signature="王")
    rig.do(give_back, as_=CLERK, on=home, at="2025-01-21 09:00")
    assert intact(rig, date(2025, 1, 20)) == (1, 1)
    assert intact(rig, date(2025, 1, 21)) == (0, 0)


def test_a_month_that_ended_unseen_is_missed_though_the_home_was_handed_over_before_the_clock_came(
    rig: OfficeRig,
) -> None:
    home = taken_over(rig)
    rig.do(RecordCleaning(), as_=CLERK, on=home, at="2025-04-03 09:00")  # no clock since January
    give_back = HandOverHome(reason=HandOverReason.RETURN_TO_OWNER, keys=("1", "2"), signature="王")
    rig.do(give_back, as_=CLERK, on=home, at="2025-04-03 10:00")
    rig.until("2025-05-02 00:00")
    assert share(rig, "vacancy-inspection-rate", date(2025, 1, 1), date(2025, 4, 30)) == (0, 3, 0), (
        "February, March, and April, in which it left uninspected"
    )


@pytest.mark.long
def test_a_rectification_that_is_withdrawn_ends_the_defect_and_is_counted_apart(rig: OfficeRig) -> None:
    home = taken_over(rig)
    inspect(rig, home, "2025-01-10 10:00", LEAK)
    work = one(rig, "rectifications")["case_id"]
    rig.do(WithdrawRectification(reason="实为冷凝水"), as_=MANAGER, on=work, by="manager", at="2025-01-11 09:00")
    assert intact(rig, date(2025, 1, 11)) == (1, 1)
    found = read(rig, "rectifications-in-time", date(2025, 12, 31), date(2025, 1, 1))
    assert (found.counted, found.excluded) == (0, {"withdrawn in time": 1})


@pytest.mark.long
def test_what_is_withdrawn_or_cancelled_after_its_deadline_was_missed(rig: OfficeRig) -> None:
    inspect(rig, taken_over(rig), "2025-01-10 10:00", LEAK)
    raise_ = RaiseWorkOrder(trade=Trade.CLEANING, place="3栋", matter="积水")
    kept, late = (rig.do(raise_, as_=CLERK).case_id for _ in range(2))
    rig.do(CancelWorkOrder(reason="重复"), as_=CLERK, on=kept, at="2025-01-11 09:00")
    rig.now = shanghai("2025-02-01 09:00")  # the clock has not come round
    rig.do(CancelWorkOrder(reason="不要了"), as_=CLERK, on=late)
    work = one(rig, "rectifications")["case_id"]
    rig.do(WithdrawRectification(reason="不要了"), as_=MANAGER, on=work, by="manager")
    assert share(rig, "rectifications-in-time", *YEAR) == (0, 1, 0)
    found = read(rig, "work-orders-in-time", YEAR[1], YEAR[0])
    assert (found.met, found.counted, found.excluded) == (0, 1, {"cancelled in time": 1})


@pytest.mark.long
def test_work_that_was_done_in_time_and_entered_late_was_done_in_time_once_that_is_confirmed(rig: OfficeRig) -> None:
    inspect(rig, taken_over(rig), "2025-01-10 10:00", LEAK)
    work = one(rig, "rectifications")["case_id"]
    rig.do(AssignRectification(responsible="plumber"), as_=HEAD, on=work, at="2025-01-11 09:00")
    rig.until("2025-01-20 09:00")
    assert share(rig, "rectifications-in-time", *YEAR) == (0, 1, 0)
    done = ReportRectificationDone(result="已修")
    late = {"occurred_at": shanghai("2025-01-12 09:00"), "late_reason": "纸上先记"}
    rig.do(done, as_=CLERK, on=work, by="plumber", **late)
    assert share(rig, "rectifications-in-time", *YEAR) == (0, 1, 0)
    rig.do(CONFIRMED, as_=HEAD, on=work, by="zhao")
    assert share(rig, "rectifications-in-time", *YEAR) == (1, 1, 0)


# -- keys (§3.1–3.3) -------------------------------------------------------------------------------------------------


def lent(rig: OfficeRig, home: str, back: str, *keys: str, **fields: Any) -> str:
    form = {"borrower": "赵", "identity_document": "证1", "purpose": Purpose.CONSTRUCTION, **fields}
    request = RequestKeyLoan(vacant_home=home, keys=keys, expected_return=shanghai(back), **form)
    loan = rig.do(request, as_=CLERK).case_id
    rig.do(IssueKeys(officer_signature="签"), as_=GUARD, on=loan)
    return loan


def test_a_loan_on_which_a_key_was_lost_was_not_returned_in_time(rig: OfficeRig) -> None:
    home = taken_over(rig)
    loan = lent(rig, home, "2025-01-08 18:00", "1", "2")
    rig.do(ReportKeysLost(keys=("1",)), as_=GUARD, on=loan, at="2025-01-07 09:00")
    rig.do(ReturnKeys(keys=("2",), returner_signature="签"), as_=GUARD, on=loan)
    assert share(rig, "keys-returned-in-time", *YEAR) == (0, 1, 0)
    new = (KeyItem(number="3", key_class=KeyClass.ENTRANCE),)
    rig.do(ReplaceLock(retired=("1",), keys=new), as_=CLERK, on=home)
    assert (one(rig, "vacant-homes")["keys_missing"], one(rig, "key-loans")["lost_keys"]) == (0, "1")


def test_an_entrustment_that_has_ended_stays_on_the_list_until_it_is_renewed(rig: OfficeRig) -> None:
    home = entrusted(rig)
    rig.until("2025-04-10 09:00")
    row = one(rig, "deadlines", case_id=home, line="entrustment")
    assert row["due_at"] == row["missed_at"] == shanghai("2025-04-01 00:00")
    renew = RenewEntrustment(
        agreement_signed_on=date(2025, 4, 10), entrusted_from=date(2025, 4, 10), entrusted_until=date(2025, 12, 31)
    )
    rig.do(renew, as_=CLERK, on=home)
    assert one(rig, "deadlines", case_id=home, line="entrustment")["missed_at"] is None
    assert one(rig, "vacant-homes")["agreement_signed_on"] == date(2025, 4, 10)


def permitted(rig: OfficeRig, home: str = "1-101") -> str:
    apply = ApplyForRenovation(home=home, scope="厨房", planned_from=date(2025, 1, 6), planned_until=date(2025, 2, 28))
    work = rig.do(apply, as_=CLERK).case_id
    rig.do(ApproveRenovation(), as_=HEAD, by="head", on=work)
    rig.do(
        PayRenovationDeposit(amount_fen=200_000, receipt="D1", method=PaymentMethod.CASH),
        as_=CLERK,
        on=work,
        by="cashier",
    )
    permit = PermitRenovation(permit="Z-1", valid_from=date(2025, 1, 6), valid_until=date(2025, 2, 28))
    rig.do(permit, as_=HEAD, on=work)
    return work


def test_workers_keys_go_through_the_loan_form_and_come_back_before_the_acceptance(rig: OfficeRig) -> None:
    home = entrusted(rig)
    work = permitted(rig)
    rig.do(BeginRenovation(), as_=CLERK, on=work, at="2025-01-06 09:00")
    loan = lent(rig, home, "2025-01-06 18:00", "1", renovation=work)
    assert (one(rig, "renovations")["keys_out"], one(rig, "key-loans")["renovation"]) == (1, work)
    second = RequestKeyLoan(
        vacant_home=home,
        keys=("2",),
        expected_return=shanghai("2025-01-07 18:00"),
        borrower="钱",
        identity_document="证2",
        purpose=Purpose.CONSTRUCTION,
        renovation=work,
    )
    waiting = rig.do(second, as_=CLERK).case_id
    rig.do(StopRenovation(kind=ViolationKind.PIPES, matter="改管"), as_=GUARD, on=work)
    with pytest.raises(WrongState):  # the work stands still: nobody is let in
        rig.do(IssueKeys(officer_signature="签"), as_=GUARD, on=waiting)
    with pytest.raises(RuleBroken) as refused:
        rig.do(second, as_=CLERK)
    assert refused.value.code == "renovation-not-permitted"
    put_right(rig, one(rig, "rectifications")["case_id"])
    rig.do(ResumeRenovation(), as_=HEAD, on=work)
    rig.do(ReportRenovationFinished(), as_=CLERK, on=work)
    with pytest.raises(RuleBroken) as refused:
        rig.do(AcceptRenovation(signature="王"), as_=HEAD, by="head", on=work)
    assert refused.value.code == "site-keys-out"
    rig.do(ReturnKeys(keys=("1",), returner_signature="签"), as_=GUARD, on=loan, at="2025-01-06 17:00")
    rig.do(AcceptRenovation(signature="王"), as_=HEAD, by="head", on=work)
    assert one(rig, "renovations")["state"] == "accepted"


@pytest.mark.long
def test_a_site_whose_only_key_was_lost_is_told_too(rig: OfficeRig) -> None:
    home = entrusted(rig)
    work = permitted(rig)
    loan = lent(rig, home, "2025-01-06 18:00", "1", renovation=work)
    rig.do(ReportKeysLost(keys=("1",)), as_=GUARD, on=loan)
    assert one(rig, "renovations")["keys_out"] == 0
    rig.do(WithdrawRenovation(reason="不装了", method=PaymentMethod.CASH), as_=CLERK, on=work)
    assert one(rig, "renovations")["held_fen"] == 0


# -- moving in (§1.3) ------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_move_in_cannot_end_another_homes_vacancy(rig: OfficeRig) -> None:
    taken_over(rig)
    other = taken_over(rig, "2-202", at="2025-01-06 09:00")
    with pytest.raises(RuleBroken) as refused:
        rig.do(ApplyForMoveIn(home="1-101", vacant_home=other, applicant="王"), as_=CLERK)
    assert refused.value.code == "other-vacancy"


@pytest.mark.long
def test_a_move_in_whose_keys_are_out_is_owed_until_it_is_completed(rig: OfficeRig) -> None:
    home = taken_over(rig)
    move = rig.do(ApplyForMoveIn(home="1-101", vacant_home=home, applicant="王"), as_=CLERK).case_id
    papers = (DocumentKind.IDENTITY, DocumentKind.COVENANT, DocumentKind.TITLE)
    rig.do(CheckDocuments(documents=papers), as_=CLERK, on=move)
    rig.do(SettleMoveInFees(amount_fen=0), as_=CLERK, on=move)
    rig.do(InspectForMoveIn(signature="王"), as_=CLERK, on=move)
    rig.do(RecordCleaning(), as_=CLERK, on=home, at="2025-01-06 09:00")
    rig.do(HandOverMoveInKeys(keys=("1", "2"), signature="王"), as_=CLERK, on=move, at="2025-01-07 09:00")
    assert one(rig, "deadlines", case_id=move)["due_at"] == shanghai("2025-01-11 00:00")
    rig.until("2025-01-20 09:00")
    assert one(rig, "deadlines", case_id=move)["missed_at"] == shanghai("2025-01-11 00:00")
    assert rig.rows("follow-ups", type="move-in") == []
    rig.do(CompleteMoveIn(), as_=CLERK, on=move)
    assert rig.rows("deadlines", case_id=move) == []
    file, visit = one(rig, "households"), one(rig, "follow-ups", type="move-in")
    assert (visit["opens_on"], visit["household"]) == (date(2025, 2, 7), file["case_id"])
    assert file["area"] == 9_000
