"""Surveys that go on, quarters that see what clerks would rather not show, actions that are verified (§5.1, §5.2.5(6))."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.complaints.complaint.commands.handling import ReopenComplaint
from domain.complaints.complaint.events import Channel
from domain.rounds.repair_order.commands import CancelRepairOrder, RaiseRepairOrder
from domain.visits.corrective_action.commands import (
    AnalyseCause,
    ApproveMeasures,
    ProposeMeasures,
    ReportMeasuresCarriedOut,
)
from domain.visits.follow_up.commands.visiting import (
    AssignFollowUp,
    ConductFollowUp,
    OpenFollowUp,
    ReviewFollowUp,
    SubmitFollowUp,
)
from domain.visits.follow_up.events import FollowUpType, Means, Mode
from domain.visits.quarterly_review import CompileQuarterlyReview, QuarterlyReview
from domain.visits.survey.commands import DraftSurvey, EvaluateSurvey, IssueSurvey, RecordSurveyAnswer
from domain.visits.survey.events import Mark, Question, QuestionKind
from journal.book import Book
from tests.office_rig import OfficeRig, shanghai
from tests.workflows.checked_office import one
from tests.workflows.test_voices import ASSISTANT, CLERK, MANAGER, complain, figure, promise, resolve, rig
from workflows.engine.gather_quarter import gather_quarter

__all__ = ["rig"]


def evaluate(rig: OfficeRig, year: int, number: int, at: str) -> None:
    """A survey goes its whole way within a day or two."""
    rig.until(at)
    survey = one(rig, "surveys", year=year, number=number)["case_id"]
    questions = (
        Question(code="q1", text="保洁"),
        Question(code="q2", text="最希望改进", kind=QuestionKind.CHOICE, choices=("绿化", "停车")),
    )
    rig.do(DraftSurvey(title="征询", questions=questions), as_=CLERK, on=survey)
    rig.do(IssueSurvey(households=("household-1", "household-2"), closes_on=rig.now.date()), as_=MANAGER, on=survey)
    marks = (Mark(question="q1", mark=5), Mark(question="q2", choice="停车"))
    rig.do(RecordSurveyAnswer(respondent="household-1", marks=marks), as_=CLERK, on=survey)
    rig.until(f"{at[:8]}{int(at[8:10]) + 2:02} 09:00")
    rig.do(EvaluateSurvey(analysis="尚可"), as_=MANAGER, on=survey)


@pytest.mark.long
def test_surveys_go_on_when_the_office_asks_for_fewer_in_a_year(rig: OfficeRig) -> None:
    def ask_for(surveys: str, since: date) -> None:
        rig.set("surveys.per_year", surveys, since, "年度安排")

    ask_for("4", date(2025, 1, 1))
    for number, at in ((1, "2025-02-10 09:00"), (2, "2025-05-10 09:00")):
        evaluate(rig, 2025, number, at)
    ask_for("2", date(2025, 8, 1))
    evaluate(rig, 2025, 3, "2025-09-10 09:00")
    assert [(row["year"], row["number"]) for row in rig.rows("surveys", open=True)] == [(2026, 1)]
    assert {row["chosen"] for row in rig.rows("survey-results", question="q2")} == {"绿化 0；停车 1"}


def ask(rig: OfficeRig, at: str, *, conforming: bool) -> str:
    """The visitor thought it conformed; the manager may see it otherwise."""
    visit = rig.do(OpenFollowUp(type=FollowUpType.OTHER, anchor=date(2025, 2, 1)), as_=ASSISTANT, at=at).case_id
    rig.do(AssignFollowUp(visitor="li"), as_=ASSISTANT, on=visit)
    told = ConductFollowUp(
        mode=Mode.TELEPHONE,
        means=Means.TALK,
        quality="好",
        effect="好",
        satisfaction=4,
        conforming=True,
        visitor_signature="签",
    )
    rig.do(told, as_=CLERK, on=visit, by="li")
    rig.do(SubmitFollowUp(), as_=CLERK, on=visit, by="li")
    review = ReviewFollowUp(
        comment="记录不实", conforming=conforming, responsible="plumber", rectify_by=shanghai("2025-02-20 18:00")
    )
    rig.do(review, as_=MANAGER, on=visit)
    return visit


@pytest.mark.long
def test_the_quarter_sees_who_complained_again_what_the_manager_found_and_no_repair_that_was_not_made(
    rig: OfficeRig,
) -> None:
    again = complain(rig, "2025-01-10 09:00", household="household-1")
    resolve(rig, again, "2025-01-10 12:00")
    rig.do(ReopenComplaint(reason="又响"), as_=CLERK, on=again, at="2025-01-12 09:00")
    spelled = {1: "noise", 2: " Ｎoise"}
    by_home = [complain(rig, f"2025-01-2{n} 09:00", home="1-101", category=said) for n, said in spelled.items()]
    complain(rig, "2025-01-25 09:00", household="household-2")
    found = ask(rig, "2025-02-03 09:00", conforming=False)
    ask(rig, "2025-02-04 09:00", conforming=True)
    for day in (5, 6, 7):
        raise_order = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="drain", home="2-202")
        order = rig.do(raise_order, as_=CLERK, at=f"2025-02-{day:02} 09:00").case_id
        if day == 7:
            rig.do(CancelRepairOrder(reason="住户自行解决"), as_=CLERK, on=order)
    rig.until("2025-04-01 08:00")
    detected = [(row["kind"], row["cases"].split()) for row in rig.rows("review-detections")]
    assert ("same-complaints", [again, again]) in detected
    assert ("same-complaints", by_home) in detected
    assert ("nonconformity", [found]) in detected
    assert len(detected) == 3
    assert one(rig, "review-detections", kind="nonconformity")["matter"] == "回访不合格：其他服务"
    [other] = [row for row in rig.rows("review-figures") if row["type"] == "other"]
    assert (other["conforming"], other["nonconforming"]) == (1, 1)


def test_the_statistics_rest_on_one_page_whatever_is_written_meanwhile(rig: OfficeRig) -> None:
    for day in (10, 11):
        complain(rig, f"2025-01-{day} 09:00", household="household-1")
    head = Book.head

    def interrupted(book: Book) -> Any:
        found = head(book)
        with pytest.MonkeyPatch.context() as undone:
            undone.setattr(Book, "head", head)
            complain(rig, "2025-01-12 09:00", household="household-1")
        return found

    review = QuarterlyReview(id="quarterly_review-XH-2025-Q1", office="XH", quarter="2025-Q1")
    with rig.pool.connection() as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Book, "head", interrupted)
        command = gather_quarter(Book(connection, "XH"), "XH", review, rig.now)
    assert isinstance(command, CompileQuarterlyReview)
    assert [len(found.cases) for found in command.detections] == [2]
    assert len(rig.rows("complaints")) == 3


def test_a_deadline_that_was_broken_is_not_mended_by_proposing_a_later_one_and_the_effect_is_not_forgotten(
    rig: OfficeRig,
) -> None:
    for day in (10, 11):
        complaint = complain(rig, f"2025-01-{day} 09:00", household="household-1")
        promise(rig, complaint, f"2025-01-{day} 18:00", f"2025-01-{day} 09:00")
        resolve(rig, complaint, f"2025-01-{day} 12:00")
    rig.until("2025-05-10 09:00")  # thirty days after the quarter's end have passed
    action = one(rig, "corrective-actions", detection="same-complaints")["case_id"]
    rig.do(AnalyseCause(cause="减震垫老化"), as_=CLERK, on=action)
    rig.do(ProposeMeasures(measures="更换", responsible="gong"), as_=CLERK, on=action, by="clerk")
    rig.do(ApproveMeasures(), as_=MANAGER, on=action, by="manager")
    rig.do(ReportMeasuresCarriedOut(result="已更换"), as_=CLERK, on=action, by="clerk")
    assert one(rig, "corrective-actions", case_id=action)["due_at"] > rig.now
    assert figure(rig, "corrective-actions-in-time") == (0, len(rig.rows("corrective-actions")), 0)
    rig.until("2025-06-10 09:00")
    overdue = one(rig, "deadlines", case_id=action)
    assert (overdue["kind"], overdue["missed_at"]) == ("verification", shanghai("2025-06-10 00:00"))
