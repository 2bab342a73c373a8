"""Bugs by which the past would not stand: late entries that mend breaches, and figures that read the present."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["PAST"]

_KERNEL = ("tests/domain/kernel/test_late_entries.py",)
_WRITTEN = "tests/projections/test_written_breaches.py"
_OFFICES = "tests/projections/test_several_offices.py"
_ENTRIES, _OCCURRENCE, _STANDARD = (
    "domain/kernel/late_entries.py",
    "workflows/engine/occurrence.py",
    "projections/engine/standard_rows.py",
)

PAST = (
    Bug(
        "what is entered afterwards moves a missed row out of its period",
        "projections/engine/standard.py",
        """return self.breach is not None and "%(until)s" not in self.of""",
        """return self.breach is None and "%(until)s" not in self.of""",
        (
            f"{_WRITTEN}::test_a_corrective_action_stays_missed_in_the_month_in_which_it_was_missed_wherever_its_date_is_moved",
        ),
    ),
    Bug(
        "any step that is taken back takes the breach out of the figure",
        "projections/engine/past.py",
        "case when not {none} and not coalesce(({inside}), false) and {taken_back} then",
        "case when not {none} and {taken_back} then",
        (f"{_WRITTEN}::test_a_step_that_is_taken_back_leaves_a_breach_where_it_is_that_does_not_rest_on_it",),
    ),
    Bug(
        "a hand-over on paper unmakes the inspections that were missed",
        _ENTRIES,
        "        if ((breach.event, breach.line) in mends or breach.event in ends)\n",
        "        if (breach.event, breach.line) in mends\n",
        (f"{_WRITTEN}::test_a_hand_over_entered_late_against_missed_inspections_waits_for_a_second_person",),
    ),
    Bug(
        "a hand-over that nobody has confirmed ends the vacancy when it says",
        "projections/registers/homes/condition.py",
        "if entry.verdict is not Verdict.CONFIRMED]",
        "if entry.verdict is None]",
        (f"{_WRITTEN}::test_a_hand_over_entered_late_against_missed_inspections_waits_for_a_second_person",),
    ),
    Bug(
        "a household that is said to have left before leaves the figure at once",
        "projections/standards/residents.py",
        """ or set_aside is not null or {_LEFT_UNPROVEN}",""",
        """ or set_aside is not null",""",
        (f"{_WRITTEN}::test_who_is_said_to_have_left_before_counts_until_that_is_confirmed",),
    ),
    Bug(
        "a complaint opened again on paper leaves nothing to ask",
        "projections/standards/visits.py",
        """_VOID = f"outcome = 'lapsed' and {_IN_TIME} and unasked = 0 and {_PROVEN}\"""",
        """_VOID = f"outcome = 'lapsed' and {_IN_TIME} and unasked = 0\"""",
        (f"{_WRITTEN}::test_a_complaint_opened_again_on_paper_mends_no_missed_visit",),
    ),
    Bug(
        "what is entered of the due instant itself would unmake its breach",
        _ENTRIES,
        "        and fact.occurred_at < breach.due_at\n",
        "        and fact.occurred_at <= breach.due_at\n",
        _KERNEL,
    ),
    Bug(
        "who entered it late confirms it",
        _ENTRIES,
        "    if who.is_any({entry.user_id}):",
        "    if not who.user_id:",
        _KERNEL,
    ),
    Bug(
        "a head confirms what the manager entered late",
        _ENTRIES,
        "min(_ABOVE.index(Role(entry.role)) + 1, len(_ABOVE) - 1)",
        "_ABOVE.index(Role(entry.role))",
        _KERNEL,
    ),
    Bug(
        "a late entry counts before anybody has confirmed it",
        "domain/kernel/standing.py",
        "    return any(entry.verdict is Verdict.CONFIRMED and",
        "    return any(entry.verdict is not Verdict.REJECTED and",
        _KERNEL,
    ),
    Bug(
        "a confirmation speaks of the day on which it was given",
        _ENTRIES,
        "    return said.speaks_of if isinstance(said, _VERDICTS) else fact.occurred_at",
        "    return fact.occurred_at",
        _KERNEL,
    ),
    Bug(
        "a breach is confirmed away without evidence",
        _ENTRIES,
        '        forbid(blank(self.evidence, "evidence", _CLAUSE, "请注明凭据", "say what proves it"))\n',
        "",
        _KERNEL,
    ),
    Bug(
        "an unconfirmed entry makes a neglected file a kept one",
        "domain/residents/household/case.py",
        "    if household.neglected_at is not None and fact.occurred_at < household.neglected_at and not fact.imported:",
        "    if household.neglected_at is not None and fact.occurred_at < household.neglected_at and fact.imported:",
        _KERNEL,
    ),
    Bug(
        "something occurs before its case was opened again",
        _OCCURRENCE,
        "    if case.round_began_at is not None and occurred < case.round_began_at:",
        "    if case.round_began_at is not None and occurred < begun(case) < case.round_began_at:",
        ("tests/workflows/test_occurrence.py::test_nothing_is_done_before_its_verification_failed",),
    ),
    Bug(
        "something occurs before the office was opened",
        _OCCURRENCE,
        "    bound = since if not request.imported and request.deadline is None else None\n",
        "    bound = None\n",
        ("tests/workflows/test_occurrence.py::test_nothing_occurs_before_the_office_or_before_1970",),
    ),
    Bug(
        "a resident was told something before 1970",
        "domain/kernel/bounds.py",
        "    for name in _dated(command.__class__):",
        "    for name in ():",
        ("tests/workflows/test_occurrence.py::test_nothing_occurs_before_the_office_or_before_1970",),
    ),
    Bug(
        "a blank is a reason for entering something late",
        _OCCURRENCE,
        "not says(request.late_reason):",
        "request.late_reason is None:",
        ("tests/workflows/test_occurrence.py::test_an_entry_that_is_very_late_says_why",),
    ),
    Bug(
        "a repair counts as asked about by a visit that nobody has confirmed",
        "workflows/policies/visits/follow_ups.py",
        "and visit.origin_id is not None and not waits:",
        "and visit.origin_id is not None and (not waits or waits):",
        (
            "tests/workflows/test_occurrence.py::test_a_repair_learns_of_a_visit_that_was_entered_late_once_it_is_confirmed",
        ),
    ),
    Bug(
        "a late entry leaves no mark in the registers",
        "workflows/engine/differences.py",
        "                    marks.add(at)",
        "                    marks.discard(at)",
        ("tests/workflows/test_occurrence.py::test_a_day_is_in_time_and_a_minute_more_is_late",),
    ),
    Bug(
        "a figure of the past reads what stands today",
        _STANDARD,
        "    if standard.view is not None or until >= local_date(moment):",
        "    if standard.view is not None or until >= date.min:",
        ("tests/projections/test_past.py::test_files_kept_up_are_those_of_the_households_that_lived_there_then",),
    ),
    Bug(
        "what was changed after the period is not looked up as it was in it",
        "projections/engine/past.py",
        "{within} and {standing} and effective_from >= %(end)s) c",
        "{within} and {standing} and effective_from < %(end)s) c",
        (
            f"{_OFFICES}::test_what_was_opened_again_after_the_period_was_handled_in_it_and_what_was_missed_is_its_own_offices",
        ),
    ),
    Bug(
        "a row that is gone was never there",
        "projections/engine/past.py",
        "    if not lasts:\n",
        "    if lasts is None:\n",
        ("tests/projections/test_gone_rows.py::test_a_row_that_went_after_the_period_counts_in_it",),
    ),
    Bug(
        "a row that was missed is read where it lies as well",
        "projections/engine/standard_rows.py",
        "{read} not {holds(breached)}) r",
        "{read} {holds(breached)} is not null) r",
        (
            "tests/projections/test_past.py::test_a_back_dated_result_moves_no_case_to_met_until_somebody_above_confirms_it",
        ),
    ),
    Bug(
        "a row that was missed in a past period is counted twice",
        "projections/engine/past.py",
        "{stand(f'not {holds(breached)}')}",
        "{stand(f'{holds(breached)} is not null')}",
        (
            f"{_OFFICES}::test_what_was_opened_again_after_the_period_was_handled_in_it_and_what_was_missed_is_its_own_offices",
        ),
    ),
    Bug(
        "one office's rows are counted for another",
        "projections/engine/figure.py",
        "made[more.pop(0) if len(offices) > 1 else offices[0]]",
        "made[offices[0 if more.pop(0) else 0] if len(offices) > 1 else offices[0]]",
        (f"{_OFFICES}::test_several_offices_read_at_once_say_what_each_says_alone",),
    ),
    Bug(
        "what is not yet due when a month ends is never settled",
        "projections/engine/past.py",
        "    if not follows:",
        "    if follows or not follows:",
        ("tests/projections/test_past.py::test_a_promise_that_runs_beyond_the_month_is_followed_until_its_date",),
    ),
    Bug(
        "what is settled in its time is unsettled by what comes later",
        "projections/engine/past.py",
        "effective_from <= coalesce(d.until_, 'infinity')",
        "effective_from <= coalesce('infinity', d.until_)",
        ("tests/projections/test_past.py::test_a_promise_that_runs_beyond_the_month_is_followed_until_its_date",),
    ),
    Bug(
        "a figure overlooks the breach that stands in the book",
        _STANDARD,
        "    if standard.breach is None:",
        "    if standard.breach is None or standard.breach:",
        (
            "tests/projections/test_past.py::test_a_back_dated_result_moves_no_case_to_met_until_somebody_above_confirms_it",
        ),
    ),
    Bug(
        "a home that leaves uninspected leaves the figure as well",
        "projections/registers/homes/vacant_homes.py",
        "        while month <= last:",
        "        while month < last:",
        (
            "tests/projections/test_past.py::test_a_home_that_leaves_in_the_month_uninspected_is_missed_as_one_that_was_inspected_is_met",
        ),
    ),
    Bug(
        "an unconfirmed inspection makes a home intact",
        "projections/registers/homes/condition.py",
        "str(month))[1] is not None:",
        "str(month))[1] == '':",
        ("tests/projections/test_past.py::test_an_inspection_entered_late_makes_the_home_intact_once_it_is_confirmed",),
    ),
    Bug(
        "at exactly the due instant a complaint is handled in time",
        "projections/standards/complaints.py",
        "resolved_at < due_at",
        "resolved_at <= due_at",
        ("tests/projections/test_past.py::test_at_exactly_the_due_instant_the_book_and_the_figure_say_the_same",),
    ),
    Bug(
        "at exactly the first promised instant a complaint is handled as first promised",
        "projections/standards/complaints.py",
        "or resolved_at < {_FIRST_DUE})",
        "or resolved_at <= {_FIRST_DUE})",
        (
            "tests/projections/test_past.py::test_at_exactly_the_due_instant_the_book_and_the_figure_say_the_same",
            "tests/projections/test_past.py::test_a_figure_compares_with_no_due_instant_inclusively",
        ),
    ),
    Bug(
        "attempts that are entered later prove themselves",
        "domain/visits/follow_up/case.py",
        "if e.entered_at is None or local_date(e.entered_at) ==",
        "if e.entered_at is not None or local_date(e.entered_at) ==",
        ("tests/domain/visits/test_exits.py::test_attempts_that_are_entered_later_do_not_prove_themselves",),
    ),
    Bug(
        "a deadline lies years ahead",
        "domain/kernel/rules.py",
        "    if due is None or due <= end_of_day(at.today + timedelta(days=days)):",
        "    if due is None or due >= end_of_day(at.today + timedelta(days=days)):",
        ("tests/domain/rounds/test_rectification.py::test_no_deadline_lies_further_ahead_than_the_setting_says",),
    ),
    Bug(
        "an appointment is put off in its hour and was never missed",
        "domain/services/service_order.py",
        "fact.occurred_at >= order.scheduled_at:",
        "fact.occurred_at < order.scheduled_at:",
        (
            "tests/domain/services/test_services.py::test_another_time_has_its_reason_and_what_is_put_off_in_its_hour_was_missed",
        ),
    ),
    Bug(
        "a telling counts whenever it is entered",
        "projections/standards/complaints.py",
        "(told_confirmed or coalesce(told_entered_at, first_told_at) < tell_by)",
        "(told_confirmed or first_told_at < tell_by)",
        (
            "tests/api/test_standing.py::test_a_telling_that_is_entered_after_its_time_counts_once_somebody_above_confirms_it",
        ),
    ),
    Bug(
        "an entry that speaks of an earlier telling is not late",
        _OCCURRENCE,
        "late = person and request.now - spoken_of > timedelta(hours=hours)",
        "late = person and request.now - fact.occurred_at > timedelta(hours=hours)",
        ("tests/workflows/test_late_entries.py",),
    ),
    Bug(
        "what the clock writes counts as entered by people",
        "projections/engine/late_entries.py",
        """not {says("f.metadata", '"role":"clock"')} and """,
        "",
        (
            "tests/projections/test_past.py::test_entries_in_time_count_what_people_wrote_and_not_what_the_program_wrote",
        ),
    ),
    Bug(
        "a visit that falls away is excused however often",
        "projections/standards/visits.py",
        "{_IN_TIME} and unasked = 0 and",
        "{_IN_TIME} and unasked >= 0 and",
        (
            "tests/workflows/test_hundred.py::test_a_complaint_that_is_opened_again_and_again_before_anybody_asked_is_one_that_nobody_followed_up",
        ),
    ),
    Bug(
        "another round forgets the first promise before anybody asked",
        "domain/complaints/complaint/case.py",
        "    if asked or complaint.followed_up_at is not None:",
        "    if not asked or complaint.followed_up_at is not None:",
        (
            "tests/domain/complaints/test_promises.py::test_the_first_dates_stay_until_somebody_has_asked_whether_it_was_solved",
        ),
    ),
    Bug(
        "a moved appointment counts as kept",
        "projections/standards/visits.py",
        "on_time and appointed_at = first_appointed_at and",
        "on_time and first_appointed_at is not null and",
        ("tests/workflows/test_hundred.py::test_an_appointment_is_kept_when_it_is_kept_as_it_was_first_made",),
    ),
    Bug(
        "two spellings of a category are two groups",
        "projections/engine/figure.py",
        "spelt.setdefault(canonical(name), {})",
        "spelt.setdefault(name, {})",
        ("tests/projections/test_standards.py::test_a_group_is_one_however_it_was_typed",),
    ),
    Bug(
        "a late visit touches the figures of every type",
        "projections/registers/index.py",
        "getattr(case, name) == said for name",
        "getattr(case, name) != name for name",
        ("tests/projections/test_written_breaches.py::test_a_late_visit_names_the_figures_of_its_own_type_alone",),
    ),
    Bug(
        "a telling that is entered late can be confirmed by nobody",
        _ENTRIES,
        "Verdict.UNCONFIRMED if claims or belated else None",
        "Verdict.UNCONFIRMED if claims else None",
        (
            "tests/api/test_standing.py::test_a_telling_that_is_entered_after_its_time_counts_once_somebody_above_confirms_it",
        ),
    ),
    Bug(
        "a step in the middle names what is gone already",
        "domain/kernel/withdrawn_steps.py",
        "fact.version not in out and",
        "fact.version in (*out, fact.version) and",
        ("tests/domain/kernel/test_withdrawn_steps.py::test_a_step_in_the_middle_says_what_to_withdraw_first",),
    ),
    Bug(
        "two may lower what the handbook asks for",
        "domain/handbook/settings_bounds.py",
        '    1, 1, "手册要求全部做到',
        '    "50/100", 1, "手册要求全部做到',
        ("tests/api/test_settings.py::test_no_setting_asks_for_less_than_the_handbook_however_many_agree",),
    ),
)
