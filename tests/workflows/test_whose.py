"""A call under a wrong home: set right as a fact, sealed for whose it is, and what came from it goes along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.errors import NotFound, RuleBroken
from domain.kernel.mending import CorrectEntry, WithdrawAsMistaken
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import WithdrawStep
from domain.residents.household.commands.keeping import OpenHousehold
from domain.residents.household.events import Occupancy
from domain.rounds.rectification.case import rectification_id
from domain.rounds.repair_order.commands import RaiseRepairOrder
from domain.visits.follow_up.case import visit_id
from domain.visits.follow_up.commands.visiting import (
    AssignFollowUp,
    ConductFollowUp,
    OpenFollowUp,
    ReviewFollowUp,
    SubmitFollowUp,
)
from domain.visits.follow_up.events import FollowUpType, Means, Mode
from domain.visits.resident_word import InviteResident, word_id
from journal.blind_index import BlindIndex, index_purpose
from journal.confidential import ERASED, MasterKey, is_token, open_token, subject_of
from journal.hash_chain import verify
from journal.key_store import KeyStore
from projections.engine.book_check import check_book
from projections.engine.rebuild import rebuild
from projections.engine.search import found_in, rebuild_search
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.office_rig import OfficeRig, erase, office_rig, shanghai
from tests.solving import solved

CLERK, HEAD, MANAGER, ASSISTANT = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.ASSISTANT
MASTER = MasterKey(b"k" * 32)


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office; whatever was done in it, its registers are the fold of its book."""
    with office_rig(database.app) as rig:
        yield rig
    with psycopg.connect(database.owner, autocommit=True) as owner:
        assert verify(owner, "XH").intact
        assert not any(rebuild(owner, REGISTERS).differences.values())
        assert rebuild_search(owner, REGISTERS.all, MASTER, keep=False) == 0


def lives(rig: OfficeRig, home: str) -> str:
    return rig.do(OpenHousehold(home=home, occupancy=Occupancy.OWNER, name="住户"), as_=CLERK).case_id


def called(rig: OfficeRig, household: str | None = None) -> str:
    command = RegisterComplaint(
        channel=Channel.TELEPHONE,
        category="noise",
        matter="噪音",
        content="夜间水泵",
        complainant="欧阳春",
        contact="13800138000",
        household=household,
    )
    return rig.do(command, as_=CLERK).case_id


def is_of(rig: OfficeRig, case_id: str, household: str | None, *, as_: Role = CLERK, by: str = "clerk") -> Any:
    command = CorrectEntry(field="household", value=household, reason="听错了房号")
    return rig.do(command, as_=as_, by=by, on=case_id)


def opened(rig: OfficeRig, token: str, case_id: str) -> str:
    with rig.pool.connection() as connection:
        return open_token(token, case_id, rig.handler.keys.opening(KeyStore(connection, "XH")))


def found(rig: OfficeRig, words: str) -> set[str]:
    with rig.pool.connection() as connection:
        asked = BlindIndex(MASTER.secret(index_purpose("XH"))).asked(words)
        return {case_id for _, case_id, _ in found_in(connection, "XH", asked, ["complaints"], 9)}


def answered(rig: OfficeRig, visit: str, *, conforming: bool = True) -> None:
    rig.do(AssignFollowUp(visitor="zhao"), as_=ASSISTANT, by="anna", on=visit)
    rig.do(
        ConductFollowUp(
            mode=Mode.TELEPHONE,
            means=Means.TALK,
            quality="好",
            effect="好",
            satisfaction=5 if conforming else 1,
            conforming=conforming,
            visitor_signature="签",
        ),
        as_=HEAD,
        by="zhao",
        on=visit,
    )


def test_what_was_said_is_sealed_for_whose_it_is_from_then_on_and_found_there(
    rig: OfficeRig, database: Database
) -> None:
    wrong, right = lives(rig, "1-101"), lives(rig, "1-102")
    case_id = called(rig, wrong)
    rig.do(solved(rig.now, "li", "已修"), as_=CLERK, on=case_id)
    assert found(rig, "1-101") == {case_id}
    answer = is_of(rig, case_id, right)
    assert set(answer.facts) == {"EntryCorrected", "PersonalEntryCorrected"}
    case = rig.case(case_id)
    assert (case.household, case.home) == (right, "1-102")
    [row] = rig.rows("complaints")
    assert (row["household"], row["home"]) == (right, "1-102")
    for name in ("complainant", "contact", "content", "measure", "result"):
        assert subject_of(row[name]) == right, name
    assert opened(rig, row["complainant"], case_id) == "欧阳春"
    # The old values stay where they were said, under the old key, and are shown as corrected.
    before = {m["corrected_field"]: m for m in rig.rows("mistakes", case_id=case_id)}
    assert (before["household"]["before"], before["household"]["after"]) == (wrong, right)
    assert subject_of(before["complainant"]["before"]) == wrong
    assert before["complainant"]["written_by"] == "clerk"
    assert (found(rig, "1-101"), found(rig, "1-102"), found(rig, "欧阳")) == (set(), {case_id}, {case_id})
    # Erasing the wrong household takes nothing away that is not its own; erasing the right one does.
    erase(database.owner, "XH", wrong)
    rig.handler.forget("XH")
    assert opened(rig, row["content"], case_id) == "夜间水泵"
    assert found(rig, "13800138000") == {case_id}
    erase(database.owner, "XH", right)
    rig.handler.forget("XH")
    assert opened(rig, row["content"], case_id) == ERASED
    assert found(rig, "13800138000") == set()


def test_what_came_from_it_goes_along(rig: OfficeRig) -> None:
    wrong, right = lives(rig, "1-101"), lives(rig, "1-102")
    case_id = called(rig, wrong)
    rig.do(solved(rig.now, "li", "已修"), as_=CLERK, on=case_id)
    visit = visit_id(case_id, 1)
    rig.do(InviteResident(of_case=visit), as_=CLERK)
    is_of(rig, case_id, right)
    for each in (visit, word_id(visit)):
        assert (rig.case(each).household, rig.case(each).home) == (right, "1-102"), each
    [row] = rig.rows("follow-ups")
    assert row["home"] == "1-102"
    assert {m["reason"] for m in rig.rows("mistakes", case_id=visit)} == {"听错了房号"}
    # The resident of the right home is asked; the complaint's own chain goes on.
    answered(rig, visit)
    assert rig.case(visit).state == "conducted"


def test_a_home_alone_goes_along_too(rig: OfficeRig) -> None:
    command = RegisterComplaint(channel=Channel.TELEPHONE, category="noise", matter="噪音", content="x", home="1-101")
    case_id = rig.do(command, as_=CLERK).case_id
    rig.do(solved(rig.now, "li", "已修"), as_=CLERK, on=case_id)
    rig.do(CorrectEntry(field="home", value="1-103", reason="听错"), as_=CLERK, on=case_id)
    assert rig.case(visit_id(case_id, 1)).home == "1-103"


def test_what_was_done_under_the_old_household_says_first_with_whom(rig: OfficeRig) -> None:
    wrong, right = lives(rig, "1-101"), lives(rig, "1-102")
    case_id = called(rig, wrong)
    rig.do(solved(rig.now, "li", "已修"), as_=CLERK, on=case_id)
    visit = visit_id(case_id, 1)
    answered(rig, visit, conforming=False)
    rig.do(SubmitFollowUp(), as_=HEAD, by="zhao", on=visit)
    review = ReviewFollowUp(comment="返工", conforming=False, responsible="li", rectify_by=shanghai("2025-01-05 10:00"))
    rig.do(review, as_=MANAGER, by="manager", on=visit)
    with pytest.raises(RuleBroken) as refused:
        is_of(rig, case_id, right)
    assert (refused.value.code, refused.value.field) == ("done-already", "value")
    assert visit in refused.value.zh
    assert rig.case(case_id).household == wrong, "nothing was written"
    # It had been the right people who were asked: the record says so first, and its rectification goes along.
    is_of(rig, visit, right, as_=MANAGER, by="manager")
    assert rig.case(rectification_id(visit)).household == right
    is_of(rig, case_id, right)
    assert rig.case(case_id).household == right
    assert rig.case(visit).household == right


def test_who_asked_the_wrong_people_takes_that_back_and_asks_the_right_ones(rig: OfficeRig) -> None:
    wrong, right = lives(rig, "1-101"), lives(rig, "1-102")
    case_id = called(rig, wrong)
    rig.do(solved(rig.now, "li", "已修"), as_=CLERK, on=case_id)
    visit = visit_id(case_id, 1)
    answered(rig, visit)
    with pytest.raises(RuleBroken, match="done under the old household"):
        is_of(rig, case_id, right)
    rig.do(WithdrawStep(reason="问错了人家"), as_=MANAGER, by="manager", on=visit)
    is_of(rig, case_id, right)
    assert (rig.case(visit).state, rig.case(visit).household) == ("assigned", right)


@pytest.mark.parametrize("said", [{"household": True}, {"household": None}, {"home": "1-102"}])
def test_a_visit_is_not_led_to_others_than_whose_matter_it_is(rig: OfficeRig, said: dict[str, Any]) -> None:
    """A friendly household would be asked instead: the complaint itself is corrected, by whoever may, and its visit with it."""
    case_id, friends = called(rig, lives(rig, "1-101")), lives(rig, "1-102")
    rig.do(solved(rig.now, "li", "已修"), as_=CLERK, on=case_id)
    [(field, value)] = said.items()
    command = CorrectEntry(field=field, value=friends if value is True else value, reason="x")
    with pytest.raises(RuleBroken) as refused:
        rig.do(command, as_=MANAGER, by="manager", on=visit_id(case_id, 1))
    assert (refused.value.code, refused.value.field) == ("reference-misfit", "value")
    assert case_id in refused.value.zh


def test_what_is_referred_to_is_known_by_what_it_says_now(rig: OfficeRig) -> None:
    wrong, right = lives(rig, "1-101"), lives(rig, "1-102")
    case_id = called(rig, wrong)
    also = OpenFollowUp(
        type=FollowUpType.COMPLAINT,
        anchor=rig.now.date(),
        household=right,
        home="1-102",
        origin_kind="complaint",
        origin_id=case_id,
    )
    with pytest.raises(RuleBroken) as refused:
        rig.do(also, as_=ASSISTANT)
    assert refused.value.code == "reference-misfit"
    is_of(rig, case_id, right)
    visit = rig.do(also, as_=ASSISTANT).case_id
    # What a person opened because of it goes along as well; what was withdrawn stays as it was.
    rig.do(WithdrawAsMistaken(reason="多开"), as_=MANAGER, by="manager", on=rig.do(also, as_=ASSISTANT).case_id)
    is_of(rig, case_id, wrong)
    assert rig.case(visit).household == wrong
    assert {row["household"] for row in rig.rows("follow-ups")} == {wrong, right}


def test_who_was_written_down_by_mistake_is_referred_to_no_more(rig: OfficeRig) -> None:
    household = lives(rig, "1-101")
    rig.do(WithdrawAsMistaken(reason="空房"), as_=MANAGER, by="manager", on=household)
    with pytest.raises(RuleBroken) as refused:
        called(rig, household)
    assert (refused.value.code, refused.value.field) == ("related-set-aside", "household")


def test_another_household_is_one_of_the_office_and_stands(rig: OfficeRig) -> None:
    wrong = lives(rig, "1-101")
    case_id = called(rig, wrong)
    for unknown in ("household-nope", "nonsense", case_id):
        with pytest.raises(NotFound) as refused:
            is_of(rig, case_id, unknown)
        assert (refused.value.code, refused.value.field) == ("related-unknown", "value")
    gone = lives(rig, "9-999")
    rig.do(WithdrawAsMistaken(reason="误"), as_=MANAGER, by="manager", on=gone)
    with pytest.raises(RuleBroken) as aside:
        is_of(rig, case_id, gone)
    assert (aside.value.code, aside.value.field) == ("related-set-aside", "value")


def test_a_household_that_was_a_mistake_goes_when_nothing_is_written_down_under_it(rig: OfficeRig) -> None:
    wrong, right = lives(rig, "1-101"), lives(rig, "1-102")
    case_id = called(rig, wrong)
    with pytest.raises(RuleBroken) as refused:
        rig.do(WithdrawAsMistaken(reason="误建"), as_=MANAGER, by="manager", on=wrong)
    assert refused.value.code == "matters-stand"
    assert case_id in refused.value.zh
    is_of(rig, case_id, right)
    rig.do(WithdrawAsMistaken(reason="误建"), as_=MANAGER, by="manager", on=wrong)
    assert rig.case(wrong).state == "mistaken"


def test_a_call_that_is_nobodys_after_all_is_sealed_for_itself(rig: OfficeRig) -> None:
    case_id = called(rig, lives(rig, "1-101"))
    is_of(rig, case_id, None)
    [row] = rig.rows("complaints")
    assert (row["household"], row["home"], subject_of(row["content"])) == (None, "1-101", case_id)
    assert is_token(row["content"])


def test_a_repair_that_was_reported_under_the_wrong_home(rig: OfficeRig) -> None:
    wrong, right = lives(rig, "1-101"), lives(rig, "1-102")
    raised = RaiseRepairOrder(
        channel=Channel.TELEPHONE, fault_kind="drain", description="厨房下水堵", household=wrong, raised_by="外:欧阳春"
    )
    case_id = rig.do(raised, as_=CLERK).case_id
    is_of(rig, case_id, right, as_=HEAD, by="wang")
    [row] = rig.rows("repair-orders")
    assert (row["household"], row["home"], subject_of(row["description"])) == (right, "1-102", right)
    assert (is_token(row["raised_by"]), subject_of(row["raised_by"])) == (True, right), "sealed anew for whose it is"


def test_what_was_erased_is_not_sealed_anew(rig: OfficeRig, database: Database) -> None:
    wrong, right = lives(rig, "1-101"), lives(rig, "1-102")
    case_id = called(rig, wrong)
    erase(database.owner, "XH", wrong)
    rig.handler.forget("XH")
    is_of(rig, case_id, right)
    [row] = rig.rows("complaints")
    assert (row["household"], opened(rig, row["content"], case_id)) == (right, ERASED)


def test_a_book_with_such_corrections_checks(rig: OfficeRig, database: Database) -> None:
    wrong, right = lives(rig, "1-101"), lives(rig, "1-102")
    is_of(rig, called(rig, wrong), right)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        assert check_book(owner, "XH", REGISTERS, master=MASTER) == []
