"""What goes with a household's file when it is erased, wherever it was written down (§9.2, PIPL 47)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from domain.fees.bank_line import ConfirmBankLine, TakeBankLine
from domain.fees.bank_statement import OpenBankStatement
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
from domain.residents.household.events import HouseholdErased
from journal.confidential import is_token, subject_of
from journal.hash_chain import verify
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact."""
    with office_rig(database.app) as rig:
        yield rig
        with psycopg.connect(database.owner, autocommit=True) as connection:
            assert verify(connection, "XH").intact


def moved_in(rig: OfficeRig, file: str | None) -> str:
    """A move-in that was begun before it was known whose file it belongs to."""
    move = rig.do(ApplyForMoveIn(home="3-303", applicant="张大山"), as_=CLERK).case_id
    papers = (DocumentKind.IDENTITY, DocumentKind.COVENANT, DocumentKind.TITLE)
    for command in (
        CheckMoveInDocuments(documents=papers),
        SettleMoveInFees(amount_fen=0),
        InspectForMoveIn(signature="张"),
        HandOverMoveInKeys(keys=("1",), signature="张"),
        CompleteMoveIn(household=file),
    ):
        rig.do(command, as_=CLERK, on=move)
    return move


@pytest.mark.parametrize("known", [True, False])
def test_the_move_in_that_led_to_a_file_is_erased_with_it(rig: OfficeRig, database: Database, *, known: bool) -> None:
    file = rig.do(OpenHousehold(home="3-303", name="张大山"), as_=CLERK).case_id if known else None
    move = moved_in(rig, file)
    file = rig.case(move).household
    assert rig.case(file).move_ins == {move}
    assert is_token(rig.case(move).applicant)
    assert subject_of(rig.case(move).applicant) == move
    rig.do(MoveHouseholdOut(), as_=CLERK, on=file, at="2025-02-01 09:00")
    rig.do(RequestErasure(reason="保管期满"), as_=CLERK, on=file, at="2028-02-10 09:00", by="clerk")
    rig.do(EraseHousehold(), as_=MANAGER, on=file, by="manager")
    with psycopg.connect(database.owner, autocommit=True) as owner:
        destroyed = owner.execute(
            "select subject from wuye.keys where wrapped is null and destroyed_at is not null"
        ).fetchall()
    assert {row[0] for row in destroyed} == {file, move}


def test_who_paid_by_bank_is_erased_with_the_household_whose_payment_it_was(rig: OfficeRig) -> None:
    file = rig.do(OpenHousehold(home="3-303", name="张大山"), as_=CLERK).case_id
    day = date(2025, 1, 2)
    opening = OpenBankStatement(bank_account="33001616", fingerprint="f", first=day, last=day, rows_taken=2)
    statement = rig.do(opening, as_=Role.POLICY, at="2025-01-05 09:00").case_id

    def taken(mark: str, **said: str) -> str:
        line = TakeBankLine(statement=statement, row=1, booked_on=day, amount_fen=100, line_mark=mark, **said)
        return rig.do(line, as_=Role.POLICY).case_id

    mine, silent, other = taken("a", payer="张大山"), taken("b"), taken("c", payer="别人")
    for line in (mine, silent):
        rig.do(ConfirmBankLine(household=file), as_=CLERK, on=line)
    assert subject_of(rig.case(mine).payer) == mine
    rig.do(MoveHouseholdOut(), as_=CLERK, on=file, at="2025-02-01 09:00")
    rig.do(RequestErasure(reason="保管期满"), as_=CLERK, on=file, at="2028-02-10 09:00", by="clerk")
    rig.do(EraseHousehold(), as_=MANAGER, on=file, by="manager")
    subjects = next(fact.event.subjects for fact in rig.facts() if isinstance(fact.event, HouseholdErased))
    assert set(subjects) == {file, mine}
    assert {silent, other}.isdisjoint(subjects), "what says nothing of anybody has no key; what is another's stays"
