"""Several at once 一并办理: what was ticked in a register is shown once more, and then done, matter by matter.

Every matter gets its own fact by the same door as everywhere, with its own key and against the version that was looked
at; what is refused is named with its reason, the rest is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from api.console.actions import Told, attempted
from api.console.bulk_actions import acts_of
from api.console.form_view import begun, form_view, known_of
from api.console.forms import Input, inputs_of
from api.console.page import Form, Kit, Page, first, office_page
from api.console.register_query import ROWS
from api.console.titles import kind_of
from api.console.values import Values
from api.routes.actions import slug_of
from domain.cases import BY_PATH
from domain.kernel.errors import NotFound, NotPermitted, Refusal
from domain.kernel.fact import Case, Command
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.people import Actor

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["routes"]

_SHOWN_TOO: Final = ("day", "instant")
"""Optional fields that are asked for besides: by when."""


def routes(kit: Kit) -> list[Route]:
    """What was ticked, asked once more and then done."""
    return [office_page(kit, "/registers/{register}/together", _page, ("POST",))]


def _page(page: Page) -> Response:
    lifecycle = BY_PATH.get(page.request.path_params["register"])
    word = first(page.form, "do")
    command = next((each for each in acts_of(lifecycle) if slug_of(each) == word), None) if lifecycle else None
    if lifecycle is None or command is None:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    ids = dict.fromkeys(value for name, value in page.form if name == "case" and kind_of(value) == lifecycle.kind)
    cases = [page.context.handler.case(page.office, case_id) for case_id in list(ids)[:ROWS]]
    values = Values(page)
    values.titles.look_up([case.id for case in cases])
    inputs = tuple(each for each in inputs_of(command, page.lang) if each.required or each.kind in _SHOWN_TOO)
    is_sent = bool(first(page.form, "given"))
    lines = list(
        _given(page, lifecycle, command, cases, inputs) if is_sent else _asked(page, lifecycle, command, cases)
    )
    faults = {
        key: words for _, each in lines if each.told is not None for key, words in each.told.written.errors.items()
    }
    again = is_sent and bool(lines) and all(each.told is not None and each.told.written.errors for _, each in lines)
    form = None
    if again or (not is_sent and any(each.is_open for _, each in lines)):
        form = form_view(
            page,
            command,
            lifecycle.clause_of(command),
            page.at("registers", lifecycle.path, "together"),
            inputs=inputs,
            key=first(page.form, "idempotency_key") or None,
        )
        form.may_be_late = False
        if again:
            form.written.errors = faults
    return page.show(
        "together.html",
        422 if again else 200,
        title=page.t(command.ZH, command.EN),
        word=word,
        kind=page.t(lifecycle.zh, lifecycle.en),
        register=page.at("registers", lifecycle.path),
        form=form,
        is_done=is_sent and not again,
        lines=[
            {
                "case_id": case.id,
                "href": page.at("case", case.id),
                "text": values.titles.of(case.id).whole,
                "state": page.t(*lifecycle.states[case.state]),
                "version": each.version,
                "is_open": each.is_open,
                "page": each.page,
                "why": (each.told.said if each.told is not None else each.why) if not again else "",
                "clause": each.told.clause if each.told is not None else each.clause,
            }
            for case, each in lines
        ],
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """One of the cases: whether it may be done, or what came of it."""

    is_open: bool
    version: int
    why: str = ""
    clause: str | None = None
    page: int | None = None
    told: Told | None = None


def _asked(
    page: Page, lifecycle: Lifecycle[Any], command: type[Command], cases: list[Case]
) -> Iterator[tuple[Case, _Line]]:
    """Each with what speaks against it."""
    for case in cases:
        why = _why_not(page, lifecycle, command, case)
        said = page.t(why.zh, why.en) if why is not None else ""
        yield case, _Line(why is None, case.version, said, why.clause if why is not None else None)


def _why_not(page: Page, lifecycle: Lifecycle[Any], command: type[Command], case: Case) -> Refusal | None:
    whys = [lifecycle.why_not(command, case, Actor(page.identity.user_id, role)) for role in page.roles]
    told = sorted((why for why in whys if why is not None), key=lambda why: isinstance(why, NotPermitted))
    return None if None in whys else next(iter(told), None)


def _given(
    page: Page, lifecycle: Lifecycle[Any], command: type[Command], cases: list[Case], inputs: tuple[Input, ...]
) -> Iterator[tuple[Case, _Line]]:
    """Each given by itself, with what is known of it and what was written for all."""
    versions = {name.partition(":")[2]: value for name, value in page.form if name.startswith("version:")}
    for case in cases:
        sent = replace(page, form=_form_of(page, command, case, inputs, versions.get(case.id, "")))
        sent.began = case.round_began_at or case.opened_at
        answer = attempted(sent, lifecycle, {slug_of(command): command}, case.id)
        if isinstance(answer, Told):
            yield case, _Line(False, case.version, told=answer)
        else:
            yield case, _Line(False, case.version, page=answer["number"])


def _form_of(page: Page, command: type[Command], case: Case, inputs: tuple[Input, ...], version: str) -> Form:
    """The form of one case as its own page would send it, with what was written for all of them."""
    every = inputs_of(command, page.lang)
    said: Mapping[str, str] = begun(
        every, known_of(case, every), page.identity.user_id
    )  # of two of one name it is this one
    shown = {each.name for each in inputs}
    of_all = [(name, value) for name, value in page.form if name in shown]
    mine = [(name, value) for name, value in said.items() if name not in shown and value]
    key = f"{first(page.form, 'idempotency_key')[:100]}-{hashlib.sha256(case.id.encode()).hexdigest()[:16]}"
    return [*of_all, *mine, ("do", slug_of(command)), ("version", version), ("idempotency_key", key)]
