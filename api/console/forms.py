"""Forms 表单: every command as a form, made from its fields: labels, choices, people and homes, help with the clause.

Nothing here knows any command. What kind of field it is follows from the field's type and name; the texts from the
vocabulary; the first word of a nested record's field is the record's own.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from api.console.asked_for import asked_for
from api.console.text import Language, says
from api.console.values import AREAS, in_fen, in_hundredths, label_of
from api.http.text import LONG, MOST_NUMBER, SHORT, TOLD, most_of
from domain.cases import BY_KIND
from domain.kernel.fact import Case, Command
from domain.kernel.mending import CorrectEntry
from domain.kernel.references import REFERENCES
from domain.kernel.words import choice_names

__all__ = ["BLANK_ROWS", "Input", "correction_inputs", "inputs_of"]

BLANK_ROWS: Final = 1
"""Empty rows that stand below what a list of records holds; a script adds more."""
_FOR_IMPORTS: Final = frozenset(
    {
        "claims",
        "current_fen",
        "opening_known",
        "stated_channel",
        "stated_kind",
        "stated_reason",
        "stated_result",
        "time_stated",
    }
)
"""What only another system's history says: of a notice what it claimed, which is reckoned here and typed by nobody."""
_PEOPLE: Final = frozenset(
    {
        "deputy",
        "done_by",
        "organiser",
        "person",
        "responsible",
        "successor",
        "to",
        "verified_by",
        "visitor",
        "worker",
        "inspector_signature",
        "visitor_signature",
        "officer_signature",
    }
)
"""Fields that name somebody of the office, or a craftsman: the names are offered, anything else may be written."""
_HOMES: Final = frozenset({"home"})
_CASES: Final = {"previous": "follow_up", "original": ""}
"""Fields that name a case beside those that the domain holds as references."""
_NUMBERS: Final = frozenset({"claims", "weights"})
"""References within records: the record has a field for it."""
_LONG_WORDS: Final = frozenset({"content", "description", "measure", "minutes", "findings", "result", "text", "people"})


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form, before anybody has written in it."""

    name: str
    label: str
    kind: str
    required: bool
    default: str = ""
    options: tuple[tuple[str, str], ...] = ()
    most: int = SHORT
    personal: bool = False
    of_kind: str = ""
    """For a case: its kind, where the field says it."""
    least: int | None = None
    within: tuple[Input, ...] = field(default=())
    """For a list of records: what a record is made of."""

    @property
    def is_wide(self) -> bool:
        """Whether it takes a line of its own."""
        return self.kind in ("long", "records", "texts", "choices", "cases", "fields") or (
            self.kind == "choice" and len(self.options) > 6
        )


_MADE: Final[dict[tuple[str, Language], tuple[Input, ...]]] = {}
"""Every form that was asked for, by its command's name and its language."""


def inputs_of(command: type[Command], language: Language) -> tuple[Input, ...]:
    """The fields of a command's form, what has to be written first."""
    key = command.__name__, language
    if key not in _MADE:
        _MADE[key] = _made(command, language)
    return _MADE[key]


def correction_inputs(of: type[Case], name: str, language: Language) -> tuple[Input, ...]:
    """The form of a correction: which field, and the right value as that field is written everywhere else.

    Whose name a value is the program finds by itself.
    """
    asked = {each.name: each for each in inputs_of(CorrectEntry, language)}
    which = tuple((each, label_of(each, of.__name__, language)) for each in of.CORRECTS)
    value = asked["value"]
    if name in of.CORRECTS:
        right = next(each for each in fields(of) if each.name == name)
        kind = _input(right, get_type_hints(of)[name], of, language)
        label = f"{value.label}：{kind.label}" if language == "zh" else f"{value.label}: {kind.label}"
        value = replace(kind, name="value", label=label, required=False, default="", personal=value.personal)
    return (replace(asked["field"], kind="fields", options=which, default=name), value, asked["reason"])


def _made(command: type[Command], language: Language) -> tuple[Input, ...]:
    hints, wanted = get_type_hints(command), asked_for(command)
    made = [
        _input(each, hints[each.name], command, language, wanted)
        for each in fields(command)  # type: ignore[arg-type]
        if each.name not in _FOR_IMPORTS
    ]
    return tuple(sorted(made, key=lambda each: not each.required))


def _input(
    each: Field[Any], hint: Any, record: type, language: Language, wanted: frozenset[str] = frozenset()
) -> Input:
    inner, optional = _plain(hint)
    has_default = each.default is not MISSING or each.default_factory is not MISSING
    kind, more = _kind(each.name, inner, record, language)
    if optional and kind == "yes-no":
        more["options"] = (("", says(language, "不详", "not known")), *more["options"])
    return Input(
        name=each.name,
        label=label_of(each.name, record.__name__, language),
        kind=kind,
        required=(not has_default and not optional) or each.name in wanted,
        default=_default(each),
        personal=each.name in getattr(record, "PERSONAL", ()),
        **more,
    )


def _plain(hint: Any) -> tuple[Any, bool]:
    """A type without its None, and whether it had one."""
    if get_origin(hint) in (Union, types.UnionType):
        parts = [part for part in get_args(hint) if part is not types.NoneType]
        return parts[0], len(parts) < len(get_args(hint))
    return hint, False


def _default(each: Field[Any]) -> str:
    value = each.default
    if value is MISSING or value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.value) if isinstance(value, StrEnum) else str(value)


def _kind(name: str, inner: Any, record: type, language: Language) -> tuple[str, dict[str, Any]]:
    if get_origin(inner) is tuple:
        return _list(name, get_args(inner)[0], language)
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return "choice", {"options": _options(inner, language)}
    if inner is bool:
        return "yes-no", {"options": (("true", says(language, "是", "yes")), ("false", says(language, "否", "no")))}
    if inner is datetime:
        return "instant", {}
    if inner is date:
        return "day", {}
    if inner is time:
        return "time", {}
    if inner is int:
        if in_fen(name):
            return "money", {}
        if name in AREAS:
            return "area", {}
        return ("decimal", {}) if in_hundredths(name, record.__name__) else ("number", {"most": MOST_NUMBER})
    return _text(name, record)


def _text(name: str, record: type) -> tuple[str, dict[str, Any]]:
    if (of_kind := _of_kind(name)) is not None:
        return "case", {"of_kind": of_kind}
    if name in _HOMES:
        return "home", {}
    if name in _PEOPLE:
        return "person", {}
    most = most_of(record, name)
    if most == TOLD or (most == LONG and name in _LONG_WORDS):
        return "long", {"most": most}
    return "text", {"most": most}


def _of_kind(name: str) -> str | None:
    """The kind of case that a field names, "" for any; None where it names none."""
    if name in _CASES:
        return _CASES[name]
    if name in REFERENCES and name not in _NUMBERS:
        return REFERENCES[name].kind or ""
    return name if name in BY_KIND else None


def _list(name: str, inner: Any, language: Language) -> tuple[str, dict[str, Any]]:
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return "choices", {"options": _options(inner, language)}
    if isinstance(inner, type) and is_dataclass(inner):
        hints = get_type_hints(inner)
        within = tuple(_input(each, hints[each.name], inner, language) for each in fields(inner))
        return "records", {"within": within}
    of_kind = _of_kind(name)
    return ("texts", {}) if of_kind is None else ("cases", {"of_kind": of_kind})


def _options(choices: Iterable[StrEnum], language: Language) -> tuple[tuple[str, str], ...]:
    return tuple((each.value, says(language, *choice_names(each))) for each in choices)
