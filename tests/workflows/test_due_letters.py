"""All notices that are due in one act 批量催款 (§8.A): composed household by household, whoever is left out has a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from domain.arrears.debt_case.commands.dunning import BeginSecondStage, IssueDunningNotice, RecordArrearsReason
from domain.arrears.debt_case.commands.measures import RaiseDispute
from domain.arrears.debt_case.lifecycle import debt_case_id
from domain.arrears.terms import ArrearsReason, NoticeMeans
from domain.fees.bill.commands.issuing import IssueBill
from domain.kernel.calendar import local_date
from domain.kernel.people import Actor, Role
from domain.residents.household.commands.keeping import OpenHousehold
from tests.conftest import Database
from tests.office_rig import OfficeRig
from tests.workflows.checked_office import checked_office
from workflows.engine import due_letters as letters
from workflows.engine.due_letters import DueLetter, LetterGiven
from workflows.engine.request import CommandRequest

CLERK = Role.ADMINISTRATOR
LETTER = IssueDunningNotice(means=NoticeMeans.MAILBOX, addressee="户主")
REASON = RecordArrearsReason(reason=ArrearsReason.REFUSAL, verified_by="li")


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """Three households owe January's fee since the 16th of February; the third disputes it."""
    with checked_office(database) as rig:
        for n in (1, 2, 3):
            bill = IssueBill(household=f"household-{n}", period="2025-01", amount_fen=30_000, item="物业服务费")
            rig.do(bill, as_=CLERK)
        rig.until("2025-02-20 09:00")
        rig.do(RaiseDispute(reason="漏水"), as_=CLERK, on=case(3))
        yield rig


def case(n: int) -> str:
    return debt_case_id("XH", f"household-{n}")


def order(rig: OfficeRig, key: str | None = None, by: str = "clerk") -> CommandRequest:
    return CommandRequest(office="XH", command=LETTER, actor=Actor(by, CLERK), now=rig.now, key=key)


def due(rig: OfficeRig, **asked: Any) -> list[DueLetter]:
    return letters.due_letters(rig.pool.connection, "XH", local_date(rig.now), **asked)


def given(rig: OfficeRig, **asked: Any) -> list[LetterGiven]:
    return list(letters.issued(rig.handler, order(rig), due(rig, **asked)))


def told(given: list[LetterGiven]) -> dict[str | None, Any]:
    """Household → what its letter claims in all, or the code of why it has none."""
    return {
        each.letter.household: each.refusal.code if each.refusal is not None else each.notice and each.notice.total_fen
        for each in given
    }


def test_one_act_issues_every_letter_that_is_due_and_says_who_was_left_out_and_why(rig: OfficeRig) -> None:
    pages = len(rig.facts())
    seen = list(letters.previewed(rig.handler, rig.pool.connection, order(rig), due(rig)))
    assert len(rig.facts()) == pages, "who only looks writes nothing"
    made = given(rig)
    assert told(made) == {"household-1": 30_075, "household-2": 30_075, "household-3": "disputed"}
    assert told(seen) == told(made)
    assert len([fact for fact in rig.facts() if fact.name == "DunningNoticeIssued"]) == 2
    assert [each.letter.household for each in given(rig)] == ["household-3"], "what went out is not due any more"


def test_what_was_interrupted_is_gone_on_with_and_a_repeated_request_sends_nothing_twice(rig: OfficeRig) -> None:
    waiting = due(rig)
    first = list(letters.issued(rig.handler, order(rig, "run-1"), waiting[:1]))
    again = list(letters.issued(rig.handler, order(rig, "run-1"), waiting))
    assert sum(each.notice is not None for each in (*first, *again)) == 3
    assert len([fact for fact in rig.facts() if fact.name == "DunningNoticeIssued"]) == 2
    other = list(letters.issued(rig.handler, order(rig, "run-2"), waiting))
    assert {each.refusal.code for each in other if each.refusal} == {"one-letter", "disputed"}


def test_they_are_asked_for_by_stage_by_building_and_piece_by_piece(rig: OfficeRig) -> None:
    assert len(due(rig)) == 3
    assert due(rig, stage=2) == []
    assert due(rig, building="7") == []
    file = rig.do(OpenHousehold(home="7-2-1403", building="7", name="王小明"), as_=CLERK).case_id
    bill = IssueBill(household=file, due_on=date(2025, 2, 20), amount_fen=100, item="押金外费用")
    rig.do(bill, as_=CLERK)
    rig.until("2025-02-21 09:00")
    assert [each.household for each in due(rig, building="7")] == [file]
    first = due(rig, limit=3)
    assert len(first) == 3
    assert len(due(rig, after=first[-1].case_id)) == 1


def test_a_second_letter_waits_for_the_second_stage_and_the_list_says_what_for(rig: OfficeRig) -> None:
    given(rig)
    rig.until("2025-03-05 09:00")
    assert told(given(rig, stage=2)) == {"household-1": "reason-missing", "household-2": "reason-missing"}
    for n in (1, 2):
        rig.do(REASON, as_=CLERK, on=case(n))
    rig.do(BeginSecondStage(), as_=CLERK, on=case(2))
    assert told(given(rig, stage=2)) == {"household-1": "second-stage-not-begun", "household-2": 30_270}
