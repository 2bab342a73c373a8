"""Quarterly review 季度回访统计分析 (§5.2.5(6)): figures frozen with the page they rest on, and what the program detected.

At the quarter's end the clock compiles it; two complaints in a row on one matter, three repairs of one kind and every
nonconformity are detected and each opens a corrective action; the manager analyses, the company approves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from domain.kernel.calendar import end_of_day
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, opens_round, step
from domain.kernel.people import Actor, Role
from domain.kernel.periods import Quarter
from domain.kernel.rules import blank, broken, forbid, own_work
from domain.visits.corrective_action.events import DetectionKind

RUNNING, COMPILED, ANALYSED, APPROVED = "running", "compiled", "analysed", "approved"
UNAPPROVED = (COMPILED, ANALYSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the statistics 回访统计表: how many were followed up, conformed, and not, by type of follow-up."""

    type: str
    planned: int
    conducted: int
    in_window: int
    conforming: int
    nonconforming: int
    exited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One thing that must become a written analysis: the cases that show it, whose matter it is."""

    number: int
    kind: DetectionKind
    matter: str
    cases: tuple[str, ...]
    household: str | None = None
    home: str | None = None


@event()
class QuarterlyReviewOpened(Event):
    """季度分析已立项 · Quarterly review opened."""

    quarter: str
    compile_at: datetime


@event()
class QuarterlyReviewCompiled(Event):
    """季度统计已生成 · The quarter's statistics compiled."""

    quarter: str
    page: int
    figures: tuple[Figure, ...]
    detections: tuple[Detection, ...]
    due_by: datetime


@event()
class QuarterlyReviewOverdue(Event):
    """季度分析已逾期 · Quarterly review overdue."""

    due_at: datetime


@event()
class QuarterAnalysed(Event):
    """季度分析已完成 · The quarter analysed."""

    analysis: str
    improvements: str | None = None


@event()
class QuarterlyReviewReturned(Event):
    """季度分析被退回 · Quarterly review returned."""

    reason: str


@event()
class QuarterlyReviewApproved(Event):
    """季度分析已审批 · Quarterly review approved."""

    remark: str | None = None


@dataclass(slots=True, kw_only=True)
class QuarterlyReview(Case):
    """One quarter of one office. ``page`` is the page number up to which the statistics were read."""

    CORRECTS = ("analysis", "improvements", "remark")

    quarter: str = ""
    compile_at: datetime | None = None
    page: int = 0
    figures: tuple[Figure, ...] = ()
    detections: tuple[Detection, ...] = ()
    compiled_at: datetime | None = None
    due_by: datetime | None = None
    missed_at: datetime | None = None
    analysis: str | None = None
    improvements: str | None = None
    analysed_by: str | None = None
    analysed_at: datetime | None = None
    returned: str | None = None
    approved_at: datetime | None = None
    approved_by: str | None = None
    remark: str | None = None

    @property
    def running_until(self) -> datetime | None:
        """Until when it must be approved, while that is still to be kept or missed."""
        return self.due_by if self.missed_at is None else None


def evolve(review: QuarterlyReview, fact: Fact) -> None:
    """Fold one fact into the review."""
    match fact.event:
        case QuarterlyReviewOpened() as e:
            review.quarter, review.compile_at = e.quarter, e.compile_at
        case QuarterlyReviewCompiled() as e:
            review.page, review.figures, review.detections = e.page, e.figures, e.detections
            review.compiled_at, review.due_by = fact.occurred_at, e.due_by
        case QuarterlyReviewOverdue() as e:
            review.missed_at = e.due_at
        case QuarterAnalysed() as e:
            review.analysis, review.analysed_by, review.analysed_at = e.analysis, fact.user_id, fact.occurred_at
            review.improvements, review.returned = e.improvements, None
        case QuarterlyReviewReturned() as e:
            review.returned = e.reason
        case QuarterlyReviewApproved() as e:
            review.approved_at, review.approved_by, review.remark = fact.occurred_at, fact.user_id, e.remark


@command
class OpenQuarterlyReview(Command):
    """立项季度分析 · Open the review of a quarter."""

    quarter: str

    def decide(self, _review: None, _at: Moment) -> Iterator[Event]:
        """Compiled at the quarter's end (§5.2.5(6))."""
        try:
            quarter = Quarter.parse(self.quarter)
        except ValueError:
            raise broken(
                "quarter-unknown", "5.2.5(6)", "季度写作 2025-Q1", "a quarter is written 2025-Q1", "quarter"
            ) from None
        yield QuarterlyReviewOpened(quarter=str(quarter), compile_at=quarter.ends_at)


@command
class CompileQuarterlyReview(Command):
    """生成季度统计 · Compile the quarter's statistics."""

    page: int
    figures: tuple[Figure, ...]
    detections: tuple[Detection, ...]

    def decide(self, review: QuarterlyReview, at: Moment) -> Iterator[Event]:
        """Frozen with the page number they rest on: whoever reads the book up to there comes to the same (§5.2.5(6))."""
        least = {
            DetectionKind.SAME_COMPLAINTS: at.numbers.integer("reviews.same_matter_complaints"),
            DetectionKind.SAME_REPAIRS: at.numbers.integer("reviews.same_kind_repairs"),
        }
        enough = [found for found in self.detections if len(found.cases) >= least.get(found.kind, 1)]
        last = Quarter.parse(review.quarter).last
        due_on: date = last + timedelta(days=at.numbers.integer("reviews.grace_days"))
        yield QuarterlyReviewCompiled(
            quarter=review.quarter,
            page=self.page,
            figures=self.figures,
            due_by=end_of_day(due_on),
            detections=tuple(replace(found, number=number) for number, found in enumerate(enough, 1)),
        )


@command
class MarkQuarterlyReviewOverdue(Command):
    """季度分析已逾期 · Note that the review is overdue."""

    def decide(self, review: QuarterlyReview, at: Moment) -> Iterator[Event]:
        """The breach bears the instant at which it was due (§5.2.5(6))."""
        yield QuarterlyReviewOverdue(due_at=review.due_by or at.now)


@command
class AnalyseQuarter(Command):
    """季度分析 · Analyse the quarter."""

    analysis: str
    improvements: str | None = None

    def decide(self, _review: QuarterlyReview, _at: Moment) -> Iterator[Event]:
        """In writing, over everything that was detected (§5.2.5(6))."""
        forbid(blank(self.analysis, "analysis", "5.2.5(6)", "请写明分析意见", "write the analysis"))
        yield self.to_event(QuarterAnalysed)


@command
class ReturnQuarterlyReview(Command):
    """退回季度分析 · Return the review.

    It is analysed again (§5.2.5(6)).
    """

    reason: str


@command
class ApproveQuarterlyReview(Command):
    """审批季度分析 · Approve the review."""

    remark: str | None = None

    @staticmethod
    def ready(review: QuarterlyReview, who: Actor) -> RuleBroken | None:
        """By somebody else than its author (§5.2.5(6))."""
        return own_work(who, {review.analysed_by} if review.analysed_by else set(), "5.2.5(6)")


_APPROVERS = (Role.MANAGER, Role.COMPANY)

# fmt: off
LIFECYCLE = Lifecycle(
    of=QuarterlyReview, kind="quarterly_review", path="quarterly-reviews", zh="季度回访分析", en="quarterly review",
    clauses="5.2.5(6)", evolve=evolve, identity=lambda command, office: f"quarterly_review-{office}-{command.quarter}",
    states={
        RUNNING: ("本季进行中", "running"), COMPILED: ("待分析", "compiled"), ANALYSED: ("待审批", "analysed"), APPROVED: ("已审批", "approved"),
    },
    final=[APPROVED],
    steps=[  # command                    event                    from                  to        who            clause
        step(OpenQuarterlyReview,         QuarterlyReviewOpened,   None,                 RUNNING,  [Role.POLICY], "5.2.5(6)"),
        step(CompileQuarterlyReview,      QuarterlyReviewCompiled, RUNNING,              COMPILED, [Role.CLOCK],  "5.2.5(6)"),
        step(MarkQuarterlyReviewOverdue,  QuarterlyReviewOverdue,  UNAPPROVED,           SAME,     [Role.CLOCK],  "5.2.5(6)"),
        step(AnalyseQuarter,              QuarterAnalysed,         (COMPILED, ANALYSED), ANALYSED, [Role.MANAGER], "5.2.5(6)"),
        step(ReturnQuarterlyReview,       QuarterlyReviewReturned, ANALYSED,             COMPILED, _APPROVERS,    "5.2.5(6)"),
        step(ApproveQuarterlyReview,      QuarterlyReviewApproved, ANALYSED,             APPROVED, _APPROVERS,    "5.2.5(6)"),
    ],
    deadlines=[
        deadline("compile", RUNNING, due=lambda review: review.compile_at, gives=CompileQuarterlyReview, clause="5.2.5(6)",
                 zh="季度末统计", en="compile the quarter's statistics"),
        deadline("review", UNAPPROVED, due=lambda review: review.running_until, gives=MarkQuarterlyReviewOverdue,
                 clause="5.2.5(6)", zh="季度末分析并审批", en="analyse and approve the quarter's review"),
    ],
    breaches=[breach(QuarterlyReviewOverdue, QuarterlyReviewApproved)],
    rounds=[opens_round(QuarterlyReviewReturned)],
)
# fmt: on
