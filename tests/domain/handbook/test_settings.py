"""The handbook's numbers as dated settings."""

import json
import pickle
from datetime import date, time, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.handbook.clauses import CLAUSES
from domain.handbook.settings import SETTINGS, Change, InvalidSetting, Setting, Settings, parse
from domain.handbook.settings_bounds import longest_break

TODAY = date(2026, 11, 23)
HANDBOOK = Settings().at(TODAY)


@pytest.mark.parametrize(
    ("name", "value", "clause"),
    [
        ("vacancy.integrity_target", Fraction(98, 100), "3.6"),
        ("vacancy.inspections_per_month", 1, "3.5"),
        ("notice_board.editions_per_month", 1, "1.7"),
        ("patrol.per_day", 1, "2"),
        ("complaints.handled_target", Fraction(1), "4.9"),
        ("complaints.follow_up_target", Fraction(1), "5.2.A"),
        ("repairs.follow_up_rate", Fraction(1, 5), "5.2.B"),
        ("surveys.per_year", 2, "5.1"),
        ("follow_up.takeover.within_months", 1, "5.2.3(1)"),
        ("follow_up.complaint.within_days", 3, "5.2.3(2)"),
        ("follow_up.move_in.after_months", 1, "5.2.3(3)"),
        ("follow_up.move_in.grace_days", 7, "5.2.3(3)"),
        ("follow_up.repair.from_days", 7, "5.2.3(4)"),
        ("follow_up.repair.to_months", 1, "5.2.3(4)"),
        ("follow_up.special_service.middle_from", Fraction(1, 3), "5.2.3(5)"),
        ("follow_up.special_service.middle_to", Fraction(2, 3), "5.2.3(5)"),
        ("follow_up.special_service.after_end_days", 7, "5.2.3(5)"),
        ("follow_up.emergency.within_days", 7, "5.2.3(6)"),
        ("follow_up.activity.within_months", 1, "5.2.3(7)"),
        ("follow_up.other.within_days", 7, "5.2.3(8)"),
        ("follow_up.submit_within_hours", 24, "5.2.5(7)"),
        ("follow_up.retention_years", 3, "5.2.5(7)"),
        ("reviews.same_matter_complaints", 2, "5.2.5(6)"),
        ("reviews.same_kind_repairs", 3, "5.2.5(6)"),
        ("notices.delivered_by_day", 1, "7.2c"),
        ("arrears.stage1_after_months", 1, "8.A(1)"),
        ("arrears.stage2_after_months", 2, "8.A(2)"),
        ("arrears.fruitless_visit_days", 3, "8.A(2)"),
        ("arrears.limitation_years", 3, "民法典188"),
        ("late_fee.rate_per_day", Fraction(5, 10_000), "民法典585"),
        ("late_fee.cap", Fraction(30, 100), "合同编通则解释65"),
        ("contact.quiet_from", time(21), "民法典1033"),
        ("contact.quiet_until", time(8), "民法典1033"),
        ("contact.per_week", 3, "民法典1033"),
        ("complaints.answer_within_days", 10, "杭州50"),
        ("privacy.processing_records_years", 3, "PIPL56"),
        ("payments.order", "costs-penalty-principal", "民法典561"),
    ],
)
def test_the_handbook_and_the_law_say(name: str, value: object, clause: str) -> None:
    assert HANDBOOK[name] == value
    assert type(HANDBOOK.get(name)) is type(value)
    assert HANDBOOK.source(name) == (value, clause, date(2000, 1, 1), False)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_can_be_stored_shown_and_cited(name: str) -> None:
    setting = SETTINGS[name]
    assert json.loads(json.dumps(setting.default)) == setting.default
    assert setting.zh
    assert setting.en
    assert setting.clause in CLAUSES
    assert (setting.kind == "choice") == bool(setting.choices)
    assert parse(name, str(setting.default)) == HANDBOOK[name]


def test_the_rate_per_day_keeps_all_its_decimals() -> None:
    """0.05 % a day must not become 0.1 %."""
    assert parse("late_fee.rate_per_day", "0.000525") == Fraction(525, 1_000_000)


@pytest.mark.parametrize("raw", ["98/100", "0.98", "98%", "49/50"])
def test_a_ratio_is_written_in_several_ways_and_is_always_exact(raw: str) -> None:
    assert parse("vacancy.integrity_target", raw) == Fraction(49, 50)


@given(st.integers(0, 999), st.integers(1, 999))
def test_any_fraction_up_to_one_is_read_exactly(part: int, of: int) -> None:
    part = min(part, of)
    assert parse("repairs.follow_up_rate", f"{part}/{of}") == Fraction(part, of)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("vacancy.integrity_target", 0.98),
        ("vacancy.integrity_target", "1/0"),
        ("vacancy.integrity_target", "101%"),
        ("vacancy.integrity_target", "-1/100"),
        ("vacancy.integrity_target", "nan"),
        ("vacancy.integrity_target", True),
        ("vacancy.integrity_target", "1e-3"),
        ("follow_up.complaint.within_days", "三"),
        ("follow_up.complaint.within_days", "3.5"),
        ("follow_up.complaint.within_days", "٣"),
        ("follow_up.complaint.within_days", -1),
        ("follow_up.complaint.within_days", None),
        ("notices.delivered_by_day", 31),
        ("reviews.same_matter_complaints", 1),
        ("contact.quiet_from", "24:00"),
        ("contact.quiet_from", "9:00"),
        ("contact.quiet_from", 21),
        ("follow_up.counting", "lunar"),
        ("follow_up.counting", 1),
        ("vacancy.integrity_basis", "area"),
        ("privacy.processing_records_years", 2),
        ("suspension.whitelist", "water"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_the_setting_named(name: str, raw: object) -> None:
    with pytest.raises(InvalidSetting) as refused:
        parse(name, raw)  # type: ignore[arg-type]
    assert refused.value.field == name
    assert refused.value.zh
    assert refused.value.en


def test_a_refused_value_survives_crossing_to_another_process() -> None:
    refusal = InvalidSetting("surveys.per_year", "须为整数", "has to be a whole number")
    again = pickle.loads(pickle.dumps(refusal))
    assert vars(again) == vars(refusal)


def test_limits_are_themselves_allowed() -> None:
    assert parse("notices.delivered_by_day", 28) == 28
    assert parse("vacancy.integrity_target", 1) == 1
    assert parse("vacancy.integrity_target", "0") == 0


def test_a_change_is_in_force_from_its_date_and_leaves_the_past_alone() -> None:
    settings = Settings((Change("repairs.follow_up_rate", "30/100", date(2026, 7, 1)),))
    assert settings.at(date(2026, 6, 30))["repairs.follow_up_rate"] == Fraction(20, 100)
    assert settings.at(date(2026, 7, 1))["repairs.follow_up_rate"] == Fraction(30, 100)
    assert settings.at(TODAY).source("repairs.follow_up_rate") == (Fraction(3, 10), "5.2.B", date(2026, 7, 1), True)
    assert settings.at(TODAY)["vacancy.integrity_target"] == Fraction(98, 100)


def test_of_two_changes_on_one_date_the_later_one_wins() -> None:
    on = date(2026, 7, 1)
    settings = Settings((Change("surveys.per_year", 3, on), Change("surveys.per_year", 4, on)))
    assert settings.at(on)["surveys.per_year"] == 4


def test_a_change_made_later_for_an_earlier_date_does_not_undo_what_follows() -> None:
    settings = Settings(
        (Change("surveys.per_year", 4, date(2026, 7, 1)), Change("surveys.per_year", 3, date(2026, 1, 1)))
    )
    assert settings.at(date(2026, 3, 1))["surveys.per_year"] == 3
    assert settings.at(date(2026, 8, 1))["surveys.per_year"] == 4


def test_before_the_first_date_the_handbook_holds() -> None:
    assert Settings().at(date(1999, 1, 1))["surveys.per_year"] == 2


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 20)), max_size=8), st.integers(-1, 21))
def test_what_is_in_force_is_the_latest_date_not_after_the_day(made: list[tuple[int, int]], on: int) -> None:
    start = date(2026, 1, 1)
    changes = tuple(Change("surveys.per_year", value, start + timedelta(days=day)) for value, day in made)
    in_force = [(c.valid_from, n) for n, c in enumerate(changes) if c.valid_from <= start + timedelta(days=on)]
    expected = changes[max(in_force)[1]].value_raw if in_force else 2
    assert Settings(changes).at(start + timedelta(days=on))["surveys.per_year"] == expected


def test_looking_up_a_day_makes_nothing_new() -> None:
    settings = Settings((Change("surveys.per_year", 4, date(2026, 7, 1)),))
    assert settings.at(date(2026, 7, 1)) is settings.at(date(2027, 7, 1))
    assert Settings().at(TODAY) is HANDBOOK


def test_settings_with_the_same_changes_are_the_same() -> None:
    change = Change("surveys.per_year", 4, TODAY)
    assert Settings((change,)) == Settings((change,))
    assert hash(Settings((change,))) == hash(Settings((change,)))


def test_a_change_that_cannot_be_read_makes_no_settings() -> None:
    with pytest.raises(InvalidSetting):
        Settings((Change("surveys.per_year", "many", TODAY),))


def test_numbers_are_read_by_their_kind() -> None:
    assert HANDBOOK.integer("surveys.per_year") == 2
    assert HANDBOOK.fraction("late_fee.cap") == Fraction(3, 10)
    assert HANDBOOK.time_of_day("contact.quiet_from") == time(21)
    assert HANDBOOK.choice("notices.on_holiday") == "stays"
    assert HANDBOOK.dates("calendar.off_days") == ()
    with pytest.raises(TypeError, match=r"late_fee\.cap is no int"):
        HANDBOOK.integer("late_fee.cap")
    with pytest.raises(KeyError):
        HANDBOOK["late_fee.compounding"]


def test_dates_are_days_each_once_and_in_order() -> None:
    off = parse("calendar.off_days", "2027-02-09 2027-02-08 2027-02-09")
    assert off == (date(2027, 2, 8), date(2027, 2, 9))
    for wrong in ("", "2027-2-8", "2027-02-30", "2027-02-08, 2027-02-09", " ".join(["2027-02-08"] * 121)):
        with pytest.raises(InvalidSetting, match="none"):
            parse("calendar.off_days", wrong)


def test_a_settings_timeline_has_its_changes_and_no_other() -> None:
    changes = [
        Change("late_fee.rate_per_day", "0.001", date(2026, 3, 1)),
        Change("surveys.per_year", 3, date(2026, 1, 1)),
    ]
    assert Settings(tuple(changes)).timeline("late_fee.rate_per_day") == (
        (date.min, Fraction(1, 2000)),
        (date(2026, 3, 1), Fraction(1, 1000)),
    )


def test_a_change_that_fits_is_added() -> None:
    settings = Settings().with_change(Change("follow_up.special_service.middle_to", "9/10", date(2026, 7, 1)))
    settings = settings.with_change(Change("follow_up.special_service.middle_from", "3/4", date(2026, 7, 1)))
    assert settings.at(TODAY)["follow_up.special_service.middle_from"] == Fraction(3, 4)
    assert len(settings.changes) == 2


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("follow_up.repair.from_days", 29),
        ("follow_up.repair.to_months", 0),
        ("follow_up.special_service.middle_from", "3/4"),
        ("arrears.stage1_after_months", 3),
        ("surveys.per_year", "many"),
    ],
)
def test_a_change_that_contradicts_another_number_is_refused_before_it_is_recorded(name: str, raw: int | str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        Settings().with_change(Change(name, raw, TODAY))
    assert refused.value.field == name


def test_a_change_is_held_against_what_was_already_decided_for_later() -> None:
    settings = Settings().with_change(Change("follow_up.special_service.middle_to", "9/10", date(2026, 1, 1)))
    settings = settings.with_change(Change("follow_up.special_service.middle_to", "2/3", date(2026, 7, 1)))
    with pytest.raises(InvalidSetting):
        settings.with_change(Change("follow_up.special_service.middle_from", "3/4", date(2026, 2, 1)))


def test_a_change_is_not_refused_for_what_others_contradict() -> None:
    """What stands in the book can always be read, and another number can still be changed."""
    contradictory = Settings((Change("follow_up.repair.from_days", 60, date(2026, 1, 1)),))
    assert contradictory.with_change(Change("surveys.per_year", 3, TODAY)).at(TODAY)["surveys.per_year"] == 3


def test_settings_stand_in_the_order_of_the_handbook() -> None:
    order = list(CLAUSES)
    chapters = [s.clause[0] for s in SETTINGS.values() if not CLAUSES[s.clause].is_law]
    assert all(a <= b for a, b in pairwise(chapters))
    assert all(s.clause in order for s in SETTINGS.values())


def test_a_line_that_is_only_printed_is_taken_as_it_is_or_is_nothing() -> None:
    assert HANDBOOK.text("notices.pay_to") == ""
    account = "云锦物业有限公司 6222 0000 1234 5678"
    assert parse("notices.pay_to", f" {account} ") == account
    for raw in ("", "  ", "两\n行", "a\x00b"):
        with pytest.raises(InvalidSetting, match="一行文字"):
            parse("notices.pay_to", raw)
    changed = Settings().with_change(Change("notices.pay_to", "字" * 200, date(2025, 2, 1)))
    assert changed.at(date(2025, 2, 1)).text("notices.pay_to") == "字" * 200
    with pytest.raises(InvalidSetting, match="至多二百字"):
        changed.with_change(Change("notices.pay_to", "字" * 201, date(2025, 3, 1)))


def test_no_holiday_is_so_long_that_a_due_day_never_comes() -> None:
    """Two people could else put every due day off by naming days off in a row; the weekends count with them."""
    spring = " ".join(f"2027-02-{day:02}" for day in (8, 9, 10, 11, 12))
    assert longest_break(parse("calendar.off_days", spring)) == 9  # type: ignore[arg-type]
    Settings().with_change(Change("calendar.off_days", spring, TODAY))
    with pytest.raises(InvalidSetting, match="row"):
        Settings().with_change(Change("calendar.off_days", f"{spring} 2027-02-15 2027-02-16", TODAY))
    apart = Settings().with_change(Change("calendar.off_days", f"{spring} 2027-02-16", TODAY))
    assert len(apart.at(TODAY).dates("calendar.off_days")) == 6
    assert longest_break(()) == 0
    Settings().with_change(Change("calendar.off_days", "none", TODAY))


CROSSED: dict[str, set[int | str]] = {
    "follow_up.repair.from_days": {30},
    "corrective_actions.verify_after_days": {366},
    "corrective_actions.verify_within_days": {1},
    "bills.reviewed_days_before_month_end": {27},
}
"""What one bound allows and another setting's value stands against."""
WHOLE = [
    each
    for each in SETTINGS.values()
    if each.bound is not None and {type(each.bound.least), type(each.bound.greatest)} == {int}
]


@pytest.mark.parametrize("setting", [each for each in WHOLE if each.kind != "text"], ids=lambda each: str(each.name))
def test_the_bounds_that_are_shown_are_those_that_a_change_is_held_to(setting: Setting) -> None:
    bound = setting.bound
    assert bound is not None
    for beyond in (int(bound.least) - 1, int(bound.greatest) + 1):
        with pytest.raises(InvalidSetting):
            Settings().with_change(Change(setting.name, beyond, TODAY))
    for value in {bound.least, bound.greatest} - CROSSED.get(setting.name, set()):
        Settings().with_change(Change(setting.name, value, TODAY))
