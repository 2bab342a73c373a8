"""What an import's pages show 导入预览: which column of the file becomes what, the first rows, and what is wrong where."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from api.console.text import Language, says
from api.console.values import label_of
from domain.cases import BY_PATH
from domain.kernel.fact import COMMANDS
from workflows.importing.expressions import After, IsGiven, Listed, Negated, Reference, Rise, Template
from workflows.importing.mapping import Mapping
from workflows.importing.sheets import Lines
from workflows.importing.spans import places_read

__all__ = ["mapping_view", "problem_rows", "sample"]

_SHOWN: Final = 100
_ROWS: Final = 3
_LONGEST: Final = 60


def sample(data: bytes, rules: Mapping) -> tuple[list[str], list[list[str]]]:
    """The header and the first rows of a table, in the first encoding that reads its beginning."""
    for encoding in rules.encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=rules.delimiter)
        read = [row for row, _ in zip((row for row in rows if row), range(_ROWS + 1), strict=False)]
        return [cell.strip() for cell in read[0]], read[1:]
    return [], []


def mapping_view(
    rules: Mapping, header: Sequence[str], rows: Sequence[Sequence[str]], lang: Language
) -> list[dict[str, Any]]:
    """Each column of the mapping: where it stands in the file, what it becomes, how it reads in the first rows."""
    becomes: dict[str, list[str]] = {}
    for of, said in _uses(rules, lang):
        if said not in becomes.setdefault(of, []):
            becomes[of].append(said)
    shown, used = [], set()
    for name, column in rules.columns.items():
        places = places_read(column, header)
        used.update(places)
        shown.append(
            {
                "header": "、".join(header[place] for place in places),
                "expected": column.label,
                "becomes": becomes.get(name, []),
                "shown": [" ".join(row[place] for place in places if place < len(row))[:_LONGEST] for row in rows],
            }
        )
    shown += [
        {"header": each, "expected": "", "becomes": [], "shown": [row[at][:_LONGEST] for row in rows if at < len(row)]}
        for at, each in enumerate(header)
        if at not in used and each
    ]
    return sorted(shown, key=lambda each: (not each["header"], not each["becomes"]))


def _uses(rules: Mapping, lang: Language) -> Iterator[tuple[str, str]]:
    """Column, and the field of a case that is written from it."""
    for step in rules.steps:
        for rule in step.facts:
            lifecycle = BY_PATH[rules.targets[rule.of].kind]
            kind = says(lang, lifecycle.zh, lifecycle.en)
            for name, expression in rule.fields.items():
                for column in _columns(expression):
                    yield column, f"{kind}{says(lang, '：', ': ')}{label_of(name, COMMANDS[rule.do].__name__, lang)}"
            for column in rule.at.columns:
                yield column, says(lang, "发生时间", "when it happened")
    for column in rules.key:
        yield column, says(lang, "编号（同号为同一件）", "the case's number")


def _columns(expression: object) -> Sequence[str]:
    if isinstance(expression, Reference):
        return expression.columns
    if isinstance(expression, Rise | Negated | After | IsGiven):
        return (expression.column,)
    if isinstance(expression, Listed):
        return tuple(part.column for part in expression.parts)
    return expression.columns if isinstance(expression, Template) else ()


def problem_rows(problems: Sequence[dict[str, str]], lines: Lines, lang: Language) -> list[dict[str, Any]]:
    """The first problems, those that refuse a row before those that only note something."""
    ordered = sorted(problems, key=lambda each: (each["effect"] != "refused", int(each["line"])))
    return [
        {
            "line": lines.row(int(each["line"])),
            "column": each["column"],
            "value": each["value"][:_LONGEST],
            "reason": says(lang, each["reason_zh"], each["reason_en"]),
            "refused": each["effect"] == "refused",
        }
        for each in ordered[:_SHOWN]
    ]
