"""What a resident's page says of a matter 住户所见: its title and how far it is, never whose it is, where or by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.console.formatting import instant
from api.http.authentication import cookie_of
from domain.complaints.complaint.case import Complaint
from domain.kernel.errors import NotFound, NotPermitted
from domain.kernel.fact import Case
from domain.rounds.repair_order.case import RepairOrder
from domain.services.service_order import ServiceOrder
from domain.visits.follow_up.case import FollowUp

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["Matter", "matter_of", "refuse_staff"]


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter as its resident sees it."""

    kind: str
    title: str
    steps: list[tuple[str, str]]
    question: str


def matter_of(page: Page, case: Case) -> Matter:
    """Of a follow-up, what it asks about."""
    if isinstance(case, FollowUp):
        origin = _origin(page, case)
        if origin is not None:
            return matter_of(page, origin)
        return Matter(page.t("回访", "follow-up"), page.t(case.type.zh, case.type.value), [], _satisfied(page))
    if isinstance(case, Complaint):
        steps = _steps(
            page,
            (("登记", "registered"), case.opened_at),
            (("承诺处理完", "promised by"), case.promised_by),
            (("处理完", "handled"), case.resolved_at),
            (("函复", "answered by letter"), case.letter_sent_at),
        )
        return Matter(page.t("投诉", "complaint"), case.matter, steps, _satisfied(page))
    if isinstance(case, RepairOrder):
        steps = _steps(
            page,
            (("报修", "reported"), case.opened_at),
            (("派工", "dispatched"), case.dispatched_at),
            (("修好", "repaired"), case.completed_at),
        )
        title = case.fault_kind or page.t("报修", "repair")
        return Matter(
            page.t("维修", "repair"),
            title,
            steps,
            page.t("修好了吗，您满意吗？", "Is it repaired to your satisfaction?"),
        )
    assert isinstance(case, ServiceOrder)
    steps = _steps(
        page,
        (("预订", "ordered"), case.opened_at),
        (("约定", "appointed for"), case.scheduled_at),
        (("完成", "done"), case.performed_at),
    )
    return Matter(page.t("便民服务", "service"), case.name, steps, _satisfied(page))


def refuse_staff(page: Page, clause: str) -> None:
    """Whoever is logged in here as staff is not the resident. Raises NotPermitted."""
    secret = cookie_of(page.request.headers.get("cookie", ""))
    if secret is not None and page.context.identities.find(secret, by_session=True) is not None:
        raise NotPermitted(
            "staff",
            clause,
            zh="本机已登录管理处账号：请住户用自己的手机填写",
            en="staff is logged in here: use your own telephone",
        )


def _satisfied(page: Page) -> str:
    return page.t("办得您满意吗？", "Are you satisfied with how it was handled?")


def _origin(page: Page, visit: FollowUp) -> Case | None:
    if visit.origin_id is None:
        return None
    try:
        origin: Case = page.context.handler.case(page.office, visit.origin_id)
    except NotFound:
        return None
    return origin if isinstance(origin, Complaint | RepairOrder | ServiceOrder) else None


def _steps(page: Page, *steps: tuple[tuple[str, str], Any]) -> list[tuple[str, str]]:
    return [
        (page.t(*name), instant(at, page.lang, page.now, ends=True)) for name, at in steps if isinstance(at, datetime)
    ]
