"""What a fact says in lists 事实里的明细: records as a small table, in the words of the form they were written on.

A column is a field of the record: called as the record's own vocabulary calls it, said as everywhere, left out where no
line says anything. Amounts stand in yuan, with their sum; what is long is folded under its count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Final, get_args, get_type_hints

from markupsafe import Markup

from api.console.bill_lines import lines_of
from api.console.formatting import money
from api.console.values import Values, in_fen, words_of
from domain.fees.bill.events import BillLine, LineCorrected
from domain.visits.survey.events import Question

__all__ = ["Listed", "called", "listed", "of_record", "record_of", "word"]

_OPEN: Final = 8
"""Lines that are shown at once; a longer list is folded."""
_MOST: Final = 200
"""Lines of one list on the page; its register has all of them."""
_MANY: Final = 12
"""From so many words on a list is folded as well."""
_UNSAID: Final = frozenset({"fingerprint"})
_SCALE: Final = 5
_SUMMED: Final = frozenset(
    {"amount_fen", "principal_fen", "late_fee_fen", "charges_fen", "costs_fen", "penalty_fen", "waived_fen"}
)
_CALLED: Final = frozenset({"question", "told", "point"})
"""Fields that name a question or a point by its code."""
_NAMES: Final = ("text", "place", "name")
"""What is called by a code within a case says by one of these what it is."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list on the page: a table, or words alone."""

    title: str
    count: str
    heads: tuple[tuple[str, bool], ...]
    """Name of a column, and whether figures stand in it."""
    rows: tuple[tuple[Any, ...], ...]
    sums: tuple[str, ...]
    words: Markup | None
    left_out: int
    folded: bool


@cache
def record_of(event: type, name: str) -> type | None:
    """The record that a field holds, or holds a list of."""
    return _within(get_type_hints(event)[name])


def _within(hint: Any) -> type | None:
    if isinstance(hint, type) and is_dataclass(hint):
        return hint
    return next((found for inner in get_args(hint) if (found := _within(inner)) is not None), None)


def called(facts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the codes of a case's own questions and points mean, by what its facts say of them."""
    known: dict[str, str] = {}
    for data in facts:
        for value in data.values():
            for each in value if isinstance(value, list) else ():
                if isinstance(each, Mapping) and isinstance(each.get("code"), str):
                    word = next((each[name] for name in _NAMES if isinstance(each.get(name), str)), None)
                    if word is not None:
                        known[each["code"]] = word
    return known


def of_record(values: Values, record: type, data: Mapping[str, Any], known: Mapping[str, str]) -> Markup:
    """One record as a sentence: «房屋 1-101，金额 ¥120.00»."""
    made: dict[Any, Markup] = {}
    for each in _telling(record, [data]):
        said = _said(values, record, each, data[each], known)
        key = data[each] if isinstance(data[each], str) else each
        if said == "" or data[each] in (False, 0) or key in made:
            continue  # nothing, or the same case once more
        name = values.label(each, record.__name__)
        made[key] = Markup("{}").format(said) if words_of(said).startswith(name) else Markup("{} {}").format(name, said)
    return values.joined(made.values(), "，" if values.is_chinese else ", ")


def listed(
    values: Values, title: str, record: type | None, found: Sequence[Any], known: Mapping[str, str], name: str
) -> Listed | None:
    """A list that needs room of its own; None for what is said within the sentence."""
    count = _count(values, len(found))
    if record is None or not all(isinstance(each, Mapping) for each in found):
        if len(found) < _MANY:
            return None
        words = values.joined(word(values, each, name, known) for each in found[:_MOST])
        return Listed(title, count, (), (), (), words, max(len(found) - _MOST, 0), True)
    columns = _telling(record, found)
    if record is BillLine:
        return _bill(values, title, found)
    if (judged := _judged(values, title, record, columns, found, known)) is not None:
        return judged
    if len(found) == 1 and len(columns) <= 3:
        return None
    heads = tuple((values.label(each, record.__name__), _is_figure(each, found)) for each in columns)
    rows = tuple(
        tuple(_said(values, record, each, line.get(each), known) for each in columns) for line in found[:_MOST]
    )
    summed = {each: sum(line.get(each) or 0 for line in found) for each in columns if each in _SUMMED}
    sums = tuple(money(summed[each]) if each in summed else "" for each in columns)
    many = summed and len(found) > 1
    return Listed(title, count, heads, rows, sums if many else (), None, max(len(found) - _MOST, 0), len(found) > _OPEN)


def _bill(values: Values, title: str, found: Sequence[Mapping[str, Any]]) -> Listed:
    """Lines of a bill with how each amount comes about, as everywhere else."""
    page = values.page
    lines = lines_of(page, [BillLine(**{**each, "corrects": _corrects(each)}) for each in found])
    heads = ((page.t("项目", "item"), False), (page.t("怎么算", "how"), False), (page.t("金额", "amount"), True))
    rows: list[tuple[Any, ...]] = [
        (
            Markup('<a href="{}">{}</a>').format(each.href, each.item) if each.href else each.item,
            page.t("，", ", ").join(part for part in (each.days, each.how) if part),
            each.amount,
        )
        for each in lines
    ]
    step = 1 if any(row[1] for row in rows) else 2  # without «how» where nothing says it
    sums = ("", "", money(sum(each["amount_fen"] for each in found))) if len(found) > 1 else ()
    made, folded = tuple(row[::step] for row in rows), len(found) > _OPEN
    return Listed(title, _count(values, len(found)), heads[::step], made, sums[::step], None, 0, folded)


def _corrects(line: Mapping[str, Any]) -> LineCorrected | None:
    return LineCorrected(**line["corrects"]) if line.get("corrects") else None


def _judged(
    values: Values,
    title: str,
    record: type,
    columns: Sequence[str],
    found: Sequence[Mapping[str, Any]],
    known: Mapping[str, str],
) -> Listed | None:
    """Things that were judged by yes and no are told by the judgement: «合格：门窗、墙面；不合格：电路»."""
    if len(columns) != 2 or not all(isinstance(each.get(columns[1]), bool) for each in found):
        return None
    name, verdict = columns
    word_ = values.label(verdict, record.__name__)
    parts = []
    for is_so, said in ((True, word_), (False, f"不{word_}" if values.is_chinese else f"not {word_}")):
        those = [word(values, each[name], name, known) for each in found if each[verdict] is is_so]
        if those:
            parts.append(Markup("{}{}{}").format(said, "：" if values.is_chinese else ": ", values.joined(those)))
    words = values.joined(parts, "；" if values.is_chinese else "; ")
    return Listed(title, _count(values, len(found)), (), (), (), words, 0, folded=False)


def _telling(record: type, found: Sequence[Mapping[str, Any]]) -> list[str]:
    """The fields in which at least one line says something that people want to know."""
    names = [each.name for each in fields(record) if each.name not in _UNSAID]
    kept = [each for each in names if any(line.get(each) not in (None, "", [], (), {}) for line in found)]
    if record is Question and all(line.get("most") == _SCALE for line in found):
        kept.remove("most")  # as every scale that nobody made another
    if "home" in kept and "household" in kept:
        kept.remove("household")  # it would be called by its home
    if "number" in kept and all(isinstance(line.get("number"), int) for line in found):
        kept.remove("number")
    if "code" in kept and not set(_NAMES).isdisjoint(kept):
        kept.remove("code")
    return kept


def _is_figure(name: str, found: Sequence[Mapping[str, Any]]) -> bool:
    values = [line.get(name) for line in found if line.get(name) is not None]
    return bool(values) and all(isinstance(each, int) and not isinstance(each, bool) for each in values)


def _said(values: Values, record: type, name: str, value: Any, known: Mapping[str, str]) -> Any:
    inner = record_of(record, name)
    if inner is not None and isinstance(value, Mapping):
        return of_record(values, inner, value, known)
    if inner is not None and isinstance(value, list):
        return _shortly(values, value)
    return word(values, value, name, known, record.__name__)


def _shortly(values: Values, found: Sequence[Mapping[str, Any]]) -> str:
    """A list within a line: how many, and their sum."""
    if not found:
        return ""
    amounts = [each["amount_fen"] for each in found if isinstance(each.get("amount_fen"), int)]
    count = _count(values, len(found))
    return f"{count}{'，' if values.is_chinese else ', '}{money(sum(amounts))}" if amounts else count


def word(values: Values, value: Any, name: str, known: Mapping[str, str], record: str = "") -> Any:
    """One value; a question or a point by what it is called."""
    if name in _CALLED and isinstance(value, str | list):
        said = [known.get(each, each) for each in ([value] if isinstance(value, str) else value)]
        return ("、" if values.is_chinese else ", ").join(said)
    if isinstance(value, int) and not isinstance(value, bool) and in_fen(name):
        return money(value)
    return values.said(value, name, record=record)


def _count(values: Values, number: int) -> str:
    return f"{number:,} 项" if values.is_chinese else f"{number:,}"
