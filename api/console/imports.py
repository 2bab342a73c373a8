"""Import 导入 on pages: a list or a history from a file, looked at and rehearsed before anything is written.

The file is read by a mapping, one that ships or one's own; the rehearsal decides every row exactly as the import does.
Then the good rows are taken, and the others stand in a file with the reason beside each. The same file again changes
nothing.
"""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog
from starlette.responses import RedirectResponse, Response

from api.console.formatting import instant
from api.console.import_view import mapping_view, problem_rows, sample
from api.console.page import Kit, Page, first, office_page
from api.console.register_file import file_sent
from api.console.uploads import Uploads
from domain.kernel.errors import NotFound, NotPermitted, Refusal, RuleBroken
from domain.kernel.people import Role
from workflows.importing.binding import Binding
from workflows.importing.mapping import Mapping, load_mapping, parse_mapping
from workflows.importing.problems import harmless
from workflows.importing.reader import open_source, unpacked
from workflows.importing.run import Report, import_history
from workflows.importing.sheets import Lines, as_csv, is_workbook
from workflows.importing.spans import places_read

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["MOST_LINES", "routes"]

MAPPINGS: Final = Path(__file__).parents[2] / "mappings"
MOST_LINES: Final = 20_000
"""Lines of one file here; the command line takes any number."""
_PAST: Final = """
select mapping, imported_by, max(imported_at), count(*), sum(facts) from wuye.imports
 where office = %s group by 1, 2 order by 3 desc limit 20
"""
_ONE_AT_A_TIME: Final = Lock()
_log = structlog.get_logger()


class Held(msgspec.Struct):
    """One upload: the table as CSV, the mapping, and what the last run said."""

    name: str
    mapping: str
    data: bytes
    starts: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()
    report: dict[str, Any] = {}
    problems: list[dict[str, str]] = []
    taken: bool = False


def routes(kit: Kit) -> list[Route]:
    """The form; what was sent, with its rehearsal; its files."""
    return [
        office_page(kit, "/import", _form, ("GET", "POST")),
        office_page(kit, "/import/{token}", _one, ("GET", "POST")),
        office_page(kit, "/import/{token}/{file}", _file),
    ]


def _store(page: Page) -> Uploads:
    return Uploads(page.context.settings.home, page.context.master)


def _allowed(page: Page) -> None:
    if Role.MANAGER not in page.roles:
        raise NotPermitted("role", None, zh="须由管理处经理导入", en="this is for the office's manager")


def _shipped() -> list[tuple[str, str, str, str]]:
    """Name, Chinese, English and text of the mappings that ship, the office's own lists first."""
    found = []
    for path in sorted(MAPPINGS.glob("*.toml"), key=lambda path: (not path.stem.startswith("office_"), path.stem)):
        rules = load_mapping(path)
        found.append((rules.name, rules.zh, rules.en, path.read_text("utf-8")))
    return found


# -- sending ---------------------------------------------------------------------------------------------------------


def _form(page: Page) -> Response:
    _allowed(page)
    if page.request.method == "GET":
        return _asked(page)
    try:
        token = _store(page).put(page.office, page.identity.user_id, _looked_at(page))
    except Refusal as refusal:
        return _asked(page, page.t(refusal.zh, refusal.en))
    return RedirectResponse(page.at("import", token), 303)


def _asked(page: Page, said: str = "") -> Response:
    with page.connect() as connection:
        past = connection.execute(_PAST, [page.office]).fetchall()
    shipped = _shipped()
    names = {name: page.t(zh, en) for name, zh, en, _ in shipped}
    return page.show(
        "import.html",
        409 if said else 200,
        said=said,
        shipped=list(names.items()),
        most=MOST_LINES,
        past=[
            (
                names.get(mapping, mapping.replace("_", " ")),
                page.kit.people.name(by, page.lang) if by else page.t("命令行", "command line"),
                instant(at, page.lang, page.now),
                cases,
                facts,
            )
            for mapping, by, at, cases, facts in past
        ],
    )


def _looked_at(page: Page) -> Held:
    """What was sent, as a table with its mapping, rehearsed."""
    sent = page.files.get("file")
    if sent is None or not sent.data:
        raise RuleBroken("file-missing", None, zh="请选择文件", en="choose a file", field="file")
    with TemporaryDirectory(dir=page.context.settings.home) as folder:
        table, lines = Path(folder) / "table.csv", Lines((), ())
        if is_workbook(sent.data):
            book = Path(folder) / "book.xlsx"
            book.write_bytes(sent.data)
            lines = as_csv(book, table)
        else:
            table.write_bytes(unpacked(sent.data))
        text = _mapping_for(page, table)
        held = Held(sent.name[:200], text, table.read_bytes(), lines.starts, lines.rows)
    return _run(page, held, dry_run=True)


def _mapping_for(page: Page, table: Path) -> str:
    """The mapping that was sent or chosen; else the one that reads most of this header. Raises Refusal."""
    own, wanted = page.files.get("mapping"), first(page.form, "shipped")
    if own is not None and own.data:
        return own.data.decode("utf-8-sig", "replace")
    shipped = {name: text for name, _, _, text in _shipped()}
    if wanted in shipped:
        return shipped[wanted]
    fits = {name: found for name, text in shipped.items() if (found := _bound(parse_mapping(text), table))}
    if not fits:
        header = "、".join(open_source(table).header[:30])
        raise RuleBroken(
            "no-mapping",
            None,
            zh=f"没有认得这份表头的对应关系，请选择一种或附上自己的。表头为：{header}",
            en=f"no mapping knows this header: choose one, or send your own. The header is: {header}",
            field="shipped",
        )
    return shipped[max(fits, key=lambda name: fits[name])]


def _bound(rules: Mapping, table: Path) -> int:
    """How many of the header's columns a mapping reads; 0 when it cannot read the file at all."""
    try:
        source = open_source(table, rules.delimiter, rules.encodings)
        Binding(rules, source)
    except Refusal:
        return 0
    named = (column for column in rules.columns.values() if column.headers is None)
    return sum(len(places_read(column, source.header)) for column in named)


def _run(page: Page, held: Held, *, dry_run: bool) -> Held:
    """Rehearse or import; one at a time in this process, since it takes all of a processor. Nobody waits for another's turn.

    Whoever waited would have a thread meanwhile, and forty who wait would have those of all readers.
    """
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise RuleBroken(
            "import-under-way",
            None,
            zh="另有导入正在进行，请稍候再试",
            en="another import is under way: try again in a moment",
            field="file",
        )
    try:
        return _rehearsed_or_taken(page, held, dry_run=dry_run)
    finally:
        _ONE_AT_A_TIME.release()


def _rehearsed_or_taken(page: Page, held: Held, *, dry_run: bool) -> Held:
    with TemporaryDirectory(dir=page.context.settings.home) as folder:
        table, mapping, problems = (Path(folder) / name for name in ("table.csv", "mapping.toml", "problems.csv"))
        table.write_bytes(held.data)
        mapping.write_text(held.mapping, "utf-8")
        rules = load_mapping(mapping)
        if open_source(table, rules.delimiter, rules.encodings).lines > MOST_LINES + 1:
            raise RuleBroken(
                "too-many-lines",
                None,
                zh=f"文件超过 {MOST_LINES:,} 行，请分开，或用命令行 wuye import",
                en=f"the file has more than {MOST_LINES:,} lines: divide it, or take `wuye import`",
                field="file",
            )
        report = import_history(
            page.context.handler,
            page.context.connect,
            table,
            mapping,
            page.office,
            now=page.now,
            dry_run=dry_run,
            problems=problems,
            by=page.identity.user_id,
        )
        with problems.open(encoding="utf-8-sig", newline="") as told:
            held.problems = list(csv.DictReader(told))
    held.report, held.taken = _plain(report), not dry_run
    if not dry_run:
        _log.info("imported", office=page.office, mapping=report.mapping, by=page.identity.user_id, facts=report.facts)
    return held


def _plain(report: Report) -> dict[str, Any]:
    kept = asdict(report)
    for name in ("file", "problem_file", "values", "seconds"):
        kept.pop(name)
    return kept


# -- looking, and taking ---------------------------------------------------------------------------------------------


def _held(page: Page) -> Held:
    _allowed(page)
    found = _store(page).get(page.office, page.identity.user_id, page.request.path_params["token"], Held)
    if found is None:
        raise NotFound(
            "upload-unknown",
            None,
            zh="这份上传不在了（只保留一天），请重新上传",
            en="it is gone after a day: send it again",
        )
    return found


def _one(page: Page) -> Response:
    held, token = _held(page), page.request.path_params["token"]
    said = ""
    if page.request.method == "POST" and not held.taken:
        try:
            _store(page).replace(page.office, page.identity.user_id, token, _run(page, held, dry_run=False))
            return RedirectResponse(page.at("import", token), 303)
        except Refusal as refusal:
            said = page.t(refusal.zh, refusal.en)
    rules = parse_mapping(held.mapping)
    header, rows = sample(held.data, rules)
    lines = Lines(held.starts, held.rows)
    return page.show(
        "import_told.html",
        409 if said else 200,
        said=said,
        name=held.name,
        report=held.report,
        taken=held.taken,
        mapping=page.t(rules.zh, rules.en),
        columns=mapping_view(rules, header, rows, page.lang),
        problems=problem_rows(held.problems, lines, page.lang),
        refused=sum(each["effect"] == "refused" for each in held.problems),
        token=token,
    )


def _file(page: Page) -> Response:
    """The rows that were not taken, as they stood, with line and reason; or the plain list of problems."""
    held, wanted = _held(page), page.request.path_params["file"]
    if wanted != "refused.csv":
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    rules = parse_mapping(held.mapping)
    reasons: dict[int, list[str]] = {}
    for each in held.problems:
        if each["effect"] == "refused":
            place = f"{each['column']}：" if each["column"] else ""
            reasons.setdefault(int(each["line"]), []).append(place + page.t(each["reason_zh"], each["reason_en"]))
    made, lines = io.StringIO(newline=""), Lines(held.starts, held.rows)
    writer = csv.writer(made)
    with TemporaryDirectory(dir=page.context.settings.home) as folder:
        table = Path(folder) / "table.csv"
        table.write_bytes(held.data)
        source = open_source(table, rules.delimiter, rules.encodings)
        writer.writerow([*source.header, page.t("行", "line"), page.t("原因", "reason")])
        for row in source.rows():
            if row.line in reasons:
                cells = [*row.cells, *[""] * (len(source.header) - len(row.cells))]
                writer.writerow(
                    [*map(harmless, cells), lines.row(row.line), page.t("；", "; ").join(reasons[row.line])]
                )
    name = ("refused", page.t("不取的行", "Rows that are not taken"), "csv")
    return file_sent(page, [made.getvalue().encode("utf-8-sig")], name, "text/csv; charset=utf-8")
