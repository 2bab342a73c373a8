"""The page of a case 事项页面: where it stands and what must happen by when; what may be done and why the rest may not;
its facts as sentences; what it is linked to; and how all of this stood at any fact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from api.console.case_papers import case_papers
from api.console.form_values import Written
from api.console.form_view import FormView, form_view, known_of
from api.console.formatting import instant, left
from api.console.forms import correction_inputs, inputs_of
from api.console.letters import known_of_letters
from api.console.lifecycle_drawing import drawing
from api.console.next_step import fulfilling
from api.console.next_task import following, is_wanted
from api.console.own_pages import acted_at, has_page, own_page
from api.console.page import Kit, Page, office_page
from api.console.papers import papers_of
from api.console.people import role_name
from api.console.printing import pdfs_of
from api.console.register_views import default_columns, title_column
from api.console.registers import state_class
from api.console.related import related
from api.console.timeline import lines
from api.console.titles import kind_of
from api.console.values import Values
from api.routes.actions import checked_id, slug_of
from api.routes.cases import choices, fact_view
from domain.cases import BY_KIND
from domain.kernel.errors import NotFound, NotPermitted, Refusal, WrongState
from domain.kernel.fact import Case, Command, Fact
from domain.kernel.late_entries import GENERIC as OF_LATE_ENTRIES
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.mending import GENERIC as OF_MISTAKES
from domain.kernel.mending import CorrectEntry
from domain.kernel.people import Actor, Role
from projections.engine.choices import choice_pairs_of
from projections.engine.register import Register

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["barred_of", "case_page", "routes"]

_MENDS: Final = OF_MISTAKES | OF_LATE_ENTRIES
_OWED: Final = """
select d.line, d.due_at, d.missed_at, d.clause, d.zh, d.en, d.role, coalesce(a.person, d.person), d.gives
  from wuye.r_deadlines d left join wuye.r_assignments a
    on a.office = d.office and a.of_case = d.case_id and a.task = d.line and a.to_number is null and a.open
 where d.office = %s and d.case_id = %s and d.to_number is null and d.role <> 'clock' order by d.due_at
"""


def routes(kit: Kit) -> list[Route]:
    """One address for every case: its kind stands in its id."""
    return [office_page(kit, "/case/{case_id:path}", lambda page: case_page(page, page.request.path_params["case_id"]))]


@dataclass(frozen=True, slots=True)
class Owed:
    """What the case owes a date."""

    text: str
    due: str
    left: str
    who: str
    clause: str
    css: str
    gives: str
    is_over: bool
    at: datetime


def case_page(
    page: Page,
    case_id: str,
    doing: type[Command] | None = None,
    *,
    written: Written | None = None,
    key: str | None = None,
    tell: Callable[[FormView], None] = lambda _form: None,
) -> Response:
    """The page; ``doing`` is the action whose form was sent and is shown again with what was wrong."""
    lifecycle = BY_KIND.get(case_id.partition("-")[0])
    if lifecycle is None:
        raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")
    checked_id(lifecycle, case_id)
    case, facts = page.context.handler.history(page.office, case_id)
    upto = _past(page, facts)
    then = page.context.handler.case(page.office, case_id, until=upto) if upto is not None else case
    views = [fact_view(fact) for fact in facts]
    row = _row(page, lifecycle, case_id, upto)
    page.reader.open([*views, *([row] if row else [])], lifecycle.path)
    values = Values(page)
    values.expect([row, *(view["data"] for view in views)])
    values.titles.look_up([case_id])
    owed = _owed(page, then, lifecycle, past=upto is not None)
    seen = facts if upto is None else [fact for fact in facts if fact.number <= upto]
    actions = _actions(page, lifecycle, case, row, owed, doing, written, key, tell) if upto is None else {}
    position = len(seen)
    done = page.query("done") if page.query("done").isdecimal() else ""
    return page.show(
        "case.html",
        409 if written is not None else 200,
        case=then,
        lifecycle=lifecycle,
        kind=page.t(lifecycle.zh, lifecycle.en),
        register=page.at("registers", lifecycle.path),
        title=_title(page, values, case_id, row, lifecycle),
        state=page.t(*lifecycle.states[then.state]),
        state_css=_state_css(lifecycle, then, row, owed),
        stands=_stands(page, lifecycle, then, owed),
        sheet=_sheet(page, lifecycle, row, values),
        everything=_everything(page, lifecycle, row, values),
        owed=owed,
        timeline=lines(page, values, lifecycle, facts, {view["number"]: view["data"] for view in views}, upto),
        drawing=drawing(page, lifecycle, seen, then.state),
        position=position,
        count=len(facts),
        late_entries=sum(fact.late is not None for fact in seen),
        past=upto,
        moment=instant(seen[-1].occurred_at, page.lang, page.now),
        stops=_stops(page, lifecycle, facts, case_id),
        linked=related(page, values, case_id, [row, *(view["data"] for view in views)]),
        papers=[*papers_of(page, lifecycle, case_id), *pdfs_of(page, lifecycle, case)],
        own=own_page(page, case),
        filed=case_papers(page, case) if upto is None else None,
        done=done,
        after=page.query("after") if kind_of(page.query("after")) else "",
        following=following(page, case_id) if done and not page.query("after") else None,
        onward=is_wanted(page),
        **({"may": [], "doing_form": None, "barred": [], "waiting": [], "doing_word": ""} | actions),
    )


def _past(page: Page, facts: Sequence[Fact]) -> int | None:
    """The page of the book up to which one looks; None for how it stands."""
    raw = page.query("as_of")
    if not raw.isdecimal():
        return None
    asked = int(raw[:15])
    number = max((fact.number for fact in facts if fact.number <= asked), default=facts[0].number)
    return number if number < facts[-1].number else None


# -- what is known ---------------------------------------------------------------------------------------------------


def _register(page: Page, lifecycle: Lifecycle[Any]) -> Register | None:
    return page.context.registers.by_name.get(lifecycle.path)


def _row(page: Page, lifecycle: Lifecycle[Any], case_id: str, upto: int | None) -> dict[str, Any] | None:
    """The case's line in its own register, as it stood then."""
    register = _register(page, lifecycle)
    if register is None:
        return None
    names = [column.name for column in register.columns]
    stands = (
        "to_number is null"
        if upto is None
        else "from_number <= %(upto)s and (to_number is null or to_number > %(upto)s)"
    )
    with page.connect() as connection:
        found = connection.execute(
            f"select case_id, {', '.join(names)} from wuye.{register.table}"
            f" where office = %(office)s and case_id = %(case)s and {stands} order by line limit 1".encode(),
            {"office": page.office, "case": case_id, "upto": upto},
        ).fetchone()
    return dict(zip(("case_id", *names), found, strict=True)) if found is not None else None


def _title(
    page: Page, values: Values, case_id: str, row: dict[str, Any] | None, lifecycle: Lifecycle[Any]
) -> dict[str, Any]:
    title = values.titles.of(case_id)
    kind = page.t(lifecycle.zh, lifecycle.en)
    household = row.get("household") if row else None
    home = title.home or (values.titles.of(household).home if household else None)
    return {"text": title.text if title.text != kind or home is None else kind, "home": home, "household": household}


def _sheet(page: Page, lifecycle: Lifecycle[Any], row: dict[str, Any] | None, values: Values) -> list[tuple[str, Any]]:
    """What the register shows of it first, without what stands in the header already."""
    register = _register(page, lifecycle)
    if register is None or row is None:
        return []
    choices_ = choice_pairs_of(register)
    shown = [name for name in default_columns(register) if name not in ("state", "home", "zh")]
    made = []
    for name in shown:
        said = values.said(row[name], name, choices_.get(name), register.row.__name__)
        if said != "" and name != title_column(register):
            made.append((values.label(name, register.row.__name__), said))
    return made


def _everything(
    page: Page, lifecycle: Lifecycle[Any], row: dict[str, Any] | None, values: Values
) -> list[tuple[str, Any]]:
    """Every column that says something."""
    register = _register(page, lifecycle)
    if register is None or row is None:
        return []
    choices_ = choice_pairs_of(register) | {"state": dict(lifecycle.states)}
    hidden = {"source_id", "version", "imported"}
    made = ((name, row[name]) for name in (c.name for c in register.columns) if name not in hidden)
    return [
        (values.label(name, register.row.__name__), said)
        for name, value in made
        if value not in (None, "", False, 0)
        and (said := values.said(value, name, choices_.get(name), register.row.__name__)) != ""
    ]


def _state_css(lifecycle: Lifecycle[Any], case: Case, row: dict[str, Any] | None, owed: Sequence[Owed]) -> str:
    if owed and owed[0].is_over:
        return "st-late"
    return state_class(lifecycle, {"state": case.state, "open": (row or {}).get("open")})


def _owed(page: Page, case: Case, lifecycle: Lifecycle[Any], *, past: bool) -> list[Owed]:
    if past:
        return [
            Owed(
                page.t(due.zh, due.en),
                instant(due.due_at, page.lang, page.now, ends=True),
                "",
                "",
                due.clause,
                "",
                due.gives,
                False,
                due.due_at,
            )
            for due in sorted(lifecycle.due(case), key=lambda each: each.due_at)
        ]
    with page.connect() as connection:
        rows = connection.execute(_OWED, [page.office, case.id]).fetchall()
    made = []
    for _line, due_at, missed_at, clause, zh, en, role, person, gives in rows:
        over = missed_at is not None or due_at <= page.now
        who = page.kit.people.name(person, page.lang) if person else role_name(Role(role), page.lang)
        soon = not over and (due_at - page.now).total_seconds() < 86_400
        css = "st-late" if over else "st-soon" if soon else ""
        said = instant(due_at, page.lang, page.now, ends=True, near=True)
        made.append(
            Owed(page.begins(zh, en), said, left(due_at, page.lang, page.now), who, clause, css, gives, over, due_at)
        )
    return made


def _stands(page: Page, lifecycle: Lifecycle[Any], case: Case, owed: Sequence[Owed]) -> tuple[str, str]:
    """What must happen by when, in one sentence: the weighty part, and the rest."""
    if not owed:
        if case.state in lifecycle.final and case.state != next(iter(lifecycle.states)):
            return "", page.t("已经了结，不再有要办的事。", "It is finished; nothing more is owed.")
        return "", page.t("现在没有期限在走。", "No deadline is running now.")
    next_ = owed[0]
    who = page.t(f"，由{next_.who}", f", {next_.who}") if next_.who else ""
    if next_.is_over:
        weighty = page.t(f"{next_.text}，{next_.due} 已到期，", f"{next_.text}: was due {next_.due}, ")
        return weighty, page.t(f"{next_.left}{who}。", f"{next_.left}{who}.")
    weighty = page.t(f"{next_.due} 前{next_.text}，", f"{next_.text} by {next_.due}, ")
    rest = next_.left or page.t("当时尚未到期", "not yet due then")
    return weighty, page.t(f"{rest}{who}。", f"{rest}{who}.")


def _stops(page: Page, lifecycle: Lifecycle[Any], facts: Sequence[Fact], case_id: str) -> list[dict[str, Any]]:
    """A stop of the slider for every fact."""
    breaches = {breach.event for breach in lifecycle.breaches}
    made = []
    before = ""
    for number, fact in enumerate(facts, 1):
        on = instant(fact.occurred_at, page.lang, page.now).rpartition(" ")[0]
        css = "bad" if type(fact.event) in breaches else "late" if fact.late is not None else ""
        made.append(
            {
                "number": number,
                "day": on if on != before else "",
                "css": css,
                "href": page.at("case", case_id, as_of=fact.number)
                if number < len(facts)
                else page.at("case", case_id),
                "said": f"{instant(fact.occurred_at, page.lang, page.now)} {page.t(fact.event.ZH, fact.event.EN)}",
            }
        )
        before = on
    return made


# -- what may be done ------------------------------------------------------------------------------------------------


def _actions(
    page: Page,
    lifecycle: Lifecycle[Any],
    case: Case,
    row: dict[str, Any] | None,
    owed: Sequence[Owed],
    doing: type[Command] | None,
    written: Written | None,
    key: str | None,
    tell: Callable[[FormView], None],
) -> dict[str, Any]:
    found = choices(lifecycle, case, [Actor(page.identity.user_id, role) for role in page.roles])
    wanted = page.query("do")
    chosen = doing or next((each for each in found.permitted if slug_of(each) == wanted), None)
    if chosen is None and wanted != "none" and owed:
        chosen = fulfilling(lifecycle, owed[0].gives, case.state, found.permitted)
        chosen = None if chosen is not None and has_page(chosen) else chosen
    form = None
    if chosen is not None:
        rows = lifecycle.open_to(case.state, chosen)
        clause = rows[0].clause if rows else lifecycle.clause_of(chosen)
        inputs = inputs_of(chosen, page.lang)
        if chosen is CorrectEntry:
            which = written.of("field") if written is not None else page.query("field")
            inputs = correction_inputs(lifecycle.of, which, page.lang)
        known = known_of(case, inputs) | {each.name: page.query(each.name) for each in inputs if page.query(each.name)}
        known |= known_of_letters(page, chosen, case, row)
        action = page.at("do", slug_of(chosen), case.id)
        form = form_view(
            page,
            chosen,
            clause,
            action,
            written=written,
            known=known,
            version=case.version,
            key=key,
            register=_register(page, lifecycle),
            inputs=inputs,
        )
        tell(form)
    return {
        "may": [
            (
                slug_of(each),
                page.t(each.ZH, each.EN),
                lifecycle.open_to(case.state, each)[0].clause,
                acted_at(page, each, case.id),
            )
            for each in found.permitted
            if each is not chosen
        ],
        "doing_form": form,
        "doing_word": slug_of(chosen) if chosen is not None else "",
        "barred": [barred_of(page, each, why) for each, why in found.refused if not _is_quiet(each, why)],
        "waiting": [barred_of(page, each, why) for each, why in found.refused if _is_quiet(each, why)],
    }


def _is_quiet(command: type[Command], why: Refusal) -> bool:
    """What waits for another state, and what mends mistakes where there is none: told to whoever asks."""
    return isinstance(why, WrongState) or (command in _MENDS and not isinstance(why, NotPermitted))


def barred_of(page: Page, command: type[Command], why: Refusal) -> tuple[str, str, str | None]:
    """What may not be done, and why; the action's name, which stands beside it, is not said twice."""
    said = page.t(why.zh, why.en)
    if isinstance(why, WrongState):
        said = said.partition(page.t("，", "; "))[2] or said
    said = said.replace(page.t(f"「{command.ZH}」", f"“{command.EN}” "), "", 1)
    return page.t(command.ZH, command.EN), said, why.clause
