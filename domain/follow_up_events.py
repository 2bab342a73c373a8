"""What can happen to a follow-up 回访 (§5.2), and what is then known. Windows are local dates, both ends included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.calendar import end_of_day, local_date
from domain.fact import Case, Event, Fact, Personal, event
from domain.kernel.words import choice_names

PLANNED, ASSIGNED, CONDUCTED, SUBMITTED = "planned", "assigned", "conducted", "submitted"
NONCONFORMING, CLOSED, EXITED, LAPSED = "nonconforming", "closed", "exited", "lapsed"
WAITING = (PLANNED, ASSIGNED)
"""The states in which the visit is still owed."""
ENDED = (CLOSED, EXITED, LAPSED)


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
    SIGNED_OFF = "manager-signed-off"  # 经理签批
    NOBODY = "nobody-to-ask"  # 匿名，无人可访


class LapseReason(StrEnum):
    """Why there is nothing left to ask about 回访失效的原因."""

    REOPENED = "matter-reopened"  # 原事项已重开
    SUBSTITUTED = "sample-substituted"  # 抽样已替换
    ENDED_EARLY = "contract-ended-early"  # 合同提前终止


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
class FollowUpExited(Event):
    """回访已终止 · Follow-up ended without satisfaction, lawfully."""

    reason: ExitReason
    note: str


@dataclass(slots=True, kw_only=True)
class FollowUp(Case):
    """One visit of a chain that goes on until the resident is satisfied or the manager ends it lawfully.

    ``doers`` worked on what is asked about, besides ``origin_responsible``; ``extra`` was planned by a person beside what
    the book owes; ``on_time`` says of a visit at home whether the appointment was kept; ``chain_outcome`` is how the chain
    ended to which a nonconformity led. Shortcomings and suggestions stay sealed.
    """

    type: FollowUpType = FollowUpType.OTHER
    opens_on: date | None = None
    closes_on: date | None = None
    origin_kind: str | None = None
    origin_id: str | None = None
    household: str | None = None
    home: str | None = None
    origin_responsible: str | None = None
    doers: tuple[str, ...] = ()
    by_manager: bool = False
    anonymous: bool = False
    extra: bool = False
    chain: str | None = None
    round: int = 1
    previous: str | None = None
    visitor: str | None = None
    appointed_at: datetime | None = None
    unreachable: int = 0
    mode: Mode | None = None
    means: Means | None = None
    quality: str | None = None
    effect: str | None = None
    satisfaction: int | None = None
    conforming: bool | None = None
    shortcomings: str | None = None
    suggestions: str | None = None
    resident_signed: bool = False
    conducted_at: datetime | None = None
    in_window: bool | None = None
    on_time: bool | None = None
    missed_at: datetime | None = None
    submit_by: datetime | None = None
    submitted_at: datetime | None = None
    submit_missed_at: datetime | None = None
    reviewed_at: datetime | None = None
    verdict: str | None = None
    comment: str | None = None
    responsible: str | None = None
    rectify_by: datetime | None = None
    settle_by: date | None = None
    outcome: str | None = None
    chain_outcome: str | None = None
    exit_reason: ExitReason | None = None
    exit_note: str | None = None
    lapse_reason: LapseReason | None = None
    retained_until: date | None = None
    retention_ended: bool = False
    ended_at: datetime | None = None

    @property
    def window_until(self) -> datetime | None:
        """24:00 of the window's last day, until the visit is made or missed."""
        return end_of_day(self.closes_on) if self.closes_on is not None and self.missed_at is None else None

    @property
    def submission_until(self) -> datetime | None:
        """When the record is to be in the archive, unless that was missed."""
        return self.submit_by if self.submit_missed_at is None else None

    @property
    def kept_until(self) -> datetime | None:
        """24:00 of the last day for which the record must be kept, until it is flagged for disposal."""
        kept = self.retained_until is not None and not self.retention_ended
        return end_of_day(self.retained_until) if kept and self.retained_until is not None else None

    @property
    def own_work(self) -> frozenset[str]:
        """Those whose own work it would be 经办人: none of them goes."""
        return frozenset(filter(None, (self.origin_responsible, *self.doers)))


def evolve(visit: FollowUp, fact: Fact) -> None:
    """Fold one fact into the follow-up."""
    match fact.event:
        case FollowUpOpened() as e:
            visit.type, visit.opens_on, visit.closes_on = e.type, e.opens_on, e.closes_on
            visit.origin_kind, visit.origin_id = e.origin_kind, e.origin_id
            visit.household, visit.home, visit.origin_responsible = e.household, e.home, e.responsible
            visit.by_manager, visit.round, visit.chain = e.by_manager, e.round, e.chain or fact.case_id
            visit.doers, visit.previous, visit.anonymous, visit.extra = e.doers, e.previous, e.anonymous, e.extra
        case FollowUpAssigned() as e:
            visit.visitor = e.visitor
        case VisitAppointed() as e:
            visit.appointed_at = e.appointed_at
        case ResidentUnreachable():
            visit.unreachable += 1
        case FollowUpConducted() as e:
            visit.mode, visit.satisfaction, visit.conforming = e.mode, e.satisfaction, e.conforming
            visit.means, visit.quality, visit.effect = e.means, e.quality, e.effect
            visit.shortcomings, visit.suggestions = e.shortcomings, e.suggestions
            visit.resident_signed, visit.on_time = e.resident_signature is not None, e.on_time
            visit.conducted_at, visit.in_window = fact.occurred_at, e.in_window
            visit.submit_by, visit.retained_until = e.submit_by, e.retained_until
        case FollowUpWindowMissed() as e:
            visit.missed_at = end_of_day(e.closes_on)
        case FollowUpSubmitted():
            visit.submitted_at = fact.occurred_at
        case SubmissionMissed() as e:
            visit.submit_missed_at = e.due_at
        case FollowUpFoundConforming() as e:
            visit.reviewed_at, visit.verdict, visit.outcome = fact.occurred_at, "conforming", "satisfied"
            visit.comment, visit.ended_at = e.comment, fact.occurred_at
        case FollowUpFoundNonconforming() as e:
            visit.reviewed_at, visit.verdict, visit.comment = fact.occurred_at, "nonconforming", e.comment
            visit.responsible, visit.rectify_by, visit.settle_by = e.responsible, e.rectify_by, e.settle_by
        case FollowUpRoundEnded() as e:
            visit.outcome, visit.ended_at = "unsatisfied", fact.occurred_at
            visit.doers = tuple(dict.fromkeys((*visit.doers, *e.doers)))
        case NonconformitySettled() as e:
            visit.chain_outcome = e.outcome
        case FollowUpExited() as e:
            visit.outcome, visit.exit_reason, visit.ended_at = "exited", e.reason, fact.occurred_at
            visit.exit_note = e.note
        case FollowUpLapsed() as e:
            visit.outcome, visit.lapse_reason, visit.ended_at = "lapsed", e.reason, fact.occurred_at
        case FollowUpRetentionEnded():
            visit.retention_ended = True


def visited_on(visit: FollowUp) -> date | None:
    """The local date of the visit."""
    return local_date(visit.conducted_at) if visit.conducted_at is not None else None
