"""Bugs of outsiders' names, of notices that are told together, of matters that are picked, and of words that say nothing."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["OUTSIDERS"]

_SEALED = ("tests/workflows/test_outsiders.py",)
_WORDS, _NAMES = ("tests/domain/kernel/test_wordless.py",), ("tests/domain/kernel/test_outsiders.py",)
_GATHERED = ("tests/workflows/test_notice_groups.py",)
_PICKED = ("tests/console/test_choosing.py",)
_ENGINE = "workflows/engine/notice_groups.py"

OUTSIDERS = (
    Bug(
        "an outsider's name stands in clear",
        "domain/kernel/names.py",
        "        if any(\n            isinstance(each, str) and each.startswith(OUTSIDER)\n",
        "        if any(\n            isinstance(each, str) and each == OUTSIDER\n",
        _NAMES,
    ),
    Bug(
        "an outsider who is corrected stands in clear",
        "domain/kernel/names.py",
        '        words = PEOPLE | _CORRECTED if {"field", *_CORRECTED} <= known else PEOPLE\n',
        "        words = PEOPLE\n",
        _NAMES,
    ),
    Bug(
        "an outsider is sealed for one case alone",
        "journal/confidential.py",
        '        place = _of_person(subject) if (version, name) == ("0", _PERSON) else _bound(case_id, int(version), name)\n',
        "        place = _bound(case_id, int(version), name)\n",
        _SEALED,
    ),
    Bug(
        "one outsider is two under one key",
        "journal/confidential.py",
        '        nonce = hmac.digest(key, b"wuye person 1|" + value.encode(), "sha256")[:_NONCE]\n',
        "        nonce = random_bytes(2 * _NONCE)[:_NONCE]\n",
        _SEALED,
    ),
    Bug(
        "a task is an outsider's, who sees none",
        "projections/engine/deadlines.py",
        "        person=None if is_sealed(person := duty.person(case)) else person,",
        "        person=duty.person(case),",
        _SEALED,
    ),
    Bug(
        "somebody from outside stands in for one of ours",
        "domain/kernel/lifecycle/ask.py",
        "            forbid(from_outside(command, clause))\n",
        "",
        _SEALED,
    ),
    Bug(
        "what is read bears further notices",
        _ENGINE,
        "n.gathered_in is null and n.read_at is null\n order by",
        "n.gathered_in is null\n order by",
        _GATHERED,
    ),
    Bug(
        "what is on its way bears further notices",
        _ENGINE,
        "    if any(tried for (tried,) in connection.execute(_TRIED, values)):\n",
        "    if not connection:\n",
        _GATHERED,
    ),
    Bug(
        "a notice joins one that is sent to nobody",
        _ENGINE,
        "    if reaches is None or not reaches[0]:\n",
        "    if reaches is None:\n",
        _GATHERED,
    ),
    Bug(
        "warnings and reminders are one message",
        _ENGINE,
        '_ALIKE: Final = ("case_kind", "task", "stage", "role", "person")\n',
        '_ALIKE: Final = ("case_kind", "task", "role", "person")\n',
        _GATHERED,
    ),
    Bug(
        "who has read what he saw has read what came since",
        "api/routes/notices.py",
        " and (%(until)s::timestamptz is null or made_at <= %(until)s) returning id\n",
        " and (%(until)s::timestamptz is null or true) returning id\n",
        ("tests/api/test_tasks_stay.py::test_what_says_the_same_is_told_once_with_each_of_its_matters",),
    ),
    Bug(
        "a full stop is a root cause",
        "domain/kernel/rules.py",
        "        if isinstance(value, str) and value.strip() and not says(value):\n",
        "        if isinstance(value, str) and not value:\n",
        _WORDS,
    ),
    Bug(
        "a home is inspected by ticking a full stop",
        "domain/kernel/rules.py",
        '_LISTS: Final = frozenset({"checklist", "defects", "findings", "questions", "lines"})\n',
        '_LISTS: Final = frozenset({"defects", "findings", "questions", "lines"})\n',
        _WORDS,
    ),
    Bug(
        "a survey that nobody answered counts",
        "projections/standards/visits.py",
        '        met="evaluated_at < due_at and answered > 0",\n',
        '        met="evaluated_at < due_at",\n',
        ("tests/workflows/test_unanswered.py",),
    ),
    Bug(
        "an activity is put off for years",
        "domain/rounds/activity.py",
        '        at.require_evidence(day_beyond_cap(self.planned_on, "1.7", at, "planned_on"))\n',
        "",
        ("tests/domain/kernel/test_dates_ahead.py::test_no_duty_of_people_is_put_off_for_years[activity]",),
    ),
    Bug(
        "nobody owes it to send somebody for a service",
        "domain/services/service_order.py",
        "        return self.schedule_by if self.scheduled_at is None and self.not_scheduled_at is None else None\n",
        "        return self.schedule_by if self.scheduled_at is not None else None\n",
        ("tests/domain/services/test_scheduling.py",),
    ),
    Bug(
        "of two under one roof the first is taken",
        "api/console/form_values.py",
        "    if len(by_home) == 1:\n",
        "    if by_home:\n",
        _PICKED,
    ),
    Bug(
        "what one may not see is offered to be picked",
        "api/console/choosing.py",
        '    name = each["name"] if each["name"] != HIDDEN else ""\n',
        '    name = each["name"]\n',
        _PICKED,
    ),
)
