"""Logs 运行日志: one JSON object a line on standard error, without personal data and without values.

What an exception says may be what somebody wrote, and a traceback may show it: of an exception only its kind and its
places are noted. Other libraries' lines pass through the same form; of theirs only the first line is kept, since some
put an exception's text into the second.
"""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from api.http.faults import places

__all__ = ["configure", "without_values"]


def configure(*, plain: bool | None = None) -> None:
    """Send every log there; ``plain`` writes for people instead, and is chosen for a terminal if left out."""
    for_people = sys.stderr.isatty() if plain is None else plain
    render: Any = (
        structlog.dev.ConsoleRenderer(colors=False)
        if for_people
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_values,
    ]
    structlog.configure(
        processors=[*shared, render],
        logger_factory=structlog.WriteLoggerFactory(_STDERR),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(_STDERR)
    handler.setFormatter(_Lines(shared, render))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # whoever configured them before
        other = logging.getLogger(name)
        other.handlers.clear()
        other.setLevel(logging.NOTSET)
        other.propagate, other.disabled = True, False
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # an outage is said where somebody notices it
    threading.excepthook = _of_a_thread
    sys.unraisablehook = _of_nobody


def without_values(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception by its kind and places alone; no traceback, no locals, no arguments."""
    for name in ("exc_info", "exception", "stack_info", "stack"):
        given = event.pop(name, None)
        if given is True:
            given = sys.exc_info()[1]
        elif isinstance(given, tuple):
            given = given[1]
        if isinstance(given, BaseException):
            event.setdefault("error", given)
    for name, value in event.items():
        if isinstance(value, BaseException):
            event[name] = type(value).__name__
            event.setdefault("at", places(value)) if "at" not in event else None
            break
    return event


class _StandardError(io.TextIOBase):
    """Whatever standard error is at the moment."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


_STDERR: Final[Any] = _StandardError()


class _Lines(logging.Formatter):
    """A line of the standard library's logging in our form."""

    def __init__(self, shared: list[Any], render: Any) -> None:
        super().__init__()
        self._shared, self._render = shared, render

    def format(self, record: logging.LogRecord) -> str:
        event: Any = {"event": record.getMessage().split("\n", 1)[0], "logger": record.name}
        if record.exc_info:
            event["exc_info"] = record.exc_info
        for process in self._shared:
            event = process(None, record.levelname.lower(), event)
        return str(self._render(None, record.levelname.lower(), event))


def _of_a_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        structlog.get_logger().error("a thread has ended", error=args.exc_value)


def _of_nobody(unraisable: Any) -> None:
    structlog.get_logger().error("an exception that nobody could be told", error=unraisable.exc_value)
