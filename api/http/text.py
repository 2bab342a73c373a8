"""The edge 入口清洗: what may come in at all, before any rule of the handbook is asked.

A NUL in a text is accepted by JSON, stored as bytes and then stops a register for good; a bidi override makes a name
read as another; a number beyond a bigint fails only when a row is written. So commands, and the records nested in
them, are tightened here once: texts are NFC, free of control characters and bounded, instants have a zone, whole
numbers fit. What is checked is also what the OpenAPI document says.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from datetime import date, datetime, time
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Final, TypeVar, get_args, get_type_hints
from unicodedata import is_normalized, normalize

from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError, core_schema

from api.http.choices import listed, named
from domain.kernel.errors import Malformed, RuleBroken
from domain.kernel.fact import Command
from domain.kernel.names import as_called_now, former
from journal.confidential import is_token

__all__ = [
    "CODE",
    "DAY_FORM",
    "INSTANT_FORM",
    "LINE",
    "LONG",
    "MOST_ITEMS",
    "MOST_NUMBER",
    "NOT_IN_LINE",
    "SHORT",
    "TOLD",
    "Code",
    "Day",
    "Instant",
    "Short",
    "exact",
    "most_of",
    "said_text",
    "tighten",
]

SHORT: Final = 200
"""Most characters of a short text: it may be indexed, and an index entry has at most 2,704 bytes."""
TOLD: Final = 2_000
"""Most characters of an unindexed explanation, such as a reason."""
LONG: Final = 20_000
"""Most characters of free text about people; it is stored sealed and never indexed."""
MOST_ITEMS: Final = 1_000
"""Most entries of a list within one command."""
MOST_NUMBER: Final = 10**15
"""Greatest whole number either way: ten thousand milliards of yuan in fen, and exact in every JSON reader."""
FIRST_YEAR, LAST_YEAR = 1900, 2199

CODE: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"
"""An office's code: it stands in addresses."""

# Never: controls, surrogates, bidi embeddings, overrides and isolates, non-characters. Line breaks only in long text.
_NEVER: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff"
_BLANK: Final = (
    "\\t\\n\\r \u00a0\u00ad\u115f\u1160\u1680\u180e\u2000-\u200d\u202f\u205f\u2060\u2800\u3000\u3164\ufeff\uffa0"
)
_BAD_ANYWHERE: Final = re.compile(f"[{_NEVER}]")
NOT_IN_LINE: Final = re.compile(f"[{_NEVER}\t\n\r]")
_ONLY_BLANK: Final = re.compile(f"[{_BLANK}]*")
INSTANT_FORM: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+ -]\d{2}:\d{2})", re.ASCII
)
DAY_FORM: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?", re.ASCII)

_TOLD_FIELDS: Final = frozenset(
    {
        "reason",
        "note",
        "notes",
        "measures",
        "measure",
        "text",
        "findings",
        "root_cause",
        "comment",
        "description",
        "content",
        "summary",
        "analysis",
        "conclusion",
        "progress",
        "remarks",
        "result",
        "basis",
        "effect",
        "evidence",
        "shortcomings",
        "suggestions",
        "opinion",
        "statement",
        "details",
        "terms",
        "condition",
    }
)
PASSWORD: Final = 128
"""Most characters of a password: hashing has to be bounded before it begins."""
_PASSWORDS: Final = frozenset({"password", "old", "new"})
_FORMS: Final[dict[tuple[str, str], str]] = {("OpenOffice", "code"): CODE}


def tighten(record: type) -> None:
    """Make a record's typed body exact: unknown fields refused, texts, times and numbers bounded, nested ones too."""
    if "__pydantic_config__" in vars(record):
        return
    record.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]
    record.__get_pydantic_core_schema__ = classmethod(_tightened)  # type: ignore[attr-defined]
    for hint in get_type_hints(record).values():
        for part in _parts(hint):
            if isinstance(part, type) and issubclass(part, StrEnum):
                _CHOICES[f"{part.__module__}.{part.__qualname__}"] = part
            if dataclasses.is_dataclass(part) and isinstance(part, type):
                tighten(part)


T = TypeVar("T")


def exact(record: type[T], **fields: Any) -> T:
    """A record that comes another way than by HTTP, checked as if it did. Raises Malformed with its first fault."""
    tighten(record)
    try:
        return TypeAdapter(record).validate_python(fields)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or record.__name__
        raise Malformed(
            "malformed", None, zh=f"「{field}」填写有误", en=f"{field}: {first['msg']}", field=field
        ) from None


def _parts(hint: Any) -> list[Any]:
    return [hint, *(deep for part in get_args(hint) for deep in _parts(part))]


def _tightened(cls: type, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
    schema: Any = handler(source)
    inner = schema
    while inner["type"] != "dataclass-args":
        inner = inner["schema"]
    for field in inner["fields"]:
        name = field["name"]
        field["schema"] = _exact(field["schema"], name, most_of(cls, name), _FORMS.get((cls.__name__, name)))
    if issubclass(cls, Command) and former(cls):
        return core_schema.no_info_before_validator_function(partial(_called_now, cls), schema)
    return schema  # type: ignore[no-any-return]


def _called_now(cls: type[Command], given: Any) -> Any:
    return as_called_now(cls, given) if isinstance(given, dict) else given


def most_of(record: type, field: str) -> int:
    """How many characters a text of this field may have."""
    if not issubclass(record, Command) and field in _PASSWORDS:
        return PASSWORD
    personal = getattr(record, "PERSONAL", ()) if issubclass(record, Command) else ()
    return LONG if field in personal else TOLD if field in _TOLD_FIELDS else SHORT


def _exact(schema: Any, field: str, most: int, form: str | None = None) -> Any:
    match schema["type"]:
        case "str":
            return _text(most, form)
        case "int":
            exact = {"type": "int", "strict": True, "ge": -MOST_NUMBER, "le": MOST_NUMBER, **schema}
            return core_schema.no_info_before_validator_function(_whole, exact)
        case "bool":
            return {"type": "bool", "strict": True}
        case "datetime":
            return _instant(field)
        case "date":
            return _day(field)
        case "time":
            # JSON Schema's format «time» has a zone; ours is the office's own and has none.
            said = {"format": "local-time", "pattern": f"^{_TIME.pattern}$"}
            local = core_schema.time_schema(metadata={"pydantic_js_updates": said})
            return core_schema.no_info_before_validator_function(_shaped(_TIME), local)
        case "list" | "set" | "frozenset":
            items = _exact(schema.get("items_schema", {"type": "any"}), field, most)
            return {"max_length": MOST_ITEMS, **schema, "items_schema": items}
        case "tuple":
            items = [_exact(each, field, most) for each in schema["items_schema"]]
            return {"max_length": MOST_ITEMS, **schema, "items_schema": items}
        case "dict":
            keys = _exact(schema.get("keys_schema", {"type": "any"}), field, SHORT)
            values = _exact(schema.get("values_schema", {"type": "any"}), field, most)
            return {"max_length": MOST_ITEMS, **schema, "keys_schema": keys, "values_schema": values}
        case "enum":
            return _choice(schema, schema["cls"])
        case "definition-ref" if (enum := _CHOICES.get(schema["schema_ref"].partition(":")[0])) is not None:
            return _choice(schema, enum)
        case "default" | "nullable":
            return {**schema, "schema": _exact(schema["schema"], field, most)}
        case "union":
            choices = [_exact(each, field, most) for each in schema["choices"]]
            return {**schema, "choices": choices}
        case _:
            return schema


_CHOICES: Final[dict[str, type[StrEnum]]] = {}
"""The choices of all forms by the name under which pydantic refers to them."""


def _choice(schema: Any, choices: type[StrEnum]) -> core_schema.CoreSchema:
    """A choice of the form; who misses it is told all of them by name."""
    return core_schema.custom_error_schema(
        schema,
        custom_error_type="enum_choice",
        custom_error_message="it is none of the choices",
        custom_error_context=dict(listed(named(choices))),
    )


# -- texts -----------------------------------------------------------------------------------------------------------


def _text(most: int, form: str | None = None) -> core_schema.CoreSchema:
    """Text that says something: an optional one is left out rather than left blank, or a blank would be a signature."""
    in_line = most <= SHORT
    return core_schema.no_info_after_validator_function(
        _cleaner(in_line=in_line, form=re.compile(form) if form else None),
        core_schema.str_schema(strict=True, max_length=most),
        metadata={"pydantic_js_updates": {"pattern": _printable(form) if form else said_text(most)}},
    )


def said_text(most: int) -> str:
    """The pattern of a text that says something and has at most so many characters, as JSON Schema says it."""
    never = _NEVER + ("\t\n\r" if most <= SHORT else "")
    return _printable(f"^[^{never}]*[^{never}{_BLANK}][^{never}]*$")


def _printable(pattern: str) -> str:
    r"""The pattern as a JSON Schema reads it: characters nobody can see as ``\u`` escapes; surrogates are no JSON."""
    return "".join(
        character if " " <= character <= "~" else f"\\u{ord(character):04x}"
        for character in pattern.replace("\ud800-\udfff", "")
    )


def _cleaner(*, in_line: bool, form: re.Pattern[str] | None) -> Callable[[str], str]:
    bad = NOT_IN_LINE if in_line else _BAD_ANYWHERE

    def clean(value: str) -> str:
        if bad.search(value):
            raise PydanticCustomError("text_character", "a control or direction character is not text")
        if _ONLY_BLANK.fullmatch(value):
            raise PydanticCustomError("text_blank", "something has to be written here")
        if is_token(value):
            raise PydanticCustomError("text_sealed", "text cannot begin as a sealed value does")
        if form is not None and not form.search(value):
            raise PydanticCustomError("text_form", "only letters, digits, _ and - are allowed here")
        return value if is_normalized("NFC", value) else normalize("NFC", value)

    return clean


LINE: Final = _printable(f"^[^{_NEVER}\t\n\r]*$")
"""One line of text, empty or not, as JSON Schema says it."""


def _whole(value: Any) -> Any:
    """15.0 is a whole number, says JSON Schema; 15.5 and true are none."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# -- times -----------------------------------------------------------------------------------------------------------


def _shaped(form: re.Pattern[str]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, str):
            if not form.fullmatch(value):
                raise PydanticCustomError("time_form", "write it as RFC 3339 does, an instant with its zone")
            # A "+" that was not encoded in an address arrives as a blank.
            return value.replace(" ", "+")
        if isinstance(value, (date, time)):
            return value
        raise PydanticCustomError("time_form", "write it as RFC 3339 does, an instant with its zone")

    return check


def _instant(field: str) -> core_schema.CoreSchema:
    def believable(value: datetime) -> datetime:
        _check_year(value, field)
        return value

    return core_schema.no_info_before_validator_function(
        _shaped(INSTANT_FORM),
        core_schema.no_info_after_validator_function(believable, core_schema.datetime_schema(tz_constraint="aware")),
    )


def _day(field: str) -> core_schema.CoreSchema:
    def believable(value: date) -> date:
        _check_year(value, field)
        return value

    return core_schema.no_info_before_validator_function(
        _shaped(DAY_FORM), core_schema.no_info_after_validator_function(believable, core_schema.date_schema())
    )


def _check_year(value: date, field: str) -> None:
    """Readable but absurd: a refusal rather than a malformed request, since no schema can say it."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise RuleBroken(
            "date-out-of-range",
            None,
            zh=f"日期须在{FIRST_YEAR}年至{LAST_YEAR}年之间",
            en=f"the date has to lie between {FIRST_YEAR} and {LAST_YEAR}",
            field=field,
        )


class _AsInstant:
    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return _instant("occurred_at")


class _AsDay:
    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return _day("on")


class _AsText:
    def __init__(self, form: str | None = None) -> None:
        self.form = form

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return _text(SHORT, self.form)


Instant = Annotated[datetime, _AsInstant()]
"""An aware instant outside a command, as in a query."""
Day = Annotated[date, _AsDay()]
"""A local date outside a command."""
Short = Annotated[str, _AsText()]
"""One line of text that says something."""
Code = Annotated[str, _AsText(CODE)]
"""An office's code."""
