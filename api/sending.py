"""How notices leave the program 通知渠道: by e-mail, and as webhooks that bear a signature."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import ssl
import urllib.request
from datetime import datetime
from email.message import EmailMessage
from typing import Final

from api.config import ApiSettings
from domain.kernel.calendar import SHANGHAI
from journal.confidential import MasterKey
from workflows.engine.notices import Delivery, Notice, Send

__all__ = ["body_of", "senders", "signature"]

_STAGES: Final = {
    "assigned": ("由您承办", "yours to do"),
    "reminder": ("将到期", "due soon"),
    "warning": ("将到期而未办", "due soon and not done"),
    "overdue": ("已逾期", "overdue"),
    "escalation": ("上报", "escalated"),
}
_TIMEOUT: Final = 10.0


def senders(settings: ApiSettings, master: MasterKey) -> dict[str, Send]:
    """The way of each channel."""

    def mail(delivery: Delivery, _now: datetime) -> None:
        if settings.smtp_host is None:
            msg = "WUYE_SMTP_HOST 未设置 / is not set"
            raise RuntimeError(msg)
        message = _message(delivery, settings.smtp_from)
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT) as server:
            if settings.smtp_starttls:
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user is not None:
                server.login(settings.smtp_user, settings.smtp_password or "")
            server.send_message(message)

    def webhook(delivery: Delivery, now: datetime) -> None:
        secret = master.unwrap(f"webhook/{delivery.subscription}", delivery.secret or b"")
        body, stamp = body_of(delivery.notice), str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Wuye-Id": str(delivery.notice.id),
            "Wuye-Timestamp": stamp,
            "Wuye-Signature": signature(secret, str(delivery.notice.id), stamp, body),
        }
        if not settings.may_call(delivery.address):
            msg = "WUYE_WEBHOOK_HOSTS 中没有该主机 / does not have this host"
            raise ValueError(msg)
        request = urllib.request.Request(delivery.address, data=body, headers=headers, method="POST")  # noqa: S310
        with _OPENER.open(request, timeout=_TIMEOUT) as answer:
            if not 200 <= answer.status < 300:
                msg = f"HTTP {answer.status}"
                raise RuntimeError(msg)

    return {"e-mail": mail, "webhook": webhook}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A webhook that points elsewhere is refused: what was signed for one address goes to no other."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        """Never follow."""


_OPENER: Final = urllib.request.build_opener(_NoRedirect)


def signature(secret: bytes, notice: str, stamp: str, body: bytes) -> str:
    """``v1=`` and the HMAC-SHA256 of «id.timestamp.body» with the shared secret, in hexadecimal."""
    return "v1=" + hmac.new(secret, f"{notice}.{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def body_of(notice: Notice) -> bytes:
    """What a program is told: no personal data, only which promise of which case."""
    return json.dumps(
        {
            "id": str(notice.id),
            "office": notice.office,
            "case_id": notice.case_id,
            "task": notice.task,
            "stage": notice.stage,
            "role": notice.role,
            "person": notice.person,
            "clause": notice.clause,
            "zh": notice.zh,
            "en": notice.en,
            "due_at": notice.due_at.isoformat(),
        },
        ensure_ascii=False,
    ).encode()


def _message(delivery: Delivery, sender: str) -> EmailMessage:
    notice = delivery.notice
    zh, en = _STAGES[notice.stage]
    due = notice.due_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    message = EmailMessage()
    message["Subject"] = f"【物业·有据】{zh}：{notice.zh}（{notice.office}）"
    message["From"], message["To"] = sender, delivery.address
    message["Message-ID"] = f"<{notice.id}.{delivery.subscription}@wuye>"
    message.set_content(
        f"{zh}：{notice.zh}\n事项 {notice.case_id}\n期限 {due}\n手册 §{notice.clause}\n\n"
        f"{en}: {notice.en}\ncase {notice.case_id}\ndue {due} (Asia/Shanghai)\nhandbook §{notice.clause}\n"
    )
    return message
