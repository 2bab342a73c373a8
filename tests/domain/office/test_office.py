"""Whoever is measured does not move the measure alone: targets, rates, windows and caps are changed by two, within bounds."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.handbook.settings import SETTINGS, Change, InvalidSetting, Settings
from domain.handbook.settings_bounds import BOUNDS, ONE_PERSON
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.office.office import (
    LIFECYCLE,
    Changed,
    ChangeSetting,
    ConfirmSettingChange,
    OfficeOpened,
    RefuseSettingChange,
    SettingChanged,
    SettingChangeProposed,
    SettingChangeRefused,
)
from tests.domain.story import Story, given, instant

MANAGER, COMPANY, ROOT = Role.MANAGER, Role.COMPANY, Role.SYSTEM_ADMINISTRATOR
LATER = "2025-04-10 10:00"


def office() -> Story:
    """An office that «someone» opened on 3 March."""
    return given(LIFECYCLE, OfficeOpened(code="XH", name="香湖"))


def change(name: str = "repairs.follow_up_rate", value: str = "3/10", **fields: Any) -> ChangeSetting:
    return ChangeSetting(
        **{"name": name, "value": value, "valid_from": date(2025, 5, 1), "reason": "公司决定"} | fields
    )


def test_a_rate_is_proposed_by_one_and_confirmed_by_another() -> None:
    story = office().when(change(), as_=MANAGER, by="manager", at=LATER).then(SettingChangeProposed, number=1)
    assert not story.case.changes
    story.when(ConfirmSettingChange(number=2), as_=COMPANY, by="company", at=LATER)
    story.refused(RuleBroken, code="proposal-unknown", clause="1")
    story.when(ConfirmSettingChange(number=1), as_=COMPANY, by="manager", at=LATER).refused(
        RuleBroken, code="second-person"
    )
    story.when(ConfirmSettingChange(number=1), as_=COMPANY, by="company", at=LATER)
    story.then(SettingChanged, value="3/10", proposal=1, requested_by="manager", reason="公司决定")
    [changed] = story.case.history
    assert (changed.before, changed.requested_by, changed.confirmed_by) == ("1/5", "manager", "company")
    story.when(ConfirmSettingChange(number=1), as_=COMPANY, by="company", at=LATER)
    story.refused(RuleBroken, code="nothing-proposed")


def test_of_two_who_propose_each_confirms_the_others() -> None:
    story = office()
    for by in ("manager", "company"):
        story.when(change(), as_=COMPANY, by=by, at=LATER)
    story.when(ConfirmSettingChange(number=1), as_=COMPANY, by="manager", at=LATER)
    story.refused(RuleBroken, code="second-person")
    story.when(ConfirmSettingChange(number=2), as_=COMPANY, by="manager", at=LATER).then(SettingChanged, proposal=2)


def test_a_proposal_is_refused_with_a_reason_and_the_next_has_a_number_of_its_own() -> None:
    story = office().when(change(), as_=MANAGER, by="manager", at=LATER)
    story.when(RefuseSettingChange(number=1, reason=" "), as_=COMPANY, by="company", at=LATER)
    story.refused(RuleBroken, code="reason-missing")
    story.when(RefuseSettingChange(number=1, reason="不合手册"), as_=COMPANY, by="company", at=LATER)
    story.then(SettingChangeRefused, number=1)
    story.when(RefuseSettingChange(number=1, reason="不合手册"), as_=COMPANY, by="company", at=LATER)
    story.refused(RuleBroken, code="nothing-proposed")
    story.when(change(), as_=MANAGER, by="manager", at=LATER).then(SettingChangeProposed, number=2)
    story.when(change(reason="  "), as_=MANAGER, by="manager", at=LATER).refused(RuleBroken, code="reason-missing")


def test_what_no_figure_rests_on_one_person_changes_unless_it_reaches_back() -> None:
    reminder = {"name": "tasks.remind_hours_before", "value": "12"}
    office().when(change(**reminder), as_=MANAGER, by="m", at=LATER).then(SettingChanged, requested_by=None)
    back = change(**reminder, valid_from=date(2025, 4, 9))
    office().when(back, as_=MANAGER, by="m", at=LATER).then(SettingChangeProposed)


def test_on_the_day_of_the_opening_its_opener_lays_the_settings_down_within_bounds() -> None:
    today = change(valid_from=date(2025, 3, 3))
    office().when(today, as_=ROOT, at="2025-03-03 18:00").then(SettingChanged, requested_by=None)
    office().when(change(value="0"), as_=ROOT, at="2025-03-03 18:00").refused(InvalidSetting)
    for by, at in (("someone", "2025-03-04 00:00"), ("another", "2025-03-03 18:00")):
        office().when(today, as_=ROOT, by=by, at=at).refused(RuleBroken, code="not-the-opening")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("complaints.handled_target", "0"),
        ("vacancy.integrity_target", "0"),
        ("repairs.follow_up_rate", "0"),
        ("late_fee.rate_per_day", "0.05"),
        ("late_fee.cap", "1"),
        ("arrears.fruitless_visit_days", "0"),
        ("follow_up.complaint.within_days", "0"),
        ("arrears.limitation_years", "2"),
        ("contact.quiet_from", "23:59"),
        ("complaints.answer_within_days", "11"),
        ("contact.per_week", "8"),
    ],
)
def test_what_would_undo_a_rule_is_refused_and_says_why(name: str, value: str) -> None:
    story = office().when(change(name, value), as_=MANAGER, by="manager", at=LATER).refused(InvalidSetting)
    bound = SETTINGS[name].bound
    assert story.refusal is not None
    assert bound is not None
    assert bound.zh in story.refusal.zh
    assert bound.en in story.refusal.en
    assert Settings((Change(name, value, date(2025, 1, 1)),)), "an old book is read whatever it says"


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_has_bounds_with_their_ground_and_its_default_within(name: str) -> None:
    setting = SETTINGS[name]
    assert setting.choices or (setting.bound is not None and setting.bound.zh and setting.bound.en)
    Settings().with_change(Change(name, setting.default, date(2025, 1, 1)))


def test_bounds_are_of_settings_and_kinds_that_there_are() -> None:
    assert set(BOUNDS) <= set(SETTINGS) | {setting.kind for setting in SETTINGS.values()}
    assert set(SETTINGS) >= ONE_PERSON


@pytest.mark.parametrize(
    ("valid_from", "changed_on", "touches"),
    [
        (date(2025, 1, 15), date(2025, 2, 5), True),
        (date(2025, 2, 1), date(2025, 2, 5), False),
        (date(2024, 12, 1), date(2025, 1, 1), False),
        (date(2025, 2, 5), date(2025, 2, 5), False),
    ],
)
def test_a_change_that_reaches_back_into_a_period_is_told_beside_its_figures(
    valid_from: date, changed_on: date, *, touches: bool
) -> None:
    change = Changed(
        name="complaint.answer_within_days",
        before="7",
        value="5",
        valid_from=valid_from,
        reason="x",
        at=instant("2025-02-05"),
        requested_by="boss",
        confirmed_by="company",
    )
    assert change.reaches_into(date(2025, 1, 1), date(2025, 1, 31), changed_on) is touches
