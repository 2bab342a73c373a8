"""Ours: the append alone, numbered and chained over 100 offices, and the whole path of a command."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Final, LiteralString

import psycopg
from psycopg.conninfo import make_conninfo

from benchmarks.contender import EVENT, OFFICES, PAYLOAD_BYTES
from benchmarks.machine import package_version
from domain.complaints.complaint.commands.reception import AssessComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.people import Actor, Role
from domain.office.office import OpenOffice
from journal.book import Book
from journal.confidential import MasterKey
from journal.ids import uuid7
from journal.migrate import migrate
from journal.page import Page
from projections.engine.tables import install
from projections.registers.index import REGISTERS
from workflows.engine.handler import CommandHandler
from workflows.engine.request import CommandRequest
from workflows.policies.index import POLICIES

__all__ = ["CONTENDERS", "Append100", "WholePath"]


class Append100:
    """``wuye.record`` with one fact: numbered, stamped, hashed, chained. Each client goes round all offices."""

    name: Final = "wuye"
    extra: Final = False
    stored: Final[LiteralString] = "select count(*) from wuye.facts"

    @property
    def version(self) -> str:
        """This checkout."""
        return f"this checkout, psycopg {package_version('psycopg')}, {OFFICES} offices, chained"

    def missing(self) -> str | None:
        """Always there."""
        return None

    def setup(self, conninfo: str) -> None:
        """Migrate, install the registers, open the books."""
        migrate(conninfo)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            install(connection, REGISTERS)
            for number in range(OFFICES):
                Book(connection, _office(number)).open()

    def client(self, conninfo: str, index: int) -> Callable[[], object]:
        """One connection of the application's role."""
        connection = psycopg.connect(make_conninfo(conninfo, user="wuye_app"), autocommit=True)
        books = [Book(connection, _office(number)) for number in range(OFFICES)]
        turn = index * 7

        def append() -> object:
            nonlocal turn
            turn += 1
            book, now = books[turn % OFFICES], datetime.now(UTC)
            page = Page(book.office, 0, f"complaint-{uuid7()}", 1, uuid7(), EVENT, 1, b"{}", PAYLOAD_BYTES, now, now)
            return book.recorder.insert_events([page])

        return append


class WholePath(Append100):
    """Load, decide, policies, registers, deadline, idempotency key, append: a promise given on a complaint.

    Registering the complaint is a command of its own, so that one append in this figure is one command of the two in
    turn: the second loads the case, closes its register row, opens another and sets a deadline.
    """

    name: Final = "wuye-whole"  # type: ignore[misc]
    stored: Final[LiteralString] = "select count(*) from wuye.facts where case_id like 'complaint-%'"  # type: ignore[misc]

    def setup(self, conninfo: str) -> None:
        """Offices that have been opened, as real ones are: of a book without its office every command would ask again."""
        super().setup(conninfo)
        root = Actor("root", Role.SYSTEM_ADMINISTRATOR)
        with psycopg.connect(make_conninfo(conninfo, user="wuye_app"), autocommit=True) as connection:
            handler = CommandHandler(
                lambda: nullcontext(connection),
                policies=POLICIES,
                projector=REGISTERS,
                master=MasterKey(os.urandom(32)),
            )
            for code in map(_office, range(OFFICES)):
                opening = OpenOffice(code=code, name=code)
                handler.handle(CommandRequest(office=code, command=opening, actor=root, now=datetime.now(UTC)))

    def client(self, conninfo: str, index: int) -> Callable[[], object]:
        """One connection and an engine of its own."""
        connection = psycopg.connect(make_conninfo(conninfo, user="wuye_app"), autocommit=True)
        handler = CommandHandler(
            lambda: nullcontext(connection), policies=POLICIES, projector=REGISTERS, master=MasterKey(os.urandom(32))
        )
        clerk = Actor("clerk", Role.ADMINISTRATOR)
        turn, standing = index * 7, ("", "")

        def command() -> object:
            nonlocal turn, standing
            now = datetime.now(UTC)
            key = str(uuid7())
            if standing[1]:
                at, standing = standing, ("", "")
                promise = AssessComplaint(promised_by=now + timedelta(days=2), measure="疏通", told_at=now)
                return handler.handle(
                    CommandRequest(office=at[0], command=promise, actor=clerk, now=now, case_id=at[1], key=key)
                )
            turn += 1
            code = _office(turn % OFFICES)
            register = RegisterComplaint(
                channel=Channel.IN_PERSON, category="water", matter="下水堵塞", content="厨房下水又堵了", home="1-101"
            )
            answer = handler.handle(CommandRequest(office=code, command=register, actor=clerk, now=now, key=key))
            standing = (code, answer.case_id)
            return answer

        return command


def _office(number: int) -> str:
    return f"P{number:03}"


CONTENDERS = (Append100(), WholePath())
