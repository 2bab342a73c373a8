"""Bugs of mended mistakes, of the desk and of what the year showed missing, planted one by one."""

from __future__ import annotations

from tests.mutants.planting import Bug

_MENDING, _ASK, _STANDARD = (
    "domain/kernel/mending.py",
    "domain/kernel/lifecycle/ask.py",
    "projections/engine/standard_rows.py",
)
_DOMAIN, _OFFICE = ("tests/domain/kernel/test_mending.py",), ("tests/workflows/test_mending.py",)
_MIDNIGHT, _TASKS_STAY = ("tests/domain/rounds/test_patrol_midnight.py",), ("tests/api/test_tasks_stay.py",)
_DEBT, _LOAN = ("tests/domain/arrears/test_next_step.py",), ("tests/domain/homes/test_key_loan_extended.py",)
_ANSWERS, _PERSON = ("tests/domain/visits/test_late_answers.py",), ("tests/domain/residents/test_person_erased.py",)
_STEPS = ("tests/domain/kernel/test_withdrawn_steps.py",)

MISTAKES = (
    Bug(
        "whoever entered it withdraws it himself",
        _MENDING,
        "    return second_person(who, case.acted, _CLAUSE) or case.why_it_stands()\n",
        "    return case.why_it_stands()\n",
        _DOMAIN,
    ),
    Bug(
        "a follow-up is withdrawn while its complaint stands",
        _MENDING,
        "    if case.opened_by is None:\n",
        "    if case.opened_by == '':\n",
        _DOMAIN,
    ),
    Bug(
        "a matter that was missed is merged into one that is entered afterwards",
        _MENDING,
        "if _began(other) > _began(case):",
        "if other is case:",
        _DOMAIN,
    ),
    Bug(
        "an entry is corrected alone for ever",
        "domain/kernel/corrections.py",
        "if at.recorded - entry.at <= timedelta(minutes=minutes):",
        "if at.recorded - entry.at <= timedelta(days=minutes):",
        _DOMAIN,
    ),
    Bug(
        "a backdated entry was written long ago",
        "domain/kernel/mended.py",
        "    written = Written(by=fact.user_id, at=max(fact.occurred_at, fact.recorded_at)",
        "    written = Written(by=fact.user_id, at=fact.occurred_at",
        _DOMAIN,
    ),
    Bug(
        "who did the work is the second person of its withdrawal",
        "domain/kernel/lifecycle/ask.py",
        "did = doers_of(fact.event) | {fact.user_id} if fact.role.is_person else doers_of(fact.event)",
        "did = frozenset({fact.user_id}) if fact.role.is_person else doers_of(fact.event)",
        ("tests/domain/kernel/test_mending.py::test_whoever_is_named_as_having_done_it_is_no_second_person",),
    ),
    Bug(
        "who asked for a rectification verifies it",
        "domain/rounds/rectification/commands.py",
        "return _own(work, who, work.opened_by)",
        "return _own(work, who, work.id)",
        ("tests/domain/rounds/test_rectification.py::test_nobody_verifies_what_he_asked_for_but_may_find_it_wanting",),
    ),
    Bug(
        "a corrected name stands in clear",
        _MENDING,
        "person=self.person) if personal else EntryCorrected(**told)",
        "person=self.person) if not told else EntryCorrected(**told)",
        (*_DOMAIN, *_OFFICE),
    ),
    Bug(
        "what was withdrawn counts until the day on which it was",
        _MENDING,
        "TAKEN_OUT: Final = (WithdrawnAsMistaken, MarkedDuplicate, StepWithdrawn)\n",
        "TAKEN_OUT: Final = (StepWithdrawn,)\n",
        _DOMAIN,
    ),
    Bug(
        "what was withdrawn goes on counting",
        _STANDARD,
        "    return own | out\n",
        "    return own\n",
        _OFFICE,
    ),
    Bug(
        "what followed from a mistake goes on",
        "workflows/engine/mended.py",
        "    if ends_what_followed(fact.event):\n",
        "    if ends_what_followed(fact.event) and fact.version < 0:\n",
        _OFFICE,
    ),
    Bug(
        "the keys of a mistaken loan stay lent",
        "workflows/policies/homes.py",
        "    if isinstance(loan, KeyLoan) and loan.out:\n",
        "    if isinstance(loan, KeyLoan) and not loan.out:\n",
        _OFFICE,
    ),
    Bug(
        "what was withdrawn can be referred to",
        "workflows/engine/related.py",
        "if (opened.case is None or opened.case.set_aside is not None) and not command.may_lack(name):",
        "if opened.case is None and not command.may_lack(name):",
        _OFFICE,
    ),
    Bug(
        "what was opened again rightly stays out of the figures",
        _ASK,
        "                case.set_aside = None  # what was withdrawn may be opened again, rightly\n",
        "                pass\n",
        _DOMAIN,
    ),
)

DESK = (
    Bug(
        "anybody ends a patrol that midnight has overtaken",
        "domain/rounds/patrol/commands.py",
        "    if who.user_id == patrol.done_by:\n",
        "    if who.user_id:\n",
        _MIDNIGHT,
    ),
    Bug(
        "all is good though something was found",
        "domain/rounds/patrol/commands.py",
        "        if found:\n",
        "        if not self.subjects:\n",
        _MIDNIGHT,
    ),
    Bug(
        "a missed patrol falls off the desk",
        "domain/office/responsibility.py",
        '_missed, stays=("missed",), told=False)',
        "_missed, stays=(), told=False)",
        _TASKS_STAY,
    ),
    Bug(
        "a missed inspection is forgotten with the next month",
        "domain/homes/vacant_home/case.py",
        "        return min((at for at in missed if last is None or last < at), default=None)\n",
        "        return None if missed else last\n",
        _TASKS_STAY,
    ),
    Bug(
        "everybody's tasks are mine",
        "api/routes/tasks.py",
        "   and (not %(mine)s or (d.office,",
        "   and (%(mine)s is not null or (d.office,",
        _TASKS_STAY,
    ),
    Bug(
        "a file opens without the name of who moved in",
        "workflows/engine/sealing.py",
        "given = {name: text if text != ERASED else None for name, text in opened.items()}",
        "given = dict.fromkeys(opened)",
        _TASKS_STAY,
    ),
    Bug(
        "what was solved with its complaint stays to be put right",
        "workflows/policies/complaints.py",
        "    if complaint.unsatisfied is not None and not fact.imported:\n",
        "    if complaint.unsatisfied is None and not fact.imported:\n",
        _TASKS_STAY,
    ),
    Bug(
        "a disputed debt is put aside for ever",
        "domain/arrears/debt_case/commands/measures.py",
        'self.before or "", bills=self.bills, next_by=next_step(at))',
        'self.before or "", bills=self.bills, next_by=None)',
        _DEBT,
    ),
    Bug(
        "a debt has no date after the second letter",
        "domain/arrears/debt_case/commands/dunning.py",
        '{"next_by": next_step(at)} if made is SecondNoticeIssued else {}',
        "{}",
        _DEBT,
    ),
    Bug(
        "a key loan is extended when it is overdue",
        "domain/homes/key_loan/commands.py",
        "        if expected is not None and at.now >= expected:\n",
        "        if expected is None:\n",
        _LOAN,
    ),
    Bug(
        "all keys come back as some of them",
        "domain/homes/key_loan/commands.py",
        "not set(self.keys) < set(loan.out)",
        "not set(self.keys) - set(loan.out) == set()",
        _LOAN,
    ),
    Bug(
        "a borrower is never forgotten",
        "domain/homes/key_loan/commands.py",
        '    return None if at.waived else add_months(at.today, at.numbers.integer("keys.papers_kept_months"))\n',
        "    return None\n",
        _LOAN,
    ),
    Bug(
        "an answer that came after the closing counts",
        "domain/visits/survey/commands.py",
        "        if not issued <= self.arrived_on <= min(last, survey.closes_on or last):\n",
        "        if self.arrived_on < issued:\n",
        _ANSWERS,
    ),
    Bug(
        "whoever wrote that somebody left erases him",
        "domain/residents/household/commands/erasure.py",
        '        forbid(own_work(at.who, {by} if by is not None else set(), "9.2"))\n',
        '        forbid(own_work(at.who, set(), "9.2"))\n',
        _PERSON,
    ),
    Bug(
        "one who leaves takes the household's key along",
        "domain/residents/household/commands/papers.py",
        'f"{household.id}/person-{number}"',
        "household.id",
        _PERSON,
    ),
    Bug(
        "two tenants live under one roof",
        "domain/residents/household/lifecycle.py",
        'Occupancy.TENANT: "tenants-of"}',
        'Occupancy.TENANT: "household-of"}',
        _PERSON,
    ),
    Bug(
        "whoever did a step takes it back himself",
        "domain/kernel/withdrawn_steps.py",
        "    return second_person(who, {last.user_id, *doers_of(last.event)}, _CLAUSE) or",
        "    return",
        _STEPS,
    ),
    Bug(
        "a step is taken back, and what came after it is not",
        "domain/kernel/withdrawn_steps.py",
        "self.entry not in (None, last.version)",
        "False",
        _STEPS,
    ),
    Bug(
        "a step that was taken back counts until it was",
        "domain/kernel/mending.py",
        "TAKEN_OUT: Final = (WithdrawnAsMistaken, MarkedDuplicate, StepWithdrawn)\n",
        "TAKEN_OUT: Final = (WithdrawnAsMistaken, MarkedDuplicate)\n",
        _STEPS,
    ),
    Bug(
        "what the clock wrote goes with the step",
        "domain/kernel/withdrawn_steps.py",
        "        return case.undoes if keeps_state else ()\n",
        "        return (*case.undoes, fact.version) if keeps_state else ()\n",
        _STEPS,
    ),
    Bug(
        "a second fact of one command stays when its step is taken back",
        "domain/kernel/withdrawn_steps.py",
        "    return same and one is not other and",
        "    return False and one is not other and",
        _STEPS,
    ),
    Bug(
        "what people have gone on with ends under their hands",
        "workflows/engine/endings.py",
        "        if last is not None and last.role.is_person:\n",
        "        if False:\n",
        ("tests/workflows/test_withdrawn_steps.py",),
    ),
    Bug(
        "a step in another case stays when what it followed from is taken back",
        "workflows/engine/endings.py",
        "            if fact.causation_id in ended and fact.version not in before:\n",
        "            if False:\n",
        ("tests/workflows/test_withdrawn_steps.py",),
    ),
    Bug(
        "a step that was taken back is listed nowhere",
        "projections/engine/mending.py",
        "        for gone in case.steps_withdrawn:\n",
        "        for gone in ():\n",
        ("tests/workflows/test_withdrawn_steps.py",),
    ),
)
