"""The composition root: everything is put together here and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from psycopg_pool import ConnectionPool
from starlette.routing import Match
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.config import ApiSettings
from api.console.application import console
from api.console.errors import PagesForErrors
from api.console.static_files import StaticFiles
from api.http import manual, openapi, problems
from api.http.authentication import Authentication
from api.http.body_limits import limit_body
from api.http.context import ApiContext, system_clock
from api.http.devices import DeviceCookies
from api.http.executor import CommandExecutor
from api.http.hashing import HashingExecutor
from api.http.headers import SecurityHeaders
from api.http.log_in import LoginGate, LogIns
from api.http.metrics import count_answer, note_pool
from api.http.origins import OriginCheck
from api.http.pipeline import Pipeline
from api.http.rate_limits import LoginLimits
from api.http.reference import Reference
from api.http.route_index import RouteIndex
from api.identity import Accounts, Identities
from api.routes import (
    accounts,
    actions,
    audit,
    bank,
    briefing,
    cases,
    compliance,
    deadlines,
    due_letters,
    handbook,
    health,
    household_files,
    money,
    notices,
    offices,
    paper_check,
    papers,
    printed,
    printed_batches,
    registers,
    reports,
    search,
    settings,
    similar,
    standards,
    tasks,
)
from api.version import VERSION
from journal.confidential import MasterKey
from journal.connections import Connect
from journal.greenlet_task import GreenletConnection
from journal.key_store import check_master
from journal.randomness import random_bytes
from journal.server_check import refuse_unsafe
from projections.registers.index import REGISTERS
from projections.standards.index import STANDARDS
from workflows.engine.gather import simulated_clock
from workflows.engine.handler import CommandHandler
from workflows.policies.index import POLICIES

if TYPE_CHECKING:
    from starlette.types import Scope

__all__ = ["assemble", "create", "document", "log_ins_of"]

_WAIT: Final = 3.0
"""Seconds for which a request waits for a connection before it is told to come again."""
_RECONNECT: Final = 5.0
"""Seconds after which the pool stops trying more and more seldom: the next request that comes tries anew."""


def create(settings: ApiSettings, master: MasterKey | None = None) -> FastAPI:
    """The API over the database that the settings name; its pool opens and closes with the application.

    ``master`` is the home's own key unless it is given.
    """
    if settings.database_url is None:
        msg = "没有数据库地址：请设置 DATABASE_URL，或以 wuye 命令启动 / no DATABASE_URL; `wuye` starts an embedded database"
        raise ValueError(msg)
    pool = ConnectionPool(
        settings.database_url,
        min_size=min(2, settings.pool_size),
        max_size=settings.pool_size,
        timeout=_WAIT,
        reconnect_timeout=_RECONNECT,
        kwargs={"autocommit": True},
        connection_class=GreenletConnection,
        open=False,
    )
    executor = CommandExecutor(settings.threads, pool)
    return assemble(
        settings, connect=executor.lend, master=master or MasterKey.load(settings.home), executor=executor, pool=pool
    )


def assemble(
    settings: ApiSettings,
    *,
    connect: Connect,
    master: MasterKey,
    executor: CommandExecutor | None = None,
    pool: ConnectionPool[Any] | None = None,
    change: Callable[[ApiContext], None] = lambda _context: None,
) -> FastAPI:
    """The application over given parts; ``change`` lets the composition replace a part, such as the clock on the wall.

    A ``pool`` opens and closes with it. Without ``executor`` all commands are carried out by threads.
    """
    handler = CommandHandler(connect, policies=POLICIES, projector=REGISTERS, master=master)
    kept = Accounts(connect, master)
    context = ApiContext(
        settings=settings,
        connect=connect,
        handler=handler,
        registers=REGISTERS,
        master=master,
        accounts=kept,
        identities=Identities(connect, master),
        log_ins=log_ins_of(settings, connect, kept, master),
        executor=executor or CommandExecutor(settings.threads, None),
        clock=simulated_clock(handler, connect),
    )
    change(context)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        current_default_thread_limiter().total_tokens = settings.threads
        if pool is not None:
            pool.open(wait=True)
            with pool.connection() as connection:  # also where nobody has opened the runtime before
                refuse_unsafe(connection, allow=settings.allow_unsafe_server)
                check_master(connection, master)
            # A second's work that the first reader of the documentation need not wait for.
            Thread(target=app.openapi, name="document", daemon=True).start()
        watching = asyncio.create_task(_watch(context, pool))
        try:
            yield {"closing": context.closing}
        finally:
            watching.cancel()
            context.log_ins.shutdown()
            context.executor.shutdown()
            if pool is not None:
                pool.close()

    app = FastAPI(
        title="Wuye 物业管理处",
        version=VERSION,
        openapi_url=None,
        summary="管理处的柜台：每个指令一个地址，每份登记簿一个地址 / one address per command and per register",
        lifespan=running,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.context = context
    problems.install(app)
    files = StaticFiles()
    app.add_middleware(
        Pipeline,
        at_start=(SecurityHeaders(tls=settings.secure_cookies), count_answer),
        rewrite=PagesForErrors(files),
        steps=(
            OriginCheck(settings.allowed_hosts.split(",")),
            LoginGate(context.log_ins),
            limit_body,
            Authentication(context.identities, lambda scope: _knows(app, scope)),
        ),
    )
    if settings.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.proxies)
    openapi.describe(app, REGISTERS)
    app.router.routes.extend(console(context, files))
    _mount(app, context, Reference(app.openapi, REGISTERS))
    return app


async def _watch(context: ApiContext, pool: ConnectionPool[Any] | None) -> None:
    """Once a second: whether the clock on the wall was set back, and how the pool is used."""
    while True:
        context.wall.look()
        if pool is not None:
            note_pool(pool)
        await asyncio.sleep(1)


def _knows(app: FastAPI, scope: Scope) -> bool:
    return any(route.matches(scope)[0] is not Match.NONE for route in app.router.routes)


def log_ins_of(settings: ApiSettings, connect: Connect, kept: Accounts, master: MasterKey) -> LogIns:
    """The log-ins of an application, within the limits that its settings name."""
    limits = LoginLimits(
        of_account=settings.logins_per_quarter,
        of_address=settings.logins_per_address,
        in_all=settings.logins_in_all,
        workers=settings.workers,
    )
    hashing = HashingExecutor(settings.hashing_threads)
    return LogIns(connect, kept, hashing, limits, DeviceCookies(master), system_clock)


def document() -> dict[str, Any]:
    """The API's document, without a database."""
    return assemble(ApiSettings(home=Path()), connect=_nowhere, master=MasterKey(random_bytes(32))).openapi()


def _nowhere() -> Any:
    msg = "no database is needed to describe the API"
    raise RuntimeError(msg)


def _mount(app: FastAPI, context: ApiContext, reference: Reference) -> None:
    routers = (
        accounts.router(context),
        offices.router(context),
        audit.router(context),
        registers.router(context),
        deadlines.router(context),
        settings.router(context),
        handbook.router(context, [(standard.clause, standard.slug) for standard in STANDARDS]),
        standards.router(context, STANDARDS),
        compliance.router(context, STANDARDS),
        search.router(context),
        similar.router(context),
        money.router(context),
        due_letters.router(context),
        bank.router(context),
        reports.router(context),
        briefing.router(context),
        household_files.router(context),
        papers.router(context),
        printed.router(context),
        paper_check.router(context),
        printed_batches.router(context),
        tasks.router(context),
        notices.router(context),
        cases.router(context),
        actions.router(context),
        health.router(context),
        reference.router(),
        manual.router(reference),
    )
    app.router.routes.append(RouteIndex(route for router in routers for route in router.routes))
