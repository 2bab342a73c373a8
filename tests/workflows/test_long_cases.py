"""What grows with the office: a month's run and a standard cost what is new of them, and are what the book says (§7.2)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import product
from typing import Any

import psycopg
import pytest

from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.bill_run.case import bill_run_id
from domain.fees.bill_run.commands import delivering
from domain.fees.bill_run.commands.compiling import CompileBillRun, OpenBillRun
from domain.fees.bill_run.commands.delivering import CloseMonth, RecordBillDelivery, ReopenMonth
from domain.fees.bill_run.commands.reviewing import ApproveBillRun, ReviewBillRun
from domain.fees.charging import FeeKind
from domain.fees.fee_standard import AttachHome, SetFeeStandard
from domain.fees.shared_cost import ApportionCost, Weight
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.kernel.withdrawn_steps import WithdrawStep
from domain.residents.household.commands.keeping import OpenHousehold
from domain.residents.household.events import Occupancy
from journal.book import Book
from journal.mapper import FactMapper
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig
from tests.workflows.checked_office import checked_office
from workflows.engine import gather_bills
from workflows.engine.clock import Clock
from workflows.engine.gather import GATHER

CLERK, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY
JANUARY = date(2025, 1, 1)
RUN = bill_run_id("XH", "2025-01")


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two households at a time, so that a handful of them takes several transactions."""
    monkeypatch.setattr(delivering, "AT_ONCE", 2)
    monkeypatch.setattr(gather_bills, "AT_ONCE", 2)


@pytest.fixture
def rig(database: Database, few_at_once: None) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day; afterwards its book is intact and its registers are its fold."""
    with checked_office(database) as rig:
        yield rig


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The facts that are read from the book, by their names."""
    names: Counter[str] = Counter()
    decode = FactMapper.to_domain_event

    def counted(self: FactMapper, stored_event: Any) -> Any:
        fact = decode(self, stored_event)
        names[fact.name] += 1
        return fact

    monkeypatch.setattr(FactMapper, "to_domain_event", counted)
    return names


def furnish(rig: OfficeRig, homes: int, office: str = "XH") -> str:
    """Households with their homes on a standard, and a cost that they share; the run is opened. Returns the standard."""
    price = {"code": "WY-1", "name": "物业服务费", "price": "2.00", "valid_from": JANUARY, "reason": "责任书"}
    set_ = SetFeeStandard(kind=FeeKind.MANAGEMENT, **price)  # type: ignore[arg-type]
    standard = rig.do(set_, as_=MANAGER, by="wang", office=office).case_id
    weights = []
    for n in range(homes):
        file = OpenHousehold(home=f"7-{n:03}", occupancy=Occupancy.OWNER, name="王", building="7")
        household = rig.do(file, as_=CLERK, office=office).case_id
        attach = AttachHome(home=f"7-{n:03}", household=household, quantity=10_000 + n, first=JANUARY)
        rig.do(attach, as_=CLERK, on=standard, office=office)
        weights.append(Weight(home=f"7-{n:03}", weight=1 + n, household=household))
    power = ApportionCost(item="公共电费", month=JANUARY, cost_fen=10_001, weights=tuple(weights))
    rig.do(power, as_=CLERK, office=office)
    rig.do(OpenBillRun(month=JANUARY), as_=CLERK, by="li", office=office)
    return standard


def begin(rig: OfficeRig, office: str = "XH") -> None:
    """The run is to be compiled."""
    run = bill_run_id(office, "2025-01")
    rig.do(CompileBillRun(), as_=CLERK, by="li", on=run, office=office)


def approve(rig: OfficeRig, office: str = "XH") -> None:
    """It is reviewed and approved, and its bills are to be issued."""
    run = bill_run_id(office, "2025-01")
    rig.do(ReviewBillRun(remark="首月"), as_=MANAGER, by="wang", on=run, office=office)
    rig.do(ApproveBillRun(), as_=COMPANY, by="zhao", on=run, office=office)


def finish(rig: OfficeRig) -> None:
    """The program goes on until nothing is left to do; each transaction is due a moment after the one before."""
    rig.now += timedelta(minutes=1)
    rig.clock.catch_up(rig.now, office="XH")


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[set[tuple[str, str]]]:
    """The names that are looked up in the book, question by question."""
    questions: list[set[tuple[str, str]]] = []
    shown = Book.shown

    def noted(self: Book, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        questions.append(set(names))
        return shown(self, questions[-1])

    monkeypatch.setattr(Book, "shown", noted)
    return questions


def test_the_next_households_cost_what_the_ones_before_them_did(
    rig: OfficeRig, database: Database, read: Counter[str], looked_up: list[set[tuple[str, str]]]
) -> None:
    furnish(rig, 11)
    rig.now = rig.now.replace(day=30)
    finish(rig)
    begin(rig)
    compiling = list(chunks(rig, read))
    rig.now += timedelta(days=1)
    finish(rig)
    approve(rig)
    with office_rig(database.app, code="YY") as other:  # another process, which knows nothing yet
        other.now = rig.now
        looked_up.clear()
        issuing = list(chunks(other, read))
    assert (len(compiling), len(issuing)) == (6, 6)
    assert [len(names) for names in looked_up] == [2, 2, 2, 2, 2, 1], "the homes of a round at once"
    for reads in (compiling, issuing):
        assert len({sum(each.values()) for each in reads[1:-1]}) == 1, reads
        assert all(each["BillsDrafted"] + each["BillsIssued"] + each["HomeAttached"] <= 3 for each in reads[1:])


def chunks(rig: OfficeRig, read: Counter[str]) -> Iterator[Counter[str]]:
    """The clock fires one deadline after another; what each of them read."""
    rig.now += timedelta(minutes=1)
    while True:
        read.clear()
        if not rig.clock.tick(rig.now, office="XH", limit=1).fired:
            return
        yield Counter(read)


def test_what_is_at_hand_is_what_the_book_has_also_when_others_go_on_with_it(
    rig: OfficeRig, database: Database
) -> None:
    standard = furnish(rig, 5)
    rig.now = rig.now.replace(day=30)
    begin(rig)
    finish(rig)
    assert_as_in_the_book(rig, RUN, standard)
    rig.now += timedelta(days=1)
    approve(rig)
    finish(rig)
    assert_as_in_the_book(rig, RUN, standard)
    with office_rig(database.app, code="YY") as other:
        other.now = rig.now
        file = OpenHousehold(home="9-101", occupancy=Occupancy.OWNER, name="赵")
        newcomer = other.do(file, as_=CLERK, office="XH").case_id
        attach = AttachHome(home="9-101", household=newcomer, quantity=1, first=JANUARY)
        other.do(attach, as_=CLERK, on=standard, office="XH")
        two = tuple(sorted(other.case(RUN, "XH").bills))[:2]
        other.do(RecordBillDelivery(households=two), as_=CLERK, on=RUN, office="XH")
    assert_as_in_the_book(rig, RUN, standard)
    assert sorted(rig.case(RUN).delivered) == list(two)


def test_a_households_row_has_a_version_for_what_happens_to_it_and_none_for_each_step_of_its_run(
    rig: OfficeRig,
) -> None:
    furnish(rig, 3)
    rig.now = rig.now.replace(day=30)
    begin(rig)
    finish(rig)
    rig.now += timedelta(days=1)
    approve(rig)
    finish(rig)
    rig.do(RecordBillDelivery(building="7"), as_=CLERK, on=RUN)
    rig.do(CloseMonth(), as_=MANAGER, by="wang", on=RUN)
    query = (
        "select array_agg((bill is not null, delivered_on is not null)::text order by from_number)"
        " from wuye.r_bill_run_households where office = 'XH' and case_id = %s group by line"
    )
    with rig.pool.connection() as connection:
        versions = connection.execute(query, [RUN]).fetchall()
    assert versions == [(["(f,f)", "(t,f)", "(t,t)"],)] * 3


def assert_as_in_the_book(rig: OfficeRig, *case_ids: str) -> None:
    """What this process has at hand is what is read afresh, to the facts that it was folded from."""
    for case_id in case_ids:
        fresh = rig.case(case_id)
        with rig.pool.connection() as connection, rig.handler.lent(Book(connection, "XH"), case_id) as case:
            assert (case, case.earlier, case.undoes) == (fresh, fresh.earlier, fresh.undoes)


def test_a_bill_at_the_counter_reads_nothing_of_its_months_drafts_and_a_closed_month_takes_none(
    rig: OfficeRig, read: Counter[str]
) -> None:
    furnish(rig, 3)

    def bill(home: str) -> IssueBill:
        file = OpenHousehold(home=home, occupancy=Occupancy.OWNER, name="王")
        household = rig.do(file, as_=CLERK).case_id
        read.clear()
        return IssueBill(household=household, period="2025-01", item="迟报", amount_fen=1)

    rig.now = rig.now.replace(day=30)
    begin(rig)
    finish(rig)
    rig.now += timedelta(days=1)
    rig.do(bill("9-1"), as_=CLERK)
    assert read["BillsDrafted"] == 0
    approve(rig)
    finish(rig)
    rig.do(RecordBillDelivery(building="7"), as_=CLERK, on=RUN)
    rig.do(CloseMonth(), as_=MANAGER, by="wang", on=RUN)
    with pytest.raises(RuleBroken, match="关账"):
        rig.do(bill("9-2"), as_=CLERK)
    assert read["BillsDrafted"] == 0
    rig.do(WithdrawStep(reason="误点"), as_=COMPANY, by="zhao", on=RUN)
    rig.do(bill("9-3"), as_=CLERK)
    rig.do(CloseMonth(), as_=MANAGER, by="wang", on=RUN)
    with pytest.raises(RuleBroken, match="关账"):
        rig.do(bill("9-4"), as_=CLERK)
    rig.do(ReopenMonth(reason="漏计"), as_=COMPANY, by="zhao", on=RUN)
    rig.do(bill("9-5"), as_=CLERK)


@pytest.mark.long
def test_a_run_whose_every_transaction_fails_at_first_ends_as_one_that_was_not_disturbed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the time in the process that failed, half of the time in another, as after a kill."""
    for module in (delivering, gather_bills):
        monkeypatch.setattr(module, "AT_ONCE", 50)
    with office_rig(database.app) as rig, office_rig(database.app, code="YY") as second:
        for office in ("XH", "YY"):
            furnish(rig, 130, office)
        rig.now = second.now = rig.now.replace(day=30)
        others = [rig.clock, second.clock, Clock(second.handler, second.pool.connection, GATHER)]
        for act in (begin, approve):
            act(rig, "XH")
            finish(rig)
            second.now = rig.now
            act(rig, "YY")
            with planted_failures(database) as failed:
                for n in range(40):
                    others[n % 3].catch_up(rig.now, office="YY")
                    rig.now = second.now = rig.now + timedelta(minutes=5)
                assert failed() >= 3, "each transaction with drafts or bills failed once"
            rig.now = second.now = rig.now + timedelta(days=1)
        told = {office: as_told(rig, office) for office in ("XH", "YY")}
        assert told["XH"] == told["YY"]
        assert len(told["XH"]["bills"]) == 130


class planted_failures:  # noqa: N801 -- used as a function
    """While it lasts, every second append that drafts or issues bills fails at its end."""

    def __init__(self, database: Database) -> None:
        self._owner = psycopg.connect(database.owner, autocommit=True)

    def __enter__(self) -> Any:
        self._owner.execute("create sequence wuye.planted")
        self._owner.execute("grant usage on sequence wuye.planted to wuye_app")
        self._owner.execute(
            "create function wuye.fail() returns trigger language plpgsql as $$ begin"
            " if new.name in ('BillsDrafted', 'BillsIssued') and nextval('wuye.planted') % 2 = 1 then"
            " raise exception 'planted failure'; end if; return null; end $$"
        )
        self._owner.execute(
            "create constraint trigger fail after insert on wuye.facts deferrable initially deferred"
            " for each row execute function wuye.fail()"
        )
        return lambda: self._owner.execute("select last_value / 2 from wuye.planted").fetchone()[0]  # type: ignore[index]

    def __exit__(self, *_: object) -> None:
        self._owner.execute("drop trigger fail on wuye.facts")
        self._owner.execute("drop function wuye.fail")
        self._owner.execute("drop sequence wuye.planted")
        self._owner.close()


def as_told(rig: OfficeRig, office: str) -> dict[str, Any]:
    """What an office's run came to, by homes: the ids are each office's own."""
    run = rig.case(bill_run_id(office, "2025-01"), office)
    homes = {name: draft.home for name, draft in run.drafts.items()}
    bills = {homes[name]: rig.case(bill, office) for name, bill in run.bills.items()}
    names = Counter(fact.name for fact in rig.facts(office))
    return {
        "state": run.state,
        "drafts": {d.home: [(line.item, line.amount_fen, line.days) for line in d.lines] for d in run.drafts.values()},
        "bills": {home: (bill.original_fen, len(bill.lines), bill.due_on) for home, bill in bills.items()},
        "left out": len(run.left_out),
        "facts": {name: names[name] for name in ("BillsDrafted", "BillsIssued", "BillIssued", "EntryPosted")},
    }


_GIVEN = {
    "p_office": "'XH'", "p_from": "7::bigint", "p_first": "7::bigint", "p_recorded": "now()", "p_case_id": "'c'", "p_line": "'l'",
    "p_texts": "(array['c', 'l'])", "p_places": "(array[0, -1, 0])", "p_rows": "1", "v_apart": "0", "v_from": "1", "v_to": "1",
}  # fmt: skip


def test_a_row_is_closed_by_its_own_place_whatever_the_server_knows_of_the_table(database: Database) -> None:
    """A table that was never looked at has no numbers: the plan must not turn to all rows of an office, nor to all open ones."""
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("set enable_seqscan = off")  # a table that is known to be empty is rightly read whole
        for register, kind in product(REGISTERS.all, ("put", "put_many")):
            function = f"{kind}_{register.table}"
            [source] = owner.execute("select prosrc from pg_proc where proname = %s", [function]).fetchone() or ("",)
            [update] = re.findall(r"\bupdate wuye.*?;", source, re.DOTALL)
            closing = re.sub(r"\b[pv]_\w+", lambda name: _GIVEN[name[0]], update)
            text = "\n".join(row[0] for row in owner.execute(f"explain {closing}".encode()))
            assert f"Tid Scan on {register.table} t" in text, text
            assert f"{register.table}_versions" in text, text
            by = ("(office = 'XH'::text)", "(case_id = ", "(line = ")
            [condition] = [line for line in text.splitlines() if "Index Cond" in line]
            assert all(part in condition for part in by), text
