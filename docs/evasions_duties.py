"""Evasions of every duty beside the voices, and those that were tried of every standard alike."""

from __future__ import annotations

from typing import Final

from docs.evasion import Evasion, Outcome

__all__ = ["DUTIES", "EVERYWHERE"]

_R, _S = Outcome.REFUSED, Outcome.SHOWN

# fmt: off
_TRIED: Final[dict[str, tuple[tuple[str, str, Outcome, str], ...]]] = {
    "entries-in-time": (
        ("把补录说成当时录入", "what is entered late is said to be entered in time", _R,
         "workflows/test_causes.py::test_a_real_office_takes_the_databases_time_and_no_one_elses"),
        ("让程序代录以充及时", "the program is made to write, so that more counts as in time", _S,
         "projections/test_past.py::test_entries_in_time_count_what_people_wrote_and_not_what_the_program_wrote"),
        ("很迟补录而不说理由", "very late, and without a reason", _R,
         "workflows/test_occurrence.py::test_an_entry_that_is_very_late_says_why"),
    ),
    "rectifications-in-time": (
        ("期限已过再定新期限", "another date once the first one has passed", _S,
         "domain/rounds/test_rectification.py::test_an_overdue_rectification_that_is_assigned_runs_again_and_its_first_breach_stays"),
        ("临期自行延长", "the date is put off by whoever is to keep it", _R,
         "domain/rounds/test_rectification.py::test_a_deadline_that_was_fixed_is_put_off_by_the_head_or_the_manager_who_says_why"),
        ("自己完成自己复核", "whoever did it verifies it", _R,
         "domain/rounds/test_rectification.py::test_nobody_verifies_his_own_work"),
        ("逾期后撤销整改", "it is withdrawn once its date has passed", _S,
         "workflows/test_homes.py::test_what_is_withdrawn_or_cancelled_after_its_deadline_was_missed"),
        ("把复核不合格的补录为更早完成", "redone «before» the verification that it failed", _R,
         "workflows/test_occurrence.py::test_nothing_is_done_before_its_verification_failed"),
    ),
    "renovation-decisions-in-time": (
        ("自己登记自己批准", "whoever entered the application decides on it", _R,
         "domain/moving/test_renovation.py::test_nobody_approves_what_he_entered_nor_accepts_what_he_reported"),
        ("逾期后撤回申请", "the application is withdrawn once the decision is late", _S,
         "workflows/test_homes.py::test_what_is_withdrawn_or_cancelled_after_its_deadline_was_missed"),
    ),
    "renovation-deposits-refunded-in-time": (
        ("以撤回申请代替退还", "the renovation is withdrawn instead of refunding", _R,
         "domain/moving/test_renovation.py::test_whoever_took_the_deposit_does_not_give_it_back_by_a_withdrawal"),
        ("收押金者自己退", "whoever took the deposit refunds it", _R,
         "domain/moving/test_renovation.py::test_the_deposit_is_refunded_in_time_by_somebody_else"),
    ),
    "notice-board-rate": (
        ("下月补贴充上月", "an edition of the next month is given for the last", _S,
         "domain/rounds/test_daily_work.py::test_an_edition_that_is_entered_late_counts_for_its_month_and_does_not_hang_there_now"),
        ("不留照片", "no photo of it", _R,
         "domain/rounds/test_daily_work.py::test_a_posting_needs_a_title_and_a_photo_and_comes_down_in_time"),
        ("漏换几个月只记一次", "several missed months count as one", _R,
         "domain/rounds/test_daily_work.py::test_a_month_without_an_edition_is_a_breach_and_several_follow_in_order"),
    ),
    "work-orders-in-time": (
        ("重新派工以换新期限", "dispatched anew for another date", _R,
         "domain/rounds/test_daily_work.py::test_dispatching_keeps_a_deadline_that_lies_ahead_and_renews_one_that_has_passed"),
        ("临期自行延长", "the date is put off by whoever is to keep it", _R,
         "domain/rounds/test_daily_work.py::test_a_deadline_that_was_fixed_is_put_off_by_the_head_or_the_manager_who_says_why"),
        ("自己完成自己验收", "whoever did it accepts it", _R,
         "domain/rounds/test_daily_work.py::test_work_is_accepted_by_somebody_else_or_returned"),
        ("逾期后取消", "it is cancelled once its date has passed", _S,
         "workflows/test_homes.py::test_what_is_withdrawn_or_cancelled_after_its_deadline_was_missed"),
    ),
    "notices-delivered-in-time": (
        ("补登出账以前或将来的送达日", "a delivery is entered for a day before the bills, or for one to come", _R,
         "domain/fees/test_bill_run.py::test_notices_are_delivered_a_building_at_a_time_or_singly_and_once"),
        ("过期后补登期限内的送达", "a delivery within the term is entered after it", _S,
         "workflows/test_bill_run.py::test_what_is_entered_after_the_day_was_not_delivered_in_time"),
        ("不出账即无须送达", "the run is not compiled, so that nothing is to be delivered", _S,
         "domain/fees/test_bill_run.py::test_what_is_late_is_written_down"),
        ("把户剔除出当月账单", "a household is left out of the run", _S,
         "domain/fees/test_bill_run.py::test_a_household_is_left_out_with_the_reason"),
    ),
    "patrol-rate": (
        ("漏巡后从纸上补录", "a day that nobody walked is entered from paper", _S,
         "projections/test_past.py::test_a_patrol_entered_from_paper_counts_once_it_is_confirmed"),
        ("漏看项目仍算完整", "a subject is left out", _R,
         "domain/rounds/test_patrol.py::test_a_subject_that_was_left_out_makes_it_incomplete"),
    ),
    "keys-returned-in-time": (
        ("遗失的按已还计", "a key that was lost counts as returned", _S,
         "workflows/test_homes.py::test_a_loan_on_which_a_key_was_lost_was_not_returned_in_time"),
        ("只还一部分即算归还", "some of the keys come back and the loan counts as returned", _R,
         "domain/homes/test_key_loan_extended.py::test_some_of_the_keys_come_back_and_the_others_stay_owed"),
        ("登记在借出以前归还", "returned «before» they went out", _R,
         "domain/homes/test_key_loan.py::test_keys_do_not_come_back_before_they_went_out"),
    ),
    "vacancy-inspection-rate": (
        ("月中交出漏检的房，使其不在分母", "an uninspected home is handed over within the month", _S,
         "projections/test_past.py::test_a_home_that_leaves_in_the_month_uninspected_is_missed_as_one_that_was_inspected_is_met"),
        ("月底接管，当月不检也算已检", "taken over at the end of a month, which then counts as inspected", _R,
         "projections/test_past.py::test_the_month_of_a_take_over_asks_for_no_inspection_whether_there_was_one_or_not"),
    ),
    "vacancy-integrity-rate": (
        ("漏检的月份当作完好", "a home that nobody looked at counts as intact", _R,
         "workflows/test_homes.py::test_a_home_that_was_not_inspected_in_march_was_not_intact_then_though_it_is_in_april"),
        ("撤销整改以消除缺陷", "the rectification is withdrawn and the defect with it", _S,
         "workflows/test_homes.py::test_a_rectification_that_is_withdrawn_ends_the_defect_and_is_counted_apart"),
        ("事后补录检查", "an inspection is entered afterwards", _S,
         "projections/test_past.py::test_an_inspection_entered_late_makes_the_home_intact_once_it_is_confirmed"),
        ("漏检后补录更早的移交", "handed over on paper before the months that were missed", _S,
         "projections/test_written_breaches.py::test_a_hand_over_entered_late_against_missed_inspections_waits_for_a_second_person"),
    ),
    "vacancy-integrity-by-area": (
        ("把坏房面积记小", "the defective home is given a small area", _S,
         "workflows/test_homes.py::test_the_area_stands_beside_the_homes"),
        ("不登记面积", "no area is given", _R,
         "domain/homes/test_vacant_home.py::test_a_home_is_not_taken_over_without_its_area_or_its_keys"),
    ),
    "surveys-evaluated": (
        ("只发几份问卷", "it goes to whoever is asked, without a population", _R,
         "domain/visits/test_survey.py::test_it_goes_to_a_population_until_a_day"),
        ("评议后再改答卷", "answers are changed after the evaluation", _R,
         "domain/visits/test_survey.py::test_the_evaluation_freezes_what_was_answered"),
    ),
    "nonconformities-put-right": (
        ("不问住户即记满意", "silence is taken for satisfaction", _R,
         "domain/visits/test_follow_up.py::test_silence_is_not_satisfaction"),
        ("撤销回访发现的整改", "what a visit found is withdrawn", _R,
         "domain/rounds/test_rectification.py::test_what_a_follow_up_found_is_put_right_and_not_withdrawn"),
        ("重开一轮以合法终止收场", "a later round is ended lawfully instead", _S,
         "workflows/test_voices.py::test_a_chain_keeps_its_matter_until_its_resident_is_satisfied"),
    ),
    "follow-ups-in-window": (
        ("窗口未开先访", "visited before the window opens", _R,
         "domain/visits/test_follow_up.py::test_too_early_is_refused_and_too_late_is_owed_still_and_marked_so"),
        ("另立好访的回访充数", "easy visits are planned beside, to make the rate better", _S,
         "workflows/test_voices.py::test_visits_planned_beside_make_no_figure_better_and_are_of_a_case_that_is_there"),
        ("自己的活自己访", "whoever did the work visits", _R,
         "domain/visits/test_follow_up.py::test_nobody_follows_up_his_own_work"),
    ),
    "takeover-follow-ups-in-window": (
        ("自己验收自己回访", "whoever took it over visits", _R,
         "domain/visits/test_follow_up.py::test_the_case_itself_says_who_worked_on_it_and_how_often_it_was_gone_about"),
    ),
    "complaint-follow-up-in-time": (
        ("漏访后补录更早的重开", "opened again on paper before the visit that was missed", _S,
         "projections/test_written_breaches.py::test_a_complaint_opened_again_on_paper_mends_no_missed_visit"),
        ("把投诉重开以推迟回访", "the matter is opened again, so that the visit falls due later", _S,
         "workflows/test_voices.py::test_a_visit_that_nobody_made_in_time_is_not_mended_by_opening_the_matter_again_or_by_an_exit"),
        ("撤销办结步骤以去掉漏访", "the step by which it was handled is taken back, and the missed visit with it", _S,
         "workflows/test_withdrawn_steps.py::test_a_complaint_that_was_not_handled_is_owed_again_and_january_says_so"),
    ),
    "visit-appointments-kept": (
        ("到时改约，按改后的时间守约", "moved when its time comes, and kept as moved", _S,
         "workflows/test_hundred.py::test_an_appointment_is_kept_when_it_is_kept_as_it_was_first_made"),
        ("改打电话了事", "a call instead of the visit that was appointed", _S,
         "workflows/test_hundred.py::test_an_appointment_is_kept_when_it_is_kept_as_it_was_first_made"),
    ),
    "move-in-follow-ups-in-window": (
        ("不办结入住，便无回访", "the move-in is never completed", _S,
         "workflows/test_homes.py::test_a_move_in_whose_keys_are_out_is_owed_until_it_is_completed"),
        ("由他人代替主任访", "somebody else goes than the manager organises", _R,
         "domain/visits/test_follow_up.py::test_the_manager_organises_move_ins_and_severe_complaints"),
    ),
    "repair-follow-ups-in-window": (
        ("抽中后退回返修以避访", "the repair is returned after it was drawn", _S,
         "workflows/test_voices.py::test_a_repair_that_is_returned_after_the_draw_is_drawn_and_asked_about_when_it_is_done_again"),
        ("抽样后才补录完工", "it is entered after the draw", _S,
         "workflows/test_late_entries.py::test_a_repair_entered_after_its_draw_is_in_the_next_one_only"),
        ("抽中即算已访", "drawn counts as visited", _R,
         "workflows/test_voices.py::test_drawn_is_not_yet_followed_up"),
    ),
    "special-service-follow-ups-in-window": (
        ("提前终止合同以避访", "the contract is ended early", _S,
         "workflows/test_voices.py::test_a_contract_that_ends_early_is_not_visited_in_its_middle"),
    ),
    "emergency-follow-ups-in-window": (
        ("急救事件不结束，便无回访", "the emergency is never ended", _S,
         "domain/moving/test_moving.py::test_an_emergency_that_nobody_ended_is_said_to_be_so"),
    ),
    "activity-follow-ups-in-window": (
        ("活动不报告，便无回访", "the activity is never reported as held", _S,
         "domain/rounds/test_daily_work.py::test_an_activity_is_owed_until_the_end_of_its_day"),
    ),
    "other-follow-ups-in-window": (
        ("另立回访代替应做的", "a visit that was planned beside is given for one that is owed", _S,
         "workflows/test_voices.py::test_visits_planned_beside_make_no_figure_better_and_are_of_a_case_that_is_there"),
    ),
    "quarterly-reviews-in-time": (
        ("分析者自己审批", "whoever analysed it approves it", _R,
         "domain/visits/test_review.py::test_the_review_is_analysed_and_approved_by_another_in_time"),
        ("编制中途再添数字", "figures are added while it is compiled", _R,
         "workflows/test_reviews.py::test_the_statistics_rest_on_one_page_whatever_is_written_meanwhile"),
    ),
    "corrective-actions-in-time": (
        ("实施者自己验证效果", "whoever carried it out verifies its effect", _R,
         "domain/visits/test_review.py::test_the_effect_is_verified_later_and_by_another"),
        ("无效仍算完成", "measures without effect count as done", _R,
         "domain/visits/test_review.py::test_measures_without_effect_begin_again"),
        ("期限已过再提更晚的期限", "a later date is proposed once the first has passed", _S,
         "workflows/test_reviews.py::test_a_deadline_that_was_broken_is_not_mended_by_proposing_a_later_one_and_the_effect_is_not_forgotten"),
    ),
    "records-filed-in-time": (
        ("迟交后无人审阅即销案", "a record that nobody reviews disappears", _S,
         "domain/visits/test_follow_up.py::test_what_nobody_reviews_is_owed_a_review_and_is_kept_no_longer_than_any_other"),
        ("迟交算按时", "handed in later than a day", _R,
         "domain/visits/test_follow_up.py::test_the_record_is_handed_in_within_a_day_and_kept_three_years"),
    ),
    "service-appointments-kept": (
        ("失约后改约", "another appointment is made once it was missed", _S,
         "domain/services/test_services.py::test_a_missed_appointment_stays_missed_whatever_is_arranged_afterwards"),
        ("失约后取消", "the order is cancelled once it was missed", _S,
         "workflows/test_homes.py::test_what_is_withdrawn_or_cancelled_after_its_deadline_was_missed"),
    ),
    "collection-rate-by-amount": (
        ("把难收的账单作废", "bills that are hard to collect are voided", _R,
         "domain/fees/test_bill.py::test_voiding_wants_a_second_person_and_no_payments"),
        ("核销以减少应收", "they are written off", _S,
         "workflows/test_money.py::test_what_is_written_off_stays_uncollected_and_what_is_void_is_shown_beside"),
        ("以更正把账单改小", "a correction makes the bill smaller", _S,
         "domain/fees/test_bill.py::test_a_correction_may_settle_the_bill_and_never_makes_it_negative"),
    ),
    "residents-agree": (
        ("员工代住户作答", "staff answer for the resident", _R,
         "console/test_residents.py::test_staff_do_not_answer_for_the_resident_in_their_own_browser"),
        ("事后改记录以求一致", "the record is written afterwards, to agree with the word", _S,
         "domain/visits/test_resident_word.py::test_what_the_office_records_later_is_held_against_the_word"),
        ("不一致的搁置不查", "what differs is not looked into", _S,
         "domain/visits/test_resident_word.py::test_what_is_not_looked_into_in_time_stays_a_breach"),
    ),
    "collection-rate-of-period": (
        ("把难收的账单作废", "bills that are hard to collect are voided", _R,
         "domain/fees/test_bill.py::test_voiding_wants_a_second_person_and_no_payments"),
        ("一笔银行款登记两次", "one payment of the bank is entered twice", _R,
         "domain/fees/test_payment.py::test_a_banks_reference_is_entered_once_while_the_payment_stands"),
    ),
    "collection-rate-by-household": (
        ("一户一月开几张账单", "a household has several bills a month", _R,
         "domain/fees/test_bill.py::test_a_household_has_one_bill_a_month_and_extras_beside_it"),
        ("收款后再冲正，当月仍算已缴", "a payment is reversed afterwards", _S,
         "workflows/test_money.py::test_a_payment_that_is_reversed_months_later_is_pursued_from_that_month_on"),
    ),
    "dunning-notices-on-time": (
        ("缴清后迟发的通知不再算迟", "a letter that was late is forgotten once it is paid", _S,
         "workflows/test_money.py::test_a_letter_that_was_late_stays_late_though_it_was_paid_and_is_owed_again"),
        ("补录通知日期", "the letter's day is entered afterwards", _S,
         "domain/kernel/test_late_entries.py::test_a_breach_of_a_letter_is_of_its_ascent_and_stage"),
    ),
    "resident-files-kept-up": (
        ("失于维护后补录更早的迁出", "they are said to have left before the file was found neglected", _S,
         "projections/test_written_breaches.py::test_who_is_said_to_have_left_before_counts_until_that_is_confirmed"),
        ("今天维护，补过去的季度", "a file is looked after today for a term that is over", _S,
         "projections/test_past.py::test_files_kept_up_are_those_of_the_households_that_lived_there_then"),
        ("补录一次维护以免旧漏", "a late entry mends more than its own term", _R,
         "domain/kernel/test_late_entries.py::test_a_file_that_is_looked_after_again_is_neglected_no_more_and_a_late_entry_mends_only_its_own_term"),
    ),
}
# fmt: on
DUTIES: Final = tuple(Evasion(standard, *each) for standard, tried in _TRIED.items() for each in tried)
# fmt: off
EVERYWHERE: Final = tuple(Evasion("", *each) for each in (
    ("逾期已记，再补录一个逾期以前的办理", "done «before» the breach that is written", _S,
     "domain/kernel/test_late_entries.py::test_a_late_entry_that_would_unmake_a_breach_is_taken_and_marked_and_the_breach_stands"),
    ("录入人自己核实补录", "whoever entered it confirms it", _R,
     "domain/kernel/test_late_entries.py::test_whoever_entered_it_or_stands_below_or_beside_confirms_nothing"),
    ("办理人自己按误登撤销", "whoever had a hand in it withdraws it as mistaken", _R,
     "domain/kernel/test_mending.py::test_whoever_opened_it_or_did_something_about_it_does_not_withdraw_it"),
    ("第二人按误登撤销", "a second person withdraws it", _S,
     "workflows/test_mending.py::test_when_everything_is_withdrawn_no_figure_counts_anything"),
    ("撤销对数字不利的一步", "the step that spoils the figure is taken back", _S,
     "projections/test_written_breaches.py::test_what_rests_on_a_step_that_was_taken_back_stands_beside_the_figure"),
    ("补录更早的一步把已记违约移出当期", "an earlier step is entered late, and moves the breach out of its period", _R,
     "projections/test_written_breaches.py::test_a_corrective_action_stays_missed_in_the_month_in_which_it_was_missed_wherever_its_date_is_moved"),
    ("撤销一步以去掉其后的逾期", "a step is taken back, and the breach that followed it with it", _R,
     "domain/kernel/test_withdrawn_steps.py::test_a_written_breach_stays_written_and_the_promise_can_be_made_rightly"),
    ("事后再做，改上期数字", "what is done after the period changes its figure", _R,
     "projections/test_past.py::test_what_happens_after_a_period_changes_no_figure_of_it"),
    ("恰在到期时办理，两处各说各的", "done at exactly the due instant", _R,
     "projections/test_past.py::test_at_exactly_the_due_instant_the_book_and_the_figure_say_the_same"),
    ("追溯降低目标", "the target is lowered for the past", _S,
     "api/test_settings.py::test_a_change_that_reaches_back_needs_two_and_is_listed_beside_the_figure"),
    ("两人同意，把手册的要求放宽", "two agree to ask for less than the handbook does", _R,
     "api/test_settings.py::test_no_setting_asks_for_less_than_the_handbook_however_many_agree"),
    ("目标设为零", "a target of nothing", _R,
     "api/test_settings.py::test_bounds_are_shown_with_their_ground"),
    ("直接改登记表中的行", "a row of the register is changed in the database", _S,
     "attacks/test_verify.py::test_what_rests_on_the_book_is_held_against_it"),
))
# fmt: on
"""Of every standard alike: the tests go through all kinds, or all standards."""
