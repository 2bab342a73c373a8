"""What events and commands must be: named once, in two languages, with their personal fields known."""

from __future__ import annotations

import pytest

from domain.arrears.debt_case.commands.opening import OpenDebtCase
from domain.complaints.complaint.commands.handling import ResolveComplaint
from domain.kernel.fact import COMMANDS, EVENTS, Case, Command, Event, Personal, command, event
from domain.kernel.people import Role
from domain.residents.household.events import FileRead
from domain.visits.survey.events import AnswerMeans, SurveyAnswered
from tests.domain.story import given


def test_what_is_said_shows_its_fields() -> None:
    assert repr(FileRead(purpose="回访")) == "FileRead(purpose='回访')"
    command = ResolveComplaint(done_by="x")
    assert eval(repr(command)) == command


def test_a_name_is_given_once() -> None:
    with pytest.raises(TypeError, match="two events are called BillIssued"):

        @event()
        class BillIssued(Event):
            """账单 · Bill."""

    with pytest.raises(TypeError, match="two commands are called IssueBill"):

        @command
        class IssueBill(Command):
            """账单 · Bill."""

    assert EVENTS["BillIssued"].__module__ == "domain.fees.bill.events"
    assert COMMANDS["IssueBill"].__module__ == "domain.fees.bill.commands.issuing"


def test_a_name_is_said_in_chinese_and_in_english() -> None:
    with pytest.raises(TypeError, match="中文 · English"):

        @event()
        class Nameless(Event):
            """Only English."""

    with pytest.raises(TypeError, match="中文 · English"):

        @command
        class Silent(Command):
            ""

    assert (EVENTS["FileRead"].ZH, EVENTS["FileRead"].EN) == ("档案已查阅", "File read")


def test_personal_fields_are_known_wherever_they_hide() -> None:
    assert "name" in EVENTS["HouseholdOpened"].PERSONAL
    assert "home" not in EVENTS["HouseholdOpened"].PERSONAL
    assert repr(Personal.__metadata__[0]) == "personal"  # type: ignore[attr-defined]


def test_an_event_may_say_whose_data_it_holds_where_that_is_not_the_cases() -> None:
    assert SurveyAnswered(respondent="household-1", means=AnswerMeans.PAPER, marks=()).whose() == "household-1"
    assert FileRead(purpose="回访").whose() is None


def test_a_command_leads_to_the_cases_that_its_fields_name() -> None:
    assert OpenDebtCase(bill="bill-1").related_to("debt_case-1", "XH") == {"bill": "bill-1"}


def test_a_fact_reads_as_the_event_stores_library_wants_it() -> None:
    from domain.office.office import LIFECYCLE, OpenOffice

    story = given(LIFECYCLE).when(OpenOffice(code="XH", name="香湖"), as_=Role.SYSTEM_ADMINISTRATOR)
    [fact] = story.facts
    assert (fact.originator_id, fact.originator_version, fact.name) == (story.id, 1, "OfficeOpened")


def test_a_bare_case_knows_nothing() -> None:
    assert Case(id="x", office="XH").state == ""


def test_every_role_has_its_chinese() -> None:
    assert all(role.zh for role in Role)
    assert [role for role in Role if not role.is_person] == [Role.CLOCK, Role.POLICY, Role.IMPORTER, Role.RESIDENT]
