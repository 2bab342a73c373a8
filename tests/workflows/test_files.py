"""What goes with a household's file when it is erased, wherever it was written down (§9.2, PIPL 47)."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from domain.kernel.people import Role
from domain.moving.move_in.commands import (
    ApplyForMoveIn,
    CheckMoveInDocuments,
    CompleteMoveIn,
    HandOverMoveInKeys,
    InspectForMoveIn,
    SettleMoveInFees,
)
from domain.moving.move_in.events import DocumentKind
from domain.residents.household.commands.erasure import EraseHousehold, RequestErasure
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from journal.confidential import is_token, subject_of
from journal.hash_chain import verify
from tests.conftest import Database
from tests.desk import Desk, at_desk

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """An office that opens on New Year's Day; afterwards its book is intact."""
    with at_desk(database.app) as desk:
        yield desk
        with psycopg.connect(database.owner, autocommit=True) as connection:
            assert verify(connection, "XH").intact


def moved_in(desk: Desk, file: str | None) -> str:
    """A move-in that was begun before it was known whose file it belongs to."""
    move = desk.do(ApplyForMoveIn(home="3-303", applicant="张大山"), as_=CLERK).case_id
    papers = (DocumentKind.IDENTITY, DocumentKind.COVENANT, DocumentKind.TITLE)
    for command in (
        CheckMoveInDocuments(documents=papers),
        SettleMoveInFees(amount_fen=0),
        InspectForMoveIn(signature="张"),
        HandOverMoveInKeys(keys=("1",), signature="张"),
        CompleteMoveIn(household=file),
    ):
        desk.do(command, as_=CLERK, on=move)
    return move


@pytest.mark.parametrize("known", [True, False])
def test_the_move_in_that_led_to_a_file_is_erased_with_it(desk: Desk, database: Database, *, known: bool) -> None:
    file = desk.do(OpenHousehold(home="3-303", name="张大山"), as_=CLERK).case_id if known else None
    move = moved_in(desk, file)
    file = desk.case(move).household
    assert desk.case(file).move_ins == {move}
    assert is_token(desk.case(move).applicant)
    assert subject_of(desk.case(move).applicant) == move
    desk.do(MoveHouseholdOut(), as_=CLERK, on=file, at="2025-02-01 09:00")
    desk.do(RequestErasure(reason="保管期满"), as_=CLERK, on=file, at="2028-02-10 09:00", by="clerk")
    desk.do(EraseHousehold(), as_=MANAGER, on=file, by="manager")
    with psycopg.connect(database.owner, autocommit=True) as owner:
        destroyed = owner.execute(
            "select subject from wuye.keys where wrapped is null and destroyed_at is not null"
        ).fetchall()
    assert {row[0] for row in destroyed} == {file, move}
