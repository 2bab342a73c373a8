"""What can happen to a follow-up 回访 (§5.2), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from domain.kernel.fact import Event, Personal, event
from domain.kernel.words import choice_names


class FollowUpType(StrEnum):
    """What is followed up 回访类别 (§5.2.3)."""

    TAKEOVER = "takeover"  # 新项目接管
    COMPLAINT = "complaint"  # 投诉
    MOVE_IN = "move-in"  # 入住
    REPAIR = "repair"  # 维修工程
    SPECIAL_SERVICE = "special-service"  # 特约服务
    EMERGENCY = "emergency"  # 急救病人
    ACTIVITY = "activity"  # 社区活动
    OTHER = "other"  # 其他服务

    @property
    def zh(self) -> str:
        """The Chinese name that people read."""
        return choice_names(self)[0]


class Mode(StrEnum):
    """How the resident is reached 回访类型 (§5.2.2)."""

    TELEPHONE = "telephone"  # 电话
    WRITTEN = "written"  # 书面
    VISIT = "visit"  # 上门
    ONLINE = "online"  # 网络


class Means(StrEnum):
    """By what the matter is checked 回访方式 (§5.2.C)."""

    TALK = "talk"  # 交谈
    ON_SITE = "on-site"  # 现场查看
    INSPECTION = "inspection"  # 检查
    COMBINED = "combined"  # 综合


class ExitReason(StrEnum):
    """The lawful ways out of «until satisfied» 终止回访的理由."""

    REFUSED = "refused-by-resident"  # 住户拒绝回访
    OUTSIDE_DUTY = "outside-duty"  # 不属管理处职责
    UNREACHABLE = "unreachable"  # 多次未能联系
    SIGNED_OFF = "manager-signed-off"  # 经理签批
    NOBODY = "nobody-to-ask"  # 匿名，无人可访


class LapseReason(StrEnum):
    """Why there is nothing left to ask about 回访失效的原因."""

    REOPENED = "matter-reopened"  # 原事项已重开
    SUBSTITUTED = "sample-substituted"  # 抽样已替换
    ENDED_EARLY = "contract-ended-early"  # 合同提前终止
    FALSE_ALARM = "false-alarm"  # 虚惊，无人可访


@event()
class FollowUpOpened(Event):
    """回访已立项 · Follow-up opened."""

    type: FollowUpType
    anchor: date
    opens_on: date
    closes_on: date
    origin_kind: str | None = None
    origin_id: str | None = None
    household: str | None = None
    home: str | None = None
    responsible: str | None = None
    by_manager: bool = False
    chain: str | None = None
    round: int = 1
    doers: tuple[str, ...] = ()
    previous: str | None = None
    anonymous: bool = False
    extra: bool = False
    unasked: int = 0


@event()
class FollowUpAssigned(Event):
    """回访已安排 · Follow-up assigned and the visitor told."""

    visitor: str


@event()
class VisitAppointed(Event):
    """已预约 · Visit appointed."""

    appointed_at: datetime


@event()
class ResidentUnreachable(Event):
    """未能联系住户 · Resident could not be reached."""

    mode: Mode
    entered_at: datetime | None = None


@event()
class FollowUpConducted(Event):
    """回访已进行 · Follow-up conducted."""

    mode: Mode
    means: Means
    quality: str
    effect: str
    satisfaction: int
    conforming: bool
    shortcomings: Personal | None = None
    suggestions: Personal | None = None
    resident_signature: Personal | None = None
    visitor_signature: Personal | None = None
    in_window: bool = True
    submit_by: datetime | None = None
    retained_until: date | None = None
    on_time: bool | None = None


@event()
class FollowUpWindowMissed(Event):
    """回访期限已过 · The window of the follow-up has passed."""

    closes_on: date


@event()
class FollowUpSubmitted(Event):
    """回访记录已交存 · Follow-up record handed in."""

    review_by: datetime | None = None


@event()
class FollowUpReviewMissed(Event):
    """回访记录逾期未审核 · Follow-up record not reviewed in time."""

    due_at: datetime


@event()
class SubmissionMissed(Event):
    """回访记录逾期未交 · Follow-up record not handed in in time."""

    due_at: datetime


@event()
class FollowUpFoundConforming(Event):
    """回访审核合格 · Follow-up reviewed: conforming."""

    comment: str


@event()
class FollowUpFoundNonconforming(Event):
    """回访审核不合格 · Follow-up reviewed: nonconforming."""

    comment: str
    responsible: str
    rectify_by: datetime
    settle_by: date | None = None


@event()
class FollowUpRoundEnded(Event):
    """不合格项已整改，本轮结束 · The nonconformity was put right; another round follows."""

    doers: tuple[str, ...] = ()


@event()
class NonconformitySettled(Event):
    """不合格项已了结 · The chain to which this nonconformity led has ended."""

    outcome: str


@event()
class FollowUpLapsed(Event):
    """回访已失效 · Nothing is left to ask about."""

    reason: LapseReason


@event()
class FollowUpRetentionEnded(Event):
    """回访记录保管期满 · The record need not be kept any longer."""

    retained_until: date


@event()
class FollowUpWithdrawn(Event):
    """误立的回访已撤销 · A follow-up planned by mistake was withdrawn."""

    reason: str


@event()
class FollowUpExitProposed(Event):
    """已提请终止回访 · It was proposed to end the follow-up."""

    reason: ExitReason
    note: str
    mode: Mode | None = None
    words: Personal | None = None


@event()
class FollowUpExitRefused(Event):
    """终止回访未获签批 · The proposed end was not signed off; the round goes on."""

    comment: str


@event()
class FollowUpExited(Event):
    """回访已终止 · Follow-up ended without satisfaction, lawfully."""

    reason: ExitReason
    note: str
