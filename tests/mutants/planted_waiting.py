"""Bugs of what waits: dates that are missing, moved, forgotten or nobody's, and evasions that were found with them."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["WAITING"]

_WAITING = "domain/kernel/waiting.py"
_DATES = ("tests/domain/kernel/test_next_dates.py",)
_LEFT = ("tests/workflows/test_left_waiting.py",)
_WORD = ("tests/domain/kernel/test_word_awaited.py",)

WAITING = (
    Bug(
        "a state of a matter waits without a date",
        "domain/rounds/activity.py",
        '        wait("report", HELD,',
        '        wait("report", PLANNED,',
        _DATES,
    ),
    Bug(
        "a hurried step renews what it was waiting for",
        _WAITING,
        "        if case.state not in each.states or not each.asked(case):\n",
        "        if case.state != before or case.state not in each.states or not each.asked(case):\n",
        ("tests/domain/kernel/test_waiting.py",),
    ),
    Bug(
        "what was left waiting leaves the desk when its date has passed",
        _WAITING,
        "        now[at] = replace(now[at], missed_at=said.due_at)\n",
        "        now.pop(at)\n",
        _DATES,
    ),
    Bug(
        "what was left waiting is owed again for ever",
        _WAITING,
        "        now[at] = replace(now[at], missed_at=said.due_at)\n",
        "        now[at] = replace(now[at], until=said.due_at)\n",
        _DATES,
    ),
    Bug(
        "whoever enters late puts others in the wrong",
        "domain/kernel/lifecycle/ask.py",
        "said, max(at.now, at.recorded), at.numbers)",
        "said, at.now, at.numbers)",
        _LEFT,
    ),
    Bug(
        "a date is not written down with what begins to wait",
        "journal/codec.py",
        "            wait_until=fact.wait_until,\n",
        "",
        _LEFT,
    ),
    Bug(
        "a history of another system is chased",
        "domain/kernel/lifecycle/ask.py",
        "        if not self.waits or at.waived:\n",
        "        if not self.waits:\n",
        ("tests/domain/kernel/test_waiting.py",),
    ),
    Bug(
        "a household that leaves next year is late with it today",
        _WAITING,
        "max(local_date(now), since)",
        "local_date(now)",
        ("tests/domain/kernel/test_waiting.py",),
    ),
    Bug(
        "one answer ends what others wait for",
        _WAITING,
        "            now.pop(_key(each, said), None)\n",
        "            now = {at: one for at, one in now.items() if _kind(at) != each.kind}\n",
        ("tests/domain/kernel/test_waiting.py",),
    ),
    Bug(
        "accepted as if before unmakes the breach",
        _WAITING,
        "    return (breach(LeftWaiting, *ends, recurs=True, counts=lambda said: said.task in kinds),) if ends else ()\n",
        "    return (breach(LeftWaiting, LeftWaiting, recurs=True, counts=lambda said: said.task in kinds),) if ends else ()\n",
        _LEFT,
    ),
    Bug(
        "a late entry waits for nobody",
        "domain/kernel/lifecycle/ask.py",
        "            note_judging(case, fact)\n",
        "            pass\n",
        _WORD,
    ),
    Bug(
        "that nobody judged a late entry is held against the matter",
        "domain/kernel/late_entries.py",
        " and not fact.imported and row.counts(said):\n",
        " and not fact.imported:\n",
        ("tests/workflows/test_word_awaited.py",),
    ),
    Bug(
        "the head is to judge what a head entered",
        "domain/office/responsibility.py",
        "left_since(LATE_ENTRY), above=_above_the_late_entry)",
        "left_since(LATE_ENTRY))",
        _WORD,
    ),
    Bug(
        "the date for judging a late entry is not written down",
        "journal/codec.py",
        "            judge_by=fact.judge_by,\n",
        "",
        ("tests/workflows/test_word_awaited.py",),
    ),
    Bug(
        "a proposed end of a follow-up waits for nobody's signature",
        "domain/visits/follow_up/lifecycle.py",
        "asked=lambda visit: visit.exit_proposed is not None)",
        "asked=lambda visit: visit.exit_proposed is None)",
        _WORD,
    ),
    Bug(
        "a concession that was decided is still to be decided",
        "domain/kernel/waiting.py",
        " or not each.asked(case):\n",
        ":\n",
        _WORD,
    ),
    Bug(
        "a manager is to review what a manager made",
        "domain/office/responsibility.py",
        "    return Role.COMPANY if visit.recorded_by_manager else None\n",
        "    return Role.COMPANY if visit.recorded_by is None else None\n",
        _WORD,
    ),
    Bug(
        "bounds are shown to which no change is held",
        "domain/handbook/settings_bounds.py",
        "    least, greatest = max(bound.least, minimum), min(bound.greatest, maximum)\n",
        "    least, greatest = bound.least, bound.greatest\n",
        ("tests/domain/handbook/test_settings.py",),
    ),
    Bug(
        "what an older program gave no date is on nobody's desk",
        "domain/kernel/standing.py",
        "        return self.missed_at or (self.since if self.until is None else None)\n",
        "        return self.missed_at\n",
        _WORD,
    ),
    Bug(
        "whoever calls an emergency a false alarm is seen nowhere",
        "workflows/policies/rounds.py",
        "    if not fact.imported:\n        alarm",
        "    if not fact.imported and aid.outcome is not AidOutcome.FALSE_ALARM:\n        alarm",
        ("tests/workflows/test_emergencies.py",),
    ),
    Bug(
        "a false alarm is hidden among what is left to ask about",
        "projections/standards/visits.py",
        "coalesce(lapse_reason, '') = 'false-alarm'",
        "coalesce(lapse_reason, '') = 'no-alarm'",
        ("tests/workflows/test_emergencies.py",),
    ),
    Bug(
        "histories of another system are counted without a word",
        "projections/engine/figure.py",
        "    its.imported += imported\n",
        "",
        ("tests/projections/test_standards.py",),
    ),
    Bug(
        "a checklist may leave out what the office lists",
        "domain/homes/vacant_home/commands/vacancy.py",
        "        at.require_evidence(_incomplete(self.checklist, at))\n",
        "",
        ("tests/domain/homes/test_vacant_home.py",),
    ),
    Bug(
        "a bill is due years ahead",
        "domain/fees/bill/commands/issuing.py",
        '            at.require_evidence(day_beyond_cap(due_on, "8.A(1)", at, "due_on"))\n',
        "",
        ("tests/domain/fees/test_bill_reckoned.py",),
    ),
    Bug(
        "what is owed again was overdue months before",
        "domain/fees/bill/case.py",
        "            bill.paid_off_at, bill.reopened_at = None, fact.occurred_at\n",
        "            bill.paid_off_at = None\n",
        ("tests/domain/fees/test_bill_reckoned.py",),
    ),
    Bug(
        "a patrol is four ticks at the gate",
        "domain/rounds/patrol/commands.py",
        "        if route is None and walked and at.role not in (Role.DEPARTMENT_HEAD, Role.MANAGER):\n",
        "        if False:\n",
        ("tests/domain/rounds/test_patrol.py",),
    ),
    Bug(
        "nobody looks whether a route is laid out",
        "workflows/engine/found.py",
        "    BeginPatrol: _laid_out,\n",
        "",
        ("tests/workflows/test_rounds.py",),
    ),
    Bug(
        "two people call half a year a holiday",
        "domain/handbook/settings.py",
        " and longest_break(value) > MOST_OFF:",
        " and len(value) > 120:",
        ("tests/domain/handbook/test_settings.py",),
    ),
    Bug(
        "opened again on the last day is asked of nobody",
        "projections/standards/visits.py",
        '_IN_TIME = "(ended_on < closes_on or',
        '_IN_TIME = "(ended_on <= closes_on or',
        ("tests/workflows/test_hundred.py",),
    ),
)
