"""Paper 纸面: a case printed as the handbook's form, filled or blank, singly or for a whole period; A4, black on white."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup
from starlette.responses import Response

from api.console.codes import drawn
from api.console.formatting import day, instant
from api.console.letters import composed
from api.console.page import Kit, Page, office_page
from api.console.paper_forms import FORMS, Block, Box, Form, Table, forms_of
from api.console.register_query import period_in
from api.console.resident_links import ASKED_ABOUT, code_of
from api.console.titles import kind_of
from api.console.values import Values
from api.routes.actions import checked_id
from domain.cases import BY_KIND, BY_PATH
from domain.complaints.complaint.events import ReplyLetterSent
from domain.kernel.calendar import end_of_day, start_of_day
from domain.kernel.errors import NotFound
from domain.kernel.lifecycle.ask import Lifecycle
from projections.engine.choices import choice_pairs_of
from projections.engine.register import Register

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["papers_of", "routes"]

_MOST: Final = 200
"""Sheets that are printed in one go."""
_PLAIN: Final = "sheet"
_HIDDEN: Final = frozenset({"source_id", "version", "imported", "open", "case_id", "line"})


def routes(kit: Kit) -> list[Route]:
    """One case's form, all of a period, and a blank one."""
    return [
        office_page(kit, "/print/{form}/blank", _blank),
        office_page(kit, "/print/{form}/all", _many),
        office_page(kit, "/print/letter/{case_id:path}", _letter),
        office_page(kit, "/print/{form}/{case_id:path}", _one),
    ]


def papers_of(page: Page, lifecycle: Lifecycle[Any], case_id: str) -> list[tuple[str, str]]:
    """Address and name of each form a case can be printed as."""
    made = [(page.at("print", form.slug, case_id), form.title) for form in forms_of(lifecycle.path)]
    if lifecycle.path == "complaints":
        made.append((page.at("print", "letter", case_id), page.t("函复", "the letter of reply")))
    if lifecycle.kind in ASKED_ABOUT:
        made.append((page.at("invite", case_id), page.t("住户二维码", "the resident's code")))
    if not forms_of(lifecycle.path) and lifecycle.path in page.context.registers.by_name:
        made.insert(0, (page.at("print", _PLAIN, case_id), page.t(f"{lifecycle.zh}登记表", f"{lifecycle.en} sheet")))
    return made


@dataclass
class Cell:
    """One labelled cell of a sheet, ready for the page."""

    label: str
    said: Any = ""
    wide: bool = False
    tall: bool = False
    boxes: list[tuple[str, bool]] = field(default_factory=list)
    signs: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Part:
    """One part of a sheet: lines of cells, or a table."""

    title: str
    lines: list[list[Cell]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)


@dataclass
class Sheet:
    """One sheet of paper."""

    title: str
    clause: str
    parts: list[Part]
    address: str = ""
    code: Markup = field(default_factory=Markup)
    theirs: Markup | None = None
    """For the resident's telephone."""
    told: str = ""


# -- the pages -------------------------------------------------------------------------------------------------------


def _form(page: Page) -> Form:
    form = next((each for each in FORMS if each.slug == page.request.path_params["form"]), None)
    if form is None:
        raise NotFound("page-unknown", None, zh="没有这种表格", en="there is no such form")
    return form


def _one(page: Page) -> Response:
    case_id = page.request.path_params["case_id"]
    lifecycle = BY_KIND.get(case_id.partition("-")[0])
    if lifecycle is None:
        raise NotFound("case-unknown", None, zh="没有这件事项", en="there is no such case")
    checked_id(lifecycle, case_id)
    form = None if page.request.path_params["form"] == _PLAIN else _form(page)
    if form is not None and form.path != lifecycle.path:
        raise NotFound("page-unknown", None, zh="没有这种表格", en="there is no such form")
    page.context.handler.case(page.office, case_id)  # an id without a case is not found
    sheets = list(_sheets(page, lifecycle, form, [case_id]))
    return _shown(page, sheets, back=page.at("case", case_id), form=form)


def _many(page: Page) -> Response:
    """All cases of a period, one sheet each: a day, a month, a building in one go."""
    form = _form(page)
    chosen = [each for each in page.request.query_params.getlist("case") if kind_of(each) == BY_PATH[form.path].kind]
    if chosen:
        return _chosen(page, form, list(dict.fromkeys(chosen))[:_MOST])
    since, until = period_in(page)
    register = page.context.registers.by_name[form.path]
    names = {column.name for column in register.columns}
    home = page.query("home")[:50]
    where = " and home like %(home)s" if home and "home" in names else ""
    with page.connect() as connection:
        rows = connection.execute(
            f"select case_id from wuye.{register.table} where office = %(office)s and to_number is null"
            f" and opened_at >= %(since)s and opened_at < %(until)s{where} order by opened_at, case_id limit {_MOST + 1}".encode(),
            {
                "office": page.office,
                "since": start_of_day(since),
                "until": end_of_day(until),
                "home": f"{home.replace('%', '').replace('_', '')}%",
            },
        ).fetchall()
    ids = list(dict.fromkeys(row[0] for row in rows))
    sheets = list(_sheets(page, BY_PATH[form.path], form, ids[:_MOST]))
    said = f"{day(since, page.lang, page.now)} – {day(until, page.lang, page.now)}"
    return _shown(
        page,
        sheets,
        back=page.at("registers", form.path),
        form=form,
        many=(said, len(ids) > _MOST),
        asked=(since, until, home),
    )


def _chosen(page: Page, form: Form, ids: list[str]) -> Response:
    """Those that were ticked in the register, one sheet each."""
    for case_id in ids:
        page.context.handler.case(page.office, case_id)  # an id without a case is not found
    sheets = list(_sheets(page, BY_PATH[form.path], form, ids))
    return _shown(
        page, sheets, back=page.at("registers", form.path), form=form, many=(page.t("选中的", "the chosen ones"), False)
    )


def _blank(page: Page) -> Response:
    form = _form(page)
    register = page.context.registers.by_name[form.path]
    parts = list(_parts(page, Values(page, on_paper=True), register, form, {}, {}))
    sheet = Sheet(form.title, form.clause, parts, told=page.t("空白表", "a blank form"))
    return _shown(page, [sheet], back=page.at("registers", form.path), form=form)


def _letter(page: Page) -> Response:
    """The letter as it was sent; before that, as it would be."""
    case_id = page.request.path_params["case_id"]
    lifecycle = BY_PATH["complaints"]
    checked_id(lifecycle, case_id)
    _, facts = page.context.handler.history(page.office, case_id)
    sent = next((fact for fact in reversed(facts) if isinstance(fact.event, ReplyLetterSent)), None)
    row = _rows(page, page.context.registers.by_name["complaints"], [case_id]).get(case_id, {})
    told: dict[str, Any] = {"case_id": case_id}
    if sent is not None and isinstance(sent.event, ReplyLetterSent):
        told |= {"text": sent.event.text}
    page.reader.open([row, told], "complaints")
    text = told.get("text") or composed(page, row)["text"]
    return page.show(
        "paper_letter.html",
        text=text,
        is_sent=sent is not None,
        sent=instant(sent.occurred_at, page.lang, page.now) if sent is not None else "",
        back=page.at("case", case_id),
        office=page.kit.office_name(page.office),
        code=_code(page, case_id),
        theirs=code_of(page, case_id),
        invite=page.at("invite", case_id),
    )


def _shown(
    page: Page,
    sheets: Sequence[Sheet],
    *,
    back: str,
    form: Form | None,
    many: tuple[str, bool] | None = None,
    asked: tuple[Any, Any, str] | None = None,
) -> Response:
    return page.show(
        "paper.html",
        sheets=sheets,
        back=back,
        office=page.kit.office_name(page.office),
        blank=page.at("print", form.slug, "blank") if form is not None else None,
        all=page.at("print", form.slug, "all") if form is not None else None,
        many=many,
        asked=asked,
        printed=f"{Values(page, on_paper=True).plain(page.now)}打印，打印人{page.identity.name}",
    )


# -- the sheets ------------------------------------------------------------------------------------------------------


def _sheets(page: Page, lifecycle: Lifecycle[Any], form: Form | None, ids: list[str]) -> Iterator[Sheet]:
    register = page.context.registers.by_name[lifecycle.path]
    rows = _rows(page, register, ids)
    tables = _tables(page, form, ids)
    opened = [*rows.values(), *(row for found in tables.values() for each in found.values() for row in each)]
    page.reader.open(opened, f"{lifecycle.path}/paper" if form is None else lifecycle.path)
    values = Values(page, on_paper=True)
    values.expect(opened)
    values.titles.look_up(ids)
    for case_id in ids:
        row = rows.get(case_id, {})
        mine = {title: found.get(case_id, []) for title, found in tables.items()}
        parts = (
            list(_parts(page, values, register, form, row, mine))
            if form
            else [_plain(values, register, lifecycle, row)]
        )
        title = form.title if form is not None else f"{lifecycle.zh}登记表"
        yield Sheet(
            title,
            form.clause if form is not None else lifecycle.clauses,
            parts,
            page.at("case", case_id),
            _code(page, case_id),
            code_of(page, case_id) if form is not None and lifecycle.kind in ASKED_ABOUT else None,
            page.t("扫码打开这一件，可看每一步何时发生、何时记入。", "The code opens the case with every step."),
        )


def _rows(page: Page, register: Register, ids: list[str]) -> dict[str, dict[str, Any]]:
    names = ["case_id", *(column.name for column in register.columns)]
    with page.connect() as connection:
        found = connection.execute(
            f"select {', '.join(names)} from wuye.{register.table}"
            " where office = %s and case_id = any(%s) and to_number is null order by case_id, line".encode(),
            [page.office, ids],
        ).fetchall()
    rows: dict[str, dict[str, Any]] = {}
    for each in found:
        rows.setdefault(each[0], dict(zip(names, each, strict=True)))
    return rows


def _tables(page: Page, form: Form | None, ids: list[str]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Title of the table → case → its rows."""
    made: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for part in form.parts if form is not None else ():
        if not isinstance(part, Table):
            continue
        register = page.context.registers.by_name[part.register]
        names = ["case_id", *(column.name for column in register.columns)]
        with page.connect() as connection:
            found = connection.execute(
                f"select {part.by} as of_case, {', '.join(names)} from wuye.{register.table}"
                f" where office = %s and {part.by} = any(%s) and to_number is null order by case_id, line".encode(),
                [page.office, ids],
            ).fetchall()
        for each in found:
            row = dict(zip(names, each[1:], strict=True))
            made.setdefault(part.title, {}).setdefault(each[0], []).append(row)
    return made


def _parts(
    page: Page,
    values: Values,
    register: Register,
    form: Form,
    row: Mapping[str, Any],
    tables: Mapping[str, list[dict[str, Any]]],
) -> Iterator[Part]:
    choices = choice_pairs_of(register)
    for part in form.parts:
        if isinstance(part, Table):
            yield _table(page, values, part, tables.get(part.title, []))
        else:
            yield Part(part.title, list(_lines(_cells(values, part, row, choices))))


def _cells(
    values: Values, block: Block, row: Mapping[str, Any], choices: Mapping[str, Mapping[str, tuple[str, str]]]
) -> Iterator[Cell]:
    for each in block.cells:
        value = row.get(each.column)
        label = each.label or values.label(each.column)
        if isinstance(each, Box):
            options = each.options or tuple((key, pair[0]) for key, pair in choices.get(each.column, {}).items())
            open_yet = value is False and each.settled and row.get(each.settled) is None and row.get("open", True)
            chosen = "" if open_yet else str(value)
            yield Cell(label, wide=len(options) > 2, boxes=[(word, chosen == key) for key, word in options])
            continue
        said = values.plain(value, each.column, choices.get(each.column))
        if each.column == "home" and not said and row.get("household"):
            said = values.plain(values.home_of(row["household"]))
        signs = [(word, values.plain(row.get(name)) if name else "") for word, name in each.signs]
        yield Cell(label, said, each.wide, each.tall, signs=signs)


def _lines(cells: Iterator[Cell]) -> Iterator[list[Cell]]:
    """Two cells to a line; a wide one alone. A cell that stays alone takes the line."""
    waiting: list[Cell] = []
    for cell in cells:
        if cell.wide or cell.tall:
            if waiting:
                yield _alone(waiting)
                waiting = []
            cell.wide = True
            yield [cell]
            continue
        waiting.append(cell)
        if len(waiting) == 2:
            yield waiting
            waiting = []
    if waiting:
        yield _alone(waiting)


def _alone(cells: list[Cell]) -> list[Cell]:
    cells[0].wide = True
    return cells


def _table(page: Page, values: Values, table: Table, rows: Sequence[Mapping[str, Any]]) -> Part:
    register = page.context.registers.by_name[table.register]
    choices = choice_pairs_of(register)
    happened = next((name for name, _ in table.columns if name.endswith(("_on", "_at"))), None)
    lines = [
        [
            "" if row.get(name) == 0 and happened and row.get(happened) is None else said
            for name, _ in table.columns
            for said in (values.plain(row.get(name), name, choices.get(name)),)
        ]
        for row in rows
    ]
    return Part(
        table.title,
        heads=[head for _, head in table.columns],
        rows=[*lines, *([""] * len(table.columns) for _ in range(table.blanks if lines else max(table.blanks, 3)))],
    )


def _plain(values: Values, register: Register, lifecycle: Lifecycle[Any], row: Mapping[str, Any]) -> Part:
    """Whatever the register knows of the case, in its order."""
    choices = choice_pairs_of(register) | {"state": dict(lifecycle.states)}
    cells = []
    for column in register.columns:
        said = values.plain(row.get(column.name), column.name, choices.get(column.name))
        if column.name not in _HIDDEN and said not in ("", "0", "否", "no"):
            cells.append(Cell(values.label(column.name, register.row.__name__), said, wide=len(said) > 24))
    cells.append(Cell("签名", wide=True, tall=True, signs=[("经办人", ""), ("负责人", ""), ("日期", "")]))
    return Part(lifecycle.zh, list(_lines(iter(cells))))


def _code(page: Page, case_id: str) -> Markup:
    """A code that opens the case."""
    return drawn(f"{str(page.request.base_url).rstrip('/')}{page.at('case', case_id)}")
