"""The route index 路由索引: routes are found by the words of an address instead of tried one after another.

Every command of every kind has a route of its own, some hundreds; the framework tries them in turn, which cost more
than carrying the command out. Here the few that can fit are looked up, and the framework's own matching decides.

A word of an address may hold a slash that was sent as ``%2F``: an id can be made of what people call a home. A
parameter that the route does not know is refused: ``?occured_at=`` must not turn a late entry into one of now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

__all__ = ["RouteIndex"]

_ANY: Final = "{}"
_FOUND: Final = "wuye.route"
_ALLOWED: Final = "wuye.allowed"
_SLASH: Final = "\uffff"
"""Stands for a slash within a word while the framework matches: no character, so that no text holds it."""


class RouteIndex(BaseRoute):
    """One route to the framework, as many as one likes inside."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        """``routes`` keep their order among those that fit the same address."""
        self.routes = [route for route in routes if isinstance(route, APIRoute)]
        self._index: dict[tuple[int, str, str], list[tuple[int, APIRoute]]] = {}
        for position, route in enumerate(self.routes):
            self._index.setdefault(_key(route.path_format), []).append((position, route))
        self._parameters = {id(route): _parameters(route) for route in self.routes}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first route that fits address and method; else what methods the address knows."""
        if scope["type"] != "http":
            return Match.NONE, {}
        allowed: set[str] = set()
        asked = _with_slashes(scope)
        for route in self._candidates(asked["path"]):
            match, child = route.matches(asked)
            if match is Match.FULL:
                if asked is not scope:
                    words = child["path_params"].items()
                    child["path_params"] = {name: word.replace(_SLASH, "/") for name, word in words}
                return match, {**child, _FOUND: route}
            if match is Match.PARTIAL:
                allowed |= route.methods or set()
        return (Match.PARTIAL, {_ALLOWED: allowed}) if allowed else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over to the route that was found."""
        route = scope.get(_FOUND)
        if route is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(scope[_ALLOWED]))})
        if scope["query_string"]:
            _check(self._parameters[id(route)], scope["query_string"])
        scope["route"] = route
        await route.handle(scope, receive, send)

    def _candidates(self, path: str) -> Iterator[APIRoute]:
        count, third, last = _key(path)
        found = [
            each
            for middle in {third, _ANY}
            for end in {last, _ANY}
            for each in self._index.get((count, middle, end), ())
        ]
        return (route for _, route in sorted(found, key=lambda each: each[0]))


def _key(path: str) -> tuple[int, str, str]:
    """How many words, the third and the last; a parameter fits any word."""
    words = path.strip("/").split("/") if path.endswith("/") else path[1:].split("/")
    third = words[2] if len(words) > 2 else ""
    return len(words), _plain(third), _plain(words[-1])


def _plain(word: str) -> str:
    return _ANY if word.startswith("{") else word


def _with_slashes(scope: Scope) -> Scope:
    """The scope with the slashes within words marked; the scope itself when there are none."""
    raw: bytes = scope.get("raw_path") or b""
    if not any(sign in raw for sign in (b"%2F", b"%2f", b"%25")):  # a per cent sign too: decoded once and no more
        return scope
    words = raw.partition(b"?")[0].decode("latin-1").split("/")
    return {**scope, "path": "/".join(unquote(word).replace("/", _SLASH) for word in words)}


def _parameters(route: APIRoute) -> frozenset[str] | None:
    """The query parameters that a route knows; None where it looks at them itself, or is a page for a browser."""
    if not route.include_in_schema or "parameters" in (route.openapi_extra or {}):
        return None
    return frozenset(field.alias for field in route.dependant.query_params)


def _check(known: frozenset[str] | None, query: bytes) -> None:
    if known is None:
        return
    faults: list[dict[str, Any]] = []
    seen: set[str] = set()
    for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in seen or name not in known:
            faults.append({"type": f"parameter_{'repeated' if name in known else 'unknown'}", "loc": ("query", name)})
        seen.add(name)
    if faults:
        raise RequestValidationError(faults)
