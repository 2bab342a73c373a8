"""The request pipeline 请求管线: what every request passes before its route, one step after the other.

A step looks at a request and lets it go on or answers it, and has returned before the route is called: none of them
stands on the stack of a command, and none knows of another. Whatever is raised behind here, by a step as by a route,
ends here as an answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from api.http import faults

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Exchange", "Pipeline", "Step"]


@dataclass(slots=True)
class Exchange:
    """A request and the way back of its answer. A step may replace ``receive`` or ``send`` for what comes after it."""

    scope: Scope
    receive: Receive
    send: Send


Step = Callable[[Exchange], Awaitable["Response | None"]]
"""Answers a request itself, or lets it go on (None)."""


class _Answer:
    """Sends an answer; whether it has begun is known, and its beginning may be completed."""

    __slots__ = ("_at_start", "_send", "began")

    def __init__(self, send: Send, at_start: Sequence[Callable[[Message], None]] = ()) -> None:
        self._send, self._at_start = send, at_start
        self.began = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.began = True
            for complete in self._at_start:
                complete(message)
        await self._send(message)


class Pipeline:
    """The steps in their order, and behind them the routes."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        at_start: Sequence[Callable[[Message], None]],
        rewrite: Callable[[Exchange], Send],
        steps: Sequence[Step],
    ) -> None:
        """``at_start`` sees the beginning of every answer before it leaves, whoever made it.

        ``rewrite`` says by what answers to a request are sent: ``exchange.send``, or what turns them into others.
        """
        self._app = app
        self._at_start, self._rewrite, self._steps = at_start, rewrite, steps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the steps, then let the routes answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, self._at_start)
        exchange = Exchange(scope, receive, answer)
        rewritten = self._rewrite(exchange)
        if rewritten is not answer:  # what it holds back has begun, too
            exchange.send = answer = _Answer(rewritten)
        try:
            for step in self._steps:
                refused = await step(exchange)
                if refused is not None:
                    await refused(scope, exchange.receive, exchange.send)
                    return
            await self._app(scope, exchange.receive, exchange.send)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        except Exception as error:  # noqa: BLE001 -- the last one to catch anything
            faults.note(error)
            if not answer.began:  # else it is left unfinished: the server then breaks the connection off
                await faults.answer(error)(scope, receive, answer)
