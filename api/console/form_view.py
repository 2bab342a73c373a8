"""A form as it is shown 表单呈现: its fields with what is known already, the offers beside them, and what was wrong."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from api.console.form_values import Written
from api.console.formatting import instant, on_day
from api.console.forms import BLANK_ROWS, Input, inputs_of
from api.console.titles import is_case_id
from api.console.values import Values
from api.routes.actions import slug_of
from domain.cases import BY_KIND, COMMAND_OF
from domain.handbook.clauses import CLAUSES
from domain.kernel.calendar import SHANGHAI, local_date, start_of_day
from domain.kernel.fact import Case, Command
from domain.kernel.money import yuan
from journal.confidential import is_token
from projections.engine.register import Register

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["FormView", "begun", "form_view", "known_of"]

_MOST_OFFERED: Final = 80
_MOST_NAMES: Final = 300
_FEW: Final = 4
_STAFF: Final = (
    "select person from wuye.r_staff where office = %s and to_number is null and open order by person limit %s"
)
_OWN_HAND: Final = frozenset(
    {"inspector_signature", "visitor_signature", "officer_signature", "done_by", "inspected_by", "registered_by"}
)
"""What is signed with one's own name."""
_ANEW: Final = frozenset(
    {
        "reason",
        "note",
        "result",
        "findings",
        "due_by",
        "promised_by",
        "told_at",
        "progress",
        "text",
        "measure",
        "person",
    }
)
"""What has to be said anew each time, whatever the case says of it."""


_DRAWN: Final = frozenset(
    {"borrower", "defects_signature", "officer_signature", "resident_signature", "returner_signature", "signed_by"}
)
"""Whose signature is drawn on the screen besides, where the kind of case keeps papers."""
_USUAL: Final = frozenset(
    {
        "category",
        "matter",
        "fault_kind",
        "priority",
        "department",
        "place",
        "contractor",
        "provider",
        "key_class",
        "building",
    }
)
_MOST_USUAL: Final = 40


@dataclass
class FormView:
    """One form on a page."""

    action: str
    title: str
    clause: str
    duty: str
    inputs: tuple[Input, ...]
    written: Written
    key: str
    version: int | None
    offers: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    said: str = ""
    """What the program says to the whole of it."""
    said_clause: str | None = None
    ahead: list[tuple[str, str]] = field(default_factory=list)
    """Times that are often promised."""
    days: list[tuple[str, str]] = field(default_factory=list)
    """Days that are often written."""
    names: list[str] = field(default_factory=list)
    usual: dict[str, list[str]] = field(default_factory=dict)
    """Words that were written before, the most frequent first."""
    late_open: bool = False
    may_be_late: bool = True
    """Whether it is asked when it happened."""
    hidden: dict[str, str] = field(default_factory=dict)
    """What is known and not shown."""
    draft: str = ""
    drawn: frozenset[str] = frozenset()
    """Fields beside which one signs with a finger."""

    def rows(self, each: Input) -> list[int]:
        """The rows of a list that are shown: those that were written, and a blank one."""
        prefix = f"{each.name}."
        taken = {
            int(n.split(".")[1]) for n in self.written.values if n.startswith(prefix) and n.split(".")[1].isdecimal()
        }
        last = max(taken, default=-1)
        return [*range(last + 1), *range(last + 1, last + 1 + BLANK_ROWS)]

    def is_folded(self, each: Input) -> bool:
        """Whether a list that few forms want, with many fields to a line, stands folded: nothing is written or wrong in it."""
        prefix = f"{each.name}."
        touched = any(
            name == each.name or name.startswith(prefix) for name in (*self.written.values, *self.written.errors)
        )
        return not each.required and len(each.within) > _FEW and not touched

    @property
    def faults(self) -> list[tuple[str, str, str]]:
        """What is wrong: field, its label, the words."""
        labels = {each.name: each.label for each in self.inputs}
        inner = {f"{each.name}:{sub.name}": sub.label for each in self.inputs for sub in each.within}
        found = []
        for name, words in self.written.errors.items():
            parts = name.split(".")
            label = labels.get(name) or inner.get(f"{parts[0]}:{parts[-1]}") or labels.get(parts[0], "")
            found.append((name, label, words))
        return found


def form_view(
    page: Page,
    command: type[Command],
    clause: str,
    action: str,
    *,
    written: Written | None = None,
    known: Mapping[str, str] | None = None,
    version: int | None = None,
    key: str | None = None,
    register: Register | None = None,
    inputs: tuple[Input, ...] | None = None,
) -> FormView:
    """The form of a command: empty but for what is known, or as somebody has filled it in."""
    inputs = inputs if inputs is not None else inputs_of(command, page.lang)
    if written is None:
        written = Written({name: [value] for name, value in begun(inputs, known, page.identity.name).items() if value})
    view = FormView(
        action=action,
        title=page.t(command.ZH, command.EN),
        clause=clause,
        duty=page.t(CLAUSES[clause].zh, CLAUSES[clause].en),
        inputs=inputs,
        written=written,
        key=key or secrets.token_urlsafe(18),
        version=version,
        draft=f"{page.identity.user_id}/{page.office}/{slug_of(command)}/{action}",
    )
    if command in COMMAND_OF and COMMAND_OF[command].of.PAPERS:
        view.drawn = _DRAWN & {each.name for each in inputs}
    view.offers = {each.name: _offered(page, each) for each in inputs if each.kind == "case" and each.of_kind}
    view.offers |= {name: found for name, found in written.offers.items() if found}
    _call(page, view)
    if register is not None:
        view.usual = {each.name: _usual(page, register, each.name) for each in inputs if _is_usual(register, each)}
    if any(each.kind == "person" for each in inputs):
        view.names = sorted({*page.kit.people.names().values(), *_codes(page)})[:_MOST_NAMES]
    if any(each.kind == "instant" for each in inputs):
        view.ahead = _ahead(page)
    if any(each.kind == "day" for each in inputs):
        view.days = _days(page)
    return view


def begun(inputs: tuple[Input, ...], known: Mapping[str, str] | None, own: str) -> dict[str, str]:
    """What stands in the fields before anybody writes: what is known, else what is usual; where one signs, ``own``."""
    said = {each.name: (known or {}).get(each.name, each.default) for each in inputs}
    return said | {each.name: own for each in inputs if each.name in _OWN_HAND and not said[each.name]}


def _days(page: Page) -> list[tuple[str, str]]:
    """Yesterday, today, tomorrow and the month's end."""
    today = local_date(page.now)
    last = (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    near = [(today + timedelta(days=n), on_day(today + timedelta(days=n), page.lang, page.now)) for n in (-1, 0, 1)]
    return [(on.isoformat(), word) for on, word in (*near, (last, page.t("月底", "the end of the month")))]


def _call(page: Page, view: FormView) -> None:
    """A case that is known already stands in its field by what it is called, never by its id."""
    known = {each.name: view.written.of(each.name) for each in view.inputs if each.kind == "case"}
    known = {name: said for name, said in known.items() if is_case_id(said)}
    known = {name: said for name, said in known.items() if said not in dict(view.offers.get(name, ()))}
    if known:
        values = Values(page)
        values.expect(known.values())
        for name, said in known.items():
            view.offers[name] = [(said, values.plain(values.case(said))), *view.offers.get(name, [])]


def _codes(page: Page) -> list[str]:
    """What the staff register calls those of its people who are there and have no account."""
    accounts = set(page.kit.people.names())
    with page.connect() as connection:
        rows = connection.execute(_STAFF, [page.office, _MOST_NAMES]).fetchall()
    return [person for (person,) in rows if person not in accounts]


def _is_usual(register: Register, each: Input) -> bool:
    """Whether a field is a column of the register in which few words are written again and again."""
    return each.kind == "text" and each.name in _USUAL and each.name not in register.sealed


def _usual(page: Page, register: Register, name: str) -> list[str]:
    if name not in {column.name for column in register.columns}:
        return []
    with page.connect() as connection:
        rows = connection.execute(
            f"select {name} from wuye.{register.table} where office = %s and to_number is null and {name} is not null"
            f" group by 1 order by count(*) desc, 1 limit {_MOST_USUAL}".encode(),
            [page.office],
        ).fetchall()
    return [row[0] for row in rows]


def _ahead(page: Page) -> list[tuple[str, str]]:
    """Now, and the ends of the next working days."""
    local = page.now.astimezone(SHANGHAI)
    made = [(local.strftime("%Y-%m-%dT%H:%M"), page.t("现在", "now"))]
    for days in (0, 1, 2, 3):
        at = start_of_day(local_date(page.now) + timedelta(days=days)) + timedelta(hours=18)
        if at > page.now:
            made.append((at.strftime("%Y-%m-%dT%H:%M"), instant(at, page.lang, page.now, near=True)))
    return made


def _offered(page: Page, each: Input) -> list[tuple[str, str]]:
    """The open cases of a kind, where they are few enough to choose from; else they are searched for as one types."""
    lifecycle = BY_KIND[each.of_kind]
    register = page.context.registers.by_name.get(lifecycle.path)
    if register is None or "open" not in {column.name for column in register.columns} or each.of_kind == "household":
        return []
    with page.connect() as connection:
        rows = connection.execute(
            f"select distinct case_id from wuye.{register.table} where office = %s and to_number is null and open"
            f" order by case_id desc limit {_MOST_OFFERED + 1}".encode(),
            [page.office],
        ).fetchall()
    if len(rows) > _MOST_OFFERED:
        return []
    values = Values(page)
    ids = [row[0] for row in rows]
    values.expect(ids)
    named = ((case_id, values.titles.of(case_id)) for case_id in ids)
    return sorted(((case_id, title.whole) for case_id, title in named), key=_second)


def _second(pair: tuple[str, str]) -> str:
    return pair[1]


def known_of(case: Case, inputs: tuple[Input, ...]) -> dict[str, str]:
    """What a case says already of the fields of a form: nobody is asked again what is known."""
    known = {}
    for each in inputs:
        if each.name in _ANEW or each.kind in ("records", "choices", "cases", "fields", "instant"):
            continue
        value: Any = getattr(case, each.name, None)
        if each.kind == "texts":
            if isinstance(value, tuple) and value:
                known[each.name] = "\n".join(str(part) for part in value)
            continue
        if value is None or is_token(value) or isinstance(value, bool):
            continue
        if isinstance(value, StrEnum):
            known[each.name] = value.value
        elif isinstance(value, str):
            known[each.name] = value
        elif isinstance(value, int):
            known[each.name] = yuan(value) if each.kind in ("money", "area", "decimal") else str(value)
    for name in ("done_by", "visitor"):
        who = getattr(case, "responsible", None) or getattr(case, "worker", None) or getattr(case, "visitor", None)
        if any(each.name == name for each in inputs) and isinstance(who, str) and not is_token(who):
            known.setdefault(name, who)
    return known
