"""Bugs of the kernel: tables, time, settings and money."""

from __future__ import annotations

from tests.mutants.planting import Bug

_LIFECYCLE = ("tests/domain/kernel/test_lifecycle.py", "tests/domain/kernel/test_wrong_tables.py")
_EVERY = ("tests/domain/kernel/test_every_lifecycle.py",)
_CALENDAR, _SETTINGS, _MONEY = (
    ("tests/domain/kernel/test_calendar.py",),
    ("tests/domain/handbook/test_settings.py",),
    ("tests/domain/kernel/test_money.py",),
)
_LATE_FEE, _BILL, _DEBT, _DUNNING = (
    ("tests/domain/fees/test_late_fee.py",),
    ("tests/domain/fees/test_bill.py",),
    ("tests/domain/arrears/test_debt_case.py",),
    ("tests/domain/arrears/test_dunning.py",),
)

KERNEL = (
    Bug(
        "whoever decides is not asked who he is",
        "domain/kernel/lifecycle/ask.py",
        "        refusal = self.why_not(given, case, at.who)\n",
        "        refusal = self.why_not(given, case, Actor('', at.role))\n",
        _LIFECYCLE,
    ),
    Bug(
        "the table decides between two events by chance",
        "domain/kernel/lifecycle/verify.py",
        "        if len(events) > 1:\n",
        "        if len(events) > 2:\n",
        _LIFECYCLE,
    ),
    Bug(
        "whoever is named for nothing may do everything",
        "domain/kernel/lifecycle/ask.py",
        "        if who.role in roles:\n",
        "        if roles:\n",
        _LIFECYCLE,
    ),
    Bug(
        "a step that keeps the state loses it",
        "domain/kernel/lifecycle/ask.py",
        "        if target != SAME:\n            case.state = target\n",
        "        if target is not None:\n            case.state = target\n",
        _LIFECYCLE,
    ),
    Bug(
        "a deadline runs in every state",
        "domain/kernel/lifecycle/ask.py",
        "            if case.state in row.states:\n                due_at = row.due(case)",
        "            if row.states:\n                due_at = row.due(case)",
        _LIFECYCLE,
    ),
    Bug(
        "a case holds what it held after it has ended",
        "domain/kernel/lifecycle/ask.py",
        "row.claim(case) if not row.states or case.state in row.states else None",
        "row.claim(case)",
        _LIFECYCLE,
    ),
    Bug(
        "an event with two targets is accepted",
        "domain/kernel/lifecycle/verify.py",
        "if targets.setdefault(row.event, row.target) != row.target:",
        "if targets.setdefault(row.event, row.target) is None:",
        _LIFECYCLE,
    ),
    Bug(
        "a state nobody can reach is accepted",
        "domain/kernel/lifecycle/verify.py",
        "    if unreachable:\n",
        "    if unreachable and not reached:\n",
        _LIFECYCLE,
    ),
    Bug(
        "a deadline whose command the clock may not give is accepted",
        "domain/kernel/lifecycle/verify.py",
        "if row.command is due.gives and Role.CLOCK in row.who]",
        "if row.command is due.gives]",
        _LIFECYCLE,
    ),
    Bug(
        "an event that the table does not have is let through",
        "domain/kernel/lifecycle/ask.py",
        "return event in self._events.get((state or NOT_YET, command), ())",
        "return (state or NOT_YET, command) in self._events",
        _LIFECYCLE,
    ),
    Bug(
        "an imported history is refused for want of evidence that nobody can have",
        "domain/kernel/fact.py",
        "        if not self.waived:\n            raise evidence",
        "        raise evidence",
        ("tests/domain/kernel/test_fact.py", *_LIFECYCLE),
    ),
    Bug(
        "personal fields within optional ones are not recognised",
        "domain/kernel/fact.py",
        "return any(_is_personal(part) for part in get_args(hint) if not isinstance(part, str))",
        "return hint is None",
        ("tests/domain/kernel/test_fact.py",),
    ),
    Bug(
        "a day ends at its beginning",
        "domain/kernel/calendar.py",
        "return start_of_day(day + DAY)",
        "return start_of_day(day)",
        _CALENDAR,
    ),
    Bug(
        "dates are those of Greenwich",
        "domain/kernel/calendar.py",
        "return instant.astimezone(SHANGHAI).date()",
        "return instant.date()",
        _CALENDAR,
    ),
    Bug(
        "a month ends on its 28th",
        "domain/kernel/calendar.py",
        "min(day.day, monthrange(year, month)[1])",
        "min(day.day, 28)",
        _CALENDAR,
    ),
    Bug(
        "a last day on a holiday stays",
        "domain/kernel/calendar.py",
        "holidays.on_or_after(closes) if moves else closes",
        "closes",
        _CALENDAR,
    ),
    Bug(
        "the first day is counted",
        "domain/kernel/calendar.py",
        "            day = self.next_working_day(day)\n        return day",
        "            day = self.next_working_day(day)\n        return self.on_or_after(day - DAY) if days else day",
        _CALENDAR,
    ),
    Bug(
        "the day on which a setting begins still has the old one",
        "domain/handbook/settings.py",
        "bisect_right(self._starts, day)",
        "__import__('bisect').bisect_left(self._starts, day)",
        _SETTINGS,
    ),
    Bug(
        "98 % is 98",
        "domain/handbook/settings.py",
        "return Fraction(found[1]) / (100 if found[2] else 1)",
        "return Fraction(found[1])",
        _SETTINGS,
    ),
    Bug(
        "a window that would close before it opens is accepted as a setting",
        "domain/handbook/settings.py",
        "            _check_order(changed.at(start), change.name)",
        "            changed.at(start)",
        _SETTINGS,
    ),
    Bug(
        "a clause that does not exist can be cited",
        "domain/handbook/clauses.py",
        "        raise UnknownClause(id) from None",
        '        return CLAUSES["1"]',
        ("tests/domain/handbook/test_handbook.py",),
    ),
    Bug(
        "whoever stands in for somebody absent is not looked at himself",
        "domain/office/responsibility.py",
        "    while person in instead and person not in met:",
        "    if person in instead:",
        ("tests/domain/office/test_staff.py",),
    ),
)
