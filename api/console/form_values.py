"""What a form says 表单内容: texts as people write them, read as the command's JSON; the same validation as the API's.

Amounts are written in yuan, areas in square metres, days and times as the office's own; a household is named by its
home, a person by name. What cannot be read is told at its field, and everything that was written stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter, ValidationError

from api.console.choosing import offers, plain
from api.console.forms import Input, correction_inputs, inputs_of
from api.console.titles import is_case_id, kind_of
from api.http.problems import told
from api.http.text import tighten
from domain.cases import BY_KIND
from domain.kernel.calendar import SHANGHAI
from domain.kernel.errors import Malformed
from domain.kernel.fact import Case, Command
from domain.kernel.mending import CorrectEntry
from domain.kernel.money import parse_area, parse_yuan

if TYPE_CHECKING:
    from api.console.page import Form, Page

__all__ = ["Written", "read"]

_OPEN_BY_HOME: Final = {"household": "state = 'resident'"}
_MOST_FOUND: Final = 5
_MINUTE: Final = timedelta(minutes=1)


@dataclass
class Written:
    """What somebody has written in a form."""

    values: dict[str, list[str]] = field(default_factory=dict)
    """Name, of records «defects.0.item» → what was written."""
    errors: dict[str, str] = field(default_factory=dict)
    offers: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """What may have been meant, where what was written fits more than one: id and word."""
    command: Command | None = None

    def of(self, name: str) -> str:
        """What one field says."""
        found = self.values.get(name)
        return found[0] if found else ""


class _Unread(Exception):
    def __init__(self, zh: str, en: str, offered: list[tuple[str, str]] | None = None) -> None:
        super().__init__(zh)
        self.zh, self.en, self.offered = zh, en, offered or []


def read(page: Page, command: type[Command], form: Form, of: type[Case] | None = None) -> Written:
    """The command, or what is wrong with it, field by field; ``of`` is the kind of case whose entry is corrected."""
    written = Written()
    for name, value in form:
        written.values.setdefault(name, []).append(value.replace("\r\n", "\n"))
    body: dict[str, Any] = {}
    inputs = inputs_of(command, page.lang)
    if command is CorrectEntry and of is not None:
        inputs = correction_inputs(of, written.of("field"), page.lang)
    for each in inputs:
        _take(page, written, each, each.name, body)
    if written.errors:
        _also_missing(page, written, inputs, body)
        return written
    if command is CorrectEntry:  # whatever the field is, a fact says it as a text; nothing takes it out
        body["value"] = None if body.get("value") is None else str(body["value"])
    try:
        written.command = _adapter(command).validate_json(json.dumps(body))
    except ValidationError as wrong:
        _note(page, written, wrong)
        _also_missing(page, written, inputs, body)
    except Malformed as wrong:
        written.errors[wrong.field or ""] = page.t(wrong.zh, wrong.en)
    return written


_ADAPTERS: Final[dict[str, TypeAdapter[Any]]] = {}


def _adapter(command: type[Command]) -> TypeAdapter[Any]:
    if command.__name__ not in _ADAPTERS:
        tighten(command)
        _ADAPTERS[command.__name__] = TypeAdapter(command)
    return _ADAPTERS[command.__name__]


def _also_missing(page: Page, written: Written, inputs: Iterable[Input], body: dict[str, Any]) -> None:
    """Beside what cannot be read, what is not there: nobody should have to send a form twice for two faults."""
    for each in inputs:
        if each.required and each.name not in body and each.name not in written.errors:
            written.errors[each.name] = page.t("必填", "is required")


def _note(page: Page, written: Written, wrong: ValidationError) -> None:
    faults = told([{"type": e["type"], "loc": ("body", *e["loc"]), "ctx": e.get("ctx")} for e in wrong.errors()])
    for fault in faults:
        name = _place(fault["field"], written)
        written.errors.setdefault(name, page.t(fault["zh"], fault["en"]))


def _place(path: str, written: Written) -> str:
    """The field at which to say it: a record's own where there is one, else the list's."""
    parts = path.split(".")
    for length in range(len(parts), 1, -1):
        name = ".".join(parts[:length])
        if name in written.values:
            return name
    return parts[0]


def _take(page: Page, written: Written, each: Input, name: str, body: dict[str, Any]) -> None:
    """Read one field into the body. What is left blank is left out."""
    if each.kind == "records":
        rows = _rows(page, written, each)
        if rows or each.required:
            body[each.name] = rows
        return
    raw = written.values.get(name, [])
    if each.kind in ("texts", "choices", "cases"):
        lines = raw if each.kind == "choices" else [line.strip() for text in raw for line in text.splitlines()]
        kept = [line for line in lines if line]
        if each.kind == "cases":
            kept = _listed(page, written, each, name, kept)
        if kept or each.required:
            body[each.name] = kept
        return
    text = raw[0].strip() if raw else ""
    if not text:
        return
    try:
        body[each.name] = _READ.get(each.kind, _as_text)(page, each, text)
    except _Unread as wrong:
        written.errors[name] = page.t(wrong.zh, wrong.en)
        written.offers[name] = wrong.offered
    except Malformed as wrong:
        written.errors[name] = page.t(wrong.zh, wrong.en)


def _listed(page: Page, written: Written, each: Input, name: str, lines: list[str]) -> list[str]:
    """The cases that stand one a line, whichever way each is said."""
    found = []
    for line in lines:
        try:
            found.append(_as_case(page, each, line))
        except _Unread as wrong:
            said = page.t("、", ", ").join(text for _, text in wrong.offered)
            written.errors[name] = page.t(wrong.zh, wrong.en) + (f": {said}" if said else "")
    return found


def _rows(page: Page, written: Written, each: Input) -> list[dict[str, Any]]:
    """The records of a list; rows in which nothing stands but what stood there already are none."""
    prefix = f"{each.name}."
    numbers = sorted(
        {int(part) for name in written.values if name.startswith(prefix) and (part := name.split(".")[1]).isdecimal()}
    )
    rows: list[dict[str, Any]] = []
    for number in numbers[:1_000]:
        names = {inner.name: f"{prefix}{number}.{inner.name}" for inner in each.within}
        said = {inner.name: written.of(names[inner.name]).strip() for inner in each.within}
        telling = [
            inner
            for inner in each.within
            if inner.kind not in ("yes-no", "choice") or (inner.required and not inner.default)
        ]
        if not any(said[inner.name] for inner in (telling or each.within)):
            for name in names.values():
                written.values.pop(name, None)
            continue
        row: dict[str, Any] = {}
        for inner in each.within:
            _take(page, written, inner, names[inner.name], row)
        rows.append(row)
        if number != len(rows) - 1:  # rows are told by their place: a blank one before shifts it
            for inner in each.within:
                written.values[f"{prefix}{len(rows) - 1}.{inner.name}"] = written.values.pop(names[inner.name], [""])
    return rows


# -- one value -------------------------------------------------------------------------------------------------------


def _as_text(_page: Page, _each: Input, text: str) -> Any:
    return text


def _as_number(_page: Page, _each: Input, text: str) -> Any:
    try:
        return int(text.replace(",", "").replace("，", ""))
    except ValueError:
        raise _Unread("请填写整数", "write a whole number") from None


def _as_money(_page: Page, _each: Input, text: str) -> Any:
    return parse_yuan(text.lstrip("¥￥").replace("，", ",").strip())


def _as_decimal(_page: Page, _each: Input, text: str) -> Any:
    """What a meter shows, how much of something: written as everybody says it, taken as hundredths."""
    try:
        return parse_yuan(text.replace("，", ",").strip())
    except Malformed:
        raise _Unread("请填写数字，最多两位小数", "write a number with two decimals at most") from None


def _as_area(_page: Page, _each: Input, text: str) -> Any:
    return parse_area(text)


def _as_yes(_page: Page, _each: Input, text: str) -> Any:
    return text == "true"


def as_instant(text: str) -> datetime | None:
    """What a field for a day and a time holds, in the office's own time."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    except ValueError:
        return None


def _as_instant(page: Page, _each: Input, text: str) -> Any:
    """A browser writes whole minutes: the present one is now, and that in which a case began is its beginning."""
    found = as_instant(text)
    if found is None:
        raise _Unread("请填写日期和时间", "write a day and a time")
    for exact in (page.began, page.now):
        if exact is not None and found <= exact < found + _MINUTE:
            return exact.isoformat()
    return found.isoformat()


def _as_person(page: Page, _each: Input, text: str) -> Any:
    """An account by its name where only one has it; a craftsman without an account as he is written."""
    names = page.kit.people.names()
    if text in names:
        return text
    found = [user for user, name in names.items() if name == text]
    return found[0] if len(found) == 1 else text


def _as_case(page: Page, each: Input, text: str) -> Any:
    """A case as it is, by the number of its home, or by what else people know of it; what fits several is chosen from."""
    if is_case_id(text):
        if each.of_kind and kind_of(text) != each.of_kind:
            raise _Unread("请从列表中选择", "choose one of the list")
        return text
    by_home = _by_home(page, each.of_kind, plain(text))
    if len(by_home) == 1:
        return by_home[0]
    found = offers(page, each.of_kind, text)
    exactly = [case_id for case_id, said in found if plain(said) == plain(text)]
    if len(exactly) == 1 or len(found) == 1:
        return exactly[0] if len(exactly) == 1 else found[0][0]
    lifecycle = BY_KIND.get(each.of_kind)
    zh, en = (lifecycle.zh, lifecycle.en) if lifecycle is not None else ("事项", "case")
    if not found:
        raise _Unread(f"没有找到「{text}」的{zh}", f"no {en} of “{text}” was found")
    raise _Unread(f"「{text}」有不止一条{zh}，请选择", f"“{text}” has more than one {en}: choose", found)


def _by_home(page: Page, kind: str, home: str) -> list[str]:
    """The open cases of a kind at a home."""
    register = page.context.registers.by_name.get(BY_KIND[kind].path) if kind else None
    if register is None or "home" not in {column.name for column in register.columns}:
        return []
    which = _OPEN_BY_HOME.get(kind, "open")
    with page.connect() as connection:
        rows = connection.execute(
            f"select case_id from wuye.{register.table} where office = %s and to_number is null and home = %s"
            f" and {which} limit {_MOST_FOUND}".encode(),
            [page.office, home],
        ).fetchall()
    return [row[0] for row in rows]


_READ: Final[dict[str, Callable[[Page, Input, str], Any]]] = {
    "number": _as_number,
    "money": _as_money,
    "decimal": _as_decimal,
    "area": _as_area,
    "yes-no": _as_yes,
    "instant": _as_instant,
    "person": _as_person,
    "case": _as_case,
}
