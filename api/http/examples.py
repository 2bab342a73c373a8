"""Examples 示例: one request for every operation, made from its own schema, such as a first reader can send.

An example fills in what is required and what is about people; the tests check each against its schema and send it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.cases import BY_KIND, BY_PATH

__all__ = ["DAY", "OFFICE", "example_of", "give_examples"]

OFFICE: Final = "XH"
DAY: Final = "2026-03-03"
"""The day on which the examples are given."""
_ID: Final = "0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b"
_INSTANT: Final = f"{DAY}T18:00:00+08:00"
_TEXTS: Final[dict[str, str]] = {
    "matter": "厨房下水堵塞",
    "category": "drainage",
    "content": "下水又堵了",
    "complainant": "王小明",
    "contact": "19900001234",
    "phone": "19900001234",
    "home": "7-2-1403",
    "building": "7",
    "people": "一家三口",
    "name": "王小明",
    "reason": "住户要求",
    "note": "已与住户说明",
    "result": "已疏通",
    "place": "7幢2单元",
    "week": "2026-W09",
    "quarter": "2026-Q1",
    "period": "2026-02",
    "code": "XH",
    "login": "desk",
    "password": "correct horse battery",
    "old": "correct horse battery",
    "new": "battery horse correct",
    "value": "3",
    "slug": "complaints-handled",
    "clause": "4.9",
    "document": "a" * 64,
    "stage": "1",
    "part": "1",
    "fingerprint": "0F1E2D3C4B5A6978",
    "day": DAY,
    "photo": "a" * 64,
    "media_type": "application/pdf",
    "origin_kind": "complaint",
    "origin_id": f"complaint-{_ID}",
    "of_case": f"complaint-{_ID}",
    "case": f"repair_order-{_ID}",
    "task": "promise",
    "person": "li",
    "by": "li",
    "worker": "li",
    "responsible": "li",
    "visitor": "li",
    "deputy": "wu",
    "to": "wu",
    "successor": "wu",
    "department": "工程部",
    "role": "administrator",
    "address": "desk@example.invalid",
    "receipt": "000812",
    "title": "三月通告",
    "estate": "香湖小区",
    "notice": _ID,
    "user_id": _ID,
    "token_id": _ID,
    "subscription": _ID,
    "register": "complaints",
    "report": "ageing",
}
_OF_RECORD: Final[dict[tuple[str, str], str]] = {
    ("OpenOffice", "name"): "香湖小区",
    ("ChangeSetting", "name"): "complaint.answer_within_days",
    ("MakeToken", "name"): "desk",
}


def give_examples(document: dict[str, Any]) -> None:
    """An example for every body and for every part of an address, in place."""
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for each in operation.get("parameters", ()):
                if each.get("in") == "path":
                    each["example"] = _of_address(path, each["name"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["example"] = example_of(document, content["schema"])
    for parameter in document["components"].get("parameters", {}).values():
        if parameter["in"] == "path":
            parameter["example"] = _of_address("", parameter["name"])


def _of_address(path: str, name: str) -> str:
    if name == "office":
        return OFFICE
    if name == "case_id":
        kind = path.split("/")[3] if path else ""
        return f"{BY_PATH[kind].kind if kind in BY_PATH else 'complaint'}-{_ID}"
    return _TEXTS[name]


def example_of(document: Mapping[str, Any], schema: Mapping[str, Any], field: str = "", record: str = "") -> Any:
    """A value that fits this schema."""
    if "example" in schema:
        return schema["example"]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        target = document["components"]["schemas"][name]
        return example_of(document, target, field, name if "properties" in target else record)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example_of(document, schema["anyOf"][0], field, record)
    if "allOf" in schema:
        made: dict[str, Any] = {}
        for each in schema["allOf"]:
            made |= example_of(document, each, field, record)
        return made
    kind = schema.get("type", "object")
    match kind if isinstance(kind, str) else kind[0]:
        case "array":
            return [example_of(document, schema["items"], field, record)]
        case "object":
            return _filled(document, schema, record)
        case "boolean":
            return True
        case "integer":
            return _number(field, schema)
        case _:
            return _text(field, schema, record)


def _filled(document: Mapping[str, Any], schema: Mapping[str, Any], record: str) -> dict[str, Any]:
    required = schema.get("required", ())
    return {
        field: example_of(document, each, field, record)
        for field, each in schema.get("properties", {}).items()
        if field in required or _is_personal(document, each)
    }


def _is_personal(document: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    name = schema.get("$ref", "").rpartition("/")[2]
    if name == "Personal":
        return True
    within = [document["components"]["schemas"][name]] if name else schema.get("anyOf", ())
    return any(_is_personal(document, each) for each in within)


def _number(field: str, schema: Mapping[str, Any]) -> int:
    if field.endswith("_fen"):
        return 12_000
    return {"year": 2026, "area": 8_900}.get(field) or max(1, int(schema.get("minimum", 1)))


def _text(field: str, schema: Mapping[str, Any], record: str) -> str:
    match schema.get("format"):
        case "date-time":
            return _INSTANT
        case "date":
            return DAY
        case "local-time":
            return "09:00:00"
        case "uuid":
            return _ID
        case "binary":
            return "（文件内容 bytes）"
    if (record, field) in _OF_RECORD:
        return _OF_RECORD[record, field]
    if field in BY_KIND:
        return f"{field}-{_ID}"
    return _TEXTS.get(field, "见附件")
