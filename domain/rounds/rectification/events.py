"""What can happen to a rectification 整改 (§1.1), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.kernel.fact import Event, Personal, event


class Severity(StrEnum):
    """How grave it is 严重程度."""

    MINOR = "minor"  # 轻微
    ORDINARY = "ordinary"  # 一般
    SEVERE = "severe"  # 严重
    HAZARD = "hazard"  # 安全隐患


@event()
class RectificationFound(Event):
    """发现须整改事项 · Something to rectify was found."""

    matter: str
    severity: Severity
    due_by: datetime
    origin_kind: str | None = None
    origin_id: str | None = None
    origin_item: str | None = None
    home: str | None = None
    household: str | None = None
    department: str | None = None
    details: Personal | None = None


@event()
class RectificationOrdered(Event):
    """已责成限期整改 · Rectification ordered, its responsible person named at once."""

    matter: str
    severity: Severity
    due_by: datetime
    responsible: str
    origin_kind: str | None = None
    origin_id: str | None = None
    origin_item: str | None = None
    home: str | None = None
    household: str | None = None
    department: str | None = None
    details: Personal | None = None


@event()
class RectificationAssigned(Event):
    """已落实责任人和期限 · Responsible person and deadline fixed."""

    responsible: str
    due_by: datetime
    department: str | None = None
    postponed: bool = False
    reason: str | None = None


@event()
class RectificationOverdue(Event):
    """整改期限已过 · The rectification's deadline has passed."""

    due_at: datetime


@event()
class RectificationDone(Event):
    """整改已完成 · Rectification done."""

    done_by: str
    result: Personal | None = None


@event()
class RectificationVerified(Event):
    """整改验证合格 · Rectification verified."""

    findings: Personal | None = None


@event()
class RectificationReopened(Event):
    """验证不合格，重新整改 · Verification failed: to be done again."""

    due_by: datetime
    findings: Personal | None = None


@event()
class RectificationClosed(Event):
    """整改已关闭 · Rectification closed."""


@event()
class RectificationEndedWithComplaint(Event):
    """投诉已另行解决，整改随之终止 · The complaint was solved otherwise, and the rectification ended with it."""

    complaint: str


@event()
class RectificationWithdrawn(Event):
    """整改已撤销 · Rectification withdrawn."""

    reason: str
