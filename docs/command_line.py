"""The document of the command line, from the commands themselves and from the settings of the program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from api.cli.main import app
from api.config import ApiSettings

__all__ = ["command_line"]

_HEAD = """# 命令行 · The command line

`wuye COMMAND --help` says the same. What a program reads goes to standard output, progress and refusals to standard
error. A refusal is one line in both languages.

| 退出码 exit code | |
|---|---|
| 0 | 已办 done; also when whoever reads closes the pipe |
| 1 | 已办，且有发现 done, and something was found: `verify` found a page that was touched, `rebuild` a case that cannot be read |
| 2 | 未办 refused, misused, or something outside cannot be used (database, file, environment); nothing was written |

Every command brings the database up to date first. `DATABASE_URL` names the owner of an existing, empty database; the
program works in it as the role `wuye_app`, which may write the book only through its function. The owner makes that role
and takes it on, which needs CREATEROLE once; without it an administrator says `create role wuye_app` and
`grant wuye_app to <owner>` first. `WUYE_APP_DATABASE_URL` beside it logs in as that role itself. Without `DATABASE_URL` it starts the embedded server of `WUYE_HOME`
or joins the one that runs; whoever comes last out stops it. Several commands may run at once.

## 环境变量 · Environment

Nothing is needed. What is given is:

| 变量 variable | 缺省 default | |
|---|---|---|
"""

_OTHERS = (
    (
        "WUYE_MASTER_KEY",
        "",
        (
            "The key that wraps the households' keys: 32 bytes as base64, in the place of `master.key` in `WUYE_HOME`. Keep a"
            " copy away from the database: without it nothing sealed opens again. Every program on one database needs the same."
        ),
    ),
    (
        "WUYE_ALLOW_UNSAFE_SERVER",
        "",
        (
            "`1` accepts a server whose settings (`fsync`, `synchronous_commit`, `full_page_writes`) lose what it has"
            " acknowledged: for tests only."
        ),
    ),
)


def command_line() -> str:
    """Exit codes, environment, and every command with its options."""
    lines = [_HEAD + "\n".join(_environment()), ""]
    for words, command in _commands(typer.main.get_command(app), "wuye"):
        lines += [f"## {words}", "", str(command.help), "", *_parameters(command)]
    return "\n".join(lines)


def _environment() -> Iterator[str]:
    for name, field in ApiSettings.model_fields.items():
        variable = str(field.validation_alias or f"WUYE_{name}".upper())
        default = "" if field.default is None or field.is_required() or field.default_factory else f"`{field.default}`"
        yield f"| `{variable}` | {default} | {(field.description or '').replace('``', '`')} |"
    for variable, default, told in _OTHERS:
        yield f"| `{variable}` | {default} | {told} |"


def _commands(command: Any, words: str) -> Iterator[tuple[str, Any]]:
    for name, each in getattr(command, "commands", {}).items():
        if getattr(each, "commands", None):
            yield from _commands(each, f"{words} {name}")
        elif not each.hidden:
            yield f"{words} {name}", each


def _parameters(command: Any) -> Iterator[str]:
    parameters = [each for each in command.params if each.name != "help"]
    if not parameters:
        return
    yield "| 参数 parameter | 缺省 default | |"
    yield "|---|---|---|"
    for each in parameters:
        argument = each.param_type_name == "argument"
        shown = each.name.upper() if argument else ", ".join((*each.opts, *each.secondary_opts))
        default = "" if each.default in (None, False, True) else f"`{each.default}`"
        yield f"| `{shown}` | {'必填 required' if each.required else default} | {each.help or ''} |"
    yield ""
