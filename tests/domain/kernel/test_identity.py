"""Names that identify are one name however they are typed; what is referred to is of its kind and fits its companions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.arrears.debt_case.commands.dunning import IssueDunningNotice
from domain.arrears.terms import Claim
from domain.complaints.complaint.case import Complaint
from domain.complaints.complaint.commands.reception import RegisterComplaint, TakeUpComplaint
from domain.complaints.complaint.events import Channel
from domain.fees.shared_cost import ApportionCost, Weight
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.case import VacantHome
from domain.homes.vacant_home.commands.vacancy import TakeOverHome
from domain.homes.vacant_home.events import VacancyKind
from domain.kernel.fact import Command
from domain.kernel.names import NameKind, foreseen, introduced, mentioned, numbered, renamed
from domain.kernel.references import REFERENCES, Referred, completed, misfit, references, unknown, unknown_home
from domain.kernel.spelling import canonical, same
from domain.office.staff import EnrolStaff
from domain.rounds.repair_order.commands import ClassifyRepairOrder, RaiseRepairOrder

WANG = "household-1"
LIVES = {("household", WANG): Referred(kind="household", home="7-2-1403", household=WANG)}
TAKEN = TakeOverHome(
    home=" 1－101 ", kind=VacancyKind.UNSOLD, area=9_000, keys=(KeyItem(number="a－1", key_class=KeyClass.ENTRANCE),)
)


def complained(**fields: Any) -> RegisterComplaint:
    return RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="噪音", **fields)


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["7-2-1403", " ７－２－１４０３ ", "7 – 2 — 1403", "7\u20102\u20111403", "7-2-\u200b1403"]
)
def test_a_home_is_one_home_however_it_is_typed(typed: str) -> None:
    assert same(typed, "7-2-1403")
    assert not same(typed, "7-2-1404")
    assert not same(None, typed)
    assert not same(typed, None)


def test_a_name_in_which_nothing_can_be_seen_is_none() -> None:
    assert canonical(" \u200b\ufe0f") == ""


def test_a_command_says_of_which_homes_keys_and_people_it_speaks_and_which_come_into_use() -> None:
    assert list(mentioned(TAKEN)) == [("home", NameKind.HOME, " 1－101 "), ("keys", NameKind.KEY, "a－1")]
    assert list(introduced(TAKEN)) == [(NameKind.HOME, " 1－101 "), (NameKind.KEY, "a－1")]
    assert list(introduced(EnrolStaff(person="li"))) == [(NameKind.PERSON, "li")]
    assert list(introduced(complained(home="1-101"))) == [(NameKind.HOME, "1-101")]
    assert list(mentioned(complained())) == []
    assert list(introduced(TakeUpComplaint(done_by="li"))) == [], "he is spoken of, not enrolled"


def test_what_an_import_will_name_is_known_before_its_commands_are_made() -> None:
    given = {"home": "1－101", "keys": [{"number": "a"}], "area": 9_000}
    assert list(foreseen(TakeOverHome, given)) == [(NameKind.HOME, "1－101")]


def test_a_command_is_said_anew_with_the_names_as_they_are_shown() -> None:
    said = renamed(TAKEN, lambda _kind, text: canonical(text))
    assert (said.home, [key.number for key in said.keys]) == ("1-101", ["a-1"])  # type: ignore[attr-defined]
    assert renamed(TAKEN, lambda _kind, text: text) is TAKEN


def test_a_number_is_claimed_as_it_is_compared_once_and_not_when_it_is_blank() -> None:
    assert numbered("receipt", "R-1", "ｒ－1", None, "", " \u200b") == ("receipt:r-1",)


# -- references ------------------------------------------------------------------------------------------------------


def test_a_command_says_to_what_it_refers() -> None:
    household = REFERENCES["household"]
    assert list(references(complained(household=WANG))) == [("household", household, WANG)]
    assert list(references(complained())) == []
    notice = IssueDunningNotice(stage=1, claims=(Claim(bill="bill-1", principal_fen=100, late_fee_fen=0),))
    assert list(references(notice)) == [("claims", REFERENCES["claims"], "bill-1")]


def test_what_is_not_there_is_refused_with_its_field() -> None:
    refused = unknown("household", REFERENCES["household"], "4.2")
    assert (refused.code, refused.field, refused.clause) == ("related-unknown", "household", "4.2")
    assert "no such household" in refused.en
    assert "no such case" in unknown("of_case", REFERENCES["of_case"], "1").en
    assert (unknown_home("3.1").code, unknown_home("3.1").field) == ("home-unknown", "home")


@pytest.mark.parametrize(
    ("command", "case", "fits"),
    [
        (complained(household=WANG, home="7－2－1403"), None, True),
        (complained(household=WANG, home="7-2-1404"), None, False),
        (complained(household=WANG), None, True),
        (ClassifyRepairOrder(home="7-2-1404"), Complaint(id="complaint-1", office="XH", home="7-2-1403"), False),
        (ClassifyRepairOrder(), Complaint(id="complaint-1", office="XH", home="7-2-1403"), True),
        (ClassifyRepairOrder(), Complaint(id="complaint-1", office="XH", home="9-9-999"), False),
        (ClassifyRepairOrder(), Complaint(id="complaint-1", office="XH"), True),
    ],
)
def test_the_home_is_the_households(command: Command, case: Any, *, fits: bool) -> None:
    refusal = misfit(command, case, LIVES, "4.2")
    assert (refusal is None) is fits
    if refusal is not None:
        assert (refusal.code, refusal.field) == ("reference-misfit", "household")


def test_what_is_known_of_no_home_fits_every_home() -> None:
    nowhere = {("household", WANG): Referred(kind="household")}
    assert misfit(complained(household=WANG, home="7-2-1404"), None, nowhere, "4.2") is None


def test_keys_are_lent_of_the_vacant_home_whose_loan_it_is() -> None:
    home = VacantHome(id="vacant_home-1", office="XH", home="1-101")
    loan = {("loan", "key_loan-1"): Referred(kind="key_loan", home="1-101", vacant_home="vacant_home-2")}
    refusal = misfit(ClassifyRepairOrder(), home, loan, "3.3")
    assert refusal is not None
    assert refusal.field == "loan"


def test_who_asks_for_something_does_so_about_the_home_in_which_he_lives() -> None:
    def about(command: Command) -> Any:
        return getattr(completed(command, LIVES), "home", None)

    assert about(complained(household=WANG)) == "7-2-1403"
    assert about(complained(household=WANG, home="8-1-101")) == "8-1-101"
    assert about(complained(household="household-2")) is None
    assert about(complained()) is None
    hall = RaiseRepairOrder(channel=Channel.IN_PERSON, fault_kind="light", household=WANG, common_area="门厅")
    assert about(hall) is None, "the hall is nobody's home"
    assert completed(TAKEN, LIVES) is TAKEN


def test_whoever_shares_a_cost_is_referred_to_and_his_home_is_called_by_its_name() -> None:
    lines = (Weight(home="1－101", weight=5, household=WANG), Weight(home="1-102", weight=5))
    shared = ApportionCost(item="公共电费", month=date(2025, 3, 1), cost_fen=100, weights=lines)
    assert [text for _, _, text in mentioned(shared)] == ["1－101", "1-102"]
    assert list(references(shared)) == [("weights", REFERENCES["weights"], WANG)]
    shown = renamed(shared, lambda _, text: canonical(text))
    assert [line.home for line in shown.weights] == ["1-101", "1-102"]
