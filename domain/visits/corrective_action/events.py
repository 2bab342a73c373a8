"""What can happen to a corrective action 不合格服务控制、纠正和预防措施 (§5.2.5(6)), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from domain.kernel.fact import Event, event


class Procedure(StrEnum):
    """Which of the three procedures 程序."""

    NONCONFORMING_SERVICE = "nonconforming-service"  # 不合格服务控制
    CORRECTIVE = "corrective"  # 纠正措施
    PREVENTIVE = "preventive"  # 预防措施


class DetectionKind(StrEnum):
    """What the quarter's review found 检出类别."""

    SAME_COMPLAINTS = "same-complaints"  # 同一事项连续投诉
    SAME_REPAIRS = "same-repairs"  # 同种维修多次
    NONCONFORMITY = "nonconformity"  # 不合格项


@event()
class CorrectiveActionOpened(Event):
    """纠正预防措施已立案 · Corrective action opened."""

    procedure: Procedure
    matter: str
    due_by: datetime
    detection: DetectionKind | None = None
    cases: tuple[str, ...] = ()
    review: str | None = None
    household: str | None = None
    home: str | None = None


@event()
class CauseAnalysed(Event):
    """原因已分析 · Cause analysed."""

    cause: str


@event()
class MeasuresProposed(Event):
    """措施已提出 · Measures proposed."""

    measures: str
    responsible: str
    due_by: datetime


@event()
class MeasuresApproved(Event):
    """措施已批准 · Measures approved."""

    remark: str | None = None


@event()
class MeasuresRejected(Event):
    """措施被退回 · Measures sent back."""

    reason: str


@event()
class MeasuresCarriedOut(Event):
    """措施已实施 · Measures carried out."""

    result: str
    verify_from: date
    verify_by: date | None = None


@event()
class CorrectiveActionOverdue(Event):
    """纠正预防措施已逾期 · Corrective action overdue."""

    due_at: datetime


@event()
class ActionVerificationOverdue(Event):
    """措施效果逾期未验证 · The effect of the measures was not verified in time."""

    due_at: datetime


@event()
class ActionFoundEffective(Event):
    """措施验证有效 · Measures found effective."""

    evidence: str


@event()
class ActionFoundIneffective(Event):
    """措施验证无效 · Measures found ineffective."""

    evidence: str
    due_by: datetime


@event()
class CorrectiveActionClosed(Event):
    """纠正预防措施已关闭 · Corrective action closed."""
