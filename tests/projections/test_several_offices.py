"""The company's figure reads all its offices in one statement: each says what it says when it is read alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from domain.complaints.complaint.commands.handling import ReopenComplaint, ResolveComplaint
from domain.complaints.complaint.commands.reception import AssessComplaint, InvestigateComplaint, RegisterComplaint
from domain.complaints.complaint.events import Channel
from domain.kernel.people import Role
from projections.engine.standard import Asked, AsOf, read_each
from projections.registers.index import REGISTERS
from projections.standards.index import BY_SLUG, STANDARDS
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig, shanghai

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER
JANUARY = {"since": date(2025, 1, 1), "until": date(2025, 1, 31)}
QUARTER = {"since": date(2025, 1, 1), "until": date(2025, 3, 31)}


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """Two offices; January's complaints of each were handled, missed, or handled and opened again in February."""
    with office_rig(database.app) as rig:
        rig.open("YH")
        handled = {"XH": [], "YH": []}  # type: dict[str, list[str]]
        for day, (office, category) in enumerate(
            (("XH", "noise"), ("XH", "leak"), ("YH", "noise"), ("YH", "Noise")), 10
        ):
            said = RegisterComplaint(
                channel=Channel.IN_PERSON, category=category, matter="x", content="y", complainant="王"
            )
            case_id = rig.do(said, as_=CLERK, office=office, at=f"2025-01-{day} 09:00").case_id
            told = AssessComplaint(measure="m", promised_by=shanghai("2025-01-28 09:00"), told_at=rig.now)
            rig.do(told, as_=CLERK, on=case_id, office=office)
            handled[office].append(case_id)
        for office, cases in handled.items():
            rig.do(InvestigateComplaint(findings="f", root_cause="c"), as_=CLERK, on=cases[0], office=office)
            done = ResolveComplaint(done_by="li", result="好")
            rig.do(done, as_=CLERK, on=cases[0], office=office, at="2025-01-20 09:00")
        rig.now = shanghai("2025-02-10 09:00")
        for office, cases in handled.items():
            rig.clock.catch_up(rig.now, office=office)
            if office == "XH":
                rig.do(ReopenComplaint(reason="又响了"), as_=MANAGER, on=cases[0], office=office)
        yield rig


def test_several_offices_read_at_once_say_what_each_says_alone(rig: OfficeRig) -> None:
    now = shanghai("2025-04-10 09:00")
    offices = [Asked(office=code, now=now) for code in ("XH", "YH")]
    pages = len(rig.facts())
    with rig.pool.connection() as connection:
        for standard in STANDARDS:
            for period in (JANUARY, QUARTER):
                for as_of in (AsOf(), AsOf(instant=shanghai("2025-01-25 09:00")), AsOf(number=pages)):
                    together = read_each(connection, REGISTERS, standard, offices, **period, as_of=as_of)
                    alone = [
                        read_each(connection, REGISTERS, standard, [each], **period, as_of=as_of)[0] for each in offices
                    ]
                    assert together == alone, standard.slug


def test_what_was_opened_again_after_the_period_was_handled_in_it_and_what_was_missed_is_its_own_offices(
    rig: OfficeRig,
) -> None:
    now = shanghai("2025-04-10 09:00")
    offices = [Asked(office=code, now=now) for code in ("XH", "YH")]
    with rig.pool.connection() as connection:
        xh, yh = read_each(connection, REGISTERS, BY_SLUG["complaint-handling-rate"], offices, **JANUARY)
    assert (xh.met, xh.counted, xh.by_group) == (1, 2, {"leak": (0, 1), "noise": (1, 1)})
    assert (yh.met, yh.counted, yh.by_group) == (1, 2, {"noise": (1, 2)})
