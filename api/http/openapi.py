"""The OpenAPI 3.1 document 接口文档: what the routes say, what every operation has in common, and everything said once.

``wuye openapi`` writes it, :mod:`api.http.reference` serves it; ``docs/api-contract.txt`` holds one line per operation.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http import typed
from api.http.authentication import COOKIE, PUBLIC
from api.http.components import share
from api.http.documents import PAGE, ROW, SCHEMAS, ref, register_schema, row_of, row_schema
from api.http.examples import give_examples
from api.http.parts import pruned
from api.http.problems import MEDIA_TYPE, SCHEMA, STATUSES
from api.http.route_index import RouteIndex
from api.routes.registers import filter_schema, filters_of, schema_name
from domain.cases import CASES
from domain.office.office import LIFECYCLE as OFFICE
from projections.engine.collection import Registers

__all__ = ["describe"]


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
        "cases": ("差错更正", "mistakes, mended for all kinds of case"),
        "tasks": ("待办与通知", "tasks, notices and where they are sent"),
        "standards": ("标准", "the measured duties"),
        "settings": ("设定", "thresholds, dated"),
        "handbook": ("手册", "the handbook, clause by clause"),
        "registers": ("登记簿导出", "registers as files"),
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
            routes=[inner for route in app.routes if isinstance(route, RouteIndex) for inner in route.routes],
            openapi_version="3.1.0",
        )
        made["tags"] = _tags(registers)
        made["servers"] = [{"url": "/", "description": "本服务 / this service"}]
        parts = made.setdefault("components", {})
        schemas = parts.setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        # Ours are told to several applications of one process, and the document is worked on.
        schemas |= deepcopy(SCHEMAS | {"Problem": SCHEMA, "Page": PAGE, "Row": ROW}) | dict(typed.schemas())
        for register in registers.all:
            schemas[schema_name(register)] = register_schema(register)
            schemas[row_schema(register)] = row_of(register)
            schemas[filter_schema(register)] = filters_of(register)
        told = "; ".join(f"{status} {zh} {en}" for status, (_, zh, en) in STATUSES.items())
        problem = {"description": told, "content": {MEDIA_TYPE: {"schema": ref("Problem")}}}
        parts["responses"] = {"Problem": problem}
        parts["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "description": "程序令牌 / a program's token"},
            "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "登录 / a log-in"},
        }
        made["security"] = [{"token": []}, {"session": []}]
        for path, operations in made["paths"].items():
            for operation in operations.values():
                _complete(path, operation)
        share(made, _records(registers))
        give_examples(made)
        app.openapi_schema = pruned(made)
    return app.openapi_schema


def _records(registers: Registers) -> dict[str, str]:
    """Which record a schema describes, where it is not the schema's own name: the names of its fields depend on it."""
    made = {typed.state_schema(lifecycle): lifecycle.of.__name__ for lifecycle in CASES}
    for lifecycle in CASES:
        made |= {typed.case_schema(lifecycle): "Case", typed.facts_schema(lifecycle): "Fact"}
    for register in registers.all:
        made |= {row_schema(register): register.row.__name__, schema_name(register): "Register"}
    return made


def _complete(path: str, operation: dict[str, Any]) -> None:
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
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
