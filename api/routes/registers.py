"""Registers 登记簿 over HTTP: filters per column, order, cursor, search, any past page; JSON, CSV or a workbook."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

from api.http import cursor as cursors
from api.http.context import PRIVATE, ApiContext, Reader, hide
from api.http.documents import INSTANT, answered, json_type, parameter, ref
from api.http.listing import MOST_ROWS, Listing, Malformed, Plan, Sort, parse, whole
from api.http.people_names import with_names
from api.http.problems import malformed
from api.http.text import LINE, MOST_NUMBER, NOT_IN_LINE, SHORT
from api.http.workbook import KIND, pieces, written
from api.routes.actions import checked_id
from api.routes.search import index_of, kind_of
from domain.cases import BY_PATH
from domain.kernel.calendar import SHANGHAI
from domain.kernel.errors import NotFound, RuleBroken
from domain.kernel.names import NameKind
from domain.kernel.people import Actor, Role
from domain.residents.register_export import LIFECYCLE as EXPORT
from domain.residents.register_export import HandOutRegister
from journal.book import Book
from projections.engine.register import Column, Register
from workflows.engine.request import CommandRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

__all__ = ["csv_head", "csv_line", "filter_schema", "filters_of", "looked_for", "neutral", "router", "schema_name"]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that some spreadsheet executes; those of an East Asian setting take the wide signs too."""
_FORMS: Final = ("json", "csv", "xlsx")
_FILE: Final = "text/csv; charset=utf-8"
_COMMON: Final = ("sort", "cursor", "limit", "as_of", "q", "format", "export")
_FILES: Final = {"csv": ("text/csv", {"type": "string"}), "xlsx": (KIND, {"type": "string", "format": "binary"})}
_OF_ROWS: Final = ("limit", "format")
"""What a page of rows is asked with and a whole file is not."""


def router(context: ApiContext) -> APIRouter:
    """A route per register for its rows, a kind of case's own also at the kind's address; and one per form of file."""
    made = APIRouter()
    for register in context.registers.all:
        plan = Plan(register)
        word = register.name.replace("-", "_")
        paths = {f"/offices/{{office}}/registers/{register.name}": f"register_{word}"}
        if register.name in BY_PATH:
            paths[f"/offices/{{office}}/{register.name}"] = f"list_{word}"
        for path, operation in paths.items():
            made.add_api_route(
                path,
                _rows(context, plan),
                methods=["GET"],
                operation_id=operation,
                tags=[register.name],
                summary=f"{register.zh} / {register.en}",
                responses=answered(ref(schema_name(register))),
                response_model=None,
                openapi_extra={"parameters": _parameters(plan)},
            )
    for form, (kind, schema) in _FILES.items():
        made.add_api_route(
            f"/offices/{{office}}/registers/{{register}}.{form}",
            _file(context, form),
            methods=["GET"],
            operation_id=f"export_register_{form}",
            tags=["registers"],
            summary=f"整本登记簿（{form}）/ a whole register as {form}",
            responses=answered(None, files={kind: schema}),
            response_model=None,
            response_class=Response,
            openapi_extra={"parameters": _of_files(context)},
        )
    return made


def schema_name(register: Register) -> str:
    """The name of the schema of one page of this register."""
    return f"Register.{register.name}"


def _rows(context: ApiContext, plan: Plan) -> Callable[..., Response]:
    def get(request: Request, office: str) -> Response:
        reader = context.reader(request, office)
        try:
            listing = _asked(reader, plan, request, _COMMON)
            form = _form(request)
        except Malformed as wrong:
            return malformed([wrong.fault])
        if form != "json":
            return _as_file(reader, listing, form, request.query_params.get("export"))
        with context.within(office) as connection:
            head = Book(connection, office).head()
            rows, following = listing.rows(connection)
        reader.open(rows, plan.register.name)
        page = listing.page if listing.page is not None else head[0] if head else 0
        return with_names(
            context.names, {"register": plan.register.name, "as_of": page, "rows": rows, "next": following}
        )

    return get


def _file(context: ApiContext, form: str) -> Callable[..., Response]:
    plans = {register.name: Plan(register) for register in context.registers.all}
    known = tuple(name for name in _COMMON if name not in _OF_ROWS)
    names = Path(description="登记簿 / register", json_schema_extra={"enum": list(plans)})

    def get(request: Request, office: str, register: str = names) -> Response:
        reader = context.reader(request, office)
        if register not in plans:
            raise NotFound("register-unknown", None, zh="没有这本登记簿", en="there is no such register")
        try:
            listing = _asked(reader, plans[register], request, known)
        except Malformed as wrong:
            return malformed([wrong.fault])
        return _as_file(reader, listing, form, request.query_params.get("export"))

    return get


def _asked(reader: Reader, plan: Plan, request: Request, known: Collection[str]) -> Listing:
    context, office = reader.context, reader.office
    listing = Listing(plan, office, sort=plan.default_sort)
    query = _once_each(plan, request, known)
    for name, raw in query.items():
        if name not in _COMMON:
            listing.where(name, _called(reader, raw) if plan.named.get(name) is NameKind.PERSON else raw)
    if "q" in query:
        _check_text("q", query["q"])
        listing.search(query["q"], looked_for(reader, plan, query["q"]))
    if "sort" in query:
        column = query["sort"].removeprefix("-")
        if column not in plan.sortable:
            raise Malformed("sort", "enum", expected=plan.sortable)
        listing.sort = Sort(column, query["sort"].startswith("-"))
    if "limit" in query:
        listing.limit = _limit(query["limit"])
    if "as_of" in query:
        listing.page = context.page(office, _as_of(query["as_of"]))
    if "cursor" in query:
        if not re.search(cursors.PATTERN, query["cursor"]):
            raise Malformed("cursor", "string_pattern")
        listing.start_after(query["cursor"])
    return listing


def _called(reader: Reader, raw: str) -> str:
    """What the book calls the person that is asked for."""
    with reader.context.within(reader.office) as connection:
        return reader.context.handler.people.called(connection, reader.office, raw)


def looked_for(reader: Reader, plan: Plan, words: str) -> list[list[str]]:
    """Of whom the words may speak, for a reader who is shown whom he finds."""
    register = plan.register
    if not register.found_by or not reader.sees_personal(kind_of(register)):
        return []
    return index_of(reader.context, reader.office).asked(words)


def _once_each(plan: Plan, request: Request, known: Collection[str]) -> dict[str, str]:
    query: dict[str, str] = {}
    for name, raw in request.query_params.multi_items():
        if name not in plan.filters and name not in known:
            raise Malformed(name, "parameter_unknown")
        if name in query:
            raise Malformed(name, "parameter_repeated")
        query[name] = raw
    return query


def _check_text(name: str, raw: str) -> None:
    if len(raw) > SHORT:
        raise Malformed(name, "string_too_long", max_length=SHORT)
    if NOT_IN_LINE.search(raw):
        raise Malformed(name, "text_character")


def _limit(raw: str) -> int:
    try:
        limit = whole(raw)
    except ValueError as wrong:
        raise Malformed("limit", "int_type") from wrong
    if not 1 <= limit <= MOST_ROWS:
        if limit < 1:
            raise Malformed("limit", "greater_than_equal", ge=1)
        raise Malformed("limit", "less_than_equal", le=MOST_ROWS)
    return limit


def _as_of(raw: str) -> int | datetime:
    try:
        number = whole(raw)
    except ValueError:
        found: datetime = parse(Column("as_of", datetime, "timestamptz"), "as_of", raw)
        return found
    if number < 0:
        raise Malformed("as_of", "greater_than_equal", ge=0)
    return number


# -- files -----------------------------------------------------------------------------------------------------------


def _form(request: Request) -> str:
    form = request.query_params.get("format")
    if form is not None:
        if form not in _FORMS:
            raise Malformed("format", "enum", expected=_FORMS)
        return form
    accepted = request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip()
    return {"text/csv": "csv", KIND: "xlsx"}.get(accepted, "json")


def _as_file(reader: Reader, listing: Listing, form: str, export: str | None) -> Response:
    """The whole register from the cursor on, as of one page, so that what is read in pieces still fits together.

    Personal data leave in clear only with an ``export`` that one person asked for and another approved.
    """
    register, names, context = listing.plan.register, listing.plan.names, reader.context
    if listing.page is None:
        listing.page = context.last_page(listing.office)
    listing.limit = MOST_ROWS
    if export is not None:
        _handed_out(reader, register, export, form, listing.page or 0)

    def pages() -> Iterator[list[dict[str, Any]]]:
        for rows in listing.all(lambda: context.within(listing.office)):
            if export is not None:
                reader.open(rows, f"{register.name}.{form}")
            else:
                hide(rows)
            yield rows

    def lines() -> Iterator[bytes]:
        yield csv_head(names)
        for rows in pages():
            yield b"".join(csv_line(context.names.beside(row.values())) for row in rows)

    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{register.name}.{form}"'}
    if form == "csv":
        return StreamingResponse(lines(), media_type=_FILE, headers=headers)
    made = written(register.zh, names, (context.names.beside(row.values()) for rows in pages() for row in rows))
    return StreamingResponse(pieces(made), media_type=KIND, headers=headers)


def _handed_out(reader: Reader, register: Register, export: str, form: str, page: int) -> None:
    """That it is handed out, and to whom, is a fact before the first byte leaves (§9.2). Raises what speaks against it."""
    checked_id(EXPORT, export)
    handler = reader.context.handler
    if handler.case(reader.office, export).register != register.name:
        raise RuleBroken(
            "other-register", "9.2", zh="批准的是另一登记簿", en="another register was approved", field="export"
        )
    actor = Actor(reader.identity.user_id, Role.POLICY)
    command = HandOutRegister(form=form, page=page)
    handler.handle(
        CommandRequest(office=reader.office, command=command, case_id=export, actor=actor, now=reader.context.now())
    )


def csv_head(names: tuple[str, ...]) -> bytes:
    """The first line of a file: Excel takes UTF-8 for what it is only with this mark."""
    return "\ufeff".encode() + csv_line(names)


def csv_line(values: tuple[Any, ...]) -> bytes:
    """One line of a file, no cell of which is executed."""
    out = io.StringIO()
    csv.writer(out).writerow([neutral(value) for value in values])
    return out.getvalue().encode()


def neutral(value: Any) -> Any:
    """A cell that a spreadsheet shows and never executes; instants in the office's own time.

    Whoever reads it back takes one ``'`` away where it stands, perhaps with others, before such a beginning.
    """
    if isinstance(value, str):
        return f"'{value}" if value.lstrip("'").startswith(_FORMULA) else value
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    return str(msgspec.to_builtins(value))


# -- the document ----------------------------------------------------------------------------------------------------


def _parameters(plan: Plan) -> list[dict[str, Any]]:
    """What a register can be asked with. ``format`` is understood where it always was; files have addresses of their own."""
    columns = "|".join(plan.sortable)
    page = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": MOST_NUMBER}, INSTANT]}
    said = "各列筛选，每列一个参数 / a parameter per column: column, column_from, column_to"
    return [
        parameter(
            "sort", {"type": "string", "pattern": f"^-?({columns})$"}, "排序，前加 - 为降序 / order; - is descending"
        ),
        parameter("cursor", {"type": "string", "pattern": cursors.PATTERN}, "上一页的 next / the page before's next"),
        parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}, "每页行数 / rows per page"),
        parameter("as_of", page, "台账页码或时刻 / a page number or an instant"),
        parameter("q", {"type": "string", "maxLength": SHORT, "pattern": LINE}, "检索 / search"),
        {**parameter("filter", ref(filter_schema(plan.register)), said), "style": "form", "explode": True},
    ]


def _of_files(context: ApiContext) -> list[dict[str, Any]]:
    """What any register's file can be asked with: the same, for columns that only the register knows."""
    [first, *_] = context.registers.all
    common = {each["name"]: each for each in _parameters(Plan(first)) if each["name"] not in _OF_ROWS}
    common["sort"]["schema"] = {"type": "string", "pattern": "^-?[a-z0-9_]+$"}
    common["filter"]["schema"] = {"type": "object", "additionalProperties": {"type": "string", "pattern": LINE}}
    said = "已批准的导出：文件中显示个人信息 / an approved export: the file has personal data in clear"
    return [*common.values(), parameter("export", {"type": "string", "maxLength": SHORT, "pattern": LINE}, said)]


def filter_schema(register: Register) -> str:
    """The name of the schema of what a register can be filtered by."""
    return f"Filter.{register.name}"


def filters_of(register: Register) -> dict[str, Any]:
    """What a register can be filtered by, kind of value by kind: a column, and ``_from`` and ``_to`` where it has an order."""
    shapes: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for name, (column, _) in Plan(register).filters.items():
        if name in _COMMON:
            continue
        schema = dict(json_type(column.type))
        if schema == {"type": "string"}:
            schema["pattern"] = LINE
        elif schema == {"type": "integer"}:
            schema |= {"minimum": -MOST_NUMBER, "maximum": MOST_NUMBER}
        shapes.setdefault(str(schema), (schema, []))[1].append(name)
    values = {f"^({_alternatives(names)})$": schema for schema, names in shapes.values()}
    return {"type": "object", "patternProperties": values, "propertyNames": {"pattern": "|".join(values)}}


def _alternatives(names: list[str]) -> str:
    """The names as one pattern; a column with an order says its three in one."""
    given = set(names)
    ordered = [name for name in names if {f"{name}_from", f"{name}_to"} <= given]
    within = {f"{name}{end}" for name in ordered for end in ("", "_from", "_to")}
    plain = [name for name in names if name not in within]
    return "|".join([*plain, *([f"({'|'.join(ordered)})(_from|_to)?"] if ordered else [])])
