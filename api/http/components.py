"""What the document says again and again, said once 共用部分: texts, instants and amounts, and every field by name.

A field is one component wherever it means the same: its type, its Chinese and English title, and whether it is personal.
What is used once stands where it is used. Nothing here knows any kind of case: it reads a finished document.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from api.http.text import LINE, LONG, MOST_NUMBER, SHORT, TOLD, said_text
from domain.kernel.fact import COMMANDS
from domain.kernel.words import field_names

__all__ = ["SHAPES", "share"]

_TEXTS: Final = {"Line": SHORT, "Explanation": TOLD, "LongText": LONG}
SHAPES: Final[dict[str, dict[str, Any]]] = {
    **{name: {"type": "string", "maxLength": most, "pattern": said_text(most)} for name, most in _TEXTS.items()},
    "Instant": {"type": "string", "format": "date-time"},
    "Day": {"type": "string", "format": "date"},
    "Whole": {"type": "integer", "minimum": -MOST_NUMBER, "maximum": MOST_NUMBER},
    "AnyLine": {"type": "string", "pattern": LINE},
}
"""Shapes without a name of their own."""
_SAID: Final = {
    "Line": "一行文字 / one line of text that says something",
    "Explanation": "说明文字 / text that says something",
    "LongText": "长文字，可换行 / long text, with line breaks",
    "Instant": "RFC 3339，含时区 / an instant with its zone",
    "Day": "管理处当地日期（Asia/Shanghai）/ a date of the office's own calendar",
    "Whole": "整数 / a whole number",
    "AnyLine": "一行文字，可空 / one line of text, or none",
    "Personal": "个人信息，密封保存 / personal, kept sealed",
    "Fen": "整数，单位为分 / whole fen",
    "Hundredths": "整数，单位为百分之一 / whole hundredths",
}
_LIKE: Final = {"Personal": "LongText", "Fen": "Whole", "Hundredths": "Whole"}
"""Shapes that mean something of their own in some fields."""


def _key(schema: Any) -> str:
    return json.dumps(schema, sort_keys=True, ensure_ascii=False)


_BY_SHAPE: Final = {_key(schema): name for name, schema in SHAPES.items()}


def share(document: dict[str, Any], records: Mapping[str, str]) -> None:
    """Name every field of every schema and put what is said twice among the components, in place.

    ``records`` gives the record a schema describes where it is not the schema's own name.
    """
    schemas = document["components"]["schemas"]
    for name in list(schemas):
        _walk(schemas[name], records.get(name, name.rpartition(".")[2]))
        if name in COMMANDS:
            del schemas[name]["description"]  # the operation says it
        if "patternProperties" in schemas[name]:
            schemas[name] = _shaped(schemas[name])
    for operation in _operations(document):
        for each in operation.get("parameters", ()):
            each["schema"] = _shaped(each["schema"])
    _hoist_fields(schemas)
    shapes = SHAPES | {name: SHAPES[like] for name, like in _LIKE.items()}
    schemas |= {name: {**shape, "description": _SAID[name]} for name, shape in shapes.items()}
    for kind in ("parameters", "responses"):
        _hoist(document, kind)


def _walk(schema: Any, record: str) -> None:
    """Name the properties within, whatever they stand in."""
    if isinstance(schema, list):
        for each in schema:
            _walk(each, record)
    elif isinstance(schema, dict):
        schema.pop("title", None)
        for field, each in schema.get("properties", {}).items():
            _walk(each, record)
            schema["properties"][field] = _titled(_shaped(each), field, record)
        for word in ("items", "additionalProperties", "allOf", "anyOf", "prefixItems"):
            if word in schema:
                _walk(schema[word], record)


def _shaped(schema: dict[str, Any]) -> dict[str, Any]:
    """The same with a reference in place of a shape that has a name."""
    schema = {word: value for word, value in schema.items() if word != "title" and (word, value) != ("default", None)}
    kept: dict[str, Any] = {word: schema.pop(word) for word in ("description", "default") if word in schema}
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            schema[word] = _shaped(schema[word])
    if "anyOf" in schema:
        schema["anyOf"] = [_shaped(each) for each in schema["anyOf"]]
    if "patternProperties" in schema:
        schema["patternProperties"] = {name: _shaped(each) for name, each in schema["patternProperties"].items()}
    if isinstance(schema.get("type"), list):  # such as ["string", "null"]
        one = {**schema, "type": schema["type"][0]}
        if _key(one) in _BY_SHAPE:
            schema = {"anyOf": [_shaped(one), {"type": "null"}]}
    name = _BY_SHAPE.get(_key(schema))
    return {**({"$ref": f"#/components/schemas/{name}"} if name else schema), **kept}


def _titled(schema: dict[str, Any], field: str, record: str) -> dict[str, Any]:
    zh, en = field_names(field, record)
    return {"title": f"{zh} · {en}", **_meant(schema, _meaning(field, record))}


def _meaning(field: str, record: str) -> str | None:
    said = COMMANDS.get(record)
    if said is not None and field in said.PERSONAL:
        return "Personal"
    if field.endswith("_fen"):
        return "Fen"
    return "Hundredths" if "hundredths" in field or field == "area" else None


def _meant(schema: dict[str, Any], meaning: str | None) -> dict[str, Any]:
    """The same with what a bare number or text means in this field; what comes out is bounded as what goes in."""
    if meaning is None:
        return schema
    if schema.get("$ref") == f"#/components/schemas/{_LIKE[meaning]}":
        return {**schema, "$ref": f"#/components/schemas/{meaning}"}
    if "anyOf" in schema:
        return {**schema, "anyOf": [_meant(each, meaning) for each in schema["anyOf"]]}
    if _LIKE[meaning] == "Whole" and schema.get("type") in ("integer", ["integer", "null"]):
        kept = {word: each for word, each in schema.items() if word != "type"}
        one = {"$ref": f"#/components/schemas/{meaning}"}
        return {**kept, **(one if schema["type"] == "integer" else {"anyOf": [one, {"type": "null"}]})}
    return schema


def _properties(schema: Any) -> Iterator[dict[str, Any]]:
    """Every set of properties within."""
    if isinstance(schema, list):
        for each in schema:
            yield from _properties(each)
    elif isinstance(schema, dict):
        if "properties" in schema:
            yield schema["properties"]
            for each in schema["properties"].values():
                yield from _properties(each)
        for word in ("items", "additionalProperties", "allOf", "anyOf", "prefixItems"):
            if word in schema:
                yield from _properties(schema[word])


def _hoist_fields(schemas: dict[str, Any]) -> None:
    """Fields that are said alike more than once, most used first: ``matter``, then ``matter.2``."""
    used: dict[str, Counter[str]] = {}
    sets = [each for schema in schemas.values() for each in _properties(schema)]
    for properties in sets:
        for field, schema in properties.items():
            used.setdefault(field, Counter())[_key(schema)] += 1
    names: dict[tuple[str, str], str] = {}
    taken = {name.lower() for name in schemas}  # generated clients make classes of names, and ``purpose`` a ``Purpose``
    for field, variants in used.items():
        often = sorted((-count, key) for key, count in variants.items() if count > 1)
        first = 1 if field.replace("_", "") not in taken else 2
        for place, (_, key) in enumerate(often, first):
            names[field, key] = field if place == 1 else f"{field}.{place}"
    for properties in sets:
        for field, schema in properties.items():
            name = names.get((field, _key(schema)))
            if name is not None:
                properties[field] = {"$ref": f"#/components/schemas/{name}"}
    schemas |= {name: json.loads(key) for (_, key), name in names.items()}


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in document["paths"].values():
        yield from operations.values()


def _hoist(document: dict[str, Any], kind: str) -> None:
    """Parameters and responses that several operations have alike."""
    used: dict[str, Counter[str]] = {}
    naming: dict[str, Callable[[Any, str], str]] = {
        "parameters": lambda part, _place: str(part["name"]),
        "responses": lambda _part, place: {"200": "Answered", "201": "Made"}.get(place, "Done"),
    }
    every = [spot for operation in _operations(document) for spot in _spots(operation, kind)]
    for holder, place in every:
        part = holder[place]
        if "$ref" not in part:
            used.setdefault(naming[kind](part, str(place)), Counter())[_key(part)] += 1
    components = document["components"].setdefault(kind, {})
    names: dict[str, str] = {}
    for name, variants in used.items():
        free = [name] if name not in components else []
        for place, (_, key) in enumerate(sorted((-n, key) for key, n in variants.items() if n > 1), 1):
            names[key] = free.pop() if free else f"{name}.{place}"
            components[names[key]] = json.loads(key)
    for holder, place in every:
        key = _key(holder[place])
        if key in names:
            holder[place] = {"$ref": f"#/components/{kind}/{names[key]}"}


def _spots(operation: dict[str, Any], kind: str) -> Iterator[tuple[Any, Any]]:
    """Where such a part stands: what holds it, and at which place."""
    holder = operation.get(kind, ())
    for place in list(range(len(holder)) if isinstance(holder, list) else holder):
        yield holder, place
