"""The OpenAPI 3.1 document, committed as ``docs/openapi.json``: ``python -m api.http.openapi`` writes it.

What every operation has in common is added here: how one shows who one is, and the problems it can be answered with.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http import typed
from api.http.authentication import COOKIE, PUBLIC
from api.http.documents import SCHEMAS, ref, register_schema
from api.http.problems import MEDIA_TYPE, SCHEMA, STATUSES
from api.http.route_index import Drawer
from api.routes.registers import PARAMETERS, schema_name
from domain.cases import CASES
from domain.office.office import LIFECYCLE as OFFICE
from projections.engine.collection import Registers

__all__ = ["FILE", "describe", "document", "written"]

FILE: Final = Path(__file__).parents[2] / "docs" / "openapi.json"
_ONLY_CHANGING: Final = frozenset({412, 413, 415})
"""Reading has no body that could be too large, and no version that could be stale."""
_VERBS: Final = ("get", "post", "put", "delete", "patch")


def describe(app: FastAPI, registers: Registers) -> None:
    """Give the application its document."""
    app.openapi = lambda: _made(app, registers)  # type: ignore[method-assign]


def _tags(registers: Registers) -> list[dict[str, str]]:
    """The parts of the document in Chinese and English, cases in the handbook's order and then the other registers."""
    named = {
        "accounts": ("账号与登录", "accounts and log-in"),
        "offices": ("管理处", "offices"),
        "facts": ("台账与审计", "the book, page by page"),
        "deadlines": ("期限", "what is owed a date"),
        "tasks": ("待办与通知", "tasks, notices and where they are sent"),
        "standards": ("标准", "the measured duties"),
        "settings": ("设定", "thresholds, dated"),
        "handbook": ("手册", "the handbook, clause by clause"),
        "health": ("运行状况", "whether it runs"),
    }
    named |= {lifecycle.path: (lifecycle.zh, lifecycle.en) for lifecycle in CASES if lifecycle is not OFFICE}
    named |= {each.name: (each.zh, each.en) for each in registers.all if each.name not in named}
    return [{"name": name, "description": f"{zh} · {en}"} for name, (zh, en) in named.items()]


def _made(app: FastAPI, registers: Registers) -> dict[str, Any]:
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=[
                inner for route in app.routes for inner in (route.routes if isinstance(route, Drawer) else [route])
            ],
            openapi_version="3.1.0",
        )
        made["tags"] = _tags(registers)
        parts = made.setdefault("components", {})
        schemas = parts.setdefault("schemas", {})
        schemas |= SCHEMAS | {"Problem": SCHEMA}
        schemas |= {schema_name(register): register_schema(register) for register in registers.all}
        schemas |= dict(typed.schemas())
        parts["parameters"] = dict(PARAMETERS)
        parts["responses"] = {
            f"Problem{status}": {
                "description": f"{zh} / {en}",
                "content": {MEDIA_TYPE: {"schema": ref("Problem")}},
            }
            for status, (_, zh, en) in STATUSES.items()
        }
        parts["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "description": "程序令牌 / a program's token"},
            "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "登录 / a log-in"},
        }
        made["security"] = [{"token": []}, {"session": []}]
        for path, operations in made["paths"].items():
            for verb in _VERBS:
                if verb in operations:
                    _complete(path, verb, operations[verb])
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = made
    return app.openapi_schema


def _complete(path: str, verb: str, operation: dict[str, Any]) -> None:
    for status in STATUSES:
        if status in _ONLY_CHANGING and verb == "get":
            continue
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    if path in PUBLIC:
        operation["security"] = []
    for each in operation.get("parameters", ()):
        _not_null(each)


def _not_null(parameter: dict[str, Any]) -> None:
    """A parameter can be left out but has no way to say null."""
    schema = parameter.get("schema", {})
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del schema["anyOf"]
        parameter["schema"] = {**choices[0], **schema}
    elif choices:
        schema["anyOf"] = choices


def document() -> dict[str, Any]:
    """The document of this program, without a database."""
    from api.config import ApiSettings  # noqa: PLC0415 -- the application describes itself by this module
    from api.http.application import assemble  # noqa: PLC0415

    return assemble(ApiSettings(home=Path()), connect=_nowhere, master=None).openapi()


def written(document: dict[str, Any]) -> str:
    """As it is committed."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _nowhere() -> Any:
    msg = "no database is needed to describe the API"
    raise RuntimeError(msg)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(written(document()), encoding="utf-8")
