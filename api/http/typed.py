"""What cases and facts hold, for the OpenAPI document 数据类型: derived from the records themselves, kind by kind."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from api.http.documents import SCHEMAS, listed, nullable, record, ref
from domain.cases import CASES
from domain.kernel.fact import Event
from domain.kernel.lifecycle.ask import Lifecycle

__all__ = ["case_schema", "facts_schema", "schema_of", "schemas"]

_PLAIN: dict[type, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    time: {"type": "string", "description": "hh:mm:ss, Asia/Shanghai"},
    UUID: {"type": "string", "format": "uuid"},
}


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """The schemas of every kind of case, of its facts, and of every event, by name."""
    for lifecycle in CASES:
        states = list(lifecycle.states)
        case = dict(SCHEMAS["Case"])
        more = {"kind": {"const": lifecycle.kind}, "state": {"type": "string", "enum": states}}
        case["properties"] = {**case["properties"], **more, "data": _record(lifecycle.of)}
        yield case_schema(lifecycle), {**case, "description": f"{lifecycle.zh} / {lifecycle.en}"}
        events = tuple(dict.fromkeys(row.event for row in lifecycle.steps))
        for event in events:
            yield f"Event.{event.__name__}", {**_record(event), "description": f"{event.ZH} / {event.EN}"}
        yield facts_schema(lifecycle), _facts(events)


def case_schema(lifecycle: Lifecycle[Any]) -> str:
    """The name of the schema of a case of this kind."""
    return f"Case.{lifecycle.path}"


def facts_schema(lifecycle: Lifecycle[Any]) -> str:
    """The name of the schema of its facts."""
    return f"Facts.{lifecycle.path}"


def _facts(events: tuple[type[Event], ...]) -> dict[str, Any]:
    fact = dict(SCHEMAS["Fact"])
    fact["properties"] = {
        **fact["properties"],
        "name": {"type": "string", "enum": [event.__name__ for event in events]},
        "data": {"anyOf": [ref(f"Event.{event.__name__}") for event in events]},
    }
    return record({"id": {"type": "string"}, "facts": listed(fact)})


def _record(cls: type) -> dict[str, Any]:
    hints = get_type_hints(cls)
    fields = {field.name: schema_of(hints[field.name]) for field in dataclasses.fields(cls)}
    return record(fields)


def _either(choices: list[dict[str, Any]]) -> dict[str, Any]:
    if len(choices) == 2 and choices[1] == {"type": "null"} and "type" in choices[0] and "enum" not in choices[0]:
        return nullable(choices[0])
    return {"anyOf": choices}


def schema_of(hint: Any) -> dict[str, Any]:
    """The JSON that a value of this type becomes. Raises TypeError for one that has no place in a record."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _either([schema_of(part) for part in parts])
    if hint is types.NoneType:
        return {"type": "null"}
    if origin in (list, set, frozenset):
        return listed(schema_of(parts[0]))
    if origin is tuple:
        return listed(schema_of(parts[0]) if parts[1:] == (...,) else {"anyOf": [schema_of(part) for part in parts]})
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": schema_of(parts[1])}
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"type": "string", "enum": [each.value for each in hint]}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _record(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    msg = f"no JSON is known for {hint!r}"
    raise TypeError(msg)
