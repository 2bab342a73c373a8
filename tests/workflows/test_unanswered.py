"""A survey that nobody answered is evaluated, and solicited no opinions: it counts as none (§5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from domain.kernel.people import Role
from domain.visits.survey.commands import DraftSurvey, EvaluateSurvey, IssueSurvey, RecordSurveyAnswer
from domain.visits.survey.events import Mark, Question
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig
from tests.workflows.checked_office import one
from tests.workflows.test_duties import share

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office at work."""
    with office_rig(database.app) as rig:
        yield rig


@pytest.mark.parametrize("answers", [0, 1])
def test_a_survey_that_nobody_answered_asked_nobody(rig: OfficeRig, answers: int) -> None:
    survey = one(rig, "surveys")["case_id"]
    rig.do(DraftSurvey(title="上半年", questions=(Question(code="q1", text="保洁"),)), as_=CLERK, on=survey)
    issue = IssueSurvey(households=("household-1", "household-2"), closes_on=date(2025, 3, 31))
    rig.do(issue, as_=MANAGER, on=survey, at="2025-03-01 09:00")
    for _ in range(answers):
        said = RecordSurveyAnswer(respondent="household-1", marks=(Mark(question="q1", mark=5),))
        rig.do(said, as_=CLERK, on=survey)
    rig.until("2025-04-02 00:00")
    rig.do(EvaluateSurvey(analysis="保洁尚可"), as_=MANAGER, on=survey, at="2025-04-02 09:00")
    rig.until("2025-07-02 09:00")
    assert share(rig, "surveys-evaluated", date(2025, 1, 1), date(2025, 6, 30))[:2] == (answers, 1)
