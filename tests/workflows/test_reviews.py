"""Surveys that go on, quarters that see what clerks would rather not show, actions that are verified (§5.1, §5.2.5(6))."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.complaints.complaint.commands.handling import ReopenComplaint
from domain.complaints.complaint.events import Channel
from domain.office.office import ChangeSetting
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
from tests.desk import Desk, shanghai
from tests.workflows.sound import one
from tests.workflows.test_voices import ASSISTANT, CLERK, MANAGER, complain, desk, figure, promise, resolve
from workflows.engine.gather_quarter import gather_quarter

__all__ = ["desk"]


def evaluate(desk: Desk, year: int, number: int, at: str) -> None:
    """A survey goes its whole way within a day or two."""
    desk.until(at)
    survey = one(desk, "surveys", year=year, number=number)["case_id"]
    questions = (
        Question(code="q1", text="保洁"),
        Question(code="q2", text="最希望改进", kind=QuestionKind.CHOICE, choices=("绿化", "停车")),
    )
    desk.do(DraftSurvey(title="征询", questions=questions), as_=CLERK, on=survey)
    desk.do(IssueSurvey(households=("h-1", "h-2"), closes_on=desk.now.date()), as_=MANAGER, on=survey)
    marks = (Mark(question="q1", mark=5), Mark(question="q2", choice="停车"))
    desk.do(RecordSurveyAnswer(respondent="h-1", marks=marks), as_=CLERK, on=survey)
    desk.until(f"{at[:8]}{int(at[8:10]) + 2:02} 09:00")
    desk.do(EvaluateSurvey(analysis="尚可"), as_=MANAGER, on=survey)


def test_surveys_go_on_when_the_office_asks_for_fewer_in_a_year(desk: Desk) -> None:
    def ask_for(surveys: str, since: date) -> None:
        change = ChangeSetting(name="surveys.per_year", value=surveys, valid_from=since, reason="年度安排")
        desk.do(change, as_=MANAGER)

    ask_for("4", date(2025, 1, 1))
    for number, at in ((1, "2025-02-10 09:00"), (2, "2025-05-10 09:00")):
        evaluate(desk, 2025, number, at)
    ask_for("2", date(2025, 8, 1))
    evaluate(desk, 2025, 3, "2025-09-10 09:00")
    assert [(row["year"], row["number"]) for row in desk.rows("surveys", open=True)] == [(2026, 1)]
    assert {row["chosen"] for row in desk.rows("survey-results", question="q2")} == {"绿化 0；停车 1"}


def ask(desk: Desk, at: str, *, conforming: bool) -> str:
    """The visitor thought it conformed; the manager may see it otherwise."""
    visit = desk.do(OpenFollowUp(type=FollowUpType.OTHER, anchor=date(2025, 2, 1)), as_=ASSISTANT, at=at).case_id
    desk.do(AssignFollowUp(visitor="li"), as_=ASSISTANT, on=visit)
    told = ConductFollowUp(
        mode=Mode.TELEPHONE, means=Means.TALK, quality="好", effect="好", satisfaction=4, conforming=True,
        visitor_signature="签",
    )  # fmt: skip
    desk.do(told, as_=CLERK, on=visit, by="li")
    desk.do(SubmitFollowUp(), as_=CLERK, on=visit, by="li")
    review = ReviewFollowUp(
        comment="记录不实", conforming=conforming, responsible="plumber", rectify_by=shanghai("2025-02-20 18:00")
    )
    desk.do(review, as_=MANAGER, on=visit)
    return visit


def test_the_quarter_sees_who_complained_again_what_the_manager_found_and_no_repair_that_was_not_made(
    desk: Desk,
) -> None:
    again = complain(desk, "2025-01-10 09:00", household="h-1")
    resolve(desk, again, "2025-01-10 12:00")
    desk.do(ReopenComplaint(reason="又响"), as_=CLERK, on=again, at="2025-01-12 09:00")
    by_home = [complain(desk, f"2025-01-2{n} 09:00", home="1-101") for n in (1, 2)]
    complain(desk, "2025-01-25 09:00", household="h-2")
    found = ask(desk, "2025-02-03 09:00", conforming=False)
    ask(desk, "2025-02-04 09:00", conforming=True)
    for day in (5, 6, 7):
        raise_order = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="drain", home="2-202")
        order = desk.do(raise_order, as_=CLERK, at=f"2025-02-{day:02} 09:00").case_id
        if day == 7:
            desk.do(CancelRepairOrder(reason="住户自行解决"), as_=CLERK, on=order)
    desk.until("2025-04-01 08:00")
    detected = [(row["kind"], row["cases"].split()) for row in desk.rows("review-detections")]
    assert ("same-complaints", [again, again]) in detected
    assert ("same-complaints", by_home) in detected
    assert ("nonconformity", [found]) in detected
    assert len(detected) == 3
    assert one(desk, "review-detections", kind="nonconformity")["matter"] == "回访不合格：其他服务"
    [other] = [row for row in desk.rows("review-figures") if row["type"] == "other"]
    assert (other["conforming"], other["nonconforming"]) == (1, 1)


def test_the_statistics_rest_on_one_page_whatever_is_written_meanwhile(desk: Desk) -> None:
    for day in (10, 11):
        complain(desk, f"2025-01-{day} 09:00", household="h-1")
    head = Book.head

    def interrupted(book: Book) -> Any:
        found = head(book)
        with pytest.MonkeyPatch.context() as undone:
            undone.setattr(Book, "head", head)
            complain(desk, "2025-01-12 09:00", household="h-1")
        return found

    review = QuarterlyReview(id="quarterly_review-XH-2025-Q1", office="XH", quarter="2025-Q1")
    with desk.pool.connection() as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Book, "head", interrupted)
        command = gather_quarter(Book(connection, "XH"), "XH", review, desk.now)
    assert isinstance(command, CompileQuarterlyReview)
    assert [len(found.cases) for found in command.detections] == [2]
    assert len(desk.rows("complaints")) == 3


def test_a_deadline_that_was_broken_is_not_mended_by_proposing_a_later_one_and_the_effect_is_not_forgotten(
    desk: Desk,
) -> None:
    for day in (10, 11):
        complaint = complain(desk, f"2025-01-{day} 09:00", household="h-1")
        promise(desk, complaint, f"2025-01-{day} 18:00", f"2025-01-{day} 09:00")
        resolve(desk, complaint, f"2025-01-{day} 12:00")
    desk.until("2025-05-10 09:00")  # thirty days after the quarter's end have passed
    action = one(desk, "corrective-actions", detection="same-complaints")["case_id"]
    desk.do(AnalyseCause(cause="减震垫老化"), as_=CLERK, on=action)
    desk.do(ProposeMeasures(measures="更换", responsible="gong"), as_=CLERK, on=action, by="clerk")
    desk.do(ApproveMeasures(), as_=MANAGER, on=action, by="manager")
    desk.do(ReportMeasuresCarriedOut(result="已更换"), as_=CLERK, on=action, by="clerk")
    assert one(desk, "corrective-actions", case_id=action)["due_at"] > desk.now
    assert figure(desk, "corrective-actions-in-time") == (0, len(desk.rows("corrective-actions")), 0)
    desk.until("2025-06-10 09:00")
    overdue = one(desk, "deadlines", case_id=action)
    assert (overdue["kind"], overdue["missed_at"]) == ("verification", shanghai("2025-06-10 00:00"))
