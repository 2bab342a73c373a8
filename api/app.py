"""The composition root: everything is put together here and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI, Response
from psycopg_pool import ConnectionPool

from api import (
    accounts,
    actions,
    audit,
    briefing,
    cases,
    compliance,
    deadlines,
    handbook,
    household_files,
    offices,
    openapi,
    problems,
    registers,
    settings,
    similar,
    standards,
    tasks,
)
from api.counter import Counter, json
from api.documents import answered, ref
from api.drawer import Drawer
from api.guard import Guard
from api.hands import Hands
from api.http import manual
from api.http.reference import Reference
from api.identity import Accounts, Connect, Identities
from api.version import VERSION
from journal.confidential import MasterKey
from journal.errand import Errandable
from journal.server_check import refuse_unsafe
from projections.registers import REGISTERS
from projections.standards import STANDARDS
from workflows.office import Office
from workflows.policies import POLICIES

if TYPE_CHECKING:
    from api.config import ApiSettings

__all__ = ["assemble", "create"]


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
        timeout=10,
        kwargs={"autocommit": True},
        connection_class=Errandable,
        open=False,
    )
    hands = Hands(settings.threads, pool)
    return assemble(
        settings, connect=hands.lend, master=master or MasterKey.load(settings.home), hands=hands, pool=pool
    )


def assemble(
    settings: ApiSettings,
    *,
    connect: Connect,
    master: MasterKey | None,
    hands: Hands | None = None,
    pool: ConnectionPool[Any] | None = None,
    change: Callable[[Counter], None] = lambda _counter: None,
) -> FastAPI:
    """The application over given parts; ``change`` lets the composition replace a part, such as the clock on the wall.

    A ``pool`` opens and closes with it. Without ``hands`` all commands are carried out by threads.
    """
    master = master if master is not None else MasterKey(bytes(32))
    counter = Counter(
        settings=settings,
        connect=connect,
        office=Office(connect, policies=POLICIES, projector=REGISTERS, master=master),
        registers=REGISTERS,
        master=master,
        accounts=Accounts(connect, attempts=settings.logins_per_quarter),
        identities=Identities(connect),
        hands=hands or Hands(settings.threads, None),
    )
    change(counter)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = settings.threads
        if pool is not None:
            pool.open(wait=True)
            with pool.connection() as connection:  # also where nobody has opened the runtime before
                refuse_unsafe(connection, allow=settings.allow_unsafe_server)
        try:
            yield
        finally:
            counter.hands.shutdown()
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
    app.state.counter = counter
    problems.install(app)
    app.add_middleware(Guard, identities=counter.identities)
    openapi.describe(app, REGISTERS)
    _mount(app, counter, Reference(app.openapi, REGISTERS))
    return app


def _mount(app: FastAPI, counter: Counter, reference: Reference) -> None:
    routers = (
        accounts.router(counter),
        offices.router(counter),
        audit.router(counter),
        registers.router(counter),
        deadlines.router(counter),
        settings.router(counter),
        handbook.router(counter, [(standard.clause, standard.slug) for standard in STANDARDS]),
        standards.router(counter, STANDARDS),
        compliance.router(counter, STANDARDS),
        similar.router(counter),
        briefing.router(counter),
        household_files.router(counter),
        tasks.router(counter),
        cases.router(counter),
        actions.router(counter),
        _health(counter),
        reference.router(),
        manual.router(reference),
    )
    app.router.routes.append(Drawer(route for router in routers for route in router.routes))


def _health(counter: Counter) -> APIRouter:
    made = APIRouter(tags=["health"])

    @made.get("/health", operation_id="health", summary="运行状况 / whether it runs", responses=answered(ref("Health")),
              response_model=None)  # fmt: skip
    def health() -> Response:
        with counter.connect() as connection:
            connection.execute("select 1")
        return json({"status": "ok"})

    return made
