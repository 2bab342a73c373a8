"""On the site of a renovation 装修现场 (§1.4): passes, keys, inspections, violations that stop the work, the permit's end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor
from domain.kernel.rules import beyond_cap, broken, day_beyond_cap, deadline_passed, missing
from domain.kernel.spelling import same
from domain.moving.renovation.case import Renovation
from domain.moving.renovation.events import (
    RenovationChecked,
    RenovationExtended,
    RenovationOverrun,
    RenovationStopped,
    RenovationViolationRectified,
    SiteKeysBack,
    ViolationKind,
    WorkerPassIssued,
    WorkerPassLost,
    WorkerPassReturned,
)


@command
class IssueWorkerPass(Command):
    """发放施工人员出入证 · Issue a worker's pass."""

    number: str
    worker: Personal | None = None
    identity: Personal | None = None
    valid_until: date | None = None

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """Each number once, no longer than the permit (§1.4)."""
        if any(same(self.number, number) for number in (*work.passes, *work.lost_passes)):
            raise broken("pass-twice", "1.4", "该证号已在使用", "that number is in use", "number")
        if self.worker is None:
            at.require_evidence(missing("worker", "1.4", "请填写施工人员", "say for whom"))
        last = work.valid_until or at.today
        until = self.valid_until or last
        if until > last:
            zh, en = f"出入证不得超过许可期限{last}", f"no longer than the permit, {last}"
            at.require_evidence(broken("pass-too-long", "1.4", zh, en, "valid_until"))
        yield WorkerPassIssued(number=self.number, valid_until=until, worker=self.worker, identity=self.identity)


@command
class ReturnWorkerPass(Command):
    """收回出入证 · Take a worker's pass back."""

    number: str

    def decide(self, work: Renovation, _at: Moment) -> Iterator[Event]:
        """All of them before the work is accepted (§1.4)."""
        number = next((each for each in work.passes if same(each, self.number)), None)
        if number is None:
            listed = "、".join(work.passes)
            zh, en = f"没有此证号，未收回的有：{listed}", f"there is no such pass; those that are out: {listed}"
            raise broken("pass-unknown", "1.4", zh, en, "number")
        yield self.to_event(WorkerPassReturned, number=number)


@command
class ReportPassLost(Command):
    """登记出入证遗失 · Report a worker's pass lost."""

    number: str
    circumstances: Personal | None = None

    def decide(self, work: Renovation, _at: Moment) -> Iterator[Event]:
        """It is void from now on, and its number is never used again (§1.4); that it came back is not pretended."""
        number = next((each for each in work.passes if same(each, self.number)), None)
        if number is None:
            listed = "、".join(work.passes)
            zh, en = f"没有此证号，未收回的有：{listed}", f"there is no such pass; those that are out: {listed}"
            raise broken("pass-unknown", "1.4", zh, en, "number")
        yield self.to_event(WorkerPassLost, number=number)


@command
class NoteSiteKeysOut(Command):
    """施工钥匙已领出 · Note that keys are lent to the site.

    Workers' keys go out on the form of §3.3, and only while the work may go on (§1.4).
    """

    loan: str
    keys: tuple[str, ...]


@command
class NoteSiteKeysBack(Command):
    """施工钥匙已了结 · Note that keys of the site are back."""

    loan: str

    def decide(self, work: Renovation, _at: Moment) -> Iterator[Event]:
        """Back, or reported lost: then the home has its lock changed (§3.2)."""
        if self.loan in work.key_loans:
            yield self.to_event(SiteKeysBack)


@command
class CheckRenovation(Command):
    """检查装修现场 · Inspect the site."""

    findings: str
    at_work: bool = True

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """Whoever is found at work outside the permit's hours is noted with it; a quiet site is not (§1.4)."""
        outside = (
            self.at_work
            and work.hours_from is not None
            and work.hours_until is not None
            and not work.hours_from <= at.local_time <= work.hours_until
        )
        yield RenovationChecked(findings=self.findings, at_work_outside_hours=outside)


@command
class StopRenovation(Command):
    """发现违章，责令停工 · Stop the work for a violation."""

    kind: ViolationKind
    matter: str
    rectify_by: datetime | None = None
    photo: str | None = None

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """The work stands still until it is rectified (§1.4)."""
        if self.rectify_by is not None:
            at.require_evidence(deadline_passed(self.rectify_by, "1.4", at, "rectify_by"))
            at.require_evidence(beyond_cap(self.rectify_by, "1.4", at, "rectify_by"))
        yield self.to_event(RenovationStopped, violation=work.violations + 1)


@command
class NoteViolationRectified(Command):
    """违章已整改 · Note that a violation is rectified."""

    violation: int

    def decide(self, work: Renovation, _at: Moment) -> Iterator[Event]:
        """When its rectification is closed (§1.4)."""
        if self.violation in work.unrectified:
            yield RenovationViolationRectified(violation=self.violation)


@command
class ResumeRenovation(Command):
    """准予复工 · Let the work go on.

    By the head who stopped it or his manager (§1.4).
    """

    @staticmethod
    def ready(work: Renovation, _who: Actor) -> RuleBroken | None:
        """Only when nothing is left to be rectified."""
        if work.unrectified:
            return broken("violations-open", "1.4", "违章尚未整改完毕", "violations are not rectified yet")
        return None


@command
class MarkRenovationOverrun(Command):
    """装修超期 · Note that the work has overrun its permit."""

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """At 24:00 of the permit's last day (§1.4)."""
        yield RenovationOverrun(due_at=work.permit_ends_at or at.now)


@command
class ExtendRenovation(Command):
    """装修许可延期 · Extend the permit."""

    valid_until: date
    reason: str

    def decide(self, work: Renovation, at: Moment) -> Iterator[Event]:
        """To a later day that lies ahead, with the reason (§1.4)."""
        if self.valid_until < at.today or (work.valid_until is not None and self.valid_until <= work.valid_until):
            zh = f"延期日期须晚于原许可期限{work.valid_until}，且不早于{at.today}"
            en = f"later than the permit's {work.valid_until}, and not before {at.today}"
            raise broken("not-later", "1.4", zh, en, "valid_until")
        at.require_evidence(day_beyond_cap(self.valid_until, "1.4", at, "valid_until"))
        yield self.to_event(RenovationExtended)


def all_back(work: Renovation) -> RuleBroken | None:
    """Passes and keys of the site are all back before the matter ends (§1.4, §3.3)."""
    if work.passes:
        listed = "、".join(work.passes)
        return broken("passes-out", "1.4", f"出入证尚未收回：{listed}", f"passes are still out: {listed}")
    if work.key_loans:
        return broken("site-keys-out", "3.3", "施工钥匙尚未归还", "keys of the site are still out")
    return None
