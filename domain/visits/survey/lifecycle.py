"""The lifecycle of an opinion survey 征求意见、评议 (§5.1): by questionnaire, at least twice a year, evaluated; the dissatisfied are visited."""

from __future__ import annotations

from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, step
from domain.kernel.people import Role
from domain.visits.survey.case import CLOSED, DRAFTED, EVALUATED, ISSUED, OWED, UNEVALUATED, Survey, evolve
from domain.visits.survey.commands import (
    CloseSurvey,
    CorrectSurveyAnswer,
    DraftSurvey,
    EvaluateSurvey,
    ExtendSurvey,
    IssueSurvey,
    MissSurvey,
    OweSurvey,
    RecordSurveyAnswer,
    RemindSurvey,
)
from domain.visits.survey.events import (
    SurveyAnswerCorrected,
    SurveyAnswered,
    SurveyClosed,
    SurveyDrafted,
    SurveyEvaluated,
    SurveyExtended,
    SurveyIssued,
    SurveyMissed,
    SurveyOwed,
    SurveyReminded,
)

_HEADS = (Role.DEPARTMENT_HEAD, Role.MANAGER)
_STAFF = (Role.ADMINISTRATOR, Role.ASSISTANT, *_HEADS)


# fmt: off
LIFECYCLE = Lifecycle(
    of=Survey, kind="survey", path="surveys", zh="征求意见", en="opinion survey", clauses="5.1", evolve=evolve,
    identity=lambda command, office: f"survey-{office}-{command.year}-{command.number}",
    states={
        OWED: ("待拟定", "owed"), DRAFTED: ("已拟定", "drafted"), ISSUED: ("征询中", "issued"), CLOSED: ("待评议", "closed"),
        EVALUATED: ("已评议", "evaluated"),
    },
    final=[EVALUATED],
    steps=[  # command           event            from              to         who                        clause
        step(OweSurvey,          SurveyOwed,      None,             OWED,      [Role.POLICY, *_HEADS],    "5.1"),
        step(DraftSurvey,        SurveyDrafted,   (OWED, DRAFTED),  DRAFTED,   _STAFF,                    "5.1"),
        step(IssueSurvey,        SurveyIssued,    DRAFTED,          ISSUED,    _HEADS,                    "5.1"),
        step(ExtendSurvey,       SurveyExtended,  ISSUED,           SAME,      _HEADS,                    "5.1"),
        step(RemindSurvey,       SurveyReminded,  ISSUED,           SAME,      _STAFF,                    "5.1"),
        step(RecordSurveyAnswer, SurveyAnswered,  (ISSUED, CLOSED), SAME,      [*_STAFF, Role.RESIDENT],  "5.1"),
        step(CorrectSurveyAnswer, SurveyAnswerCorrected, (ISSUED, CLOSED), SAME, _STAFF,           "5.1"),
        step(CloseSurvey,        SurveyClosed,    ISSUED,           CLOSED,    [Role.CLOCK, *_HEADS],     "5.1"),
        step(EvaluateSurvey,     SurveyEvaluated, CLOSED,           EVALUATED, [Role.MANAGER],            "5.1"),
        step(MissSurvey,         SurveyMissed,    UNEVALUATED,      SAME,      [Role.CLOCK],              "5.1"),
    ],
    deadlines=[
        deadline("closing", ISSUED, due=lambda survey: survey.closes_at, gives=CloseSurvey, clause="5.1",
                 zh="征询截止", en="the survey closes"),
        deadline("survey", UNEVALUATED, due=lambda survey: survey.evaluation_due_at, gives=MissSurvey, clause="5.1",
                 zh="每年至少两次征求意见", en="an evaluated survey this term"),
    ],
    breaches=[breach(SurveyMissed, SurveyEvaluated)],
)
# fmt: on
