"""What the subcommands of ``wuye`` do with books, offices and accounts."""

from __future__ import annotations

import re
import secrets
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from api.account_directory import AccountDirectory
from api.cli.commands import rebuilding, running
from api.cli.printing import echo, out, print_mended, print_rows, print_spoilt, print_verdict
from api.http.text import CODE, exact
from api.identity import EVERYWHERE, Accounts, Grant
from api.routes.accounts import MakeToken, MakeUser
from api.routes.audit import cloud_event
from api.runtime import Runtime, open_runtime
from domain.cases import lifecycle_of
from domain.kernel.calendar import SHANGHAI
from domain.kernel.errors import Malformed, NotFound
from domain.kernel.people import Actor, Role
from domain.office.office import OpenOffice
from journal.account_seals import AccountSeals
from journal.backup_check import against_backup, listed_and_living
from journal.backups import read_contents
from journal.book import Book, all_offices
from journal.codec import decode
from journal.confidential import MasterKey, UnusableKey
from journal.erasures import ErasureList
from journal.hash_chain import NOTHING_KNOWN, Verdict, books, verify
from journal.page import Page
from projections.engine.book_check import check_book
from projections.engine.catalogue import catalogue_findings
from projections.engine.no_office import homeless_findings
from projections.engine.rebuild import compare, rebuild
from projections.engine.search import rebuild_search
from projections.registers.index import REGISTERS
from workflows.engine.request import CommandRequest

_SYSTEM = Actor("cli", Role.SYSTEM_ADMINISTRATOR)


# -- the book ---------------------------------------------------------------------------------------------------------


def show_facts(office: str, after: int, limit: int, *, follow: bool, as_json: bool) -> None:
    """Print the facts of a book, and (follow) those that come; times are the office's own."""
    with running() as runtime, runtime.pool.connection() as connection:
        book = Book(connection, office)
        if book.head() is None:
            raise NotFound("office-unknown", None, zh=f"没有这个管理处：{office}", en=f"no office {office}")
        pages = book.follow(after) if follow else _to_the_end(book, after)
        for page in islice(pages, limit or None):
            print(_line(page, as_json=as_json), flush=follow)


def _to_the_end(book: Book, after: int) -> Iterator[Page]:
    while pages := book.pages(after):
        yield from pages
        after = pages[-1].id


def _line(page: Page, *, as_json: bool) -> str:
    if as_json:
        return msgspec.json.encode(cloud_event(page)).decode()
    fact = decode(page)
    late = "  补录 late entry" if fact.late is not None else ""
    kind = lifecycle_of(fact.case_id)
    return (
        f"{fact.number:>7}  {fact.occurred_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}  {kind.zh} {fact.case_id}"
        f" v{fact.version}  {fact.event.ZH}  [{fact.role.zh} {fact.user_id}]{late}"
    )


def verify_books(office: str | None, *, pages: bool, against: Path | None, as_json: bool) -> int:
    """Re-hash one book or all, and hold what rests on them against them unless ``pages`` alone are asked for.

    1 when something was touched. Keys are tried where there is a master key, and those on the home's list of erasures must be gone.
    ``against`` is a backup: each book must still have the page that was its last one then, with its link; and what no fact binds
    must stand as it stood.
    """
    with running() as runtime, psycopg.connect(runtime.owner, autocommit=True) as connection:
        known = books(connection)
        if office is not None and office not in known:
            raise NotFound("office-unknown", None, zh=f"没有这个管理处：{office}", en=f"no office {office}")
        saved = read_contents(against, runtime.master) if against is not None else None
        heads = saved.offices if saved is not None else {}
        known = [*known, *(code for code in heads if code not in known)]
        verdicts = [
            verify(connection, code, dict([heads[code]]) if code in heads else NOTHING_KNOWN)
            for code in ([office] if office else known)
        ]
        if not pages:
            elsewhere = list(listed_and_living(connection, _listed(runtime)))
            if against is not None and saved is not None:
                elsewhere += against_backup(connection, against, saved)
            master = _master(runtime)
            verdicts = [
                replace(
                    each,
                    findings=(
                        *each.findings,
                        *check_book(connection, each.office, REGISTERS, master=master),
                        *(found for code, found in elsewhere if code == each.office),
                    ),
                )
                for each in verdicts
            ]
            told = {each.office for each in verdicts} | (set(known) if office else set())
            beside = [found for code, found in elsewhere if code not in told]
            accounts = AccountSeals(master).findings(connection) if master is not None else ()
            database = (*catalogue_findings(connection, REGISTERS), *homeless_findings(connection), *accounts, *beside)
            if database:
                verdicts.append(Verdict("*", 0, "", database))
    if as_json:
        echo([{**msgspec.to_builtins(v), "intact": v.intact} for v in verdicts])
    else:
        for verdict in verdicts:
            print_verdict(verdict)
    return 0 if all(verdict.intact for verdict in verdicts) else 1


def _listed(runtime: Runtime) -> Mapping[UUID, datetime]:
    """The list of erasures of this home; none where there is none, or no key that could have signed it."""
    try:
        return ErasureList.of_home(runtime.home, runtime.master).read()
    except (FileNotFoundError, UnusableKey):
        return {}


def _master(runtime: Runtime) -> MasterKey | None:
    try:
        return runtime.master
    except UnusableKey as missing:
        print(f"未试密钥 the keys were not tried: {missing}", file=sys.stderr)
        return None


def rebuild_registers(*, compared: bool, mend: str | None, as_json: bool) -> int:
    """Replay every book into new tables and swap them in, or (``compared``) only say what differs: 1 if something does.

    1 also where a case could not be read to its end: its rows stand as they stood before that page.

    Raises :class:`Unexplained` when something differs and ``mend``, the reason, is missing.
    """
    with open_runtime(migrate=True) as runtime, rebuilding() as shown:
        began = time.monotonic()
        with psycopg.connect(runtime.owner, autocommit=True) as connection:
            done = (
                compare(connection, REGISTERS, shown) if compared else rebuild(connection, REGISTERS, shown, mend=mend)
            )
            master = _master(runtime)
            if master is not None:
                searched = rebuild_search(connection, REGISTERS.all, master, keep=not compared, mend=mend)
                done.differences.update({"search": searched} if searched else {})
    took = time.monotonic() - began
    failed = int(bool(done.spoilt) or (compared and bool(done.differences)))
    if as_json:
        spoilt = [asdict(each) for each in done.spoilt]
        counted = {"facts": done.facts, "versions": done.versions, "differences": done.differences, "spoilt": spoilt}
        echo(counted | {"seconds": took})
        return failed
    out.print(f"✓ {done.facts:,} 条记录 facts → {done.versions:,} 行 row versions, {took:.1f} s")
    print_mended(done, left=compared)
    print_spoilt(done.spoilt)
    return failed


def migrate_database() -> int:
    """Bring the database up to date; 1 where registers were rebuilt and a case could not be read to its end."""
    with running() as runtime:
        out.print("✓ 数据库已是最新 / the database is up to date")
        return int(runtime.rebuilt is not None and bool(runtime.rebuilt.spoilt))


# -- offices and accounts ---------------------------------------------------------------------------------------------


def open_office(code: str, name: str | None) -> None:
    """Open an office; its code is its name until somebody says another."""
    with running() as runtime:
        found_office(runtime, code, name or code)
    out.print(f"✓ {code} {name or code}")


def found_office(runtime: Runtime, code: str, name: str, *, simulated_at: datetime | None = None) -> None:
    """Open an office in a running program, a simulated one with what its clock shows.

    Raises a :class:`Refusal` for a code or an instant that cannot be one.
    """
    if not re.fullmatch(CODE, code):
        raise Malformed(
            "code",
            None,
            zh="代码只用字母、数字、_ 和连字符，至多32位",
            en="a code has letters, digits, _ and hyphens, 32 at most",
            field="code",
        )
    command = exact(OpenOffice, code=code, name=name, simulated=simulated_at is not None)
    now = simulated_at if simulated_at is not None else datetime.now(UTC)
    runtime.handler.handle(CommandRequest(office=code, command=command, actor=_SYSTEM, now=now))


def list_offices(*, as_json: bool) -> None:
    """Every office with its head."""
    with running() as runtime, runtime.pool.connection() as connection:
        rows = connection.execute(
            "select office, number, recorded_at, simulated, clock from wuye.offices order by office"
        ).fetchall()
    print_rows(["office", "number", "recorded_at", "simulated", "clock"], iter(rows), "json" if as_json else "table")


def add_user(login: str, name: str, *, program: bool, as_json: bool) -> None:
    """A new account."""
    password = None if program else secrets.token_urlsafe(12)
    made = exact(MakeUser, login=login, name=name, password=password)
    with running() as runtime:
        user_id = Accounts(runtime.pool.connection, runtime.master).create(made.login, made.name, made.password)
    if as_json:
        echo({"login": made.login, "user_id": user_id, "password": password})
        return
    out.print(
        f"✓ {made.login} ({user_id})" + (f"  口令 password: {password}" if password else "  （程序账号 program）"),
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def end_user(login: str) -> None:
    """An account ends, its log-ins and tokens with it."""
    with running() as runtime:
        accounts = Accounts(runtime.pool.connection, runtime.master)
        accounts.disable(_user_id(accounts, login))
    print(f"✓ {login}: 已停用 ended")


def grant_roles(login: str, roles: Sequence[str]) -> None:
    """Set the roles of an account: ``office:role``."""
    grants = []
    for each in roles:
        office, _, role = each.partition(":")
        if role not in set(Role):
            known = ", ".join(r for r in Role if r.is_person)
            raise Malformed(
                "role", None, zh=f"角色写作 管理处:角色，角色为 {known}", en=f"office:role, of {known}", field="role"
            )
        grants.append(Grant(office, Role(role)))
    with running() as runtime:
        accounts = Accounts(runtime.pool.connection, runtime.master)
        with runtime.pool.connection() as connection:
            offices = {EVERYWHERE, *all_offices(connection)}
        for grant in grants:
            if grant.office not in offices:
                raise NotFound(
                    "office-unknown", None, zh=f"没有这个管理处：{grant.office}", en=f"no office {grant.office}"
                )
        user_id = _user_id(accounts, login)
        if not accounts.sealed(user_id):
            with psycopg.connect(runtime.owner, autocommit=True) as owner:
                reason = (
                    f"账号 {login} 重新封记：角色由本机重新设定 account sealed anew: its roles were set at the machine"
                )
                owner.execute(
                    "insert into wuye.mendings (reason, what) values (%s, %s)", [reason, Jsonb({"account": user_id})]
                )
            print(
                f"⚠ {login}: 此前在本系统之外被改动，现按现状封记 it had been changed beside the program, and is sealed as it stands"
            )
        accounts.grant(user_id, grants, by="cli", anew=True)
    print(f"✓ {login}: {', '.join(roles)}")


def recount_users(reason: str) -> None:
    """The accounts there are, by the owner's word, are all there are."""
    with running() as runtime:
        gone = Accounts(runtime.pool.connection, runtime.master).recount()
        with psycopg.connect(runtime.owner, autocommit=True) as owner:
            owner.execute("insert into wuye.mendings (reason, what) values (%s, %s)", [reason, Jsonb({"gone": gone})])
    print(f"✓ 账号名单已重新封记 the list of accounts is sealed anew: −{len(gone)} {' '.join(gone)}".rstrip())


def new_password(login: str) -> None:
    """A new password, shown once."""
    password = secrets.token_urlsafe(12)
    with running() as runtime:
        accounts = Accounts(runtime.pool.connection, runtime.master)
        accounts.set_password(_user_id(accounts, login), password)
    print(f"✓ {login}  口令 password: {password}")


def make_token(login: str, name: str) -> None:
    """A token, shown once."""
    made = exact(MakeToken, name=name)
    with running() as runtime:
        accounts = Accounts(runtime.pool.connection, runtime.master)
        _, token = accounts.make_token(_user_id(accounts, login), made.name, None, for_program=False)
    print(token)


def list_tokens(login: str, *, as_json: bool) -> None:
    """The tokens of an account, without the tokens themselves."""
    with running() as runtime:
        accounts = AccountDirectory(runtime.pool.connection)
        found = accounts.tokens(_user_id(accounts, login))
    names = ("token_id", "name", "created_at", "expires_at")
    print_rows(names, (tuple(each[name] for name in names) for each in found), "json" if as_json else "table")


def revoke_token(login: str, token_id: str) -> None:
    """A token ends."""
    with running() as runtime:
        accounts = AccountDirectory(runtime.pool.connection)
        accounts.revoke(token_id, of=_user_id(accounts, login))
    print(f"✓ {login}: {token_id} 已撤销 revoked")


def list_users(*, as_json: bool) -> None:
    """Every account."""
    with running() as runtime:
        every = AccountDirectory(runtime.pool.connection).all()
    rows = [
        (
            u["login"],
            u["name"],
            u["program"],
            " ".join(f"{g['office']}:{g['role']}" for g in u["grants"]),
            u["disabled_at"],
        )
        for u in every
    ]
    print_rows(["login", "name", "program", "grants", "disabled_at"], iter(rows), "json" if as_json else "table")


def _user_id(accounts: AccountDirectory, login: str) -> str:
    for user in accounts.all():
        if user["login"] == login:
            return str(user["user_id"])
    raise NotFound("user-unknown", None, zh=f"没有这个账号：{login}", en=f"no account {login}")
