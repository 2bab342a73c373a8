"""Rows that are gone: of a register whose lines may go, a past period still counts what stood in it."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.commands.vacancy import TakeOverHome
from domain.homes.vacant_home.events import VacancyKind
from domain.kernel.people import Role
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG
from tests.conftest import Database
from tests.office_rig import office_rig
from tests.projections.test_standards import read, share

FEBRUARY = (date(2025, 2, 1), date(2025, 2, 28))


def test_a_row_that_went_after_the_period_counts_in_it(database: Database) -> None:
    with office_rig(database.app) as rig, psycopg.connect(database.owner, autocommit=True) as owner:
        key = KeyItem(number="1-101/1", key_class=KeyClass.ENTRANCE)
        taken = TakeOverHome(home="1-101", kind=VacancyKind.UNSOLD, area=9_000, keys=(key,))
        rig.do(taken, as_=Role.ADMINISTRATOR, at="2025-01-10 09:00")
        said = RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="x", content="y", complainant="王")
        after = rig.do(said, as_=Role.ADMINISTRATOR, at="2025-03-05 09:00").number
        rig.until("2025-03-06 09:00")
        assert share(read(rig, "vacancy-inspection-rate", *FEBRUARY)) == (0, 1, 0)
        owner.execute(
            "update wuye.r_inspections set to_number = %s, recorded_to = recorded_from where line = '2025-02' and to_number is null",
            [after],
        )
        assert share(read(rig, "vacancy-inspection-rate", *FEBRUARY)) == (0, 1, 0)


@pytest.mark.parametrize("slug", ["complaint-handling-rate", "collection-rate-by-amount", "follow-ups-in-window"])
def test_a_case_of_one_row_always_has_it(slug: str) -> None:
    """So nobody looks for rows of these that are gone."""
    assert REGISTERS.by_name[BY_SLUG[slug].register].lasts
    assert not REGISTERS.by_name["inspections"].lasts
