"""Who plays with homes: households move in, vacant homes are kept, their keys are lent, defects are put right."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from api.demo.people import ROOMS, name, phone
from api.demo.stage import Stage
from domain.homes.key_loan.commands import IssueKeys, RequestKeyLoan, ReturnKeys
from domain.homes.key_loan.events import Purpose
from domain.homes.keys import KeyClass, KeyCondition, KeyItem, OtherKey, Whereabouts
from domain.homes.vacant_home.commands.vacancy import InspectHome, RecordCleaning, TakeOverHome
from domain.homes.vacant_home.events import Checked, CleaningScope, Defect, VacancyKind
from domain.kernel.calendar import start_of_day
from domain.kernel.people import Role
from domain.residents.household.commands.keeping import MarkHouseholdDifficult, OpenHousehold
from domain.residents.household.commands.papers import ConfirmFile
from domain.residents.household.events import Occupancy
from domain.rounds.rectification.commands import (
    AssignRectification,
    CloseRectification,
    ReportRectificationDone,
    VerifyRectification,
)

_CLERK = Role.ADMINISTRATOR


def open_households(stage: Stage, count: int, now: datetime) -> list[tuple[str, int]]:
    """Every household with its floor area (hundredths of m²)."""
    made = []
    for number in range(count):
        area = stage.random.randint(5_500, 14_500)
        tower, floor = number // 120 + 1, number % 120 // 4 + 1
        home = f"{tower}-{number % 2 + 1}-{floor:02}{number % 4 + 1:02}"
        people = "、".join(name(stage.random) for _ in range(stage.random.randint(1, 4)))
        command = OpenHousehold(
            home=home,
            area=area,
            building=str(tower),
            name=name(stage.random),
            phone=phone(stage.random),
            people=people,
            occupancy=Occupancy.TENANT if stage.chance(0.2) else Occupancy.OWNER,
        )
        case = stage.give(command, _CLERK, now)
        assert case is not None
        made.append((case, area))
        if stage.chance(0.01):
            stage.give(MarkHouseholdDifficult(reason="多次拒绝沟通"), Role.MANAGER, now, on=case)
    return made


def keep_the_file(stage: Stage, household: str, now: datetime) -> None:
    """Somebody checks with a household whether its file still holds."""
    stage.give(ConfirmFile(), _CLERK, now, on=household)


def take_over_homes(stage: Stage, count: int, now: datetime) -> None:
    """Vacant homes with their keys; every third one is entrusted by its owner."""
    for number in range(count):
        entrusted = number % 3 == 0
        keys = tuple(
            KeyItem(number=f"{number:03}-{i}", key_class=kind, count=2)
            for i, kind in enumerate((KeyClass.ENTRANCE, KeyClass.ROOM, KeyClass.LETTERBOX), 1)
        )
        command = TakeOverHome(
            home=f"K-{number:03}",
            kind=VacancyKind.ENTRUSTED if entrusted else VacancyKind.UNSOLD,
            area=stage.random.randint(5_500, 14_500),
            keys=keys,
            owner=name(stage.random) if entrusted else None,
            agreement_signed_on=date(2024, 12, 20) if entrusted else None,
            entrusted_from=date(2024, 12, 20) if entrusted else None,
            entrusted_until=date(2026, 12, 31) if entrusted else None,
            other_keys=(
                OtherKey(key_class=KeyClass.ENTRANCE, whereabouts=Whereabouts.OWNER, condition=KeyCondition.GOOD),
            )
            if entrusted
            else None,
        )
        home = stage.give(command, _CLERK, now)
        assert home is not None
        clean(stage, home, now)
        for month in range(2, 13):
            if stage.chance(0.985):  # now and then somebody forgets
                day = start_of_day(date(2025, month, stage.random.randint(3, 27))) + timedelta(hours=9)
                stage.at(day, partial(_inspect, stage, home))
        for turn in range(stage.random.randint(0, 5)):
            stage.later(now, turn * 65 + stage.random.randint(5, 55), partial(_lend, stage, home, keys[0].number))


def clean(stage: Stage, home: str, now: datetime) -> None:
    """A cleaning inside and out."""
    stage.give(RecordCleaning(scope=CleaningScope.WHOLE), _CLERK, now, on=home)


def _inspect(stage: Stage, home: str, now: datetime) -> None:
    broken = [room for room in ROOMS if stage.chance(0.006)]
    stage.give(
        InspectHome(
            checklist=tuple(Checked(item=room, good=room not in broken) for room in ROOMS),
            defects=tuple(Defect(item=room, matter="需修复") for room in broken),
            inspector_signature="已签",
        ),
        _CLERK,
        now,
        on=home,
        # Some are entered from paper two days later.
        occurred=now - timedelta(days=2) if stage.chance(0.05) else None,
    )
    if stage.chance(0.5):
        clean(stage, home, now)


def _lend(stage: Stage, home: str, key: str, now: datetime) -> None:
    back = now + timedelta(hours=stage.random.randint(4, 48))
    loan = stage.give(
        RequestKeyLoan(
            vacant_home=home,
            keys=(key,),
            purpose=stage.random.choice(list(Purpose)),
            expected_return=back,
            borrower=name(stage.random),
            identity_document=f"工作证{stage.random.randint(100, 999)}",
        ),
        _CLERK,
        now,
    )
    if loan is None:
        return
    stage.give(IssueKeys(officer_signature="已签"), Role.DUTY_OFFICER, now, on=loan)
    late = 2.0 if stage.chance(0.12) else 0.0
    stage.at(back + timedelta(days=late, hours=-1), partial(_return, stage, loan, key))


def _return(stage: Stage, loan: str, key: str, now: datetime) -> None:
    stage.give(
        ReturnKeys(keys=(key,), returner=name(stage.random), returner_signature="已签"), Role.DUTY_OFFICER, now, on=loan
    )


def put_defects_right(stage: Stage, now: datetime) -> None:
    """Every morning: what was found is assigned, what was done is verified and closed."""
    for case_id, state in stage.ask(
        "select case_id, state from wuye.r_rectifications where office = %(office)s and to_number is null and open", {}
    ):
        if state == "found":
            stage.give(AssignRectification(responsible="gong-cheng-1"), Role.DEPARTMENT_HEAD, now, on=case_id)
        elif state in ("assigned", "reopened") and stage.chance(0.3):
            stage.give(
                ReportRectificationDone(result="已修复", done_by="gong-cheng-1"),
                _CLERK,
                now,
                on=case_id,
                by="guan-li-1",
            )
        elif state == "done" and stage.give(VerifyRectification(findings="合格"), Role.MANAGER, now, on=case_id):
            stage.give(CloseRectification(), Role.MANAGER, now, on=case_id)
