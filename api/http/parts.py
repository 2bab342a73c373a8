"""The document in parts 分册: one for every kind of case, by its path, and one for the rest; and what its lines are.

A *line* says one operation: method, address, name and the hash of everything a program depends on. Wording does not
count: titles, descriptions, summaries and examples may be mended without a change of the contract.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from domain.cases import BY_KIND
from domain.kernel.fact import COMMANDS
from projections.engine.collection import Registers

__all__ = ["REST", "compact", "difference", "lines", "overview", "part", "parts", "pruned"]

REST: Final = "general"
"""The part that belongs to no kind of case."""
_WORDING: Final = frozenset({"title", "description", "summary", "example", "examples", "tags"})
_HELD: Final = ("schemas", "parameters", "responses", "requestBodies")


def parts(document: Mapping[str, Any], registers: Registers) -> dict[str, set[str]]:
    """Part → the tags of its operations: a kind with the registers that are made of it."""
    kinds = {register.name: next(iter(register.kinds), None) for register in registers.all}
    paths = {lifecycle.of: lifecycle.path for lifecycle in BY_KIND.values()}
    found: dict[str, set[str]] = {}
    for operations in document["paths"].values():
        for operation in operations.values():
            [tag] = operation["tags"]
            own = tag if tag in paths.values() and tag != "offices" else None
            of = kinds.get(tag)
            found.setdefault(own or (paths[of] if of is not None else REST), set()).add(tag)
    return found


def part(document: Mapping[str, Any], tags: set[str]) -> dict[str, Any]:
    """The document with these tags' operations and what they rest on."""
    paths = {
        path: kept
        for path, operations in document["paths"].items()
        if (kept := {verb: each for verb, each in operations.items() if set(each["tags"]) <= tags})
    }
    return pruned({**document, "paths": paths, "tags": [tag for tag in document["tags"] if tag["name"] in tags]})


def overview(document: Mapping[str, Any]) -> dict[str, Any]:
    """Every operation with what is sent, and every register's rows, small enough for any tool.

    What cases and facts hold, by which columns a register is filtered and ordered, what fields and choices are called, that a
    body has no others, who may give a command and an example of every body stand in the parts.
    """
    document = _alike(document)
    parameters = document["components"]["parameters"]
    held = {
        **document["components"],
        "schemas": _slim_rows(_named_choices(_loosened(document["components"]["schemas"], parameters)))
        | _LOOSE
        | {"Facts": _FACTS}
        | _LACKING,
        "responses": _loosened(document["components"]["responses"], parameters),
        "parameters": parameters | _LOOSE_PARAMETERS,
    }
    paths = _loosened(document["paths"], parameters)
    held["responses"] |= _answers(paths, held["responses"])
    held |= {"requestBodies": _bodies(paths)}
    references = {f"#/components/parameters/{name}": f"#/components/parameters/{of}" for name, of in _HEADERS.items()}
    held["parameters"] = {_HEADERS.get(name, name): each for name, each in held["parameters"].items()}
    named = {f"#/components/schemas/{name}": each for name, each in held["schemas"].items() if _is_plain(each)}
    paths, held = _said_plainly(_renamed(paths, references), named), _said_plainly(held, named)
    return pruned({**document, "paths": paths, "components": held})


def _is_plain(schema: Mapping[str, Any]) -> bool:
    """Whether it only says a type, or another component's name: shorter said where it is meant, once fields have no titles."""
    return schema.keys() == {"$ref"} or (schema.keys() == {"type"} and schema["type"] != "object")


def _said_plainly(part: Any, named: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_said_plainly(each, named) for each in part]
    if not isinstance(part, dict):
        return part
    reference = part.get("$ref")
    if isinstance(reference, str) and reference in named:
        return _said_plainly(
            {**named[reference], **{word: each for word, each in part.items() if word != "$ref"}}, named
        )
    return {word: _said_plainly(each, named) for word, each in part.items()}


def _bodies(paths: dict[str, Any]) -> dict[str, Any]:
    """What several operations take as their body, said once: the operations refer to it from now on."""
    operations = [each for path in paths.values() for each in path.values() if "requestBody" in each]
    users: dict[str, list[dict[str, Any]]] = {}
    for each in operations:
        users.setdefault(json.dumps(each["requestBody"], sort_keys=True), []).append(each)
    shared: dict[str, Any] = {}
    for several in (each for each in users.values() if len(each) > 1):
        body = several[0]["requestBody"]
        name = next(_references(body), "").rpartition("/")[2]
        name = f"{name}-{len(shared)}" if name in shared or not name else name
        shared[name] = body
        for each in several:
            each["requestBody"] = {"$ref": f"#/components/requestBodies/{name}"}
    return shared


def _answers(paths: dict[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """What several operations answer, said once, such as any case or its facts: they refer to it from now on."""
    users: dict[str, list[tuple[dict[str, Any], str]]] = {}
    for operation in (each for path in paths.values() for each in path.values()):
        for status, answer in operation["responses"].items():
            if "$ref" not in answer:
                users.setdefault(json.dumps(answer, sort_keys=True), []).append((operation["responses"], status))
    shared: dict[str, Any] = {}
    for several in (each for each in users.values() if len(each) > 1):
        responses, status = several[0]
        answer = responses[status]
        name = next(_references(answer), "").rpartition("/")[2] or "Answer"
        name = f"{name}-{len(shared)}" if name in named or name in shared else name
        shared[name] = answer
        for responses, status in several:
            responses[status] = {"$ref": f"#/components/responses/{name}"}
    return shared


def _alike(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with bodies that say the same under one name, such as `Body.reason` for all that want a reason."""
    schemas = document["components"]["schemas"]
    groups: dict[str, list[str]] = {}
    for name in sorted(COMMANDS.keys() & schemas.keys()):
        groups.setdefault(json.dumps(schemas[name], sort_keys=True), []).append(name)
    shared: dict[str, str] = {}
    for names in (each for each in groups.values() if len(each) > 1):
        said = ".".join(("Body", *schemas[names[0]].get("properties", ())))
        others = sum(of == said or of.startswith(f"{said}-") for of in set(shared.values()))
        shared |= dict.fromkeys(names, f"{said}-{others + 1}" if others else said)
    references = {f"#/components/schemas/{name}": f"#/components/schemas/{of}" for name, of in shared.items()}
    held = {name: each for name, each in schemas.items() if name not in shared}
    held |= {of: schemas[name] for name, of in shared.items()}
    return {
        **document,
        "paths": _renamed(document["paths"], references),
        "components": {**document["components"], "schemas": held},
    }


def _renamed(part: Any, references: Mapping[str, str]) -> Any:
    if isinstance(part, list):
        return [_renamed(each, references) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        word: references.get(each, each) if word == "$ref" else _renamed(each, references)
        for word, each in part.items()
    }


_LOOSE: Final[dict[str, Any]] = {
    "State": {"type": "object", "description": "内容见各事项分册 / typed in the kind's part, /openapi/{kind}.json"},
    "Filter": {
        "type": "object",
        "properties": {
            "q": {"type": "string"},
            "sort": {"type": "string"},
            "cursor": {"type": "string"},
            "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
            "as_of": {"type": ["integer", "string"]},
        },
        "additionalProperties": {"type": "string"},
    },
}
_OR_NONE: Final = ("Instant", "Day", "Personal", "Line", "Fen")
"""Components that hundreds of fields may lack: in the overview that is a component of its own."""
_LACKING: Final = {
    f"{name}OrNone": {"anyOf": [{"$ref": f"#/components/schemas/{name}"}, {"type": "null"}]} for name in _OR_NONE
}
_FACTS: Final = {
    "type": "object",
    "required": ["id", "facts"],
    "properties": {
        "id": {"$ref": "#/components/schemas/id"},
        "facts": {"type": "array", "items": {"$ref": "#/components/schemas/Fact"}},
    },
}
_LOOSE_PARAMETERS: Final[dict[str, Any]] = {
    "filter": {
        "name": "filter",
        "in": "query",
        "style": "form",
        "explode": True,
        "schema": {"$ref": "#/components/schemas/Filter"},
        "description": "各列筛选，每列一个参数；q 查找，sort 排序，前加 - 为降序；cursor 为上一页的 next，as_of 为台账页码或时刻 /"
        " a parameter per column: column, column_from, column_to; q searches, sort orders by a column, - before it descends;"
        " cursor is the page before's next, as_of a page of the book or an instant",
    },
}


_HEADERS: Final = {"Idempotency-Key": "key", "If-Match": "match", "Wuye-Role": "role"}
"""What hundreds of operations refer to, by a shorter name."""
_OF_A_CASE: Final = ("source_id", "state", "version", "imported", "opened_at")
"""The columns with which rows of cases begin: said once in the overview."""


def _named_choices(schemas: dict[str, Any]) -> dict[str, Any]:
    """Choices with their values alone: what they mean in words is said in the parts."""
    return {
        name: {word: said for word, said in schema.items() if word != "description" or "enum" not in schema}
        for name, schema in schemas.items()
    }


def _slim_rows(schemas: dict[str, Any]) -> dict[str, Any]:
    """Rows with their columns' types alone: that every column is there is said in the parts."""
    made: dict[str, Any] = {}
    begins: dict[str, Any] = {}
    for name, schema in schemas.items():
        if name.startswith("Row."):
            base, own = schema["allOf"]
            columns = own["properties"]
            first = {each: columns[each] for each in _OF_A_CASE if each in columns}
            if len(first) == len(_OF_A_CASE) and first == (begins or first):
                made["CaseRow"] = _untitled({"allOf": [base, {"type": "object", "properties": first}]})
                begins, base = first, {"$ref": "#/components/schemas/CaseRow"}
                columns = {each: said for each, said in columns.items() if each not in first}
            schema = {"allOf": [base, {"type": "object", "properties": columns}]}  # noqa: PLW2901 -- the slim one
        made[name] = _untitled(schema)
    return made


def _untitled(part: Any) -> Any:
    """A schema without what its fields are called; a field may itself be called title."""
    if isinstance(part, list):
        return [_untitled(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {word: _untitled(each) for word, each in part.items() if word != "title" or not isinstance(each, str)}


_WHEN: Final = ("occurred_at", "late_reason")
"""What an entry says of when it happened: one parameter in the overview, since every command has both."""
_LOOSE_PARAMETERS["when"] = {
    "name": "when",
    "in": "query",
    "style": "form",
    "explode": True,
    "schema": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "occurred_at": {"$ref": "#/components/schemas/Instant"},
            "late_reason": {"$ref": "#/components/schemas/Line"},
        },
    },
    "description": "occurred_at 发生时间（补录），late_reason 补录理由 / when it happened, and why it is entered late",
}
_FILTERED: Final = frozenset({"sort", "q", "cursor", "limit", "as_of"})
"""What a list is asked beside its columns: said with them in the overview, since every register has them."""
_MOST: Final = {"maximum": 10**15, "minimum": -(10**15)}
"""Between what every whole number lies: said in the parts."""
_IN_PARTS: Final = frozenset({"x-roles", "x-clauses"})


def _loosened(part: Any, parameters: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        first, *others = (f"#/components/parameters/{name}" for name in _WHEN)
        once = [each for each in part if not (isinstance(each, dict) and each.get("$ref") in others)]
        when, filtered = {"$ref": "#/components/parameters/when"}, {"$ref": "#/components/parameters/filter"}
        made = [when if each == {"$ref": first} else _loosened(each, parameters) for each in once]
        return [each for each in made if _called(each, parameters) not in _FILTERED] if filtered in made else made
    if not isinstance(part, dict):
        return part
    reference = part.get("$ref")
    if isinstance(reference, str):
        _, _, kind, name = reference.split("/", 3)
        said = parameters[name]["name"] if kind == "parameters" else name.partition(".")[0]
        loose = (
            said in _LOOSE_PARAMETERS
            if kind == "parameters"
            else "." in name and said in ("Facts", "Event", "Case", *_LOOSE)
        )
        if loose:
            return {"$ref": f"#/components/{kind}/{said}"}
    elif part.get("in") == "query" and part["name"] in _LOOSE_PARAMETERS:
        return {"$ref": f"#/components/parameters/{part['name']}"}
    beside = {"example"} if "schema" in part and "in" not in part else _IN_PARTS  # a body's example
    kept = {word: each for word, each in part.items() if word not in beside}
    if (
        kept.get("additionalProperties") is False
    ):  # that no field is unknown is said in the parts: it is so of every body
        del kept["additionalProperties"]
    if all(kept.get(word) == bound for word, bound in _MOST.items()):
        kept = {word: each for word, each in kept.items() if word not in _MOST}
    match part.get("anyOf"):
        case [{"$ref": said, **more}, {"type": "null"}] if not more and said.rpartition("/")[2] in _OR_NONE:
            del kept["anyOf"]
            kept["$ref"] = f"{said}OrNone"
    return {word: _loosened(each, parameters) for word, each in kept.items()}


def _called(part: Any, parameters: Mapping[str, Any]) -> str | None:
    """The name of a parameter, said here or referred to."""
    if not isinstance(part, dict):
        return None
    referred: Mapping[str, Any] = parameters.get(part.get("$ref", "").rpartition("/")[2], part)
    name = referred.get("name")
    return name if isinstance(name, str) else None


def pruned(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without components that nothing refers to."""
    components, kept = document["components"], {}
    waiting = list(_references(document["paths"]))
    while waiting:
        reference = waiting.pop()
        if reference not in kept:
            _, _, kind, name = reference.split("/", 3)
            kept[reference] = (kind, name)
            waiting += _references(components[kind][name])
    held: dict[str, Any] = {kind: value for kind, value in components.items() if kind not in _HELD}
    for kind in _HELD:
        held[kind] = {name: each for name, each in components.get(kind, {}).items() if (kind, name) in kept.values()}
    return {**document, "components": held}


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for each in part.values():
            yield from _references(each)
    elif isinstance(part, list):
        for each in part:
            yield from _references(each)


def compact(document: Mapping[str, Any]) -> bytes:
    """As it is sent."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


# -- the contract ----------------------------------------------------------------------------------------------------


def lines(document: Mapping[str, Any]) -> list[str]:
    """One line per operation, in the order of the addresses."""
    hashes: dict[str, str] = {}
    made = []
    for path, operations in sorted(document["paths"].items()):
        for verb, operation in sorted(operations.items()):
            said = _hash(_bare(operation, document["components"], hashes))
            made.append(f"{verb.upper():6} {path} {operation['operationId']} {said}")
    return made


def _hash(part: Any) -> str:
    return sha256(json.dumps(part, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]


def _bare(part: Any, components: Mapping[str, Any], hashes: dict[str, str], *, names: bool = False) -> Any:
    """What a program depends on: no wording, and in place of a reference the hash of what it leads to.

    ``names``: the words of this object are names that somebody chose, such as a field that is called ``title``.
    """
    if isinstance(part, list):
        return [_bare(each, components, hashes) for each in part]
    if not isinstance(part, dict):
        return part
    if isinstance(part.get("$ref"), str):
        reference = part["$ref"]
        if reference not in hashes:
            hashes[reference] = ""  # a record within itself
            _, _, kind, name = reference.split("/", 3)
            hashes[reference] = _hash(_bare(components[kind][name], components, hashes))
        return {"→": hashes[reference]}
    return {
        word: _bare(each, components, hashes, names=word == "properties" and not names)
        for word, each in part.items()
        if names or word not in _WORDING
    }


def difference(before: list[str], now: list[str]) -> list[str]:
    """What has become of the contract, line by line, for people."""
    old, new = ({line.rpartition(" ")[0]: line for line in each} for each in (before, now))
    return [
        *(f"gone: {name}" for name in old if name not in new),
        *(f"new: {name}" for name in new if name not in old),
        *(f"changed: {name}" for name in new if name in old and old[name] != new[name]),
    ]
