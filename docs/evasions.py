"""Evasions 规避: for each standard the ways to make it look better without doing the work, and the test that shows each.

A declaration list: the standard's slug, the evasion in words, and the test that shows it *refused* (the book does not take
it) or *shown* (it is taken, and stands beside the figure). ``python -m docs.generate`` writes ``evasions.md`` from it; the
tests see to it that every standard and every test that is named exists.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from projections.standards.index import STANDARDS

__all__ = ["EVASIONS", "Evasion", "Outcome", "evasions"]


class Outcome(StrEnum):
    """What becomes of it."""

    REFUSED = "拒绝 refused"
    SHOWN = "示明 shown"


@dataclass(frozen=True, slots=True)
class Evasion:
    """One way round one standard; ``test`` is its file under ``tests`` and its name, as pytest writes them."""

    standard: str
    zh: str
    en: str
    outcome: Outcome
    test: str


_REFUSED, _SHOWN = Outcome.REFUSED, Outcome.SHOWN
_PROMISES, _EXITS = "domain/complaints/test_promises.py", "domain/visits/test_exits.py"
_VOICES, _SAMPLES = "workflows/test_voices.py", "workflows/test_samples.py"

EVASIONS: Final[tuple[Evasion, ...]] = (
    Evasion(
        "complaint-handling-rate",
        "时限将到即另许更晚的时限，不说理由",
        "another date just before the first one ends, without a reason",
        _REFUSED,
        f"{_PROMISES}::test_a_later_promise_says_why_and_was_told_since_the_last_one",
    ),
    Evasion(
        "complaint-handling-rate",
        "一再改期",
        "a date is put off again and again",
        _REFUSED,
        f"{_PROMISES}::test_beyond_so_many_times_or_days_a_date_is_put_off_by_the_head",
    ),
    Evasion(
        "complaint-handling-rate",
        "许到数月、数年以后",
        "a date months or years ahead",
        _REFUSED,
        f"{_PROMISES}::test_nothing_is_promised_beyond_the_cap_by_anybody",
    ),
    Evasion(
        "complaint-handling-rate",
        "不改对住户的承诺，改派部门的期限",
        "the department's date is moved instead of the promise",
        _REFUSED,
        f"{_PROMISES}::test_a_departments_date_is_put_off_as_strictly_and_the_resident_is_told",
    ),
    Evasion(
        "complaint-handling-rate",
        "时限已过再许新时限",
        "another date after the first one has passed",
        _SHOWN,
        f"{_VOICES}::test_no_later_promise_and_no_reopening_mends_a_promise_that_was_broken",
    ),
    Evasion(
        "complaint-handling-rate",
        "已记逾期后，补录一个逾期前的改期",
        "a later date entered as if before the breach that is written",
        _SHOWN,
        f"{_PROMISES}::test_what_was_missed_stays_missed_after_a_promise_that_is_entered_as_if_before",
    ),
    Evasion(
        "complaint-handling-rate",
        "什么也不许，永不到期",
        "nothing is promised, so that nothing ever falls due",
        _SHOWN,
        f"{_VOICES}::test_a_complaint_for_which_nothing_is_promised_does_not_stay_undue_for_ever",
    ),
    Evasion(
        "complaint-handling-rate",
        "登记后一键办结，无办法、无告知、无原因",
        "handled in one click without measure, telling or cause",
        _REFUSED,
        f"{_PROMISES}::test_nothing_is_handled_without_its_measure_its_telling_and_its_cause",
    ),
    Evasion(
        "complaint-handling-rate",
        "重开后原样再办结",
        "opened again and handled again as it was",
        _REFUSED,
        f"{_PROMISES}::test_a_complaint_that_comes_back_wants_its_measure_and_its_cause_anew",
    ),
    Evasion(
        "complaints-handled-as-first-promised",
        "按改后的时限算作守约",
        "kept by the date that was put off",
        _SHOWN,
        "workflows/test_hundred.py::test_kept_is_not_kept_as_first_promised",
    ),
    Evasion(
        "complaints-handled-as-first-promised",
        "重开以抹去首次承诺",
        "opened again, so that the first promise is forgotten",
        _SHOWN,
        f"{_PROMISES}::test_a_first_promise_that_was_broken_stays_so_when_it_is_handled_anew",
    ),
    Evasion(
        "complainants-told-in-time",
        "以上次的告知充作这次的",
        "an earlier telling is given for a later one",
        _REFUSED,
        f"{_PROMISES}::test_a_later_promise_says_why_and_was_told_since_the_last_one",
    ),
    Evasion(
        "complainants-told-in-time",
        "把投诉人知名的登记为匿名",
        "somebody who is known is registered as anonymous",
        _REFUSED,
        "domain/complaints/test_complaint.py::test_an_anonymous_complaint_is_said_to_be_so_and_no_other_is_without_anybody",
    ),
    Evasion(
        "complainants-told-in-time",
        "登记为匿名以免告知",
        "registered as anonymous, so that nobody has to be told",
        _SHOWN,
        "workflows/test_hundred.py::test_the_anonymous_stand_beside_the_told",
    ),
    Evasion(
        "complaint-causes-found",
        "原因写空格",
        "a blank for the root cause",
        _REFUSED,
        f"{_PROMISES}::test_nothing_is_handled_without_its_measure_its_telling_and_its_cause",
    ),
    Evasion(
        "complaint-causes-found",
        "历史数据没有原因",
        "a history that was taken over without causes",
        _SHOWN,
        f"{_PROMISES}::test_another_systems_history_is_taken_and_what_it_lacks_is_listed",
    ),
    Evasion(
        "complaint-follow-up-rate",
        "办结后不联系住户即以拒访终止",
        "ended as refused by the resident without any contact",
        _REFUSED,
        f"{_EXITS}::test_a_refusal_bears_the_residents_own_words_and_how_they_were_heard",
    ),
    Evasion(
        "complaint-follow-up-rate",
        "一秒之内三次未能联系",
        "three times unreachable within one second",
        _REFUSED,
        f"{_EXITS}::test_three_calls_in_one_second_are_one",
    ),
    Evasion(
        "complaint-follow-up-rate",
        "自提自批终止",
        "the same person proposes the end and signs it off",
        _REFUSED,
        f"{_EXITS}::test_another_signs_it_off",
    ),
    Evasion(
        "complaint-follow-up-rate",
        "重开一轮，以轮次代替回访",
        "a later round ended as if it had been tried",
        _REFUSED,
        f"{_EXITS}::test_a_later_round_is_tried_as_the_first_was",
    ),
    Evasion(
        "complaint-follow-up-rate",
        "把应做的回访当作误立撤销",
        "what is owed is withdrawn as planned by mistake",
        _REFUSED,
        f"{_EXITS}::test_what_was_planned_by_mistake_is_withdrawn_and_what_is_owed_is_not",
    ),
    Evasion(
        "complaint-follow-up-rate",
        "逾期后再终止或重开",
        "ended or opened again after the window has passed",
        _SHOWN,
        f"{_VOICES}::test_a_visit_that_nobody_made_in_time_is_not_mended_by_opening_the_matter_again_or_by_an_exit",
    ),
    Evasion(
        "complaint-follow-ups-visited",
        "以合法终止把难访者剔除",
        "the difficult ones are taken out by lawful exits",
        _SHOWN,
        "workflows/test_hundred.py::test_lawful_exits_stand_beside_the_rate_and_count_in_visited_of_all_that_were_due",
    ),
    Evasion(
        "follow-ups-ended-unvisited",
        "窗口未开即拨打凑次数",
        "attempts before the window opens",
        _REFUSED,
        f"{_EXITS}::test_nobody_is_tried_before_the_window_opens",
    ),
    Evasion(
        "repair-follow-up-rate",
        "预知抽样，只做好被抽的",
        "the draw is foreseen, and only what will be drawn is done well",
        _REFUSED,
        f"{_SAMPLES}::test_a_real_offices_secret_is_its_master_keys_alone",
    ),
    Evasion(
        "repair-follow-up-rate",
        "抽样前增记录以改变种子",
        "facts are added before the draw until the seed suits",
        _REFUSED,
        f"{_SAMPLES}::test_every_draw_publishes_the_digest_of_the_next_secret_and_reveals_its_own",
    ),
    Evasion(
        "repair-follow-up-rate",
        "换密钥重抽",
        "another key, for another draw",
        _SHOWN,
        f"{_SAMPLES}::test_a_changed_master_key_holds_up_no_draw_and_is_seen",
    ),
    Evasion(
        "repair-follow-up-rate",
        "未经联系即替换被抽者",
        "whoever was drawn is replaced without having been tried",
        _REFUSED,
        "domain/visits/test_weekly_sample.py::test_nobody_is_replaced_who_was_not_tried_or_was_asked",
    ),
    Evasion(
        "complaint-handling-rate",
        "逾期的投诉由登记人按误登撤销",
        "a missed complaint is withdrawn as mistaken by whoever entered it",
        _REFUSED,
        "domain/kernel/test_mending.py::test_a_second_person_above_withdraws_it_with_the_reason",
    ),
    Evasion(
        "complaint-handling-rate",
        "逾期的投诉由另一人按误登撤销",
        "it is withdrawn by somebody else",
        _SHOWN,
        "workflows/test_mending.py::test_a_withdrawn_complaint_leaves_the_figures_of_its_month_and_its_follow_up_ends",
    ),
    Evasion(
        "complaint-handling-rate",
        "重新登记同一事项，把逾期的并入新件",
        "the matter is entered again and the missed one merged into it",
        _REFUSED,
        "domain/kernel/test_mending.py::test_nothing_is_merged_into_what_is_later_other_or_withdrawn",
    ),
    Evasion(
        "complaint-follow-up-rate",
        "投诉仍在，只撤销其回访",
        "the follow-up is withdrawn while its complaint stands",
        _REFUSED,
        "domain/kernel/test_mending.py::test_what_the_program_opened_is_not_withdrawn_by_people",
    ),
    Evasion(
        "complaints-handled-as-first-promised",
        "事后自行改写登记内容",
        "what was written is rewritten by its writer afterwards",
        _REFUSED,
        "domain/kernel/test_mending.py::test_who_wrote_it_corrects_it_alone_within_the_hour_and_later_somebody_else",
    ),
    Evasion(
        "keys-returned-in-time",
        "到期后才延长取领",
        "the loan is extended once it is due",
        _REFUSED,
        "domain/homes/test_key_loan_extended.py::test_a_loan_is_extended_before_its_end_against_the_duty_officers_signature",
    ),
    Evasion(
        "patrol-rate",
        "零点后由他人补一个结束",
        "somebody else ends it after midnight",
        _REFUSED,
        "domain/rounds/test_patrol_midnight.py::test_nobody_else_ends_it_and_nobody_much_later",
    ),
    Evasion(
        "patrol-rate",
        "有发现仍记全部合格",
        "all is good though something was found",
        _REFUSED,
        "domain/rounds/test_patrol_midnight.py::test_a_finding_contradicts_all_good",
    ),
    Evasion(
        "vacancy-inspection-rate",
        "漏检的月份随下月检查不了了之",
        "a missed month is forgotten with the next one",
        _SHOWN,
        "api/test_desk.py::test_what_midnight_finds_undone_is_overdue_goes_up_and_stays_a_task",
    ),
    Evasion(
        "dunning-notices-on-time",
        "以异议搁置欠费",
        "a debt is put aside as disputed",
        _SHOWN,
        "domain/arrears/test_next_step.py::test_after_each_of_these_the_next_step_has_a_date",
    ),
    Evasion(
        "surveys-evaluated",
        "截止后补填答卷",
        "answers are filled in after the closing",
        _REFUSED,
        "domain/visits/test_late_answers.py::test_nothing_else_is",
    ),
)
"""Every way that was tried, by standard; whoever finds another adds it with its test."""


def evasions(listed: Iterable[Evasion] = EVASIONS) -> str:
    """The table as a document: the standards in the handbook's order."""
    found: dict[str, list[Evasion]] = {}
    for each in listed:
        found.setdefault(each.standard, []).append(each)
    lines = [
        "# 规避与对策 · Evasions",
        "",
        "For each standard the ways to make it look better without doing the work, and the test that shows each refused or",
        "shown. 每项标准可能的规避办法，以及证明其被拒绝或被示明的测试。",
        "",
        "| 标准 standard | 规避办法 evasion | 结果 outcome | 测试 test |",
        "|---|---|---|---|",
    ]
    for standard in STANDARDS:
        lines += [
            f"| {standard.zh} `{standard.slug}` | {each.zh} · {each.en} | {each.outcome} | `tests/{each.test}` |"
            for each in found.get(standard.slug, ())
        ]
    return "\n".join(lines)
