"""A whole command over HTTP on one uvicorn worker at 16 connections, beside a plain endpoint on the bare library.

``python -m benchmarks.our_http [--quick] [--rounds 5]``

*generated* is our POST as the tables make it; *handwritten* is a FastAPI endpoint that makes the same call to the
office and answers the same bytes. The commands go to a hundred offices in turn, as in ``append``; one office alone is
shown beside, since its pages are numbered one after the other. All answers must be 2xx and all facts must stand in the book.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from uuid import uuid4

import msgspec
import psycopg
from fastapi import FastAPI, Response
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from api import heap
from api.config import ApiSettings
from api.database import prepare
from api.http.application import create
from api.identity import EVERYWHERE, Accounts, Grant
from benchmarks.contender import PAYLOAD_BYTES
from benchmarks.http_load import Load, load, post
from benchmarks.library_paths import serve
from benchmarks.machine import about, server
from benchmarks.measure import Verdict, interleave, ratios, show, table
from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.people import Actor, Role
from domain.office.office import OpenOffice
from journal.confidential import MasterKey
from projections.registers.index import REGISTERS
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest
from workflows.policies.index import POLICIES

BODY = json.dumps(
    {"channel": "in-person", "category": "water", "matter": "下水堵塞", "content": "厨房下水又堵了", "home": "1-101"},
    ensure_ascii=False,
).encode()
_HOME = "WUYE_BENCH_HOME"
OFFICES = [f"H{number:02d}" for number in range(100)]


def ours() -> FastAPI:
    """The real program."""
    conninfo = make_conninfo(os.environ["WUYE_BENCH_CONNINFO"], user="wuye_app")
    app = create(ApiSettings(database_url=conninfo, home=Path(os.environ[_HOME]), pool_size=16))
    heap.settle()  # as `wuye serve` does
    return app


@dataclass
class Body:
    """The command's fields, written by hand."""

    channel: Channel
    category: str
    matter: str
    content: str


def handwritten() -> FastAPI:
    """The same call to the office, with nothing of ours around it."""
    conninfo = make_conninfo(os.environ["WUYE_BENCH_CONNINFO"], user="wuye_app")
    pool = ConnectionPool(conninfo, min_size=2, max_size=16, kwargs={"autocommit": True}, open=True)
    handler = CommandHandler(pool.connection, policies=POLICIES, projector=REGISTERS, master=MasterKey(b"k" * 32))
    app, clerk = FastAPI(), Actor("clerk", Role.ADMINISTRATOR)

    @app.post("/offices/{code}/complaints")
    def complaints(code: str, body: Body) -> Response:
        command = RegisterComplaint(
            channel=body.channel, category=body.category, matter=body.matter, content=body.content, home="1-101"
        )
        answer = handler.handle(CommandRequest(office=code, command=command, actor=clerk, now=datetime.now(UTC)))
        made = {"id": answer.case_id, "number": answer.number, "version": answer.version, "state": answer.state}
        return Response(msgspec.json.encode(made), 201, media_type="application/json")

    return app


def prepare_offices(conninfo: str, home: str) -> str:
    """A hundred offices under the master key of ``home``, and a program's token for an administrator of them all."""
    prepare(conninfo)
    pool = ConnectionPool(
        make_conninfo(conninfo, user="wuye_app"), min_size=1, max_size=2, kwargs={"autocommit": True}, open=True
    )
    with pool:
        master = MasterKey.begin(Path(home))
        handler = CommandHandler(pool.connection, policies=POLICIES, projector=REGISTERS, master=master)
        root = Actor("root", Role.SYSTEM_ADMINISTRATOR)
        for code in OFFICES:
            handler.handle(
                CommandRequest(office=code, command=OpenOffice(code=code, name=code), actor=root, now=datetime.now(UTC))
            )
        return new_token(Accounts(pool.connection, master))


def new_token(accounts: Accounts) -> str:
    """The token of a new program that is an administrator everywhere."""
    user = accounts.create(f"bench-{uuid4().hex[:6]}", "bench", None)
    accounts.grant(user, [Grant(EVERYWHERE, Role.ADMINISTRATOR)], by="bench")
    return accounts.make_token(user, "bench", None, for_program=True)[1]


def _requests(port: int, request: bytes | Callable[[], bytes], seconds: float, loads: list[Load]) -> float:
    reading = load(request, port=port, seconds=seconds)
    if reading.succeeded != reading.statuses.total():
        raise RuntimeError(reading.sample.decode(errors="replace"))
    loads.append(reading)
    return reading.rate


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.our_http", description=__doc__)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(arguments)
    rounds, seconds = given.rounds or (2 if given.quick else 5), 1.0 if given.quick else 3.0
    counted: list[Load] = []
    with server() as running, tempfile.TemporaryDirectory() as home:
        base, mine = running.database("bench_http"), running.database("bench_http_ours")
        token = prepare_offices(mine, home)
        with (
            serve(base) as library,
            serve(mine, "benchmarks.our_http:ours", "api.http.protocol:BoundedProtocol", **{_HOME: home}) as wuye,
            serve(mine, "benchmarks.our_http:handwritten") as hand,
        ):
            headers = {"Authorization": f"Bearer {token}"}
            asks = [post(f"/offices/{code}/complaints", BODY, headers) for code in OFFICES]
            turns = cycle(asks)
            slots = {
                "bare library, one event saved": partial(
                    _requests, library, post("/complaints", PAYLOAD_BYTES), seconds, []
                ),
                "empty POST": partial(_requests, library, post("/empty", b"{}"), seconds, []),
                "handwritten, same call": partial(_requests, hand, lambda: next(turns), seconds, counted),
                "generated": partial(_requests, wuye, lambda: next(turns), seconds, counted),
                "generated, all to one office": partial(_requests, wuye, asks[0], seconds, counted),
            }
            readings = interleave(slots, rounds, warm_up=lambda name: slots[name](), say="http")
        with psycopg.connect(mine) as connection:
            row = connection.execute("select count(*) from wuye.r_complaints").fetchone()
        lines = about(running)
    acknowledged = sum(reading.succeeded for reading in counted)
    if row is None or row[0] != acknowledged:
        msg = f"{acknowledged} answered 2xx, {row and row[0]} stand in the register"
        raise SystemExit(msg)
    relative = ratios(readings, "bare library, one event saved")
    rows = [[name, show(values), show(relative[name], 2)] for name, values in readings.items()]
    print("\n".join(lines))
    print(table("one uvicorn worker, 16 connections", ["", "requests a second", "times the bare library"], rows))

    dearer = [hand / made for hand, made in zip(readings["handwritten, same call"], readings["generated"], strict=True)]
    return [
        Verdict("a command over HTTP / bare library's endpoint", median(relative["generated"]), 2.5),
        Verdict("cost of a generated POST / a handwritten one", median(dearer), 1.3, at_most=True),
    ]


if __name__ == "__main__":
    main()
