"""Accounts for trying out an invented office 演示账号, and the codes of such offices."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from itertools import count

from api.demo.people import NAMES
from api.identity import Accounts, Grant
from api.runtime import Runtime
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from journal.book import all_offices

__all__ = ["log_ins", "name_everybody", "next_code"]

_LOGINS = (
    ("demo-clerk", "演示管理员", Role.ADMINISTRATOR),
    ("demo-manager", "演示经理", Role.MANAGER),
    ("demo-auditor", "演示审计", Role.AUDITOR),
)


def next_code(runtime: Runtime, stem: str) -> str:
    """The first code of this stem that no office has: DEMO, DEMO-2, DEMO-3 …"""
    with runtime.pool.connection() as connection:
        taken = all_offices(connection)
    return next(code for n in count(1) if (code := stem if n == 1 else f"{stem}-{n}") not in taken)


def log_ins(runtime: Runtime, code: str) -> list[str]:
    """A clerk, a manager and an auditor: passwords drawn here, kept in a file of mode 0600 and stored hashed."""
    name_everybody(runtime)
    file = runtime.home / f"demo-logins-{code}.txt"
    if not file.exists():
        accounts, lines = Accounts(runtime.pool.connection, runtime.master), []
        for login, shown, role in _LOGINS:
            password = secrets.token_urlsafe(9)
            user = accounts.create(f"{login}-{code.lower()}", shown, password)
            accounts.grant(user, [Grant(code, role)], by="demo")
            lines.append(f"{login}-{code.lower()}  {password}  {role.zh} {role}")
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as made:
            made.write("\n".join(lines) + "\n")
    return [f"登录 log-in  {line}" for line in file.read_text("utf-8").splitlines()]


def name_everybody(runtime: Runtime) -> None:
    """Everybody who acts in a play has an account by which pages know his name; nobody can log in with it."""
    accounts = Accounts(runtime.pool.connection, runtime.master)
    for code, name in NAMES.items():
        with suppress(RuleBroken):  # another play has made it
            accounts.create(code, name, None, user_id=code)
