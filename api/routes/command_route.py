"""The route of a command 指令的路由: a request that is plainly well-formed is carried out without further ado.

The framework reads parameters one by one, each through a validator of its own, and hands the work to a general thread
pool; together that cost more than carrying the command out. Here a POST whose headers and body are what the command's
schema says goes straight to the executor. Anything else, down to a header in doubt, takes the framework's way, which
knows how to say what is wrong: there is one set of rules and one set of answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError

from domain.kernel.errors import Refusal
from domain.kernel.people import Role

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from api.http.executor import CommandExecutor

__all__ = ["IDEMPOTENCY_KEY", "IF_MATCH", "CommandRoute", "Give"]

IDEMPOTENCY_KEY: Final = r"^[!-~]{1,200}$"
IF_MATCH: Final = r'^"[0-9]{1,9}"$'

Give = Callable[..., Response]
"""(request, office, case id or None, command, occurred at, idempotency key, version seen, role) → the answer."""

_KEY: Final = re.compile(IDEMPOTENCY_KEY.encode())
_SEEN: Final = re.compile(IF_MATCH.encode())
_JSON: Final = frozenset({b"application/json", b"application/json; charset=utf-8"})
_ROLES: Final = {role.value.encode(): role for role in Role if role.is_person}


class CommandRoute(APIRoute):
    """One command's route; :meth:`open_short_way` opens the short way."""

    def open_short_way(self, give: Give, command: type, executor: CommandExecutor) -> None:
        """Let well-formed requests go straight to ``give``, carried out by ``executor``."""
        self._give, self._command = give, command
        adapter: TypeAdapter[Any] = TypeAdapter(command)
        self._read = adapter.validate_json
        self._executor = executor
        self._thorough = self.app
        self.app = self._short

    async def _short(self, scope: Scope, receive: Receive, send: Send) -> None:
        told = _plain_headers(scope)
        if told is None:
            await self._thorough(scope, receive, send)
            return
        messages = await _all(receive)
        try:
            command = self._read(b"".join([message.get("body", b"") for message in messages]))
        except (ValidationError, Refusal):
            await self._thorough(scope, _again(messages, receive), send)
            return
        named = scope["path_params"]
        answer = await self._executor.carry_out(
            named["office"],
            self._command,
            self._give,
            Request(scope),
            named["office"],
            named.get("case_id"),
            command,
            None,
            *told,
        )
        await answer(scope, receive, send)


def _plain_headers(scope: Scope) -> tuple[str | None, str | None, Role | None] | None:
    """Idempotency key, version seen and role; None when anything is other than plain."""
    if scope["query_string"]:
        return None
    key = seen = role = kind = None
    for name, value in scope["headers"]:
        if name == b"content-type":
            kind = value
        elif name == b"idempotency-key":
            if key is not None or not _KEY.fullmatch(value):
                return None
            key = value.decode()
        elif name == b"if-match":
            if seen is not None or not _SEEN.fullmatch(value):
                return None
            seen = value.decode()
        elif name == b"wuye-role":
            if role is not None or value not in _ROLES:
                return None
            role = _ROLES[value]
    return (key, seen, role) if kind in _JSON else None


async def _all(receive: Receive) -> list[Message]:
    """The messages of the body."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    """The same messages once more, then what comes."""
    left = iter(messages)

    async def receive_again() -> Any:
        for message in left:
            return message
        return await receive()

    return receive_again
