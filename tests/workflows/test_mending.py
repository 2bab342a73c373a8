"""What is withdrawn or merged leaves every figure, also those of the past, and what followed from it ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

import psycopg
import pytest

from domain.cases import lifecycle_of
from domain.complaints.complaint.commands.handling import ResolveComplaint
from domain.complaints.complaint.commands.reception import AssessComplaint, InvestigateComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.homes.key_loan.commands import IssueKeys, RequestKeyLoan
from domain.homes.key_loan.events import Purpose
from domain.homes.keys import KeyClass, KeyItem
from domain.homes.vacant_home.commands.vacancy import InspectHome, TakeOverHome
from domain.homes.vacant_home.events import Checked, Defect, VacancyKind
from domain.kernel.errors import RuleBroken
from domain.kernel.mending import CorrectEntry, MarkDuplicate, WithdrawAsMistaken
from domain.kernel.people import Role
from domain.visits.follow_up.case import visit_id
from journal.confidential import is_token
from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from projections.standards.index import STANDARDS
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai
from tests.projections.test_past import rows
from tests.projections.test_standards import read
from tests.random_walk import random_walk

CLERK, HEAD, MANAGER = Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER
YEAR = (date(2025, 1, 1), date(2025, 12, 31))
MISTAKEN = WithdrawAsMistaken(reason="登记到了别家")


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office that opens on New Year's Day."""
    with office_rig(database.app) as rig:
        yield rig


def complaint(rig: OfficeRig, at: str, **fields: str) -> str:
    said = {"complainant": "王某", "home": "1-101"} | fields
    registered = RegisterComplaint(channel=Channel.IN_PERSON, category="noise", matter="x", content="y", **said)  # type: ignore[arg-type]
    case_id = rig.do(registered, as_=CLERK, at=at).case_id
    promised = AssessComplaint(measure="m", promised_by=shanghai("2025-01-20 12:00"), told_at=rig.now)
    rig.do(promised, as_=CLERK, on=case_id)
    rig.do(InvestigateComplaint(findings="f", root_cause="c"), as_=CLERK, on=case_id)
    return case_id


@pytest.mark.parametrize("seed", [21, pytest.param(22, marks=pytest.mark.long)])
def test_when_everything_is_withdrawn_no_figure_counts_anything(database: Database, seed: int) -> None:
    """Of every kind of case, in whatever state it stands: it stands beside, by its name."""
    with office_rig(database.app) as rig:
        walker = random_walk(rig, Random(seed), 150)
        beside = 0
        for case_id in list(walker.cases):
            case = rig.case(case_id)
            if lifecycle_of(case_id).open_to(case.state, WithdrawAsMistaken):
                rig.do(MISTAKEN, as_=Role.POLICY, on=case_id)
        for standard in STANDARDS:
            if standard.view is None:  # what somebody entered in time was entered in time
                for since, until in (YEAR, (date(2025, 1, 1), rig.now.date())):
                    found = read(rig, standard.slug, since, until)
                    assert (found.met, found.counted, found.not_yet_due) == (0, 0, 0), standard.slug
                    beside += found.excluded.get("withdrawn as mistaken", 0)
                    assert set(found.excluded) - set(standard.excluded) <= {
                        "withdrawn as mistaken",
                        "merged as a duplicate",
                    }
        assert beside > 10
        with psycopg.connect(database.owner, autocommit=True) as owner:
            assert rebuild(owner, REGISTERS).differences == {}


def test_a_withdrawn_complaint_leaves_the_figures_of_its_month_and_its_follow_up_ends(rig: OfficeRig) -> None:
    case_id, other = complaint(rig, "2025-01-06 09:00"), complaint(rig, "2025-01-07 09:00")
    rig.do(ResolveComplaint(done_by="li", result="好"), as_=CLERK, on=case_id, at="2025-01-08 09:00")
    rig.until("2025-02-10 09:00")
    january = (date(2025, 1, 1), date(2025, 1, 31))
    before = read(rig, "complaint-handling-rate", *january)
    assert (before.met, before.counted) == (1, 2)
    visit = visit_id(case_id, 1)
    assert rig.rows("deadlines", case_id=visit) != []
    answer = rig.do(MISTAKEN, as_=HEAD, by="wang", on=case_id)
    assert answer.facts == ("WithdrawnAsMistaken", "WithdrawnAsMistaken")
    assert rig.case(visit).state == "mistaken"
    assert rig.case(visit).set_aside.other == case_id
    assert rig.rows("deadlines", case_id=visit) == rig.rows("deadlines", case_id=case_id) == []
    after = read(rig, "complaint-handling-rate", *january)
    assert (after.met, after.counted, after.excluded) == (0, 1, {"withdrawn as mistaken": 1})
    assert {at[1] for at in rows(rig, after)["excluded"]} == {case_id}
    for slug in ("complaint-follow-up-rate", "complaint-follow-up-in-time", "follow-ups-in-window"):
        found = read(rig, slug, *january)
        assert (found.met, found.counted, found.excluded.get("withdrawn as mistaken")) == (0, 0, 1)
    listed = {(row["case_id"], row["mended"], row["other"], row["reason"]) for row in rig.rows("mistakes")}
    assert listed == {(case_id, "mistaken", None, "登记到了别家"), (visit, "mistaken", case_id, "登记到了别家")}
    [row] = rig.rows("mistakes", case_id=case_id)
    assert "complaint-handling-rate" in row["figures"].split()
    assert rig.case(other).state != "mistaken"


def test_a_withdrawn_vacancy_takes_along_what_its_inspection_opened(rig: OfficeRig) -> None:
    keys = (KeyItem(number="1", key_class=KeyClass.ENTRANCE),)
    taken = TakeOverHome(home="1-101", kind=VacancyKind.UNSOLD, area=9000, keys=keys)
    home = rig.do(taken, as_=CLERK, at="2025-01-06 09:00").case_id
    found = Defect(item="厨房", matter="漏水")
    rig.do(
        InspectHome(checklist=(Checked(item="厨房", good=False),), defects=(found,), inspector_signature="李"),
        as_=CLERK,
        on=home,
    )
    [work] = rig.rows("rectifications")
    rig.do(WithdrawAsMistaken(reason="房号录错"), as_=HEAD, by="wang", on=home, at="2025-01-07 09:00")
    assert rig.case(work["case_id"]).state == "mistaken"
    request = RequestKeyLoan(
        vacant_home=home,
        keys=("1",),
        purpose=Purpose.VIEWING,
        expected_return=shanghai("2025-01-07 18:00"),
        borrower="张",
        identity_document="310",
    )
    with pytest.raises(RuleBroken) as refused:
        rig.do(request, as_=CLERK)
    assert refused.value.code == "related-set-aside"
    with pytest.raises(RuleBroken) as refused:
        rig.do(request, as_=CLERK, imported=True, source_id="L-1")
    assert refused.value.code == "related-set-aside", "no more does another system's history"
    # The home is free to be taken over rightly.
    assert rig.do(taken, as_=CLERK).state == "vacant"


def test_keys_of_a_mistaken_loan_were_never_out(rig: OfficeRig) -> None:
    keys = (KeyItem(number="1", key_class=KeyClass.ENTRANCE),)
    taken = TakeOverHome(home="1-101", kind=VacancyKind.UNSOLD, area=9000, keys=keys)
    home = rig.do(taken, as_=CLERK, at="2025-01-06 09:00").case_id
    request = RequestKeyLoan(
        vacant_home=home,
        keys=("1",),
        purpose=Purpose.VIEWING,
        expected_return=shanghai("2025-01-06 18:00"),
        borrower="张",
        identity_document="310",
    )
    loan = rig.do(request, as_=CLERK).case_id
    rig.do(IssueKeys(officer_signature="赵"), as_=Role.DUTY_OFFICER, by="zhao", on=loan)
    with pytest.raises(RuleBroken, match="loan"):
        rig.do(MISTAKEN, as_=HEAD, by="wang", on=home)
    rig.do(WithdrawAsMistaken(reason="应为另一套"), as_=HEAD, by="wang", on=loan)
    assert rig.case(home).keys["1"].custody == "kept"
    again = rig.do(request, as_=CLERK).case_id
    assert rig.do(IssueKeys(officer_signature="赵"), as_=Role.DUTY_OFFICER, by="zhao", on=again).state == "issued"


def test_two_callers_of_one_matter_are_one_complaint_and_both_are_known(rig: OfficeRig) -> None:
    first, second = complaint(rig, "2025-01-06 09:00"), complaint(rig, "2025-01-06 11:00", home="1-102")
    rig.until("2025-02-10 09:00")
    merged = rig.do(MarkDuplicate(original=first, reason="同一管道"), as_=HEAD, by="wang", on=second)
    assert merged.facts == ("MarkedDuplicate", "DuplicateMerged")
    assert rig.case(first).duplicates == (second,)
    assert rig.case(second).complainant is not None, "who called is kept where it was written"
    january = read(rig, "complaint-handling-rate", date(2025, 1, 1), date(2025, 1, 31))
    assert (january.counted, january.excluded) == (1, {"merged as a duplicate": 1})
    with pytest.raises(RuleBroken):
        rig.do(MarkDuplicate(original=second, reason="x"), as_=HEAD, by="wang", on=complaint(rig, "2025-02-10 11:00"))


def test_a_correction_changes_the_register_and_seals_both_values(rig: OfficeRig) -> None:
    case_id = complaint(rig, "2025-01-06 09:00")
    rig.do(CorrectEntry(field="home", value="1-102", reason="笔误"), as_=CLERK, on=case_id)
    rig.do(CorrectEntry(field="complainant", value="黄某", reason="听错"), as_=HEAD, by="wang", on=case_id)
    assert rig.rows("complaints", case_id=case_id)[0]["home"] == "1-102"
    home, name = rig.rows("mistakes", case_id=case_id)
    assert (home["corrected_field"], home["before"], home["after"]) == ("home", "1-101", "1-102")
    assert is_token(name["before"])
    assert is_token(name["after"])
    assert name["before"] != name["after"] == rig.case(case_id).complainant
