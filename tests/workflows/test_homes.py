"""Vacant homes, their keys and their months on a real database: the figures of a day are those of that day (§1, §2, §3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

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
from domain.rounds.notice_board import RetireNoticeBoard
from domain.rounds.patrol.commands import BeginPatrol, EndPatrol
from domain.rounds.patrol.events import SubjectSeen
from domain.rounds.patrol_route import Subject
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
from tests.desk import Desk, shanghai
from tests.workflows.sound import one, sound

CONFIRMED = ConfirmLateEntry(reason="值班记录属实", evidence="值班记录 12 页")
CLERK, HEAD, MANAGER, GUARD = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.DUTY_OFFICER
LEAK = Defect(item="厨房", matter="漏水")
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with sound(database) as desk:
        yield desk


def read(desk: Desk, slug: str, until: date, since: date | None = None, **how: Any) -> measure.Reading:
    """A standard's figure."""
    with desk.pool.connection() as connection:
        return measure.read(
            connection,
            REGISTERS,
            BY_SLUG[slug],
            office=desk.code,
            since=since or until,
            until=until,
            now=desk.now,
            **how,
        )


def share(desk: Desk, slug: str, since: date, until: date) -> tuple[int, int, int]:
    """Met, counted, not yet due."""
    found = read(desk, slug, until, since)
    return found.met, found.counted, found.not_yet_due


def intact(desk: Desk, day: date) -> tuple[int, int]:
    """How many of the vacant homes were intact that evening."""
    found = read(desk, "vacancy-integrity-rate", day)
    return found.met, found.counted


def taken_over(desk: Desk, home: str = "1-101", at: str = "2025-01-05 09:00", **fields: Any) -> str:
    keys = tuple(KeyItem(number=number, key_class=KeyClass.ENTRANCE) for number in ("1", "2"))
    command = TakeOverHome(**{"home": home, "kind": VacancyKind.UNSOLD, "area": 9_000, "keys": keys, **fields})
    return desk.do(command, as_=CLERK, at=at).case_id


def entrusted(desk: Desk) -> str:
    return taken_over(
        desk, kind=VacancyKind.ENTRUSTED, owner="王", agreement_signed_on=date(2025, 1, 2), other_keys=(),
        entrusted_from=date(2025, 1, 3), entrusted_until=date(2025, 3, 31),
    )  # fmt: skip


def inspect(desk: Desk, home: str, at: str, *defects: Defect, late: str | None = None) -> None:
    bad = {defect.item for defect in defects}
    lines = tuple(Checked(item=item, good=item not in bad) for item in ("门窗", "厨房"))
    command = InspectHome(checklist=lines, defects=defects, inspector_signature="李")
    desk.until(late or at)
    desk.do(command, as_=CLERK, on=home, by="inspector", occurred_at=shanghai(at), late_reason="纸上先记")


def put_right(desk: Desk, work: str) -> None:
    desk.do(AssignRectification(responsible="plumber"), as_=HEAD, on=work, by="head")
    desk.do(ReportRectificationDone(result="已修"), as_=CLERK, on=work, by="plumber")
    desk.do(VerifyRectification(findings="好"), as_=HEAD, on=work, by="head")
    desk.do(CloseRectification(), as_=HEAD, on=work, by="head")


# -- intact, evening by evening (§3.6) -------------------------------------------------------------------------------


def test_a_home_that_was_not_inspected_in_march_was_not_intact_then_though_it_is_in_april(desk: Desk) -> None:
    home = taken_over(desk)
    inspect(desk, home, "2025-02-10 10:00")
    inspect(desk, home, "2025-04-10 10:00")
    assert intact(desk, date(2025, 1, 31)) == (1, 1), "taken over in it"
    assert intact(desk, date(2025, 2, 9)) == (0, 1), "not yet"
    assert intact(desk, date(2025, 2, 28)) == (1, 1)
    assert intact(desk, date(2025, 3, 31)) == (0, 1)
    assert intact(desk, date(2025, 4, 10)) == (1, 1)
    assert intact(desk, date(2025, 12, 31)) == (1, 1), "a day that has not come is read today"
    assert read(desk, "vacancy-integrity-rate", date(2025, 3, 31)).by_group == {"not-inspected": (0, 1)}


def test_a_defect_makes_a_home_defective_from_the_day_it_was_found_to_the_day_it_was_put_right(desk: Desk) -> None:
    home = taken_over(desk)
    inspect(desk, home, "2025-02-10 10:00", LEAK)
    desk.until("2025-03-12 10:00")
    put_right(desk, one(desk, "rectifications")["case_id"])
    assert intact(desk, date(2025, 2, 28)) == (0, 1)
    assert read(desk, "vacancy-integrity-rate", date(2025, 2, 28)).by_group == {"defective": (0, 1)}
    assert read(desk, "vacancy-integrity-rate", date(2025, 3, 11)).by_group == {"not-inspected-and-defective": (0, 1)}
    assert read(desk, "vacancy-integrity-rate", date(2025, 3, 12)).by_group == {"not-inspected": (0, 1)}
    stretches = [(row["begins_on"], row["ends_on"], row["condition"]) for row in desk.rows("vacancy-condition")]
    assert sorted(stretches, key=str) == [
        (date(2025, 1, 5), date(2025, 1, 31), "intact"),
        (date(2025, 2, 1), date(2025, 2, 9), "not-inspected"),
        (date(2025, 2, 10), date(2025, 2, 28), "defective"),
        (date(2025, 3, 1), date(2025, 3, 11), "not-inspected-and-defective"),
        (date(2025, 3, 12), None, "not-inspected"),
    ]


def test_a_late_entry_changes_todays_view_of_march_and_not_what_the_report_said(desk: Desk) -> None:
    home = taken_over(desk)
    desk.until("2025-04-02 09:00")
    report = measure.AsOf(number=len(desk.facts()))
    assert intact(desk, date(2025, 3, 31)) == (0, 1)
    inspect(desk, home, "2025-03-20 10:00", late="2025-04-03 09:00")
    assert intact(desk, date(2025, 3, 31)) == (0, 1), "the month stands as missed in the book"
    desk.do(CONFIRMED, as_=MANAGER, on=home, by="zhao")
    assert intact(desk, date(2025, 3, 31)) == (1, 1)
    then = read(desk, "vacancy-integrity-rate", date(2025, 3, 31), as_of=report)
    assert (then.met, then.counted) == (0, 1)
    row = one(desk, "inspections", month=date(2025, 3, 1))
    assert (row["inspected_by"], row["items"], row["defects"], row["missed_at"]) == (
        "inspector", 2, 0, shanghai("2025-04-01 00:00"),
    )  # fmt: skip


def test_the_area_stands_beside_the_homes(desk: Desk) -> None:
    taken_over(desk)
    inspect(desk, taken_over(desk, "2-202", at="2025-01-06 09:00", area=1_000), "2025-01-06 10:00", LEAK)
    found = read(desk, "vacancy-integrity-by-area", date(2025, 1, 31))
    assert (found.met, found.counted) == (9_000, 10_000)
    assert intact(desk, date(2025, 1, 31)) == (1, 2)


def test_a_home_is_no_longer_counted_on_the_evening_of_its_hand_over(desk: Desk) -> None:
    home = taken_over(desk)
    desk.do(RecordCleaning(), as_=CLERK, on=home, at="2025-01-20 09:00")
    give_back = HandOverHome(reason=HandOverReason.RETURN_TO_OWNER, keys=("1", "2"), signature="王")
    desk.do(give_back, as_=CLERK, on=home, at="2025-01-21 09:00")
    assert intact(desk, date(2025, 1, 20)) == (1, 1)
    assert intact(desk, date(2025, 1, 21)) == (0, 0)


def test_a_month_that_ended_unseen_is_missed_though_the_home_was_handed_over_before_the_clock_came(desk: Desk) -> None:
    home = taken_over(desk)
    desk.do(RecordCleaning(), as_=CLERK, on=home, at="2025-04-03 09:00")  # no clock since January
    give_back = HandOverHome(reason=HandOverReason.RETURN_TO_OWNER, keys=("1", "2"), signature="王")
    desk.do(give_back, as_=CLERK, on=home, at="2025-04-03 10:00")
    desk.until("2025-05-02 00:00")
    assert share(desk, "vacancy-inspection-rate", date(2025, 1, 1), date(2025, 4, 30)) == (0, 3, 0), (
        "February, March, and April, in which it left uninspected"
    )


def test_a_rectification_that_is_withdrawn_ends_the_defect_and_is_counted_apart(desk: Desk) -> None:
    home = taken_over(desk)
    inspect(desk, home, "2025-01-10 10:00", LEAK)
    work = one(desk, "rectifications")["case_id"]
    desk.do(WithdrawRectification(reason="实为冷凝水"), as_=MANAGER, on=work, by="manager", at="2025-01-11 09:00")
    assert intact(desk, date(2025, 1, 11)) == (1, 1)
    found = read(desk, "rectifications-in-time", date(2025, 12, 31), date(2025, 1, 1))
    assert (found.counted, found.excluded) == (0, {"withdrawn in time": 1})


def test_what_is_withdrawn_or_cancelled_after_its_deadline_was_missed(desk: Desk) -> None:
    inspect(desk, taken_over(desk), "2025-01-10 10:00", LEAK)
    raise_ = RaiseWorkOrder(trade=Trade.CLEANING, place="3栋", matter="积水")
    kept, late = (desk.do(raise_, as_=CLERK).case_id for _ in range(2))
    desk.do(CancelWorkOrder(reason="重复"), as_=CLERK, on=kept, at="2025-01-11 09:00")
    desk.now = shanghai("2025-02-01 09:00")  # the clock has not come round
    desk.do(CancelWorkOrder(reason="不要了"), as_=CLERK, on=late)
    work = one(desk, "rectifications")["case_id"]
    desk.do(WithdrawRectification(reason="不要了"), as_=MANAGER, on=work, by="manager")
    assert share(desk, "rectifications-in-time", *YEAR) == (0, 1, 0)
    found = read(desk, "work-orders-in-time", YEAR[1], YEAR[0])
    assert (found.met, found.counted, found.excluded) == (0, 1, {"cancelled in time": 1})


def test_work_that_was_done_in_time_and_entered_late_was_done_in_time_once_that_is_confirmed(desk: Desk) -> None:
    inspect(desk, taken_over(desk), "2025-01-10 10:00", LEAK)
    work = one(desk, "rectifications")["case_id"]
    desk.do(AssignRectification(responsible="plumber"), as_=HEAD, on=work, at="2025-01-11 09:00")
    desk.until("2025-01-20 09:00")
    assert share(desk, "rectifications-in-time", *YEAR) == (0, 1, 0)
    done = ReportRectificationDone(result="已修")
    late = {"occurred_at": shanghai("2025-01-12 09:00"), "late_reason": "纸上先记"}
    desk.do(done, as_=CLERK, on=work, by="plumber", **late)
    assert share(desk, "rectifications-in-time", *YEAR) == (0, 1, 0)
    desk.do(CONFIRMED, as_=HEAD, on=work, by="zhao")
    assert share(desk, "rectifications-in-time", *YEAR) == (1, 1, 0)


# -- keys (§3.1–3.3) -------------------------------------------------------------------------------------------------


def lent(desk: Desk, home: str, back: str, *keys: str, **fields: Any) -> str:
    form = {"borrower": "赵", "identity_document": "证1", "purpose": Purpose.CONSTRUCTION, **fields}
    request = RequestKeyLoan(vacant_home=home, keys=keys, expected_return=shanghai(back), **form)
    loan = desk.do(request, as_=CLERK).case_id
    desk.do(IssueKeys(officer_signature="签"), as_=GUARD, on=loan)
    return loan


def test_a_loan_on_which_a_key_was_lost_was_not_returned_in_time(desk: Desk) -> None:
    home = taken_over(desk)
    loan = lent(desk, home, "2025-01-08 18:00", "1", "2")
    desk.do(ReportKeysLost(keys=("1",)), as_=GUARD, on=loan, at="2025-01-07 09:00")
    desk.do(ReturnKeys(keys=("2",), returner_signature="签"), as_=GUARD, on=loan)
    assert share(desk, "keys-returned-in-time", *YEAR) == (0, 1, 0)
    new = (KeyItem(number="3", key_class=KeyClass.ENTRANCE),)
    desk.do(ReplaceLock(retired=("1",), keys=new), as_=CLERK, on=home)
    assert (one(desk, "vacant-homes")["keys_missing"], one(desk, "key-loans")["lost_keys"]) == (0, "1")


def test_an_entrustment_that_has_ended_stays_on_the_list_until_it_is_renewed(desk: Desk) -> None:
    home = entrusted(desk)
    desk.until("2025-04-10 09:00")
    row = one(desk, "deadlines", case_id=home, line="entrustment")
    assert row["due_at"] == row["missed_at"] == shanghai("2025-04-01 00:00")
    renew = RenewEntrustment(
        agreement_signed_on=date(2025, 4, 10), entrusted_from=date(2025, 4, 10), entrusted_until=date(2025, 12, 31)
    )
    desk.do(renew, as_=CLERK, on=home)
    assert one(desk, "deadlines", case_id=home, line="entrustment")["missed_at"] is None
    assert one(desk, "vacant-homes")["agreement_signed_on"] == date(2025, 4, 10)


def permitted(desk: Desk, home: str = "1-101") -> str:
    apply = ApplyForRenovation(home=home, scope="厨房", planned_from=date(2025, 1, 6), planned_until=date(2025, 2, 28))
    work = desk.do(apply, as_=CLERK).case_id
    desk.do(ApproveRenovation(), as_=HEAD, on=work)
    desk.do(PayRenovationDeposit(amount_fen=200_000, receipt="D1"), as_=CLERK, on=work, by="cashier")
    permit = PermitRenovation(permit="Z-1", valid_from=date(2025, 1, 6), valid_until=date(2025, 2, 28))
    desk.do(permit, as_=HEAD, on=work)
    return work


def test_workers_keys_go_through_the_loan_form_and_come_back_before_the_acceptance(desk: Desk) -> None:
    home = entrusted(desk)
    work = permitted(desk)
    desk.do(BeginRenovation(), as_=CLERK, on=work, at="2025-01-06 09:00")
    loan = lent(desk, home, "2025-01-06 18:00", "1", renovation=work)
    assert (one(desk, "renovations")["keys_out"], one(desk, "key-loans")["renovation"]) == (1, work)
    second = RequestKeyLoan(
        vacant_home=home, keys=("2",), expected_return=shanghai("2025-01-07 18:00"), borrower="钱", identity_document="证2",
        purpose=Purpose.CONSTRUCTION, renovation=work,
    )  # fmt: skip
    waiting = desk.do(second, as_=CLERK).case_id
    desk.do(StopRenovation(kind=ViolationKind.PIPES, matter="改管"), as_=GUARD, on=work)
    with pytest.raises(WrongState):  # the work stands still: nobody is let in
        desk.do(IssueKeys(officer_signature="签"), as_=GUARD, on=waiting)
    with pytest.raises(RuleBroken) as refused:
        desk.do(second, as_=CLERK)
    assert refused.value.code == "renovation-not-permitted"
    put_right(desk, one(desk, "rectifications")["case_id"])
    desk.do(ResumeRenovation(), as_=HEAD, on=work)
    desk.do(ReportRenovationFinished(), as_=CLERK, on=work)
    with pytest.raises(RuleBroken) as refused:
        desk.do(AcceptRenovation(signature="王"), as_=HEAD, on=work)
    assert refused.value.code == "site-keys-out"
    desk.do(ReturnKeys(keys=("1",), returner_signature="签"), as_=GUARD, on=loan, at="2025-01-06 17:00")
    desk.do(AcceptRenovation(signature="王"), as_=HEAD, on=work)
    assert one(desk, "renovations")["state"] == "accepted"


def test_a_site_whose_only_key_was_lost_is_told_too(desk: Desk) -> None:
    home = entrusted(desk)
    work = permitted(desk)
    loan = lent(desk, home, "2025-01-06 18:00", "1", renovation=work)
    desk.do(ReportKeysLost(keys=("1",)), as_=GUARD, on=loan)
    assert one(desk, "renovations")["keys_out"] == 0
    desk.do(WithdrawRenovation(reason="不装了"), as_=CLERK, on=work)
    assert one(desk, "renovations")["held_fen"] == 0


# -- moving in (§1.3) ------------------------------------------------------------------------------------------------


def test_a_move_in_cannot_end_another_homes_vacancy(desk: Desk) -> None:
    taken_over(desk)
    other = taken_over(desk, "2-202", at="2025-01-06 09:00")
    with pytest.raises(RuleBroken) as refused:
        desk.do(ApplyForMoveIn(home="1-101", vacant_home=other, applicant="王"), as_=CLERK)
    assert refused.value.code == "other-vacancy"


def test_a_move_in_whose_keys_are_out_is_owed_until_it_is_completed(desk: Desk) -> None:
    home = taken_over(desk)
    move = desk.do(ApplyForMoveIn(home="1-101", vacant_home=home, applicant="王"), as_=CLERK).case_id
    papers = (DocumentKind.IDENTITY, DocumentKind.COVENANT, DocumentKind.TITLE)
    desk.do(CheckDocuments(documents=papers), as_=CLERK, on=move)
    desk.do(SettleMoveInFees(amount_fen=0), as_=CLERK, on=move)
    desk.do(InspectForMoveIn(signature="王"), as_=CLERK, on=move)
    desk.do(RecordCleaning(), as_=CLERK, on=home, at="2025-01-06 09:00")
    desk.do(HandOverMoveInKeys(keys=("1", "2"), signature="王"), as_=CLERK, on=move, at="2025-01-07 09:00")
    assert one(desk, "deadlines", case_id=move)["due_at"] == shanghai("2025-01-11 00:00")
    desk.until("2025-01-20 09:00")
    assert one(desk, "deadlines", case_id=move)["missed_at"] == shanghai("2025-01-11 00:00")
    assert desk.rows("follow-ups", type="move-in") == []
    desk.do(CompleteMoveIn(), as_=CLERK, on=move)
    assert desk.rows("deadlines", case_id=move) == []
    file, visit = one(desk, "households"), one(desk, "follow-ups", type="move-in")
    assert (visit["opens_on"], visit["household"]) == (date(2025, 2, 7), file["case_id"])
    assert file["area"] == 9_000


# -- duties that nobody starts (§1.7, §2) ----------------------------------------------------------------------------


def test_an_office_owes_its_notice_board_an_edition_from_its_first_month(desk: Desk) -> None:
    board = one(desk, "notice-boards")
    assert (board["place"], board["edition_due_at"]) == ("XH小区", shanghai("2025-02-01 00:00"))
    desk.until("2025-03-02 00:00")
    assert share(desk, "notice-board-rate", date(2025, 1, 1), date(2025, 3, 31)) == (0, 2, 1)
    desk.do(RetireNoticeBoard(reason="本小区无宣传栏"), as_=MANAGER, on=board["case_id"])
    assert desk.rows("deadlines", case_id=board["case_id"]) == []


def test_a_patrol_walked_and_not_entered_is_entered_from_paper_by_the_head(desk: Desk) -> None:
    patrol = one(desk, "patrols")["case_id"]
    desk.until("2025-01-02 09:00")
    report = measure.AsOf(number=len(desk.facts()))
    assert share(desk, "patrol-rate", date(2025, 1, 1), date(2025, 1, 1)) == (0, 1, 0)
    seen = tuple(SubjectSeen(subject=subject, good=True) for subject in Subject)
    desk.do(BeginPatrol(), as_=HEAD, on=patrol, occurred_at=shanghai("2025-01-01 09:00"))
    desk.do(EndPatrol(subjects=seen), as_=HEAD, on=patrol, occurred_at=shanghai("2025-01-01 10:00"))
    assert share(desk, "patrol-rate", date(2025, 1, 1), date(2025, 1, 1)) == (0, 1, 0)
    desk.do(CONFIRMED, as_=MANAGER, on=patrol, by="zhao")
    assert share(desk, "patrol-rate", date(2025, 1, 1), date(2025, 1, 1)) == (1, 1, 0)
    then = read(desk, "patrol-rate", date(2025, 1, 1), as_of=report)
    assert (then.met, then.counted) == (0, 1)
    assert len(desk.rows("patrols")) == 2, "the next day's patrol is there already"
    assert one(desk, "patrols", case_id=patrol)["missed_at"] == shanghai("2025-01-02 00:00")
