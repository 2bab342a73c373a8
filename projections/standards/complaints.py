"""Standards of complaints 投诉 (§4), each with the settings it rests on."""

from __future__ import annotations

from projections.engine.standard import Standard

_FIRST_DUE = "coalesce(first_promised_by, due_at)"

COMPLAINTS: tuple[Standard, ...] = (
    Standard(
        slug="complaint-handling-rate",
        zh="投诉处理率",
        en="complaints handled",
        clause="4.9",
        target="complaints.handled_target",
        register="complaints",
        of="registered_on",
        met="resolved_at is not null and late is not true and (due_at is null or resolved_at < due_at)",
        not_due="resolved_at is null and late is not true and (due_at is null or due_at > %(moment)s)",
        group="category",
        breach="PromiseMissed",
        note_zh="按承诺与派办两者中较晚的时限，均无者按答复期限；时限已过后另定的时限不作补救；未到期者另列。",
        note_en="by the later of the promised and the dispatched deadline, without either by the time for an answer; what is "
        "promised after a deadline has passed does not mend it; those not yet due stand beside.",
        rests_on=("complaints.handled_by", "complaints.anonymous", "complaints.answer_within_days"),
    ),
    Standard(
        slug="complaints-handled-as-first-promised",
        zh="投诉按首次承诺处理率",
        en="complaints handled as first promised",
        clause="4.2",
        register="complaints",
        of="registered_on",
        met="resolved_at is not null and late is not true and first_broken is not true"
        f" and ({_FIRST_DUE} is null or resolved_at < {_FIRST_DUE})",
        not_due="resolved_at is null and late is not true and first_broken is not true"
        f" and ({_FIRST_DUE} is null or {_FIRST_DUE} > %(moment)s)",
        group="category",
        note_zh="按首次向住户承诺的时限（未承诺者按处理率的时限）；其后改期的不改变首次承诺。",
        note_en="by the first date that the resident was promised (without one, as the handling rate); what was put off later "
        "does not change it.",
        rests_on=("complaints.later_promises", "complaints.later_promise_days", "complaints.promise_within_days"),
    ),
    Standard(
        slug="complainants-told-in-time",
        zh="投诉及时告知率",
        en="complainants told in time what will be done, and by when",
        clause="4.2",
        target="complaints.told_target",
        register="complaints",
        of="registered_on",
        population="tell_by is not null or anonymous is true",
        met="first_told_at < tell_by and (told_confirmed or coalesce(told_entered_at, first_told_at) < tell_by)",
        not_due="first_told_at is null and tell_by > %(moment)s",
        excluded={"anonymous": "tell_by is null"},
        group="category",
        note_zh="登记后规定小时内已将办法和时限告知住户，并在期限内登记，或补录后经上级核实；匿名者无人可告，另列。",
        note_en="the resident heard of the measure and the date within the hours of the setting, and that was entered by then, or "
        "somebody above has confirmed it; of the anonymous there is nobody to tell: they stand beside.",
        rests_on=("complaints.tell_within_hours",),
    ),
    Standard(
        slug="complaint-causes-found",
        zh="投诉查明根源率",
        en="complaints whose root cause was found",
        clause="4.3",
        target="complaints.cause_target",
        register="complaints",
        of="registered_on",
        population="resolved_at is not null",
        met="root_cause is not null",
        group="category",
        note_zh="已处理的投诉中记有根源者；由其他系统接收的历史如实计入。",
        note_en="of those handled, the ones with a recorded root cause; histories that were taken over count as they are.",
    ),
)
