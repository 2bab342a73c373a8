"""What cases and facts hold, for the OpenAPI document 数据类型: derived from the records themselves, kind by kind."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from api.http.documents import listed, nullable, record, ref
from domain.cases import CASES
from domain.kernel.fact import Case, Event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.words import choice_names

__all__ = ["COMMON", "case_schema", "choice_schema", "facts_schema", "schema_of", "schemas", "state_schema"]

COMMON = "State"
"""The schema of what every case holds."""

_PLAIN: dict[type, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    time: {"type": "string", "format": "local-time"},
    UUID: {"type": "string", "format": "uuid"},
}


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """The schemas of every kind of case, of its facts and events, and of what they are made of, by name."""
    yield COMMON, _record(Case)
    for lifecycle in CASES:
        said = f"{lifecycle.zh} / {lifecycle.en}"
        states = {"type": "string", "enum": list(lifecycle.states)}
        own = record({"kind": {"const": lifecycle.kind}, "state": states, "data": ref(state_schema(lifecycle))})
        yield case_schema(lifecycle), {"allOf": [ref("Case"), own], "description": said}
        yield state_schema(lifecycle), _case_record(lifecycle.of)
        events = tuple(dict.fromkeys(row.event for row in lifecycle.steps))
        for event in events:
            yield f"Event.{event.__name__}", {**_record(event), "description": f"{event.ZH} / {event.EN}"}
        yield facts_schema(lifecycle), _facts(events)
    yield from sorted(_parts().items())


def case_schema(lifecycle: Lifecycle[Any]) -> str:
    """The name of the schema of a case of this kind."""
    return f"Case.{lifecycle.path}"


def facts_schema(lifecycle: Lifecycle[Any]) -> str:
    """The name of the schema of its facts."""
    return f"Facts.{lifecycle.path}"


def state_schema(lifecycle: Lifecycle[Any]) -> str:
    """The name of the schema of what a case of this kind holds."""
    return f"{COMMON}.{lifecycle.path}"


def _facts(events: tuple[type[Event], ...]) -> dict[str, Any]:
    own = record(
        {
            "name": {"type": "string", "enum": [event.__name__ for event in events]},
            "data": {"anyOf": [ref(f"Event.{event.__name__}") for event in events]},
        }
    )
    return {"allOf": [ref("FactsOf"), record({"facts": listed({"allOf": [ref("Fact"), own]})})]}


def _case_record(cls: type[Case]) -> dict[str, Any]:
    """What a case of this kind holds beside what every case holds."""
    every = {field.name for field in dataclasses.fields(Case)}
    own = _record(cls, without=every)
    return {"allOf": [ref(COMMON), own]} if own["properties"] else {"allOf": [ref(COMMON)]}


def _parts() -> dict[str, dict[str, Any]]:
    """The records that stand within others, as they come out, and the choices with their names."""
    found: dict[str, dict[str, Any]] = {}
    waiting: list[Any] = [*(each.of for each in CASES), *(row.event for each in CASES for row in each.steps)]
    while waiting:
        for hint in get_type_hints(waiting.pop()).values():
            for part in _within(hint):
                if not isinstance(part, type) or _name_of(part) in found:
                    continue
                if issubclass(part, StrEnum):
                    found[_name_of(part)] = choice_schema(part)
                elif dataclasses.is_dataclass(part):
                    found[_name_of(part)] = _record(part)
                    waiting.append(part)
    return found


def _within(hint: Any) -> Iterator[Any]:
    yield hint
    for part in get_args(hint):
        yield from _within(part)


def _name_of(part: type) -> str:
    return part.__name__ if issubclass(part, StrEnum) else f"Record.{part.__name__}"


def choice_schema(kind: type[StrEnum]) -> dict[str, Any]:
    """A choice with what each value is called."""
    said = "; ".join(f"{each.value}: {' / '.join(choice_names(each))}" for each in kind)
    return {"type": "string", "enum": [each.value for each in kind], "description": said}


def _record(cls: type, without: Collection[str] = ()) -> dict[str, Any]:
    hints = get_type_hints(cls)
    names = (field.name for field in dataclasses.fields(cls))
    return record({name: schema_of(hints[name]) for name in names if name not in without})


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
    if isinstance(hint, type) and (issubclass(hint, StrEnum) or dataclasses.is_dataclass(hint)):
        return ref(_name_of(hint))
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    msg = f"no JSON is known for {hint!r}"
    raise TypeError(msg)
