"""One command, one transaction: everything it brings about is written, or nothing, and never twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from domain.complaints.complaint.commands.handling import PauseComplaint
from domain.complaints.complaint.commands.reception import InformResident, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.handbook.settings import Numbers
from domain.kernel.errors import AlreadyHeld, Erased, Malformed, NotPermitted, RuleBroken, WrongState
from domain.kernel.fact import Fact
from domain.kernel.people import Actor, Role
from domain.office.office import ChangeSetting, OpenOffice
from journal.book import Book
from journal.errors import Superseded
from projections.registers.index import REGISTERS
from tests import drill_kind
from tests.conftest import Database
from tests.database_dump import dump
from tests.drill_kind import CountDrill, EndDrill, ExtendDrill, OpenDrill, full_drill
from tests.office_rig import OfficeRig, erase, office_rig
from tests.solving import solved
from tests.waiting import PATIENCE
from workflows.engine.claim_holders import held_in_book
from workflows.engine.handler import Busy
from workflows.engine.idempotency import Answer, KeyReused
from workflows.engine.policy import Consequence, Policies, whenever
from workflows.engine.request import CommandRequest

CLERK = Role.ADMINISTRATOR
NOISE = RegisterComplaint(
    channel=Channel.ONLINE, category="noise", matter="楼上噪音", content="每晚十点后", home="1-101"
)


# -- together or not at all -------------------------------------------------------------------------------------------


def test_facts_consequences_claims_keys_deadlines_and_the_answer_are_written_together(
    rig: OfficeRig, database: Database
) -> None:
    before = dump(database.owner)
    made = rig.do(full_drill(rig.now), as_=CLERK, key="k1")
    after = dump(database.owner)
    grown = {name: len(after[name]) - len(before[name]) for name in after if len(after[name]) != len(before[name])}
    assert grown == {"facts": 2, "claims": 2, "keys": 1, "answers": 1, "r_deadlines": 1}
    assert made.facts == ("DrillOpened", "DrillOpened")


@pytest.mark.parametrize("table", ["facts", "claims", "keys", "answers", "r_deadlines"])
def test_when_one_of_them_fails_nothing_is_written(
    rig: OfficeRig, database: Database, table: str, intact: None
) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(
            "create function wuye.fail() returns trigger language plpgsql as"
            " $$ begin raise exception 'planted failure'; end $$"
        )
        # After the row, so that the other writes of the append have been tried already.
        owner.execute(
            f"create constraint trigger fail after insert on wuye.{table} deferrable initially deferred"
            " for each row execute function wuye.fail()"
        )
        before = dump(database.owner)
        with pytest.raises(psycopg.Error, match="planted failure"):
            rig.do(full_drill(rig.now), as_=CLERK, key="k1")
        assert dump(database.owner) == before
        owner.execute(f"drop trigger fail on wuye.{table}")
    assert not rig.do(full_drill(rig.now), as_=CLERK, key="k1").repeated


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

    def changed(self, lifecycle: Any, case: Any, fact: Any, before: Any) -> Any:
        found = REGISTERS.changed(lifecycle, case, fact, before)
        if getattr(case, "thing", "").startswith("shadow"):
            found["deadlines", "planted"] = self._how()
        return found


def test_when_a_register_raises_over_a_consequence_nothing_is_written(rig: OfficeRig, database: Database) -> None:
    rig.handler.projector = _BrokenRegisters(lambda: 1 // 0)
    before = dump(database.owner)
    with pytest.raises(ZeroDivisionError):
        rig.do(full_drill(rig.now), as_=CLERK, key="k1")
    assert dump(database.owner) == before


def test_when_a_register_refuses_a_value_in_the_database_nothing_is_written(
    rig: OfficeRig, database: Database, intact: None
) -> None:
    at = REGISTERS.columns("deadlines").index("due_at")
    unfit = tuple("no date" if i == at else "1" for i in range(len(REGISTERS.columns("deadlines"))))
    rig.handler.projector = _BrokenRegisters(lambda: unfit)
    before = dump(database.owner)
    with pytest.raises(
        Superseded, match="22007"
    ):  # a value that does not fit its column: told as a newer version's registers
        rig.do(full_drill(rig.now), as_=CLERK, key="k1")
    assert dump(database.owner) == before


def test_a_refused_consequence_refuses_the_command_that_caused_it(rig: OfficeRig, database: Database) -> None:
    rig.do(OpenDrill(thing="shadow of hose"), as_=CLERK)
    before = dump(database.owner)
    with pytest.raises(AlreadyHeld):
        rig.do(full_drill(rig.now), as_=CLERK, key="k1")
    assert dump(database.owner) == before


def test_a_consequence_that_nobody_may_carry_out_refuses_the_command_that_caused_it(
    rig: OfficeRig, database: Database
) -> None:
    """A consequence may come too late (the state has moved on); that it is forbidden is never passed over."""

    def end_it(case: drill_kind.Drill, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
        """每次演练立即结束 · Every drill ends at once."""
        yield Consequence(EndDrill(), to=case.id)

    policies = Policies([whenever(drill_kind.DrillOpened, then=end_it, clause="1")])
    with office_rig(database.app, code="YD", policies=policies) as strict:
        before = dump(database.owner)
        with pytest.raises(NotPermitted):
            strict.do(OpenDrill(thing="hose"), as_=CLERK)
        assert dump(database.owner) == before


def test_two_cases_of_one_draft_cannot_hold_the_same_thing(rig: OfficeRig) -> None:
    with rig.pool.connection() as connection:
        draft = rig.handler.draft(Book(connection, "XH"))
        order = CommandRequest(office="XH", command=OpenDrill(thing="hose"), actor=Actor("a", CLERK), now=rig.now)
        first, _ = draft.give(order)
        with pytest.raises(AlreadyHeld) as refused:
            draft.give(order)
        assert refused.value.holder == ("XH", first)


def test_what_is_held_names_its_holder_by_kind_and_id(rig: OfficeRig) -> None:
    first = rig.do(OpenDrill(thing="hose"), as_=CLERK).case_id
    with pytest.raises(AlreadyHeld) as refused:
        rig.do(OpenDrill(thing="hose"), as_=CLERK)
    assert refused.value.holder == ("XH", first)
    assert refused.value.zh == f"物品：已被演练「{first}」占用"
    assert refused.value.en == f"thing: the drill {first} holds it already"


def test_who_has_let_go_meanwhile_is_not_named(rig: OfficeRig) -> None:
    refused = AlreadyHeld("already-held", None, zh="已被占用", en="held", claims=("thing:gone",))
    with rig.pool.connection() as connection:
        assert held_in_book(Book(connection, "XH"), refused) is refused


def test_whoever_may_not_open_an_office_opens_no_book(rig: OfficeRig, database: Database) -> None:
    before = dump(database.owner)
    with pytest.raises(NotPermitted):
        rig.do(OpenOffice(code="NEW", name="新"), as_=CLERK, office="NEW")
    assert dump(database.owner) == before


def test_a_command_that_changes_nothing_is_answered_and_writes_no_page(
    rig: OfficeRig, database: Database, intact: None
) -> None:
    made = rig.do(OpenDrill(thing="hose"), as_=CLERK)
    pages = len(rig.facts())
    rig.now += timedelta(days=1)
    answer = rig.do(ExtendDrill(ends_at=None), as_=CLERK, on=made.case_id)
    assert (answer.case_id, answer.version, answer.facts) == (made.case_id, 1, ())
    kept = rig.do(ExtendDrill(ends_at=None), as_=CLERK, on=made.case_id, key="idle")
    assert (kept.version, kept.number, kept.facts) == (1, pages, ())
    rig.do(ExtendDrill(ends_at=rig.now), as_=CLERK, on=made.case_id)
    assert rig.do(ExtendDrill(ends_at=None), as_=CLERK, on=made.case_id, key="idle").repeated
    assert rig.case(made.case_id).ends_at == rig.now


# -- repeated ---------------------------------------------------------------------------------------------------------


def test_a_repeated_key_gets_the_stored_answer_and_has_one_effect(rig: OfficeRig, database: Database) -> None:
    first = rig.do(full_drill(rig.now), as_=CLERK, key="k1")
    before = dump(database.owner)
    again = rig.do(full_drill(rig.now), as_=CLERK, key="k1")
    assert again.repeated
    assert (again.case_id, again.version, again.state, again.number, again.facts) == (
        first.case_id,
        first.version,
        first.state,
        first.number,
        first.facts,
    )
    assert dump(database.owner) == before


def test_a_repeated_key_gets_its_answer_also_when_the_case_has_moved_on(rig: OfficeRig, database: Database) -> None:
    made = rig.do(full_drill(rig.now, repeats=0), as_=CLERK)
    ended = rig.do(EndDrill(), as_=CLERK, on=made.case_id, key="end", expected=1)
    before = dump(database.owner)
    again = rig.do(EndDrill(), as_=CLERK, on=made.case_id, key="end", expected=1)
    assert again.repeated
    assert (again.number, again.version, again.state) == (ended.number, 2, "ended")
    with pytest.raises(WrongState):
        rig.do(EndDrill(), as_=CLERK, on=made.case_id, key="another")
    assert dump(database.owner) == before


def test_a_repeated_key_gets_its_answer_also_when_the_persons_data_have_been_erased(
    rig: OfficeRig, database: Database
) -> None:
    command = full_drill(rig.now, household="household-A0501", repeats=0)
    rig.do(command, as_=CLERK, key="k1")
    erase(database.owner, "XH", "household-A0501")
    assert rig.do(command, as_=CLERK, key="k1").repeated
    with pytest.raises(Erased):
        rig.do(full_drill(rig.now, household="household-A0501", thing="pump"), as_=CLERK, key="k2")


def test_a_key_is_not_for_another_request(rig: OfficeRig, database: Database) -> None:
    made = rig.do(full_drill(rig.now), as_=CLERK, key="k1")
    before = dump(database.owner)
    with pytest.raises(KeyReused):
        rig.do(full_drill(rig.now, thing="pump"), as_=CLERK, key="k1")
    with pytest.raises(KeyReused):
        rig.do(EndDrill(), as_=CLERK, on=made.case_id, key="k1")
    with pytest.raises(KeyReused):
        rig.do(EndDrill(forbidden=True), as_=CLERK, on=made.case_id, key="k1")
    assert dump(database.owner) == before


def test_a_key_is_an_offices_own(rig: OfficeRig) -> None:
    rig.open("YY")
    rig.do(OpenDrill(thing="hose"), as_=CLERK, key="k1")
    assert not rig.do(OpenDrill(thing="hose"), as_=CLERK, key="k1", office="YY").repeated


def test_a_refused_command_leaves_its_key_free(rig: OfficeRig) -> None:
    made = rig.do(OpenDrill(thing="hose"), as_=CLERK)
    with pytest.raises(RuleBroken):
        rig.do(EndDrill(forbidden=True), as_=CLERK, on=made.case_id, key="k")
    assert not rig.do(EndDrill(), as_=CLERK, on=made.case_id, key="k").repeated


def test_the_same_key_at_the_same_time_has_one_effect(rig: OfficeRig, intact: None) -> None:
    answers = together(8, lambda _: rig.do(full_drill(rig.now), as_=CLERK, key="k1"))
    assert sorted(answer.repeated for answer in answers) == [False] + [True] * 7
    assert len({answer.case_id for answer in answers}) == 1
    assert len(rig.facts()) == 3


# -- at the same time -------------------------------------------------------------------------------------------------


def together(count: int, do: Callable[[int], Any]) -> list[Any]:
    """Do it in as many threads, all released at once; exceptions are results."""
    gate = threading.Barrier(count, timeout=PATIENCE)

    def one(i: int) -> Any:
        gate.wait()
        try:
            return do(i)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def test_two_who_act_at_once_on_a_case_are_both_heard_in_order(rig: OfficeRig, intact: None) -> None:
    case_id = rig.do(NOISE, as_=CLERK).case_id
    results = together(
        4, lambda i: rig.do(InformResident(channel=Channel.ONLINE, progress=f"第{i}次"), as_=CLERK, on=case_id)
    )
    assert sorted(answer.version for answer in results) == [2, 3, 4, 5]
    assert [fact.version for fact in rig.facts() if fact.case_id == case_id] == [1, 2, 3, 4, 5]


def test_of_two_who_saw_the_same_version_one_is_told(rig: OfficeRig) -> None:
    case_id = rig.do(NOISE, as_=CLERK).case_id
    results = together(2, lambda i: rig.do(PauseComplaint(waiting_for=f"{i}"), as_=CLERK, on=case_id, expected=1))
    assert sorted(type(result).__name__ for result in results) == ["Answer", "Stale"]
    assert len(rig.names(case_id)) == 2


def test_of_two_decisions_that_exclude_each_other_one_is_refused(rig: OfficeRig) -> None:
    case_id = rig.do(NOISE, as_=CLERK).case_id
    results = together(2, lambda i: rig.do(solved(rig.now, f"{i}"), as_=CLERK, on=case_id))
    assert sorted(type(result).__name__ for result in results) == ["Answer", "WrongState"]


def test_of_many_who_want_one_thing_one_gets_it(rig: OfficeRig, database: Database, intact: None) -> None:
    results = together(8, lambda _: rig.do(OpenDrill(thing="the only key"), as_=CLERK))
    assert sum(isinstance(result, Answer) for result in results) == 1
    assert sum(isinstance(result, AlreadyHeld) for result in results) == 7
    with rig.pool.connection() as connection:
        [holder] = connection.execute(
            "select case_id from wuye.claims where claim = 'thing:the only key'"
        ).fetchone() or [None]
    assert holder == next(result.case_id for result in results if isinstance(result, Answer))


def test_what_is_given_back_can_be_taken_again_and_another_office_has_its_own(rig: OfficeRig) -> None:
    rig.open("YY")
    first = rig.do(OpenDrill(thing="key"), as_=CLERK)
    rig.do(OpenDrill(thing="key"), as_=CLERK, office="YY")
    rig.do(EndDrill(), as_=CLERK, on=first.case_id)
    rig.do(OpenDrill(thing="key"), as_=CLERK)
    with pytest.raises(AlreadyHeld):
        rig.do(OpenDrill(thing="key"), as_=CLERK)


def test_settings_that_change_meanwhile_are_decided_anew(rig: OfficeRig, database: Database) -> None:
    """Another process has the office's settings in its memory when they change."""
    case_id = rig.do(OpenDrill(thing="hose"), as_=CLERK).case_id
    with office_rig(database.app, code="ZZ", policies=drill_kind.POLICIES) as other:
        other.do(CountDrill(), as_=CLERK, on=case_id, office="XH")
        rig.set("surveys.per_year", "4", date(2025, 1, 1))
        other.do(CountDrill(), as_=CLERK, on=case_id, office="XH")
    assert rig.case(case_id).counts == [2, 4]


def test_a_setting_that_cannot_be_is_refused(rig: OfficeRig, database: Database) -> None:
    before = dump(database.owner)
    with pytest.raises(Malformed):
        rig.do(ChangeSetting(name="no.such", value="4", valid_from=date(2025, 1, 1), reason="x"), as_=Role.MANAGER)
    assert dump(database.owner) == before


def test_a_decision_that_rests_on_another_case_is_made_anew_when_that_case_moves_on(rig: OfficeRig) -> None:
    """The other case changes between its reading and the append: the guard of its version holds the append back."""
    other = rig.do(OpenDrill(thing="a"), as_=CLERK).case_id
    mine = rig.do(OpenDrill(thing="b"), as_=CLERK).case_id
    at = [0]
    record = Book.record

    def interrupted(book: Book, append: Any) -> Any:
        at[0] += 1
        if at[0] == 1:
            rig.do(CountDrill(), as_=CLERK, on=other)
        return record(book, append)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Book, "record", interrupted)
        rig.do(CountDrill(other=other), as_=CLERK, on=mine)
    [counted] = [f.event for f in rig.facts() if f.case_id == mine and f.name == "DrillCounted"]
    assert counted.of == 1  # type: ignore[attr-defined]


def test_whoever_is_always_overtaken_gives_up(rig: OfficeRig) -> None:
    case_id = rig.do(OpenDrill(thing="a"), as_=CLERK).case_id
    record = Book.record
    tries = [0]

    def overtaken(book: Book, append: Any) -> Any:
        if append.key == "slow":
            tries[0] += 1
            rig.do(CountDrill(), as_=CLERK, on=case_id)
        return record(book, append)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Book, "record", overtaken)
        with pytest.raises(Busy):
            rig.do(CountDrill(), as_=CLERK, on=case_id, key="slow")
    assert len(rig.case(case_id).counts) == tries[0] > 1
