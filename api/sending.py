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
from workflows.engine.notice_groups import Gathered
from workflows.engine.notices import STAGES, Delivery, Notice, Send

__all__ = ["body_of", "senders", "signature"]

_TIMEOUT: Final = 10.0
_NAMED: Final = 100
"""As many cases stand in one e-mail."""


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
        body, stamp = body_of(delivery.notice, delivery.gathered), str(int(now.timestamp()))
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


def body_of(notice: Notice, told: Gathered) -> bytes:
    """What a program is told: no personal data, only which promise of which case, and all that are told with it.

    ``count`` says how many there are; of very many ``notices`` names the first.
    """
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
            "count": told.count,
            "notices": [
                {"id": str(id_), "case_id": case_id, "due_at": due_at.isoformat()} for id_, case_id, due_at in told.of
            ],
        },
        ensure_ascii=False,
    ).encode()


def _message(delivery: Delivery, sender: str) -> EmailMessage:
    notice, told = delivery.notice, delivery.gathered
    zh, en = STAGES[notice.stage]
    message = EmailMessage()
    many = (f"{told.count} 件", f"{told.count} × ") if told.count > 1 else ("", "")
    message["Subject"] = f"【物业·有据】{many[0]}{zh}：{notice.zh}（{notice.office}）"
    message["From"], message["To"] = sender, delivery.address
    message["Message-ID"] = f"<{notice.id}.{delivery.subscription}@wuye>"
    named = [(case_id, _local(due_at)) for _, case_id, due_at in told.of[:_NAMED]]
    more = told.count - len(named)
    message.set_content(
        "\n".join(
            [
                f"{many[0]}{zh}：{notice.zh}",
                *(f"事项 {case_id} 期限 {due}" for case_id, due in named),
                *([f"另有 {more} 件，见「通知」"] if more else []),
                f"手册 §{notice.clause}\n",
                f"{many[1]}{en}: {notice.en}",
                *(f"case {case_id} due {due} (Asia/Shanghai)" for case_id, due in named),
                *([f"and {more} more: see the notices"] if more else []),
                f"handbook §{notice.clause}\n",
            ]
        )
    )
    return message


def _local(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
