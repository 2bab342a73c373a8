"""The parts of a bill run 分管部分 (§7.2a): each administrator compiles the homes in his care; with all of them it is compiled."""

from __future__ import annotations

from datetime import date

from domain.fees.bill_run.commands.compiling import CompileBillRun, ConfirmPart, LeaveHouseholdOut, MissCompilation
from domain.fees.bill_run.commands.reviewing import ReviewBillRun
from domain.fees.bill_run.events import BillRunReviewed, CompilationMissed, PartConfirmed
from domain.kernel.errors import RuleBroken
from domain.office.portfolio import InCare, by_place, who_looks_after
from tests.domain.fees.test_bill_run import CLERK, CLOCK, LAST_DAY, MANAGER, compiled, household
from tests.domain.story import Story


def parted() -> Story:
    """Two homes in the care of li, one of chen, one of nobody."""
    return compiled(
        household("h-1", looked_after_by="li"),
        household("h-2", looked_after_by="li", before_fen=None),
        household("h-3", looked_after_by="chen"),
        household("h-4", is_uncared=True),
    )


def test_the_run_is_compiled_when_every_part_is() -> None:
    story = parted().is_in("compiled")
    assert (set(story.case.parts), story.case.open_parts) == ({"li", "chen"}, ["chen", "li"])
    story.owes("compilation", "2025-04-01 00:00")
    story.when(ReviewBillRun(remark="x"), as_=MANAGER, at=LAST_DAY, by="wang").refused(RuleBroken, code="parts-open")
    story = parted().when(ConfirmPart(looked_after_by="li"), as_=CLERK, at=LAST_DAY, by="li")
    story.then(PartConfirmed, looked_after_by="li", households=2, amount_fen=10_000, anomalies=1).is_in("compiled")
    story.when(ConfirmPart(looked_after_by=" Chen "), as_=CLERK, at=LAST_DAY, by="chen")
    story.then(PartConfirmed, looked_after_by="chen", households=1, amount_fen=5_000, anomalies=0)
    assert story.case.open_parts == []
    assert story.case.compile_until is None
    story.when(ReviewBillRun(remark="无人分管一户"), as_=MANAGER, at=LAST_DAY, by="wang").then(BillRunReviewed)


def test_a_part_is_compiled_once_and_by_whoever_has_it_in_care() -> None:
    parted().when(ConfirmPart(looked_after_by="zhao"), as_=CLERK, by="zhao").refused(RuleBroken, code="no-such-part")
    parted().when(ConfirmPart(looked_after_by="chen"), as_=CLERK, by="li").refused(RuleBroken, code="reason-missing")
    story = parted().when(ConfirmPart(looked_after_by="chen", reason="陈休假"), as_=CLERK, by="li", at=LAST_DAY)
    story.then(PartConfirmed, reason="陈休假")
    story.when(ConfirmPart(looked_after_by="chen"), as_=CLERK, by="chen").refused(RuleBroken, code="no-such-part")
    compiled().when(ConfirmPart(looked_after_by="li"), as_=CLERK, by="li").refused(RuleBroken, code="parts-confirmed")


def test_where_no_administrator_is_there_the_manager_compiles_the_part_and_the_company_is_the_second_person() -> None:
    ill = ConfirmPart(looked_after_by="chen", reason="陈住院，无人代班")
    silent = ConfirmPart(looked_after_by="chen")
    parted().when(silent, as_=MANAGER, by="wang", at=LAST_DAY).refused(RuleBroken, code="reason-missing")
    parted().when(ill, as_=MANAGER, by="wang", at="2025-03-30 10:00").refused(RuleBroken, code="stand-in-too-early")
    story = parted().when(ConfirmPart(looked_after_by="li"), as_=CLERK, by="li", at=LAST_DAY)
    story.when(ill, as_=MANAGER, by="wang", at=LAST_DAY).then(PartConfirmed, reason="陈住院，无人代班")
    story.when(ReviewBillRun(remark="无人分管一户"), as_=MANAGER, at=LAST_DAY, by="wang").then(BillRunReviewed)


def test_who_compiled_a_part_does_not_review_the_run() -> None:
    story = parted().when(ConfirmPart(looked_after_by="li"), as_=CLERK, by="li", at=LAST_DAY)
    story.when(ConfirmPart(looked_after_by="chen"), as_=CLERK, by="chen", at=LAST_DAY)
    story.when(ReviewBillRun(remark="x"), as_=MANAGER, by="chen", at=LAST_DAY).refused(RuleBroken, code="second-person")


def test_what_is_left_out_is_in_no_part_and_a_new_compilation_asks_for_all_parts_again() -> None:
    story = parted().when(LeaveHouseholdOut(household="h-2", reason="争议"), as_=CLERK, at=LAST_DAY)
    story.when(ConfirmPart(looked_after_by="li"), as_=CLERK, by="li", at=LAST_DAY)
    story.then(PartConfirmed, households=1, amount_fen=5_000, anomalies=0)
    story.when(CompileBillRun(), as_=CLERK, by="li", at=LAST_DAY)
    assert story.case.confirmed == {}


def test_a_part_that_is_open_at_the_months_end_is_late() -> None:
    story = parted().when(MissCompilation(), as_=CLOCK, at="2025-04-01 00:00").then(CompilationMissed)
    assert story.case.compile_until is None
    compiled().when(MissCompilation(), as_=CLOCK, at="2025-04-01 00:00")


def test_homes_that_nobody_looks_after_are_looked_at_first() -> None:
    story = parted()
    assert story.case.drafts["h-4"].anomaly == "uncared"
    assert story.case.drafts["h-4"].looked_after_by is None


def test_a_home_named_singly_goes_before_its_building() -> None:
    march = date(2025, 3, 31)
    care = by_place(
        [
            InCare(person="li", first=date(2025, 1, 1), building="7"),
            InCare(person="chen", first=date(2025, 2, 1), last=date(2025, 3, 30), home="7-101"),
        ]
    )
    assert who_looks_after(care, "7-101", "7", date(2025, 3, 30)) == "chen"
    assert who_looks_after(care, "7-101", "7", march) == "li"
    assert who_looks_after(care, "7-102", "7", date(2024, 12, 31)) is None
    assert who_looks_after(care, None, None, march) is None
    assert who_looks_after(care, None, " 7 ", march) == "li"
