"""Sentences about the files of households 住户档案 (§9), the office and the readings of personal data."""

from __future__ import annotations

from datetime import date

from domain.kernel.errors import NotPermitted, RuleBroken
from domain.kernel.people import Role
from domain.office.office import LIFECYCLE as OFFICE
from domain.office.office import ChangeSetting, OfficeOpened, OpenOffice, SettingChanged
from domain.residents.household.commands.keeping import (
    AddHouseholdNote,
    ChangeContact,
    ChangePeople,
    MarkHouseholdDifficult,
    MoveHouseholdOut,
    OpenHousehold,
    ReadFile,
    RecordRefusedReading,
    RemoveDifficultMark,
)
from domain.residents.household.events import (
    ContactChanged,
    DifficultMarkRemoved,
    FileRead,
    FileReadingRefused,
    HouseholdLeft,
    HouseholdMarkedDifficult,
    HouseholdNoteAdded,
    HouseholdOpened,
    PeopleChanged,
    Preference,
)
from domain.residents.household.lifecycle import LIFECYCLE
from domain.residents.reading import LIFECYCLE as READING
from domain.residents.reading import PersonalDataRead, RecordReading
from tests.domain.story import Story, given

CLERK, MANAGER = Role.ADMINISTRATOR, Role.MANAGER


def household() -> Story:
    return given(LIFECYCLE).when(
        OpenHousehold(home="7-2-1403", name="王", area=8_950), as_=CLERK, at="2025-01-15 10:00"
    )


def test_a_file_is_opened_with_a_name_and_a_true_area() -> None:
    household().then(HouseholdOpened, name="王", area=8_950)
    given(LIFECYCLE).when(OpenHousehold(home="7-2-1403"), as_=CLERK).refused(
        RuleBroken, code="name-missing", clause="9.1"
    )
    given(LIFECYCLE).when(OpenHousehold(home="7-2-1403"), as_=CLERK, imported=True).then(HouseholdOpened)
    given(LIFECYCLE).when(OpenHousehold(home="7-2-1403", name="王", area=0), as_=CLERK).refused(
        RuleBroken, code="amount-not-positive"
    )


def test_the_file_grows_from_daily_work_and_each_entry_renews_it() -> None:
    story = household()
    first = story.case.update_by
    story.when(ChangeContact(), as_=CLERK).refused(RuleBroken, code="nothing-changed")
    story.when(ChangeContact(phone="1380000"), as_=CLERK, at="2025-02-15 10:00").then(ContactChanged)
    assert (story.case.name, story.case.phone) == ("王", "1380000")
    story.when(ChangeContact(name="李", preference=next(iter(Preference))), as_=CLERK).then(ContactChanged)
    story.when(ChangePeople(people="夫妻二人"), as_=CLERK).then(PeopleChanged)
    story.when(AddHouseholdNote(note="养犬一只"), as_=CLERK, at="2025-03-15 10:00").then(HouseholdNoteAdded)
    assert (story.case.notes, story.case.updated_on) == (1, date(2025, 3, 15))
    assert story.case.update_by > first


def test_a_difficult_household_is_marked_with_a_reason_and_unmarked() -> None:
    story = household().when(MarkHouseholdDifficult(reason="多次拒绝沟通"), as_=MANAGER).then(HouseholdMarkedDifficult)
    assert (story.case.difficult, story.case.difficult_reason) == (True, "多次拒绝沟通")
    story.when(RemoveDifficultMark(), as_=MANAGER).then(DifficultMarkRemoved)
    story.when(RemoveDifficultMark(), as_=MANAGER).refused(RuleBroken, code="not-marked", clause="5.2.6(6)")


def test_reading_the_file_is_a_fact_and_so_is_being_refused() -> None:
    story = household().when(ReadFile(purpose="回访前了解"), as_=CLERK).then(FileRead, purpose="回访前了解")
    story.when(RecordRefusedReading(who="推销人员", reason="无权"), as_=CLERK).then(FileReadingRefused)
    assert (story.case.reads, story.case.refused_reads) == (1, 1)


def test_who_has_left_is_kept_three_years_from_the_day() -> None:
    story = household()
    story.when(MoveHouseholdOut(left_on=date(2025, 6, 2)), as_=CLERK, at="2025-06-01 10:00").refused(
        RuleBroken, code="day-ahead"
    )
    story.when(MoveHouseholdOut(), as_=CLERK, at="2025-06-01 10:00")
    story.then(HouseholdLeft, left_on=date(2025, 6, 1), retained_until=date(2028, 6, 1)).is_in("left")


# -- the office ------------------------------------------------------------------------------------------------------


def test_an_office_changes_its_settings_from_a_date_on_and_keeps_the_old_ones_for_the_past() -> None:
    story = given(OFFICE).when(OpenOffice(code="XH", name="香湖"), as_=Role.SYSTEM_ADMINISTRATOR).then(OfficeOpened)
    change = ChangeSetting(
        name="follow_up.submit_within_hours", value="12", valid_from=date(2025, 7, 1), reason="本处从严"
    )
    story.when(change, as_=CLERK).refused(NotPermitted)
    story.when(change, as_=MANAGER).then(SettingChanged, value="12")
    hours = [
        story.case.settings.at(day).integer("follow_up.submit_within_hours")
        for day in (date(2025, 6, 30), date(2025, 7, 1))
    ]
    assert hours == [24, 12]


# -- readings --------------------------------------------------------------------------------------------------------


def test_a_reading_says_who_saw_whose_data() -> None:
    read = RecordReading(reader="u-1", roles=(CLERK,), what="complaints", case_ids=("complaint-1",))
    given(READING).when(read, as_=CLERK).refused(NotPermitted, clause="9.2")
    story = given(READING).when(read, as_=Role.POLICY).then(PersonalDataRead, case_ids=("complaint-1",))
    assert (story.case.reader, story.case.what, story.case.roles) == ("u-1", "complaints", (CLERK,))
    nothing = RecordReading(reader="u-1", roles=(CLERK,), what="complaints", case_ids=())
    given(READING).when(nothing, as_=Role.POLICY).refused(RuleBroken, code="nothing-read")
