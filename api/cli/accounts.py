"""``wuye user …`` and ``wuye office …``: accounts, and the offices they belong to."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from api.cli.options import Json, Login, plain

__all__ = ["offices", "users"]

users = typer.Typer(help="账号 / accounts", no_args_is_help=True, rich_markup_mode=None)
offices = typer.Typer(help="管理处 / offices", no_args_is_help=True, rich_markup_mode=None)


@users.command("add")
@plain
def user_add(
    login: Login,
    name: Annotated[str, typer.Option(help="姓名 / whose it is")],
    program: Annotated[
        bool, typer.Option("--program", help="程序账号，无口令 / a program's, without password")
    ] = False,
    json: Json = False,
) -> None:
    """新建账号，口令只显示一次 / a new account, password shown once."""
    from api.cli.commands_book import add_user

    add_user(login, name, program=program, as_json=json)


@users.command("grant")
@plain
def user_grant(login: Login, role: Annotated[list[str], typer.Argument(help="XH:manager, *:auditor …")]) -> None:
    """设定角色（替换全部）/ set the roles, all of them anew."""
    from api.cli.commands_book import grant_roles

    grant_roles(login, role)


@users.command("password")
@plain
def user_password(login: Login) -> None:
    """重设口令 / a new password, shown once."""
    from api.cli.commands_book import new_password

    new_password(login)


@users.command("token")
@plain
def user_token(login: Login, name: Annotated[str, typer.Option(help="用途 / what for")] = "token") -> None:
    """发放令牌，只显示一次 / a token for a program, shown once."""
    from api.cli.commands_book import make_token

    make_token(login, name)


@users.command("tokens")
@plain
def user_tokens(login: Login, json: Json = False) -> None:
    """令牌一览 / an account's tokens, by their ids."""
    from api.cli.commands_book import list_tokens

    list_tokens(login, as_json=json)


@users.command("revoke")
@plain
def user_revoke(login: Login, token_id: Annotated[str, typer.Argument(help="见 tokens / as tokens shows it")]) -> None:
    """撤销令牌 / end a token."""
    from api.cli.commands_book import revoke_token

    revoke_token(login, token_id)


@users.command("disable")
@plain
def user_disable(login: Login) -> None:
    """停用账号 / end an account with its log-ins and tokens."""
    from api.cli.commands_book import end_user

    end_user(login)


@users.command("recount")
@plain
def user_recount(reason: Annotated[str, typer.Argument(help="缘由，永久保存 / why; it is kept for ever")]) -> None:
    """以现有账号为全部账号 / take the accounts there are for all there are."""
    from api.cli.commands_book import recount_users

    recount_users(reason)


@users.command("list")
@plain
def user_list(json: Json = False) -> None:
    """账号一览 / every account and its roles."""
    from api.cli.commands_book import list_users

    list_users(as_json=json)


@offices.command("open")
@offices.command("create", hidden=True)
@offices.command("add", hidden=True)
@plain
def office_open(
    code: Annotated[str, typer.Argument(help="代码，出现在地址中 / its code, which stands in addresses")],
    name: Annotated[Optional[str], typer.Option(help="缺省：代码 / default: the code")] = None,  # noqa: UP045
    simulated: Annotated[
        bool, typer.Option("--simulated", help="练习用，时钟自己拨 / to practise: its clock is yours")
    ] = False,
    at: Annotated[Optional[str], typer.Option(help="模拟时钟起点 / where its clock begins, now if left out")] = None,  # noqa: UP045
) -> None:
    """设立管理处 / open an office."""
    from api.cli.commands_book import open_office
    from api.cli.commands_clock import open_simulated

    if simulated:
        open_simulated(code, name, at)
    elif at is not None:
        from domain.kernel.errors import Malformed

        raise Malformed(
            "at", None, zh="--at 只用于模拟管理处（--simulated）", en="--at goes with --simulated only", field="at"
        )
    else:
        open_office(code, name)


@offices.command("list")
@plain
def office_list(json: Json = False) -> None:
    """管理处一览 / every office, its pages and when the last was written."""
    from api.cli.commands_book import list_offices

    list_offices(as_json=json)
