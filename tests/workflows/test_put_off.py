"""What is put off or retired does not leave its figure: key loans that are extended (§3.3), boards that are retired (§1.7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from domain.homes.key_loan.commands import ExtendKeyLoan, ReturnKeys
from domain.kernel.people import Role
from domain.rounds.notice_board import RetireNoticeBoard
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai
from tests.projections.test_standards import read
from tests.workflows.test_homes import YEAR, lent, one, share, taken_over

GUARD = Role.DUTY_OFFICER


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    with office_rig(database.app) as rig:
        yield rig


def test_a_loan_that_is_extended_is_back_in_time_and_not_as_first_agreed(rig: OfficeRig) -> None:
    home = taken_over(rig)
    loan = lent(rig, home, "2025-01-06 18:00", "1")
    assert share(rig, "keys-returned-as-first-agreed", *YEAR) == (0, 0, 1)
    extend = ExtendKeyLoan(expected_return=shanghai("2025-01-07 18:00"), reason="未修完", officer_signature="签")
    rig.do(extend, as_=GUARD, on=loan)
    rig.do(ReturnKeys(keys=("1",), returner_signature="签"), as_=GUARD, on=loan, at="2025-01-07 09:00")
    assert share(rig, "keys-returned-in-time", *YEAR) == (1, 1, 0)
    assert share(rig, "keys-returned-as-first-agreed", *YEAR) == (0, 1, 0)
    row = one(rig, "key-loans")
    assert (row["first_expected_return"], row["extended"]) == (shanghai("2025-01-06 18:00"), 1)


def test_a_board_that_is_retired_in_its_month_stands_beside_the_figure(rig: OfficeRig) -> None:
    board = one(rig, "notice-boards")["case_id"]
    rig.until("2025-03-02 00:00")
    rig.do(RetireNoticeBoard(reason="本小区无宣传栏"), as_=Role.MANAGER, on=board)
    found = read(rig, "notice-board-rate", date(2025, 1, 1), date(2025, 3, 31))
    assert (found.met, found.counted, found.excluded) == (0, 2, {"retired in the month": 1})
    assert [row["retired_on"] for row in rig.rows("board-months")] == [None, None, date(2025, 3, 2)]
