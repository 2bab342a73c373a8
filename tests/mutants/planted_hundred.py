"""Bugs of «100 % means 100 %»: ways to look better without doing the work, planted one by one."""

from __future__ import annotations

from tests.mutants.planting import Bug

_RECEPTION, _HANDLING, _COMPLAINT = (
    "domain/complaints/complaint/commands/reception.py",
    "domain/complaints/complaint/commands/handling.py",
    "domain/complaints/complaint/case.py",
)
_ENDING, _SAMPLE = "domain/visits/follow_up/commands/ending.py", "domain/visits/weekly_sample.py"
_PROMISES, _COMPLAINTS = ("tests/domain/complaints/test_promises.py",), ("tests/domain/complaints/test_complaint.py",)
_EXITS, _DRAWS = ("tests/domain/visits/test_exits.py",), ("tests/domain/visits/test_weekly_sample.py",)

HUNDRED = (
    Bug(
        "a home is given back and taken over anew without its defects",
        "domain/homes/vacant_home/case.py",
        "return self.state == VACANT or (bool(self.open_defects) and not self.imported)",
        "return self.state == VACANT",
        ("tests/domain/homes/test_vacant_home.py",),
    ),
    Bug(
        "a date is put off without a reason",
        _RECEPTION,
        '    if not again and not (reason or "").strip():\n',
        "    if False:\n",
        _PROMISES,
    ),
    Bug(
        "a date is put off as often as one likes",
        _RECEPTION,
        'often = complaint.postponed >= at.numbers.integer("complaints.later_promises")',
        "often = False",
        _PROMISES,
    ),
    Bug(
        "a date is put off as far as one likes",
        _RECEPTION,
        "if (often or far) and at.role not in by:",
        "if often and at.role not in by:",
        _PROMISES,
    ),
    Bug("no date is beyond the cap", _RECEPTION, "timedelta(days=days)):\n", "timedelta(days=9_999)):\n", _PROMISES),
    Bug(
        "an old telling does for a later promise",
        _RECEPTION,
        "elif told_at < (since or complaint.began_at):",
        "elif told_at < complaint.began_at:",
        _PROMISES,
    ),
    Bug(
        "the head puts off a department's date for ever",
        _HANDLING,
        "by=(Role.MANAGER,)",
        "by=(Role.MANAGER, at.role)",
        _PROMISES,
    ),
    Bug(
        "the first promise is forgotten with the second",
        _COMPLAINT,
        "complaint.first_promised_by = complaint.first_promised_by or e.promised_by",
        "complaint.first_promised_by = e.promised_by",
        _PROMISES,
    ),
    Bug(
        "a breach that is written is mended by an earlier entry",
        _COMPLAINT,
        "complaint.late = complaint.late or passed or complaint.missed_at is not None",
        "complaint.late = complaint.late or passed",
        _PROMISES,
    ),
    Bug(
        "a complaint is handled without its cause",
        _HANDLING,
        "    if complaint.root_cause is None:\n",
        "    if False:\n",
        _PROMISES,
    ),
    Bug(
        "a complaint is handled and nobody was told",
        _HANDLING,
        "    if complaint.told_at is None and not complaint.anonymous:\n",
        "    if False:\n",
        _PROMISES,
    ),
    Bug(
        "what comes back is handled with the old measure",
        _COMPLAINT,
        "complaint.measure = complaint.measures = complaint.told_at = complaint.findings = complaint.root_cause = None",
        "complaint.told_at = None",
        _PROMISES,
    ),
    Bug(
        "a complaint of nobody is taken as it is",
        _RECEPTION,
        "if not self.anonymous and not somebody:",
        "if False:",
        _COMPLAINTS,
    ),
    Bug(
        "whoever escalates has decided",
        _COMPLAINT,
        "if fact.role in (Role.DEPARTMENT_HEAD, Role.MANAGER):",
        "if True:",
        _PROMISES,
    ),
    Bug(
        "three calls in a second are three",
        _ENDING,
        "tries = {(each.date(), each.hour)",
        "tries = {(each.date(), each)",
        _EXITS,
    ),
    Bug("a refusal needs no words", _ENDING, 'blank(self.words, "words", ', 'blank("x", "words", ', _EXITS),
    Bug(
        "who proposes the end signs it off",
        _ENDING,
        'return own_work(who, {visit.exit_proposed_by or "", visit.visitor or "", *visit.own_work}, "5.2.D")',
        "return None  # whoever it is",
        _EXITS,
    ),
    Bug(
        "what was proposed for one reason is signed for another",
        _ENDING,
        "if visit.exit_proposed is not None and visit.exit_proposed is not self.reason:",
        "if False:",
        _EXITS,
    ),
    Bug("what is owed is withdrawn", _ENDING, "        if not visit.extra:\n", "        if False:\n", _EXITS),
    Bug(
        "the seed is the secret alone",
        _SAMPLE,
        "lines = (secret, *sorted(entry.case for entry in population))",
        "lines = (secret,)",
        _DRAWS,
    ),
    Bug(
        "any secret is the one that was committed to",
        _SAMPLE,
        "as_committed=None if committed is None else commitment_of(self.secret) == committed,",
        "as_committed=None if committed is None else True,",
        _DRAWS,
    ),
    Bug(
        "a policy says the commitment itself",
        "workflows/engine/supply.py",
        "SUPPLIES: Final[Mapping[type[Command], Supply]] = {OpenWeeklySample: _commit, DrawWeeklySample: _reveal}",
        "SUPPLIES: Final[Mapping[type[Command], Supply]] = {DrawWeeklySample: _reveal}",
        ("tests/workflows/test_samples.py",),
    ),
    Bug(
        "the secret of every week is the same",
        "workflows/engine/supply.py",
        'purpose = f"weekly sample|{office.code}|{week}"',
        'purpose = f"weekly sample|{office.code}|{week[:0]}"',
        ("tests/workflows/test_samples.py",),
    ),
)
