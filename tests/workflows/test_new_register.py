"""A register that is new to a written book."""

from __future__ import annotations

import psycopg

from projections.engine.rebuild import rebuild
from projections.engine.tables import install
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.office_rig import office_rig
from tests.workflows.test_homes import taken_over

# -- registers -------------------------------------------------------------------------------------------------------


def test_a_register_that_is_new_to_a_written_book_has_to_be_rebuilt(database: Database) -> None:
    with office_rig(database.app) as rig, psycopg.connect(database.owner, autocommit=True) as owner:
        taken_over(rig)
        owner.execute("drop table wuye.r_vacancy_condition")
        owner.execute("delete from wuye.registers where name = 'vacancy-condition'")
        assert install(owner, REGISTERS) == ["vacancy-condition"]
        rebuild(owner, REGISTERS)
        assert len(rig.rows("vacancy-condition")) == 2
        assert install(owner, REGISTERS) == []
