"""What the commands of ``wuye`` share: their options, and one way to say what is refused."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, Optional

import typer

__all__ = ["AsOf", "Json", "Login", "OfficeOption", "Port", "Since", "Until", "plain"]

OfficeOption = Annotated[str, typer.Option("--office", help="管理处代码 / the office's code")]
Port = Annotated[int, typer.Option(min=1, max=65_535, help="端口 / port, or the next free one")]
Login = Annotated[str, typer.Argument(help="账号 / the account's log-in")]
Json = Annotated[bool, typer.Option("--json", help="供程序读取 / for programs")]
Since = Annotated[
    Optional[datetime], typer.Option(formats=["%Y-%m-%d"], help="起（含）/ from, 1 January if left out")  # noqa: UP045
]
Until = Annotated[Optional[datetime], typer.Option(formats=["%Y-%m-%d"], help="止（含）/ until, today if left out")]  # noqa: UP045
AsOf = Annotated[Optional[str], typer.Option("--as-of", help="页码、日期或时刻 / a page, a date or an instant")]  # noqa: UP045


def plain(command: Callable[..., Any]) -> Callable[..., Any]:
    """Whatever is refused is said in one line, in both languages, and ends with exit code 2."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from api.cli.commands import refusals, told

        try:
            return command(*args, **kwargs)
        except BrokenPipeError:  # | head
            sys.stderr.close()
            raise typer.Exit(0) from None
        except refusals() as refused:
            typer.echo(f"✗ {told(refused)}", err=True)
            raise typer.Exit(2) from None

    return run
