"""What a command refers to: it exists in the office, is of the right kind, and fits its companions; of every kind of case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from random import Random
from typing import Any

import pytest

from domain.cases import BY_KIND, CASES
from domain.complaints.complaint.commands.handling import LinkComplaint
from domain.complaints.complaint.commands.reception import RegisterComplaint
from domain.complaints.complaint.events import Channel, LinkKind
from domain.fees.bill.commands.issuing import IssueBill
from domain.fees.meter.commands import InstallMeter
from domain.kernel.errors import NotFound, RuleBroken
from domain.kernel.fact import Command
from domain.kernel.mending import CorrectEntry, MarkDuplicate, WithdrawAsMistaken
from domain.kernel.names import FIELDS, NameKind
from domain.kernel.people import Actor, Role
from domain.kernel.references import REFERENCES, references
from domain.residents.household.commands.keeping import OpenHousehold
from domain.residents.household.events import Occupancy
from domain.rounds.repair_order.commands import ClassifyRepairOrder, RaiseRepairOrder
from tests.conftest import Database
from tests.filler import fill, hints_of
from tests.office_rig import OfficeRig, office_rig
from tests.random_walk import random_walk
from workflows.engine.corrected_names import NAMING
from workflows.engine.request import CommandRequest

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    with office_rig(database.app) as rig:
        yield rig


def lives(rig: OfficeRig, home: str) -> str:
    return rig.do(OpenHousehold(home=home, occupancy=Occupancy.OWNER, name="王"), as_=CLERK).case_id


def complained(rig: OfficeRig, **fields: Any) -> Any:
    command = RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="噪音", content="夜间", **fields)
    return rig.case(rig.do(command, as_=CLERK).case_id)


def bears_person(field: str) -> bool:
    return FIELDS.get(field) is NameKind.PERSON


def with_references() -> Iterator[tuple[Any, type[Command], str]]:
    """Every field by which a person refers to a case: kind, command, field."""
    for lifecycle in CASES:
        for command in lifecycle.commands:
            people = {role for row in lifecycle.steps if row.command is command for role in row.who if role.is_person}
            if people:
                yield from ((lifecycle, command, f.name) for f in fields(command) if f.name in REFERENCES)  # type: ignore[arg-type]


def test_every_field_that_is_called_as_a_kind_of_case_refers_to_one() -> None:
    for lifecycle in CASES:
        for command in lifecycle.commands:
            for each in fields(command):  # type: ignore[arg-type]
                number = hints_of(command)[each.name] is int  # the third payment on a bill is no case of its own
                if each.name in BY_KIND and each.name != "office" and not number:
                    assert REFERENCES[each.name].kind == each.name, (command.__name__, each.name)


@pytest.mark.parametrize(
    "another", [pytest.param(False, id="nobody has"), pytest.param(True, id="of another kind", marks=pytest.mark.long)]
)
def test_what_nobody_has_cannot_be_referred_to_by_any_command_of_any_kind(rig: OfficeRig, *, another: bool) -> None:
    random = Random(3)
    random_walk(rig, random, 120)
    cases: dict[str, str] = {}
    for fact in rig.facts():
        cases.setdefault(fact.case_id.partition("-")[0], fact.case_id)
    tried = set()
    for lifecycle, command, field in with_references():
        opens = lifecycle.open_to("", command) != ()
        on = None if opens else cases.get(lifecycle.kind)
        kind = REFERENCES[field].kind
        if (on is None and not opens) or (another and kind is None):
            continue
        wrong = cases["office"] if another else f"{kind or 'complaint'}-nope"
        others = [f for f in fields(command) if f.name in REFERENCES and f.name != field]  # type: ignore[arg-type]
        told: dict[str, Any] = {f.name: () if "tuple" in str(f.type) else None for f in others}
        told |= {
            f.name: ("外:某",) if "tuple" in str(f.type) else "外:某" for f in fields(command) if bears_person(f.name)
        }  # type: ignore[arg-type]
        told[field] = (wrong,) if "tuple" in str(hints_of(command)[field]) else wrong
        given = fill(command, random, rig.now, {}, **told)
        assert [each for each in references(given) if each[0] == field], (command.__name__, field)
        before = len(rig.facts())
        for role in {role for row in lifecycle.steps if row.command is command for role in row.who if role.is_person}:
            order = CommandRequest(office=rig.code, command=given, actor=Actor("x", role), now=rig.now, case_id=on)
            with pytest.raises(NotFound) as refused:
                rig.handler.handle(order)
            assert (refused.value.code, refused.value.field) == ("related-unknown", field), command.__name__
        assert len(rig.facts()) == before
        tried.add(field)
    # The program alone says with which complaint a rectification ends; a bank's lines come with their file.
    assert tried >= REFERENCES.keys() - {
        "claims",
        "complaint",
        "statement",
        "found_payment",
        "bank_line",
        "payment",
        *(["of_case", "case", "cases", "origin_id"] if another else []),
    }


def test_the_home_is_the_households(rig: OfficeRig) -> None:
    wang, li = lives(rig, "7-2-1403"), lives(rig, "7-2-1404")
    for command in (
        RegisterComplaint(
            channel=Channel.IN_PERSON, category="x", matter="x", content="x", household=wang, home="7-2-1404"
        ),
        IssueBill(household=li, home="7-2-1403", item="x", amount_fen=1, due_on=date(2025, 2, 1)),
        RaiseRepairOrder(
            channel=Channel.IN_PERSON, fault_kind="drain", description="堵", household=wang, home="9-9-999"
        ),
    ):
        with pytest.raises(RuleBroken) as refused:
            rig.do(command, as_=CLERK)
        assert (refused.value.code, refused.value.field) == ("reference-misfit", "household")


def test_who_complains_does_so_about_the_home_in_which_he_lives(rig: OfficeRig) -> None:
    wang = lives(rig, "7-2-1403")
    assert complained(rig, household=wang).home == "7-2-1403"
    assert complained(rig, household=wang, home="7－2－1403").home == "7-2-1403"
    about = RaiseRepairOrder(
        channel=Channel.IN_PERSON, fault_kind="light", description="暗", household=wang, common_area="门厅"
    )
    assert rig.case(rig.do(about, as_=CLERK).case_id).home is None, "the hall is nobody's home"


def test_a_home_that_is_corrected_is_still_the_households(rig: OfficeRig) -> None:
    wang = lives(rig, "7-2-1403")
    lives(rig, "7-2-1404")
    raised = RaiseRepairOrder(channel=Channel.IN_PERSON, fault_kind="drain", description="堵", household=wang)
    order = rig.do(raised, as_=CLERK).case_id
    with pytest.raises(RuleBroken) as refused:
        rig.do(ClassifyRepairOrder(home="7-2-1404"), as_=CLERK, on=order)
    assert refused.value.code == "reference-misfit"
    rig.do(ClassifyRepairOrder(home="7-2-1403"), as_=CLERK, on=order)


def test_an_imported_history_may_refer_to_what_is_not_here_and_that_is_marked(rig: OfficeRig) -> None:
    def imported(source: str, household: str) -> str:
        command = RegisterComplaint(
            channel=Channel.IN_PERSON, category="x", matter="x", content="x", household=household
        )
        order = CommandRequest(
            office=rig.code,
            command=command,
            actor=Actor("importer", CLERK),
            now=rig.now,
            case_id=f"complaint-{source}",
            source_id=source,
            imported=True,
        )
        return rig.handler.handle(order).case_id

    unknown, known = imported("1", "household-nope"), imported("2", lives(rig, "1-101"))
    waived = {fact.case_id: fact.waived for fact in rig.facts() if fact.name == "ComplaintRegistered"}
    assert "related-unknown" in waived[unknown]
    assert "related-unknown" not in waived[known]


def test_a_new_office_takes_every_home_and_one_with_a_complete_roster_only_its_own(rig: OfficeRig) -> None:
    complained(rig, home="7-2-1430")
    lives(rig, "7-2-1403")
    rig.set("homes.roster_complete", "1", date(2025, 1, 1))
    with pytest.raises(RuleBroken) as refused:
        complained(rig, home="7-2-1430")
    assert (refused.value.code, refused.value.field, refused.value.clause) == ("home-unknown", "home", "4.2")
    assert complained(rig, home=" 7-2-1403").home == "7-2-1403"
    lives(rig, "7-2-1405")
    assert complained(rig, home="7-2-1405").home == "7-2-1405", "who opens its file enters it in the roster"


def test_what_was_withdrawn_or_merged_is_referred_to_no_more(rig: OfficeRig) -> None:
    household = lives(rig, "1-101")
    rig.do(WithdrawAsMistaken(reason="登记到了别家"), as_=MANAGER, by="wang", on=household)
    raised = RaiseRepairOrder(channel=Channel.IN_PERSON, fault_kind="水", description="漏水", household=household)
    for command in (raised, complaint_of(household)):
        with pytest.raises(RuleBroken) as refused:
            rig.do(command, as_=CLERK)
        assert (refused.value.code, refused.value.field) == ("related-set-aside", "household")


def complaint_of(household: str) -> RegisterComplaint:
    return RegisterComplaint(
        channel=Channel.IN_PERSON, category="noise", matter="噪音", content="夜间", household=household
    )


# -- a corrected entry -----------------------------------------------------------------------------------------------


def corrected(rig: OfficeRig, case_id: str, home: str) -> str:
    rig.do(CorrectEntry(field="home", value=home, reason="笔误"), as_=CLERK, on=case_id)
    return str(rig.case(case_id).home)


def test_a_corrected_home_is_called_as_every_home_is(rig: OfficeRig) -> None:
    lives(rig, "8-1-101")
    case_id = complained(rig, home="8-1-102").id
    assert corrected(rig, case_id, "８－1－ 101") == "8-1-101"


def test_a_corrected_home_is_the_home_of_the_household(rig: OfficeRig) -> None:
    mine, _ = lives(rig, "8-1-101"), lives(rig, "8-1-102")
    case_id = complained(rig, household=mine).id
    with pytest.raises(RuleBroken) as refused:
        corrected(rig, case_id, "8-1-102")
    assert (refused.value.code, refused.value.field) == ("reference-misfit", "value")


def test_a_corrected_home_is_on_a_roster_that_is_complete(rig: OfficeRig) -> None:
    lives(rig, "8-1-101")
    case_id = complained(rig, home="8-1-101").id
    assert corrected(rig, case_id, "9-9-999") == "9-9-999"
    rig.set("homes.roster_complete", "1", date(2025, 1, 1))
    with pytest.raises(RuleBroken) as refused:
        corrected(rig, case_id, "9-9-998")
    assert (refused.value.code, refused.value.field) == ("home-unknown", "value")


def test_every_correctable_field_that_names_or_refers_to_something_is_looked_up() -> None:
    for lifecycle in CASES:
        named = {field for field in lifecycle.of.CORRECTS if field in FIELDS or field in REFERENCES}
        assert named <= set(NAMING), lifecycle.kind


@pytest.mark.parametrize("nobody", ["nope", "complaint-nope"], ids=["no kind", "of a kind"])
def test_what_only_the_decision_reads_is_refused_with_its_field_too(rig: OfficeRig, nobody: str) -> None:
    home, complaint = lives(rig, "1-101"), complained(rig, home="1-101").id
    meter = InstallMeter(
        home="1-101", household=home, standard=nobody, serial="A1", digits=5, reading=0, on=date(2025, 1, 2)
    )
    for command, on, field in (
        (meter, None, "standard"),
        (LinkComplaint(kind=LinkKind.REPAIR_ORDER, case=nobody), complaint, "case"),
        (MarkDuplicate(original=nobody, reason="同一件事"), complaint, "original"),
    ):
        with pytest.raises(NotFound) as refused:
            rig.do(command, as_=CLERK if field != "original" else MANAGER, on=on)
        assert (refused.value.code, refused.value.field) == ("related-unknown", field)
