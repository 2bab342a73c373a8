"""The letter of reply 函复 (§4.7): findings, solution and an apology, put together from the case and then edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.console.formatting import day
from domain.arrears.debt_case.case import DebtCase
from domain.arrears.debt_case.commands.dunning import IssueDunningNotice, RecordNoticeDelivery
from domain.arrears.terms import NoticeMeans
from domain.complaints.complaint.commands.letters import SendReplyLetter
from domain.kernel.calendar import local_date
from domain.kernel.fact import Case, Command
from journal.confidential import is_token

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["composed", "known_of_letters"]


def known_of_letters(page: Page, command: type[Command], case: Case, row: Mapping[str, Any] | None) -> dict[str, str]:
    """What the form of a letter need not ask: the reply as it would be; which dunning notice is the next, or arrived."""
    if command is SendReplyLetter and row is not None:
        return {name: text for name, text in composed(page, row).items() if text}
    if isinstance(case, DebtCase) and command is IssueDunningNotice:
        stage = "1" if case.stage2_at is None else "2"
        return {"stage": stage, "means": NoticeMeans.MAILBOX.value, "addressee": "户主"}
    if isinstance(case, DebtCase) and command is RecordNoticeDelivery:
        return {"stage": "1" if case.notice2_at is None else "2"}
    return {}


def composed(page: Page, row: Mapping[str, Any]) -> dict[str, str]:
    """Recipient and text, as the register knows the complaint; sealed values have been opened before."""

    def said(name: str) -> str:
        value = row.get(name)
        return (
            value.strip().rstrip("。") if isinstance(value, str) and not is_token(value) and value != "〔保密〕" else ""
        )

    is_done = row.get("resolved_at") is not None
    stands = "我们已经查明并处理，现答复如下。" if is_done else "我们正在查办，现将进展告知如下。"
    home = said("home")
    recipient = said("complainant") or (f"{home} 住户" if home else "")
    received = day(local_date(row["opened_at"]), "zh", page.now) if row.get("opened_at") else ""
    lines = [
        f"{recipient or '住户'}：",
        f"　　您{f'于{received}' if received else ''}反映的「{said('matter')}」，{stands}",
    ]
    if said("findings") or said("root_cause"):
        found = "；".join(
            part for part in (said("findings"), said("root_cause") and f"根源是{said('root_cause')}") if part
        )
        lines.append(f"　　一、调查结果：{found}。")
    done = "；".join(part for part in (said("measure") or said("measures"), said("result")) if part)
    if done:
        lines.append(f"　　{'二' if len(lines) > 2 else '一'}、处理情况：{done}。")
    follows = "三天内我们会回访，请您说说处理得是否满意。" if is_done else "处理完后我们再向您函复并回访。"
    lines.append(f"　　给您的生活带来不便，我们深表歉意，恳请谅解。{follows}")
    lines.append(f"　　　　　　　　　　　　{page.kit.office_name(page.office)}")
    lines.append(f"　　　　　　　　　　　　{_long(page)}")
    return {"recipient": recipient, "text": "\n".join(lines)}


def _long(page: Page) -> str:
    today = local_date(page.now)
    return f"{today.year}年{today.month}月{today.day}日"
