"""Whose a command is, when it happened, and because of which: what every fact says of itself."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from domain.complaints.complaint.commands.handling import PauseComplaint
from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.errors import NotFound, RuleBroken, Stale
from domain.kernel.people import Role
from domain.office.office import OpenOffice
from tests.conftest import Database
from tests.database_dump import dump
from tests.drill_kind import CountDrill, EndDrill, OpenDrill
from tests.office_rig import OfficeRig
from tests.solving import solved
from workflows.policies.index import POLICIES

CLERK = Role.ADMINISTRATOR
NOISE = RegisterComplaint(
    channel=Channel.ONLINE, category="noise", matter="楼上噪音", content="每晚十点后", home="1-101"
)


# -- whose and when ---------------------------------------------------------------------------------------------------


def test_a_stale_version_is_refused(rig: OfficeRig) -> None:
    case_id = rig.do(NOISE, as_=CLERK).case_id
    rig.do(PauseComplaint(waiting_for="电梯公司"), as_=CLERK, on=case_id, expected=1)
    for expected in (0, 1, 3):
        with pytest.raises(Stale):
            rig.do(PauseComplaint(waiting_for="物业"), as_=CLERK, on=case_id, expected=expected)


def test_another_offices_case_does_not_exist_here(rig: OfficeRig, database: Database) -> None:
    rig.open("YY")
    theirs = rig.do(OpenDrill(thing="x"), as_=CLERK, office="YY").case_id
    mine = rig.do(OpenDrill(thing="x"), as_=CLERK).case_id
    before = dump(database.owner)
    for command, on in ((EndDrill(), theirs), (CountDrill(other=theirs), mine), (OpenDrill(thing="z"), theirs)):
        with pytest.raises(NotFound):
            rig.do(command, as_=CLERK, on=on)
    with pytest.raises(NotFound):
        rig.handler.case("XH", theirs)
    assert dump(database.owner) == before


@pytest.mark.parametrize("on", ["complaint-01890000-0000-7000-8000-000000000000", "nothing-1", "drill", ""])
def test_a_case_that_is_not_there_or_of_another_kind_is_not_found(rig: OfficeRig, on: str) -> None:
    with pytest.raises(NotFound):
        rig.do(EndDrill(), as_=CLERK, on=on)


def test_a_command_of_another_kind_does_not_find_the_case(rig: OfficeRig) -> None:
    case_id = rig.do(NOISE, as_=CLERK).case_id
    with pytest.raises(NotFound):
        rig.do(EndDrill(), as_=CLERK, on=case_id)
    with pytest.raises(NotFound):
        rig.do(OpenOffice(code="XH", name="x"), as_=Role.SYSTEM_ADMINISTRATOR, on=case_id, office="XH")


def test_an_office_that_is_not_there_is_not_found(rig: OfficeRig) -> None:
    with pytest.raises(NotFound):
        rig.do(OpenDrill(thing="x"), as_=CLERK, office="NO")
    with pytest.raises(NotFound):
        rig.handler.settings("NO")


def test_what_lies_in_the_future_has_not_happened(rig: OfficeRig) -> None:
    with pytest.raises(RuleBroken) as refused:
        rig.do(OpenDrill(thing="x"), as_=CLERK, occurred_at=rig.now + timedelta(microseconds=1))
    assert (refused.value.code, refused.value.field) == ("in-the-future", "occurred_at")
    rig.do(OpenDrill(thing="x"), as_=CLERK, occurred_at=rig.now)


def test_nothing_happens_to_a_case_before_it_began(rig: OfficeRig) -> None:
    rig.now += timedelta(hours=1)
    case_id = rig.do(OpenDrill(thing="x"), as_=CLERK).case_id
    rig.now += timedelta(days=1)
    with pytest.raises(RuleBroken) as refused:
        rig.do(EndDrill(), as_=CLERK, on=case_id, occurred_at=rig.now - timedelta(days=1, microseconds=1))
    assert refused.value.code == "before-opening"
    rig.do(EndDrill(), as_=CLERK, on=case_id, occurred_at=rig.now - timedelta(days=1))


def test_a_late_entry_shows_both_of_its_times(rig: OfficeRig) -> None:
    happened = rig.now
    rig.now += timedelta(days=3)
    case_id = rig.do(NOISE, as_=CLERK, occurred_at=happened).case_id
    fact = next(fact for fact in rig.facts() if fact.case_id == case_id)
    assert (fact.occurred_at, fact.recorded_at) == (happened, rig.now)
    [row] = rig.rows("complaints")
    assert (row["opened_at"], row["recorded_from"]) == (happened, rig.now)


def test_the_numbers_are_those_of_the_day_on_which_it_happened(rig: OfficeRig) -> None:
    case_id = rig.do(OpenDrill(thing="x"), as_=CLERK).case_id
    rig.now += timedelta(days=60)
    rig.set("surveys.per_year", "4", date(2025, 2, 1))
    rig.do(CountDrill(), as_=CLERK, on=case_id, occurred_at=rig.now - timedelta(days=50), late_reason="x")
    rig.do(CountDrill(), as_=CLERK, on=case_id)
    assert rig.case(case_id).counts == [2, 4]


def test_a_real_office_takes_the_databases_time_and_no_one_elses(rig: OfficeRig, database: Database) -> None:
    rig.open("REAL", simulated=False)
    with psycopg.connect(database.owner) as connection:
        [now] = connection.execute("select clock_timestamp()").fetchone() or []
    assert abs(rig.facts("REAL")[0].recorded_at - now) < timedelta(minutes=1)
    assert rig.facts("XH")[0].recorded_at == rig.now


# -- because of which -------------------------------------------------------------------------------------------------


def test_every_fact_says_because_of_which_and_from_which_beginning(rig: OfficeRig, intact: None) -> None:
    """Opened → its shadow; ended → opened again: one chain, followed from effect to cause."""
    first = rig.do(OpenDrill(thing="hose", repeats=1), as_=CLERK)
    rig.do(EndDrill(), as_=CLERK, on=first.case_id)
    facts = [fact for fact in rig.facts() if fact.name.startswith("Drill")]
    by_id = {fact.event_id: fact for fact in facts}
    assert [fact.name for fact in facts] == ["DrillOpened", "DrillOpened", "DrillEnded", "DrillOpened"]
    opened, shadow, ended, repeated = facts
    assert (opened.causation_id, ended.causation_id) == (None, None)
    assert by_id[shadow.causation_id or opened.event_id] is opened
    assert by_id[repeated.causation_id or opened.event_id] is ended
    assert {fact.correlation_id for fact in facts} == {opened.event_id}
    assert shadow.user_id == "policy:shadow_every_drill"
    assert {shadow.role, repeated.role} == {Role.POLICY}
    assert repeated.occurred_at == ended.occurred_at


def test_a_chain_of_consequences_is_written_in_one_append_in_its_order(rig: OfficeRig) -> None:
    first = rig.do(OpenDrill(thing="hose", repeats=3), as_=CLERK)
    shadow = next(fact for fact in rig.facts() if fact.causation_id is not None)
    rig.do(EndDrill(), as_=CLERK, on=shadow.case_id)
    ended = rig.do(EndDrill(), as_=CLERK, on=first.case_id)
    chain = rig.facts()[-3:]
    assert ended.facts == ("DrillEnded", "DrillOpened", "DrillOpened")
    assert [fact.number for fact in chain] == [ended.number - 2, ended.number - 1, ended.number]
    assert [fact.causation_id for fact in chain] == [None, chain[0].event_id, chain[1].event_id]
    assert len({fact.recorded_at for fact in chain}) == 1


def test_every_fact_in_the_books_of_real_policies_has_a_cause_before_it(rig: OfficeRig) -> None:
    rig.handler.policies = POLICIES
    case_id = rig.do(NOISE, as_=CLERK).case_id
    rig.do(solved(rig.now), as_=CLERK, on=case_id)
    numbers = {fact.event_id: fact.number for fact in rig.facts()}
    for fact in rig.facts():
        assert (fact.causation_id is not None) == (fact.role is Role.POLICY)
        assert fact.causation_id is None or numbers[fact.causation_id] < fact.number
