"""Actions on pages 办理: a form is read as its command and given as the API gives it; a refusal is told where it belongs.

Each form has its idempotency key from the moment it is shown, so that a double click, the back button or a lost answer
end in one fact; and the version of the case that was looked at, so that nobody overwrites what he has not seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.responses import RedirectResponse, Response

from api.console.case_papers import file_signatures
from api.console.cases import case_page
from api.console.form_values import Written, as_instant, read
from api.console.form_view import FormView, form_view
from api.console.forms import inputs_of
from api.console.next_task import forgotten, led_on
from api.console.page import Form, Kit, Page, first, office_page
from api.console.people import role_name
from api.console.reception import KEPT, again
from api.routes.actions import act, checked_id, offered, slug_of
from api.routes.command_route import IDEMPOTENCY_KEY, Give
from domain.cases import BY_KIND, BY_PATH, CASES
from domain.kernel.errors import NotFound, NotPermitted, Refusal, Stale
from domain.kernel.fact import Command
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.people import Role

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["Told", "attempted", "given", "routes"]


_WITHOUT_NETWORK: Final = "当时没有网络，存于手机后送达 / there was no network: kept on the telephone"


@dataclass(frozen=True, slots=True)
class Told:
    """What speaks against an act of a page that has several small forms: the words, and what was written."""

    act: str
    said: str
    clause: str | None
    written: Written


def routes(kit: Kit) -> list[Route]:
    """Opening a case, and going on with one."""
    return [
        office_page(kit, "/open/{path}/{command}", _open, ("GET", "POST")),
        office_page(kit, "/do/{command}/{case_id:path}", _do, ("GET", "POST")),
    ]


def _give(page: Page, lifecycle: Lifecycle[Any], command: type[Command]) -> Give:
    """What the API's own route of this command does."""
    key = f"{lifecycle.path}/{command.__name__}"
    if key not in page.kit.givers:
        page.kit.givers[key] = act(page.context, lifecycle, command, status=200)
    return page.kit.givers[key]


# -- opening ---------------------------------------------------------------------------------------------------------


def _open(page: Page) -> Response:
    path, word = page.request.path_params["path"], page.request.path_params["command"]
    lifecycle = BY_PATH.get(path)
    command = next((each for each in offered(lifecycle)[0] if slug_of(each) == word), None) if lifecycle else None
    if lifecycle is None or command is None:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    if page.request.method == "GET":
        return _opening(page, lifecycle, command)
    written, refusal = read(page, command, page.form), None
    if written.command is not None:
        try:
            answer = given(page, lifecycle, command, written, None, None)
            file_signatures(page, command, answer["id"])
            return _done(page, answer)
        except Refusal as refused:
            refusal = refused
    if first(page.form, KEPT):
        return again(page, written, lambda form: _tell(page, form, refusal), 422 if refusal is None else 409)
    return _opening(page, lifecycle, command, written=written, refusal=refusal)


def _opening(
    page: Page,
    lifecycle: Lifecycle[Any],
    command: type[Command],
    *,
    written: Written | None = None,
    refusal: Refusal | None = None,
) -> Response:
    clause = lifecycle.clause_of(command)
    may = {role for row in lifecycle.steps if row.command is command for role in row.who}
    if may.isdisjoint(page.roles):
        names = [role for role in Role if role in may and role.is_person]
        raise NotPermitted(
            "role",
            clause,
            zh=f"「{command.ZH}」须由{'、'.join(role.zh for role in names)}办理",
            en=f"“{command.EN}” is for: {', '.join(role_name(role, 'en') for role in names)}",
        )
    known = {
        name: page.query(name) for name in (each.name for each in inputs_of(command, page.lang)) if page.query(name)
    }
    action = page.at("open", lifecycle.path, slug_of(command))
    register = page.context.registers.by_name.get(lifecycle.path)
    form = form_view(page, command, clause, action, written=written, known=known, key=_key(page), register=register)
    _tell(page, form, refusal)
    return page.show(
        "open.html",
        200 if written is None else 409 if refusal is not None else 422,
        form=form,
        lifecycle=lifecycle,
        kind=page.t(lifecycle.zh, lifecycle.en),
        register=page.at("registers", lifecycle.path),
    )


# -- going on --------------------------------------------------------------------------------------------------------


def _do(page: Page) -> Response:
    case_id, word = page.request.path_params["case_id"], page.request.path_params["command"]
    lifecycle = BY_KIND.get(case_id.partition("-")[0])
    command = next((each for each in offered(lifecycle)[1] if slug_of(each) == word), None) if lifecycle else None
    if lifecycle is None or command is None:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    checked_id(lifecycle, case_id)
    if page.request.method == "GET":
        return RedirectResponse(page.at("case", case_id, do=word, field=page.query("field")) + f"#do-{word}", 303)
    case = page.context.handler.case(page.office, case_id)
    page.began = case.round_began_at or case.opened_at
    written = read(page, command, page.form, lifecycle.of)
    refusal: Refusal | None = None
    if written.command is not None:
        try:
            answer = given(page, lifecycle, command, written, case_id, _version(page))
            file_signatures(page, command, case_id)
            return led_on(page, case_id, answer["number"]) or forgotten(page, _done(page, answer))
        except Refusal as refused:
            refusal = refused
    return case_page(
        page, case_id, command, written=written, key=_key(page), tell=lambda form: _tell(page, form, refusal)
    )


def given(
    page: Page,
    lifecycle: Lifecycle[Any],
    command: type[Command],
    written: Written,
    case_id: str | None,
    version: str | None,
) -> dict[str, Any]:
    """Give the command that was written, as the API does. Raises what speaks against it."""
    occurred = as_instant(first(page.form, "occurred_at"))
    if occurred is not None and occurred <= page.now < occurred + timedelta(minutes=1):
        occurred = None  # a browser writes whole minutes: this one is now
    reason = first(page.form, "late_reason").strip()
    if occurred is None and (waited := _waited(page)) is not None:
        occurred, reason = max(page.now - waited, page.began or page.now - waited), reason or _WITHOUT_NETWORK
    give = _give(page, lifecycle, command)
    match = f'"{version[:9]}"' if version is not None else None
    answer = give(
        page.request, page.office, case_id, written.command, occurred, _key(page), match, None, reason[:200] or None
    )
    made: dict[str, Any] = msgspec.json.decode(answer.body)
    return made


def attempted(
    page: Page,
    lifecycle: Lifecycle[Any],
    commands: Mapping[str, type[Command]],
    case_id: str | None,
    form: Form | None = None,
) -> dict[str, Any] | Told:
    """The act that a small form names (``do``), given as everywhere; or what speaks against it. Raises NotFound for none."""
    act_ = first(page.form, "do")
    command = commands.get(act_)
    if command is None:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    written = read(page, command, page.form if form is None else form)
    if written.command is None:
        labels = {each.name: each.label for each in inputs_of(command, page.lang)}
        sign = page.t("：", ": ")
        said = (f"{labels.get(name.partition('.')[0], name)}{sign}{words}" for name, words in written.errors.items())
        return Told(act_, page.t("；", "; ").join(dict.fromkeys(said)), None, written)
    try:
        return given(page, lifecycle, command, written, case_id, _version(page))
    except Refusal as refusal:
        return Told(act_, page.t(refusal.zh, refusal.en), refusal.clause, written)


def _waited(page: Page) -> timedelta | None:
    """How long it lay on a device without a network: it happened when it was written there, whatever that clock shows."""
    said = first(page.form, "waited")
    return timedelta(seconds=int(said)) if re.fullmatch(r"[1-9]\d{0,6}", said) else None


def _version(page: Page) -> str | None:
    """The version of the case that was looked at."""
    said = first(page.form, "version")
    return said if said.isdecimal() else None


def _key(page: Page) -> str | None:
    key = first(page.form, "idempotency_key")
    return key if re.fullmatch(IDEMPOTENCY_KEY, key) else None


def _tell(page: Page, form: FormView, refusal: Refusal | None) -> None:
    """A refusal at its field, where it names one of the form; else above it. What was written stays."""
    form.late_open = bool(form.written.of("occurred_at") or form.written.of("late_reason"))
    if refusal is None:
        return
    said = page.t(refusal.zh, refusal.en)
    names = {each.name for each in form.inputs}
    at = (refusal.field or "").partition(".")[0]
    if isinstance(refusal, Stale):
        said += page.t("。请看看经过，再提交一次。", ". Look at what has happened, then send it once more.")
    if at in names:
        form.written.errors[refusal.field or at] = said
    else:
        form.said = said
        form.late_open = form.late_open or at in ("occurred_at", "late_reason")
    form.said_clause = refusal.clause


def _done(page: Page, answer: dict[str, Any]) -> Response:
    """To the case, which says on which page of the book it stands; or on to what was being worked through."""
    following = first(page.form, "next")
    if following and following.startswith(page.at()) and "\\" not in following:
        sign = "&" if "?" in following else "?"
        return RedirectResponse(f"{following}{sign}{urlencode({'done': answer['number']})}", 303)
    then = first(page.form, "then")
    if then in {slug_of(each) for life in CASES for each in offered(life)[1]}:
        return RedirectResponse(page.at("case", answer["id"], done=answer["number"], do=then) + f"#do-{then}", 303)
    return RedirectResponse(page.at("case", answer["id"], done=answer["number"]), 303)
