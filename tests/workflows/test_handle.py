"""One command, one transaction: everything it brings about is written, or nothing, and never twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from domain.complaint import Channel, InformResident, PauseComplaint, RegisterComplaint, ResolveComplaint
from domain.errors import AlreadyHeld, Erased, Malformed, NotFound, NotPermitted, RuleBroken, Stale, WrongState
from domain.office import ChangeSetting, OpenOffice
from domain.people import Actor, Role
from journal.book import Book
from journal.confidential import MasterKey
from journal.seal import verify
from projections.registers import REGISTERS
from tests import drill
from tests.conftest import Database
from tests.desk import Desk, at_desk
from tests.drill import CountDrill, EndDrill, ExtendDrill, OpenDrill
from tests.everything import everything
from tests.workflows.lines import BreakingLine
from workflows.draft import Order
from workflows.office import Answer, Busy, KeyReused, Office
from workflows.policies import POLICIES

CLERK = Role.ADMINISTRATOR
NOISE = RegisterComplaint(channel=Channel.ONLINE, category="noise", matter="楼上噪音", content="每晚十点后")


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """An office with drills, their claims, deadlines and policies."""
    with drill.known(), at_desk(database.app, policies=drill.POLICIES) as desk:
        yield desk


@pytest.fixture
def intact(database: Database) -> Iterator[None]:
    """Afterwards the book is intact."""
    yield
    with psycopg.connect(database.owner, autocommit=True) as connection:
        assert verify(connection, "XH").intact


def full_drill(desk: Desk, **fields: Any) -> OpenDrill:
    """A drill that writes to every table there is: facts, consequences, claims, keys, deadlines."""
    given: dict[str, Any] = {"thing": "hose", "ends_at": desk.now + timedelta(days=1), "repeats": 1, "note": "别忘水带"}
    return OpenDrill(**{**given, **fields})


# -- together or not at all ------------------------------------------------------------------------------------------


def test_facts_consequences_claims_keys_deadlines_and_the_answer_are_written_together(
    desk: Desk, database: Database
) -> None:
    before = everything(database.owner)
    made = desk.do(full_drill(desk), as_=CLERK, key="k1")
    after = everything(database.owner)
    grown = {name: len(after[name]) - len(before[name]) for name in after if len(after[name]) != len(before[name])}
    assert grown == {"facts": 2, "claims": 2, "keys": 1, "answers": 1, "r_deadlines": 1}
    assert made.facts == ("DrillOpened", "DrillOpened")


@pytest.mark.parametrize("table", ["facts", "claims", "keys", "answers", "r_deadlines"])
def test_when_one_of_them_fails_nothing_is_written(
    desk: Desk, database: Database, table: str, intact: None
) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(
            "create function wuye.fail() returns trigger language plpgsql as"
            " $$ begin raise exception 'planted failure'; end $$"
        )
        # After the row, so that the other writes of the append have been tried already.
        owner.execute(
            f"create constraint trigger fail after insert on wuye.{table} deferrable initially deferred"  # type: ignore[arg-type]
            " for each row execute function wuye.fail()"
        )
        before = everything(database.owner)
        with pytest.raises(psycopg.Error, match="planted failure"):
            desk.do(full_drill(desk), as_=CLERK, key="k1")
        assert everything(database.owner) == before
        owner.execute(f"drop trigger fail on wuye.{table}")  # type: ignore[arg-type]
    assert not desk.do(full_drill(desk), as_=CLERK, key="k1").repeated


class _BrokenRegisters:
    """Registers of which one raises when it meets a certain thing, or gives a value that does not fit its column."""

    def __init__(self, how: Callable[[], Any]) -> None:
        self._how = how

    def __getattr__(self, name: str) -> Any:
        return getattr(REGISTERS, name)

    def lines(self, lifecycle: Any, case: Any) -> Any:
        found = REGISTERS.lines(lifecycle, case)
        if getattr(case, "thing", "").startswith("shadow"):
            found["deadlines", "planted"] = self._how()
        return found


def test_when_a_register_raises_over_a_consequence_nothing_is_written(desk: Desk, database: Database) -> None:
    desk.office.projector = _BrokenRegisters(lambda: 1 // 0)  # type: ignore[assignment]
    before = everything(database.owner)
    with pytest.raises(ZeroDivisionError):
        desk.do(full_drill(desk), as_=CLERK, key="k1")
    assert everything(database.owner) == before


def test_when_a_register_refuses_a_value_in_the_database_nothing_is_written(
    desk: Desk, database: Database, intact: None
) -> None:
    at = REGISTERS.columns("deadlines").index("due_at")
    unfit = tuple("no date" if i == at else "1" for i in range(len(REGISTERS.columns("deadlines"))))
    desk.office.projector = _BrokenRegisters(lambda: unfit)  # type: ignore[assignment]
    before = everything(database.owner)
    with pytest.raises(psycopg.DataError):
        desk.do(full_drill(desk), as_=CLERK, key="k1")
    assert everything(database.owner) == before


def test_a_refused_consequence_refuses_the_command_that_caused_it(desk: Desk, database: Database) -> None:
    desk.do(OpenDrill(thing="shadow of hose"), as_=CLERK)
    before = everything(database.owner)
    with pytest.raises(AlreadyHeld):
        desk.do(full_drill(desk), as_=CLERK, key="k1")
    assert everything(database.owner) == before


def test_two_cases_of_one_draft_cannot_hold_the_same_thing(desk: Desk) -> None:
    with desk.pool.connection() as connection:
        draft = desk.office.draft(Book(connection), "XH")
        order = Order(office="XH", command=OpenDrill(thing="hose"), actor=Actor("a", CLERK), now=desk.now)
        draft.give(order)
        with pytest.raises(AlreadyHeld):
            draft.give(order)


def test_whoever_may_not_open_an_office_opens_no_book(desk: Desk, database: Database) -> None:
    before = everything(database.owner)
    with pytest.raises(NotPermitted):
        desk.do(OpenOffice(code="NEW", name="新"), as_=CLERK, office="NEW")
    assert everything(database.owner) == before


def test_a_command_that_changes_nothing_is_answered_and_writes_no_page(
    desk: Desk, database: Database, intact: None
) -> None:
    made = desk.do(OpenDrill(thing="hose"), as_=CLERK)
    pages = len(desk.facts())
    desk.now += timedelta(days=1)
    answer = desk.do(ExtendDrill(ends_at=None), as_=CLERK, on=made.case_id)
    assert (answer.case_id, answer.version, answer.facts) == (made.case_id, 1, ())
    kept = desk.do(ExtendDrill(ends_at=None), as_=CLERK, on=made.case_id, key="idle")
    assert (kept.version, kept.number, kept.facts) == (1, pages, ())
    desk.do(ExtendDrill(ends_at=desk.now), as_=CLERK, on=made.case_id)
    assert desk.do(ExtendDrill(ends_at=None), as_=CLERK, on=made.case_id, key="idle").repeated
    assert desk.case(made.case_id).ends_at == desk.now


# -- repeated --------------------------------------------------------------------------------------------------------


def test_a_repeated_key_gets_the_stored_answer_and_has_one_effect(desk: Desk, database: Database) -> None:
    first = desk.do(full_drill(desk), as_=CLERK, key="k1")
    before = everything(database.owner)
    again = desk.do(full_drill(desk), as_=CLERK, key="k1")
    assert again.repeated
    assert (again.case_id, again.version, again.state, again.number, again.facts) == (
        first.case_id, first.version, first.state, first.number, first.facts,
    )  # fmt: skip
    assert everything(database.owner) == before


def test_a_repeated_key_gets_its_answer_also_when_the_case_has_moved_on(desk: Desk, database: Database) -> None:
    made = desk.do(full_drill(desk, repeats=0), as_=CLERK)
    ended = desk.do(EndDrill(), as_=CLERK, on=made.case_id, key="end", expected=1)
    before = everything(database.owner)
    again = desk.do(EndDrill(), as_=CLERK, on=made.case_id, key="end", expected=1)
    assert again.repeated
    assert (again.number, again.version, again.state) == (ended.number, 2, "ended")
    with pytest.raises(WrongState):
        desk.do(EndDrill(), as_=CLERK, on=made.case_id, key="another")
    assert everything(database.owner) == before


def test_a_repeated_key_gets_its_answer_also_when_the_persons_data_have_been_erased(desk: Desk) -> None:
    command = full_drill(desk, household="A-0501", repeats=0)
    desk.do(command, as_=CLERK, key="k1")
    desk.office.erase("XH", "A-0501")
    assert desk.do(command, as_=CLERK, key="k1").repeated
    with pytest.raises(Erased):
        desk.do(full_drill(desk, household="A-0501", thing="pump"), as_=CLERK, key="k2")


def test_a_key_is_not_for_another_request(desk: Desk, database: Database) -> None:
    made = desk.do(full_drill(desk), as_=CLERK, key="k1")
    before = everything(database.owner)
    with pytest.raises(KeyReused):
        desk.do(full_drill(desk, thing="pump"), as_=CLERK, key="k1")
    with pytest.raises(KeyReused):
        desk.do(EndDrill(), as_=CLERK, on=made.case_id, key="k1")
    with pytest.raises(KeyReused):
        desk.do(EndDrill(forbidden=True), as_=CLERK, on=made.case_id, key="k1")
    assert everything(database.owner) == before


def test_a_key_is_an_offices_own(desk: Desk) -> None:
    desk.open("YY")
    desk.do(OpenDrill(thing="hose"), as_=CLERK, key="k1")
    assert not desk.do(OpenDrill(thing="hose"), as_=CLERK, key="k1", office="YY").repeated


def test_a_refused_command_leaves_its_key_free(desk: Desk) -> None:
    made = desk.do(OpenDrill(thing="hose"), as_=CLERK)
    with pytest.raises(RuleBroken):
        desk.do(EndDrill(forbidden=True), as_=CLERK, on=made.case_id, key="k")
    assert not desk.do(EndDrill(), as_=CLERK, on=made.case_id, key="k").repeated


def test_the_same_key_at_the_same_time_has_one_effect(desk: Desk, intact: None) -> None:
    answers = together(8, lambda _: desk.do(full_drill(desk), as_=CLERK, key="k1"))
    assert sorted(answer.repeated for answer in answers) == [False] + [True] * 7
    assert len({answer.case_id for answer in answers}) == 1
    assert len(desk.facts()) == 3


# -- at the same time ------------------------------------------------------------------------------------------------


def together(count: int, do: Callable[[int], Any]) -> list[Any]:
    """Do it in as many threads, all released at once; exceptions are results."""
    gate = threading.Barrier(count)

    def one(i: int) -> Any:
        gate.wait()
        try:
            return do(i)
        except Exception as error:  # noqa: BLE001 -- what was raised is the result
            return error

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def test_two_who_act_at_once_on_a_case_are_both_heard_in_order(desk: Desk, intact: None) -> None:
    case_id = desk.do(NOISE, as_=CLERK).case_id
    results = together(
        4, lambda i: desk.do(InformResident(channel=Channel.ONLINE, progress=f"第{i}次"), as_=CLERK, on=case_id)
    )
    assert sorted(answer.version for answer in results) == [2, 3, 4, 5]
    assert [fact.version for fact in desk.facts() if fact.case_id == case_id] == [1, 2, 3, 4, 5]


def test_of_two_who_saw_the_same_version_one_is_told(desk: Desk) -> None:
    case_id = desk.do(NOISE, as_=CLERK).case_id
    results = together(2, lambda i: desk.do(PauseComplaint(waiting_for=f"{i}"), as_=CLERK, on=case_id, expected=1))
    assert sorted(type(result).__name__ for result in results) == ["Answer", "Stale"]
    assert len(desk.names(case_id)) == 2


def test_of_two_decisions_that_exclude_each_other_one_is_refused(desk: Desk) -> None:
    case_id = desk.do(NOISE, as_=CLERK).case_id
    results = together(2, lambda i: desk.do(ResolveComplaint(resolved_by=f"{i}", result="好了"), as_=CLERK, on=case_id))
    assert sorted(type(result).__name__ for result in results) == ["Answer", "WrongState"]


def test_of_many_who_want_one_thing_one_gets_it(desk: Desk, database: Database, intact: None) -> None:
    results = together(8, lambda _: desk.do(OpenDrill(thing="the only key"), as_=CLERK))
    assert sum(isinstance(result, Answer) for result in results) == 1
    assert sum(isinstance(result, AlreadyHeld) for result in results) == 7
    with desk.pool.connection() as connection:
        holder = Book(connection).holder("XH", "thing:the only key")
    assert holder == next(result.case_id for result in results if isinstance(result, Answer))


def test_what_is_given_back_can_be_taken_again_and_another_office_has_its_own(desk: Desk) -> None:
    desk.open("YY")
    first = desk.do(OpenDrill(thing="key"), as_=CLERK)
    desk.do(OpenDrill(thing="key"), as_=CLERK, office="YY")
    desk.do(EndDrill(), as_=CLERK, on=first.case_id)
    desk.do(OpenDrill(thing="key"), as_=CLERK)
    with pytest.raises(AlreadyHeld):
        desk.do(OpenDrill(thing="key"), as_=CLERK)


def test_settings_that_change_meanwhile_are_decided_anew(desk: Desk, database: Database) -> None:
    """Another process has the office's settings in its memory when they change."""
    case_id = desk.do(OpenDrill(thing="hose"), as_=CLERK).case_id
    with at_desk(database.app, code="ZZ", policies=drill.POLICIES) as other:
        other.do(CountDrill(), as_=CLERK, on=case_id, office="XH")
        change = ChangeSetting(name="surveys.per_year", value="4", valid_from=date(2025, 1, 1), reason="more")
        desk.do(change, as_=Role.MANAGER)
        other.do(CountDrill(), as_=CLERK, on=case_id, office="XH")
    assert desk.case(case_id).counts == [2, 4]


def test_a_setting_that_cannot_be_is_refused(desk: Desk, database: Database) -> None:
    before = everything(database.owner)
    with pytest.raises(Malformed):
        desk.do(ChangeSetting(name="no.such", value="4", valid_from=date(2025, 1, 1), reason="x"), as_=Role.MANAGER)
    assert everything(database.owner) == before


def test_a_decision_that_rests_on_another_case_is_made_anew_when_that_case_moves_on(desk: Desk) -> None:
    """The other case changes between its reading and the append: the guard of its version holds the append back."""
    other = desk.do(OpenDrill(thing="a"), as_=CLERK).case_id
    mine = desk.do(OpenDrill(thing="b"), as_=CLERK).case_id
    at = [0]
    record = Book.record

    def interrupted(book: Book, append: Any) -> Any:
        at[0] += 1
        if at[0] == 1:
            desk.do(CountDrill(), as_=CLERK, on=other)
        return record(book, append)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Book, "record", interrupted)
        desk.do(CountDrill(other=other), as_=CLERK, on=mine)
    [counted] = [f.event for f in desk.facts() if f.case_id == mine and f.name == "DrillCounted"]
    assert counted.of == 1  # type: ignore[attr-defined]


def test_whoever_is_always_overtaken_gives_up(desk: Desk) -> None:
    case_id = desk.do(OpenDrill(thing="a"), as_=CLERK).case_id
    record = Book.record
    tries = [0]

    def overtaken(book: Book, append: Any) -> Any:
        if append.key == "slow":
            tries[0] += 1
            desk.do(CountDrill(), as_=CLERK, on=case_id)
        return record(book, append)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Book, "record", overtaken)
        with pytest.raises(Busy):
            desk.do(CountDrill(), as_=CLERK, on=case_id, key="slow")
    assert len(desk.case(case_id).counts) == tries[0] > 1


# -- whose and when --------------------------------------------------------------------------------------------------


def test_a_stale_version_is_refused(desk: Desk) -> None:
    case_id = desk.do(NOISE, as_=CLERK).case_id
    desk.do(PauseComplaint(waiting_for="电梯公司"), as_=CLERK, on=case_id, expected=1)
    for expected in (0, 1, 3):
        with pytest.raises(Stale):
            desk.do(PauseComplaint(waiting_for="物业"), as_=CLERK, on=case_id, expected=expected)


def test_another_offices_case_does_not_exist_here(desk: Desk, database: Database) -> None:
    desk.open("YY")
    theirs = desk.do(OpenDrill(thing="x"), as_=CLERK, office="YY").case_id
    mine = desk.do(OpenDrill(thing="x"), as_=CLERK).case_id
    before = everything(database.owner)
    for command, on in ((EndDrill(), theirs), (CountDrill(other=theirs), mine), (OpenDrill(thing="z"), theirs)):
        with pytest.raises(NotFound):
            desk.do(command, as_=CLERK, on=on)
    with pytest.raises(NotFound):
        desk.office.case("XH", theirs)
    assert everything(database.owner) == before


@pytest.mark.parametrize("on", ["complaint-01890000-0000-7000-8000-000000000000", "nothing-1", "drill", ""])
def test_a_case_that_is_not_there_or_of_another_kind_is_not_found(desk: Desk, on: str) -> None:
    with pytest.raises(NotFound):
        desk.do(EndDrill(), as_=CLERK, on=on)


def test_a_command_of_another_kind_does_not_find_the_case(desk: Desk) -> None:
    case_id = desk.do(NOISE, as_=CLERK).case_id
    with pytest.raises(NotFound):
        desk.do(EndDrill(), as_=CLERK, on=case_id)
    with pytest.raises(NotFound):
        desk.do(OpenOffice(code="XH", name="x"), as_=Role.SYSTEM_ADMINISTRATOR, on=case_id, office="XH")


def test_an_office_that_is_not_there_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.do(OpenDrill(thing="x"), as_=CLERK, office="NO")
    with pytest.raises(NotFound):
        desk.office.settings("NO")


def test_what_lies_in_the_future_has_not_happened(desk: Desk) -> None:
    with pytest.raises(RuleBroken) as refused:
        desk.do(OpenDrill(thing="x"), as_=CLERK, occurred_at=desk.now + timedelta(microseconds=1))
    assert (refused.value.code, refused.value.field) == ("in-the-future", "occurred_at")
    desk.do(OpenDrill(thing="x"), as_=CLERK, occurred_at=desk.now)


def test_nothing_happens_to_a_case_before_it_began(desk: Desk) -> None:
    case_id = desk.do(OpenDrill(thing="x"), as_=CLERK).case_id
    desk.now += timedelta(days=1)
    with pytest.raises(RuleBroken) as refused:
        desk.do(EndDrill(), as_=CLERK, on=case_id, occurred_at=desk.now - timedelta(days=1, microseconds=1))
    assert refused.value.code == "before-opening"
    desk.do(EndDrill(), as_=CLERK, on=case_id, occurred_at=desk.now - timedelta(days=1))


def test_a_late_entry_shows_both_of_its_times(desk: Desk) -> None:
    happened = desk.now
    desk.now += timedelta(days=3)
    case_id = desk.do(NOISE, as_=CLERK, occurred_at=happened).case_id
    fact = next(fact for fact in desk.facts() if fact.case_id == case_id)
    assert (fact.occurred_at, fact.recorded_at) == (happened, desk.now)
    [row] = desk.rows("complaints")
    assert (row["opened_at"], row["recorded_from"]) == (happened, desk.now)


def test_the_numbers_are_those_of_the_day_on_which_it_happened(desk: Desk) -> None:
    case_id = desk.do(OpenDrill(thing="x"), as_=CLERK).case_id
    desk.now += timedelta(days=60)
    change = ChangeSetting(name="surveys.per_year", value="4", valid_from=date(2025, 2, 1), reason="more")
    desk.do(change, as_=Role.MANAGER)
    desk.do(CountDrill(), as_=CLERK, on=case_id, occurred_at=desk.now - timedelta(days=50))
    desk.do(CountDrill(), as_=CLERK, on=case_id)
    assert desk.case(case_id).counts == [2, 4]


def test_a_real_office_takes_the_databases_time_and_no_one_elses(desk: Desk, database: Database) -> None:
    desk.open("REAL", simulated=False)
    with psycopg.connect(database.owner) as connection:
        [now] = connection.execute("select clock_timestamp()").fetchone() or []
    assert abs(desk.facts("REAL")[0].recorded_at - now) < timedelta(minutes=1)
    assert desk.facts("XH")[0].recorded_at == desk.now


# -- because of which ------------------------------------------------------------------------------------------------


def test_every_fact_says_because_of_which_and_from_which_beginning(desk: Desk, intact: None) -> None:
    """Opened → its shadow; ended → opened again: one chain, followed from effect to cause."""
    first = desk.do(OpenDrill(thing="hose", repeats=1), as_=CLERK)
    desk.do(EndDrill(), as_=CLERK, on=first.case_id)
    facts = [fact for fact in desk.facts() if fact.name.startswith("Drill")]
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


def test_a_chain_of_consequences_is_written_in_one_append_in_its_order(desk: Desk) -> None:
    first = desk.do(OpenDrill(thing="hose", repeats=3), as_=CLERK)
    shadow = next(fact for fact in desk.facts() if fact.causation_id is not None)
    desk.do(EndDrill(), as_=CLERK, on=shadow.case_id)
    ended = desk.do(EndDrill(), as_=CLERK, on=first.case_id)
    chain = desk.facts()[-3:]
    assert ended.facts == ("DrillEnded", "DrillOpened", "DrillOpened")
    assert [fact.number for fact in chain] == [ended.number - 2, ended.number - 1, ended.number]
    assert [fact.causation_id for fact in chain] == [None, chain[0].event_id, chain[1].event_id]
    assert len({fact.recorded_at for fact in chain}) == 1


def test_every_fact_in_the_books_of_real_policies_has_a_cause_before_it(desk: Desk) -> None:
    desk.office.policies = POLICIES
    case_id = desk.do(NOISE, as_=CLERK).case_id
    desk.do(ResolveComplaint(resolved_by="x", result="好了"), as_=CLERK, on=case_id)
    numbers = {fact.event_id: fact.number for fact in desk.facts()}
    for fact in desk.facts():
        assert (fact.causation_id is not None) == (fact.role is Role.POLICY)
        assert fact.causation_id is None or numbers[fact.causation_id] < fact.number


# -- a line that breaks ----------------------------------------------------------------------------------------------


@pytest.fixture
def line(desk: Desk, database: Database) -> Iterator[tuple[BreakingLine, Office]]:
    """The office's program behind a line that can break."""
    line = BreakingLine(database.app)
    yield line, Office(line.connect, policies=drill.POLICIES, projector=REGISTERS, master=MasterKey(b"k" * 32))
    line.close()


def order(desk: Desk, **rest: Any) -> Order:
    """One order to open a drill that writes to every table."""
    return Order(office="XH", command=full_drill(desk), actor=Actor("clerk", CLERK), now=desk.now, **rest)


def test_a_lost_acknowledgement_is_settled_by_the_key(
    desk: Desk, line: tuple[BreakingLine, Office], intact: None
) -> None:
    """It was written, and the line broke before that was heard: the answer is read, the command is not given again."""
    breaking, office = line
    breaking.lose = "answer"
    answer = office.handle(order(desk, key="k1"))
    assert breaking.lost == 1
    assert answer.facts == ("DrillOpened", "DrillOpened")
    assert len(desk.facts()) == 3
    assert office.handle(order(desk, key="k1")).repeated
    assert len(desk.facts()) == 3


def test_without_a_key_a_lost_acknowledgement_is_said_to_be_one(desk: Desk, line: tuple[BreakingLine, Office]) -> None:
    breaking, office = line
    breaking.lose = "answer"
    with pytest.raises(psycopg.OperationalError):
        office.handle(order(desk))
    assert len(desk.facts()) == 3


def test_a_lost_request_is_not_repeated_by_the_program_and_can_be_by_the_caller(
    desk: Desk, database: Database, line: tuple[BreakingLine, Office], intact: None
) -> None:
    breaking, office = line
    before = everything(database.owner)
    breaking.lose = "request"
    with pytest.raises(psycopg.OperationalError):
        office.handle(order(desk, key="k1"))
    assert everything(database.owner) == before
    assert not office.handle(order(desk, key="k1")).repeated
    assert len(desk.facts()) == 3


def test_a_server_that_ends_the_session_in_the_middle_writes_nothing(
    desk: Desk, database: Database, intact: None
) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(
            "create function wuye.die() returns trigger language plpgsql security definer as"
            " $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$"
        )
        owner.execute(
            "create trigger die after insert on wuye.answers for each statement execute function wuye.die()"
        )
        before = everything(database.owner)
        with ConnectionPool(database.app, min_size=1, kwargs={"autocommit": True}) as pool:
            office = Office(pool.connection, policies=drill.POLICIES, projector=REGISTERS, master=MasterKey(b"k" * 32))
            with pytest.raises(psycopg.OperationalError):
                office.handle(order(desk, key="k1"))
            assert everything(database.owner) == before
            owner.execute("drop trigger die on wuye.answers")
            assert not office.handle(order(desk, key="k1")).repeated
