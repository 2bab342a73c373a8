"""The routes in a drawer 抽屉: found by the words of an address instead of tried one after another.

Every command of every kind has a route of its own, some hundreds; the framework tries them in turn, which cost more
than carrying the command out. Here the few that can fit are looked up, and the framework's own matching decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

__all__ = ["Drawer"]

_ANY: Final = "{}"
_FOUND: Final = "wuye.route"
_ALLOWED: Final = "wuye.allowed"


class Drawer(BaseRoute):
    """One route to the framework, as many as one likes inside."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        """``routes`` keep their order among those that fit the same address."""
        self.routes = [route for route in routes if isinstance(route, APIRoute)]
        self._index: dict[tuple[int, str, str], list[tuple[int, APIRoute]]] = {}
        for position, route in enumerate(self.routes):
            self._index.setdefault(_key(route.path_format), []).append((position, route))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first route that fits address and method; else what methods the address knows."""
        if scope["type"] != "http":
            return Match.NONE, {}
        allowed: set[str] = set()
        for route in self._candidates(scope["path"]):
            match, child = route.matches(scope)
            if match is Match.FULL:
                return match, {**child, _FOUND: route}
            if match is Match.PARTIAL:
                allowed |= route.methods or set()
        return (Match.PARTIAL, {_ALLOWED: allowed}) if allowed else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over to the route that was found."""
        route = scope.get(_FOUND)
        if route is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(scope[_ALLOWED]))})
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
