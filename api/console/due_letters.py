"""Due letters 应发催款通知 (§8.A): what each notice that is due would say, to the fen, and all of them issued by one click.

Nobody types an amount: each letter is composed from the household's account as it goes out. Who is left out stands
below with the reason, and is due as long as it is. They go out in parts: whatever breaks off between two of them, what
went out is not due any more, and the same click goes on with the rest.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from api.console.formatting import day, money
from api.console.in_parts import Going, going_on, said_before, through
from api.console.page import Kit, Page, first, office_page
from api.console.printing import issued_lately
from api.console.values import Values
from api.http.metrics import COMMANDS
from api.routes.actions import slug_of
from api.routes.due_letters import MAY, IssueDueNotices, looking_at, order_of
from domain.arrears.debt_case.commands.dunning import IssueDunningNotice
from domain.arrears.terms import NoticeMeans
from domain.kernel.calendar import local_date
from domain.kernel.words import choice_names
from workflows.engine.due_letters import LetterGiven, due_letters, how_many_due, issued, previewed

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]

_AT_ONCE: Final = 50
"""Letters that one page previews."""
_A_PART: Final = 50
"""Letters that one request issues; the page asks for the next as soon as they are out."""


def routes(kit: Kit) -> list[Route]:
    """What is due, and that it goes out."""
    return [office_page(kit, "/arrears/letters", _letters, ("GET", "POST"))]


def _letters(page: Page) -> Response:
    stage = int(page.query("stage")) if page.query("stage") in {"1", "2"} else None
    if page.request.method == "POST":
        return _issue(page, stage)
    after = page.query("after")
    today = local_date(page.now)
    found = due_letters(page.context.connect, page.office, today, stage=stage, after=after, limit=_AT_ONCE + 1)
    shown = found[:_AT_ONCE]
    may = not set(MAY).isdisjoint(page.roles)
    order = looking_at(page.context, page.request, page.office)
    given = list(previewed(page.context.handler, page.context.connect, order, shown))
    return page.show(
        "due_letters.html",
        may=may,
        may_not=page.t("、", ", ").join(page.t(role.zh, role.value) for role in MAY),
        due=how_many_due(page.context.connect, page.office, today, stage=stage),
        stages=_stages(page, stage),
        letters=_lines(page, [each for each in given if each.refusal is None]),
        left_out=_lines(page, [each for each in given if each.refusal is not None]),
        total=money(sum(each.notice.total_fen or 0 for each in given if each.notice is not None)),
        following=page.here(after=shown[-1].case_id, sent=None, left=None) if len(found) > len(shown) else None,
        begins=page.here(after=None, sent=None, left=None) if after else None,
        sent=page.query("sent"),
        kept=page.query("left"),
        means=[(each.value, page.t(*choice_names(each)), each is NoticeMeans.MAILBOX) for each in NoticeMeans],
        key=secrets.token_urlsafe(18),
        board=page.at("arrears"),
        lately=[(href, day(on, page.lang, page.now), count) for href, on, count in issued_lately(page)],
    )


def _issue(page: Page, stage: int | None) -> Response:
    """The next part of all that are due, whichever page of them was looked at; who was left out before stays so."""
    means = first(page.form, "means")
    addressee = first(page.form, "addressee").strip()[:40]
    body = IssueDueNotices(
        means=NoticeMeans(means) if means in set(NoticeMeans) else NoticeMeans.MAILBOX,
        addressee=addressee or None,
    )
    key = first(page.form, "idempotency_key")[:80]
    order = order_of(page.context, page.request, page.office, body, None, key or None)
    connect, today, after = page.context.connect, local_date(page.now), first(page.form, "after")
    part = due_letters(connect, page.office, today, stage=stage, after=after, limit=_A_PART)
    given = list(issued(page.context.handler, order, part))
    sent = sum(each.refusal is None for each in given)
    COMMANDS.labels(slug_of(IssueDunningNotice)).inc(sent)
    left = said_before(page, "left", 0) + len(given) - sent
    sent += said_before(page, "sent", 0)
    rest = how_many_due(connect, page.office, today, stage=stage, after=part[-1].case_id) if part else 0
    stop = page.here(sent=sent, left=left, after=None)
    if not rest:
        return through(page, stop)
    said = {"means": body.means, "addressee": addressee, "idempotency_key": key, "sent": sent, "left": left}
    return going_on(
        page,
        Going(
            title=page.t("正在发出催款通知", "Notices are going out"),
            said=page.t(f"已发出 {sent:,} 户，还有 {rest:,} 户。", f"{sent:,} are out, {rest:,} to go."),
            done=sent + left,
            of=sent + left + rest,
            action=page.here(after=None, sent=None, left=None),
            fields={**said, "after": part[-1].case_id},
            stop=stop,
        ),
    )


def _stages(page: Page, stage: int | None) -> list[tuple[str, str, bool]]:
    words = (None, page.t("全部", "all")), (1, page.t("第一次", "first")), (2, page.t("第二次", "second"))
    return [(page.here(stage=n, after=None, sent=None, left=None), word, n == stage) for n, word in words]


def _lines(page: Page, given: Sequence[LetterGiven]) -> list[dict[str, Any]]:
    values = Values(page)
    values.expect([[each.letter.household, each.letter.case_id] for each in given])
    return [
        {
            "home": values.plain(values.home_of(each.letter.household))
            if each.letter.household
            else each.letter.case_id,
            "href": page.at("case", each.letter.case_id),
            "stage": page.t("第一次", "first") if each.letter.stage == 1 else page.t("第二次", "second"),
            "due": day(each.letter.due_on, page.lang, page.now),
            "late": each.letter.due_on < local_date(page.now),
            "why": page.t(each.refusal.zh, each.refusal.en) if each.refusal is not None else "",
            "clause": each.refusal.clause if each.refusal is not None else None,
            **_amounts(each),
        }
        for each in given
    ]


def _amounts(given: LetterGiven) -> dict[str, str]:
    said = given.notice
    if said is None:
        return {}
    return {
        "bills": str(len(said.claims)),
        "principal": money(sum(claim.principal_fen + claim.charges_fen for claim in said.claims)),
        "late_fee": money(sum(claim.late_fee_fen for claim in said.claims)),
        "current": money(said.current_fen or 0),
        "total": money(said.total_fen or 0),
    }
