"""Standards of opinions and follow-up visits 意见征求与回访: what was asked in time, of whom, and what became of it (§5), each with the settings it rests on."""

from __future__ import annotations

from typing import Final

from projections.engine.standard import Standard

_COUNTING: Final = ("follow_up.counting", "follow_up.last_day_on_holiday")


def _window(*names: str) -> tuple[str, ...]:
    """The settings that make a window 回访时间 (§5.2.3), and how days are counted."""
    return (*(f"follow_up.{name}" for name in names), *_COUNTING)


_OWED = "extra is not true"
"""What the book owes: a visit that somebody planned beside it makes no figure better."""
_PROVEN: Final = "coalesce(breach, '') not in ('missed-late-entry-unconfirmed', 'missed-late-entry-rejected')"
"""It does not rest on a late entry that nobody above has confirmed."""
_IN_TIME = "(ended_on < closes_on or (ended_on = closes_on and coalesce(lapse_reason, '') <> 'matter-reopened'))"
_VOID = f"outcome = 'lapsed' and {_IN_TIME} and unasked = 0 and {_PROVEN}"
"""Its matter was opened again, replaced or ended before the window did: nothing was left to ask about.

Once, and not on the window's last day: a second visit in a row that falls away before anybody has asked, or one whose matter is
opened again when it could be put off no longer, is a visit that nobody made. Who hears on that day that it is not solved has
asked, and records it as the visit, which opens the matter again by itself.
"""
_EXITS = {
    "lawful exit": f"outcome = 'exited' and conducted_at is null and {_PROVEN}",
    "nothing left to ask": _VOID,
}
_EXITS_IN_TIME = {
    "lawful exit": "outcome = 'exited' and conducted_at is null and ended_on <= closes_on",
    "nothing left to ask": _VOID,
}
"""An exit after the window has closed does not mend that nobody came."""
_ALARM = "outcome = 'lapsed' and coalesce(lapse_reason, '') = 'false-alarm'"
_EXITS_AND_ALARMS = {**_EXITS_IN_TIME, "nothing left to ask": f"{_VOID} and not ({_ALARM})", "false alarm": _ALARM}
"""Whoever ended the emergency says that nobody was ill: nobody is asked, and so nobody else has said so. That is in sight."""
_LAST_DAY_ZH: Final = (
    "时限末日才重开而当日未记回访的，按未回访计：当日住户来说仍未解决的，记为回访（不满意），即自动重开。"
)
_LAST_DAY_EN: Final = (
    "what is opened again on the window's last day counts as not asked about unless a visit is recorded that day: whoever hears "
    "then that it is not solved records it as the visit, which opens the matter again by itself."
)
_ALARMS_ZH, _ALARMS_EN = "以虚惊结束的急救另列。", "emergencies that ended as a false alarm stand beside the figure."
_NOT_DUE = "conducted_at is null and closes_on >= %(today)s and coalesce(outcome, '') <> 'exited'"
_TYPES = (
    ("takeover", "5.2.3(1)", "接管", "takeovers", _window("takeover.within_months")),
    ("move-in", "5.2.3(3)", "入住", "move-ins", _window("move_in.after_months", "move_in.grace_days")),
    ("repair", "5.2.3(4)", "维修", "repairs", _window("repair.from_days", "repair.to_months")),
    (
        "special-service",
        "5.2.3(5)",
        "特约服务",
        "special services",
        _window("special_service.middle_from", "special_service.middle_to", "special_service.after_end_days"),
    ),
    ("emergency", "5.2.3(6)", "急救", "emergencies", _window("emergency.within_days")),
    ("activity", "5.2.3(7)", "社区活动", "activities", _window("activity.within_months")),
    ("other", "5.2.3(8)", "其他服务", "other services", _window("other.within_days")),
)


VISITS: tuple[Standard, ...] = (
    Standard(
        slug="surveys-evaluated",
        zh="征求意见按期评议率",
        en="surveys evaluated in their term",
        clause="5.1",
        register="surveys",
        breach="SurveyMissed",
        of="due_on",
        met="evaluated_at < due_at and answered > 0",
        not_due="evaluated_at is null and due_at > %(moment)s",
        note_zh="每年应征求意见的次数见设定；逾期评议的、无人作答的不计为达到。",
        note_en="how many a year is a setting; one that was evaluated late, or that nobody answered, does not count as kept.",
        rests_on=("surveys.per_year",),
    ),
    *(
        Standard(
            slug=f"{type_}-follow-ups-in-window",
            zh=f"{zh}回访按时率",
            en=f"follow-ups of {en} inside their window",
            clause=clause,
            register="follow-ups",
            of="closes_on",
            population=f"type = '{type_}' and {_OWED}",
            only={"type": type_, "extra": False},
            met="in_window",
            breach="FollowUpWindowMissed",
            not_due=_NOT_DUE,
            excluded=_EXITS_AND_ALARMS if type_ == "emergency" else _EXITS_IN_TIME,
            note_zh=_ALARMS_ZH if type_ == "emergency" else "",
            note_en=_ALARMS_EN if type_ == "emergency" else "",
            rests_on=rests_on,
        )
        for type_, clause, zh, en, rests_on in _TYPES
    ),
    Standard(
        slug="complaint-follow-up-rate",
        zh="投诉回访率",
        en="complaints followed up",
        clause="5.2.A",
        target="complaints.follow_up_target",
        register="follow-ups",
        of="opened_on",
        population=f"type = 'complaint' and {_OWED}",
        only={"type": "complaint", "extra": False},
        met=f"conducted_at is not null and {_PROVEN}",
        minds=("FollowUpWindowMissed",),
        not_due=_NOT_DUE,
        excluded=_EXITS,
        note_zh="处理后未及回访又重开的，第一次另列；接连再次重开而无人回访的，按未回访计。" + _LAST_DAY_ZH,
        note_en="what was opened again before anybody asked stands beside the first time; if that happens again in a row, "
        "nobody followed it up; " + _LAST_DAY_EN,
        rests_on=_window("complaint.within_days"),
    ),
    Standard(
        slug="complaint-follow-ups-visited",
        zh="投诉回访率（终止者计入）",
        en="complaints followed up, of all that were due",
        clause="5.2.A",
        target="complaints.follow_up_target",
        register="follow-ups",
        of="opened_on",
        population=f"type = 'complaint' and {_OWED}",
        only={"type": "complaint", "extra": False},
        met=f"conducted_at is not null and {_PROVEN}",
        minds=("FollowUpWindowMissed",),
        not_due=_NOT_DUE,
        excluded={
            "nobody to ask": f"outcome = 'exited' and conducted_at is null and exit_reason = 'nobody-to-ask' and {_PROVEN}",
            "nothing left to ask": _VOID,
        },
        note_zh="与投诉回访率同一目标；因拒访、不属职责、未能联系等终止而未回访的不剔除，只有匿名者另列。",
        note_en="the same target as the rate beside it; those ended unvisited by refusal, as none of the office's duty or as "
        "unreachable are not taken out, only the anonymous are.",
        rests_on=_window("complaint.within_days"),
    ),
    Standard(
        slug="follow-ups-ended-unvisited",
        zh="未回访而终止的份额",
        en="share of follow-ups that ended unvisited",
        clause="5.2.D",
        target="follow_up.exits_at_most",
        at_most=True,
        register="follow-ups",
        of="closes_on",
        population=_OWED,
        only={"extra": False},
        met="outcome = 'exited' and conducted_at is null",
        not_due=_NOT_DUE,
        excluded={"nothing left to ask": _VOID},
        group="exit_reason",
        note_zh="按终止理由分组；这些回访不在回访率之内，份额在此示明。",
        note_en="by the reason of the exit; the rates leave these follow-ups out, and here is how many they are.",
        rests_on=("follow_up.unreachable_attempts", "follow_up.unreachable_days", "follow_up.unreachable_hours"),
    ),
    Standard(
        slug="complaint-follow-up-in-time",
        zh="投诉三天内回访率",
        en="complaints followed up within three days",
        clause="5.2.3(2)",
        register="follow-ups",
        of="opened_on",
        population=f"type = 'complaint' and {_OWED}",
        only={"type": "complaint", "extra": False},
        met="in_window",
        breach="FollowUpWindowMissed",
        not_due=_NOT_DUE,
        excluded=_EXITS_IN_TIME,
        note_zh=_LAST_DAY_ZH,
        note_en=_LAST_DAY_EN,
        rests_on=_window("complaint.within_days"),
    ),
    Standard(
        slug="repair-follow-up-rate",
        zh="维修回访率（每周抽样）",
        en="repairs followed up from the weekly sample",
        clause="5.2.B",
        target="repairs.follow_up_rate",
        register="repair-orders",
        of="completed_on",
        population="completed_on is not null and not imported",
        met="sampled and visited_at is not null and coalesce(follow_up_by, completed_on) < %(today)s",
        not_due="coalesce(follow_up_by, completed_on) >= %(today)s",
        group="completed_week",
        note_zh="抽中且已回访的维修单占当周完成的维修单；抽中未回访不计；回访时限未满的各单尚不计，各周读数见分组。",
        note_en="drawn and asked about, of the repairs completed in the week; drawn alone does not count; a repair counts "
        "once the window of its follow-up is over; each week's figure stands in its group.",
        rests_on=("repairs.follow_up_minimum", "repairs.population", "repairs.common_areas"),
    ),
    Standard(
        slug="follow-ups-in-window",
        zh="回访按时率（分类）",
        en="follow-ups inside their window, by type",
        clause="5.2.3",
        register="follow-ups",
        of="closes_on",
        population=_OWED,
        only={"extra": False},
        met="in_window",
        breach="FollowUpWindowMissed",
        not_due=_NOT_DUE,
        excluded=_EXITS_AND_ALARMS,
        note_zh=_ALARMS_ZH + _LAST_DAY_ZH,
        note_en=_ALARMS_EN[:-1] + "; " + _LAST_DAY_EN,
        group="type",
        rests_on=_COUNTING,
    ),
    Standard(
        slug="visit-appointments-kept",
        zh="上门回访守约率",
        en="visits at home kept as first appointed",
        clause="5.2.6(2)",
        register="follow-ups",
        of="(first_appointed_at at time zone 'Asia/Shanghai')::date",
        population=f"first_appointed_at is not null and {_OWED}",
        only={"extra": False},
        met=f"on_time and appointed_at = first_appointed_at and {_PROVEN}",
        minds=("FollowUpWindowMissed",),
        not_due="conducted_at is null and first_appointed_at > %(moment)s and outcome is null",
        excluded={"ended before": "conducted_at is null and ended_at < first_appointed_at"},
        note_zh="约定上门的回访中，按首次约定的时间上门者；改约的、改以电话等方式的不计；约定时间以前已终止或失效的另列。",
        note_en="of the visits at home that were appointed, those made at the time first appointed; another time, or a call "
        "instead, does not count; what ended before that time stands beside.",
        rests_on=("follow_up.appointment_minutes",),
    ),
    Standard(
        slug="records-filed-in-time",
        zh="回访记录二十四小时内交存率",
        en="follow-up records filed within 24 hours",
        clause="5.2.5(7)",
        register="follow-ups",
        of="conducted_on",
        population="conducted_at is not null",
        breach="SubmissionMissed",
        met="submitted_at < submit_by",
        not_due="submitted_at is null and submit_by > %(moment)s",
        rests_on=("follow_up.submit_within_hours",),
    ),
    Standard(
        slug="nonconformities-put-right",
        zh="不合格项整改至满意率",
        en="nonconformities put right to the resident's satisfaction",
        clause="5.2.D",
        register="follow-ups",
        of="reviewed_on",
        population="verdict = 'nonconforming'",
        met="chain_outcome = 'satisfied'",
        not_due="chain_outcome is null and coalesce(settle_by, (rectify_by at time zone 'Asia/Shanghai')::date) >= %(today)s",
        excluded={"lawful exit": "outcome = 'exited' or left(chain_outcome, 6) = 'exited'"},
        note_zh="审核不合格的回访中，再次回访已满意者；整改完成而未再次回访的不计。",
        note_en="of the follow-ups found nonconforming: the resident was asked again and is satisfied; put right alone does "
        "not count.",
    ),
    Standard(
        slug="residents-agree",
        zh="住户自述与记录一致率",
        en="residents' own words that agree with the record",
        clause="5.2.D",
        register="resident-words",
        of="spoken_on",
        population="spoken_at is not null",
        met="differs is not true",
        note_zh="住户凭链接自己说是否满意的事项中，与本处记录一致者；本处尚无记录的，待记录后再核对。",
        note_en="of the matters on which residents said by a link whether they are satisfied, those that agree with what the "
        "office recorded; where it has recorded nothing yet it is compared later.",
        rests_on=("follow_up.link_days", "follow_up.difference_days"),
    ),
    Standard(
        slug="quarterly-reviews-in-time",
        zh="季度分析按期审批率",
        en="quarterly reviews approved in time",
        clause="5.2.5(6)",
        register="quarterly-reviews",
        of="ends_on",
        population="compiled_at is not null",
        breach="QuarterlyReviewOverdue",
        met="approved_at < due_at",
        not_due="approved_at is null and due_at > %(moment)s",
        rests_on=(
            "reviews.grace_days",
            "reviews.same_matter",
            "reviews.same_matter_complaints",
            "reviews.same_repair",
            "reviews.same_kind_repairs",
        ),
    ),
    Standard(
        slug="corrective-actions-in-time",
        zh="纠正预防措施按期实施率",
        en="corrective actions carried out in time",
        clause="5.2.5(6)",
        register="corrective-actions",
        of="(due_at at time zone 'Asia/Shanghai')::date - 1",
        breach="CorrectiveActionOverdue",
        met="carried_out_at < due_at and (first_missed_at is null or breach = 'kept-late-entry-confirmed')",
        not_due="carried_out_at is null and due_at > %(moment)s"
        " and (first_missed_at is null or breach = 'kept-late-entry-confirmed')",
        group="detection",
        rests_on=("corrective_actions.default_days",),
    ),
)
